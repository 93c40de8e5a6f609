//! Names and ids that an element refers to: they are there on every system the element is on.

use super::super::raw::RawSolution;
use super::Names;
use super::ars::MAIN;
use crate::text::{At, Problem, Problems, did_you_mean};
use engine::id::SystemId;
use engine::plan::spec::{NetworkSpec, SystemSpec};

pub(super) fn check_time_profile(
    name: Option<&At<String>>,
    systems: &[SystemId],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let known = |s: &'_ SystemSpec| s.time_profiles.iter().map(|profile| profile.name.clone()).collect();
    check_name("time profile", name, systems, network, known, p);
}

pub(super) fn check_user_rights(
    name: Option<&At<String>>,
    systems: &[SystemId],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let known = |s: &'_ SystemSpec| s.user_rights.iter().map(|rights| rights.name.clone()).collect();
    check_name("user rights", name, systems, network, known, p);
}

pub(super) fn check_location(
    name: Option<&At<String>>,
    systems: &[SystemId],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let known = |s: &'_ SystemSpec| s.locations.iter().map(|location| location.name.clone()).collect();
    check_name("location", name, systems, network, known, p);
}

/// Reports the first of the systems that has no element of this name.
fn check_name(
    what: &str,
    name: Option<&At<String>>,
    systems: &[SystemId],
    network: &NetworkSpec,
    known: fn(&SystemSpec) -> Vec<String>,
    p: &mut Problems,
) {
    let Some(name) = name else { return };
    for system in systems.iter().map(|system| &network.systems[system.index()]) {
        let known = known(system);
        if known.contains(&name.value) {
            continue;
        }
        let help = did_you_mean(&name.value, known.iter().map(String::as_str));
        let help = help.unwrap_or_else(|| format!("{:?} has no {what}", system.name));
        let message = format!("unknown {what} {:?} on {:?}", name.value, system.name);
        p.push(Problem::error(message).at(&name.place).help(help).consequence());
        return;
    }
}

/// The forms that emergency calls take.
pub(super) fn check_emergency_forms(
    raw: &RawSolution,
    names: &Names,
    network: &NetworkSpec,
    p: &mut Problems,
) {
    for system in &raw.systems {
        check_ars_form(system.emergency_ars.as_ref(), &names.find(&system.name), network, p);
    }
    for location in &raw.locations {
        let systems = names.systems_of(location.system.as_ref());
        check_ars_form(location.emergency_ars.as_ref(), &systems, network, p);
    }
}

/// Reports the first of the systems that has no ARS form of this id.
pub(super) fn check_ars_form(
    id: Option<&At<u64>>,
    systems: &[SystemId],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let Some(id) = id else { return };
    let forms = |system: &SystemSpec| -> Vec<u64> {
        let mut ids: Vec<u64> = system.ars_forms.iter().map(|form| u64::from(form.id)).collect();
        ids.push(u64::from(MAIN));
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let specs = systems.iter().map(|system| &network.systems[system.index()]);
    let mut missing = specs.filter(|system| !forms(system).contains(&id.value));
    if let Some(system) = missing.next() {
        let known: Vec<_> = forms(system).iter().take(20).map(u64::to_string).collect();
        let message = format!("no ARS form {} on {:?}", id.value, system.name);
        let problem = Problem::error(message).at(&id.place);
        p.push(problem.help(format!("ARS forms: {}", known.join(", "))).consequence());
    }
}
