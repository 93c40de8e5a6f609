//! What a server can say of itself at any moment.

use super::core::{Core, Counters};
use sip::endpoint::Usage;

/// A server at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Calls in progress.
    pub calls: usize,
    /// Phones that are registered: contacts.
    pub registered: usize,
    /// Ports of this system that carry speech.
    pub ports: usize,
    /// The SIP endpoint.
    pub sip: Usage,
    /// What the server counts besides.
    pub counters: Counters,
    /// New calls refused because there were too many.
    pub refused_early: u64,
    /// New calls a second that are let in now; `None`: all.
    pub calls_per_second: Option<f64>,
    /// Log-ins that failed.
    pub failed_logins: u64,
    /// Addresses that are shut out.
    pub shut_out: usize,
}

impl Core {
    /// How the server is now.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let (failed_logins, shut_out) = self.guard.counts();
        Figures {
            calls: self.calls.len(),
            registered: self.phones.registered(),
            ports: self.ports.len(),
            sip: self.endpoint.usage(),
            counters: self.counters,
            refused_early: self.gate.refused(),
            calls_per_second: self.gate.calls_per_second(),
            failed_logins,
            shut_out,
        }
    }
}
