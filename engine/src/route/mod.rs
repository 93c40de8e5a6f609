//! Where calls go: incoming call routes, ARS forms, line groups.

pub(crate) mod incoming;
pub(crate) mod line_group;
