//! Two run records: whether they can be compared, and what the candidate came to against the baseline.

use super::outcomes::{Difference, Direction, differences};
use serde::Serialize;
use serde_json::Value;

/// What must be equal for two runs to be runs of the same thing.
const MUST_BE_EQUAL: [&str; 6] =
    ["/schema", "/profile/sha256", "/seed", "/clock", "/load/bhcc_target", "/calls/planned"];

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Every outcome is equal.
    Same,
    /// Some figures are better and none is worse: time to accept a new baseline.
    Better,
    /// Something is worse, or changed without being better.
    Regression,
    /// The runs cannot be compared.
    Unlike,
}

/// A comparison of two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The profile and seed.
    pub case: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why the runs cannot be compared.
    pub unlike: Vec<String>,
    /// Whether the digests are equal: every single event was the same.
    pub same_events: bool,
    /// The figures that differ.
    pub differences: Vec<Difference>,
}

/// Compares two run records in virtual time, outcome by outcome.
#[must_use]
pub fn compare_records(baseline: &Value, candidate: &Value) -> Comparison {
    let text = |pointer: &str| match candidate.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    };
    let case = format!("{}, seed {}", text("/profile/name"), text("/seed"));
    let unlike = why_unlike(baseline, candidate);
    let same_events = baseline.get("digest") == candidate.get("digest");
    let differences = if unlike.is_empty() { differences(baseline, candidate) } else { Vec::new() };
    let has = |direction| differences.iter().any(|d: &Difference| d.direction == direction);
    let outcome =
        match (unlike.is_empty(), has(Direction::Worse), has(Direction::Better), has(Direction::Changed)) {
            (false, ..) => Outcome::Unlike,
            (true, true, ..) | (true, false, false, true) => Outcome::Regression,
            (true, false, true, _) => Outcome::Better,
            (true, false, false, false) => Outcome::Same,
        };
    Comparison { case, outcome, unlike, same_events, differences }
}

/// Why two run records are not of the same thing; empty if they are.
#[must_use]
pub fn why_unlike(baseline: &Value, candidate: &Value) -> Vec<String> {
    let mut why = Vec::new();
    for pointer in MUST_BE_EQUAL {
        let (old, new) = (baseline.pointer(pointer), candidate.pointer(pointer));
        if old.is_none() || old != new {
            let text = |value: Option<&Value>| value.map_or_else(|| "missing".to_owned(), Value::to_string);
            let name = pointer[1..].replace('/', ".");
            why.push(format!("{name} is {} in the baseline and {} in the candidate", text(old), text(new)));
        }
    }
    for (which, record) in [("baseline", baseline), ("candidate", candidate)] {
        let verdict = record.get("verdict").and_then(Value::as_str).unwrap_or("missing");
        if !matches!(verdict, "pass" | "fail") {
            why.push(format!("the {which}'s verdict is {verdict}: it shows nothing"));
        }
        if record.get("clock").and_then(Value::as_str) != Some("virtual") {
            why.push(format!("the {which} is on the wall clock: compare such runs in pairs, with --against"));
        }
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(blocked: u64) -> Value {
        json!({
            "schema": "busyhour.run/1", "profile": {"name": "p", "sha256": "aa"}, "seed": 1, "clock": "virtual",
            "digest": blocked.to_string(), "load": {"bhcc_target": 100.0},
            "calls": {"planned": 100, "blocked": blocked}, "causes": {"34": blocked}, "verdict": "pass",
        })
    }

    #[test]
    fn equal_outcomes_are_the_same_and_others_are_not() {
        let outcome = |old: &Value, new: &Value| compare_records(old, new).outcome;
        assert_eq!(outcome(&run(3), &run(3)), Outcome::Same);
        assert_eq!(outcome(&run(3), &run(4)), Outcome::Regression);
        assert_eq!(outcome(&run(3), &run(2)), Outcome::Better);
        let mut changed = run(3);
        changed["causes"] = json!({"42": 3, "34": 0});
        assert_eq!(outcome(&run(3), &changed), Outcome::Regression);
        let mut other_events = run(3);
        other_events["digest"] = json!("else");
        let compared = compare_records(&run(3), &other_events);
        assert_eq!((compared.outcome, compared.same_events), (Outcome::Same, false));
    }

    #[test]
    fn unlike_runs_are_refused_with_all_that_differs() {
        let mut other = run(3);
        other["seed"] = json!(2);
        other["profile"]["sha256"] = json!("bb");
        let compared = compare_records(&run(3), &other);
        assert_eq!((compared.outcome, compared.unlike.len()), (Outcome::Unlike, 2), "{:?}", compared.unlike);
        for (field, value) in
            [("verdict", "partial"), ("verdict", "void"), ("clock", "real"), ("schema", "x/9")]
        {
            let mut other = run(3);
            other[field] = json!(value);
            assert_eq!(compare_records(&run(3), &other).outcome, Outcome::Unlike, "{field}");
        }
    }
}
