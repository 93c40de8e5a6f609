//! Campaigns: a grid of profiles, seeds, loads and parameter values, run as shards. A shard is a pure function of files and
//! its key, so that it does not matter who runs it, where, when or how often.

mod clustered;
mod collect;
mod edit;
mod failures;
mod grid;
mod key_path;
mod live;
mod load;
mod model;
mod parquet;
mod raw;
mod record;
mod run;
mod shard;
mod summary;
mod text;
mod threads;
mod variant;

pub use clustered::{build, open_bundle, run_cluster};
pub use collect::{Collected, Collector, ShardTally};
pub use grid::{Coordinates, Grid};
pub use live::Live;
pub use load::{Bundle, load, of_bundle};
pub use model::{Campaign, LoadOf, Parameter, ParameterFile, ParameterValue};
pub use parquet::write_parquet;
pub use record::{
    Axis, CampaignRecord, CampaignRef, FailedShard, Figure, Point, SCHEMA, ShardCounts, WallFigures,
};
pub use run::Runner;
pub use shard::{Outcome, Ran, SHARD_SCHEMA, ShardRecord, ShardVerdict};
pub use summary::summary;
pub use text::text;
pub use threads::run_threads;
