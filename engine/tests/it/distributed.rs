//! Hunt groups with members on other systems: they ring over IP Office lines, and their systems say who is available.

use crate::support::{Bench, Build, name, seconds, system};
use engine::Input;

use engine::id::{HuntGroupId, LineId};
use engine::network::{LineStatus, PeerBody, Purpose};
use engine::plan::spec::{
    AgentStatus, Feature, HuntGroupSpec, NoAnswerCalls, NoAnswerStatusSpec, PhoneModel, QueueSpec, RingMode,
    SystemSpec,
};
use engine::time::Duration;

/// Group 500 on A has 201 of A and 301, 302 of B; B has group 600 with 301 and 201. C has a trunk, and a line to A.
fn network(change: impl FnOnce(&mut HuntGroupSpec)) -> Vec<SystemSpec> {
    let codes = |spec: SystemSpec| {
        spec.code("*1N", Feature::HuntGroupEnable, "N", 0)
            .code("*2N", Feature::HuntGroupDisable, "N", 0)
            .code("*3", Feature::DoNotDisturbOn, "", 0)
            .code("*4", Feature::DoNotDisturbOff, "", 0)
            .code("*5", Feature::ForwardUnconditionalOn, "", 0)
            .code("*6", Feature::ForwardHuntGroupCallsOn, "", 0)
            .code("*7N", Feature::ForwardNumber, "N", 0)
            .code("*8", Feature::ExtnLogout, "", 0)
    };
    let a = system("a", &["201", "202", "203"])
        .trunk(4, 1)
        .icr(None, "", "500")
        .ip_office(1, 4, 90001)
        .ip_office(2, 4, 90002)
        .group("500", &["201", "301", "302"], Some(10))
        .with_group(change);
    let b =
        system("b", &["301", "302", "303"]).ip_office(0, 4, 90000).group("600", &["301", "201"], Some(10));
    let c = system("c", &["401"]).ip_office(0, 4, 90000);
    vec![codes(a), codes(b), codes(c)]
}

fn queuing(group: &mut HuntGroupSpec) {
    group.queue = Some(QueueSpec::UNLIMITED);
}

/// What was said about phones that ring and stop, and about callers, in one line.
fn phones(bench: &mut Bench) -> String {
    let words = ["ring ", "stop ringing", "connected", "released", "disconnect"];
    let said = bench.said();
    let short = |line: &String| {
        let what = line.splitn(3, ' ').nth(2).expect("time, system, words").to_owned();
        words.iter().any(|w| what.starts_with(w)).then_some(what)
    };
    said.iter().filter_map(short).collect::<Vec<_>>().join(", ")
}

fn call(bench: &mut Bench, tag: u64) {
    bench.trunk_setup(0, 0, "5", tag);
    bench.pass(seconds(0));
}

fn answer(bench: &mut Bench, user: &str, tag: u64) {
    bench.answer(user, tag);
    bench.pass(seconds(0));
}

fn hang_up(bench: &mut Bench, user: &str, tag: u64) {
    bench.hang_up(user, tag);
    bench.pass(seconds(0));
}

