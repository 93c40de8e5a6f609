//! What the profile does to the network: faults, their repair, and changes that are no fault.

use super::entry;
use crate::profile::{EventKind, LineEvent, Node, Profile, TimedEvent};
use crate::report::TimelineEntry;
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
            let number = systems[system.index()].lines[line.index()].number;
            let about = format!("trunk:{}/{number}", name(system));
            let (kind, what) = match becomes {
                LineEvent::InService => ("repair", "is in service"),
                LineEvent::OutOfService => ("event", "goes out of service"),
                LineEvent::Lost => ("fault", "is lost"),
            };
            let text = format!("line {number} {what}");
            TimelineEntry { about: Some(about), ..entry(at_s, kind, name(system), text) }
        }
        EventKind::Dial { system, user, digits } => {
            let extension = systems[system.index()].users[user.index()].extension;
            entry(at_s, "event", name(system), format!("{extension} dials {digits}"))
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
            let station = &dect.base_stations[station].name;
            let text = if on { "works again" } else { "is dead" };
            let about = format!("base-station:{station}");
            fault(on, name(dect.system), about, format!("base station {station} {text}"))
        }
        EventKind::DectSwitch { dect, node } => {
            let to = match node {
                Node::Primary => "primary",
                Node::Backup => "backup",
            };
            let system = name(solution.dect[dect].system);
            entry(at_s, "event", system, format!("its DECT system is to switch to the {to} node"))
        }
        EventKind::VoicemailControl { of, backup, control } => {
            let what = match control {
                VoicemailControl::ActivateBackup => {
                    format!("the voicemail server of {} is activated", name(backup))
                }
                VoicemailControl::Failback => format!("voicemail is to fail back from {}", name(backup)),
            };
            entry(at_s, "event", name(of), what)
        }
        EventKind::Voicemail { system, on } => {
            let what = if on { "runs again" } else { "stops" };
            let about = format!("voicemail:{}", name(system));
            fault(on, name(system), about, format!("the voicemail server {what}"))
        }
    }
}
