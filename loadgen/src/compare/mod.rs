//! A run against an accepted one: outcomes exactly, timings in pairs.

mod outcomes;
mod pairs;
mod records;

pub use outcomes::{Difference, Direction, differences};
pub use pairs::{PairedRound, judge_round};
pub use records::{Clocks, Comparison, Outcome, compare_records, why_unlike};
