//! Both drivers play the same profile. No test says how fast.

use super::{Division, Ended, RunResult, run_divided, run_real, run_real_on_one_thread, run_virtual};
use crate::check;
use crate::test_support::{BRISK, Pace, plans, two_systems, unwatched};
use engine::time::Duration;

fn assert_checks_pass(result: &RunResult) {
    for check in check::all(result) {
        assert!(check.pass, "{}: {}", check.name, check.detail);
    }
}

#[test]
fn on_the_wall_clock_the_schedule_is_that_of_virtual_time() {
    let profile = two_systems(BRISK);
    let plans = plans(&profile);
    let real = unwatched(false, |hooks| run_real(&profile, &plans, hooks));
    let simulated = unwatched(false, |hooks| run_virtual(&profile, &plans, hooks));
    let started = |run: &RunResult| (run.tally.calls.planned, run.tally.calls.started);
    assert_eq!(started(&real), started(&simulated));
    assert!(real.tally.calls.started > 30, "{:?}", real.tally.calls);
    assert_eq!(real.ended, Ended::Complete);
    assert_checks_pass(&simulated);
    assert_checks_pass(&real);

    // All were answered and measured, once each.
    assert_eq!(real.tally.calls.completed, simulated.tally.calls.completed);
    let figures = real.real.expect("the wall clock has figures");
    let started = real.tally.calls.started;
    assert_eq!(figures.lateness.histogram().count(), started);
    assert_eq!(figures.route_delay.count(), started);
    assert!(figures.handle_time.count() > started);
    assert_eq!(figures.crossed.len(), plans.len());
    assert_eq!(real.resources.len(), simulated.resources.len());
    for (real, simulated) in real.resources.iter().zip(&simulated.resources) {
        assert_eq!(
            (real.system, real.kind, real.blocked),
            (simulated.system, simulated.kind, simulated.blocked)
        );
    }
    assert!(simulated.real.is_none());
}

/// Phones are answered at the very moment at which the system takes the call back, and callers end their calls when the
/// far side does: words cross all the time, and none is taken for a fault.
#[test]
fn words_that_cross_on_the_way_are_no_faults() {
    let profile = two_systems(Pace { no_answer: BRISK.ring, ..BRISK });
    let plans = plans(&profile);
    let real = unwatched(false, |hooks| run_real(&profile, &plans, hooks));
    assert_checks_pass(&real);
    let unexpected: u64 = real.systems.iter().map(|s| s.stats().unexpected).sum();
    let crossed: u64 = real.real.expect("the wall clock has figures").crossed.iter().sum();
    assert_eq!(unexpected, crossed);
}

/// Far more than any machine places in that time: calls wait, queues fill, nothing is lost.
#[test]
fn a_flood_is_accounted_for_call_by_call() {
    let flood =
        Pace { bhcc: 3.6e9, duration: Duration::from_millis(50), talk: Duration::from_millis(5), ..BRISK };
    let profile = two_systems(flood);
    let plans = plans(&profile);
    let real = unwatched(false, |hooks| run_real(&profile, &plans, hooks));
    let simulated = unwatched(false, |hooks| run_virtual(&profile, &plans, hooks));
    assert_eq!(real.tally.calls.planned, simulated.tally.calls.planned);
    assert_checks_pass(&real);
    assert_checks_pass(&simulated);
}

#[test]
fn an_interrupted_run_says_so_and_accounts_for_what_it_did() {
    let profile = two_systems(Pace { duration: Duration::from_secs(60), ..BRISK });
    let plans = plans(&profile);
    let real = unwatched(true, |hooks| run_real(&profile, &plans, hooks));
    assert_eq!(real.ended, Ended::Interrupted);
    assert!(real.tally.calls.planned < 1_000, "{:?}", real.tally.calls);
    assert_checks_pass(&real);
}

#[test]
fn a_run_on_one_thread_of_the_wall_clock_that_is_interrupted_has_done_what_virtual_time_does_by_then() {
    let profile = two_systems(Pace { duration: Duration::from_secs(60), ..BRISK });
    let plans = plans(&profile);
    let real = unwatched(true, |hooks| run_real_on_one_thread(&profile, &plans, hooks));
    assert_eq!(real.ended, Ended::Interrupted);
    assert!(real.tally.calls.planned < 1_000, "{:?}", real.tally.calls);
    assert_checks_pass(&real);
    let figures = real.real.expect("the wall clock has figures");
    assert_eq!((figures.threads, figures.lateness.histogram().count()), (1, real.tally.calls.started));
}

/// A hundred nanoseconds a call: no machine keeps up. The run gets later and later, leaves out nothing and says that it counts for
/// nothing.
#[test]
fn a_flood_on_one_thread_of_the_wall_clock_is_void_and_comes_to_what_it_does_in_virtual_time() {
    let flood =
        Pace { bhcc: 3.6e10, duration: Duration::from_millis(5), talk: Duration::from_millis(5), ..BRISK };
    let profile = two_systems(flood);
    let plans = plans(&profile);
    let real = unwatched(false, |hooks| run_real_on_one_thread(&profile, &plans, hooks));
    let simulated = unwatched(false, |hooks| run_virtual(&profile, &plans, hooks));
    assert_eq!((real.digest, real.tally.calls), (simulated.digest, simulated.tally.calls));
    assert!(real.tally.calls.planned > 40_000, "{:?}", real.tally.calls);
    assert_checks_pass(&real);
    let why = real.real.expect("the wall clock has figures").why_void;
    assert!(why.as_ref().is_some_and(|why| why.contains("us late")), "{why:?}");
}

#[test]
fn a_run_on_two_threads_that_is_interrupted_accounts_for_what_it_did() {
    let busy = Pace { bhcc: 3.6e6, duration: Duration::from_secs(3_600), ..BRISK };
    let profile = two_systems(busy);
    let plans = plans(&profile);
    let division = Division::new(&profile, &plans, 2).expect("two systems and a line");
    let result = unwatched(true, |hooks| run_divided(&profile, &plans, &division, hooks));
    assert_eq!(result.ended, Ended::Interrupted);
    let calls = &result.tally.calls;
    assert!(calls.planned > 1_000 && calls.planned < 1_000_000, "{calls:?}");
    assert_checks_pass(&result);
}
