//! Dates and times of day in UTC, for reports: no time zones, no leap seconds.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_S: i64 = 86_400;

/// A second of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilTime {
    /// Seconds since 1970-01-01 00:00:00.
    seconds: i64,
}

impl CivilTime {
    /// Monday, 2000-01-03 09:00:00: when simulated runs begin, unless told otherwise.
    pub const DEFAULT_START: Self = Self { seconds: 946_890_000 };

    /// So many seconds after 1970-01-01 00:00:00.
    #[must_use]
    pub const fn since_1970(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Reads `YYYY-MM-DD HH:MM:SS` (or with `T` or `/` as separators); `None` if there is no such second.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(['-', '/', ' ', 'T', ':']).collect();
        let numbers: Option<Vec<i64>> = fields.iter().map(|f| f.parse::<u32>().ok().map(i64::from)).collect();
        let [year, month, day, hour, minute, second] = numbers?.try_into().ok()?;
        if hour > 23 || minute > 59 || second > 59 || year > 9_999 || !(1..=12).contains(&month) {
            return None;
        }
        let days = days_from_civil(year, month, day);
        let exists = civil_from_days(days) == (year, month, day);
        exists.then_some(Self { seconds: days * DAY_S + hour * 3_600 + minute * 60 + second })
    }

    /// `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self { seconds: self.seconds.saturating_add_unsigned(seconds) }
    }

    /// `YYYY/MM/DD HH:MM:SS`, as call records have it.
    #[must_use]
    pub fn with_slashes(self) -> String {
        let ((year, month, day), (hour, minute, second)) = self.fields();
        format!("{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}")
    }

    fn fields(self) -> ((i64, i64, i64), (i64, i64, i64)) {
        let (days, s) = (self.seconds.div_euclid(DAY_S), self.seconds.rem_euclid(DAY_S));
        (civil_from_days(days), (s / 3_600, s / 60 % 60, s % 60))
    }
}

impl fmt::Display for CivilTime {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((year, month, day), (hour, minute, second)) = self.fields();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Now, by the wall clock: for `started_at`.
#[must_use]
pub fn utc_now() -> CivilTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    CivilTime { seconds: 0 }.plus_seconds(seconds)
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap day is the last one.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`]: year, month, day.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days - era * 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_seconds() {
        let parse = |text| CivilTime::parse(text).map(|t| t.seconds);
        assert_eq!(parse("1970-01-01 00:00:00"), Some(0));
        assert_eq!(parse("2000-01-03T09:00:00"), Some(CivilTime::DEFAULT_START.seconds));
        assert_eq!(parse("2024/02/29 23:59:59"), Some(1_709_251_199));
        for bad in ["2023-02-29 00:00:00", "2000-13-01 00:00:00", "2000-01-01 24:00:00", "2000-01-01", "x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in -146_097..146_097 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn prints_both_forms() {
        let time = CivilTime::DEFAULT_START.plus_seconds(3_601);
        assert_eq!(time.to_string(), "2000-01-03T10:00:01Z");
        assert_eq!(time.with_slashes(), "2000/01/03 10:00:01");
    }
}
