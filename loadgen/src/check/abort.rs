//! Ends a run as soon as a target that may not be missed is.

use crate::profile::{Abort, Profile};
use crate::report::{self, Check, Metrics, RunRecord, Verdict};
use crate::world::Tally;
use engine::time::{Duration, Instant};
use serde_json::{Value, json};

/// The targets that end a run, and the one that did.
pub(crate) struct EarlyAbort<'a> {
    aborts: &'a [Abort],
    measured_from: Instant,
    missed: Option<String>,
}

impl<'a> EarlyAbort<'a> {
    pub(crate) fn new(profile: &'a Profile) -> Self {
        let measured_from = Instant::ZERO + profile.load.warm_up;
        Self { aborts: &profile.aborts, measured_from, missed: None }
    }

    pub(crate) const fn is_needed(&self) -> bool {
        !self.aborts.is_empty()
    }

    /// Whether a target is missed by what was counted until `now`. What was not observed yet is not missed.
    pub(crate) fn is_missed(&mut self, now: Instant, tally: &Tally) -> bool {
        if self.missed.is_none() && now > self.measured_from && self.is_needed() {
            let passed = now.since(self.measured_from);
            let figures = figures(tally);
            self.missed = self.aborts.iter().find_map(|abort| missed(abort, passed, &figures));
        }
        self.missed.is_some()
    }

    /// A run that was ended by a target has failed, and says by which.
    pub(crate) fn conclude(self, record: &mut RunRecord) {
        if let Some(detail) = self.missed {
            record.checks.push(Check { name: "ran to its end".to_owned(), pass: false, detail });
            record.verdict = Verdict::Fail;
        }
    }
}

fn missed(abort: &Abort, passed: Duration, figures: &Value) -> Option<String> {
    let observed = report::observed_in(figures, &abort.target.metric).filter(|_| passed >= abort.after)?;
    let result = report::hold(&abort.target, Some(observed));
    let (name, limit, seconds) = (&result.name, &result.limit, passed.as_secs_f64());
    (!result.pass)
        .then(|| format!("{name} {limit}: observed {observed} after {seconds:.0} s; the run was ended"))
}

/// The part of a run record that is known in mid-run.
fn figures(tally: &Tally) -> Value {
    let metrics = Metrics::of_counts(&tally.calls, &tally.causes, 0);
    json!({
        "metrics": metrics, "calls": tally.calls, "latency": {"setup_delay": tally.setup_delay.summary()},
        "load": {"concurrency_peak": tally.concurrency.peak()},
    })
}
