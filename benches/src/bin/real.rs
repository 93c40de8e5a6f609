//! `real BHCC SECONDS [one-thread|thread-a-system]`: plays so many calls an hour on the wall clock, each of which rings five seconds and
//! talks six, against one system, all on one thread if nothing else is asked for; says how long a call took from the instant it was due
//! until it was routed.

use benches::run::{Run, Way};
use benches::what_if::in_progress;
use engine::time::Duration;
use loadgen::profile::Arrivals;

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds that a call lasts.
const CALL_S: u64 = 11;
/// The rated load of select-r640, calls an hour.
const RATED: f64 = 20_000.0;

/// Load before the measured part: until as many calls have begun as are in progress from then on, and a little longer, tables grow.
const WARM_UP: Duration = Duration::from_secs(CALL_S + 2);
const USAGE: &str = "say how many calls an hour, for how long and on what: real BHCC SECONDS [one-thread|thread-a-system], as in \
    real 20000000 30 one-thread";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (bhcc, seconds, way) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [bhcc, seconds] | [bhcc, seconds, "one-thread"] => (bhcc, seconds, Way::OneThread),
        [bhcc, seconds, "thread-a-system"] => (bhcc, seconds, Way::ThreadASystem),
        _ => return Err(USAGE.into()),
    };
    let (bhcc, seconds): (u64, u64) = (bhcc.parse()?, seconds.parse()?);
    let mut profile = in_progress(bhcc * CALL_S / 3_600, bhcc * seconds / 3_600);
    profile.load.arrivals = Arrivals::Poisson;
    profile.load.warm_up = WARM_UP;
    let systems = profile.solution.systems.len();
    let result = Run::of(profile).play(way);
    let calls = &result.tally.calls;
    let real = result.real.ok_or("a run on the wall clock has its figures")?;
    println!(
        "{bhcc} calls an hour ({:.0} times select-r640's) for {seconds} s after {} s, {systems} systems, threads: {}",
        bhcc as f64 / RATED,
        WARM_UP.as_secs_f64(),
        real.threads
    );
    println!("{} calls planned, {} completed", calls.planned, calls.completed);
    for (what, histogram) in [("due to routed", &real.route_delay), ("the engine's part", &real.handle_time)]
    {
        let us = |quantile| histogram.quantile(quantile).unwrap_or(f64::NAN) / 1e3;
        let [median, p99, p999, most] = [0.5, 0.99, 0.999, 1.0].map(us);
        println!("{what}: median {median:.1} us, p99 {p99:.1} us, p99.9 {p999:.1} us, most {most:.1} us");
    }
    println!("{}", real.why_void.map_or("it counts".to_owned(), |why| format!("void: {why}")));
    Ok(())
}
