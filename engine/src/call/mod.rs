//! Calls: their states, and the steps from one to the next.

mod account;
mod aside;
mod by_place;
mod dialling;
mod ends;
mod expect;
mod explain;
mod feature;
mod hold;
mod in_call;
mod numbers;
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
pub(crate) use by_place::ByPlace;
pub use ends::AtEnd;
pub(crate) use numbers::NumberOf;
pub(crate) use state::{
    Call, Dialling, Inside, Leg, NoMedia, Origin, Party, Place, Preservation, Ringing, Stage, Waiting,
};
pub(crate) use voicemail::Mailbox;
