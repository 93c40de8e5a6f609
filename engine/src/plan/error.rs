//! What is wrong with a network's description.

use std::fmt;

/// One fault, with the place it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Path of the faulty value: `systems[0].short_codes[3].code`.
    pub at: String,
    /// What is wrong and what would be right.
    pub what: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

impl std::error::Error for PlanError {}
