//! Lines: channels, groups and numbers of trunks; both ends of IP Office lines.

use super::super::model::{LineDelay, Platform, SystemInfo};
use super::super::raw::{RawIpOfficeLine, RawLine, RawSolution};
use super::{Names, codes, media, topology};
use crate::text::{Place, Problem, Problems};
use engine::id::{LineId, SystemId};
use engine::limits::MAX_LINES;
use engine::plan::spec::{Endpoint, LineKind, LineSpec, NetworkSpec, Role};
use engine::time::Duration;
use std::collections::HashMap;

/// Outgoing group of the line to the primary (RES "Default Call Routing").
pub(in crate::solution) const TO_PRIMARY: u32 = 99_999;
/// Outgoing group of the line to the secondary (RES "Default Call Routing").
pub(in crate::solution) const TO_SECONDARY: u32 = 99_998;
/// Outgoing groups from here on belong to IP Office lines.
pub(super) const FIRST_RESERVED_GROUP: u32 = 98_000;
const SIP_CALL_INITIATION_TIMEOUT: Duration = Duration::from_secs(4);
const IP_OFFICE_CALL_INITIATION_TIMEOUT: Duration = Duration::from_secs(5);
const IP_OFFICE_CHANNELS: u16 = 250;
const IP_OFFICE_DELAY: Duration = Duration::from_millis(1);

pub(super) fn check_trunks(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &mut NetworkSpec,
    p: &mut Problems,
) {
    let mut seen: HashMap<(SystemId, u16), (&Place, &RawLine)> = HashMap::new();
    for line in &raw.lines {
        check_groups(line, p);
        check_incoming(line, p);
        check_preservation(line, p);
        let channels = check_channels(line, p);
        let Some(system) = names.resolve_some(line.system.as_ref(), p) else { continue };
        if let Some(info) = infos.get(system.index()) {
            check_hardware(line, info.platform, p);
        }
        let Some(number) = &line.number else { continue };
        if let Some((first, _)) = seen.insert((system, number.value as u16), (&number.place, line)) {
            let message = format!("line {} is there twice on {:?}", number.value, names.0[system.index()]);
            p.push(Problem::error(message).at(&number.place).also(first, "the first"));
        }
        network.systems[system.index()].lines.push(spec(line, number.value as u16, channels, p));
    }
    for (index, system) in network.systems.iter_mut().enumerate() {
        system.lines.sort_by_key(|line| line.number);
        for (place, line) in system.lines.iter().enumerate() {
            if let Some((at, raw)) = seen.get(&(SystemId::at(index), line.number)) {
                let path = format!("systems[{index}].lines[{place}]");
                codes::remember(&raw.short_codes, &format!("{path}.short_codes"), p);
                p.remember(path, at);
            }
        }
    }
}

fn spec(line: &RawLine, number: u16, channels: u16, p: &mut Problems) -> LineSpec {
    let usual = LineSpec::new(number, line.kind.as_ref().map_or(LineKind::Sip, |kind| kind.value));
    let outgoing_group = line.outgoing_group.as_ref().map_or(0, |group| group.value as u32);
    LineSpec {
        name: line.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        channels,
        outgoing_group,
        incoming_group: line.incoming_group.as_ref().map_or(outgoing_group, |group| group.value as u32),
        in_service: line.in_service.as_ref().is_none_or(|in_service| in_service.value),
        short_codes: codes::specs(&line.short_codes),
        media_preservation: line.media_preservation.as_ref().map_or_else(Default::default, |at| at.value),
        uris: line.uris.as_ref().map_or_else(Vec::new, |uris| uris.value.clone()),
        call_initiation_timeout: line
            .call_initiation_timeout
            .as_ref()
            .map_or(SIP_CALL_INITIATION_TIMEOUT, |timeout| timeout.value),
        endpoint: media::of(&line.endpoint, usual.endpoint, p),
        ..usual
    }
}

fn check_groups(line: &RawLine, p: &mut Problems) {
    for group in [&line.outgoing_group, &line.incoming_group].into_iter().flatten() {
        if group.value >= u64::from(FIRST_RESERVED_GROUP) {
            let message = format!("groups {FIRST_RESERVED_GROUP} to 99999 belong to IP Office lines");
            p.push(Problem::error(message).at(&group.place));
        }
    }
}

/// Only a SIP line has a preservation of its own (RES chapter 13).
fn check_preservation(line: &RawLine, p: &mut Problems) {
    if let (Some(own), Some(kind)) = (&line.media_preservation, &line.kind)
        && kind.value != LineKind::Sip
    {
        let problem = Problem::error("only a SIP line has a preservation setting of its own").at(&own.place);
        p.push(problem.also(&kind.place, "the kind"));
    }
}

/// What becomes of calls received depends on the kind of line (DOMAIN 5.1, 5.2).
fn check_incoming(line: &RawLine, p: &mut Problems) {
    let Some(kind) = &line.kind else { return };
    let (has_uris, has_codes) = match kind.value {
        LineKind::Sip => (true, false),
        LineKind::H323 | LineKind::IpOffice { .. } => (false, true),
        LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog => (false, false),
    };
    if let (Some(uris), false) = (&line.uris, has_uris) {
        let problem = Problem::error("only a SIP line has URIs").at(&uris.place);
        p.push(problem.also(&kind.place, "the kind"));
    }
    if let (Some(code), false) = (line.short_codes.first(), has_codes) {
        let problem = Problem::error("a line of this kind has no short codes").at(&code.place);
        let problem = problem.also(&kind.place, "the kind");
        p.push(problem.help("calls on it go by incoming call routes; H.323 and IP Office lines have them"));
    }
}

