//! The search record: what `busyhour search --json` writes. docs/results.md explains every field; names are a contract.

use crate::report::{Calls, Clock, Environment, ProfileRef, Verdict};
use serde::{Deserialize, Serialize};

/// Name and version of the record's form.
pub const SCHEMA: &str = "busyhour.search/1";

/// How the limit is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The highest load, to one call an hour, at which the profile's targets are met.
    Bisect,
    /// The session establishment rate of RFC 7502, by its own algorithm, and the exact one beside it.
    Rfc7502,
    /// Design objective capacity of TS 186 008: the highest step with at most 0.1 % of inadequately handled calls.
    Doc,
    /// Highest rate at which this machine's route decisions are fast enough, on the wall clock.
    Headroom,
}

/// A search and all its steps. `None` (JSON null) means "not measured" or "not found", never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of busyhour.
    pub version: String,
    /// Commit it was built from.
    pub commit: Option<String>,
    /// The profile that was searched.
    pub profile: ProfileRef,
    /// How.
    pub method: Method,
    /// On which clock.
    pub clock: Clock,
    /// When it began, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The machine and the build.
    pub environment: Environment,
    /// Seconds of the wall clock.
    pub wall_s: f64,
    /// Seeds of the replications of every step.
    pub seeds: Vec<u64>,
    /// Confidence of all intervals, such as 0.95.
    pub confidence: f64,
    /// The load that the profile asks for.
    pub rated_bhcc: f64,
    /// The answer of `bisect` and `rfc7502`.
    pub limit: Option<Limit>,
    /// What the method `rfc7502` found.
    pub rfc7502: Option<Rfc7502>,
    /// What the method `doc` found.
    pub doc: Option<Doc>,
    /// What the method `headroom` found.
    pub headroom: Option<Headroom>,
    /// Trunks that would carry other loads, where trunks are the limit.
    pub trunks: Vec<TrunkNeed>,
    /// What the result claims and whether there were calls enough to claim it.
    pub claims: Vec<Claim>,
    /// The step log, in the order of the search.
    pub steps: Vec<Step>,
    /// `pass`: the rated load is within the limit; `fail`: it is not; `void`: no claim can be made.
    pub verdict: Verdict,
    /// Why, in one line.
    pub why: String,
}

/// The highest load that meets every target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Calls an hour; null if not even one call an hour met the targets.
    pub bhcc: Option<u64>,
    /// Whether the search ended at its highest load without a failure: the limit is this or more.
    pub or_more: bool,
    /// Highest load that meets every target beyond doubt (the interval's lower end); null if none does, or with one
    /// replication.
    pub interval_low_bhcc: Option<u64>,
    /// Lowest load that misses a target beyond doubt (the interval's upper end); null if none does, or with one replication.
    pub interval_high_bhcc: Option<u64>,
    /// The lowest load seen to fail, one above the limit.
    pub fails_at_bhcc: Option<u64>,
    /// What was missed there.
    pub fails_because: Vec<String>,
    /// The resource that ran out there: `SYSTEM:KIND:NAME`.
    pub binding_resource: Option<String>,
}

/// RFC 7502's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rfc7502 {
    /// `rfc7502`, or `rfc7502-search over bhcc profile` where calls ring before they are answered, which the RFC rules out.
    pub benchmark: String,
    /// First rate tried, calls an hour.
    pub session_attempt_rate_initial_bhcc: u64,
    /// Calls of each run.
    pub attempts: u64,
    /// Runs of the algorithm.
    pub runs: u64,
    /// Calls of all runs.
    pub total_sessions_attempted: u64,
    /// Seconds within which a call must be established.
    pub establishment_threshold_time_s: f64,
    /// The algorithm's result, calls an hour; up to 1 % low by its construction. `limit` has the exact one.
    pub session_establishment_rate_bhcc: u64,
}

/// Design objective capacity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doc {
    /// Largest share of inadequately handled calls, percent.
    pub threshold_pct: f64,
    /// Between two steps, calls an hour.
    pub increment_bhcc: u64,
    /// Highest step whose share is at most the threshold; null if there is none.
    pub doc_bhcc: Option<u64>,
    /// Highest step at which the share is at most the threshold with 95 % confidence; null if none of the steps shows that.
    pub doc_upper95_bhcc: Option<u64>,
    /// The steps below, at and above the capacity.
    pub around: Vec<DocStep>,
}

