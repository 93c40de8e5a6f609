//! The cheapest point of a grid that passes, where more of anything never makes it fail.

/// Steps away from the present size that an exchange looks at, where there are more than two resources.
const REACH: u64 = 4;

/// What there may be of one resource, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) least: u64,
    pub(super) most: u64,
    /// Price of one, at least 1.
    pub(super) price: u64,
    /// Where to look first.
    pub(super) guess: u64,
}

/// The cheapest sizes that pass, given that the largest ones do: exact for one resource and for two; of more, no
/// exchange between two of them within `REACH` makes it cheaper. It always passes; where passing is not monotone it may
/// not be the cheapest.
pub(super) fn cheapest<E>(
    spans: &[Span],
    passes: &mut impl FnMut(&[u64]) -> Result<bool, E>,
) -> Result<Vec<u64>, E> {
    let mut sizes: Vec<u64> = spans.iter().map(|span| span.most).collect();
    let mut dearest: Vec<usize> = (0..spans.len()).collect();
    dearest.sort_by_key(|&n| std::cmp::Reverse(spans[n].price));
    for &n in &dearest {
        sizes[n] = fewest(spans, &sizes, n, passes)?;
    }
    loop {
        let before = sizes.clone();
        for a in 0..spans.len() {
            for b in a + 1..spans.len() {
                while let Some(better) = exchange(spans, &sizes, [a, b], passes)? {
                    sizes = better;
                }
            }
        }
        if sizes == before {
            return Ok(sizes);
        }
    }
}

/// The fewest of resource `n` that pass beside the others, where `sizes` passes.
fn fewest<E>(
    spans: &[Span],
    sizes: &[u64],
    n: usize,
    passes: &mut impl FnMut(&[u64]) -> Result<bool, E>,
) -> Result<u64, E> {
    let mut now = sizes.to_vec();
    // `low` is below everything that may be, or fails; `high` passes.
    let (mut low, mut high) = (spans[n].least.saturating_sub(1), sizes[n]);
    let (mut probe, mut stride) = (spans[n].guess, 1);
    let (mut has_failed, mut has_passed) = (false, false);
    while high - low > 1 {
        if probe <= low || probe >= high || (has_failed && has_passed) {
            probe = low + (high - low) / 2;
        }
        now[n] = probe;
        if passes(&now)? {
            (high, has_passed) = (probe, true);
            probe = probe.saturating_sub(stride).max(low + 1);
        } else {
            (low, has_failed) = (probe, true);
            probe = probe.saturating_add(stride).min(high - 1);
        }
        stride = stride.saturating_mul(2);
    }
    Ok(high)
}

/// Cheaper sizes with less of one of the two and more of the other, or less of both; `None` if there are none.
fn exchange<E>(
    spans: &[Span],
    sizes: &[u64],
    [a, b]: [usize; 2],
    passes: &mut impl FnMut(&[u64]) -> Result<bool, E>,
) -> Result<Option<Vec<u64>>, E> {
    let reach = if spans.len() > 2 { REACH } else { u64::MAX };
    let budget = sizes[a] * spans[a].price + sizes[b] * spans[b].price;
    let from = sizes[a].saturating_sub(reach).max(spans[a].least);
    let to = sizes[a].saturating_add(reach).min(spans[a].most);
    for of_a in from..=to {
        let Some(left) = budget.checked_sub(of_a * spans[a].price + 1) else { break };
        let of_b = (left / spans[b].price).min(spans[b].most);
        if of_b < spans[b].least {
            break;
        }
        let mut now = sizes.to_vec();
        (now[a], now[b]) = (of_a, of_b);
        if passes(&now)? {
            now[b] = fewest(spans, &now, b, passes)?;
            return Ok(Some(now));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(least: u64, most: u64, price: u64, guess: u64) -> Span {
        Span { least, most, price, guess }
    }

    fn found(spans: &[Span], passes: impl Fn(&[u64]) -> bool) -> Vec<u64> {
        cheapest(spans, &mut |sizes: &[u64]| Ok::<bool, ()>(passes(sizes))).expect("never stopped")
    }

    #[test]
    fn nothing_to_choose_is_no_size() {
        assert!(found(&[], |_| true).is_empty());
    }

    proptest! {
        #[test]
        fn one_resource_is_found_exactly(least in 1_u64..50, more in 0_u64..500, need in 0_u64..600, guess in 0_u64..700) {
            let most = least + more;
            let need = need.clamp(least, most);
            prop_assert_eq!(found(&[span(least, most, 3, guess)], |sizes| sizes[0] >= need), vec![need]);
        }

        /// The need of each falls in steps as the other grows, as with a group and its alternate.
        #[test]
        fn two_resources_are_as_cheap_as_any(
            mut stairs in prop::collection::vec(1_u64..=12, 12),
            prices in (1_u64..9, 1_u64..9),
            guess in 1_u64..14,
        ) {
            stairs.sort_unstable_by(|a, b| b.cmp(a));
            let passes = |sizes: &[u64]| sizes[1] >= stairs[(sizes[0] - 1) as usize];
            let spans = [span(1, 12, prices.0, guess), span(1, 12, prices.1, guess)];
            let cost = |sizes: &[u64]| sizes[0] * prices.0 + sizes[1] * prices.1;
            let every = (1..=12).flat_map(|a| (1..=12).map(move |b| [a, b]));
            let best = every.filter(|sizes| passes(sizes)).map(|sizes| cost(&sizes)).min();
            let sizes = found(&spans, passes);
            prop_assert!(passes(&sizes));
            prop_assert_eq!(Some(cost(&sizes)), best);
        }

        #[test]
        fn independent_resources_are_found_however_many(needs in prop::collection::vec(1_u64..40, 1..7)) {
            let spans = vec![span(1, 40, 5, 7); needs.len()];
            let passes = |sizes: &[u64]| sizes.iter().zip(&needs).all(|(has, needs)| has >= needs);
            prop_assert_eq!(found(&spans, passes), needs);
        }
    }
}
