//! What a failure costs: a run with it held against the run without it.

use super::component::Component;
use super::record::FailureCost;
use crate::report::{Calls, RunRecord, SeriesColumns, Verdict};
use std::fmt::Write as _;

/// What the failure of `component`, `at_s` seconds into the measured part, came to in `run`.
#[must_use]
pub fn cost(component: &Component, at_s: f64, baseline: &RunRecord, run: &RunRecord) -> FailureCost {
    let of = |run: &RunRecord| i64::try_from(lost(&run.calls)).unwrap_or(i64::MAX);
    let measured_s = run.load.duration_s.unwrap_or(0.0);
    FailureCost {
        component: component.to_string(),
        kind: component.kind,
        calls: run.calls,
        lost_more: of(run) - of(baseline),
        recovered_min: recovered_s(baseline.series.as_ref(), run.series.as_ref(), at_s, measured_s)
            .map(|s| s / 60.0),
        failovers: run.failovers.clone(),
        binding_resource: run.binding_resource.clone(),
        targets: run.targets.clone(),
        missed: missed(run),
        digest: run.digest.clone(),
        verdict: run.verdict,
    }
}

/// Calls that were planned, and neither completed nor in progress at the end.
const fn lost(calls: &Calls) -> u64 {
    calls.planned - calls.completed - calls.in_progress_at_end
}

/// Targets and checks that a run missed, in words.
#[must_use]
pub fn missed(run: &RunRecord) -> Vec<String> {
    let targets = run.targets.iter().filter(|target| !target.pass).map(|target| {
        let observed =
            target.observed.map_or_else(|| "not measured".to_owned(), |o| format!("observed {o:.4}"));
        format!("{} {}: {observed}", target.name, target.limit)
    });
    let checks = run.checks.iter().filter(|check| !check.pass);
    targets.chain(checks.map(|check| format!("check \"{}\": {}", check.name, check.detail))).collect()
}

/// Seconds from the failure until the excess of lost calls over the baseline has grown for the last time: the calls are the
/// same in both, so what is lost later is lost without the failure as well. `None` if it still grows at the end of the
/// measured part.
fn recovered_s(
    baseline: Option<&SeriesColumns>,
    run: Option<&SeriesColumns>,
    at_s: f64,
    measured_s: f64,
) -> Option<f64> {
    let (baseline, run) = (baseline?, run?);
    // Steps have a power of two of seconds: the longer ones are made of whole shorter ones.
    let step_s = baseline.step_s.max(run.step_s);
    let (without, with) = (lost_by_step(baseline, step_s), lost_by_step(run, step_s));
    let (mut excess, mut most, mut until) = (0_i64, 0_i64, None);
    for n in 0..with.len().max(without.len()) {
        excess += with.get(n).copied().unwrap_or(0) - without.get(n).copied().unwrap_or(0);
        if excess > most {
            most = excess;
            until = Some(run.begins_s + (n + 1) as f64 * step_s);
        }
    }
    match until {
        None => Some(0.0),
        Some(end_s) if end_s >= measured_s => None,
        Some(end_s) => Some((end_s - at_s).max(0.0)),
    }
}

/// Calls lost in each step of `step_s` seconds; a call that was never placed lowers what was started.
fn lost_by_step(series: &SeriesColumns, step_s: f64) -> Vec<i64> {
    let signed = |count: Option<&u64>| count.map_or(0, |&count| i64::try_from(count).unwrap_or(i64::MAX));
    let lost = |n: usize| {
        let columns = [&series.blocked, &series.abandoned, &series.failed, &series.dropped];
        let ended: i64 = columns.into_iter().map(|column| signed(column.get(n))).sum();
        ended - signed(series.started.get(n))
    };
    let each: Vec<i64> = (0..series.started.len()).map(lost).collect();
    let whole = (step_s / series.step_s).round().max(1.0) as usize;
    each.chunks(whole).map(|steps| steps.iter().sum()).collect()
}

