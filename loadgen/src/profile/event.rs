//! Events: what happens to the network in mid-run.

use super::fault::{self, RawFault};
use super::model::{EventKind, HoldEvent, LineEvent, Node, TimedEvent};
use super::raw::{any_time, digits, text};
use super::reference::Network;
use crate::text::{At, Place, Problem, Problems, Table, Value};
use engine::network::VoicemailControl;
use engine::number::Number;
use engine::time::Duration;

/// Most events of one run.
const MAX_EVENTS: usize = 100_000;
/// What an event may be, besides a fault.
const KINDS: [&str; 10] = [
    "line_out_of_service",
    "line_in_service",
    "dial",
    "line_lost",
    "phone_restart",
    "voicemail_activate_backup",
    "voicemail_failback",
    "dect_switch_to_backup",
    "dect_switch_to_primary",
    "hold",
];

/// An event as it was written.
pub(super) struct RawEvent {
    at: Option<At<Duration>>,
    what: Option<RawKind>,
}

enum RawKind {
    Line {
        system: Option<At<String>>,
        line: Option<At<u64>>,
        becomes: LineEvent,
        lasts: Option<At<Duration>>,
    },
    Dial {
        system: Option<At<String>>,
        user: Option<At<Number>>,
        digits: Option<At<Number>>,
    },
    Hold {
        system: Option<At<String>>,
        user: Option<At<Number>>,
        lasts: Option<At<Duration>>,
    },
    Restart {
        system: Option<At<String>>,
        user: Option<At<Number>>,
    },
    Voicemail {
        system: Option<At<String>>,
        control: VoicemailControl,
    },
    Dect {
        system: Option<At<String>>,
        node: Node,
    },
    Fault(RawFault),
}

/// Reads `[[event]]`.
pub(super) fn read(root: &mut Table<'_>, p: &mut Problems) -> Vec<RawEvent> {
    let mut events = Vec::new();
    for mut table in root.tables("event", p) {
        if events.len() == MAX_EVENTS {
            p.push(Problem::error(format!("more than {MAX_EVENTS} events")).at(table.place()));
            return events;
        }
        events.push(read_event(&mut table, p));
        table.finish(p);
    }
    events
}

fn read_event(t: &mut Table<'_>, p: &mut Problems) -> RawEvent {
    let all: Vec<&str> = KINDS.into_iter().chain(fault::KINDS.map(|(name, _)| name)).collect();
    let kinds: Vec<Place> = all.iter().filter_map(|kind| t.place_of_key(kind)).collect();
    if kinds.is_empty() && !all.iter().any(|kind| t.has(kind)) {
        let problem = Problem::error("an event says what happens").at(t.place());
        p.push(problem.help(format!("one of {}", all.join(", "))).consequence());
    }
    if let [first, second, ..] = kinds.as_slice() {
        let problem = Problem::error("an event is one thing").at(second).also(first, "the first");
        p.push(problem.help("write another [[event]]"));
    }
    let at = t.req("at", p, any_time);
    let out = t.opt(KINDS[0], p, |v, p| read_line(v, LineEvent::OutOfService, p));
    let back = t.opt(KINDS[1], p, |v, p| read_line(v, LineEvent::InService, p));
    let dial = t.opt(KINDS[2], p, read_dial);
    let lost = t.opt(KINDS[3], p, |v, p| read_line(v, LineEvent::Lost, p));
    let restart = t.opt(KINDS[4], p, read_restart);
    let activate = t.opt(KINDS[5], p, |v, p| read_voicemail(v, VoicemailControl::ActivateBackup, p));
    let failback = t.opt(KINDS[6], p, |v, p| read_voicemail(v, VoicemailControl::Failback, p));
    let to_backup = t.opt(KINDS[7], p, |v, p| read_dect(v, Node::Backup, p));
    let to_primary = t.opt(KINDS[8], p, |v, p| read_dect(v, Node::Primary, p));
    let hold = t.opt(KINDS[9], p, read_hold);
    let found = [out, back, dial, lost, restart, activate, failback, to_backup, to_primary, hold];
    let mut what = found.into_iter().flatten().next().map(|at| at.value);
    for (name, kind) in fault::KINDS {
        let found = t.opt(name, p, |v, p| fault::read(v, kind, p));
        what = what.or(found.map(|at| RawKind::Fault(at.value)));
    }
    RawEvent { at, what }
}

fn read_line(v: &Value<'_>, becomes: LineEvent, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let system = t.req("system", p, text);
    let line = t.req("line", p, |v, p| v.integer(1..=u64::from(u16::MAX), p));
    let lasts = match becomes {
        LineEvent::OutOfService | LineEvent::Lost => t.opt("for", p, any_time),
        LineEvent::InService => None,
    };
    t.finish(p);
    Some(RawKind::Line { system, line, becomes, lasts })
}

fn read_dial(v: &Value<'_>, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let system = t.req("system", p, text);
    let (user, dialled) = (t.req("user", p, digits), t.req("digits", p, digits));
    t.finish(p);
    Some(RawKind::Dial { system, user, digits: dialled })
}

fn read_hold(v: &Value<'_>, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let (system, user) = (t.req("system", p, text), t.req("user", p, digits));
    let lasts = t.opt("for", p, any_time);
    t.finish(p);
    Some(RawKind::Hold { system, user, lasts })
}

