//! Members of hunt groups: calls that busy ones see, what becomes of those who let calls ring, and who is switched off.

use crate::support::{Bench, Build, seconds, system};
use engine::id::HuntGroupId;
use engine::plan::spec::{
    AgentStatus, Feature, HuntGroupSpec, NoAnswerCalls, NoAnswerStatusSpec, QueueSpec, RingMode, SystemSpec,
};

/// Group 300 of 201, 202, 203 and group 301 of 202, ringing 10 s; 205 and 206 are nobody's. Calls from outside come to 300.
fn office(change: impl FnOnce(&mut HuntGroupSpec)) -> SystemSpec {
    system("office", &["201", "202", "203", "205", "206"])
        .trunk(9, 0)
        .icr(None, "", "300")
        .code("*1N", Feature::HuntGroupEnable, "N", 0)
        .code("*2N", Feature::HuntGroupDisable, "N", 0)
        .code("*3N", Feature::ExtnLogin, "N", 0)
        .group("300", &["201", "202", "203"], Some(10))
        .with_group(change)
        .group("301", &["202"], Some(10))
        .with_group(|g| g.queue = Some(QueueSpec::UNLIMITED))
}

fn call_waiting(mut spec: SystemSpec, users: &[&str]) -> SystemSpec {
    for user in users {
        spec = spec.with_user(user, |u| u.call_waiting = true);
    }
    spec
}

/// What was said, without the time and the system, of phones and callers.
fn phones(bench: &mut Bench) -> Vec<String> {
    let usual = ["accepted", "smdr", "alerting"];
    let words = bench.said().into_iter().map(|l| l.splitn(3, ' ').nth(2).expect("three parts").to_owned());
    words.filter(|what| !usual.iter().any(|u| what.starts_with(u))).collect()
}

fn talk(bench: &mut Bench, from: &str, to: &str, tag: u64) {
    bench.dial(from, to, tag);
    bench.answer(to, tag);
    bench.said();
}

#[test]
fn busy_members_with_call_waiting_see_the_call_that_rings_at_the_idle_ones() {
    let spec = office(|g| g.ring_mode = RingMode::CollectiveCallWaiting);
    let mut bench = Bench::new(vec![call_waiting(spec, &["202"])]);
    talk(&mut bench, "202", "205", 1);
    talk(&mut bench, "203", "206", 2);
    bench.trunk_setup(0, 0, "5", 3);
    // 203 is busy too, but has no call waiting.
    assert_eq!(phones(&mut bench), ["ring 201 #3", "call waiting 202 #3"]);
    bench.answer("202", 3);
    // Taking it ends the other call.
    assert_eq!(
        phones(&mut bench),
        [
            "disconnect 205 #1 16",
            "stop call waiting 202 #3",
            "ring 202 #3",
            "stop ringing 201 #3",
            "connected #3"
        ]
    );
    bench.hang_up("202", 3);
    bench.hang_up("203", 2);
    bench.said();
    bench.expect_idle();
}

#[test]
fn a_call_that_only_busy_members_see_is_not_refused_and_ends_with_the_last_of_them() {
    let spec = office(|g| g.ring_mode = RingMode::CollectiveCallWaiting);
    let mut bench = Bench::new(vec![call_waiting(spec, &["201", "202", "203"])]);
    bench.dial("201", "205", 1);
    bench.dial("202", "206", 2);
    // Only 201 talks: 202 is still calling, and sees nothing.
    bench.answer("205", 1);
    bench.set("203", "*2300");
    bench.said();
    bench.trunk_setup(0, 0, "5", 3);
    assert_eq!(phones(&mut bench), ["call waiting 201 #3"]);
    // One waiting call at a time: another finds nobody.
    bench.trunk_setup(0, 0, "5", 4);
    assert_eq!(phones(&mut bench), ["released #4 17 short of hunt group 300"]);
    // The call of 201 ends, and with it the display: the call has nowhere to ring, although the phone is idle now.
    bench.hang_up("201", 1);
    let said = phones(&mut bench);
    assert_eq!(said, ["disconnect 205 #1 16", "stop call waiting 201 #3", "ring 201 #3"], "{said:?}");
    bench.trunk_release(0, 3, 16);
    bench.hang_up("202", 2);
    bench.said();
    bench.expect_idle();
}

