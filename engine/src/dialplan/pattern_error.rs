//! What can be wrong with a Code field, and what would be right.

use crate::limits::{MAX_DIGITS, MAX_HOT_LINE_DELAY};
use std::fmt;

/// Why a Code field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing to match.
    Empty,
    /// Longer than [`MAX_DIGITS`] characters.
    TooLong(usize),
    /// A character without a meaning in a Code field.
    BadCharacter(char),
    /// `;` before the end.
    SemicolonInside,
    /// `?` together with other characters.
    DefaultNotAlone,
    /// `?D` followed by something else than a delay in parentheses.
    HotLineForm,
    /// A hot line delay of more than [`MAX_HOT_LINE_DELAY`] seconds.
    HotLineDelay(u64),
    /// More than one `N`.
    SecondN,
    /// A quotation mark without its partner.
    OpenQuote,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a code needs at least one character"),
            Self::TooLong(n) => write!(f, "{n} characters, but a code has at most {MAX_DIGITS}"),
            Self::BadCharacter(c) => {
                write!(f, "{c:?} has no meaning in a code; use digits, letters, * # + X N ? ; or quote it")
            }
            Self::SemicolonInside => {
                f.write_str("`;` must be the last character of a code; quote it to dial it")
            }
            Self::DefaultNotAlone => f.write_str(
                "`?` must be the only character of a code, or start `?D`; X stands for any one digit",
            ),
            Self::HotLineForm => f.write_str("a hot line is written `?D`, or `?D(x)` with x seconds"),
            Self::HotLineDelay(n) => {
                write!(f, "a hot line delay of {n} s, but at most {MAX_HOT_LINE_DELAY} s are possible")
            }
            Self::SecondN => f.write_str("a code can have only one `N`; use X for each further digit"),
            Self::OpenQuote => f.write_str("a quotation mark has no partner; close the quotation"),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_error_has_its_own_text() {
        let rows = [
            ("", PatternError::Empty),
            (";", PatternError::Empty),
            ("\"\"", PatternError::Empty),
            ("9;N", PatternError::SemicolonInside),
            ("9?", PatternError::DefaultNotAlone),
            ("?;", PatternError::DefaultNotAlone),
            ("?D5", PatternError::HotLineForm),
            ("?D()", PatternError::HotLineForm),
            ("?D(31)", PatternError::HotLineDelay(31)),
            ("9N1N", PatternError::SecondN),
            ("9 1", PatternError::BadCharacter(' ')),
            ("9[1-3]", PatternError::BadCharacter('[')),
            ("*FWD é", PatternError::BadCharacter(' ')),
            ("\"9", PatternError::OpenQuote),
            ("12345678901234567890123456789012", PatternError::TooLong(32)),
        ];
        let mut texts = BTreeSet::new();
        for (code, error) in rows {
            assert_eq!(Pattern::parse(code), Err(error), "{code}");
            texts.insert(error.to_string());
        }
        assert_eq!(texts.len(), 10, "nine kinds, one of them met with two characters");
    }
}