fn read_restart(v: &Value<'_>, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let (system, user) = (t.req("system", p, text), t.opt("user", p, digits));
    t.finish(p);
    Some(RawKind::Restart { system, user })
}

fn read_dect(v: &Value<'_>, node: Node, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let system = t.req("system", p, text);
    t.finish(p);
    Some(RawKind::Dect { system, node })
}

fn read_voicemail(v: &Value<'_>, control: VoicemailControl, p: &mut Problems) -> Option<RawKind> {
    let mut t = v.table(p)?;
    let system = t.req("system", p, text);
    t.finish(p);
    Some(RawKind::Voicemail { system, control })
}

/// The events in order of time, with what they name resolved.
pub(super) fn check(
    raw: &[RawEvent],
    duration: Duration,
    network: &mut Network<'_>,
    p: &mut Problems,
) -> Vec<TimedEvent> {
    let mut events = Vec::new();
    for event in raw {
        if let Some(at) = event.at.as_ref().filter(|at| at.value >= duration) {
            let message = format!("the measured part is over by then: it takes {duration}");
            p.push(Problem::warning(message).at(&at.place));
        }
        if let Some(RawKind::Fault(fault)) = &event.what {
            let at = event.at.as_ref().map_or(Duration::ZERO, |at| at.value);
            events.extend(fault::check(fault, at, network, p));
            continue;
        }
        if let (Some(RawKind::Restart { system: Some(system), user: None }), Some(at)) =
            (&event.what, &event.at)
        {
            let Some(system) = network.system(system, p) else { continue };
            let users = network.all_users(system);
            events.extend(
                users.map(|user| TimedEvent::new(at.value, EventKind::PhoneRestart { system, user })),
            );
            continue;
        }
        let what = event.what.as_ref().and_then(|what| check_kind(what, network, p));
        if let (Some(at), Some(what)) = (&event.at, what) {
            events.push(TimedEvent::new(at.value, what));
            events.extend(back(event, at.value, what));
        }
    }
    events.sort_by_key(|event| event.at);
    events
}

/// The end of a trunk's time out of service, or of a call's on hold, if the event says when.
fn back(raw: &RawEvent, at: Duration, what: EventKind) -> Option<TimedEvent> {
    Some(match (raw.what.as_ref()?, what) {
        (RawKind::Line { lasts: Some(lasts), .. }, EventKind::Line { system, line, .. }) => {
            let what = EventKind::Line { system, line, becomes: LineEvent::InService };
            TimedEvent { at: fault::plus(at, lasts.value), what, began: at }
        }
        (RawKind::Hold { lasts: Some(lasts), .. }, EventKind::Hold { system, user, .. }) => {
            let what = EventKind::Hold { system, user, becomes: HoldEvent::Retrieved };
            TimedEvent { at: fault::plus(at, lasts.value), what, began: at }
        }
        _ => return None,
    })
}

fn check_kind(raw: &RawKind, network: &mut Network<'_>, p: &mut Problems) -> Option<EventKind> {
    Some(match raw {
        RawKind::Line { system, line: named, becomes, lasts: _ } => {
            let system = network.system(system.as_ref()?, p)?;
            let line = network.line(system, named.as_ref()?, p)?;
            if *becomes == LineEvent::Lost && network.is_ip_office_line(system, line) {
                let problem =
                    Problem::error("a line to another system cannot be lost").at(&named.as_ref()?.place);
                p.push(
                    problem.help(
                        "line_lost is for trunks; line_down = { between = [...] } is for IP Office lines",
                    ),
                );
                return None;
            }
            EventKind::Line { system, line, becomes: *becomes }
        }
        RawKind::Dial { system, user, digits } => {
            let system = network.system(system.as_ref()?, p)?;
            let user = network.user(system, user.as_ref()?, p)?;
            EventKind::Dial { system, user, digits: digits.as_ref()?.value }
        }
        RawKind::Hold { system, user, lasts: _ } => {
            let system = network.system(system.as_ref()?, p)?;
            let user = network.user(system, user.as_ref()?, p)?;
            EventKind::Hold { system, user, becomes: HoldEvent::Held }
        }
        RawKind::Restart { system, user } => {
            let system = network.system(system.as_ref()?, p)?;
            let user = network.user(system, user.as_ref()?, p)?;
            EventKind::PhoneRestart { system, user }
        }
        RawKind::Dect { system, node } => {
            let name = system.as_ref()?;
            let system = network.system(name, p)?;
            let Some(dect) = network.dect_with_two_trunks(system) else {
                let problem = Problem::error("the DECT system of this system has no other trunk");
                let help =
                    "users with phone_model = \"dect\", and a [[resilience]] with \"dect\", give it one";
                p.push(problem.at(&name.place).help(help));
                return None;
            };
            EventKind::DectSwitch { dect, node: *node }
        }
        RawKind::Voicemail { system, control } => {
            let name = system.as_ref()?;
            let of = network.system(name, p)?;
            let Some(backup) = network.voicemail_backup(of) else {
                let problem = Problem::error("no other voicemail server backs up that of this system");
                let help =
                    "a [[resilience]] with \"voicemail\" does, between two systems with a [[voicemail]]";
                p.push(problem.at(&name.place).help(help));
                return None;
            };
            EventKind::VoicemailControl { of, backup, control: *control }
        }
        // It comes to several events.
        RawKind::Fault(_) => return None,
    })
}
