//! Hunt groups: who rings next.

mod sequential;
