//! Short-code matching in tables of 1,000, 10,000 and 100,000 codes.

use benches::ratio::is_measurement;
use benches::short_codes::Codes;
use criterion::{Criterion, criterion_group, criterion_main};

fn matches(c: &mut Criterion) {
    let sizes: &[usize] = if is_measurement() { &[1_000, 10_000, 100_000] } else { &[100] };
    let mut group = c.benchmark_group("short_code");
    for &size in sizes {
        let codes = Codes::new(size);
        let mut n = 0;
        group.bench_function(size.to_string(), |b| {
            b.iter(|| {
                n += 1;
                assert!(codes.matches(n));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, matches);
criterion_main!(benches);
