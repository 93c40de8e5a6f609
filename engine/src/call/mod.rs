//! Calls: their states, and the steps from one to the next.

mod account;
mod aside;
mod dialling;
mod feature;
mod outgoing;
mod peer;
mod redirect;
mod release;
mod route;
mod sent;
mod setup;
mod state;
mod step;
mod wait;

pub(crate) use aside::Asides;
pub(crate) use state::{Call, Origin, Party, Stage};
