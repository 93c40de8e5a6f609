//! Faults as events: a system stops, links are cut, and what of it is made of single changes.

use super::model::{EventKind, TimedEvent};
use super::raw::{any_time, text};
use super::reference::Network;
use crate::text::{At, Place, Problem, Problems, Table, Value};
use engine::id::SystemId;
use engine::time::Duration;

/// Kinds of faults, by what they are called.
pub(super) const KINDS: [(&str, Kind); 12] = [
    ("system_down", Kind::SystemDown),
    ("warm_restart", Kind::WarmRestart),
    ("power_outage", Kind::PowerOutage),
    ("link_down", Kind::LinkDown),
    ("site_cut", Kind::SiteCut),
    ("partition", Kind::Partition),
    ("line_down", Kind::LineDown),
    ("voicemail_stopped", Kind::VoicemailStopped),
    ("host_down", Kind::HostDown),
    ("portal_stopped", Kind::PortalStopped),
    ("licence_server_stopped", Kind::LicenceServerStopped),
    ("base_station_dead", Kind::BaseStationDead),
];
/// How long a warm restart takes that says nothing else: less than the three minutes after which phones fail over.
const WARM_RESTART: Duration = Duration::from_secs(120);

/// What fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SystemDown,
    WarmRestart,
    PowerOutage,
    LinkDown,
    SiteCut,
    Partition,
    LineDown,
    VoicemailStopped,
    HostDown,
    PortalStopped,
    LicenceServerStopped,
    BaseStationDead,
}

/// A fault as it was written.
pub(super) struct RawFault {
    kind: Kind,
    place: Place,
    /// Systems, sites, or a base station.
    names: Vec<At<String>>,
    lasts: Option<Duration>,
    start_interval: Duration,
}

/// Reads the value of the event key of this kind.
pub(super) fn read(v: &Value<'_>, kind: Kind, p: &mut Problems) -> Option<RawFault> {
    let mut t = v.table(p)?;
    let place = t.place().clone();
    let names = match kind {
        Kind::SystemDown
        | Kind::WarmRestart
        | Kind::VoicemailStopped
        | Kind::HostDown
        | Kind::PortalStopped => one_name(&mut t, "system", p),
        Kind::LicenceServerStopped => Some(Vec::new()),
        Kind::BaseStationDead => one_name(&mut t, "base_station", p),
        Kind::SiteCut => one_name(&mut t, "site", p),
        Kind::PowerOutage => t.req("systems", p, names).map(|at| at.value),
        Kind::Partition => t.req("sites", p, names).map(|at| at.value),
        Kind::LinkDown | Kind::LineDown => t.req("between", p, names).map(|at| at.value),
    };
    let lasts = t.opt("for", p, any_time).map(|at| at.value);
    let usual = (kind == Kind::WarmRestart).then_some(WARM_RESTART);
    let pause = if kind == Kind::PowerOutage { t.opt("start_interval", p, any_time) } else { None };
    t.finish(p);
    Some(RawFault {
        kind,
        place,
        names: names?,
        lasts: lasts.or(usual),
        start_interval: pause.map_or(Duration::ZERO, |pause| pause.value),
    })
}

