//! DECT systems: base stations, whose handsets are where, and what their resilience takes to work (RES chapters 2, 10 and 11).

use super::super::dect::{BaseHardware, BaseRole, BaseStation, Dect};
use super::super::model::{Platform, Site, SystemInfo};
use super::super::raw::{RawBaseStation, RawDect, RawSolution, RawUsers};
use super::{Names, sites};
use crate::text::{At, Place, Problem, Problems, did_you_mean};
use engine::id::{SystemId, UserId};
use engine::number::Number;
use engine::plan::spec::{BackedUp, LineKind, LineSpec, NetworkSpec, PhoneModel, UserSpec};
use engine::time::Duration;
use std::collections::{BTreeMap, HashMap};

/// RES "When Does DECT Failover Occur".
const STATUS_ENQUIRY_PERIOD: Duration = Duration::from_secs(30);
const SUPERVISION_TIMEOUT: Duration = Duration::from_secs(120);

/// DECT users that a platform has room for, guests included (RES "DECT Resilience").
pub(super) const fn most_dect_users(platform: Platform) -> u32 {
    match platform {
        Platform::Ip500v2 => 384,
        Platform::R240 | Platform::Dl360g7 | Platform::R640 | Platform::Ova | Platform::LinuxExpansion => 400,
    }
}

/// What was written of one DECT system.
#[derive(Default)]
struct Written<'r> {
    line: Option<&'r RawDect>,
    base_stations: Vec<&'r RawBaseStation>,
}

/// The DECT systems of a network, in order of their hosts: those that were written, and those whose users have DECT phones.
pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    (infos, sites): (&[SystemInfo], &[Site]),
    network: &NetworkSpec,
    p: &mut Problems,
) -> Vec<Dect> {
    let mut written = written(raw, names, p);
    let mut all = Vec::new();
    for (n, info) in infos.iter().enumerate() {
        let (system, users) = (SystemId::at(n), &network.systems[n].users);
        let handsets: Vec<UserId> =
            users.iter().enumerate().filter(|(_, user)| is_dect(user)).map(|(u, _)| UserId::at(u)).collect();
        let own = match written.remove(&system) {
            Some(own) => own,
            None if handsets.is_empty() => continue,
            None => Written::default(),
        };
        if let (Some(line), true) = (own.line, handsets.is_empty()) {
            let problem = Problem::warning("no user of this system has a DECT phone").at(&line.place);
            p.push(problem.help("phone_model = \"dect\" in [[users]]").consequence());
        }
        let usual = |u: UserId| (u, 0);
        all.push(Dect {
            base_stations: base_stations(&own, info, sites, p),
            handsets: handsets.into_iter().map(usual).collect(),
            ..line(own.line, system, &network.systems[n].lines, p)
        });
    }
    for users in &raw.users {
        place_handsets(users, names, network, &mut all, p);
    }
    check_backed_up(raw, names, &all, p);
    check_room(raw, infos, network, p);
    all
}

/// RES "Backs up my IP DECT Phones": this option also requires the DECT system to be configured for trunk resilience.
fn check_backed_up(raw: &RawSolution, names: &Names, all: &[Dect], p: &mut Problems) {
    for entry in &raw.resilience {
        let listed = entry.backs_up.iter().flat_map(|list| &list.value);
        let Some(written) = listed.into_iter().find(|at| at.value == BackedUp::Dect) else { continue };
        let without = |system: &SystemId| all.iter().any(|dect| dect.system == *system && !dect.resiliency);
        if names.find(entry.system.iter()).first().is_some_and(without) {
            let problem =
                Problem::error("the DECT system of this system has no other trunk").at(&written.place);
            p.push(
                problem
                    .help("take resiliency = false out of its [[dect]]; RES, \"Backs up my IP DECT Phones\""),
            );
        }
    }
}

fn is_dect(user: &UserSpec) -> bool {
    user.phone == PhoneModel::Dect
}

