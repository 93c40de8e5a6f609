//! The smallest switch that has registered phones and a trunk: a back-to-back user agent on a thread of its own.

use crate::driver::sip::wire::{Side, Wire};
use crate::driver::{SipTarget, TlsFiles};
use engine::time::{Duration, Instant};
use sip::auth::{Algorithm, Challenger, Verdict};
use sip::endpoint::{Body, Event, Flow, IncomingId, Invite, LegId, Provisional, Reply, Target, Transport};
use sip::message::{Header, Message, Method, Stored, Uri};
use sip::registrar::{Limits, Outcome, Registrar};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

pub(super) struct Switch {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Switch {
    /// Registers phones with this password; numbers that begin with 9 go to the trunk's far end, 100 to the first user
    /// of the hunt group of `test_support::two_systems` that is free.
    pub(super) fn start(at: SocketAddr, trunk: SocketAddr, password: &'static str) -> Self {
        let wire =
            Wire::open(&SipTarget::udp(at), &TlsFiles::default(), [Some(at), None], 5).expect("a socket");
        let address = wire.at(Side::Trunks);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut exchange = Exchange {
                wire,
                trunk,
                password,
                challenger: Challenger::new("switch", 5, Duration::from_secs(60), 10_000),
                registrar: Registrar::new(5, Limits::default()),
                other: HashMap::new(),
                legs: 0,
                group: 0,
            };
            while !stopped.load(Ordering::Relaxed) {
                exchange.turn();
            }
            exchange.legs
        });
        Self { address, stop, thread }
    }

    /// Stops it; how many legs it has had.
    pub(super) fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the switch lives")
    }
}

struct Exchange {
    wire: Wire,
    trunk: SocketAddr,
    password: &'static str,
    challenger: Challenger,
    registrar: Registrar,
    other: HashMap<LegId, LegId>,
    legs: u64,
    group: usize,
}

impl Exchange {
    fn turn(&mut self) {
        self.wire.wait(std::time::Duration::from_millis(10)).expect("a poll");
        self.wire.fire_timers();
        while let Some((_, event)) = self.wire.next_event() {
            let now = self.wire.now();
            self.take(now, event);
        }
    }

    fn take(&mut self, now: Instant, event: Event) {
        match event {
            Event::Request { incoming, method: Method::Register, message, source, .. } => {
                self.register(now, incoming, &message, source);
            }
            Event::Invited { leg, message, source } => {
                self.legs += 1;
                if let Err(status) = self.connect(now, leg, &message, source) {
                    self.refuse(now, leg, status);
                }
            }
            Event::Progress { leg, .. } => {
                if let Some(&caller) = self.other.get(&leg) {
                    let _ = self.endpoint().ring(now, caller, &Reply::new(180), Provisional::Plain);
                }
            }
            Event::Answered { leg, message } => {
                if let Some(&caller) = self.other.get(&leg) {
                    let sdp = message.message().body().to_vec();
                    let _ = self.endpoint().answer(now, caller, &Reply::sdp(200, &sdp));
                }
            }
            Event::Refused { leg, status, .. } => {
                if let Some(caller) = self.part(leg) {
                    let _ = self.endpoint().reject(now, caller, &Reply::new(status));
                }
            }
            Event::Ended { leg, .. } => {
                if let Some(other) = self.part(leg) {
                    let _ = self.endpoint().hang_up(now, other, &[]);
                }
            }
            Event::Request { .. }
            | Event::Response { .. }
            | Event::Acknowledged { .. }
            | Event::Confirmed { .. }
            | Event::RefreshDue { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Trying { .. }
            | Event::Peer { .. } => {}
        }
    }

    fn endpoint(&mut self) -> &mut sip::Endpoint {
        self.wire.endpoint(Side::Trunks)
    }

    fn part(&mut self, leg: LegId) -> Option<LegId> {
        let other = self.other.remove(&leg)?;
        self.other.remove(&other);
        Some(other)
    }

    fn is_signed(&mut self, now: Instant, message: &Message<'_>, header: Header, method: &str) -> bool {
        let Some(value) = message.header_str(header) else { return false };
        let password = self.password;
        let ha1 = |user: &str, algorithm: Algorithm| Some(algorithm.ha1(user, "switch", password));
        matches!(self.challenger.verify(now, method, message.body(), value, ha1), Verdict::Good(_))
    }

    fn register(&mut self, now: Instant, incoming: IncomingId, message: &Stored, source: Flow) {
        let message = message.message();
        if !self.is_signed(now, &message, Header::Authorization, "REGISTER") {
            let challenges = self.challenger.challenges(now, false);
            let headers = [0, 1].map(|n: usize| (Header::WwwAuthenticate, challenges[n].as_str()));
            let _ = self.endpoint().respond(now, incoming, &Reply::new(401).with(&headers));
            return;
        }
        match self.registrar.register(now, &message, source) {
            Outcome::Bound(contacts) => {
                let headers: Vec<_> = contacts.iter().map(|c| (Header::Contact, c.as_str())).collect();
                let _ = self.endpoint().respond(now, incoming, &Reply::new(200).with(&headers));
            }
            Outcome::Refused { status, .. } => {
                let _ = self.endpoint().respond(now, incoming, &Reply::new(status));
            }
        }
    }

    fn refuse(&mut self, now: Instant, leg: LegId, status: u16) {
        if status == 407 {
            let challenges = self.challenger.challenges(now, false);
            let headers = [0, 1].map(|n: usize| (Header::ProxyAuthenticate, challenges[n].as_str()));
            let _ = self.endpoint().reject(now, leg, &Reply::new(407).with(&headers));
        } else {
            let _ = self.endpoint().reject(now, leg, &Reply::new(status));
        }
    }

    fn connect(&mut self, now: Instant, leg: LegId, message: &Stored, source: Flow) -> Result<(), u16> {
        let message = message.message();
        let is_trunk = message.header_str(Header::From).is_some_and(|from| from.contains("5551000"));
        if !is_trunk && !self.is_signed(now, &message, Header::ProxyAuthorization, "INVITE") {
            return Err(407);
        }
        let uri = Uri::parse(message.uri_bytes()).ok_or(400_u16)?;
        let mut called = uri.user_str().unwrap_or_default().into_owned();
        if called == "100" {
            called = (2_050 + self.group % 50).to_string();
            self.group += 1;
        }
        let contact = if called.starts_with('9') {
            format!("sip:{called}@{}", self.trunk)
        } else {
            let address = format!("{called}@127.0.0.1");
            let contact = self.registrar.lookup(&address).next().map(|b| b.contact.to_string());
            contact.ok_or(404_u16)?
        };
        let remote = contact.rsplit('@').next().and_then(|at| at.parse().ok()).ok_or(500_u16)?;
        let from = message.header_str(Header::From).unwrap_or_default();
        let from = from.split(";tag=").next().unwrap_or_default().to_owned();
        let (to, own) = (format!("<{contact}>"), format!("<sip:{}>", self.wire.at(Side::Trunks)));
        let flow = Flow { transport: Transport::Udp, channel: source.channel, remote };
        let target = Target { flow, uri: &contact, from: &from, to: &to, contact: Some(&own) };
        let offer = message.body().to_vec();
        let invite = Invite { target, headers: &[], body: Some(Body::sdp(&offer)), credentials: None };
        let out = self.endpoint().invite(now, &invite).map_err(|_| 503_u16)?;
        self.legs += 1;
        self.other.insert(leg, out);
        self.other.insert(out, leg);
        Ok(())
    }
}
