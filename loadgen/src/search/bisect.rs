//! Where a yes turns into a no along whole numbers.

/// Two neighbours on either side of the turn; `None` where the search came to the end of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) passes: Option<u64>,
    pub(super) fails: Option<u64>,
}

/// Finds two neighbours in 1..=`most` of which the lower one passes and the upper one fails: first in growing strides from
/// `start`, then by bisection. Where passing does not depend on the load alone (every load is another random hour) there
/// may be several such pairs; it is then one near `start`.
pub(super) fn turn<E>(
    start: u64,
    most: u64,
    mut passes: impl FnMut(u64) -> Result<bool, E>,
) -> Result<Bracket, E> {
    let start = start.clamp(1, most);
    let (mut low, mut high) = (None, None);
    let mut stride = (start / 16).max(1);
    let mut now = start;
    loop {
        if passes(now)? {
            low = Some(now);
            if high.is_some() || now == most {
                break;
            }
            now = now.saturating_add(stride).min(most);
        } else {
            high = Some(now);
            if low.is_some() || now == 1 {
                break;
            }
            now = now.saturating_sub(stride).max(1);
        }
        stride = stride.saturating_mul(2);
    }
    while let (Some(passing), Some(failing)) = (low, high)
        && failing - passing > 1
    {
        let middle = passing + (failing - passing) / 2;
        if passes(middle)? {
            low = Some(middle);
        } else {
            high = Some(middle);
        }
    }
    Ok(Bracket { passes: low, fails: high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(start: u64, most: u64, capacity: u64) -> Bracket {
        turn(start, most, |load| Ok::<bool, ()>(load <= capacity)).expect("never stopped")
    }

    #[test]
    fn the_ends_of_the_range_are_said_as_such() {
        assert_eq!(found(10, 1_000, 0), Bracket { passes: None, fails: Some(1) });
        assert_eq!(found(10, 1_000, 1_000), Bracket { passes: Some(1_000), fails: None });
        assert_eq!(found(5_000, 1_000, 999), Bracket { passes: Some(999), fails: Some(1_000) });
    }

    proptest! {
        #[test]
        fn lands_on_the_exact_capacity_from_anywhere(start in 1_u64..100_000, capacity in 1_u64..99_999) {
            prop_assert_eq!(
                found(start, 100_000, capacity),
                Bracket { passes: Some(capacity), fails: Some(capacity + 1) }
            );
        }
    }
}
