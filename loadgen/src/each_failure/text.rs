//! The table on the terminal: what each failure costs, a line each.

use super::cost::missed;
use super::record::{FailureCost, FailureRecord};
use crate::report::{Calls, Verdict, grouped};
use std::fmt::Write as _;

const HEADINGS: [&str; 9] = [
    "failure",
    "blocked",
    "failed",
    "dropped",
    "preserved",
    "not started",
    "lost more",
    "recovers",
    "targets",
];
/// Numbers stand to the right; these do not.
const LEFT: [usize; 2] = [0, 8];

/// The table, with what was missed under it.
#[must_use]
pub fn text(record: &FailureRecord) -> String {
    let minutes = |seconds: f64| {
        format!("{:.4}", seconds / 60.0).trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let (at, lasts) = (minutes(record.fails_at_s), minutes(record.lasts_s));
    let mut text = format!(
        "{}: one failure at a time, at {at} min for {lasts} min: {}\n",
        record.profile.name, record.why
    );
    let mut rows = vec![HEADINGS.map(str::to_owned), baseline(record)];
    rows.extend(record.failures.iter().map(row));
    let widths: [usize; 9] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).fold(0, usize::max));
    for row in &rows {
        let padded = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if LEFT.contains(&column) { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        let line = padded.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "  {}", line.trim_end());
    }
    for missed in missed(&record.baseline) {
        let _ = writeln!(text, "  none: {missed}");
    }
    for failure in &record.failures {
        for missed in &failure.missed {
            let _ = writeln!(text, "  {}: {missed}", failure.component);
        }
    }
    text
}

fn baseline(record: &FailureRecord) -> [String; 9] {
    let run = &record.baseline;
    cells("none", &run.calls, ["-".to_owned(), "-".to_owned()], run.verdict)
}

fn row(failure: &FailureCost) -> [String; 9] {
    let recovers = match failure.recovered_min {
        None => "never".to_owned(),
        Some(minutes) if minutes > 0.0 => format!("{minutes:.1} min"),
        Some(_) => "-".to_owned(),
    };
    cells(&failure.component, &failure.calls, [failure.lost_more.to_string(), recovers], failure.verdict)
}

fn cells(name: &str, calls: &Calls, [lost, recovers]: [String; 2], verdict: Verdict) -> [String; 9] {
    let count = |n: u64| grouped(Some(n as f64));
    let verdict = match verdict {
        Verdict::Pass => "met",
        Verdict::Fail => "MISSED",
        Verdict::Void => "VOID",
        Verdict::Partial => "PARTIAL",
    };
    [
        name.to_owned(),
        count(calls.blocked),
        count(calls.failed),
        count(calls.dropped),
        count(calls.preserved),
        count(calls.not_started),
        lost,
        recovers,
        verdict.to_owned(),
    ]
}
