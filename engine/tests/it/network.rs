//! Calls between systems, messages that cross, get lost or go round in circles.

use crate::support::{Bench, Build, number, seconds, system};
use engine::Input;
use engine::cause::Cause;
use engine::id::{LineId, Tag};
use engine::network::{
    Account, End, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached, Source, Urgency,
};
use engine::plan::spec::{CallClasses, Feature, Role};
use engine::time::Duration;

const REACHED: Reached = Reached::Inside(CallClasses::ALL);
const ALERTING: PeerBody = PeerBody::Alerting { reached: REACHED };
const ANSWER: PeerBody = PeerBody::Answer { reached: REACHED };

/// A has 201, 202; B has 301, 302; one line of `channels` between them. Messages take 50 ms.
fn pair(channels: u16) -> Bench {
    let mut bench = Bench::new(vec![
        system("a", &["201", "202"]).trunk(1, 0).ip_office(1, channels, 7),
        system("b", &["301", "302"]).ip_office(0, channels, 7).group("390", &["301", "302"], None),
    ]);
    bench.delay = Duration::from_millis(50);
    bench
}

#[test]
fn a_call_to_another_system_and_back_to_idle() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.hang_up("201", 1);
    bench.pass(seconds(1));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 201>301 hops 1
         0.05s B to A 1.0 #1 proceeding
         0.05s B ring 301 #1
         0.05s B to A 1.0 #1 alerting
         0.1s A alerting #1
         1s B to A 1.0 #1 answer
         1.05s A connected #1
         2s A to B 2.0 #1 release 16
         2s A smdr #1 201>301>301 201>2.0 rang 0.95s talked 0.95s Caller 16
         2.05s B disconnect 301 #1 16
         2.05s B smdr #1 201>301>301 1.0>301 rang 0.95s talked 1.05s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn the_called_side_hangs_up() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.said();
    bench.hang_up("301", 1);
    bench.pass(seconds(1));
    bench.expect(
        "2s B to A 1.0 #1 release 16
         2s B smdr #1 201>301>301 1.0>301 rang 0.95s talked 1s Callee 16
         2.05s A released #1 16
         2.05s A smdr #1 201>301>301 201>2.0 rang 0.95s talked 1s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn a_trunk_call_to_a_hunt_group_of_another_system() {
    let mut bench = pair(2);
    bench.trunk_setup(0, 0, "390", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 0700>390 hops 1
         0.05s B to A 1.0 #1 proceeding
         0.05s B ring 301 #1
         0.05s B to A 1.0 #1 alerting
         0.1s A alerting #1
         15.05s B stop ringing 301 #1
         15.05s B ring 302 #1
         30.05s B stop ringing 302 #1
         30.05s B to A 1.0 #1 release 19
         30.05s B smdr #1 0700>390>390 1.0>302 group 390 rang 30s unanswered System 19
         30.1s A released #1 19
         30.1s A smdr #1 0700>390>390 1.0>2.0 rang 30s unanswered Callee 19",
    );
    bench.expect_idle();
}

#[test]
fn busy_on_another_system() {
    let mut bench = pair(2);
    bench.dial("301", "302", 1);
    bench.said();
    bench.dial("201", "301", 2);
    bench.pass(seconds(1));
    bench.expect(
        "0s A accepted #2
         0s A to B 2.0 #2 set-up 201>301 hops 1
         0.05s B to A 1.0 #2 proceeding
         0.05s B to A 1.0 #2 release 17
         0.05s B smdr #2 201>301>301 1.0>301 rang 0s unanswered System 17
         0.1s A released #2 17
         0.1s A smdr #2 201>301>301 201>2.0 rang 0s unanswered Callee 17",
    );
}

#[test]
fn a_release_crosses_an_answer() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.said();
    bench.answer("301", 1);
    bench.hang_up("201", 1);
    bench.pass(seconds(1));
    bench.expect(
        "1s B to A 1.0 #1 answer
         1s A to B 2.0 #1 release 16
         1s A smdr #1 201>301>301 201>2.0 rang 0.9s unanswered Caller 16
         1.05s B disconnect 301 #1 16
         1.05s B smdr #1 201>301>301 1.0>301 rang 0.95s talked 0.05s Caller 16",
    );
    assert_eq!(bench.systems[0].stats().late_peer_messages, 1);
    assert_eq!(bench.systems[0].stats().unexpected, 0);
    bench.expect_idle();
}

#[test]
fn releases_cross_each_other() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.hang_up("301", 1);
    bench.hang_up("201", 1);
    bench.pass(seconds(1));
    for system in &bench.systems {
        let stats = system.stats();
        assert_eq!((stats.late_peer_messages, stats.unexpected, stats.records), (1, 0, 1));
    }
    bench.expect_idle();
}

