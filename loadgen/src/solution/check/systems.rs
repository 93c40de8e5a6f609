//! Systems: names, roles, platforms and how many of them an edition may have.

use super::super::conference_capacity::{ContactCentre, capacity};
use super::super::model::{Edition, Hosting, Platform, SystemInfo};
use super::super::raw::{RawSettings, RawSolution, RawSystem};
use super::{dect, edition};
use crate::text::{At, Place, Problem, Problems};
use engine::number::Number;
use engine::plan::spec::{CompandingLaw, ConferencesSpec, Role, SystemSpec};
use std::collections::HashMap;

pub(super) fn check(raw: &RawSolution, p: &mut Problems) -> (Vec<SystemSpec>, Vec<SystemInfo>) {
    check_count(raw, p);
    check_names(raw, p);
    check_addresses(raw, p);
    check_roles(raw, p);
    for system in &raw.systems {
        check_platform(system, p);
        check_conference_slots(raw, system, p);
    }
    check_equivalent(raw, p);
    for (index, system) in raw.systems.iter().enumerate() {
        p.remember(format!("systems[{index}]"), &system.place);
    }
    let specs = raw.systems.iter().map(|system| spec(raw, system)).collect();
    (specs, raw.systems.iter().map(info).collect())
}

fn spec(raw: &RawSolution, system: &RawSystem) -> SystemSpec {
    let role = system.role.as_ref().map_or(Role::Standalone, |role| role.value);
    let law = raw.law.as_ref().map_or(CompandingLaw::ALaw, |law| law.value);
    let mut spec = SystemSpec::new(name_of(system), role, law);
    spec.address = system.address.as_ref().map_or(Number::EMPTY, |address| address.value);
    spec.emergency_ars = system.emergency_ars.as_ref().map(|form| form.value as u32);
    spec.location = system.location.as_ref().map(|location| location.value.clone());
    spec.phone_failback = system.phone_failback.as_ref().map_or_else(Default::default, |at| at.value);
    spec.dhcp = system.dhcp.as_ref().is_some_and(|at| at.value);
    let written = |at: &Option<At<u64>>| at.as_ref().map(|at| at.value as u32);
    let platform = info(system).platform;
    spec.most_users = written(&system.most_users).or(most_users(platform));
    spec.most_dect_users = written(&system.most_dect_users).or(Some(dect::most_dect_users(platform)));
    let (most, largest) = conferences_of(raw, system);
    let channels = system.conference_slots.as_ref().map_or(most, |slots| most.min(slots.value as u16));
    spec.conferences = ConferencesSpec { channels, largest, ..ConferencesSpec::default() };
    apply(&raw.settings, &mut spec);
    apply(&system.settings, &mut spec);
    spec
}

/// Slots of all conferences and of the largest, by edition and platform.
fn conferences_of(raw: &RawSolution, system: &RawSystem) -> (u16, u16) {
    let role = system.role.as_ref().map_or(Role::Standalone, |role| role.value);
    let accs = if system.accs.as_ref().is_some_and(|accs| accs.value) {
        ContactCentre::Accs
    } else {
        ContactCentre::None
    };
    capacity(edition(raw), role, info(system).platform, accs)
}

fn check_conference_slots(raw: &RawSolution, system: &RawSystem, p: &mut Problems) {
    let (most, _) = conferences_of(raw, system);
    if let Some(slots) = system.conference_slots.as_ref().filter(|slots| slots.value > u64::from(most)) {
        let message = format!("{} conference slots, but this system has at most {most}", slots.value);
        p.push(Problem::error(message).at(&slots.place).help("RC chapter 8, \"IP Office Conferencing\""));
    }
}

/// Users that a platform has room for, guests included (DOMAIN 8.4). No figure is known for the users of a server by itself.
const fn most_users(platform: Platform) -> Option<u32> {
    match platform {
        Platform::Ip500v2 => Some(384),
        Platform::R240 | Platform::Dl360g7 | Platform::R640 | Platform::Ova | Platform::LinuxExpansion => {
            None
        }
    }
}

/// Puts what was written in place of what is there.
fn apply(settings: &RawSettings, spec: &mut SystemSpec) {
    fn put<T: Copy>(written: Option<&At<T>>, there: &mut T) {
        *there = written.map_or(*there, |at| at.value);
    }
    let count = settings.dial_delay_count.as_ref().map(|count| count.value as u8);
    spec.dial_delay_count = count.unwrap_or(spec.dial_delay_count);
    put(settings.no_answer_time.as_ref(), &mut spec.no_answer_time);
    put(settings.dial_delay_time.as_ref(), &mut spec.dial_delay_time);
    put(settings.off_hook_timer.as_ref(), &mut spec.off_hook_timer);
    put(settings.call_priority_promotion_time.as_ref(), &mut spec.call_priority_promotion_time);
    put(settings.trunk_to_trunk.as_ref(), &mut spec.trunk_to_trunk);
    put(settings.drop_external_only.as_ref(), &mut spec.conferences.drop_external_only);
    put(settings.national_prefix.as_ref(), &mut spec.national_prefix);
    put(settings.international_prefix.as_ref(), &mut spec.international_prefix);
    put(settings.media_preservation.as_ref(), &mut spec.media_preservation);
    put(settings.preserved_conn_duration.as_ref(), &mut spec.preserved_conn_duration);
    put(settings.preserved_no_media_duration.as_ref(), &mut spec.preserved_no_media_duration);
}

fn info(system: &RawSystem) -> SystemInfo {
    let platform = system.platform.as_ref().map_or(Platform::Ova, |platform| platform.value);
    let hosting = match system.high_availability.as_ref().is_some_and(|at| at.value) {
        true => Hosting::HighAvailability,
        false => Hosting::Alone,
    };
    let dhcp_forwarding = system.dhcp_forwarding.as_ref().is_none_or(|at| at.value);
    SystemInfo { hosting, dhcp_forwarding, ..SystemInfo::new(name_of(system).to_owned(), platform) }
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

fn check_addresses(raw: &RawSolution, p: &mut Problems) {
    let mut seen: HashMap<Number, &Place> = HashMap::new();
    for address in raw.systems.iter().filter_map(|system| system.address.as_ref()) {
        if let Some(first) = seen.insert(address.value, &address.place) {
            let problem = Problem::error("two systems have the same address").at(&address.place);
            p.push(problem.also(first, "the first"));
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
