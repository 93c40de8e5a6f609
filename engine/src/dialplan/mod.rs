//! Short codes: patterns, the numbers they produce, and the table that finds the best match.

mod bits;
mod candidates;
mod digits;
mod extras;
mod field_parser;
mod general;
mod lint;
mod pattern;
mod pattern_error;
mod prefix;
mod table;
mod telephone_number;
mod telephone_number_error;
mod template;
mod verdict;
mod wild;

pub use extras::{CallingName, CallingNumber, Extras, Presentation, Sections, Tone, TonesAfter};
pub use lint::Shadowed;
pub use pattern::{Pattern, PatternKind};
pub use pattern_error::PatternError;
pub use table::{CodeGroup, GroupId, ShortCodeTable};
pub use telephone_number::{Produced, TelephoneNumber};
pub use telephone_number_error::TelephoneNumberError;
pub use template::Source;
pub use verdict::{DialDelayCount, DialEvent, Verdict};
