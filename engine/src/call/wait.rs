//! A call waits for a line: the longest waiting gets the first that becomes free, and nobody is passed over.

use super::outgoing::AllBusy;
use super::state::{Origin, Stage, Waiting};
use crate::id::{CallId, LineGroupId};
use crate::network::Urgency;
use crate::output::{Output, Tone};
use crate::route::search::Search;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use crate::trace::Step;

impl System {
    /// Puts a call into the queues of all line groups that suit it; an emergency call, which takes any line, into all.
    /// One that has waited before keeps its place.
    pub(super) fn wait_for_line(&mut self, now: Instant, id: CallId, mut search: Search, mut busy: AllBusy) {
        let Some(urgency) = self.call(id).map(|call| call.privilege.urgency) else { return };
        let place = self.asides.wait_place(id);
        let first_time = place == 0;
        let place = if first_time { self.waiting.last_place(urgency) } else { place };
        if urgency == Urgency::Emergency {
            busy.groups = (0..self.plan.line_groups.len()).map(LineGroupId::at).collect();
        }
        search.waits_since.get_or_insert(now);
        let change = self.plan.next_time_profile_change(now);
        let look_again = busy.opens.into_iter().chain(change).min();
        let escalation =
            look_again.map(|at| self.timers.arm(now, at.since(now), TimerKind::AlternateRoute(id)));
        self.trace.note(|| Step::Waits { groups: busy.groups.to_vec(), opens: busy.opens });
        self.waiting.enter(place, id, &busy.groups);
        self.asides.of_mut(id).wait_place = place;
        self.searches.put(id, search);
        self.waits.put(id, Waiting { place, escalation, change });
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Waiting;
        let (origin, tag) = (call.origin, call.tag);
        if first_time && !matches!(origin, Origin::Peer { .. } | Origin::Inside(_)) {
            self.emit(now, Output::Tone { call: id, tag, tone: Tone::CampOn });
        }
    }

    /// A further alternate route has opened for a waiting call, or a time profile begins or ends, which concerns all.
    pub(crate) fn alternate_route_opens(&mut self, now: Instant, id: CallId) {
        let Some(waiting) = self.waiting_call(id) else { return };
        if waiting.change == Some(now) {
            self.all_waiting_try(now);
        } else {
            self.stop_waiting_and_try(now, id);
        }
    }

    /// What forms offer has changed: every waiting call looks again, the longest waiting first.
    pub(super) fn all_waiting_try(&mut self, now: Instant) {
        let waiting = self.calls.iter().filter_map(|(index, generation, _)| {
            let id = CallId::new((index, generation));
            Some((self.waiting_call(id)?.place, id))
        });
        let mut waiting: Vec<(u64, CallId)> = waiting.collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            self.stop_waiting_and_try(now, id);
        }
    }

    /// Takes a call out of the queues and tries its routes from the first.
    fn stop_waiting_and_try(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.call_mut(id) else { return };
        let Stage::Waiting = call.stage else { return };
        call.stage = Stage::Routing;
        self.stop_waiting(id);
        if let Some(search) = self.searches.get(id) {
            self.try_routes(now, id, search, None);
        }
    }

    /// What a call has that waits for a line.
    pub(crate) fn waiting_call(&self, id: CallId) -> Option<Waiting> {
        if let Stage::Waiting = self.call(id)?.stage { self.waits.get(id) } else { None }
    }

    /// Takes a call out of the queues that has waited.
    pub(crate) fn stop_waiting(&mut self, id: CallId) {
        let Some(waiting) = self.waits.get(id) else { return };
        self.waiting.leave(waiting.place);
        if let Some(timer) = waiting.escalation {
            self.timers.cancel(timer);
        }
    }

    /// Gives every channel that has become free to the call that has waited longest for it.
    pub(crate) fn serve_waiting(&mut self, now: Instant) {
        while let Some(group) = self.waiting.next_freed() {
            self.serve_group(now, group);
        }
    }

    fn serve_group(&mut self, now: Instant, group: LineGroupId) {
        while self.lines.has_free(&self.plan, group) {
            let Some(id) = self.waiting.first(group) else { return };
            self.stop_waiting_and_try(now, id);
            if self.waiting.first(group) == Some(id) {
                // It could not use the channel after all, and nobody behind it may pass it over.
                return;
            }
        }
    }
}
