//! The session establishment rate of RFC 7502: the algorithm of its section 4.10, unchanged.

use super::bench::{Bench, Log, Stopped};
use super::bisect::turn;
use super::judge::Wanted;
use super::limit::whole;
use super::record::{Limit, Rfc7502, Step};
use crate::profile::{Distribution, Profile};
use engine::time::Duration;

/// Set-ups that take longer count as failed: 64 times T1 (RFC 7501, establishment threshold time).
const ESTABLISHMENT_THRESHOLD_S: f64 = 32.0;
/// Growth of the rate at first, and never less.
const GROWTH: f64 = 0.10;
/// Successes at or below the best rate after which the search ends.
const ENOUGH: u32 = 10;

/// What the algorithm came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Establishment {
    /// The largest rate at which no attempt failed.
    pub rate: u64,
    /// Runs that it took.
    pub runs: u64,
}

/// Runs the algorithm from rate `start`; `all_succeed` sends the attempts of one run at the given rate.
///
/// Rates are whole numbers and rounded down, so that one of at most 9 never grows: choose a unit in which rates are larger.
///
/// # Errors
/// What `all_succeed` says.
pub fn rate_by_rfc7502<E>(
    start: u64,
    mut all_succeed: impl FnMut(u64) -> Result<bool, E>,
) -> Result<Establishment, E> {
    let (mut rate, mut best, mut runs, mut enough) = (start, 0, 0, 0);
    let mut up = GROWTH;
    let mut down = GROWTH.max(up / 2.0);
    loop {
        runs += 1;
        if all_succeed(rate)? {
            if rate > best {
                best = rate;
            } else {
                enough += 1;
                if enough >= ENOUGH {
                    return Ok(Establishment { rate: best.max(rate), runs });
                }
            }
            rate = (rate as f64 + up * rate as f64).floor() as u64;
        } else {
            rate = (rate as f64 - down * rate as f64).floor() as u64;
            down = GROWTH.max(down / 2.0);
            up = GROWTH.max(up / 2.0);
            if rate == 0 {
                return Ok(Establishment { rate: best, runs });
            }
        }
    }
}

/// The RFC's result for a profile, with runs of `attempts` calls, and beside it the exact limit of the same criterion.
///
/// # Errors
/// The search was interrupted.
pub fn establishment_rate(bench: &Bench<'_>, attempts: u64) -> Result<(Rfc7502, Limit, Vec<Step>), Stopped> {
    let mut log =
        Log::new(bench, Wanted::EveryCallEstablished { within_us: ESTABLISHMENT_THRESHOLD_S * 1e6 });
    let mut of_attempts =
        |load: u64| log.with(load, |profile| profile.load.duration = length_of(attempts, load)).cloned();
    let start = whole(bench.profile.load.bhcc);
    let found = rate_by_rfc7502(start, |load| Ok(of_attempts(load)?.pass))?;
    let near = found.rate.max(1);
    let exact = turn(near, near.saturating_mul(64), |load| Ok(of_attempts(load)?.pass))?;
    let failing = exact.fails.map(&mut of_attempts).transpose()?;
    let limit = Limit {
        bhcc: exact.passes,
        or_more: exact.fails.is_none(),
        interval_low_bhcc: None,
        interval_high_bhcc: None,
        fails_at_bhcc: exact.fails,
        fails_because: failing.as_ref().map_or_else(Vec::new, |step| step.missed.clone()),
        binding_resource: failing.and_then(|step| step.binding_resource),
    };
    let result = Rfc7502 {
        benchmark: benchmark(bench.profile).to_owned(),
        session_attempt_rate_initial_bhcc: start,
        attempts,
        runs: found.runs,
        total_sessions_attempted: log.steps.iter().map(|step| step.calls.planned).sum(),
        establishment_threshold_time_s: ESTABLISHMENT_THRESHOLD_S,
        session_establishment_rate_bhcc: found.rate,
    };
    Ok((result, limit, log.steps))
}

/// How long `attempts` evenly spaced calls at `bhcc` calls an hour take, rounded up.
fn length_of(attempts: u64, bhcc: u64) -> Duration {
    let ns = (u128::from(attempts) * 3_600_000_000_000).div_ceil(u128::from(bhcc.max(1)));
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

/// The RFC's answering side answers at once.
fn benchmark(profile: &Profile) -> &'static str {
    let at_once = |ring: Distribution| ring.fixed().is_some_and(Duration::is_zero);
    if profile.load.streams.iter().all(|stream| at_once(stream.ring)) {
        "rfc7502"
    } else {
        "rfc7502-search over bhcc profile"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(start: u64, capacity: u64) -> (u64, u64) {
        let found = rate_by_rfc7502(start, |rate| Ok::<bool, ()>(rate <= capacity)).expect("never stopped");
        (found.rate, found.runs)
    }

    #[test]
    fn the_rfcs_own_example_gives_458_of_460_in_38_runs() {
        assert_eq!(found(100, 460), (458, 38));
    }

    #[test]
    fn other_capacities_come_out_as_the_algorithm_worked_by_hand() {
        for (capacity, result) in [
            (100, (100, 20)),
            (250, (249, 30)),
            (1_000, (996, 46)),
            (1_234, (1_233, 48)),
            (5_000, (4_988, 63)),
        ] {
            assert_eq!(found(100, capacity), result, "{capacity}");
        }
        assert_eq!(found(3_600, 20_000), (19_801, 39));
        assert_eq!(found(3_600, 18_000), (17_820, 38));
        assert_eq!(found(3_600, 7_200), (7_184, 29));
    }

    #[test]
    fn a_rate_below_ten_does_not_grow_and_nothing_at_all_ends() {
        assert_eq!(found(5, 1_000), (5, 11));
        assert_eq!(found(100, 0).0, 0);
    }

    #[test]
    fn a_run_is_as_long_as_its_attempts() {
        assert_eq!(length_of(20_000, 20_000), Duration::from_secs(3_600));
        assert_eq!(length_of(1, 7), Duration::from_nanos(514_285_714_286));
    }
}
