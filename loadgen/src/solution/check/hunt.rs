//! Hunt groups: members and overflow groups that exist, settings that mean something together.

use super::super::model::Edition;
use super::super::raw::{RawHuntGroup, RawSolution};
use super::reference::check_time_profile;
use super::users::{Owners, nearest_of};
use super::{Names, edition};
use crate::text::{At, NumberList, Place, Problem, Problems};
use engine::id::SystemId;
use engine::limits::{MAX_HUNT_GROUP_MEMBERS, MAX_HUNT_GROUPS};
use engine::number::Number;
use engine::plan::spec::{
    AnnouncementsSpec, HuntGroupSpec, LineKind, NetworkSpec, NoAnswerCalls, NoAnswerStatusSpec, OverflowSpec,
    QueueSpec, QueueType, RingMode, Role, ServiceMode,
};
use engine::time::Duration;

/// First announcement, second after it, and repeats (DOMAIN 4.1).
const ANNOUNCEMENTS_S: (u64, u64, u64) = (10, 20, 20);

/// Voicemail Answer Time (DOMAIN 4.1).
const VOICEMAIL_ANSWER_TIME: Duration = Duration::from_secs(45);

pub(super) fn add_group(
    raw: &RawSolution,
    group: &RawHuntGroup,
    (names, network): (&Names, &mut NetworkSpec),
    owners: Option<&Owners<'_>>,
    p: &mut Problems,
) {
    let system = names.resolve_some(group.system.as_ref(), p);
    let members = group.members.as_ref().map_or_else(Vec::new, |members| members_of(members, p));
    let (Some(system), Some(extension)) = (system, &group.extension) else { return };
    if let (Some(owners), Some(at)) = (owners, &group.members) {
        check_members(&members, &at.place, system, (names, network), owners, p);
    }
    check_edition(raw, group, system, network, p);
    check_overflow_groups(group, system, owners, p);
    check_time_profile(group.time_profile.as_ref(), &[system], network, p);
    let groups = &mut network.systems[system.index()].hunt_groups;
    if groups.len() == MAX_HUNT_GROUPS {
        let message = format!("a system has at most {MAX_HUNT_GROUPS} hunt groups");
        p.push(Problem::error(message).at(&group.place));
    }
    p.remember(format!("systems[{}].hunt_groups[{}]", system.index(), groups.len()), &group.place);
    let fallback = |at: &Option<At<Number>>| at.as_ref().map_or(Number::EMPTY, |at| at.value);
    groups.push(HuntGroupSpec {
        ring_mode: group.ring_mode.as_ref().map_or(RingMode::Sequential, |mode| mode.value),
        queue: queue(group, p),
        overflow: overflow(group, p),
        announcements: announcements(group, p),
        no_answer_status: no_answer_status(group, p),
        name: group.name.as_ref().map_or_else(|| extension.value.to_string(), |name| name.value.clone()),
        no_answer_time: group.no_answer_time.as_ref().map(|time| time.value),
        service_mode: group.service_mode.as_ref().map_or(ServiceMode::InService, |mode| mode.value),
        time_profile: group.time_profile.as_ref().map(|name| name.value.clone()),
        night_service_fallback: fallback(&group.night_service_fallback),
        out_of_service_fallback: fallback(&group.out_of_service_fallback),
        voicemail: group.voicemail.as_ref().is_none_or(|at| at.value),
        voicemail_answer_time: group
            .voicemail_answer_time
            .as_ref()
            .map_or(Some(VOICEMAIL_ANSWER_TIME), |at| at.value),
        ..HuntGroupSpec::new(extension.value, members)
    });
}

fn members_of(members: &At<NumberList>, p: &mut Problems) -> Vec<Number> {
    let count = members.value.len();
    if count > MAX_HUNT_GROUP_MEMBERS {
        let message = format!("{count} members, but a hunt group has at most {MAX_HUNT_GROUP_MEMBERS}");
        p.push(Problem::error(message).at(&members.place));
        return Vec::new();
    }
    let list: Vec<Number> = members.value.iter().collect();
    let mut sorted = list.clone();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        p.push(Problem::error(format!("member {} is listed twice", pair[0])).at(&members.place));
    }
    list
}