#[test]
fn members_on_other_systems_ring_in_their_turn_and_whoever_answers_has_the_call() {
    let mut bench = Bench::new(network(queuing));
    bench.delay = Duration::from_millis(50);
    bench.trunk_setup(0, 0, "5", 1);
    bench.pass(seconds(12));
    bench.expect(
        "0s A accepted #1
         0s A to B 201 is busy for 600
         0s A ring 201 #1
         0s A alerting #1
         10s A stop ringing 201 #1
         10s A to B 201 is available for 600
         10s A to B 2.0 #1 set-up 0700>member 301 hops 1
         10.05s B to A 1.0 #1 proceeding
         10.05s B to A 301 is busy for 500
         10.05s B ring 301 #1
         10.05s B to A 1.0 #1 alerting",
    );
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.expect(
        "12s B to A 1.0 #1 answer
         12.05s A connected #1",
    );
    assert_eq!(bench.systems[0].hunt_group_usage(HuntGroupId(0)).in_use(), 1);
    bench.trunk_release(0, 1, 16);
    bench.pass(seconds(1));
    bench.expect(
        "13s A to B 2.0 #1 release 16
         13s A smdr #1 0700>5>500 1.0>2.0 group 500 rang 12.05s talked 0.95s Caller 16
         13.05s B disconnect 301 #1 16
         13.05s B to A 301 is available for 500
         13.05s B smdr #1 0700>301>301 1.0>301 rang 1.95s talked 1.05s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn a_call_rings_at_all_members_wherever_they_are_and_only_one_gets_it() {
    let mut bench = Bench::new(network(|g| g.ring_mode = RingMode::Collective));
    call(&mut bench, 1);
    assert_eq!(phones(&mut bench), "ring 201 #1, ring 301 #1, ring 302 #1");
    answer(&mut bench, "302", 1);
    assert_eq!(phones(&mut bench), "stop ringing 201 #1, connected #1, stop ringing 301 #1");
    hang_up(&mut bench, "302", 1);
    bench.said();
    call(&mut bench, 2);
    answer(&mut bench, "201", 2);
    bench.said();
    bench.trunk_release(0, 2, 16);
    bench.pass(seconds(0));
    bench.said();
    bench.expect_idle();
}

#[test]
fn who_is_available_elsewhere_is_known_by_messages() {
    let mut bench = Bench::new(network(|_| ()));
    bench.set("201", "*3");
    // On another call: 301. On do not disturb, disabled for this group, logged out: 302 in turn.
    bench.dial("301", "303", 1);
    for (off, on) in [("*3", "*4"), ("*2500", "*1500"), ("*2", "*1")] {
        bench.set("302", off);
        bench.pass(seconds(0));
        bench.said();
        call(&mut bench, 2);
        assert_eq!(phones(&mut bench), "released #2 17 short of hunt group 500", "{off}");
        bench.set("302", on);
        bench.pass(seconds(0));
        call(&mut bench, 3);
        assert_eq!(phones(&mut bench), "ring 302 #3", "{on}");
        bench.trunk_release(0, 3, 16);
        bench.pass(seconds(0));
    }
    // A group that she is not in.
    assert_eq!(bench.attempt("302", "*1600"), "released 21");
}

#[test]
fn a_freed_member_elsewhere_serves_the_queue_after_the_wrap_up_there() {
    let mut systems = network(queuing);
    systems[1] = systems[1].clone().with_user("302", |u| u.after_call_work = Some(seconds(30)));
    let mut bench = Bench::new(systems);
    bench.set("201", "*3");
    bench.dial("301", "303", 1);
    answer(&mut bench, "303", 1);
    call(&mut bench, 2);
    answer(&mut bench, "302", 2);
    call(&mut bench, 3);
    assert_eq!(bench.systems[0].queue_usage(HuntGroupId(0)).in_use(), 1);
    hang_up(&mut bench, "302", 2);
    bench.said();
    bench.pass(seconds(29));
    assert_eq!(phones(&mut bench), "");
    bench.pass(seconds(1));
    assert_eq!(phones(&mut bench), "ring 302 #3");
    // A call of her own is not one of a group.
    answer(&mut bench, "302", 3);
    hang_up(&mut bench, "302", 3);
    bench.pass(seconds(30));
    bench.dial("302", "203", 4);
    bench.pass(seconds(0));
    call(&mut bench, 5);
    bench.said();
    hang_up(&mut bench, "302", 4);
    assert_eq!(phones(&mut bench), "stop ringing 203 #4, ring 302 #5");
}

#[test]
fn a_member_elsewhere_who_lets_it_ring_becomes_what_the_group_says() {
    let systems = |applies_to| {
        network(move |g| {
            g.members.remove(0);
            g.no_answer_status =
                Some(NoAnswerStatusSpec { becomes: AgentStatus::BusyNotAvailable, applies_to });
        })
    };
    for (from_outside, applies_to, rings_again) in [
        (true, NoAnswerCalls::Any, false),
        (true, NoAnswerCalls::ExternalInbound, false),
        (false, NoAnswerCalls::ExternalInbound, true),
    ] {
        let mut bench = Bench::new(systems(applies_to));
        let begin = |bench: &mut Bench, tag| match from_outside {
            true => call(bench, tag),
            false => {
                bench.dial("202", "500", tag);
                bench.pass(seconds(0));
            }
        };
        begin(&mut bench, 1);
        bench.pass(seconds(10));
        assert_eq!(phones(&mut bench), "ring 301 #1, stop ringing 301 #1, ring 302 #1");
        // By hand is the same.
        hang_up(&mut bench, "302", 1);
        bench.said();
        begin(&mut bench, 2);
        let wanted = if rings_again { "ring 301 #2" } else { "released #2 17 short of hunt group 500" };
        assert_eq!(phones(&mut bench), wanted, "{applies_to:?}");
        if !rings_again {
            bench.set("302", "*1");
            bench.pass(seconds(0));
            begin(&mut bench, 3);
            assert_eq!(phones(&mut bench), "ring 302 #3");
        }
    }
}

#[test]
fn a_member_elsewhere_forwards_group_calls_if_they_are_meant() {
    let mut bench = Bench::new(network(|g| {
        g.members.remove(0);
    }));
    for code in ["*7303", "*5"] {
        bench.set("301", code);
    }
    bench.pass(seconds(0));
    bench.said();
    call(&mut bench, 1);
    assert_eq!(phones(&mut bench), "ring 302 #1");
    bench.trunk_release(0, 1, 16);
    bench.pass(seconds(0));
    bench.set("301", "*6");
    bench.pass(seconds(0));
    call(&mut bench, 2);
    assert_eq!(phones(&mut bench), "ring 303 #2");
    answer(&mut bench, "303", 2);
    assert_eq!(phones(&mut bench), "connected #2");
}

#[test]
fn longest_waiting_counts_from_the_last_call_wherever_it_was() {
    let mut bench = Bench::new(network(|g| g.ring_mode = RingMode::LongestWaiting));
    for (n, user) in [(1, "302"), (2, "201"), (3, "301")] {
        bench.dial(user, "202", n);
        bench.pass(seconds(0));
        answer(&mut bench, "202", n);
        bench.pass(seconds(5));
        hang_up(&mut bench, user, n);
    }
    bench.said();
    call(&mut bench, 4);
    bench.pass(seconds(20));
    let order = "ring 302 #4, ring 201 #4, stop ringing 302 #4, stop ringing 201 #4, ring 301 #4";
    assert_eq!(phones(&mut bench), order);
}

#[test]
fn full_lines_keep_calls_from_members_until_there_is_a_channel() {
    let mut systems = network(queuing);
    for (n, line) in [(0, 1), (1, 0)] {
        systems[n].lines[line].channels = 1;
    }
    let mut bench = Bench::new(systems);
    bench.set("201", "*3");
    bench.dial("202", "303", 1);
    bench.pass(seconds(0));
    bench.said();
    call(&mut bench, 2);
    assert_eq!(phones(&mut bench), "");
    assert_eq!(bench.systems[0].queue_usage(HuntGroupId(0)).in_use(), 1);
    hang_up(&mut bench, "202", 1);
    assert_eq!(phones(&mut bench), "stop ringing 303 #1, ring 301 #2");
    bench.trunk_release(0, 2, 16);
    bench.pass(seconds(0));
    bench.said();
    bench.expect_idle();
}

#[test]
fn a_call_from_the_members_own_system_rings_there() {
    let mut bench = Bench::new(network(|g| {
        g.members.remove(0);
    }));
    bench.dial("303", "500", 1);
    bench.pass(seconds(0));
    assert_eq!(phones(&mut bench), "ring 301 #1");
    answer(&mut bench, "301", 1);
    assert_eq!(phones(&mut bench), "connected #1");
    hang_up(&mut bench, "301", 1);
    assert_eq!(phones(&mut bench), "released #1 16");
    bench.expect_idle();
}

/// Systems that look after each other: a group knows nothing of members whom it cannot hear.
#[test]
fn members_behind_a_line_that_is_down_are_not_rung_and_come_back_with_it() {
    let mut bench = Bench::new(network(queuing));
    bench.start_all();
    bench.pass(seconds(1));
    bench.set("201", "*3");
    bench.said();
    bench.cut = Box::new(|_, _| true);
    call(&mut bench, 1);
    assert_eq!(phones(&mut bench), "", "the set-up was lost");
    bench.pass(seconds(60));
    assert_eq!(bench.systems[0].line_status(LineId(1)), LineStatus::Down);
    assert_eq!(phones(&mut bench), "");
    // Meanwhile 301 has gone away.
    bench.set("301", "*3");
    bench.said();
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(6));
    assert_eq!(phones(&mut bench), "ring 302 #1");
    answer(&mut bench, "302", 1);
    assert_eq!(phones(&mut bench), "connected #1");
}

