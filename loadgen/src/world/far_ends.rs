//! Far ends of trunks that ring, or are about to: what is going to happen there unless their system releases the call.

use super::NO_ATTEMPT;
use engine::id::{CallId, SystemId, Tag};
use engine::timer::TimerId;

/// What is going to happen at the far ends of calls that leave on trunks, by system and place of the call there.
#[derive(Clone, Debug)]
pub(super) struct FarEnds(Vec<Vec<FarEnd>>);

#[derive(Clone, Copy, Debug)]
struct FarEnd {
    generation: u32,
    attempt: Tag,
    event: Option<TimerId>,
}

impl FarEnd {
    /// No call has come to it yet.
    const NEW: Self = Self { generation: 0, attempt: NO_ATTEMPT, event: None };
}

impl FarEnds {
    /// Nothing yet at any of so many systems.
    pub(super) fn new(systems: usize) -> Self {
        Self(vec![Vec::new(); systems])
    }

    /// The call of an attempt comes to a far end, where an event is going to happen; the one before, which is not going to.
    pub(super) fn set_up(
        &mut self,
        system: SystemId,
        call: CallId,
        attempt: Tag,
        event: TimerId,
    ) -> Option<TimerId> {
        let far_ends = &mut self.0[system.index()];
        if far_ends.len() <= call.index() {
            far_ends.resize(call.index() + 1, FarEnd::NEW);
        }
        let new = FarEnd { generation: call.generation(), attempt, event: Some(event) };
        std::mem::replace(&mut far_ends[call.index()], new).event
    }

    /// Whose call has come to a far end.
    pub(super) fn attempt(&self, system: SystemId, call: CallId) -> Option<Tag> {
        let far_end = self.0[system.index()].get(call.index())?;
        (far_end.generation == call.generation()).then_some(far_end.attempt)
    }

    /// What was going to happen at the far end of a call has happened, and this is going to.
    pub(super) fn expect(&mut self, system: SystemId, call: CallId, event: TimerId) {
        if let Some(far_end) = self.of(system, call) {
            far_end.event = Some(event);
        }
    }

    /// The call is over at its far end; the event that is not going to happen any more.
    pub(super) fn over(&mut self, system: SystemId, call: CallId) -> Option<TimerId> {
        self.of(system, call)?.event.take()
    }

    fn of(&mut self, system: SystemId, call: CallId) -> Option<&mut FarEnd> {
        let far_end = self.0[system.index()].get_mut(call.index())?;
        (far_end.generation == call.generation()).then_some(far_end)
    }
}
