//! A number that changes over time: its mean weighted by time, and its peak.

use engine::hint::mostly;
use engine::time::Instant;

/// A gauge, such as channels in use. The mean in use is the traffic carried, in Erlang.
#[derive(Clone, Copy, Debug)]
pub struct TimeWeighted {
    value: u64,
    peak: u64,
    started: Instant,
    /// Nanoseconds at which it became less, all together, less those at which it became more: with the value now that makes the
    /// integral, and nothing has to be multiplied when it becomes one more or one less.
    balance: i128,
}

impl TimeWeighted {
    /// A gauge that is zero from `start` on.
    #[must_use]
    pub const fn new(start: Instant) -> Self {
        Self { value: 0, peak: 0, started: start, balance: 0 }
    }

    /// One more from `now` on.
    #[inline]
    pub fn increase(&mut self, now: Instant) {
        self.balance -= i128::from(now.as_nanos());
        self.value += 1;
        self.peak = self.peak.max(self.value);
    }

    /// One less from `now` on; stays at zero.
    #[inline]
    pub fn decrease(&mut self, now: Instant) {
        if mostly(self.value > 0) {
            self.balance += i128::from(now.as_nanos());
            self.value -= 1;
        }
    }

    /// Forgets what was before `now`, except the value: for the end of a warm-up.
    pub fn restart(&mut self, now: Instant) {
        let balance = -i128::from(self.value) * i128::from(now.as_nanos());
        *self = Self { value: self.value, peak: self.value, started: now, balance };
    }

    /// The value now.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The highest value since the start.
    #[must_use]
    pub const fn peak(&self) -> u64 {
        self.peak
    }

    /// Value-nanoseconds from the start to `now`, which no change is after.
    #[must_use]
    pub fn integral(&self, now: Instant) -> u128 {
        (i128::from(self.value) * i128::from(now.as_nanos()) + self.balance).max(0) as u128
    }

    /// Mean from the start to `now`; `None` if no time has passed.
    #[must_use]
    pub fn mean(&self, now: Instant) -> Option<f64> {
        let passed = now.since(self.started).as_nanos();
        (passed > 0).then(|| self.integral(now) as f64 / passed as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::time::Duration;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn mean_weighs_by_time_and_peak_does_not() {
        let mut gauge = TimeWeighted::new(at(10));
        assert_eq!(gauge.mean(at(10)), None);
        gauge.increase(at(10));
        gauge.increase(at(12));
        gauge.decrease(at(13));
        // 1 for two seconds, 2 for one, 1 for one.
        assert_eq!((gauge.mean(at(14)), gauge.peak(), gauge.value()), (Some(1.25), 2, 1));
    }

    #[test]
    fn a_restart_keeps_only_the_value() {
        let mut gauge = TimeWeighted::new(at(0));
        (0..100).for_each(|_| gauge.increase(at(1)));
        (0..97).for_each(|_| gauge.decrease(at(2)));
        gauge.restart(at(5));
        assert_eq!((gauge.mean(at(9)), gauge.peak()), (Some(3.0), 3));
        gauge.decrease(at(9));
        (0..3).for_each(|_| gauge.decrease(at(9)));
        assert_eq!(gauge.value(), 0);
    }
}
