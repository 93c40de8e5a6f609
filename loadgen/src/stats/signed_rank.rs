//! Wilcoxon's signed-rank test of paired measurements, exact, and the estimate that belongs to it (Hodges and Lehmann 1963).
//!
//! Without a difference between the pairs each difference is as likely to be positive as negative, so all 2^n sign
//! patterns are equally likely: the distribution of the rank sum is a count of subsets of {1..n} by their sum.

/// Most pairs that [`p_greater`] takes: 2^60 patterns still fit an exact count.
pub const MOST_PAIRS: usize = 60;

/// The chance of a rank sum at least as large as that of `differences` if positive and negative ones were equally likely:
/// small means that they tend to be positive. Zeros are left out, equal sizes share their mean rank (rounded down, so that
/// the test errs on the side of no difference). `None` without a difference or with more than [`MOST_PAIRS`].
#[must_use]
pub fn p_greater(differences: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if sorted.is_empty() || sorted.len() > MOST_PAIRS || sorted.iter().any(|d| !d.is_finite()) {
        return None;
    }
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let sum = positive_rank_sum(&sorted);
    let ways = subsets_by_sum(sorted.len());
    let as_large: u64 = ways[sum..].iter().sum();
    Some(as_large as f64 / libm::exp2(sorted.len() as f64))
}

/// The median of all means of two differences (each with itself as well): the typical difference. `None` without any.
#[must_use]
pub fn typical_difference(differences: &[f64]) -> Option<f64> {
    let mut means: Vec<f64> = differences
        .iter()
        .enumerate()
        .flat_map(|(n, a)| differences[n..].iter().map(move |b| f64::midpoint(*a, *b)))
        .collect();
    means.sort_by(f64::total_cmp);
    let middle = means.len() / 2;
    match means.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(means[middle]),
        _ => Some(f64::midpoint(means[middle - 1], means[middle])),
    }
}

/// Sum of the ranks of the positive ones among `sorted` (by size); twice it is kept whole, then halved downwards.
fn positive_rank_sum(sorted: &[f64]) -> usize {
    let mut twice = 0;
    let mut first = 0;
    while first < sorted.len() {
        let size = sorted[first].abs();
        let last = sorted[first..].iter().take_while(|d| d.abs() <= size).count() + first - 1;
        // Ranks first + 1 to last + 1: twice their mean.
        let rank = first + last + 2;
        twice += rank * sorted[first..=last].iter().filter(|d| **d > 0.0).count();
        first = last + 1;
    }
    twice / 2
}

/// How many subsets of {1..n} have each sum.
fn subsets_by_sum(n: usize) -> Vec<u64> {
    let mut ways = vec![0; n * (n + 1) / 2 + 1];
    ways[0] = 1;
    for rank in 1..=n {
        for sum in (rank..ways.len()).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_is_that_of_counting_every_pattern_of_signs() {
        let sizes = [0.5, 1.0, 2.5, 3.0, 7.0, 8.0, 9.5, 11.0];
        for observed in [0b1111_1111_u32, 0b1110_1111, 0b0101_0101, 0, 0b1000_0001] {
            let signed = |pattern: u32| -> Vec<f64> {
                let sign = |n: usize| if pattern >> n & 1 == 1 { 1.0 } else { -1.0 };
                sizes.iter().enumerate().map(|(n, size)| size * sign(n)).collect()
            };
            let sum =
                |pattern: u32| -> usize { (0..8).filter(|n| pattern >> n & 1 == 1).map(|n| n + 1).sum() };
            let as_large = (0..256).filter(|&pattern| sum(pattern) >= sum(observed)).count();
            let p = p_greater(&signed(observed)).expect("differences");
            assert!((p - as_large as f64 / 256.0).abs() < 1e-15, "{observed:b}: {p}");
        }
    }

    #[test]
    fn critical_values_are_those_of_the_printed_table() {
        // One-sided 5 %: the sum of the negative ranks may be 10 of 10 pairs (p = 0.0420) but not 11 (p = 0.0527).
        let with_negative = |ranks: &[usize]| {
            let signed = |n: usize| if ranks.contains(&n) { -(n as f64) } else { n as f64 };
            p_greater(&(1..=10).map(signed).collect::<Vec<f64>>()).expect("differences")
        };
        assert!((with_negative(&[10]) - 43.0 / 1024.0).abs() < 1e-12);
        assert!((with_negative(&[10, 1]) - 54.0 / 1024.0).abs() < 1e-12);
    }

    #[test]
    fn ties_and_zeros_do_not_make_a_difference_look_surer() {
        assert_eq!(p_greater(&[0.0, 0.0]), None);
        assert_eq!(p_greater(&[1.0; MOST_PAIRS + 1]), None);
        assert!((p_greater(&[1.0, 0.0, 1.0]).expect("differences") - 0.25).abs() < 1e-12);
        assert!((p_greater(&[1.0, -1.0]).expect("differences") - 0.75).abs() < 1e-12);
    }

    #[test]
    fn the_typical_difference_does_not_follow_an_outlier() {
        assert_eq!(typical_difference(&[]), None);
        assert_eq!(typical_difference(&[4.0]), Some(4.0));
        assert_eq!(typical_difference(&[1.0, 2.0, 3.0]), Some(2.0));
        assert!(typical_difference(&[0.03, 0.031, 0.029, 0.03, 9.0]).expect("differences") < 0.031);
    }
}
