//! What this machine can do: the highest rate on the wall clock at which route decisions stay fast.

use super::bench::Stopped;
use super::record::{Headroom, HeadroomStep};
use crate::driver::{self, Ended, Hooks};
use crate::profile::{Distribution, MAX_BHCC, Profile};
use crate::stats::attempts_needed;
use engine::plan::Plan;
use engine::time::Duration;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Lower and upper rate end this close together.
const CLOSE: f64 = 1.05;
/// Nothing is searched between two rates whose steps take longer than so many seconds: a slow machine gets a rougher answer,
/// but gets one.
const LONGEST_STEP_S: f64 = 60.0;
/// Calls that are more than a step needs at least: one may be lost, and the arrivals are random.
const SPARE: f64 = 1.1;
/// Share of decisions that may be slower than the limit: that of the 99.9th percentile.
const MOST_SLOW: f64 = 0.001;
/// Load before the measured part of a step.
const WARM_UP: Duration = Duration::from_secs(1);

/// Searches the highest multiple of the profile's load at which the 99.9th percentile of the route decision is at most
/// `limit_us`. Steps last `length`, or longer where that is too short for enough calls; but after `length` a step is over
/// that has had too many slow decisions to pass. Calls are shortened as their rate grows, so that as many are in progress at
/// a time as in the profile and trunks are no limit.
///
/// # Errors
/// The search was interrupted.
pub fn headroom(
    profile: &Profile,
    plans: &[Arc<Plan>],
    limit_us: f64,
    length: Duration,
    interrupted: &AtomicBool,
) -> Result<Headroom, Stopped> {
    let rated = profile.load.bhcc;
    let enough = attempts_needed(0.001, 0.95).unwrap_or(u64::MAX) as f64;
    let start = (enough * 3_600.0 / (rated * length.as_secs_f64())).max(1.0);
    let needed = enough * SPARE;
    let try_at = |times: f64| {
        let whole = needed * 3_600.0 / (rated * times);
        if whole > length.as_secs_f64() {
            let (step, slow) = run_at(profile, plans, times, length.as_secs_f64(), limit_us, interrupted)?;
            if slow as f64 > needed * MOST_SLOW {
                return Ok(step);
            }
        }
        let whole = whole.max(length.as_secs_f64());
        run_at(profile, plans, times, whole, limit_us, interrupted).map(|(step, _)| step)
    };
    let finest = needed * 3_600.0 / (rated * LONGEST_STEP_S);
    let steps = climb(start, MAX_BHCC / rated, finest, try_at)?;
    let highest = highest(&steps);
    Ok(Headroom { limit_us, bhcc: highest.map(|times| times * rated), times_rated: highest, steps })
}

/// The highest rate that kept the limit, unless what kept it from being higher was the generator or the end of the range.
fn highest(steps: &[HeadroomStep]) -> Option<f64> {
    let best = steps.iter().filter(|s| s.pass).map(|s| s.times_rated).reduce(f64::max)?;
    let above = steps.iter().filter(|s| !s.pass && s.times_rated > best);
    let next = above.min_by(|a, b| a.times_rated.total_cmp(&b.times_rated))?;
    next.void.is_none().then_some(best)
}

/// Doubles from `start` (or halves, down to the rated load) until one step passes and the next does not, then closes in, but
/// not on a rate below `finest`.
fn climb(
    start: f64,
    most: f64,
    finest: f64,
    mut try_at: impl FnMut(f64) -> Result<HeadroomStep, Stopped>,
) -> Result<Vec<HeadroomStep>, Stopped> {
    let mut steps = Vec::new();
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let mut now = start.min(most);
    loop {
        let step = try_at(now)?;
        let pass = step.pass;
        steps.push(step);
        *(if pass { &mut low } else { &mut high }) = Some(now);
        now = match (low, high) {
            (Some(low), Some(high)) if high / low <= CLOSE || low < finest => return Ok(steps),
            (Some(low), Some(high)) => (low * high).sqrt(),
            (Some(low), None) if low >= most => return Ok(steps),
            (Some(low), None) => (low * 2.0).min(most),
            (None, Some(high)) if high <= 1.0 => return Ok(steps),
            (None, Some(high)) => (high / 2.0).max(1.0),
            (None, None) => return Ok(steps),
        };
    }
}

