//! Voicemail servers: where they are, how many channels they have, and who uses which (RC chapter 9).

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{Failback, RawSolution, RawVoicemail};
use super::{Names, edition};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::limits::MAX_VOICEMAIL_FAILBACK;
use engine::number::Number;
use engine::plan::spec::{NetworkSpec, Role, VoicemailFailback};
use std::collections::HashMap;

/// Channels of one server (RC "IP500 V2", "Server Edition": 250 a core).
const MOST_OF_A_SERVER: u64 = 250;
/// Channels of an R240 (capacity guideline for its successor R260).
const R240: u64 = 75;
/// Channels of the embedded voicemail of an IP500 V2, and with licences (vendor's manual; RC gives no number).
const EMBEDDED: (u64, u64) = (2, 6);

pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &mut [SystemInfo],
    network: &mut NetworkSpec,
    p: &mut Problems,
) {
    let mut servers: HashMap<SystemId, &RawVoicemail> = HashMap::new();
    for server in &raw.voicemail {
        let Some(system) = names.resolve_some(server.system.as_ref(), p) else { continue };
        if let Some(first) = servers.get(&system) {
            let problem = Problem::error("a system has one voicemail server").at(&server.place);
            p.push(problem.also(&first.place, "the first"));
            continue;
        }
        servers.insert(system, server);
        let spec = &mut network.systems[system.index()];
        let platform = infos[system.index()].platform;
        check_place(server, spec.role, platform, p);
        spec.voicemail.channels = channels(server, platform, edition(raw), p) as u16;
        spec.voicemail.records = !is_embedded(server);
        spec.voicemail.failback = failback(server, p);
        if let Some(time) = &server.smtp_message_time {
            infos[system.index()].smtp_message_time = time.value;
        }
    }
    check_sum(raw, network, p);
    for index in 0..network.systems.len() {
        let host = host(raw, SystemId::at(index), names, network, p);
        let fallback = host.and_then(|host| servers.get(&host)?.fallback.as_ref());
        let voicemail = &mut network.systems[index].voicemail;
        voicemail.fallback = fallback.map_or(Number::EMPTY, |at| at.value);
        voicemail.on = host;
    }
    check_recording(raw, names, &servers, p);
}

/// RC "Embedded Voicemail", "Voicemail Pro".
fn check_place(server: &RawVoicemail, role: Role, platform: Platform, p: &mut Problems) {
    if role == Role::Expansion {
        let problem =
            Problem::error("an expansion has no voicemail server: the primary has it").at(&server.place);
        p.push(problem.help("RC, \"Embedded Voicemail\" and \"Voicemail Pro\""));
    }
    if let Some(embedded) = server.embedded.as_ref().filter(|at| at.value)
        && platform != Platform::Ip500v2
    {
        let problem = Problem::error("only an IP500 V2 has embedded voicemail").at(&embedded.place);
        p.push(problem.help("RC, \"Embedded Voicemail\""));
    }
}

fn is_embedded(server: &RawVoicemail) -> bool {
    server.embedded.as_ref().is_some_and(|at| at.value)
}

/// The channels in effect (RC "IP Office Server Edition versus Preferred Edition": 40, 150, 500).
fn channels(server: &RawVoicemail, platform: Platform, edition: Edition, p: &mut Problems) -> u64 {
    let (usual, most) = match (is_embedded(server), edition, platform) {
        (true, _, _) => EMBEDDED,
        (false, Edition::Preferred, _) => (40, 40),
        (false, Edition::ServerEdition, Platform::R240) => (R240, 150),
        (false, Edition::ServerEdition, _) => (150, 150),
        (false, Edition::Select | Edition::Subscription, Platform::R240) => (R240, MOST_OF_A_SERVER),
        (false, Edition::Select | Edition::Subscription, _) => (MOST_OF_A_SERVER, MOST_OF_A_SERVER),
    };
    let Some(channels) = &server.channels else { return usual };
    if channels.value > most {
        let message = format!("{} channels, but this voicemail server has at most {most}", channels.value);
        let problem = Problem::error(message).at(&channels.place);
        p.push(problem.help("RC, \"IP Office Server Edition versus Preferred Edition\" and chapter 9"));
    }
    channels.value
}

