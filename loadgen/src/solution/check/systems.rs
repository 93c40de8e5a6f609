//! Systems: names, roles, platforms and how many of them an edition may have.

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{RawSolution, RawSystem};
use super::edition;
use crate::text::{Place, Problem, Problems};
use engine::plan::spec::{CompandingLaw, Role, SystemSpec};
use engine::time::Duration;
use std::collections::HashMap;

/// System default of RES and the manuals.
const NO_ANSWER_TIME: Duration = Duration::from_secs(15);

pub(super) fn check(raw: &RawSolution, p: &mut Problems) -> (Vec<SystemSpec>, Vec<SystemInfo>) {
    check_count(raw, p);
    check_names(raw, p);
    check_roles(raw, p);
    for system in &raw.systems {
        check_platform(system, p);
    }
    check_equivalent(raw, p);
    for (index, system) in raw.systems.iter().enumerate() {
        p.remember(format!("systems[{index}]"), &system.place);
    }
    let specs = raw.systems.iter().map(|system| spec(raw, system)).collect();
    (specs, raw.systems.iter().map(info).collect())
}

fn spec(raw: &RawSolution, system: &RawSystem) -> SystemSpec {
    let no_answer_time = system.no_answer_time.as_ref().or(raw.no_answer_time.as_ref());
    SystemSpec {
        name: name_of(system).to_owned(),
        role: system.role.as_ref().map_or(Role::Standalone, |role| role.value),
        law: raw.law.as_ref().map_or(CompandingLaw::ALaw, |law| law.value),
        no_answer_time: no_answer_time.map_or(NO_ANSWER_TIME, |time| time.value),
        users: Vec::new(),
        lines: Vec::new(),
        hunt_groups: Vec::new(),
        incoming_call_routes: Vec::new(),
        short_codes: Vec::new(),
        ars_forms: Vec::new(),
    }
}

fn info(system: &RawSystem) -> SystemInfo {
    let platform = system.platform.as_ref().map_or(Platform::Ova, |platform| platform.value);
    SystemInfo { name: name_of(system).to_owned(), platform }
}

fn name_of(system: &RawSystem) -> &str {
    system.name.as_ref().map_or("", |name| &name.value)
}

/// RC "IP Office Server Edition versus Preferred Edition": 32 locations, 150 with Select.
fn check_count(raw: &RawSolution, p: &mut Problems) {
    let most = match edition(raw) {
        Edition::Preferred | Edition::ServerEdition => 32,
        Edition::Select | Edition::Subscription => 150,
    };
    if raw.systems.is_empty() {
        let problem = Problem::error("a solution has at least one system").at(&raw.place);
        p.push(problem.help("add a [[system]] table").consequence());
    }
    if let (Some(excess), true) = (raw.systems.get(most), raw.edition.is_some()) {
        let message = format!("{} systems, but this edition has at most {most}", raw.systems.len());
        let problem = Problem::error(message).at(&excess.place).label(format!("number {}", most + 1));
        p.push(problem.help("RC, \"IP Office Server Edition versus Preferred Edition\""));
    }
}

fn check_names(raw: &RawSolution, p: &mut Problems) {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for name in raw.systems.iter().filter_map(|system| system.name.as_ref()) {
        if let Some(first) = seen.get(name.value.as_str()) {
            let problem = Problem::error(format!("two systems are named {:?}", name.value)).at(&name.place);
            p.push(problem.also(first, "the first"));
        } else {
            seen.insert(&name.value, &name.place);
        }
    }
}

fn check_roles(raw: &RawSolution, p: &mut Problems) {
    let of = |role| raw.systems.iter().filter_map(|s| s.role.as_ref()).filter(move |r| r.value == role);
    for (role, name) in [(Role::Primary, "primary"), (Role::Secondary, "secondary")] {
        let mut all = of(role);
        if let Some(first) = all.next() {
            for other in all {
                let message = format!("a solution has one {name} system");
                p.push(Problem::error(message).at(&other.place).also(&first.place, "the first"));
            }
        }
    }
    let is_complete = raw.systems.iter().all(|s| s.role.is_some());
    let networked = of(Role::Secondary).chain(of(Role::Expansion)).next();
    if let (Some(role), None, true) = (networked, of(Role::Primary).next(), is_complete) {
        let problem = Problem::error("a secondary or expansion system needs a primary").at(&role.place);
        p.push(problem.help("give one system role = \"primary\"").consequence());
    }
    check_standalone(raw, p);
}

/// Systems on their own: any number of them in Preferred Edition's free networks, otherwise only one and no others.
fn check_standalone(raw: &RawSolution, p: &mut Problems) {
    if raw.edition.is_none() {
        return;
    }
    let is_preferred = edition(raw) == Edition::Preferred;
    for role in raw.systems.iter().filter_map(|system| system.role.as_ref()) {
        let is_standalone = role.value == Role::Standalone;
        if is_preferred && !is_standalone {
            let problem = Problem::error("systems of Preferred Edition are standalone").at(&role.place);
            p.push(problem.help("write role = \"standalone\", or another edition in [solution]"));
        } else if is_standalone && !is_preferred && raw.systems.len() > 1 {
            let problem = Problem::error("a standalone system has no others beside it").at(&role.place);
            p.push(problem.help("only edition = \"preferred\" networks standalone systems"));
        }
    }
}

/// RC "Server Edition Components" and "Server Combinations and Usage".
fn check_platform(system: &RawSystem, p: &mut Problems) {
    let (Some(role), Some(platform)) = (&system.role, &system.platform) else { return };
    let complaint = match (platform.value, role.value) {
        (Platform::Ip500v2, Role::Primary | Role::Secondary) => {
            "an IP500 V2 is standalone or an expansion, never primary or secondary"
        }
        (Platform::LinuxExpansion, Role::Standalone | Role::Primary | Role::Secondary) => {
            "a Linux expansion can only be an expansion"
        }
        (Platform::LinuxExpansion | Platform::Ip500v2, _)
        | (Platform::R240 | Platform::Dl360g7 | Platform::R640 | Platform::Ova, _) => return,
    };
    let problem = Problem::error(complaint).at(&platform.place).also(&role.place, "the role");
    p.push(problem.help("RC, \"Server Combinations and Usage\""));
}

fn check_equivalent(raw: &RawSolution, p: &mut Problems) {
    let platform_of = |role| {
        let system = raw.systems.iter().find(|s| s.role.as_ref().is_some_and(|r| r.value == role))?;
        system.platform.as_ref()
    };
    let (Some(primary), Some(secondary)) = (platform_of(Role::Primary), platform_of(Role::Secondary)) else {
        return;
    };
    if primary.value != secondary.value {
        let message = "primary and secondary should be on equivalent platforms";
        let problem = Problem::warning(message).at(&secondary.place).also(&primary.place, "the primary's");
        p.push(problem.help("RC, \"Server Combinations and Usage\""));
    }
}