/// The channels in effect.
fn check_channels(line: &RawLine, p: &mut Problems) -> u16 {
    let Some(kind) = &line.kind else { return 1 };
    let (default, most) = match kind.value {
        LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => (None, u64::MAX),
        LineKind::PriE1 => (Some(30), 30),
        LineKind::PriT1 => (Some(24), 24),
        LineKind::Bri => (Some(2), 2),
        LineKind::Analog => (Some(1), 1),
    };
    match (&line.channels, default) {
        (Some(channels), _) => {
            if channels.value > most {
                let message =
                    format!("{} channels, but a line of this kind has at most {most}", channels.value);
                p.push(Problem::error(message).at(&channels.place).also(&kind.place, "the kind"));
            }
            channels.value as u16
        }
        (None, Some(default)) => default,
        (None, None) => {
            if !line.has_channels {
                let problem = Problem::error("missing key \"channels\"").at(&line.place);
                p.push(problem.label("a line of this kind has no usual number of channels").consequence());
            }
            1
        }
    }
}

/// RC "IP500 V2 trunk cards": trunks that are not IP need cards, which only this unit has.
fn check_hardware(line: &RawLine, platform: Platform, p: &mut Problems) {
    let Some(kind) = &line.kind else { return };
    let needs_card = match kind.value {
        LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog => true,
        LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => false,
    };
    if needs_card && platform != Platform::Ip500v2 {
        let problem = Problem::error("only an IP500 V2 has trunks of this kind").at(&kind.place);
        p.push(problem.help("RC, \"IP500 V2 trunk cards\": put it on a system with platform = \"ip500v2\""));
    }
}

/// Adds both ends of every IP Office line and returns their delays.
pub(super) fn check_ip_office_lines(
    raw: &RawSolution,
    names: &Names,
    network: &mut NetworkSpec,
    p: &mut Problems,
) -> Vec<LineDelay> {
    let mut seen: HashMap<(SystemId, SystemId), &Place> = HashMap::new();
    let mut delays = Vec::new();
    for line in &raw.ip_office_lines {
        let Some(between) = &line.between else { continue };
        let [a, b] = &between.value;
        let (Some(a), Some(b)) = (names.resolve(a, p), names.resolve(b, p)) else { continue };
        if a == b {
            p.push(Problem::error("an IP Office line joins two systems").at(&between.place));
            continue;
        }
        if let Some(first) = seen.insert((a.min(b), a.max(b)), &between.place) {
            let problem = Problem::error("these systems are joined twice").at(&between.place);
            p.push(problem.also(first, "the first"));
        }
        topology::check_line(raw, line, ([a, b], between), network, p);
        join(line, [a, b], network, &mut delays, p);
    }
    delays
}

fn join(
    line: &RawIpOfficeLine,
    [a, b]: [SystemId; 2],
    network: &mut NetworkSpec,
    delays: &mut Vec<LineDelay>,
    p: &mut Problems,
) {
    let channels = line.channels.as_ref().map_or(IP_OFFICE_CHANNELS, |channels| channels.value as u16);
    let delay = line.delay.as_ref().map_or(IP_OFFICE_DELAY, |delay| delay.value);
    let (Some(at_a), Some(at_b)) =
        (add_end(line, a, b, channels, network, p), add_end(line, b, a, channels, network, p))
    else {
        return;
    };
    delays.push(LineDelay { system: a, line: at_a, peer: b, peer_line: at_b, delay });
    delays.push(LineDelay { system: b, line: at_b, peer: a, peer_line: at_a, delay });
}

fn add_end(
    line: &RawIpOfficeLine,
    system: SystemId,
    peer: SystemId,
    channels: u16,
    network: &mut NetworkSpec,
    p: &mut Problems,
) -> Option<LineId> {
    let group = match network.systems[peer.index()].role {
        Role::Primary => TO_PRIMARY,
        Role::Secondary => TO_SECONDARY,
        Role::Standalone | Role::Expansion => FIRST_RESERVED_GROUP + u32::from(peer.0),
    };
    let endpoint = media::of(&line.endpoint, Endpoint::IP, p);
    let name = format!("to {}", network.systems[peer.index()].name);
    let lines = &mut network.systems[system.index()].lines;
    let number =
        lines.last().map_or(0, |last| last.number).checked_add(1).filter(|_| lines.len() < MAX_LINES);
    let Some(number) = number else {
        p.push(Problem::error("no line number is left for this IP Office line").at(&line.place));
        return None;
    };
    let default = LineSpec::new(number, LineKind::IpOffice { peer });
    let losses = line.keep_alive_losses.as_ref().map(|losses| losses.value as u8);
    lines.push(LineSpec {
        name,
        channels,
        outgoing_group: group,
        incoming_group: group,
        in_service: line.in_service.as_ref().is_none_or(|in_service| in_service.value),
        short_codes: codes::specs(&line.short_codes),
        call_initiation_timeout: IP_OFFICE_CALL_INITIATION_TIMEOUT,
        endpoint,
        keep_alive: line.keep_alive.as_ref().map_or(default.keep_alive, |period| period.value),
        keep_alive_losses: losses.unwrap_or(default.keep_alive_losses),
        ..default
    });
    let path = format!("systems[{}].lines[{}]", system.index(), lines.len() - 1);
    codes::remember(&line.short_codes, &format!("{path}.short_codes"), p);
    p.remember(path, &line.place);
    Some(LineId::at(lines.len() - 1))
}
