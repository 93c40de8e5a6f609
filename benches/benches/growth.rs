//! What a call costs with ever more calls in progress, every check included: nanoseconds, and as a multiple of the first. A run of so
//! many calls is taken off one of twice as many, and with it what it takes to get there: memory that is touched for the first time.

use benches::ratio::{self, Candidate, is_measurement, timed};
use benches::run::Run;
use benches::what_if::in_progress;
use std::time::Duration;

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let (most, calls, rounds) = if is_measurement() { (1_000_000, 2_000_000, 5) } else { (1_000, 2_000, 1) };
    let sizes = [10, 1_000, 100_000, 1_000_000].into_iter().filter(|&at_once| at_once <= most);
    let runs: Vec<_> = sizes
        .map(|at_once| {
            let of = |calls| Run::of(in_progress(at_once, calls));
            (at_once.to_string(), [of(calls), of(2 * calls)])
        })
        .collect();
    let mut work: Vec<_> = runs
        .iter()
        .map(|(name, runs)| {
            let once = runs.each_ref().map(Run::replay);
            (name, move || -> Duration {
                let [short, long] = [0, 1].map(|n| timed(&once[n], || runs[n].replay()));
                long.saturating_sub(short)
            })
        })
        .collect();
    let mut candidates: Vec<Candidate<'_>> =
        work.iter_mut().map(|(name, work)| (name.as_str(), work as &mut dyn FnMut() -> Duration)).collect();
    ratio::print("a call, with so many in progress", calls, rounds, &mut candidates);
}
