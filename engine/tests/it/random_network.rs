//! Random operations on three systems whose messages take time and get lost.
//!
//! What holds whatever happens: every system is sound after every step, and attempts are refused, ended or in progress.
//!
//! Afterwards everyone hangs up and all timers run out. Then everything is idle if a call never passes a third system,
//! whatever was lost: each end of a call has a party of its own that hangs up, or a timer. A system that a call only
//! passes through has neither once the call is answered. If the releases of both its neighbours get lost it keeps the
//! call until one of them seizes the channel again, so where calls pass through, releases are not lost here. Nor is the word
//! that a call has reached a conference: two conferences that are joined because neither was told keep each other.

use crate::exploring::cases;
use crate::support::{Bench, Build, UnderWay, number, seconds, system};
use engine::cause::Cause;
use engine::id::{LineId, Tag};
use engine::network::{PeerBody, Reached};
use engine::plan::spec::{
    AgentStatus, ConferencesSpec, Feature, NoAnswerCalls, NoAnswerStatusSpec, QueueSpec, RingMode, Role,
    RoomSpec, SystemSpec,
};
use engine::time::Duration;
use engine::{CallFacts, Control, Input, Switch, Whom};
use proptest::prelude::{Strategy, prop, prop_oneof, proptest};

const USERS: [&str; 9] = ["201", "202", "203", "301", "302", "303", "401", "402", "403"];
const NUMBERS: [&str; 31] = [
    "201", "202", "203", "301", "302", "303", "401", "402", "403", "290", "390", "490", "0123", "*1", "*2",
    "999", "700", "*7201", "*75", "290", "390", "490", "290", "*91", "*92", "*93", "*94", "*95201", "*95302",
    "*95403", "*96",
];

/// Every system has a line to every other, and groups have members at home: no call passes a third system. Nobody queues: a
/// call that waits without end has no timer, and would stay if the release of its caller's system got lost.
pub(crate) fn mesh() -> Vec<SystemSpec> {
    let each = |n: u16, users: &[&str], group: &str| {
        let mut spec = with_settings(system(&n.to_string(), users)).trunk(2, 0);
        spec = with_group(spec, group).with_group(|g| {
            g.queue = None;
            g.members.retain(|member| users.contains(&member.as_str()));
        });
        spec = spec.code("0N", Feature::Dial, ".", 0);
        for peer in (0..3).filter(|&p| p != n) {
            spec = spec.ip_office(peer, 2, 10 + u32::from(peer));
        }
        spec.code("*1", Feature::DialExtn, "390", 0).code("*2", Feature::DialExtn, "401", 0)
    };
    vec![each(0, &USERS[..3], "290"), each(1, &USERS[3..6], "390"), each(2, &USERS[6..], "490")]
}

/// Users who wrap up, forward, and see calls waiting, and codes for what makes them available to groups or not.
fn with_settings(spec: SystemSpec) -> SystemSpec {
    let mut spec = spec
        .code("*91", Feature::DoNotDisturbOn, "", 0)
        .code("*92", Feature::DoNotDisturbOff, "", 0)
        .code("*93", Feature::HuntGroupDisable, "", 0)
        .code("*94", Feature::HuntGroupEnable, "", 0);
    for user in &mut spec.users {
        match user.extension.as_str() {
            "201" | "402" => user.call_waiting = true,
            "302" => user.wrap_up_time = seconds(7),
            "403" => user.after_call_work = Some(seconds(3)),
            "203" => {
                user.forwarding.unconditional = number("202");
                user.forwarding.hunt_group_calls = true;
            }
            _ => {}
        }
    }
    spec
}

/// Groups of all ring modes with members on all systems.
fn with_group(spec: SystemSpec, extension: &str) -> SystemSpec {
    let (members, mode, queue): (&[&str], _, _) = match extension {
        "290" => (&["201", "301", "202", "203", "401"], RingMode::Collective, Some(QueueSpec::UNLIMITED)),
        "390" => (&["301", "201", "302", "402", "303"], RingMode::LongestWaiting, Some(QueueSpec::UNLIMITED)),
        _ => (&["401", "302", "402", "201", "403"], RingMode::CollectiveCallWaiting, None),
    };
    let status = NoAnswerStatusSpec { becomes: AgentStatus::BusyWrapUp, applies_to: NoAnswerCalls::Any };
    spec.group(extension, members, Some(5)).with_group(|g| {
        (g.ring_mode, g.queue) = (mode, queue);
        g.no_answer_status = (extension == "390").then_some(status);
    })
}

