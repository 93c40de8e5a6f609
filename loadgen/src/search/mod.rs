//! The highest load that meets every target, found by several methods, with how far it can be trusted.

mod bench;
mod bisect;
mod doc;
mod headroom;
mod judge;
mod limit;
mod record;
mod rfc7502;
mod rounds;
mod text;
mod trunks;

pub use bench::{Bench, Outcome, Stopped};
pub use doc::design_objective_capacity;
pub use headroom::headroom;
pub(crate) use limit::claims_of;
pub use limit::find_limit;
pub use record::{
    Claim, Doc, DocStep, Headroom, HeadroomStep, Limit, Method, Rfc7502, SCHEMA, SearchRecord, Step,
    StepTarget, TrunkNeed,
};
pub use rfc7502::{establishment_rate, rate_by_rfc7502};
pub use rounds::run_all;
pub use text::text;
pub use trunks::trunk_needs;
