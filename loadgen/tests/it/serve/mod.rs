//! `busyhour serve` with peers that nobody here wrote, and with phones of its own.

mod conference;
mod corpus;
mod drill;
mod operating;
mod phones;
mod process;
mod script;
mod sipp;
