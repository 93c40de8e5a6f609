//! The package through its contract: RFC 4475's messages, transactions, dialogs, authentication, media, sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auth;
mod calls;
mod corpora;
mod media;
mod messages;
mod net;
mod registration;
mod rig;
mod script;
mod timers;
mod torture;
