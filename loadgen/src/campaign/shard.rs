//! What one shard comes to: the run without what only a person at this machine wants to know of it.

use super::grid::NO_FAILURE;
use super::load::hex;
use super::model::Campaign;
use crate::report::{
    Calls, Check, LatencySummary, LoadFigures, Metrics, ResourceUse, RunRecord, TargetResult, Verdict,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Name and version of the record's form.
pub const SHARD_SCHEMA: &str = "busyhour.shard/1";

/// One shard. Everything but `ran` is the same whoever runs it, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShardRecord {
    /// [`SHARD_SCHEMA`].
    pub schema: String,
    /// Its key in the campaign.
    pub key: String,
    /// Name of its profile.
    pub profile: String,
    /// Its seed.
    pub seed: u64,
    /// What varies besides, and what it is here.
    pub parameters: BTreeMap<String, String>,
    /// Its answer.
    pub verdict: ShardVerdict,
    /// What was missed; why it is no shard.
    pub why: Vec<String>,
    /// What was found; null without a run.
    pub outcome: Option<Outcome>,
    /// Hash of all of the above.
    pub digest: String,
    /// Who ran it, and in what time.
    pub ran: Ran,
}

/// The answer of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShardVerdict {
    /// Every target met, every check held.
    Pass,
    /// One of them not.
    Fail,
    /// Its files do not validate with these values together.
    Invalid,
    /// Whoever tried to run it was never heard of again, too often.
    Dead,
}

/// What a run found. The fields are those of the run record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Hash of the profile's and its solution's bytes, with these values.
    pub sha256: String,
    /// Digest over the events.
    pub events: Option<String>,
    /// Virtual seconds.
    pub simulated_s: f64,
    /// Load asked for and carried.
    pub load: LoadFigures,
    /// What became of the calls.
    pub calls: Calls,
    /// Ended calls by Q.850 cause.
    pub causes: BTreeMap<u8, u64>,
    /// What ran out first.
    pub binding_resource: Option<String>,
    /// Resources that refused calls.
    pub resources: Vec<ResourceUse>,
    /// Latencies by name.
    pub latency: BTreeMap<String, LatencySummary>,
    /// Figures by their standard names.
    pub metrics: Metrics,
    /// Checks that failed.
    pub checks: Vec<Check>,
    /// The profile's targets.
    pub targets: Vec<TargetResult>,
}

/// Who ran a shard, and in what time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// Name of the worker; empty for a thread of the campaign's own.
    pub by: String,
    /// Milliseconds of the wall clock, reading the files included.
    pub ms: f64,
    /// Milliseconds that the cluster took for it besides: from the end of the run until its result was kept by the server and
    /// the shard was taken off the queue. Null without a cluster.
    pub cluster_ms: Option<f64>,
}

/// A shard before it was run: its key and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Blank {
    pub(super) key: String,
    pub(super) profile: String,
    pub(super) seed: u64,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Blank {
    /// The shard with this number.
    pub(super) fn of(campaign: &Campaign, at: &super::grid::Coordinates) -> Self {
        let base = &campaign.profiles[at.profile];
        let values = campaign.parameters.iter().zip(&at.parameters);
        let mut parameters: BTreeMap<String, String> =
            values.map(|(p, value)| (p.name.clone(), p.values[*value].label.clone())).collect();
        if let Some(failure) = campaign.failure(at) {
            parameters.insert("failure".to_owned(), failure.unwrap_or(NO_FAILURE).to_owned());
        }
        if let Some(load) = campaign.loads.get(at.load) {
            parameters.insert("load".to_owned(), load.label());
        }
        Self { key: campaign.key(at), profile: base.name.clone(), seed: base.seeds[at.seed], parameters }
    }

    /// Of a run that came to its end.
    pub(super) fn ran(self, record: &RunRecord) -> ShardRecord {
        let verdict = if record.verdict == Verdict::Pass { ShardVerdict::Pass } else { ShardVerdict::Fail };
        let outcome = Outcome {
            sha256: record.profile.sha256.clone(),
            events: record.digest.clone(),
            simulated_s: record.simulated_s,
            load: record.load.clone(),
            calls: record.calls,
            causes: record.causes.clone(),
            binding_resource: record.binding_resource.clone(),
            resources: record.resources.iter().filter(|used| used.blocked > 0).cloned().collect(),
            latency: record.latency.clone(),
            metrics: record.metrics.clone(),
            checks: record.checks.iter().filter(|check| !check.pass).cloned().collect(),
            targets: record.targets.clone(),
        };
        let why = missed(&outcome);
        self.with(verdict, why, Some(outcome))
    }

    /// One that was not run, and why.
    pub(super) fn not_run(self, verdict: ShardVerdict, why: String) -> ShardRecord {
        self.with(verdict, vec![why], None)
    }

    fn with(self, verdict: ShardVerdict, why: Vec<String>, outcome: Option<Outcome>) -> ShardRecord {
        let mut record = ShardRecord {
            schema: SHARD_SCHEMA.to_owned(),
            key: self.key,
            profile: self.profile,
            seed: self.seed,
            parameters: self.parameters,
            verdict,
            why,
            outcome,
            digest: String::new(),
            ran: Ran::default(),
        };
        record.digest = digest(&record);
        record
    }
}

/// Hash of everything but the digest itself and who ran it.
fn digest(record: &ShardRecord) -> String {
    let bare = ShardRecord { digest: String::new(), ran: Ran::default(), ..record.clone() };
    // Numbers and texts always have a JSON form.
    let text = serde_json::to_vec(&bare).unwrap_or_default();
    hex(&Sha256::digest(text))
}

impl ShardRecord {
    /// Whether its digest is that of what it says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        digest(self) == self.digest
    }
}

/// Targets and checks that were missed, in words.
fn missed(outcome: &Outcome) -> Vec<String> {
    let targets = outcome.targets.iter().filter(|target| !target.pass).map(|target| {
        let observed =
            target.observed.map_or_else(|| "not measured".to_owned(), |o| format!("observed {o:.4}"));
        format!("{} {}: {observed}", target.name, target.limit)
    });
    let checks = outcome.checks.iter();
    targets.chain(checks.map(|check| format!("check \"{}\": {}", check.name, check.detail))).collect()
}
