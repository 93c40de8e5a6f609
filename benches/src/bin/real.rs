//! `real BHCC SECONDS`: plays so many calls an hour on the wall clock, each of which rings five seconds and talks six, against one
//! system; says how long a call took from the instant it was due until it was routed.

use benches::run::Run;
use benches::what_if::in_progress;
use loadgen::profile::Arrivals;

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seconds that a call lasts.
const CALL_S: u64 = 11;
/// The rated load of select-r640, calls an hour.
const RATED: f64 = 20_000.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<u64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let [bhcc, seconds] = words.as_slice() else {
        return Err(
            "say how many calls an hour and for how long: real BHCC SECONDS, as in real 20000000 30".into()
        );
    };
    let mut profile = in_progress(bhcc * CALL_S / 3_600, bhcc * seconds / 3_600);
    profile.load.arrivals = Arrivals::Poisson;
    let systems = profile.solution.systems.len();
    let result = Run::of(profile).play();
    let calls = &result.tally.calls;
    println!(
        "{bhcc} calls an hour ({:.0} times select-r640's) for {seconds} s, {systems} systems",
        *bhcc as f64 / RATED
    );
    println!("{} calls planned, {} completed", calls.planned, calls.completed);
    let real = result.real.ok_or("a run on the wall clock has its figures")?;
    for (what, histogram) in [("due to routed", &real.route_delay), ("the engine's part", &real.handle_time)]
    {
        let us = |quantile| histogram.quantile(quantile).unwrap_or(f64::NAN) / 1e3;
        println!("{what}: median {:.1} us, p99 {:.1} us, p99.9 {:.1} us", us(0.5), us(0.99), us(0.999));
    }
    println!("{}", real.why_void.map_or("it counts".to_owned(), |why| format!("void: {why}")));
    Ok(())
}
