//! What is said of DECT systems: which node has control, and which base station is the master (RES "DECT Trunk Resilience").

use super::entry;
use crate::profile::Node;
use crate::report::TimelineEntry;
use crate::solution::{BaseRole, Solution};
use engine::Service;
use engine::id::SystemId;
use engine::network::{ResilienceChange, ResilienceEvent, ResilientFeature};

/// Whether a base station notices what happens to a feature, and not whoever backs that up.
pub(super) const fn says_it_itself(feature: ResilientFeature) -> bool {
    match feature {
        ResilientFeature::Dect | ResilientFeature::DectMaster => true,
        ResilientFeature::Phones
        | ResilientFeature::Users
        | ResilientFeature::HuntGroups
        | ResilientFeature::Conferences
        | ResilientFeature::Voicemail
        | ResilientFeature::Portal
        | ResilientFeature::WebRtc
        | ResilientFeature::VirtualMachine
        | ResilientFeature::Licences => false,
    }
}

/// What happened to a DECT system, if it is not about one of its handsets. `name` says what a system is called.
pub(super) fn of_event(solution: &Solution, at_s: f64, event: &ResilienceEvent) -> Option<TimelineEntry> {
    let dect = solution.dect.iter().find(|dect| dect.system == event.system)?;
    let name = |system: SystemId| {
        solution.systems.get(system.index()).map_or_else(String::new, |info| info.name.clone())
    };
    let home = name(event.system);
    let master = dect.master_name();
    let standby = dect.with_role(BaseRole::StandbyMaster);
    let standby = standby.map_or("", |place| dect.base_stations[place].name.as_str());
    if !says_it_itself(event.feature) {
        return None;
    }
    let is_trunk = event.feature == ResilientFeature::Dect;
    let backup = || event.backup.map_or_else(String::new, name);
    let (kind, status, text) = match (&event.what, is_trunk) {
        (ResilienceChange::Lost, true) => {
            ("lost", None, format!("its master base station no longer sees {home}"))
        }
        (ResilienceChange::Lost, false) => ("lost", None, format!("{standby} no longer sees {master}")),
        (ResilienceChange::SeenAgain, true) => {
            ("seen_again", None, format!("its master base station sees {home} again"))
        }
        (ResilienceChange::SeenAgain, false) => {
            ("seen_again", None, format!("{standby} sees {master} again"))
        }
        (ResilienceChange::FailedOver, true) => {
            ("dect", Some("backup node"), format!("{} has control of its DECT system", backup()))
        }
        (ResilienceChange::FailedOver, false) => {
            ("dect", Some("standby master"), format!("{standby} is the active master base station"))
        }
        (ResilienceChange::FailedBack, true) => {
            ("dect", Some("primary node"), format!("{home} has control of its DECT system again"))
        }
        (ResilienceChange::FailedBack, false) => {
            ("dect", Some("master"), format!("{master} is the active master base station again"))
        }
        (
            ResilienceChange::Moved { .. }
            | ResilienceChange::Refused { .. }
            | ResilienceChange::Returned { .. }
            | ResilienceChange::OtherPhone { .. }
            | ResilienceChange::LoggedIn { .. }
            | ResilienceChange::LoggedOut { .. }
            | ResilienceChange::SettingsMissing { .. }
            | ResilienceChange::Addressed { .. }
            | ResilienceChange::Forgotten { .. }
            | ResilienceChange::CopiesLost
            | ResilienceChange::Expired
            | ResilienceChange::StandAlone,
            _,
        ) => return None,
    };
    let what = event.feature.name().replace('_', " ");
    let about = Some(format!("{what} of {home}"));
    let status = status.map(str::to_owned);
    Some(TimelineEntry { about, status, ..entry(at_s, kind, home, text) })
}

/// What a base station that dies or works again is called as a component, and in words.
pub(super) fn base_station(name: &str, becomes: Service) -> (String, String) {
    let text = match becomes {
        Service::In => "works again",
        Service::Out => "is dead",
    };
    (format!("base-station:{name}"), format!("base station {name} {text}"))
}

/// An administrator forces a DECT system to a trunk, in words.
pub(super) fn switch(node: Node) -> String {
    let to = match node {
        Node::Primary => "primary",
        Node::Backup => "backup",
    };
    format!("its DECT system is to switch to the {to} node")
}
