//! Voicemail: who gets there, over which line, and what happens when its channels run out.

use crate::support::{Bench, Build, Random, compile, number, seconds, system};
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, Tag};
use engine::network::NetworkInput;
use engine::plan::spec::{Feature, QueueSpec, Role, SystemSpec, UserSpec, VoicemailSpec};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, Service, System};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The system at this place has a server with so many channels.
fn with_server(mut spec: SystemSpec, place: u16, channels: u16) -> SystemSpec {
    spec.voicemail = VoicemailSpec { channels, on: Some(SystemId(place)), ..VoicemailSpec::default() };
    spec.users.iter_mut().for_each(|user| user.voicemail = true);
    spec.hunt_groups.iter_mut().for_each(|group| group.voicemail = true);
    spec
}

fn office(channels: u16) -> SystemSpec {
    with_server(system("office", &["201", "202", "203", "204"]).trunk(10, 0), 0, channels)
}

#[test]
fn a_call_that_nobody_answers_goes_to_the_mailbox_and_ends_when_the_caller_hangs_up() {
    let mut bench = Bench::new(vec![office(1)]);
    bench.dial("201", "202", 1);
    bench.pass(seconds(15));
    bench.pass(seconds(20));
    bench.hang_up("201", 1);
    bench.expect(
        "0s A accepted #1
         0s A ring 202 #1
         0s A alerting #1
         15s A stop ringing 202 #1
         15s A voicemail Leave #1
         15s A connected #1
         35s A smdr #1 201>202>202 201>voicemail 0 rang 15s talked 20s Caller 16",
    );
    bench.expect_idle();
    assert_eq!(bench.systems[0].voicemail_usage().taken, 1);
}

#[test]
fn busy_do_not_disturb_and_logged_out_go_there_at_once_and_a_refused_call_does_not() {
    let spec =
        office(4).with_user("203", |u| u.do_not_disturb = true).with_user("204", |u| u.logged_in = false);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("202", "204", 1);
    assert!(bench.said().contains(&"0s A voicemail Leave #1".to_owned()), "logged out");
    for (to, why) in [("202", "busy"), ("203", "do not disturb"), ("204", "logged out")] {
        assert_eq!(bench.attempt("201", to), "voicemail Leave, connected", "{why}");
    }
    bench.hang_up("202", 1);
    bench.dial("201", "202", 2);
    bench.said();
    bench.hang_up("202", 2);
    assert!(bench.said().iter().any(|line| line.ends_with("released #2 21")), "refused by the user");
    bench.expect_idle();
}

#[test]
fn a_forwarded_call_to_a_user_on_do_not_disturb_gets_busy() {
    let spec = office(1)
        .with_user("202", |u| u.forwarding.unconditional = number("203"))
        .with_user("203", |u| u.do_not_disturb = true);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "202"), "released 17");
}

#[test]
fn short_codes_collect_and_turn_voicemail_off_and_on() {
    let spec = office(2)
        .code("*17", Feature::VoicemailCollect, "", 0)
        .code("*17N;", Feature::VoicemailCollect, "N", 0)
        .code("*18", Feature::VoicemailOn, "", 0)
        .code("*19", Feature::VoicemailOff, "", 0);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "*17", 1);
    bench.dial("202", "*17203", 2);
    bench.hang_up("201", 1);
    bench.hang_up("202", 2);
    bench.expect(
        "0s A accepted #1
         0s A voicemail Collect #1
         0s A connected #1
         0s A accepted #2
         0s A voicemail Collect #2
         0s A connected #2
         0s A smdr #1 201>*17>201 201>voicemail 0 rang 0s talked 0s Caller 16
         0s A smdr #2 202>*17203>203 202>voicemail 1 rang 0s talked 0s Caller 16",
    );
    bench.set("203", "*19");
    bench.dial("202", "203", 3);
    bench.pass(seconds(15));
    assert!(bench.said().iter().any(|line| line.ends_with("released #3 19")), "no mailbox any more");
    bench.set("203", "*18");
    bench.dial("202", "203", 4);
    bench.pass(seconds(15));
    assert!(bench.said().contains(&"30s A voicemail Leave #4".to_owned()));
}

