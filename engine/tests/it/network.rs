//! Calls between systems: as usual, over full and silent lines, on detours and in circles.

mod messages;

use crate::support::{Bench, Build, seconds, system};
use engine::cause::Cause;
use engine::id::LineId;
use engine::plan::spec::{Feature, Role};
use engine::time::Duration;

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
