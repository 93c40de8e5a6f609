//! `threads [TIMES]...`: what more threads gain. 150 systems at so many times the rated load (1, 10, 100 and 1,000), in one run of this
//! program: on one thread and on several in turns, so that whatever else the machine does meets both. Times are those of the whole
//! run in virtual time, checks included. `THREADS` says on how many (2), `ROUNDS` how many pairs (5), `CALLS` how many calls are
//! placed in each run (400,000).

use benches::double_star::{SYSTEMS, double_star};
use benches::run::{Replayed, Run};
use std::time::Instant;

// As busyhour itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked: Vec<u64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let loads = if asked.is_empty() { vec![1, 10, 100, 1_000] } else { asked };
    let threads = usize::try_from(setting("THREADS", 2)?)?;
    let (rounds, calls) = (setting("ROUNDS", 5)?.max(1), setting("CALLS", 400_000)?);
    println!("{SYSTEMS} systems; medians of {rounds} pairs");
    println!(
        "{:>6} {:>9} {:>10} {:>10} {:>6}  ratios           digest",
        "load", "calls", "1 thread", threads, "ratio"
    );
    for times in loads {
        let run = Run::of(double_star(times, calls));
        let (mut one, mut several, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let mut replayed = None;
        for round in 0..rounds {
            // Whoever is first finds the memory as the pair before has left it.
            let mut pair = [(1, 0.0), (threads, 0.0)];
            if round % 2 == 1 {
                pair.reverse();
            }
            for (on, seconds) in &mut pair {
                let started = Instant::now();
                let outcome: Replayed = run.replay_on(*on);
                *seconds = started.elapsed().as_secs_f64();
                if *replayed.get_or_insert(outcome) != outcome {
                    return Err(format!("on {on} threads: {outcome:?}, before: {replayed:?}").into());
                }
            }
            pair.sort_by_key(|&(on, _)| on);
            one.push(pair[0].1);
            several.push(pair[1].1);
            ratios.push(pair[0].1 / pair[1].1);
        }
        let Some(Replayed { offered, digest, .. }) = replayed else { continue };
        let (one, several, ratio) = (median(&mut one), median(&mut several), median(&mut ratios));
        let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
        println!(
            "{times:>6} {offered:>9} {one:>8.3} s {several:>8.3} s {ratio:>6.2}  {least:.2} to {most:.2}     {digest:016x}"
        );
    }
    Ok(())
}

fn setting(name: &str, otherwise: u64) -> Result<u64, std::num::ParseIntError> {
    std::env::var(name).map_or(Ok(otherwise), |text| text.parse())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
