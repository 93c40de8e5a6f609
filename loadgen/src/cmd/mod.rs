//! The subcommands, one file each.

pub mod check;
mod files;
pub mod report;
pub mod route;
pub mod run;
