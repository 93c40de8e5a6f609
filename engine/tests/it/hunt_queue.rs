//! Hunt groups with a queue: ring modes, overflow, priorities, agents.

use crate::support::{Bench, Build, seconds, system};
use engine::id::HuntGroupId;
use engine::plan::spec::{
    AnnouncementsSpec, Feature, HuntGroupSpec, OverflowRinging, OverflowSpec, QueueSpec, QueueType, RingMode,
    SystemSpec,
};
use engine::time::Duration;

/// Group 300 of 201, 202, 203, with 301 of 204 to overflow to after 40 s; 205 and 206 are nobody's.
fn office(change: impl FnOnce(&mut HuntGroupSpec)) -> SystemSpec {
    let overflow = OverflowSpec {
        time: Some(seconds(40)),
        ringing: OverflowRinging::CutIn,
        ..OverflowSpec::new(vec![crate::support::number("301")])
    };
    system("office", &["201", "202", "203", "204", "205", "206"])
        .trunk(9, 0)
        .group("300", &["201", "202", "203"], None)
        .with_group(|group| group.overflow = Some(overflow))
        .with_group(change)
        .group("301", &["204"], None)
}

fn queuing(group: &mut HuntGroupSpec) {
    group.queue = Some(QueueSpec::UNLIMITED);
}

/// What the phones of a call did, up to 50 s: `0s ring 201`.
fn rings(bench: &mut Bench) -> Vec<String> {
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(50));
    let said = bench.said();
    let rings = said.iter().filter(|line| line.contains(" A ring "));
    rings.map(|line| line.replace(" A ", " ").replace(" #1", "")).collect()
}

/// A busy member: on a call with 206.
fn busy(bench: &mut Bench, user: &str) {
    bench.dial(user, "206", 9);
    bench.answer("206", 9);
    bench.said();
}

#[test]
fn the_overflow_timing_of_the_vendors_tip_132() {
    // Three sequential members, 15 s each, overflow after 40 s.
    let all_free = ["0s ring 201", "15s ring 202", "30s ring 203", "40s ring 204"];
    for with_queue in [true, false] {
        let mut bench = Bench::new(vec![office(|group| {
            if with_queue {
                queuing(group)
            }
        })]);
        assert_eq!(rings(&mut bench), all_free, "three free, queue: {with_queue}");
    }
    let mut bench = Bench::new(vec![office(|_| {})]);
    busy(&mut bench, "203");
    assert_eq!(rings(&mut bench), ["0s ring 201", "15s ring 202", "30s ring 204"], "two free, no queue");
    let mut bench = Bench::new(vec![office(queuing)]);
    busy(&mut bench, "203");
    let again = ["0s ring 201", "15s ring 202", "30s ring 201", "40s ring 204"];
    assert_eq!(rings(&mut bench), again, "two free, queue");
}

#[test]
fn a_phone_that_rings_at_the_overflow_time_may_ring_on() {
    let finish = |group: &mut HuntGroupSpec| {
        queuing(group);
        group.overflow.as_mut().expect("set above").ringing = OverflowRinging::Finish;
    };
    let mut bench = Bench::new(vec![office(finish)]);
    assert_eq!(rings(&mut bench), ["0s ring 201", "15s ring 202", "30s ring 203", "45s ring 204"]);
}

/// Group 300 of two agents and a queue, 205 and 206 apart.
fn queue(change: impl FnOnce(&mut HuntGroupSpec)) -> SystemSpec {
    system("office", &["201", "202", "205", "206"])
        .trunk(9, 0)
        .trunk(9, 1)
        .icr(None, "300", "300")
        .icr(Some(1), "300", "300")
        .group("300", &["201", "202"], Some(60))
        .with_group(queuing)
        .with_group(change)
}

fn high_priority_on_trunk_2(mut spec: SystemSpec) -> SystemSpec {
    spec.incoming_call_routes[1].priority = engine::plan::spec::QueuePriority::High;
    spec
}

#[test]
fn a_freed_agent_gets_the_highest_priority_then_the_longest_wait() {
    let spec =
        queue(|g| g.queue = Some(QueueSpec { queue_type: QueueType::AssignOnAlert, ..QueueSpec::UNLIMITED }));
    let mut bench = Bench::new(vec![high_priority_on_trunk_2(spec)]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.trunk_setup(0, 0, "300", tag);
        bench.answer(user, tag);
    }
    for (tag, line) in [(3, 0), (4, 0), (5, 1)] {
        bench.trunk_setup(0, line, "300", tag);
        bench.pass(seconds(1));
    }
    assert_eq!(bench.systems[0].queue_usage(HuntGroupId(0)).in_use(), 3);
    bench.said();
    bench.hang_up("202", 2);
    bench.answer("202", 5);
    bench.hang_up("201", 1);
    bench.hang_up("202", 5);
    let rang: Vec<String> = bench.said().into_iter().filter(|l| l.contains(" ring ")).collect();
    assert_eq!(rang, ["3s A ring 202 #5", "3s A ring 201 #3", "3s A ring 202 #4"]);
}

#[test]
fn what_an_agent_gets_is_decided_when_answering_or_when_it_rings() {
    for (queue_type, gets) in [(QueueType::AssignOnAnswer, 4), (QueueType::AssignOnAlert, 3)] {
        let spec = queue(|g| g.queue = Some(QueueSpec { queue_type, ..QueueSpec::UNLIMITED }));
        let mut bench = Bench::new(vec![high_priority_on_trunk_2(spec)]);
        bench.trunk_setup(0, 0, "300", 1);
        bench.answer("201", 1);
        bench.trunk_setup(0, 0, "300", 3);
        bench.trunk_setup(0, 1, "300", 4);
        bench.said();
        bench.answer("202", 3);
        let connected: Vec<String> = bench.said().into_iter().filter(|l| l.contains("connected")).collect();
        assert_eq!(connected, [format!("0s A connected #{gets}")]);
        assert_eq!(bench.systems[0].queue_usage(HuntGroupId(0)).in_use(), 1);
    }
}

