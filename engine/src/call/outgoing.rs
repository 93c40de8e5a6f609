//! A call leaves on a line: which one, and what happens when it does not go through.

use super::aside::{Tried as TriedRoute, has_given_up};
use super::numbers::NumberOf;
use super::state::{Origin, Outgoing, Party, Progress, Stage};
use crate::cause::Cause;
use crate::id::{CallId, ChannelId, LineGroupId, SystemId};
use crate::limits::{MAX_EMERGENCY_ATTEMPTS, MAX_HOPS, MAX_ROUTES_TRIED};
use crate::network::{Account, End, LineStatus, PeerBody, PeerRef, Privilege, Purpose, Urgency};
use crate::number::Number;
use crate::output::Resource;
use crate::plan::Sent;
use crate::route::line_group::NoChannel;
use crate::route::search::{Candidate, Routes, Search, Start};
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use crate::trace::{Outcome, Step};
use smallvec::SmallVec;
use std::cell::Cell;
use std::ops::ControlFlow;

/// What came of trying routes.
enum Tried {
    /// A channel, and the number to send on it.
    Seized(ChannelId, Sent),
    Refused(Cause),
    /// All routes are in use or out of service.
    AllBusy(AllBusy),
    /// There is no route at all.
    None,
}

/// Groups that suit the call but have no channel free.
pub(super) struct AllBusy {
    pub(super) groups: SmallVec<[LineGroupId; 4]>,
    /// When a further alternate route opens.
    pub(super) opens: Option<Instant>,
    /// What would have been sent to the first of them.
    sent: Option<Sent>,
}

impl System {
    /// Tries routes until one takes the call. If all are in use, it waits; if there is none, it ends with `cause`, the
    /// reason why the last route failed.
    pub(crate) fn try_routes(&mut self, now: Instant, id: CallId, mut search: Search, cause: Option<Cause>) {
        match self.try_once(now, id, &mut search) {
            Tried::Seized(channel, sent) => self.set_up(now, id, channel, sent, search),
            Tried::Refused(cause) => self.no_way_out(now, id, search, cause),
            Tried::None => self.no_way_out(now, id, search, cause.unwrap_or(Cause::NO_ROUTE)),
            Tried::AllBusy(busy) => self.no_line_free(now, id, search, busy),
        }
    }

    /// There is no route, or none is left. A call between systems whose lines are silent takes the trunks (DOMAIN 3.7), an
    /// emergency call any line; the others end.
    fn no_way_out(&mut self, now: Instant, id: CallId, search: Search, cause: Cause) {
        if let Start::Voicemail { .. } = search.start {
            return self.no_voicemail(now, id, Resource::Voicemail);
        }
        let attempts = self.call(id).map_or(0, |call| call.attempts);
        let sent = Sent::from(search.digits);
        if let Start::Towards(_) = search.start
            && let Some(other) = self.way_round(id, &search.digits)
        {
            self.try_routes(now, id, other, Some(cause));
        } else if attempts < MAX_EMERGENCY_ATTEMPTS
            && let Some(channel) = self.any_line_in_an_emergency(now, id)
        {
            self.set_up(now, id, channel, sent, search);
        } else {
            self.fail(now, id, cause, None);
        }
    }

    /// No route is free. A call between systems takes the trunks if the dial plan has a way for its number
    /// (DOMAIN 3.7); an emergency call takes any line; the others wait.
    fn no_line_free(&mut self, now: Instant, id: CallId, search: Search, busy: AllBusy) {
        if let Start::Voicemail { .. } = search.start {
            return self.no_voicemail(now, id, Resource::Voicemail);
        }
        let first = busy.groups.first().copied();
        if let Start::Towards(system) = search.start {
            return match self.way_round(id, &search.digits) {
                Some(other) => self.try_routes(now, id, other, None),
                None if self.is_out_of_reach(id, system) => {
                    self.fail(now, id, Cause::DESTINATION_OUT_OF_ORDER, None);
                }
                None => self.end_for_want_of_a_line(now, id, first),
            };
        }
        if let Some(channel) = self.any_line_in_an_emergency(now, id) {
            let sent = busy.sent.unwrap_or_else(|| Sent::from(search.digits));
            return self.set_up(now, id, channel, sent, search);
        }
        // Once for each call, however often it looks again.
        if let (Some(group), 0) = (first, self.asides.wait_place(id)) {
            self.lines.count_blocked(group);
        }
        self.wait_for_line(now, id, search, busy);
    }

    /// Whether all lines towards a system are down, so that waiting for a channel would be in vain.
    fn is_out_of_reach(&self, id: CallId, system: SystemId) -> bool {
        let from = match self.call(id).map(|call| call.origin) {
            Some(Origin::Peer { channel, .. }) => self.plan.line(channel.line).peer,
            Some(Origin::User(_) | Origin::Trunk(_) | Origin::Inside(_)) | None => None,
        };
        let mut lines = (0..).map_while(|nth| self.plan.routes.towards(system, nth));
        let leads_back = |line| from.is_some() && self.plan.line(line).peer == from;
        lines.all(|line| leads_back(line) || self.line_status(line) == LineStatus::Down)
    }

