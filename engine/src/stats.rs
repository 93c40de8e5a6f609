//! Counters and gauges of a system: every outcome is counted somewhere.

use crate::cause::Cause;
use crate::time::{Duration, Instant};

/// Counters of a system since it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Call attempts, refused ones included.
    pub attempts: u64,
    /// Attempts refused before they became a call.
    pub refused: u64,
    /// Calls answered.
    pub answered: u64,
    /// Calls that have ended, answered or not.
    pub ended: u64,
    /// Refused attempts and ended calls by Q.850 cause.
    pub causes: [u64; Cause::COUNT],
    /// Calls that were in progress when the system stopped.
    pub lost: u64,
    /// Nanoseconds all of them together had been in progress.
    pub lost_call_ns: u128,
    /// Calls that went on without signalling.
    pub preserved: u64,
    /// Call records written.
    pub records: u64,
    /// Inputs that the state did not allow.
    pub unexpected: u64,
    /// Messages from other systems about calls that had ended here already: they crossed ours on the way.
    pub late_peer_messages: u64,
    /// Words from trunks about routes of a call that had been given up.
    pub late_trunk_words: u64,
    /// Nanoseconds all ended calls together were in progress.
    pub ended_call_ns: u128,
    /// Calls in progress.
    pub calls: Usage,
}

impl Stats {
    pub(crate) fn new() -> Self {
        Self {
            attempts: 0,
            refused: 0,
            answered: 0,
            ended: 0,
            causes: [0; Cause::COUNT],
            lost: 0,
            lost_call_ns: 0,
            preserved: 0,
            records: 0,
            unexpected: 0,
            late_peer_messages: 0,
            late_trunk_words: 0,
            ended_call_ns: 0,
            calls: Usage::new(),
        }
    }

    pub(crate) fn count_cause(&mut self, cause: Cause) {
        self.causes[usize::from(cause.number())] += 1;
    }
}

/// How much of a resource was in use over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    in_use: u32,
    peak: u32,
    /// Nanoseconds at which units were given back, all together, less those at which they were taken: with what is in use now that
    /// makes the time integral, and nothing has to be multiplied when a unit changes hands.
    balance: i128,
    /// Wishes for it that were granted.
    pub taken: u64,
    /// Calls that failed for want of it. One that found another way, or came from a user who was busy, is not counted.
    pub blocked: u64,
}

impl Usage {
    pub(crate) const fn new() -> Self {
        Self { in_use: 0, peak: 0, balance: 0, taken: 0, blocked: 0 }
    }

    /// In use now.
    #[must_use]
    pub const fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Most in use at a time.
    #[must_use]
    pub const fn peak(&self) -> u32 {
        self.peak
    }

    /// Unit-nanoseconds of use up to `now`, which no change is after: the time integral of what was in use, exact.
    #[must_use]
    pub fn integral(&self, now: Instant) -> u128 {
        (i128::from(self.in_use) * i128::from(now.as_nanos()) + self.balance).max(0) as u128
    }

    /// Mean in use over the first `length` of the run.
    #[must_use]
    pub fn mean(&self, length: Duration) -> f64 {
        if length.is_zero() {
            return 0.0;
        }
        self.integral(Instant::ZERO + length) as f64 / length.as_nanos() as f64
    }

    #[inline]
    pub(crate) fn take(&mut self, now: Instant) {
        self.take_several(now, 1);
    }

    #[inline]
    pub(crate) fn give_back(&mut self, now: Instant) {
        self.give_back_several(now, 1);
    }

    /// Takes `n` units for one wish.
    #[inline]
    pub(crate) fn take_several(&mut self, now: Instant, n: u32) {
        self.balance -= i128::from(n) * i128::from(now.as_nanos());
        self.in_use += n;
        self.taken += 1;
        self.peak = self.peak.max(self.in_use);
    }

    #[inline]
    pub(crate) fn give_back_several(&mut self, now: Instant, n: u32) {
        self.balance += i128::from(n) * i128::from(now.as_nanos());
        self.in_use -= n;
    }

    /// All is given back at once.
    pub(crate) fn clear(&mut self, now: Instant) {
        self.give_back_several(now, self.in_use);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_integral_is_what_was_in_use_step_by_step(steps in prop::collection::vec((0_u64..1_000, 0_u32..4, any::<bool>()), 1..60)) {
            let (mut usage, mut now, mut in_use, mut sum, mut peak) = (Usage::new(), 0, 0, 0, 0);
            for (passed, n, takes) in steps {
                (now, sum) = (now + passed, sum + u128::from(in_use) * u128::from(passed));
                let at = Instant::from_nanos(now);
                prop_assert_eq!(usage.integral(at), sum);
                if takes {
                    usage.take_several(at, n);
                    in_use += n;
                } else if n == 3 {
                    usage.clear(at);
                    in_use = 0;
                } else {
                    usage.give_back_several(at, n.min(in_use));
                    in_use -= n.min(in_use);
                }
                peak = peak.max(in_use);
                prop_assert_eq!((usage.in_use(), usage.peak(), usage.integral(at)), (in_use, peak, sum));
            }
        }
    }
}