/// One step, and how many of its decisions were slower than the limit.
fn run_at(
    profile: &Profile,
    plans: &[Arc<Plan>],
    times: f64,
    seconds: f64,
    limit_us: f64,
    interrupted: &AtomicBool,
) -> Result<(HeadroomStep, u64), Stopped> {
    let mut profile = profile.clone();
    profile.load.bhcc *= times;
    profile.load.warm_up = WARM_UP;
    profile.load.duration = Duration::from_nanos((seconds * 1e9) as u64);
    for stream in &mut profile.load.streams {
        stream.ring = shortened(stream.ring, times);
        stream.talk = shortened(stream.talk, times);
    }
    let mut hooks = Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted };
    let result = driver::run_real(&profile, plans, &mut hooks);
    let Some(real) = result.real.filter(|_| result.ended == Ended::Complete) else { return Err(Stopped) };
    let p999 = real.route_delay.quantile(0.999).map(|ns| ns / 1_000.0);
    let fast = p999.is_some_and(|us| us <= limit_us);
    let late = real.lateness.histogram().quantile(0.999).unwrap_or(0.0);
    let void = real.why_void.or_else(|| {
        (!fast && late > limit_us).then(|| format!("the generator itself was {late:.0} us late (p99.9)"))
    });
    let step = HeadroomStep {
        times_rated: times,
        route_delay_us_p999: p999,
        generator_lateness_us_p99: real.lateness.histogram().quantile(0.99),
        decisions: real.route_delay.count(),
        pass: fast && void.is_none(),
        void,
    };
    Ok((step, real.route_delay.count_above(Duration::from_nanos((limit_us * 1_000.0) as u64))))
}

fn shortened(length: Distribution, times: f64) -> Distribution {
    let short = |length: Duration| Duration::from_nanos((length.as_nanos() as f64 / times) as u64);
    match length {
        Distribution::Fixed(length) => Distribution::Fixed(short(length)),
        Distribution::Exponential { mean } => Distribution::Exponential { mean: short(mean) },
        Distribution::LogNormal { mean, cv } => Distribution::LogNormal { mean: short(mean), cv },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(slow_above: f64, void_above: f64, start: f64) -> Vec<HeadroomStep> {
        let step = |times: f64| {
            let void = (times > void_above).then(|| "late".to_owned());
            Ok(HeadroomStep {
                times_rated: times,
                route_delay_us_p999: None,
                generator_lateness_us_p99: None,
                decisions: 3_000,
                pass: times <= slow_above && void.is_none(),
                void,
            })
        };
        climb(start, 1e6, 10.0, step).expect("never stopped")
    }

    #[test]
    fn finds_the_turn_within_a_twentieth_from_either_side() {
        for start in [1.0, 100.0, 5_000.0] {
            let found = highest(&machine(730.0, 1e9, start)).expect("a turn");
            assert!(found <= 730.0 && found * CLOSE >= 730.0, "{found} from {start}");
        }
    }

    #[test]
    fn no_number_where_the_generator_was_the_limit_or_the_rated_load_is_too_much() {
        assert_eq!(highest(&machine(1e9, 300.0, 10.0)), None);
        assert_eq!(highest(&machine(0.5, 1e9, 10.0)), None);
        assert_eq!(highest(&machine(1e9, 1e9, 10.0)), None);
    }

    #[test]
    fn a_slow_machine_is_not_searched_where_steps_take_minutes() {
        for turn in [0.5, 1.5, 3.0, 7.0] {
            let steps = machine(turn, 1e9, 108.0);
            assert!(steps.len() <= 8, "{turn}: {} steps", steps.len());
            assert_eq!(highest(&steps).is_some(), turn > 1.0);
        }
    }

    #[test]
    fn calls_get_shorter_as_they_get_more() {
        let six = Duration::from_secs(6);
        let shorter = Distribution::Fixed(Duration::from_millis(60));
        assert_eq!(shortened(Distribution::Fixed(six), 100.0), shorter);
    }
}
