//! Hold and transfer: who hears what, who stays connected to whom, and what ends when.

use crate::support::{Bench, Build, seconds, system};
use engine::plan::spec::{Feature, SystemSpec};
use engine::{Input, limits::MAX_HELD_CALLS};

fn office() -> SystemSpec {
    system("office", &["201", "202", "203", "204"]).trunk(4, 0).icr(None, "", "201")
}

/// A call from `from` to `to` that is answered, as `tag`.
fn talk(bench: &mut Bench, from: &str, to: &str, tag: u64) {
    bench.dial(from, to, tag);
    bench.pass(seconds(0));
    bench.answer(to, tag);
    bench.pass(seconds(0));
    bench.said();
}

fn incoming(bench: &mut Bench, tag: u64) {
    bench.trunk_setup(0, 0, "5", tag);
    bench.answer("201", tag);
    bench.said();
}

#[test]
fn a_call_on_hold_hears_music_until_it_is_taken_back() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    bench.expect("0s A music on #1 calling");
    bench.dial("202", "201", 2);
    bench.expect(
        "0s A accepted #2
         0s A released #2 17 short of user 201
         0s A smdr #2 202>201>201 202>201 rang 0s unanswered System 17",
    );
    bench.retrieve("201", 1);
    bench.expect("0s A music off #1 calling");
    bench.hang_up("201", 1);
    bench.pass(seconds(0));
    bench.said();
    bench.expect_idle();
}

#[test]
fn only_what_a_phone_can_do_is_done() {
    let mut bench = Bench::new(vec![office()]);
    let mut unexpected = 0;
    let mut refused = |bench: &mut Bench| {
        unexpected += 1;
        assert_eq!(bench.said(), Vec::<String>::new());
        assert_eq!(bench.systems[0].stats().unexpected, unexpected);
    };
    bench.dial("201", "202", 1);
    bench.said();
    bench.hold("201", 1);
    refused(&mut bench);
    bench.answer("202", 1);
    bench.said();
    bench.retrieve("201", 1);
    refused(&mut bench);
    bench.hold("203", 1);
    refused(&mut bench);
    bench.hold("201", 1);
    bench.said();
    bench.hold("201", 1);
    refused(&mut bench);
    bench.retrieve("202", 1);
    refused(&mut bench);
    bench.dial("201", "203", 2);
    bench.said();
    bench.retrieve("201", 1);
    refused(&mut bench);
    bench.transfer("201", 2, 1);
    refused(&mut bench);
    bench.transfer("203", 1, 2);
    refused(&mut bench);
    bench.transfer("201", 1, 1);
    refused(&mut bench);
}

#[test]
fn the_list_of_held_calls_is_bounded() {
    let users: Vec<String> = (201..=201 + MAX_HELD_CALLS + 1).map(|n| n.to_string()).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut bench = Bench::new(vec![system("office", &users)]);
    for (tag, user) in (1..).zip(&users[1..]) {
        talk(&mut bench, "201", user, tag);
        bench.hold("201", tag);
        let full = tag as usize > MAX_HELD_CALLS;
        let expected = if full {
            format!("0s A denied #{tag} calling 47 short of held calls")
        } else {
            format!("0s A music on #{tag} called")
        };
        assert_eq!(bench.said(), [expected]);
    }
    // One on hold ends, and there is room again.
    bench.hang_up("205", 4);
    bench.said();
    bench.hold("201", 17);
    assert_eq!(bench.said(), ["0s A music on #17 called"]);
    let user = bench.find("201").1;
    assert_eq!(bench.systems[0].held_calls(user).len(), MAX_HELD_CALLS);
}

