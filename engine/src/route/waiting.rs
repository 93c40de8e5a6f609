//! Calls that wait for a line: who is next when a channel becomes free.

use crate::id::{CallId, LineGroupId};
use crate::network::Urgency;
use crate::plan::Plan;
use std::collections::BTreeMap;

/// Set in all places but those of emergency calls.
const NOT_URGENT: u64 = 1 << 63;

/// Waiting calls by line group, the longest waiting first. A call stands in the queue of every group that suits it.
#[derive(Clone, Debug)]
pub(crate) struct WaitingForLine {
    groups: Vec<BTreeMap<u64, CallId>>,
    /// Groups in which a channel may have become free since they were last served.
    freed: Vec<LineGroupId>,
    calls: usize,
    next_place: u64,
}

impl WaitingForLine {
    pub(crate) fn new(plan: &Plan) -> Self {
        let groups = plan.line_groups().iter().map(|_| BTreeMap::new()).collect();
        Self { groups, freed: Vec::new(), calls: 0, next_place: 0 }
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.calls
    }

    /// A place at the end of all queues; for an emergency, behind the other emergencies only.
    pub(crate) fn last_place(&mut self, urgency: Urgency) -> u64 {
        self.next_place += 1;
        match urgency {
            Urgency::Emergency => self.next_place,
            Urgency::Normal => self.next_place | NOT_URGENT,
        }
    }

    /// A call waits at `place`, for any of `groups`.
    pub(crate) fn enter(&mut self, place: u64, call: CallId, groups: &[LineGroupId]) {
        self.calls += 1;
        for group in groups {
            self.groups[group.index()].insert(place, call);
        }
    }

    /// The call at `place` no longer waits.
    pub(crate) fn leave(&mut self, place: u64) {
        self.calls -= 1;
        for group in &mut self.groups {
            group.remove(&place);
        }
    }

    /// A channel of `group` may be free now.
    pub(crate) fn channel_freed(&mut self, group: LineGroupId) {
        if self.calls > 0 && !self.groups[group.index()].is_empty() && !self.freed.contains(&group) {
            self.freed.push(group);
        }
    }

    /// Whether there is a group to serve.
    #[inline]
    pub(crate) fn is_any_freed(&self) -> bool {
        !self.freed.is_empty()
    }

    /// A group to serve, if there is one.
    pub(crate) fn next_freed(&mut self) -> Option<LineGroupId> {
        self.freed.pop()
    }

    /// The call that has waited longest for `group`.
    pub(crate) fn first(&self, group: LineGroupId) -> Option<CallId> {
        self.groups[group.index()].first_key_value().map(|(_, &call)| call)
    }

    /// Whether a call at `place` would overtake another by taking a channel of `group`.
    pub(crate) fn is_ahead(&self, group: LineGroupId, place: u64) -> bool {
        self.groups[group.index()].first_key_value().is_some_and(|(&first, _)| first < place)
    }

    /// Every call that stands in a queue, with its place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, CallId)> {
        self.groups.iter().flatten().map(|(&place, &call)| (place, call))
    }
}
