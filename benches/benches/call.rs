//! One call's whole life, by kind, and its record as text.

use benches::call::{Bench, KINDS};
use benches::records::Records;
use criterion::{Criterion, criterion_group, criterion_main};

fn lives(c: &mut Criterion) {
    let mut group = c.benchmark_group("call");
    for (name, kind) in KINDS {
        let mut bench = Bench::warm();
        group.bench_function(name, |b| b.iter(|| assert_eq!(bench.call(kind), kind.life())));
        assert_eq!(bench.in_progress(), 0);
    }
    group.finish();
    let mut records = Records::new();
    c.bench_function("record_as_text", |b| b.iter(|| assert_eq!(records.write(1), 1)));
}

criterion_group!(benches, lives);
criterion_main!(benches);
