//! Hunt groups, sequential.

use crate::support::{Bench, Build, seconds, system};
use engine::id::HuntGroupId;

/// Group 300 rings 201, 202, 203 for 10 s each; group 301 rings 203 for the system's 15 s; 302 has nobody.
fn office() -> Bench {
    let spec = system("office", &["201", "202", "203", "204"])
        .trunk(4, 0)
        .group("300", &["201", "202", "203"], Some(10))
        .group("301", &["203"], None)
        .group("302", &[], None);
    Bench::new(vec![spec])
}

#[test]
fn each_member_rings_in_turn_until_one_answers() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(21));
    assert_eq!(bench.systems[0].hunt_group_usage(HuntGroupId(0)).in_use(), 1);
    bench.answer("203", 1);
    bench.pass(seconds(4));
    bench.hang_up("203", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         10s A stop ringing 201 #1
         10s A ring 202 #1
         20s A stop ringing 202 #1
         20s A ring 203 #1
         21s A connected #1
         25s A released #1 16
         25s A smdr #1 0700>300>300 1.0>203 group 300 rang 21s talked 4s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn everyone_has_rung_and_nobody_answered() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         10s A stop ringing 201 #1
         10s A ring 202 #1
         20s A stop ringing 202 #1
         20s A ring 203 #1
         30s A stop ringing 203 #1
         30s A released #1 19
         30s A smdr #1 0700>300>300 1.0>203 group 300 rang 30s unanswered System 19",
    );
    bench.expect_idle();
}

#[test]
fn without_a_time_of_its_own_a_group_uses_the_systems() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "301", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A ring 203 #1
         0s A alerting #1
         15s A stop ringing 203 #1
         15s A released #1 19
         15s A smdr #1 0700>301>301 1.0>203 group 301 rang 15s unanswered System 19",
    );
}

#[test]
fn a_member_who_refuses_passes_the_call_on() {
    let mut bench = office();
    bench.trunk_setup(0, 0, "300", 1);
    bench.pass(seconds(2));
    bench.hang_up("201", 1);
    bench.pass(seconds(2));
    bench.answer("202", 1);
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "0s A accepted #1
         0s A ring 201 #1
         0s A alerting #1
         2s A stop ringing 201 #1
         2s A ring 202 #1
         4s A connected #1
         4s A disconnect 202 #1 16
         4s A smdr #1 0700>300>300 1.0>202 group 300 rang 4s talked 0s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn busy_members_are_passed_over_and_two_calls_ring_two_members() {
    let mut bench = office();
    bench.dial("204", "201", 1);
    bench.said();
    bench.trunk_setup(0, 0, "300", 2);
    bench.trunk_setup(0, 0, "300", 3);
    bench.expect(
        "0s A accepted #2
         0s A ring 202 #2
         0s A alerting #2
         0s A accepted #3
         0s A ring 203 #3
         0s A alerting #3",
    );
    bench.trunk_setup(0, 0, "300", 4);
    bench.expect(
        "0s A accepted #4
         0s A released #4 17 short of hunt group 300
         0s A smdr #4 0700>300>300 1.2>- rang 0s unanswered System 17",
    );
    let usage = bench.systems[0].hunt_group_usage(HuntGroupId(0));
    assert_eq!((usage.in_use(), usage.peak(), usage.taken, usage.blocked), (2, 2, 2, 1));
}

#[test]
fn a_member_who_became_free_above_is_not_rung_again() {
    let mut bench = office();
    bench.dial("201", "204", 1);
    bench.trunk_setup(0, 0, "300", 2);
    bench.pass(seconds(5));
    bench.hang_up("201", 1);
    bench.said();
    bench.pass(seconds(60));
    bench.expect(
        "10s A stop ringing 202 #2
         10s A ring 203 #2
         20s A stop ringing 203 #2
         20s A released #2 19
         20s A smdr #2 0700>300>300 1.0>203 group 300 rang 20s unanswered System 19",
    );
}

#[test]
fn a_group_without_members_is_busy() {
    let mut bench = office();
    bench.dial("201", "302", 1);
    bench.expect(
        "0s A accepted #1
         0s A released #1 17 short of hunt group 302
         0s A smdr #1 201>302>302 201>- rang 0s unanswered System 17",
    );
    bench.expect_idle();
}

#[test]
fn the_caller_is_not_rung_by_the_own_group() {
    let mut bench = office();
    bench.dial("203", "301", 1);
    bench.expect(
        "0s A accepted #1
         0s A released #1 17 short of hunt group 301
         0s A smdr #1 203>301>301 203>- rang 0s unanswered System 17",
    );
}