fn written<'r>(raw: &'r RawSolution, names: &Names, p: &mut Problems) -> BTreeMap<SystemId, Written<'r>> {
    let mut all: BTreeMap<SystemId, Written<'r>> = BTreeMap::new();
    for line in &raw.dect {
        let Some(system) = names.resolve_some(line.system.as_ref(), p) else { continue };
        let before = all.entry(system).or_default().line.replace(line);
        if let Some(first) = before {
            let problem = Problem::error("this system has two DECT systems").at(&line.place);
            p.push(problem.also(&first.place, "the first"));
        }
    }
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for station in &raw.base_stations {
        if let Some(name) = &station.name
            && let Some(first) = seen.insert(&name.value, &name.place)
        {
            let problem = Problem::error(format!("two base stations are named {:?}", name.value));
            p.push(problem.at(&name.place).also(first, "the first"));
        }
        if let Some(system) = names.resolve_some(station.system.as_ref(), p) {
            all.entry(system).or_default().base_stations.push(station);
        }
    }
    all
}

/// The settings of the line; base stations and handsets are still to come.
fn line(raw: Option<&RawDect>, system: SystemId, lines: &[LineSpec], p: &mut Problems) -> Dect {
    let time = |at: Option<&At<Duration>>, usual| at.map_or(usual, |at| at.value);
    let flag = |at: Option<&At<bool>>, usual| at.map_or(usual, |at| at.value);
    let dect = Dect {
        system,
        status_enquiry_period: time(
            raw.and_then(|raw| raw.status_enquiry_period.as_ref()),
            STATUS_ENQUIRY_PERIOD,
        ),
        supervision_timeout: time(raw.and_then(|raw| raw.supervision_timeout.as_ref()), SUPERVISION_TIMEOUT),
        prioritize_primary: flag(raw.and_then(|raw| raw.prioritize_primary.as_ref()), true),
        provisioned: flag(raw.and_then(|raw| raw.provisioned.as_ref()), true),
        resiliency: flag(raw.and_then(|raw| raw.resiliency.as_ref()), is_backed_up(lines)),
        base_stations: Vec::new(),
        handsets: Vec::new(),
    };
    if let Some(raw) = raw {
        check_line(raw, &dect, lines, p);
    }
    dect
}

/// RES "SCN Resiliency Options" and chapter 10: both the IP DECT line and the IP Office line must say so.
fn check_line(raw: &RawDect, dect: &Dect, lines: &[LineSpec], p: &mut Problems) {
    if let Some(at) = raw.resiliency.as_ref().filter(|at| at.value && !is_backed_up(lines)) {
        let problem = Problem::error("no system backs up the DECT phones of this one").at(&at.place);
        p.push(problem.help("a [[resilience]] of this system with \"dect\" in backs_up says where its other trunk leads; RES, \"Backs up my IP DECT Phones\""));
    }
    let (period, timeout) = (dect.status_enquiry_period, dect.supervision_timeout);
    if timeout < period {
        let place = raw.supervision_timeout.as_ref().map_or(&raw.place, |at| &at.place);
        let message = format!(
            "the supervision timeout of {timeout} is shorter than the status enquiry period of {period}"
        );
        let problem = Problem::warning(message).at(place);
        p.push(problem.help("one status enquiry without an answer is enough to fail over then"));
    }
}

fn is_backed_up(lines: &[LineSpec]) -> bool {
    lines.iter().any(backs_up_dect)
}

pub(super) fn backs_up_dect(line: &LineSpec) -> bool {
    line.backs_up.is_some_and(|set| set.contains(BackedUp::Dect))
}

