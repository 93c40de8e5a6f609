//! Calls to users of one system, from its trunks and from each other.

use crate::support::{Bench, Build, seconds, system};
use engine::plan::spec::{CompandingLaw, Feature};

/// 201-203 behind a trunk of two channels in group 0.
fn office() -> Bench {
    Bench::new(vec![system("office", &["201", "202", "203"]).trunk(2, 0)])
}

#[test]
fn ddi_call_answered_and_released_by_the_far_end() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.pass(seconds(5));
    bench.answer("201", 1);
    bench.pass(seconds(6));
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         5s A connected #1
         11s A disconnect 201 #1 16
         11s A smdr #1 0700>201>201 1.0>201 rang 5s talked 6s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn ddi_call_released_by_the_user() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.answer("201", 1);
    bench.pass(seconds(6));
    bench.hang_up("201", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         0s A connected #1
         6s A released #1 16
         6s A smdr #1 0700>201>201 1.0>201 rang 0s talked 6s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn caller_gives_up_while_it_rings() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.pass(seconds(3));
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         3s A stop ringing 201 #1
         3s A smdr #1 0700>201>201 1.0>201 rang 3s unanswered Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn nobody_answers_for_15_seconds() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         15s A stop ringing 201 #1
         15s A released #1 19
         15s A smdr #1 0700>201>201 1.0>201 rang 15s unanswered System 19",
    );
    bench.expect_idle();
}

#[test]
fn a_user_refuses_a_call_that_rings() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.pass(seconds(2));
    bench.hang_up("201", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         2s A stop ringing 201 #1
         2s A released #1 21
         2s A smdr #1 0700>201>201 1.0>201 rang 2s unanswered Callee 21",
    );
    bench.expect_idle();
}

#[test]
fn a_user_on_a_call_or_rung_for_one_is_busy() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.said();
    bench.trunk_setup(0, 0, "202", 2);
    bench.dial("203", "201", 3);
    bench.expect(
        "0s A accepted #2
         0s A released #2 17 short of user 202
         0s A smdr #2 0700>202>202 1.0>202 rang 0s unanswered System 17
         0s A accepted #3
         0s A released #3 17 short of user 201
         0s A smdr #3 203>201>201 203>201 rang 0s unanswered System 17",
    );
    assert_eq!(bench.systems[0].user_usage().blocked, 2);
}

#[test]
fn a_user_who_is_on_a_call_cannot_dial() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.said();
    bench.dial("202", "203", 2);
    bench.expect("0s A refused #2 17 short of user 202");
}

#[test]
fn a_user_who_dials_the_own_number_is_busy() {
    let mut bench = office();
    bench.dial("201", "201", 1);
    bench.expect(
        "0s A accepted #1
         0s A released #1 17 short of user 201
         0s A smdr #1 201>201>201 201>201 rang 0s unanswered System 17",
    );
    bench.expect_idle();
}

#[test]
fn an_unknown_number_matches_nothing() {
    let north_america = system("office", &["201"]).law(CompandingLaw::ULaw).trunk(1, 0);
    let mut bench = Bench::new(vec![north_america]);
    bench.dial("201", "777", 1);
    bench.trunk_setup(0, 0, "777", 2);
    bench.expect(
        "0s A accepted #1
         0s A released #1 88
         0s A smdr #1 201>777>777 201>- rang 0s unanswered System 88
         0s A accepted #2
         0s A released #2 17
         0s A smdr #2 0700>777>777 1.0>- rang 0s unanswered System 17",
    );
    bench.expect_idle();
}

#[test]
fn a_call_from_a_trunk_does_not_leave_on_a_trunk() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "777", 1);
    bench.expect(
        "0s A accepted #1
         0s A released #1 21
         0s A smdr #1 0700>777>777 1.0>- rang 0s unanswered System 21",
    );
    bench.expect_idle();
}

#[test]
fn a_trunk_with_all_channels_in_use_refuses() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "201", 1);
    bench.trunk_setup(0, 0, "202", 2);
    bench.said();
    bench.trunk_setup(0, 0, "203", 3);
    bench.expect("0s A refused #3 34 short of line group 0");
    let stats = bench.systems[0].stats();
    assert_eq!((stats.attempts, stats.refused, stats.causes[34]), (3, 1, 1));
    assert_eq!(stats.calls.peak(), 2, "a refused attempt was never a call");
    assert_eq!(bench.systems[0].line_group_usage(engine::id::LineGroupId(0)).blocked, 1);
}

#[test]
fn incoming_call_routes_match_group_then_number() {
    let spec = system("office", &["201", "202", "203", "204", "205"])
        .trunk(9, 1)
        .trunk(9, 2)
        .icr(None, "", "201")
        .icr(Some(1), "", "202")
        .icr(None, "5550", "203")
        .icr(Some(2), "-XXXX", "204")
        .icr(Some(2), "1X", ".")
        .icr(Some(2), "1205", "");
    let mut bench = Bench::new(vec![spec]);
    let mut rings = |line: u16, called: &str| {
        bench.trunk_setup(0, line, called, 1);
        let said = bench.said();
        bench.trunk_release(0, 1, 16);
        bench.said();
        said.into_iter().filter(|l| l.contains("ring") || l.contains("released")).collect::<Vec<_>>()
    };
    // The line's group outweighs any number; without a route for the group, the number decides.
    assert_eq!(rings(0, "5550"), ["0s A ring 202 #1"]);
    assert_eq!(rings(1, "07335550"), ["0s A ring 203 #1"]);
    assert_eq!(rings(1, "5550"), ["0s A ring 204 #1"]);
    assert_eq!(rings(1, "999"), ["0s A ring 201 #1"]);
    // `.` stands for the digits received: 3 digits that end like 1X are dialled inside.
    assert_eq!(rings(1, "312"), ["0s A released #1 88"]);
    // More literal digits beat a wildcard of the same length; the number received does not exist inside.
    assert_eq!(rings(1, "1205"), ["0s A released #1 88"]);
}

#[test]
fn an_incoming_route_may_name_a_short_code_or_a_number_that_does_not_exist() {
    let spec = system("office", &["201"])
        .trunk(2, 1)
        .code("*1", Feature::DialExtn, "201", 0)
        .icr(None, "1", "*1")
        .icr(None, "2", "999");
    let mut bench = Bench::new(vec![spec]);
    bench.trunk_setup(0, 0, "1", 1);
    bench.trunk_setup(0, 0, "2", 2);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         0s A accepted #2
         0s A released #2 88
         0s A smdr #2 0700>2>2 1.1>- rang 0s unanswered System 88",
    );
}

#[test]
fn internal_call_released_by_the_caller() {
    let mut bench = office();
    bench.dial("201", "202", 1);
    bench.pass(seconds(1));
    bench.answer("202", 1);
    bench.pass(seconds(2));
    bench.hang_up("201", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 202 #1
         0s A alerting #1
         1s A connected #1
         3s A disconnect 202 #1 16
         3s A smdr #1 201>202>202 201>202 rang 1s talked 2s Caller 16",
    );
    bench.expect_idle();
}
