//! Builders for small networks, and a bench that runs whole systems through their public contract.

mod build;
mod network;
mod random;
mod words;

pub(crate) use build::{Build, compile, number, seconds, short_code, system};
pub(crate) use random::Random;
pub(crate) use words::name;

use build::compile_network;
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::{End, NetworkInput, NetworkMessage, NetworkOutput, PeerBody, PeerMessage};
use engine::plan::Plan;
use engine::plan::spec::{NetworkSpec, SystemSpec, TimeOfWeek};
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, MediaKind, Output, System};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message under way: to which system, on which of its lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnderWay {
    pub(crate) to: usize,
    pub(crate) line: LineId,
    pub(crate) message: PeerMessage,
}

/// What a bench asks about each message that leaves: whether it gets lost.
pub(crate) type Loss = Box<dyn FnMut(&UnderWay) -> bool>;

/// Whole systems, the wires between them, and one virtual time. Audits the system touched after every step.
///
/// What the systems say is kept as text, one line an output, with calls named by their tags: `3s A ring 201 #1`.
pub(crate) struct Bench {
    pub(crate) systems: Vec<System>,
    pub(crate) now: Instant,
    /// How long a message takes between systems.
    pub(crate) delay: Duration,
    pub(crate) lose: Loss,
    pub(crate) messages_lost: usize,
    /// Outputs since they were last taken, for tests that look at values.
    pub(crate) outputs: Vec<(usize, Output)>,
    said: Vec<String>,
    wires: BTreeMap<(Instant, u64), UnderWay>,
    /// Whether the next word about the network gets lost.
    pub(crate) lose_word: Box<dyn FnMut() -> bool>,
    /// Words about the network under way.
    words: BTreeMap<(Instant, u64), (usize, LineId, NetworkMessage)>,
    /// Whether anything gets from one system to another.
    pub(crate) cut: Box<dyn FnMut(usize, usize) -> bool>,
    sent: u64,
    /// Which call carries which tag, on each system; the latest last.
    calls: Vec<Vec<(CallId, Tag)>>,
    /// The latest set-up of each call on a trunk.
    attempts: BTreeMap<(usize, CallId), u16>,
}

impl Bench {
    pub(crate) fn new(systems: Vec<SystemSpec>) -> Self {
        Self::beginning_at(systems, TimeOfWeek::default())
    }

    /// A bench whose clock on the wall shows `begins_at` at the start.
    pub(crate) fn beginning_at(systems: Vec<SystemSpec>, begins_at: TimeOfWeek) -> Self {
        let plans = compile_network(&NetworkSpec { systems, begins_at });
        let systems: Vec<System> = plans.into_iter().map(System::new).collect();
        Self {
            now: Instant::ZERO,
            delay: Duration::ZERO,
            lose: Box::new(|_| false),
            lose_word: Box::new(|| false),
            messages_lost: 0,
            outputs: Vec::new(),
            said: Vec::new(),
            wires: BTreeMap::new(),
            words: BTreeMap::new(),
            cut: Box::new(|_, _| false),
            sent: 0,
            calls: systems.iter().map(|_| Vec::new()).collect(),
            attempts: BTreeMap::new(),
            systems,
        }
    }

    /// Everything said since it was last asked.
    pub(crate) fn said(&mut self) -> Vec<String> {
        self.outputs.clear();
        std::mem::take(&mut self.said)
    }

