//! Single failures that sizes have to bear, as `busyhour run --each-failure` has them.

use crate::driver::{self, Hooks};
use crate::each_failure::{Component, components, missed, with_failures};
use crate::profile::Profile;
use crate::report::{Clock, ResourceUse, RunRecord, Verdict};
use crate::search::{Bench, Outcome, Stopped, run_all};
use crate::solution::{self, Solution};
use engine::time::Duration;
use std::sync::atomic::Ordering;

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
    suspects: Vec<Suspect>,
    at: Duration,
    lasts: Duration,
}

/// A component that fails.
struct Suspect {
    component: Component,
    /// Sizes with which it may fail; more of everything does no harm.
    borne: Vec<Vec<u64>>,
    /// Whether more of everything did harm once.
    is_fickle: bool,
}

/// Which components are let fail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that may do harm: not those that smaller sizes have borne.
    Doubtful,
    /// All of them.
    All,
}

impl<'a, 'b> Failing<'a, 'b> {
    pub(super) fn new(bench: &'a Bench<'b>, withstand: Withstand) -> Self {
        let profile = bench.profile;
        let (at, lasts) = profile.each_failure.within(profile.load.duration);
        let all = match withstand {
            Withstand::Nothing => Vec::new(),
            Withstand::EachFailure => components(&profile.solution),
        };
        let suspect = |component| Suspect { component, borne: Vec::new(), is_fickle: false };
        Self { bench, suspects: all.into_iter().map(suspect).collect(), at, lasts }
    }

    /// How many components fail.
    pub(super) const fn count(&self) -> usize {
        self.suspects.len()
    }

    /// Lets every component fail with these sizes and remembers with which they are borne: of larger ones nobody needs to ask.
    pub(super) fn survey(&mut self, sizes: &[u64], solution: &Solution) -> Result<(), Stopped> {
        let all: Vec<usize> = (0..self.suspects.len()).collect();
        for (n, run) in all.iter().zip(self.runs(&all, solution)?) {
            if run.verdict == Verdict::Pass {
                self.suspects[*n].borne.push(sizes.to_vec());
            }
        }
        Ok(())
    }

    /// Lets components fail in the network of an outcome that passes, until a target is missed: that is what the outcome says
    /// then, and the component comes back. If all is well, peaks are the highest of all runs.
    pub(super) fn each(
        &mut self,
        which: Which,
        sizes: &[u64],
        solution: &Solution,
        outcome: &mut Outcome,
    ) -> Result<Option<String>, Stopped> {
        let doubtful = |suspect: &Suspect| suspect.is_fickle || !suspect.has_borne(sizes);
        let asked = self.suspects.iter().enumerate();
        let asked = asked.filter(|(_, suspect)| which == Which::All || doubtful(suspect)).map(|(n, _)| n);
        let asked: Vec<usize> = asked.collect();
        let mut peaks = outcome.resources.clone();
        for some in asked.chunks(self.bench.jobs.max(1)) {
            let runs = self.runs(some, solution)?;
            if let Some(n) = runs.iter().position(|run| run.verdict != Verdict::Pass) {
                let mut suspect = self.suspects.remove(some[n]);
                suspect.is_fickle |= suspect.has_borne(sizes);
                let name = suspect.component.to_string();
                self.suspects.insert(0, suspect);
                miss(&name, &runs[n], outcome);
                return Ok(Some(name));
            }
            runs.iter().for_each(|run| raise(&mut peaks, &run.resources));
        }
        for n in asked {
            self.suspects[n].borne.push(sizes.to_vec());
        }
        outcome.resources = peaks;
        Ok(None)
    }

    /// A run with each of these components failing.
    fn runs(&self, some: &[usize], solution: &Solution) -> Result<Vec<RunRecord>, Stopped> {
        let Ok(plans) = solution::compile(solution) else { return Ok(Vec::new()) };
        let of = Profile { solution: solution.clone(), ..self.bench.profile.clone() };
        let (interrupted, at, lasts, suspects) =
            (self.bench.interrupted, self.at, self.lasts, &self.suspects);
        let runs = run_all(some.len(), self.bench.jobs.max(1), |n| {
            let profile = with_failures(&of, &[&suspects[some[n]].component], at, lasts);
            let mut hooks =
                Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted };
            let result = driver::run_virtual(&profile, &plans, &mut hooks);
            RunRecord::of_run(&profile, Clock::Virtual, &result)
        });
        if interrupted.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(runs) }
    }
}

impl Suspect {
    fn has_borne(&self, sizes: &[u64]) -> bool {
        self.borne.iter().any(|borne| borne.iter().zip(sizes).all(|(borne, size)| borne <= size))
    }
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