/// Preferred Edition has at most two servers; the others have them on the cores, which are two.
fn check_sum(raw: &RawSolution, network: &NetworkSpec, p: &mut Problems) {
    let with_server = network.systems.iter().filter(|s| s.voicemail.channels > 0).count();
    let embedded = raw.voicemail.iter().filter(|server| is_embedded(server)).count();
    if edition(raw) == Edition::Preferred && with_server.saturating_sub(embedded) > 2 {
        let mut servers = raw.voicemail.iter().filter(|server| !is_embedded(server));
        if let Some(excess) = servers.nth(2) {
            let problem =
                Problem::error("a solution has at most two Voicemail Pro servers").at(&excess.place);
            p.push(problem.help("RC, \"IP Office Server Edition versus Preferred Edition\""));
        }
    }
}

/// How it gives mailboxes back (RES "Configuring the Voicemail Failback Method").
fn failback(server: &RawVoicemail, p: &mut Problems) -> VoicemailFailback {
    let option = server.failback.as_ref().map_or(Failback::Graceful, |at| at.value);
    if let (Some(timeout), true) = (&server.failback_timeout, option != Failback::Automatic) {
        let problem = Problem::error("only automatic failback has a timeout").at(&timeout.place);
        p.push(problem.help("add failback = \"automatic\", or leave \"failback_timeout\" out"));
    }
    match option {
        Failback::Manual => VoicemailFailback::Manual,
        Failback::Graceful => VoicemailFailback::Graceful,
        Failback::Automatic => VoicemailFailback::Automatic {
            timeout: server.failback_timeout.as_ref().map_or(MAX_VOICEMAIL_FAILBACK, |at| at.value),
        },
    }
}

/// The system whose server `system` uses: the one it names, else its own, else the primary's or the only one there is. In
/// Server Edition only the primary's is active (RC "One Active Voicemail Pro server").
fn host(
    raw: &RawSolution,
    system: SystemId,
    names: &Names,
    network: &NetworkSpec,
    p: &mut Problems,
) -> Option<SystemId> {
    let has_server = |id: &SystemId| network.systems[id.index()].voicemail.channels > 0;
    let all: Vec<SystemId> = (0..network.systems.len()).map(SystemId::at).filter(has_server).collect();
    let with_role = |role| all.iter().copied().find(|id| network.systems[id.index()].role == role);
    let primary = with_role(Role::Primary);
    let one_active = edition(raw) == Edition::ServerEdition;
    let named = raw.systems[system.index()].voicemail.as_ref();
    let chosen = named.and_then(|name| {
        let chosen = names.resolve(name, p)?;
        let is_backup = one_active && primary.is_some_and(|id| id != chosen);
        check_choice(name, has_server(&chosen), is_backup, p);
        has_server(&chosen).then_some(chosen)
    });
    let own = Some(system).filter(|id| has_server(id) && !one_active);
    let only = Some(&all).filter(|all| all.len() == 1).map(|all| all[0]);
    chosen.or(own).or(primary).or_else(|| with_role(Role::Secondary)).or(only)
}

fn check_choice(name: &At<String>, has_server: bool, is_backup: bool, p: &mut Problems) {
    if !has_server {
        let message = format!("{:?} has no voicemail server", name.value);
        p.push(Problem::error(message).at(&name.place).help("add a [[voicemail]] table").consequence());
    } else if is_backup {
        let problem =
            Problem::error("in Server Edition only the primary's voicemail is active").at(&name.place);
        p.push(problem.help("RC, \"One Active Voicemail Pro server\"; edition = \"select\" has two"));
    }
}

/// Calls are recorded by the server of the user's own system, and not by embedded voicemail (RC "Embedded Voicemail").
fn check_recording(
    raw: &RawSolution,
    names: &Names,
    servers: &HashMap<SystemId, &RawVoicemail>,
    p: &mut Problems,
) {
    for users in &raw.users {
        let Some(record) = users.record_calls.as_ref().filter(|at| at.value) else { continue };
        let system = names.find(users.system.iter()).first().copied();
        let complaint = match system.and_then(|system| servers.get(&system)) {
            Some(server) if is_embedded(server) => "embedded voicemail records no calls",
            Some(_) => continue,
            None => "only the voicemail server of the users' own system records their calls",
        };
        let place: &Place = &record.place;
        p.push(Problem::error(complaint).at(place).help("RC, \"Embedded Voicemail\"").consequence());
    }
}
