//! What an endpoint is told once.

use super::types::Transport;
use crate::limits::{MAX_DIALOGS, MAX_REGISTRATIONS, MAX_TRANSACTIONS, MAX_WATCHES, MIN_SESSION_EXPIRES};
use engine::time::Duration;
use std::net::SocketAddr;

/// Session timers (RFC 4028) that this side asks for and insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTimer {
    /// Asked for in our INVITEs.
    pub expires: Duration,
    /// A shorter one is refused with 422.
    pub min: Duration,
}

impl SessionTimer {
    /// Half an hour, the value RFC 4028 recommends.
    pub const RECOMMENDED: Self = Self { expires: Duration::from_secs(1800), min: MIN_SESSION_EXPIRES };
}

/// Whether new calls are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They are.
    Open,
    /// New INVITEs and other requests outside dialogs are answered with 503; what goes on goes on.
    Refuse {
        /// When to try again.
        retry_after_s: u32,
    },
}

/// What an endpoint is told once.
#[derive(Clone, Debug)]
pub struct Config {
    /// Seed of branches, tags and Call-IDs. Two endpoints that talk to the same peers need different ones.
    pub seed: u64,
    /// `host:port` in Via of each transport.
    pub sent_by: [String; 3],
    /// User-Agent and Server.
    pub user_agent: String,
    /// Methods in Allow; others are refused with 405.
    pub allow: &'static str,
    /// Extensions that peers may require; others are refused with 420.
    pub supported: &'static str,
    /// Whether OPTIONS outside a dialog is answered with 200 here; it comes as an event otherwise.
    pub answers_options: bool,
    /// Session timers; `None` leaves them to the peer.
    pub session_timer: Option<SessionTimer>,
    /// Client and server transactions together.
    pub max_transactions: usize,
    /// Legs.
    pub max_legs: usize,
    /// Registrations.
    pub max_registrations: usize,
    /// Watched peers.
    pub max_watches: usize,
    /// Retry-After in a refusal because a table is full, in seconds.
    pub retry_after_s: u32,
}

impl Config {
    /// An endpoint reached at this address over every transport.
    #[must_use]
    pub fn new(seed: u64, local: SocketAddr) -> Self {
        Self {
            seed,
            sent_by: [local.to_string(), local.to_string(), local.to_string()],
            user_agent: concat!("busyhour/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow: "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, REFER, NOTIFY, SUBSCRIBE, INFO, \
                    MESSAGE",
            supported: "100rel, timer, replaces, norefersub",
            answers_options: true,
            session_timer: None,
            max_transactions: MAX_TRANSACTIONS,
            max_legs: MAX_DIALOGS,
            max_registrations: MAX_REGISTRATIONS,
            max_watches: MAX_WATCHES,
            retry_after_s: 5,
        }
    }

    pub(crate) fn sent_by(&self, transport: Transport) -> &str {
        &self.sent_by[transport as usize]
    }
}
