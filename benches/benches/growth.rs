//! What a call costs with ever more calls in progress, every check included: nanoseconds, and as a multiple of the first. A run of so
//! many calls is taken off one of twice as many, and with it what it takes to get there: memory that is touched for the first time. Each
//! run has a process of its own, or it would find the memory that the one before has left.

use benches::ratio::{self, Candidate, is_measurement};
use benches::run::Run;
use benches::what_if::in_progress;
use std::process::Command;
use std::time::{Duration, Instant};

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// In front of how many calls are in progress at once and how many are placed: one run.
const ONE_RUN: &str = "--one-run";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, at_once, calls] = words.as_slice()
        && first == ONE_RUN
    {
        let number = |word: &String| word.parse().expect("a number");
        let run = Run::of(in_progress(number(at_once), number(calls)));
        let started = Instant::now();
        let replayed = run.replay();
        println!("{} {}", started.elapsed().as_nanos(), replayed.offered);
        return;
    }
    let (most, calls, rounds) = if is_measurement() { (1_000_000, 2_000_000, 5) } else { (1_000, 2_000, 1) };
    let sizes = [10, 1_000, 100_000, 1_000_000].into_iter().filter(|&at_once| at_once <= most);
    let mut work: Vec<_> = sizes
        .map(|at_once: u64| {
            let once = move || one_run(at_once, 2 * calls).saturating_sub(one_run(at_once, calls));
            (at_once.to_string(), once)
        })
        .collect();
    let mut candidates: Vec<Candidate<'_>> =
        work.iter_mut().map(|(name, work)| (name.as_str(), work as &mut dyn FnMut() -> Duration)).collect();
    ratio::print("a call, with so many in progress", calls, rounds, &mut candidates);
}

/// How long a run takes in a new process, once its network is built.
fn one_run(at_once: u64, calls: u64) -> Duration {
    let program = std::env::current_exe().expect("this program");
    let words = [ONE_RUN.to_owned(), at_once.to_string(), calls.to_string()];
    let output = Command::new(program).args(words).output().expect("it can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let said: Vec<u64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [nanoseconds, offered] = said[..] else { panic!("a run of {calls} calls ended with {output:?}") };
    assert!(offered.abs_diff(calls) <= calls / 100, "{offered} calls were offered of {calls}");
    Duration::from_nanos(nanoseconds)
}
