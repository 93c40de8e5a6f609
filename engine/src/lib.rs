//! One business telephone system as a pure, deterministic state machine.

pub mod cause;
pub mod id;
mod input;
pub mod limits;
pub mod network;
pub mod number;
mod output;
pub mod plan;
pub mod smdr;
pub mod time;

pub use input::Input;
pub use output::{Output, Resource};