fn one_name(t: &mut Table<'_>, key: &'static str, p: &mut Problems) -> Option<Vec<At<String>>> {
    t.req(key, p, text).map(|name| vec![name])
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
    let end = raw.lasts.map(|lasts| plus(at, lasts));
    match raw.kind {
        Kind::SystemDown | Kind::WarmRestart | Kind::PowerOutage => {
            power(&systems(raw, network, p), at, end, raw.start_interval)
        }
        Kind::LinkDown | Kind::SiteCut | Kind::Partition => {
            let links = links(raw, network, p);
            links.iter().flat_map(|&link| both_ends(at, end, |up| EventKind::Link { link, up })).collect()
        }
        Kind::HostDown => systems(raw, network, p)
            .first()
            .map_or_else(Vec::new, |&system| both_ends(at, end, |up| EventKind::Host { system, up })),
        Kind::PortalStopped => {
            let Some(&system) = systems(raw, network, p).first() else { return Vec::new() };
            if !network.has_portal_on(system) {
                let problem = Problem::error("this system has no portal").at(&raw.place);
                p.push(problem.help("a [[portal]] table puts one there, and on the system that backs it up"));
            }
            both_ends(at, end, |on| EventKind::Portal { system, on })
        }
        Kind::LicenceServerStopped => {
            if !network.has_licence_server() {
                let problem = Problem::error("the solution has no licence server").at(&raw.place);
                p.push(problem.help("licence_server in [solution] says where it is"));
            }
            both_ends(at, end, |on| EventKind::LicenceServer { on })
        }
        Kind::BaseStationDead => {
            let found = raw.names.first().and_then(|name| network.base_station(name, p));
            let Some((dect, station)) = found else { return Vec::new() };
            both_ends(at, end, |on| EventKind::BaseStation { dect, station, on })
        }
        Kind::LineDown => line_down(raw, (at, end), network, p),
        Kind::VoicemailStopped => {
            let Some(&system) = systems(raw, network, p).first() else { return Vec::new() };
            if !network.has_voicemail(system) {
                let problem = Problem::error("this system has no voicemail server").at(&raw.place);
                p.push(problem.help("a [[voicemail]] table of the solution puts one there"));
            }
            both_ends(at, end, |on| EventKind::Voicemail { system, on })
        }
    }
}

fn systems(raw: &RawFault, network: &Network<'_>, p: &mut Problems) -> Vec<SystemId> {
    raw.names.iter().filter_map(|name| network.system(name, p)).collect()
}

/// The data links that a fault cuts.
fn links(raw: &RawFault, network: &Network<'_>, p: &mut Problems) -> Vec<usize> {
    let sites: Vec<usize> = raw.names.iter().filter_map(|name| network.site(name, p)).collect();
    if sites.len() != raw.names.len() {
        return Vec::new();
    }
    let is_one = raw.kind == Kind::LinkDown;
    let links = if is_one { network.links_between(&sites) } else { network.links_out_of(&sites) };
    if links.is_empty() || (is_one && sites.len() != 2) {
        let problem = Problem::error("there is no data link to cut").at(&raw.place);
        p.push(problem.help("a link has two ends, and a site that is cut off has links"));
    }
    links
}

fn line_down(
    raw: &RawFault,
    (at, end): (Duration, Option<Duration>),
    network: &Network<'_>,
    p: &mut Problems,
) -> Vec<TimedEvent> {
    let ends = systems(raw, network, p);
    if ends.len() != raw.names.len() {
        return Vec::new();
    }
    let Some((system, line)) = network.line_between(&ends) else {
        let problem = Problem::error("there is no IP Office line to take down").at(&raw.place);
        p.push(problem.help("\"between\" names the two systems that it joins"));
        return Vec::new();
    };
    both_ends(at, end, |up| EventKind::IpOfficeLine { system, line, up })
}

/// A fault begins and, if it has an end, ends.
fn both_ends(at: Duration, end: Option<Duration>, change: impl Fn(bool) -> EventKind) -> Vec<TimedEvent> {
    let begins = TimedEvent::new(at, change(false));
    let over = end.map(|end| TimedEvent { at: end, what: change(true), began: at });
    [begins].into_iter().chain(over).collect()
}

/// Systems stop together and start one after the other, in the order written.
fn power(systems: &[SystemId], began: Duration, end: Option<Duration>, pause: Duration) -> Vec<TimedEvent> {
    let change = |at, &system: &SystemId, on| TimedEvent { at, what: EventKind::Power { system, on }, began };
    let mut events: Vec<_> = systems.iter().map(|system| change(began, system, false)).collect();
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
