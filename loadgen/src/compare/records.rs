//! Two run records: whether they can be compared, and what the candidate came to against the baseline.

use super::outcomes::{Difference, Direction, differences};
use serde::Serialize;
use serde_json::Value;

/// Which clocks the runs of a comparison may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// Virtual time, both: every figure must be equal.
    Virtual,
    /// Any, such as virtual time and SIP: what became of the calls must be equal, other figures are shown.
    Any,
}

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

/// Compares two run records, figure by figure.
#[must_use]
pub fn compare_records(baseline: &Value, candidate: &Value, clocks: Clocks) -> Comparison {
    let text = |pointer: &str| match candidate.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    };
    let case = format!("{}, seed {}", text("/profile/name"), text("/seed"));
    let unlike = why_unlike(baseline, candidate, clocks);
    let same_events = clocks == Clocks::Virtual && baseline.get("digest") == candidate.get("digest");
    let mut differences = if unlike.is_empty() { differences(baseline, candidate) } else { Vec::new() };
    if clocks == Clocks::Any {
        differences.iter_mut().filter(|d| !is_of_calls(&d.path)).for_each(Difference::only_shown);
    }
    let has = |direction| differences.iter().any(|d: &Difference| d.direction == direction);
    let outcome =
        match (unlike.is_empty(), has(Direction::Worse), has(Direction::Better), has(Direction::Changed)) {
            (false, ..) => Outcome::Unlike,
            (true, false, false, true) if clocks == Clocks::Any => Outcome::Same,
            (true, true, ..) | (true, false, false, true) => Outcome::Regression,
            (true, false, true, _) => Outcome::Better,
            (true, false, false, false) => Outcome::Same,
        };
    Comparison { case, outcome, unlike, same_events, differences }
}

/// Whether a figure says what became of the calls, which is the same on every clock.
fn is_of_calls(path: &str) -> bool {
    path.starts_with("calls.")
}

/// Why two run records are not of the same thing; empty if they are.
#[must_use]
pub fn why_unlike(baseline: &Value, candidate: &Value, clocks: Clocks) -> Vec<String> {
    let mut why = Vec::new();
    for pointer in MUST_BE_EQUAL.into_iter().filter(|p| clocks == Clocks::Virtual || *p != "/clock") {
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
        if clocks == Clocks::Virtual && record.get("clock").and_then(Value::as_str) != Some("virtual") {
            why.push(format!(
                "the {which} is on the wall clock: compare such runs in pairs, with --against, or --across-clocks"
            ));
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
        let outcome = |old: &Value, new: &Value| compare_records(old, new, Clocks::Virtual).outcome;
        assert_eq!(outcome(&run(3), &run(3)), Outcome::Same);
        assert_eq!(outcome(&run(3), &run(4)), Outcome::Regression);
        assert_eq!(outcome(&run(3), &run(2)), Outcome::Better);
        let mut changed = run(3);
        changed["causes"] = json!({"42": 3, "34": 0});
        assert_eq!(outcome(&run(3), &changed), Outcome::Regression);
        let mut other_events = run(3);
        other_events["digest"] = json!("else");
        let compared = compare_records(&run(3), &other_events, Clocks::Virtual);
        assert_eq!((compared.outcome, compared.same_events), (Outcome::Same, false));
    }

    #[test]
    fn unlike_runs_are_refused_with_all_that_differs() {
        let mut other = run(3);
        other["seed"] = json!(2);
        other["profile"]["sha256"] = json!("bb");
        let compared = compare_records(&run(3), &other, Clocks::Virtual);
        assert_eq!((compared.outcome, compared.unlike.len()), (Outcome::Unlike, 2), "{:?}", compared.unlike);
        for (field, value) in
            [("verdict", "partial"), ("verdict", "void"), ("clock", "real"), ("schema", "x/9")]
        {
            let mut other = run(3);
            other[field] = json!(value);
            assert_eq!(compare_records(&run(3), &other, Clocks::Virtual).outcome, Outcome::Unlike, "{field}");
        }
    }

    #[test]
    fn across_clocks_calls_are_held_against_each_other_and_the_rest_is_shown() {
        let over_sip = |blocked: u64| {
            let mut other = run(blocked);
            other["clock"] = json!("sip");
            other["latency"] = json!({"setup_delay": {"p99": 900.0}});
            other
        };
        let mut simulated = run(3);
        simulated["latency"] = json!({"setup_delay": {"p99": 0.0}});
        let across = |blocked| compare_records(&simulated, &over_sip(blocked), Clocks::Any);
        assert_eq!((across(3).outcome, across(3).same_events), (Outcome::Same, false));
        assert_eq!(across(3).differences.len(), 1, "the latency is shown");
        assert_eq!((across(4).outcome, across(2).outcome), (Outcome::Regression, Outcome::Better));
        assert_eq!(compare_records(&simulated, &over_sip(3), Clocks::Virtual).outcome, Outcome::Unlike);
        let mut other_seed = over_sip(3);
        other_seed["seed"] = json!(9);
        assert_eq!(compare_records(&simulated, &other_seed, Clocks::Any).outcome, Outcome::Unlike);
    }
}
