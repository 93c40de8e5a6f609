//! Independent pieces of work on several threads, results in the order of the pieces.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Does `work` for each of 0..`count` on up to `jobs` threads. The results do not depend on `jobs`.
pub fn run_all<T: Send>(count: usize, jobs: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let thread = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return;
            }
            let result = work(n);
            done.lock().insert(n, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs.min(count) {
            scope.spawn(thread);
        }
        thread();
    });
    done.into_inner().into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        for jobs in [1, 2, 7, 64] {
            assert_eq!(run_all(20, jobs, |n| n * n), (0..20).map(|n| n * n).collect::<Vec<_>>(), "{jobs}");
        }
        assert!(run_all(0, 4, |n| n).is_empty());
    }
}
