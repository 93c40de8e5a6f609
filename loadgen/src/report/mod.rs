//! What a run leaves behind: the record, the verdict, and the forms they are written in.

mod benchmark;
mod calls;
mod civil;
mod document;
mod environment;
mod explain;
mod failovers;
mod file;
mod hdr;
mod json;
mod junit;
mod licences;
mod live;
mod metrics;
mod of_run;
mod page;
mod parts;
mod progress;
mod prometheus;
mod record;
mod replications;
mod resource;
mod shape;
mod sip;
mod smdr;
mod table;
mod timeline;
mod timeseries;
mod verdict;

pub use benchmark::{Better, benchmark};
pub use civil::{CivilTime, utc_now};
pub use document::{Document, read_documents};
pub use environment::{Environment, built_from_commit};
pub use explain::{Explanation, Line, describe, describe_field};
pub use file::{Sink, expect_to_write, write_whole};
pub use hdr::write_hdr;
pub use json::{read_json, write_json};
pub use junit::{junit, write_junit};
pub use metrics::{CauseTally, SipClass};
pub use of_run::histograms;
pub use page::{html, markdown};
pub use parts::merge_parts;
pub use progress::Progress;
pub use prometheus::prometheus;
pub use record::{
    Calls, Check, Clock, Failover, GeneratorPart, KeptAlarm, LatencySummary, LineShape, LoadFigures,
    MeanFigure, Metrics, NetworkShape, ProfileRef, Replications, ResourceUse, RunRecord, SCHEMA,
    SeriesColumns, SystemShape, TargetResult, TimelineEntry, Unsupported, Verdict,
};
pub use replications::{replicate, replications};
pub use resource::binding_resource;
pub use sip::{SipAudio, SipFailures, SipSection};
pub use smdr::{LineEnd, LineLabel, Names, PlanNames, SmdrWriter, UserLabel};
pub(crate) use table::grouped;
pub use table::{Colour, table, targets};
pub use timeline::{timeline, write_timeline};
pub use timeseries::{TimeSeriesRow, TimeSeriesWriter};
pub use verdict::{Conduct, hold, is_metric, observed, observed_in};
