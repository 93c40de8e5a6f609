//! Confidence intervals of a mean from independent repetitions (Student 1908).

use super::confidence::incomplete_beta;

/// A mean and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanInterval {
    /// Mean of the samples.
    pub mean: f64,
    /// Lower end; `None` with fewer than two samples.
    pub low: Option<f64>,
    /// Upper end; `None` with fewer than two samples.
    pub high: Option<f64>,
}

/// Mean of `samples` and its two-sided interval with this `confidence` (such as 0.95); `None` without samples.
#[must_use]
pub fn mean_interval(samples: &[f64], confidence: f64) -> Option<MeanInterval> {
    let n = samples.len() as f64;
    let first = *samples.first()?;
    // Differences to the first sample: equal samples have a spread of exactly zero.
    let mean = first + samples.iter().map(|x| x - first).sum::<f64>() / n;
    if samples.len() < 2 {
        return Some(MeanInterval { mean, low: None, high: None });
    }
    let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let half = t_quantile(n - 1.0, f64::midpoint(1.0, confidence)) * libm::sqrt(variance / n);
    Some(MeanInterval { mean, low: Some(mean - half), high: Some(mean + half) })
}

/// The value that Student's t with `freedom` degrees of freedom does not exceed with `probability` (above 1/2).
#[must_use]
pub fn t_quantile(freedom: f64, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e9);
    while high - low > 1e-13 * high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if t_at_most(freedom, middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// P(T <= t) for t >= 0 (DLMF 8.17: the tail is half a regularised incomplete beta function).
fn t_at_most(freedom: f64, t: f64) -> f64 {
    1.0 - incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t)) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_printed_tables() {
        for (freedom, probability, printed) in [
            (1.0, 0.975, 12.706_205),
            (2.0, 0.975, 4.302_653),
            (4.0, 0.975, 2.776_445),
            (7.0, 0.995, 3.499_483),
            (9.0, 0.95, 1.833_113),
            (30.0, 0.975, 2.042_272),
            (1e6, 0.975, 1.959_966),
        ] {
            let t = t_quantile(freedom, probability);
            assert!((t - printed).abs() < 2e-6, "t({freedom}, {probability}) = {t}, tables say {printed}");
        }
    }

    #[test]
    fn an_interval_needs_two_samples_and_equal_ones_leave_no_doubt() {
        assert_eq!(mean_interval(&[], 0.95), None);
        let one = mean_interval(&[3.0], 0.95).expect("a sample");
        assert_eq!((one.mean, one.low, one.high), (3.0, None, None));
        let equal = mean_interval(&[0.1; 7], 0.95).expect("samples");
        assert_eq!((equal.mean, equal.low, equal.high), (0.1, Some(0.1), Some(0.1)));
        // By hand: mean 3, standard deviation 1.5811, over the root of 5 times 2.776445.
        let five = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).expect("samples");
        assert!((five.high.expect("five") - 4.963_243).abs() < 1e-5, "{five:?}");
    }
}
