//! Past runs in an embedded database beside their folders.

mod folder;
mod store;
mod text;

pub use folder::RunFolder;
pub use store::{Entry, Filter, Store};
pub use text::{plot, table};
