//! Incoming call routes: rows of destinations, with time profiles that are there.

use super::super::raw::{RawDestination, RawIncomingCallRoute, RawSolution};
use super::Names;
use super::reference::check_time_profile;
use crate::text::{At, Problems};
use engine::plan::spec::{DestinationSpec, IncomingCallRouteSpec, NetworkSpec, QueuePriority};

pub(super) fn check(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    for route in &raw.incoming_call_routes {
        let systems = names.checked_systems_of(route.system.as_ref(), p);
        for (time_profile, _) in &route.time_profiles {
            check_time_profile(time_profile.as_ref(), &systems, network, p);
        }
        for system in systems {
            let routes = &mut network.systems[system.index()].incoming_call_routes;
            let path = format!("systems[{}].incoming_call_routes[{}]", system.index(), routes.len());
            p.remember(path, &route.place);
            routes.push(route_spec(route));
        }
    }
}

fn route_spec(route: &RawIncomingCallRoute) -> IncomingCallRouteSpec {
    let mut destinations = vec![row(None, &route.default)];
    destinations.extend(route.time_profiles.iter().map(|(name, to)| row(name.as_ref(), to)));
    IncomingCallRouteSpec {
        bearer: route.bearer.as_ref().map(|bearer| bearer.value),
        incoming_group: route.incoming_group.as_ref().map(|group| group.value as u32),
        incoming_number: text(&route.incoming_number, ""),
        sub_address: text(&route.sub_address, ""),
        incoming_cli: text(&route.incoming_cli, ""),
        priority: route.priority.as_ref().map_or(QueuePriority::Low, |priority| priority.value),
        destinations,
    }
}

fn row(time_profile: Option<&At<String>>, to: &RawDestination) -> DestinationSpec {
    DestinationSpec {
        time_profile: time_profile.map(|name| name.value.clone()),
        destination: text(&to.destination, "."),
        fallback: text(&to.fallback, ""),
    }
}

fn text(at: &Option<At<String>>, default: &str) -> String {
    at.as_ref().map_or_else(|| default.to_owned(), |at| at.value.clone())
}
