//! Numbers in half the room, for tables with one for every call.

use super::Number;
use crate::hint::{mostly, rarely};
use crate::limits::MAX_DIGITS;

/// A number of at most fifteen characters, or of at most thirty that can be dialled, in sixteen bytes. A number that is neither
/// has to be kept elsewhere: [`Brief::ELSEWHERE`] says so.
// Fifteen characters and their count; or thirty halves of a byte, first one lowest, and their count with the highest bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brief {
    low: u64,
    high: u64,
}

/// Of the count, in the highest byte: the characters are halves of a byte.
const HALVES: u64 = 0x80;
const COUNT_SHIFT: u32 = 56;
const MOST_WHOLE: usize = 15;
const MOST_HALVES: usize = 30;
/// Characters that fit into half a byte, by what stands for them.
const DIALLED: &[u8; 13] = b"0123456789*#+";

impl Brief {
    /// In place of a number that does not fit.
    pub(crate) const ELSEWHERE: Self = Self { low: 0, high: u64::MAX };

    /// `number`, if it fits; otherwise [`Self::ELSEWHERE`].
    #[inline]
    pub(crate) fn of(number: &Number) -> Self {
        if rarely(number.len() > MOST_WHOLE) {
            return Self::in_halves(number.as_bytes()).unwrap_or(Self::ELSEWHERE);
        }
        let [low, high, ..] = number.words();
        Self { low, high: high | (number.len() as u64) << COUNT_SHIFT }
    }

    /// Whether it stands in place of a number that is kept elsewhere.
    #[inline]
    pub(crate) const fn is_elsewhere(self) -> bool {
        // No number has so many characters.
        self.high == Self::ELSEWHERE.high
    }

    #[cold]
    fn in_halves(characters: &[u8]) -> Option<Self> {
        if characters.len() > MOST_HALVES {
            return None;
        }
        let mut halves = 0_u128;
        for (n, c) in characters.iter().enumerate() {
            let half = DIALLED.iter().position(|dialled| dialled == c)?;
            halves |= (half as u128) << (4 * n);
        }
        let count = HALVES | characters.len() as u64;
        Some(Self { low: halves as u64, high: (halves >> 64) as u64 | count << COUNT_SHIFT })
    }

    /// The number; what `elsewhere` finds if it is kept there.
    // No `Option`, which would be copied.
    #[inline]
    pub(crate) fn number_or(self, elsewhere: impl FnOnce() -> Number) -> Number {
        if mostly(self.is_whole()) { self.whole() } else { self.unfold().unwrap_or_else(elsewhere) }
    }

    /// Whether its characters stand in it as they are.
    #[inline]
    pub(crate) const fn is_whole(self) -> bool {
        self.high >> COUNT_SHIFT <= MOST_WHOLE as u64
    }

    /// The number, if [`Self::is_whole`].
    #[inline(always)]
    pub(crate) fn whole(self) -> Number {
        debug_assert!(self.is_whole());
        let high = self.high & ((1 << COUNT_SHIFT) - 1);
        Number::from_words([self.low, high], (self.high >> COUNT_SHIFT) as u8)
    }

    #[cold]
    fn unfold(self) -> Option<Number> {
        let count = (self.high >> COUNT_SHIFT) as usize & !(HALVES as usize);
        if self.is_elsewhere() || count > MOST_HALVES {
            return None;
        }
        let halves = u128::from(self.high) << 64 | u128::from(self.low);
        let mut characters = [0; MAX_DIGITS];
        for (n, c) in characters.iter_mut().enumerate().take(count) {
            *c = *DIALLED.get((halves >> (4 * n)) as usize & 0xF)?;
        }
        Number::from_bytes(characters.get(..count)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_sixteen_bytes() {
        assert_eq!(size_of::<Brief>(), 16);
    }

    #[test]
    fn what_does_not_fit_is_elsewhere() {
        let brief = |text: &str| Brief::of(&Number::new(text).expect("a number"));
        assert_eq!(brief("alice.of.the.office"), Brief::ELSEWHERE);
        assert_eq!(brief(&"9".repeat(31)), Brief::ELSEWHERE);
        assert_ne!(brief(&"9".repeat(30)), Brief::ELSEWHERE);
        assert_ne!(brief("alice.of.office"), Brief::ELSEWHERE);
        let there = Number::new("1").expect("a number");
        assert_eq!(Brief::ELSEWHERE.number_or(|| there), there);
    }

    proptest! {
        #[test]
        fn comes_back_as_it_was(short in "[0-9a-zA-Z*#+._@-]{0,15}", dialled in "[0-9*#+]{0,30}") {
            for text in [short, dialled] {
                let number = Number::new(&text).expect("a number");
                prop_assert_eq!(Brief::of(&number).number_or(|| Number::EMPTY), number);
            }
        }
    }
}
