//! What the profile does to the network: faults, their repair, and changes that are no fault.

use super::{dect, entry};
use crate::profile::{EventKind, HoldEvent, LineEvent, Profile, TimedEvent};
use crate::report::TimelineEntry;
use engine::Service;
use engine::id::SystemId;
use engine::network::VoicemailControl;

/// An entry for each event of the profile, in its order.
pub(super) fn entries(profile: &Profile) -> Vec<TimelineEntry> {
    profile.load.events.iter().map(|event| of_event(profile, event)).collect()
}

fn of_event(profile: &Profile, event: &TimedEvent) -> TimelineEntry {
    let solution = &profile.solution;
    let systems = &solution.network.systems;
    let name = |system: SystemId| systems[system.index()].name.clone();
    let at_s = event.at.as_secs_f64();
    let fault = |is_over: bool, system: String, about: String, text: String| TimelineEntry {
        about: Some(about),
        ..entry(at_s, if is_over { "repair" } else { "fault" }, system, text)
    };
    match event.what {
        EventKind::Line { system, line, becomes } => {
            trunk(at_s, name(system), systems[system.index()].lines[line.index()].number, becomes)
        }
        EventKind::Dial { system, user, digits } => {
            let extension = systems[system.index()].users[user.index()].extension;
            entry(at_s, "event", name(system), format!("{extension} dials {digits}"))
        }
        EventKind::Hold { system, user, becomes } => {
            let extension = systems[system.index()].users[user.index()].extension;
            let what = match becomes {
                HoldEvent::Held => "is to put the call at hand on hold",
                HoldEvent::Retrieved => "is to take it back from hold",
            };
            entry(at_s, "event", name(system), format!("{extension} {what}"))
        }
        EventKind::PhoneRestart { system, user } => {
            let extension = systems[system.index()].users[user.index()].extension;
            entry(at_s, "event", name(system), format!("the phone of {extension} is restarted"))
        }
        EventKind::Power { system, on } => {
            let text = if on { "starts" } else { "stops" };
            fault(on, name(system), format!("system:{}", name(system)), text.to_owned())
        }
        EventKind::Host { system, up } => {
            let text =
                if up { "its first host is repaired" } else { "the host of its virtual machine fails" };
            fault(up, name(system), format!("system:{}", name(system)), text.to_owned())
        }
        EventKind::Portal { system, on } => {
            let text = if on { "the portal service runs again" } else { "the portal service stops" };
            fault(on, name(system), format!("portal:{}", name(system)), text.to_owned())
        }
        EventKind::LicenceServer { on } => {
            let text = if on { "runs again" } else { "stops" };
            let server = solution.licence_server_name();
            fault(on, server.clone(), format!("licences:{server}"), format!("the licence server {text}"))
        }
        EventKind::Link { link, up } => {
            let [a, b] = solution.data_links[link].between.map(|site| &solution.sites[site].name);
            let what = if up { "is restored" } else { "is cut" };
            fault(up, a.clone(), format!("link:{a}/{b}"), format!("the data link to {b} {what}"))
        }
        EventKind::IpOfficeLine { system, line, up } => {
            let to = systems[system.index()].lines[line.index()].name.trim_start_matches("to ");
            let what = if up { "is repaired" } else { "is down" };
            let about = format!("line:{}/{to}", name(system));
            fault(up, name(system), about, format!("the line to {to} {what}"))
        }
        EventKind::BaseStation { dect, station, on } => {
            let dect = &solution.dect[dect];
            let (about, text) = dect::base_station(&dect.base_stations[station].name, Service::when(on));
            fault(on, name(dect.system), about, text)
        }
        EventKind::DectSwitch { dect, node } => {
            entry(at_s, "event", name(solution.dect[dect].system), dect::switch(node))
        }
        EventKind::VoicemailControl { of, backup, control } => {
            entry(at_s, "event", name(of), voicemail(&name(backup), control))
        }
        EventKind::Voicemail { system, on } => {
            let what = if on { "runs again" } else { "stops" };
            let about = format!("voicemail:{}", name(system));
            fault(on, name(system), about, format!("the voicemail server {what}"))
        }
    }
}

fn trunk(at_s: f64, system: String, number: u16, becomes: LineEvent) -> TimelineEntry {
    let about = Some(format!("trunk:{system}/{number}"));
    let (kind, what) = match becomes {
        LineEvent::InService => ("repair", "is in service"),
        LineEvent::OutOfService => ("event", "goes out of service"),
        LineEvent::Lost => ("fault", "is lost"),
    };
    TimelineEntry { about, ..entry(at_s, kind, system, format!("line {number} {what}")) }
}

fn voicemail(backup: &str, control: VoicemailControl) -> String {
    match control {
        VoicemailControl::ActivateBackup => format!("the voicemail server of {backup} is activated"),
        VoicemailControl::Failback => format!("voicemail is to fail back from {backup}"),
    }
}