#[test]
fn a_system_that_does_not_answer_at_all() {
    let mut bench = pair(1);
    bench.lose = Box::new(|_| true);
    bench.dial("201", "301", 1);
    bench.pass(seconds(10));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 201>301 hops 1
         5s A to B 2.0 #1 release 102
         5s A released #1 102
         5s A smdr #1 201>301>301 201>2.0 rang 0s unanswered System 102",
    );
    bench.expect_idle();
}

#[test]
fn a_full_line_between_systems_is_no_circuit() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.said();
    // One line serves both directions: B finds it full as well.
    bench.dial("202", "302", 2);
    bench.dial("302", "202", 3);
    bench.expect(
        "1s A accepted #2
         1s A released #2 34 short of line group 7
         1s A smdr #2 202>302>302 202>- rang 0s unanswered System 34
         1s B accepted #3
         1s B released #3 34 short of line group 7
         1s B smdr #3 302>202>202 302>- rang 0s unanswered System 34",
    );
}

#[test]
fn both_ends_seize_the_last_channel_at_once() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.dial("302", "202", 2);
    bench.pass(seconds(1));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 201>301 hops 1
         0s B accepted #2
         0s B to A 1.0 #2 set-up 302>202 hops 1
         0.05s B to A 1.0 #1 release 34
         0.05s A to B 2.0 #2 release 34
         0.1s A released #1 34
         0.1s A smdr #1 201>301>301 201>2.0 rang 0s unanswered Callee 34
         0.1s B released #2 34
         0.1s B smdr #2 302>202>202 302>1.0 rang 0s unanswered Callee 34",
    );
    bench.expect_idle();
}

/// A call that A has forgotten and B still has, because A's release was lost.
fn stale(channels: u16) -> Bench {
    let mut bench = pair(channels);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.lose = Box::new(|_| true);
    bench.hang_up("201", 1);
    bench.pass(seconds(1));
    bench.lose = Box::new(|_| false);
    bench.said();
    assert_eq!(bench.systems[0].calls_in_progress(), 0);
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    bench
}

#[test]
fn a_set_up_on_a_stale_channel_reclaims_it() {
    // With a channel to spare, and on a line that the stale call fills.
    for channels in [2, 1] {
        let mut bench = stale(channels);
        bench.dial("202", "302", 2);
        bench.pass(seconds(1));
        bench.expect(
            "3s A accepted #2
             3s A to B 2.0 #2 set-up 202>302 hops 1
             3.05s B disconnect 301 #1 41
             3.05s B smdr #1 201>301>301 1.0>301 rang 0.95s talked 2.05s Caller 41
             3.05s B to A 1.0 #2 proceeding
             3.05s B ring 302 #2
             3.05s B to A 1.0 #2 alerting
             3.1s A alerting #2",
        );
        assert_eq!(bench.systems[1].stats().calls.peak(), 1, "the stale call ends before the new one begins");
        bench.hang_up("202", 2);
        bench.pass(seconds(1));
        bench.expect_idle();
    }
}

#[test]
fn the_user_of_a_stale_call_hangs_up() {
    let mut bench = stale(1);
    bench.hang_up("301", 1);
    bench.pass(seconds(1));
    assert_eq!(bench.systems[0].stats().late_peer_messages, 1);
    bench.expect_idle();
}

#[test]
fn a_lost_proceeding_or_alerting_is_made_up_for_by_what_follows() {
    let mut bench = pair(1);
    bench.lose = Box::new(|m| m.to == 0 && !matches!(m.message.body, PeerBody::Answer { .. }));
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.answer("301", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A to B 2.0 #1 set-up 201>301 hops 1
         0.05s B to A 1.0 #1 proceeding
         0.05s B ring 301 #1
         0.05s B to A 1.0 #1 alerting
         1s B to A 1.0 #1 answer
         1.05s A connected #1",
    );
}

#[test]
fn two_systems_whose_forms_point_at_each_other() {
    let to_peer = [("?", Feature::Dial, ".", 7)];
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 30, 7).form(50, &to_peer),
        system("b", &["301"]).ip_office(0, 30, 7).form(50, &to_peer),
    ]);
    bench.dial("201", "999", 1);
    bench.pass(seconds(1));
    let said = bench.said();
    assert_eq!(said.iter().filter(|l| l.contains("set-up")).count(), 8, "{said:#?}");
    assert_eq!(
        said[said.len() - 2..],
        ["0s A released #1 25", "0s A smdr #1 201>999>999 201>1.0 rang 0s unanswered Callee 25"]
    );
    assert_eq!(bench.systems[0].stats().causes[25] + bench.systems[1].stats().causes[25], 9);
    bench.expect_idle();
}

