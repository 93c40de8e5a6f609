//! The record of a campaign: what `busyhour campaign --json` writes. docs/results.md explains every field; names are a contract.

use super::shard::ShardVerdict;
use crate::report::{Calls, Environment, LatencySummary, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Name and version of the record's form.
pub const SCHEMA: &str = "busyhour.campaign/1";

/// A campaign and what it came to. `None` (JSON null) means "not measured" or "not known", never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CampaignRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of busyhour.
    pub version: String,
    /// Commit it was built from.
    pub commit: Option<String>,
    /// The campaign.
    pub campaign: CampaignRef,
    /// When this process began, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The machine and the build.
    pub environment: Environment,
    /// Seconds of the wall clock, of this process.
    pub wall_s: f64,
    /// Who ran the shards: `threads`, or `nats`.
    pub engine: String,
    /// Threads of this process that ran shards; null in a cluster.
    pub jobs: Option<u64>,
    /// Counts of shards.
    pub shards: ShardCounts,
    /// Hash over the keys and outcomes of all shards in order of the grid; null unless all are counted. The same whoever ran
    /// them, in whatever order.
    pub digest: Option<String>,
    /// What varies, and the values.
    pub axes: Vec<Axis>,
    /// Every combination of values, its seeds taken together.
    pub points: Vec<Point>,
    /// Calls of all shards.
    pub calls: Calls,
    /// Latencies of all shards, merged exactly.
    pub latency: BTreeMap<String, LatencySummary>,
    /// What single shards took.
    pub wall: WallFigures,
    /// Shards by who ran them; empty name: threads of the campaign's own process.
    pub workers: BTreeMap<String, u64>,
    /// Shards that did not pass, the first hundred of them.
    pub failed: Vec<FailedShard>,
    /// `pass`: every shard passed; `fail`: one did not; `void`: a shard was given up, or came out differently when it ran twice;
    /// `partial`: interrupted.
    pub verdict: Verdict,
    /// Why, in one line.
    pub why: String,
}

impl CampaignRecord {
    /// The axes that have more than one value.
    pub fn varied(&self) -> impl Iterator<Item = &Axis> {
        self.axes.iter().filter(|axis| axis.values.len() > 1)
    }

    /// Names of the figures of the points, in order, at most so many.
    #[must_use]
    pub fn figures(&self, most: usize) -> Vec<&str> {
        let all: BTreeSet<&str> =
            self.points.iter().flat_map(|point| point.figures.keys().map(String::as_str)).collect();
        all.into_iter().take(most).collect()
    }
}

/// A campaign's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignRef {
    /// Its name.
    pub name: String,
    /// The file as given.
    pub file: String,
    /// Hash of this version and of all files.
    pub sha256: String,
    /// One line for people.
    pub description: String,
}

/// Counts of shards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardCounts {
    /// In the grid.
    pub planned: u64,
    /// With a result, each counted once.
    pub counted: u64,
    /// How many of these an earlier process left.
    pub resumed: u64,
    /// That passed.
    pub passed: u64,
    /// That missed a target or a check.
    pub failed: u64,
    /// Whose files do not validate with these values together.
    pub invalid: u64,
    /// Given up, because whoever ran them was never heard of again.
    pub dead: u64,
    /// Results of shards that were counted already: run twice, counted once.
    pub again: u64,
    /// Keys of shards that came out differently the second time: a defect of busyhour.
    pub differing: Vec<String>,
}

/// Something that varies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// `profile`, `failure`, `load`, or the parameter's name.
    pub name: String,
    /// The key it stands for: `profile:PATH` or `solution:PATH`; empty for the others.
    pub key: String,
    /// Its values, in order.
    pub values: Vec<String>,
}

/// One combination of values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The key of its shards, without the seed.
    pub key: String,
    /// The value of every axis, by its name.
    pub values: BTreeMap<String, String>,
    /// Shards that are counted.
    pub shards: u64,
    /// How many of them passed.
    pub passed: u64,
    /// Their calls.
    pub calls: Calls,
    /// Figures over the shards: those that targets name, and some besides.
    pub figures: BTreeMap<String, Figure>,
    /// Latencies, merged exactly; without the encoded distributions.
    pub latency: BTreeMap<String, LatencySummary>,
    /// What refused most calls, or ran out first.
    pub binding_resource: Option<String>,
    /// Targets and checks that were missed, and in how many shards.
    pub missed: BTreeMap<String, u64>,
}

/// A figure over several shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Mean.
    pub mean: f64,
    /// Lower end of the 95 % interval of the mean (Student); null with one shard.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// Smallest.
    pub least: f64,
    /// Largest.
    pub most: f64,
}

/// Milliseconds of the wall clock that single shards took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WallFigures {
    /// Median; null without shards, like all that follow.
    pub shard_ms_p50: Option<f64>,
    /// 99th percentile.
    pub shard_ms_p99: Option<f64>,
    /// Longest.
    pub shard_ms_max: Option<f64>,
    /// Mean.
    pub shard_ms_mean: Option<f64>,
    /// What the cluster took for a shard besides, median; null without a cluster.
    pub cluster_ms_p50: Option<f64>,
    /// The same, 99th percentile.
    pub cluster_ms_p99: Option<f64>,
}

/// A shard that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedShard {
    /// Its key.
    pub key: String,
    /// Its verdict.
    pub verdict: ShardVerdict,
    /// What was missed.
    pub why: Vec<String>,
    /// The command that replays it.
    pub command: String,
}
