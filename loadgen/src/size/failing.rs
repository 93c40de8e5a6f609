//! Single failures that sizes have to bear, as `busyhour run --each-failure` has them.

use crate::driver::{self, Hooks};
use crate::each_failure::{Component, components, missed, with_failures};
use crate::profile::Profile;
use crate::report::{Clock, ResourceUse, RunRecord, Verdict};
use crate::search::{Bench, Outcome, Stopped, run_all};
use crate::solution::{self, Solution};
use engine::plan::Plan;
use engine::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// In what conditions every target is to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withstand {
    /// In normal operation.
    Nothing,
    /// Also while any one component fails, the profile's own seed given.
    EachFailure,
}

/// What fails, one after the other.
pub(super) struct Failing<'a, 'b> {
    bench: &'a Bench<'b>,
    /// Those that sizes failed with last come first: the next size that is too small will fail with one of them.
    components: Option<Vec<Component>>,
    at: Duration,
    lasts: Duration,
}

impl<'a, 'b> Failing<'a, 'b> {
    pub(super) fn new(bench: &'a Bench<'b>, withstand: Withstand) -> Self {
        let profile = bench.profile;
        let (at, lasts) = profile.each_failure.within(profile.load.duration);
        let components = match withstand {
            Withstand::Nothing => None,
            Withstand::EachFailure => Some(components(&profile.solution)),
        };
        Self { bench, components, at, lasts }
    }

    /// How many components fail; `None` if nothing is to.
    pub(super) fn count(&self) -> Option<u64> {
        self.components.as_ref().map(|all| all.len() as u64)
    }

    /// Lets each component fail in the network of an outcome that passes, until a target is missed: that is what the outcome
    /// says then, and the component comes back. If all is well, peaks are the highest of all runs.
    pub(super) fn each(
        &mut self,
        solution: &Solution,
        outcome: &mut Outcome,
    ) -> Result<Option<String>, Stopped> {
        let Some(all) = self.components.as_mut().filter(|_| outcome.pass) else { return Ok(None) };
        let Ok(plans) = solution::compile(solution) else { return Ok(None) };
        let of = Profile { solution: solution.clone(), ..self.bench.profile.clone() };
        let (side_by_side, interrupted) = (self.bench.jobs.max(1), self.bench.interrupted);
        let (at, lasts) = (self.at, self.lasts);
        let mut peaks = outcome.resources.clone();
        for begin in (0..all.len()).step_by(side_by_side) {
            let some = &all[begin..all.len().min(begin + side_by_side)];
            let runs = run_all(some.len(), side_by_side, |n| {
                replay(&with_failures(&of, &[&some[n]], at, lasts), &plans, interrupted)
            });
            if interrupted.load(Ordering::Relaxed) {
                return Err(Stopped);
            }
            if let Some(n) = runs.iter().position(|run| run.verdict != Verdict::Pass) {
                let component = all.remove(begin + n);
                let name = component.to_string();
                all.insert(0, component);
                miss(&name, &runs[n], outcome);
                return Ok(Some(name));
            }
            runs.iter().for_each(|run| raise(&mut peaks, &run.resources));
        }
        outcome.resources = peaks;
        Ok(None)
    }
}

fn replay(profile: &Profile, plans: &[Arc<Plan>], interrupted: &AtomicBool) -> RunRecord {
    let mut hooks = Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted };
    RunRecord::of_run(profile, Clock::Virtual, &driver::run_virtual(profile, plans, &mut hooks))
}

/// Makes the outcome one that does not pass because of this run.
fn miss(component: &str, run: &RunRecord, outcome: &mut Outcome) {
    let mut what = missed(run);
    if what.is_empty() {
        what.push(format!("the verdict is {:?}", run.verdict));
    }
    outcome.pass = false;
    outcome.missed = what.into_iter().map(|what| format!("{what} while {component} fails")).collect();
    outcome.step.pass = false;
    outcome.step.missed.clone_from(&outcome.missed);
    outcome.step.binding_resource.clone_from(&run.binding_resource);
}

fn raise(peaks: &mut [ResourceUse], run: &[ResourceUse]) {
    for (peak, of_run) in peaks.iter_mut().zip(run) {
        peak.peak = peak.peak.max(of_run.peak);
    }
}
