//! Short codes: patterns, the numbers they produce, and the table that finds the best match.

mod pattern;
mod table;
mod telephone_number;

pub use pattern::{Pattern, PatternError};
pub(crate) use table::{GroupId, ShortCodeTable};
pub use telephone_number::{TelephoneNumber, TelephoneNumberError};
