//! Comparisons on a noisy machine: candidates take turns, and what counts is the ratio of medians.

use std::time::{Duration, Instant};

/// A candidate: its name, and the work whose time it returns (set-up excluded).
pub type Candidate<'a> = (&'a str, &'a mut dyn FnMut() -> Duration);

/// Lets the candidates take turns for `rounds` rounds; median time of each.
pub fn medians(rounds: usize, candidates: &mut [Candidate<'_>]) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(rounds); candidates.len()];
    for _ in 0..rounds {
        for ((_, work), times) in candidates.iter_mut().zip(&mut times) {
            times.push(work());
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// Prints one line: the time of each candidate for one of `operations`, and as a multiple of the first's.
pub fn print(title: &str, operations: u64, rounds: usize, candidates: &mut [Candidate<'_>]) {
    let medians = medians(rounds, candidates);
    let first = medians.first().map_or(1.0, Duration::as_secs_f64);
    print!("{title:<40}");
    for ((name, _), time) in candidates.iter().zip(&medians) {
        let ns = time.as_secs_f64() * 1e9 / operations as f64;
        print!("  {name} {ns:.1} ns (x{:.2})", time.as_secs_f64() / first);
    }
    println!();
}

/// How long `work` takes; its result must be `expected`.
///
/// # Panics
/// If it is not.
pub fn timed<T: PartialEq + std::fmt::Debug>(expected: &T, work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = work();
    let time = start.elapsed();
    assert_eq!(&result, expected);
    time
}

/// Whether this is a measurement (`cargo bench`) and not a trial run (`cargo test`).
#[must_use]
pub fn is_measurement() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_each_candidate() {
        let mut next = [3, 1, 2].into_iter().map(Duration::from_secs);
        let mut varying = || next.next().unwrap_or_default();
        let mut steady = || Duration::from_secs(9);
        let medians = medians(3, &mut [("varying", &mut varying), ("steady", &mut steady)]);
        assert_eq!(medians, [Duration::from_secs(2), Duration::from_secs(9)]);
    }
}