#[test]
fn two_systems_in_a_circle_with_few_channels() {
    let to_peer = [("?", Feature::Dial, ".", 7)];
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 3, 7).form(50, &to_peer),
        system("b", &["301"]).ip_office(0, 3, 7).form(50, &to_peer),
    ]);
    bench.dial("201", "999", 1);
    bench.pass(seconds(299));
    // Three legs have all channels; the fourth waits for one of them, until the first system gives up.
    let waiting: Vec<usize> = bench.systems.iter().map(engine::System::calls_waiting_for_line).collect();
    assert_eq!(waiting, [0, 1]);
    // Its releases free channels, which the waiting leg takes before its own release arrives: four more legs.
    bench.pass(seconds(2));
    assert_eq!(bench.systems[0].stats().causes[102] + bench.systems[1].stats().causes[102], 8);
    bench.expect_idle();
}

/// Primary and secondary, and an expansion with one channel to each.
fn double_star() -> Bench {
    Bench::new(vec![
        system("primary", &["201", "202", "203"])
            .role(Role::Primary)
            .ip_office(1, 9, 99998)
            .ip_office(2, 1, 90002),
        system("secondary", &["301"]).role(Role::Secondary).ip_office(0, 9, 99999).ip_office(2, 1, 90002),
        system("expansion", &["401", "402", "403"])
            .role(Role::Expansion)
            .ip_office(0, 1, 99999)
            .ip_office(1, 1, 99998),
    ])
}

#[test]
fn the_other_star_centre_is_a_detour_and_never_the_way_back() {
    let mut bench = double_star();
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.dial("202", "402", 2);
    bench.pass(seconds(0));
    bench.said();
    assert_eq!(bench.systems[2].calls_in_progress(), 2, "the second call goes over the secondary");
    // No channel into the expansion is left. The secondary does not send the call back where it came from.
    bench.dial("203", "403", 3);
    bench.pass(seconds(1));
    bench.expect(
        "0s A accepted #3
         0s A to B 1.1 #3 set-up 203>403 hops 1
         0s B to A 1.1 #3 proceeding
         0s B to A 1.1 #3 release 34
         0s B smdr #3 203>403>403 1.1>- rang 0s unanswered System 34
         0s A released #3 34
         0s A smdr #3 203>403>403 203>1.1 rang 0s unanswered Callee 34",
    );
}

#[test]
fn the_detour_is_taken_when_the_direct_line_is_silent() {
    let mut bench = double_star();
    bench.lose = Box::new(|m| m.to == 2 && m.line == LineId(0));
    bench.dial("201", "401", 1);
    bench.pass(seconds(6));
    bench.expect(
        "0s A accepted #1
         0s A to C 2.0 #1 set-up 201>401 hops 1
         5s A to C 2.0 #1 release 102
         5s A to B 1.0 #1 set-up 201>401 hops 1
         5s B to A 1.0 #1 proceeding
         5s B to C 2.0 #1 set-up 201>401 hops 2
         5s C to B 2.0 #1 proceeding
         5s C ring 401 #1
         5s C to B 2.0 #1 alerting
         5s B to A 1.0 #1 alerting
         5s A alerting #1",
    );
}

#[test]
fn messages_from_the_wrong_end_or_at_the_wrong_time_are_counted() {
    let mut bench = pair(2);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    bench.said();
    let about = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    let line = LineId(0);
    let setup = PeerBody::Setup {
        called: number("302"),
        calling: number("1"),
        presentation: engine::Presentation::Allowed,
        tag: Tag(9),
        hops: 1,
        privilege: Privilege {
            account: Account::NotNeeded,
            source: Source::User,
            priority: 5,
            allowed: CallClasses::ALL,
            urgency: Urgency::Normal,
        },
        purpose: Purpose::Call,
    };
    let wrong_end = [
        (End::Calling, PeerBody::Proceeding),
        (End::Calling, ALERTING),
        (End::Calling, ANSWER),
        (End::Calling, PeerBody::Reached { reached: REACHED }),
        (End::Called, setup),
    ];
    let mut unexpected = 0;
    for (from, body) in wrong_end {
        let before = bench.systems[1].stats().clone();
        bench.handle(1, Input::Peer { line, message: PeerMessage { from, about, body } });
        bench.expect("");
        unexpected += 1;
        let mut after = bench.systems[1].stats().clone();
        assert_eq!(after.unexpected, unexpected, "{from:?} {body:?}");
        after.unexpected = before.unexpected;
        assert_eq!(after, before);
    }
    // On A the call is connected: it cannot be worked on, ring or be answered again.
    bench.answer("301", 1);
    bench.pass(seconds(1));
    bench.said();
    for (n, body) in [PeerBody::Proceeding, ALERTING, ANSWER].into_iter().enumerate() {
        let message = PeerMessage { from: End::Called, about, body };
        bench.handle(0, Input::Peer { line: LineId(1), message });
        bench.expect("");
        assert_eq!(bench.systems[0].stats().unexpected, n as u64 + 1, "{body:?}");
    }
    // A trunk is no line to another system, and neither is a line that does not exist.
    let message = PeerMessage { from: End::Calling, about, body: setup };
    for (n, line) in [LineId(0), LineId(9)].into_iter().enumerate() {
        bench.handle(0, Input::Peer { line, message });
        bench.expect("");
        assert_eq!(bench.systems[0].stats().unexpected, n as u64 + 4);
    }
}

