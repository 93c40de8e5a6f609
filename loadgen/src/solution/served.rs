//! What `busyhour serve` needs to know of a system besides its network.

use engine::number::Number;
use engine::time::Duration;
use sip::auth::Algorithm;
use sip::endpoint::Transport;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// One system as phones and carriers find it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Served {
    /// How it is reached by SIP; `None`: it is not served.
    pub sip: Option<SipAddresses>,
    /// Passwords of users' phones, by extension. Who has none cannot register.
    pub passwords: BTreeMap<Number, Password>,
    /// Far ends of SIP lines, by line number. A line without one carries no calls.
    pub far_ends: BTreeMap<u16, FarEnd>,
}

/// A password, which no message shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Arc<str>);

impl Password {
    /// The same for many.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// How a system is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct SipAddresses {
    /// SIP over UDP and TCP.
    pub at: SocketAddr,
    /// SIP over TLS.
    pub tls: Option<TlsAddress>,
    /// The domain of its users' addresses, and the realm of their passwords.
    pub domain: String,
    /// Hashes of passwords that phones may choose from, the best first.
    pub digest: Vec<Algorithm>,
    /// IP Office lines of other processes, over TCP.
    pub lines_at: Option<SocketAddr>,
    /// The status page and the metrics.
    pub status_at: Option<SocketAddr>,
    /// Ports for speech that passes through the system.
    pub rtp_ports: RangeInclusive<u16>,
    /// New calls a second that it takes; `None`: as many as the machine manages.
    pub calls_per_second: Option<u32>,
}

/// SIP over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsAddress {
    /// Where.
    pub at: SocketAddr,
    /// File with the certificate and its chain, PEM, relative to the solution.
    pub certificate: String,
    /// File with the private key, PEM, relative to the solution.
    pub key: String,
}

/// The far end of a SIP line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FarEnd {
    /// Where calls are sent, and from where they are taken.
    pub address: SocketAddr,
    /// What carries them.
    pub transport: Transport,
    /// Time between two OPTIONS that ask whether it is there; `None`: nobody asks, and the line is up.
    pub options_interval: Option<Duration>,
}
