//! One load placed by several generators on other machines: each is sent its part with every file that it takes, all begin at one
//! instant, and what they bring is one record.

mod order;
mod place;

pub use order::Order;
pub use place::{LEAST_CERTAIN, MOST_DRIFT, Placed, judge_clock, place};
