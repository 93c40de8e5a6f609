//! When the calls of one stream come: evenly spaced or as a Poisson process, at a rate that may change in steps.
//!
//! A rate that changes stretches the time of a constant one: the n-th call comes when the rate, added up since the
//! start, has come to what the n-th call of the constant process needs (the time-rescaling theorem). Both kinds do just
//! that, segment by segment.

use crate::profile::{Arrivals, Load, Stream};
use crate::random::RandomStream;
use engine::hint::mostly;
use engine::time::Instant;

pub(super) const HOUR_NS: u64 = 3_600_000_000_000;
/// Most that all weights together come to in millionths where rates change and one party calls, so that products stay
/// in range.
const MAX_ALL: u128 = 10_000_000_000_000;

/// The instants of one stream, without end.
#[derive(Clone, Debug)]
pub(super) enum Gaps {
    /// No calls at all.
    Silent,
    /// Evenly spaced.
    Uniform(Uniform),
    /// Poisson.
    Poisson(Poisson),
}

/// What the weights of all streams of a load come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    all: f64,
    /// In millionths.
    exactly: u128,
}

impl Weights {
    pub(super) fn of(load: &Load) -> Self {
        let weights = || load.streams.iter().map(|stream| stream.weight);
        Self { all: weights().sum(), exactly: weights().map(millionths).sum() }
    }
}

impl Gaps {
    pub(super) fn new(load: &Load, weights: Weights, stream: &Stream, random: RandomStream) -> Self {
        let rate = load.bhcc * stream.weight / weights.all / f64::from(stream.parties.max(1));
        if !(rate > 0.0 && rate.is_finite()) {
            return Self::Silent;
        }
        match &load.arrivals {
            Arrivals::Trace(_) => Self::Silent,
            Arrivals::Uniform => Uniform::new(load, weights, stream).map_or(Self::Silent, Self::Uniform),
            Arrivals::Poisson => Self::Poisson(Poisson::new(load, stream, rate, random)),
        }
    }

    /// The next instant; `None` when there is none, or none that time can express.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Instant> {
        match self {
            Self::Silent => None,
            Self::Uniform(uniform) => uniform.next(),
            Self::Poisson(poisson) => poisson.next(),
        }
    }
}

/// The steps of a stream's rate: when each ends, in nanoseconds from the start of the load, and its factor. The first
/// one covers the warm-up too, the last one has no end.
fn steps<'s>(load: &'s Load, stream: &'s Stream) -> impl Iterator<Item = (u64, f64)> + 's {
    let next = |index: usize| stream.rates.get(index + 1);
    let end = move |index| next(index).map_or(u64::MAX, |next| (load.warm_up + next.from).as_nanos());
    let constant = stream.rates.is_empty().then_some((u64::MAX, 1.0));
    let steps = stream.rates.iter().enumerate().map(move |(index, rate)| (end(index), rate.factor));
    constant.into_iter().chain(steps)
}

/// How many calls a stream comes to on average, `end` nanoseconds from the start of the load.
pub(super) fn expected(load: &Load, weights: Weights, stream: &Stream, end: u64) -> f64 {
    let (mut begin, mut sum) = (0_u64, 0.0);
    for (until, factor) in steps(load, stream) {
        let until = until.min(end);
        sum += until.saturating_sub(begin) as f64 * factor;
        begin = begin.max(until);
    }
    let expected = load.bhcc * stream.weight / weights.all * sum / HOUR_NS as f64;
    if expected.is_finite() { expected } else { 0.0 }
}

/// Poisson: an exponential with mean 1 says how much rate must add up until the next call.
#[derive(Clone, Debug)]
pub(super) struct Poisson {
    at: u64,
    /// What is less than a nanosecond is carried over.
    carry: f64,
    /// Steps not over yet: end and mean gap, both in nanoseconds; the one in force comes last.
    steps: Vec<(u64, f64)>,
    /// How much rate must add up: drawn beforehand, so that nobody waits for its logarithm.
    need: f64,
    random: RandomStream,
}