/// Members are users of the group's system, or of one to which it has an IP Office line.
fn check_members(
    members: &[Number],
    place: &Place,
    system: SystemId,
    (names, network): (&Names, &NetworkSpec),
    owners: &Owners<'_>,
    p: &mut Problems,
) {
    let here = &names.0[system.index()];
    let user = |n: &Number| owners.get(n).filter(|owner| owner.is_user);
    let unknown: Vec<&Number> = members.iter().filter(|n| user(n).is_none()).collect();
    if let Some(first) = unknown.first() {
        let more = and_more(unknown.len());
        let help = match owners.get(first) {
            Some(_) => Some(format!("{first} is no user; members are users")),
            None => nearest_user(first, system, owners).map(|near| format!("did you mean {near:?}?")),
        };
        let message = format!("unknown extension \"{first}\"{more}: no user in the network has it");
        p.push(Problem::error(message).at(place).maybe_help(help).consequence());
    }
    let lines = &network.systems[system.index()].lines;
    let is_joined = |to: SystemId| lines.iter().any(|line| line.kind == LineKind::IpOffice { peer: to });
    let is_apart = |n: &&Number| user(n).is_some_and(|o| o.system != system && !is_joined(o.system));
    let apart: Vec<&Number> = members.iter().filter(is_apart).collect();
    if let Some((first, owner)) = apart.first().and_then(|first| Some((*first, user(first)?))) {
        let (more, there) = (and_more(apart.len()), &names.0[owner.system.index()]);
        let message =
            format!("{first}{more} cannot be a member: no IP Office line joins {here:?} and {there:?}");
        let help = "members on other systems ring over an [[ip_office_line]] between the two";
        p.push(Problem::error(message).at(place).help(help).consequence());
    }
}

fn and_more(count: usize) -> String {
    if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() }
}

fn nearest_user(number: &Number, system: SystemId, owners: &Owners<'_>) -> Option<Number> {
    let users = owners.iter().filter(|(_, o)| o.is_user && o.system == system);
    nearest_of(number, users.map(|(n, _)| n).collect())
}

/// Users listen to members of a group of their own system.
pub(super) fn check_monitor_groups(raw: &RawSolution, p: &mut Problems) {
    for users in &raw.users {
        let (Some(group), Some(system)) = (&users.monitor_group, &users.system) else { continue };
        let own =
            raw.hunt_groups.iter().filter(|g| g.system.as_ref().is_some_and(|s| s.value == system.value));
        let numbers: Vec<&Number> = own.filter_map(|g| Some(&g.extension.as_ref()?.value)).collect();
        if !numbers.contains(&&group.value) {
            let message = format!("{} is no hunt group of {:?}", group.value, system.value);
            let near = nearest_of(&group.value, numbers).map(|near| format!("did you mean \"{near}\"?"));
            p.push(Problem::error(message).at(&group.place).maybe_help(near).consequence());
        }
    }
}

/// RC "IP Office Server Edition versus Preferred Edition".
fn check_edition(
    raw: &RawSolution,
    group: &RawHuntGroup,
    system: SystemId,
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let Some(at) = &group.system else { return };
    if edition(raw) == Edition::ServerEdition && network.systems[system.index()].role != Role::Primary {
        let problem = Problem::error("Server Edition has hunt groups only on the primary").at(&at.place);
        p.push(
            problem
                .help("RC, \"IP Office Server Edition versus Preferred Edition\"; Select has them anywhere"),
        );
    }
}

/// Overflow groups are other groups of the same system.
fn check_overflow_groups(
    group: &RawHuntGroup,
    system: SystemId,
    owners: Option<&Owners<'_>>,
    p: &mut Problems,
) {
    let (Some(groups), Some(owners)) = (&group.overflow.groups, owners) else { return };
    let own = group.extension.as_ref().map(|own| own.value);
    let is_other = |n: &Number| {
        owners.get(n).is_some_and(|owner| !owner.is_user && owner.system == system) && Some(*n) != own
    };
    if let Some(stranger) = groups.value.iter().find(|n| !is_other(n)) {
        let help =
            nearest_of(&stranger, owners.iter().filter(|(n, _)| is_other(n)).map(|(n, _)| n).collect());
        let message = format!("{stranger} is no other hunt group of the system");
        let problem = Problem::error(message).at(&groups.place);
        p.push(problem.maybe_help(help.map(|near| format!("did you mean {near:?}?"))).consequence());
    }
    let mut sorted: Vec<Number> = groups.value.iter().take(MAX_HUNT_GROUPS).collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        p.push(Problem::error(format!("overflow group {} is listed twice", pair[0])).at(&groups.place));
    }
}

