//! An endpoint: transactions, dialogs, registrations and watched peers behind one contract.

mod client;
mod compose;
mod config;
mod core;
mod dialog;
mod incoming;
mod leg;
mod provisional;
mod register;
mod server;
mod session;
mod token;
mod types;
mod uac;
mod uas;
mod watch;

pub use config::{Admission, Config, SessionTimer};
pub use core::{Endpoint, Sizes, sizes};
pub use register::Registration;
pub use types::{
    Body, EndCause, Event, Field, Flow, IncomingId, Input, Invite, LegId, NextTimeout, OutgoingId, Output,
    PeerState, Provisional, Refusal, RegistrationId, Reply, SharedCredentials, Target, TimerKind, Transport,
    Usage, WatchId,
};