    fn end_for_want_of_a_line(&mut self, now: Instant, id: CallId, group: Option<LineGroupId>) {
        let short_of = group.map(|group| {
            self.lines.count_blocked(group);
            Resource::LineGroup(self.plan.line_group(group).number)
        });
        self.fail(now, id, Cause::NO_CIRCUIT, short_of);
    }

    /// Seizes the first channel that suits the call, from the search's next route on.
    fn try_once(&mut self, now: Instant, id: CallId, search: &mut Search) -> Tried {
        let Some(call) = self.calls.get(id.slot(), id.generation()) else { return Tried::None };
        let plan = &*self.plan;
        let from = match (call.origin, search.start) {
            // The caller's system may be the one with the voicemail server; it does not send such a call back.
            (Origin::Peer { .. }, Start::Voicemail { .. })
                if !matches!(call.purpose, Purpose::Voicemail { .. }) =>
            {
                None
            }
            (Origin::Peer { channel, .. }, _) => plan.line(channel.line).peer,
            (Origin::User(_) | Origin::Trunk(_) | Origin::Inside(_), _) => None,
        };
        let privilege = call.privilege;
        let trace = &self.trace;
        // Emergency calls overtake, and one that never waited stands behind all.
        let queue_place = match (privilege.urgency, self.asides.wait_place(id)) {
            (Urgency::Emergency, _) => 0,
            (Urgency::Normal, 0) => u64::MAX,
            (Urgency::Normal, place) => place,
        };
        let waiting = &self.waiting;
        let Some(who) = self.who_dials(id) else { return Tried::None };
        let budget = Cell::new(0);
        let routes = Routes { plan, forms: &self.form_service, now, privilege, who, from, trace, budget };
        let lines = &mut self.lines;
        let mut tried = Tried::None;
        let (mut groups, mut first_sent) = (SmallVec::new(), None);
        let (given_up, mut by_form) = (self.asides.tried(id), None);
        let opens = routes.visit(search, &mut |candidate| {
            let (found, group, sent, form) = match candidate {
                Candidate::Refuse(cause) => {
                    tried = Tried::Refused(cause);
                    return ControlFlow::Break(());
                }
                Candidate::Line(line, digits) => {
                    if given_up.iter().any(|tried| tried.line == line) {
                        return ControlFlow::Continue(());
                    }
                    let sent = Sent::from(digits);
                    (lines.seize_line(now, line), plan.line(line).group, sent, None)
                }
                Candidate::Group(group, sent, form) => {
                    if has_given_up(given_up, plan, form, group) {
                        return ControlFlow::Continue(());
                    }
                    if let Some(cause) = plan.bars(&privilege, group, &sent.digits) {
                        trace.note(|| Step::Route { group, number: sent.digits, outcome: Outcome::Barred });
                        tried = Tried::Refused(cause);
                        return ControlFlow::Break(());
                    }
                    let seized = match waiting.is_ahead(group, queue_place) {
                        true => Err(NoChannel::AllBusy),
                        false => lines.seize_in_group(now, plan, group),
                    };
                    (seized, group, sent, form)
                }
            };
            let outcome = found.map_or(Outcome::AllBusy, Outcome::Seized);
            trace.note(|| Step::Route { group, number: sent.digits, outcome });
            match found {
                Ok(channel) => {
                    by_form = form;
                    tried = Tried::Seized(channel, sent);
                    ControlFlow::Break(())
                }
                Err(_) => {
                    if !groups.contains(&group) {
                        groups.push(group);
                    }
                    first_sent.get_or_insert(sent);
                    ControlFlow::Continue(())
                }
            }
        });
        search.by_form = by_form;
        match tried {
            // A call whose alternate route has yet to open waits for it, even if nothing else is left.
            Tried::None if !groups.is_empty() || opens.is_some() => {
                Tried::AllBusy(AllBusy { groups, opens, sent: first_sent })
            }
            tried @ (Tried::Seized(..) | Tried::Refused(_) | Tried::AllBusy(_) | Tried::None) => tried,
        }
    }

    /// The way that explicit short codes (not `?`) have for the number of a user on another system.
    fn way_round(&self, id: CallId, digits: &Number) -> Option<Search> {
        let table = &self.plan.short_codes;
        let group = table.table.exact(digits.as_bytes())?;
        let (code, pattern) = table.code(group, 0)?;
        let call = self.call(id)?;
        let who = self.who_dials(id)?;
        if code.force_account_code && call.privilege.account != Account::Entered {
            return None;
        }
        let sent = code.produce(pattern, digits, &who)?;
        // Back towards a system is no way round.
        Self::search(code.action, sent.digits).filter(|search| !matches!(search.start, Start::Towards(_)))
    }

