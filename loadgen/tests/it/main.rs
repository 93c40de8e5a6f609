//! The integration tests of the load generator, one module a subject.

mod command_line;
mod config;
mod oracles;
mod support;
