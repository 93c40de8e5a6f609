//! What `busyhour run --each-failure --json` writes. docs/results.md explains every field; names are a contract.

use super::component::ComponentKind;
use crate::report::{Calls, Failover, RunRecord, TargetResult, Verdict};
use serde::{Deserialize, Serialize};

/// Name and version of the record's form.
pub const SCHEMA: &str = "busyhour.each-failure/1";

/// The busy hour with one component failing after the other. `None` (JSON null) means "not measured" or "never", never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The profile, as in a run record.
    pub profile: crate::report::ProfileRef,
    /// When it began, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// Seconds of the wall clock for all runs together.
    pub wall_s: f64,
    /// When each failure begins, in seconds from the start of the measured part.
    pub fails_at_s: f64,
    /// How long each lasts, in seconds.
    pub lasts_s: f64,
    /// The run in which nothing is made to fail: seed, load, environment and all.
    pub baseline: RunRecord,
    /// What each failure costs, in the order of the components: systems, lines, links, trunks, services.
    pub failures: Vec<FailureCost>,
    /// Digest over the digests of all runs, hex: equal for equal profile, seed and version.
    pub digest: Option<String>,
    /// `pass`: every target was met in every run; `fail`: not; `partial`: interrupted.
    pub verdict: Verdict,
    /// Why, in one line.
    pub why: String,
}

/// What the failure of one component costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailureCost {
    /// `KIND:NAME`, as `--failure` takes it.
    pub component: String,
    /// What kind it is.
    pub kind: ComponentKind,
    /// What became of the calls of the measured part.
    pub calls: Calls,
    /// Calls lost (planned, and neither completed nor in progress at the end) beyond those of the baseline.
    pub lost_more: i64,
    /// Minutes from the failure until no more calls were lost than without it; 0 if none were, null if that did not come
    /// about within the measured part.
    pub recovered_min: Option<f64>,
    /// What failed over, and how fast.
    pub failovers: Vec<Failover>,
    /// What ran out first: `SYSTEM:KIND:NAME`.
    pub binding_resource: Option<String>,
    /// The profile's targets.
    pub targets: Vec<TargetResult>,
    /// Targets and checks that were missed, in words.
    pub missed: Vec<String>,
    /// Digest over the events of this run.
    pub digest: Option<String>,
    /// The answer of this run.
    pub verdict: Verdict,
}
