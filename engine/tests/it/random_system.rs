//! Random operations on one system, the engine against the simple exchange.

use crate::exploring::cases;
use crate::reference::Reference;
use crate::support::{Bench, Build, number, seconds, system};
use engine::id::{HuntGroupId, LineGroupId, LineId, Tag, UserId};
use engine::plan::spec::{Feature, SystemSpec};
use engine::time::Duration;
use engine::{CallFacts, Input, Service, cause::Cause};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

const USERS: [&str; 6] = ["201", "202", "203", "204", "205", "206"];
const NUMBERS: [&str; 44] = [
    "201",
    "202",
    "203",
    "204",
    "205",
    "206",
    "300",
    "301",
    "302",
    "207",
    "999",
    "90",
    "9012",
    "9001",
    "912",
    "9134",
    "9123",
    "9123",
    "9124",
    "91234",
    "91455",
    "9155",
    "9777",
    "80",
    "81",
    "*1",
    "*23",
    "*29",
    "*3",
    "*44",
    "*5",
    "7",
    "6123456789",
    "62",
    "5",
    "55",
    "512",
    "2010",
    "7332010",
    "12",
    "777",
    "",
    "*#",
    "90123456789012345678901234567",
];
const CAUSES: [u8; 8] = [16, 17, 3, 34, 27, 88, 1, 41];

/// One thing that happens. `back` counts calls from the latest; places are taken modulo what there is.
#[derive(Clone, Debug)]
enum Op {
    Dial { user: usize, number: usize },
    TrunkSetup { line: usize, number: usize },
    Answer { back: usize },
    AnswerBy { back: usize, user: usize },
    CallerHangsUp { back: usize },
    CalleeHangsUp { back: usize },
    HangUpBy { back: usize, user: usize },
    TrunkProceeding { back: usize },
    TrunkAlerting { back: usize },
    TrunkAnswer { back: usize },
    TrunkRelease { back: usize, cause: usize },
    Service { line: usize, service: Service },
    Pass { ms: u64 },
}

fn op() -> impl Strategy<Value = Op> {
    let back = || 0..6_usize;
    let user = || 0..USERS.len();
    let number = || 0..NUMBERS.len();
    prop_oneof![
        6 => (user(), number()).prop_map(|(user, number)| Op::Dial { user, number }),
        6 => (0..3_usize, number()).prop_map(|(line, number)| Op::TrunkSetup { line, number }),
        4 => back().prop_map(|back| Op::Answer { back }),
        1 => (back(), user()).prop_map(|(back, user)| Op::AnswerBy { back, user }),
        2 => back().prop_map(|back| Op::CallerHangsUp { back }),
        2 => back().prop_map(|back| Op::CalleeHangsUp { back }),
        1 => (back(), user()).prop_map(|(back, user)| Op::HangUpBy { back, user }),
        2 => back().prop_map(|back| Op::TrunkProceeding { back }),
        2 => back().prop_map(|back| Op::TrunkAlerting { back }),
        3 => back().prop_map(|back| Op::TrunkAnswer { back }),
        4 => (back(), 0..CAUSES.len()).prop_map(|(back, cause)| Op::TrunkRelease { back, cause }),
        1 => (0..3_usize, prop::sample::select(vec![Service::In, Service::Out]))
            .prop_map(|(line, service)| Op::Service { line, service }),
        6 => prop_oneof![0..200_u64, 3_990..4_010_u64, 0..20_000_u64, 300_000..300_001_u64]
            .prop_map(|ms| Op::Pass { ms }),
    ]
}

