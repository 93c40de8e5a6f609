//! Everything that a run came to, figure by figure, and which way each difference points.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Fields of the record that say how a run was made, not what it came to.
const NOT_OUTCOMES: [&str; 13] = [
    "schema",
    "version",
    "commit",
    "profile",
    "seed",
    "clock",
    "started_at",
    "environment",
    "wall_s",
    "calls_per_wall_s",
    "peak_rss_mib",
    "digest",
    "replication",
];
/// Figures of which more is worse.
const WORSE_UP: [&str; 8] = [
    "calls.blocked",
    "calls.failed",
    "calls.dropped",
    "calls.abandoned",
    "calls.not_started",
    "calls.in_progress_at_end",
    "latency.setup_delay.",
    "latency.answer_delay.",
];
/// Figures of which less is worse.
const WORSE_DOWN: [&str; 2] = ["calls.answered", "calls.completed"];

/// Which way a difference points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// For the worse.
    Worse,
    /// For the better.
    Better,
    /// Neither can be said of this figure alone.
    Changed,
    /// Only one of the runs has it: a figure that came or went with a version.
    OnlyInOne,
}

/// One figure that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its path in the record.
    pub path: String,
    /// In the baseline.
    pub baseline: Value,
    /// In the candidate.
    pub candidate: Value,
    /// Which way it points.
    pub direction: Direction,
}

impl Difference {
    /// It decides nothing: the figure depends on the clock.
    pub(super) fn only_shown(&mut self) {
        if self.direction != Direction::OnlyInOne {
            self.direction = Direction::Changed;
        }
    }
}

/// All figures in which the two run records differ, by path.
#[must_use]
pub fn differences(baseline: &Value, candidate: &Value) -> Vec<Difference> {
    let (old, new) = (figures(baseline), figures(candidate));
    let mut found = Vec::new();
    for path in old.keys().chain(new.keys().filter(|path| !old.contains_key(*path))) {
        let at = |all: &BTreeMap<String, Value>| all.get(path).cloned().unwrap_or(Value::Null);
        let (baseline, candidate) = (at(&old), at(&new));
        if baseline != candidate {
            let in_both = old.contains_key(path) && new.contains_key(path);
            let direction =
                if in_both { direction(path, &baseline, &candidate) } else { Direction::OnlyInOne };
            found.push(Difference { path: path.clone(), baseline, candidate, direction });
        }
    }
    found
}

fn direction(path: &str, baseline: &Value, candidate: &Value) -> Direction {
    if baseline.is_null() {
        return Direction::OnlyInOne;
    }
    if path == "verdict" || path.ends_with(".pass") {
        let good = |value: &Value| *value == Value::Bool(true) || *value == "pass";
        return match (good(baseline), good(candidate)) {
            (true, false) => Direction::Worse,
            (false, true) => Direction::Better,
            (true, true) | (false, false) => Direction::Changed,
        };
    }
    let (Some(old), Some(new)) = (baseline.as_f64(), candidate.as_f64()) else { return Direction::Changed };
    let named = |names: &[&str]| {
        names.iter().any(|name| path == *name || name.ends_with('.') && path.starts_with(name))
    };
    let up = new > old;
    match (named(&WORSE_UP) && !path.ends_with(".count"), named(&WORSE_DOWN)) {
        (true, _) => {
            if up {
                Direction::Worse
            } else {
                Direction::Better
            }
        }
        (_, true) => {
            if up {
                Direction::Better
            } else {
                Direction::Worse
            }
        }
        (false, false) => Direction::Changed,
    }
}

/// Every outcome by its path; members of lists by their names instead of their places.
fn figures(record: &Value) -> BTreeMap<String, Value> {
    let mut figures = BTreeMap::new();
    for (name, value) in record.as_object().into_iter().flatten() {
        if !NOT_OUTCOMES.contains(&name.as_str()) {
            flatten(name, value, &mut figures);
        }
    }
    figures
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                // The encoded distribution says nothing that its percentiles do not; what a check found is for people.
                if name != "hdr" && name != "detail" {
                    flatten(&format!("{path}.{name}"), value, into);
                }
            }
        }
        Value::Array(members) => {
            for (n, member) in members.iter().enumerate() {
                flatten(&format!("{path}.{}", name_of(member, n)), member, into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            into.insert(path.to_owned(), value.clone());
        }
    }
}

/// What distinguishes a member of a list: where it is, what it is, its name and limit.
fn name_of(member: &Value, place: usize) -> String {
    let parts = ["system", "kind", "feature", "name", "limit"];
    let parts: Vec<&str> = parts.iter().filter_map(|key| member.get(key)?.as_str()).collect();
    if parts.is_empty() { place.to_string() } else { parts.join(":") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_figure_is_found_by_name_and_points_its_way() {
        let record = |blocked: u64, peak: u64, verdict: &str| {
            json!({
                "version": blocked.to_string(), "wall_s": peak,
                "calls": {"blocked": blocked, "completed": 100 - blocked},
                "resources": [{"system": "a", "kind": "line_group", "name": "0", "peak": peak}],
                "targets": [{"name": "blocked_pct", "limit": "<= 1", "pass": blocked < 2}],
                "verdict": verdict,
            })
        };
        let old = record(1, 5, "pass");
        assert_eq!(differences(&old, &old), vec![]);
        let found = differences(&old, &record(3, 6, "fail"));
        let seen: Vec<_> = found.iter().map(|d| (d.path.as_str(), d.direction)).collect();
        assert_eq!(
            seen,
            [
                ("calls.blocked", Direction::Worse),
                ("calls.completed", Direction::Worse),
                ("resources.a:line_group:0.peak", Direction::Changed),
                ("targets.blocked_pct:<= 1.pass", Direction::Worse),
                ("verdict", Direction::Worse),
            ]
        );
        let back = differences(&record(3, 6, "fail"), &old);
        assert!(back.iter().all(|d| d.direction != Direction::Worse), "{back:?}");
    }

    #[test]
    fn what_only_one_version_measures_is_no_difference_of_outcome() {
        let found =
            differences(&json!({"metrics": {"rrd": null}}), &json!({"metrics": {"rrd": 5.0, "mos": 4.1}}));
        assert!(found.iter().all(|d| d.direction == Direction::OnlyInOne), "{found:?}");
        assert_eq!(found.len(), 2);
        let lost = differences(&json!({"metrics": {"rrd": 5.0}}), &json!({"metrics": {"rrd": null}}));
        assert_eq!(lost[0].direction, Direction::Changed);
    }
}
