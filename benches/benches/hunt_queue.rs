//! What an event costs a hunt group of 200 members with a queue of 1,000: median and mean, by ring mode.

use benches::hunt_queue::Centre;
use benches::ratio::is_measurement;
use engine::Input;
use engine::plan::spec::RingMode;
use std::time::Instant;

fn main() {
    let (agents, waiting, turns) = if is_measurement() { (200, 1_000, 100_000) } else { (10, 50, 100) };
    for mode in [RingMode::Sequential, RingMode::Rotary, RingMode::LongestWaiting, RingMode::Collective] {
        let mut centre = Centre::full(mode, agents, waiting);
        let mut ns: Vec<u128> = Vec::with_capacity(3 * turns);
        let mut timed = |centre: &mut Centre, input: Input| {
            let start = Instant::now();
            centre.event(input);
            ns.push(start.elapsed().as_nanos());
        };
        for _ in 0..turns {
            centre.turn(&mut timed);
        }
        assert_eq!(centre.waiting() as usize, waiting, "the queue stays full");
        let mean = ns.iter().sum::<u128>() / ns.len() as u128;
        ns.sort_unstable();
        let (median, p99) = (ns[ns.len() / 2], ns[ns.len() / 100 * 99]);
        println!(
            "{mode:?}: {agents} members, {waiting} waiting: median {median} ns, mean {mean} ns, p99 {p99} ns an event"
        );
    }
}
