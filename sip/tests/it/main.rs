//! The package through its contract: messages of RFC 4475 and RFC 5118, transactions, dialogs, authentication, media, sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod auth;
mod calls;
mod corpora;
mod ipv6;
mod media;
mod messages;
mod net;
mod provisional;
mod registration;
mod rig;
mod script;
mod streams;
mod timers;
mod torture;