#[test]
fn an_attended_transfer_connects_the_two_who_are_left() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "202", 2);
    bench.transfer("201", 1, 2);
    bench.expect(
        "0s A music off #1 calling
         0s A left 201 #2
         0s A left 201 #1",
    );
    assert!(bench.systems[0].is_idle(bench.find("201").1));
    bench.pass(seconds(10));
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "10s A disconnect 202 #2 16
         10s A smdr #2 201>202>202 ->202 rang 0s talked 10s Caller 16
         10s A smdr #1 0700>5>201 1.0>201 rang 0s talked 10s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn both_calls_may_be_of_the_users_own_making() {
    let mut bench = Bench::new(vec![office()]);
    talk(&mut bench, "201", "203", 1);
    bench.hold("201", 1);
    bench.dial("201", "05", 2);
    bench.trunk_answer(0, 2);
    bench.transfer("201", 1, 2);
    assert!(bench.systems[0].is_idle(bench.find("201").1));
    bench.said();
    bench.hang_up("203", 1);
    bench.expect(
        "0s A trunk release 1.0 #2 16
         0s A smdr #2 201>05>05 ->1.0 rang 0s talked 0s Caller 16
         0s A smdr #1 201>203>203 ->203 rang 0s talked 0s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn a_call_is_transferred_to_a_phone_that_still_rings() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    bench.dial("201", "202", 2);
    bench.transfer("201", 1, 2);
    bench.said();
    bench.pass(seconds(3));
    bench.answer("202", 2);
    bench.expect("");
    bench.hang_up("202", 2);
    bench.expect(
        "3s A released #1 16
         3s A smdr #1 0700>5>201 1.0>201 rang 0s talked 3s Callee 16
         3s A smdr #2 201>202>202 ->202 rang 3s talked 0s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn who_is_transferred_to_a_phone_that_nobody_answers_is_released() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    bench.dial("201", "202", 2);
    bench.transfer("201", 1, 2);
    bench.said();
    bench.pass(seconds(20));
    bench.expect(
        "15s A stop ringing 202 #2
         15s A released #1 19
         15s A smdr #1 0700>5>201 1.0>201 rang 0s talked 15s Callee 19
         15s A smdr #2 201>202>202 ->202 rang 15s unanswered System 19",
    );
    bench.expect_idle();
}

#[test]
fn calls_transferred_again_and_again_leave_no_links_behind() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    let users = ["201", "202", "203", "204"];
    for n in 0..40_u64 {
        let (from, to) = (users[n as usize % 4], users[(n as usize + 1) % 4]);
        // Each knows the call by the tag of the leg that rang there.
        let own = if n == 0 { 1 } else { n + 1 };
        bench.hold(from, own);
        talk(&mut bench, from, to, n + 2);
        bench.transfer(from, own, n + 2);
        bench.said();
        assert_eq!(bench.systems[0].calls_in_progress(), 2, "after transfer {n}");
    }
    bench.hang_up("201", 41);
    assert!(bench.said().contains(&"0s A released #1 16".to_owned()));
    bench.expect_idle();
}

#[test]
fn two_joined_calls_joined_to_each_other_are_one_connection() {
    let mut bench = Bench::new(vec![office()]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "202", 2);
    bench.transfer("201", 1, 2);
    // 202 has the trunk on #2; now 203 has 204 transferred to 202 by 201 in the same way.
    bench.hold("202", 2);
    talk(&mut bench, "201", "203", 3);
    bench.hold("201", 3);
    bench.dial("201", "204", 4);
    bench.answer("204", 4);
    bench.transfer("201", 3, 4);
    talk(&mut bench, "202", "201", 5);
    bench.transfer("202", 2, 5);
    bench.said();
    bench.trunk_release(0, 1, 16);
    let said = bench.said();
    assert!(said.contains(&"0s A disconnect 201 #5 16".to_owned()), "{said:?}");
    bench.hang_up("203", 3);
    assert!(bench.said().contains(&"0s A disconnect 204 #4 16".to_owned()));
    bench.expect_idle();
}

fn two_systems() -> Vec<SystemSpec> {
    let a = system("a", &["201", "202", "203"]).trunk(2, 0).ip_office(1, 3, 7).icr(None, "", "201");
    let b = system("b", &["301", "302"]).trunk(2, 0).ip_office(0, 3, 7);
    vec![a, b]
}

