//! Tries one load after the other, each with the same seeds, and remembers every step.

use super::judge::{self, Wanted};
use super::record::Step;
use super::rounds::run_all;
use crate::driver::{self, Hooks};
use crate::profile::Profile;
use crate::report::{Clock, ResourceUse, RunRecord, Verdict};
use crate::solution::{self, Solution};
use engine::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The search was interrupted from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// A profile under a load that can be chosen.
pub struct Bench<'a> {
    /// The profile; its load is replaced.
    pub profile: &'a Profile,
    /// Its compiled network.
    pub plans: &'a [Arc<Plan>],
    /// A replication for each.
    pub seeds: &'a [u64],
    /// Confidence of all intervals.
    pub confidence: f64,
    /// Threads.
    pub jobs: usize,
    /// Set from outside to end the search.
    pub interrupted: &'a AtomicBool,
    /// Told of every step.
    pub tell: &'a dyn Fn(&Step),
}

/// What the replications of a profile with another solution come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Whether every target is met, over all replications and in the first of them alone.
    pub pass: bool,
    /// What was missed.
    pub missed: Vec<String>,
    /// All replications together.
    pub step: Step,
    /// Use of every resource: refusals added, peak the highest, mean the mean.
    pub resources: Vec<ResourceUse>,
}

impl Bench<'_> {
    /// Replays the profile with `solution` in place of its own.
    ///
    /// # Errors
    /// The search was interrupted.
    pub fn with_solution(&self, solution: &Solution) -> Result<Outcome, Stopped> {
        let bhcc = self.profile.load.bhcc.round() as u64;
        let wanted = Wanted::Targets(self.profile.targets.clone());
        let plans = match solution::compile(solution) {
            Ok(plans) => plans,
            Err(faults) => {
                let missed = faults.iter().map(|fault| format!("cannot be built: {fault}")).collect();
                let step = judge::step(bhcc, &[], &wanted, self.confidence);
                return Ok(Outcome { pass: false, missed, step, resources: Vec::new() });
            }
        };
        let runs = self.runs(&plans, |profile| profile.solution = solution.clone())?;
        let step = judge::step(bhcc, &runs, &wanted, self.confidence);
        let mut missed = step.missed.clone();
        if let Some(run) = runs.first().filter(|_| step.pass) {
            missed.extend(judge::missed_alone(run));
        }
        let pass = step.pass && runs.first().is_some_and(|run| run.verdict == Verdict::Pass);
        Ok(Outcome { pass, missed, step, resources: judge::summed(&runs) })
    }

    /// Replays the profile as `change` makes it, once for each seed, on the virtual clock.
    pub(super) fn runs(
        &self,
        plans: &[Arc<Plan>],
        change: impl Fn(&mut Profile) + Sync,
    ) -> Result<Vec<RunRecord>, Stopped> {
        let runs = run_all(self.seeds.len(), self.jobs, |n| {
            let mut profile = self.profile.clone();
            profile.load.seed = self.seeds[n];
            change(&mut profile);
            let mut hooks = Hooks {
                smdr: &mut (),
                progress: &mut |_, _| {},
                every_second: None,
                interrupted: self.interrupted,
            };
            let result = driver::run_virtual(&profile, plans, &mut hooks);
            RunRecord::of_run(&profile, Clock::Virtual, &result)
        });
        if self.interrupted.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(runs) }
    }
}

/// Steps of one search by load, in the order they were made.
pub(super) struct Log<'a, 'b> {
    bench: &'b Bench<'a>,
    wanted: Wanted,
    place: BTreeMap<u64, usize>,
    pub(super) steps: Vec<Step>,
}

impl<'a, 'b> Log<'a, 'b> {
    pub(super) fn new(bench: &'b Bench<'a>, wanted: Wanted) -> Self {
        Self { bench, wanted, place: BTreeMap::new(), steps: Vec::new() }
    }

    /// The step at `bhcc` calls an hour; tried at most once.
    pub(super) fn at(&mut self, bhcc: u64) -> Result<&Step, Stopped> {
        self.with(bhcc, |_| {})
    }

    /// The same, with the profile changed besides.
    pub(super) fn with(&mut self, bhcc: u64, change: impl Fn(&mut Profile) + Sync) -> Result<&Step, Stopped> {
        let n = match self.place.get(&bhcc) {
            Some(&n) => n,
            None => {
                let runs = self.bench.runs(self.bench.plans, |profile| {
                    profile.load.bhcc = bhcc as f64;
                    change(profile);
                })?;
                let step = judge::step(bhcc, &runs, &self.wanted, self.bench.confidence);
                (self.bench.tell)(&step);
                self.steps.push(step);
                self.place.insert(bhcc, self.steps.len() - 1);
                self.steps.len() - 1
            }
        };
        Ok(&self.steps[n])
    }
}
