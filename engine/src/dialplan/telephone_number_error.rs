//! What can be wrong with a Telephone Number field, and what would be right.

use crate::limits::MAX_TELEPHONE_NUMBER;
use std::fmt;

/// Why a Telephone Number field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelephoneNumberError {
    /// Longer than [`MAX_TELEPHONE_NUMBER`] characters.
    TooLong(usize),
    /// A character without a meaning here.
    BadCharacter(char),
    /// A quoted character that no number has.
    NotSendable(char),
    /// `;` before the end.
    SemicolonInside,
    /// `,` where no tones are sent.
    PauseOutsideTones,
    /// A quotation mark without its partner.
    OpenQuote,
    /// `Z` without a quoted name.
    NameWithoutQuotes,
    /// `"@..."` without a host, or with characters that no host has.
    BadHost,
    /// A letter that needs a value has none.
    ParameterMissing(char),
    /// A value that is no number from 1 to `most`.
    Parameter {
        /// The letter it belongs to.
        letter: char,
        /// The largest value.
        most: u64,
    },
    /// A letter that may be used only once.
    Twice(char),
    /// `i` that does not follow `S` or `SS`.
    TypeWithoutCalling,
}

impl fmt::Display for TelephoneNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(n) => {
                write!(f, "{n} characters, but a telephone number field has at most {MAX_TELEPHONE_NUMBER}")
            }
            Self::BadCharacter(c) => write!(
                f,
                "{c:?} has no meaning in a telephone number field; use digits, * # + N . ; or one of \
                 A C D E I K L S U W Y Z @ h l p r t, or quote it"
            ),
            Self::NotSendable(c) => {
                write!(
                    f,
                    "{c:?} cannot be sent in a number, not even quoted; digits, letters, * # + . _ - @ can"
                )
            }
            Self::SemicolonInside => {
                f.write_str("`;` must be the last character of a telephone number field")
            }
            Self::PauseOutsideTones => f.write_str("`,` is a pause between tones; it must come after D or Y"),
            Self::OpenQuote => f.write_str("a quotation mark has no partner"),
            Self::NameWithoutQuotes => f.write_str("`Z` must be followed by a quoted name: Z\"Reception\""),
            Self::BadHost => f.write_str("a quoted `@` must be followed by a host: \"@example.com\""),
            Self::ParameterMissing(c) => {
                write!(f, "`{c}` must be followed by a value in parentheses: {c}(1)")
            }
            Self::Parameter { letter, most } => write!(f, "the value of `{letter}` must be from 1 to {most}"),
            Self::Twice(c) => write!(f, "`{c}` can be used only once; a call has one of what it sets"),
            Self::TypeWithoutCalling => {
                f.write_str("`i` gives the type of a calling number; it must follow S or SS at once")
            }
        }
    }
}

impl std::error::Error for TelephoneNumberError {}

#[cfg(test)]
mod tests {
    use super::super::TelephoneNumber;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_error_has_its_own_text() {
        let long = "1".repeat(33);
        let rows = [
            (long.as_str(), TelephoneNumberError::TooLong(33)),
            ("9X", TelephoneNumberError::BadCharacter('X')),
            ("9\" \"", TelephoneNumberError::NotSendable(' ')),
            ("9;9", TelephoneNumberError::SemicolonInside),
            ("9,9", TelephoneNumberError::PauseOutsideTones),
            ("\"a", TelephoneNumberError::OpenQuote),
            ("ZAnn", TelephoneNumberError::NameWithoutQuotes),
            ("N\"@\"", TelephoneNumberError::BadHost),
            ("Np", TelephoneNumberError::ParameterMissing('p')),
            ("Np(4)", TelephoneNumberError::Parameter { letter: 'p', most: 3 }),
            ("NS1@2S3", TelephoneNumberError::Twice('S')),
            ("Ni", TelephoneNumberError::TypeWithoutCalling),
        ];
        let mut texts = BTreeSet::new();
        for (field, error) in rows {
            assert_eq!(TelephoneNumber::parse(field), Err(error), "{field}");
            texts.insert(error.to_string());
        }
        assert_eq!(texts.len(), rows.len());
        for field in ["Z\"Ann", "Nh(5)", "Nh()", "Nh(", "Nt(1000)", "Np(x)", "DN1Y2", "K1K2", "@1@2"] {
            assert!(TelephoneNumber::parse(field).is_err(), "{field}");
        }
    }
}
