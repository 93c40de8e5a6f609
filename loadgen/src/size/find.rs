//! Finds the cheapest sizes by replaying the profile with others and others.

use super::bound::{Offered, channels_of, textbook};
use super::cheapest::{Span, cheapest};
use super::failing::{Failing, Which, Withstand};
use super::record::Needed;
use super::resources::{Resource, apply};
use crate::profile::{Arrivals, CallKind, Distribution, Profile, Stream};
use crate::report::ResourceUse;
use crate::search::{Bench, Outcome, Step, Stopped};
use crate::solution::Solution;
use std::collections::{BTreeMap, BTreeSet};

/// Parts of a unit of cost that are counted.
const PARTS: f64 = 1e6;

/// What a search for sizes comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Sizes that meet every target; one less of anything does not.
    Sizes(Box<Sizes>),
    /// Even the largest do not: what they come to, and how many sizes were replayed.
    Never(Box<Step>, u64),
}

/// The cheapest sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// The solution that has them.
    pub solution: Solution,
    /// What it comes to.
    pub step: Step,
    /// Each resource.
    pub needed: Vec<Needed>,
    /// Sizes that were replayed.
    pub tried: u64,
    /// Sizes that Erlang B ruled out without a replay.
    pub ruled_out: u64,
    /// Single failures that they bear as well.
    pub failures: Option<u64>,
}

/// Finds the cheapest sizes of `resources` with which the bench's profile meets its targets, over all replications and with
/// its own seed alone, also while what `withstand` says fails. `tell` hears of every size that is replayed.
///
/// # Errors
/// The search was interrupted.
pub fn find_sizes(
    bench: &Bench<'_>,
    resources: &[Resource],
    withstand: Withstand,
    tell: &dyn Fn(&[u64], &Outcome),
) -> Result<Found, Stopped> {
    let failing = Failing::new(bench, withstand);
    let mut trials = Trials {
        bench,
        resources,
        failing,
        bears: Withstand::Nothing,
        tell,
        offered: None,
        seen: BTreeMap::new(),
        ruled_out: BTreeSet::new(),
    };
    let largest: Vec<u64> = resources.iter().map(|resource| resource.most).collect();
    let mut roomy = trials.at(&largest)?.outcome.clone();
    if !roomy.pass {
        return Ok(Found::Never(Box::new(roomy.step), trials.tried()));
    }
    trials.offered = offered(bench, resources, &roomy);
    let mut sizes = trials.cheapest(&roomy, None)?;
    if withstand == Withstand::EachFailure {
        // What these bear, larger ones do; the few failures that they do not are asked of every size from here on.
        let normal = sizes;
        trials.failing.survey(&normal, &apply(&bench.profile.solution, resources, &normal))?;
        trials.bears = Withstand::EachFailure;
        roomy = trials.at(&largest)?.outcome.clone();
        if !roomy.pass {
            return Ok(Found::Never(Box::new(roomy.step), trials.tried()));
        }
        sizes = trials.cheapest(&roomy, Some(&normal))?;
        while !trials.bears_all(&sizes)? {
            if sizes == largest {
                let step = trials.at(&largest)?.outcome.step.clone();
                return Ok(Found::Never(Box::new(step), trials.tried()));
            }
            sizes = trials.cheapest(&roomy, Some(&normal))?;
        }
    }
    let needed = trials.needed(&sizes, &roomy)?;
    let step = trials.at(&sizes)?.outcome.step.clone();
    let solution = apply(&bench.profile.solution, resources, &sizes);
    let (tried, ruled_out) = (trials.tried(), trials.ruled_out.len() as u64);
    let failures = (withstand == Withstand::EachFailure).then(|| trials.failing.count() as u64);
    Ok(Found::Sizes(Box::new(Sizes { solution, step, needed, tried, ruled_out, failures })))
}

/// What sizes came to.
struct Tried {
    outcome: Outcome,
    /// What they were asked to bear.
    bears: Withstand,
    /// The single failure with which they miss a target.
    failure: Option<String>,
}

