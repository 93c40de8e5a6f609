//! A call ends: everything it holds is given back, the other side is told, the record is written.

use super::aside::Aside;
use super::numbers::NumberOf;
use super::state::{Call, Connected, Inside, Origin, Party, Stage};
use crate::alarm::AlarmSource;
use crate::cause::Cause;
use crate::hint::{mostly, rare, rarely};
use crate::hunt::CallOf;
use crate::id::{CallId, LineId};
use crate::input::Service;
use crate::network::{End, PeerBody, PeerRef};
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::smdr::{Answered, ReleasedBy, SmdrRecord};
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::trace::Step;
use std::hint::cold_path;

impl System {
    /// Ends a call. The side that ended it is not told; the others are.
    pub(crate) fn release(
        &mut self,
        now: Instant,
        id: CallId,
        by: ReleasedBy,
        cause: Cause,
        short_of: Option<Resource>,
    ) {
        // Copied first, so that it is copied once.
        let Some(&call) = self.call(id) else { return self.unexpected() };
        self.end(now, id, &call, (by, cause), short_of);
    }

    /// [`Self::release`] of a call that has been looked up.
    pub(super) fn end(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        (by, cause): (ReleasedBy, Cause),
        short_of: Option<Resource>,
    ) {
        self.calls.remove(id.slot(), id.generation());
        if rarely(self.trace.is_on()) {
            self.trace.note(|| Step::End(cause));
        }
        let aside = self.asides.take(id);
        if let Some(limit) = rare(aside.as_ref()).and_then(|aside| aside.limit) {
            self.timers.cancel(limit);
        }
        self.stats.calls.give_back(now);
        self.release_agents(now, call);
        self.release_called_side(now, id, call, by, cause);
        self.release_calling_side(now, id, call, by, cause, short_of);
        self.stats.ended += 1;
        self.stats.count_cause(cause);
        self.stats.ended_call_ns += u128::from(now.since(call.started).as_nanos());
        self.stats.records += 1;
        if mostly(call.has_whole_numbers()) {
            let number = |which| call.whole_number(which);
            self.emit(now, Output::Smdr(record(now, id, call, number, (by, cause))));
        } else {
            self.record_with_long_numbers(now, id, call, aside.as_deref(), (by, cause));
        }
    }

    // By itself, so that other records are written where they are to be.
    #[cold]
    fn record_with_long_numbers(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        aside: Option<&Aside>,
        ended: (ReleasedBy, Cause),
    ) {
        let record = record(now, id, call, |which| self.number(id, call, which, || aside), ended);
        self.emit(now, Output::Smdr(record));
    }

    /// A trunk is lost, and all calls on it; those that were only set up on it may still leave elsewhere.
    pub(crate) fn line_lost(&mut self, now: Instant, line: LineId) {
        if self.plan.lines.get(line.index()).is_none_or(|l| l.peer.is_some()) {
            return self.unexpected();
        }
        self.lines.set_service(line, Service::Out);
        self.raise_alarm(now, AlarmSource::TrunkLost(line));
        for (_, id) in self.calls_on(line) {
            // A call that came in on the line and left on it stands here twice.
            let Some(call) = self.call(id) else { continue };
            let came_in = matches!(call.origin, Origin::Trunk(channel) if channel.line == line);
            match call.stage {
                Stage::Outgoing(outgoing) if !came_in => {
                    self.clear_party(now, id, outgoing.party, Cause::NETWORK_OUT_OF_ORDER);
                    self.next_route(now, id, Cause::NETWORK_OUT_OF_ORDER);
                }
                Stage::Routing
                | Stage::Dialling
                | Stage::AccountCode(_)
                | Stage::Pin(_)
                | Stage::Waiting
                | Stage::Hunting(_)
                | Stage::Ringing(_)
                | Stage::Outgoing(_)
                | Stage::Connected(_)
                | Stage::Preserved(_) => {
                    self.release(now, id, ReleasedBy::System, Cause::NETWORK_OUT_OF_ORDER, None);
                }
            }
        }
    }

    /// The hunt group loses a call that a member answered, and the users who talked begin their wrap-up.
    fn release_agents(&mut self, now: Instant, call: &Call) {
        let Some(connected) = call.connected() else { return };
        if let Some(group) = call.hunt_group() {
            self.hunt.usage_mut(group).give_back(now);
        }
        if let Party::User(user) = connected.party {
            self.agent_ends_call(now, user, Self::call_of(call));
        }
        if let Origin::User(user) = call.origin {
            self.agent_ends_call(now, user, CallOf::Other);
        }
    }

