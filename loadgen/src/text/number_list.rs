//! Lists of telephone numbers: `2000-2099, 2200`.

use engine::number::Number;
use std::fmt;
use std::ops::Range;

/// Most numbers in one list, the engine's limit of users on a system.
const MAX_NUMBERS: u128 = engine::limits::MAX_USERS as u128;

/// Numbers in the order they were written; a range takes no more room than its ends.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct NumberList {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    One(Number),
    /// From, how many, and how many digits each has.
    Range {
        first: u128,
        count: u128,
        width: usize,
    },
}

/// What is wrong with a list, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListError {
    /// The bytes of the text that are wrong.
    pub span: Range<usize>,
    /// In words.
    pub message: String,
    /// What to write instead.
    pub remedy: Option<String>,
}

/// The numbers written in `text`: single ones and ranges whose ends have equally many digits, with commas between.
///
/// # Errors
/// Every part that is no number or range.
pub fn parse_list(text: &str) -> Result<NumberList, Vec<ListError>> {
    let mut list = NumberList::default();
    let mut errors = Vec::new();
    let mut start = 0;
    for part in text.split(',') {
        let trimmed = part.trim();
        let offset = start + (part.len() - part.trim_start().len());
        start += part.len() + 1;
        match parse_part(trimmed) {
            Ok(part) => list.parts.push(part),
            Err((message, remedy)) => {
                errors.push(ListError { span: offset..offset + trimmed.len(), message, remedy });
            }
        }
    }
    if list.len() > MAX_NUMBERS as usize {
        errors.push(ListError {
            span: 0..text.len(),
            message: format!("more than {MAX_NUMBERS} numbers"),
            remedy: None,
        });
    }
    if errors.is_empty() { Ok(list) } else { Err(errors) }
}

type PartError = (String, Option<String>);

fn parse_part(text: &str) -> Result<Part, PartError> {
    if text.is_empty() {
        return Err(("a number is missing".into(), Some("as in \"2000-2099, 2200\"".into())));
    }
    match text.split_once('-') {
        Some((first, last)) => parse_range(first.trim(), last.trim()),
        None => Number::new(text).map(Part::One).map_err(|e| (format!("not a number: {e}"), None)),
    }
}

fn parse_range(first: &str, last: &str) -> Result<Part, PartError> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return Err(("both ends of a range are digits".into(), Some("as in \"2000-2099\"".into())));
    }
    if first.len() != last.len() {
        let remedy = format!("{first} has {} and {last} has {}", first.len(), last.len());
        return Err(("both ends of a range have equally many digits".into(), Some(remedy)));
    }
    // At most 31 digits, so both fit.
    let value = |s: &str| Number::new(s).ok().and_then(|_| s.parse::<u128>().ok());
    let (Some(low), Some(high)) = (value(first), value(last)) else {
        let message = format!("a number has at most {} digits", engine::limits::MAX_DIGITS);
        return Err((message, None));
    };
    if low > high {
        return Err(("a range runs upwards".into(), Some(format!("write \"{last}-{first}\""))));
    }
    let count = high - low + 1;
    if count > MAX_NUMBERS {
        return Err((format!("a range of {count} numbers; at most {MAX_NUMBERS} are possible"), None));
    }
    Ok(Part::Range { first: low, count, width: first.len() })
}

impl NumberList {
    /// A list of this one number.
    #[must_use]
    pub fn one(number: Number) -> Self {
        Self { parts: vec![Part::One(number)] }
    }

    /// How many numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        let count = |part: &Part| match part {
            Part::One(_) => 1,
            Part::Range { count, .. } => *count as usize,
        };
        self.parts.iter().map(count).fold(0, usize::saturating_add)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Appends the numbers of `other`.
    pub fn append(&mut self, mut other: Self) {
        self.parts.append(&mut other.parts);
    }

    /// The numbers that were written one by one, not as part of a range.
    pub fn singles(&self) -> impl Iterator<Item = &Number> {
        self.parts.iter().filter_map(|part| match part {
            Part::One(number) => Some(number),
            Part::Range { .. } => None,
        })
    }

    /// The numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = Number> + '_ {
        self.parts.iter().flat_map(|part| {
            let (one, range) = match part {
                Part::One(number) => (Some(*number), None),
                Part::Range { first, count, width } => (None, Some((*first..*first + *count, *width))),
            };
            let numbers = range.into_iter().flat_map(|(values, width)| {
                values.filter_map(move |n| Number::new(&format!("{n:0width$}")).ok())
            });
            one.into_iter().chain(numbers)
        })
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ListError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<String> {
        let list = parse_list(text).expect("a list");
        let numbers: Vec<_> = list.iter().map(|n| n.to_string()).collect();
        assert_eq!(list.len(), numbers.len());
        numbers
    }

    #[test]
    fn reads_numbers_and_ranges_in_order() {
        assert_eq!(numbers("2009-2011, 2200"), ["2009", "2010", "2011", "2200"]);
        assert_eq!(numbers("0098-0101"), ["0098", "0099", "0100", "0101"]);
        assert_eq!(numbers("*57*201#"), ["*57*201#"]);
    }

    #[test]
    fn names_every_part_that_is_wrong() {
        let spans = |text: &str| {
            let errors = parse_list(text).expect_err("not a list");
            errors.into_iter().map(|e| (e.span, e.message)).collect::<Vec<_>>()
        };
        assert_eq!(
            spans("20-3000, 2é, 9-1"),
            [
                (0..7, "both ends of a range have equally many digits".into()),
                (
                    9..12,
                    "not a number: 'é' cannot stand in a number; digits, letters, * # + . _ - @ can".into()
                ),
                (14..17, "a range runs upwards".into()),
            ]
        );
        assert_eq!(spans("1-99999999999").len(), 1);
        assert_eq!(spans("00000000000-99999999999").len(), 1);
        assert_eq!(spans("000001-999999, 000001-999999")[0].1, "more than 1000000 numbers");
        assert_eq!(spans(&format!("{0}-{0}", "9".repeat(40))).len(), 1);
        for empty in ["", ",", "1,,2", "-", "1-", "-1", "1-2-3", "a-b"] {
            assert!(!spans(empty).is_empty(), "{empty:?}");
        }
    }
}