#[test]
fn a_system_that_starts_anew_says_how_its_users_are() {
    let mut bench = Bench::new(network(queuing));
    bench.start_all();
    bench.pass(seconds(1));
    bench.set("201", "*3");
    bench.set("301", "*3");
    bench.said();
    bench.stop(1);
    call(&mut bench, 1);
    bench.pass(seconds(2));
    bench.start(1, 1);
    bench.register("301", PhoneModel::J100, 1);
    bench.pass(seconds(9));
    // The setting was lost with the power.
    assert_eq!(phones(&mut bench), "ring 301 #1");
}

#[test]
fn a_lost_word_is_put_right_by_the_next_keep_alive() {
    let mut bench = Bench::new(network(queuing));
    bench.start_all();
    bench.pass(seconds(1));
    bench.set("201", "*3");
    bench.said();
    bench.cut = Box::new(|_, _| true);
    bench.set("301", "*3");
    bench.cut = Box::new(|_, _| false);
    bench.said();
    call(&mut bench, 1);
    // The word was lost: 301 is rung, cannot take the call, and 302 is next.
    assert_eq!(phones(&mut bench), "ring 302 #1");
    bench.cut = Box::new(|_, _| true);
    bench.set("301", "*4");
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(8));
    bench.said();
    call(&mut bench, 2);
    assert_eq!(phones(&mut bench), "ring 301 #2");
}

