//! Keep-alives: a system knows that a neighbour is there because it hears from it, and that it is gone because it does
//! not. Nobody tells.

use super::notice::Outbox;
use super::power::Power;
use super::registration::Guest;
use super::ward::Ward;
use super::word::{NetworkMessage, NetworkOutput};
use crate::alarm::AlarmSource;
use crate::call::Stage;
use crate::cause::Cause;
use crate::id::{CallId, LineId};
use crate::output::Output;
use crate::plan::Plan;
use crate::plan::spec::MediaPreservation;
use crate::route::line_group::Direction;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;

/// How an IP Office line is, as one end of it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStatus {
    /// The neighbour is heard.
    Up,
    /// It is not.
    Down,
}

/// What a system knows of its neighbours.
#[derive(Clone, Debug)]
pub(crate) struct Neighbours {
    pub(crate) power: Power,
    /// By line; of trunks nothing is ever known.
    pub(super) lines: Vec<Neighbour>,
    /// Users of systems that this one backs up, in the order of the plan's guests.
    pub(super) guests: Vec<Guest>,
    /// Systems whose mailboxes the voicemail server here has taken over.
    pub(super) mailboxes_here: usize,
    /// Timers armed for the network rather than for a call.
    pub(crate) timers: usize,
}

/// What is known of the system at the other end of a line.
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    pub(crate) status: LineStatus,
    /// When the status was last changed.
    pub(crate) since: Instant,
    /// Keep-alives due since the last one came.
    missed: u8,
    /// The life it was in when last heard; `None`: never heard.
    incarnation: Option<u32>,
    pub(crate) preservation: MediaPreservation,
    pub(super) ward: Ward,
    pub(super) outbox: Outbox,
    pub(super) timer: Option<TimerId>,
}

impl Neighbours {
    /// Nothing is known, and every line is taken to be up.
    pub(crate) fn new(plan: &Plan) -> Self {
        let unknown = Neighbour {
            status: LineStatus::Up,
            since: Instant::ZERO,
            missed: 0,
            incarnation: None,
            preservation: MediaPreservation::Enabled,
            ward: Ward::default(),
            outbox: Outbox::default(),
            timer: None,
        };
        let guests = vec![Guest::default(); plan.users.len() - plan.own_users().len()];
        Self {
            power: Power::Unwatched,
            lines: vec![unknown; plan.lines.len()],
            guests,
            mailboxes_here: 0,
            timers: 0,
        }
    }

    pub(crate) fn line(&self, line: LineId) -> Option<&Neighbour> {
        self.lines.get(line.index())
    }
}

impl System {
    /// How an IP Office line is, as this end sees it; a trunk is always up.
    #[must_use]
    pub fn line_status(&self, line: LineId) -> LineStatus {
        self.neighbours.line(line).map_or(LineStatus::Up, |neighbour| neighbour.status)
    }

    /// The first keep-alive leaves on every IP Office line. Nobody has been heard yet, so every line is down.
    pub(super) fn watch_neighbours(&mut self, now: Instant) {
        for n in 0..self.plan.lines.len() {
            if self.plan.lines[n].peer.is_none() {
                continue;
            }
            let line = LineId::at(n);
            let neighbour = &mut self.neighbours.lines[n];
            neighbour.status = LineStatus::Down;
            neighbour.since = now;
            self.lines.set_reachable(line, LineStatus::Down);
            self.forget_members(line);
            self.keep_alive(now, line);
        }
    }

    /// Sends a keep-alive, counts the one that should have come by now, and arms the next.
    pub(crate) fn keep_alive_due(&mut self, now: Instant, line: LineId) {
        self.neighbours.timers -= 1;
        let losses = self.plan.line(line).keep_alive_losses;
        let neighbour = &mut self.neighbours.lines[line.index()];
        neighbour.missed = neighbour.missed.saturating_add(1);
        let lost = neighbour.status == LineStatus::Up && neighbour.missed > losses;
        self.keep_alive(now, line);
        if lost {
            self.line_down(now, line);
        } else {
            self.repeat_notices(now, line);
        }
    }