/// The base stations of one system; where none are written, a master at the system's site.
fn base_stations(own: &Written<'_>, info: &SystemInfo, sites: &[Site], p: &mut Problems) -> Vec<BaseStation> {
    if own.base_stations.is_empty() {
        let (name, site) = (format!("{}-master", info.name), info.site);
        return vec![BaseStation { name, site, role: BaseRole::Master, overlaps: Vec::new() }];
    }
    let role = |raw: &RawBaseStation| raw.role.as_ref().map_or(BaseRole::Normal, |at| at.value);
    let all = &own.base_stations;
    let built = all.iter().map(|raw| BaseStation {
        name: raw.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        site: raw.site.as_ref().and_then(|name| sites::find(sites, name, p)).unwrap_or(info.site),
        role: role(raw),
        overlaps: overlaps(raw, all, p),
    });
    let built: Vec<_> = built.collect();
    check_masters(all, &role, p);
    built
}

fn overlaps(raw: &RawBaseStation, all: &[&RawBaseStation], p: &mut Problems) -> Vec<usize> {
    let mut places = Vec::new();
    for name in raw.overlaps.iter().flat_map(|at| &at.value) {
        let called = all.iter().map(|station| station.name.as_ref().map(|name| name.value.as_str()));
        let Some(place) = find(name, called, "DECT system", p) else { continue };
        if std::ptr::eq(all[place], raw) {
            p.push(Problem::error("a base station does not overlap with itself").at(&name.place));
        }
        places.push(place);
    }
    places
}

/// The place of the base station of this name among those of one system, which are called so; an unknown one is reported.
fn find<'a>(
    name: &At<String>,
    called: impl Iterator<Item = Option<&'a str>> + Clone,
    whose: &str,
    p: &mut Problems,
) -> Option<usize> {
    let found = called.clone().position(|called| called == Some(name.value.as_str()));
    if found.is_none() {
        let help = did_you_mean(&name.value, called.flatten());
        let message = format!("no base station of this {whose} is called {:?}", name.value);
        p.push(Problem::error(message).at(&name.place).maybe_help(help).consequence());
    }
    found
}

/// RES "DECT R4 Master Base Station Resilience": each system has a master, and perhaps one that mirrors it.
fn check_masters(all: &[&RawBaseStation], role: &impl Fn(&RawBaseStation) -> BaseRole, p: &mut Problems) {
    let with = |wanted: BaseRole| all.iter().filter(move |raw| role(raw) == wanted);
    let place =
        |raw: &RawBaseStation| raw.role.as_ref().map_or_else(|| raw.place.clone(), |at| at.place.clone());
    for (wanted, what) in [(BaseRole::Master, "one master"), (BaseRole::StandbyMaster, "one standby master")]
    {
        let mut found = with(wanted);
        let Some(first) = found.next() else { continue };
        for second in found {
            let problem = Problem::error(format!("a DECT system has {what}")).at(&place(second));
            p.push(
                problem.also(&place(first), "the first").help("RES, \"Activating the Master Base Station\""),
            );
        }
    }
    let Some(master) = with(BaseRole::Master).next() else {
        if let Some(first) = all.first() {
            let problem = Problem::error("this DECT system has no master base station").at(&first.place);
            p.push(problem.help("write role = \"master\" at the one with the IP DECT line"));
        }
        return;
    };
    let Some(standby) = with(BaseRole::StandbyMaster).next() else { return };
    let hardware =
        |raw: &RawBaseStation| raw.hardware.as_ref().map_or(BaseHardware::NonCompact, |at| at.value);
    match (hardware(master), hardware(standby)) {
        (BaseHardware::Compact, BaseHardware::NonCompact)
        | (BaseHardware::NonCompact, BaseHardware::Compact) => {
            let problem =
                Problem::error("a compact base station and a non-compact one cannot mirror each other");
            let problem = problem.at(&standby.place).also(&master.place, "the master");
            p.push(problem.help("two of one kind, or a gateway and a non-compact one; RES, \"DECT R4 Master Base Station Resilience\""));
        }
        (BaseHardware::Compact, BaseHardware::Gateway) | (BaseHardware::Gateway, BaseHardware::Compact) => {
            let problem =
                Problem::warning("RES names no mirroring between a compact base station and a gateway");
            p.push(problem.at(&standby.place).also(&master.place, "the master"));
        }
        (BaseHardware::Compact, BaseHardware::Compact)
        | (
            BaseHardware::NonCompact | BaseHardware::Gateway,
            BaseHardware::NonCompact | BaseHardware::Gateway,
        ) => {}
    }
}

