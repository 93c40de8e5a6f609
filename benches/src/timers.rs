//! The engine's timers against a timer wheel from a registry, at the same work.
//!
//! The work: with so many timers outstanding, cancel the oldest and arm a new one, as calls do that are answered before
//! their phone has rung too long; in the end let all expire. `Lanes` has the handful of durations a system declares,
//! `Heap` a different one for every timer. The wheel counts in milliseconds; the engine in nanoseconds, in exact order.

use engine::time::{Duration, Instant};
use engine::timer::{TimerId, TimerQueue};
use hierarchical_hash_wheel_timer::wheels::Skip;
use hierarchical_hash_wheel_timer::wheels::TimerEntryWithDelay;
use hierarchical_hash_wheel_timer::wheels::cancellable::{CancellableTimerEntry, QuadWheelWithOverflow};
use std::collections::VecDeque;

/// Durations a telephone system declares, in milliseconds: initiation, no answer, queuing.
const DECLARED_MS: [u64; 4] = [4_000, 5_000, 15_000, 300_000];

/// How durations are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The four that a telephone system declares, in turn.
    Declared,
    /// Another one for nearly every timer, from 0.5 to 180 s.
    Any,
}

impl Spread {
    fn milliseconds(self, n: u64) -> u64 {
        match self {
            Self::Declared => DECLARED_MS[(n % 4) as usize],
            // A fixed scramble: no duration repeats within a few seconds.
            Self::Any => 500 + n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % 179_500,
        }
    }
}

/// Something that keeps timers.
pub trait Timers {
    /// None armed yet.
    fn new() -> Self;
    /// Arms the `n`th timer.
    fn arm(&mut self, n: u64, after_ms: u64);
    /// Disarms the oldest timer still known; whether it was armed.
    fn cancel_oldest(&mut self) -> bool;
    /// Lets all expire that are due at `now_ms`; how many.
    fn expire(&mut self, now_ms: u64) -> u64;
}

/// The engine's queue, with lanes for the declared durations.
#[derive(Debug)]
pub struct Engine {
    queue: TimerQueue<u64>,
    armed: VecDeque<TimerId>,
    now: Instant,
}

impl Timers for Engine {
    fn new() -> Self {
        let queue = TimerQueue::new(DECLARED_MS.map(Duration::from_millis));
        Self { queue, armed: VecDeque::new(), now: Instant::ZERO }
    }

    fn arm(&mut self, n: u64, after_ms: u64) {
        let id = self.queue.arm(self.now, Duration::from_millis(after_ms), n);
        self.armed.push_back(id);
    }

    fn cancel_oldest(&mut self) -> bool {
        self.armed.pop_front().is_some_and(|id| self.queue.cancel(id).is_some())
    }

    fn expire(&mut self, now_ms: u64) -> u64 {
        self.now = Instant::ZERO + Duration::from_millis(now_ms);
        std::iter::from_fn(|| self.queue.pop_due(self.now)).count() as u64
    }
}

/// `hierarchical_hash_wheel_timer`, the cancellable wheel with overflow.
pub struct Wheel {
    wheel: QuadWheelWithOverflow<Entry>,
    armed: VecDeque<u64>,
    now_ms: u64,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    after: std::time::Duration,
}

impl CancellableTimerEntry for Entry {
    type Id = u64;

    fn id(&self) -> &u64 {
        &self.id
    }
}

impl TimerEntryWithDelay for Entry {
    fn delay(&self) -> std::time::Duration {
        self.after
    }
}

impl Timers for Wheel {
    fn new() -> Self {
        Self { wheel: QuadWheelWithOverflow::new(), armed: VecDeque::new(), now_ms: 0 }
    }

    fn arm(&mut self, n: u64, after_ms: u64) {
        let armed = self.wheel.insert(Entry { id: n, after: std::time::Duration::from_millis(after_ms) });
        armed.expect("at least a millisecond ahead");
        self.armed.push_back(n);
    }

    fn cancel_oldest(&mut self) -> bool {
        self.armed.pop_front().is_some_and(|id| self.wheel.cancel(&id).is_ok())
    }

    fn expire(&mut self, now_ms: u64) -> u64 {
        let mut expired = 0;
        while self.now_ms < now_ms {
            match self.wheel.can_skip() {
                Skip::Empty => self.now_ms = now_ms,
                Skip::Millis(most) => {
                    let skip = u64::from(most).min(now_ms - self.now_ms);
                    self.wheel.skip(skip as u32);
                    self.now_ms += skip;
                }
                Skip::None => {
                    expired += self.wheel.tick().len() as u64;
                    self.now_ms += 1;
                }
            }
        }
        expired
    }
}

/// Timers with `outstanding` armed, ready for [`churn`].
#[must_use]
pub fn filled<T: Timers>(spread: Spread, outstanding: u64) -> T {
    let mut timers = T::new();
    (0..outstanding).for_each(|n| timers.arm(n, spread.milliseconds(n)));
    timers
}

/// Cancels the oldest and arms a new timer, `times` times, numbered from `first`; how many were cancelled.
pub fn churn<T: Timers>(timers: &mut T, spread: Spread, first: u64, times: u64) -> u64 {
    (first..first + times)
        .map(|n| {
            let cancelled = timers.cancel_oldest();
            timers.arm(n, spread.milliseconds(n));
            u64::from(cancelled)
        })
        .sum()
}

/// Lets everything expire, second by second; how many did.
pub fn expire_all<T: Timers>(timers: &mut T) -> u64 {
    (1..=301).map(|s| timers.expire(s * 1_000)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_accounted_for<T: Timers>() {
        for spread in [Spread::Declared, Spread::Any] {
            let mut timers: T = filled(spread, 1_000);
            assert_eq!(churn(&mut timers, spread, 1_000, 500), 500, "{spread:?}");
            assert_eq!(expire_all(&mut timers), 1_000, "{spread:?}");
        }
    }

    #[test]
    fn the_engine_fires_what_was_not_cancelled() {
        all_accounted_for::<Engine>();
    }

    #[test]
    fn the_wheel_fires_what_was_not_cancelled() {
        all_accounted_for::<Wheel>();
    }

    #[test]
    fn a_full_queue_of_timers_allocates_nothing_more() {
        for spread in [Spread::Declared, Spread::Any] {
            let mut timers: Engine = filled(spread, 1_000);
            // A row has one piece more as soon as its front has left the beginning of the first.
            churn(&mut timers, spread, 1_000, 100);
            let used = allocation_counter::measure(|| {
                churn(&mut timers, spread, 1_000, 500);
            });
            assert_eq!(used.count_total, 0, "{spread:?}: {used:?}");
        }
    }
}
