//! The Code field of a short code, parsed.

use crate::limits::MAX_DIGITS;
use std::fmt;

/// A parsed Code field (DOMAIN 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub(crate) kind: PatternKind,
    pub(crate) tokens: Vec<Token>,
    /// Ends in `;`: not used before the number is complete.
    pub(crate) complete_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatternKind {
    /// Digits and wildcards.
    Digits,
    /// `?`: used if nothing else matches.
    Default,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This character.
    Literal(u8),
    /// Exactly one digit.
    AnyDigit,
    /// Any number of digits, none included.
    AnyDigits,
}

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
    /// More than one `N`.
    SecondN,
    /// A quotation mark without its partner.
    OpenQuote,
}

impl Pattern {
    /// Parses a Code field.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn parse(code: &str) -> Result<Self, PatternError> {
        if code.is_empty() {
            return Err(PatternError::Empty);
        }
        if code.len() > MAX_DIGITS {
            return Err(PatternError::TooLong(code.len()));
        }
        if code == "?" {
            return Ok(Self { kind: PatternKind::Default, tokens: Vec::new(), complete_only: false });
        }
        let (body, complete_only) = match code.strip_suffix(';') {
            Some(body) => (body, true),
            None => (code, false),
        };
        let tokens = parse_tokens(body)?;
        if tokens.is_empty() {
            return Err(PatternError::Empty);
        }
        Ok(Self { kind: PatternKind::Digits, tokens, complete_only })
    }

    /// Literal characters: the first rank between matches.
    pub(crate) fn literals(&self) -> usize {
        self.tokens.iter().filter(|t| matches!(t, Token::Literal(_))).count()
    }

    /// `X`s: the second rank, a more exact length.
    pub(crate) fn any_digits(&self) -> usize {
        self.tokens.iter().filter(|&&t| t == Token::AnyDigit).count()
    }

    /// Whether it has an `N`, which makes its length open.
    pub(crate) fn is_open(&self) -> bool {
        self.tokens.contains(&Token::AnyDigits)
    }
}

fn parse_tokens(body: &str) -> Result<Vec<Token>, PatternError> {
    let mut tokens = Vec::with_capacity(body.len());
    let mut quoted = false;
    for c in body.chars() {
        let token = match c {
            '"' => {
                quoted = !quoted;
                continue;
            }
            _ if quoted && c.is_ascii_graphic() => Token::Literal(c as u8),
            'X' => Token::AnyDigit,
            'N' => Token::AnyDigits,
            ';' => return Err(PatternError::SemicolonInside),
            '?' => return Err(PatternError::DefaultNotAlone),
            _ if c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+') => Token::Literal(c as u8),
            _ => return Err(PatternError::BadCharacter(c)),
        };
        if token == Token::AnyDigits && tokens.contains(&token) {
            return Err(PatternError::SecondN);
        }
        tokens.push(token);
    }
    if quoted { Err(PatternError::OpenQuote) } else { Ok(tokens) }
}

/// Whether a wildcard takes this character: a digit or `*`, not the `#` that ends dialling.
pub(crate) const fn is_wild(c: u8) -> bool {
    c.is_ascii_digit() || c == b'*' || c == b'+'
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a code needs at least one character"),
            Self::TooLong(n) => write!(f, "{n} characters, but a code has at most {MAX_DIGITS}"),
            Self::BadCharacter(c) => {
                write!(f, "{c:?} has no meaning in a code; use digits, * # X N ? ; or quote it")
            }
            Self::SemicolonInside => f.write_str("`;` must be the last character of a code"),
            Self::DefaultNotAlone => f.write_str("`?` must be the only character of a code"),
            Self::SecondN => f.write_str("a code can have only one `N`"),
            Self::OpenQuote => f.write_str("a quotation mark has no partner"),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_character() {
        let p = Pattern::parse("*14*N#;").expect("a code of the manuals");
        assert!(p.complete_only && p.is_open());
        assert_eq!((p.literals(), p.any_digits()), (5, 0));
        assert_eq!(Pattern::parse("9XX").map(|p| p.any_digits()), Ok(2));
        assert_eq!(Pattern::parse("?").map(|p| p.kind), Ok(PatternKind::Default));
        assert_eq!(Pattern::parse("\"XN\"").map(|p| p.literals()), Ok(2));
    }

    #[test]
    fn every_error() {
        for (code, error) in [
            ("", PatternError::Empty),
            (";", PatternError::Empty),
            ("9;N", PatternError::SemicolonInside),
            ("9?", PatternError::DefaultNotAlone),
            ("9N1N", PatternError::SecondN),
            ("9 1", PatternError::BadCharacter(' ')),
            ("\"9", PatternError::OpenQuote),
            ("12345678901234567890123456789012", PatternError::TooLong(32)),
        ] {
            assert_eq!(Pattern::parse(code), Err(error), "{code}");
        }
    }
}
