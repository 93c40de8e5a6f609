//! The profile: which solution, under which load, for which targets.

mod answering;
mod check;
mod event;
mod fault;
mod load;
mod metrics;
mod model;
mod rate;
mod raw;
mod reference;
mod share;
mod target;
mod trace;

pub use crate::text::ReadFile;
pub(crate) use load::from_bytes;
pub use load::{from_str, load};
pub use metrics::{METRICS, Metric, Needs, is_percentage, needs};
pub use model::{
    Abort, Answering, Arrivals, CallKind, Comparison, Distribution, EventKind, FailureTimes, HoldEvent,
    LineEvent, Load, Message, Node, Numbers, Pick, Profile, Rate, SourceFile, Stream, Target, Threshold,
    TimedEvent, TraceCall,
};
pub use raw::MAX_BHCC;
pub use share::Share;
pub use target::parse_threshold;
pub use trace::trace_from_str;
