//! What a run leaves behind: the record, the verdict, and the forms they are written in.

mod environment;
mod record;

pub use environment::{Environment, built_from_commit};
pub use record::{
    Calls, Check, Clock, Failover, LatencySummary, LoadFigures, Metrics, ProfileRef, ResourceUse, RunRecord,
    SCHEMA, TargetResult, Verdict,
};
