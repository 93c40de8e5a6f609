//! Past runs in an embedded database beside their folders.

mod folder;
mod shards;
mod store;
mod text;

pub use folder::RunFolder;
pub use shards::{Added, Kept, Shards};
pub use store::{Entry, Filter, Store};
pub use text::{plot, table};
