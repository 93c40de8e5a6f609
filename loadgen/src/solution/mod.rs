//! The solution: a network of systems as its TOML file describes it.

mod check;
mod compile;
mod conference_capacity;
mod deck;
mod dect;
mod lint;
mod load;
mod model;
mod raw;
mod served;

pub use compile::compile;
pub use dect::{BaseHardware, BaseRole, BaseStation, Dect};
pub(crate) use load::check_source;
pub use load::{from_str, load};
pub use model::{
    DataLink, Edition, Hosting, LicenceServer, LineDelay, Platform, Portal, PortalFailback, Site, Solution,
    SystemInfo,
};
pub(crate) use raw::number_list;
pub use served::{FarEnd, Password, Served, SipAddresses, TlsAddress};