/// Few slots everywhere, a room on the first system, and codes for other conferences.
fn with_rooms(systems: Vec<SystemSpec>) -> Vec<SystemSpec> {
    let with = |(n, mut spec): (usize, SystemSpec)| {
        let mut rooms = vec![];
        if n == 0 {
            rooms.push(RoomSpec {
                moderators: vec![number("201"), number("302")],
                ..RoomSpec::new(number("700"))
            });
        }
        spec.conferences = ConferencesSpec { channels: 7, largest: 5, rooms, ..spec.conferences };
        spec = spec.code("?", Feature::Dial, ".", 50);
        // A server that records, and users who listen in and break in.
        spec.voicemail.channels = 2;
        for user in &mut spec.users {
            (user.can_intrude, user.cannot_be_intruded) = (true, false);
            user.record_calls = user.extension.as_str().ends_with('3');
        }
        spec = spec.code("*95N", Feature::CallIntrude, "N", 0).code("*96", Feature::CallRecord, "", 0);
        spec.code("*7N", Feature::ConferenceMeetMe, "N", 0)
    };
    systems.into_iter().enumerate().map(with).collect()
}

/// Primary, secondary and an expansion with default routing: external calls pass the secondary and the primary, and a
/// full or silent line is gone round.
pub(crate) fn double_star() -> Vec<SystemSpec> {
    let each = |role: Role, users: &[&str], group: &str| {
        with_group(with_settings(system(&format!("{role:?}"), users)).role(role), group)
    };
    let systems = vec![
        each(Role::Primary, &USERS[..3], "290").trunk(2, 0).ip_office(1, 3, 99998).ip_office(2, 2, 90002),
        each(Role::Secondary, &USERS[3..6], "390").trunk(1, 1).ip_office(0, 3, 99999).ip_office(2, 2, 90002),
        each(Role::Expansion, &USERS[6..], "490").trunk(1, 1).ip_office(0, 2, 99999).ip_office(1, 2, 99998),
    ];
    with_rooms(systems)
}

/// Three systems whose forms send what they do not know to the next one.
fn circle() -> Vec<SystemSpec> {
    let each = |n: u16, users: &[&str], group: &str| {
        let (next, previous) = ((n + 1) % 3, (n + 2) % 3);
        with_group(with_settings(system(&n.to_string(), users)), group)
            .ip_office(next, 4, 7)
            .ip_office(previous, 4, 8)
            .code("?", Feature::Dial, ".", 50)
            .form(50, &[("?", Feature::Dial, ".", 7), ("?", Feature::Dial, ".", 8)])
    };
    vec![each(0, &USERS[..3], "290"), each(1, &USERS[3..6], "390"), each(2, &USERS[6..], "490")]
}

/// One thing that happens. `back` counts, on one system, calls from the latest.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Dial {
        user: usize,
        number: usize,
    },
    TrunkSetup {
        system: usize,
        number: usize,
    },
    Answer {
        user: usize,
        back: usize,
    },
    HangUp {
        user: usize,
        back: usize,
    },
    Hold {
        user: usize,
        back: usize,
    },
    Retrieve {
        user: usize,
        back: usize,
    },
    Conference {
        user: usize,
    },
    Control {
        system: usize,
        back: usize,
        what: usize,
    },
    /// Of the call that has been on hold longest.
    Transfer {
        user: usize,
        back: usize,
    },
    Trunk {
        system: usize,
        back: usize,
        says: Says,
    },
    /// Of each following 100 messages this many are lost.
    Lose {
        percent: u8,
    },
    Pass {
        ms: u64,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    Alerting,
    Answer,
    Busy,
    NoRoute,
    Clear,
}

