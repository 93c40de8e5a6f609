//! How late the generator itself was: above a limit the run says nothing about the system under test.

use super::histogram::{LatencyHistogram, Unit};
use engine::time::{Duration, Instant};

/// Largest 99th percentile of lateness with which a run still counts.
const MOST_LATE: Duration = Duration::from_millis(1);
/// Smallest share of the planned calls with which a run still counts.
const FEWEST_STARTED: f64 = 0.99;

/// Lateness of a generator on the wall clock: from the instant a call was due to the instant it was placed.
#[derive(Clone, Debug)]
pub struct Lateness(LatencyHistogram);

impl Lateness {
    /// Nothing placed yet.
    #[must_use]
    pub fn new() -> Self {
        Self(LatencyHistogram::new("generator_lateness", Unit::Microseconds))
    }

    /// A call due at `intended` was placed at `actual`.
    pub fn record(&mut self, intended: Instant, actual: Instant) {
        self.0.record(actual.since(intended));
    }

    /// The distribution.
    #[must_use]
    pub const fn histogram(&self) -> &LatencyHistogram {
        &self.0
    }

    /// Why the run is void, if the generator could not keep up.
    #[must_use]
    pub fn why_void(&self, planned: u64, started: u64) -> Option<String> {
        let p99_us = self.0.quantile(0.99).unwrap_or(0.0);
        if p99_us * 1_000.0 > MOST_LATE.as_nanos() as f64 {
            return Some(format!("the generator was {p99_us:.0} us late (p99); at most 1000 us count"));
        }
        let share = started as f64 / planned.max(1) as f64;
        (planned > 0 && share < FEWEST_STARTED)
            .then(|| format!("the generator started {started} of {planned} planned calls; 99 % must be"))
    }
}

impl Default for Lateness {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_or_lazy_generator_makes_the_run_void() {
        let at = |us: u64| Instant::from_nanos(us * 1_000);
        let mut lateness = Lateness::new();
        (0..1_000).for_each(|_| lateness.record(at(5), at(15)));
        // Early is not late.
        lateness.record(at(5), at(1));
        assert_eq!(lateness.why_void(1_001, 1_001), None);
        assert_eq!(lateness.why_void(0, 0), None);
        assert!(lateness.why_void(2_000, 1_001).is_some_and(|why| why.contains("1001 of 2000")));
        (0..100).for_each(|_| lateness.record(at(0), at(2_000)));
        assert!(lateness.why_void(1_101, 1_101).is_some_and(|why| why.contains("us late")));
    }
}
