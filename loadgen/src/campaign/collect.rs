//! Takes the results of shards as they come, in any order and more than once, and keeps each.

use super::grid::Grid;
use super::live::{Live, Standing};
use super::model::Campaign;
use super::shard::{ShardRecord, ShardVerdict};
use crate::history::{Added, Kept, Shards};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Results that are kept together, at most.
const BATCH: usize = 256;
/// Longest time for which a result is not kept yet.
const PATIENCE: Duration = Duration::from_millis(200);

/// Keeps what shards come to. A shard that comes twice counts once.
pub struct Collector<'a> {
    campaign: &'a Campaign,
    grid: &'a Grid,
    shards: Shards,
    has: Vec<bool>,
    tally: ShardTally,
    dead: BTreeMap<usize, ShardRecord>,
    waiting: Vec<(usize, ShardRecord)>,
    kept_at: Instant,
    started: Instant,
    running: usize,
    workers: Option<usize>,
    live: Live,
}

/// Counts of shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShardTally {
    /// Shards that are counted, each once.
    pub counted: usize,
    /// How many of them an earlier process left.
    pub before: usize,
    /// How many of them did not pass.
    pub failed: usize,
    /// Results that came to this process.
    pub came: usize,
    /// How many of these were of shards that were counted already.
    pub again: usize,
    /// Keys of shards that came out otherwise the second time.
    pub differing: Vec<String>,
}

impl<'a> Collector<'a> {
    /// A collector that has what `shards` has.
    ///
    /// # Errors
    /// What is kept cannot be read.
    pub fn new(campaign: &'a Campaign, grid: &'a Grid, shards: Shards, live: Live) -> Result<Self, String> {
        let mut has = vec![false; grid.len()];
        let mut tally = ShardTally::default();
        for (number, verdict) in shards.known()? {
            let Some(has) = has.get_mut(number) else { continue };
            *has = true;
            tally.before += 1;
            tally.failed += usize::from(verdict != word(ShardVerdict::Pass));
        }
        tally.counted = tally.before;
        let now = Instant::now();
        Ok(Self {
            campaign,
            grid,
            shards,
            has,
            tally,
            dead: BTreeMap::new(),
            waiting: Vec::new(),
            kept_at: now,
            started: now,
            running: 0,
            workers: None,
            live,
        })
    }

    /// Numbers of the shards that are not there yet.
    #[must_use]
    pub fn todo(&self) -> Vec<usize> {
        self.has.iter().enumerate().filter(|(_, has)| !**has).map(|(number, _)| number).collect()
    }

    /// Whether every shard is there, or given up.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.tally.counted + self.waiting.len() + self.dead.len() >= self.has.len()
            && self.has.iter().enumerate().all(|(number, has)| {
                *has || self.dead.contains_key(&number) || self.waiting.iter().any(|(n, _)| *n == number)
            })
    }

    /// Results that came to this process.
    #[must_use]
    pub const fn came(&self) -> usize {
        self.tally.came
    }

    /// Shards that are being run, as was said last.
    #[must_use]
    pub const fn running(&self) -> usize {
        self.running
    }

    /// For the view: how many shards are being run, and by how many workers in a cluster.
    pub fn set_running(&mut self, running: usize) {
        self.running = running;
    }

    /// For the view: how many workers a cluster has.
    pub fn set_workers(&mut self, workers: usize) {
        self.workers = Some(workers);
    }

    /// Takes a result.
    ///
    /// # Errors
    /// Results cannot be kept.
    pub fn take(&mut self, number: usize, record: ShardRecord) -> Result<(), String> {
        if number >= self.has.len() {
            return Ok(());
        }
        self.tally.came += 1;
        if record.verdict == ShardVerdict::Dead {
            if !self.has[number] {
                self.dead.insert(number, record);
            }
        } else {
            self.waiting.push((number, record));
        }
        if self.waiting.len() >= BATCH { self.flush() } else { self.pause() }
    }

    /// Nothing came: time to keep what is waiting, and to show how far the campaign is.
    ///
    /// # Errors
    /// Results cannot be kept.
    pub fn pause(&mut self) -> Result<(), String> {
        if self.kept_at.elapsed() >= PATIENCE {
            self.flush()?;
        }
        let standing = Standing {
            done: self.tally.counted + self.waiting.len(),
            of: self.has.len(),
            before: self.tally.before,
            running: self.running,
            failed: self.tally.failed + self.dead.len(),
            workers: self.workers,
            elapsed: self.started.elapsed(),
        };
        self.live.tick(&self.campaign.name, &standing);
        Ok(())
    }

    /// Keeps everything that is waiting.
    ///
    /// # Errors
    /// It cannot be kept.
    pub fn flush(&mut self) -> Result<(), String> {
        self.kept_at = Instant::now();
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let kept: Result<Vec<Kept>, String> =
            waiting.iter().map(|(number, record)| kept(*number, record)).collect();
        let added = self.shards.add(&kept?)?;
        for ((number, record), added) in waiting.into_iter().zip(added) {
            match added {
                Added::New => {
                    self.has[number] = true;
                    self.dead.remove(&number);
                    self.tally.counted += 1;
                    self.tally.failed += usize::from(record.verdict != ShardVerdict::Pass);
                }
                Added::Again => self.tally.again += 1,
                Added::Differs => {
                    self.tally.again += 1;
                    self.tally.differing.push(record.key);
                }
            }
        }
        Ok(())
    }

    /// Keeps the rest and ends the view: counts, the shards that were given up, and what is kept.
    ///
    /// # Errors
    /// The rest cannot be kept.
    pub fn finish(mut self) -> Result<Collected, String> {
        self.flush()?;
        self.live.finish();
        Ok(Collected {
            tally: self.tally,
            dead: self.dead.into_values().collect(),
            shards: self.shards,
            wall: self.started.elapsed(),
            planned: self.grid.len(),
        })
    }
}

/// What was collected.
pub struct Collected {
    /// Counts.
    pub tally: ShardTally,
    /// Shards that were given up.
    pub dead: Vec<ShardRecord>,
    /// What is kept.
    pub shards: Shards,
    /// How long it took.
    pub wall: Duration,
    /// How many shards there are to be.
    pub planned: usize,
}

fn kept(number: usize, record: &ShardRecord) -> Result<Kept, String> {
    Ok(Kept {
        number,
        key: record.key.clone(),
        digest: record.digest.clone(),
        verdict: word(record.verdict).to_owned(),
        record: serde_json::to_string(record).map_err(|error| error.to_string())?,
    })
}

/// A verdict as it is written.
pub(super) const fn word(verdict: ShardVerdict) -> &'static str {
    match verdict {
        ShardVerdict::Pass => "pass",
        ShardVerdict::Fail => "fail",
        ShardVerdict::Invalid => "invalid",
        ShardVerdict::Dead => "dead",
    }
}
