//! The run record: what `--json` writes, field by field. docs/results.md explains every one; names are a contract.

use super::environment::Environment;
use super::sip::SipSection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name and version of the record's form. A change that readers must know of gets another number.
pub const SCHEMA: &str = "busyhour.run/1";

/// One run. `None` (JSON null) always means "not measured", never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of busyhour.
    pub version: String,
    /// Commit it was built from.
    pub commit: Option<String>,
    /// The profile that was run.
    pub profile: ProfileRef,
    /// Seed of every random stream.
    pub seed: u64,
    /// Which clock drove the run.
    pub clock: Clock,
    /// On the wall clock, against the engine: threads that the systems and everything around them had; null otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// When it began, RFC 3339 in UTC.
    pub started_at: Option<String>,
    /// The machine and the build.
    pub environment: Environment,
    /// Virtual seconds that passed, warm-up and drain included.
    pub simulated_s: f64,
    /// Seconds of the wall clock.
    pub wall_s: f64,
    /// Calls started in a second of the wall clock.
    pub calls_per_wall_s: Option<f64>,
    /// Most memory this process has held so far, in MiB; null if the system does not say.
    pub peak_rss_mib: Option<f64>,
    /// Digest over the events, hex: equal for equal profile, seed and version. Null where the wall clock has a say in their order.
    pub digest: Option<String>,
    /// The load.
    pub load: LoadFigures,
    /// What became of the calls.
    pub calls: Calls,
    /// Ended calls by Q.850 cause.
    pub causes: BTreeMap<u8, u64>,
    /// What ran out first: `SYSTEM:KIND:NAME`.
    pub binding_resource: Option<String>,
    /// Everything that can run out.
    pub resources: Vec<ResourceUse>,
    /// Latencies by name, from the intended instant.
    pub latency: BTreeMap<String, LatencySummary>,
    /// Figures of RFC 6076 and TS 186 008.
    pub metrics: Metrics,
    /// What failed over, and how fast.
    pub failovers: Vec<Failover>,
    /// What happened to the network, in order of time: faults and changes that the profile makes, and what came of them.
    #[serde(default)]
    pub timeline: Vec<TimelineEntry>,
    /// The alarms that systems have kept, at most fifty each; empty in records of earlier versions.
    #[serde(default)]
    pub alarms: Vec<KeptAlarm>,
    /// The run over time; null in records of earlier versions.
    #[serde(default)]
    pub series: Option<SeriesColumns>,
    /// The network that was run; null in records of earlier versions.
    #[serde(default)]
    pub network: Option<NetworkShape>,
    /// What only a run over SIP shows; null on other clocks and in records of earlier versions.
    #[serde(default)]
    pub sip: Option<SipSection>,
    /// What this run and its replications came to together; null without replications.
    #[serde(default)]
    pub replications: Option<Replications>,
    /// The generators that placed the load together; empty if there was one, this process.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generators: Vec<GeneratorPart>,
    /// Properties that must hold in every run.
    pub checks: Vec<Check>,
    /// The profile's targets.
    pub targets: Vec<TargetResult>,
    /// The answer.
    pub verdict: Verdict,
}

/// A generator that placed a part of the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorPart {
    /// Its name.
    pub name: String,
    /// Calls of the measured part that were its to place; null if it brought nothing.
    pub planned: Option<u64>,
    /// Those that it placed.
    pub started: Option<u64>,
    /// How far its clock was ahead of the coordinator's when the load began.
    pub clock_ahead_ms: f64,
    /// By how much that may be wrong, and with it the instant at which it began.
    pub clock_uncertain_ms: f64,
    /// Its lateness, 99th percentile.
    pub lateness_us_p99: Option<f64>,
    /// `void`: nothing of it is in the record.
    pub verdict: Verdict,
    /// Why it is void.
    pub why: Option<String>,
}

/// Several runs of a profile that differ by their seeds, taken together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replications {
    /// How many.
    pub runs: u64,
    /// Confidence of the intervals, such as 0.95; two-sided, Student.
    pub confidence: f64,
    /// Means over the runs.
    pub figures: Vec<MeanFigure>,
    /// Claims of targets that all calls together are too few to show.
    pub unsupported: Vec<Unsupported>,
}

/// A figure's mean over several runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanFigure {
    /// Its name, as a target names it.
    pub name: String,
    /// Mean.
    pub mean: f64,
    /// Lower end of the interval; never below zero, as no figure is.
    pub low: f64,
    /// Upper end of the interval; of a percentage, never above 100.
    pub high: f64,
}

