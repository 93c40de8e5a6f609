//! Times of the week: when a time profile is in force.

use crate::time::{Duration, Instant};

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;

/// A moment of the week, in seconds from Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfWeek(u32);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A named set of hours.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeProfileSpec {
    /// Its name, unique on the system.
    pub name: String,
    /// It is in force during any of these.
    pub spans: Vec<TimeSpanSpec>,
}

/// Hours on some days.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeSpanSpec {
    /// The days.
    pub days: Vec<Day>,
    /// First second of the day that belongs to it.
    pub from: Duration,
    /// First second of the day that does not; 24 h for midnight.
    pub to: Duration,
}

impl TimeOfWeek {
    /// Monday 09:00, when runs begin unless the profile says otherwise.
    pub const MONDAY_NINE: Self = Self(9 * 3_600);

    /// `time` after midnight on `day`; beyond 24 h it is a later day.
    #[must_use]
    pub const fn new(day: Day, time: Duration) -> Self {
        Self(((day as u64 * DAY + time.as_secs()) % WEEK) as u32)
    }

    /// The time of the week `now`, when time zero was at `self`.
    #[must_use]
    pub const fn at(self, now: Instant) -> Self {
        Self(((self.0 as u64 + now.as_nanos() / 1_000_000_000) % WEEK) as u32)
    }

    /// Seconds from Monday 00:00.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }
}

impl Default for TimeOfWeek {
    fn default() -> Self {
        Self::MONDAY_NINE
    }
}

impl TimeProfileSpec {
    /// How long after `time` it next begins or ends, in seconds; `None` if it has no hours.
    #[must_use]
    pub(crate) fn next_change_s(&self, time: TimeOfWeek) -> Option<u64> {
        let ends = self.spans.iter().flat_map(|span| {
            let of_day = |day: Day, end: Duration| (day as u64 * DAY + end.as_secs()) % WEEK;
            span.days.iter().flat_map(move |&day| [of_day(day, span.from), of_day(day, span.to)])
        });
        ends.map(|end| match (end + WEEK - u64::from(time.0)) % WEEK {
            0 => WEEK,
            after => after,
        })
        .min()
    }

    /// Whether it is in force at `time`.
    #[must_use]
    pub fn covers(&self, time: TimeOfWeek) -> bool {
        let (day, second) = (u64::from(time.0) / DAY, u64::from(time.0) % DAY);
        self.spans.iter().any(|span| {
            let in_hours = (span.from.as_secs()..span.to.as_secs()).contains(&second);
            in_hours && span.days.iter().any(|&d| d as u64 == day)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_its_hours_on_its_days_only() {
        let hours = |h: u64| Duration::from_secs(h * 3_600);
        let office = TimeProfileSpec {
            name: "office".into(),
            spans: vec![TimeSpanSpec { days: vec![Day::Monday, Day::Friday], from: hours(9), to: hours(17) }],
        };
        for (day, hour, covered) in [
            (Day::Monday, 8, false),
            (Day::Monday, 9, true),
            (Day::Monday, 16, true),
            (Day::Monday, 17, false),
            (Day::Tuesday, 10, false),
            (Day::Friday, 10, true),
            (Day::Sunday, 33, true),
        ] {
            assert_eq!(office.covers(TimeOfWeek::new(day, hours(hour))), covered, "{day:?} {hour}");
        }
        let a_week_on = Instant::ZERO + hours(7 * 24 + 8);
        assert_eq!(TimeOfWeek::MONDAY_NINE.at(a_week_on), TimeOfWeek::new(Day::Monday, hours(17)));
    }
}
