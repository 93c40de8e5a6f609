//! Days and times of the day as people write them: `mon-fri`, `17:30`, `mon 09:00`.

use engine::plan::spec::{Day, TimeOfWeek};
use engine::time::Duration;

/// The days with their names in files, in order.
pub const DAYS: [(&str, Day); 7] = [
    ("mon", Day::Monday),
    ("tue", Day::Tuesday),
    ("wed", Day::Wednesday),
    ("thu", Day::Thursday),
    ("fri", Day::Friday),
    ("sat", Day::Saturday),
    ("sun", Day::Sunday),
];

/// The days in `text`: one, or a range with both ends such as `mon-fri`; `sat-mon` goes past the end of the week.
///
/// # Errors
/// The word that is no day.
pub fn parse_days(text: &str) -> Result<Vec<Day>, &str> {
    let place = |name: &'_ str| DAYS.iter().position(|(known, _)| *known == name);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim(), last.trim());
    let from = place(first).ok_or(first)?;
    let to = place(last).ok_or(last)?;
    let count = (to + DAYS.len() - from) % DAYS.len() + 1;
    Ok(DAYS.iter().cycle().skip(from).take(count).map(|(_, day)| *day).collect())
}

/// The time after midnight written as `HH:MM` or `HH:MM:SS`, up to `24:00`.
#[must_use]
pub fn parse_time_of_day(text: &str) -> Option<Duration> {
    let parts: Vec<u64> = text.split(':').map(two_digits).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match *parts.as_slice() {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let total = hours * 3_600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 86_400).then(|| Duration::from_secs(total))
}

fn two_digits(text: &str) -> Option<u64> {
    let is_good = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_good)
}

/// The time of the week written as `mon 09:00`.
#[must_use]
pub fn parse_time_of_week(text: &str) -> Option<TimeOfWeek> {
    let (day, time) = text.split_once(' ')?;
    let (_, day) = DAYS.iter().find(|(name, _)| *name == day)?;
    Some(TimeOfWeek::new(*day, parse_time_of_day(time.trim_start())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_and_ranges_of_them() {
        use Day::{Friday, Monday, Saturday, Sunday, Thursday};
        assert_eq!(parse_days("mon"), Ok(vec![Monday]));
        assert_eq!(parse_days("thu - sat"), Ok(vec![Thursday, Friday, Saturday]));
        assert_eq!(parse_days("sat-mon"), Ok(vec![Saturday, Sunday, Monday]));
        assert_eq!(parse_days("mon-sun").map(|days| days.len()), Ok(7));
        for (text, wrong) in [("", ""), ("monday", "monday"), ("mon-", ""), ("mon-tue-wed", "tue-wed")] {
            assert_eq!(parse_days(text), Err(wrong), "{text:?}");
        }
    }

    #[test]
    fn reads_times_of_the_day_and_of_the_week() {
        assert_eq!(parse_time_of_day("09:05"), Some(Duration::from_secs(32_700)));
        assert_eq!(parse_time_of_day("23:59:59"), Some(Duration::from_secs(86_399)));
        assert_eq!(parse_time_of_day("24:00"), Some(Duration::from_secs(86_400)));
        for text in ["", "9:00", "09.00", "24:01", "09:60", "09:00:60", "09", "+9:00", "09:00:00:00", "é:00"]
        {
            assert_eq!(parse_time_of_day(text), None, "{text:?}");
        }
        assert_eq!(parse_time_of_week("mon 09:00"), Some(TimeOfWeek::MONDAY_NINE));
        assert_eq!(parse_time_of_week("sun 24:00"), Some(TimeOfWeek::new(Day::Monday, Duration::ZERO)));
        for text in ["", "mon", "mon09:00", "mon-fri 09:00", "monday 09:00", "mon 9:00"] {
            assert_eq!(parse_time_of_week(text), None, "{text:?}");
        }
    }
}
