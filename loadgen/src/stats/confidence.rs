//! Confidence limits of a share (Clopper and Pearson 1934): how bad it may be, given what was seen.

/// Largest share of failures that `failures` of `attempts` still allow with this one-sided `confidence` (such as 0.95).
/// `None` without attempts, with more failures than attempts, or with a confidence outside (0, 1).
#[must_use]
pub fn upper_limit(failures: u64, attempts: u64, confidence: f64) -> Option<f64> {
    lower_limit(attempts.checked_sub(failures)?, attempts, confidence).map(|limit| {
        // Without failures the limit is small and 1 - limit would lose digits.
        if failures == 0 { -libm::expm1(libm::log1p(-confidence) / attempts as f64) } else { 1.0 - limit }
    })
}

/// Smallest share of failures that `failures` of `attempts` still allow with this one-sided `confidence`.
/// `None` without attempts, with more failures than attempts, or with a confidence outside (0, 1).
#[must_use]
pub fn lower_limit(failures: u64, attempts: u64, confidence: f64) -> Option<f64> {
    if attempts == 0 || failures > attempts || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    if failures == 0 {
        return Some(0.0);
    }
    let (k, n) = (failures as f64, attempts as f64);
    // P(X >= k) = I_p(k, n - k + 1) grows with p; the limit is where it reaches 1 - confidence.
    Some(bisect(k / n, |p| incomplete_beta(k, n - k + 1.0, p) < 1.0 - confidence))
}

/// Fewest attempts without a failure that show a share of failures of at most `share` with this one-sided `confidence`:
/// with fewer, no outcome at all supports the claim. `None` unless both are in (0, 1).
#[must_use]
pub fn attempts_needed(share: f64, confidence: f64) -> Option<u64> {
    let within = |x: f64| x > 0.0 && x < 1.0;
    // (1 - share)^n <= 1 - confidence.
    (within(share) && within(confidence))
        .then(|| (libm::log1p(-confidence) / libm::log1p(-share)).ceil() as u64)
}

/// Where `below` turns from true to false between 0 and `high`.
fn bisect(high: f64, below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, high);
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high || high - low < 1e-15 * high {
            return middle;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Regularised incomplete beta function I_x(a, b) for a, b > 0.
pub(super) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let log_front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(log_front);
    // The fraction converges fast on this side of the mean; on the other side the mirror image does.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// Continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const MOST_TERMS: u32 = 100_000;
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut result = d;
    for term in 1..=MOST_TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            last = c * d;
            result *= last;
        }
        if (last - 1.0).abs() < 1e-16 {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(X <= k) for a binomial, summed term by term.
    fn at_most(k: u64, n: u64, p: f64) -> f64 {
        let mut term = (1.0 - p).powf(n as f64);
        let mut sum = term;
        for i in 0..k {
            term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
            sum += term;
        }
        sum
    }

    #[test]
    fn failures_allowed_when_one_in_a_thousand_must_be_shown() {
        for (attempts, allowed) in
            [(3_600, 0), (7_200, 2), (18_000, 10), (20_000, 12), (50_000, 38), (100_000, 83)]
        {
            let limit = |failures| upper_limit(failures, attempts, 0.95).expect("attempts");
            assert!(limit(allowed) <= 0.001, "{attempts}: {}", limit(allowed));
            assert!(limit(allowed + 1) > 0.001, "{attempts}: {}", limit(allowed + 1));
        }
        let without_failure = |attempts| upper_limit(0, attempts, 0.95).expect("attempts");
        assert!((without_failure(2_000) - 0.0015).abs() < 5e-5);
        assert!(without_failure(2_995) <= 0.001 && without_failure(2_994) > 0.001);
        assert_eq!(attempts_needed(0.001, 0.95), Some(2_995));
        assert_eq!((attempts_needed(0.0, 0.95), attempts_needed(1.0, 0.95)), (None, None));
    }

    #[test]
    fn limits_are_where_the_binomial_says() {
        for (k, n) in [(1, 10), (3, 20), (12, 20_000), (50, 1_000), (200, 600)] {
            let upper = upper_limit(k, n, 0.95).expect("attempts");
            assert!((at_most(k, n, upper) - 0.05).abs() < 1e-9, "{k} of {n}: {upper}");
            let lower = lower_limit(k, n, 0.95).expect("attempts");
            assert!((at_most(k - 1, n, lower) - 0.95).abs() < 1e-9, "{k} of {n}: {lower}");
        }
    }

    #[test]
    fn the_ends_are_exact() {
        assert_eq!(lower_limit(0, 10, 0.95), Some(0.0));
        assert_eq!(upper_limit(10, 10, 0.95), Some(1.0));
        let all = lower_limit(10, 10, 0.95).expect("attempts");
        assert!((all - 0.05_f64.powf(0.1)).abs() < 1e-12);
        assert_eq!(upper_limit(0, 0, 0.95), None);
        assert_eq!(upper_limit(3, 2, 0.95), None);
        assert_eq!(upper_limit(1, 2, 1.0), None);
    }

    #[test]
    fn few_failures_of_very_many_attempts_end_quickly_and_well() {
        // Poisson limit: 2 failures allow a mean of 6.2958 (chi-square with 6 degrees of freedom, halved).
        let upper = upper_limit(2, 10_000_000, 0.95).expect("attempts");
        assert!((upper * 1e7 - 6.295_794).abs() < 1e-3, "{upper}");
    }
}