    /// Compares everything said since the last look with `expected`, one output a line.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &str) {
        let expected: Vec<String> =
            expected.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect();
        let said = self.said();
        assert_eq!(said, expected, "said:\n{}\n\nexpected:\n{}\n", said.join("\n"), expected.join("\n"));
    }

    /// Asserts that nothing is in progress anywhere: no call, timer, busy user, busy channel or message.
    #[track_caller]
    pub(crate) fn expect_idle(&self) {
        assert!(self.wires.is_empty(), "messages are still under way");
        for (n, system) in self.systems.iter().enumerate() {
            let plan = system.plan();
            assert_eq!(system.calls_in_progress(), 0, "{}: calls in progress: {system:#?}", name(n));
            assert_eq!(system.timers_armed(), 0, "{}: timers armed", name(n));
            assert_eq!(system.conference_usage().in_use(), 0, "{}: conference slots", name(n));
            assert_eq!(system.poll_timeout(), None, "{}: next timeout", name(n));
            for u in 0..plan.users().len() {
                assert!(system.is_idle(UserId(u as u32)), "{}: user {u} is not idle", name(n));
            }
            for (l, line) in plan.lines().iter().enumerate() {
                let free = system.free_channels(LineId(l as u16));
                assert_eq!(free, line.channels, "{}: free channels of line {l}", name(n));
            }
            for g in 0..plan.hunt_groups().len() {
                assert_eq!(system.hunt_group_usage(engine::id::HuntGroupId(g as u16)).in_use(), 0);
            }
            assert_eq!(system.voicemail_usage().in_use(), 0, "{}: voicemail channels", name(n));
            for kind in MediaKind::ALL {
                assert_eq!(system.media_usage(kind).in_use(), 0, "{}: {kind:?} media", name(n));
            }
        }
    }

    pub(crate) fn handle(&mut self, system: usize, input: Input) {
        self.systems[system].handle(self.now, input);
        self.drain(system);
    }

    pub(crate) fn replan(&mut self, system: usize, plan: Arc<Plan>) -> Result<(), Vec<&'static str>> {
        let done = self.systems[system].replan(self.now, plan);
        self.drain(system);
        done
    }

    pub(crate) fn dial(&mut self, from: &str, to: &str, tag: u64) {
        let (system, user) = self.find(from);
        self.handle(system, Input::Dial { user, number: number(to), tag: Tag(tag) });
    }

    /// Dials, and gives up at once: what was said in between, without times, systems, tags and the usual words about
    /// every call.
    pub(crate) fn attempt(&mut self, from: &str, to: &str) -> String {
        self.said.clear();
        let tag = 1_000 + self.sent + self.calls.iter().map(|c| c.len() as u64).sum::<u64>();
        self.dial(from, to, tag);
        self.pass(Duration::ZERO);
        let usual = ["accepted", "smdr", "alerting", "proceeding", "media changed", "to "];
        let words = self.said().into_iter().filter_map(|line| {
            let what = line.splitn(3, ' ').nth(2).expect("time, system, words").to_owned();
            let is_news = !usual.iter().any(|u| what.starts_with(u));
            is_news.then(|| what.replace(&format!(" #{tag}"), ""))
        });
        let words: Vec<String> = words.collect();
        let (system, user) = self.find(from);
        if !self.systems[system].is_idle(user) {
            self.hang_up(from, tag);
            self.pass(Duration::ZERO);
            self.said();
        }
        words.join(", ")
    }

    /// A user sets something by a short code.
    #[track_caller]
    pub(crate) fn set(&mut self, user: &str, code: &str) {
        assert_eq!(self.attempt(user, code), "released 16", "{user} dials {code}");
    }

    pub(crate) fn answer(&mut self, user: &str, tag: u64) {
        let (system, user) = self.find(user);
        let call = self.call(system, tag);
        self.handle(system, Input::Answer { user, call });
    }

    pub(crate) fn hang_up(&mut self, user: &str, tag: u64) {
        let (system, user) = self.find(user);
        let call = self.call(system, tag);
        self.handle(system, Input::HangUp { user, call });
    }

    pub(crate) fn hold(&mut self, user: &str, tag: u64) {
        let (system, user) = self.find(user);
        let call = self.call(system, tag);
        self.handle(system, Input::Hold { user, call });
    }

    pub(crate) fn retrieve(&mut self, user: &str, tag: u64) {
        let (system, user) = self.find(user);
        let call = self.call(system, tag);
        self.handle(system, Input::Retrieve { user, call });
    }

    pub(crate) fn transfer(&mut self, user: &str, held: u64, active: u64) {
        let (system, user) = self.find(user);
        let (held, active) = (self.call(system, held), self.call(system, active));
        self.handle(system, Input::Transfer { user, held, active });
    }

    pub(crate) fn trunk_setup(&mut self, system: usize, line: u16, called: &str, tag: u64) {
        let (called, calling) = (number(called), number("0700"));
        self.handle(
            system,
            Input::TrunkSetup {
                line: LineId(line),
                called,
                calling,
                tag: Tag(tag),
                facts: CallFacts::default(),
            },
        );
    }

    pub(crate) fn trunk_proceeding(&mut self, system: usize, tag: u64) {
        let call = self.call(system, tag);
        self.handle(system, Input::TrunkProceeding { call, attempt: self.attempt_of(system, call) });
    }

    pub(crate) fn trunk_alerting(&mut self, system: usize, tag: u64) {
        let call = self.call(system, tag);
        self.handle(system, Input::TrunkAlerting { call, attempt: self.attempt_of(system, call) });
    }

    pub(crate) fn trunk_answer(&mut self, system: usize, tag: u64) {
        let call = self.call(system, tag);
        self.handle(system, Input::TrunkAnswer { call, attempt: self.attempt_of(system, call) });
    }

    pub(crate) fn trunk_release(&mut self, system: usize, tag: u64, cause: u8) {
        let call = self.call(system, tag);
        let cause = Cause::new(cause).expect("a cause of Q.850");
        let attempt = self.attempt_of(system, call);
        self.handle(system, Input::TrunkRelease { call, attempt, cause });
    }

    /// Which set-up on a trunk the far end of a call speaks of: the latest, or 0 if the call came in.
    pub(crate) fn attempt_of(&self, system: usize, call: CallId) -> u16 {
        self.attempts.get(&(system, call)).copied().unwrap_or(0)
    }

    /// The latest call of `tag` on a system.
    #[track_caller]
    pub(crate) fn call(&self, system: usize, tag: u64) -> CallId {
        let found = self.calls[system].iter().rev().find(|(_, t)| t.0 == tag);
        found.unwrap_or_else(|| panic!("{} never spoke of #{tag}", name(system))).0
    }

    /// The call a system spoke of `back` calls before the latest, ended or not.
    pub(crate) fn latest_call(&self, system: usize, back: usize) -> Option<CallId> {
        self.calls[system].iter().rev().nth(back).map(|&(call, _)| call)
    }

    /// Every call a system ever spoke of, ended or not.
    pub(crate) fn all_calls(&self, system: usize) -> Vec<CallId> {
        self.calls[system].iter().map(|&(call, _)| call).collect()
    }

    /// The system and place of a user.
    pub(crate) fn find(&self, extension: &str) -> (usize, UserId) {
        let extension = number(extension);
        let on = |system: &System| system.plan().own_users().iter().position(|u| u.extension == extension);
        let found = self.systems.iter().enumerate().find_map(|(n, s)| on(s).map(|u| (n, UserId(u as u32))));
        found.expect("a user of the test's network")
    }

    /// Lets `length` pass: delivers messages and fires timers, each at its time; messages first.
    pub(crate) fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(next) = self.next_event().filter(|&at| at <= end) {
            self.now = self.now.max(next);
            // Words and messages of one line arrive in the order in which they left.
            let first_message = self.wires.first_key_value().map(|(&key, _)| key);
            if let Some((&key, _)) = self.words.first_key_value()
                && key.0 <= self.now
                && first_message.is_none_or(|message| key < message)
                && let Some((to, line, message)) = self.words.remove(&key)
            {
                self.handle(to, Input::Network(NetworkInput::Heard { line, message }));
                continue;
            }
            if let Some((&key, _)) = self.wires.first_key_value()
                && key.0 <= self.now
                && let Some(UnderWay { to, line, message }) = self.wires.remove(&key)
            {
                self.handle(to, Input::Peer { line, message });
                continue;
            }
            for n in 0..self.systems.len() {
                if self.systems[n].poll_timeout().is_some_and(|(at, _)| at <= self.now) {
                    self.systems[n].handle_timeout(self.now);
                    self.drain(n);
                    break;
                }
            }
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<Instant> {
        let timers = self.systems.iter().filter_map(|s| s.poll_timeout()).map(|(at, _)| at);
        let words = self.words.first_key_value().map(|(key, _)| key.0);
        timers.chain(self.wires.first_key_value().map(|(key, _)| key.0)).chain(words).min()
    }

    /// The other end of an IP Office line: the `k`th line from one system to another is the `k`th line back.
    pub(crate) fn other_end(&self, system: usize, line: LineId) -> (usize, LineId) {
        let lines = self.systems[system].plan().lines();
        let peer = lines[line.index()].peer.expect("peer messages leave on IP Office lines").index();
        let place = lines[..line.index()].iter().filter(|l| l.peer == Some(SystemId(peer as u16))).count();
        let back = self.systems[peer].plan().lines().iter().enumerate();
        let back = back.filter(|(_, l)| l.peer == Some(SystemId(system as u16))).nth(place);
        (peer, LineId(back.expect("every IP Office line of a test has a line back").0 as u16))
    }

    fn drain(&mut self, system: usize) {
        while let Some(output) = self.systems[system].poll_output() {
            self.learn(system, &output);
            if let Output::Network(NetworkOutput::Say { line, message }) = output {
                self.carry_word(system, line, message);
                if !matches!(message, NetworkMessage::Member { .. }) {
                    continue;
                }
            }
            if let Output::Network(NetworkOutput::Alarm { .. }) = output {
                // They are asked for where they matter.
                self.outputs.push((system, output));
                continue;
            }
            let text = self.render(system, &output);
            self.said.push(format!("{} {} {text}", self.now, name(system)));
            self.outputs.push((system, output));
            if let Output::Peer { line, message } = output {
                let (to, line) = self.other_end(system, line);
                let letter = UnderWay { to, line, message };
                if (self.cut)(system, to) || (self.lose)(&letter) {
                    self.messages_lost += 1;
                } else {
                    self.sent += 1;
                    self.wires.insert((self.now + self.delay, self.sent), letter);
                }
            }
        }
        if let Err(faults) = self.systems[system].invariants() {
            panic!(
                "at {} {} is not sound: {faults:#?}\nsaid:\n{}",
                self.now,
                name(system),
                self.said.join("\n")
            );
        }
    }

    fn learn(&mut self, system: usize, output: &Output) {
        if let Output::TrunkSetup { call, attempt, .. } = *output {
            self.attempts.insert((system, call), attempt);
        }
        let named = match *output {
            Output::Accepted { tag, call }
            | Output::Ring { call, tag, .. }
            | Output::Alerting { call, tag }
            | Output::CallWaiting { call, tag, .. }
            | Output::Tone { call, tag, .. }
            | Output::Voicemail { call, tag, .. }
            | Output::Conference { call, tag }
            | Output::Connected { call, tag }
            | Output::Released { call, tag, .. }
            | Output::TrunkSetup { call, tag, .. } => Some((call, tag)),
            Output::Smdr(SmdrRecord { call, tag, .. }) => Some((call, tag)),
            Output::Peer { message: PeerMessage { from: End::Calling, about, body }, .. } => match body {
                PeerBody::Setup { tag, .. } => Some((about.call, tag)),
                PeerBody::Proceeding
                | PeerBody::Alerting { .. }
                | PeerBody::Answer { .. }
                | PeerBody::Reached { .. }
                | PeerBody::Privilege { .. }
                | PeerBody::Release { .. } => None,
            },
            Output::Peer { .. }
            | Output::SetupField { .. }
            | Output::TrunkInformation { .. }
            | Output::Tones { .. }
            | Output::Refused { .. }
            | Output::StopRinging { .. }
            | Output::HoldMusic { .. }
            | Output::MediaChanged { .. }
            | Output::Left { .. }
            | Output::Denied { .. }
            | Output::Beep { .. }
            | Output::StopCallWaiting { .. }
            | Output::Disconnect { .. }
            | Output::TrunkRelease { .. }
            | Output::Network(_) => None,
        };
        if let Some(named) = named
            && !self.calls[system].contains(&named)
        {
            self.calls[system].push(named);
        }
    }
}
