//! A campaign in words, for the terminal.

use super::record::{CampaignRecord, Point};
use crate::report::grouped;
use std::fmt::Write as _;

/// Points that are shown, at most.
const MOST_POINTS: usize = 40;
/// Shards that are named, at most.
const MOST_NAMED: usize = 5;
/// Figures of a point, at most.
const MOST_FIGURES: usize = 4;

/// The answer first, then a line a point, then what did not pass and how to replay it.
#[must_use]
pub fn text(record: &CampaignRecord) -> String {
    let shards = &record.shards;
    let mut text = format!("{}: {}\n", record.campaign.name, record.why);
    table(record, &mut text);
    for failed in record.failed.iter().take(MOST_NAMED) {
        let _ = writeln!(text, "  {}: {}", failed.key, failed.why.join("; "));
        let _ = writeln!(text, "    {}", failed.command);
    }
    if record.failed.len() > MOST_NAMED {
        let _ = writeln!(text, "  ... and more shards that did not pass; --json names a hundred");
    }
    let pace = (record.wall_s > 0.0).then(|| (shards.counted - shards.resumed) as f64 / record.wall_s);
    let _ = writeln!(
        text,
        "  {} shards counted ({} from before, {} run twice), {} calls, {:.1} s, {} shards/s",
        shards.counted,
        shards.resumed,
        shards.again,
        grouped(Some(record.calls.planned as f64)),
        record.wall_s,
        grouped(pace),
    );
    if let Some(ms) = record.wall.cluster_ms_p50 {
        let _ = writeln!(
            text,
            "  the cluster took {ms:.2} ms a shard (median), on {} workers",
            record.workers.len()
        );
    }
    match &record.digest {
        Some(digest) => writeln!(text, "  digest {digest}"),
        None => writeln!(text, "  no digest: not every shard is counted"),
    }
    .unwrap_or_default();
    text
}

fn table(record: &CampaignRecord, text: &mut String) {
    let axes: Vec<&str> = record.varied().map(|axis| axis.name.as_str()).collect();
    let figures = record.figures(MOST_FIGURES);
    let mut rows: Vec<Vec<String>> = vec![
        axes.iter()
            .copied()
            .chain(["passed", "calls"])
            .chain(figures.iter().copied())
            .chain(["binding resource"])
            .map(str::to_owned)
            .collect(),
    ];
    rows.extend(record.points.iter().take(MOST_POINTS).map(|point| row(point, &axes, &figures)));
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            // Names stand to the left, numbers to the right.
            if column < axes.len() || column + 1 == row.len() {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        let _ = writeln!(text, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    let more = record.points.len().saturating_sub(MOST_POINTS);
    if more > 0 {
        let _ = writeln!(text, "  ... and {more} more; --json and the report have all of them");
    }
}

fn row(point: &Point, axes: &[&str], figures: &[&str]) -> Vec<String> {
    let value = |axis: &&str| point.values.get(*axis).cloned().unwrap_or_default();
    let figure =
        |name: &&str| point.figures.get(*name).map_or_else(|| "-".to_owned(), |figure| rounded(figure.mean));
    axes.iter()
        .map(value)
        .chain([format!("{}/{}", point.passed, point.shards), grouped(Some(point.calls.planned as f64))])
        .chain(figures.iter().map(figure))
        .chain([point.binding_resource.clone().unwrap_or_else(|| "-".to_owned())])
        .collect()
}

fn rounded(value: f64) -> String {
    if value.abs() >= 1_000.0 { grouped(Some(value)) } else { format!("{value:.3}") }
}
