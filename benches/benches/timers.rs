//! The engine's timers against a wheel from a registry: 1,000 to 1,000,000 outstanding.

use benches::ratio::{self, is_measurement};
use benches::timers::{Engine, Spread, Timers, Wheel, churn, expire_all, filled};
use criterion::{Criterion, criterion_group};

const SPREADS: [(&str, Spread); 2] = [("declared", Spread::Declared), ("any", Spread::Any)];

fn sizes() -> &'static [u64] {
    if is_measurement() { &[1_000, 10_000, 100_000, 1_000_000] } else { &[100] }
}

fn cancel_and_arm(c: &mut Criterion) {
    let mut group = c.benchmark_group("timers");
    for (name, spread) in SPREADS {
        for &size in sizes() {
            one_of::<Engine>(&mut group, "engine", name, spread, size);
            one_of::<Wheel>(&mut group, "wheel", name, spread, size);
        }
    }
    group.finish();
}

fn one_of<T: Timers>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    which: &str,
    name: &str,
    spread: Spread,
    size: u64,
) {
    let mut timers: T = filled(spread, size);
    let mut n = size;
    group.bench_function(format!("{which}/{name}/{size}"), |b| {
        b.iter(|| {
            assert_eq!(churn(&mut timers, spread, n, 1), 1);
            n += 1;
        });
    });
}

/// Both take turns at the same work, which is what a ratio on a noisy machine needs.
fn ratios() {
    for (name, spread) in SPREADS {
        for &size in sizes() {
            let times = size.clamp(10_000, 100_000);
            let rounds = 5;
            let mut engine: Engine = filled(spread, size);
            let mut wheel: Wheel = filled(spread, size);
            let (mut first, mut second) = (size, size);
            let mut on_engine = || {
                first += times;
                ratio::timed(&times, || churn(&mut engine, spread, first - times, times))
            };
            let mut on_wheel = || {
                second += times;
                ratio::timed(&times, || churn(&mut wheel, spread, second - times, times))
            };
            let title = format!("cancel + arm, {name}, {size} outstanding");
            ratio::print(&title, times, rounds, &mut [("engine", &mut on_engine), ("wheel", &mut on_wheel)]);

            let mut on_engine = || expiry::<Engine>(spread, size);
            let mut on_wheel = || expiry::<Wheel>(spread, size);
            let title = format!("expire, {name}, {size}");
            ratio::print(&title, size, rounds, &mut [("engine", &mut on_engine), ("wheel", &mut on_wheel)]);
        }
    }
}

fn expiry<T: Timers>(spread: Spread, size: u64) -> std::time::Duration {
    let mut timers: T = filled(spread, size);
    ratio::timed(&size, || expire_all(&mut timers))
}

criterion_group!(benches, cancel_and_arm);

fn main() {
    benches();
    ratios();
    Criterion::default().configure_from_args().final_summary();
}