/// A claim that there are too few calls for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// The claim.
    pub claim: String,
    /// Calls of all runs.
    pub attempts: u64,
    /// Fewest calls without a failure that show it.
    pub attempts_needed: u64,
}

/// The profile of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRef {
    /// Its name.
    pub name: String,
    /// The file as given.
    pub file: String,
    /// Hash of the profile's and its solution's bytes.
    pub sha256: String,
    /// One line for people.
    #[serde(default)]
    pub description: String,
    /// Where the rated figure comes from.
    #[serde(default)]
    pub source: String,
}

/// Which clock drives a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// Simulated.
    Virtual,
    /// The wall clock, against the engine.
    Real,
    /// The wall clock, over SIP sockets.
    Sip,
}

/// Load asked for and load carried, over the measured part of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadFigures {
    /// Calls an hour that the profile asks for.
    pub bhcc_target: f64,
    /// Seconds of load before the measured part.
    #[serde(default)]
    pub warm_up_s: Option<f64>,
    /// Seconds of the measured part.
    #[serde(default)]
    pub duration_s: Option<f64>,
    /// Calls an hour that were started.
    pub bhcc_offered: Option<f64>,
    /// Calls an hour that completed.
    pub bhcc_completed: Option<f64>,
    /// Completed calls of the busiest 36 s, times 100.
    pub peak_36s_bhcc: Option<f64>,
    /// Most calls in progress at once.
    pub concurrency_peak: Option<u64>,
    /// Started calls an hour times the mean time a call was meant to last, in Erlang.
    pub erlangs_offered: Option<f64>,
}

/// What became of the calls of the measured part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Scheduled.
    pub planned: u64,
    /// Placed.
    pub started: u64,
    /// Scheduled and never placed.
    pub not_started: u64,
    /// Placed, as the system saw them.
    pub offered: u64,
    /// Answered.
    pub answered: u64,
    /// Answered and ended by a party.
    pub completed: u64,
    /// Refused because something was full.
    pub blocked: u64,
    /// Given up by the caller before an answer.
    pub abandoned: u64,
    /// Not answered for any other reason.
    pub failed: u64,
    /// Answered and ended by the system.
    pub dropped: u64,
    /// Not ended when the run was.
    pub in_progress_at_end: u64,
    /// How many of them went through call preservation.
    pub preserved: u64,
}

/// Something that can run out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceUse {
    /// The system it belongs to.
    pub system: String,
    /// Its kind: `line_group`, `hunt_group`, `queue`, `user`.
    pub kind: String,
    /// Which of its kind.
    pub name: String,
    /// How many there are; null for no limit.
    pub capacity: Option<u64>,
    /// Most in use at once.
    pub peak: Option<u64>,
    /// Mean in use over time (for channels: Erlang carried).
    pub mean: Option<f64>,
    /// Calls refused because it was full.
    pub blocked: u64,
}

/// A latency distribution in short, and in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencySummary {
    /// Unit of every figure here, and of `hdr`.
    pub unit: String,
    /// Samples.
    pub count: u64,
    /// Median; null without samples, like all that follow.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p999: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// HdrHistogram, V2 encoding, base64.
    pub hdr: Option<String>,
}

