//! What a report says of a run, put into words and rows.

use super::charts::{self, Chart};
use super::drawing::{Drawing, draw};
use super::figures::{clock_time, duration, percent, rounded, thousands, time};
use super::timeline_view::{self, TimelineDrawing};
use crate::report::{
    Calls, Check, Clock, Failover, KeptAlarm, LatencySummary, ResourceUse, RunRecord, TargetResult,
    TimelineEntry, Verdict,
};
use crate::text::quoted;
use std::collections::BTreeMap;
use std::io;

/// Entries of a timeline that the page lists, at most.
const MOST_ENTRIES: usize = 600;

/// A label and a figure.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: String,
    /// What it means, for people who do not know.
    pub(super) meaning: &'static str,
}

/// One run as the templates show it.
pub(super) struct RunView<'a> {
    /// Unique on the page, for links.
    pub(super) id: String,
    /// The profile's name, and what sets this run apart where that is not all.
    pub(super) title: String,
    pub(super) record: &'a RunRecord,
    pub(super) verdict: VerdictView,
    pub(super) facts: Vec<Fact>,
    pub(super) targets: Vec<TargetView<'a>>,
    pub(super) failed_checks: Vec<&'a Check>,
    pub(super) network: Option<Drawing>,
    pub(super) charts: Vec<Chart>,
    pub(super) timeline: Vec<TimelineView<'a>>,
    /// Entries that are not shown.
    pub(super) timeline_left_out: usize,
    pub(super) drawn: Option<TimelineDrawing>,
    pub(super) failovers: Vec<FailoverView<'a>>,
    pub(super) systems: Vec<SystemView<'a>>,
    pub(super) latencies: Vec<LatencyView<'a>>,
    pub(super) causes: Vec<(u8, &'static str, String)>,
    pub(super) metrics: Vec<(String, String)>,
    pub(super) method: Vec<(&'static str, String)>,
    pub(super) reproduce: String,
}

/// A verdict for eyes.
pub(super) struct VerdictView {
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) sentence: String,
}

/// A target, its limit and what was seen.
pub(super) struct TargetView<'a> {
    pub(super) name: &'a str,
    pub(super) limit: &'a str,
    pub(super) observed: String,
    pub(super) pass: bool,
}

/// One thing that happened.
pub(super) struct TimelineView<'a> {
    pub(super) at: String,
    pub(super) entry: &'a TimelineEntry,
}

/// One failover.
pub(super) struct FailoverView<'a> {
    pub(super) failover: &'a Failover,
    pub(super) backup: &'a str,
    pub(super) detected: String,
    pub(super) completed: String,
    pub(super) failed_back: String,
}

/// A system and what can run out there.
pub(super) struct SystemView<'a> {
    pub(super) name: &'a str,
    /// Role, users and trunks, where the record says.
    pub(super) about: String,
    pub(super) resources: Vec<ResourceView<'a>>,
}

/// A resource with its share in use.
pub(super) struct ResourceView<'a> {
    pub(super) kind: String,
    pub(super) name: &'a str,
    pub(super) capacity: String,
    pub(super) peak: String,
    pub(super) mean: String,
    pub(super) blocked: String,
    /// Peak of capacity, 0 to 100.
    pub(super) share: Option<u64>,
    pub(super) class: &'static str,
}

/// Percentiles of a latency.
pub(super) struct LatencyView<'a> {
    pub(super) name: &'a str,
    pub(super) count: String,
    pub(super) values: [String; 6],
}

/// What one failure cost, beside the other runs.
pub(super) struct FailureRow<'a> {
    pub(super) id: String,
    pub(super) profile: &'a str,
    pub(super) what: String,
    pub(super) calls: [String; 5],
    pub(super) recovered: String,
    pub(super) verdict: VerdictView,
}

