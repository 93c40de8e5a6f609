//! Times in a trace: seconds, or dates with a time of day.

use crate::text::parse_duration;
use engine::time::Duration;

const NS_PER_S: i128 = 1_000_000_000;

/// When something happened, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// From an origin that the file chose.
    Seconds(i128),
    /// From 1970 on, by the calendar.
    Date(i128),
}

/// Seconds as a decimal number.
pub(super) fn parse_seconds(text: &str) -> Option<Duration> {
    let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if is_decimal { parse_duration(&format!("{text}s")).ok() } else { None }
}

/// Seconds, or `1999-08-01 00:10:10`, with `T` for the blank, a fraction and `Z` or `+02:00` where wanted.
pub(super) fn parse_moment(text: &str) -> Option<Moment> {
    if let Some(seconds) = parse_seconds(text) {
        return Some(Moment::Seconds(i128::from(seconds.as_nanos())));
    }
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (time, offset_s) = split_offset(time)?;
    let ns = i128::from(days_since_1970(date)?) * 86_400 * NS_PER_S + time_of_day(time)?;
    Some(Moment::Date(ns - i128::from(offset_s) * NS_PER_S))
}

/// The time of day, and how many seconds its zone is ahead of UTC.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (time, offset) = time.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let seconds = field(hours, 2, 0..=23)? * 3_600 + field(minutes, 2, 0..=59)? * 60;
    Some((time, sign * seconds))
}

/// Nanoseconds since midnight.
fn time_of_day(text: &str) -> Option<i128> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let whole = field(hours, 2, 0..=23)? * 3_600 + field(minutes, 2, 0..=59)? * 60 + field(whole, 2, 0..=60)?;
    let fraction = parse_seconds(&format!("0.{fraction}"))?;
    Some(i128::from(whole) * NS_PER_S + i128::from(fraction.as_nanos()))
}

fn field(text: &str, digits: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| is_number && range.contains(n))
}

/// By the Gregorian calendar; March is taken as the first month, so that the leap day comes last.
fn days_since_1970(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month) = (field(year, 4, 0..=9999)?, field(month, 2, 1..=12)?);
    let day = field(day, 2, 1..=days_in(year, month))?;
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 1970-01-01 is day 719 468 from 0000-03-01.
    Some(year * 365 + leap_days + day_of_year - 719_468)
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<i128> {
        match parse_moment(text)? {
            Moment::Date(ns) => Some(ns),
            Moment::Seconds(_) => None,
        }
    }

    #[test]
    fn reads_dates_by_the_calendar() {
        assert_eq!(date("1970-01-01 00:00:00"), Some(0));
        assert_eq!(date("1999-08-01T00:10:10Z"), Some(933_466_210 * NS_PER_S));
        assert_eq!(date("2000-02-29 23:59:59.25"), Some(951_868_799_250_000_000));
        assert_eq!(date("2000-03-01T01:00:00+01:00"), Some(951_868_800 * NS_PER_S));
        assert_eq!(date("0000-01-01 00:00:00"), Some(-62_167_219_200 * NS_PER_S));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for bad in [
            "1999-02-29 00:00:00",
            "1999-13-01 00:00:00",
            "1999-08-01",
            "1999-08-01 24:00:00",
            "1999-08-01 0:00:00",
            "1999-08-01 00:00:00.",
            "1999-08-01 00:00:00+1",
            "-1",
            "1e5",
            "1m",
            "",
            ".",
        ] {
            assert_eq!(parse_moment(bad), None, "{bad:?}");
        }
    }
}
