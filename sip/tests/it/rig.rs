//! Two endpoints on a virtual wire that loses what a test wants lost, and a record of all that went over it.

use engine::time::{Duration, Instant};
use sip::endpoint::{Config, Endpoint, Event, Flow, Input, Invite, LegId, Output, Target, Transport};
use sip::message::Message;
use std::net::SocketAddr;

pub(crate) const A: usize = 0;
pub(crate) const B: usize = 1;

type Lose = Box<dyn FnMut(usize, &Message<'_>) -> bool>;

/// Something that was sent: when in milliseconds, by whom, and its method or status code.
pub(crate) type Sent = (u64, usize, String);

pub(crate) struct Rig {
    pub(crate) ends: [Endpoint; 2],
    pub(crate) now: Instant,
    pub(crate) sent: Vec<Sent>,
    pub(crate) raw: Vec<Vec<u8>>,
    pub(crate) events: [Vec<Event>; 2],
    pub(crate) transport: Transport,
    lose: Lose,
}

pub(crate) fn address(who: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1 + who as u8], 5060))
}

pub(crate) const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n";

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl Fn(&mut Config)) -> Self {
        let end = |who| {
            let mut config = Config::new(who as u64 + 1, address(who));
            change(&mut config);
            Endpoint::new(config)
        };
        Self {
            ends: [end(A), end(B)],
            now: Instant::ZERO,
            sent: Vec::new(),
            raw: Vec::new(),
            events: [Vec::new(), Vec::new()],
            transport: Transport::Udp,
            lose: Box::new(|_, _| false),
        }
    }

    pub(crate) fn lose(&mut self, lose: impl FnMut(usize, &Message<'_>) -> bool + 'static) {
        self.lose = Box::new(lose);
    }

    pub(crate) fn lose_all(&mut self) {
        self.lose(|_, _| true);
    }

    pub(crate) fn lose_nothing(&mut self) {
        self.lose(|_, _| false);
    }

    pub(crate) fn flow_to(&self, who: usize) -> Flow {
        Flow { transport: self.transport, channel: 0, remote: address(who) }
    }

    pub(crate) fn target(&self) -> Target<'static> {
        Target {
            flow: self.flow_to(B),
            uri: "sip:201@192.0.2.2",
            from: "\"Extn202\" <sip:202@192.0.2.1>",
            to: "<sip:201@192.0.2.2>",
            contact: Some("<sip:202@192.0.2.1:5060>"),
        }
    }

    pub(crate) fn invite(&self) -> Invite<'static> {
        Invite {
            target: self.target(),
            headers: &[],
            body: Some(sip::endpoint::Body::sdp(SDP)),
            credentials: None,
        }
    }

    /// Carries everything until nobody has anything to say.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut quiet = true;
            for who in [A, B] {
                while let Some(output) = self.ends[who].poll_output() {
                    quiet = false;
                    match output {
                        Output::Event(event) => self.events[who].push(event),
                        Output::Send { flow, bytes } => self.carry(who, flow, &bytes),
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn carry(&mut self, from: usize, flow: Flow, bytes: &[u8]) {
        let message = Message::parse(bytes).expect("what an endpoint sends is SIP");
        message.check().expect("and is right");
        let what = match message.status() {
            Some(status) => status.to_string(),
            None => String::from_utf8_lossy(message.method_bytes()).into_owned(),
        };
        self.sent.push((self.now.as_nanos() / 1_000_000, from, what));
        self.raw.push(bytes.to_vec());
        let lost = (self.lose)(from, &message);
        let other = 1 - from;
        if !lost && flow.remote == address(other) {
            let flow = Flow { remote: address(from), ..flow };
            self.ends[other].handle(self.now, Input::Received { flow, bytes });
        }
    }

    /// Lets time pass up to `ms` milliseconds from the start.
    pub(crate) fn run_to(&mut self, ms: u64) {
        let end = Instant::ZERO + Duration::from_millis(ms);
        self.settle();
        loop {
            let due = self.ends.iter().filter_map(|e| e.poll_timeout()).map(|(at, _)| at).min();
            let Some(at) = due.filter(|&at| at <= end) else { break };
            self.now = self.now.max(at);
            for who in [A, B] {
                self.ends[who].handle_timeout(self.now);
            }
            self.settle();
        }
        self.now = end;
    }

    /// What `who` sent of this kind, in milliseconds.
    pub(crate) fn times(&self, who: usize, what: &str) -> Vec<u64> {
        self.sent.iter().filter(|s| s.1 == who && s.2 == what).map(|s| s.0).collect()
    }

    /// Everything sent since the last look, as `A INVITE`, `B 180`.
    pub(crate) fn dialogue(&mut self) -> Vec<String> {
        let sent = std::mem::take(&mut self.sent);
        sent.into_iter().map(|(_, who, what)| format!("{} {what}", ["A", "B"][who])).collect()
    }

    /// Sets a call up until B rings; both legs.
    pub(crate) fn ringing(&mut self) -> (LegId, LegId) {
        let leg = self.ends[A].invite(self.now, &self.invite()).expect("room");
        self.settle();
        let other = self.events[B]
            .iter()
            .rev()
            .find_map(|e| if let Event::Invited { leg, .. } = e { Some(*leg) } else { None })
            .expect("B was called");
        (leg, other)
    }

    /// Sets a call up; both legs.
    pub(crate) fn talking(&mut self) -> (LegId, LegId) {
        let (a, b) = self.ringing();
        self.ends[B].answer(self.now, b, &sip::endpoint::Reply::sdp(200, SDP)).expect("rings");
        self.settle();
        (a, b)
    }

    /// Nothing is left anywhere once all timers have run.
    pub(crate) fn assert_idle(&self) {
        for end in &self.ends {
            let u = end.usage();
            assert_eq!((u.clients, u.servers, u.legs, u.timers), (0, 0, 0, 0));
        }
    }
}
