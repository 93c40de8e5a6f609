//! What a served system keeps in memory of a live call and of a registered phone: counted, not estimated.

use engine::plan::spec::TimeOfWeek;
use engine::time::{Duration, Instant};
use loadgen::serve::{Action, Core, Media, Port, PortId, Program, Remote, Setup};
use loadgen::solution;
use loadgen::text::{Problems, Style};
use sip::auth::Credentials;
use sip::endpoint::{
    Body, Config, Endpoint, Event, Flow, Input, Invite, Output, Provisional, Registration, Reply, Target,
};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

/// Calls, and phones: enough that what is there once does not count.
const MANY: i64 = 1_000;
/// Most bytes of a live call and of a registered phone, the transactions of the last half minute included: a quarter and half of what is
/// promised, 16 and 4 KiB.
const MOST_A_CALL: i64 = 4 * 1_024;
const MOST_A_PHONE: i64 = 2 * 1_024;

const SERVER: &str = "192.0.2.1:5060";
const SDP: &str = "v=0\r\no=user1 53655765 2353687637 IN IP4 192.0.2.50\r\ns=-\r\nc=IN IP4 192.0.2.50\r\nt=0 0\r\n\
    m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

/// Whatever comes on line 1 leaves on line 2.
const SOLUTION: &str = r#"
[solution]
name = "two trunks"
edition = "select"
trunk_to_trunk = true
[[system]]
name = "office"
role = "primary"
platform = "r640"
[[sip]]
system = "office"
at = "192.0.2.1:5060"
digest = ["md5"]
[[line]]
system = "office"
number = 1
kind = "sip"
channels = 1000
outgoing_group = 1
far_end = "192.0.2.50:5060"
options_interval = "off"
[[line]]
system = "office"
number = 2
kind = "sip"
channels = 1000
outgoing_group = 2
far_end = "192.0.2.51:5060"
options_interval = "off"
[[incoming_call_route]]
destination = "."
[[short_code]]
code = "?"
feature = "dial"
telephone_number = "."
line_group = 2
[[users]]
system = "office"
extensions = "1000-1999"
password = "secret"
"#;

/// Carries nothing: speech goes past the system.
struct NoMedia;

impl Media for NoMedia {
    fn open(&mut self) -> Option<Port> {
        None
    }
    fn remote(&mut self, _: PortId, _: Remote) {}
    fn play(&mut self, _: PortId, _: Program) {}
    fn beep(&mut self, _: engine::id::ConferenceId, _: engine::Beep) {}
    fn close(&mut self, _: PortId) {}
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A served system, a caller and a callee; what the system holds of the heap is counted in `kept`.
struct Served {
    core: Core,
    ends: [(SocketAddr, Endpoint); 2],
    wire: VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>,
    now: Instant,
    kept: i64,
    answered: i64,
    registered: i64,
}

impl Served {
    fn new() -> Self {
        let mut problems = Problems::new();
        let solution = solution::from_str("s.toml", SOLUTION, &mut problems);
        let solution = solution.unwrap_or_else(|| panic!("{}", problems.render(Style::Plain)));
        let setup = Setup::new(&solution, "office", TimeOfWeek::MONDAY_NINE, 7).expect("it can be served");
        let ends = ["192.0.2.50:5060", "192.0.2.51:5060"].map(address);
        Self {
            core: Core::new(setup, Box::new(NoMedia), Instant::ZERO, 1),
            ends: ends.map(|at| (at, Endpoint::new(Config::new(u64::from(at.port()), at)))),
            wire: VecDeque::new(),
            now: Instant::ZERO,
            kept: 0,
            answered: 0,
            registered: 0,
        }
    }

    /// Lets the system do something, and takes what it wants sent.
    fn count(&mut self, step: impl FnOnce(&mut Core, Instant)) {
        let mut sent = Vec::new();
        let (core, now) = (&mut self.core, self.now);
        let used = allocation_counter::measure(|| step(core, now));
        self.kept += used.bytes_current;
        loop {
            let mut action = None;
            let used = allocation_counter::measure(|| action = core.poll_action());
            self.kept += used.bytes_current;
            let Some(action) = action else { break };
            if let Action::Send { flow, bytes } = &action {
                sent.push((address(SERVER), flow.remote, bytes.to_vec()));
            }
            // What was handed over is no longer the system's.
            let used = allocation_counter::measure(|| drop(action));
            self.kept += used.bytes_current;
        }
        self.wire.extend(sent);
    }