/// A system of which every entry but the first short code may be missing, as `mask` says.
fn spec(mask: u64) -> SystemSpec {
    use Feature::{Barred, Busy, Dial, Dial3K1, DialExtn};
    let mut spec = system("office", &USERS)
        .trunk(2, 1)
        .trunk(1, 1)
        .trunk(2, 2)
        .group("300", &["201", "202", "203"], Some(6))
        .group("301", &["203", "201", "205"], None)
        .group("302", &[], None)
        .icr(None, "", "")
        .icr(Some(1), "", "300")
        .icr(None, "2010", "201")
        .icr(Some(2), "-XXX", ".")
        .icr(Some(2), "2X", "*23")
        .icr(Some(2), "777", "999")
        .icr(None, "12", "9012")
        .code("9N", Dial, "N", 50)
        .code("8N;", Dial, "N", 2)
        .code("*1", DialExtn, "201", 0)
        .code("*2X", DialExtn, "20N", 0)
        .code("*3", Busy, "", 0)
        .code("*4N", Barred, "", 0)
        .code("*5", DialExtn, "*5", 0)
        .code("7", Dial, "7", 1)
        .code("7", Dial, "77", 50)
        .code("6N", DialExtn, "NNNN", 0)
        .code("6X", DialExtn, "20N", 0)
        .code("20X", Barred, "", 0)
        .code("5N5", Dial, "N", 1)
        .code("?", Dial, ".", 52)
        .form(
            50,
            &[
                ("0N", Dial, ".", 1),
                ("0N", Dial3K1, "5N", 2),
                ("0N", Dial, "N", 51),
                ("00N;", Dial, "N", 51),
                ("1X", Dial, "N", 2),
                ("1N", Dial, "E", 1),
                ("1XN", Dial, "N", 1),
                ("1XX", Dial, "N", 1),
                ("1XX", Dial, "3N", 2),
                ("13N", Busy, "", 0),
                ("14XN", Barred, "", 0),
                ("77", Dial, ".", 52),
            ],
        )
        .form(51, &[("?", Dial, ".", 2), ("?", Dial, "0.", 52)])
        .form(52, &[("5N", Dial, "N", 1), ("5N", Dial, "5N", 53), ("XN", Dial, "N", 2)])
        .form(53, &[("?", Dial, ".", 2), ("?", Dial, ".", 52)]);
    for (n, user) in spec.users.iter_mut().enumerate() {
        user.priority = 1 + (n as u8 % 5);
    }
    for (form, route, level, wait) in
        [(0, 51, 4, Some(7)), (1, 53, 5, None), (2, 50, 3, Some(2)), (3, 51, 2, Some(11))]
    {
        let form = &mut spec.ars_forms[form];
        form.alternate_route = (mask >> (40 + route % 8) & 1 == 0).then_some(route);
        form.alternate_route_priority_level = level;
        form.alternate_route_wait_time = wait.map(seconds);
    }
    // The lowest line number is the second line's.
    spec.lines[0].number = 9;
    let mut bit = 0;
    let mut keep = || {
        bit += 1;
        mask >> (bit % 64) & 1 == 0
    };
    let mut first = true;
    spec.short_codes.retain(|_| std::mem::take(&mut first) || keep());
    spec.incoming_call_routes.retain(|_| keep());
    for form in &mut spec.ars_forms {
        form.codes.retain(|_| keep());
    }
    spec
}

struct Pair {
    bench: Bench,
    reference: Reference,
    /// Calls accepted so far.
    tags: Vec<u64>,
}

impl Pair {
    fn step(&mut self, op: &Op) {
        let Self { bench, reference, tags } = self;
        let next = reference.attempts;
        let tag = |back: usize| (!tags.is_empty()).then(|| tags[tags.len() - 1 - back % tags.len()]);
        match *op {
            Op::Dial { user, number: n } => {
                bench.dial(USERS[user], NUMBERS[n], next);
                if reference.dial(user, NUMBERS[n], next) {
                    tags.push(next);
                }
            }
            Op::TrunkSetup { line, number: n } => {
                let (called, calling) = (number(NUMBERS[n]), number("0700"));
                let line_id = LineId(line as u16);
                bench.handle(
                    0,
                    Input::TrunkSetup {
                        line: line_id,
                        called,
                        calling,
                        tag: Tag(next),
                        facts: CallFacts::default(),
                    },
                );
                if reference.trunk_setup(line, NUMBERS[n], "0700", next) {
                    tags.push(next);
                }
            }
            Op::Service { line, service } => {
                bench.handle(0, Input::LineService { line: LineId(line as u16), service });
                reference.line_service(line, service);
            }
            Op::Pass { ms } => {
                bench.pass(Duration::from_millis(ms));
                reference.pass(Duration::from_millis(ms));
            }
            Op::Answer { back }
            | Op::AnswerBy { back, .. }
            | Op::CallerHangsUp { back }
            | Op::CalleeHangsUp { back }
            | Op::HangUpBy { back, .. }
            | Op::TrunkProceeding { back }
            | Op::TrunkAlerting { back }
            | Op::TrunkAnswer { back }
            | Op::TrunkRelease { back, .. } => {
                if let Some(tag) = tag(back) {
                    about_call(bench, reference, op, tag);
                }
            }
        }
        self.compare(op);
    }

