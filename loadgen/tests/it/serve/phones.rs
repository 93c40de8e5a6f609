//! Phones of a test: they register, with a second system if the first is gone, call, answer, and speak tones; what each hears is
//! kept. All of them live on one thread, with one address for SIP.

use super::process::loopback;
use engine::time::Instant;
use sip::auth::Credentials;
use sip::endpoint::{
    Body, Config, Endpoint, Event, Flow, Invite, LegId, Registration, RegistrationId, Reply, Target,
    Transport,
};
use sip::io::{Host, Network};
use sip::message::{Method, Stored, Uri};
use sip::rtp::{Packet, Receiver, Sender, StreamReport, g711};
use sip::sdp::{Codec, Direction, Local, Session};
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// Samples of 20 ms.
const FRAME: usize = 160;
/// Samples kept of what a phone hears: half a second.
const KEPT: usize = 4_000;
/// How often an idle phone asks whether its system still has it.
const POLL: Duration = Duration::from_millis(500);
/// Longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(90);

/// A phone.
pub(crate) struct Phone {
    pub(crate) number: String,
    tone_hz: f64,
    registration: RegistrationId,
    /// Which of the systems it asks.
    asks: usize,
    asked_at: Instant,
    /// Where it is registered, and since when.
    pub(crate) registered: Option<(usize, Instant)>,
    rtp: UdpSocket,
    sender: Sender,
    said: usize,
    leg: Option<LegId>,
    remote: Option<SocketAddr>,
    receiver: Receiver,
    heard: VecDeque<i16>,
}

impl Phone {
    /// What has come of the other side's speech since the call began.
    pub(crate) fn report(&self) -> StreamReport {
        self.receiver.report()
    }

    /// Whether it is in a call with speech.
    pub(crate) fn talks(&self) -> bool {
        self.remote.is_some()
    }

    /// Whether it sends its speech straight to another phone.
    pub(crate) fn speaks_with(&self, other: &Self) -> bool {
        self.remote.is_some() && self.remote == other.rtp.local_addr().ok()
    }

    /// How loud a tone is in the last half second that it heard: amplitude, 0 for what is not there.
    pub(crate) fn hears(&self, hz: f64) -> f64 {
        if self.heard.len() < KEPT {
            return 0.0;
        }
        let turn = |n: usize| std::f64::consts::TAU * hz * n as f64 / 8_000.0;
        let sum = |wave: fn(f64) -> f64| -> f64 {
            self.heard.iter().enumerate().map(|(n, &s)| f64::from(s) * wave(turn(n))).sum()
        };
        sum(f64::cos).hypot(sum(f64::sin)) * 2.0 / KEPT as f64
    }

    fn local(&self) -> Local<'static> {
        let rtp = self.rtp.local_addr().expect("bound");
        let direction = Direction::SendRecv;
        Local { rtp, codecs: &[Codec::Pcma], direction, ptime_ms: 20, session_id: 1, version: 1 }
    }

    fn begins(&mut self, remote: Option<SocketAddr>) {
        self.remote = remote;
    }

    fn ends(&mut self) {
        (self.leg, self.remote) = (None, None);
        self.receiver = Receiver::new(8_000);
        self.heard.clear();
    }

    fn speak(&mut self) {
        let Some(remote) = self.remote else { return };
        let turn = std::f64::consts::TAU * self.tone_hz / 8_000.0;
        let sample = |n: usize| ((n as f64 * turn).sin() * 6_000.0) as i16;
        let coded: Vec<u8> = (self.said..self.said + FRAME).map(|n| g711::to_alaw(sample(n))).collect();
        self.said += FRAME;
        let mut packet = Vec::new();
        self.sender.packet(8, FRAME as u32, &coded, &mut packet);
        // Whoever is no longer there does not hear it.
        let _ = self.rtp.send_to(&packet, remote);
    }

    fn listen(&mut self, now: Instant) {
        let mut buffer = [0; 1_500];
        loop {
            match self.rtp.recv_from(&mut buffer) {
                Ok((length, _)) => {
                    let Some(packet) = Packet::parse(&buffer[..length]) else { continue };
                    self.receiver.receive(now, &packet);
                    self.heard.extend(packet.payload.iter().map(|&code| g711::from_alaw(code)));
                    let excess = self.heard.len().saturating_sub(KEPT);
                    self.heard.drain(..excess);
                }
                // Nobody listened where the last packet was sent.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(_) => return,
            }
        }
    }
}

