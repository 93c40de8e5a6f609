//! From what a driver found to the run record.

use super::civil::utc_now;
use super::environment::{Environment, built_from_commit, peak_rss_mib};
use super::failovers::failovers;
use super::record::{
    Clock, LatencySummary, LoadFigures, Metrics, ProfileRef, ResourceUse, RunRecord, SCHEMA, Verdict,
};
use super::shape;
use super::sip::{SipSection, with_audio};
use super::timeline;
use super::verdict::Conduct;
use crate::check;
use crate::driver::{Ended, ResourceKind, RunResult, WindowUse};
use crate::measure::LatencyHistogram;
use crate::profile::Profile;
use engine::MediaKind;
use engine::time::{Duration, Instant};
use std::collections::BTreeMap;

impl RunRecord {
    /// The record of a run of `profile`, verdict included.
    #[must_use]
    pub fn of_run(profile: &Profile, clock: Clock, result: &RunResult) -> Self {
        let tally = &result.tally;
        let threads = result.real.as_ref().map(|real| real.threads);
        let in_order = clock == Clock::Virtual || threads == Some(1);
        let mut record = Self {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: built_from_commit(),
            profile: ProfileRef::of(profile),
            seed: profile.load.seed,
            clock,
            threads,
            started_at: Some(utc_now().to_string()),
            environment: Environment::current(),
            simulated_s: result.now.as_secs_f64(),
            wall_s: result.wall.as_secs_f64(),
            calls_per_wall_s: None,
            peak_rss_mib: peak_rss_mib(),
            digest: in_order.then(|| format!("{:016x}", result.digest)),
            load: load_figures(profile, result),
            calls: tally.calls,
            causes: tally.causes.causes(),
            binding_resource: None,
            resources: result.resources.iter().map(|used| resource(result, used)).collect(),
            latency: latency(result),
            metrics: metrics(result),
            failovers: failovers(&tally.resilience, &profile.solution.licence_server_name(), |system| {
                profile.solution.systems[system.index()].name.clone()
            }),
            timeline: timeline::in_short(profile, result),
            alarms: timeline::kept_alarms(profile, result),
            series: Some(shape::series(profile, &tally.course)),
            network: Some(shape::network(&profile.solution)),
            sip: result.sip.as_ref().map(SipSection::of),
            replications: None,
            generators: Vec::new(),
            checks: check::all(result),
            targets: Vec::new(),
            verdict: Verdict::Fail,
        };
        let why_void = result.why_void().map(str::to_owned);
        let conduct = match (result.ended, why_void) {
            (Ended::Interrupted, _) => Conduct::Interrupted,
            (Ended::Complete, Some(why)) => Conduct::Void(why),
            (Ended::Complete, None) => Conduct::Complete,
        };
        record.conclude(&profile.targets, conduct);
        record
    }
}

impl ProfileRef {
    /// What a record says of its profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            file: profile.file.path.display().to_string(),
            sha256: profile.file.sha256.clone(),
            description: profile.description.clone(),
            source: profile.source.clone(),
        }
    }
}

fn load_figures(profile: &Profile, result: &RunResult) -> LoadFigures {
    let (tally, duration) = (&result.tally, measured(profile, result));
    let hours = duration.as_secs_f64() / 3_600.0;
    let an_hour = |calls: u64| (hours > 0.0).then(|| calls as f64 / hours);
    LoadFigures {
        bhcc_target: profile.load.bhcc,
        warm_up_s: Some(profile.load.warm_up.as_secs_f64()),
        duration_s: Some(duration.as_secs_f64()),
        bhcc_offered: an_hour(tally.calls.started),
        bhcc_completed: an_hour(tally.calls.completed),
        peak_36s_bhcc: tally.peak.bhcc(duration),
        concurrency_peak: Some(tally.concurrency.peak()),
        erlangs_offered: (hours > 0.0).then(|| tally.intended.as_secs_f64() / duration.as_secs_f64()),
    }
}

/// Length of the measured part: that of the profile, unless the run was ended before.
fn measured(profile: &Profile, result: &RunResult) -> Duration {
    let passed = result.now.since(Instant::ZERO + profile.load.warm_up);
    match result.ended {
        Ended::Complete => profile.load.duration,
        Ended::Interrupted => profile.load.duration.min(passed),
    }
}

/// The histograms of a run, by their names in the record.
pub fn histograms(result: &RunResult) -> Vec<&LatencyHistogram> {
    let tally = &result.tally;
    let mut all = vec![&tally.setup_delay, &tally.answer_delay, &tally.talk_time];
    if let Some(real) = &result.real {
        all.extend([real.lateness.histogram(), &real.route_delay, &real.handle_time]);
    }
    if let Some(sip) = &result.sip {
        all.extend(sip.histograms());
    }
    all
}

fn latency(result: &RunResult) -> BTreeMap<String, LatencySummary> {
    histograms(result).into_iter().map(|h| (h.name().to_owned(), h.summary())).collect()
}

fn metrics(result: &RunResult) -> Metrics {
    let tally = &result.tally;
    let metrics = Metrics {
        srd: tally.setup_delay.mean_ms(),
        generator_lateness_us_p99: result.lateness().and_then(|late| late.histogram().quantile(0.99)),
        phones_away: result.sip.is_none().then_some(tally.phones_away),
        sdt_s: tally.talk_time.mean_ms().map(|ms| ms / 1_000.0),
        ..Metrics::of_counts(&tally.calls, &tally.causes, 0)
    };
    match &result.sip {
        Some(sip) => Metrics {
            rrd: sip.register_delay.mean_ms(),
            srd_failed: sip.failed_setup_delay.mean_ms(),
            sdd: sip.disconnect_delay.mean_ms(),
            generator_ceiling_cps: sip.ceiling.map(|ceiling| ceiling.cps),
            generator_call_us: sip.ceiling.and_then(|ceiling| ceiling.call_us),
            ira_pct: sip.registrations.ineffective_pct(),
            ..with_audio(metrics.with_statuses(&tally.calls, sip), sip)
        },
        None => metrics,
    }
}

fn resource(result: &RunResult, used: &WindowUse) -> ResourceUse {
    let plan = result.systems[used.system].plan();
    let (kind, name) = match used.kind {
        ResourceKind::LineGroup(id) => ("line_group", plan.line_groups()[id.index()].number.to_string()),
        ResourceKind::HuntGroup(id) => ("hunt_group", plan.hunt_groups()[id.index()].name.clone()),
        ResourceKind::Queue(id) => ("queue", plan.hunt_groups()[id.index()].name.clone()),
        ResourceKind::Voicemail => ("voicemail", "channels".to_owned()),
        ResourceKind::Media(kind) => ("media", media_name(kind).to_owned()),
        ResourceKind::Users => ("user", "all".to_owned()),
        ResourceKind::Conferences => ("conference", "slots".to_owned()),
    };
    ResourceUse {
        system: plan.name().to_owned(),
        kind: kind.to_owned(),
        name,
        capacity: used.capacity,
        peak: Some(used.peak),
        mean: Some(used.mean),
        blocked: used.blocked,
    }
}

const fn media_name(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Direct => "direct",
        MediaKind::Indirect => "indirect",
        MediaKind::Compression => "compression",
    }
}
