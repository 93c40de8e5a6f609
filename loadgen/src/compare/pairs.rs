//! Paired measurements of two builds: is the candidate slower, by how much, and how sure is that?

use crate::stats::{p_greater, typical_difference};
use serde::Serialize;

/// Chance of calling equal builds different in one round.
const SIGNIFICANCE: f64 = 0.01;

/// One round of pairs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairedRound {
    /// Pairs.
    pub pairs: usize,
    /// Typical ratio of candidate to baseline, less one, in percent (Hodges-Lehmann on logarithms).
    pub effect_pct: f64,
    /// Chance of pairs at least as much in favour of the baseline if neither were faster (Wilcoxon signed rank, exact).
    pub p: Option<f64>,
    /// Whether the effect is above the tolerance and significant.
    pub slower: bool,
}

/// Judges one round of (baseline, candidate) measurements against a tolerance in percent; `None` without pairs or with
/// measurements that are not above zero.
#[must_use]
pub fn judge_round(pairs: &[(f64, f64)], tolerance_pct: f64) -> Option<PairedRound> {
    if pairs.iter().any(|&(old, new)| !(old > 0.0 && new > 0.0)) {
        return None;
    }
    let differences: Vec<f64> = pairs.iter().map(|(old, new)| libm::log(new / old)).collect();
    let effect_pct = libm::expm1(typical_difference(&differences)?) * 100.0;
    let p = p_greater(&differences);
    let slower = effect_pct > tolerance_pct && p.is_some_and(|p| p < SIGNIFICANCE);
    Some(PairedRound { pairs: pairs.len(), effect_pct, p, slower })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, RandomStream};

    /// Pairs on a machine whose speed wanders by a fifth and hiccups one time in thirty; the candidate is `slower` times slower.
    fn pairs(seed: u64, slower: f64) -> Vec<(f64, f64)> {
        let mut random = RandomStream::new(seed, "machine", Purpose::Talk);
        let pair = |_| {
            let speed = 1.0 + 0.2 * random.unit();
            let mut noise = || {
                let hiccup = if random.below(30) == 0 { 0.3 } else { 0.0 };
                1.0 + 0.01 * random.unit() + hiccup
            };
            (speed * noise(), speed * noise() * slower)
        };
        (0..20).map(pair).collect()
    }

    #[test]
    fn a_slower_build_is_found_and_equal_ones_are_left_alone() {
        let found =
            (0..50).filter(|&seed| judge_round(&pairs(seed, 1.06), 3.0).expect("pairs").slower).count();
        assert!(found >= 45, "found {found} times in 50");
        for seed in 0..50 {
            assert!(!judge_round(&pairs(seed, 1.0), 3.0).expect("pairs").slower, "false alarm, seed {seed}");
            assert!(!judge_round(&pairs(seed, 0.9), 3.0).expect("pairs").slower, "faster is not slower");
        }
    }

    #[test]
    fn a_significant_difference_within_the_tolerance_is_none() {
        let round = judge_round(&[(100.0, 101.0); 20], 3.0).expect("pairs");
        assert!(round.p.expect("differences") < 0.01 && !round.slower, "{round:?}");
        assert!((round.effect_pct - 1.0).abs() < 1e-9);
        assert_eq!(judge_round(&[(0.0, 1.0)], 3.0), None);
        assert_eq!(judge_round(&[], 3.0), None);
    }
}
