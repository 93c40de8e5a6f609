//! What can fail by itself, and the events that make it fail.

use crate::profile::{EventKind, LineEvent, Profile, TimedEvent};
use crate::solution::{Hosting, Solution};
use engine::id::{LineId, SystemId};
use engine::plan::spec::{LineKind, LineSpec};
use engine::time::{Duration, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Kinds of components, in the order in which they fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// A telephone system stops.
    System,
    /// An IP Office line is down while the data network under it lives.
    Line,
    /// A data link is cut.
    Link,
    /// A trunk is lost, with all calls on it.
    Trunk,
    /// A voicemail server stops.
    Voicemail,
    /// The licence server stops.
    Licences,
    /// The portal service stops.
    Portal,
    /// A DECT base station is dead.
    BaseStation,
}

impl ComponentKind {
    const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Line => "line",
            Self::Link => "link",
            Self::Trunk => "trunk",
            Self::Voicemail => "voicemail",
            Self::Licences => "licences",
            Self::Portal => "portal",
            Self::BaseStation => "base-station",
        }
    }
}

/// One component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// What it is.
    pub kind: ComponentKind,
    /// Which of its kind, such as `primary`, `primary/north` or `primary/1`.
    name: String,
    fails: EventKind,
    comes_back: EventKind,
}

/// `KIND:NAME`, by which a command line and a record know it.
impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.name)
    }
}

impl Component {
    /// Its failure at `at` from the start of the measured part, and the end of it.
    #[must_use]
    pub fn failure(&self, at: Duration, lasts: Duration) -> [TimedEvent; 2] {
        let end = (Instant::ZERO + at + lasts).since(Instant::ZERO);
        [TimedEvent::new(at, self.fails), TimedEvent { at: end, what: self.comes_back, began: at }]
    }
}

/// Every component of a network that can fail by itself: systems, IP Office lines, data links, trunks, voicemail servers, the
/// licence server, the portal and DECT base stations, each in the order of the file. What is out of service from the start cannot fail.
#[must_use]
pub fn components(solution: &Solution) -> Vec<Component> {
    let mut all: Vec<Component> =
        systems(solution).chain(lines(solution)).chain(voicemail(solution)).collect();
    all.extend(links(solution));
    all.extend(solution.licence_server.map(|_| {
        let service = |on| EventKind::LicenceServer { on };
        component(ComponentKind::Licences, solution.licence_server_name(), service)
    }));
    all.extend(solution.portal.map(|portal| {
        let system = portal.system;
        let name = solution.systems.get(system.index()).map_or_else(String::new, |info| info.name.clone());
        component(ComponentKind::Portal, name, |on| EventKind::Portal { system, on })
    }));
    all.extend(base_stations(solution));
    all.sort_by_key(|component| component.kind);
    all
}

/// A profile in which these components fail besides all else that happens in it; all of them at once.
#[must_use]
pub fn with_failures(profile: &Profile, fail: &[&Component], at: Duration, lasts: Duration) -> Profile {
    let mut changed = profile.clone();
    let events = &mut changed.load.events;
    events.extend(fail.iter().flat_map(|component| component.failure(at, lasts)));
    events.sort_by_key(|event| event.at);
    changed
}

fn systems(solution: &Solution) -> impl Iterator<Item = Component> {
    let systems = solution.network.systems.iter().enumerate();
    systems.map(|(n, spec)| {
        let system = SystemId::at(n);
        // Where its host fails, a machine with high availability comes back by itself.
        let hosting = solution.systems.get(n).map_or(Hosting::Alone, |info| info.hosting);
        component(ComponentKind::System, spec.name.clone(), |up| match hosting {
            Hosting::Alone => EventKind::Power { system, on: up },
            Hosting::HighAvailability => EventKind::Host { system, up },
        })
    })
}

