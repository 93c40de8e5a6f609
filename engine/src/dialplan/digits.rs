//! Digits as the indexes read them: four bits a character, the first one uppermost.

use super::pattern::is_wild;
use crate::limits::MAX_DIGITS;

/// No character: the end of the digits.
pub(super) const END: u8 = 0;
/// A character that has no symbol of its own: a letter, or punctuation that was quoted.
pub(super) const OTHER: u8 = 15;

/// Symbol of each character: 1-10 for `0-9`, 11-13 for `*`, `+`, `#`.
const SYMBOLS: [u8; 256] = {
    let mut symbols = [OTHER; 256];
    let mut digit = 0;
    while digit < 10 {
        symbols[b'0' as usize + digit] = digit as u8 + 1;
        digit += 1;
    }
    symbols[b'*' as usize] = 11;
    symbols[b'+' as usize] = 12;
    symbols[b'#' as usize] = 13;
    symbols
};

/// The character of each symbol from 1 to 10.
pub(super) const fn character(symbol: u8) -> u8 {
    b'0' + symbol - 1
}

pub(super) const fn symbol(c: u8) -> u8 {
    SYMBOLS[c as usize]
}

/// A digit string being matched.
#[derive(Clone, Copy)]
pub(super) struct Digits<'d> {
    pub(super) bytes: &'d [u8],
    packed: u128,
    /// From here on, every character is one that a wildcard takes.
    pub(super) wild_from: usize,
}

impl<'d> Digits<'d> {
    /// `None` if there are more than [`MAX_DIGITS`].
    pub(super) fn new(bytes: &'d [u8]) -> Option<Self> {
        if bytes.len() > MAX_DIGITS {
            return None;
        }
        let (front, back) = bytes.split_at(bytes.len().min(16));
        let packed = u128::from(pack_16(front)) << 64 | u128::from(pack_16(back));
        let wild_from = bytes.iter().rposition(|&c| !is_wild(c)).map_or(0, |last| last + 1);
        Some(Self { bytes, packed, wild_from })
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The symbol at `place`, [`END`] past the end. At most [`MAX_DIGITS`] are asked for.
    pub(super) const fn symbol(&self, place: usize) -> u8 {
        (self.packed >> (124 - 4 * place)) as u8 & 15
    }

    /// Eight symbols from `place` on, the first one uppermost.
    pub(super) const fn eight(&self, place: usize) -> u32 {
        ((self.packed << (4 * place)) >> 96) as u32
    }
}

/// Packs up to 16 characters.
fn pack_16(bytes: &[u8]) -> u64 {
    let mut packed = 0;
    for &c in bytes {
        packed = packed << 4 | u64::from(symbol(c));
    }
    // A shift by 64, when there are none, would be no shift at all.
    if bytes.is_empty() { 0 } else { packed << (64 - 4 * bytes.len()) }
}

/// Packs the literal characters before a code's wildcards; `None` if one has no symbol.
pub(super) fn pack_prefix(prefix: &[u8]) -> Option<u128> {
    if prefix.iter().any(|&c| symbol(c) == OTHER) {
        return None;
    }
    Digits::new(prefix).map(|d| d.packed)
}
