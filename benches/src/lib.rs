//! What the benchmarks of busyhour measure, as functions that return what they did; see README.md.
//!
//! Every function is tested here with a small value and measured in `benches/` with a large one.

pub mod call;
pub mod double_star;
pub mod hunt_queue;
pub mod machine;
pub mod network;
pub mod preserved;
pub mod queues;
pub mod ratio;
pub mod records;
pub mod run;
pub mod short_codes;
pub mod sip;
pub mod timers;
pub mod what_if;
