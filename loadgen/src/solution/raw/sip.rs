//! What `busyhour serve` needs to know besides the network: addresses, passwords, far ends of SIP lines.

use super::field::{at_most, name, time_or_off};
use crate::text::{At, Place, Problem, Problems, Table, Value};
use engine::time::Duration;
use sip::auth::Algorithm;
use sip::endpoint::Transport;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

/// Longest password, name of a file or domain.
const MAX_TEXT: usize = 200;
/// Time between two OPTIONS to the far end of a line.
const OPTIONS_INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3_600);
/// Most new calls a second that may be declared.
const MAX_CALLS_PER_SECOND: u64 = 1_000_000;

const TRANSPORTS: [(&str, Transport); 3] =
    [("udp", Transport::Udp), ("tcp", Transport::Tcp), ("tls", Transport::Tls)];

const ALGORITHMS: [(&str, Algorithm); 2] = [("sha-256", Algorithm::Sha256), ("md5", Algorithm::Md5)];

/// How a system is reached by SIP.
pub(in crate::solution) struct RawSip {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) at: Option<At<SocketAddr>>,
    pub(in crate::solution) tls_at: Option<At<SocketAddr>>,
    pub(in crate::solution) tls_certificate: Option<At<String>>,
    pub(in crate::solution) tls_key: Option<At<String>>,
    pub(in crate::solution) domain: Option<At<String>>,
    pub(in crate::solution) digest: Option<At<Vec<Algorithm>>>,
    pub(in crate::solution) lines_at: Option<At<SocketAddr>>,
    pub(in crate::solution) status_at: Option<At<SocketAddr>>,
    pub(in crate::solution) rtp_ports: Option<At<RangeInclusive<u16>>>,
    pub(in crate::solution) calls_per_second: Option<At<u64>>,
}

/// The far end of a SIP line.
#[derive(Default)]
pub(in crate::solution) struct RawFarEnd {
    pub(in crate::solution) address: Option<At<SocketAddr>>,
    pub(in crate::solution) transport: Option<At<Transport>>,
    /// `None` inside: off.
    pub(in crate::solution) options_interval: Option<At<Option<Duration>>>,
}

pub(super) fn read_sip(t: &mut Table<'_>, p: &mut Problems) -> RawSip {
    let text = |v: &Value<'_>, p: &mut Problems| at_most(v, 1, MAX_TEXT, p);
    RawSip {
        place: t.place().clone(),
        system: t.req("system", p, name),
        at: t.req("at", p, address),
        tls_at: t.opt("tls_at", p, address),
        tls_certificate: t.opt("tls_certificate", p, text),
        tls_key: t.opt("tls_key", p, text),
        domain: t.opt("domain", p, domain),
        digest: t.opt("digest", p, digest),
        lines_at: t.opt("lines_at", p, address),
        status_at: t.opt("status_at", p, address),
        rtp_ports: t.opt("rtp_ports", p, ports),
        calls_per_second: t.opt("calls_per_second", p, |v, p| v.integer(1..=MAX_CALLS_PER_SECOND, p)),
    }
}

pub(super) fn read_far_end(t: &mut Table<'_>, p: &mut Problems) -> RawFarEnd {
    RawFarEnd {
        address: t.opt("far_end", p, address),
        transport: t.opt("transport", p, |v, p| v.choice(&TRANSPORTS, p)),
        options_interval: t.opt("options_interval", p, |v, p| time_or_off(v, OPTIONS_INTERVAL, p)),
    }
}

/// A password of a phone: printable ASCII, so that every phone can be told it.
pub(super) fn password(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 1, MAX_TEXT, p)?;
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return Some(text);
    }
    p.push(Problem::error("a password is of printable ASCII characters without spaces").at(&v.place));
    None
}

/// Hashes of passwords, the best first; every unknown one is reported.
fn digest(v: &Value<'_>, p: &mut Problems) -> Option<Vec<Algorithm>> {
    let values = v.array(p);
    let algorithms: Vec<_> = values.iter().filter_map(|value| value.choice(&ALGORITHMS, p)).collect();
    if values.is_empty() && v.is_array() {
        let problem = Problem::error("\"digest\" names no hashes").at(&v.place);
        p.push(problem.help("as in [\"sha-256\", \"md5\"]"));
    }
    (algorithms.len() == values.len() && !values.is_empty()).then_some(algorithms)
}

/// An address that others can be told: not every address of the machine, nor any port.
fn address(v: &Value<'_>, p: &mut Problems) -> Option<SocketAddr> {
    let text = v.string(p)?;
    let problem = match text.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_unspecified() || address.port() == 0 => {
            Problem::error(format!("{text:?} is no address that others can reach"))
        }
        Ok(address) => return Some(address),
        Err(_) => Problem::error(format!("{text:?} is no address with a port")),
    };
    p.push(problem.at(&v.place).help("as in \"192.0.2.1:5060\" or \"[2001:db8::1]:5060\""));
    None
}

fn domain(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 1, MAX_TEXT, p)?;
    let is_good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if text.chars().all(is_good) {
        return Some(text.to_ascii_lowercase());
    }
    let problem = Problem::error(format!("{text:?} is no domain")).at(&v.place);
    p.push(problem.help("letters, digits, dots and hyphens, as in \"office.example.com\""));
    None
}

/// Ports for speech, as `"20000-29999"`; a call through the system takes two pairs.
fn ports(v: &Value<'_>, p: &mut Problems) -> Option<RangeInclusive<u16>> {
    let text = v.string(p)?;
    let ends = text.split_once('-').and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    match ends {
        Some((low, high)) if low >= 1_024 && high > low => Some(low..=high),
        Some(_) | None => {
            let problem = Problem::error(format!("{text:?} is no range of ports")).at(&v.place);
            p.push(problem.help("from 1024 up, as in \"20000-29999\""));
            None
        }
    }
}