#[test]
fn a_late_message_about_an_earlier_call_on_the_channel_leaves_the_new_call_alone() {
    let mut bench = pair(1);
    bench.dial("201", "301", 1);
    bench.pass(seconds(1));
    let earlier = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    bench.hang_up("201", 1);
    bench.dial("201", "301", 2);
    bench.pass(seconds(1));
    bench.said();
    let cause = Cause::NORMAL_CLEARING;
    let from_a = PeerMessage { from: End::Calling, about: earlier, body: PeerBody::Release { cause } };
    bench.handle(1, Input::Peer { line: LineId(0), message: from_a });
    for body in [PeerBody::Proceeding, ALERTING, ANSWER, PeerBody::Release { cause }] {
        let message = PeerMessage { from: End::Called, about: earlier, body };
        bench.handle(0, Input::Peer { line: LineId(1), message });
    }
    bench.expect("");
    assert_eq!(bench.systems[0].stats().late_peer_messages, 4);
    assert_eq!(bench.systems[1].stats().late_peer_messages, 1);
    bench.answer("301", 2);
    bench.pass(seconds(1));
    bench.expect(
        "2s B to A 1.0 #2 answer
         2.05s A connected #2",
    );
}

#[test]
fn a_wrong_end_does_not_answer_a_call_in_transit() {
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 2, 7),
        system("b", &["301"]).ip_office(0, 2, 7).ip_office(2, 2, 8),
        system("c", &["401"]).ip_office(1, 2, 8),
    ]);
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.said();
    let about = PeerRef { channel: 0, call: bench.call(0, 1), attempt: 1 };
    let message = PeerMessage { from: End::Calling, about, body: ANSWER };
    bench.handle(1, Input::Peer { line: LineId(0), message });
    bench.expect("");
    assert_eq!((bench.systems[1].stats().unexpected, bench.systems[1].stats().answered), (1, 0));
}

#[test]
fn a_channel_that_the_other_end_does_not_have_is_refused() {
    let mut bench = Bench::new(vec![
        system("a", &["201", "202"]).ip_office(1, 2, 7),
        system("b", &["301", "302"]).ip_office(0, 1, 7),
    ]);
    bench.dial("201", "301", 1);
    bench.pass(seconds(0));
    bench.said();
    bench.dial("202", "302", 2);
    bench.pass(seconds(0));
    bench.expect(
        "0s A accepted #2
         0s A to B 1.1 #2 set-up 202>302 hops 1
         0s B to A 1.1 #2 release 34
         0s A released #2 34
         0s A smdr #2 202>302>302 202>1.1 rang 0s unanswered Callee 34",
    );
    let stats = bench.systems[1].stats();
    assert_eq!((stats.attempts, stats.refused, stats.calls.peak()), (2, 1, 1));
    assert_eq!(stats.causes[usize::from(Cause::NO_CIRCUIT.number())], 1);
}

