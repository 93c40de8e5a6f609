//! Profiles built by hand, for the tests of drivers and world.

use crate::driver::Hooks;
use crate::profile::{
    Arrivals, CallKind, Distribution, FailureTimes, Load, Numbers, Pick, Profile, Share, SourceFile, Stream,
};
use crate::solution::{DataLink, Edition, LineDelay, Platform, Served, Site, Solution, SystemInfo};
use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{
    CompandingLaw, HuntGroupSpec, IncomingCallRouteSpec, LineKind, LineSpec, NetworkSpec, Role, SystemSpec,
    UserSpec,
};
use engine::time::Duration;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Users of each system of [`two_systems`].
const USERS: usize = 200;

/// How calls go on in a test.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) bhcc: f64,
    pub(crate) duration: Duration,
    pub(crate) ring: Duration,
    pub(crate) talk: Duration,
    /// How long a phone rings before the system takes the call back.
    pub(crate) no_answer: Duration,
}

/// 200,000 calls an hour for a second, every one of them answered.
pub(crate) const BRISK: Pace = Pace {
    bhcc: 200_000.0,
    duration: Duration::from_secs(1),
    ring: Duration::from_millis(20),
    talk: Duration::from_millis(30),
    no_answer: Duration::from_secs(15),
};

/// Two systems with a line between them and a trunk each. Four streams: calls from outside to users and to a hunt
/// group, between the systems, and out over the trunk.
pub(crate) fn two_systems(pace: Pace) -> Profile {
    let system =
        |n: u16| SystemInfo { site: usize::from(n), ..SystemInfo::new(format!("s{n}"), Platform::R640) };
    let delay = |from: u16, to: u16| LineDelay {
        system: SystemId(from),
        line: LineId(1),
        peer: SystemId(to),
        peer_line: LineId(1),
        delay: Duration::from_millis(1),
    };
    Profile {
        name: "two_systems".to_owned(),
        description: String::new(),
        source: String::new(),
        file: SourceFile { path: "two_systems.toml".into(), sha256: String::new() },
        solution: Solution {
            name: "two systems".to_owned(),
            edition: Edition::Select,
            systems: vec![system(0), system(1)],
            network: NetworkSpec {
                systems: vec![system_spec(0, pace), system_spec(1, pace)],
                ..NetworkSpec::default()
            },
            served: vec![Served::default(); 2],
            line_delays: vec![delay(0, 1), delay(1, 0)],
            sites: (["s0", "s1"]).map(|name| Site { name: name.to_owned(), transit: true }).to_vec(),
            data_links: vec![DataLink {
                between: [0, 1],
                delay: Duration::from_millis(1),
                loss: 0.0,
                under_line: true,
            }],
            licence_server: None,
            portal: None,
            dect: Vec::new(),
        },
        load: Load {
            bhcc: pace.bhcc,
            arrivals: Arrivals::Poisson,
            seed: 7,
            warm_up: Duration::from_millis(100),
            duration: pace.duration,
            drain: Duration::from_secs(10),
            streams: streams(pace),
            share: Share::WHOLE,
            answering: vec![],
            events: vec![],
        },
        targets: vec![],
        aborts: vec![],
        each_failure: FailureTimes::default(),
    }
}

fn streams(pace: Pace) -> Vec<Stream> {
    let stream = |name: &str, kind, numbers: Vec<Number>| Stream {
        name: name.to_owned(),
        kind,
        to: Numbers { numbers: numbers.into(), pick: Pick::InTurn },
        weight: 1.0,
        rates: vec![],
        ring: Distribution::Fixed(pace.ring),
        talk: Distribution::Exponential { mean: pace.talk },
        patience: None,
        message: None,
        parties: 1,
        scheduled_ahead: None,
        pin: None,
    };
    let from_outside = || CallKind::Incoming {
        system: SystemId(0),
        lines: vec![LineId(0)],
        from: Numbers { numbers: [number("5551000")].into(), pick: Pick::InTurn },
    };
    let from_users = |users: std::ops::Range<usize>| CallKind::FromUsers {
        system: SystemId(0),
        users: users.map(UserId::at).collect(),
        pick: Pick::Random,
        account_code: None,
    };
    // Each stream has users of its own, so that no call is blocked.
    vec![
        stream("in", from_outside(), (0..50).map(|u| extension(0, u)).collect()),
        stream("hunt", from_outside(), vec![number("100")]),
        stream("inter", from_users(100..150), (0..50).map(|u| extension(1, u)).collect()),
        stream("out", from_users(150..200), vec![number("90123456")]),
    ]
}

fn system_spec(n: u16, pace: Pace) -> SystemSpec {
    let peer = LineKind::IpOffice { peer: SystemId(1 - n) };
    SystemSpec {
        no_answer_time: pace.no_answer,
        // Agents who wrap up would be missing at this pace.
        users: (0..USERS)
            .map(|u| UserSpec { wrap_up_time: Duration::ZERO, ..UserSpec::new(extension(n, u)) })
            .collect(),
        lines: vec![line(1, LineKind::Sip, 0), line(2, peer, 99_999)],
        hunt_groups: vec![HuntGroupSpec::new(
            number(if n == 0 { "100" } else { "101" }),
            (50..100).map(|u| extension(n, u)).collect(),
        )],
        incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
        ..SystemSpec::new(&format!("s{n}"), Role::Standalone, CompandingLaw::ALaw)
    }
}

fn line(number: u16, kind: LineKind, outgoing_group: u32) -> LineSpec {
    LineSpec {
        channels: 500,
        outgoing_group,
        call_initiation_timeout: Duration::from_secs(4),
        ..LineSpec::new(number, kind)
    }
}

fn extension(system: u16, user: usize) -> Number {
    Number::from_u64((2_000 + 1_000 * usize::from(system) + user) as u64)
}

fn number(digits: &str) -> Number {
    Number::new(digits).expect("digits of a test")
}

/// The compiled network of a profile.
pub(crate) fn plans(profile: &Profile) -> Vec<Arc<Plan>> {
    engine::plan::compile(&profile.solution.network).expect("a valid network")
}

/// Runs `run` with hooks that take no notice.
pub(crate) fn unwatched<T>(interrupted: bool, run: impl FnOnce(&mut Hooks<'_>) -> T) -> T {
    let interrupted = AtomicBool::new(interrupted);
    run(&mut Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: &interrupted })
}
