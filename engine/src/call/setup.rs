//! A call begins: from a phone, a trunk or another system, up to the first party that is tried.

use super::state::{Call, Cursor, Origin, Ringing, Stage, Table};
use crate::cause::Cause;
use crate::dialplan::GroupId;
use crate::id::{CallId, HuntGroupId, LineId, SystemId, Tag, UserId};
use crate::limits::{MAX_CALLS, MAX_LOOK_UPS};
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::plan::{Action, Local};
use crate::smdr::{Device, ReleasedBy};
use crate::system::{System, TimerKind};
use crate::time::Instant;

impl System {
    pub(crate) fn dial(&mut self, now: Instant, user: UserId, number: Number, tag: Tag) {
        self.stats.attempts += 1;
        let Some(state) = self.users.get(user.index()) else {
            self.stats.attempts -= 1;
            return self.unexpected();
        };
        if state.is_some() {
            return self.refuse(now, tag, Cause::USER_BUSY, Some(Resource::User(user.0)));
        }
        let calling = self.plan.user(user).extension;
        let Some(call) = self.create(now, tag, Origin::User(user), calling, number) else {
            return self.refuse(now, tag, Cause::SWITCHING_CONGESTION, Some(Resource::Calls));
        };
        self.stats.calls.take(now);
        self.occupy(now, user, call);
        self.emit(now, Output::Accepted { tag, call });
        self.route(now, call, number);
    }

    pub(crate) fn trunk_setup(
        &mut self,
        now: Instant,
        line: LineId,
        called: Number,
        calling: Number,
        tag: Tag,
    ) {
        let Some(plan) = self.plan.lines.get(line.index()).filter(|l| l.peer.is_none()) else {
            return self.unexpected();
        };
        let (group, incoming_group) = (plan.group, plan.incoming_group);
        self.stats.attempts += 1;
        // The call exists before its channel, because the channel's owner is the call.
        let nowhere = Origin::Trunk(crate::id::ChannelId { line, channel: 0 });
        let Some(call) = self.create(now, tag, nowhere, calling, called) else {
            return self.refuse(now, tag, Cause::SWITCHING_CONGESTION, Some(Resource::Calls));
        };
        let Ok(channel) = self.lines.seize(now, line, call) else {
            self.discard(call);
            self.lines.count_blocked(group);
            let short_of = Resource::LineGroup(self.plan.line_group(group).number);
            return self.refuse(now, tag, Cause::NO_CIRCUIT, Some(short_of));
        };
        self.stats.calls.take(now);
        if let Some(call) = self.call_mut(call) {
            call.origin = Origin::Trunk(channel);
        }
        self.emit(now, Output::Accepted { tag, call });
        let route = self.plan.incoming_call_route(incoming_group, &called);
        let destination = route.and_then(|r| r.destination).unwrap_or(called);
        self.route(now, call, destination);
    }

    /// A new call in the call table; `None` if that is full. It counts as one in progress only once it has its channel.
    pub(crate) fn create(
        &mut self,
        now: Instant,
        tag: Tag,
        origin: Origin,
        calling: Number,
        dialled: Number,
    ) -> Option<CallId> {
        if self.calls.len() >= MAX_CALLS {
            return None;
        }
        let (index, generation) = self.calls.insert(Call {
            tag,
            started: now,
            alerted: None,
            calling,
            dialled,
            called: dialled,
            origin,
            callee: Device::None,
            hunt_group: None,
            hops: 0,
            stage: Stage::Routing,
        });
        Some(CallId { index, generation })
    }

    /// Takes back a call that was only just created and does not count yet.
    pub(crate) fn discard(&mut self, call: CallId) {
        self.calls.remove(call.index, call.generation);
    }

    /// Refuses an attempt that never became a call.
    pub(crate) fn refuse(&mut self, now: Instant, tag: Tag, cause: Cause, short_of: Option<Resource>) {
        self.stats.refused += 1;
        self.stats.count_cause(cause);
        self.emit(now, Output::Refused { tag, cause, short_of });
    }