/// Figures by their standard names. The formulas are in docs/results.md.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Registration request delay in milliseconds, mean (RFC 6076 4.1).
    pub rrd: Option<f64>,
    /// Ineffective registration attempts (RFC 6076 4.2).
    pub ira_pct: Option<f64>,
    /// Session request delay of established sessions in milliseconds, mean (RFC 6076 4.3.1).
    pub srd: Option<f64>,
    /// Session request delay of failed attempts in milliseconds, mean (RFC 6076 4.3.2).
    pub srd_failed: Option<f64>,
    /// Session disconnect delay in milliseconds, mean (RFC 6076 4.4).
    pub sdd: Option<f64>,
    /// Session duration time in seconds, mean (RFC 6076 4.5.1).
    pub sdt_s: Option<f64>,
    /// Session establishment ratio (RFC 6076 4.6).
    pub ser_pct: Option<f64>,
    /// Session establishment effectiveness ratio (RFC 6076 4.7).
    pub seer_pct: Option<f64>,
    /// Ineffective session attempts (RFC 6076 4.8).
    pub isa_pct: Option<f64>,
    /// Session completion ratio (RFC 6076 4.9).
    pub scr_pct: Option<f64>,
    /// Answer seizure ratio (E.411).
    pub asr_pct: Option<f64>,
    /// Network effectiveness ratio (E.425).
    pub ner_pct: Option<f64>,
    /// Inadequately handled scenario attempts (TS 186 008).
    pub ihs_pct: Option<f64>,
    /// Upper limit of `ihs_pct`, one-sided, with 95 % confidence (Clopper-Pearson).
    pub ihs_pct_upper95: Option<f64>,
    /// Blocked of offered calls.
    pub blocked_pct: Option<f64>,
    /// Upper limit of `blocked_pct`, one-sided, with 95 % confidence (Clopper-Pearson).
    pub blocked_pct_upper95: Option<f64>,
    /// Failed of offered calls.
    pub failed_pct: Option<f64>,
    /// Abandoned of offered calls.
    pub abandoned_pct: Option<f64>,
    /// Dropped of answered calls.
    pub dropped_pct: Option<f64>,
    /// IP phones that were not registered at home when the run was over.
    #[serde(default)]
    pub phones_away: Option<u64>,
    /// Packets of audio that did not arrive, of those that should have.
    pub rtp_loss_pct: Option<f64>,
    /// Packets that far ends have reported as lost, of those sent to them by then.
    pub rtp_loss_reported_pct: Option<f64>,
    /// Calls in which a party heard nobody, of those with audio.
    pub rtp_one_way_pct: Option<f64>,
    /// Mean opinion score by the E-model (ITU-T G.107), mean over the parties.
    pub mos_mean: Option<f64>,
    /// The lowest of them.
    pub mos_min: Option<f64>,
    /// Calls a second that the generator manages against itself on this machine (RFC 7502 6.1).
    pub generator_ceiling_cps: Option<f64>,
    /// Processor time of the generator for one call in that measurement, in microseconds.
    pub generator_call_us: Option<f64>,
    /// Lateness of the generator, 99th percentile, in microseconds; null on a virtual clock, which is never late.
    pub generator_lateness_us_p99: Option<f64>,
}

/// A failover that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failover {
    /// What failed over: `phones`, `hunt_groups`, `voicemail`, ...
    pub feature: String,
    /// The system that was lost.
    pub system: String,
    /// The system that took over.
    pub backup: Option<String>,
    /// Seconds from the fault until the backup knew.
    pub detected_s: Option<f64>,
    /// Seconds from the fault until service was back.
    pub completed_s: Option<f64>,
    /// Seconds from the repair until service was home again.
    pub failed_back_s: Option<f64>,
    /// How many moved.
    pub moved: u64,
    /// How many were refused for want of room.
    pub refused: u64,
    /// Of users: changes of settings that were lost when they left the backup.
    #[serde(default)]
    pub lost_settings: u64,
    /// Of users: calls whose history was lost then.
    #[serde(default)]
    pub lost_history: u64,
}

/// Something that happened to the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Seconds from the start of the measured part.
    pub at_s: f64,
    /// What kind of thing: `event` (the profile says so), `fault`, `repair`, `failover`, `failback`, `alarm`, ...
    pub kind: String,
    /// The system it happened to or that noticed; empty for none.
    pub system: String,
    /// What happened, for people.
    pub text: String,
    /// What it is about: a component that failed, the system at the other end of a line, whose feature moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The status from then on: a line's colour, what a phone shows, why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many: phones that moved, calls, how often an alarm was raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// An alarm that a system has kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptAlarm {
    /// The system.
    pub system: String,
    /// What was in error.
    pub text: String,
    /// How often.
    pub count: u64,
    /// The first time, in seconds from the start of the measured part.
    pub first_s: f64,
    /// The last time.
    pub last_s: f64,
}

/// Counts of all calls, warm-up and drain included, over steps of equal length: one column a count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesColumns {
    /// Beginning of the first step in seconds from the start of the measured part: the warm-up is below zero.
    pub begins_s: f64,
    /// Length of a step in seconds.
    pub step_s: f64,
    /// Calls placed.
    pub started: Vec<u64>,
    /// Calls answered.
    pub answered: Vec<u64>,
    /// Answered calls ended by a party.
    pub completed: Vec<u64>,
    /// Calls refused because something was full.
    pub blocked: Vec<u64>,
    /// Calls given up by their callers.
    pub abandoned: Vec<u64>,
    /// Calls that failed otherwise.
    pub failed: Vec<u64>,
    /// Answered calls ended by the system.
    pub dropped: Vec<u64>,
    /// Most calls in progress at once.
    pub active_peak: Vec<u64>,
}