/// All phones of a test.
pub(crate) struct Phones {
    host: Host,
    at: SocketAddr,
    /// The systems, in the order in which phones look for them, which differs by phone.
    systems: Vec<SocketAddr>,
    domain: String,
    password: String,
    pub(crate) phones: Vec<Phone>,
    spoke_at: Instant,
    /// Whether idle phones ask again and again.
    pub(crate) polls: bool,
}

impl Phones {
    /// No phones yet; they speak SIP over TCP with systems at these ports.
    pub(crate) fn new(systems: &[u16], domain: &str, password: &str) -> Self {
        let mut network = Network::new().expect("a poll");
        let at = network.listen(loopback(0), None).expect("a port");
        let config = Config::new(u64::from(at.port()), at);
        let host = Host::new(network, Endpoint::new(config));
        let systems = systems.iter().map(|&port| loopback(port)).collect();
        let (domain, password) = (domain.to_owned(), password.to_owned());
        Self {
            host,
            at,
            systems,
            domain,
            password,
            phones: Vec::new(),
            spoke_at: Instant::ZERO,
            polls: false,
        }
    }

    fn flow(&self, system: usize) -> Flow {
        Flow { transport: Transport::Tcp, channel: 0, remote: self.systems[system] }
    }

    fn credentials(&self, number: &str) -> sip::endpoint::SharedCredentials {
        Credentials { user: number.to_owned(), password: self.password.clone() }.into()
    }

    fn address(&self, number: &str) -> String {
        format!("<sip:{number}@{}>", self.domain)
    }

    /// Phones that each speak a tone in calls, and are registered with the first system.
    #[track_caller]
    pub(crate) fn add_all(&mut self, tones: &[(&str, f64)]) {
        for &(number, hz) in tones {
            self.add(number, hz, 0);
        }
        self.are_registered();
    }

    #[track_caller]
    pub(crate) fn are_registered(&mut self) {
        self.until("all are registered", |p| p.phones.iter().all(|phone| phone.registered.is_some()));
    }

    /// A phone that speaks a tone in calls, and has this system as its home.
    pub(crate) fn add(&mut self, number: &str, tone_hz: f64, home: usize) -> usize {
        let registration = Registration {
            flow: self.flow(home),
            registrar: format!("sip:{}", self.domain),
            address: self.address(number),
            contact: format!("<sip:{number}@{};transport=tcp>", self.at),
            expires: engine::time::Duration::from_secs(600),
            credentials: Some(self.credentials(number)),
        };
        let now = self.host.now();
        let registration = self.host.endpoint.register(now, registration).expect("there is room");
        let rtp = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        rtp.set_nonblocking(true).expect("a socket");
        self.phones.push(Phone {
            number: number.to_owned(),
            tone_hz,
            registration,
            asks: home,
            asked_at: now,
            registered: None,
            rtp,
            sender: Sender::new(self.phones.len() as u32 + 1, 0, 0),
            said: 0,
            leg: None,
            remote: None,
            receiver: Receiver::new(8_000),
            heard: VecDeque::new(),
        });
        self.phones.len() - 1
    }

    pub(crate) fn named(&self, number: &str) -> &Phone {
        &self.phones[self.place(number)]
    }

    fn place(&self, number: &str) -> usize {
        self.phones.iter().position(|phone| phone.number == number).expect("a phone of the test")
    }

