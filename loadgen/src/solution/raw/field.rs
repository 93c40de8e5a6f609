//! Readers of single values that several elements have.

use crate::text::{At, ListError, NumberList, Problem, Problems, Value, did_you_mean, parse_list};
use engine::limits::{MAX_DIGITS, MAX_GROUP_NUMBER};
use engine::number::Number;
use engine::plan::spec::{CallClass, CallClasses, ForcedAccountCode};
use engine::time::Duration;
use std::ops::RangeInclusive;

/// No answer time: RC gives no range; the field holds 6 s to 99999 s.
const NO_ANSWER_TIME: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(99_999));
/// Dial Delay Time, of a system and of an ARS form.
const DIAL_DELAY_TIME: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Longest name of anything.
const MAX_NAME: usize = 200;

const CALL_CLASSES: [(&str, CallClass); 4] = [
    ("internal", CallClass::Internal),
    ("local", CallClass::Local),
    ("national", CallClass::National),
    ("international", CallClass::International),
];
const FORCED_ACCOUNT_CODE: [(&str, ForcedAccountCode); 2] =
    [("no", ForcedAccountCode::No), ("external-calls", ForcedAccountCode::ExternalCalls)];

pub(super) fn name(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 1, MAX_NAME, p)?;
    if text.chars().any(char::is_control) {
        p.push(Problem::error(format!("{:?} has a control character", v.key)).at(&v.place));
        return None;
    }
    Some(text)
}

/// A name with its place, as an element of a list.
pub(super) fn placed_name(v: &Value<'_>, p: &mut Problems) -> Option<At<String>> {
    Some(At { value: name(v, p)?, place: v.place.clone() })
}

pub(super) fn at_most(v: &Value<'_>, least: usize, most: usize, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    let count = text.chars().count();
    if (least..=most).contains(&count) {
        return Some(text.to_owned());
    }
    let message = match count {
        0 => format!("{:?} must not be empty", v.key),
        _ => format!("{:?} has {count} characters; it holds {most}", v.key),
    };
    p.push(Problem::error(message).at(&v.place));
    None
}

pub(super) fn boolean(v: &Value<'_>, p: &mut Problems) -> Option<bool> {
    v.boolean(p)
}

pub(super) fn no_answer_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(NO_ANSWER_TIME.0..=NO_ANSWER_TIME.1, p)
}

/// A length of time, or `off`.
pub(super) fn time_or_off(
    v: &Value<'_>,
    range: RangeInclusive<Duration>,
    p: &mut Problems,
) -> Option<Option<Duration>> {
    if v.as_text() == Some("off") {
        return Some(None);
    }
    v.duration(range, p).map(Some)
}

pub(super) fn dial_delay_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(DIAL_DELAY_TIME.0..=DIAL_DELAY_TIME.1, p)
}

/// A line group or the id of an ARS form.
pub(super) fn group(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(0..=u64::from(MAX_GROUP_NUMBER), p)
}

/// A priority from 1 to 5.
pub(super) fn priority(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(1..=5, p)
}

pub(super) fn forced_account_code(v: &Value<'_>, p: &mut Problems) -> Option<ForcedAccountCode> {
    v.choice(&FORCED_ACCOUNT_CODE, p)
}

/// A set of call classes; every unknown one is reported.
pub(super) fn call_classes(v: &Value<'_>, p: &mut Problems) -> Option<CallClasses> {
    if !v.is_array() {
        v.array(p);
        return None;
    }
    let mut classes = Some(CallClasses::NONE);
    for element in v.array(p) {
        let Some(text) = element.string(p) else {
            classes = None;
            continue;
        };
        match CALL_CLASSES.iter().find(|(name, _)| *name == text) {
            Some((_, class)) => classes = classes.map(|classes| classes.with(*class)),
            None => {
                let help = did_you_mean(text, CALL_CLASSES.map(|(name, _)| name));
                let problem = Problem::error(format!("unknown call class {text:?}")).at(&element.place);
                p.push(problem.maybe_help(help));
                classes = None;
            }
        }
    }
    classes
}

/// A number of any characters that numbers have; it may be empty.
pub(super) fn number(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    match Number::new(v.string(p)?) {
        Ok(number) => Some(number),
        Err(error) => {
            p.push(Problem::error(format!("{:?}: {error}", v.key)).at(&v.place));
            None
        }
    }
}

/// A number of digits only; it may be empty.
pub(super) fn digits(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let number = number(v, p)?;
    if is_digits(&number) {
        return Some(number);
    }
    p.push(Problem::error(format!("{:?} must be digits", v.key)).at(&v.place));
    None
}

pub(super) fn extension(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let text = v.string(p)?;
    let number = Number::new(text).ok().filter(|n| !n.is_empty() && is_digits(n));
    if number.is_none() {
        let message = format!("an extension is 1 to {MAX_DIGITS} digits");
        p.push(Problem::error(message).at(&v.place));
    }
    number
}

fn is_digits(number: &Number) -> bool {
    number.as_bytes().iter().all(u8::is_ascii_digit)
}

pub(super) fn extensions(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    let list = number_list(v, p)?;
    if let Some(other) = list.singles().find(|n| !is_digits(n)) {
        p.push(Problem::error(format!("extension {other:?} has characters other than digits")).at(&v.place));
        return None;
    }
    Some(list)
}

/// A list of numbers as one text, or as an array of such texts.
pub(crate) fn number_list(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    if !v.is_array() {
        return number_list_text(v, p);
    }
    let mut list = NumberList::default();
    let mut is_good = true;
    for element in v.array(p) {
        match number_list_text(&element, p) {
            Some(part) => list.append(part),
            None => is_good = false,
        }
    }
    if is_good && list.is_empty() {
        p.push(Problem::error(format!("{:?} names no numbers", v.key)).at(&v.place));
    }
    (is_good && !list.is_empty()).then_some(list)
}

fn number_list_text(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    parse_list(v.string(p)?).map_err(|errors| report_list(v, errors, p)).ok()
}

fn report_list(v: &Value<'_>, errors: Vec<ListError>, p: &mut Problems) {
    for error in errors {
        let problem = Problem::error(format!("{:?}: {}", v.key, error.message));
        p.push(problem.at(&v.place_within(error.span)).maybe_help(error.remedy));
    }
}

/// A pattern of called numbers.
pub(super) fn incoming_number(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 0, MAX_DIGITS, p)?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.chars().all(|c| c.is_ascii_digit() || matches!(c, 'X' | '*' | '#' | '+')) {
        return Some(text);
    }
    let problem = Problem::error("an incoming number has characters that cannot be matched").at(&v.place);
    p.push(problem.help("digits, X for any one digit, and a leading - for an exact length"));
    None
}
