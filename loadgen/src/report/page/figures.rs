//! Figures as people read them.

/// Groups of three: `1,234,567`.
pub(super) fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whole from 1,000 on, four significant digits below.
pub(super) fn rounded(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size >= 1_000.0 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", thousands(size.round() as u64));
    }
    let decimals = if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else if size >= 1.0 {
        3
    } else {
        4
    };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Share of a whole, in percent; a dash of nothing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{} %", rounded(part as f64 * 100.0 / whole as f64)) }
}

/// Seconds as `1 h 02 min`, `3 min 20 s`, `4.5 s`; a dash where nobody measured.
pub(super) fn duration(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return "–".to_owned() };
    if seconds < 60.0 {
        return format!("{} s", rounded(seconds));
    }
    let whole = seconds.round() as u64;
    match (whole / 3_600, whole % 3_600 / 60, whole % 60) {
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Time from the start of the measured part as `20:05`, with hours where there are any.
pub(super) fn clock_time(seconds: f64) -> String {
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs().round() as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole % 3_600 / 60, whole % 60);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes}:{seconds:02}")
    }
}

/// Seconds in a `unit` of latencies.
pub(super) fn seconds_of(unit: &str) -> f64 {
    match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        _ => 1.0,
    }
}

/// A latency in the unit that suits it.
pub(super) fn time(value: f64, unit: &str) -> String {
    let seconds = value * seconds_of(unit);
    let (scale, symbol) = match seconds.abs() {
        s if s >= 1.0 => (1.0, "s"),
        s if s >= 1e-3 => (1e3, "ms"),
        s if s >= 1e-6 => (1e6, "µs"),
        s if s > 0.0 => (1e9, "ns"),
        _ => return "0".to_owned(),
    };
    format!("{} {symbol}", rounded(seconds * scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        let values = [0.0, 0.0012, 3.25, 26.27, 123.456, 19_706.4, -2_000.0, f64::NAN];
        assert_eq!(values.map(rounded), ["0", "0.0012", "3.25", "26.27", "123.5", "19,706", "-2,000", "–"]);
        let seconds = [None, Some(4.5), Some(60.0), Some(200.0), Some(3_600.0), Some(3_720.0)];
        assert_eq!(seconds.map(duration), ["–", "4.5 s", "1 min", "3 min 20 s", "1 h", "1 h 2 min"]);
        assert_eq!([-60.0, 1_205.0, 7_200.0].map(clock_time), ["-1:00", "20:05", "2:00:00"]);
        assert_eq!([time(1_500.0, "us"), time(12.0, "ns"), time(0.0, "us")], ["1.5 ms", "12 ns", "0"]);
        assert_eq!([percent(1, 3), percent(1, 0)], ["33.33 %", "–"]);
    }
}