/// Sizes that were replayed, and what they came to.
struct Trials<'a, 'b> {
    bench: &'a Bench<'b>,
    resources: &'a [Resource],
    failing: Failing<'a, 'b>,
    /// What sizes are asked to bear at present.
    bears: Withstand,
    tell: &'a dyn Fn(&[u64], &Outcome),
    offered: Option<Offered>,
    seen: BTreeMap<Vec<u64>, Tried>,
    ruled_out: BTreeSet<Vec<u64>>,
}

impl Trials<'_, '_> {
    fn tried(&self) -> u64 {
        self.seen.len() as u64
    }

    /// What these sizes come to; replayed at most once.
    fn at(&mut self, sizes: &[u64]) -> Result<&Tried, Stopped> {
        let solution = || apply(&self.bench.profile.solution, self.resources, sizes);
        let known = self.seen.remove(sizes);
        let is_new = known.is_none();
        let mut tried = match known {
            Some(tried) => tried,
            None => {
                let outcome = self.bench.with_solution(&solution())?;
                Tried { outcome, bears: Withstand::Nothing, failure: None }
            }
        };
        let asked = tried.bears != self.bears && tried.outcome.pass;
        if asked {
            let (which, outcome) = (Which::Doubtful, &mut tried.outcome);
            tried.failure = self.failing.each(which, sizes, &solution(), outcome)?;
        }
        tried.bears = self.bears;
        if is_new || asked {
            (self.tell)(sizes, &tried.outcome);
        }
        Ok(self.seen.entry(sizes.to_vec()).or_insert(tried))
    }

    /// Whether sizes that were found bear every failure, now that no smaller ones are taken for proof.
    fn bears_all(&mut self, sizes: &[u64]) -> Result<bool, Stopped> {
        let solution = apply(&self.bench.profile.solution, self.resources, sizes);
        let Some(tried) = self.seen.get_mut(sizes) else { return Ok(false) };
        tried.failure = self.failing.each(Which::All, sizes, &solution, &mut tried.outcome)?;
        Ok(tried.outcome.pass)
    }

    /// The cheapest sizes that pass, where the largest do, and `least_normal` in normal operation.
    fn cheapest(&mut self, roomy: &Outcome, least_normal: Option<&[u64]>) -> Result<Vec<u64>, Stopped> {
        let mut spans = self.spans(roomy)?;
        for (span, normal) in spans.iter_mut().zip(least_normal.unwrap_or_default()) {
            span.guess = (*normal).clamp(span.least, span.most);
        }
        let mut sizes = cheapest(&spans, &mut |sizes: &[u64]| self.passes(sizes))?;
        while let Some(fewer) = self.one_less_of_something(&sizes)? {
            sizes = fewer;
        }
        Ok(sizes)
    }

    /// Whether these sizes pass; far too few channels are not replayed.
    fn passes(&mut self, sizes: &[u64]) -> Result<bool, Stopped> {
        let channels = channels_of(self.resources, sizes);
        let is_new = !self.seen.contains_key(sizes);
        if is_new && self.offered.as_ref().is_some_and(|offered| offered.rules_out(channels)) {
            self.ruled_out.insert(sizes.to_vec());
            return Ok(false);
        }
        Ok(self.at(sizes)?.outcome.pass)
    }

    /// From the fewest of each to what is used of it when there is hardly anything of the others: more changes nothing.
    fn spans(&mut self, roomy: &Outcome) -> Result<Vec<Span>, Stopped> {
        let targets = &self.bench.profile.targets;
        let mut spans = Vec::new();
        for (n, resource) in self.resources.iter().enumerate() {
            let mut alone: Vec<u64> = self.resources.iter().map(|resource| resource.least).collect();
            alone[n] = resource.most;
            let used = usage(roomy, resource).cloned();
            let peak = |used: Option<&ResourceUse>| used.and_then(|used| used.peak).unwrap_or(0);
            let at_once = peak(used.as_ref()).max(peak(usage(&self.at(&alone)?.outcome, resource)));
            let is_enough = resource.is_enough_at_its_peak();
            let most = if is_enough { at_once.max(resource.least) } else { resource.most };
            let guess = if resource.is_trunks() {
                used.and_then(|used| textbook(&used, targets)).unwrap_or(at_once)
            } else {
                at_once
            };
            let price = (resource.price * PARTS).round().max(1.0) as u64;
            let most = most.min(resource.most);
            spans.push(Span { least: resource.least, most, price, guess: guess.clamp(resource.least, most) });
        }
        let enough: Vec<u64> = spans.iter().map(|span| span.most).collect();
        if !self.at(&enough)?.outcome.pass {
            for (span, resource) in spans.iter_mut().zip(self.resources) {
                span.most = resource.most;
            }
        }
        Ok(spans)
    }

