//! What the end of a preserved call costs with ever more of them, in turns: a timer runs out, the call is released and recorded.

use benches::preserved::Preserved;
use benches::ratio::{is_measurement, print, timed};
use std::time::Duration;

fn main() {
    // All calls of a line, ten thousand, end at one instant: no fewer can be let go.
    let events = 10_000;
    let (sizes, rounds) =
        if is_measurement() { ([10_000, 100_000, 1_000_000], 7) } else { ([10_000, 20_000, 30_000], 1) };
    let run = |size: u64| -> Duration {
        let mut calls = Preserved::with(size);
        timed(&events, || calls.expire(events).0)
    };
    let [mut few, mut more, mut most] = sizes.map(|size| move || run(size));
    let names = sizes.map(|size| size.to_string());
    print(
        "end of a preserved call, of so many",
        events,
        rounds,
        &mut [(&names[0], &mut few), (&names[1], &mut more), (&names[2], &mut most)],
    );
}
