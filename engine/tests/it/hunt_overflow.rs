//! Overflow by call and by group, and priorities that rise with the wait (DOMAIN 4.5, 4.6).

use crate::support::{Bench, Build, number, seconds, system};
use engine::id::HuntGroupId;
use engine::plan::spec::{
    HuntGroupSpec, OverflowMode, OverflowSpec, QueuePriority, QueueSpec, QueueType, RingMode, SystemSpec,
};

/// Group 300 of 201 overflows to 301 of 202 and 203 after 30 s, with a queue; phones ring 60 s. Line 2 brings calls of
/// medium priority, line 3 of high.
fn office(change: impl FnOnce(&mut OverflowSpec)) -> SystemSpec {
    let mut overflow = OverflowSpec { time: Some(seconds(30)), ..OverflowSpec::new(vec![number("301")]) };
    change(&mut overflow);
    let queue = |g: &mut HuntGroupSpec| {
        g.queue = Some(QueueSpec { queue_type: QueueType::AssignOnAlert, ..QueueSpec::UNLIMITED });
    };
    let mut spec = system("office", &["201", "202", "203", "205", "206"])
        .trunk(9, 0)
        .trunk(9, 1)
        .trunk(9, 2)
        .icr(Some(0), "", "300")
        .icr(Some(1), "", "300")
        .icr(Some(2), "", "300")
        .group("300", &["201"], Some(60))
        .with_group(queue)
        .with_group(|g| g.overflow = Some(overflow))
        .group("301", &["202", "203"], Some(60))
        .with_group(|g| g.ring_mode = RingMode::Collective);
    spec.incoming_call_routes[1].priority = QueuePriority::Medium;
    spec.incoming_call_routes[2].priority = QueuePriority::High;
    spec
}

/// The phones that have begun to ring since the last look, each with its time: `30s 202 #2`.
fn rings(bench: &mut Bench) -> Vec<String> {
    let said = bench.said();
    said.iter().filter(|l| l.contains(" A ring ")).map(|l| l.replace(" A ring ", " ")).collect()
}

/// 201 talks for longer than the test lasts.
fn with_201_busy(spec: SystemSpec) -> Bench {
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "205", 90);
    bench.answer("205", 90);
    bench.said();
    bench
}

#[test]
fn by_call_each_waits_its_own_time_and_by_group_one_takes_the_others_along() {
    for (mode, wanted) in [
        // The phones that ring for the first are not free for the second.
        (OverflowMode::Group, ["30s 202 #1", "30s 203 #1", "40s 202 #2", "40s 203 #2"]),
        (OverflowMode::Call, ["30s 202 #1", "30s 203 #1", "50s 202 #2", "50s 203 #2"]),
    ] {
        let mut bench = with_201_busy(office(|o| o.mode = mode));
        bench.trunk_setup(0, 0, "5", 1);
        bench.pass(seconds(20));
        bench.trunk_setup(0, 0, "5", 2);
        bench.pass(seconds(20));
        // The first caller gives up at 40 s; the second has waited for 20 s.
        bench.trunk_release(0, 1, 16);
        bench.pass(seconds(20));
        assert_eq!(rings(&mut bench), wanted, "{mode:?}");
    }
}

#[test]
fn by_group_a_call_that_comes_while_another_has_overflowed_does_so_at_once() {
    let mut bench = with_201_busy(office(|_| {}));
    bench.trunk_setup(0, 0, "5", 1);
    bench.pass(seconds(30));
    bench.trunk_release(0, 1, 16);
    bench.trunk_setup(0, 0, "5", 2);
    bench.pass(seconds(1));
    assert_eq!(rings(&mut bench), ["30s 202 #1", "30s 203 #1"], "nobody has overflowed any more");
    bench.trunk_release(0, 2, 16);
    bench.trunk_setup(0, 0, "5", 3);
    bench.pass(seconds(30));
    bench.dial("206", "300", 4);
    bench.said();
    // The phones ring for #3; what they are free for next is #4.
    bench.trunk_release(0, 3, 16);
    assert_eq!(rings(&mut bench), ["61s 202 #4", "61s 203 #4"]);
}

