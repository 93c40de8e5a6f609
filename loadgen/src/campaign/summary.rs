//! From the shards that are kept to the record of the campaign. Shards are taken in the order of the grid, whatever the order
//! in which they were run, so that sums of fractions come out the same.

use super::collect::Collected;
use super::grid::{Coordinates, Grid, NO_FAILURE};
use super::load::hex;
use super::model::{Campaign, Parameter, ParameterFile};
use super::record::{
    Axis, CampaignRecord, CampaignRef, FailedShard, Figure, Point, SCHEMA, ShardCounts, WallFigures,
};
use super::shard::{Outcome, ShardRecord, ShardVerdict};
use crate::measure::LatencyHistogram;
use crate::report::{Calls, Environment, LatencySummary, Verdict, built_from_commit, observed_in, utc_now};
use crate::stats::mean_interval;
use crate::text::quoted;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Figures of every point besides those that its targets name.
const ALWAYS: [&str; 3] = ["bhcc_completed", "blocked_pct", "concurrency_peak"];
/// Shards that did not pass and are named.
const MOST_NAMED: usize = 100;
const CONFIDENCE: f64 = 0.95;

/// The record of a campaign, as far as it is collected. `engine` says who ran it, `jobs` on how many threads of this process.
///
/// # Errors
/// What is kept cannot be read.
pub fn summary(
    campaign: &Campaign,
    grid: &Grid,
    collected: &Collected,
    engine: &str,
    jobs: Option<u64>,
) -> Result<CampaignRecord, String> {
    let mut sums = Sums::new(campaign);
    collected.shards.each(|number, text| {
        let record: ShardRecord =
            serde_json::from_str(text).map_err(|error| format!("shard {number}: {error}"))?;
        let Some(at) = grid.at(number) else { return Ok(()) };
        sums.add(&at, &record)
    })?;
    sums.close_point();
    for record in &collected.dead {
        sums.name_failed(record);
    }
    Ok(sums.record(collected, engine, jobs))
}

/// Everything that adds up over shards.
struct Sums<'a> {
    campaign: &'a Campaign,
    hash: Sha256,
    counts: ShardCounts,
    points: Vec<Point>,
    open: Option<OpenPoint>,
    calls: Calls,
    latency: Latency,
    ms: Vec<f64>,
    cluster_ms: Vec<f64>,
    workers: BTreeMap<String, u64>,
    failed: Vec<FailedShard>,
}

/// A point whose seeds are still coming.
struct OpenPoint {
    point: Point,
    samples: BTreeMap<String, Vec<f64>>,
    latency: Latency,
    refused: BTreeMap<String, u64>,
}

/// Distributions by name.
#[derive(Default)]
struct Latency(BTreeMap<String, LatencyHistogram>);

impl Latency {
    fn add(&mut self, name: &str, summary: &LatencySummary) -> Result<(), String> {
        let read = LatencyHistogram::of_summary(name, summary);
        let read = read.ok_or_else(|| format!("latency {name}: not a distribution"))?;
        match self.0.get_mut(name) {
            Some(sum) => sum.merge(&read),
            None => drop(self.0.insert(name.to_owned(), read)),
        }
        Ok(())
    }

    fn summaries(&self) -> BTreeMap<String, LatencySummary> {
        self.0.iter().map(|(name, histogram)| (name.clone(), histogram.summary())).collect()
    }
}

impl<'a> Sums<'a> {
    fn new(campaign: &'a Campaign) -> Self {
        Self {
            campaign,
            hash: Sha256::new(),
            counts: ShardCounts::default(),
            points: Vec::new(),
            open: None,
            calls: Calls::default(),
            latency: Latency::default(),
            ms: Vec::new(),
            cluster_ms: Vec::new(),
            workers: BTreeMap::new(),
            failed: Vec::new(),
        }
    }

    fn add(&mut self, at: &Coordinates, record: &ShardRecord) -> Result<(), String> {
        self.hash.update(record.key.as_bytes());
        self.hash.update([0]);
        self.hash.update(record.digest.as_bytes());
        self.hash.update([b'\n']);
        self.counts.counted += 1;
        match record.verdict {
            ShardVerdict::Pass => self.counts.passed += 1,
            ShardVerdict::Fail => self.counts.failed += 1,
            ShardVerdict::Invalid => self.counts.invalid += 1,
            ShardVerdict::Dead => {}
        }
        if record.verdict != ShardVerdict::Pass {
            self.name_failed(record);
        }
        self.ms.push(record.ran.ms);
        self.cluster_ms.extend(record.ran.cluster_ms);
        *self.workers.entry(record.ran.by.clone()).or_default() += 1;
        let key = self.campaign.point(at);
        if self.open.as_ref().is_none_or(|open| open.point.key != key) {
            self.close_point();
        }
        let values = self.campaign.values(at);
        let open = self.open.get_or_insert_with(|| OpenPoint::new(key, values));
        open.point.shards += 1;
        open.point.passed += u64::from(record.verdict == ShardVerdict::Pass);
        let Some(outcome) = &record.outcome else { return Ok(()) };
        self.calls.add(&outcome.calls);
        for (name, summary) in &outcome.latency {
            self.latency.add(name, summary)?;
        }
        open.add(outcome)
    }

