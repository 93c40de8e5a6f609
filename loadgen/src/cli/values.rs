//! Values of options, read from their text: what they are, or what would be right.

use super::PhoneRange;

pub(super) fn parse_bhcc(text: &str) -> Result<f64, String> {
    let most = crate::profile::MAX_BHCC;
    match text.parse::<f64>() {
        Ok(bhcc) if bhcc > 0.0 && bhcc <= most => Ok(bhcc),
        _ => Err(format!("calls an hour must be a number above 0 and at most {most}")),
    }
}

pub(super) fn parse_tolerance(text: &str) -> Result<f64, String> {
    let pct = text.parse().ok().filter(|pct: &f64| *pct >= 0.0 && *pct < 1000.0);
    pct.ok_or_else(|| "a tolerance is a percentage, such as 3".to_owned())
}

pub(super) fn parse_confidence(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "a confidence is between 0 and 1, such as 0.95".to_owned())
}

pub(super) fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("seconds must be a number above 0 and at most 86400".to_owned()),
    }
}

/// `100000-199999`: both ends with equally many digits.
pub(super) fn parse_phones(text: &str) -> Result<PhoneRange, String> {
    let wrong = || format!("{text:?} is no range of extensions; one looks like 100000-199999");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|c| c.is_ascii_digit());
    if !is_number(first) || !is_number(last) || first.len() != last.len() {
        return Err(wrong());
    }
    let [from, to]: [u64; 2] = [first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?];
    let most = sip::limits::MAX_REGISTRATIONS as u64;
    match to.checked_sub(from) {
        Some(more) if more < most => Ok(PhoneRange { first: from, count: more + 1, width: first.len() }),
        Some(_) => Err(format!("{text:?} has more than {most} phones")),
        None => Err(wrong()),
    }
}

pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| *rate > 0.0 && *rate <= 1e6);
    rate.ok_or_else(|| "a rate is a number of REGISTERs a second, above 0 and at most 1000000".to_owned())
}

pub(super) fn parse_expires(text: &str) -> Result<engine::time::Duration, String> {
    let duration = parse_duration(text)?;
    let whole = duration.as_nanos() >= 1_000_000_000;
    whole.then_some(duration).ok_or_else(|| "must be a second or longer".to_owned())
}

pub(super) fn parse_duration(text: &str) -> Result<engine::time::Duration, String> {
    match crate::text::parse_duration(text) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        Ok(_) => Err("must be longer than nothing".to_owned()),
        Err(error) => Err(error.remedy()),
    }
}

pub(super) fn parse_time(text: &str) -> Result<engine::time::Duration, String> {
    crate::text::parse_duration(text).map_err(|error| error.remedy())
}
