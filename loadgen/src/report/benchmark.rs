//! The figures that github-action-benchmark keeps a history of.

use super::document::Document;
use super::record::{RunRecord, Verdict};
use crate::campaign::CampaignRecord;
use crate::each_failure::FailureRecord;
use crate::search::SearchRecord;
use serde::Serialize;

/// Which way a figure is better: the action takes a file for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// `customBiggerIsBetter`.
    Bigger,
    /// `customSmallerIsBetter`.
    Smaller,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    extra: String,
}

/// The entries of all records as JSON; what was not measured is absent.
#[must_use]
pub fn benchmark(documents: &[Document], better: Better) -> String {
    let of = |document: &Document| match document {
        Document::Run(record) => entries(record, better),
        Document::Search(record) => of_search(record, better),
        Document::EachFailure(record) => of_failures(record, better),
        Document::Campaign(record) => of_campaign(record, better),
    };
    let entries: Vec<Entry> = documents.iter().flat_map(of).collect();
    serde_json::to_string_pretty(&entries).unwrap_or_default()
}

/// The load that a search has found.
fn of_search(record: &SearchRecord, better: Better) -> Vec<Entry> {
    let limit = record.limit.as_ref().and_then(|limit| limit.bhcc);
    let limit = limit.or(record.doc.as_ref().and_then(|doc| doc.doc_bhcc)).map(|bhcc| bhcc as f64);
    let limit = limit.or(record.headroom.as_ref().and_then(|headroom| headroom.bhcc));
    match (better, limit) {
        (Better::Bigger, Some(value)) => {
            let name = format!("{}: highest load", record.profile.name);
            vec![Entry { name, unit: "calls/h", value, extra: record.why.clone() }]
        }
        (Better::Bigger, None) | (Better::Smaller, _) => Vec::new(),
    }
}

/// How many single failures a network does not bear, and what they cost together.
fn of_failures(record: &FailureRecord, better: Better) -> Vec<Entry> {
    if better == Better::Bigger {
        return Vec::new();
    }
    let missing = record.failures.iter().filter(|failure| failure.verdict != Verdict::Pass).count();
    let lost: i64 = record.failures.iter().map(|failure| failure.lost_more).sum();
    let entry = |name: &str, unit, value| {
        let name = format!("{}: {name}", record.profile.name);
        Entry { name, unit, value, extra: record.why.clone() }
    };
    vec![
        entry("single failures that miss a target", "failures", missing as f64),
        entry("calls lost by single failures", "calls", lost as f64),
    ]
}

/// How many shards a campaign has that do not pass, and how many it runs in a second.
fn of_campaign(record: &CampaignRecord, better: Better) -> Vec<Entry> {
    let entry = |name: &str, unit, value| {
        let name = format!("{}: {name}", record.campaign.name);
        vec![Entry { name, unit, value, extra: record.why.clone() }]
    };
    let ran = (record.shards.counted - record.shards.resumed) as f64;
    let not_passed = (record.shards.planned - record.shards.passed) as f64;
    match better {
        Better::Smaller => entry("shards that do not pass", "shards", not_passed),
        Better::Bigger if record.wall_s > 0.0 => entry("shards a second", "shards/s", ran / record.wall_s),
        Better::Bigger => Vec::new(),
    }
}

fn entries(record: &RunRecord, better: Better) -> Vec<Entry> {
    let extra = format!(
        "seed {}, {} build, {}",
        record.seed,
        record.environment.build,
        record.environment.cpu.as_deref().unwrap_or("processor not known")
    );
    let entry = |name: &str, unit, value: Option<f64>| {
        let name = format!("{}: {name}", record.profile.name);
        Some(Entry { name, unit, value: value?, extra: extra.clone() })
    };
    match better {
        Better::Bigger => vec![
            entry("calls replayed", "calls/s", record.calls_per_wall_s),
            entry("calls completed", "calls/h", record.load.bhcc_completed),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Better::Smaller => {
            let mut all = vec![
                entry("blocked", "%", record.metrics.blocked_pct),
                entry("dropped", "%", record.metrics.dropped_pct),
                entry("peak memory", "MiB", record.peak_rss_mib),
            ];
            for (name, latency) in record.latency.iter().filter(|(name, _)| *name != "talk_time") {
                let unit = if latency.unit == "ns" { "ns" } else { "us" };
                all.push(entry(&format!("{name} p99"), unit, latency.p99));
            }
            all.into_iter().flatten().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;

    #[test]
    fn what_was_not_measured_is_absent() {
        let read = |better| -> serde_json::Value {
            serde_json::from_str(&benchmark(&[record().into()], better)).expect("JSON")
        };
        let bigger = read(Better::Bigger);
        assert_eq!(bigger.as_array().map(Vec::len), Some(1), "{bigger}");
        assert_eq!(
            (&bigger[0]["name"], &bigger[0]["value"]),
            (&"r640: calls completed".into(), &19_980.0.into())
        );
        let smaller = read(Better::Smaller);
        assert_eq!(smaller.as_array().map(Vec::len), Some(2), "{smaller}");
        assert_eq!((&smaller[1]["name"], &smaller[1]["unit"]), (&"r640: setup p99".into(), &"us".into()));
    }
}
