//! Bounded queues between two threads: what the real driver chose from.

use benches::queues::{Channel, ParkedArray, Queue, Std, ping_pong, stream};
use benches::ratio::{self, is_measurement};

fn main() {
    let (items, rounds) = if is_measurement() { (500_000, 9) } else { (1_000, 1) };
    let sum = items * (items - 1) / 2;
    compare("stream", items, rounds, &sum, [stream::<Channel>, stream::<ParkedArray>, stream::<Std>]);
    let trips = items / 10;
    let sum = trips * (trips - 1) / 2;
    let round_trip = [trip::<Channel>, trip::<ParkedArray>, trip::<Std>];
    compare("round trip", trips, rounds, &sum, round_trip);
}

fn trip<Q: Queue>(rounds: u64) -> u64 {
    ping_pong::<Q>(rounds)
}

fn compare(title: &str, operations: u64, rounds: usize, sum: &u64, work: [fn(u64) -> u64; 3]) {
    let [mut channel, mut array, mut std] = work.map(|work| move || ratio::timed(sum, || work(operations)));
    ratio::print(
        title,
        operations,
        rounds,
        &mut [("crossbeam channel", &mut channel), ("ArrayQueue + park", &mut array), ("std", &mut std)],
    );
}
