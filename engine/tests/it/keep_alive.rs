//! Systems notice by themselves that a neighbour is gone: keep-alives stop, and calls take other routes.

use crate::support::{Bench, Build, seconds, system};
use engine::AlarmSource;
use engine::id::LineId;
use engine::network::LineStatus;
use engine::plan::spec::Role;

/// A primary, a secondary and an expansion with a line to each; keep-alives every 5 s, three may be lost.
fn double_star() -> Bench {
    Bench::new(vec![
        system("primary", &["201"]).role(Role::Primary).ip_office(1, 4, 99_998).ip_office(2, 4, 98_002),
        system("secondary", &["301"]).role(Role::Secondary).ip_office(0, 4, 99_999).ip_office(2, 4, 98_002),
        system("expansion", &["401"]).role(Role::Expansion).ip_office(0, 4, 99_999).ip_office(1, 4, 99_998),
    ])
}

#[test]
fn lines_come_up_with_the_first_keep_alive_and_stay_up() {
    let mut bench = double_star();
    bench.delay = engine::time::Duration::from_millis(10);
    bench.start_all();
    assert_eq!(bench.systems[0].line_status(LineId(0)), LineStatus::Down);
    bench.pass(seconds(1));
    bench.expect(
        "0.01s B line to A up
         0.01s C line to A up
         0.01s A line to B up
         0.01s C line to B up
         0.01s A line to C up
         0.01s B line to C up",
    );
    bench.pass(seconds(3_600));
    bench.expect("");
    assert!(bench.systems.iter().all(|s| s.timers_armed() == 0), "keep-alives are nobody's call");
}

#[test]
fn a_silent_neighbour_is_down_after_its_losses_and_never_earlier() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(101));
    bench.said();
    bench.stop(0);
    bench.pass(seconds(60));
    // Last heard at 100 s; the keep-alives of 105, 110 and 115 s do not come.
    bench.expect(
        "115s B line to A down
         115s C line to A down",
    );
    bench.start(0, 1);
    bench.pass(seconds(1));
    bench.expect(
        "161s B line to A up
         161s C line to A up",
    );
    bench.pass(seconds(4));
    bench.expect(
        "165s A line to B up
         165s A line to C up",
    );
}

#[test]
fn calls_take_the_other_star_centre_while_the_first_is_down() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(10));
    bench.stop(0);
    bench.pass(seconds(30));
    bench.said();
    // The expansion's own line to the secondary is up; with the primary it would have been as direct.
    bench.dial("401", "201", 1);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("to B") && !said.contains("to A"), "{said}");
}

#[test]
fn a_call_that_waits_for_an_answer_from_a_silent_system_goes_elsewhere_or_ends() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("301", "401", 1);
    bench.pass(seconds(1));
    bench.said();
    bench.cut = Box::new(|from, to| from + to == 3);
    bench.pass(seconds(19));
    let said = bench.said();
    // The secondary tries the way through the primary; the expansion stops ringing, because its caller is gone.
    assert!(said.iter().any(|l| l.contains("B line to C down")), "{said:#?}");
    assert!(said.iter().any(|l| l.contains("B to A") && l.contains("set-up")), "{said:#?}");
    assert!(said.iter().any(|l| l.contains("C stop ringing 401 #1")), "{said:#?}");
}

#[test]
fn a_neighbour_that_started_anew_between_two_keep_alives_has_forgotten_its_calls() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.answer("401", 1);
    bench.pass(seconds(1));
    bench.said();
    bench.stop(0);
    bench.start(0, 1);
    bench.pass(seconds(0));
    bench.expect(
        "11s A orphaned #1 Ends
         11s B line to A down
         11s B line to A up
         11s C line to A down
         11s C disconnect 401 #1 38
         11s C smdr #1 201>401>401 1.0>401 rang 0s talked 1s Caller 38
         11s C line to A up",
    );
    bench.pass(seconds(100));
    for system in &bench.systems {
        assert_eq!((system.calls_in_progress(), system.stats().unexpected), (0, 0));
    }
    assert_eq!(bench.systems[0].stats().lost, 1);
}

#[test]
fn a_stopped_system_hears_nothing_and_starts_anew_from_its_plan() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("201", "301", 1);
    bench.pass(seconds(0));
    bench.stop(0);
    bench.said();
    bench.dial("201", "301", 2);
    bench.expect("");
    assert_eq!(bench.systems[0].poll_timeout(), None);
    bench.start(0, 1);
    bench.pass(seconds(10));
    bench.said();
    bench.dial("201", "401", 3);
    bench.pass(seconds(0));
    let said = bench.said();
    assert!(said.iter().any(|l| l.contains("C ring 401 #3")), "{said:#?}");
}

#[test]
fn a_line_that_is_lost_is_an_alarm_that_counts_and_a_restart_forgets_them() {
    let mut bench = double_star();
    bench.start_all();
    bench.pass(seconds(10));
    assert_eq!(bench.systems[0].alarms().len(), 0, "a line that comes up is none");
    for _ in 0..2 {
        bench.cut = Box::new(|_, _| true);
        bench.pass(seconds(30));
        bench.cut = Box::new(|_, _| false);
        bench.pass(seconds(30));
    }
    let alarms: Vec<_> = bench.systems[0].alarms().map(|alarm| (alarm.source, alarm.count)).collect();
    assert_eq!(alarms, [(AlarmSource::LineDown(LineId(0)), 2), (AlarmSource::LineDown(LineId(1)), 2)]);
    bench.stop(0);
    bench.start(0, 1);
    assert_eq!(bench.systems[0].alarms().len(), 0);
}