    /// A phone calls a number; it and whoever answers talk until one hangs up.
    pub(crate) fn call(&mut self, from: &str, to: &str) {
        let place = self.place(from);
        let (flow, address, now) = (self.flow(self.phones[place].asks), self.address(from), self.host.now());
        let (uri, contact) =
            (format!("sip:{to}@{}", self.domain), format!("<sip:{from}@{};transport=tcp>", self.at));
        let (offer, to) = (self.phones[place].local().offer(), format!("<{uri}>"));
        let target = Target { flow, uri: &uri, from: &address, to: &to, contact: Some(&contact) };
        let body = Some(Body::sdp(offer.as_bytes()));
        let invite = Invite { target, headers: &[], body, credentials: Some(self.credentials(from)) };
        self.phones[place].ends();
        self.phones[place].leg = Some(self.host.endpoint.invite(now, &invite).expect("there is room"));
    }

    /// A phone calls a number, and again when nobody was there, until what it hears is right.
    #[track_caller]
    pub(crate) fn call_until_heard(&mut self, from: &str, to: &str, is_so: impl Fn(&Self) -> bool) {
        let began = std::time::Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "{to} is not heard within {PATIENCE:?}");
            if self.named(from).leg.is_none() {
                self.call(from, to);
            }
            self.turn();
        }
    }

    /// A phone hangs up, whether anybody hears of it or not.
    pub(crate) fn hang_up(&mut self, number: &str) {
        let (place, now) = (self.place(number), self.host.now());
        if let Some(leg) = self.phones[place].leg {
            // A leg that has just ended is as good.
            let _ = self.host.endpoint.hang_up(now, leg, &[]);
        }
        self.phones[place].ends();
    }

    /// Lets time pass until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) -> Instant {
        self.until_within(PATIENCE, what, is_so)
    }

    /// The same with another patience.
    #[track_caller]
    pub(crate) fn until_within(
        &mut self,
        patience: Duration,
        what: &str,
        is_so: impl Fn(&Self) -> bool,
    ) -> Instant {
        let began = std::time::Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < patience, "{what}: not within {patience:?}");
            self.turn();
        }
        self.host.now()
    }

    fn turn(&mut self) {
        let mut events = Vec::new();
        let taken = self.host.turn(Duration::from_millis(5), |_, _, event| events.push(event));
        taken.expect("a poll");
        for event in events {
            self.take(event);
        }
        let now = self.host.now();
        for phone in &mut self.phones {
            phone.listen(now);
        }
        if now.since(self.spoke_at) >= engine::time::Duration::from_millis(20) {
            self.spoke_at = now;
            self.phones.iter_mut().for_each(Phone::speak);
        }
        if self.polls {
            self.ask_again(now);
        }
    }

    /// Idle phones ask whether they are still registered, and ask the other system if they were refused or nobody answered.
    fn ask_again(&mut self, now: Instant) {
        for place in 0..self.phones.len() {
            let phone = &self.phones[place];
            if phone.leg.is_some() || now.since(phone.asked_at) < POLL.into_engine() {
                continue;
            }
            self.ask(now, place, self.phones[place].asks);
        }
    }

    fn ask(&mut self, now: Instant, place: usize, system: usize) {
        let (flow, registrar) = (self.flow(system), format!("sip:{}", self.domain));
        let phone = &mut self.phones[place];
        (phone.asks, phone.asked_at) = (system, now);
        let moved = self.host.endpoint.move_registration(now, phone.registration, flow, &registrar);
        moved.expect("its registration is kept");
    }

    fn take(&mut self, event: Event) {
        let now = self.host.now();
        match event {
            Event::Registered { registration, .. } => self.registered(now, registration),
            Event::Unregistered { registration, .. } => {
                let place = self.phones.iter().position(|phone| phone.registration == registration);
                let Some(place) = place else { return };
                let phone = &mut self.phones[place];
                phone.registered = None;
                // With the next poll.
                phone.asks = (phone.asks + 1) % self.systems.len();
            }
            Event::Invited { leg, message, .. } => self.rings(now, leg, &message),
            Event::Answered { leg, message } => {
                let remote = remote(&message);
                if let Some(phone) = self.phones.iter_mut().find(|phone| phone.leg == Some(leg)) {
                    phone.begins(remote);
                }
            }
            Event::Refused { leg, .. } | Event::Ended { leg, .. } => {
                if let Some(phone) = self.phones.iter_mut().find(|phone| phone.leg == Some(leg)) {
                    phone.ends();
                }
            }
            Event::Request { incoming, leg, method, message, .. } => {
                self.asked(now, (incoming, leg), method, &message);
            }
            // The answer to an offer that it made when it was asked for one.
            Event::Acknowledged { leg, message } => {
                let phone = self.phones.iter_mut().find(|phone| phone.leg == Some(leg));
                if let (Some(phone), Some(remote)) = (phone, remote(&message)) {
                    phone.begins(Some(remote));
                }
            }
            Event::Trying { .. }
            | Event::Progress { .. }
            | Event::Confirmed { .. }
            | Event::Response { .. }
            | Event::RefreshDue { .. }
            | Event::Peer { .. } => {}
        }
    }

    fn registered(&mut self, now: Instant, registration: RegistrationId) {
        let Some(phone) = self.phones.iter_mut().find(|phone| phone.registration == registration) else {
            return;
        };
        if phone.registered.is_none_or(|(at, _)| at != phone.asks) {
            phone.registered = Some((phone.asks, now));
        }
    }

    fn rings(&mut self, now: Instant, leg: LegId, invite: &Stored) {
        let message = invite.message();
        let number = Uri::parse(message.uri_bytes()).and_then(|uri| Some(uri.user_str()?.into_owned()));
        let free = self.phones.iter_mut().find(|p| p.leg.is_none() && Some(&p.number) == number.as_ref());
        let Some(phone) = free else {
            let refused = self.host.endpoint.reject(now, leg, &Reply::new(486));
            return refused.expect("the leg has just come");
        };
        phone.ends();
        phone.leg = Some(leg);
        phone.begins(remote(invite));
        let answer = answer(phone, invite);
        let answered = self.host.endpoint.answer(now, leg, &Reply::sdp(200, answer.as_bytes()));
        answered.expect("the leg has just come");
    }

    /// A re-INVITE moves speech elsewhere; a NOTIFY sends the phone home, as check-sync does.
    fn asked(
        &mut self,
        now: Instant,
        (incoming, leg): (sip::endpoint::IncomingId, Option<LegId>),
        method: Method,
        message: &Stored,
    ) {
        let phone = leg.and_then(|leg| self.phones.iter_mut().find(|phone| phone.leg == Some(leg)));
        let responded = match (method, phone) {
            (Method::Invite | Method::Update, Some(phone)) => {
                if let Some(remote) = remote(message) {
                    phone.begins(Some(remote));
                }
                let answer = answer(phone, message);
                self.host.endpoint.respond(now, incoming, &Reply::sdp(200, answer.as_bytes()))
            }
            (Method::Notify, None) => {
                let message = message.message();
                let number =
                    Uri::parse(message.uri_bytes()).and_then(|uri| Some(uri.user_str()?.into_owned()));
                let responded = self.host.endpoint.respond(now, incoming, &Reply::new(200));
                if let Some(place) = self.phones.iter().position(|p| Some(&p.number) == number.as_ref()) {
                    self.ask(now, place, 0);
                }
                responded
            }
            _ => self.host.endpoint.respond(now, incoming, &Reply::new(501)),
        };
        // Whoever asked may have gone.
        let _ = responded;
    }

    /// Now, on the phones' clock.
    pub(crate) fn now(&self) -> Instant {
        self.host.now()
    }
}

fn remote(message: &Stored) -> Option<SocketAddr> {
    let message = message.message();
    Session::parse(message.body()).ok()?.audio()?.rtp()
}

fn answer(phone: &Phone, offer: &Stored) -> String {
    let local = phone.local();
    let message = offer.message();
    let answer = Session::parse(message.body()).ok().and_then(|offer| local.answer(&offer).ok());
    answer.map_or_else(|| local.offer(), |(answer, _)| answer)
}

/// A time of the machine as the engine counts it.
trait IntoEngine {
    fn into_engine(self) -> engine::time::Duration;
}

impl IntoEngine for Duration {
    fn into_engine(self) -> engine::time::Duration {
        engine::time::Duration::from_nanos(self.as_nanos() as u64)
    }
}
