//! The clock of a run on the wall: nanoseconds since one origin that all threads share.

use engine::time::Instant;
use std::time::Duration;

/// Counts from its start, never backwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallClock {
    origin: std::time::Instant,
}

impl WallClock {
    /// A clock that says zero now.
    pub(super) fn start() -> Self {
        Self { origin: std::time::Instant::now() }
    }

    /// A clock that says zero at `origin`, and before.
    pub(super) const fn starting(origin: std::time::Instant) -> Self {
        Self { origin }
    }

    /// What it says.
    pub(super) fn now(self) -> Instant {
        Instant::from_nanos(self.origin.elapsed().as_nanos() as u64)
    }

    /// The moment at which it says `at`, to sleep until; a year away at most.
    pub(super) fn moment(self, at: Instant) -> std::time::Instant {
        const YEAR_NS: u64 = 365 * 24 * 3600 * 1_000_000_000;
        self.origin + Duration::from_nanos(at.as_nanos().min(YEAR_NS))
    }
}