    fn close_point(&mut self) {
        self.points.extend(self.open.take().map(OpenPoint::close));
    }

    fn name_failed(&mut self, record: &ShardRecord) {
        if self.failed.len() < MOST_NAMED {
            self.failed.push(FailedShard {
                key: record.key.clone(),
                verdict: record.verdict,
                why: record.why.clone(),
                command: self.campaign.command(&record.key),
            });
        }
    }

    fn record(self, collected: &Collected, engine: &str, jobs: Option<u64>) -> CampaignRecord {
        let (campaign, tally) = (self.campaign, &collected.tally);
        let counts = ShardCounts {
            planned: collected.planned as u64,
            resumed: tally.before as u64,
            dead: collected.dead.len() as u64,
            again: tally.again as u64,
            differing: tally.differing.clone(),
            ..self.counts
        };
        let (verdict, why) = verdict(&counts);
        CampaignRecord {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: built_from_commit(),
            campaign: CampaignRef {
                name: campaign.name.clone(),
                file: campaign.file.clone(),
                sha256: campaign.sha256.clone(),
                description: campaign.description.clone(),
            },
            started_at: Some(utc_now().to_string()),
            environment: Environment::current(),
            wall_s: collected.wall.as_secs_f64(),
            engine: engine.to_owned(),
            jobs,
            digest: (counts.counted == counts.planned).then(|| hex(&self.hash.finalize())),
            shards: counts,
            axes: campaign.axes(),
            points: self.points,
            calls: self.calls,
            latency: self.latency.summaries(),
            wall: wall(self.ms, self.cluster_ms),
            workers: self.workers,
            failed: self.failed,
            verdict,
            why,
        }
    }
}

impl OpenPoint {
    fn new(key: String, values: BTreeMap<String, String>) -> Self {
        let point = Point {
            key,
            values,
            shards: 0,
            passed: 0,
            calls: Calls::default(),
            figures: BTreeMap::new(),
            latency: BTreeMap::new(),
            binding_resource: None,
            missed: BTreeMap::new(),
        };
        Self { point, samples: BTreeMap::new(), latency: Latency::default(), refused: BTreeMap::new() }
    }

    fn add(&mut self, outcome: &Outcome) -> Result<(), String> {
        self.point.calls.add(&outcome.calls);
        for (name, summary) in &outcome.latency {
            self.latency.add(name, summary)?;
        }
        for used in &outcome.resources {
            let label = format!("{}:{}:{}", used.system, used.kind, used.name);
            *self.refused.entry(label).or_default() += used.blocked;
        }
        if self.point.binding_resource.is_none() {
            self.point.binding_resource.clone_from(&outcome.binding_resource);
        }
        for target in outcome.targets.iter().filter(|target| !target.pass) {
            *self.point.missed.entry(format!("{} {}", target.name, target.limit)).or_default() += 1;
        }
        for check in &outcome.checks {
            *self.point.missed.entry(format!("check \"{}\"", check.name)).or_default() += 1;
        }
        let figures = json!({
            "load": outcome.load, "calls": outcome.calls, "metrics": outcome.metrics, "latency": outcome.latency,
        });
        let named = outcome.targets.iter().map(|target| target.name.as_str());
        let mut names: Vec<&str> = ALWAYS.into_iter().chain(named).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if let Some(value) = observed_in(&figures, name) {
                self.samples.entry(name.to_owned()).or_default().push(value);
            }
        }
        Ok(())
    }

    fn close(mut self) -> Point {
        let most = self.refused.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        if let Some((label, _)) = most {
            self.point.binding_resource = Some(label.clone());
        }
        self.point.figures = self
            .samples
            .iter()
            .filter_map(|(name, samples)| Some((name.clone(), figure(samples)?)))
            .collect();
        self.point.latency = self.latency.summaries();
        for summary in self.point.latency.values_mut() {
            summary.hdr = None;
        }
        self.point
    }
}

