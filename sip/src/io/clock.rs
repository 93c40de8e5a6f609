//! The machine's clock as the endpoint counts time.

use engine::time::{Duration, Instant};

/// Counts from when it was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// Begins at [`Instant::ZERO`].
    #[must_use]
    pub fn start() -> Self {
        Self { start: std::time::Instant::now() }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::from_nanos(self.start.elapsed().as_nanos() as u64)
    }

    /// How long until `at`; nothing if that has passed.
    #[must_use]
    pub fn until(&self, at: Instant) -> std::time::Duration {
        std::time::Duration::from_nanos(Duration::as_nanos(at.since(self.now())))
    }
}

/// Processor time that this thread has used.
#[must_use]
pub fn thread_time() -> std::time::Duration {
    // The kernel has this clock for every thread.
    nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(Into::into).unwrap_or_default()
}
