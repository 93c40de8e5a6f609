//! `busyhour route`: routes one call through the real engine and explains every step.

use crate::cli::RouteArgs;
use crate::exit_code::ExitCode;
use crate::report::{Colour, Explanation, Line as Said};
use crate::solution::{self, Solution};
use crate::text::{Problem, Problems, Style, parse_time_of_week};
use crate::world::Network;
use engine::id::{LineId, SystemId, Tag, UserId};
use engine::number::Number;
use engine::plan::{self, Plan};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, Presentation, Service, System, Tone};
use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::Arc;

/// Longest time that is waited for something to happen to the call.
const PATIENCE: Duration = Duration::from_secs(120);

/// Routes the call that the arguments describe, and explains it.
#[must_use]
pub fn run(args: &RouteArgs) -> ExitCode {
    let mut problems = Problems::new();
    let explanation = load(args, &mut problems).and_then(|solution| explain(args, &solution, &mut problems));
    match problems.warnings() {
        count if count > 0 && problems.errors() == 0 && !args.verbose => {
            let are = if count == 1 { "warning" } else { "warnings" };
            eprintln!("{count} {are} about {}: see them with -v or busyhour check", args.solution.display());
        }
        _ => eprint!("{}", problems.render(Style::for_stderr())),
    }
    let Some(explanation) = explanation else { return ExitCode::Usage };
    let text = match args.json {
        true => explanation.json(),
        false => explanation.text(Colour::for_stdout()),
    };
    // A reader that has gone away does not change the answer.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if explanation.reached { ExitCode::Pass } else { ExitCode::Missed }
}

fn load(args: &RouteArgs, problems: &mut Problems) -> Option<Solution> {
    let mut solution = solution::load(&args.solution, problems)?;
    if let Some(at) = &args.at {
        match parse_time_of_week(at) {
            Some(at) => solution.network.begins_at = at,
            None => {
                problems
                    .push(Problem::error(format!("--at {at:?}: write a day and a time, such as mon 09:00")));
                return None;
            }
        }
    }
    Some(solution)
}

fn explain(args: &RouteArgs, solution: &Solution, problems: &mut Problems) -> Option<Explanation> {
    let plans = match solution::compile(solution) {
        Ok(plans) => plans,
        Err(faults) => {
            for fault in faults {
                problems.push(Problem::error(fault.to_string()));
            }
            return None;
        }
    };
    let asked = Asked::of(args, &plans).map_err(|message| problems.push(Problem::error(message))).ok()?;
    let mut bench = Bench::new(solution, &plans, &asked);
    bench.place(args, &asked);
    Some(Explanation { lines: bench.said, reached: bench.reached })
}

/// What the arguments ask for, looked up in the network.
struct Asked {
    caller: Caller,
    called: Number,
    cli: Number,
    /// Lines out of service.
    down: Vec<(SystemId, LineId)>,
}

enum Caller {
    User(SystemId, UserId),
    Trunk(SystemId, LineId),
}

impl Asked {
    fn of(args: &RouteArgs, plans: &[Arc<Plan>]) -> Result<Self, String> {
        let number =
            |option: &str, text: &str| Number::new(text).map_err(|e| format!("{option} {text:?}: {e}"));
        let caller = match (&args.from, &args.from_line) {
            (Some(from), None) => user(plans, &number("--from", from)?)?,
            (None, Some(line)) => {
                let (system, line) = line_named(plans, "--from-line", line)?;
                Caller::Trunk(system, line)
            }
            _ => return Err("give either --from EXTENSION or --from-line SYSTEM:LINE".to_owned()),
        };
        let mut down = Vec::new();
        for place in &args.down {
            down.extend(lines_of(plans, place)?);
        }
        for group in &args.full {
            down.extend(lines_of_group(plans, group)?);
        }
        Ok(Self { caller, called: number("--dial", &args.dial)?, cli: number("--cli", &args.cli)?, down })
    }
}

fn user(plans: &[Arc<Plan>], extension: &Number) -> Result<Caller, String> {
    let found = plans.iter().find_map(|plan| {
        let user = plan.own_users().iter().position(|u| u.extension == *extension)?;
        Some(Caller::User(plan.system(), UserId::at(user)))
    });
    found.ok_or_else(|| format!("--from {extension}: no user of the network has this extension"))
}

fn system_named(plans: &[Arc<Plan>], option: &str, name: &str) -> Result<SystemId, String> {
    let found = plans.iter().find(|plan| plan.name() == name).map(|plan| plan.system());
    let names: Vec<&str> = plans.iter().map(|plan| plan.name()).collect();
    found.ok_or_else(|| format!("{option}: no system is called {name:?}; there are {}", names.join(", ")))
}

/// `SYSTEM:LINE`, the line by its number.
fn line_named(plans: &[Arc<Plan>], option: &str, text: &str) -> Result<(SystemId, LineId), String> {
    let (system, line) = text
        .split_once(':')
        .ok_or_else(|| format!("{option} {text:?}: write SYSTEM:LINE, such as primary:1"))?;
    let system = system_named(plans, option, system)?;
    let lines = plans[system.index()].lines();
    let place = line.parse().ok().and_then(|number: u16| lines.iter().position(|l| l.number == number));
    let place = place.ok_or_else(|| {
        let numbers: Vec<String> = lines.iter().map(|l| l.number.to_string()).collect();
        format!("{option} {text:?}: the system has no line {line}; its lines are {}", numbers.join(", "))
    })?;
    Ok((system, LineId::at(place)))
}