fn figure(samples: &[f64]) -> Option<Figure> {
    let interval = mean_interval(samples, CONFIDENCE)?;
    Some(Figure {
        mean: interval.mean,
        low: interval.low,
        high: interval.high,
        least: samples.iter().copied().fold(f64::INFINITY, f64::min),
        most: samples.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

fn wall(mut ms: Vec<f64>, mut cluster_ms: Vec<f64>) -> WallFigures {
    ms.sort_by(f64::total_cmp);
    cluster_ms.sort_by(f64::total_cmp);
    WallFigures {
        shard_ms_p50: share(&ms, 0.5),
        shard_ms_p99: share(&ms, 0.99),
        shard_ms_max: ms.last().copied(),
        shard_ms_mean: (!ms.is_empty()).then(|| ms.iter().sum::<f64>() / ms.len() as f64),
        cluster_ms_p50: share(&cluster_ms, 0.5),
        cluster_ms_p99: share(&cluster_ms, 0.99),
    }
}

/// The value that this share of the sorted ones does not exceed.
fn share(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

fn verdict(counts: &ShardCounts) -> (Verdict, String) {
    let ShardCounts { planned, counted, passed, dead, .. } = *counts;
    if let Some(key) = counts.differing.first() {
        let more = counts.differing.len();
        return (
            Verdict::Void,
            format!("{more} shards came out differently when they ran twice, first {key}"),
        );
    }
    if counted + dead < planned {
        return (Verdict::Partial, format!("{counted} of {planned} shards are done"));
    }
    if passed < counted {
        let not = counted - passed;
        return (Verdict::Fail, format!("{not} of {planned} shards did not pass"));
    }
    if dead > 0 {
        return (Verdict::Void, format!("{dead} of {planned} shards were given up"));
    }
    (Verdict::Pass, format!("all {planned} shards passed"))
}

impl Campaign {
    /// The command that replays one shard.
    #[must_use]
    pub fn command(&self, key: &str) -> String {
        format!("busyhour campaign {} --shard {}", quoted(&self.file), quoted(key))
    }

    /// The value of every axis at a place.
    fn values(&self, at: &Coordinates) -> BTreeMap<String, String> {
        let profile = ("profile".to_owned(), self.profiles[at.profile].name.clone());
        let of = |(parameter, value): (&Parameter, &usize)| {
            (parameter.name.clone(), parameter.values[*value].label.clone())
        };
        let failure = self.failure(at).map(|failure| failure.unwrap_or(NO_FAILURE).to_owned());
        let failure = failure.map(|failure| ("failure".to_owned(), failure));
        let load = self.loads.get(at.load).map(|load| ("load".to_owned(), load.label()));
        let parameters = self.parameters.iter().zip(&at.parameters).map(of);
        parameters.chain([profile]).chain(failure).chain(load).collect()
    }

    fn axes(&self) -> Vec<Axis> {
        let profiles = Axis {
            name: "profile".to_owned(),
            key: String::new(),
            values: self.profiles.iter().map(|profile| profile.name.clone()).collect(),
        };
        let parameter = |parameter: &Parameter| Axis {
            name: parameter.name.clone(),
            key: match parameter.of {
                ParameterFile::Profile => format!("profile:{}", parameter.written),
                ParameterFile::Solution => format!("solution:{}", parameter.written),
            },
            values: parameter.values.iter().map(|value| value.label.clone()).collect(),
        };
        let loads = Axis {
            name: "load".to_owned(),
            key: String::new(),
            values: self.loads.iter().map(super::model::LoadOf::label).collect(),
        };
        let mut failures = Axis { name: "failure".to_owned(), key: String::new(), values: Vec::new() };
        for failure in self.profiles.iter().flat_map(|profile| &profile.failures) {
            let name = failure.as_deref().unwrap_or(NO_FAILURE);
            if !failures.values.iter().any(|known| known == name) {
                failures.values.push(name.to_owned());
            }
        }
        let mut axes = vec![profiles];
        axes.extend(self.parameters.iter().map(parameter));
        axes.extend((!failures.values.is_empty()).then_some(failures));
        axes.extend((!loads.values.is_empty()).then_some(loads));
        axes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_shards_is_by_rank() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!((share(&sorted, 0.5), share(&sorted, 0.99)), (Some(100.0), Some(198.0)));
        assert_eq!((share(&sorted[..1], 0.5), share(&[], 0.5)), (Some(1.0), None));
    }

    #[test]
    fn the_verdict_follows_the_counts() {
        let counts = |planned, counted, passed, dead| ShardCounts {
            planned,
            counted,
            passed,
            dead,
            ..ShardCounts::default()
        };
        assert_eq!(verdict(&counts(4, 4, 4, 0)).0, Verdict::Pass);
        assert_eq!(verdict(&counts(4, 4, 3, 0)).0, Verdict::Fail);
        assert_eq!(verdict(&counts(4, 3, 3, 1)).0, Verdict::Void);
        assert_eq!(verdict(&counts(4, 3, 2, 1)).0, Verdict::Fail, "what was found stays found");
        assert_eq!(verdict(&counts(4, 3, 3, 0)).0, Verdict::Partial);
        let differs = ShardCounts { differing: vec!["a".into()], ..counts(4, 4, 4, 0) };
        assert_eq!(verdict(&differs).0, Verdict::Void);
    }
}
