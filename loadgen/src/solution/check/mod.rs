//! Holds a solution file against itself and fills in every default.

mod ars;
mod codes;
mod conferences;
mod dect;
mod hardware;
mod high_availability;
mod hunt;
mod lines;
mod media;
mod named;
mod portal;
mod reference;
mod resilience;
mod resilience_rules;
mod routing;
mod sip;
mod sites;
mod systems;
mod topology;
mod user_settings;
mod users;
mod voicemail;

pub(super) use ars::MAIN;
pub(super) use codes::has_group;
pub(super) use lines::{TO_PRIMARY, TO_SECONDARY};

use super::model::{Edition, LicenceServer, Site, Solution};
use super::raw::RawSolution;
use crate::text::{At, Problem, Problems, did_you_mean};
use engine::id::SystemId;
use engine::plan::spec::NetworkSpec;

/// The effective solution. Where problems were found, now or while reading, it is the best that could be made of the
/// file: good enough to look for further problems, not to run.
pub(super) fn check(raw: &RawSolution, p: &mut Problems) -> Solution {
    let (systems, mut infos) = systems::check(raw, p);
    let mut network = NetworkSpec { systems, ..NetworkSpec::default() };
    let names = Names::of(&network);
    named::check(raw, &names, &mut network, p);
    for (system, id) in raw.systems.iter().zip(0..) {
        reference::check_location(system.location.as_ref(), &[SystemId(id)], &network, p);
    }
    lines::check_trunks(raw, &names, &infos, &mut network, p);
    let line_delays = lines::check_ip_office_lines(raw, &names, &mut network, p);
    resilience::check(raw, &names, &mut network, p);
    let (sites, data_links) = sites::check(raw, &mut infos, &line_delays, &names, p);
    users::check(raw, &names, &infos, &mut network, p);
    hardware::check(raw, &names, &infos, p);
    media::check(raw, &infos, &mut network, p);
    voicemail::check(raw, &names, &mut infos, &mut network, p);
    conferences::check(raw, &names, &infos, &mut network, p);
    ars::add_forms(raw, &names, &mut network, p);
    routing::check(raw, &names, &mut network, p);
    codes::check(raw, &names, &mut network, p);
    reference::check_emergency_forms(raw, &names, &network, p);
    topology::check_double_star(raw, &network, p);
    resilience_rules::check(raw, &names, &infos, &network, p);
    high_availability::check(raw, &names, &infos, &network, p);
    let dect = dect::check(raw, &names, (&infos, &sites), &network, p);
    let portal = portal::check(raw, &names, &mut infos, &network, p);
    let licence_server = licence_server(raw, &names, &sites, p);
    let served = sip::check(raw, &names, p);
    Solution {
        name: raw.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        edition: edition(raw),
        systems: infos,
        network,
        served,
        line_delays,
        sites,
        data_links,
        licence_server,
        portal,
        dect,
    }
}

/// The system or, failing that, the site that is called so.
fn licence_server(
    raw: &RawSolution,
    names: &Names,
    sites: &[Site],
    p: &mut Problems,
) -> Option<LicenceServer> {
    let name = raw.licence_server.as_ref()?;
    if let Some(&system) = names.find([name]).first() {
        return Some(LicenceServer::System(system));
    }
    let site = sites.iter().position(|site| site.name == name.value);
    if site.is_none() {
        let message = format!("no system and no site is called {:?}", name.value);
        p.push(Problem::error(message).at(&name.place).help("add a [[site]] for a licence server elsewhere"));
    }
    site.map(LicenceServer::Site)
}

fn edition(raw: &RawSolution) -> Edition {
    raw.edition.as_ref().map_or(Edition::Select, |edition| edition.value)
}

/// Systems that get the common elements; no edition has more than 150.
const MAX_SYSTEMS: usize = 200;

/// The systems' names, by which everything else refers to them.
struct Names(Vec<String>);

impl Names {
    fn of(network: &NetworkSpec) -> Self {
        Self(network.systems.iter().map(|system| system.name.clone()).collect())
    }

    /// The system that is meant; an unknown one is reported.
    fn resolve(&self, name: &At<String>, p: &mut Problems) -> Option<SystemId> {
        let found = self.0.iter().position(|known| *known == name.value);
        if found.is_none() {
            let known = self.0.iter().map(String::as_str).filter(|known| !known.is_empty());
            let help = did_you_mean(&name.value, known);
            let problem = Problem::error(format!("unknown system {:?}", name.value)).at(&name.place);
            p.push(problem.maybe_help(help).consequence());
        }
        found.map(SystemId::at)
    }

    /// The same for a reference that may be missing.
    fn resolve_some(&self, name: Option<&At<String>>, p: &mut Problems) -> Option<SystemId> {
        self.resolve(name?, p)
    }

    /// The systems an element belongs to: the one it names, or all. An unknown one has been reported.
    fn systems_of(&self, name: Option<&At<String>>) -> Vec<SystemId> {
        let is_meant = |i: &usize| name.is_none_or(|name| self.0[*i] == name.value);
        (0..self.0.len()).take(MAX_SYSTEMS).filter(is_meant).map(SystemId::at).collect()
    }

    /// The same; an unknown one is reported.
    fn checked_systems_of(&self, name: Option<&At<String>>, p: &mut Problems) -> Vec<SystemId> {
        self.resolve_some(name, p);
        self.systems_of(name)
    }

    /// The systems of these names, for an element that must name them. Unknown ones have been reported.
    fn find<'n>(&self, names: impl IntoIterator<Item = &'n At<String>>) -> Vec<SystemId> {
        let place = |name: &At<String>| self.0.iter().position(|known| *known == name.value);
        names.into_iter().filter_map(place).map(SystemId::at).collect()
    }
}
