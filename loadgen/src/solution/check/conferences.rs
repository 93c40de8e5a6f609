//! Conference rooms: who hosts them, how many there may be, and who moderates.

use super::super::conference_capacity::most_system_conferences;
use super::super::model::SystemInfo;
use super::super::raw::{RawConference, RawSolution};
use super::Names;
use crate::text::{At, Problem, Problems};
use engine::id::SystemId;
use engine::limits::MAX_ROOMS;
use engine::number::Number;
use engine::plan::spec::{NetworkSpec, Role, RoomKind, RoomSpec};

/// Most moderators of one room.
const MAX_MODERATORS: usize = 1_000;

pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &mut NetworkSpec,
    p: &mut Problems,
) {
    for conference in &raw.conferences {
        add(conference, names, network, p);
    }
    for (system, info) in network.systems.iter().zip(infos) {
        let rooms = &system.conferences.rooms;
        let count = rooms.iter().filter(|room| room.kind == RoomKind::System).count();
        let most = most_system_conferences(info.platform);
        let on_it = |c: &&RawConference| c.system.as_ref().is_some_and(|s| s.value == system.name);
        if let (Some(last), true) = (raw.conferences.iter().rfind(on_it), count > most) {
            let message =
                format!("{count} system conferences on {:?}, which has at most {most}", system.name);
            p.push(Problem::error(message).at(&last.place));
        }
    }
}

fn add(raw: &RawConference, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    let Some(system) = names.resolve_some(raw.system.as_ref(), p) else { return };
    let Some(number) = &raw.number else { return };
    check_moderators(raw, network, p);
    let kind = raw.kind.as_ref().map_or(RoomKind::MeetMe, |kind| kind.value);
    check_host(raw, system, kind, network, p);
    check_pins(raw, p);
    let spec = &mut network.systems[system.index()].conferences;
    if let Some(own) = raw.largest.as_ref().filter(|own| own.value > u64::from(spec.largest)) {
        let message =
            format!("{} parties, but a conference of this system has at most {}", own.value, spec.largest);
        p.push(Problem::error(message).at(&own.place).help("RC chapter 8, \"IP Office Conferencing\""));
    }
    if spec.rooms.len() == MAX_ROOMS {
        let message = format!("a system has at most {MAX_ROOMS} conference rooms");
        p.push(Problem::error(message).at(&raw.place));
    }
    p.remember(format!("systems[{}].conferences.rooms[{}]", system.index(), spec.rooms.len()), &raw.place);
    let pin = |at: &Option<At<Number>>| at.as_ref().map_or(Number::EMPTY, |at| at.value);
    spec.rooms.push(RoomSpec {
        name: raw.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        kind,
        pin: pin(&raw.pin),
        moderator_pin: pin(&raw.moderator_pin),
        moderators: raw.moderators.iter().flat_map(|m| m.value.iter()).take(MAX_MODERATORS).collect(),
        largest: raw.largest.as_ref().map(|largest| largest.value as u16),
        music_until_moderator: raw.music_until_moderator.as_ref().is_some_and(|music| music.value),
        ..RoomSpec::new(number.value)
    });
}

fn check_moderators(raw: &RawConference, network: &NetworkSpec, p: &mut Problems) {
    let Some(moderators) = &raw.moderators else { return };
    if moderators.value.len() > MAX_MODERATORS {
        let message =
            format!("{} moderators, but a room has at most {MAX_MODERATORS}", moderators.value.len());
        p.push(Problem::error(message).at(&moderators.place));
    }
    let is_user = |n: &Number| network.systems.iter().any(|s| s.users.iter().any(|u| u.extension == *n));
    if let Some(stranger) = moderators.value.iter().take(MAX_MODERATORS).find(|n| !is_user(n)) {
        let message = format!("unknown extension \"{stranger}\": no user in the network has it");
        p.push(Problem::error(message).at(&moderators.place).consequence());
    }
}

/// The primary hosts system conferences (RES "System Conference Resilience"), or a system on its own.
fn check_host(
    raw: &RawConference,
    system: SystemId,
    kind: RoomKind,
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let role = network.systems[system.index()].role;
    if let (RoomKind::System, Role::Secondary | Role::Expansion, Some(at)) = (kind, role, &raw.kind) {
        let problem = Problem::error("system conferences are hosted by the primary").at(&at.place);
        p.push(problem.help("name the primary as \"system\", or write kind = \"meet-me\""));
    }
}

fn check_pins(raw: &RawConference, p: &mut Problems) {
    if let (Some(pin), Some(moderators)) = (&raw.pin, &raw.moderator_pin)
        && pin.value == moderators.value
    {
        let problem = Problem::error("moderators and participants have the same PIN").at(&moderators.place);
        p.push(problem.also(&pin.place, "the participants'"));
    }
}