/// The network of a run, as much as a drawing needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkShape {
    /// Name of the solution.
    pub name: String,
    /// Edition: `preferred`, `server-edition`, `select`, `subscription`.
    pub edition: String,
    /// Systems, in the solution's order.
    pub systems: Vec<SystemShape>,
    /// IP Office lines, one a pair of systems.
    pub lines: Vec<LineShape>,
}

/// A system of the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemShape {
    /// Its name.
    pub name: String,
    /// Its role: `standalone`, `primary`, `secondary`, `expansion`.
    pub role: String,
    /// Users that it is the home of.
    pub users: u64,
    /// Hunt groups that it holds.
    pub hunt_groups: u64,
    /// Channels of its trunks together.
    pub trunk_channels: u64,
}

/// IP Office lines between two systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineShape {
    /// The two systems.
    pub between: [String; 2],
    /// Channels, of the end that has fewer.
    pub channels: u64,
}

/// A property that must hold in every run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What must hold.
    pub name: String,
    /// Whether it did.
    pub pass: bool,
    /// What was found.
    pub detail: String,
}

/// A target of the profile and what was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetResult {
    /// The metric.
    pub name: String,
    /// The limit, such as `<= 0.1`.
    pub limit: String,
    /// What was observed.
    pub observed: Option<f64>,
    /// Whether the limit was kept. Not measured is not kept.
    pub pass: bool,
}

/// The answer of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every target met, every check held, every planned call started.
    Pass,
    /// One of them not.
    Fail,
    /// The generator or the clock was the limit: nothing was learned about the system.
    Void,
    /// Interrupted.
    Partial,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A run of 20,000 calls in which everything adds up.
    pub(in crate::report) fn record() -> RunRecord {
        let environment = Environment {
            os: "linux".into(),
            arch: "x86_64".into(),
            cores: Some(2),
            cpu: None,
            rustc: None,
            build: "release".into(),
        };
        RunRecord {
            schema: SCHEMA.into(),
            version: "0.1.0".into(),
            commit: None,
            profile: ProfileRef {
                name: "r640".into(),
                file: "profiles/r640.toml".into(),
                sha256: "00".into(),
                description: String::new(),
                source: String::new(),
            },
            seed: 1,
            clock: Clock::Virtual,
            threads: None,
            started_at: None,
            environment,
            simulated_s: 3_611.0,
            wall_s: 0.5,
            calls_per_wall_s: None,
            peak_rss_mib: None,
            digest: Some("0123456789abcdef".into()),
            load: LoadFigures {
                bhcc_target: 20_000.0,
                warm_up_s: Some(60.0),
                duration_s: Some(3_600.0),
                bhcc_offered: Some(20_000.0),
                bhcc_completed: Some(19_980.0),
                peak_36s_bhcc: Some(21_100.0),
                concurrency_peak: Some(83),
                erlangs_offered: Some(61.1),
            },
            calls: Calls {
                planned: 20_000,
                started: 20_000,
                offered: 20_000,
                answered: 19_980,
                completed: 19_980,
                blocked: 19,
                abandoned: 1,
                ..Calls::default()
            },
            causes: BTreeMap::from([(16, 19_981), (34, 19)]),
            binding_resource: None,
            resources: vec![ResourceUse {
                system: "primary".into(),
                kind: "line_group".into(),
                name: "0".into(),
                capacity: Some(80),
                peak: Some(80),
                mean: Some(60.9),
                blocked: 19,
            }],
            latency: BTreeMap::from([(
                "setup".to_owned(),
                LatencySummary {
                    unit: "us".into(),
                    count: 20_000,
                    p50: Some(1_000.0),
                    p90: Some(2_000.0),
                    p99: Some(3_000.0),
                    p999: Some(4_000.0),
                    max: Some(5_000.0),
                    mean: Some(1_100.0),
                    hdr: None,
                },
            )]),
            metrics: Metrics { blocked_pct: Some(0.095), ..Metrics::default() },
            failovers: vec![],
            timeline: vec![],
            alarms: vec![],
            series: None,
            network: None,
            sip: None,
            replications: None,
            generators: vec![],
            checks: vec![],
            targets: vec![],
            verdict: Verdict::Partial,
        }
    }

    #[test]
    fn causes_are_keyed_by_number_and_unmeasured_is_null() {
        let json = serde_json::to_value(record()).expect("serialises");
        assert_eq!(json["causes"]["34"], 19);
        assert!(json["metrics"]["rrd"].is_null() && json["commit"].is_null());
        assert_eq!(json["clock"], "virtual");
        let read: RunRecord = serde_json::from_value(json).expect("reads what it writes");
        assert_eq!(read, record());
    }
}
