//! The solution: a network of systems as its TOML file describes it.

mod model;

pub use model::{Edition, LineDelay, Platform, Solution, SystemInfo};
