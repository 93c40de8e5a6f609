//! A telephone number or digit string, stored inline.

mod brief;

pub(crate) use brief::Brief;

use crate::hint::{mostly, rarely};
use crate::limits::MAX_DIGITS;
use std::fmt;

/// Dialled, calling or called digits: up to [`MAX_DIGITS`] characters of `0-9 * # +` and ASCII letters, digits,
/// `. _ - @` as SIP user parts have them. Stored inline, so that a call needs no allocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct Number {
    // Unused places are zero, so that equality and hashing may take all 32 bytes at once.
    digits: [u8; MAX_DIGITS],
    len: u8,
}

/// Why a text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Longer than [`MAX_DIGITS`] characters; the length found.
    TooLong(usize),
    /// A character that no number contains.
    BadCharacter(char),
}

impl Number {
    /// No digits at all.
    pub const EMPTY: Self = Self { digits: [0; MAX_DIGITS], len: 0 };

    /// The number written in `text`.
    ///
    /// # Errors
    /// Too long, or a character that no number contains.
    pub fn new(text: &str) -> Result<Self, NumberError> {
        if let Some(c) = text.chars().find(|&c| !is_number_character(c)) {
            return Err(NumberError::BadCharacter(c));
        }
        Self::from_bytes(text.as_bytes()).ok_or(NumberError::TooLong(text.len()))
    }

    /// The decimal digits of `n`.
    #[must_use]
    pub fn from_u64(n: u64) -> Self {
        let mut number = Self::EMPTY;
        let mut scale = 1_u64;
        while n / scale >= 10 {
            scale *= 10;
        }
        while scale > 0 {
            let pushed = number.push(b'0' + (n / scale % 10) as u8);
            debug_assert!(pushed, "a u64 has at most 20 digits");
            scale /= 10;
        }
        number
    }

    /// `bytes` taken as they are; `None` if there are too many.
    #[must_use]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut number = Self::EMPTY;
        number.digits.get_mut(..bytes.len())?.copy_from_slice(bytes);
        number.len = bytes.len() as u8;
        Some(number)
    }

    /// Appends one character; `false` if there is no room.
    #[must_use]
    pub fn push(&mut self, digit: u8) -> bool {
        let Some(place) = self.digits.get_mut(usize::from(self.len)) else { return false };
        *place = digit;
        self.len += 1;
        true
    }

    /// Appends all of `more`; `false`, with nothing appended, if there is no room.
    #[must_use]
    pub fn extend(&mut self, more: &[u8]) -> bool {
        let start = self.len();
        let Some(place) = self.digits.get_mut(start..start + more.len()) else { return false };
        place.copy_from_slice(more);
        self.len += more.len() as u8;
        true
    }

    /// The characters.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.digits[..usize::from(self.len)]
    }

    /// The characters as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    /// How many characters.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// What is left without the first `n` characters: nothing if there are no more.
    #[inline(always)]
    pub(crate) fn without_first(self, n: u8) -> Self {
        if mostly(n == 0) { self } else { self.cut(n) }
    }

    #[inline(never)]
    fn cut(mut self, n: u8) -> Self {
        let n = n.min(self.len);
        self.digits.copy_within(usize::from(n).., 0);
        self.len -= n;
        self.digits[usize::from(self.len)..].fill(0);
        self
    }

    /// All characters as one word, different for different numbers; `None` for more than eight.
    pub(crate) const fn as_word(&self) -> Option<u64> {
        if self.len <= 8 { Some(self.words()[0]) } else { None }
    }

    /// Up to sixteen digits as a decimal number behind a 1, so that zeros in front count; `None` for more, or if not all are digits.
    #[inline]
    pub(crate) fn as_decimal(&self) -> Option<u64> {
        if mostly(self.len <= 8) {
            Some(TENS[self.len()] + digits_of(self.words()[0], self.len)?)
        } else {
            self.as_long_decimal()
        }
    }

    #[inline(never)]
    fn as_long_decimal(&self) -> Option<u64> {
        let tens = *TENS.get(self.len())?;
        let ([first, last], in_last) = (self.words(), self.len - 8);
        Some(tens + digits_of(first, 8)? * TENS[usize::from(in_last)] + digits_of(last, in_last)?)
    }

    /// The first sixteen characters, eight to a word, the first one lowest.
    const fn words(&self) -> [u64; 2] {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = self.digits;
        [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p])]
    }

    /// The number of `len` characters, at most sixteen, that these words have; their other places are zero.
    fn from_words([low, high]: [u64; 2], len: u8) -> Self {
        let mut digits = [0; MAX_DIGITS];
        digits[..8].copy_from_slice(&low.to_le_bytes());
        digits[8..16].copy_from_slice(&high.to_le_bytes());
        Self { digits, len }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Powers of ten, as far as decimal numbers have digits.
pub(crate) const TENS: [u64; 17] = {
    let mut tens = [1; 17];
    let mut n = 1;
    while n < tens.len() {
        tens[n] = tens[n - 1] * 10;
        n += 1;
    }
    tens
};

/// The decimal number that the `len` characters of a word are, at most eight, the first one lowest; `None` if not all are digits.
// All at once: neighbours are put together to two digits, these to four and to eight.
#[inline]
fn digits_of(word: u64, len: u8) -> Option<u64> {
    const EACH: u64 = u64::MAX / 0xff;
    let unused = u64::BITS - 8 * u32::from(len);
    let at_the_end = |word: u64| word.checked_shl(unused).unwrap_or(0);
    // A digit is its lower half.
    let digits = at_the_end(word) ^ at_the_end(EACH * 0x30);
    if rarely((digits | digits.wrapping_add(EACH * 0x76)) & (EACH * 0x80) != 0) {
        return None;
    }
    let twos = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours * 10_000 + (fours >> 32)) & 0xffff_ffff)
}