#[test]
fn a_call_that_overflows_stays_one_of_its_group_and_keeps_the_place_in_its_queue() {
    let mut bench = with_201_busy(office(|_| {}));
    bench.dial("202", "206", 91);
    bench.answer("206", 91);
    bench.trunk_setup(0, 0, "5", 1);
    bench.pass(seconds(31));
    let queues = |bench: &Bench| [0, 1].map(|g| bench.systems[0].queue_usage(HuntGroupId(g)).in_use());
    assert_eq!(rings(&mut bench).last().map(String::as_str), Some("30s 203 #1"));
    assert_eq!(queues(&bench), [0, 0]);
    bench.trunk_setup(0, 0, "5", 2);
    assert_eq!(queues(&bench), [1, 0], "it waits in the queue of its own group");
    bench.hang_up("201", 90);
    assert_eq!(rings(&mut bench), ["31s 201 #2"], "whose members go on serving it");
    bench.answer("203", 1);
    bench.trunk_release(0, 1, 16);
    let said = bench.said();
    assert!(said.iter().any(|l| l.contains("smdr #1") && l.contains("group 300")), "{said:?}");
}

#[test]
fn immediate_overflow_is_for_groups_without_anybody_logged_in_and_enabled() {
    for (immediate, wanted) in [(true, "0s 202 #1"), (false, "30s 202 #1")] {
        let mut spec = office(|o| o.immediate = immediate);
        spec = spec.with_user("201", |u| u.logged_in = false);
        let mut bench = Bench::new(vec![spec]);
        bench.trunk_setup(0, 0, "5", 1);
        bench.pass(seconds(35));
        assert_eq!(rings(&mut bench).first().map(String::as_str), Some(wanted));
        // A member who is only busy does not count as nobody.
        let mut bench = with_201_busy(office(|o| o.immediate = immediate));
        bench.trunk_setup(0, 0, "5", 1);
        bench.pass(seconds(35));
        assert_eq!(rings(&mut bench).first().map(String::as_str), Some("30s 202 #1"));
    }
}

/// The order in which 201, who answers and hangs up at once, serves these calls.
fn served(bench: &mut Bench, calls: usize) -> Vec<u64> {
    let mut order = Vec::new();
    bench.hang_up("201", 90);
    for _ in 0..calls {
        let rang = rings(bench);
        let tag: u64 = rang[0].rsplit('#').next().and_then(|t| t.parse().ok()).expect("a tag");
        order.push(tag);
        bench.answer("201", tag);
        bench.hang_up("201", tag);
    }
    order
}

#[test]
fn a_call_gains_a_priority_each_time_it_has_waited_for_the_promotion_time() {
    let with = |promotion| {
        let mut spec = office(|o| o.time = None);
        spec.hunt_groups[0].overflow = None;
        spec.call_priority_promotion_time = promotion;
        let mut bench = with_201_busy(spec);
        bench.trunk_setup(0, 0, "5", 1);
        bench.pass(seconds(15));
        bench.trunk_setup(0, 1, "5", 2);
        bench.pass(seconds(10));
        bench.trunk_setup(0, 2, "5", 3);
        bench.trunk_setup(0, 0, "5", 4);
        bench.pass(seconds(1));
        bench
    };
    // At 26 s: low since 0 s, medium since 15 s, high and low since 25 s.
    assert_eq!(served(&mut with(None), 4), [3, 2, 1, 4]);
    // Once after 20 s: the first is medium like the second, and has waited longer.
    assert_eq!(served(&mut with(Some(seconds(20))), 4), [3, 1, 2, 4]);
    // Twice, after 10 and 20 s: high, and first of all. The second became high at 25 s.
    assert_eq!(served(&mut with(Some(seconds(10))), 4), [1, 2, 3, 4]);
    // A promotion time of a day changes nothing.
    assert_eq!(served(&mut with(Some(seconds(86_400))), 4), [3, 2, 1, 4]);
}
