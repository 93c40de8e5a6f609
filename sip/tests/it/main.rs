//! The package through its contract: RFC 4475's messages, transactions, dialogs, authentication, media, sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod torture;
