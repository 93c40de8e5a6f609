//! Users, and the numbers that they and hunt groups have: each is there once.

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{RawSolution, RawUsers};
use super::{Names, codes, edition, hunt, user_settings};
use crate::text::{At, Place, Problem, Problems, nearest};
use engine::id::SystemId;
use engine::number::Number;
use engine::plan::spec::{NetworkSpec, UserSpec};
use std::collections::HashMap;

/// RC "IP500 V2": up to 384 extensions.
pub(super) const IP500V2_USERS: usize = 384;
/// Users that are looked at one by one in a file that has too many of them.
const MAX_EXPANDED: usize = 20_000;

/// Who has a number.
pub(super) struct Owner<'r> {
    pub(super) system: SystemId,
    place: &'r Place,
    pub(super) is_user: bool,
}

pub(super) type Owners<'r> = HashMap<Number, Owner<'r>>;

pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &mut NetworkSpec,
    p: &mut Problems,
) {
    let all_counted = check_count(raw, p);
    let mut owners = Owners::new();
    for users in &raw.users {
        add_users(users, names, infos, network, &mut owners, p);
    }
    for group in &raw.hunt_groups {
        claim_number(group.system.as_ref(), group.extension.as_ref(), names, &mut owners, p);
    }
    for room in &raw.conferences {
        claim_number(room.system.as_ref(), room.number.as_ref(), names, &mut owners, p);
    }
    if all_counted {
        for users in &raw.users {
            check_follow_me(users, &owners, p);
        }
    }
    for group in &raw.hunt_groups {
        hunt::add_group(raw, group, (names, network), all_counted.then_some(&owners), p);
    }
    hunt::check_monitor_groups(raw, p);
    check_ip500v2(raw, names, infos, network, p);
}

/// RC "IP Office Server Edition versus Preferred Edition": 1,000, 2,000 and 3,000 users. Whether the numbers can be
/// looked at one by one.
fn check_count(raw: &RawSolution, p: &mut Problems) -> bool {
    let most = match edition(raw) {
        Edition::Preferred => 1_000,
        Edition::ServerEdition => 2_000,
        Edition::Select | Edition::Subscription => 3_000,
    };
    let lists = raw.users.iter().filter_map(|users| users.extensions.as_ref());
    let mut total = 0_usize;
    let mut excess = None;
    for list in lists {
        total = total.saturating_add(list.value.len());
        if total > most {
            excess.get_or_insert(&list.place);
        }
    }
    if let (Some(place), true) = (excess, raw.edition.is_some()) {
        let message = format!("{total} users, but this edition has at most {most} in the solution");
        let problem = Problem::error(message).at(place).label("too many from here on");
        p.push(problem.help("RC, \"IP Office Server Edition versus Preferred Edition\""));
    }
    total <= MAX_EXPANDED
}

fn add_users<'r>(
    users: &'r RawUsers,
    names: &Names,
    infos: &[SystemInfo],
    network: &mut NetworkSpec,
    owners: &mut Owners<'r>,
    p: &mut Problems,
) {
    let Some(system) = names.resolve_some(users.system.as_ref(), p) else { return };
    let Some(extensions) = &users.extensions else { return };
    let settings = user_settings::of(users, system, infos[system.index()].platform, network, p);
    let mut clashes = Clashes::default();
    for extension in extensions.value.iter().take(MAX_EXPANDED.saturating_sub(owners.len())) {
        if let Some(other) = owners.get(&extension) {
            clashes.note(extension, other.place);
            continue;
        }
        owners.insert(extension, Owner { system, place: &extensions.place, is_user: true });
        let list = &mut network.systems[system.index()].users;
        let path = format!("systems[{}].users[{}]", system.index(), list.len());
        codes::remember(&users.barring.short_codes, &format!("{path}.short_codes"), p);
        p.remember(path, &extensions.place);
        let name = users.name.as_ref().map_or_else(String::new, |n| format!("{} {extension}", n.value));
        list.push(UserSpec { extension, name, ..settings.clone() });
    }
    clashes.report(&extensions.place, p);
}

/// Numbers of one entry that are there already: the first, and how many.
#[derive(Default)]
struct Clashes<'r> {
    first: Option<(Number, &'r Place)>,
    count: usize,
}

impl<'r> Clashes<'r> {
    fn note(&mut self, number: Number, other: &'r Place) {
        self.first.get_or_insert((number, other));
        self.count += 1;
    }

    fn report(&self, place: &Place, p: &mut Problems) {
        let Some((number, other)) = self.first else { return };
        let message = match self.count {
            1 => format!("number {number} is there twice in the network"),
            n => format!("number {number} and {} more are there twice in the network", n - 1),
        };
        let problem = Problem::error(message).at(place);
        p.push(if other == place { problem } else { problem.also(other, "the first") });
    }
}

/// Calls follow a user to another user's phone, anywhere in the network (DOMAIN 4.8).
fn check_follow_me(users: &RawUsers, owners: &Owners<'_>, p: &mut Problems) {
    let Some(to) = &users.follow_me_to else { return };
    let help = match owners.get(&to.value) {
        Some(owner) if owner.is_user => None,
        Some(_) => Some(Some(format!("{} is no user", to.value))),
        None => {
            let known = owners.iter().filter(|(_, owner)| owner.is_user).map(|(number, _)| number);
            Some(nearest_of(&to.value, known.collect()).map(|near| format!("did you mean {near:?}?")))
        }
    };
    if let Some(help) = help {
        let message = format!("unknown extension \"{}\": no user in the network has it", to.value);
        p.push(Problem::error(message).at(&to.place).maybe_help(help).consequence());
    }
    if let Some(own) = users.extensions.as_ref().filter(|own| own.value.iter().any(|n| n == to.value)) {
        let problem = Problem::error("a user's calls cannot follow to the same user").at(&to.place);
        p.push(problem.also(&own.place, "one of these"));
    }
}

/// The number of a hunt group or a conference room.
fn claim_number<'r>(
    system: Option<&At<String>>,
    extension: Option<&'r At<Number>>,
    names: &Names,
    owners: &mut Owners<'r>,
    p: &mut Problems,
) {
    let (Some(system), Some(extension)) = (system, extension) else { return };
    // An unknown system is reported when the group or room is added.
    let Some(system) = names.0.iter().position(|name| *name == system.value).map(SystemId::at) else {
        return;
    };
    let owner = Owner { system, place: &extension.place, is_user: false };
    if let Some(other) = owners.get(&extension.value) {
        let mut clashes = Clashes::default();
        clashes.note(extension.value, other.place);
        clashes.report(&extension.place, p);
    } else {
        owners.insert(extension.value, owner);
    }
}

pub(super) fn nearest_of(number: &Number, mut known: Vec<&Number>) -> Option<Number> {
    known.sort_unstable();
    let near = nearest(number.as_str(), known.iter().map(|n| n.as_str()))?;
    Number::new(near).ok()
}

fn check_ip500v2(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    for ((info, system), name) in infos.iter().zip(&network.systems).zip(&names.0) {
        let count = system.users.len();
        if info.platform != Platform::Ip500v2 || count <= IP500V2_USERS {
            continue;
        }
        let on_it = |users: &&RawUsers| users.system.as_ref().is_some_and(|s| s.value == *name);
        let Some(last) = raw.users.iter().rfind(on_it) else { continue };
        let message = format!("{count} users on {name:?}, but an IP500 V2 has at most {IP500V2_USERS}");
        p.push(Problem::error(message).at(&last.place).help("RC, \"IP500 V2\": up to 384 extensions"));
    }
}