/// Whether `c` may stand in a number.
#[must_use]
pub fn is_number_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+' | '.' | '_' | '-' | '@')
}

impl Default for Number {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_str())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(n) => write!(f, "{n} characters, but a number has at most {MAX_DIGITS}"),
            Self::BadCharacter(c) => {
                write!(f, "{c:?} cannot stand in a number; digits, letters, * # + . _ - @ can")
            }
        }
    }
}

impl std::error::Error for NumberError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_31_characters_and_no_more() {
        let full = "9".repeat(31);
        assert_eq!(Number::new(&full).map(|n| n.as_str().to_owned()), Ok(full.clone()));
        assert_eq!(Number::new(&"9".repeat(32)), Err(NumberError::TooLong(32)));
        let mut n = Number::new(&full).expect("31 characters fit");
        assert!(!n.push(b'1') && !n.extend(b"1"));
        assert_eq!(n.as_str(), full);
    }

    #[test]
    fn refuses_characters_that_no_number_has() {
        assert_eq!(Number::new("20 1"), Err(NumberError::BadCharacter(' ')));
        assert_eq!(Number::new("2é"), Err(NumberError::BadCharacter('é')));
        assert!(Number::new("*57*201#").is_ok());
    }

    #[test]
    fn leaves_out_the_first_characters() {
        let number = Number::from_u64(9_002_010);
        let left = [0, 1, 3, 6, 7, 8].map(|n| number.without_first(n));
        assert_eq!(
            left,
            ["9002010", "002010", "2010", "0", "", ""].map(|s| Number::new(s).expect("a number"))
        );
    }

    #[test]
    fn digits_alone_are_decimal_numbers_behind_a_1() {
        let mut digits = String::new();
        for n in 0..=20 {
            let number = Number::new(&digits).expect("digits");
            let expected = if n <= 16 { format!("1{digits}").parse().ok() } else { None };
            assert_eq!(number.as_decimal(), expected, "{digits:?}");
            // One place after the other with what is before and after the digits in ASCII, and with others.
            for (place, other) in (0..n).flat_map(|place| "/:*#+@aZ_".chars().map(move |c| (place, c))) {
                let mut text: Vec<char> = digits.chars().collect();
                text[place] = other;
                let text: Vec<u8> = text.iter().map(|&c| c as u8).collect();
                let number = Number::from_bytes(&text).expect("it is short");
                assert_eq!(number.as_decimal(), None, "{text:?}");
            }
            digits.push(char::from(b'0' + (n as u8 * 7) % 10));
        }
        assert_eq!(Number::from_bytes(&[0xb5; 8]).and_then(|number| number.as_decimal()), None);
        assert_eq!([Number::from_u64(7), Number::EMPTY].map(|n| n.as_decimal()), [Some(17), Some(1)]);
    }

    #[test]
    fn decimal_digits() {
        assert_eq!(Number::from_u64(0).as_str(), "0");
        assert_eq!(Number::from_u64(2010).as_str(), "2010");
        assert_eq!(Number::from_u64(u64::MAX).as_str(), "18446744073709551615");
    }
}
