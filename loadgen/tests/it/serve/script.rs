//! A text as what phones, carriers and strangers send to a server, for the fuzzer and for its corpus. Parts are separated by lines of
//! `%%`.
//!
//! A part that begins with `@` is a command: `@wait MS`, `@register` (the phone of 1201), `@from carrier|out|phone|stranger` (who
//! sends what follows), `@line` (what follows in this part is a word on the IP Office line, in hexadecimal), `@digit N` (heard on
//! port N), `@drain`. Any other part is a message that arrives; its lines get CRLF, and `$TAG`, `$BRANCH`, `$CALL`, `$CSEQ` stand for
//! what the last message of the server had.

use engine::id::{ConferenceId, LineId};
use engine::plan::spec::TimeOfWeek;
use engine::time::{Duration, Instant};
use loadgen::serve::{Action, Core, Media, Port, PortId, Program, Remote, Setup};
use loadgen::text::Problems;
use sip::auth::{Challenge, Credentials, Signed};
use sip::endpoint::{Flow, Input};
use sip::message::{Header, Message, NameAddr, Via};
use std::net::SocketAddr;
use std::sync::OnceLock;

const SOLUTION: &str = r#"
[solution]
name = "office"
edition = "select"
trunk_to_trunk = true
[[system]]
name = "office"
role = "primary"
platform = "ova"
[[system]]
name = "other"
role = "secondary"
platform = "ova"
[[sip]]
system = "office"
at = "192.0.2.1:5060"
digest = ["md5"]
[[ip_office_line]]
between = ["office", "other"]
channels = 2
[[line]]
system = "office"
number = 21
kind = "sip"
channels = 3
outgoing_group = 21
far_end = "192.0.2.50:5060"
options_interval = "off"
[[line]]
system = "office"
number = 22
kind = "sip"
channels = 3
outgoing_group = 22
far_end = "192.0.2.51:5060"
options_interval = "off"
[[incoming_call_route]]
destination = "."
[[short_code]]
code = "9N;"
feature = "dial-emergency"
telephone_number = "N"
line_group = 22
[[short_code]]
code = "*88"
feature = "conference-meet-me"
telephone_number = "9000"
[[users]]
system = "office"
extensions = "1201-1203"
password = "secret"
[[users]]
system = "other"
extensions = "1301-1303"
[[hunt_group]]
system = "office"
extension = "1300"
name = "sales"
members = "1201-1203"
ring_mode = "collective"
"#;

struct Ports(u32);

impl Media for Ports {
    fn open(&mut self) -> Option<Port> {
        self.0 += 1;
        let at = SocketAddr::from(([192, 0, 2, 1], 20_000 + 2 * self.0 as u16));
        (self.0 < 64).then_some(Port { id: PortId(self.0), at })
    }
    fn remote(&mut self, _: PortId, _: Remote) {}
    fn play(&mut self, _: PortId, _: Program) {}
    fn beep(&mut self, _: ConferenceId, _: engine::Beep) {}
    fn close(&mut self, _: PortId) {}
}

struct Talk {
    core: Core,
    now: Instant,
    from: SocketAddr,
    challenge: Option<Challenge>,
    tag: String,
    branch: String,
    call: String,
    cseq: String,
    registrations: u32,
    sent: usize,
}

fn setup() -> Setup {
    static SETUP: OnceLock<Setup> = OnceLock::new();
    let made = SETUP.get_or_init(|| {
        let solution = loadgen::solution::from_str("solution.toml", SOLUTION, &mut Problems::new());
        let solution = solution.expect("it validates");
        Setup::new(&solution, "office", TimeOfWeek::MONDAY_NINE, 1).expect("it can be served")
    });
    made.clone()
}

fn place(name: &str) -> SocketAddr {
    SocketAddr::from((
        match name {
            "carrier" => [192, 0, 2, 50],
            "out" => [192, 0, 2, 51],
            "phone" => [192, 0, 2, 21],
            _ => [203, 0, 113, 9],
        },
        5060,
    ))
}

/// Plays a text; how many messages the server has sent. Whatever comes, the engine's books must balance after each part.
pub(crate) fn play(text: &[u8]) -> usize {
    let now = Instant::ZERO;
    let mut talk = Talk {
        core: Core::new(setup(), Box::new(Ports(0)), now, 1),
        now,
        from: place("carrier"),
        challenge: None,
        tag: String::new(),
        branch: String::new(),
        call: String::new(),
        cseq: String::new(),
        registrations: 0,
        sent: 0,
    };
    let text = String::from_utf8_lossy(text);
    for part in text.split("%%\n").take(32) {
        match part.strip_prefix('@') {
            Some(command) => talk.command(command),
            None => talk.arrives(part),
        }
        talk.drain();
        let faults = talk.core.system().invariants();
        assert!(faults.is_ok(), "{faults:?}");
    }
    talk.wait(40_000);
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
        self.receive(message.as_bytes());
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.core.receive(self.now, Input::Received { flow: Flow::udp(self.from), bytes });
        self.drain();
    }

    fn command(&mut self, command: &str) {
        let mut words = command.split_ascii_whitespace();
        let (word, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let number = rest.parse::<u64>().unwrap_or_default();
        match word {
            "wait" => self.wait(number.min(400_000)),
            "from" => self.from = place(rest),
            "register" => self.register(),
            "line" => {
                let digits: Vec<u8> =
                    rest.bytes().filter_map(|b| (b as char).to_digit(16).map(|d| d as u8)).collect();
                let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
                self.core.line_says(self.now, LineId(0), &bytes);
            }
            "digit" => self.core.heard(self.now, PortId(number as u32), b'#'),
            "drain" => self.core.drain(),
            _ => {}
        }
    }

    /// The phone of 1201 registers, with the password that it is asked for.
    fn register(&mut self) {
        let before = std::mem::replace(&mut self.from, place("phone"));
        for _ in 0..2 {
            self.registrations += 1;
            let n = self.registrations;
            let uri = "sip:192.0.2.1";
            let signed = Signed { method: "REGISTER", uri, body: b"" };
            let who = Credentials { user: "1201".to_owned(), password: "secret".to_owned() };
            let authorization = self.challenge.take().map_or_else(String::new, |challenge| {
                format!("Authorization: {}\r\n", challenge.answer(&signed, &who, "c", 1))
            });
            let message = format!(
                "REGISTER {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKr{n}\r\nFrom: <sip:1201@192.0.2.1>;tag=1\r\n\
                 To: <sip:1201@192.0.2.1>\r\nCall-ID: r\r\nCSeq: {n} REGISTER\r\nContact: <sip:1201@192.0.2.21:5060>\r\n\
                 {authorization}Content-Length: 0\r\n\r\n"
            );
            self.receive(message.as_bytes());
        }
        self.from = before;
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.core.poll_timeout().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.core.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(action) = self.core.poll_action() {
            match action {
                Action::Send { bytes, .. } => self.note(&bytes),
                Action::Line { .. } | Action::Record(_) => {}
            }
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.sent += 1;
        let message = Message::parse(bytes).expect("what the server sends is SIP");
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
        self.challenge =
            message.header(Header::WwwAuthenticate).and_then(|v| Challenge::choose([v].into_iter()));
    }
}
