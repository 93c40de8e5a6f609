//! The machine's clock as the endpoint counts time.

use engine::time::{Duration, Instant};

/// Counts from when it was made, or from 1970.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
    /// What it showed then.
    shown: Instant,
}

impl Clock {
    /// Begins at [`Instant::ZERO`].
    #[must_use]
    pub fn start() -> Self {
        Self { start: std::time::Instant::now(), shown: Instant::ZERO }
    }

    /// Begins at the time since 1970: clocks of several processes agree, as well as those of their machines do. Later changes
    /// of the machine's clock do not touch it.
    #[must_use]
    pub fn since_1970() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self { start: std::time::Instant::now(), shown: Instant::from_nanos(since.as_nanos() as u64) }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shown + Duration::from_nanos(self.start.elapsed().as_nanos() as u64)
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
