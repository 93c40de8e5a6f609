//! Where calls go: incoming call routes, ARS forms, line groups, and the queue for a free line.

pub(crate) mod barring;
pub(crate) mod incoming;
pub(crate) mod line_group;
pub(crate) mod search;
pub(crate) mod waiting;
