//! The busiest 36 seconds: the vendor's own measure of busy-hour capacity, calls of 36 s times 100.

use engine::hint::mostly;
use engine::time::{Duration, Instant};

const WINDOW_S: u64 = 36;
const SECOND_NS: u64 = 1_000_000_000;

/// Counts completions in a window of 36 s that slides second by second, and remembers the fullest.
#[derive(Clone, Debug)]
pub struct PeakWindow {
    /// By second, but for the newest.
    counts: [u64; WINDOW_S as usize],
    newest: u64,
    /// The newest second in the window, and when it begins, in nanoseconds.
    second: u64,
    begin: u64,
    sum: u64,
    busiest: u64,
}

impl PeakWindow {
    /// An empty window at the start of the run.
    #[must_use]
    pub const fn new() -> Self {
        Self { counts: [0; WINDOW_S as usize], newest: 0, second: 0, begin: 0, sum: 0, busiest: 0 }
    }

    /// Counts one call completed at `at`. One that comes more than 36 s late is left out.
    #[inline]
    pub fn record(&mut self, at: Instant) {
        if mostly(at.as_nanos().wrapping_sub(self.begin) < SECOND_NS) {
            self.newest += 1;
        } else if !self.record_elsewhere(at.as_nanos() / SECOND_NS) {
            return;
        }
        self.sum += 1;
        self.busiest = self.busiest.max(self.sum);
    }

    /// Calls of the busiest 36 s.
    #[must_use]
    pub const fn busiest(&self) -> u64 {
        self.busiest
    }

    /// The busiest 36 s as calls an hour; `None` if less than 36 s were `measured`.
    #[must_use]
    pub fn bhcc(&self, measured: Duration) -> Option<f64> {
        (measured >= Duration::from_secs(WINDOW_S)).then_some(self.busiest as f64 * 100.0)
    }

    /// Counts one in a second that is not the newest, yet; whether it is in the window.
    #[inline(never)]
    fn record_elsewhere(&mut self, second: u64) -> bool {
        if second > self.second {
            self.slide_to(second);
            self.newest = 1;
        } else if self.second - second < WINDOW_S {
            self.counts[(second % WINDOW_S) as usize] += 1;
        } else {
            return false;
        }
        true
    }

    fn slide_to(&mut self, second: u64) {
        self.counts[(self.second % WINDOW_S) as usize] = self.newest;
        if second - self.second >= WINDOW_S {
            self.counts = [0; WINDOW_S as usize];
            self.sum = 0;
        } else {
            for passed in self.second + 1..=second {
                let slot = &mut self.counts[(passed % WINDOW_S) as usize];
                self.sum -= std::mem::take(slot);
            }
        }
        (self.second, self.begin) = (second, second * SECOND_NS);
    }
}

impl Default for PeakWindow {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_steady_rate_gives_that_rate() {
        let mut window = PeakWindow::new();
        for second in 0..3_600 {
            (0..5).for_each(|_| window.record(at(second)));
        }
        assert_eq!(window.bhcc(Duration::from_secs(3_600)), Some(18_000.0));
    }

    #[test]
    fn finds_the_busiest_window_as_a_recount_does() {
        let seconds = [0, 10, 10, 35, 36, 36, 71, 72, 73, 200, 201, 201, 201, 236, 237, 1_000];
        let mut window = PeakWindow::new();
        seconds.iter().for_each(|&s| window.record(at(s)));
        let recount = (0..1_100_u64)
            .map(|end| seconds.iter().filter(|&&s| s <= end && end < s + WINDOW_S).count() as u64);
        assert_eq!(Some(window.busiest()), recount.max());
    }

    #[test]
    fn a_late_word_counts_where_it_belongs_or_not_at_all() {
        let mut window = PeakWindow::new();
        for second in [100, 65, 64] {
            window.record(at(second));
        }
        assert_eq!(window.busiest(), 2);
    }

    #[test]
    fn a_run_shorter_than_the_window_has_no_peak() {
        assert_eq!(PeakWindow::new().bhcc(Duration::from_secs(35)), None);
    }
}
