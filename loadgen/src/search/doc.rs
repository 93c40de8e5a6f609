//! Design objective capacity (TS 186 008): a staircase of loads, up to the last step that is handled well enough.

use super::bench::{Bench, Log, Stopped};
use super::judge::Wanted;
use super::limit::whole;
use super::record::{Claim, Doc, DocStep, Step};
use crate::stats::attempts_needed;

/// Share of inadequately handled calls that a step may have, in percent.
const THRESHOLD_PCT: f64 = 0.1;
/// A step is this part of the profile's load.
const STEPS_OF_RATED: u64 = 10;
/// Steps upwards at most.
const MOST_STEPS: u64 = 1_000;

/// Climbs, or descends, in tenths of the profile's load. The capacity, what it claims, and the steps.
///
/// # Errors
/// The search was interrupted.
pub fn design_objective_capacity(bench: &Bench<'_>) -> Result<(Doc, Vec<Claim>, Vec<Step>), Stopped> {
    let mut log = Log::new(bench, Wanted::IhsAtMost(THRESHOLD_PCT));
    let increment = (whole(bench.profile.load.bhcc) / STEPS_OF_RATED).max(1);
    let mut now = (whole(bench.profile.load.bhcc) / increment).max(1);
    while now > 0 && !log.at(now * increment)?.pass {
        now -= 1;
    }
    while now > 0 && now < MOST_STEPS && log.at((now + 1) * increment)?.pass {
        now += 1;
    }
    let mut sure = now;
    while sure > 0 && !is_sure(log.at(sure * increment)?) {
        sure -= 1;
    }
    let mut around = Vec::new();
    for (place, step) in [("below", now.saturating_sub(1)), ("at", now), ("above", now + 1)] {
        if step > 0 {
            around.push(doc_step(place, log.at(step * increment)?));
        }
    }
    let claims = around.iter().filter(|step| step.place == "at").map(claim).collect();
    let on = |step: u64| (step > 0).then(|| step * increment);
    let doc = Doc {
        threshold_pct: THRESHOLD_PCT,
        increment_bhcc: increment,
        doc_bhcc: on(now),
        doc_upper95_bhcc: on(sure),
        around,
    };
    Ok((doc, claims, log.steps))
}

fn is_sure(step: &Step) -> bool {
    step.pass && step.ihs_pct_upper95.is_some_and(|limit| limit <= THRESHOLD_PCT)
}

fn doc_step(place: &str, step: &Step) -> DocStep {
    DocStep {
        place: place.to_owned(),
        bhcc: step.bhcc,
        attempts: step.calls.planned,
        ihs: step.ihs,
        ihs_pct: step.ihs_pct,
        ihs_pct_upper95: step.ihs_pct_upper95,
    }
}

fn claim(step: &DocStep) -> Claim {
    let attempts_needed = attempts_needed(THRESHOLD_PCT / 100.0, 0.95).unwrap_or(u64::MAX);
    Claim {
        claim: format!("ihs_pct <= {THRESHOLD_PCT}"),
        attempts: step.attempts,
        attempts_needed,
        supported: step.attempts >= attempts_needed,
    }
}