    /// Finds out what `digits` mean and tries it: a directory number first, then the system short codes (DOMAIN 2.4).
    pub(crate) fn route(&mut self, now: Instant, id: CallId, mut digits: Number) {
        for _ in 0..MAX_LOOK_UPS {
            if let Some(entry) = self.plan.directory.get(&digits) {
                return self.ring_directory_number(now, id, entry.system, entry.local, digits);
            }
            let Some(group) = self.plan.short_codes.best(digits.as_bytes()) else {
                return self.fail(now, id, Cause::INCOMPATIBLE_DESTINATION, None);
            };
            match self.system_code(id, group, &digits) {
                Resolved::Digits(produced) => digits = produced,
                Resolved::Route => {
                    let cursor = Cursor::Codes { table: Table::System, group, next: 0, forms: 0 };
                    return self.try_routes(now, id, digits, cursor, None);
                }
                Resolved::Fail(cause) => return self.fail(now, id, cause, None),
            }
        }
        self.fail(now, id, Cause::EXCHANGE_ROUTING_ERROR, None);
    }

    /// What the system short codes of `group` say about `digits`.
    fn system_code(&self, id: CallId, group: GroupId, digits: &Number) -> Resolved {
        let codes = self.plan.short_codes.group(group);
        let Some(code) = codes.codes.first().and_then(|&c| self.plan.codes.get(c as usize)) else {
            return Resolved::Fail(Cause::INCOMPATIBLE_DESTINATION);
        };
        match code.action {
            Action::Busy => Resolved::Fail(Cause::USER_BUSY),
            Action::Barred => Resolved::Fail(Cause::CALL_REJECTED),
            Action::LineGroup(_) | Action::Form(_) => Resolved::Route,
            Action::Extension => {
                let extension = self.call(id).map_or(Number::EMPTY, |c| c.calling);
                match code.telephone_number.produce(&codes.pattern, digits, &extension) {
                    Some(number) => Resolved::Digits(number),
                    None => Resolved::Fail(Cause::INVALID_NUMBER_FORMAT),
                }
            }
        }
    }

    fn ring_directory_number(
        &mut self,
        now: Instant,
        id: CallId,
        system: SystemId,
        local: Local,
        number: Number,
    ) {
        if system != self.plan.system {
            return self.try_routes(now, id, number, Cursor::Towards { system, next: 0 }, None);
        }
        if let Some(call) = self.call_mut(id) {
            call.called = number;
        }
        match local {
            Local::HuntGroup(group) => self.hunt(now, id, group),
            Local::User(user) if self.users[user.index()].is_none() => self.ring(now, id, user, 0),
            Local::User(user) => {
                if let Some(call) = self.call_mut(id) {
                    call.callee = Device::User(user);
                }
                self.user_usage.blocked += 1;
                self.fail(now, id, Cause::USER_BUSY, Some(Resource::User(user.0)));
            }
        }
    }

    /// Rings an idle user's phone.
    pub(crate) fn ring(&mut self, now: Instant, id: CallId, user: UserId, next_member: u16) {
        debug_assert!(self.users[user.index()].is_none(), "only an idle phone is rung");
        let Some(call) = self.calls.get_mut(id.index, id.generation) else { return };
        let time = match call.hunt_group {
            Some(group) => self.plan.hunt_group(group).no_answer_time,
            None => self.plan.no_answer_time,
        };
        let no_answer = self.timers.arm(now, time, TimerKind::NoAnswer(id));
        call.stage = Stage::Ringing(Ringing { user, next_member, no_answer });
        call.callee = Device::User(user);
        let tag = call.tag;
        self.occupy(now, user, id);
        self.emit(now, Output::Ring { user, call: id, tag });
        self.alerting(now, id);
    }

    /// Starts hunting in `group` from its top.
    fn hunt(&mut self, now: Instant, id: CallId, group: HuntGroupId) {
        let Some((user, next_member)) = self.next_free_member(group, 0) else {
            self.hunt_usage[group.index()].blocked += 1;
            return self.fail(now, id, Cause::USER_BUSY, Some(Resource::HuntGroup(group.0)));
        };
        self.hunt_usage[group.index()].take(now);
        if let Some(call) = self.call_mut(id) {
            call.hunt_group = Some(group);
        }
        self.ring(now, id, user, next_member);
    }

    /// Ends a call that could not be connected.
    pub(crate) fn fail(&mut self, now: Instant, id: CallId, cause: Cause, short_of: Option<Resource>) {
        self.release(now, id, ReleasedBy::System, cause, short_of);
    }
}

enum Resolved {
    /// Other digits, to be looked up again.
    Digits(Number),
    /// Out over a line.
    Route,
    Fail(Cause),
}
