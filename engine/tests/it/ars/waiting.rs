//! Calls that wait for a line: who gets the next one, and when an alternate route opens meanwhile.

use super::{USERS, low, with_alternate};
use crate::support::{Bench, Build, seconds, system};
use engine::plan::spec::Feature::Dial;

#[test]
fn a_wait_time_that_is_off_never_opens_the_alternate_route() {
    let mut bench = Bench::new(vec![low(with_alternate(3, None), "202", 2)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    assert_eq!(bench.systems[0].timers_armed(), 0);
    bench.pass(seconds(3_600));
    bench.expect("");
    bench.hang_up("201", 1);
    bench.expect(
        "3600s A trunk release 1.0 #1 16
         3600s A smdr #1 201>01>01 201>1.0 rang 0s talked 3600s Caller 16
         3600s A trunk set-up 1.0 #2 202>02",
    );
    bench.hang_up("202", 2);
    bench.said();
    bench.expect_idle();
}

#[test]
fn a_line_that_frees_up_before_the_wait_is_over_is_taken_and_the_timer_stops() {
    let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "202", 1)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.pass(seconds(9));
    bench.said();
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "9s A released #1 16
         9s A smdr #1 201>01>01 201>1.0 rang 0s talked 9s Callee 16
         9s A trunk set-up 1.0 #2 202>02",
    );
    bench.trunk_answer(0, 2);
    assert_eq!(bench.systems[0].timers_armed(), 0);
}

#[test]
fn after_the_wait_the_routes_of_both_forms_count() {
    for (freed, expected) in [(1, "trunk set-up 1.0 #3 203>03"), (2, "trunk set-up 2.0 #3 203>903")] {
        let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "203", 1)]);
        for (tag, user) in [(1, "201"), (2, "202")] {
            bench.dial(user, "0", tag);
            bench.trunk_answer(0, tag);
        }
        bench.dial("203", "03", 3);
        bench.pass(seconds(10));
        bench.pass(seconds(5));
        bench.said();
        bench.trunk_release(0, freed, 16);
        assert_eq!(bench.said().last(), Some(&format!("15s A {expected}")));
    }
}

#[test]
fn an_alternate_form_that_does_not_know_the_number_lets_the_call_go_on_waiting() {
    let mut spec = low(with_alternate(3, Some(10)), "203", 1);
    spec.ars_forms[1].codes[0].code = "07N".to_owned();
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.said();
    bench.dial("202", "02", 2);
    bench.dial("203", "03", 3);
    bench.pass(seconds(100));
    bench.expect(
        "0s A accepted #2
         0s A tone camp-on #2
         0s A accepted #3
         0s A tone camp-on #3",
    );
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 2);
}

#[test]
fn the_longest_waiting_call_gets_the_line_and_nobody_is_passed_over() {
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 0)]);
    for (tag, user) in USERS.into_iter().enumerate() {
        bench.dial(user, &format!("0{tag}"), tag as u64);
        if tag == 0 {
            bench.trunk_answer(0, 0);
        }
        bench.pass(seconds(1));
    }
    // One gives up while it waits.
    bench.hang_up("203", 2);
    bench.said();
    for tag in [0, 1, 3, 4] {
        let next = if tag == 1 { 3 } else { tag + 1 };
        bench.trunk_release(0, tag, 17);
        let set_up = bench.said().pop().expect("the next call leaves");
        assert!(set_up.contains(&format!("trunk set-up 1.0 #{next} ")), "{set_up}");
    }
}

/// 201 and 202 hold groups 1 and 2; 203 waits for 1, then 204 for either, then 205 for 2.
fn two_groups() -> Bench {
    let spec = system("office", &USERS)
        .trunk(1, 1)
        .trunk(1, 2)
        .code("1N", Dial, "N", 1)
        .code("2N", Dial, "N", 2)
        .code("3N", Dial, "N", 53)
        .form(53, &[("?", Dial, ".", 1), ("?", Dial, ".", 2)]);
    let mut bench = Bench::new(vec![spec]);
    for (tag, (user, number)) in
        [("201", "11"), ("202", "21"), ("203", "13"), ("204", "34"), ("205", "25")].into_iter().enumerate()
    {
        bench.dial(user, number, tag as u64 + 1);
        if tag < 2 {
            bench.trunk_answer(0, tag as u64 + 1);
        }
    }
    bench.said();
    bench
}

#[test]
fn a_freed_line_goes_to_the_longest_waiting_call_that_it_suits() {
    for (released, order) in
        [([1, 2], ["1.0 #3 203>3", "2.0 #4 204>4"]), ([2, 1], ["2.0 #4 204>4", "1.0 #3 203>3"])]
    {
        let mut bench = two_groups();
        for (tag, expected) in released.into_iter().zip(order) {
            bench.trunk_release(0, tag, 16);
            let said = bench.said();
            assert_eq!(said.last(), Some(&format!("0s A trunk set-up {expected}")), "{said:#?}");
        }
        assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
    }
}

#[test]
fn a_call_that_is_routed_anew_does_not_overtake_those_that_wait() {
    // The alternate route has the same group.
    let mut spec = with_alternate(1, None);
    spec.ars_forms[1].codes[0].line_group = 1;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.trunk_release(0, 1, 3);
    bench.expect(
        "0s A tone camp-on #1
         0s A trunk set-up 1.0 #2 202>02",
    );
}

#[test]
fn a_call_waits_for_a_group_that_was_full_although_a_later_entry_failed() {
    let entries = [("?", Dial, ".", 1), ("?", Dial, ".", 2)];
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 1).trunk(1, 2).form(50, &entries)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.trunk_release(0, 2, 3);
    bench.expect("0s A tone camp-on #2");
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 1.0 #2 202>02"));
}

#[test]
fn a_line_group_that_a_call_gave_up_is_not_tried_again_after_a_wait() {
    let entries = [("?", Dial, ".", 1), ("?", Dial, ".", 2)];
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 1).trunk(1, 2).form(50, &entries)]);
    bench.trunk_setup(0, 1, "201", 1);
    bench.answer("201", 1);
    bench.dial("202", "02", 2);
    bench.trunk_release(0, 2, 3);
    bench.said();
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 2.0 #2 202>02"));
}

#[test]
fn a_call_that_waits_counts_once_as_blocked() {
    let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "203", 1)]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.dial(user, "0", tag);
        bench.trunk_answer(0, tag);
    }
    bench.dial("203", "03", 3);
    bench.pass(seconds(20));
    let blocked: Vec<u64> =
        (0..3).map(|g| bench.systems[0].line_group_usage(engine::id::LineGroupId(g)).blocked).collect();
    assert_eq!(blocked, [1, 0, 0]);
}