    fn release_called_side(&mut self, now: Instant, id: CallId, call: &Call, by: ReleasedBy, cause: Cause) {
        match call.stage {
            Stage::Routing => {}
            Stage::Dialling => {
                cold_path();
                self.cancel_dialling(id);
            }
            Stage::AccountCode(timer) => {
                cold_path();
                self.timers.cancel(timer);
            }
            Stage::Pin(asking) => {
                cold_path();
                self.timers.cancel(asking.timer);
            }
            Stage::Waiting => {
                cold_path();
                self.stop_waiting(id);
            }
            Stage::Hunting(group_call) => self.leave_group(now, group_call),
            Stage::Ringing(ringing) => {
                self.timers.cancel(ringing.no_answer);
                self.make_idle(now, ringing.user, id);
                self.emit(now, Output::StopRinging { user: ringing.user, call: id });
            }
            Stage::Outgoing(outgoing) => {
                self.timers.cancel(outgoing.timer);
                self.end_party(now, id, outgoing.party, by, cause);
            }
            Stage::Connected(connected) => {
                self.release_media(now, id, &connected);
                self.end_party(now, id, connected.party, by, cause);
            }
            Stage::Preserved(connected) => {
                cold_path();
                self.cancel_preserved(id);
                self.release_media(now, id, &connected);
                if !call.ends.is_lost(End::Called) {
                    self.end_party(now, id, connected.party, by, cause);
                }
            }
        }
    }

    fn release_media(&mut self, now: Instant, id: CallId, connected: &Connected) {
        self.media.give_back(now, connected.media);
        if let Some(channel) = rare(self.recording(id, connected)) {
            self.stop_recording(now, id, channel);
        }
        if let Party::Inside(Inside::Watched(watched)) = connected.party {
            cold_path();
            self.stops_watching(now, id, watched);
        }
        self.end_watchers(now, id);
    }

    fn end_party(&mut self, now: Instant, id: CallId, party: Party, by: ReleasedBy, cause: Cause) {
        if by != ReleasedBy::Callee {
            self.clear_party(now, id, party, cause);
        }
        self.free_party(now, id, party);
    }

    /// Tells the called side that the call is over.
    pub(crate) fn clear_party(&mut self, now: Instant, id: CallId, party: Party, cause: Cause) {
        match party {
            Party::User(user) => self.emit(now, Output::Disconnect { user, call: id, cause }),
            Party::Trunk { channel, .. } => self.emit(now, Output::TrunkRelease { channel, call: id, cause }),
            Party::Peer { channel, attempt } => {
                let about = PeerRef { channel: channel.channel, call: id, attempt };
                self.say(now, channel.line, End::Calling, about, PeerBody::Release { cause });
            }
            Party::Inside(inside) => {
                cold_path();
                self.release_inside(now, id, inside, cause);
            }
            Party::Voicemail(_) => {}
        }
    }

    /// Makes the called side's user or channel free for others.
    pub(crate) fn free_party(&mut self, now: Instant, id: CallId, party: Party) {
        match party {
            Party::User(user) => self.make_idle(now, user, id),
            Party::Trunk { channel, .. } | Party::Peer { channel, .. } => {
                let group = self.lines.release(now, channel);
                self.waiting.channel_freed(group);
            }
            Party::Inside(_) => {}
            Party::Voicemail(channel) => {
                cold_path();
                self.mailbox_call_over(now, channel);
            }
        }
    }

    fn release_calling_side(
        &mut self,
        now: Instant,
        id: CallId,
        call: &Call,
        by: ReleasedBy,
        cause: Cause,
        short_of: Option<Resource>,
    ) {
        if rarely(call.ends.is_lost(End::Calling)) {
            return;
        }
        match call.origin {
            Origin::User(user) => self.make_idle(now, user, id),
            Origin::Trunk(channel) => {
                let group = self.lines.release(now, channel);
                self.waiting.channel_freed(group);
            }
            Origin::Peer { channel, .. } => {
                let group = self.lines.release_arriving(now, channel);
                self.waiting.channel_freed(group);
            }
            Origin::Inside(_) => {}
        }
        if by == ReleasedBy::Caller {
            return;
        }
        match call.origin {
            Origin::User(_) | Origin::Trunk(_) => {
                self.emit(now, Output::Released { call: id, tag: call.tag, cause, short_of });
            }
            Origin::Peer { channel, .. } => {
                self.say_back(now, channel.line, id, PeerBody::Release { cause });
            }
            Origin::Inside(inside) => {
                cold_path();
                self.release_inside(now, id, inside, cause);
            }
        }
    }
}

#[inline(always)]
fn record(
    now: Instant,
    id: CallId,
    call: &Call,
    number: impl Fn(NumberOf) -> Number,
    (by, cause): (ReleasedBy, Cause),
) -> SmdrRecord {
    let connected_since = call.connected().map(|connected| connected.since);
    let rang_until = connected_since.unwrap_or(now);
    SmdrRecord {
        started: call.started,
        ringing: call.alerted.map_or(Duration::ZERO, |alerted| rang_until.since(alerted)),
        connected: connected_since.map_or(Duration::ZERO, |since| now.since(since)),
        answered: if connected_since.is_some() { Answered::Yes } else { Answered::No },
        calling: number(NumberOf::Calling),
        dialled: number(NumberOf::Dialled),
        called: number(NumberOf::Called),
        caller: call.origin.device(),
        callee: call.callee,
        hunt_group: call.hunt_group(),
        released_by: by,
        cause,
        call: id,
        tag: call.tag,
    }
}