    /// Any line at all: trunks first, then lines to other systems. One that was tried in vain is not taken again while
    /// another is free.
    fn any_line_in_an_emergency(&mut self, now: Instant, id: CallId) -> Option<ChannelId> {
        if self.call(id)?.privilege.urgency != Urgency::Emergency {
            return None;
        }
        let plan = &*self.plan;
        let groups = (0..plan.line_groups.len()).map(LineGroupId::at);
        let (trunks, peers): (Vec<_>, Vec<_>) = groups.partition(|&group| plan.is_external(group));
        let in_order = trunks.into_iter().chain(peers).flat_map(|group| &plan.line_group(group).lines);
        let tried = self.asides.tried(id);
        let (again, fresh): (Vec<_>, Vec<_>) =
            in_order.partition(|&&line| tried.iter().any(|t| t.line == line));
        let lines = &mut self.lines;
        fresh.into_iter().chain(again).find_map(|&line| lines.seize_line(now, line).ok())
    }

    /// Sends the call out on a channel that was seized for it.
    fn set_up(&mut self, now: Instant, id: CallId, channel: ChannelId, sent: Sent, search: Search) {
        let line = self.plan.line(channel.line);
        let peer = line.peer.is_some();
        let timer = self.timers.arm(now, line.call_initiation_timeout, TimerKind::CallInitiation(id));
        let Some(call) = self.calls.get_mut(id.slot(), id.generation()) else { return };
        call.attempts = call.attempts.saturating_add(1);
        let attempt = call.attempts;
        let party = if peer { Party::Peer { channel, attempt } } else { Party::Trunk { channel, attempt } };
        let purpose = match search.start {
            Start::Voicemail { access, of, .. } => Purpose::Voicemail { access, of },
            Start::Form(_) | Start::Group(_) | Start::Towards(_) => call.purpose,
        };
        call.callee = party.device();
        call.reached = None;
        call.stage = Stage::Outgoing(Outgoing { party, progress: Progress::Nothing, timer });
        let (tag, hops, privilege, queue_priority) =
            (call.tag, call.hops, call.privilege, call.queue_priority);
        self.searches.put(id, search);
        self.set_number(id, NumberOf::Called, sent.digits);
        let (called, calling) = (sent.digits, self.number_of(id, NumberOf::Calling));
        let (calling, presentation) = self.note_what_is_sent(id, calling, sent.more);
        if !peer {
            self.trunk_set_up(now, id, channel, (attempt, tag), called, (calling, presentation));
        } else if hops < MAX_HOPS {
            let hops = hops + 1;
            let caller = self.far_end(id, End::Calling);
            let body = PeerBody::Setup {
                called,
                calling,
                presentation,
                tag,
                hops,
                caller,
                privilege,
                queue_priority,
                purpose,
            };
            let about = PeerRef { channel: channel.channel, call: id, attempt };
            self.say(now, channel.line, End::Calling, about, body);
        } else {
            self.leave_party(now, id);
            self.fail(now, id, Cause::EXCHANGE_ROUTING_ERROR, None);
        }
    }

    /// The route at hand is not available: clears it and tries the next one.
    pub(crate) fn next_route(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(&Stage::Outgoing(outgoing)) = self.call(id).map(|c| &c.stage) else { return };
        if let Some(channel) = outgoing.party.channel() {
            let form = self.searches.get(id).and_then(|search| search.by_form);
            self.asides.give_up(id, TriedRoute { form, line: channel.line });
        }
        let attempts = self.call(id).map_or(0, |call| call.attempts);
        match self.leave_party(now, id) {
            Some(search) if attempts < MAX_ROUTES_TRIED => self.try_routes(now, id, search, Some(cause)),
            Some(_) | None => self.fail(now, id, cause, None),
        }
    }

    /// Takes a call that was sent out back into routing; the search that had led it out.
    pub(crate) fn leave_party(&mut self, now: Instant, id: CallId) -> Option<Search> {
        let call = self.call_mut(id)?;
        let Stage::Outgoing(outgoing) = call.stage else { return None };
        call.stage = Stage::Routing;
        self.timers.cancel(outgoing.timer);
        self.free_party(now, id, outgoing.party);
        self.searches.get(id)
    }

    /// The privilege of a user's own calls.
    pub(crate) fn privilege_of(&self, user: crate::id::UserId) -> Privilege {
        self.settings(user).privilege()
    }

    /// A search for a line towards another system.
    pub(crate) const fn towards(system: SystemId, digits: Number) -> Search {
        Search::new(Start::Towards(system), digits)
    }
}

/// Whether a cause from the far side makes ARS try the next route (DOMAIN 3.5, digital trunks' cause table).
pub(crate) const fn reroutes(cause: Cause) -> bool {
    matches!(
        cause.number(),
        1..=5 | 8..=11 | 22 | 28 | 29 | 50 | 52 | 57 | 63 | 65 | 66 | 69 | 70 | 79 | 88 | 91 | 95..=101 | 111 | 127
    )
}