    fn one_less_of_something(&mut self, sizes: &[u64]) -> Result<Option<Vec<u64>>, Stopped> {
        for n in 0..sizes.len() {
            if let Some(fewer) = self.one_less(sizes, n)
                && self.at(&fewer)?.outcome.pass
            {
                return Ok(Some(fewer));
            }
        }
        Ok(None)
    }

    fn one_less(&self, sizes: &[u64], n: usize) -> Option<Vec<u64>> {
        let mut fewer = sizes.to_vec();
        fewer[n] = sizes[n].checked_sub(1).filter(|size| *size >= self.resources[n].least)?;
        Some(fewer)
    }

    /// Each resource with what happens when there is one less of it.
    fn needed(&mut self, sizes: &[u64], roomy: &Outcome) -> Result<Vec<Needed>, Stopped> {
        let mut all = Vec::new();
        let targets = &self.bench.profile.targets;
        for (n, resource) in self.resources.iter().enumerate() {
            let (mut misses, mut binding, mut failure) = (Vec::new(), None, None);
            if let Some(fewer) = self.one_less(sizes, n) {
                let Tried { outcome, failure: with, .. } = self.at(&fewer)?;
                misses = outcome.missed.clone();
                binding = outcome.step.binding_resource.clone();
                failure = with.clone();
            }
            let textbook = usage(roomy, resource)
                .filter(|_| resource.is_trunks())
                .and_then(|used| textbook(used, targets));
            let used = usage(&self.at(sizes)?.outcome, resource);
            all.push(Needed {
                resource: resource.label.clone(),
                was: resource.was,
                least: resource.least,
                size: sizes[n],
                peak: used.and_then(|used| used.peak),
                mean: used.and_then(|used| used.mean),
                channels_erlang_b: textbook,
                unit_cost: resource.price,
                cost: resource.price * sizes[n] as f64,
                one_less_misses: misses,
                one_less_failure: failure,
                one_less_binding_resource: binding,
            });
        }
        Ok(all)
    }
}

fn usage<'o>(outcome: &'o Outcome, resource: &Resource) -> Option<&'o ResourceUse> {
    let is_it =
        |used: &&ResourceUse| format!("{}:{}:{}", used.system, used.kind, used.name) == resource.label;
    outcome.resources.iter().find(is_it)
}

/// What is offered to the trunks; `None` where nothing can be said of it: Erlang B is about calls that do not wait, and only
/// those that come in on trunks are sure not to.
fn offered(bench: &Bench<'_>, resources: &[Resource], roomy: &Outcome) -> Option<Offered> {
    let profile: &Profile = bench.profile;
    let comes_in = |stream: &Stream| matches!(stream.kind, CallKind::Incoming { .. });
    if matches!(profile.load.arrivals, Arrivals::Trace(_)) || !profile.load.streams.iter().all(comes_in) {
        return None;
    }
    let trunks = resources.iter().filter(|resource| resource.is_trunks());
    let erlangs = trunks.filter_map(|resource| usage(roomy, resource)?.mean).sum();
    let message = |stream: &Stream| stream.message.map_or(0.0, |m| mean_s(m.length));
    let holding = profile.load.streams.iter().map(|s| mean_s(s.ring) + mean_s(s.talk) + message(s));
    let hours = profile.load.duration.as_secs_f64() / 3_600.0 * bench.seeds.len() as f64;
    Offered::new(erlangs, holding.fold(0.0, f64::max), hours, &roomy.step.calls, &profile.targets)
}

fn mean_s(distribution: Distribution) -> f64 {
    match distribution {
        Distribution::Fixed(length) => length.as_secs_f64(),
        Distribution::Exponential { mean } | Distribution::LogNormal { mean, .. } => mean.as_secs_f64(),
    }
}
