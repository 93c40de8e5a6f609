//! One call through copies of all systems that explain themselves.

use super::{Asked, Caller, Dialling};
use crate::report::{Explanation, Line as Said};
use crate::solution::Solution;
use crate::world::Network;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::number::Number;
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, Presentation, Service, System, Tone};
use std::collections::VecDeque;
use std::sync::Arc;

/// Longest time that is waited for something to happen to the call.
const PATIENCE: Duration = Duration::from_secs(120);

/// Copies of all systems that explain themselves, and the network between them.
pub(super) struct Bench {
    systems: Vec<System>,
    network: Network,
    plans: Vec<Arc<Plan>>,
    messages: VecDeque<(SystemId, Input)>,
    now: Instant,
    said: Vec<Said>,
    call: Option<CallId>,
    /// Who dials, if it is a user.
    caller: Option<UserId>,
    /// What the caller enters when an account code is asked for.
    account_code: Option<Number>,
    decided: bool,
    reached: bool,
}

impl Bench {
    /// All systems, with the lines that are asked for out of service.
    pub(super) fn new(solution: &Solution, plans: &[Arc<Plan>], asked: &Asked) -> Self {
        let mut systems: Vec<System> =
            plans.iter().map(|plan| System::new(Arc::clone(plan)).traced()).collect();
        for &(system, line) in &asked.down {
            systems[system.index()].handle(Instant::ZERO, Input::LineService { line, service: Service::Out });
        }
        Self {
            systems,
            network: Network::new(solution, plans),
            plans: plans.to_vec(),
            messages: VecDeque::new(),
            now: Instant::ZERO,
            said: Vec::new(),
            call: None,
            caller: match asked.caller {
                Caller::User(_, user) => Some(user),
                Caller::Trunk(..) => None,
            },
            account_code: asked.account_code,
            decided: false,
            reached: false,
        }
    }

    /// Places the call and waits for what becomes of it.
    pub(super) fn place(&mut self, asked: &Asked) {
        let (tag, called) = (Tag(1), asked.called);
        match (&asked.caller, &asked.dialling) {
            (&Caller::Trunk(system, line), _) => {
                let facts = CallFacts { presentation: asked.presentation, ..CallFacts::default() };
                self.handle(system, Input::TrunkSetup { line, called, calling: asked.cli, tag, facts });
            }
            (&Caller::User(system, user), Dialling::ByHand(pauses)) => {
                self.dial_by_hand(system, user, called, pauses);
            }
            (&Caller::User(system, user), Dialling::EnBloc) => {
                self.handle(system, Input::Dial { user, number: called, tag });
            }
        }
        self.wait();
        if let (Some(_), &Caller::User(system, _)) = (self.account_code, &asked.caller) {
            self.say(system, "nobody has asked for an account code".to_owned(), "account_code", vec![]);
        }
    }

    /// What was said.
    pub(super) fn explanation(self) -> Explanation {
        Explanation { lines: self.said, reached: self.reached }
    }

    /// Digit by digit, each after its pause.
    fn dial_by_hand(&mut self, system: SystemId, user: UserId, called: Number, pauses: &[Duration]) {
        self.handle(system, Input::OffHook { user, tag: Tag(1) });
        for (&digit, &pause) in called.as_bytes().iter().zip(pauses) {
            self.pass(pause);
            let Some(call) = self.call.filter(|_| !self.decided) else { return };
            self.say(system, format!("dials {}", char::from(digit)), "digit", vec![]);
            self.handle(system, Input::Digit { user, call, digit });
        }
    }

