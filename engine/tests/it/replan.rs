//! A plan that changes while calls go on.

use crate::support::{Bench, Build, compile, number, seconds, system};
use engine::plan::spec::{Feature, SystemSpec};

/// A system with a trunk in group 0 and another in group 7, on which everything that begins with 9 leaves.
fn office(group_of_nine: u32) -> SystemSpec {
    system("office", &["201", "202", "203"]).trunk(2, 0).trunk(2, 7).group("300", &["202", "203"], None).code(
        "9N",
        Feature::Dial,
        "N",
        group_of_nine,
    )
}

#[test]
fn calls_go_on_when_codes_change_and_the_next_one_goes_by_the_new_ones() {
    let mut bench = Bench::new(vec![office(0)]);
    bench.dial("201", "9123", 1);
    bench.trunk_proceeding(0, 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "9456", 2);
    bench.trunk_proceeding(0, 2);
    bench.said();
    let later = compile(vec![office(7)]).swap_remove(0);
    bench.replan(0, later).expect("only a code has changed");
    bench.dial("203", "9789", 3);
    bench.trunk_answer(0, 2);
    bench.pass(seconds(2));
    bench.hang_up("201", 1);
    bench.hang_up("202", 2);
    bench.hang_up("203", 3);
    bench.expect(
        "0s A accepted #3
         0s A trunk set-up 2.0 #3 203>789
         0s A connected #2
         2s A trunk release 1.0 #1 16
         2s A smdr #1 201>9123>123 201>1.0 rang 0s talked 2s Caller 16
         2s A trunk release 1.1 #2 16
         2s A smdr #2 202>9456>456 202>1.1 rang 0s talked 2s Caller 16
         2s A trunk release 2.0 #3 16
         2s A smdr #3 203>9789>789 203>2.0 rang 0s unanswered Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn what_calls_know_by_its_number_stays_and_all_that_differs_is_named() {
    let mut bench = Bench::new(vec![office(0)]);
    let mut differs = |spec: SystemSpec| bench.replan(0, compile(vec![spec]).swap_remove(0));
    assert_eq!(differs(office(0).trunk(1, 8)), Err(vec!["lines"]));
    assert_eq!(differs(office(0).form(60, &[])), Err(vec!["which ARS forms there are"]));
    let mut other = office(0);
    other.users.remove(0);
    other.hunt_groups[0].members = vec![number("203")];
    assert_eq!(differs(other), Err(vec!["users", "hunt groups"]));
    bench.dial("201", "300", 1);
    bench.answer("202", 1);
    bench.hang_up("201", 1);
    bench.expect_idle();
}

#[test]
fn a_user_who_no_longer_takes_calls_is_no_agent_from_then_on() {
    let mut bench = Bench::new(vec![office(0)]);
    let later = office(0).with_user("202", |user| user.do_not_disturb = true);
    bench.replan(0, compile(vec![later]).swap_remove(0)).expect("only a setting has changed");
    bench.dial("201", "300", 1);
    let said = bench.said();
    assert!(said.iter().any(|line| line.contains("ring 203")), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("ring 202")), "{said:?}");
}