/// IP Office lines, each by the end that was written first, and trunks.
fn lines(solution: &Solution) -> impl Iterator<Item = Component> {
    let systems = &solution.network.systems;
    let each = systems.iter().enumerate().flat_map(|(n, spec)| {
        let in_service = spec.lines.iter().enumerate().filter(|(_, line)| line.in_service);
        in_service.map(move |(l, line)| (SystemId::at(n), LineId::at(l), &spec.name, line))
    });
    each.filter_map(|(system, line, name, spec): (SystemId, LineId, &String, &LineSpec)| match spec.kind {
        LineKind::IpOffice { peer } => {
            let change = |up| EventKind::IpOfficeLine { system, line, up };
            let name = format!("{name}/{}", systems.get(peer.index())?.name);
            (system < peer).then(|| component(ComponentKind::Line, name, change))
        }
        LineKind::Sip
        | LineKind::PriE1
        | LineKind::PriT1
        | LineKind::Bri
        | LineKind::Analog
        | LineKind::H323 => {
            let change = |up| EventKind::Line {
                system,
                line,
                becomes: if up { LineEvent::InService } else { LineEvent::Lost },
            };
            Some(component(ComponentKind::Trunk, format!("{name}/{}", spec.number), change))
        }
    })
}

fn voicemail(solution: &Solution) -> impl Iterator<Item = Component> {
    let systems = solution.network.systems.iter().enumerate();
    let with_server = systems.filter(|(_, spec)| spec.voicemail.channels > 0);
    with_server.map(|(n, spec)| {
        let service = |on| EventKind::Voicemail { system: SystemId::at(n), on };
        component(ComponentKind::Voicemail, spec.name.clone(), service)
    })
}

fn base_stations(solution: &Solution) -> impl Iterator<Item = Component> {
    solution.dect.iter().enumerate().flat_map(|(dect, spec)| {
        spec.base_stations.iter().enumerate().map(move |(station, base)| {
            let change = |on| EventKind::BaseStation { dect, station, on };
            component(ComponentKind::BaseStation, base.name.clone(), change)
        })
    })
}

/// Data links; a second one between the same sites has a number.
fn links(solution: &Solution) -> Vec<Component> {
    let mut seen: BTreeMap<[usize; 2], u32> = BTreeMap::new();
    let name = |site: usize| solution.sites.get(site).map_or("", |site| site.name.as_str());
    let of = |(link, spec): (usize, &crate::solution::DataLink)| {
        let [a, b] = spec.between;
        let nth = seen.entry([a.min(b), a.max(b)]).or_insert(0);
        *nth += 1;
        let number = if *nth > 1 { format!("#{nth}") } else { String::new() };
        component(ComponentKind::Link, format!("{}/{}{number}", name(a), name(b)), |up| EventKind::Link {
            link,
            up,
        })
    };
    solution.data_links.iter().enumerate().map(of).collect()
}

fn component(kind: ComponentKind, name: String, change: impl Fn(bool) -> EventKind) -> Component {
    Component { kind, name, fails: change(false), comes_back: change(true) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution;
    use crate::test_support::{BRISK, two_systems};
    use crate::text::Problems;

    const NETWORK: &str = r#"
        [solution]
        name = "n"
        edition = "select"
        [[system]]
        name = "primary"
        role = "primary"
        platform = "r640"
        [[system]]
        name = "secondary"
        role = "secondary"
        platform = "r640"
        [[line]]
        system = "primary"
        number = 1
        kind = "sip"
        channels = 5
        [[line]]
        system = "secondary"
        number = 4
        kind = "sip"
        channels = 5
        in_service = false
        [[ip_office_line]]
        between = ["secondary", "primary"]
        [[data_link]]
        between = ["primary", "secondary"]
        [[data_link]]
        between = ["secondary", "primary"]
        [[voicemail]]
        system = "primary"
    "#;

    #[test]
    fn each_component_has_one_name_and_fails_once() {
        let solution = solution::from_str("s.toml", NETWORK, &mut Problems::new()).expect("it is good");
        let names: Vec<String> = components(&solution).iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "system:primary",
                "system:secondary",
                "line:primary/secondary",
                "link:primary/secondary",
                "link:secondary/primary#2",
                "trunk:primary/1",
                "voicemail:primary"
            ]
        );
    }

    #[test]
    fn a_failure_stands_among_the_events_of_the_profile_in_order_of_time() {
        let profile = two_systems(BRISK);
        let s = Duration::from_secs;
        let all = components(&profile.solution);
        let both: Vec<&Component> = all.iter().take(2).collect();
        let once = with_failures(&profile, &both, s(2), s(3));
        let twice = with_failures(&once, &both[..1], s(1), s(9));
        let at: Vec<u64> = twice.load.events.iter().map(|e| e.at.as_nanos() / 1_000_000_000).collect();
        assert_eq!(at, [1, 2, 2, 5, 5, 10]);
        let first = twice.load.events[0].what;
        assert_eq!(first, EventKind::Power { system: SystemId(0), on: false });
    }
}