impl Poisson {
    fn new(load: &Load, stream: &Stream, rate: f64, mut random: RandomStream) -> Self {
        let gap = |factor: f64| HOUR_NS as f64 / (rate * factor);
        let mut steps: Vec<_> = steps(load, stream).map(|(end, factor)| (end, gap(factor))).collect();
        steps.reverse();
        Self { at: 0, carry: 0.0, steps, need: random.exponential(), random }
    }

    fn next(&mut self) -> Option<Instant> {
        let mut need = std::mem::replace(&mut self.need, self.random.exponential());
        while let Some(&(end, mean_gap_ns)) = self.steps.last() {
            let exact = need * mean_gap_ns + self.carry;
            let room = end.saturating_sub(self.at) as f64;
            if mostly(exact < room) {
                let whole = exact as u64;
                self.carry = exact - whole as f64;
                self.at = self.at.checked_add(whole)?;
                return Some(Instant::from_nanos(self.at));
            }
            // No call in the rest of this step; it takes its part of the need away.
            need = (need - (room - self.carry) / mean_gap_ns).max(0.0);
            (self.at, self.carry) = (end.max(self.at), 0.0);
            self.steps.pop();
        }
        None
    }
}

/// Evenly spaced in added-up rate, exactly: the next call comes at `at + remainder / divisor` nanoseconds.
#[derive(Clone, Debug)]
pub(super) struct Uniform {
    at: u128,
    remainder: u128,
    step: u128,
    step_remainder: u128,
    /// Of the step in force: its rate, in units of `1 / scale` calls a nanosecond.
    divisor: u128,
    end: u128,
    scale: u128,
    /// Steps to come, last one first: end and rate.
    later: Vec<(u128, u128)>,
}

impl Uniform {
    /// Rates, weights and factors count in millionths, so that each gap is a ratio of integers.
    fn new(load: &Load, weights: Weights, stream: &Stream) -> Option<Self> {
        let mut all = weights.exactly;
        let mut own = millionths(stream.weight);
        let unit = if stream.rates.is_empty() { 1 } else { 1_000_000 };
        let parties = u128::from(stream.parties.max(1));
        while all * parties > MAX_ALL * 1_000_000 / unit {
            (all, own) = (all / 2, own / 2);
        }
        let rate = |factor: f64| match unit {
            1 => millionths(load.bhcc) * own,
            _ => millionths(load.bhcc) * own * millionths(factor),
        };
        let end = |end: u64| if end == u64::MAX { u128::MAX } else { u128::from(end) };
        let mut later: Vec<_> = steps(load, stream).map(|(e, factor)| (end(e), rate(factor))).collect();
        later.reverse();
        let scale = u128::from(HOUR_NS) * 1_000_000 * unit * all * parties;
        let nothing =
            Self { at: 0, remainder: 0, step: 0, step_remainder: 0, divisor: 0, end: 0, scale, later };
        nothing.enter(0)
    }

    /// Goes on to the step in which the next call comes, `left` units of rate from the end of the step before. A call
    /// that is due at the very end of a step belongs to the next one that has a rate.
    fn enter(mut self, mut left: u128) -> Option<Self> {
        while let Some((end, divisor)) = self.later.pop() {
            let begin = std::mem::replace(&mut self.end, end);
            let length = end - begin;
            match left.checked_div(divisor) {
                Some(wait) if wait < length => {
                    (self.at, self.remainder) = (begin + wait, left % divisor);
                    (self.step, self.step_remainder) = (self.scale / divisor, self.scale % divisor);
                    self.divisor = divisor;
                    return Some(self);
                }
                Some(_) => left -= divisor * length,
                None => {}
            }
        }
        None
    }

    fn next(&mut self) -> Option<Instant> {
        if self.at >= self.end {
            let left = (self.at - self.end) * self.divisor + self.remainder;
            *self = self.clone().enter(left)?;
        }
        let now = u64::try_from(self.at).ok()?;
        self.at += self.step;
        self.remainder += self.step_remainder;
        if self.remainder >= self.divisor {
            self.remainder -= self.divisor;
            self.at += 1;
        }
        Some(Instant::from_nanos(now))
    }
}

/// At most 2^63, so that a product of two and their sums stay in range.
fn millionths(value: f64) -> u128 {
    u128::from((value * 1e6).round().clamp(0.0, 9.2e18) as u64)
}
