//! `busyhour route`: routes one call through the real engine and explains every step.

mod bench;

use self::bench::Bench;
use crate::cli::RouteArgs;
use crate::exit_code::ExitCode;
use crate::report::{Colour, Explanation};
use crate::solution::{self, Solution};
use crate::text::{Problem, Problems, Style, parse_time_of_week};
use engine::Presentation;
use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::{self, Plan};
use engine::time::Duration;
use std::io::Write as _;
use std::sync::Arc;

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
    bench.place(&asked);
    Some(bench.explanation())
}

/// What the arguments ask for, looked up in the network.
struct Asked {
    caller: Caller,
    called: Number,
    dialling: Dialling,
    cli: Number,
    presentation: Presentation,
    /// Entered where one is asked for.
    account_code: Option<Number>,
    /// Lines out of service.
    down: Vec<(SystemId, LineId)>,
}

/// How a user dials.
enum Dialling {
    /// The whole number at once.
    EnBloc,
    /// Digit by digit, each after its pause; there are as many pauses as digits.
    ByHand(Vec<Duration>),
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
        let called = number("--dial", &args.dial)?;
        let dialling = if args.by_hand { by_hand(&called, &args.digit_pause_ms)? } else { Dialling::EnBloc };
        let account_code = args.account_code.as_deref().map(|code| number("--account-code", code));
        let presentation = if args.withheld { Presentation::Withheld } else { Presentation::Allowed };
        Ok(Self {
            caller,
            called,
            dialling,
            cli: number("--cli", &args.cli)?,
            presentation,
            account_code: account_code.transpose()?,
            down,
        })
    }
}

/// One pause before each digit: the last one given holds for all further digits.
fn by_hand(called: &Number, pauses_ms: &[u64]) -> Result<Dialling, String> {
    if let Some(c) = called.as_str().chars().find(|&c| !(c.is_ascii_digit() || matches!(c, '*' | '#'))) {
        return Err(format!("--dial {called}: no keypad has {c:?}; by hand, dial digits, * and #"));
    }
    if pauses_ms.len() > called.len() {
        return Err(format!(
            "--digit-pause-ms has {} pauses, but --dial {called} has only {} digits",
            pauses_ms.len(),
            called.len()
        ));
    }
    let last = pauses_ms.last().copied().unwrap_or_default();
    let pauses = pauses_ms.iter().copied().chain(std::iter::repeat(last)).take(called.len());
    Ok(Dialling::ByHand(pauses.map(Duration::from_millis).collect()))
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
