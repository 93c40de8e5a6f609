//! Calls: their states, and the steps from one to the next.

mod account;
mod aside;
mod dialling;
mod ends;
mod explain;
mod feature;
mod hold;
mod in_call;
mod outgoing;
mod peer;
mod preserve;
mod redirect;
mod release;
mod route;
mod sent;
mod setup;
mod state;
mod step;
mod transfer;
mod voicemail;
mod wait;

pub(crate) use aside::Asides;
pub use ends::AtEnd;
pub(crate) use state::{Call, Inside, Leg, NoMedia, Origin, Party, Ringing, Stage};
pub(crate) use voicemail::Mailbox;
