//! What repeated runs of a profile came to together: means with intervals, and claims that have too few calls.

use super::record::RunRecord;
use super::verdict::observed;
use crate::stats::{attempts_needed, mean_interval};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CONFIDENCE: f64 = 0.95;
/// Figures that are shown besides those that a target names.
const ALWAYS: [&str; 2] = ["bhcc_completed", "blocked_pct"];

/// For every profile with several runs, a line a figure: mean and 95 % interval (Student) over the runs; and for each target
/// of a share of failures that all calls together are too few to show, the number that would do.
#[must_use]
pub fn replications(records: &[RunRecord]) -> String {
    let mut by_profile: BTreeMap<&str, Vec<&RunRecord>> = BTreeMap::new();
    for record in records {
        by_profile.entry(&record.profile.name).or_default().push(record);
    }
    by_profile.into_iter().map(|(name, runs)| of_profile(name, &runs)).collect()
}

fn of_profile(name: &str, runs: &[&RunRecord]) -> String {
    let targets = runs.first().map_or(&[][..], |run| &run.targets[..]);
    let mut figures: Vec<&str> = ALWAYS.to_vec();
    for target in targets {
        if !figures.contains(&target.name.as_str()) {
            figures.push(&target.name);
        }
    }
    let mut text = String::new();
    for figure in figures {
        let samples: Option<Vec<f64>> = runs.iter().map(|run| observed(run, figure)).collect();
        let interval = samples.as_deref().and_then(|samples| mean_interval(samples, CONFIDENCE));
        if let Some((interval, low, high)) = interval.and_then(|i| Some((i, i.low?, i.high?))) {
            let (mean, count) = (interval.mean, runs.len());
            let _ = writeln!(
                text,
                "  {name}: {count} runs: {figure} {mean:.4}, 95 % interval {low:.4} to {high:.4}"
            );
        }
    }
    let planned: u64 = runs.iter().map(|run| run.calls.planned).sum();
    for target in
        targets.iter().filter(|target| target.name.ends_with("_pct") && target.limit.starts_with('<'))
    {
        let limit = target.limit.trim_start_matches(['<', '=', ' ']).parse().unwrap_or(0.0);
        let needed = attempts_needed(limit / 100.0, CONFIDENCE).unwrap_or(0);
        if planned < needed {
            let claim = format!("{} {}", target.name, target.limit);
            let _ = writeln!(
                text,
                "  {name}: no claim of {claim}: {planned} calls cannot show it, {needed} could"
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
        let text = replications(&[run(1.0, 900), run(2.0, 900), run(3.0, 900)]);
        // By hand: standard deviation 1, over the root of 3, times 4.302653.
        assert!(text.contains("r640: 3 runs: blocked_pct 2.0000, 95 % interval -0.4841 to 4.4841"), "{text}");
        assert!(
            text.contains("no claim of blocked_pct <= 0.1: 2700 calls cannot show it, 2995 could"),
            "{text}"
        );
        assert!(!replications(&[run(1.0, 2_000), run(2.0, 2_000)]).contains("no claim"));
    }
}
