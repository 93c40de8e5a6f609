//! Virtual time: integer nanoseconds, so that sums are exact and equal on every machine.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Sub};

const NS_PER_S: u64 = 1_000_000_000;

/// A point in time, in nanoseconds since the start of the run.
// One more than the nanoseconds, so that `Option<Instant>` takes no more room; a call holds several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NonZeroU64);

/// A length of time in nanoseconds (up to 584 years).
// One more than the nanoseconds, as above.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(NonZeroU64);

impl Instant {
    /// The start of the run.
    pub const ZERO: Self = Self(NonZeroU64::MIN);
    /// Later than anything that happens.
    pub const MAX: Self = Self(NonZeroU64::MAX);

    /// The instant `ns` nanoseconds after the start of the run.
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ns))
    }

    /// Nanoseconds since the start of the run.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0.get() - 1
    }

    /// Seconds since the start of the run, for display.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.as_nanos() as f64 / NS_PER_S as f64
    }

    /// Time passed since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(NonZeroU64::MIN);
    /// The longest duration that can be written down.
    pub const MAX: Self = Self(NonZeroU64::MAX);

    /// A duration of `ns` nanoseconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_nanos(ns: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ns))
    }

    /// A duration of `ms` milliseconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self::from_nanos(ms.saturating_mul(1_000_000))
    }

    /// A duration of `s` seconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_secs(s: u64) -> Self {
        Self::from_nanos(s.saturating_mul(NS_PER_S))
    }

    /// `s` seconds to the nearest nanosecond; `None` if negative, not a number or past [`Duration::MAX`].
    #[must_use]
    pub fn try_from_secs_f64(s: f64) -> Option<Self> {
        let ns = s * NS_PER_S as f64;
        // 2^64 as f64 is exact, so every accepted value fits.
        (0.0..18_446_744_073_709_551_616.0).contains(&ns).then_some(Self::from_nanos((ns + 0.5) as u64))
    }

    /// Length in nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0.get() - 1
    }

    /// Length in whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.as_nanos() / NS_PER_S
    }

    /// Length in seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.as_nanos() as f64 / NS_PER_S as f64
    }

    /// Whether the length is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.as_nanos() == 0
    }
}

impl Default for Instant {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Default for Duration {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    /// Stops at [`Instant::MAX`], which no event reaches.
    fn add(self, d: Duration) -> Self {
        Self(self.0.saturating_add(d.as_nanos()))
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, d: Self) -> Self {
        Self(self.0.saturating_add(d.as_nanos()))
    }
}

impl AddAssign for Duration {
    fn add_assign(&mut self, d: Self) {
        *self = *self + d;
    }
}

impl Sub for Duration {
    type Output = Self;
    /// Stops at zero.
    fn sub(self, d: Self) -> Self {
        Self::from_nanos(self.as_nanos().saturating_sub(d.as_nanos()))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t+{self}")
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(f, self.as_nanos())
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_seconds(f, self.as_nanos())
    }
}

fn write_seconds(f: &mut fmt::Formatter<'_>, ns: u64) -> fmt::Result {
    let (s, frac) = (ns / NS_PER_S, ns % NS_PER_S);
    if frac == 0 {
        write!(f, "{s}s")
    } else {
        let digits = format!("{frac:09}");
        write!(f, "{s}.{}s", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_seconds_without_trailing_zeros() {
        assert_eq!(Duration::from_millis(1500).to_string(), "1.5s");
        assert_eq!(Instant::from_nanos(7_000_000_000).to_string(), "7s");
        assert_eq!(Duration::from_nanos(1).to_string(), "0.000000001s");
    }

    #[test]
    fn seconds_that_do_not_fit_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(Duration::try_from_secs_f64(bad), None, "{bad}");
        }
        assert_eq!(Duration::try_from_secs_f64(1.5), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Instant::MAX + Duration::from_secs(1), Instant::MAX);
        assert_eq!(Instant::ZERO.since(Instant::MAX), Duration::ZERO);
        assert_eq!(Duration::from_nanos(u64::MAX), Duration::MAX);
        assert_eq!(Duration::ZERO - Duration::from_nanos(1), Duration::ZERO);
        assert_eq!((Duration::MAX + Duration::from_nanos(1)).as_nanos(), u64::MAX - 1);
    }
}