/// Digest over the digests of runs, in their order; `None` if one of them has none.
pub fn digest_of<'r>(digests: impl IntoIterator<Item = Option<&'r str>>) -> Option<String> {
    let fold = |sum: u64, digest: Option<&str>| {
        let digest = u64::from_str_radix(digest?, 16).ok()?;
        Some((sum.rotate_left(17) ^ digest).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    };
    digests.into_iter().try_fold(0, fold).map(|digest| format!("{digest:016x}"))
}

/// The verdict of all runs together, and why.
#[must_use]
pub fn verdict_of(baseline: &RunRecord, failures: &[FailureCost]) -> (Verdict, String) {
    let verdicts = || std::iter::once(baseline.verdict).chain(failures.iter().map(|failure| failure.verdict));
    if verdicts().any(|verdict| verdict == Verdict::Partial) {
        return (Verdict::Partial, "interrupted".to_owned());
    }
    let missing = failures.iter().filter(|failure| failure.verdict != Verdict::Pass).count();
    let mut why = format!("{missing} of {} single failures miss a target or a check", failures.len());
    if baseline.verdict != Verdict::Pass {
        let _ = write!(why, ", and so does the run without any");
    }
    let pass = verdicts().all(|verdict| verdict == Verdict::Pass);
    (if pass { Verdict::Pass } else { Verdict::Fail }, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten calls a step of 60 s, the first begun a minute before the measured part; so many of them blocked.
    fn series(blocked: &[u64]) -> SeriesColumns {
        let steps = blocked.len();
        SeriesColumns {
            begins_s: -60.0,
            step_s: 60.0,
            started: vec![10; steps],
            blocked: blocked.to_vec(),
            abandoned: vec![0; steps],
            failed: vec![0; steps],
            dropped: vec![0; steps],
            ..SeriesColumns::default()
        }
    }

    fn minutes(without: &SeriesColumns, with: &SeriesColumns) -> Option<f64> {
        recovered_s(Some(without), Some(with), 120.0, 600.0).map(|s| s / 60.0)
    }

    #[test]
    fn service_is_back_when_no_more_is_lost_than_without_the_failure() {
        let quiet = series(&[0; 11]);
        assert_eq!(minutes(&quiet, &quiet), Some(0.0));
        // The failure is at the second minute, which is the fourth step; calls are blocked until the sixth minute ends.
        assert_eq!(minutes(&quiet, &series(&[0, 0, 0, 4, 4, 4, 1, 0, 0, 0, 0])), Some(4.0));
        // What is lost without the failure as well is no cost of it, even a step later.
        let noisy = series(&[0, 2, 0, 0, 0, 0, 0, 0, 3, 0, 0]);
        assert_eq!(minutes(&noisy, &series(&[0, 2, 0, 4, 0, 0, 0, 0, 0, 3, 0])), Some(1.0));
        assert_eq!(minutes(&quiet, &series(&[0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4])), None);
    }

    #[test]
    fn steps_of_unlike_length_are_compared_by_the_longer_one() {
        let fine = SeriesColumns { step_s: 30.0, ..series(&[0; 22]) };
        let coarse = SeriesColumns { started: vec![20; 11], ..series(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]) };
        assert_eq!(minutes(&fine, &coarse), Some(1.0));
    }

    #[test]
    fn calls_that_nobody_could_place_are_lost() {
        let quiet = series(&[0; 11]);
        let mut with = quiet.clone();
        with.started[4] = 7;
        assert_eq!(minutes(&quiet, &with), Some(2.0));
    }

    #[test]
    fn a_digest_over_digests_knows_their_order() {
        let of = |all: &[&str]| digest_of(all.iter().map(|d| Some(*d)));
        assert_ne!(of(&["1", "2"]), of(&["2", "1"]));
        assert_eq!(digest_of([Some("1"), None]), None);
    }
}
