//! A call leaves on a line: which one, and what happens when it does not go through.

use super::state::{Cursor, Origin, Outgoing, Party, Progress, Stage, Table};
use crate::cause::Cause;
use crate::id::{CallId, ChannelId, LineGroupId, LineId};
use crate::limits::{MAX_ARS_FORMS_PASSED, MAX_HOPS};
use crate::network::{PeerBody, PeerRef};
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::plan::Action;
use crate::system::{System, TimerKind};
use crate::time::Instant;

/// What a cursor points at.
enum Candidate {
    Group(LineGroupId, Number),
    Line(LineId, Number),
    Refuse(Cause),
    /// Nothing is left to try.
    End,
}

impl System {
    /// Tries routes from `cursor` on until one takes the call; ends the call if none does. `cause` is why the route
    /// before failed, if there was one.
    pub(crate) fn try_routes(
        &mut self,
        now: Instant,
        id: CallId,
        mut digits: Number,
        mut cursor: Cursor,
        cause: Option<Cause>,
    ) {
        let mut short_of = None;
        loop {
            match self.candidate(id, &mut digits, &mut cursor) {
                Candidate::Group(group, number) => {
                    if self.is_forbidden_transit(id, group) {
                        return self.fail(now, id, Cause::CALL_REJECTED, None);
                    }
                    match self.lines.seize_in_group(now, &self.plan, group, id) {
                        Ok(channel) => return self.set_up(now, id, channel, number, digits, cursor),
                        Err(_) => short_of = short_of.or(Some(group)),
                    }
                }
                Candidate::Line(line, number) => match self.lines.seize(now, line, id) {
                    Ok(channel) => return self.set_up(now, id, channel, number, digits, cursor),
                    Err(_) => short_of = short_of.or(Some(self.plan.line(line).group)),
                },
                Candidate::Refuse(cause) => return self.fail(now, id, cause, None),
                Candidate::End => break,
            }
        }
        match (short_of, cause) {
            (Some(group), _) => {
                self.lines.count_blocked(group);
                let group = self.plan.line_group(group).number;
                self.fail(now, id, Cause::NO_CIRCUIT, Some(Resource::LineGroup(group)));
            }
            (None, cause) => self.fail(now, id, cause.unwrap_or(Cause::NO_ROUTE), None),
        }
    }

    /// Takes the next route from the cursor and moves it on. A code that names an ARS form moves the cursor into the
    /// form, and `digits` become what the form is given.
    fn candidate(&self, id: CallId, digits: &mut Number, cursor: &mut Cursor) -> Candidate {
        loop {
            let (table, group, next, forms) = match cursor {
                Cursor::Towards { system, next } => {
                    let line = self.plan.routes.towards(*system, usize::from(*next));
                    *next += 1;
                    return match line {
                        // Whoever sent the call here has tried all lines of its own.
                        Some(line) if self.is_way_back(id, line) => continue,
                        Some(line) => Candidate::Line(line, *digits),
                        None => Candidate::End,
                    };
                }
                Cursor::Codes { table, group, next, forms } => (*table, *group, next, *forms),
            };
            let (codes, list) = match table {
                Table::System => (self.plan.short_codes.group(group), &self.plan.codes),
                Table::Form(form) => {
                    let form = self.plan.form(form);
                    (form.table.group(group), &form.codes)
                }
            };
            let Some(code) = codes.codes.get(usize::from(*next)).and_then(|&c| list.get(c as usize)) else {
                return Candidate::End;
            };
            *next += 1;
            let extension = self.call(id).map_or(Number::EMPTY, |c| c.calling);
            let Some(number) = code.telephone_number.produce(&codes.pattern, digits, &extension) else {
                return Candidate::Refuse(Cause::INVALID_NUMBER_FORMAT);
            };
            match code.action {
                Action::LineGroup(group) => return Candidate::Group(group, number),
                Action::Busy => return Candidate::Refuse(Cause::USER_BUSY),
                Action::Barred | Action::Extension => return Candidate::Refuse(Cause::CALL_REJECTED),
                Action::Form(_) if forms >= MAX_ARS_FORMS_PASSED => {
                    return Candidate::Refuse(Cause::EXCHANGE_ROUTING_ERROR);
                }
                Action::Form(form) => {
                    let Some(group) = self.plan.form(form).table.best(number.as_bytes()) else {
                        return Candidate::Refuse(Cause::INCOMPATIBLE_DESTINATION);
                    };
                    *digits = number;
                    *cursor = Cursor::Codes { table: Table::Form(form), group, next: 0, forms: forms + 1 };
                }
            }
        }
    }

