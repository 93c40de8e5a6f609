//! What only a run on the wall clock shows.

use crate::measure::{LatencyHistogram, Lateness};
use crate::world::World;

/// Figures of a run on the wall clock. All distributions are of the measured part alone.
#[derive(Clone, Debug)]
pub struct RealFigures {
    /// Threads that the systems and everything around them had: 1, or one for each system and one for the rest.
    pub threads: usize,
    /// From the instant a call was due to the instant it was handed to its system: the generator's own fault.
    pub lateness: Lateness,
    /// From the instant a call was due until its system had reacted to it (accepted or refused), in nanoseconds: the
    /// generator's lateness, the wait for the system's thread, and the engine's work.
    pub route_delay: LatencyHistogram,
    /// The engine's work on one input, in nanoseconds, one reading of the clock included.
    pub handle_time: LatencyHistogram,
    /// How often a full queue made somebody wait; nothing is ever dropped.
    pub back_pressure: BackPressure,
    /// By system: inputs that the state did not allow because the system's own word about the same call was still
    /// under way to the sender (an answer that crosses the end of the ringing).
    pub crossed: Vec<u64>,
    /// Why the run counts for nothing, if the generator was its limit.
    pub why_void: Option<String>,
}

/// Waits for room in a bounded queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackPressure {
    /// Inputs that waited for a system.
    pub inputs: u64,
    /// Outputs that waited for the world.
    pub outputs: u64,
}

/// Tells which inputs of the world begin a call of the measured part.
pub(super) struct Begun(u64);

impl Begun {
    /// None has begun yet.
    pub(super) const fn none() -> Self {
        Self(0)
    }

    /// Whether what the world has let happen since this was asked last was the beginning of one.
    #[inline]
    pub(super) fn has_another(&mut self, world: &World<'_>) -> bool {
        let before = std::mem::replace(&mut self.0, world.tally().calls.started);
        self.0 > before
    }
}