    fn settle(&mut self) {
        loop {
            for (at, end) in &mut self.ends {
                while let Some(output) = end.poll_output() {
                    match output {
                        Output::Send { flow, bytes } => {
                            self.wire.push_back((*at, flow.remote, bytes.to_vec()))
                        }
                        Output::Event(Event::Invited { leg, .. }) => {
                            end.ring(self.now, leg, &Reply::new(180), Provisional::Plain).expect("it rings");
                            end.answer(self.now, leg, &Reply::sdp(200, SDP.as_bytes())).expect("it rings");
                        }
                        Output::Event(Event::Answered { .. }) => self.answered += 1,
                        Output::Event(Event::Registered { .. }) => self.registered += 1,
                        Output::Event(_) => {}
                    }
                }
            }
            let Some((from, to, bytes)) = self.wire.pop_front() else { return };
            let input = Input::Received { flow: Flow::udp(from), bytes: &bytes };
            if to == address(SERVER) {
                self.count(|core, now| core.receive(now, input));
            } else if let Some((_, end)) = self.ends.iter_mut().find(|(at, _)| *at == to) {
                end.handle(self.now, input);
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.settle();
            let due = self.ends.iter().filter_map(|(_, end)| end.poll_timeout().map(|(at, _)| at));
            let next = due.chain(self.core.poll_timeout()).min().filter(|&at| at <= end);
            self.now = next.unwrap_or(end).max(self.now);
            for (_, end) in &mut self.ends {
                end.handle_timeout(self.now);
            }
            self.count(Core::handle_timeout);
            if next.is_none() {
                return self.settle();
            }
        }
    }

    fn call(&mut self) {
        let target = Target {
            flow: Flow::udp(address(SERVER)),
            uri: "sip:5551234@192.0.2.1:5060",
            from: "\"sipp\" <sip:sipp@192.0.2.50:5060>",
            to: "<sip:5551234@192.0.2.1:5060>",
            contact: Some("<sip:sipp@192.0.2.50:5060>"),
        };
        let body = Some(Body::sdp(SDP.as_bytes()));
        let invite = Invite { target, headers: &[], body, credentials: None };
        self.ends[0].1.invite(self.now, &invite).expect("there is room");
        self.pass(Duration::from_millis(5));
    }

    fn register(&mut self, extension: i64) {
        let credentials = Credentials { user: extension.to_string(), password: "secret".to_owned() };
        let registration = Registration {
            flow: Flow::udp(address(SERVER)),
            registrar: "sip:192.0.2.1".to_owned(),
            address: format!("<sip:{extension}@192.0.2.1>"),
            contact: format!("<sip:{extension}@192.0.2.50>"),
            expires: Duration::from_secs(600),
            credentials: Some(Arc::new(credentials)),
        };
        self.ends[0].1.register(self.now, registration).expect("there is room");
        self.pass(Duration::from_millis(5));
    }
}

#[test]
fn a_live_call_takes_less_than_4_kib_while_its_transactions_are_kept_and_less_afterwards() {
    let mut served = Served::new();
    let before = served.kept;
    (0..MANY).for_each(|_| served.call());
    assert_eq!((served.answered, served.core.calls()), (MANY, MANY as usize));
    let fresh = (served.kept - before) / MANY;
    served.pass(Duration::from_secs(40));
    let later = (served.kept - before) / MANY;
    println!("a live call: {fresh} bytes at first, {later} after half a minute");
    assert!(fresh < MOST_A_CALL && later <= fresh, "{fresh}, then {later}");
}

#[test]
fn a_registered_phone_takes_less_than_2_kib_while_its_transactions_are_kept_and_less_afterwards() {
    let mut served = Served::new();
    let before = served.kept;
    (1_000..1_000 + MANY).for_each(|extension| served.register(extension));
    assert_eq!(served.registered, MANY);
    let fresh = (served.kept - before) / MANY;
    served.pass(Duration::from_secs(40));
    let later = (served.kept - before) / MANY;
    println!("a registered phone: {fresh} bytes at first, {later} after half a minute");
    assert!(fresh < MOST_A_PHONE && later <= fresh, "{fresh}, then {later}");
}
