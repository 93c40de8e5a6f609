//! What is going to happen is known before it does. With very many calls in progress nothing of it is in the processor's caches any
//! more: what the next calls and events take is brought closer while those before them are dealt with.

use super::World;
use super::event::Event;
use crate::arrival::PlannedCall;
use engine::System;
use engine::hint::{bring, mostly};
use engine::id::{CallId, SystemId, Tag};
use engine::timer::{AT_ONCE, Row};

/// From so many calls in progress on it is worth the trouble: those and what belongs to them fill a cache of a megabyte.
const MANY: u64 = 4_096;
/// So many calls are known before they are placed once more of them have been looked at, as many at once as events of a row are: what
/// takes long to find out is found out once for all of them, and the processor looks for the pages of several at the same time.
const KNOWN: usize = 2 * AT_ONCE;
/// Groups of events of a kind, counted from the one that happens next.
const ENTRIES: usize = 5;
const ATTEMPTS: usize = 3;
const CALLS: usize = 2;
const PARTIES: usize = 1;

impl<'a> World<'a> {
    /// Whether there are so many calls in progress that it is worth looking ahead.
    #[inline]
    pub(crate) fn is_crowded(&self) -> bool {
        self.tally.concurrency.value() >= MANY
    }

    /// Looks at what follows the thing that happens next.
    #[inline]
    pub(crate) fn look_ahead<'s>(&mut self, system_of: impl Fn(SystemId) -> &'s System) {
        if self.next_event() <= self.next_planned() {
            if let Some(row) = self.events.row() {
                self.look_at_events(row, system_of);
            }
        } else if self.later.len() <= KNOWN - AT_ONCE {
            self.look_at_calls(system_of);
        }
    }

    #[inline(never)]
    fn look_at_events<'s>(&self, row: Row<'_, Event>, system_of: impl Fn(SystemId) -> &'s System) {
        row.expect_group(ENTRIES);
        for event in row.group(ATTEMPTS) {
            if let Event::CallerHangsUp { attempt } = *event {
                self.attempts.expect(attempt);
            }
        }
        for (system, call) in row.group(CALLS).filter_map(|event| self.call_of(event)) {
            system_of(system).expect_call(call);
        }
        for (system, call) in row.group(PARTIES).filter_map(|event| self.call_of(event)) {
            let Some((tag, called)) = system_of(system).expect_parties(call) else { continue };
            if self.attempts.home(tag) == system {
                self.attempts.expect(tag);
            }
            if let Some(user) = called {
                self.callers.expect_phone(system, user);
            }
        }
    }

    fn call_of(&self, event: &Event) -> Option<(SystemId, CallId)> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "calls come to their ends by these events; others are rare"
        )]
        match *event {
            Event::Answer { system, call, .. }
            | Event::TrunkAlerting { system, call, .. }
            | Event::TrunkAnswer { system, call, .. } => Some((system, call)),
            Event::CallerHangsUp { attempt } => {
                Some((self.attempts.home(attempt), self.call_at_home(attempt)?))
            }
            _ => None,
        }
    }

    fn call_at_home(&self, attempt: Tag) -> Option<CallId> {
        self.attempts.get(attempt)?.call
    }

    #[inline(never)]
    fn look_at_calls<'s>(&mut self, system_of: impl Fn(SystemId) -> &'s System) {
        while self.later.len() < KNOWN {
            let Some(planned) = self.schedule.next() else { break };
            let foreseen = self.callers.foresee(&planned);
            if let Some(call) = &foreseen {
                bring(call.called);
            }
            self.later.push_back((planned, foreseen));
        }
        for call in self.later.iter().take(AT_ONCE).filter_map(|(_, foreseen)| foreseen.as_ref()) {
            if let Some(user) = system_of(call.system).expect_called(call.called) {
                self.callers.expect_phone(call.system, user);
            }
        }
    }

    /// The next call of the schedule, known beforehand or not.
    #[inline]
    pub(super) fn next_of_schedule(&mut self) -> Option<PlannedCall<'a>> {
        if mostly(self.later.is_empty()) {
            return self.schedule.next();
        }
        self.later.pop_front().map(|(planned, _)| planned)
    }
}
