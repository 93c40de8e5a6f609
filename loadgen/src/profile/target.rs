//! Targets: `blocked_pct = "<= 0.1"`, and thresholds in one piece: `setup_delay_us:p(99)<200000, abortOnFail`.

use super::metrics::{METRICS, begins_metrics, is_metric, is_percentage};
use super::model::{Comparison, Target, Threshold};
use crate::text::{At, Problem, Problems, Table, Value, did_you_mean};
use engine::time::Duration;

/// Longest first, so that `<=` is not taken for `<`.
const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Reads `[targets]`. A metric with a dot in its name may be written with or without quotes.
pub(super) fn read(mut table: Table<'_>, p: &mut Problems) -> Vec<Threshold> {
    let mut targets = Vec::new();
    for (key, value) in table.entries(p) {
        read_named(&key, &value, &mut targets, p);
    }
    targets
}

/// A metric, or a part of the names of several.
fn read_named(key: &At<String>, value: &Value<'_>, targets: &mut Vec<Threshold>, p: &mut Problems) {
    if value.is_table() && !is_metric(&key.value) && begins_metrics(&key.value) {
        let Some(mut inner) = value.table(p) else { return };
        for (inner_key, value) in inner.entries(p) {
            let name = At { value: format!("{}.{}", key.value, inner_key.value), place: inner_key.place };
            read_named(&name, &value, targets, p);
        }
    } else if value.is_array() {
        targets.extend(value.array(p).iter().filter_map(|value| read_one(key, value, p)));
    } else {
        targets.extend(read_one(key, value, p));
    }
}

/// A comparison alone, or a table of it and when missing it ends the run.
fn read_one(name: &At<String>, value: &Value<'_>, p: &mut Problems) -> Option<Threshold> {
    if !value.is_table() {
        let target = read_target(name, value, p)?;
        return Some(Threshold { target, abort_after: None });
    }
    let mut table = value.table(p)?;
    let limit = table.req("limit", p, |v, p| read_target(name, v, p));
    let aborts = table.opt("abort_on_fail", p, Value::boolean);
    let delay = table.opt("delay_abort_eval", p, super::raw::any_time);
    table.finish(p);
    let aborts = aborts.is_some_and(|aborts| aborts.value);
    let after = delay.map_or(Duration::ZERO, |delay| delay.value);
    Some(Threshold { target: limit?.value, abort_after: aborts.then_some(after) })
}

fn read_target(name: &At<String>, value: &Value<'_>, p: &mut Problems) -> Option<Target> {
    let is_known = is_metric(&name.value);
    if !is_known {
        let problem = Problem::error(format!("unknown metric {:?}", name.value)).at(&name.place);
        p.push(problem.help(help_with_metric(&name.value)));
    }
    let text = value.string(p)?;
    let Some((comparison, limit)) = parse(text) else {
        let problem = Problem::error("a target is a comparison and a number").at(&value.place);
        p.push(problem.help("as in \"<= 0.1\"; the comparisons are <=, <, >=, > and =="));
        return None;
    };
    if is_percentage(&name.value) && !(0.0..=100.0).contains(&limit) {
        p.push(Problem::error("a percentage is from 0 to 100").at(&value.place));
    }
    is_known.then(|| Target { metric: name.value.clone(), comparison, limit })
}

/// A threshold written in one piece, such as `blocked_pct <= 0.1` or, as k6 writes them,
/// `setup_delay_us:p(99)<200000, abortOnFail, delayAbortEval=1m`.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub fn parse_threshold(text: &str) -> Result<Threshold, String> {
    let mut parts = text.split(',').map(str::trim);
    let target = parse_target(parts.next().unwrap_or_default())?;
    let (mut aborts, mut after) = (false, Duration::ZERO);
    for part in parts {
        match part.split_once('=') {
            None if part == "abortOnFail" => aborts = true,
            Some(("abortOnFail", "true")) => aborts = true,
            Some(("delayAbortEval", delay)) => {
                after = crate::text::parse_duration(delay).map_err(|error| error.remedy())?;
            }
            None | Some(_) => return Err(format!("{part:?} is neither abortOnFail nor delayAbortEval=10s")),
        }
    }
    Ok(Threshold { target, abort_after: aborts.then_some(after) })
}

fn parse_target(text: &str) -> Result<Target, String> {
    let at = text
        .find(['<', '>', '='])
        .ok_or("a threshold is a metric, a comparison and a number: blocked_pct <= 0.1")?;
    let (comparison, limit) =
        parse(&text[at..]).ok_or("the comparison is one of <=, <, >=, > and ==, with a number after it")?;
    let (metric, factor) = metric_of(text[..at].trim())?;
    if !is_metric(&metric) {
        return Err(format!("unknown metric {metric:?}: {}", help_with_metric(&metric)));
    }
    Ok(Target { metric, comparison, limit: limit * factor })
}

