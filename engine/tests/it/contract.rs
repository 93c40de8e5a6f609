//! The rules of the contract: order of calls, unexpected inputs, determinism.

use crate::support::{Bench, Build, compile, number, seconds, system};
use engine::cause::Cause;
use engine::id::{LineId, Tag, UserId};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, System, TimerKind};

fn office() -> Bench {
    Bench::new(vec![system("office", &["201", "202", "203"]).trunk(2, 0)])
}

/// Each input, though well formed, is not allowed now: it is counted and nothing else happens.
#[track_caller]
fn expect_unexpected(bench: &mut Bench, inputs: impl IntoIterator<Item = Input>) {
    for input in inputs {
        let before = bench.systems[0].stats().clone();
        bench.handle(0, input);
        bench.expect("");
        let mut after = bench.systems[0].stats().clone();
        assert_eq!(after.unexpected, before.unexpected + 1, "{input:?} is not counted");
        after.unexpected -= 1;
        assert_eq!(after, before, "{input:?} changes a counter");
    }
}

#[test]
#[should_panic(expected = "time runs backwards")]
fn an_input_in_the_past_panics() {
    let mut bench = office();
    bench.pass(seconds(2));
    bench.dial("201", "202", 1);
    bench.now = Instant::ZERO + seconds(1);
    bench.hang_up("201", 1);
}

#[test]
#[should_panic(expected = "time runs backwards")]
fn a_timeout_in_the_past_panics() {
    let mut bench = office();
    bench.pass(seconds(2));
    bench.dial("201", "202", 1);
    bench.systems[0].handle_timeout(Instant::ZERO + seconds(1));
}

fn undrained() -> System {
    let mut system = System::new(compile(vec![system("office", &["201"])])[0].clone());
    system.handle(Instant::ZERO, Input::Dial { user: UserId(0), number: number("1"), tag: Tag(1) });
    system
}

#[test]
#[should_panic(expected = "outputs must be taken")]
fn an_input_over_undrained_outputs_panics() {
    undrained().handle(Instant::ZERO, Input::Dial { user: UserId(0), number: number("1"), tag: Tag(2) });
}

#[test]
#[should_panic(expected = "outputs must be taken")]
fn a_timeout_over_undrained_outputs_panics() {
    undrained().handle_timeout(Instant::ZERO);
}

#[test]
fn unknown_users_lines_and_calls_are_counted() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.hang_up("201", 1);
    bench.said();
    let call = bench.call(0, 1);
    let cause = Cause::NORMAL_CLEARING;
    let (called, calling) = (number("201"), number("1"));
    let nobody = UserId(99);
    expect_unexpected(
        &mut bench,
        [
            Input::Dial { user: nobody, number: called, tag: Tag(2) },
            Input::Answer { user: UserId(1), call },
            Input::Answer { user: nobody, call },
            Input::HangUp { user: UserId(0), call },
            Input::HangUp { user: nobody, call },
            Input::TrunkSetup { line: LineId(7), called, calling, tag: Tag(2), facts: CallFacts::default() },
            Input::TrunkProceeding { call, attempt: 1 },
            Input::TrunkAlerting { call, attempt: 1 },
            Input::TrunkAnswer { call, attempt: 1 },
            Input::TrunkRelease { call, attempt: 0, cause },
        ],
    );
    bench.expect_idle();
}

#[test]
fn what_a_ringing_call_does_not_allow_is_counted() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.said();
    let call = bench.call(0, 1);
    let ringing = [
        Input::Answer { user: UserId(0), call },
        Input::Answer { user: UserId(2), call },
        Input::HangUp { user: UserId(2), call },
        Input::TrunkProceeding { call, attempt: 1 },
        Input::TrunkAlerting { call, attempt: 1 },
        Input::TrunkAnswer { call, attempt: 1 },
        Input::TrunkRelease { call, attempt: 0, cause: Cause::NORMAL_CLEARING },
    ];
    expect_unexpected(&mut bench, ringing);
    bench.answer("202", 1);
    bench.said();
    let connected = [Input::Answer { user: UserId(1), call }].into_iter().chain(ringing);
    expect_unexpected(&mut bench, connected);
    bench.hang_up("202", 1);
    bench.expect(
        "0s A released #1 16
         0s A smdr #1 201>202>202 201>202 rang 0s talked 0s Callee 16",
    );
}

#[test]
fn what_an_outgoing_call_does_not_allow_is_counted() {
    let mut bench = office();
    bench.dial("201", "0800", 1);
    bench.said();
    let call = bench.call(0, 1);
    let both = [
        Input::Answer { user: UserId(0), call },
        Input::Answer { user: UserId(1), call },
        Input::HangUp { user: UserId(1), call },
    ];
    expect_unexpected(&mut bench, both);
    bench.trunk_answer(0, 1);
    bench.said();
    let connected = [
        Input::TrunkProceeding { call, attempt: 1 },
        Input::TrunkAlerting { call, attempt: 1 },
        Input::TrunkAnswer { call, attempt: 1 },
    ];
    expect_unexpected(&mut bench, both.into_iter().chain(connected));
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "0s A released #1 16
         0s A smdr #1 201>0800>0800 201>1.0 rang 0s talked 0s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn an_old_call_in_a_place_used_again_is_not_the_new_one() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    let old = bench.call(0, 1);
    bench.hang_up("201", 1);
    bench.dial("201", "202", 2);
    assert_eq!(bench.call(0, 2).index(), old.index());
    bench.said();
    expect_unexpected(
        &mut bench,
        [Input::Answer { user: UserId(1), call: old }, Input::HangUp { user: UserId(0), call: old }],
    );
}

#[test]
fn a_timeout_before_its_time_does_nothing() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.said();
    let call = bench.call(0, 1);
    let due = Instant::ZERO + seconds(15);
    bench.systems[0].handle_timeout(Instant::ZERO + Duration::from_nanos(due.as_nanos() - 1));
    bench.expect("");
    assert_eq!(bench.systems[0].poll_timeout(), Some((due, TimerKind::NoAnswer(call))));
}

#[test]
fn timers_of_equal_deadline_fire_in_the_order_of_arming() {
    let mut bench = Bench::new(vec![system("office", &["201", "202", "203", "204"]).trunk(2, 0).group(
        "300",
        &["203"],
        Some(5),
    )]);
    bench.dial("201", "202", 1);
    bench.pass(seconds(10));
    bench.dial("204", "300", 2);
    bench.said();
    bench.pass(seconds(5));
    let order: Vec<String> = bench.said().into_iter().filter(|l| l.contains("released")).collect();
    assert_eq!(order, ["15s A released #1 19", "15s A released #2 19"]);
}

#[test]
fn equal_inputs_give_equal_digests() {
    let run = |talk: u64| {
        let mut bench = office();
        bench.trunk_setup(0, 0, "201", 1);
        bench.pass(seconds(2));
        bench.answer("201", 1);
        bench.pass(seconds(talk));
        bench.hang_up("201", 1);
        bench.systems[0].digest()
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}
