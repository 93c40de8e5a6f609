//! The verdict: targets against what was observed, identities of the counts, and how the run itself went.

use super::record::{Calls, Check, LoadFigures, Metrics, RunRecord, TargetResult, Verdict};
use super::resource::binding_resource;
use crate::profile::{Comparison, Target};
use serde::Serialize;
use serde_json::Value;

/// How the run itself went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// To its end.
    Complete,
    /// Stopped from outside.
    Interrupted,
    /// To its end, but the generator or the clock was the limit: why.
    Void(String),
}

impl RunRecord {
    /// Works out all that follows from the measured fields: speed, binding resource, checks of the counts (after those
    /// already there), targets and verdict.
    pub fn conclude(&mut self, targets: &[Target], conduct: Conduct) {
        self.calls_per_wall_s = (self.wall_s > 0.0).then(|| self.calls.started as f64 / self.wall_s);
        self.binding_resource = binding_resource(&self.resources);
        self.checks.extend(identities(self));
        self.targets = targets.iter().map(|target| judge(self, target)).collect();
        let kept = self.checks.iter().all(|c| c.pass) && self.targets.iter().all(|t| t.pass);
        self.verdict = match conduct {
            Conduct::Interrupted => Verdict::Partial,
            Conduct::Void(why) => {
                self.checks.push(Check { name: "generator kept up".into(), pass: false, detail: why });
                Verdict::Void
            }
            Conduct::Complete if kept => Verdict::Pass,
            Conduct::Complete => Verdict::Fail,
        };
    }
}

/// What a run showed for a metric: `section.field` of the record (`calls.dropped`, `latency.setup.p99`), or a field of
/// `metrics`, `load` or `calls` by its bare name, `setup_delay_us_p99` a latency; `failovers.FEATURE.FIELD` is the largest one of that feature.
/// `None` if there is no such figure or it was not measured.
#[must_use]
pub fn observed(record: &RunRecord, metric: &str) -> Option<f64> {
    observed_in(&serde_json::to_value(record).ok()?, metric)
}

/// The same of a record, or a part of one, as JSON.
#[must_use]
pub fn observed_in(json: &Value, metric: &str) -> Option<f64> {
    if metric == "completed_pct" {
        let calls = |name: &str| json.get("calls")?.get(name)?.as_u64();
        let (completed, offered) = (calls("completed")?, calls("offered")?);
        return (offered > 0).then(|| completed as f64 * 100.0 / offered as f64);
    }
    if let Some((latency, field)) = metric.split_once("_us_") {
        return json.get("latency")?.get(latency)?.get(field)?.as_f64();
    }
    if let Some(rest) = metric.strip_prefix("failovers.") {
        let (feature, field) = rest.rsplit_once('.')?;
        return largest(json.get("failovers")?.as_array()?, feature, field);
    }
    if metric.contains('.') {
        return metric.split('.').try_fold(json, |at, name| at.get(name))?.as_f64();
    }
    let sections = ["metrics", "load", "calls"].iter().filter_map(|section| json.get(section)?.get(metric));
    sections.map(Value::as_f64).next().or_else(|| json.get(metric).map(Value::as_f64)).flatten()
}

/// Whether a target may name this metric. Which latencies and features a run has is not known before it.
#[must_use]
pub fn is_metric(name: &str) -> bool {
    let has =
        |section: &dyn Fn() -> Option<Value>, field: &str| section().is_some_and(|s| s.get(field).is_some());
    let metrics = || json_of(&Metrics::default());
    let load = || json_of(&LoadFigures::default());
    let calls = || json_of(&Calls::default());
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        ["calls_per_wall_s" | "simulated_s" | "wall_s"] => true,
        [field] => has(&metrics, field) || has(&load, field) || has(&calls, field),
        ["metrics", field] => has(&metrics, field),
        ["load", field] => has(&load, field),
        ["calls", field] => has(&calls, field),
        ["causes", number] => number.parse::<u8>().is_ok_and(|n| n < 128),
        ["latency", _, field] => matches!(*field, "count" | "p50" | "p90" | "p99" | "p999" | "max" | "mean"),
        ["failovers", _, field] => {
            matches!(
                *field,
                "detected_s"
                    | "completed_s"
                    | "failed_back_s"
                    | "moved"
                    | "refused"
                    | "lost_settings"
                    | "lost_history"
            )
        }
        _ => false,
    }
}

