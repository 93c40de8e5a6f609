//! What repeated runs of a profile came to together: means with intervals, and claims that have too few calls.

use super::record::{MeanFigure, Replications, RunRecord, Unsupported};
use super::verdict::observed;
use crate::profile::is_percentage;
use crate::stats::{attempts_needed, mean_interval};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const CONFIDENCE: f64 = 0.95;
/// Figures that are shown besides those that a target names.
const ALWAYS: [&str; 2] = ["bhcc_completed", "blocked_pct"];

/// Puts into every run that has replications among `records` what they came to together: mean and 95 % interval (Student) of
/// some figures and of those that targets name, and the targets of a share of failures that all calls together are too few
/// to show, with the number that would do.
pub fn replicate(records: &mut [RunRecord]) {
    let names: BTreeSet<String> = records.iter().map(|run| run.profile.name.clone()).collect();
    for name in names {
        let runs: Vec<&RunRecord> = records.iter().filter(|run| run.profile.name == name).collect();
        let together = (runs.len() > 1).then(|| of_profile(&runs));
        for run in records.iter_mut().filter(|run| run.profile.name == name) {
            run.replications.clone_from(&together);
        }
    }
}

fn of_profile(runs: &[&RunRecord]) -> Replications {
    let targets = runs.first().map_or(&[][..], |run| &run.targets[..]);
    let mut names: Vec<&str> = ALWAYS.to_vec();
    for target in targets {
        if !names.contains(&target.name.as_str()) {
            names.push(&target.name);
        }
    }
    let planned: u64 = runs.iter().map(|run| run.calls.planned).sum();
    let shares = targets.iter().filter(|t| t.name.ends_with("_pct") && t.limit.starts_with('<'));
    let unsupported = shares.filter_map(|target| {
        let limit = target.limit.trim_start_matches(['<', '=', ' ']).parse().unwrap_or(0.0);
        let needed = attempts_needed(limit / 100.0, CONFIDENCE).unwrap_or(0);
        let claim = format!("{} {}", target.name, target.limit);
        (planned < needed).then_some(Unsupported { claim, attempts: planned, attempts_needed: needed })
    });
    Replications {
        runs: runs.len() as u64,
        confidence: CONFIDENCE,
        figures: names.into_iter().filter_map(|name| figure(name, runs)).collect(),
        unsupported: unsupported.collect(),
    }
}

/// The mean of a figure that every run has; what lies outside its range is cut off the interval.
fn figure(name: &str, runs: &[&RunRecord]) -> Option<MeanFigure> {
    let samples: Option<Vec<f64>> = runs.iter().map(|run| observed(run, name)).collect();
    let interval = mean_interval(&samples?, CONFIDENCE)?;
    let most = if is_percentage(name) { 100.0 } else { f64::INFINITY };
    Some(MeanFigure {
        name: name.to_owned(),
        mean: interval.mean,
        low: interval.low?.max(0.0),
        high: interval.high?.min(most),
    })
}

/// A line a figure, and one a claim that cannot be made, for every profile with replications.
#[must_use]
pub fn replications(records: &[RunRecord]) -> String {
    let (mut shown, mut text) = (BTreeSet::new(), String::new());
    for record in records {
        let name = &record.profile.name;
        let Some(together) = record.replications.as_ref().filter(|_| shown.insert(name)) else { continue };
        let runs = together.runs;
        for MeanFigure { name: figure, mean, low, high } in &together.figures {
            let _ = writeln!(
                text,
                "  {name}: {runs} runs: {figure} {mean:.4}, 95 % interval {low:.4} to {high:.4}"
            );
        }
        for Unsupported { claim, attempts, attempts_needed } in &together.unsupported {
            let _ = writeln!(
                text,
                "  {name}: no claim of {claim}: {attempts} calls cannot show it, {attempts_needed} could"
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::super::verdict::Conduct;
    use super::*;
    use crate::profile::{Comparison, Target};

    #[test]
    fn means_have_intervals_and_too_few_calls_are_said() {
        let run = |blocked_pct: f64, planned: u64| {
            let mut run = record();
            run.metrics.blocked_pct = Some(blocked_pct);
            run.calls.planned = planned;
            let target = Target { metric: "blocked_pct".into(), comparison: Comparison::AtMost, limit: 0.1 };
            run.conclude(&[target], Conduct::Complete);
            run
        };
        let text = |mut records: Vec<RunRecord>| {
            replicate(&mut records);
            replications(&records)
        };
        let three = text(vec![run(1.0, 900), run(2.0, 900), run(3.0, 900)]);
        // By hand: standard deviation 1, over the root of 3, times 4.302653: 2.4841 above; a share is not below zero.
        assert!(
            three.contains("r640: 3 runs: blocked_pct 2.0000, 95 % interval 0.0000 to 4.4841"),
            "{three}"
        );
        assert!(
            three.contains("no claim of blocked_pct <= 0.1: 2700 calls cannot show it, 2995 could"),
            "{three}"
        );
        assert!(!text(vec![run(1.0, 2_000), run(2.0, 2_000)]).contains("no claim"));
        assert_eq!(text(vec![run(1.0, 2_000)]), "", "one run has no replications");
        let hundred = text(vec![run(100.0, 2_000), run(99.0, 2_000)]);
        assert!(hundred.contains("blocked_pct 99.5000, 95 % interval 93.1469 to 100.0000"), "{hundred}");
    }
}
