//! Addresses, passwords and far ends: what `busyhour serve` goes by.

use super::super::raw::{RawLine, RawSip, RawSolution};
use super::super::served::{FarEnd, Password, Served, SipAddresses, TlsAddress};
use super::Names;
use crate::text::{At, Place, Problem, Problems};
use engine::plan::spec::LineKind;
use engine::time::Duration;
use sip::auth::Algorithm;
use sip::endpoint::Transport;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

const RTP_PORTS: RangeInclusive<u16> = 20_000..=29_999;
/// The vendor's manuals give no interval; carriers ask every half minute.
const OPTIONS_INTERVAL: Duration = Duration::from_secs(30);

/// What is served of each system, in their order.
pub(super) fn check(raw: &RawSolution, names: &Names, p: &mut Problems) -> Vec<Served> {
    let mut served = vec![Served::default(); names.0.len()];
    let mut places: HashMap<usize, &Place> = HashMap::new();
    let mut taken: HashMap<SocketAddr, &Place> = HashMap::new();
    for sip in &raw.sips {
        check_addresses(sip, &mut taken, p);
        let tls = tls(sip, p);
        let Some(system) = names.resolve_some(sip.system.as_ref(), p) else { continue };
        if let Some(first) = places.insert(system.index(), &sip.place) {
            let problem = Problem::error("a system has one table [[sip]]").at(&sip.place);
            p.push(problem.also(first, "the first"));
        }
        served[system.index()].sip = addresses(sip, tls);
    }
    for users in &raw.users {
        let (Some(password), Some(extensions)) = (&users.password, &users.extensions) else { continue };
        let system = names.find(users.system.as_ref());
        let Some(system) = system.first().and_then(|system| served.get_mut(system.index())) else { continue };
        let password = Password::new(&password.value);
        let own = extensions.value.iter().map(|extension| (extension, password.clone()));
        system.passwords.extend(own);
    }
    for line in &raw.lines {
        let Some(far_end) = far_end(line, p) else { continue };
        let system = names.find(line.system.as_ref());
        let Some(system) = system.first().and_then(|system| served.get_mut(system.index())) else { continue };
        if let Some(number) = &line.number {
            system.far_ends.insert(number.value as u16, far_end);
        }
    }
    served
}

/// Two things cannot be at one address.
fn check_addresses<'r>(sip: &'r RawSip, taken: &mut HashMap<SocketAddr, &'r Place>, p: &mut Problems) {
    let own = [&sip.at, &sip.tls_at, &sip.lines_at, &sip.status_at];
    for address in own.into_iter().flatten() {
        if let Some(first) = taken.insert(address.value, &address.place) {
            let problem = Problem::error(format!("{} is taken already", address.value)).at(&address.place);
            p.push(problem.also(first, "here"));
        }
    }
    if let Some(status_at) = sip.status_at.as_ref().filter(|at| !at.value.ip().is_loopback()) {
        let problem = Problem::error("the status page is for this machine alone").at(&status_at.place);
        p.push(problem.help("an address such as \"127.0.0.1:9080\"; put a proxy with a log-in before it"));
    }
}

fn addresses(sip: &RawSip, tls: Option<TlsAddress>) -> Option<SipAddresses> {
    let at = sip.at.as_ref()?.value;
    let domain = sip.domain.as_ref().map_or_else(|| host(at), |domain| domain.value.clone());
    Some(SipAddresses {
        at,
        tls,
        domain,
        digest: sip
            .digest
            .as_ref()
            .map_or_else(|| vec![Algorithm::Sha256, Algorithm::Md5], |digest| digest.value.clone()),
        lines_at: sip.lines_at.as_ref().map(|at| at.value),
        status_at: sip.status_at.as_ref().map(|at| at.value),
        rtp_ports: sip.rtp_ports.as_ref().map_or(RTP_PORTS, |ports| ports.value.clone()),
        calls_per_second: sip.calls_per_second.as_ref().map(|calls| calls.value as u32),
    })
}

/// An address as a URI has it.
fn host(at: SocketAddr) -> String {
    match at {
        SocketAddr::V4(at) => at.ip().to_string(),
        SocketAddr::V6(at) => format!("[{}]", at.ip()),
    }
}

fn tls(sip: &RawSip, p: &mut Problems) -> Option<TlsAddress> {
    let of = |what: &Option<At<String>>| what.as_ref().map(|at| at.value.clone());
    match (&sip.tls_at, of(&sip.tls_certificate), of(&sip.tls_key)) {
        (Some(at), Some(certificate), Some(key)) => Some(TlsAddress { at: at.value, certificate, key }),
        (None, None, None) => None,
        (at, _, _) => {
            let place = at.as_ref().map(|at| &at.place);
            let place = place.or(sip.tls_certificate.as_ref().or(sip.tls_key.as_ref()).map(|at| &at.place));
            let problem = Problem::error("TLS takes \"tls_at\", \"tls_certificate\" and \"tls_key\"");
            p.push(problem.at(place.unwrap_or(&sip.place)).help("write all three of them, or none"));
            None
        }
    }
}

/// Only SIP lines have far ends that can be reached.
fn far_end(line: &RawLine, p: &mut Problems) -> Option<FarEnd> {
    let raw = &line.far_end;
    let places = [
        raw.address.as_ref().map(|at| &at.place),
        raw.transport.as_ref().map(|at| &at.place),
        raw.options_interval.as_ref().map(|at| &at.place),
    ];
    if let Some(kind) = line.kind.as_ref().filter(|kind| kind.value != LineKind::Sip) {
        for place in places.into_iter().flatten() {
            let problem = Problem::error("only a SIP line has this").at(place);
            p.push(problem.also(&kind.place, "the kind"));
        }
        return None;
    }
    let Some(address) = &raw.address else {
        for place in places.into_iter().flatten() {
            let problem = Problem::error("without \"far_end\" this says nothing").at(place);
            p.push(problem.help("far_end = \"192.0.2.1:5060\" is where the line's calls go"));
        }
        return None;
    };
    Some(FarEnd {
        address: address.value,
        transport: raw.transport.as_ref().map_or(Transport::Udp, |transport| transport.value),
        options_interval: raw
            .options_interval
            .as_ref()
            .map_or(Some(OPTIONS_INTERVAL), |interval| interval.value),
    })
}
