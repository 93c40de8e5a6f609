//! Targets: `blocked_pct = "<= 0.1"`.

use super::metrics::{METRICS, is_percentage};
use super::model::{Comparison, Target};
use crate::text::{At, Problem, Problems, Table, Value, did_you_mean};

/// Longest first, so that `<=` is not taken for `<`.
const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Reads `[targets]`. A metric with a dot in its name may be written with or without quotes.
pub(super) fn read(mut table: Table<'_>, p: &mut Problems) -> Vec<Target> {
    let mut targets = Vec::new();
    for (key, value) in table.entries(p) {
        if value.is_table() && METRICS.iter().any(|m| m.name.starts_with(&format!("{}.", key.value))) {
            let Some(mut inner) = value.table(p) else { continue };
            for (inner_key, value) in inner.entries(p) {
                let name = At { value: format!("{}.{}", key.value, inner_key.value), place: inner_key.place };
                targets.extend(read_one(&name, &value, p));
            }
        } else {
            targets.extend(read_one(&key, &value, p));
        }
    }
    targets
}

fn read_one(name: &At<String>, value: &Value<'_>, p: &mut Problems) -> Option<Target> {
    let is_known = METRICS.iter().any(|metric| metric.name == name.value);
    if !is_known {
        let help = did_you_mean(&name.value, METRICS.iter().map(|metric| metric.name));
        p.push(Problem::error(format!("unknown metric {:?}", name.value)).at(&name.place).maybe_help(help));
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

/// A target written in one piece, such as `blocked_pct <= 0.1`.
///
/// # Errors
/// What is wrong with it, and what would be right.
pub fn parse_threshold(text: &str) -> Result<Target, String> {
    let at = text
        .find(['<', '>', '='])
        .ok_or("a threshold is a metric, a comparison and a number: blocked_pct <= 0.1")?;
    let metric = text[..at].trim();
    if !METRICS.iter().any(|known| known.name == metric) {
        let help = did_you_mean(metric, METRICS.iter().map(|known| known.name)).unwrap_or_default();
        return Err(format!("unknown metric {metric:?} {help}"));
    }
    let (comparison, limit) =
        parse(&text[at..]).ok_or("the comparison is one of <=, <, >=, > and ==, with a number after it")?;
    Ok(Target { metric: metric.to_owned(), comparison, limit })
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