    fn keep_alive(&mut self, now: Instant, line: LineId) {
        let Power::On { incarnation } = self.neighbours.power else { return };
        let preservation = self.plan.media_preservation;
        let members = self.believed_of_members(line);
        self.tell_neighbour(now, line, NetworkMessage::KeepAlive { incarnation, preservation, members });
        let timer = self.timers.arm(now, self.plan.line(line).keep_alive, TimerKind::KeepAlive(line));
        self.neighbours.lines[line.index()].timer = Some(timer);
        self.neighbours.timers += 1;
    }

    pub(crate) fn tell_neighbour(&mut self, now: Instant, line: LineId, message: NetworkMessage) {
        self.emit(now, Output::Network(NetworkOutput::Say { line, message }));
    }

    /// A neighbour is heard: it is there. In another life than before, it has forgotten every call.
    pub(super) fn hear_keep_alive(
        &mut self,
        now: Instant,
        line: LineId,
        incarnation: u32,
        preservation: MediaPreservation,
    ) {
        if !matches!(self.neighbours.power, Power::On { .. }) {
            return;
        }
        let neighbour = &mut self.neighbours.lines[line.index()];
        neighbour.missed = 0;
        let before = neighbour.incarnation.replace(incarnation);
        let status = neighbour.status;
        if status == LineStatus::Up && before.is_some_and(|before| before != incarnation) {
            self.line_down(now, line);
        }
        let neighbour = &mut self.neighbours.lines[line.index()];
        neighbour.preservation = preservation;
        if neighbour.status == LineStatus::Down {
            self.line_up(now, line);
        }
    }

    fn line_up(&mut self, now: Instant, line: LineId) {
        self.change_status(now, line, LineStatus::Up);
        let group = self.lines.set_reachable(line, LineStatus::Up);
        self.waiting.channel_freed(group);
        self.say_all(now, line);
    }

    /// The neighbour is silent, or knows nothing of what was before. Calls set up to it try other routes, those from it
    /// end, and those connected are preserved or end.
    fn line_down(&mut self, now: Instant, line: LineId) {
        self.forget_notices(line);
        self.lines.set_reachable(line, LineStatus::Down);
        self.change_status(now, line, LineStatus::Down);
        let calls = self.calls_on(line);
        self.forget_members(line);
        self.ask_elsewhere(now, line);
        for (direction, call) in calls {
            self.signalling_lost(now, call, (line, direction));
        }
    }

    fn change_status(&mut self, now: Instant, line: LineId, status: LineStatus) {
        let neighbour = &mut self.neighbours.lines[line.index()];
        neighbour.status = status;
        neighbour.since = now;
        self.emit(now, Output::Network(NetworkOutput::Line { line, status }));
        match status {
            LineStatus::Up => self.ward_seen(now, line),
            LineStatus::Down => {
                self.raise_alarm(now, AlarmSource::LineDown(line));
                self.ward_lost(now, line);
            }
        }
    }

    /// The line that a call came in on, or went out on, is down.
    fn signalling_lost(&mut self, now: Instant, id: CallId, (line, side): (LineId, Direction)) {
        let Some(call) = self.call(id) else { return };
        match (call.stage, side) {
            (Stage::Connected(_) | Stage::Preserved(_), _) => self.preserve_or_release(now, id, side),
            (Stage::Outgoing(_), Direction::Seized) => {
                self.next_route(now, id, Cause::DESTINATION_OUT_OF_ORDER);
            }
            (Stage::Hunting(group_call), Direction::Seized) => self.legs_lost(now, group_call, line),
            (
                Stage::Routing
                | Stage::Dialling
                | Stage::AccountCode(_)
                | Stage::Pin(_)
                | Stage::Waiting
                | Stage::Hunting(_)
                | Stage::Ringing(_)
                | Stage::Outgoing(_),
                _,
            ) => self.release(now, id, ReleasedBy::Caller, Cause::DESTINATION_OUT_OF_ORDER, None),
        }
    }
}
