//! Runs single shards.

use super::grid::{Coordinates, Grid};
use super::model::Campaign;
use super::shard::{Blank, ShardRecord, ShardVerdict};
use super::variant::Variant;
use crate::check::EarlyAbort;
use crate::driver::{self, Hooks};
use crate::each_failure::{components, with_failures};
use crate::profile::Profile;
use crate::report::{Clock, RunRecord};
use crate::text::{Problems, Style};
use crate::world::Tally;
use engine::plan::Plan;
use engine::time::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs shards of one campaign, one after the other. Neighbours in the grid share files that are read once.
pub struct Runner<'a> {
    campaign: Arc<Campaign>,
    grid: Arc<Grid>,
    interrupted: &'a AtomicBool,
    /// The files of the shard before, with its values.
    latest: Option<(Coordinates, Result<Variant, String>)>,
}

impl<'a> Runner<'a> {
    /// A runner that ends early when `interrupted` is set.
    #[must_use]
    pub fn new(campaign: Arc<Campaign>, grid: Arc<Grid>, interrupted: &'a AtomicBool) -> Self {
        Self { campaign, grid, interrupted, latest: None }
    }

    /// The shard with this number; `None` if there is none, or it was interrupted.
    pub fn run(&mut self, number: usize) -> Option<ShardRecord> {
        let started = std::time::Instant::now();
        let at = self.grid.at(number)?;
        let blank = Blank::of(&self.campaign, &at);
        let mut record = match self.whole(&at) {
            Ok(run) => blank.ran(&run?),
            Err(why) => blank.not_run(ShardVerdict::Invalid, why),
        };
        record.ran.ms = started.elapsed().as_secs_f64() * 1e3;
        Some(record)
    }

    /// The run record of a shard, with everything that a run says; `Ok(None)` if it was interrupted.
    ///
    /// # Errors
    /// Why its files do not validate.
    pub fn whole(&mut self, at: &Coordinates) -> Result<Option<RunRecord>, String> {
        let campaign = Arc::clone(&self.campaign);
        let (interrupted, load) = (self.interrupted, campaign.loads.get(at.load));
        let seed = campaign.profiles[at.profile].seeds[at.seed];
        let variant = self.variant(at)?;
        let profile = &mut variant.profile;
        let (seed, own) = (std::mem::replace(&mut profile.load.seed, seed), profile.load.bhcc);
        profile.load.bhcc = load.map_or(own, |load| load.bhcc(own));
        let run = match campaign.failure(at).flatten() {
            None => Ok(replay(profile, &variant.plans, interrupted)),
            Some(name) => failing(profile, name).map(|profile| replay(&profile, &variant.plans, interrupted)),
        };
        (profile.load.seed, profile.load.bhcc) = (seed, own);
        run
    }

    fn variant(&mut self, at: &Coordinates) -> Result<&mut Variant, String> {
        let files = Coordinates { failure: 0, load: 0, seed: 0, ..at.clone() };
        if self.latest.as_ref().is_none_or(|(of, _)| *of != files) {
            let mut problems = Problems::new();
            let made = self.campaign.variant(&files, &|path| self.campaign.file(path), &mut problems);
            let variant = match made {
                Ok(Some(variant)) => Ok(variant),
                Ok(None) => Err(problems.render(Style::Plain).trim_end().to_owned()),
                Err(misfit) => Err(misfit.message().to_owned()),
            };
            self.latest = Some((files, variant));
        }
        match &mut self.latest {
            Some((_, Ok(variant))) => Ok(variant),
            Some((_, Err(why))) => Err(why.clone()),
            None => Err(String::new()),
        }
    }
}

/// The profile with one component of its network failing in mid-run.
fn failing(profile: &Profile, name: &str) -> Result<Profile, String> {
    let all = components(&profile.solution);
    let component = all.iter().find(|component| component.to_string() == name);
    let component = component.ok_or_else(|| format!("no component is called {name:?} with these values"))?;
    let (at, lasts) = profile.each_failure.within(profile.load.duration);
    Ok(with_failures(profile, &[component], at, lasts))
}

/// Replays a profile as `busyhour run` does; `None` if it was interrupted.
fn replay(profile: &Profile, plans: &[Arc<Plan>], interrupted: &AtomicBool) -> Option<RunRecord> {
    // Of this run alone: a target that ends it must not end the others.
    let stop = AtomicBool::new(false);
    let mut watch = EarlyAbort::new(profile);
    let result = {
        let tells = watch.is_needed();
        let mut tell = |now: Instant, tally: &Tally| {
            if watch.is_missed(now, tally) || interrupted.load(Ordering::Relaxed) {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let mut hooks = Hooks {
            smdr: &mut (),
            progress: &mut |_, _| {
                stop.fetch_or(interrupted.load(Ordering::Relaxed), Ordering::Relaxed);
            },
            every_second: tells.then_some(&mut tell as &mut dyn FnMut(_, &_)),
            interrupted: &stop,
        };
        driver::run_virtual(profile, plans, &mut hooks)
    };
    if interrupted.load(Ordering::Relaxed) {
        return None;
    }
    let mut record = RunRecord::of_run(profile, Clock::Virtual, &result);
    watch.conclude(&mut record);
    Some(record)
}
