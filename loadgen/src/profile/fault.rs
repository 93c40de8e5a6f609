//! Faults as events: a system stops, links are cut, and what of it is made of single changes.

use super::model::{EventKind, TimedEvent};
use super::raw::{any_time, text};
use super::reference::Network;
use crate::text::{At, Place, Problem, Problems, Value};
use engine::id::SystemId;
use engine::time::Duration;

/// What a fault is called.
pub(super) const KINDS: [&str; 7] =
    ["system_down", "power_outage", "link_down", "site_cut", "partition", "line_down", "voicemail_stopped"];

/// A fault as it was written.
pub(super) struct RawFault {
    kind: Kind,
    place: Place,
    /// Systems, or sites.
    names: Vec<At<String>>,
    lasts: Option<At<Duration>>,
    start_interval: Option<At<Duration>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Systems,
    Link,
    Site,
    Partition,
    Line,
    Voicemail,
}

/// Reads the value of the event key `KINDS[nth]`.
pub(super) fn read(v: &Value<'_>, nth: usize, p: &mut Problems) -> Option<RawFault> {
    let mut t = v.table(p)?;
    let place = t.place().clone();
    let one = |name: At<String>| vec![name];
    let (kind, names) = match nth {
        0 => (Kind::Systems, t.req("system", p, text).map(one)),
        1 => (Kind::Systems, t.req("systems", p, names).map(|at| at.value)),
        2 => (Kind::Link, t.req("between", p, names).map(|at| at.value)),
        3 => (Kind::Site, t.req("site", p, text).map(one)),
        4 => (Kind::Partition, t.req("sites", p, names).map(|at| at.value)),
        5 => (Kind::Line, t.req("between", p, names).map(|at| at.value)),
        _ => (Kind::Voicemail, t.req("system", p, text).map(one)),
    };
    let lasts = t.opt("for", p, any_time);
    let start_interval = if nth == 1 { t.opt("start_interval", p, any_time) } else { None };
    t.finish(p);
    Some(RawFault { kind, place, names: names?, lasts, start_interval })
}

fn names(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<String>>> {
    let values = v.array(p);
    let names = values.iter().filter_map(|v| Some(At { value: text(v, p)?, place: v.place.clone() }));
    let names: Vec<_> = names.collect();
    if names.is_empty() && v.is_array() {
        p.push(Problem::error(format!("{:?} names nothing", v.key)).at(&v.place));
    }
    (!names.is_empty()).then_some(names)
}

/// The changes that a fault at `at` comes to, its end included.
pub(super) fn check(
    raw: &RawFault,
    at: Duration,
    network: &mut Network<'_>,
    p: &mut Problems,
) -> Vec<TimedEvent> {
    let end = raw.lasts.as_ref().map(|lasts| plus(at, lasts.value));
    match raw.kind {
        Kind::Systems => {
            let systems: Vec<SystemId> =
                raw.names.iter().filter_map(|name| network.system(name, p)).collect();
            let pause = raw.start_interval.as_ref().map_or(Duration::ZERO, |pause| pause.value);
            power(&systems, at, end, pause)
        }
        Kind::Line => {
            let systems: Vec<SystemId> =
                raw.names.iter().filter_map(|name| network.system(name, p)).collect();
            if systems.len() != raw.names.len() {
                return Vec::new();
            }
            let Some((system, line)) = network.line_between(&systems) else {
                let problem = Problem::error("there is no IP Office line to take down").at(&raw.place);
                p.push(problem.help("\"between\" names the two systems that it joins"));
                return Vec::new();
            };
            both_ends(at, end, |up| EventKind::IpOfficeLine { system, line, up })
        }
        Kind::Voicemail => {
            let Some(system) = raw.names.first().and_then(|name| network.system(name, p)) else {
                return Vec::new();
            };
            if !network.has_voicemail(system) {
                let problem = Problem::error("this system has no voicemail server").at(&raw.place);
                p.push(problem.help("a [[voicemail]] table of the solution puts one there"));
            }
            both_ends(at, end, |on| EventKind::Voicemail { system, on })
        }
        Kind::Link | Kind::Site | Kind::Partition => {
            let sites: Vec<usize> = raw.names.iter().filter_map(|name| network.site(name, p)).collect();
            if sites.len() != raw.names.len() {
                return Vec::new();
            }
            let links = match raw.kind {
                Kind::Link => network.links_between(&sites),
                Kind::Systems | Kind::Site | Kind::Partition | Kind::Line | Kind::Voicemail => {
                    network.links_out_of(&sites)
                }
            };
            if links.is_empty() || (raw.kind == Kind::Link && sites.len() != 2) {
                let problem = Problem::error("there is no data link to cut").at(&raw.place);
                p.push(problem.help("a link has two ends, and a site that is cut off has links"));
            }
            let change =
                |at, up| links.iter().map(move |&link| TimedEvent { at, what: EventKind::Link { link, up } });
            change(at, false).chain(end.into_iter().flat_map(|end| change(end, true))).collect()
        }
    }
}

/// A fault begins and, if it has an end, ends.
fn both_ends(at: Duration, end: Option<Duration>, change: impl Fn(bool) -> EventKind) -> Vec<TimedEvent> {
    let begins = TimedEvent { at, what: change(false) };
    [begins].into_iter().chain(end.map(|at| TimedEvent { at, what: change(true) })).collect()
}

/// Systems stop together and start one after the other, in the order written.
fn power(systems: &[SystemId], at: Duration, end: Option<Duration>, pause: Duration) -> Vec<TimedEvent> {
    let change = |at, &system: &SystemId, on| TimedEvent { at, what: EventKind::Power { system, on } };
    let mut events: Vec<_> = systems.iter().map(|system| change(at, system, false)).collect();
    if let Some(mut start) = end {
        for system in systems {
            events.push(change(start, system, true));
            start = plus(start, pause);
        }
    }
    events
}

pub(super) fn plus(a: Duration, b: Duration) -> Duration {
    Duration::from_nanos(a.as_nanos().saturating_add(b.as_nanos()))
}
