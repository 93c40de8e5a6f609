//! Incoming call routes: from the number called on a trunk to a destination inside (DOMAIN 5).

use crate::input::Cli;
use crate::limits::MAX_DIGITS;
use crate::number::{Number, NumberError};
use std::fmt;
use std::net::IpAddr;

/// The Incoming Number field of a route, parsed: digits and `X`, compared from the right; a leading `-` asks for
/// exactly that length. An `i`, which marks a national number on ISDN, is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingNumber {
    characters: Vec<u8>,
    exact: bool,
}

/// Why an Incoming Number field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomingNumberError {
    /// Longer than [`MAX_DIGITS`] characters.
    TooLong(usize),
    /// A character other than digits, `*`, `#`, `+`, `X`, `i` and a leading `-`.
    BadCharacter(char),
}

impl IncomingNumber {
    /// Parses an Incoming Number field; empty matches every number.
    ///
    /// # Errors
    /// See [`IncomingNumberError`].
    pub fn parse(text: &str) -> Result<Self, IncomingNumberError> {
        if text.len() > MAX_DIGITS {
            return Err(IncomingNumberError::TooLong(text.len()));
        }
        let (body, exact) = match text.strip_prefix('-') {
            Some(body) => (body, true),
            None => (text, false),
        };
        match body.chars().find(|&c| !(c.is_ascii_digit() || matches!(c, '*' | '#' | '+' | 'X' | 'i'))) {
            Some(c) => Err(IncomingNumberError::BadCharacter(c)),
            None => Ok(Self { characters: body.bytes().filter(|&c| c != b'i').collect(), exact }),
        }
    }

    /// Whether every number fits.
    #[inline]
    pub(crate) const fn is_any(&self) -> bool {
        self.characters.is_empty() && !self.exact
    }

    /// How well `called` fits: `None` if not at all, otherwise greater is better. More matching digits win; among
    /// equals, more literal ones.
    ///
    /// A field matches the end of the number called. One that is longer than the number matches if all that was
    /// received matches its end (777 routed by 677 does not; 77 does).
    pub(crate) fn fit(&self, called: &[u8]) -> Option<Fit> {
        let length = self.characters.len();
        if self.exact && called.len() != length {
            return None;
        }
        let pairs = self.characters.iter().rev().zip(called.iter().rev());
        let mut fit = Fit { matching: 0, literal: 0, unused: length.saturating_sub(called.len()) };
        for (&pattern, &c) in pairs {
            match pattern {
                b'X' if c.is_ascii_digit() => {}
                _ if pattern == c => fit.literal += 1,
                _ => return None,
            }
            fit.matching += 1;
        }
        // A field with characters must have matched one of them.
        (length == 0 || fit.matching > 0).then_some(fit)
    }
}

/// The Incoming CLI field of a route, parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncomingCli {
    Any,
    /// `!`
    Withheld,
    /// `?`
    Unavailable,
    /// The caller's number begins like this.
    Begins(Number),
    /// The caller has this IP address.
    Address(Number),
}

impl IncomingCli {
    pub(crate) fn parse(text: &str) -> Result<Self, NumberError> {
        match text {
            "" => Ok(Self::Any),
            "!" => Ok(Self::Withheld),
            "?" => Ok(Self::Unavailable),
            address if address.parse::<IpAddr>().is_ok() => Number::new(address).map(Self::Address),
            digits => Number::new(digits).map(Self::Begins),
        }
    }

    /// How well a caller fits: `None` if not at all, otherwise greater is better.
    pub(crate) fn fit(&self, cli: Cli<'_>) -> Option<usize> {
        match (self, cli) {
            (Self::Any, _) => Some(0),
            (Self::Withheld, Cli::Withheld) | (Self::Unavailable, Cli::Unavailable) => Some(1),
            (Self::Begins(begin), Cli::Number(number)) => {
                number.as_bytes().starts_with(begin.as_bytes()).then_some(1 + begin.len())
            }
            (Self::Address(address), Cli::Number(number)) => {
                (*address == *number).then_some(1 + address.len())
            }
            (Self::Withheld | Self::Unavailable | Self::Begins(_) | Self::Address(_), _) => None,
        }
    }
}

/// How well a route fits a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    matching: usize,
    literal: usize,
    /// Characters of the field beyond the number received.
    unused: usize,
}

const _: () = assert!(MAX_DIGITS < 256, "each count is a byte of the rank");

impl Fit {
    /// Greater is better: matching characters, then literal ones, then fewer unused; a byte each.
    pub(crate) const fn rank(self) -> u32 {
        ((self.matching << 16) | (self.literal << 8) | (255 - self.unused)) as u32
    }
}

impl fmt::Display for IncomingNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(n) => write!(f, "{n} characters, but an incoming number has at most {MAX_DIGITS}"),
            Self::BadCharacter(c) => {
                write!(f, "{c:?} has no meaning in an incoming number; use digits, * # + X i and a leading -")
            }
        }
    }
}

impl std::error::Error for IncomingNumberError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn winner(routes: &[&str], called: &str) -> Option<usize> {
        let mut best: Option<(usize, Fit)> = None;
        for (n, route) in routes.iter().enumerate() {
            let number = IncomingNumber::parse(route).expect("test route");
            if let Some(fit) = number.fit(called.as_bytes())
                && best.is_none_or(|(_, b)| fit.rank() > b.rank())
            {
                best = Some((n, fit));
            }
        }
        best.map(|(n, _)| n)
    }

    #[test]
    fn an_address_of_the_caller_must_match_as_a_whole_and_a_number_its_beginning() {
        let fits = |field: &str, caller: &str| {
            let number = Number::new(caller).expect("test caller");
            IncomingCli::parse(field).expect("test field").fit(Cli::Number(&number)).is_some()
        };
        assert!(fits("10.0.0.1", "10.0.0.1") && !fits("10.0.0.1", "10.0.0.10"));
        assert!(fits("0207", "02071234567") && !fits("0207", "020"));
    }

    #[test]
    fn the_manuals_vectors() {
        let rows: [(&[&str], &str, Option<usize>); 12] = [
            (&["i2010", ""], "0732010", Some(0)),
            (&["-iXXXX", "i201", ""], "2010", Some(0)),
            (&["677", "7", ""], "77", Some(0)),
            (&["677", "7", ""], "777", Some(1)),
            (&["98XXX", "8XXX", ""], "77", Some(1)),
            (&["6XXX", "8XXX"], "123", Some(0)),
            (&["98XXX", "8XXX", ""], "98123", Some(0)),
            (&["2010", ""], "0732010", Some(0)),
            (&["-XXXX", ""], "0732010", Some(1)),
            (&["-XXXX", ""], "2010", Some(0)),
            (&["2010"], "2011", None),
            (&["2010", ""], "", Some(1)),
        ];
        for (routes, called, expected) in rows {
            assert_eq!(winner(routes, called), expected, "{routes:?} called {called:?}");
        }
    }
}
