//! The Telephone Number field of a short code: a template for the digits it produces.

use super::pattern::{Pattern, Token, is_wild};
use crate::limits::{MAX_DIGITS, MAX_TELEPHONE_NUMBER};
use crate::number::Number;
use std::fmt;

/// A parsed Telephone Number field (DOMAIN 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TelephoneNumber {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// This character.
    Literal(u8),
    /// The digits that the code's wildcards matched.
    Wild,
    /// Everything dialled.
    Dialled,
    /// The dialling user's extension.
    Extension,
}

/// Why a Telephone Number field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelephoneNumberError {
    /// Longer than [`MAX_TELEPHONE_NUMBER`] characters.
    TooLong(usize),
    /// A character without a meaning here.
    BadCharacter(char),
    /// `;` before the end.
    SemicolonInside,
    /// A quotation mark without its partner.
    OpenQuote,
}

impl TelephoneNumber {
    /// Parses a Telephone Number field; empty is allowed and produces no digits.
    ///
    /// # Errors
    /// See [`TelephoneNumberError`].
    pub fn parse(text: &str) -> Result<Self, TelephoneNumberError> {
        if text.len() > MAX_TELEPHONE_NUMBER {
            return Err(TelephoneNumberError::TooLong(text.len()));
        }
        let body = text.strip_suffix(';').unwrap_or(text);
        let mut parts = Vec::with_capacity(body.len());
        let mut quoted = false;
        for c in body.chars() {
            match c {
                '"' => quoted = !quoted,
                _ if quoted && c.is_ascii_graphic() => parts.push(Part::Literal(c as u8)),
                'N' => parts.push(Part::Wild),
                '.' => parts.push(Part::Dialled),
                'E' => parts.push(Part::Extension),
                ';' => return Err(TelephoneNumberError::SemicolonInside),
                _ if c.is_ascii_digit() || matches!(c, '*' | '#' | '+') => parts.push(Part::Literal(c as u8)),
                _ => return Err(TelephoneNumberError::BadCharacter(c)),
            }
        }
        if quoted { Err(TelephoneNumberError::OpenQuote) } else { Ok(Self { parts }) }
    }

    /// The digits produced when `dialled` has matched `code`; `None` if there are more than [`MAX_DIGITS`].
    #[must_use]
    pub fn produce(&self, code: &Pattern, dialled: &Number, extension: &Number) -> Option<Number> {
        let mut number = Number::EMPTY;
        for part in &self.parts {
            let fits = match part {
                Part::Literal(c) => number.push(*c),
                Part::Dialled => number.extend(dialled.as_bytes()),
                Part::Extension => number.extend(extension.as_bytes()),
                Part::Wild => push_wild(&mut number, code, dialled.as_bytes()),
            };
            if !fits {
                return None;
            }
        }
        debug_assert!(number.len() <= MAX_DIGITS);
        Some(number)
    }
}

/// Appends the digits of `dialled` that stand at wildcards of `code`, which it matches; `false` if there is no room.
fn push_wild(number: &mut Number, code: &Pattern, dialled: &[u8]) -> bool {
    // Everything but the one N has a fixed width, so N takes what is left over.
    let fixed = code.tokens.iter().filter(|&&t| t != Token::AnyDigits).count();
    let open = dialled.len().saturating_sub(fixed);
    let mut at = 0;
    for token in &code.tokens {
        let width = if *token == Token::AnyDigits { open } else { 1 };
        let taken = dialled.get(at..at + width).unwrap_or_default();
        if !matches!(token, Token::Literal(_)) && !number.extend(taken) {
            return false;
        }
        at += width;
    }
    debug_assert!(dialled.iter().all(|&c| is_wild(c) || c.is_ascii_graphic()));
    true
}

impl fmt::Display for TelephoneNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(n) => {
                write!(f, "{n} characters, but a telephone number field has at most {MAX_TELEPHONE_NUMBER}")
            }
            Self::BadCharacter(c) => {
                write!(
                    f,
                    "{c:?} has no meaning in a telephone number field; use digits, * # + N . E ; or quote it"
                )
            }
            Self::SemicolonInside => {
                f.write_str("`;` must be the last character of a telephone number field")
            }
            Self::OpenQuote => f.write_str("a quotation mark has no partner"),
        }
    }
}

impl std::error::Error for TelephoneNumberError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn produced(code: &str, telephone_number: &str, dialled: &str) -> Option<String> {
        let code = Pattern::parse(code).expect("test code");
        let template = TelephoneNumber::parse(telephone_number).expect("test telephone number");
        let dialled = Number::new(dialled).expect("test digits");
        let extension = Number::new("201").expect("test extension");
        template.produce(&code, &dialled, &extension).map(|n| n.as_str().to_owned())
    }

    #[test]
    fn substitutes_what_the_code_matched() {
        for (code, telephone_number, dialled, sent) in [
            ("9N", "N", "95551234", "5551234"),
            ("9N", ".", "95551234", "95551234"),
            ("0N;", "0N", "0044", "0044"),
            ("XN;", "N", "5551234", "5551234"),
            ("*14*N#", "N;", "*14*201#", "201"),
            ("60X", "7N7", "605", "757"),
            ("8", "123\"N\"E", "8", "123N201"),
            ("8", "", "8", ""),
        ] {
            assert_eq!(
                produced(code, telephone_number, dialled).as_deref(),
                Some(sent),
                "{code} {telephone_number}"
            );
        }
    }

    #[test]
    fn too_many_digits_are_no_number() {
        assert_eq!(produced("9N", "N0", &"9".repeat(31)).map(|n| n.len()), Some(31));
        assert_eq!(produced("9N", "NN", &"9".repeat(31)), None);
    }

    #[test]
    fn every_error() {
        for (text, error) in [
            ("9;9", TelephoneNumberError::SemicolonInside),
            ("9X", TelephoneNumberError::BadCharacter('X')),
            ("\"a", TelephoneNumberError::OpenQuote),
            (&"1".repeat(33), TelephoneNumberError::TooLong(33)),
        ] {
            assert_eq!(TelephoneNumber::parse(text), Err(error), "{text}");
        }
    }
}
