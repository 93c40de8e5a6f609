//! From the runs of one load to a step: does it meet what is asked, and how sure is that?

use super::record::{Step, StepTarget};
use crate::profile::{Comparison, Target};
use crate::report::{Calls, ResourceUse, RunRecord, binding_resource};
use crate::stats::{mean_interval, upper_limit};

/// What a method asks of a load.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Every target of the profile.
    Targets(Vec<Target>),
    /// No failed set-up, and none slower than this (RFC 7502).
    EveryCallEstablished {
        /// Longest time until the answer, in microseconds.
        within_us: f64,
    },
    /// At most this share of inadequately handled calls, in percent (TS 186 008).
    IhsAtMost(f64),
}

/// How sure a judgement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Judgement {
    pass: bool,
    surely_passes: bool,
    surely_fails: bool,
}

impl Judgement {
    const fn certain(pass: bool) -> Self {
        Self { pass, surely_passes: pass, surely_fails: !pass }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            pass: self.pass && other.pass,
            surely_passes: self.surely_passes && other.surely_passes,
            surely_fails: self.surely_fails || other.surely_fails,
        }
    }
}

/// The step that `runs` (replications of one load) come to.
pub(super) fn step(bhcc: u64, runs: &[RunRecord], wanted: &Wanted, confidence: f64) -> Step {
    let mut calls = Calls::default();
    runs.iter().for_each(|run| calls.add(&run.calls));
    let ihs = inadequately_handled(&calls);
    let pct = |failures: u64| (calls.planned > 0).then(|| failures as f64 * 100.0 / calls.planned as f64);
    let resources = summed(runs);
    let binding = binding_resource(&resources);
    let named = |r: &&ResourceUse| Some(label(r)) == binding;
    let used = resources.iter().find(named);
    let mut missed = failed_checks(runs);
    let mut judgement = Judgement::certain(missed.is_empty());
    let mut targets = Vec::new();
    match wanted {
        Wanted::Targets(all) => {
            for (n, target) in all.iter().enumerate() {
                let (outcome, of_target) = judge_target(n, target, runs, &calls, confidence);
                missed.extend((!of_target.pass).then(|| miss(&outcome)));
                targets.push(outcome);
                judgement = judgement.and(of_target);
            }
        }
        Wanted::EveryCallEstablished { within_us } => {
            let failed = calls.blocked + calls.failed + calls.abandoned + calls.not_started;
            missed.extend((failed > 0).then(|| format!("{failed} calls were not established")));
            let slowest = runs.iter().filter_map(|r| r.latency.get("answer_delay")?.max).fold(0.0, f64::max);
            missed.extend(
                (slowest > *within_us).then(|| format!("a call took {slowest} us to be established")),
            );
            judgement = judgement.and(Judgement::certain(failed == 0 && slowest <= *within_us));
        }
        Wanted::IhsAtMost(most) => {
            let share = pct(ihs).unwrap_or(100.0);
            missed.extend((share > *most).then(|| format!("ihs_pct {share} is above {most}")));
            judgement = judgement.and(Judgement::certain(share <= *most));
        }
    }
    Step {
        bhcc,
        pass: judgement.pass,
        surely_passes: judgement.surely_passes,
        surely_fails: judgement.surely_fails,
        calls,
        ihs,
        ihs_pct: pct(ihs),
        ihs_pct_upper95: upper_limit(ihs, calls.planned, 0.95).map(|share| share * 100.0),
        targets,
        missed,
        binding_resource: binding.clone(),
        binding_mean: used.and_then(|r| r.mean),
        binding_capacity: used.and_then(|r| r.capacity),
        digests: runs.iter().filter_map(|run| run.digest.clone()).collect(),
    }
}

/// Blocked, failed, dropped and never started.
const fn inadequately_handled(calls: &Calls) -> u64 {
    calls.blocked + calls.failed + calls.dropped + calls.not_started
}

fn miss(target: &StepTarget) -> String {
    let observed =
        target.mean.map_or_else(|| "not measured".to_owned(), |mean| format!("observed {mean:.4}"));
    format!("{} {}: {observed}", target.name, target.limit)
}

/// What one run misses by itself.
pub(super) fn missed_alone(run: &RunRecord) -> Vec<String> {
    let missed = run.targets.iter().filter(|target| !target.pass);
    let text =
        |observed: Option<f64>| observed.map_or_else(|| "not measured".to_owned(), |n| format!("{n:.4}"));
    let seed = run.seed;
    let mut all: Vec<String> = missed
        .map(|t| format!("{} {}: observed {} with seed {seed} alone", t.name, t.limit, text(t.observed)))
        .collect();
    if all.is_empty() && run.verdict != crate::report::Verdict::Pass {
        all.push(format!("no pass with seed {seed} alone"));
    }
    all
}

