//! Lengths of time as people write them: `250ms`, `1.5h`, `1h30m`.

use engine::time::Duration;
use std::fmt;

/// Units, longest first, with their length in nanoseconds.
const UNITS: [(&str, u128); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Decimals that are looked at; a nanosecond of a day is 14.
const MAX_DECIMALS: usize = 18;

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    /// It starts with a minus sign; the rest of it.
    Negative(String),
    /// No number where one must stand.
    NoNumber,
    /// A number with nothing behind it.
    NoUnit,
    /// A unit that is none.
    UnknownUnit(String),
    /// A unit not shorter than the one before it.
    Order,
    /// Past the longest time that can be written down, 584 years.
    TooLong,
}

/// The length of time written in `text`: numbers with a unit (`ns us ms s m h d`), longest unit first, without blanks.
///
/// # Errors
/// What is wrong with the text, in words for its author.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    if let Some(rest) = text.strip_prefix('-') {
        return Err(DurationError::Negative(rest.to_owned()));
    }
    let mut rest = text;
    let mut total: u128 = 0;
    let mut longest_allowed = u128::MAX;
    loop {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) = split(after, |c| !c.is_ascii_digit() && c != '.');
        let ns_per_unit = unit_ns(number, unit)?;
        if ns_per_unit >= longest_allowed {
            return Err(DurationError::Order);
        }
        longest_allowed = ns_per_unit;
        total = total.checked_add(nanoseconds(number, ns_per_unit)?).ok_or(DurationError::TooLong)?;
        rest = after;
        if rest.is_empty() {
            return u64::try_from(total).map(Duration::from_nanos).map_err(|_| DurationError::TooLong);
        }
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn unit_ns(number: &str, unit: &str) -> Result<u128, DurationError> {
    if number.is_empty() {
        return Err(DurationError::NoNumber);
    }
    if unit.is_empty() {
        return Err(DurationError::NoUnit);
    }
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map(|(_, ns)| *ns).ok_or_else(|| DurationError::UnknownUnit(unit.to_owned()))
}

/// Exact to the nanosecond; anything finer is rounded to the nearest.
fn nanoseconds(number: &str, ns_per_unit: u128) -> Result<u128, DurationError> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.contains('.') {
        return Err(DurationError::NoNumber);
    }
    let whole: u128 = whole.parse().map_err(|_| DurationError::TooLong)?;
    let decimals = &decimals[..decimals.len().min(MAX_DECIMALS)];
    let scale = 10_u128.pow(decimals.len() as u32);
    let fraction: u128 = decimals.parse().map_err(|_| DurationError::NoNumber)?;
    let part = (fraction * ns_per_unit + scale / 2) / scale;
    whole.checked_mul(ns_per_unit).and_then(|ns| ns.checked_add(part)).ok_or(DurationError::TooLong)
}

impl DurationError {
    /// What its author may write instead.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Negative(rest) if parse_duration(rest).is_ok() => {
                format!("write {rest:?}: a length of time is never negative")
            }
            Self::Negative(_) | Self::NoNumber | Self::NoUnit => {
                "write a number and a unit, as in \"250ms\", \"5s\", \"1.5h\" or \"1h30m\"".into()
            }
            Self::UnknownUnit(_) => "units are ns, us, ms, s, m, h and d".into(),
            Self::Order => "write the longest unit first and each unit once, as in \"1h30m\"".into(),
            Self::TooLong => "the longest time that can be written is 584 years".into(),
        }
    }
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Negative(_) => write!(f, "negative length of time"),
            Self::NoNumber => write!(f, "a length of time starts with a number"),
            Self::NoUnit => write!(f, "a length of time without a unit"),
            Self::UnknownUnit(unit) => write!(f, "unknown unit of time {unit:?}"),
            Self::Order => write!(f, "units of time out of order"),
            Self::TooLong => write!(f, "length of time too long"),
        }
    }
}

impl std::error::Error for DurationError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> Option<u64> {
        parse_duration(text).ok().map(|d| d.as_nanos() / 1_000_000)
    }

    #[test]
    fn reads_numbers_with_units() {
        assert_eq!(ms("90s"), Some(90_000));
        assert_eq!(ms("1.5h"), Some(5_400_000));
        assert_eq!(ms("250ms"), Some(250));
        assert_eq!(ms("1d"), Some(86_400_000));
        assert_eq!(ms("1h30m"), Some(5_400_000));
        assert_eq!(parse_duration("0.1s"), Ok(Duration::from_millis(100)));
        assert_eq!(parse_duration("1ns"), Ok(Duration::from_nanos(1)));
        assert_eq!(parse_duration("0.9999999999s"), Ok(Duration::from_secs(1)));
    }

    #[test]
    fn says_what_is_wrong() {
        use DurationError::{Negative, NoNumber, NoUnit, Order, TooLong, UnknownUnit};
        let cases = [
            ("-5s", Negative("5s".into())),
            ("-", Negative(String::new())),
            ("", NoNumber),
            ("s", NoNumber),
            (" 5s", NoNumber),
            (".s", NoNumber),
            ("1.s", NoNumber),
            ("1.2.3s", NoNumber),
            ("5", NoUnit),
            ("5 s", UnknownUnit(" s".into())),
            ("1e400s", UnknownUnit("e".into())),
            ("30m1h", Order),
            ("1s1s", Order),
            ("99999999999999999999999999999999999999999999d", TooLong),
            ("1000000d", TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(parse_duration(text), Err(error), "{text:?}");
        }
        assert_eq!(Negative("5s".into()).remedy(), "write \"5s\": a length of time is never negative");
    }
}
