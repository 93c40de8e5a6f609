//! Whole runs in virtual time, every check included.

use benches::ratio::is_measurement;
use benches::run::Run;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn runs(c: &mut Criterion) {
    let seconds = if is_measurement() { 3_600 } else { 10 };
    let mut group = c.benchmark_group("run");
    for (name, bhcc) in [("40_calls_at_once", 24_000), ("2000_calls_at_once", 1_200_000)] {
        let run = Run::on_one_trunk(bhcc, (seconds / (bhcc / 24_000)).max(1), 1, 5);
        let once = run.replay();
        group.throughput(Throughput::Elements(once.offered)).sample_size(10);
        group.bench_function(name, |b| b.iter(|| assert_eq!(run.replay(), once)));
    }
    group.finish();
}

criterion_group!(benches, runs);
criterion_main!(benches);