/// Checks that failed in any replication, each once.
fn failed_checks(runs: &[RunRecord]) -> Vec<String> {
    let mut failed: Vec<String> = Vec::new();
    for check in runs.iter().flat_map(|run| &run.checks).filter(|check| !check.pass) {
        let text = format!("check \"{}\": {}", check.name, check.detail);
        if !failed.contains(&text) {
            failed.push(text);
        }
    }
    failed
}

/// The `n`-th target over all replications.
fn judge_target(
    n: usize,
    target: &Target,
    runs: &[RunRecord],
    calls: &Calls,
    confidence: f64,
) -> (StepTarget, Judgement) {
    let limit = target.limit;
    let results: Vec<_> = runs.iter().filter_map(|run| run.targets.get(n)).collect();
    let written = results.first().map_or_else(String::new, |result| result.limit.clone());
    let observed: Option<Vec<f64>> = results.iter().map(|result| result.observed).collect();
    let interval = observed.as_deref().and_then(|all| mean_interval(all, confidence));
    let Some(interval) = interval else {
        let outcome = StepTarget {
            name: target.metric.clone(),
            limit: written,
            mean: None,
            low: None,
            high: None,
            pass: false,
        };
        return (outcome, Judgement::certain(false));
    };
    let mean = interval.mean;
    let low = interval.low;
    // Without a single failure equal samples say nothing of how rare failures are; the number of calls does.
    let high = match interval.high {
        Some(high) if mean == 0.0 => Some(high.max(rarest_unseen(&target.metric, calls, confidence))),
        Some(high) => Some(high),
        None => None,
    };
    let judgement = match target.comparison {
        Comparison::AtMost => Judgement {
            pass: mean <= limit,
            surely_passes: high.is_some_and(|high| high <= limit),
            surely_fails: low.is_some_and(|low| low > limit),
        },
        Comparison::Less => Judgement {
            pass: mean < limit,
            surely_passes: high.is_some_and(|high| high < limit),
            surely_fails: low.is_some_and(|low| low >= limit),
        },
        Comparison::AtLeast => Judgement {
            pass: mean >= limit,
            surely_passes: low.is_some_and(|low| low >= limit),
            surely_fails: high.is_some_and(|high| high < limit),
        },
        Comparison::More => Judgement {
            pass: mean > limit,
            surely_passes: low.is_some_and(|low| low > limit),
            surely_fails: high.is_some_and(|high| high <= limit),
        },
        Comparison::Equal => Judgement::certain(results.iter().all(|result| result.pass)),
    };
    let name = target.metric.clone();
    let outcome = StepTarget { name, limit: written, mean: Some(mean), low, high, pass: judgement.pass };
    (outcome, judgement)
}

/// The largest percentage that these calls could hide without showing one; 0 for what is no share of calls.
fn rarest_unseen(metric: &str, calls: &Calls, confidence: f64) -> f64 {
    attempts_behind(metric, calls)
        .and_then(|attempts| upper_limit(0, attempts, f64::midpoint(1.0, confidence)))
        .map_or(0.0, |share| share * 100.0)
}

/// The calls of which a metric is a percentage of failures; `None` if it is none.
pub(super) fn attempts_behind(metric: &str, calls: &Calls) -> Option<u64> {
    match metric {
        "blocked_pct" | "failed_pct" | "abandoned_pct" | "isa_pct" => Some(calls.offered),
        "ihs_pct" => Some(calls.planned),
        "dropped_pct" => Some(calls.answered),
        _ => None,
    }
}

/// Use of every resource over all runs: refusals added, peak the highest, mean the mean.
pub(super) fn summed(runs: &[RunRecord]) -> Vec<ResourceUse> {
    let Some(first) = runs.first() else { return Vec::new() };
    let mut all = first.resources.clone();
    for (n, sum) in all.iter_mut().enumerate() {
        let each = || runs.iter().filter_map(|run| run.resources.get(n));
        sum.blocked = each().map(|r| r.blocked).sum();
        sum.peak = each().filter_map(|r| r.peak).max();
        let means: Option<Vec<f64>> = each().map(|r| r.mean).collect();
        sum.mean = means.map(|means| means.iter().sum::<f64>() / means.len() as f64);
    }
    all
}

fn label(resource: &ResourceUse) -> String {
    format!("{}:{}:{}", resource.system, resource.kind, resource.name)
}