impl<'a> RunView<'a> {
    /// Everything that HTML shows.
    pub(super) fn of(n: usize, record: &'a RunRecord) -> io::Result<Self> {
        let charts = charts::all(record)?;
        let network = record.network.as_ref().map(|shape| draw(shape, record));
        let drawn = timeline_view::draw(record);
        Ok(Self { charts, network, drawn, ..Self::text_of(n, record) })
    }

    /// Everything but the drawings.
    pub(super) fn text_of(n: usize, record: &'a RunRecord) -> Self {
        Self {
            id: run_id(n),
            title: record.profile.name.clone(),
            record,
            verdict: verdict(record),
            facts: facts(record),
            targets: record.targets.iter().map(target).collect(),
            failed_checks: record.checks.iter().filter(|check| !check.pass).collect(),
            network: None,
            charts: Vec::new(),
            timeline_left_out: record.timeline.len().saturating_sub(MOST_ENTRIES),
            drawn: None,
            timeline: record
                .timeline
                .iter()
                .take(MOST_ENTRIES)
                .map(|e| TimelineView { at: clock_time(e.at_s), entry: e })
                .collect(),
            failovers: record.failovers.iter().map(failover).collect(),
            systems: systems(record),
            latencies: latencies(record),
            causes: causes(record),
            metrics: metrics(record),
            method: method(record),
            reproduce: reproduce(record),
        }
    }

    /// The alarms that systems have kept, with the first and the last time.
    pub(super) fn alarms(&self) -> impl Iterator<Item = (&'a KeptAlarm, String, String)> {
        let most = self.record.alarms.iter().take(MOST_ENTRIES);
        most.map(|alarm| (alarm, clock_time(alarm.first_s), clock_time(alarm.last_s)))
    }

    /// The record's calls, each fate with its share of those offered.
    pub(super) fn fates(&self) -> Vec<(&'static str, String, String)> {
        let calls = &self.record.calls;
        fates(calls)
            .into_iter()
            .map(|(name, count)| (name, thousands(count), percent(count, calls.offered)))
            .collect()
    }
}

/// Where the `n`th run stands on the page.
pub(super) fn run_id(n: usize) -> String {
    format!("run-{}", n + 1)
}

/// Class of the style sheet, and the word in capitals.
pub(super) const fn verdict_words(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("good", "PASS"),
        Verdict::Fail => ("bad", "FAIL"),
        Verdict::Void => ("unsure", "VOID"),
        Verdict::Partial => ("unsure", "PARTIAL"),
    }
}

/// Every fate of a call, in the order of the identity that they obey.
fn fates(calls: &Calls) -> Vec<(&'static str, u64)> {
    vec![
        ("completed", calls.completed),
        ("blocked", calls.blocked),
        ("abandoned", calls.abandoned),
        ("failed", calls.failed),
        ("dropped", calls.dropped),
        ("in progress at the end", calls.in_progress_at_end),
    ]
}

fn verdict(record: &RunRecord) -> VerdictView {
    let missed = record.targets.iter().filter(|t| !t.pass).count();
    let broken = record.checks.iter().filter(|c| !c.pass).count();
    let (class, word) = verdict_words(record.verdict);
    let sentence = match record.verdict {
        Verdict::Pass if record.targets.is_empty() => {
            "Every check held; the profile states no target.".to_owned()
        }
        Verdict::Pass => format!("All {} targets met, every check held.", record.targets.len()),
        Verdict::Fail => {
            let targets = record.targets.len();
            format!("{missed} of {targets} targets missed, {broken} checks failed.")
        }
        Verdict::Void => "The generator or the clock was the limit: nothing was learned.".to_owned(),
        Verdict::Partial => "Interrupted: the figures are of a part of the run.".to_owned(),
    };
    VerdictView { class, word, sentence }
}

