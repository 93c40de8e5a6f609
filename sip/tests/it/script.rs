//! A text as a conversation with an endpoint, for the fuzzer and for its corpus. Parts are separated by lines of `%%`.
//!
//! A part that begins with `@` is a command: `@wait MS`, `@ring`, `@answer`, `@reject`, `@bye`, `@invite`, `@respond`.
//! Any other part is a message that arrives; its lines get CRLF, and `$TAG`, `$BRANCH`, `$CALL`, `$CSEQ` stand for
//! what the last message of the endpoint had.

use engine::time::{Duration, Instant};
use sip::endpoint::{
    Body, Config, Endpoint, Event, Flow, IncomingId, Input, Invite, LegId, Output, Provisional, Reply, Target,
};
use sip::message::{Header, Message, NameAddr, Via};

struct Talk {
    endpoint: Endpoint,
    now: Instant,
    leg: Option<LegId>,
    incoming: Option<IncomingId>,
    tag: String,
    branch: String,
    call: String,
    cseq: String,
    sent: usize,
}

const FLOW: &str = "192.0.2.99:5060";

/// Plays a text; how many messages the endpoint has sent. Whatever comes, nothing may be left once all timers have
/// run, but calls that nobody has ended.
pub(crate) fn play(text: &[u8]) -> usize {
    let mut config = Config::new(1, "192.0.2.1:5060".parse().expect("an address"));
    config.max_transactions = 8;
    config.max_legs = 3;
    config.session_timer = Some(sip::endpoint::SessionTimer::RECOMMENDED);
    let mut talk = Talk {
        endpoint: Endpoint::new(config),
        now: Instant::ZERO,
        leg: None,
        incoming: None,
        tag: String::new(),
        branch: String::new(),
        call: String::new(),
        cseq: String::new(),
        sent: 0,
    };
    let text = String::from_utf8_lossy(text);
    for part in text.split("%%\n").take(32) {
        match part.strip_prefix('@') {
            Some(command) => talk.command(command),
            None => talk.arrives(part),
        }
        talk.drain();
        let usage = talk.endpoint.usage();
        assert!(usage.clients + usage.servers <= 8 && usage.legs <= 3, "{usage:?}");
    }
    talk.wait(600_000);
    let usage = talk.endpoint.usage();
    assert!(usage.clients <= 8 && usage.legs <= 3);
    talk.sent
}

impl Talk {
    fn arrives(&mut self, part: &str) {
        let message = part
            .replace('\n', "\r\n")
            .replace("$TAG", &self.tag)
            .replace("$BRANCH", &self.branch)
            .replace("$CALL", &self.call)
            .replace("$CSEQ", &self.cseq);
        let flow = Flow::udp(FLOW.parse().expect("an address"));
        self.endpoint.handle(self.now, Input::Received { flow, bytes: message.as_bytes() });
    }

    /// Commands may be refused: the script need not make sense.
    fn command(&mut self, command: &str) {
        let mut words = command.split_ascii_whitespace();
        let (word, number) = (words.next().unwrap_or_default(), words.next().and_then(|n| n.parse().ok()));
        let (now, endpoint) = (self.now, &mut self.endpoint);
        let sdp = Body::sdp(b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\n");
        let reply = Reply { body: Some(sdp), ..Reply::new(number.unwrap_or(200).min(699) as u16) };
        // A refusal is as good as obedience here.
        let _obeyed: bool = match (word, self.leg, self.incoming) {
            ("wait", ..) => {
                self.wait(number.unwrap_or(0).min(1_000_000));
                true
            }
            ("invite", ..) => {
                let flow = Flow::udp(FLOW.parse().expect("an address"));
                let (uri, from) = ("sip:x@192.0.2.99", "<sip:y@192.0.2.1>");
                let target = Target { flow, uri, from, to: "<sip:x@192.0.2.99>", contact: Some(from) };
                let body = (number != Some(0)).then_some(sdp);
                let invite = Invite { target, headers: &[], body, credentials: None };
                self.leg = endpoint.invite(now, &invite).ok().or(self.leg);
                true
            }
            ("ring", Some(leg), _) => endpoint.ring(now, leg, &reply, Provisional::Reliable).is_ok(),
            ("answer", Some(leg), _) => endpoint.answer(now, leg, &reply).is_ok(),
            ("reject", Some(leg), _) => endpoint.reject(now, leg, &reply).is_ok(),
            ("ack", Some(leg), _) => endpoint.acknowledge(now, leg, Some(sdp)).is_ok(),
            ("bye", Some(leg), _) => endpoint.hang_up(now, leg, &[]).is_ok(),
            ("reinvite", Some(leg), _) => {
                endpoint.request(now, leg, sip::message::Method::Invite, &[], Some(sdp)).is_ok()
            }
            ("respond", _, Some(incoming)) => endpoint.respond(now, incoming, &reply).is_ok(),
            _ => false,
        };
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some((at, _)) = self.endpoint.poll_timeout().filter(|&(at, _)| at <= end) {
            self.now = self.now.max(at);
            self.endpoint.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { bytes, .. } => self.note(&bytes),
                Output::Event(Event::Invited { leg, .. }) => self.leg = Some(leg),
                Output::Event(Event::Request { incoming, .. }) => self.incoming = Some(incoming),
                Output::Event(_) => {}
            }
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.sent += 1;
        let message = Message::parse(bytes).expect("what the endpoint sends is SIP");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let own = if message.method().is_some() { Header::From } else { Header::To };
        if let Some(address) = message.header(own).and_then(NameAddr::parse) {
            self.tag = text(address.tag());
        }
        if let Some(via) = message.header(Header::Via).and_then(Via::parse) {
            self.branch = text(via.branch());
        }
        self.call = message.header(Header::CallId).map(text).unwrap_or_default();
        self.cseq = message.header(Header::CSeq).map(text).unwrap_or_default();
    }
}