fn json_of(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

/// Largest `field` of the failovers of `feature`; `None` if one was not measured, or if there are none and it is no count.
fn largest(failovers: &[Value], feature: &str, field: &str) -> Option<f64> {
    let none = matches!(field, "moved" | "refused" | "lost_settings" | "lost_history").then_some(0.0);
    let of_feature = failovers.iter().filter(|f| f.get("feature").and_then(Value::as_str) == Some(feature));
    let values: Option<Vec<f64>> = of_feature.map(|f| f.get(field)?.as_f64()).collect();
    values?.into_iter().reduce(f64::max).or(none)
}

fn judge(record: &RunRecord, target: &Target) -> TargetResult {
    hold(target, observed(record, &target.metric))
}

/// Holds a target against what was observed.
#[must_use]
pub fn hold(target: &Target, observed: Option<f64>) -> TargetResult {
    let limit = target.limit;
    let (sign, pass) = match target.comparison {
        Comparison::Less => ("<", observed.is_some_and(|o| o < limit)),
        Comparison::AtMost => ("<=", observed.is_some_and(|o| o <= limit)),
        Comparison::More => (">", observed.is_some_and(|o| o > limit)),
        Comparison::AtLeast => (">=", observed.is_some_and(|o| o >= limit)),
        Comparison::Equal => ("==", observed == Some(limit)),
    };
    TargetResult { name: target.metric.clone(), limit: format!("{sign} {limit}"), observed, pass }
}

/// What must add up in every run.
fn identities(record: &RunRecord) -> Vec<Check> {
    let c = &record.calls;
    let ended = c.completed + c.blocked + c.abandoned + c.failed + c.dropped;
    let equal = |name: &str, left: u64, right: u64| Check {
        name: name.to_owned(),
        pass: left == right,
        detail: format!("{left} and {right}"),
    };
    let mut checks = vec![
        equal("every planned call started", c.started, c.planned),
        equal("planned = started + not started", c.planned, c.started + c.not_started),
        equal("started = offered", c.started, c.offered),
        equal("offered = ended + in progress", c.offered, ended + c.in_progress_at_end),
        equal("every ended call has a cause", record.causes.values().sum(), ended),
    ];
    let answered = c.completed + c.dropped;
    checks.push(Check {
        name: "answered = completed + dropped + in progress".to_owned(),
        pass: answered <= c.answered && c.answered <= answered + c.in_progress_at_end,
        detail: format!("{} answered, {answered} of them ended", c.answered),
    });
    checks
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::exit_code::ExitCode;
    use crate::report::Failover;

    fn target(metric: &str, comparison: Comparison, limit: f64) -> Target {
        Target { metric: metric.into(), comparison, limit }
    }

    fn verdict(mut record: RunRecord, targets: &[Target], conduct: Conduct) -> Verdict {
        record.conclude(targets, conduct);
        record.verdict
    }

    #[test]
    fn a_clean_run_that_meets_its_targets_passes() {
        let targets = [
            target("blocked_pct", Comparison::AtMost, 0.1),
            target("calls.dropped", Comparison::Equal, 0.0),
            target("bhcc_completed", Comparison::AtLeast, 19_000.0),
            target("latency.setup.p99", Comparison::Less, 200_000.0),
        ];
        let mut run = record();
        run.conclude(&targets, Conduct::Complete);
        let failed: Vec<_> = run.checks.iter().filter(|c| !c.pass).collect();
        assert_eq!((run.verdict, failed), (Verdict::Pass, vec![]), "{:?}", run.targets);
        assert_eq!(run.targets[0].limit, "<= 0.1");
        assert_eq!(run.calls_per_wall_s, Some(40_000.0));
    }

    #[test]
    fn a_missed_or_unmeasured_target_fails() {
        for missed in [
            target("blocked_pct", Comparison::Less, 0.05),
            target("rrd", Comparison::AtMost, 1e9),
            target("no.such.figure", Comparison::AtMost, 1e9),
        ] {
            assert_eq!(verdict(record(), &[missed], Conduct::Complete), Verdict::Fail);
        }
    }

    #[test]
    fn a_run_that_did_not_start_every_call_never_passes() {
        let mut run = record();
        run.calls.planned += 1;
        run.calls.not_started += 1;
        assert_ne!(ExitCode::from(verdict(run, &[], Conduct::Complete)).number(), 0);
    }

    #[test]
    fn counts_that_do_not_add_up_fail() {
        let spoil: [fn(&mut Calls); 5] = [
            |c| c.offered += 1,
            |c| c.completed -= 1,
            |c| c.answered += 9,
            |c| c.started += 1,
            |c| c.not_started += 1,
        ];
        for spoil in spoil {
            let mut run = record();
            spoil(&mut run.calls);
            assert_eq!(verdict(run, &[], Conduct::Complete), Verdict::Fail);
        }
    }

    #[test]
    fn interrupted_and_void_runs_have_no_other_verdict() {
        assert_eq!(verdict(record(), &[], Conduct::Interrupted), Verdict::Partial);
        assert_eq!(verdict(record(), &[], Conduct::Void("late".into())), Verdict::Void);
    }

    #[test]
    fn the_slowest_failover_of_a_feature_counts() {
        let failover = |completed_s| Failover {
            feature: "phones".into(),
            system: "primary".into(),
            backup: Some("secondary".into()),
            detected_s: Some(10.0),
            completed_s,
            failed_back_s: None,
            moved: 5,
            refused: 0,
            lost_settings: 0,
            lost_history: 0,
        };
        let mut run = record();
        assert_eq!(observed(&run, "failovers.phones.completed_s"), None);
        run.failovers = vec![failover(Some(31.0)), failover(Some(62.0))];
        assert_eq!(observed(&run, "failovers.phones.completed_s"), Some(62.0));
        run.failovers.push(failover(None));
        assert_eq!(observed(&run, "failovers.phones.completed_s"), None);
    }

    #[test]
    fn metrics_are_known_by_name() {
        for known in [
            "blocked_pct",
            "calls.dropped",
            "dropped",
            "load.peak_36s_bhcc",
            "latency.setup.p99",
            "causes.34",
        ] {
            assert!(is_metric(known), "{known}");
        }
        for unknown in ["blocked_share", "calls.nothing", "latency.setup", "causes.200", ""] {
            assert!(!is_metric(unknown), "{unknown}");
        }
    }
}
