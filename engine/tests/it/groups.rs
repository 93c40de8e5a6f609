//! Random operations on hunt groups with queues: the engine against groups written the simple way.

mod any_settings;
mod simple;

use crate::exploring::cases;
use crate::support::{Bench, Build, seconds, system};
use engine::Input;
use engine::id::{HuntGroupId, UserId};
use engine::plan::spec::{Feature, QueuePriority, QueueSpec, QueueType, RingMode, SystemSpec};
use engine::time::Duration;
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use simple::Simple;

/// Agents, and one user who is nobody's.
const USERS: [&str; 7] = ["201", "202", "203", "204", "205", "206", "209"];
const GROUPS: [&str; 3] = ["300", "301", "302"];
/// Tags from here on are those of codes that agents dial.
const CODES: u64 = 1_000_000;

/// One thing that happens. `back` counts the calls in progress from the latest; places are taken modulo what there is.
#[derive(Clone, Debug)]
enum Op {
    /// A call comes in for a group, on the trunk of its priority.
    Comes {
        group: usize,
        priority: usize,
    },
    /// The phone of an agent that rings is answered.
    Answer {
        agent: usize,
    },
    /// It is refused.
    Refuse {
        agent: usize,
    },
    /// An agent who talks hangs up.
    HangUp {
        agent: usize,
    },
    /// A caller gives up, or hangs up.
    GivesUp {
        back: usize,
    },
    /// An idle agent turns do not disturb on or off.
    DoNotDisturb {
        agent: usize,
    },
    Pass {
        ms: u64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let agent = || 0..6_usize;
    prop_oneof![
        8 => (0..3_usize, 0..3_usize).prop_map(|(group, priority)| Op::Comes { group, priority }),
        6 => agent().prop_map(|agent| Op::Answer { agent }),
        2 => agent().prop_map(|agent| Op::Refuse { agent }),
        4 => agent().prop_map(|agent| Op::HangUp { agent }),
        2 => (0..8_usize).prop_map(|back| Op::GivesUp { back }),
        2 => agent().prop_map(|agent| Op::DoNotDisturb { agent }),
        6 => prop_oneof![0..50_u64, 0..3_000_u64, 5_900..6_100_u64, 0..40_000_u64]
            .prop_map(|ms| Op::Pass { ms }),
    ]
}

/// What a group is like.
#[derive(Clone, Copy, Debug)]
struct Kind {
    mode: RingMode,
    queue: Option<QueueSpec>,
}

fn kind() -> impl Strategy<Value = Kind> {
    let mode = prop::sample::select(vec![
        RingMode::Sequential,
        RingMode::Rotary,
        RingMode::LongestWaiting,
        RingMode::Collective,
    ]);
    let limit = prop_oneof![Just(None), (1..4_u16).prop_map(Some)];
    let types = prop::sample::select(vec![QueueType::AssignOnAnswer, QueueType::AssignOnAlert]);
    let queue = (limit, any::<bool>(), types).prop_map(|(limit, normalize, queue_type)| QueueSpec {
        limit,
        normalize,
        queue_type,
    });
    (mode, prop::option::weighted(0.8, queue)).prop_map(|(mode, queue)| Kind { mode, queue })
}

/// Three groups that share members; 203 and 206 have wrap-up.
fn spec(kinds: [Kind; 3], promotion: Option<u64>) -> SystemSpec {
    let mut spec = system("office", &USERS).trunk(60, 0).trunk(60, 1).trunk(60, 2);
    spec = spec
        .group(GROUPS[0], &["201", "202", "203"], Some(6))
        .group(GROUPS[1], &["203", "204", "201", "205"], Some(7))
        .group(GROUPS[2], &["206", "205"], None)
        .code("*1", Feature::DoNotDisturbOn, "", 0)
        .code("*2", Feature::DoNotDisturbOff, "", 0)
        .with_user("203", |u| u.wrap_up_time = seconds(2))
        .with_user("206", |u| u.wrap_up_time = seconds(9));
    for (group, kind) in spec.hunt_groups.iter_mut().zip(kinds) {
        (group.ring_mode, group.queue) = (kind.mode, kind.queue);
    }
    let priorities = [QueuePriority::Low, QueuePriority::Medium, QueuePriority::High];
    for (line, priority) in priorities.into_iter().enumerate() {
        spec = spec.icr(Some(line as u32), "", ".");
        spec.incoming_call_routes[line].priority = priority;
    }
    spec.call_priority_promotion_time = promotion.map(seconds);
    spec
}

struct Pair {
    bench: Bench,
    simple: Simple,
    next: u64,
    codes: u64,
}

impl Pair {
    fn step(&mut self, op: &Op) {
        let Self { bench, simple, .. } = self;
        let id = |agent: usize| UserId::at(agent);
        match *op {
            Op::Comes { group, priority } => {
                bench.trunk_setup(0, priority as u16, GROUPS[group], self.next);
                simple.comes(group, priority, self.next);
                self.next += 1;
            }
            Op::Answer { agent } => {
                let Some(tag) = simple.rings_at(agent) else { return };
                let call = bench.call(0, tag);
                bench.handle(0, Input::Answer { user: id(agent), call });
                simple.answer(agent);
            }
            Op::Refuse { agent } => {
                let Some(tag) = simple.rings_at(agent) else { return };
                bench.hang_up(USERS[agent], tag);
                simple.refuse(agent);
            }
            Op::HangUp { agent } => {
                let Some(tag) = simple.talks_on(agent) else { return };
                bench.hang_up(USERS[agent], tag);
                simple.hang_up(agent);
            }
            Op::GivesUp { back } => {
                let Some(tag) = simple.latest(back) else { return };
                bench.trunk_release(0, tag, 16);
                simple.gives_up(tag);
            }
            Op::DoNotDisturb { agent } => {
                if !simple.is_idle(agent) {
                    return;
                }
                let code = if simple.do_not_disturb(agent) { "*1" } else { "*2" };
                bench.dial(USERS[agent], code, CODES + self.codes);
                self.codes += 1;
            }
            Op::Pass { ms } => {
                bench.pass(Duration::from_millis(ms));
                simple.pass(Duration::from_millis(ms));
            }
        }
        self.compare(op);
    }

