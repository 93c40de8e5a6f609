//! `what_if SYSTEMS USERS BHCC SECONDS [THREADS]`: replays so many calls an hour in a network of so many systems with so many users each,
//! for so long, with every check, on one thread unless more are asked for; says what it took.

use benches::what_if::WhatIf;
use engine::time::Duration;
use std::time::Instant;

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<u64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let (systems, users, bhcc, seconds, threads) = match *words.as_slice() {
        [systems, users, bhcc, seconds] => (systems, users, bhcc, seconds, 1),
        [systems, users, bhcc, seconds, threads] => (systems, users, bhcc, seconds, threads.max(1)),
        _ => {
            return Err(
                "say how large: what_if SYSTEMS USERS BHCC SECONDS, as in what_if 10000 3000 100000000 3600, and on how many threads"
                    .into(),
            );
        }
    };
    let what_if = WhatIf {
        systems: usize::try_from(systems)?,
        users: usize::try_from(users)?,
        bhcc,
        duration: Duration::from_secs(seconds),
    };
    let started = Instant::now();
    let run = what_if.run();
    let built = started.elapsed();
    println!("{systems} systems, {} users, {bhcc} calls an hour for {seconds} s", systems * users);
    println!("built in {:.1} s, {} MiB at most so far", built.as_secs_f64(), most_memory_mib()?);
    let started = Instant::now();
    let replayed = run.replay_on(usize::try_from(threads)?);
    let took = started.elapsed();
    println!(
        "{} calls offered, {} completed, {} at once at most, digest {:016x}",
        replayed.offered, replayed.completed, replayed.most_at_once, replayed.digest
    );
    let per_call = took.as_secs_f64() * 1e9 / replayed.offered.max(1) as f64;
    println!(
        "replayed on {threads} threads in {:.1} s, {per_call:.0} ns a call, {} MiB at most",
        took.as_secs_f64(),
        most_memory_mib()?
    );
    Ok(())
}

/// The most memory that this process has had so far.
fn most_memory_mib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1_024)
}
