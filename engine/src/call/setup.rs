//! A call begins: from a phone, a trunk or another system, up to the first party that is tried.

use super::numbers::{Called, NumberOf};
use super::state::{Call, Ends, Fallback, GroupOf, Origin, Stage};
use crate::cause::Cause;
use crate::hint::{rarely, usual};
use crate::id::{CallId, LineId, Tag, UserId};
use crate::input::{CallFacts, Cli};
use crate::limits::MAX_CALLS;
use crate::network::{Privilege, Purpose};
use crate::number::{Brief, Number};
use crate::output::{Output, Resource};
use crate::plan::spec::QueuePriority;
use crate::plan::{Destination, IncomingCall};
use crate::smdr::Device;
use crate::system::System;
use crate::time::Instant;
use crate::trace::Step;

/// What is known of a call when it begins, besides its numbers.
pub(super) struct Beginning {
    pub(super) origin: Origin,
    pub(super) privilege: Privilege,
    pub(super) queue_priority: QueuePriority,
    pub(super) fallback: Option<Fallback>,
    /// Systems passed before this one.
    pub(super) hops: u8,
}

impl Beginning {
    /// Of a call that comes from here, and not from another system or by a route.
    pub(super) const fn of(origin: Origin, privilege: Privilege) -> Self {
        Self { origin, privilege, queue_priority: QueuePriority::Low, fallback: None, hops: 0 }
    }
}

impl System {
    pub(crate) fn dial(&mut self, now: Instant, user: UserId, number: Number, tag: Tag) {
        self.stats.attempts += 1;
        if rarely(user.index() >= self.users.len()) {
            self.stats.attempts -= 1;
            return self.unexpected();
        }
        if rarely(!self.may_dial(user)) {
            return self.refuse(now, tag, Cause::USER_BUSY, Some(Resource::User(user.0)));
        }
        let calling = self.extension_at(user);
        let Some(call) = usual(self.create(now, tag, Origin::User(user), calling, number)) else {
            return self.refuse(now, tag, Cause::SWITCHING_CONGESTION, Some(Resource::Calls));
        };
        self.stats.calls.take(now);
        self.occupy(now, user, call);
        self.emit(now, Output::Accepted { tag, call });
        self.dialled(now, call, user, number);
    }

    pub(crate) fn trunk_setup(
        &mut self,
        now: Instant,
        line: LineId,
        (called, calling): (&Number, &Number),
        tag: Tag,
        facts: &CallFacts,
    ) {
        let Some(plan) = usual(self.plan.lines.get(line.index()).filter(|l| l.peer.is_none())) else {
            return self.unexpected();
        };
        let (group, incoming_group) = (plan.group, plan.incoming_group);
        self.stats.attempts += 1;
        if rarely(!self.plan.takes(line, called)) {
            return self.refuse(now, tag, Cause::UNALLOCATED, None);
        }
        if rarely(self.has_no_room()) {
            return self.refuse(now, tag, Cause::SWITCHING_CONGESTION, Some(Resource::Calls));
        }
        let Some(channel) = usual(self.lines.seize_line(now, line).ok()) else {
            // The call has had its number all the same.
            self.calls.skip();
            self.lines.count_blocked(group);
            let short_of = Resource::LineGroup(self.plan.line_group(group).number);
            return self.refuse(now, tag, Cause::NO_CIRCUIT, Some(short_of));
        };
        let incoming = IncomingCall {
            bearer: facts.bearer,
            incoming_group,
            called,
            sub_address: &facts.sub_address,
            cli: Cli::new(calling, facts.presentation),
        };
        let route = self.plan.incoming_call_route(&incoming);
        let row = route.and_then(|(place, route)| Some((place, route.row(&self.plan, now)?)));
        let chosen = row.map(|(place, (row, _))| (place, row));
        let has_fallback = row.is_some_and(|(_, (_, row))| !row.fallback.is_empty());
        let destination = match row {
            Some((_, (_, Destination { destination: Some(digits), .. }))) => *digits,
            Some(_) | None => *called,
        };
        let is_routed = route.is_some();
        let beginning = Beginning {
            queue_priority: route.map_or(QueuePriority::Low, |(_, route)| route.priority),
            fallback: chosen.filter(|_| has_fallback).and_then(|(route, row)| Fallback::new(route, row)),
            ..Beginning::of(Origin::Trunk(channel), Privilege::FROM_TRUNK)
        };
        let call = self.begin(now, tag, beginning, calling, called);
        self.stats.calls.take(now);
        self.caller_withholds(call, facts.presentation);
        self.emit(now, Output::Accepted { tag, call });
        if rarely(self.trace.is_on()) {
            self.trace.note(|| Step::IncomingCallRoute { chosen, destination });
        }
        if rarely(!is_routed) && !self.is_known(&destination) {
            // Neither a route nor a code takes it: the caller hears busy (DOMAIN 5.2).
            return self.fail(now, call, Cause::USER_BUSY, None);
        }
        self.route(now, call, destination);
    }

    /// Whether the call table has no room.
    #[inline]
    pub(super) fn has_no_room(&self) -> bool {
        self.calls.len() >= MAX_CALLS
    }

    /// A new call in the call table; `None` if that is full.
    pub(crate) fn create(
        &mut self,
        now: Instant,
        tag: Tag,
        origin: Origin,
        calling: Number,
        dialled: Number,
    ) -> Option<CallId> {
        if rarely(self.has_no_room()) {
            return None;
        }
        let privilege = match origin {
            Origin::User(user) => self.privilege_of(user),
            Origin::Trunk(_) | Origin::Peer { .. } | Origin::Inside(_) => Privilege::FROM_TRUNK,
        };
        Some(self.begin(now, tag, Beginning::of(origin, privilege), &calling, &dialled))
    }

    /// A new call in the call table, which has room. It counts as one in progress only once it has its channel.
    // Inlined, so that whoever calls is written where it is to be.
    #[inline(always)]
    pub(super) fn begin(
        &mut self,
        now: Instant,
        tag: Tag,
        beginning: Beginning,
        calling: &Number,
        dialled: &Number,
    ) -> CallId {
        let (calling_brief, number) = (Brief::of(calling), Brief::of(dialled));
        let (index, generation) = self.calls.insert(Call {
            tag,
            started: now,
            alerted: None,
            numbers: [calling_brief, number],
            called: Called::AS_DIALLED,
            origin: beginning.origin,
            privilege: beginning.privilege,
            redirections: 0,
            fallback: beginning.fallback,
            callee: Device::None,
            group: GroupOf::default(),
            queue_priority: beginning.queue_priority,
            hops: beginning.hops,
            attempts: 0,
            ends: Ends::default(),
            purpose: Purpose::Call,
            reached: None,
            stage: Stage::Routing,
        });
        let id = CallId::new((index, generation));
        if rarely(number.is_elsewhere() | calling_brief.is_elsewhere()) {
            self.store_number(id, NumberOf::Calling, calling);
            self.store_number(id, NumberOf::Dialled, dialled);
        }
        id
    }

    /// Takes back a call that was only just created and does not count yet.
    pub(crate) fn discard(&mut self, call: CallId) {
        self.calls.remove(call.slot(), call.generation());
        self.asides.take(call);
    }

    /// Refuses an attempt that never became a call.
    pub(crate) fn refuse(&mut self, now: Instant, tag: Tag, cause: Cause, short_of: Option<Resource>) {
        self.stats.refused += 1;
        self.stats.count_cause(cause);
        self.emit(now, Output::Refused { tag, cause, short_of });
    }
}