/// Puts the handsets of an entry at the base station that it names, else at the master.
fn place_handsets(
    users: &RawUsers,
    names: &Names,
    network: &NetworkSpec,
    all: &mut [Dect],
    p: &mut Problems,
) {
    let is_dect = users.phone_model.as_ref().is_some_and(|at| at.value == PhoneModel::Dect);
    if let Some(name) = users.base_station.as_ref().filter(|_| !is_dect) {
        let problem = Problem::error("only DECT phones are at a base station").at(&name.place);
        p.push(problem.help("write phone_model = \"dect\""));
    }
    if let Some(at) = users.simultaneous.as_ref().filter(|at| at.value && is_dect) {
        let problem = Problem::error("a DECT phone has no other one beside it").at(&at.place);
        p.push(problem.help(
            "it goes with its base station and the other with its system, which would leave the user on two",
        ));
    }
    let (Some(&system), Some(list)) = (names.find(users.system.iter()).first(), &users.extensions) else {
        return;
    };
    let Some(dect) = all.iter_mut().find(|dect| is_dect && dect.system == system) else { return };
    let place = match &users.base_station {
        None => dect.with_role(BaseRole::Master),
        Some(name) => {
            find(name, dect.base_stations.iter().map(|station| Some(station.name.as_str())), "system", p)
        }
    };
    let spec = &network.systems[system.index()].users;
    let is_listed = |extension: Number| list.value.iter().any(|number| number == extension);
    for (user, station) in &mut dect.handsets {
        if is_listed(spec[user.index()].extension) {
            *station = place.unwrap_or(0);
        }
    }
}

/// RES "Failover Server Total IP DECT Capacity": own users and all guests at once. A figure of one's own says what happens,
/// so only that of the platform is worth a warning.
fn check_room(raw: &RawSolution, infos: &[SystemInfo], network: &NetworkSpec, p: &mut Problems) {
    let count = |id: SystemId| network.systems[id.index()].users.iter().filter(|user| is_dect(user)).count();
    for (n, (system, info)) in raw.systems.iter().zip(infos).enumerate() {
        let (id, platform) = (SystemId::at(n), most_dect_users(info.platform));
        if let Some(written) = system.most_dect_users.as_ref().filter(|at| at.value > u64::from(platform)) {
            let message = format!("{} DECT users, but this platform has at most {platform}", written.value);
            p.push(Problem::error(message).at(&written.place).help("RES, \"DECT Resilience\""));
        }
        let most = system.most_dect_users.as_ref().map_or(platform as usize, |at| at.value as usize);
        let own = count(id);
        if own > most {
            let message = format!("{own} DECT users, but this system has at most {most}");
            let problem = Problem::error(message).at(&system.place);
            p.push(problem.help("put some of them on another system; RES, \"DECT Resilience\""));
        }
        if own > most || system.most_dect_users.is_some() {
            continue;
        }
        let leads_here =
            |line: &LineSpec| line.kind == LineKind::IpOffice { peer: id } && backs_up_dect(line);
        let homes = network.systems.iter().enumerate().filter(|(_, home)| home.lines.iter().any(leads_here));
        let guests: usize = homes.map(|(home, _)| count(SystemId::at(home))).sum();
        let left_out = (own + guests).saturating_sub(most);
        if left_out > 0 {
            let message = format!(
                "{left_out} of {guests} DECT phones that this system backs up find no room: it has {own} of its own, and takes {most}"
            );
            let problem = Problem::warning(message).at(&system.place);
            p.push(problem.help("another backup for some; RES, \"Failover Server Total IP DECT Capacity\""));
        }
    }
}