/// A call that is transferred leaves nobody on the system in between, so it is as one that passes through.
fn op_with_transfers() -> impl Strategy<Value = Op> {
    let user = || 0..USERS.len();
    let back = || 0..4_usize;
    prop_oneof![
        12 => op(),
        3 => (user(), back()).prop_map(|(user, back)| Op::Hold { user, back }),
        1 => (user(), back()).prop_map(|(user, back)| Op::Retrieve { user, back }),
        3 => (user(), back()).prop_map(|(user, back)| Op::Transfer { user, back }),
        2 => user().prop_map(|user| Op::Conference { user }),
        2 => (0..3_usize, back(), 0..8_usize)
            .prop_map(|(system, back, what)| Op::Control { system, back, what }),
    ]
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let says =
        prop::sample::select(vec![Says::Alerting, Says::Answer, Says::Busy, Says::NoRoute, Says::Clear]);
    let (user, back, system) = (0..USERS.len(), 0..4_usize, 0..3_usize);
    prop_oneof![
        6 => (user.clone(), 0..NUMBERS.len()).prop_map(|(user, number)| Op::Dial { user, number }),
        3 => (system.clone(), 0..NUMBERS.len()).prop_map(|(system, number)| Op::TrunkSetup { system, number }),
        6 => (user.clone(), back.clone()).prop_map(|(user, back)| Op::Answer { user, back }),
        4 => (user, back.clone()).prop_map(|(user, back)| Op::HangUp { user, back }),
        5 => (system, back, says).prop_map(|(system, back, says)| Op::Trunk { system, back, says }),
        1 => prop::sample::select(vec![0, 0, 10, 50, 100]).prop_map(|percent| Op::Lose { percent }),
        6 => prop_oneof![0..300_u64, 0..6_000_u64].prop_map(|ms| Op::Pass { ms }),
    ]
}