#[test]
fn a_late_word_about_an_attempt_given_up_does_not_count_for_the_next_one_on_the_same_channel() {
    // The form and its alternate use the same line. A message takes 3 s, so an answer comes after the 5 s of patience.
    let mut bench = Bench::new(vec![
        system("a", &["201"])
            .ip_office(1, 1, 7)
            .form(50, &[("?", Feature::Dial, "9.", 7)])
            .with_form(|form| form.alternate_route = Some(51))
            .form(51, &[("?", Feature::Dial, "301", 7)]),
        system("b", &["301"]).ip_office(0, 1, 7).code("9N", Feature::Busy, "", 0),
    ]);
    bench.delay = seconds(3);
    bench.dial("201", "1", 1);
    bench.pass(seconds(8));
    bench.expect(
        "0s A accepted #1
         0s A to B 1.0 #1 set-up 201>91 hops 1
         3s B to A 1.0 #1 proceeding
         3s B to A 1.0 #1 release 17
         3s B smdr #1 201>91>91 1.0>- rang 0s unanswered System 17
         5s A to B 1.0 #1 release 102
         5s A to B 1.0 #1 set-up 201>301 hops 1
         8s B to A 1.0 #1 proceeding
         8s B ring 301 #1
         8s B to A 1.0 #1 alerting",
    );
    assert_eq!(bench.systems[0].stats().late_peer_messages, 2);
    assert_eq!(bench.systems[1].stats().late_peer_messages, 1);
    bench.hang_up("201", 1);
    bench.pass(seconds(10));
    bench.expect_idle();
}

#[test]
fn a_call_from_a_trunk_does_not_leave_on_the_trunk_of_another_system() {
    let mut bench = Bench::new(vec![
        system("primary", &["201"]).role(Role::Primary).trunk(2, 0).ip_office(1, 3, 90002),
        system("expansion", &["401"]).role(Role::Expansion).trunk(2, 1).ip_office(0, 3, 99999),
    ]);
    bench.trunk_setup(1, 0, "0123", 1);
    bench.pass(seconds(0));
    bench.expect(
        "0s B accepted #1
         0s B to A 2.0 #1 set-up 0700>0123 hops 1
         0s A to B 2.0 #1 proceeding
         0s A to B 2.0 #1 release 21
         0s A smdr #1 0700>0123>0123 2.0>- rang 0s unanswered System 21
         0s B released #1 21
         0s B smdr #1 0700>0123>0123 1.0>2.0 rang 0s unanswered Callee 21",
    );
    bench.expect_idle();
}

#[test]
fn a_number_of_another_system_goes_round_over_the_trunks_when_the_lines_are_full_or_silent() {
    let mut bench = Bench::new(vec![
        system("a", &["201", "202"]).ip_office(1, 1, 7).trunk(2, 0).code("3XX", Feature::Dial, "0555.", 0),
        system("b", &["301", "302"]).ip_office(0, 1, 7),
    ]);
    bench.lose = Box::new(|_| true);
    bench.dial("201", "301", 1);
    bench.dial("202", "302", 2);
    bench.pass(seconds(5));
    bench.expect(
        "0s A accepted #1
         0s A to B 1.0 #1 set-up 201>301 hops 1
         0s A accepted #2
         0s A trunk set-up 2.0 #2 202>0555302
         4s A trunk release 2.0 #2 102
         4s A released #2 102
         4s A smdr #2 202>302>0555302 202>2.0 rang 0s unanswered System 102
         5s A to B 1.0 #1 release 102
         5s A trunk set-up 2.0 #1 201>0555301",
    );
}

#[test]
fn a_break_out_code_is_no_way_round_a_full_line() {
    let mut bench = Bench::new(vec![
        system("a", &["201", "202"]).ip_office(1, 1, 7).code("XXX", Feature::BreakOut, "b", 0),
        system("b", &["301", "302"]).ip_office(0, 1, 7),
    ]);
    bench.dial("201", "301", 1);
    bench.pass(seconds(0));
    assert_eq!(bench.attempt("202", "302"), "released 34 short of line group 7");
}

#[test]
fn a_call_in_transit_whose_releases_on_both_sides_were_lost_ends_when_its_channel_is_used_again() {
    let mut bench = Bench::new(vec![
        system("a", &["201"]).ip_office(1, 2, 7),
        system("b", &["301"]).ip_office(0, 2, 7).ip_office(2, 2, 8).code("4N", Feature::Dial, ".", 8),
        system("c", &["401"]).ip_office(1, 2, 8),
    ]);
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.answer("401", 1);
    bench.pass(seconds(0));
    bench.lose = Box::new(|letter| matches!(letter.message.body, PeerBody::Release { .. }));
    bench.hang_up("201", 1);
    bench.hang_up("401", 1);
    bench.pass(seconds(600));
    // Nothing has told B; only the next call on the channel does.
    assert_eq!(bench.systems.iter().map(|s| s.calls_in_progress()).collect::<Vec<_>>(), [0, 1, 0]);
    bench.lose = Box::new(|_| false);
    bench.dial("201", "401", 2);
    bench.pass(seconds(0));
    assert_eq!(bench.systems.iter().map(|s| s.calls_in_progress()).collect::<Vec<_>>(), [1, 1, 1]);
    bench.hang_up("201", 2);
    bench.pass(seconds(0));
    bench.expect_idle();
}
