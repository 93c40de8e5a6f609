//! A network's configuration: plain description in, checked and compiled plans out.

pub mod spec;
