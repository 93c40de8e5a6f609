//! `busyhour serve` with peers that nobody here wrote.

mod process;
mod sipp;
