//! The record of a sizing: what `busyhour size --json` writes. docs/results.md explains every field; names are a contract.

use crate::report::{Environment, ProfileRef, Verdict};
use crate::search::{Claim, Step};
use serde::{Deserialize, Serialize};

/// Name and version of the record's form.
pub const SCHEMA: &str = "busyhour.size/1";

/// Sizes and what they rest on. `None` (JSON null) means "not measured" or "not found", never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SizeRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of busyhour.
    pub version: String,
    /// Commit it was built from.
    pub commit: Option<String>,
    /// The profile that was sized.
    pub profile: ProfileRef,
    /// When it began, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The machine and the build.
    pub environment: Environment,
    /// Seconds of the wall clock.
    pub wall_s: f64,
    /// Seeds of the replications of every size.
    pub seeds: Vec<u64>,
    /// Calls an hour.
    pub bhcc: f64,
    /// In what costs are counted; empty if the table does not say.
    pub currency: String,
    /// Single failures that the sizes bear as well; `None`: nobody asked.
    pub failures: Option<u64>,
    /// Every resource; empty if even the largest sizes miss a target.
    pub resources: Vec<Needed>,
    /// What all of them cost.
    pub cost: Option<f64>,
    /// What those of the solution cost as it is.
    pub cost_before: f64,
    /// Sizes that were replayed.
    pub tried: u64,
    /// Sizes that Erlang B ruled out without a replay.
    pub ruled_out: u64,
    /// What the result claims and whether there were calls enough to claim it.
    pub claims: Vec<Claim>,
    /// The replications with these sizes; where none will do, with the largest.
    pub step: Step,
    /// `pass`: sizes were found; `fail`: the largest miss a target; `void`: too few calls for the claim.
    pub verdict: Verdict,
    /// Why, in one line.
    pub why: String,
}

/// How many of a resource are needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needed {
    /// `SYSTEM:KIND:NAME`.
    pub resource: String,
    /// How many the solution has.
    pub was: u64,
    /// Fewest that there may be.
    pub least: u64,
    /// How many are needed.
    pub size: u64,
    /// Most in use at once, with this size, single failures included.
    pub peak: Option<u64>,
    /// Mean in use, with this size.
    pub mean: Option<f64>,
    /// Channels by Erlang B for what the group carries where nothing is blocked, and the profile's share of blocked calls;
    /// null for what is no trunk.
    pub channels_erlang_b: Option<u64>,
    /// Cost of one.
    pub unit_cost: f64,
    /// Cost of all.
    pub cost: f64,
    /// What is missed with one less; empty where there cannot be less.
    pub one_less_misses: Vec<String>,
    /// The single failure with which it is missed; `None`: it is without one.
    pub one_less_failure: Option<String>,
    /// The resource that runs out then.
    pub one_less_binding_resource: Option<String>,
}