#[test]
fn members_who_let_a_call_ring_become_what_the_group_says() {
    let with = |becomes| {
        office(move |g| {
            g.no_answer_status = Some(NoAnswerStatusSpec { becomes, applies_to: NoAnswerCalls::Any });
        })
        .with_user("201", |u| {
            u.wrap_up_time = seconds(20);
            u.after_call_work = Some(seconds(30));
        })
    };
    // Who rings first for a call after 201 has let one ring, and what brings 201 back.
    for (becomes, back) in [
        (AgentStatus::BusyWrapUp, None),
        (AgentStatus::BusyNotAvailable, Some("*1")),
        (AgentStatus::LoggedOff, Some("*3")),
    ] {
        let mut bench = Bench::new(vec![with(becomes)]);
        bench.trunk_setup(0, 0, "5", 1);
        bench.pass(seconds(10));
        assert_eq!(phones(&mut bench), ["ring 201 #1", "stop ringing 201 #1", "ring 202 #1"]);
        bench.answer("202", 1);
        bench.said();
        bench.trunk_setup(0, 0, "5", 2);
        assert_eq!(phones(&mut bench), ["ring 203 #2"], "{becomes:?}");
        bench.trunk_release(0, 2, 16);
        match back {
            // After-call work takes the place of the wrap-up time.
            None => bench.pass(seconds(30)),
            Some(code) => {
                bench.pass(seconds(1_000));
                bench.said();
                bench.trunk_setup(0, 0, "5", 3);
                assert_eq!(phones(&mut bench), ["ring 203 #3"], "{becomes:?}");
                bench.trunk_release(0, 3, 16);
                bench.set("201", code);
            }
        }
        bench.said();
        bench.trunk_setup(0, 0, "5", 4);
        assert_eq!(phones(&mut bench), ["ring 201 #4"], "{becomes:?}");
    }
}

#[test]
fn a_status_may_be_for_calls_from_outside_only() {
    let spec = office(|g| {
        let becomes = AgentStatus::BusyNotAvailable;
        g.no_answer_status = Some(NoAnswerStatusSpec { becomes, applies_to: NoAnswerCalls::ExternalInbound });
    });
    let mut bench = Bench::new(vec![spec]);
    bench.dial("205", "300", 1);
    bench.pass(seconds(10));
    bench.hang_up("205", 1);
    bench.said();
    bench.trunk_setup(0, 0, "5", 2);
    assert_eq!(phones(&mut bench), ["ring 201 #2"], "an internal call leaves 201 as before");
    bench.pass(seconds(10));
    bench.trunk_release(0, 2, 16);
    bench.said();
    bench.trunk_setup(0, 0, "5", 3);
    assert_eq!(phones(&mut bench), ["ring 202 #3"]);
}

#[test]
fn a_member_is_switched_off_for_one_group_or_all_by_short_code_and_serves_the_queue_when_back() {
    let mut bench = Bench::new(vec![office(|g| g.queue = Some(QueueSpec::UNLIMITED))]);
    for code in ["*2300", "*2300"] {
        bench.set("201", code);
        bench.set("203", code);
    }
    bench.set("202", "*2");
    // Nobody is left in either group: calls wait.
    bench.trunk_setup(0, 0, "5", 1);
    bench.dial("205", "301", 2);
    assert_eq!(phones(&mut bench), ["tone queued #1", "tone queued #2"]);
    assert_eq!(bench.attempt("202", "*1301"), "released 16, ring 202 #2");
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.systems[0].queue_usage(HuntGroupId(0)).in_use(), 0);
    bench.hang_up("205", 2);
    bench.said();
    bench.trunk_setup(0, 0, "5", 3);
    bench.said();
    bench.dial("203", "*1300", 4);
    // The code is dialled on the phone that becomes available: it rings when the code has ended.
    assert!(phones(&mut bench).contains(&"ring 203 #3".to_owned()));
    // A group that one is not a member of, and a number that is no group.
    for code in ["*1301", "*1205", "*1999"] {
        assert_eq!(bench.attempt("201", code), "released 21", "{code}");
    }
    assert_eq!(bench.attempt("206", "*1"), "released 21", "206 is in no group");
}

#[test]
fn a_line_that_a_call_leaves_because_an_agent_forwards_it_in_vain_goes_to_who_waits_for_one() {
    let spec = system("office", &["201", "202", "203", "204", "205"])
        .trunk(1, 0)
        .icr(None, "", "300")
        .code("0N", Feature::Dial, "N", 0)
        .with_user("201", |u| {
            u.forwarding.unconditional = crate::support::number("202");
            u.forwarding.hunt_group_calls = true;
        })
        .group("300", &["201"], Some(10))
        .with_group(|g| g.queue = Some(QueueSpec::UNLIMITED));
    let mut bench = Bench::new(vec![spec]);
    talk(&mut bench, "201", "204", 1);
    talk(&mut bench, "202", "205", 2);
    bench.trunk_setup(0, 0, "5", 3);
    bench.dial("203", "07", 4);
    assert!(phones(&mut bench).contains(&"tone camp-on #4".to_owned()));
    bench.hang_up("201", 1);
    assert_eq!(
        phones(&mut bench),
        ["disconnect 204 #1 16", "released #3 17 short of user 202", "trunk set-up 1.0 #4 203>7"]
    );
}
