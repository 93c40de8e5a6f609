//! The network that the benchmarked calls cross: two systems with users, a trunk each and a line between them.

use engine::id::SystemId;
use engine::number::Number;
use engine::plan::spec::{
    CompandingLaw, ConferencesSpec, HuntGroupSpec, IncomingCallRouteSpec, LineKind, LineSpec, NetworkSpec,
    Role, RoomSpec, ShortCodeSpec, SystemSpec, UserSpec,
};
use engine::plan::{self, Plan};
use engine::time::Duration;
use std::sync::Arc;

/// Users of each system.
pub const USERS: usize = 1_000;

/// The compiled network. The first system has these short codes, or the default ones if there are none.
#[must_use]
pub fn plans(short_codes: Vec<ShortCodeSpec>) -> Vec<Arc<Plan>> {
    let systems = vec![system(0, short_codes), system(1, vec![])];
    plan::compile(&NetworkSpec { systems, ..NetworkSpec::default() }).expect("the network is valid")
}

fn system(n: u16, short_codes: Vec<ShortCodeSpec>) -> SystemSpec {
    let peer = LineKind::IpOffice { peer: SystemId(1 - n) };
    SystemSpec {
        users: (0..USERS).map(|user| UserSpec::new(extension(n, user))).collect(),
        lines: vec![line(1, LineKind::Sip, 0, 250), line(2, peer, 99_999, 250)],
        hunt_groups: vec![HuntGroupSpec::new(
            hunt_group(n),
            (0..20).map(|user| extension(n, user)).collect(),
        )],
        conferences: ConferencesSpec { rooms: vec![RoomSpec::new(room(n))], ..ConferencesSpec::default() },
        incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
        short_codes,
        ..SystemSpec::new(&format!("s{n}"), Role::Standalone, CompandingLaw::ALaw)
    }
}

fn line(number: u16, kind: LineKind, outgoing_group: u32, channels: u16) -> LineSpec {
    LineSpec {
        channels,
        outgoing_group,
        call_initiation_timeout: Duration::from_secs(4),
        ..LineSpec::new(number, kind)
    }
}

/// The extension number of a user.
#[must_use]
pub fn extension(system: u16, user: usize) -> Number {
    Number::from_u64((20_000 + 10_000 * usize::from(system) + user) as u64)
}

/// The number of a system's hunt group.
#[must_use]
pub fn hunt_group(system: u16) -> Number {
    Number::from_u64(8_000 + u64::from(system))
}

/// The number of a system's conference room.
#[must_use]
pub fn room(system: u16) -> Number {
    Number::from_u64(7_000 + u64::from(system))
}
