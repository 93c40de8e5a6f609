//! The embedded engine: shards on the threads of this process.

use super::collect::Collector;
use super::grid::Grid;
use super::model::Campaign;
use super::run::Runner;
use crossbeam::channel::{RecvTimeoutError, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Results that may wait for the collector.
const RESULTS_WAITING: usize = 64;
/// Time between two looks of the collector at what else it has to do.
const LOOK: Duration = Duration::from_millis(50);

/// Runs every shard that `collector` does not have yet on `jobs` threads, until all are there or `interrupted` is set. What is
/// collected does not depend on `jobs`.
///
/// # Errors
/// Results cannot be kept.
pub fn run_threads(
    campaign: &Arc<Campaign>,
    grid: &Arc<Grid>,
    jobs: usize,
    interrupted: &AtomicBool,
    collector: &mut Collector<'_>,
) -> Result<(), String> {
    let todo = collector.todo();
    let next = AtomicUsize::new(0);
    let (results, collected) = bounded(RESULTS_WAITING);
    let work = |results: crossbeam::channel::Sender<_>| {
        let mut runner = Runner::new(Arc::clone(campaign), Arc::clone(grid), interrupted);
        while !interrupted.load(Ordering::Relaxed) {
            let Some(&number) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            let Some(record) = runner.run(number) else { return };
            // A collector that is gone has said why.
            if results.send((number, record)).is_err() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, todo.len().max(1)) {
            let (results, work) = (results.clone(), &work);
            scope.spawn(move || work(results));
        }
        drop(results);
        loop {
            let taken = next.load(Ordering::Relaxed).min(todo.len());
            collector.set_running(taken.saturating_sub(collector.came()));
            match collected.recv_timeout(LOOK) {
                Ok((number, record)) => collector.take(number, record)?,
                Err(RecvTimeoutError::Timeout) => collector.pause()?,
                Err(RecvTimeoutError::Disconnected) => return collector.flush(),
            }
        }
    })
}
