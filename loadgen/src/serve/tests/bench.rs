//! A server and its phones and trunks in virtual time: no sockets, every message delivered at once.

use super::super::media::{Media, Port, PortId, Program, Remote};
use super::super::{Action, Core, Setup};
use crate::solution;
use crate::text::{Problems, Style};
use engine::Beep;
use engine::id::ConferenceId;
use engine::plan::spec::TimeOfWeek;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use sip::Endpoint;
use sip::auth::Credentials;
use sip::endpoint::{
    Body, Config, Event, Flow, IncomingId, Input, Invite, LegId, Output, Provisional, Registration, Reply,
    Target, Transport,
};
use sip::message::{Header, Message, Method, Stored};
use sip::sdp::{Codec, Direction, Local, Session};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

pub(super) const SERVER: &str = "192.0.2.1:5060";

/// What the server wanted of whoever carries speech.
#[derive(Clone, Default)]
pub(super) struct Orders(Arc<Mutex<Vec<String>>>);

impl Orders {
    fn note(&self, text: String) {
        self.0.lock().expect("no test panics with it").push(text);
    }

    /// Orders since they were last asked for.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no test panics with it"))
    }
}

/// Carries no speech, but has ports from 20000 on.
struct Ports {
    orders: Orders,
    next: u32,
}

impl Media for Ports {
    fn open(&mut self) -> Option<Port> {
        let id = PortId(self.next);
        self.next += 1;
        let at = SocketAddr::new("192.0.2.1".parse().ok()?, 20_000 + 2 * id.0 as u16);
        Some(Port { id, at })
    }

    fn remote(&mut self, port: PortId, remote: Remote) {
        let to = remote.rtp.map_or_else(|| "nowhere".to_owned(), |rtp| rtp.to_string());
        let says = remote.format.map_or("", |_| ", and is spoken to");
        self.orders.note(format!("{} to {to}{says}", port.0));
    }

    fn play(&mut self, port: PortId, program: Program) {
        self.orders.note(format!("{} {program:?}", port.0));
    }

    fn beep(&mut self, conference: ConferenceId, beep: Beep) {
        self.orders.note(format!("conference {} {beep:?}", conference.0));
    }

    fn close(&mut self, port: PortId) {
        self.orders.note(format!("{} closed", port.0));
    }
}

/// A phone or the far end of a trunk.
pub(super) struct Party {
    pub(super) at: SocketAddr,
    pub(super) endpoint: Endpoint,
    /// The connection that it speaks over; `None`: UDP.
    pub(super) over: Option<u32>,
    /// What happened, in order.
    pub(super) heard: Vec<String>,
    /// The last leg that came or was made, and the last session description that came with it.
    pub(super) leg: Option<LegId>,
    pub(super) sdp: Option<Vec<u8>>,
    pub(super) last: Option<Stored>,
    open: Option<(IncomingId, Method)>,
    credentials: Option<Arc<Credentials>>,
    number: String,
}

impl Party {
    /// What it offers, or answers an offer with.
    pub(super) fn description(&self, direction: Direction, offer: Option<&[u8]>) -> Vec<u8> {
        let rtp = SocketAddr::new(self.at.ip(), self.at.port() + 1_000);
        let codecs = &[Codec::Pcma, Codec::TelephoneEvent];
        let local = Local { rtp, codecs, direction, ptime_ms: 20, session_id: 1, version: 1 };
        match offer {
            None => local.offer().into_bytes(),
            Some(offer) => {
                let session = Session::parse(offer).expect("the server's descriptions are well formed");
                local.answer(&session).expect("G.711 is spoken here").0.into_bytes()
            }
        }
    }

    /// Where its last peer wants its speech.
    pub(super) fn speaks_to(&self) -> Option<String> {
        let session = Session::parse(self.sdp.as_deref()?).ok()?;
        let audio = session.audio()?;
        Some(format!("{} {}", audio.rtp()?, audio.direction.as_str()))
    }