    fn compare(&mut self, op: &Op) {
        let Self { bench, reference, .. } = self;
        // What happens at one instant may be said in any order; everything else is compared exactly.
        let (mut said, mut expected) = (bench.said(), reference.said());
        said.sort();
        expected.sort();
        assert_eq!(said, expected, "after {op:?}");
        let system = &bench.systems[0];
        assert_eq!(Reference::counters_of(system.stats()), reference.counters(), "after {op:?}");
        assert_eq!(system.stats().causes, reference.causes(), "after {op:?}");
        assert_eq!(system.user_usage().blocked, reference.users_blocked(), "after {op:?}");
        assert_eq!(system.timers_armed(), reference.timers(), "after {op:?}");
        for user in 0..USERS.len() {
            assert_eq!(
                system.is_idle(UserId(user as u32)),
                reference.is_idle(user),
                "user {user} after {op:?}"
            );
        }
        for line in 0..3 {
            let free = system.free_channels(LineId(line as u16));
            assert_eq!(free, reference.free_channels(line), "line {line} after {op:?}");
        }
        for (n, group) in system.plan().line_groups().iter().enumerate() {
            let usage = system.line_group_usage(LineGroupId(n as u16));
            let expected = reference.line_group_usage(group.number);
            assert_eq!((usage.in_use(), usage.blocked), expected, "line group {n} after {op:?}");
        }
        for group in 0..3 {
            let usage = system.hunt_group_usage(HuntGroupId(group as u16));
            let found = (usage.in_use() as usize, usage.blocked as usize);
            assert_eq!(found, reference.hunt_usage(group), "hunt group {group} after {op:?}");
        }
    }
}

fn about_call(bench: &mut Bench, reference: &mut Reference, op: &Op, tag: u64) {
    let call = bench.call(0, tag);
    let caller = reference.calling_user(tag);
    let callee = reference.called_user(tag);
    let id = |user: usize| UserId(user as u32);
    match *op {
        Op::Answer { .. } => {
            let user = callee.unwrap_or(0);
            bench.handle(0, Input::Answer { user: id(user), call });
            reference.answer(user, tag);
        }
        Op::AnswerBy { user, .. } => {
            bench.handle(0, Input::Answer { user: id(user), call });
            reference.answer(user, tag);
        }
        Op::CallerHangsUp { .. } => hang_up(bench, reference, caller.or(callee).unwrap_or(0), tag),
        Op::CalleeHangsUp { .. } => hang_up(bench, reference, callee.or(caller).unwrap_or(0), tag),
        Op::HangUpBy { user, .. } => hang_up(bench, reference, user, tag),
        Op::TrunkProceeding { .. } => {
            bench.trunk_proceeding(0, tag);
            reference.trunk_proceeding(tag);
        }
        Op::TrunkAlerting { .. } => {
            bench.trunk_alerting(0, tag);
            reference.trunk_alerting(tag);
        }
        Op::TrunkAnswer { .. } => {
            bench.trunk_answer(0, tag);
            reference.trunk_answer(tag);
        }
        Op::TrunkRelease { cause, .. } => {
            let cause = Cause::new(CAUSES[cause]).expect("a cause of Q.850").number();
            bench.trunk_release(0, tag, cause);
            reference.trunk_release(tag, cause);
        }
        Op::Dial { .. } | Op::TrunkSetup { .. } | Op::Service { .. } | Op::Pass { .. } => {
            unreachable!("not about a call")
        }
    }
}

fn hang_up(bench: &mut Bench, reference: &mut Reference, user: usize, tag: u64) {
    bench.hang_up(USERS[user], tag);
    reference.hang_up(user, tag);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn does_what_the_simple_exchange_does(mask in any::<u64>(), all in any::<bool>(), ops in prop::collection::vec(op(), 1..150)) {
        let spec = spec(if all { 0 } else { mask & mask.rotate_left(9) });
        let mut pair = Pair { bench: Bench::new(vec![spec.clone()]), reference: Reference::new(&spec), tags: vec![] };
        for op in &ops {
            pair.step(op);
        }
        // Everyone hangs up; what is left runs out.
        while let Some(call) = pair.reference.calls.first() {
            let tag = call.tag;
            let op = Op::CallerHangsUp { back: 0 };
            if pair.reference.calling_user(tag).is_some() {
                about_call(&mut pair.bench, &mut pair.reference, &op, tag);
            } else {
                pair.bench.trunk_release(0, tag, 16);
                pair.reference.trunk_release(tag, 16);
            }
            pair.compare(&op);
        }
        pair.bench.pass(seconds(1));
        pair.bench.expect_idle();
    }
}
