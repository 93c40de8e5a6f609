//! Reading an INVITE, and a call between two endpoints, in seconds.

use benches::sip::{INVITE, Pair, read_message, read_message_and_session};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn messages(c: &mut Criterion) {
    let expected = read_message(INVITE);
    c.bench_function("sip_invite", |b| {
        b.iter(|| assert_eq!(read_message(black_box(INVITE)), expected));
    });
    c.bench_function("sip_invite_and_sdp", |b| {
        b.iter(|| assert_eq!(read_message_and_session(black_box(INVITE)), expected + 20_000));
    });
    let mut pair = Pair::default();
    c.bench_function("sip_call_both_sides", |b| {
        b.iter(|| assert_eq!(pair.call(), 6));
    });
}

criterion_group!(benches, messages);
criterion_main!(benches);