    fn hear(&mut self, event: Event) {
        let text = match event {
            Event::Invited { leg, message, .. } => {
                self.leg = Some(leg);
                self.note_message(message);
                "invited".to_owned()
            }
            Event::Trying { .. } => return,
            Event::Progress { message, .. } => {
                let status = message.message().status().unwrap_or_default();
                self.note_message(message);
                status.to_string()
            }
            Event::Answered { message, .. } => {
                self.note_message(message);
                "answered".to_owned()
            }
            Event::Refused { status, message, .. } => {
                self.leg = None;
                if let Some(message) = message {
                    self.note_message(message);
                }
                format!("refused {status}")
            }
            Event::Acknowledged { message, .. } => {
                self.note_message(message);
                "acknowledged".to_owned()
            }
            Event::Ended { why, .. } => {
                self.leg = None;
                format!("ended {why:?}")
            }
            Event::Confirmed { .. } => "confirmed".to_owned(),
            Event::Request { incoming, method, message, .. } => {
                self.open = Some((incoming, method));
                let said = sip::refer::sipfrag_status(message.message().body());
                self.note_message(message);
                said.map_or_else(|| method.to_string(), |status| format!("{method} {status}"))
            }
            Event::Response { status, message, .. } => {
                if let Some(message) = message {
                    self.note_message(message);
                }
                format!("response {status}")
            }
            Event::RefreshDue { .. } => "refresh due".to_owned(),
            Event::Registered { .. } => "registered".to_owned(),
            Event::Unregistered { status, .. } => format!("unregistered {status}"),
            Event::Peer { state, .. } => format!("{state:?}"),
        };
        self.heard.push(text);
    }

    fn note_message(&mut self, message: Stored) {
        if message.message().body_is("application/sdp") {
            self.sdp = Some(message.message().body().to_vec());
        }
        self.last = Some(message);
    }
}

/// Everything.
pub(super) struct Bench {
    pub(super) core: Core,
    pub(super) now: Instant,
    pub(super) parties: Vec<Party>,
    pub(super) orders: Orders,
    pub(super) records: Vec<SmdrRecord>,
    /// Messages on their way: from, to, bytes.
    wire: VecDeque<(SocketAddr, SocketAddr, Arc<[u8]>)>,
    /// Parties whose messages, to and from, are lost.
    pub(super) silent: Vec<usize>,
}

impl Bench {
    /// A server of this solution; the system is called "office".
    pub(super) fn new(text: &str) -> Self {
        let mut problems = Problems::new();
        let solution = solution::from_str("s.toml", text, &mut problems);
        let solution = solution.unwrap_or_else(|| panic!("{}", problems.render(Style::Plain)));
        let setup = Setup::new(&solution, "office", TimeOfWeek::MONDAY_NINE, 7).expect("it can be served");
        let orders = Orders::default();
        let media = Box::new(Ports { orders: orders.clone(), next: 0 });
        let core = Core::new(setup, media, Instant::ZERO, 1);
        let mut bench = Self {
            core,
            now: Instant::ZERO,
            parties: Vec::new(),
            orders,
            records: Vec::new(),
            wire: VecDeque::new(),
            silent: Vec::new(),
        };
        bench.settle();
        bench
    }

    /// A party with this number, at this address.
    pub(super) fn party(&mut self, number: &str, at: &str) -> usize {
        let at: SocketAddr = at.parse().expect("an address");
        let endpoint = Endpoint::new(Config::new(100 + self.parties.len() as u64, at));
        self.parties.push(Party {
            at,
            endpoint,
            over: None,
            heard: Vec::new(),
            leg: None,
            sdp: None,
            last: None,
            open: None,
            credentials: None,
            number: number.to_owned(),
        });
        self.parties.len() - 1
    }

    /// A phone of the user with this extension, registered from a port of that number.
    pub(super) fn phone(&mut self, extension: &str) -> usize {
        let phone = self.party(extension, &format!("192.0.2.100:{extension}"));
        self.register(phone, "secret");
        assert_eq!(self.heard(phone), ["registered"]);
        phone
    }