fn facts(record: &RunRecord) -> Vec<Fact> {
    let load = &record.load;
    let fact = |label, value: Option<f64>, meaning| value.map(|v| Fact { label, value: rounded(v), meaning });
    let lost = record.calls.blocked + record.calls.failed + record.calls.dropped + record.calls.not_started;
    let lost = Fact {
        label: "calls lost",
        value: thousands(lost),
        meaning: "blocked, failed, dropped or never started",
    };
    [
        fact("calls an hour asked for", Some(load.bhcc_target), "rated load of the profile"),
        fact("offered", load.bhcc_offered, "calls started, an hour"),
        fact("completed", load.bhcc_completed, "calls completed, an hour"),
        fact("busiest 36 s", load.peak_36s_bhcc, "completed in 36 s, times 100"),
        fact("most at once", load.concurrency_peak.map(|n| n as f64), "calls in progress"),
        fact("Erlang offered", load.erlangs_offered, "calls times their intended length"),
        Some(lost),
        record.binding_resource.clone().map(|value| Fact {
            label: "binding resource",
            value,
            meaning: "what ran out first, or came nearest to it",
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn target(target: &TargetResult) -> TargetView<'_> {
    TargetView {
        name: &target.name,
        limit: &target.limit,
        observed: target.observed.map_or_else(|| "not measured".to_owned(), rounded),
        pass: target.pass,
    }
}

fn failover(failover: &Failover) -> FailoverView<'_> {
    FailoverView {
        failover,
        backup: failover.backup.as_deref().unwrap_or("none"),
        detected: duration(failover.detected_s),
        completed: duration(failover.completed_s),
        failed_back: duration(failover.failed_back_s),
    }
}

fn systems(record: &RunRecord) -> Vec<SystemView<'_>> {
    let shape_of = |name: &str| record.network.as_ref()?.systems.iter().find(|s| s.name == name);
    let mut by_name: Vec<SystemView<'_>> = Vec::new();
    let mut place: BTreeMap<&str, usize> = BTreeMap::new();
    for used in &record.resources {
        let at = *place.entry(&used.system).or_insert_with(|| {
            let about = shape_of(&used.system).map_or_else(String::new, |s| {
                format!(
                    "{}, {} users, {} trunk channels",
                    s.role,
                    thousands(s.users),
                    thousands(s.trunk_channels)
                )
            });
            by_name.push(SystemView { name: &used.system, about, resources: Vec::new() });
            by_name.len() - 1
        });
        by_name[at].resources.push(resource(used));
    }
    by_name
}

fn resource(used: &ResourceUse) -> ResourceView<'_> {
    let share = used.capacity.zip(used.peak).filter(|(capacity, _)| *capacity > 0);
    let share = share.map(|(capacity, peak)| (peak * 100 / capacity).min(100));
    ResourceView {
        kind: used.kind.replace('_', " "),
        name: &used.name,
        capacity: used.capacity.map_or_else(|| "no limit".to_owned(), thousands),
        peak: used.peak.map_or_else(|| "–".to_owned(), thousands),
        mean: used.mean.map_or_else(|| "–".to_owned(), rounded),
        blocked: thousands(used.blocked),
        share,
        class: match share {
            _ if used.blocked > 0 => "bad",
            Some(90..) => "unsure",
            Some(_) | None => "good",
        },
    }
}

fn latencies(record: &RunRecord) -> Vec<LatencyView<'_>> {
    record.latency.iter().filter(|(_, l)| l.count > 0).map(|(name, l)| latency(name, l)).collect()
}

fn latency<'a>(name: &'a str, l: &LatencySummary) -> LatencyView<'a> {
    let value = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| time(v, &l.unit));
    let values = [l.p50, l.p90, l.p99, l.p999, l.max, l.mean].map(value);
    LatencyView { name, count: thousands(l.count), values }
}

fn causes(record: &RunRecord) -> Vec<(u8, &'static str, String)> {
    let name =
        |number: &u8| engine::cause::Cause::new(*number).and_then(engine::cause::Cause::text).unwrap_or("");
    record.causes.iter().map(|(n, count)| (*n, name(n), thousands(*count))).collect()
}