#[test]
fn all_channels_busy_means_the_fallback_or_busy() {
    let mut spec = office(1).with_user("202", |u| u.do_not_disturb = true);
    let mut bench = Bench::new(vec![spec.clone()]);
    bench.dial("201", "202", 1);
    bench.said();
    assert_eq!(bench.attempt("203", "202"), "released 17 short of voicemail");
    assert_eq!(bench.systems[0].voicemail_usage().blocked, 1);

    spec.voicemail.fallback = number("204");
    let mut bench = Bench::new(vec![spec.clone()]);
    bench.dial("201", "202", 1);
    bench.said();
    assert_eq!(bench.attempt("203", "202"), "ring 204");
    // Where the fallback cannot take the call either it is busy: there is no way round in circles.
    spec.voicemail.fallback = number("202");
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.said();
    assert_eq!(bench.attempt("203", "202"), "released 17 short of voicemail");
    bench.hang_up("201", 1);
    bench.expect_idle();
}

#[test]
fn an_incoming_call_that_finds_no_channel_takes_the_fallback_of_its_route() {
    let mut spec = office(1).with_user("202", |u| u.do_not_disturb = true).icr(None, "5", "202");
    spec.incoming_call_routes[0].destinations[0].fallback = "203".to_owned();
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.said();
    bench.trunk_setup(0, 0, "5", 2);
    bench.expect("0s A accepted #2\n0s A ring 203 #2\n0s A alerting #2");
}

#[test]
fn a_hunt_group_has_a_mailbox_for_busy_no_answer_and_night() {
    let spec = with_server(
        system("office", &["201", "202", "203"]).group("290", &["202", "203"], Some(6)).group(
            "291",
            &[],
            None,
        ),
        0,
        3,
    );
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "291"), "voicemail Leave, connected", "nobody there");
    bench.dial("201", "290", 1);
    bench.pass(seconds(12));
    bench.hang_up("201", 1);
    let said = bench.said();
    let last = said.last().expect("a record");
    assert_eq!(last, "12s A smdr #1 201>290>290 201>voicemail 0 rang 12s talked 0s Caller 16");
    bench.expect_idle();
}

#[test]
fn voicemail_answers_a_queued_call_after_its_time_whatever_rings() {
    let spec = system("office", &["201", "202", "203"]).group("290", &["203"], Some(30)).with_group(|g| {
        g.queue = Some(QueueSpec::UNLIMITED);
        g.voicemail_answer_time = Some(seconds(45));
    });
    let mut bench = Bench::new(vec![with_server(spec, 0, 3)]);
    bench.dial("201", "290", 1);
    bench.pass(seconds(10));
    bench.dial("202", "290", 2);
    bench.pass(seconds(50));
    bench.expect(
        "0s A accepted #1
         0s A ring 203 #1
         0s A alerting #1
         10s A accepted #2
         10s A tone queued #2
         10s A alerting #2
         30s A stop ringing 203 #1
         30s A ring 203 #1
         45s A stop ringing 203 #1
         45s A voicemail Leave #1
         45s A connected #1
         45s A ring 203 #2
         55s A stop ringing 203 #2
         55s A voicemail Leave #2
         55s A connected #2",
    );
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 2);
    bench.hang_up("201", 1);
    bench.hang_up("202", 2);
    bench.expect_idle();
}

/// A primary with the server, a secondary with another or none, and an expansion that has lines to both.
fn star(servers: [u16; 2]) -> Vec<SystemSpec> {
    let users = |first: u32| -> Vec<UserSpec> {
        (first..first + 3)
            .map(|n| UserSpec { voicemail: true, ..UserSpec::new(number(&n.to_string())) })
            .collect()
    };
    let spec = |name: &str, role, first, channels| {
        let mut spec = SystemSpec { users: users(first), ..system(name, &[]).role(role) };
        spec.voicemail.channels = channels;
        spec.voicemail.on = Some(SystemId(0));
        spec
    };
    vec![
        spec("primary", Role::Primary, 201, servers[0]).ip_office(1, 5, 99_998).ip_office(2, 5, 98_002),
        spec("secondary", Role::Secondary, 301, servers[1]).ip_office(0, 5, 99_999).ip_office(2, 5, 98_002),
        spec("expansion", Role::Expansion, 401, 0).ip_office(0, 5, 99_999).ip_office(1, 5, 99_998),
    ]
}