/// One step of the staircase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocStep {
    /// `below`, `at` or `above`.
    pub place: String,
    /// Calls an hour.
    pub bhcc: u64,
    /// Calls planned.
    pub attempts: u64,
    /// Inadequately handled ones.
    pub ihs: u64,
    /// Their share.
    pub ihs_pct: Option<f64>,
    /// Its one-sided upper 95 % limit, exact binomial.
    pub ihs_pct_upper95: Option<f64>,
}

/// What this machine can do with the profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headroom {
    /// Limit of the 99.9th percentile of the route decision.
    pub limit_us: f64,
    /// Highest rate that kept it, calls an hour; null if the generator was the limit or the rated load is too much.
    pub bhcc: Option<f64>,
    /// The same as a multiple of the rated load.
    pub times_rated: Option<f64>,
    /// The rates tried.
    pub steps: Vec<HeadroomStep>,
}

/// One rate tried on the wall clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeadroomStep {
    /// Multiple of the rated load.
    pub times_rated: f64,
    /// 99.9th percentile of the route decision.
    pub route_delay_us_p999: Option<f64>,
    /// 99th percentile of the generator's lateness.
    pub generator_lateness_us_p99: Option<f64>,
    /// Route decisions seen.
    pub decisions: u64,
    /// Why the step counts for nothing.
    pub void: Option<String>,
    /// Whether the limit was kept.
    pub pass: bool,
}

/// How many channels a trunk group needs for a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrunkNeed {
    /// The group: `SYSTEM:line_group:NAME`.
    pub resource: String,
    /// Calls an hour.
    pub bhcc: u64,
    /// Erlang offered to the group at that load.
    pub erlangs: f64,
    /// Channels by Erlang B for the profile's share of blocked calls.
    pub channels_erlang_b: Option<u64>,
    /// Fewest channels with which the replay met every target; null if none up to twice Erlang B's did.
    pub channels: Option<u64>,
}

/// Something that the result claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Such as `blocked_pct <= 0.1`.
    pub claim: String,
    /// Calls that it rests on.
    pub attempts: u64,
    /// Fewest calls without a failure that could show it.
    pub attempts_needed: u64,
    /// Whether there were enough.
    pub supported: bool,
}

/// One load that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Calls an hour.
    pub bhcc: u64,
    /// Whether it met what the method asks for.
    pub pass: bool,
    /// Met beyond doubt, at the search's confidence.
    pub surely_passes: bool,
    /// Missed beyond doubt, at the search's confidence.
    pub surely_fails: bool,
    /// Calls of all replications together.
    pub calls: Calls,
    /// Inadequately handled calls of all replications, their share and its upper limit (TS 186 008).
    pub ihs: u64,
    /// Share of `ihs` in `calls.planned`.
    pub ihs_pct: Option<f64>,
    /// Exact one-sided 95 % upper limit of it.
    pub ihs_pct_upper95: Option<f64>,
    /// Every target over the replications.
    pub targets: Vec<StepTarget>,
    /// What was missed.
    pub missed: Vec<String>,
    /// What ran out first: `SYSTEM:KIND:NAME`.
    pub binding_resource: Option<String>,
    /// Mean use and capacity of that resource.
    pub binding_mean: Option<f64>,
    /// Channels or members it has.
    pub binding_capacity: Option<u64>,
    /// Digests of the replications.
    pub digests: Vec<String>,
}

/// A target over the replications of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTarget {
    /// The metric.
    pub name: String,
    /// The limit, such as `<= 0.1`.
    pub limit: String,
    /// Mean over the replications; null if one of them did not measure it.
    pub mean: Option<f64>,
    /// Lower end of its interval; null with one replication.
    pub low: Option<f64>,
    /// Upper end of its interval; null with one replication.
    pub high: Option<f64>,
    /// Whether the mean keeps the limit (`==`: whether every replication does).
    pub pass: bool,
}
