//! Instruction counts of reading an INVITE and of a call; see `instructions.sh`.

#![expect(missing_docs, reason = "the macros of gungraun make public items of every benchmark")]

use benches::sip::{INVITE, Pair, read_message, read_message_and_session};
use gungraun::{library_benchmark, library_benchmark_group, main};
use std::hint::black_box;

#[library_benchmark]
fn invite() -> usize {
    read_message(black_box(INVITE))
}

#[library_benchmark]
fn invite_and_sdp() -> usize {
    read_message_and_session(black_box(INVITE))
}

// Two thousand calls, so that timers of the earliest have run.
fn warm() -> Pair {
    let mut pair = Pair::default();
    assert!((0..2_000).all(|_| pair.call() == 6));
    pair
}

// Both sides of a call of six messages.
#[library_benchmark(setup = warm)]
fn call_both_sides(pair: Pair) -> Pair {
    let mut pair = pair;
    assert_eq!(pair.call(), 6);
    pair
}

library_benchmark_group!(name = sip, benchmarks = [invite, invite_and_sdp, call_both_sides]);
main!(library_benchmark_groups = sip);
