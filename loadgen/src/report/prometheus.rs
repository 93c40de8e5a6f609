//! The run record as Prometheus text, for a push gateway or a textfile collector.

use super::document::Document;
use super::record::{RunRecord, Verdict};
use crate::campaign::CampaignRecord;
use crate::each_failure::FailureRecord;
use crate::search::SearchRecord;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Gauges by metric name: label sets and values in the order they came.
#[derive(Default)]
struct Families(BTreeMap<String, Family>);

struct Family {
    help: &'static str,
    samples: Vec<(String, f64)>,
}

impl Families {
    fn add(&mut self, name: &str, help: &'static str, labels: String, value: Option<f64>) {
        if let Some(value) = value {
            let family = self.0.entry(format!("busyhour_{name}"));
            family.or_insert(Family { help, samples: Vec::new() }).samples.push((labels, value));
        }
    }
}

/// All records. Latencies are in seconds; what was not measured is absent.
#[must_use]
pub fn prometheus(documents: &[Document]) -> String {
    let mut families = Families::default();
    for document in documents {
        match document {
            Document::Run(record) => {
                let run = format!("profile=\"{}\",seed=\"{}\"", escaped(&record.profile.name), record.seed);
                add_run(&mut families, &run, record);
            }
            Document::Search(record) => add_search(&mut families, record),
            Document::EachFailure(record) => add_failures(&mut families, record),
            Document::Campaign(record) => add_campaign(&mut families, record),
        }
    }
    let mut text = String::new();
    for (name, Family { help, samples }) in families.0 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
    }
    text
}

/// The load that a search has found.
fn add_search(families: &mut Families, record: &SearchRecord) {
    let labels = || format!("profile=\"{}\"", escaped(&record.profile.name));
    let of_limit = record.limit.as_ref().and_then(|limit| limit.bhcc).map(|bhcc| bhcc as f64);
    let of_doc = record.doc.as_ref().and_then(|doc| doc.doc_bhcc).map(|bhcc| bhcc as f64);
    let headroom = record.headroom.as_ref().and_then(|headroom| headroom.bhcc);
    families.add("search_limit_bhcc", "Highest load that meets every target", labels(), of_limit);
    families.add("search_doc_bhcc", "Design objective capacity", labels(), of_doc);
    families.add("search_headroom_bhcc", "Highest load that this machine routes in time", labels(), headroom);
}

/// What each single failure costs.
fn add_failures(families: &mut Families, record: &FailureRecord) {
    for failure in &record.failures {
        let labels = || {
            let (profile, component) = (escaped(&record.profile.name), escaped(&failure.component));
            format!("profile=\"{profile}\",component=\"{component}\"")
        };
        let met = f64::from(u8::from(failure.verdict == Verdict::Pass));
        let lost = failure.lost_more as f64;
        families.add(
            "failure_targets_met",
            "1 if every target was met with this failure",
            labels(),
            Some(met),
        );
        families.add("failure_lost_more", "Calls lost beyond those without a failure", labels(), Some(lost));
        let back = failure.recovered_min.map(|minutes| minutes * 60.0);
        families.add("failure_recovered_seconds", "From the failure until no more was lost", labels(), back);
    }
}

/// Every point of a campaign.
fn add_campaign(families: &mut Families, record: &CampaignRecord) {
    for point in &record.points {
        let labels = || {
            let (campaign, point) = (escaped(&record.campaign.name), escaped(&point.key));
            format!("campaign=\"{campaign}\",point=\"{point}\"")
        };
        let (shards, passed) = (point.shards as f64, point.passed as f64);
        families.add("campaign_shards", "Shards of the point", labels(), Some(shards));
        families.add("campaign_shards_passed", "Shards that met every target", labels(), Some(passed));
        for (name, figure) in &point.figures {
            let labels = format!("{},figure=\"{}\"", labels(), escaped(name));
            families.add(
                "campaign_mean",
                "Mean of a figure over the point's shards",
                labels,
                Some(figure.mean),
            );
        }
    }
}

fn add_run(families: &mut Families, run: &str, record: &RunRecord) {
    let verdicts = [
        ("pass", Verdict::Pass),
        ("fail", Verdict::Fail),
        ("void", Verdict::Void),
        ("partial", Verdict::Partial),
    ];
    for (name, verdict) in verdicts {
        let value = f64::from(u8::from(record.verdict == verdict));
        families.add(
            "verdict",
            "1 for the verdict of the run",
            format!("{run},verdict=\"{name}\""),
            Some(value),
        );
    }
    let load = serde_json::to_value(&record.load);
    let metrics = serde_json::to_value(&record.metrics);
    for (name, value) in [load, metrics].into_iter().flatten().filter_map(fields).flatten() {
        families.add(&name, "A figure of the run, see docs/results.md", run.to_owned(), value.as_f64());
    }
    for (fate, count) in serde_json::to_value(record.calls).ok().and_then(fields).into_iter().flatten() {
        families.add("calls", "Calls of the run by fate", format!("{run},fate=\"{fate}\""), count.as_f64());
    }
    for target in &record.targets {
        let labels = format!("{run},target=\"{} {}\"", escaped(&target.name), escaped(&target.limit));
        families.add("target_met", "1 if the target was met", labels, Some(f64::from(u8::from(target.pass))));
    }
    for used in &record.resources {
        let labels = format!(
            "{run},system=\"{}\",kind=\"{}\",name=\"{}\"",
            escaped(&used.system),
            escaped(&used.kind),
            escaped(&used.name)
        );
        let count = |n: Option<u64>| n.map(|n| n as f64);
        families.add("resource_capacity", "How many there are", labels.clone(), count(used.capacity));
        families.add("resource_peak", "Most in use at once", labels.clone(), count(used.peak));
        families.add("resource_mean", "Mean in use", labels.clone(), used.mean);
        families.add("resource_blocked", "Calls refused for want of it", labels, Some(used.blocked as f64));
    }
    for (name, latency) in &record.latency {
        let seconds = match latency.unit.as_str() {
            "ns" => 1e9,
            "us" => 1e6,
            "ms" => 1e3,
            _ => 1.0,
        };
        let quantiles = [
            ("0.5", latency.p50),
            ("0.9", latency.p90),
            ("0.99", latency.p99),
            ("0.999", latency.p999),
            ("1", latency.max),
        ];
        for (quantile, value) in quantiles {
            let labels = format!("{run},name=\"{}\",quantile=\"{quantile}\"", escaped(name));
            families.add(
                "latency_seconds",
                "Latency from the scheduled instant",
                labels,
                value.map(|v| v / seconds),
            );
        }
    }
}

fn fields(value: serde_json::Value) -> Option<serde_json::Map<String, serde_json::Value>> {
    match value {
        serde_json::Value::Object(fields) => Some(fields),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_)
        | serde_json::Value::Array(_) => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;

    #[test]
    fn one_run_whose_name_is_hostile() {
        let mut run = record();
        run.profile.name = "a \"b\" \\ c\nd".into();
        insta::assert_snapshot!(prometheus(&[run.into()]));
    }

    /// The text format: all lines of a metric stand together, under one HELP and one TYPE.
    #[test]
    fn metrics_of_several_runs_stand_together() {
        let text = prometheus(&[record().into(), record().into()]);
        let names: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("# TYPE ")).collect();
        let mut once = names.clone();
        once.dedup();
        assert_eq!(names, once);
        assert!(names.len() > 10);
    }
}
