//! Instruments: each costs little a call and a fixed amount of memory, however long the run.

mod gauge;
mod histogram;
mod lateness;
mod peak;

pub use gauge::TimeWeighted;
pub use histogram::{LatencyHistogram, Unit};
pub use lateness::Lateness;
pub use peak::PeakWindow;
