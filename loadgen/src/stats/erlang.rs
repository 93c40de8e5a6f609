//! Erlang's formulas: blocking without a queue (B), waiting with one (C), and their inverses.

/// Most channels that [`channels_for_blocking`] tries.
pub const MAX_SERVERS: u64 = 10_000_000;

/// Erlang B: the share of calls blocked when `erlangs` are offered to `channels` (E.520). One step a channel.
#[must_use]
pub fn erlang_b(erlangs: f64, channels: u64) -> f64 {
    (1..=channels).fold(1.0, |blocking, n| next_blocking(erlangs, blocking, n))
}

/// Erlang C: the share of calls that wait when `erlangs` are offered to `servers` with a queue; `None` where the queue
/// grows without end (`servers` not above `erlangs`).
#[must_use]
pub fn erlang_c(erlangs: f64, servers: u64) -> Option<f64> {
    let n = servers as f64;
    let blocking = erlang_b(erlangs, servers);
    (n > erlangs).then(|| n * blocking / (n - erlangs * (1.0 - blocking)))
}

/// Fewest channels that block at most the share `blocking` of `erlangs`; `None` above [`MAX_SERVERS`].
#[must_use]
pub fn channels_for_blocking(erlangs: f64, blocking: f64) -> Option<u64> {
    let mut now = 1.0;
    for channels in 0..=MAX_SERVERS {
        if channels > 0 {
            now = next_blocking(erlangs, now, channels);
        }
        if now <= blocking {
            return Some(channels);
        }
    }
    None
}

/// Most traffic in Erlang of which `channels` block at most the share `blocking`; `None` unless `blocking` is in (0, 1).
#[must_use]
pub fn offered_for_blocking(channels: u64, blocking: f64) -> Option<f64> {
    if !(blocking > 0.0 && blocking < 1.0) {
        return None;
    }
    // What is carried is at most one Erlang a channel: A (1 - B) <= n.
    let (mut low, mut high) = (0.0, channels as f64 / (1.0 - blocking));
    while high - low > 1e-12 * high {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if erlang_b(middle, channels) <= blocking {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// Blocking with `n` channels from blocking with one less.
fn next_blocking(erlangs: f64, blocking: f64, n: u64) -> f64 {
    let busy = erlangs * blocking;
    busy / (n as f64 + busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(observed: f64, wanted: f64, tolerance: f64) {
        assert!((observed - wanted).abs() <= tolerance, "{observed} is not {wanted}");
    }

    #[test]
    fn reference_values_of_b() {
        near(erlang_b(10.0, 15), 0.036_496_945, 5e-10);
        near(erlang_b(61.1111, 80), 0.003_150_654, 5e-7);
        // By hand: B(1, 1) = 1/2 and B(1, 2) = 1/5.
        near(erlang_b(1.0, 1), 0.5, 0.0);
        near(erlang_b(1.0, 2), 0.2, 1e-16);
        near(erlang_b(5.0, 0), 1.0, 0.0);
        near(erlang_b(0.0, 3), 0.0, 0.0);
    }

    #[test]
    fn reference_values_of_c() {
        near(erlang_c(10.0, 14).expect("stable"), 0.174_131_934, 5e-10);
        near(erlang_c(61.1111, 70).expect("stable"), 0.190_835, 5e-7);
        assert_eq!(erlang_c(10.0, 10), None);
        // One server: the share that waits is its occupancy.
        near(erlang_c(0.3, 1).expect("stable"), 0.3, 1e-15);
    }

    #[test]
    fn channels_is_the_inverse_of_b() {
        for (erlangs, blocking) in [(10.0, 0.01), (61.1111, 0.01), (0.5, 0.001), (500.0, 0.02)] {
            let n = channels_for_blocking(erlangs, blocking).expect("found");
            assert!(erlang_b(erlangs, n) <= blocking && erlang_b(erlangs, n - 1) > blocking, "{n}");
        }
        assert_eq!(channels_for_blocking(3.0, 1.0), Some(0));
        assert_eq!(channels_for_blocking(3.0, f64::NAN), None);
    }

    #[test]
    fn offered_is_the_inverse_of_b() {
        for (channels, blocking) in [(15, 0.01), (60, 0.001), (1, 0.5), (1_000, 0.03)] {
            let erlangs = offered_for_blocking(channels, blocking).expect("found");
            near(erlang_b(erlangs, channels), blocking, 1e-10);
        }
        assert_eq!(offered_for_blocking(0, 0.01), Some(0.0));
        assert_eq!(offered_for_blocking(10, 0.0), None);
        assert_eq!(offered_for_blocking(10, 1.0), None);
    }
}
