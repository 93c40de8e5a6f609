//! The machine's own limits: nanoseconds of a step through ever more memory, of a line brought closer from one of ever more pages, of
//! an event of a heap, of a datagram.

use benches::machine::{Datagrams, HeapOfEvents, Memory, Pages};
use benches::ratio::{self, Candidate, is_measurement, timed};
use std::time::Duration;

// As busyhour itself has it: in pages of two megabytes, as far as the machine has such.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let rounds = if is_measurement() { 7 } else { 1 };
    memory(rounds);
    pages(rounds);
    events(rounds);
    datagrams(rounds);
}

fn print<W: FnMut() -> Duration>(title: &str, of: u64, rounds: usize, work: &mut [(String, W)]) {
    let mut candidates: Vec<Candidate<'_>> =
        work.iter_mut().map(|(name, work)| (name.as_str(), work as &mut dyn FnMut() -> Duration)).collect();
    ratio::print(title, of, rounds, &mut candidates);
}

fn memory(rounds: usize) {
    const STEPS: usize = 1 << 20;
    let most = if is_measurement() { 1 << 30 } else { 1 << 20 };
    let sizes = [("32 KiB", 1 << 15), ("512 KiB", 1 << 19), ("16 MiB", 1 << 24), ("1 GiB", 1 << 30)];
    let mut work: Vec<_> = sizes
        .into_iter()
        .filter(|&(_, bytes)| bytes <= most)
        .map(|(name, bytes)| {
            let mut memory = Memory::of(bytes);
            // As often as all places are passed, it is where it began.
            let ends = STEPS.is_multiple_of(memory.places());
            (name.to_owned(), move || timed(&ends, || memory.walk(STEPS)))
        })
        .collect();
    print("a load that waits for the one before", STEPS as u64, rounds, &mut work);
}

fn pages(rounds: usize) {
    const STEPS: usize = 1 << 18;
    let mut work: Vec<_> = [64, 512, 1_024, 2_048, 4_096]
        .into_iter()
        .map(|count| {
            let mut pages = Pages::of(count);
            (count.to_string(), move || timed(&STEPS, || pages.pass(STEPS)))
        })
        .collect();
    print("a line of so many pages, and 240 steps", STEPS as u64, rounds, &mut work);
}

fn events(rounds: usize) {
    const EVENTS: u32 = 1 << 18;
    let most = if is_measurement() { 1_000_000 } else { 1_000 };
    let mut work: Vec<_> = [75, 1_000, 1_000_000]
        .into_iter()
        .filter(|&outstanding| outstanding <= most)
        .map(|outstanding| {
            let mut events = HeapOfEvents::with(outstanding);
            (outstanding.to_string(), move || timed(&EVENTS, || events.pass(EVENTS)))
        })
        .collect();
    print("an event of a binary heap of so many", u64::from(EVENTS), rounds, &mut work);
}

fn datagrams(rounds: usize) {
    const ALL: usize = 1 << 13;
    let mut work: Vec<_> = [1, 16]
        .into_iter()
        .map(|batch| {
            let mut sockets = Datagrams::new().expect("two sockets");
            let mut carry = move || sockets.carry(ALL / batch, batch).expect("sockets that work");
            (format!("{batch} at a time"), move || timed(&ALL, &mut carry))
        })
        .collect();
    print("a datagram sent and read", ALL as u64, rounds, &mut work);
}
