//! One failure at a time (N-1): the same busy hour once for each single component failing, and what each of them costs.

mod component;
mod cost;
mod record;
mod text;

pub use component::{Component, ComponentKind, components, with_failures};
pub use cost::{cost, digest_of, missed, verdict_of};
pub use record::{FailureCost, FailureRecord, SCHEMA};
pub use text::text;
