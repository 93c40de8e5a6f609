//! `busyhour serve` with peers that nobody here wrote, and with phones of its own.

mod baresip;
mod conference;
mod corpus;
mod drill;
mod intrusion;
mod kamailio;
mod operating;
mod phones;
mod process;
mod script;
mod sipp;
