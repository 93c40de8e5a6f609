//! Has generators place a load together, and makes one record of what they bring.

use super::order::Order;
use crate::profile::Profile;
use crate::report::{GeneratorPart, RunRecord, Verdict, merge_parts};
use cluster::{Brought, ClockReading, Generators};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Time between the last word and the instant at which all begin.
const LEAD: Duration = Duration::from_secs(1);
/// A clock that can be read no better than this makes no common instant.
pub const LEAST_CERTAIN: Duration = Duration::from_millis(10);
/// How far a clock may have moved against ours between start and end, besides what the readings leave open.
pub const MOST_DRIFT: Duration = Duration::from_millis(20);

/// What became of a load.
pub enum Placed {
    /// It was placed, well or not.
    Record(Box<RunRecord>),
    /// It was interrupted before it began.
    Never,
}

/// Places the load of `profile`, whose parts are `orders`, and judges it.
///
/// # Errors
/// It could not begin: a clock cannot be read, a generator cannot do its part; or no generator brought anything.
pub fn place(
    generators: &mut Generators,
    profile: &Profile,
    orders: &[Order],
    interrupted: &AtomicBool,
    tell: &dyn Fn(&str),
) -> Result<Placed, String> {
    let parts: Result<Vec<Vec<u8>>, _> = orders.iter().map(serde_json::to_vec).collect();
    let parts = parts.map_err(|error| error.to_string())?;
    let names = generators.names();
    tell(&format!("{} get ready", names.join(", ")));
    if !generators.hand_out(parts, interrupted)? {
        return Ok(Placed::Never);
    }
    let clocks = names.iter().zip(generators.clocks()).map(|(name, clock)| certain(name, clock));
    let clocks = clocks.collect::<Result<Vec<ClockReading>, String>>()?;
    generators.start(LEAD, &clocks)?;
    tell(&format!("{} generators begin", names.len()));
    let brought = generators.results(interrupted);
    let after = generators.clocks();
    let mut parts = Vec::new();
    for (n, name) in names.into_iter().enumerate() {
        parts.push(part(name, &brought[n], clocks[n], after[n]));
    }
    merge_parts(profile, &parts).map(|record| Placed::Record(Box::new(record)))
}

fn certain(name: &str, clock: Option<ClockReading>) -> Result<ClockReading, String> {
    let clock = clock.ok_or_else(|| format!("{name}: its clock cannot be read"))?;
    if u128::from(clock.uncertain_ns) <= LEAST_CERTAIN.as_nanos() {
        return Ok(clock);
    }
    let (ms, most) = (clock.uncertain_ns / 1_000_000, LEAST_CERTAIN.as_millis());
    Err(format!(
        "{name}: its clock can be read to {ms} ms only, and {most} ms are the most for a common start"
    ))
}

/// A part as it counts: one whose record cannot be read, or whose clock moved, counts for nothing.
fn part(
    name: String,
    brought: &Brought,
    clock: ClockReading,
    after: Option<ClockReading>,
) -> (GeneratorPart, Option<RunRecord>) {
    let read =
        |bytes: &Vec<u8>| serde_json::from_slice::<RunRecord>(bytes).map_err(|error| error.to_string());
    let record = brought.as_ref().map_err(Clone::clone).and_then(read);
    let mut part = GeneratorPart {
        name,
        clock_ahead_ms: clock.ahead_ns as f64 / 1e6,
        clock_uncertain_ms: clock.uncertain_ns as f64 / 1e6,
        planned: None,
        started: None,
        lateness_us_p99: None,
        verdict: Verdict::Void,
        why: None,
    };
    match &record {
        Ok(record) => {
            part.planned = Some(record.calls.planned);
            part.started = Some(record.calls.started);
            part.lateness_us_p99 = record.metrics.generator_lateness_us_p99;
            part.verdict = record.verdict;
            part.why = record
                .checks
                .iter()
                .find(|c| !c.pass && c.name == "generator kept up")
                .map(|c| c.detail.clone());
        }
        Err(why) => part.why = Some(why.clone()),
    }
    if let Some(why) = after.and_then(|after| judge_clock(clock, after)) {
        (part.verdict, part.why) = (Verdict::Void, Some(why));
    }
    (part, record.ok())
}

/// Why a clock that was read before and after cannot have kept time; `None` if it can.
#[must_use]
pub fn judge_clock(before: ClockReading, after: ClockReading) -> Option<String> {
    let moved = after.ahead_ns.abs_diff(before.ahead_ns);
    let open = before.uncertain_ns + after.uncertain_ns + MOST_DRIFT.as_nanos() as u64;
    (moved > open).then(|| format!("its clock moved by {} ms while it ran", moved / 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ahead_ms: i64, uncertain_ms: u64) -> ClockReading {
        ClockReading { ahead_ns: ahead_ms * 1_000_000, uncertain_ns: uncertain_ms * 1_000_000 }
    }

    #[test]
    fn a_clock_that_moves_more_than_can_be_explained_is_no_clock() {
        assert_eq!(judge_clock(read(3_600_000, 1), read(3_600_020, 1)), None, "an hour ahead all the time");
        let why = judge_clock(read(0, 1), read(-30, 1)).expect("30 ms are too much");
        assert_eq!(why, "its clock moved by 30 ms while it ran");
        assert!(certain("g", Some(read(0, 10))).is_ok() && certain("g", None).is_err());
        assert!(certain("g", Some(read(0, 11))).is_err_and(|why| why.contains("11 ms only")));
    }

    #[test]
    fn a_part_that_nobody_can_read_is_void_and_says_why() {
        let of = |brought: Brought| part("g".to_owned(), &brought, read(1, 1), Some(read(1, 1)));
        for (brought, word) in [(Err("no port".to_owned()), "no port"), (Ok(b"{".to_vec()), "EOF")] {
            let (part, record) = of(brought);
            assert!(part.why.is_some_and(|why| why.contains(word)), "{word}");
            assert_eq!((part.verdict, record), (Verdict::Void, None));
        }
    }
}
