//! One call's whole life, by kind.

use benches::call::{Bench, KINDS};
use criterion::{Criterion, criterion_group, criterion_main};

fn lives(c: &mut Criterion) {
    let mut group = c.benchmark_group("call");
    for (name, kind) in KINDS {
        let mut bench = Bench::warm();
        group.bench_function(name, |b| b.iter(|| assert_eq!(bench.call(kind), kind.life())));
        assert_eq!(bench.in_progress(), 0);
    }
    group.finish();
}

criterion_group!(benches, lives);
criterion_main!(benches);