    /// Lets so much time pass, unless something becomes of the call before.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_deadline().filter(|&at| at <= end) {
            self.pass_time(next);
            if self.decided {
                return;
            }
        }
        self.pass_time(end);
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.systems.iter().filter_map(|s| s.poll_timeout().map(|(at, _)| at)).min()
    }

    /// Lets time pass until something has become of the call.
    fn wait(&mut self) {
        let end = self.now + PATIENCE;
        while !self.decided {
            let Some(next) = self.next_deadline().filter(|&at| at <= end) else { return };
            self.pass_time(next);
        }
    }

    fn pass_time(&mut self, until: Instant) {
        self.now = until;
        for n in 0..self.systems.len() {
            if self.systems[n].poll_timeout().is_some_and(|(at, _)| at <= until) {
                self.systems[n].handle_timeout(until);
                self.listen(SystemId::at(n));
            }
        }
        self.deliver();
    }

    fn handle(&mut self, system: SystemId, input: Input) {
        self.systems[system.index()].handle(self.now, input);
        self.listen(system);
        self.deliver();
    }

    fn deliver(&mut self) {
        while let Some((system, input)) = self.messages.pop_front() {
            self.systems[system.index()].handle(self.now, input);
            self.listen(system);
        }
    }

    /// Writes down what a system has decided and said.
    fn listen(&mut self, system: SystemId) {
        for step in self.systems[system.index()].take_trace() {
            let (kind, text, fields) = crate::report::describe(&step, &self.plans, system);
            self.say(system, text, kind, fields);
        }
        while let Some(output) = self.systems[system.index()].poll_output() {
            self.hear(system, &output);
        }
    }

    fn hear(&mut self, system: SystemId, output: &Output) {
        match *output {
            Output::Accepted { call, .. } => self.call = self.call.or(Some(call)),
            Output::Ring { user, .. } => {
                let extension = self.plans[system.index()].users()[user.index()].extension;
                self.end(system, format!("rings {extension}"), "rings", true);
            }
            Output::TrunkSetup { channel, called, calling, presentation, .. } => {
                self.sent(system, channel.line, called, (calling, presentation));
            }
            Output::SetupField { field, .. } => {
                let (name, value) = crate::report::describe_field(&field);
                let text = format!("with {name}{}{value}", if value.is_empty() { "" } else { " " });
                self.say(system, text, "field", vec![("field", name.into()), ("value", value.into())]);
            }
            Output::TrunkInformation { digits, .. } => {
                let text = format!("sends {digits} in an Information packet");
                self.say(system, text, "information", vec![("digits", digits.as_str().into())]);
            }
            Output::Tones { tones, .. } => {
                let text = format!("sends the tones {tones}");
                self.say(system, text, "tones", vec![("tones", tones.as_str().into())]);
            }
            Output::Tone { tone: Tone::CampOn, .. } => {
                // A further alternate route may still open.
                self.decided = self.systems[system.index()].poll_timeout().is_none();
                self.say(system, "the caller hears camp-on tone".to_owned(), "tone", vec![]);
            }
            Output::Tone { tone: Tone::SecondaryDial, .. } => {
                self.say(system, "the caller hears secondary dial tone".to_owned(), "tone", vec![]);
            }
            Output::Tone { call, tone: Tone::AccountCode, .. } => self.account_code_wanted(system, call),
            Output::Voicemail { .. } => self.end(system, "voicemail answers".to_owned(), "voicemail", true),
            Output::Tone { tone: Tone::ConferencePin, .. } => {
                self.end(system, "asks for the PIN of the conference".to_owned(), "conference_pin", true);
            }
            Output::Conference { .. } => {
                self.end(system, "is in the conference".to_owned(), "conference", true);
            }
            Output::Connected { .. } => {}
            Output::Tone { tone: Tone::Queued, .. } => {
                self.end(system, "waits for a member of the hunt group".to_owned(), "queued", true);
            }
            Output::Refused { cause, .. } | Output::Released { cause, .. } => {
                self.end(system, format!("the caller is released: {cause}"), "released", false);
            }
            Output::Peer { line, message } => {
                if let Some(link) = self.network.link(system, line) {
                    self.messages.push_back((link.peer, Input::Peer { line: link.peer_line, message }));
                }
            }
            Output::Tone {
                tone: Tone::Dial | Tone::FirstAnnouncement | Tone::SecondAnnouncement, ..
            }
            | Output::StopRinging { .. }
            | Output::CallWaiting { .. }
            | Output::StopCallWaiting { .. }
            | Output::Alerting { .. }
            | Output::Disconnect { .. }
            | Output::TrunkRelease { .. }
            | Output::HoldMusic { .. }
            | Output::MediaChanged { .. }
            | Output::Left { .. }
            | Output::Denied { .. }
            | Output::Beep { .. }
            | Output::Network(_)
            | Output::Smdr(_) => {}
        }
    }

    /// The call leaves on a line.
    fn sent(&mut self, system: SystemId, line: LineId, called: Number, from: (Number, Presentation)) {
        let line = self.plans[system.index()].lines()[line.index()].number;
        let (calling, presentation) = from;
        let calling = if calling.is_empty() { "no number".to_owned() } else { calling.to_string() };
        let called = if called.is_empty() { "no digits".to_owned() } else { called.to_string() };
        let withheld = if presentation == Presentation::Withheld { ", withheld" } else { "" };
        let text = format!("sends {called} on line {line}, from {calling}{withheld}");
        self.end(system, text, "sent", true);
    }

    /// The caller is asked for an account code, and enters the one that was given.
    fn account_code_wanted(&mut self, system: SystemId, call: CallId) {
        match (self.account_code.take(), self.caller) {
            (Some(code), Some(user)) => {
                let fields = vec![("entered", code.as_str().into())];
                self.say(system, format!("the caller enters {code}"), "account_code_entered", fields);
                self.messages.push_back((system, Input::AccountCode { user, call, code }));
            }
            _ => self.end(system, "waits for an account code".to_owned(), "account_code", false),
        }
    }

    fn end(&mut self, system: SystemId, text: String, kind: &'static str, reached: bool) {
        self.decided = true;
        self.reached = reached;
        self.say(system, text, kind, vec![]);
    }

    fn say(
        &mut self,
        system: SystemId,
        text: String,
        kind: &'static str,
        fields: Vec<(&'static str, serde_json::Value)>,
    ) {
        let system = self.plans[system.index()].name().to_owned();
        self.said.push(Said { at: self.now, system, kind, text, fields });
    }
}