/// A key that means something only together with another.
fn only_with(place: Option<&Place>, key: &str, with: &str, p: &mut Problems) {
    if let Some(place) = place {
        p.push(Problem::error(format!("{key:?} has no meaning without {with}")).at(place).consequence());
    }
}

fn queue(group: &RawHuntGroup, p: &mut Problems) -> Option<QueueSpec> {
    let raw = &group.queue;
    if raw.queuing.as_ref().is_some_and(|on| !on.value) {
        let with = "queuing = true";
        only_with(raw.limit.as_ref().map(|at| &at.place), "queue_limit", with, p);
        only_with(raw.normalize.as_ref().map(|at| &at.place), "normalize_queue_length", with, p);
        only_with(raw.queue_type.as_ref().map(|at| &at.place), "queue_type", with, p);
        return None;
    }
    if let (Some(normalize), None) = (&raw.normalize, &raw.limit) {
        only_with(Some(&normalize.place), "normalize_queue_length", "queue_limit", p);
    }
    Some(QueueSpec {
        limit: raw.limit.as_ref().map(|limit| limit.value as u16),
        normalize: raw.normalize.as_ref().is_some_and(|on| on.value),
        queue_type: raw.queue_type.as_ref().map_or(QueueType::AssignOnAnswer, |kind| kind.value),
    })
}

fn overflow(group: &RawHuntGroup, p: &mut Problems) -> Option<OverflowSpec> {
    let raw = &group.overflow;
    let Some(groups) = &raw.groups else {
        let with = "overflow_groups";
        only_with(raw.time.as_ref().map(|at| &at.place), "overflow_time", with, p);
        only_with(raw.mode.as_ref().map(|at| &at.place), "overflow_mode", with, p);
        only_with(raw.immediate.as_ref().map(|at| &at.place), "immediate_overflow", with, p);
        only_with(raw.ringing.as_ref().map(|at| &at.place), "overflow_ringing", with, p);
        return None;
    };
    let default = OverflowSpec::new(groups.value.iter().take(MAX_HUNT_GROUPS).collect());
    Some(OverflowSpec {
        time: raw.time.as_ref().map(|time| time.value),
        mode: raw.mode.as_ref().map_or(default.mode, |mode| mode.value),
        immediate: raw.immediate.as_ref().map_or(default.immediate, |on| on.value),
        ringing: raw.ringing.as_ref().map_or(default.ringing, |ringing| ringing.value),
        ..default
    })
}

fn announcements(group: &RawHuntGroup, p: &mut Problems) -> Option<AnnouncementsSpec> {
    let raw = &group.announcements;
    if !raw.announcements.as_ref().is_some_and(|on| on.value) {
        let with = "announcements = true";
        only_with(raw.first.as_ref().map(|at| &at.place), "first_announcement", with, p);
        only_with(raw.second.as_ref().map(|at| &at.place), "second_announcement", with, p);
        only_with(raw.repeat.as_ref().map(|at| &at.place), "repeat_announcement", with, p);
        return None;
    }
    let (first, second, repeat) = ANNOUNCEMENTS_S;
    let or = |at: &Option<At<Option<Duration>>>, default| {
        at.as_ref().map_or(Some(Duration::from_secs(default)), |at| at.value)
    };
    Some(AnnouncementsSpec {
        first: raw.first.as_ref().map_or(Duration::from_secs(first), |at| at.value),
        second: or(&raw.second, second),
        repeat: or(&raw.repeat, repeat),
    })
}

fn no_answer_status(group: &RawHuntGroup, p: &mut Problems) -> Option<NoAnswerStatusSpec> {
    let applies_to = &group.no_answer_status_applies_to;
    let Some(status) = &group.no_answer_status else {
        only_with(
            applies_to.as_ref().map(|at| &at.place),
            "no_answer_status_applies_to",
            "no_answer_status",
            p,
        );
        return None;
    };
    let applies_to = applies_to.as_ref().map_or(NoAnswerCalls::Any, |at| at.value);
    Some(NoAnswerStatusSpec { becomes: status.value, applies_to })
}