#[test]
fn another_system_reaches_the_mailbox_over_its_line_and_says_whose_it_is() {
    let mut bench = Bench::new(star([2, 0]));
    bench.dial("401", "402", 1);
    bench.pass(seconds(15));
    bench.pass(seconds(5));
    bench.hang_up("401", 1);
    bench.pass(Duration::ZERO);
    bench.expect(
        "0s C accepted #1
         0s C ring 402 #1
         0s C alerting #1
         15s C stop ringing 402 #1
         15s C to A 1.0 #1 set-up 401>mailbox 402 Leave hops 1
         15s A to C 2.0 #1 proceeding
         15s A voicemail Leave #1
         15s A to C 2.0 #1 answer
         15s C connected #1
         20s C to A 1.0 #1 release 16
         20s C smdr #1 401>402>402 401>1.0 rang 15s talked 5s Caller 16
         20s A smdr #1 401>402>402 2.0>voicemail 0 rang 0s talked 5s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn a_caller_from_the_system_with_the_server_is_brought_back_there() {
    let mut specs = star([2, 0]);
    specs[2].users[1].do_not_disturb = true;
    let mut bench = Bench::new(specs);
    let (system, user) = bench.find("201");
    bench.dial("201", "402", 1);
    let call = bench.call(system, 1);
    bench.pass(Duration::ZERO);
    assert!(bench.said().contains(&"0s A voicemail Leave #1".to_owned()));
    bench.handle(system, Input::HangUp { user, call });
    bench.pass(Duration::ZERO);
    bench.expect_idle();
    // Where nobody has a server that runs, no call goes round in circles.
    bench.handle(0, Input::Network(NetworkInput::Voicemail { service: Service::Out }));
    bench.dial("301", "402", 2);
    bench.pass(seconds(60));
    assert!(bench.said().iter().any(|line| line.contains("B released #2 17")));
    bench.expect_idle();
}

#[test]
fn no_other_server_takes_a_call_before_failover() {
    let mut specs = star([1, 1]);
    specs[2].users[1].do_not_disturb = true;
    let reaches = |bench: &mut Bench, tag: u64| {
        bench.dial("401", "402", tag);
        bench.pass(seconds(20));
        let said = bench.said().join("\n");
        assert!(said.contains(&format!("C released #{tag} 17 short of voicemail")), "{said}");
        assert_eq!(bench.systems[1].voicemail_usage().taken, 0, "the secondary's server");
    };
    // It is full.
    let mut bench = Bench::new(specs.clone());
    bench.dial("403", "402", 1);
    bench.pass(Duration::ZERO);
    bench.said();
    reaches(&mut bench, 2);
    // No line to the primary works, neither the expansion's own nor the secondary's.
    let mut cut = specs.clone();
    cut[2].lines[0].in_service = false;
    cut[1].lines[0].in_service = false;
    reaches(&mut Bench::new(cut), 1);
    // It does not react: the secondary is asked to pass the call on, and that is all.
    let mut bench = Bench::new(specs);
    bench.lose = Box::new(|under_way| under_way.to == 0);
    reaches(&mut bench, 1);
}

#[test]
fn calls_are_recorded_while_there_are_channels() {
    let spec = office(1).with_user("202", |u| u.record_calls = true);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 1);
    bench.trunk_setup(0, 0, "203", 2);
    bench.answer("203", 2);
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 1, "203 is not recorded");
    bench.hang_up("201", 1);
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 0);
    bench.dial("202", "204", 3);
    bench.answer("204", 3);
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 1, "outgoing calls too");
    bench.hang_up("202", 3);
    bench.trunk_release(0, 2, 16);
    // No channel is left: the call goes on unrecorded.
    bench.dial("203", "204", 4);
    bench.pass(seconds(15));
    bench.dial("201", "202", 5);
    bench.answer("202", 5);
    assert_eq!(bench.systems[0].voicemail_usage().blocked, 1);
    bench.hang_up("202", 5);
    bench.hang_up("203", 4);
    bench.expect_idle();
}

#[test]
fn a_server_that_stops_cuts_its_callers_off_and_takes_no_others_until_it_runs_again() {
    let mut specs = star([2, 1]);
    specs[2].users[1].do_not_disturb = true;
    let stops = |service| Input::Network(NetworkInput::Voicemail { service });
    let mut bench = Bench::new(specs);
    bench.dial("401", "402", 1);
    bench.pass(Duration::ZERO);
    bench.said();
    bench.handle(0, stops(Service::Out));
    bench.pass(Duration::ZERO);
    assert!(bench.said().contains(&"0s C released #1 38".to_owned()));
    bench.dial("403", "402", 3);
    bench.pass(Duration::ZERO);
    assert!(bench.said().contains(&"0s C released #3 17 short of voicemail".to_owned()));
    bench.handle(0, stops(Service::In));
    bench.dial("403", "402", 4);
    bench.pass(Duration::ZERO);
    assert!(bench.said().contains(&"0s A voicemail Leave #4".to_owned()));
    bench.hang_up("403", 4);
    bench.pass(Duration::ZERO);
    bench.expect_idle();
}

