//! What only a run on the wall clock shows.

use crate::measure::{LatencyHistogram, Lateness};

/// Figures of a run on the wall clock. All distributions are of the measured part alone.
#[derive(Clone, Debug)]
pub struct RealFigures {
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