    fn compare(&mut self, op: &Op) {
        let Self { bench, simple, .. } = self;
        // What happens at one instant may be said in any order. Records, and what becomes of codes, are of no concern here.
        let is_of_concern = |line: &String| {
            let tag = line.split('#').nth(1).and_then(|tag| tag.split(' ').next());
            let code = tag.and_then(|tag| tag.parse().ok()).is_some_and(|tag: u64| tag >= CODES);
            !code && !line.contains(" smdr ")
        };
        let mut said: Vec<String> = bench.said().into_iter().filter(is_of_concern).collect();
        let mut expected = simple.said();
        said.sort();
        expected.sort();
        assert_eq!(said, expected, "after {op:?}");
        let system = &bench.systems[0];
        for (n, &(waiting, blocked)) in simple.queues().iter().enumerate() {
            let usage = system.queue_usage(HuntGroupId(n as u16));
            assert_eq!(
                (usage.in_use() as usize, usage.blocked),
                (waiting, blocked),
                "queue {n} after {op:?}"
            );
        }
        for agent in 0..6 {
            assert_eq!(system.is_idle(UserId::at(agent)), simple.is_idle(agent), "{agent} after {op:?}");
        }
        assert_eq!(system.timers_armed(), simple.timers(), "after {op:?}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn groups_and_queues_do_what_the_simple_ones_do(
        kinds in [kind(), kind(), kind()],
        promotion in prop::option::of(10..30_u64),
        ops in prop::collection::vec(op(), 1..200),
    ) {
        let spec = spec(kinds, promotion);
        let simple = Simple::new(&spec);
        let mut pair = Pair { bench: Bench::new(vec![spec]), simple, next: 1, codes: 0 };
        for op in &ops {
            pair.step(op);
        }
        // All callers hang up; what is left runs out.
        while pair.simple.latest(0).is_some() {
            pair.step(&Op::GivesUp { back: 0 });
        }
        pair.step(&Op::Pass { ms: 10_000 });
        pair.bench.expect_idle();
    }
}

#[test]
fn nobody_waits_while_a_member_is_free() {
    let kinds = [Kind { mode: RingMode::Rotary, queue: Some(QueueSpec::UNLIMITED) }; 3];
    let spec = spec(kinds, None);
    let mut pair = Pair { simple: Simple::new(&spec), bench: Bench::new(vec![spec]), next: 1, codes: 0 };
    for _ in 0..4 {
        pair.step(&Op::Comes { group: 0, priority: 0 });
    }
    assert_eq!(pair.simple.queues()[0], (1, 0), "three members ring, and the fourth call waits");
}