/// Loses `percent` of the messages in a fixed pattern; keeps releases unless they may be lost.
fn loss(percent: u8, releases: Releases) -> Box<dyn FnMut(&UnderWay) -> bool> {
    let mut n = 0_u32;
    Box::new(move |letter| {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let arrives = match letter.message.body {
            PeerBody::Release { .. }
            | PeerBody::Reached { reached: Reached::Conference }
            | PeerBody::Alerting { reached: Reached::Conference }
            | PeerBody::Answer { reached: Reached::Conference } => releases == Releases::Arrive,
            PeerBody::Setup { .. }
            | PeerBody::Proceeding
            | PeerBody::Alerting { .. }
            | PeerBody::Answer { .. }
            | PeerBody::Reached { .. }
            | PeerBody::Privilege { .. } => false,
        };
        (n >> 16) % 100 < u32::from(percent) && !arrives
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Releases {
    Arrive,
    MayBeLost,
}

pub(crate) fn step(bench: &mut Bench, op: &Op, tag: u64, releases: Releases) {
    match *op {
        Op::Dial { user, number } => bench.dial(USERS[user], NUMBERS[number], tag),
        Op::TrunkSetup { system, number: n } => {
            let (line, called, calling) = (LineId(0), number(NUMBERS[n]), number("0700"));
            if bench.systems[system].plan().lines()[0].peer.is_none() {
                bench.handle(
                    system,
                    Input::TrunkSetup { line, called, calling, tag: Tag(tag), facts: CallFacts::default() },
                );
            }
        }
        Op::Answer { user, back } => {
            let (system, user) = bench.find(USERS[user]);
            if let Some(call) = bench.latest_call(system, back) {
                bench.handle(system, Input::Answer { user, call });
            }
        }
        Op::HangUp { user, back } => {
            let (system, user) = bench.find(USERS[user]);
            if let Some(call) = bench.latest_call(system, back) {
                bench.handle(system, Input::HangUp { user, call });
            }
        }
        Op::Conference { user } => {
            let (system, user) = bench.find(USERS[user]);
            bench.handle(system, Input::Conference { user, tag: Tag(tag) });
        }
        Op::Control { system, back, what } => {
            let (Some(call), Some(other)) = (bench.latest_call(system, back), bench.latest_call(system, 0))
            else {
                return;
            };
            let to = number(NUMBERS[(tag as usize) % NUMBERS.len()]);
            let controls = [
                Control::Drop(other),
                Control::Add { number: to, tag: Tag(tag) },
                Control::Record(Switch::On),
                Control::Record(Switch::Off),
                Control::End,
                Control::Lecture(Switch::On),
                Control::Lock(Switch::On),
                Control::Mute(Whom::One(other)),
            ];
            bench.handle(system, Input::ConferenceControl { call, control: controls[what] });
        }
        Op::Hold { user, back } => {
            let (system, user) = bench.find(USERS[user]);
            if let Some(call) = bench.latest_call(system, back) {
                bench.handle(system, Input::Hold { user, call });
            }
        }
        Op::Retrieve { user, back } => {
            let (system, user) = bench.find(USERS[user]);
            if let Some(call) = bench.latest_call(system, back) {
                bench.handle(system, Input::Retrieve { user, call });
            }
        }
        Op::Transfer { user, back } => {
            let (system, user) = bench.find(USERS[user]);
            let held = bench.systems[system].held_calls(user).first().copied();
            if let (Some(held), Some(active)) = (held, bench.latest_call(system, back)) {
                bench.handle(system, Input::Transfer { user, held, active });
            }
        }
        Op::Trunk { system, back, says } => {
            let Some(call) = bench.latest_call(system, back) else { return };
            let attempt = bench.attempt_of(system, call);
            let input = match says {
                Says::Alerting => Input::TrunkAlerting { call, attempt },
                Says::Answer => Input::TrunkAnswer { call, attempt },
                Says::Busy => Input::TrunkRelease { call, attempt, cause: Cause::USER_BUSY },
                Says::NoRoute => Input::TrunkRelease { call, attempt, cause: Cause::NO_ROUTE },
                Says::Clear => Input::TrunkRelease { call, attempt, cause: Cause::NORMAL_CLEARING },
            };
            bench.handle(system, input);
        }
        Op::Lose { percent } => bench.lose = loss(percent, releases),
        Op::Pass { ms } => bench.pass(Duration::from_millis(ms)),
    }
}

/// Every user and every trunk's far end gives up all it may have, then all timers run out.
pub(crate) fn everyone_hangs_up(bench: &mut Bench) {
    for system in 0..3 {
        for call in bench.all_calls(system) {
            for user in USERS {
                let (home, user) = bench.find(user);
                if home == system {
                    bench.handle(system, Input::HangUp { user, call });
                }
            }
            let attempt = bench.attempt_of(system, call);
            bench.handle(system, Input::TrunkRelease { call, attempt, cause: Cause::NORMAL_CLEARING });
        }
    }
}

fn play(systems: Vec<SystemSpec>, delay_ms: u64, releases: Releases, ops: &[Op]) {
    let mut bench = Bench::new(systems);
    bench.delay = Duration::from_millis(delay_ms);
    for (n, op) in ops.iter().enumerate() {
        step(&mut bench, op, n as u64, releases);
    }
    // A call refused by one member of a group may ring the next: as often as there are members, and once on the way.
    for _ in 0..6 {
        everyone_hangs_up(&mut bench);
        bench.pass(seconds(20));
    }
    bench.pass(seconds(1_000));
    everyone_hangs_up(&mut bench);
    bench.pass(seconds(20));
    bench.expect_idle();
    for system in &bench.systems {
        let stats = system.stats();
        assert_eq!(stats.attempts, stats.refused + stats.ended);
        assert_eq!(stats.ended, stats.records);
        assert_eq!(stats.causes.iter().sum::<u64>(), stats.refused + stats.ended);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_mesh_comes_to_rest_whatever_is_lost(delay in 0..400_u64, ops in prop::collection::vec(op(), 1..120)) {
        play(mesh(), delay, Releases::MayBeLost, &ops);
    }

    #[test]
    fn a_double_star_comes_to_rest_if_releases_arrive(delay in 0..400_u64, ops in prop::collection::vec(op_with_transfers(), 1..120)) {
        play(double_star(), delay, Releases::Arrive, &ops);
    }

    #[test]
    fn a_circle_comes_to_rest_if_releases_arrive(delay in 0..400_u64, ops in prop::collection::vec(op_with_transfers(), 1..120)) {
        play(circle(), delay, Releases::Arrive, &ops);
    }
}

/// What the head of this file says about releases, shown.
#[test]
fn a_system_in_between_keeps_a_call_whose_both_releases_were_lost_until_its_channel_is_used_again() {
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 1, 7),
        system("b", &["301"]).ip_office(0, 1, 7).ip_office(2, 1, 8),
        system("c", &["401"]).ip_office(1, 1, 8),
    ]);
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.answer("401", 1);
    bench.pass(seconds(0));
    bench.lose = Box::new(|_| true);
    bench.hang_up("201", 1);
    bench.hang_up("401", 1);
    bench.pass(seconds(10_000));
    bench.lose = Box::new(|_| false);
    let in_progress: Vec<usize> = bench.systems.iter().map(|s| s.calls_in_progress()).collect();
    assert_eq!(in_progress, [0, 1, 0]);
    bench.said();
    bench.dial("201", "301", 2);
    bench.pass(seconds(0));
    bench.hang_up("201", 2);
    bench.pass(seconds(0));
    bench.expect_idle();
}
