//! Calls: their states, and the steps from one to the next.

mod outgoing;
mod peer;
mod release;
mod setup;
mod state;
mod step;

pub(crate) use state::{Call, Origin, Party, Stage};