#[test]
fn recordings_end_with_the_server_and_the_calls_go_on() {
    let spec = office(1).with_user("202", |u| u.record_calls = true);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    bench.handle(0, Input::Network(NetworkInput::Voicemail { service: Service::Out }));
    assert_eq!(bench.systems[0].voicemail_usage().in_use(), 0);
    bench.dial("203", "204", 2);
    bench.answer("204", 2);
    bench.hang_up("203", 2);
    bench.said();
    bench.hang_up("201", 1);
    assert!(bench.said().iter().any(|line| line.contains("smdr #1") && line.ends_with("Caller 16")));
    bench.expect_idle();
}

#[test]
fn a_reference_to_a_system_without_a_server_is_a_fault_of_the_description() {
    let specs = star([0, 0]);
    let network = engine::plan::spec::NetworkSpec { systems: specs, ..Default::default() };
    let faults = engine::plan::compile(&network).expect_err("nobody has a server");
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert_eq!(faults[0].at, "systems[0].voicemail.on");
}

/// Share of callers who find all `channels` busy, by batches: Poisson callers to one mailbox, exponential messages.
fn blocked_by_batches(channels: u16, load: f64, seed: u64) -> Vec<f64> {
    const BATCHES: usize = 40;
    const SIZE: usize = 2_500;
    let mut spec = with_server(system("office", &["201"]).trunk(200, 0), 0, channels);
    spec.users[0].do_not_disturb = true;
    let mut system = System::new(compile(vec![spec]).swap_remove(0));
    let mut random = Random(seed);
    let mut ends: BinaryHeap<Reverse<(Instant, CallId)>> = BinaryHeap::new();
    let mut now = Instant::ZERO;
    let mut after =
        |now: Instant, mean_s: f64| now + Duration::from_nanos((random.exponential(mean_s) * 1e9) as u64);
    let mut blocked = vec![0.0; BATCHES + 1];
    for n in 0..SIZE * (BATCHES + 1) {
        now = after(now, 30.0 / load);
        while let Some(Reverse((at, call))) = ends.pop_if_due(now) {
            system.handle(at, Input::TrunkRelease { call, attempt: 0, cause: Cause::NORMAL_CLEARING });
            while system.poll_output().is_some() {}
        }
        let (called, calling, tag) = (number("201"), number("0700"), Tag(n as u64));
        let facts = CallFacts::default();
        system.handle(now, Input::TrunkSetup { line: LineId(0), called, calling, tag, facts });
        while let Some(output) = system.poll_output() {
            if let Output::Connected { call, .. } = output {
                ends.push(Reverse((after(now, 30.0), call)));
            } else if let Output::Released { .. } = output {
                blocked[n / SIZE] += 1.0 / SIZE as f64;
            }
        }
    }
    assert!(system.invariants().is_ok());
    blocked.split_off(1)
}

trait PopIfDue {
    fn pop_if_due(&mut self, now: Instant) -> Option<Reverse<(Instant, CallId)>>;
}

impl PopIfDue for BinaryHeap<Reverse<(Instant, CallId)>> {
    fn pop_if_due(&mut self, now: Instant) -> Option<Reverse<(Instant, CallId)>> {
        if self.peek().is_some_and(|end| end.0.0 <= now) { self.pop() } else { None }
    }
}

#[test]
fn callers_find_all_channels_busy_as_often_as_erlang_b_says() {
    for (channels, load, seed) in [(1, 0.5, 1), (4, 3.0, 2), (10, 12.0, 3), (40, 38.0, 4), (75, 70.0, 5)] {
        let theory = (1..=channels).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
        let batches = blocked_by_batches(channels, load, seed);
        let n = batches.len() as f64;
        let mean = batches.iter().sum::<f64>() / n;
        let error = (batches.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
        assert!(
            (mean - theory).abs() < 4.0 * error,
            "{channels}: {mean:.5} +- {error:.5}, theory {theory:.5}"
        );
        assert!(error < 0.06 * theory, "{channels}: {error:.5} is too coarse for {theory:.5}");
    }
}
