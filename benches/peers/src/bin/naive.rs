//! What one writes first: a binary heap of events.

use peers::{Arrivals, BusyHour, Outcome};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    Answer(u64),
    HangUp(u64),
}

fn main() {
    let hour = BusyHour::from_args();
    let ns = |s: f64| (s * 1e9) as u64;
    let (ring, talk, end) = (ns(hour.ring_s), ns(hour.talk_s), ns(hour.seconds()));
    let begun = Instant::now();
    let mut arrivals = Arrivals::new(&hour);
    let mut outcome = Outcome::default();
    let mut in_use = 0;
    let mut sequence = 0_u64;
    let mut events = BinaryHeap::new();
    events.push(Reverse((ns(arrivals.gap_s()), 0, Event::Arrival)));
    while let Some(Reverse((now, _, event))) = events.pop() {
        let mut at = |when: u64, event| {
            sequence += 1;
            events.push(Reverse((when, sequence, event)));
        };
        match event {
            Event::Arrival => {
                if now >= end {
                    continue;
                }
                outcome.offered += 1;
                if in_use == hour.channels {
                    outcome.blocked += 1;
                } else {
                    in_use += 1;
                    at(now + ring, Event::Answer(outcome.offered));
                }
                at(now + ns(arrivals.gap_s()), Event::Arrival);
            }
            Event::Answer(call) => {
                outcome.answered += 1;
                at(now + talk, Event::HangUp(call));
            }
            Event::HangUp(_) => {
                in_use -= 1;
                outcome.completed += 1;
            }
        }
    }
    outcome.print(begun.elapsed());
}