/// What to write instead of the unknown metric `name`: the one that looks like it, or where all of them are.
fn help_with_metric(name: &str) -> String {
    let alike = did_you_mean(name, METRICS.iter().map(|metric| metric.name));
    alike.unwrap_or_else(|| {
        let shares = METRICS.iter().map(|metric| metric.name).filter(|name| name.ends_with("_pct")).take(5);
        format!("there are {}, and those of docs/profile.md", shares.collect::<Vec<_>>().join(", "))
    })
}

/// The metric that k6's `name:aggregate` means, and what its limit is multiplied by: a rate is a share of one, ours are
/// percentages. A name without an aggregate is a metric itself.
fn metric_of(name: &str) -> Result<(String, f64), String> {
    let Some((name, aggregate)) = name.split_once(':') else { return Ok((name.to_owned(), 1.0)) };
    let suffix = match aggregate {
        "rate" => return Ok((format!("{name}_pct"), 100.0)),
        "count" => return Ok((format!("calls.{name}"), 1.0)),
        "med" | "p(50)" => "p50",
        "p(90)" => "p90",
        "p(99)" => "p99",
        "p(99.9)" => "p999",
        "max" => "max",
        "avg" => "mean",
        other => {
            return Err(format!(
                "{other:?} is none of rate, count, med, avg, max, p(50), p(90), p(99) and p(99.9)"
            ));
        }
    };
    Ok((format!("{name}_{suffix}"), 1.0))
}

/// The comparison and limit in `text`.
fn parse(text: &str) -> Option<(Comparison, f64)> {
    let text = text.trim();
    let (rest, comparison) =
        COMPARISONS.iter().find_map(|(sign, comparison)| Some((text.strip_prefix(sign)?, *comparison)))?;
    let rest = rest.trim();
    let is_plain = rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let limit = rest.parse::<f64>().ok().filter(|limit| is_plain && limit.is_finite())?;
    Some((comparison, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_as_k6_writes_them() {
        let read =
            |text: &str| parse_threshold(text).map(|t| (t.target.metric, t.target.limit, t.abort_after));
        let minute = Duration::from_secs(60);
        for (text, metric, limit, abort) in [
            ("blocked_pct <= 0.1", "blocked_pct", 0.1, None),
            ("blocked:rate<0.25", "blocked_pct", 25.0, None),
            ("calls.dropped == 0, abortOnFail", "calls.dropped", 0.0, Some(Duration::ZERO)),
            ("dropped:count<1,abortOnFail=true,delayAbortEval=1m", "calls.dropped", 1.0, Some(minute)),
            ("setup_delay_us:p(99.9)<200", "setup_delay_us_p999", 200.0, None),
            ("setup_delay_us:avg < 5, delayAbortEval=1m", "setup_delay_us_mean", 5.0, None),
        ] {
            assert_eq!(read(text), Ok((metric.to_owned(), limit, abort)), "{text}");
        }
        for bad in
            ["blocked_pct", "setup_delay_us:p(95)<1", "nothing:rate<1", "blocked_pct<1, abort", "", "a<1,"]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            read("blokked_pct<1"),
            Err("unknown metric \"blokked_pct\": did you mean \"blocked_pct\"?".to_owned())
        );
        let unlike = read("nothing:rate<1").expect_err("no metric");
        assert!(unlike.contains("blocked_pct") && unlike.contains("docs/profile.md"), "{unlike}");
    }

    #[test]
    fn figures_of_failovers_are_metrics() {
        for known in
            ["failovers.phones.detected_s", "failovers.hunt_groups.failed_back_s", "failovers.dect.moved"]
        {
            assert!(is_metric(known) && begins_metrics(known.rsplit_once('.').expect("a dot").0), "{known}");
        }
        for unknown in [
            "failovers",
            "failovers.phones",
            "failovers.phone.moved",
            "failovers.phones.lost",
            "phones.moved",
        ] {
            assert!(!is_metric(unknown), "{unknown}");
        }
    }

    #[test]
    fn reads_every_comparison() {
        assert_eq!(parse("<= 0.1"), Some((Comparison::AtMost, 0.1)));
        assert_eq!(parse("<5"), Some((Comparison::Less, 5.0)));
        assert_eq!(parse(">= 20000"), Some((Comparison::AtLeast, 20_000.0)));
        assert_eq!(parse(">1"), Some((Comparison::More, 1.0)));
        assert_eq!(parse("== 0"), Some((Comparison::Equal, 0.0)));
        for bad in ["", "0.1", "=< 1", "<=", "<= -1", "<= inf", "<= nan", "<= 1e400", "!= 1", "<= 1 %"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