    pub(super) fn register(&mut self, party: usize, password: &str) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let credentials = Arc::new(Credentials { user: p.number.clone(), password: password.to_owned() });
        p.credentials = Some(Arc::clone(&credentials));
        let registration = Registration {
            flow: Flow::udp(server()),
            registrar: "sip:192.0.2.1".to_owned(),
            address: format!("<sip:{}@192.0.2.1>", p.number),
            contact: format!("<sip:{}@{}>", p.number, p.at),
            expires: Duration::from_secs(600),
            credentials: Some(credentials),
        };
        p.endpoint.register(now, registration).expect("room for one");
        self.settle();
    }

    /// A party calls a number, with an offer.
    pub(super) fn call(&mut self, party: usize, number: &str) {
        let offer = self.parties[party].description(Direction::SendRecv, None);
        self.call_with(party, number, Some(&offer), &[]);
    }

    /// The same with this password.
    pub(super) fn call_as(&mut self, party: usize, number: &str, password: &str) {
        let p = &mut self.parties[party];
        p.credentials = Some(Arc::new(Credentials { user: p.number.clone(), password: password.to_owned() }));
        self.call(party, number);
    }

    pub(super) fn call_with(
        &mut self,
        party: usize,
        number: &str,
        offer: Option<&[u8]>,
        headers: &[(Header, &str)],
    ) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let uri = format!("sip:{number}@{SERVER}");
        let (from, to) = (format!("<sip:{}@192.0.2.1>", p.number), format!("<{uri}>"));
        let contact = format!("<sip:{}@{}>", p.number, p.at);
        let flow = Flow::udp(server());
        let target = Target { flow, uri: &uri, from: &from, to: &to, contact: Some(&contact) };
        let body = offer.map(Body::sdp);
        let invite = Invite { target, headers, body, credentials: p.credentials.clone() };
        p.leg = Some(p.endpoint.invite(now, &invite).expect("room for one"));
        self.settle();
    }

    pub(super) fn ring(&mut self, party: usize) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let leg = p.leg.expect("a call has come");
        p.endpoint.ring(now, leg, &Reply::new(180), Provisional::Plain).expect("it rings");
        self.settle();
    }

    /// A party answers what has come: with an answer to the offer, or with an offer of its own.
    pub(super) fn answer(&mut self, party: usize) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let leg = p.leg.expect("a call has come");
        let invite = p.last.as_ref().expect("a call has come").message();
        let offer = (!invite.body().is_empty()).then(|| invite.body().to_vec());
        let sdp = p.description(Direction::SendRecv, offer.as_deref());
        p.endpoint.answer(now, leg, &Reply::sdp(200, &sdp)).expect("it rings");
        self.settle();
    }

    pub(super) fn reject(&mut self, party: usize, status: u16) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let leg = p.leg.expect("a call has come");
        p.endpoint.reject(now, leg, &Reply::new(status)).expect("it rings");
        p.leg = None;
        self.settle();
    }

    pub(super) fn hang_up(&mut self, party: usize) {
        let (now, p) = (self.now, &mut self.parties[party]);
        let leg = p.leg.take().expect("a call");
        p.endpoint.hang_up(now, leg, &[]).expect("a call");
        self.settle();
    }

    /// A party sends a request in its call.
    pub(super) fn request(
        &mut self,
        party: usize,
        leg: LegId,
        method: Method,
        headers: &[(Header, &str)],
        body: Option<Body<'_>>,
    ) {
        let (now, p) = (self.now, &mut self.parties[party]);
        p.endpoint.request(now, leg, method, headers, body).expect("a call");
        self.settle();
    }

    /// A party offers to change the direction of its speech.
    pub(super) fn reoffer(&mut self, party: usize, leg: LegId, direction: Direction) {
        let offer = self.parties[party].description(direction, None);
        self.request(party, leg, Method::Invite, &[], Some(Body::sdp(&offer)));
    }

    /// What a party has heard since it was last asked.
    pub(super) fn heard(&mut self, party: usize) -> Vec<String> {
        std::mem::take(&mut self.parties[party].heard)
    }

    /// Lets time pass, and everything happen that is due in it.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.settle();
            let due = self.parties.iter().filter_map(|p| p.endpoint.poll_timeout().map(|(at, _)| at));
            let next = due.chain(self.core.poll_timeout()).min().filter(|&at| at <= end);
            self.now = next.unwrap_or(end).max(self.now);
            let now = self.now;
            for p in &mut self.parties {
                p.endpoint.handle_timeout(now);
            }
            self.core.handle_timeout(now);
            self.settle();
            if next.is_none() {
                return;
            }
        }
    }

    /// Delivers messages until there are none. Requests in calls are answered at once.
    pub(super) fn settle(&mut self) {
        loop {
            self.collect();
            let Some((from, to, bytes)) = self.wire.pop_front() else { return };
            let at = |at: SocketAddr| self.parties.iter().position(|p| p.at == at);
            if [at(from), at(to)].into_iter().flatten().any(|party| self.silent.contains(&party)) {
                continue;
            }
            let over = self.parties.iter().find(|p| p.at == from).and_then(|p| p.over);
            let flow = over.map_or(Flow::udp(from), |channel| Flow {
                transport: Transport::Tcp,
                channel,
                remote: from,
            });
            let input = Input::Received { flow, bytes: &bytes };
            if to == server() {
                self.core.receive(self.now, input);
            } else if let Some(party) = self.parties.iter_mut().find(|p| p.at == to) {
                party.endpoint.handle(self.now, input);
            }
        }
    }

    fn collect(&mut self) {
        while let Some(action) = self.core.poll_action() {
            match action {
                Action::Send { flow, bytes } => self.wire.push_back((server(), flow.remote, bytes)),
                Action::Record(record) => self.records.push(*record),
                Action::Line { .. } => panic!("there is no IP Office line here"),
            }
        }
        let now = self.now;
        for p in &mut self.parties {
            while let Some(output) = p.endpoint.poll_output() {
                match output {
                    Output::Send { flow, bytes } => self.wire.push_back((p.at, flow.remote, bytes)),
                    Output::Event(event) => p.hear(event),
                }
            }
            // A re-INVITE is answered with what fits, everything else with 200.
            let Some((incoming, method)) = p.open.take() else { continue };
            let body = p.last.as_ref().map(|m| m.message().body().to_vec()).unwrap_or_default();
            let offer = (!body.is_empty()).then_some(body);
            let sdp = if matches!(method, Method::Invite | Method::Update) {
                p.description(Direction::SendRecv, offer.as_deref())
            } else {
                Vec::new()
            };
            let reply = if sdp.is_empty() { Reply::new(200) } else { Reply::sdp(200, &sdp) };
            p.endpoint.respond(now, incoming, &reply).expect("it has just come");
        }
    }

    /// Everything is over: no call, no leg, no port.
    #[track_caller]
    pub(super) fn assert_at_rest(&mut self) {
        self.pass(Duration::from_secs(40));
        assert_eq!(self.core.calls(), 0, "calls are left");
        assert_eq!(self.core.endpoint.usage().legs, 0, "legs are left");
        assert_eq!(self.core.system().calls_in_progress(), 0, "calls are left in the engine");
        assert_eq!(self.core.system().invariants(), Ok(()));
        assert!(self.core.is_at_rest(), "something is left behind");
        for p in &self.parties {
            assert_eq!(p.endpoint.usage().legs, 0, "{} has a leg", p.number);
        }
    }

    /// Sends bytes from somewhere.
    pub(super) fn send(&mut self, from: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
        let from: SocketAddr = from.parse().expect("an address");
        self.core.receive(self.now, Input::Received { flow: Flow::udp(from), bytes });
        let mut answers = Vec::new();
        while let Some(action) = self.core.poll_action() {
            if let Action::Send { bytes, .. } = action {
                answers.push(bytes.to_vec());
            }
        }
        answers
    }
}

pub(super) fn server() -> SocketAddr {
    SERVER.parse().expect("an address")
}

/// The status of a response.
pub(super) fn status(bytes: &[u8]) -> Option<u16> {
    Message::parse(bytes).ok()?.status()
}