#[test]
fn a_member_whose_system_takes_no_calls_on_the_line_is_asked_again() {
    let mut bench = Bench::new(network(queuing));
    bench.set("201", "*3");
    bench.set("302", "*3");
    bench.pass(seconds(0));
    bench.said();
    let out = Input::LineService { line: LineId(0), service: engine::Service::Out };
    bench.handle(1, out);
    call(&mut bench, 1);
    assert_eq!(phones(&mut bench), "");
    bench.handle(1, Input::LineService { line: LineId(0), service: engine::Service::In });
    bench.pass(seconds(4));
    assert_eq!(phones(&mut bench), "");
    bench.pass(seconds(1));
    assert_eq!(phones(&mut bench), "ring 301 #1");
    bench.trunk_release(0, 1, 16);
    bench.pass(seconds(0));
    bench.said();
    bench.expect_idle();
}

#[test]
fn members_are_users_of_systems_that_a_line_leads_to() {
    let faults = |members: &[&str]| {
        let mut systems = network(|_| ());
        systems[1] = systems[1].clone().group("700", members, None);
        let network = engine::plan::spec::NetworkSpec { systems, ..Default::default() };
        let faults = engine::plan::compile(&network).expect_err("a fault");
        faults.iter().map(|f| format!("{}: {}", f.at, f.what)).collect::<Vec<_>>()
    };
    assert_eq!(
        faults(&["401", "500", "999"]),
        [
            "systems[1].hunt_groups[1].members[0]: no IP Office line joins \"b\" and \"c\", where 401 is",
            "systems[1].hunt_groups[1].members[1]: 500 is no user of the network",
            "systems[1].hunt_groups[1].members[2]: 999 is no user of the network",
        ]
    );
    assert_eq!(faults(&["201", "201"]), ["systems[1].hunt_groups[1].members: a member is listed twice"]);
}

#[test]
fn the_set_up_says_that_it_is_for_a_member() {
    let mut bench = Bench::new(network(|g| {
        g.members.remove(0);
    }));
    call(&mut bench, 1);
    let mut purposes: Vec<(char, Purpose)> = Vec::new();
    for (system, output) in &bench.outputs {
        if let engine::Output::Peer { message, .. } = output
            && let PeerBody::Setup { purpose, .. } = message.body
        {
            purposes.push((name(*system), purpose));
        }
    }
    assert_eq!(purposes, [('A', Purpose::Member { if_unanswered: None })]);
}

#[test]
fn a_call_whose_agent_gets_the_head_rings_at_whoever_the_head_had_rung_elsewhere() {
    let mut bench = Bench::new(network(|g| {
        queuing(g);
        g.members = ["301", "201", "302"].map(crate::support::number).to_vec();
    }));
    call(&mut bench, 1);
    call(&mut bench, 2);
    assert_eq!(phones(&mut bench), "ring 301 #1, ring 201 #2");
    // The call that has waited longest goes to whoever answers first, and the other takes its place.
    answer(&mut bench, "201", 2);
    assert_eq!(
        phones(&mut bench),
        "stop ringing 201 #2, ring 201 #1, connected #1, stop ringing 301 #1, ring 302 #2"
    );
}
