//! The system under test: where it is, how it is spoken to, how it is called in URIs.

use sip::endpoint::Transport;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};

/// The system under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipTarget {
    /// Where messages go.
    pub address: SocketAddr,
    /// What carries them.
    pub transport: Transport,
    /// Its name as it was given; phones belong to this domain.
    pub name: String,
    /// `sip` or `sips`, of every URI.
    pub scheme: &'static str,
}

/// Files for TLS, all PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Authorities, one of which must have signed the target's certificate.
    pub authorities: Option<PathBuf>,
    /// Own certificate and its key, for connections that the target opens; `None`: it uses those that were opened to it.
    pub own: Option<[PathBuf; 2]>,
}

impl TlsFiles {
    /// The files that options name; an own certificate counts with its key alone.
    #[must_use]
    pub fn of(authorities: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> Self {
        let own = certificate.zip(key).map(|both| [both.0.to_owned(), both.1.to_owned()]);
        Self { authorities: authorities.map(Path::to_owned), own }
    }
}

impl SipTarget {
    /// Over UDP.
    #[must_use]
    pub fn udp(address: SocketAddr) -> Self {
        Self { address, transport: Transport::Udp, name: host(address.ip()), scheme: "sip" }
    }

    /// What a URI of the target's has at its end.
    #[must_use]
    pub const fn parameter(&self) -> &'static str {
        match self.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            // Of a sips URI it is the only one (RFC 3261 26.2.2).
            Transport::Tls if self.scheme.len() == 4 => "",
            Transport::Tls => ";transport=tls",
        }
    }
}

/// As [`parse_target`] reads it.
impl fmt::Display for SipTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, name, address, .. } = self;
        write!(f, "{scheme}:{name}:{}{}", address.port(), self.parameter())
    }
}

/// `sip:HOST:PORT;transport=tcp` and the like.
///
/// # Errors
/// In words, with the remedy.
pub fn parse_target(text: &str) -> Result<SipTarget, String> {
    let wrong = || {
        format!(
            "{text:?} is no target; one looks like sip:192.0.2.1:5060 or sip:pbx.example.com;transport=tcp"
        )
    };
    let (scheme, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (place, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    let transport = match (scheme, parameters) {
        ("sip", "" | "transport=udp") => Transport::Udp,
        ("sip", "transport=tcp") => Transport::Tcp,
        ("sip" | "sips", "transport=tls") | ("sips", "" | "transport=tcp") => Transport::Tls,
        ("sip" | "sips", other) => {
            return Err(format!(
                "{text:?} has {other:?}; a target may have transport=udp, tcp or tls, sips: the last two"
            ));
        }
        _ => return Err(wrong()),
    };
    if place.contains(['@', '?']) {
        return Err(format!("{text:?} has more than a host, a port and a transport"));
    }
    let is_v6 = place.starts_with('[');
    let (name, port) = match place.rsplit_once(':') {
        Some((name, port)) if !is_v6 || name.ends_with(']') => (name, port.parse().map_err(|_| wrong())?),
        _ => (place, if transport == Transport::Tls { 5061 } else { 5060 }),
    };
    let found = format!("{name}:{port}").to_socket_addrs().map_err(|error| format!("{place}: {error}"))?;
    let address = { found }.next().filter(|_| port != 0 && !name.is_empty()).ok_or_else(wrong)?;
    let scheme = if scheme == "sips" { "sips" } else { "sip" };
    Ok(SipTarget { address, transport, name: name.to_owned(), scheme })
}

/// An address as a URI has it.
pub(super) fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_name_a_transport_and_have_its_port() {
        let read = |text: &str| {
            let target = parse_target(text).unwrap_or_else(|why| panic!("{why}"));
            (target.address.to_string(), target.transport, target.scheme, target.parameter())
        };
        let at =
            |address: &str, transport, scheme, parameter| (address.to_owned(), transport, scheme, parameter);
        assert_eq!(read("sip:192.0.2.1"), at("192.0.2.1:5060", Transport::Udp, "sip", ""));
        assert_eq!(read("sip:[::1]:5070"), at("[::1]:5070", Transport::Udp, "sip", ""));
        assert_eq!(read("sip:[::1]"), at("[::1]:5060", Transport::Udp, "sip", ""));
        let tcp = at("192.0.2.1:5060", Transport::Tcp, "sip", ";transport=tcp");
        assert_eq!(read("sip:192.0.2.1;transport=tcp"), tcp);
        let tls = at("192.0.2.1:5061", Transport::Tls, "sip", ";transport=tls");
        assert_eq!(read("sip:192.0.2.1;transport=tls"), tls);
        assert_eq!(read("sips:192.0.2.1:7000"), at("192.0.2.1:7000", Transport::Tls, "sips", ""));
        for wrong in [
            "192.0.2.1",
            "sip:",
            "sip:192.0.2.1:0",
            "sip:a@192.0.2.1",
            "sip:192.0.2.1;transport=sctp",
            "sips:192.0.2.1;transport=udp",
            "tel:1",
            "sip:192.0.2.1:99999",
        ] {
            assert!(parse_target(wrong).is_err(), "{wrong}");
        }
    }
}
