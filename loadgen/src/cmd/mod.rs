//! The subcommands, one file each.

pub mod campaign;
pub mod check;
pub mod compare;
mod each_failure;
mod files;
pub mod flamegraph;
pub mod generator;
mod generators;
pub mod history;
pub mod report;
pub mod route;
pub mod run;
pub mod search;
pub mod serve;
pub mod size;
pub mod worker;