#[test]
fn the_queue_has_its_limit_and_a_higher_priority_raises_it() {
    let limit = |g: &mut HuntGroupSpec| g.queue = Some(QueueSpec { limit: Some(1), ..QueueSpec::UNLIMITED });
    let mut bench = Bench::new(vec![high_priority_on_trunk_2(queue(limit))]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.trunk_setup(0, 0, "300", tag);
        bench.answer(user, tag);
    }
    bench.said();
    bench.trunk_setup(0, 0, "300", 3);
    bench.expect("0s A accepted #3\n0s A tone queued #3\n0s A alerting #3");
    bench.trunk_setup(0, 0, "300", 4);
    bench.expect(
        "0s A accepted #4
         0s A released #4 17 short of queue 300
         0s A smdr #4 0700>300>300 1.3>- rang 0s unanswered System 17",
    );
    bench.trunk_setup(0, 1, "300", 5);
    bench.expect("0s A accepted #5\n0s A tone queued #5\n0s A alerting #5");
    let usage = bench.systems[0].queue_usage(HuntGroupId(0));
    assert_eq!((usage.in_use(), usage.blocked), (2, 1));
}

#[test]
fn callers_who_wait_hear_announcements() {
    let announcements =
        AnnouncementsSpec { first: seconds(10), second: Some(seconds(20)), repeat: Some(seconds(15)) };
    let mut bench = Bench::new(vec![queue(|g| g.announcements = Some(announcements))]);
    busy(&mut bench, "201");
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(50));
    let heard: Vec<String> = bench.said().into_iter().filter(|l| l.contains("tone")).collect();
    let expected =
        ["10s A tone announcement 1 #1", "30s A tone announcement 2 #1", "45s A tone announcement 2 #1"];
    assert_eq!(heard, expected);
}

#[test]
fn wrap_up_keeps_calls_away_and_ends() {
    let spec = queue(|_| {}).with_user("201", |u| u.wrap_up_time = seconds(5)).with_user("202", |u| {
        u.after_call_work = Some(seconds(9));
    });
    let mut bench = Bench::new(vec![spec]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.trunk_setup(0, 0, "300", tag);
        bench.answer(user, tag);
    }
    bench.trunk_setup(0, 0, "300", 3);
    bench.trunk_setup(0, 0, "300", 4);
    bench.hang_up("201", 1);
    bench.hang_up("202", 2);
    bench.said();
    bench.pass(seconds(20));
    assert_eq!(bench.said(), ["5s A ring 201 #3", "9s A ring 202 #4"]);
}

#[test]
fn membership_is_switched_for_one_group_and_for_all() {
    let spec = queue(|_| {})
        .group("310", &["201"], None)
        .code("*1N", Feature::HuntGroupDisable, "N", 0)
        .code("*2", Feature::HuntGroupDisable, "", 0)
        .code("*3", Feature::HuntGroupEnable, "", 0);
    let mut bench = Bench::new(vec![spec]);
    bench.set("201", "*1300");
    assert_eq!(bench.attempt("205", "310"), "ring 201");
    assert_eq!(bench.attempt("205", "300"), "ring 202");
    bench.set("201", "*2");
    assert_eq!(bench.attempt("205", "310"), "released 17 short of hunt group 310");
    bench.set("201", "*3");
    assert_eq!(bench.attempt("205", "310"), "ring 201");
    assert_eq!(bench.attempt("205", "300"), "ring 201");
}

#[test]
fn collective_rings_all_and_the_first_to_answer_has_the_call() {
    let mut bench = Bench::new(vec![queue(|g| g.ring_mode = RingMode::Collective)]);
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(3));
    bench.answer("202", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A ring 202 #1
         0s A alerting #1
         3s A stop ringing 201 #1
         3s A connected #1",
    );
}

#[test]
fn rotary_begins_after_the_last_who_answered_and_longest_waiting_with_the_longest_idle() {
    let users = ["201", "202", "203"];
    for (mode, expected) in
        [(RingMode::Rotary, ["201", "202", "203", "201"]), (RingMode::Sequential, ["201"; 4])]
    {
        let spec = system("office", &users)
            .trunk(9, 0)
            .group("300", &users, None)
            .with_group(|g| g.ring_mode = mode);
        let mut bench = Bench::new(vec![spec]);
        for (n, user) in expected.iter().enumerate() {
            bench.trunk_setup(0, 0, "300", n as u64);
            bench.answer(user, n as u64);
            bench.hang_up(user, n as u64);
        }
    }
    let longest = |g: &mut HuntGroupSpec| g.ring_mode = RingMode::LongestWaiting;
    let mut bench =
        Bench::new(vec![system("office", &users).trunk(9, 0).group("300", &users, None).with_group(longest)]);
    for (tag, user) in [(1, "201"), (2, "202"), (3, "203")] {
        bench.trunk_setup(0, 0, "300", tag);
        bench.answer(user, tag);
    }
    for (tag, user) in [(2, "202"), (3, "203"), (1, "201")] {
        bench.pass(Duration::from_millis(1));
        bench.hang_up(user, tag);
    }
    bench.said();
    bench.trunk_setup(0, 0, "300", 4);
    bench.pass(seconds(45));
    let rang: Vec<String> = bench.said().into_iter().filter(|l| l.contains(" ring ")).collect();
    let order: Vec<&str> = rang.iter().filter_map(|l| l.split(' ').nth(3)).collect();
    assert_eq!(order, ["202", "203", "201"]);
}
