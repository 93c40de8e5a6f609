//! Far ends of trunks that ring, or are about to: what is going to happen there unless their system releases the call.

use engine::id::{CallId, SystemId};
use engine::timer::TimerId;

/// What is going to happen at the far ends of calls that leave on trunks, by system and place of the call there.
#[derive(Clone, Debug)]
pub(super) struct FarEnds(Vec<Vec<FarEnd>>);

#[derive(Clone, Copy, Debug, Default)]
struct FarEnd {
    generation: u32,
    event: Option<TimerId>,
}

impl FarEnds {
    /// Nothing yet at any of so many systems.
    pub(super) fn new(systems: usize) -> Self {
        Self(vec![Vec::new(); systems])
    }

    /// An event is going to happen at the far end of a call; the one before, which is not going to.
    pub(super) fn expect(&mut self, system: SystemId, call: CallId, event: TimerId) -> Option<TimerId> {
        let far_ends = &mut self.0[system.index()];
        if far_ends.len() <= call.index() {
            far_ends.resize(call.index() + 1, FarEnd::default());
        }
        let new = FarEnd { generation: call.generation(), event: Some(event) };
        std::mem::replace(&mut far_ends[call.index()], new).event
    }

    /// The call is over at its far end; the event that is not going to happen any more.
    pub(super) fn over(&mut self, system: SystemId, call: CallId) -> Option<TimerId> {
        let far_end = self.0[system.index()].get_mut(call.index())?;
        if far_end.generation == call.generation() { far_end.event.take() } else { None }
    }
}