/// `SYSTEM:LINE` is that line; `SYSTEM` is every line of it and every line to it.
fn lines_of(plans: &[Arc<Plan>], text: &str) -> Result<Vec<(SystemId, LineId)>, String> {
    if text.contains(':') {
        return Ok(vec![line_named(plans, "--down", text)?]);
    }
    let down = system_named(plans, "--down", text)?;
    let concerned = |plan: &Plan, line: &plan::Line| plan.system() == down || line.peer == Some(down);
    let lines = plans.iter().flat_map(|plan| {
        let lines = plan.lines().iter().enumerate().filter(move |(_, line)| concerned(plan, line));
        lines.map(|(n, _)| (plan.system(), LineId::at(n)))
    });
    Ok(lines.collect())
}

/// `SYSTEM:GROUP`: every line of an outgoing group.
fn lines_of_group(plans: &[Arc<Plan>], text: &str) -> Result<Vec<(SystemId, LineId)>, String> {
    let (system, group) = text
        .split_once(':')
        .ok_or_else(|| format!("--full {text:?}: write SYSTEM:GROUP, such as primary:0"))?;
    let system = system_named(plans, "--full", system)?;
    let groups = plans[system.index()].line_groups();
    let found = group.parse().ok().and_then(|number: u32| groups.iter().find(|g| g.number == number));
    let found = found.ok_or_else(|| format!("--full {text:?}: the system has no outgoing group {group}"))?;
    Ok(found.lines.iter().map(|&line| (system, line)).collect())
}

/// Copies of all systems that explain themselves, and the network between them.
struct Bench {
    systems: Vec<System>,
    network: Network,
    plans: Vec<Arc<Plan>>,
    messages: VecDeque<(SystemId, Input)>,
    now: Instant,
    said: Vec<Said>,
    call: Option<engine::id::CallId>,
    decided: bool,
    reached: bool,
}

impl Bench {
    fn new(solution: &Solution, plans: &[Arc<Plan>], asked: &Asked) -> Self {
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
            decided: false,
            reached: false,
        }
    }

    fn place(&mut self, args: &RouteArgs, asked: &Asked) {
        let (tag, called) = (Tag(1), asked.called);
        match asked.caller {
            Caller::Trunk(system, line) => {
                let presentation = if args.withheld { Presentation::Withheld } else { Presentation::Allowed };
                let facts = CallFacts { presentation, ..CallFacts::default() };
                self.handle(system, Input::TrunkSetup { line, called, calling: asked.cli, tag, facts });
            }
            Caller::User(system, user) if args.by_hand => self.dial_by_hand(args, system, user, called),
            Caller::User(system, user) => self.handle(system, Input::Dial { user, number: called, tag }),
        }
        self.wait();
    }

    /// Digit by digit, with the pause between digits that the arguments give.
    fn dial_by_hand(&mut self, args: &RouteArgs, system: SystemId, user: UserId, called: Number) {
        self.handle(system, Input::OffHook { user, tag: Tag(1) });
        for &digit in called.as_bytes() {
            let next = self.now + Duration::from_millis(args.digit_pause_ms);
            self.pass_time(next);
            let Some(call) = self.call.filter(|_| !self.decided) else { return };
            self.say(system, format!("dials {}", char::from(digit)), "digit", vec![]);
            self.handle(system, Input::Digit { user, call, digit });
        }
    }

    /// Lets time pass until something has become of the call.
    fn wait(&mut self) {
        let end = self.now + PATIENCE;
        while !self.decided {
            let next = self.systems.iter().filter_map(|s| s.poll_timeout().map(|(at, _)| at)).min();
            let Some(next) = next.filter(|&at| at <= end) else { return };
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
                let line = self.plans[system.index()].lines()[channel.line.index()].number;
                let calling = if calling.is_empty() { "no number".to_owned() } else { calling.to_string() };
                let called = if called.is_empty() { "no digits".to_owned() } else { called.to_string() };
                let withheld = if presentation == Presentation::Withheld { ", withheld" } else { "" };
                let text = format!("sends {called} on line {line}, from {calling}{withheld}");
                self.end(system, text, "sent", true);
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
            Output::Tone { tone: Tone::AccountCode, .. } => {
                self.end(system, "waits for an account code".to_owned(), "account_code", false);
            }
            Output::Voicemail { .. } => {
                self.end(system, "voicemail answers".to_owned(), "voicemail", true);
            }
            Output::Tone { tone: Tone::ConferencePin, .. } => {
                self.end(system, "asks for the PIN of the conference".to_owned(), "conference_pin", true);
            }
            // No phone, trunk or voicemail answers here: it is a conference, or another system's.
            Output::Connected { .. } if !self.decided => {
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
            | Output::Left { .. }
            | Output::Denied { .. }
            | Output::Beep { .. }
            | Output::Network(_)
            | Output::Smdr(_) => {}
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
