//! What is going to happen is known before it does. With very many calls in progress nothing of it is in the processor's caches any
//! more: what the next calls and events take is brought closer while those before them are dealt with.

use super::World;
use super::event::Event;
use crate::arrival::PlannedCall;
use engine::System;
use engine::hint::{bring, mostly};
use engine::id::{CallId, SystemId, Tag};

/// From so many calls in progress on it is worth the trouble: those and what belongs to them fill a cache of a megabyte.
const MANY: u64 = 4_096;
/// So many calls are known before they are placed, and so many events of a kind before they happen.
const KNOWN: usize = 7;
const DIRECTORY: usize = 4;
const CALLED_USER: usize = 2;
const ENTRY: usize = 20;
const ATTEMPT: usize = 10;
const CALL: usize = 8;
const PARTIES: usize = 3;

impl<'a> World<'a> {
    /// Whether there are so many calls in progress that it is worth looking ahead.
    #[inline]
    pub(crate) fn is_crowded(&self) -> bool {
        self.tally.concurrency.value() >= MANY
    }

    /// Looks at what follows the thing that happens next.
    #[inline(never)]
    pub(crate) fn look_ahead<'s>(&self, system_of: impl Fn(SystemId) -> &'s System) {
        if self.next_planned() < self.next_event() {
            return self.look_at_calls(system_of);
        }
        self.events.expect_coming(ENTRY);
        if let Some(Event::CallerHangsUp { attempt }) = self.events.coming(ATTEMPT) {
            self.attempts.expect(attempt);
        }
        if let Some((system, call)) = self.events.coming(CALL).and_then(|event| self.call_of(&event)) {
            system_of(system).expect_call(call);
        }
        if let Some((system, call)) = self.events.coming(PARTIES).and_then(|event| self.call_of(&event))
            && let Some((tag, called)) = system_of(system).expect_parties(call)
        {
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

    fn look_at_calls<'s>(&self, system_of: impl Fn(SystemId) -> &'s System) {
        let foreseen = |ahead: usize| self.later.get(ahead - 1).and_then(|(_, foreseen)| foreseen.as_ref());
        // One right behind the other: the processor waits until it is known where the page of each is, and looks for two at once.
        if let Some(call) = foreseen(KNOWN) {
            bring(call.called);
        }
        if let Some(call) = foreseen(DIRECTORY) {
            system_of(call.system).expect_number(call.called);
        }
        let Some(call) = foreseen(CALLED_USER) else { return };
        if let Some(user) = system_of(call.system).expect_called(call.called) {
            self.callers.expect_phone(call.system, user);
        }
    }

    /// The next call of the schedule. Where there are many calls in progress, the next few are known beforehand.
    #[inline]
    pub(super) fn next_of_schedule(&mut self) -> Option<PlannedCall<'a>> {
        if mostly(self.later.is_empty() && !self.is_crowded()) {
            return self.schedule.next();
        }
        self.next_of_many()
    }

    #[inline(never)]
    fn next_of_many(&mut self) -> Option<PlannedCall<'a>> {
        while self.later.len() <= KNOWN {
            let Some(planned) = self.schedule.next() else { break };
            let foreseen = self.callers.foresee(&planned);
            self.later.push_back((planned, foreseen));
        }
        self.later.pop_front().map(|(planned, _)| planned)
    }
}
