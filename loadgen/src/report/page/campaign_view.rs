//! What a report says of a campaign: its answer, charts of what varies, every point, and how to replay what did not pass.

use super::campaign_charts;
use super::charts::Chart;
use super::figures::{duration, rounded, thousands};
use super::view::{Fact, VerdictView, verdict_words};
use crate::campaign::{CampaignRecord, FailedShard, Point};
use crate::text::quoted;
use std::io;

/// Points in the table, at most.
const MOST_POINTS: usize = 500;
/// Figures of a point, at most.
const MOST_FIGURES: usize = 6;
/// Shards that are named, at most.
const MOST_NAMED: usize = 20;

/// A campaign as the templates show it.
pub(super) struct CampaignView<'a> {
    /// Unique on the page, for links.
    pub(super) id: String,
    pub(super) record: &'a CampaignRecord,
    pub(super) verdict: VerdictView,
    pub(super) facts: Vec<Fact>,
    pub(super) charts: Vec<Chart>,
    /// Headings of the points; so many of them are names, the rest are figures.
    pub(super) head: Vec<String>,
    pub(super) names: usize,
    pub(super) rows: Vec<Vec<String>>,
    /// Points that have no row.
    pub(super) more: usize,
    pub(super) failed: Vec<(&'a FailedShard, String)>,
    pub(super) method: Vec<(&'static str, String)>,
    pub(super) reproduce: String,
}

impl<'a> CampaignView<'a> {
    /// Everything that HTML shows.
    pub(super) fn of(n: usize, record: &'a CampaignRecord) -> io::Result<Self> {
        Ok(Self { charts: campaign_charts::all(record)?, ..Self::text_of(n, record) })
    }

    /// Everything but the drawings.
    pub(super) fn text_of(n: usize, record: &'a CampaignRecord) -> Self {
        let (class, word) = verdict_words(record.verdict);
        let axes: Vec<&str> = record.varied().map(|axis| axis.name.as_str()).collect();
        let figures = record.figures(MOST_FIGURES);
        let rows = record.points.iter().take(MOST_POINTS).map(|point| row(point, &axes, &figures));
        Self {
            id: format!("campaign-{}", n + 1),
            record,
            verdict: VerdictView { class, word, sentence: sentence(record) },
            facts: facts(record),
            charts: Vec::new(),
            head: head(&axes, &figures),
            names: axes.len().max(1),
            rows: rows.collect(),
            more: record.points.len().saturating_sub(MOST_POINTS),
            failed: record.failed.iter().take(MOST_NAMED).map(|f| (f, f.why.join("; "))).collect(),
            method: method(record),
            reproduce: format!("busyhour campaign {}", quoted(&record.campaign.file)),
        }
    }

    /// Cells of a row after the first, each with the class of its column.
    pub(super) fn cells<'r>(&self, row: &'r [String]) -> impl Iterator<Item = (&'static str, &'r str)> {
        let (names, last) = (self.names, row.len().saturating_sub(1));
        let class = move |column: usize| if column < names || column == last { "what" } else { "n" };
        row.iter().enumerate().skip(1).map(move |(column, cell)| (class(column), cell.as_str()))
    }
}

fn sentence(record: &CampaignRecord) -> String {
    let mut letters = record.why.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

fn facts(record: &CampaignRecord) -> Vec<Fact> {
    let shards = &record.shards;
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{} ms", rounded(ms)));
    let mut facts = vec![
        Fact { label: "shards", value: thousands(shards.counted), meaning: "each counted once" },
        Fact {
            label: "passed",
            value: thousands(shards.passed),
            meaning: "every target met, every check held",
        },
        Fact { label: "calls", value: thousands(record.calls.planned), meaning: "of all shards" },
        Fact {
            label: "a shard takes",
            value: ms(record.wall.shard_ms_p50),
            meaning: "median, on the wall clock",
        },
    ];
    if shards.again > 0 {
        let value = thousands(shards.again);
        facts.push(Fact { label: "run twice", value, meaning: "and counted once" });
    }
    if record.wall.cluster_ms_p50.is_some() {
        let value = ms(record.wall.cluster_ms_p50);
        facts.push(Fact { label: "the cluster takes", value, meaning: "a shard besides, median" });
        let value = thousands(record.workers.len() as u64);
        facts.push(Fact { label: "workers", value, meaning: "that ran shards" });
    }
    facts
}

fn head(axes: &[&str], figures: &[&str]) -> Vec<String> {
    // A campaign in which nothing varies has one point, and its profile names it.
    let axes = if axes.is_empty() { &["profile"] } else { axes };
    let words = axes.iter().chain(&["passed", "calls"]).chain(figures).chain(&["binding resource"]);
    words.map(|word| (*word).to_owned()).collect()
}

fn row(point: &Point, axes: &[&str], figures: &[&str]) -> Vec<String> {
    let axes = if axes.is_empty() { &["profile"] } else { axes };
    let value = |axis: &&str| point.values.get(*axis).cloned().unwrap_or_default();
    let mean = |name: &&str| point.figures.get(*name).map(|figure| figure.mean);
    let figure = |name: &&str| mean(name).map_or_else(|| "–".to_owned(), rounded);
    let counts = [format!("{}/{}", point.passed, point.shards), thousands(point.calls.planned)];
    let binding = point.binding_resource.clone().unwrap_or_else(|| "–".to_owned());
    axes.iter().map(value).chain(counts).chain(figures.iter().map(figure)).chain([binding]).collect()
}

fn method(record: &CampaignRecord) -> Vec<(&'static str, String)> {
    let environment = &record.environment;
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
    let ran = match record.jobs {
        Some(jobs) => format!("{jobs} threads of one process"),
        None => format!("{} workers, by NATS JetStream", record.workers.len()),
    };
    let keys = record.axes.iter().filter(|axis| !axis.key.is_empty());
    let keys: Vec<String> = keys.map(|axis| format!("{} ({})", axis.name, axis.key)).collect();
    let mut method = vec![
        ("Campaign", format!("{} ({})", record.campaign.name, record.campaign.file)),
        ("SHA-256 of all files and this version", record.campaign.sha256.clone()),
        ("Digest over all shards", text(&record.digest)),
        ("Run by", ran),
        ("Time on the wall", duration(Some(record.wall_s))),
        ("Version, commit", format!("{}, {}", record.version, text(&record.commit))),
        ("Build", format!("{}, {}", environment.build, text(&environment.rustc))),
        ("Machine", format!("{} {}, {}", environment.os, environment.arch, text(&environment.cpu))),
        ("Begun", text(&record.started_at)),
    ];
    if !keys.is_empty() {
        method.insert(1, ("What varies", keys.join(", ")));
    }
    method
}