#[test]
fn a_transfer_joins_calls_over_lines_to_other_systems_too() {
    let mut bench = Bench::new(two_systems());
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "301", 2);
    bench.transfer("201", 1, 2);
    bench.pass(seconds(0));
    bench.expect(
        "0s A music off #1 calling
         0s A left 201 #2
         0s A left 201 #1
         0s A to B 2.0 #2 privilege Trunk",
    );
    bench.hang_up("301", 2);
    bench.pass(seconds(0));
    assert!(bench.said().contains(&"0s A released #1 16".to_owned()));
    bench.expect_idle();
}

#[test]
fn a_user_joins_two_calls_from_other_systems() {
    let mut bench = Bench::new(two_systems());
    talk(&mut bench, "301", "201", 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "302", 2);
    bench.transfer("201", 1, 2);
    bench.pass(seconds(0));
    assert!(bench.systems[0].is_idle(bench.find("201").1));
    bench.said();
    bench.hang_up("301", 1);
    bench.pass(seconds(0));
    let said = bench.said();
    assert!(said.contains(&"0s B disconnect 302 #2 16".to_owned()), "{said:?}");
    bench.expect_idle();
}

#[test]
fn short_codes_act_on_calls_on_hold() {
    let spec = office()
        .code("*1", Feature::HoldCall, "", 0)
        .code("*2", Feature::ToggleCalls, "", 0)
        .code("*3", Feature::ClearCall, "", 0)
        .code("*4N", Feature::Transfer, "N", 0)
        .code("?", Feature::Dial, ".", 0);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "*1"), "released 21", "nothing is on hold");
    talk(&mut bench, "201", "202", 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "203", 2);
    bench.hold("201", 2);
    bench.said();
    bench.dial("201", "*2", 3);
    bench.expect(
        "0s A accepted #3
         0s A released #3 16
         0s A smdr #3 201>*2>*2 201>- rang 0s unanswered System 16
         0s A music off #1 called",
    );
    bench.hold("201", 1);
    bench.said();
    bench.dial("201", "*3", 4);
    bench.expect(
        "0s A accepted #4
         0s A disconnect 202 #1 16
         0s A smdr #1 201>202>202 201>202 rang 0s talked 0s Caller 16
         0s A released #4 16
         0s A smdr #4 201>*3>*3 201>- rang 0s unanswered System 16",
    );
    bench.dial("201", "*4204", 5);
    bench.expect(
        "0s A accepted #5
         0s A ring 204 #5
         0s A alerting #5
         0s A music off #2 called
         0s A left 201 #5
         0s A left 201 #2",
    );
    bench.answer("204", 5);
    bench.hang_up("204", 5);
    assert!(bench.said().contains(&"0s A disconnect 203 #2 16".to_owned()));
    bench.expect_idle();
    assert_eq!(bench.systems[0].stats().unexpected, 0);
}

#[test]
fn a_transfer_that_fails_leaves_the_call_on_hold() {
    let spec = office().code("*4N", Feature::Transfer, "N", 0).code("?", Feature::Dial, ".", 0);
    let mut bench = Bench::new(vec![spec]);
    incoming(&mut bench, 1);
    bench.hold("201", 1);
    talk(&mut bench, "202", "203", 2);
    let user = bench.find("201").1;
    for (code, cause) in
        [("*4203", "17 short of user 203"), ("*4777", "21"), ("*4*4*4203", "17 short of user 203")]
    {
        bench.said();
        bench.dial("201", code, 3);
        let said = bench.said();
        assert!(said.contains(&format!("0s A released #3 {cause}")), "{code}: {said:?}");
        assert_eq!(bench.systems[0].held_calls(user), [bench.call(0, 1)]);
    }
    bench.retrieve("201", 1);
    bench.handle(0, Input::HangUp { user, call: bench.call(0, 1) });
    bench.hang_up("202", 2);
    bench.expect_idle();
}
