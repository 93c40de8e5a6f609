//! Instruments: each costs little a call and a fixed amount of memory, however long the run.

mod counts;
mod course;
mod gauge;
mod histogram;
mod lateness;
mod peak;

pub use course::{Course, CourseStep};
pub use gauge::TimeWeighted;
pub use histogram::{LatencyHistogram, Unit, distribution};
pub use lateness::Lateness;
pub use peak::PeakWindow;
