//! Short-code matching in large tables.

use crate::network::plans;
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{Feature, ShortCodeSpec};
use std::sync::Arc;

/// A plan of `codes` short codes, half of them exact numbers of six digits, half prefixes with a tail, and numbers to
/// dial that match them, each with the place of the code it must find.
#[derive(Clone, Debug)]
pub struct Codes {
    plan: Arc<Plan>,
    dialled: Vec<(Number, usize)>,
}

impl Codes {
    /// `codes` codes and 1,000 dialled numbers.
    #[must_use]
    pub fn new(codes: usize) -> Self {
        let code = |n: usize| match n % 2 {
            0 => format!("{}", 400_000 + n),
            _ => format!("*{}N#", 100_000 + n),
        };
        let spec = |n: usize| ShortCodeSpec::new(&code(n), Feature::Barred, "", 0);
        let plan = plans((0..codes).map(spec).collect()).swap_remove(0);
        let dialled = (0..1_000).map(|n| {
            // Spread over the table; 7,919 is prime to its size.
            let place = n * 7_919 % codes;
            let digits = code(place).replace('N', "2010");
            (Number::new(&digits).expect("digits"), place)
        });
        Self { plan, dialled: dialled.collect() }
    }

    /// Matches the `n`th dialled number (round and round); whether the right code was found.
    #[must_use]
    pub fn matches(&self, n: usize) -> bool {
        let (digits, place) = &self.dialled[n % self.dialled.len()];
        self.plan.short_code(digits) == Some(*place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialled_number_finds_its_code() {
        let codes = Codes::new(1_000);
        assert!((0..1_000).all(|n| codes.matches(n)));
    }

    #[test]
    fn matching_allocates_nothing() {
        let codes = Codes::new(100);
        let used = allocation_counter::measure(|| assert!(codes.matches(7)));
        assert_eq!(used.count_total, 0, "{used:?}");
    }
}
