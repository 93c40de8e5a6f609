//! The cluster engine: shards on the workers of a NATS server.

use super::collect::Collector;
use super::grid::Grid;
use super::load::{Bundle, of_bundle};
use super::model::Campaign;
use super::run::Runner;
use super::shard::{Blank, ShardRecord, ShardVerdict};
use crate::report::built_from_commit;
use crate::text::{Problems, Style};
use cluster::{Access, Build, Coordinator, Event, Job, OpenJob, Server, Shard, WorkerState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time between two looks at what else there is to do.
const LOOK: Duration = Duration::from_millis(50);
/// Silence after which shards without a result are asked for again: longer than a worker's.
const QUIET: Duration = Duration::from_secs(8);
/// Letters of a campaign's hash that name its job.
const JOB: usize = 32;

/// The build that this is.
#[must_use]
pub fn build() -> Build {
    Build::new(env!("CARGO_PKG_VERSION"), built_from_commit().as_deref())
}

/// Has every shard run that `collector` does not have yet by the workers of `server`, each taken at most `tries` times, until all
/// are there or given up, or `interrupted` is set. `tell` hears of troubles.
///
/// # Errors
/// The server cannot be reached, or results cannot be kept.
pub fn run_cluster(
    campaign: &Campaign,
    grid: &Grid,
    (server, access): (&Server, &Access),
    tries: u32,
    interrupted: &AtomicBool,
    collector: &mut Collector<'_>,
    tell: &mut dyn FnMut(&str),
) -> Result<(), String> {
    let shard = |number: usize| {
        let at = grid.at(number)?;
        Some(Shard { number: number as u64, command: campaign.command(&campaign.key(&at)) })
    };
    let todo = |collector: &Collector<'_>| collector.todo().into_iter().filter_map(shard).collect::<Vec<_>>();
    let job = Job {
        id: campaign.sha256.chars().take(JOB).collect(),
        build: build(),
        bundle: serde_json::to_vec(&campaign.bundle()).map_err(|error| error.to_string())?,
        shards: todo(collector),
        tries,
    };
    let coordinator = Coordinator::start(server, access, job)?;
    let mut desk = Desk { campaign, grid, tries, damaged: BTreeMap::new(), tell };
    let mut heard = Instant::now();
    while !collector.is_complete() {
        if interrupted.load(Ordering::Relaxed) {
            coordinator.suspend();
            return collector.flush();
        }
        if heard.elapsed() > QUIET && collector.running() == 0 {
            collector.flush()?;
            coordinator.miss(todo(collector));
            heard = Instant::now();
        }
        match coordinator.next(LOOK)? {
            Some(event) => {
                if matches!(event, Event::Result { .. } | Event::Dead { .. }) {
                    heard = Instant::now();
                }
                desk.take(event, collector)?;
            }
            None => collector.pause()?,
        }
    }
    collector.flush()?;
    coordinator.finish();
    Ok(())
}

/// Hands what comes to the collector.
struct Desk<'a> {
    campaign: &'a Campaign,
    grid: &'a Grid,
    tries: u32,
    /// How many results of a shard were of no use.
    damaged: BTreeMap<u64, u32>,
    tell: &'a mut dyn FnMut(&str),
}

impl Desk<'_> {
    fn take(&mut self, event: Event, collector: &mut Collector<'_>) -> Result<(), String> {
        match event {
            Event::Result { number, bytes } => match serde_json::from_slice::<ShardRecord>(&bytes) {
                Ok(record) if record.is_whole() => collector.take(number as usize, record),
                Ok(_) | Err(_) => self.damaged(number, collector),
            },
            Event::Dead { number, why } => self.give_up(number, why, collector),
            Event::Workers(workers) => {
                self.meet(&workers, collector);
                collector.pause()
            }
            Event::Trouble(trouble) => {
                (self.tell)(&trouble);
                Ok(())
            }
        }
    }

    /// The shard is run again, when it is missed, but not for ever.
    fn damaged(&mut self, number: u64, collector: &mut Collector<'_>) -> Result<(), String> {
        let why = "its result is damaged and not counted";
        (self.tell)(&format!("shard {number}: {why}"));
        let times = self.damaged.entry(number).or_insert(0);
        *times += 1;
        if *times < self.tries { Ok(()) } else { self.give_up(number, why.to_owned(), collector) }
    }

    fn give_up(&self, number: u64, why: String, collector: &mut Collector<'_>) -> Result<(), String> {
        let Some(at) = self.grid.at(number as usize) else { return Ok(()) };
        collector.take(number as usize, Blank::of(self.campaign, &at).not_run(ShardVerdict::Dead, why))
    }

    fn meet(&mut self, workers: &[WorkerState], collector: &mut Collector<'_>) {
        let ours = build();
        let (own, others): (Vec<_>, Vec<_>) =
            workers.iter().partition(|worker| worker.build == ours.as_str());
        collector.set_workers(own.len());
        collector.set_running(own.iter().map(|worker| worker.running).sum());
        if let (true, Some(other)) = (own.is_empty(), others.first()) {
            let (name, theirs, ours) = (&other.name, &other.build, ours.as_str());
            (self.tell)(&format!(
                "worker {name} is of build {theirs}, this is {ours}: it takes no shard of this campaign"
            ));
        }
    }
}

/// Opens a campaign that came over the cluster, for the worker called `name`.
///
/// # Errors
/// It is no campaign of this version.
pub fn open_bundle(bundle: &[u8], name: &str, interrupted: &'static AtomicBool) -> Result<OpenJob, String> {
    let bundle: Bundle = serde_json::from_slice(bundle).map_err(|error| format!("no campaign: {error}"))?;
    let mut problems = Problems::new();
    let campaign = of_bundle(&bundle, &mut problems);
    let campaign = campaign.ok_or_else(|| problems.render(Style::Plain).trim_end().to_owned())?;
    let grid = Grid::of(&campaign).ok_or("too many shards")?;
    let (campaign, grid, name) = (Arc::new(campaign), Arc::new(grid), name.to_owned());
    Ok(Box::new(move || {
        let mut runner = Runner::new(Arc::clone(&campaign), Arc::clone(&grid), interrupted);
        let name = name.clone();
        Box::new(move |number, waited: Option<Duration>| {
            let mut record = runner.run(usize::try_from(number).ok()?)?;
            record.ran.by.clone_from(&name);
            record.ran.cluster_ms = waited.map(|waited| waited.as_secs_f64() * 1e3);
            serde_json::to_vec(&record).ok()
        })
    }))
}