    /// Whether `line` leads to the system that the call has come from.
    fn is_way_back(&self, id: CallId, line: LineId) -> bool {
        match self.call(id).map(|c| c.origin) {
            Some(Origin::Peer { channel, .. }) => {
                self.plan.line(channel.line).peer == self.plan.line(line).peer
            }
            Some(Origin::User(_) | Origin::Trunk(_)) | None => false,
        }
    }

    /// Trunk to trunk is off by default (RC "Call barring"): a call from outside may not leave on a trunk again.
    fn is_forbidden_transit(&self, id: CallId, group: LineGroupId) -> bool {
        let from_trunk = self.call(id).is_some_and(|c| matches!(c.origin, Origin::Trunk(_)));
        from_trunk && self.plan.line_group(group).lines.iter().any(|&l| self.plan.line(l).peer.is_none())
    }

    /// Sends the call out on a channel that was seized for it.
    fn set_up(
        &mut self,
        now: Instant,
        id: CallId,
        channel: ChannelId,
        number: Number,
        digits: Number,
        cursor: Cursor,
    ) {
        let line = self.plan.line(channel.line);
        let peer = line.peer.is_some();
        let party = if peer { Party::Peer(channel) } else { Party::Trunk(channel) };
        let timer = self.timers.arm(now, line.call_initiation_timeout, TimerKind::CallInitiation(id));
        let Some(call) = self.calls.get_mut(id.index, id.generation) else { return };
        call.called = number;
        call.callee = party.device();
        call.stage = Stage::Outgoing(Outgoing { party, digits, cursor, progress: Progress::Nothing, timer });
        let (tag, calling, hops) = (call.tag, call.calling, call.hops);
        if !peer {
            self.emit(now, Output::TrunkSetup { channel, call: id, tag, called: number, calling });
        } else if hops < MAX_HOPS {
            let body = PeerBody::Setup { called: number, calling, tag, hops: hops + 1 };
            self.say_as_calling_end(now, channel, id, body);
        } else {
            self.give_up_party(now, id, party);
            self.fail(now, id, Cause::EXCHANGE_ROUTING_ERROR, None);
        }
    }

    /// The route at hand is not available: clears it and tries the next one.
    pub(crate) fn next_route(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(call) = self.call_mut(id) else { return };
        let Stage::Outgoing(outgoing) = call.stage else { return };
        call.stage = Stage::Routing;
        self.timers.cancel(outgoing.timer);
        self.free_party(now, outgoing.party);
        self.try_routes(now, id, outgoing.digits, outgoing.cursor, Some(cause));
    }

    /// Frees the channel of a call that was never sent.
    fn give_up_party(&mut self, now: Instant, id: CallId, party: Party) {
        if let Some(call) = self.call_mut(id)
            && let Stage::Outgoing(outgoing) = call.stage
        {
            call.stage = Stage::Routing;
            self.timers.cancel(outgoing.timer);
            self.free_party(now, party);
        }
    }

    pub(crate) fn say_as_calling_end(
        &mut self,
        now: Instant,
        channel: ChannelId,
        id: CallId,
        body: PeerBody,
    ) {
        let about = PeerRef { channel: channel.channel, call: id };
        self.say(now, channel.line, crate::network::End::Calling, about, body);
    }
}

/// Whether a cause from the far side makes ARS try the next route (DOMAIN 3.5, digital trunks' cause table).
pub(crate) const fn reroutes(cause: Cause) -> bool {
    matches!(
        cause.number(),
        1..=5 | 8..=11 | 22 | 28 | 29 | 50 | 52 | 57 | 63 | 65 | 66 | 69 | 70 | 79 | 88 | 91 | 95..=101 | 111 | 127
    )
}
