//! The integration tests of the load generator, one module a subject.

mod config;
