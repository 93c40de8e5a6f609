//! busyhour: describe a business telephone network, replay its busy hour, sign the result off.

mod agenda;
pub mod arrival;
pub mod campaign;
pub mod check;
pub mod cli;
pub mod cmd;
pub mod compare;
pub mod driver;
pub mod each_failure;
pub mod exit_code;
pub mod generators;
pub mod history;
pub mod measure;
pub mod profile;
pub mod random;
pub mod report;
pub mod sampling;
pub mod search;
pub mod serve;
pub mod size;
pub mod solution;
pub mod stats;
#[cfg(test)]
mod test_support;
pub mod text;
pub mod world;
