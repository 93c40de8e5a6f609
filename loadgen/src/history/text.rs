//! Past runs on the terminal: a line each, or a bar each.

use super::store::Entry;
use serde_json::Value;
use std::fmt::Write as _;

/// Length of the longest bar.
const BAR: usize = 50;

/// One line a run, with the figure `metric`.
#[must_use]
pub fn table(entries: &[Entry], metric: &str) -> String {
    let width = name_width(entries);
    let mut text =
        format!("{:<20}  {:<width$}  {:<7}  {metric:>18}  commit\n", "started", "profile", "verdict");
    for entry in entries {
        let value = shown(figure(&entry.record, metric));
        let commit = entry.record.get("commit").and_then(Value::as_str).unwrap_or("-");
        let commit: String = commit.chars().take(10).collect();
        let (started, profile, verdict) = (&entry.started_at, label(entry), &entry.verdict);
        let _ = writeln!(text, "{started:<20}  {profile:<width$}  {verdict:<7}  {value:>18}  {commit}");
    }
    text
}

/// One bar a run, from zero to the largest figure `metric`.
#[must_use]
pub fn plot(entries: &[Entry], metric: &str) -> String {
    let width = name_width(entries);
    let figures: Vec<Option<f64>> = entries.iter().map(|entry| figure(&entry.record, metric)).collect();
    let most = figures.iter().flatten().copied().fold(0.0, f64::max);
    let mut text = format!("{metric}, from 0 to {}\n", shown(Some(most)));
    for (entry, figure) in entries.iter().zip(figures) {
        let share = if most > 0.0 { figure.unwrap_or(0.0).max(0.0) / most } else { 0.0 };
        let bar = "#".repeat((share * BAR as f64).round() as usize);
        let (started, profile) = (&entry.started_at, label(entry));
        let line = format!("{started:<20}  {profile:<width$}  {bar:<BAR$}  {}", shown(figure));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The profile, and how it was searched, if it was; or the campaign.
fn label(entry: &Entry) -> String {
    if entry.record.get("campaign").is_some() {
        return format!("{} (campaign)", entry.profile);
    }
    match entry.record.get("method").and_then(Value::as_str) {
        Some(method) => format!("{} (search {method})", entry.profile),
        None => entry.profile.clone(),
    }
}

fn name_width(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| label(entry).chars().count()).fold("profile".len(), usize::max)
}

fn shown(figure: Option<f64>) -> String {
    match figure {
        None => "-".to_owned(),
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => format!("{whole:.0}"),
        Some(figure) => format!("{figure:.4}"),
    }
}

/// A figure by its path in the record, or by its bare name in `metrics`, `load`, `calls` or at the top.
fn figure(record: &Value, metric: &str) -> Option<f64> {
    let at = |path: &str| path.split('.').try_fold(record, |at, name| at.get(name))?.as_f64();
    if metric.contains('.') {
        return at(metric);
    }
    let sections = ["metrics", "load", "calls"].map(|section| at(&format!("{section}.{metric}")));
    sections.into_iter().flatten().next().or_else(|| at(metric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u64, completed: Value) -> Entry {
        Entry {
            id: n.to_string(),
            started_at: format!("2026-11-0{n}T09:00:00Z"),
            profile: "select-r640".into(),
            verdict: "pass".into(),
            record: serde_json::json!({"load": {"bhcc_completed": completed}, "wall_s": 0.25}),
        }
    }

    #[test]
    fn a_line_and_a_bar_for_each_run() {
        let entries = [entry(1, 20_000.into()), entry(2, 10_000.into()), entry(3, Value::Null)];
        let bars = plot(&entries, "bhcc_completed");
        let lengths: Vec<usize> = bars.lines().skip(1).map(|line| line.matches('#').count()).collect();
        assert_eq!(lengths, [50, 25, 0]);
        assert!(bars.starts_with("bhcc_completed, from 0 to 20000\n") && bars.ends_with("-\n"), "{bars}");
        let lines = table(&entries, "wall_s");
        assert_eq!((lines.lines().count(), lines.matches("0.2500").count()), (4, 3), "{lines}");
    }
}
