//! Instruction counts under callgrind: equal from run to run, so fit for a gate. See `instructions.sh`.

#![expect(missing_docs, reason = "the macros of gungraun make public items of every benchmark")]

use benches::call::{Bench, Kind};
use benches::preserved::Preserved;
use benches::records::Records;
use benches::short_codes::Codes;
use benches::timers::{Engine, Spread, Timers, Wheel, churn, expire_all, filled};
use gungraun::{library_benchmark, library_benchmark_group, main};

fn warm(kind: Kind) -> (Bench, Kind) {
    (Bench::warm(), kind)
}

// One call's whole life, the small world around it included.
#[library_benchmark(setup = warm)]
#[bench::incoming(Kind::Incoming)]
#[bench::outgoing_ars(Kind::OutgoingArs)]
#[bench::inter_system(Kind::InterSystem)]
#[bench::hunt_group(Kind::HuntGroup)]
#[bench::conference(Kind::Conference)]
fn call(input: (Bench, Kind)) -> Bench {
    let (mut bench, kind) = input;
    assert_eq!(bench.call(kind), kind.life());
    bench
}

// A hundred call records written as lines of text.
#[library_benchmark(setup = Records::new)]
#[bench::of_incoming_calls()]
fn write_100_records(mut records: Records) -> Records {
    assert_eq!(records.write(100), 100);
    records
}

// A hundred numbers matched, each with its code.
#[library_benchmark(setup = Codes::new)]
#[bench::of_1000(1_000)]
#[bench::of_10000(10_000)]
#[bench::of_100000(100_000)]
fn match_100_numbers(codes: Codes) -> Codes {
    assert!((0..100).all(|n| codes.matches(n)));
    codes
}

fn engine(spread: Spread, outstanding: u64) -> (Engine, Spread, u64) {
    (filled(spread, outstanding), spread, outstanding)
}

fn wheel(spread: Spread, outstanding: u64) -> (Wheel, Spread, u64) {
    (filled(spread, outstanding), spread, outstanding)
}

// A thousand times: the oldest timer cancelled, a new one armed.
fn churn_1000<T: Timers>(input: (T, Spread, u64)) -> T {
    let (mut timers, spread, outstanding) = input;
    assert_eq!(churn(&mut timers, spread, outstanding, 1_000), 1_000);
    timers
}

#[library_benchmark(setup = engine)]
#[bench::declared_1000(Spread::Declared, 1_000)]
#[bench::declared_100000(Spread::Declared, 100_000)]
#[bench::any_1000(Spread::Any, 1_000)]
#[bench::any_100000(Spread::Any, 100_000)]
fn engine_churn_1000(input: (Engine, Spread, u64)) -> Engine {
    churn_1000(input)
}

#[library_benchmark(setup = wheel)]
#[bench::declared_1000(Spread::Declared, 1_000)]
#[bench::declared_100000(Spread::Declared, 100_000)]
#[bench::any_1000(Spread::Any, 1_000)]
#[bench::any_100000(Spread::Any, 100_000)]
fn wheel_churn_1000(input: (Wheel, Spread, u64)) -> Wheel {
    churn_1000(input)
}

// All timers expire, second by second.
fn expire<T: Timers>(input: (T, Spread, u64)) -> T {
    let (mut timers, _, outstanding) = input;
    assert_eq!(expire_all(&mut timers), outstanding);
    timers
}

#[library_benchmark(setup = engine)]
#[bench::declared_100000(Spread::Declared, 100_000)]
#[bench::any_100000(Spread::Any, 100_000)]
fn engine_expire(input: (Engine, Spread, u64)) -> Engine {
    expire(input)
}

#[library_benchmark(setup = wheel)]
#[bench::declared_100000(Spread::Declared, 100_000)]
#[bench::any_100000(Spread::Any, 100_000)]
fn wheel_expire(input: (Wheel, Spread, u64)) -> Wheel {
    expire(input)
}

// A hundred preserved calls end, of so many.
#[library_benchmark(setup = Preserved::with)]
#[bench::of_1000(1_000)]
#[bench::of_10000(10_000)]
#[bench::of_1000000(1_000_000)]
fn end_100_preserved(mut calls: Preserved) -> Preserved {
    assert_eq!(calls.expire(100).0, 100);
    calls
}

library_benchmark_group!(name = calls, benchmarks = [call, write_100_records, end_100_preserved]);
library_benchmark_group!(name = short_codes, benchmarks = match_100_numbers);
library_benchmark_group!(
    name = timers,
    benchmarks = [engine_churn_1000, wheel_churn_1000, engine_expire, wheel_expire]
);
main!(library_benchmark_groups = [calls, short_codes, timers]);