fn metrics(record: &RunRecord) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(all)) = serde_json::to_value(&record.metrics) else { return Vec::new() };
    all.into_iter().filter_map(|(name, value)| Some((name, rounded(value.as_f64()?)))).collect()
}

fn method(record: &RunRecord) -> Vec<(&'static str, String)> {
    let environment = &record.environment;
    let clock = match record.clock {
        Clock::Virtual => "virtual: simulated time, equal digests for equal seeds",
        Clock::Real if record.threads == Some(1) => {
            "real: the wall clock against the engine, all on one thread"
        }
        Clock::Real => "real: the wall clock against the engine, a thread for each system",
        Clock::Sip => "sip: the wall clock over SIP sockets",
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".to_owned());
    let mut rows = vec![
        ("Profile", format!("{} ({})", record.profile.name, record.profile.file)),
        ("SHA-256 of profile and solution", record.profile.sha256.clone()),
        ("Seed", record.seed.to_string()),
        ("Clock", clock.to_owned()),
        (
            "Arrivals",
            "open loop: every call starts at its scheduled instant, latencies count from it".to_owned(),
        ),
        ("Warm-up, not counted", duration(record.load.warm_up_s)),
        ("Measured part", duration(record.load.duration_s)),
        (
            "Time simulated, on the wall",
            format!("{}, {}", duration(Some(record.simulated_s)), duration(Some(record.wall_s))),
        ),
        ("Digest over all events", text(&record.digest)),
        ("Version, commit", format!("{}, {}", record.version, text(&record.commit))),
        ("Build", format!("{}, {}", environment.build, text(&environment.rustc))),
        ("Machine", format!("{} {}, {}", environment.os, environment.arch, text(&environment.cpu))),
        ("Begun", text(&record.started_at)),
    ];
    if !record.profile.source.is_empty() {
        rows.insert(1, ("Source of the rated load", record.profile.source.clone()));
    }
    rows
}

/// The command that gives the same run again.
fn reproduce(record: &RunRecord) -> String {
    let clock = match record.clock {
        Clock::Virtual => "",
        Clock::Real if record.threads == Some(1) => " --clock real --threads 1",
        Clock::Real => " --clock real",
        Clock::Sip => " --clock sip",
    };
    let duration = record.load.duration_s.map_or_else(String::new, |s| format!(" --duration {s}s"));
    let file = quoted(&record.profile.file);
    format!("busyhour run {file} --seed {} --bhcc {}{duration}{clock}", record.seed, record.load.bhcc_target)
}

/// What each failure cost; empty unless several runs were given and in one of them something happened.
pub(super) fn failures<'a>(records: &[&'a RunRecord]) -> Vec<FailureRow<'a>> {
    let compared = records.len() > 1 && records.iter().any(|r| !r.timeline.is_empty());
    if !compared {
        return Vec::new();
    }
    records.iter().enumerate().map(|(n, record)| failure(n, record)).collect()
}

fn failure(n: usize, record: &RunRecord) -> FailureRow<'_> {
    let c = &record.calls;
    let slowest = record.failovers.iter().map(|f| f.completed_s).reduce(|a, b| Some(a?.max(b?)));
    FailureRow {
        id: run_id(n),
        profile: &record.profile.name,
        what: what_failed(record),
        calls: [c.blocked, c.failed, c.dropped, c.preserved, c.not_started].map(thousands),
        recovered: slowest.map_or_else(|| "–".to_owned(), duration),
        verdict: verdict(record),
    }
}

/// Faults first; what the profile does otherwise where there is none.
fn what_failed(record: &RunRecord) -> String {
    let said = |kind: &str| {
        let of_kind = record.timeline.iter().filter(|e| e.kind == kind);
        of_kind.map(|e| format!("{}: {}", e.system, e.text)).collect::<Vec<_>>()
    };
    let faults = said("fault");
    let all = if faults.is_empty() { said("event") } else { faults };
    match all.as_slice() {
        [] => "nothing".to_owned(),
        [first] => first.clone(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    }
}
