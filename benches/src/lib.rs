//! Benchmarks of busyhour; see README.md.
