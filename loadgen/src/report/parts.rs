//! One record of what several generators brought. Counts are added up and distributions merged, so that every figure is what one
//! generator would have said of all calls; what cannot be had so is null.

use super::metrics::{percent, percent_upper};
use super::record::{
    Calls, Check, GeneratorPart, LatencySummary, LoadFigures, Metrics, RunRecord, SeriesColumns, Verdict,
};
use super::sip::{SipAudio, SipSection};
use super::verdict::Conduct;
use crate::measure::LatencyHistogram;
use crate::profile::Profile;
use std::collections::BTreeMap;

/// The record of a load of `profile` that was placed in parts. Void parts do not count, and make it void.
///
/// # Errors
/// No part has a record, or one of them is damaged.
pub fn merge_parts(
    profile: &Profile,
    parts: &[(GeneratorPart, Option<RunRecord>)],
) -> Result<RunRecord, String> {
    let whys = || parts.iter().filter_map(|(part, _)| Some(format!("{}: {}", part.name, part.why.as_ref()?)));
    let any = parts.iter().find_map(|(_, record)| record.as_ref());
    let Some(any) = any else { return Err(whys().collect::<Vec<_>>().join("; ")) };
    let counts = |(part, record): &'_ &(GeneratorPart, Option<RunRecord>)| {
        part.verdict != Verdict::Void && record.is_some()
    };
    let good: Vec<&RunRecord> =
        parts.iter().filter(counts).filter_map(|(_, record)| record.as_ref()).collect();
    let mut calls = Calls::default();
    good.iter().for_each(|run| calls.add(&run.calls));
    let latency = latency(&good)?;
    let mut causes = BTreeMap::new();
    for (cause, count) in good.iter().flat_map(|run| &run.causes) {
        *causes.entry(*cause).or_insert(0) += count;
    }
    let sip = good.iter().filter_map(|run| run.sip.clone()).reduce(add_sip);
    let longest = |of: fn(&RunRecord) -> f64| good.iter().map(|run| of(run)).fold(0.0, f64::max);
    let mut record = RunRecord {
        simulated_s: longest(|run| run.simulated_s),
        wall_s: longest(|run| run.wall_s),
        peak_rss_mib: good.iter().filter_map(|run| run.peak_rss_mib).reduce(f64::max),
        load: load(profile, &good),
        metrics: metrics(&good, &calls, &latency, sip.as_ref()),
        calls,
        causes,
        latency,
        series: series(&good),
        sip,
        checks: checks(parts),
        generators: parts.iter().map(|(part, _)| part.clone()).collect(),
        ..any.clone()
    };
    let void = parts.iter().find(|(part, _)| part.verdict == Verdict::Void);
    let partial = good.iter().any(|run| run.verdict == Verdict::Partial);
    record.conclude(
        &profile.targets,
        match void {
            _ if partial => Conduct::Interrupted,
            None => Conduct::Complete,
            Some((part, _)) => {
                let why = part.why.clone().unwrap_or_else(|| "it brought nothing that counts".to_owned());
                Conduct::Void(format!("the part of {} does not count: {why}", part.name))
            }
        },
    );
    Ok(record)
}

/// Those of each part, by its name; what follows from counts is checked anew for all of them.
fn checks(parts: &[(GeneratorPart, Option<RunRecord>)]) -> Vec<Check> {
    let mut all: Vec<Check> = Vec::new();
    for (part, record) in parts {
        for check in record.iter().flat_map(|record| &record.checks) {
            let named =
                |check: &Check| Check { name: format!("{}: {}", part.name, check.name), ..check.clone() };
            all.push(named(check));
        }
    }
    all
}

fn latency(good: &[&RunRecord]) -> Result<BTreeMap<String, LatencySummary>, String> {
    let mut sums: BTreeMap<&str, LatencyHistogram> = BTreeMap::new();
    for (name, summary) in good.iter().flat_map(|run| &run.latency) {
        let read = LatencyHistogram::of_summary(name, summary);
        let read = read.ok_or_else(|| format!("latency {name}: not a distribution"))?;
        match sums.get_mut(name.as_str()) {
            Some(sum) => sum.merge(&read),
            None => drop(sums.insert(name, read)),
        }
    }
    Ok(sums.into_iter().map(|(name, sum)| (name.to_owned(), sum.summary())).collect())
}

fn load(profile: &Profile, good: &[&RunRecord]) -> LoadFigures {
    let sum = |of: fn(&LoadFigures) -> Option<f64>| {
        good.iter().map(|run| of(&run.load)).sum::<Option<f64>>().filter(|_| !good.is_empty())
    };
    let longest =
        |of: fn(&LoadFigures) -> Option<f64>| good.iter().filter_map(|run| of(&run.load)).reduce(f64::max);
    LoadFigures {
        bhcc_target: profile.load.bhcc,
        warm_up_s: longest(|load| load.warm_up_s),
        duration_s: longest(|load| load.duration_s),
        bhcc_offered: sum(|load| load.bhcc_offered),
        bhcc_completed: sum(|load| load.bhcc_completed),
        // The busiest moments of the parts need not be the same.
        peak_36s_bhcc: None,
        concurrency_peak: None,
        erlangs_offered: sum(|load| load.erlangs_offered),
    }
}

fn metrics(
    good: &[&RunRecord],
    calls: &Calls,
    latency: &BTreeMap<String, LatencySummary>,
    sip: Option<&SipSection>,
) -> Metrics {
    let offered = |run: &RunRecord| run.calls.offered;
    let attempts = |run: &RunRecord| {
        let redirected = run.sip.iter().flat_map(|sip| sip.statuses.range(300..400)).map(|(_, count)| count);
        run.calls.offered.saturating_sub(redirected.sum())
    };
    // The counts behind a percentage are whole, so that they can be had back from it.
    let ratio = |get: fn(&Metrics) -> Option<f64>, of: &dyn Fn(&RunRecord) -> u64| {
        let (mut part, mut whole) = (0, 0);
        for run in good.iter().filter(|run| of(run) > 0) {
            part += (get(&run.metrics)? * of(run) as f64 / 100.0).round() as u64;
            whole += of(run);
        }
        percent(part, whole)
    };
    let ihs = calls.blocked + calls.failed + calls.dropped + calls.not_started;
    let mean_ms = |name: &str| {
        LatencyHistogram::of_summary(name, latency.get(name)?).and_then(|histogram| histogram.mean_ms())
    };
    let registrations = |run: &RunRecord| {
        run.sip
            .as_ref()
            .map_or(0, |sip| sip.phones_registered + sip.registrations_renewed + sip.registrations_failed)
    };
    let audio = sip.and_then(|sip| sip.audio.as_ref());
    Metrics {
        // Of a run over SIP nobody knows.
        phones_away: None,
        rrd: mean_ms("register_delay"),
        ira_pct: ratio(|m| m.ira_pct, &registrations),
        srd: mean_ms("setup_delay"),
        srd_failed: mean_ms("failed_setup_delay"),
        sdd: mean_ms("disconnect_delay"),
        sdt_s: mean_ms("talk_time").map(|ms| ms / 1_000.0),
        ser_pct: ratio(|m| m.ser_pct, &attempts),
        seer_pct: ratio(|m| m.seer_pct, &attempts),
        isa_pct: ratio(|m| m.isa_pct, &offered),
        scr_pct: percent(calls.completed, calls.offered),
        asr_pct: percent(calls.answered, calls.offered),
        ner_pct: ratio(|m| m.ner_pct, &offered),
        ihs_pct: percent(ihs, calls.planned),
        ihs_pct_upper95: percent_upper(ihs, calls.planned),
        blocked_pct: percent(calls.blocked, calls.offered),
        blocked_pct_upper95: percent_upper(calls.blocked, calls.offered),
        failed_pct: percent(calls.failed, calls.offered),
        abandoned_pct: percent(calls.abandoned, calls.offered),
        dropped_pct: percent(calls.dropped, calls.answered),
        rtp_loss_pct: audio.and_then(|audio| percent(audio.lost, audio.expected)),
        rtp_loss_reported_pct: audio.and_then(|audio| percent(audio.reported_lost, audio.reported_sent)),
        rtp_one_way_pct: audio.and_then(|audio| percent(audio.one_way, audio.calls)),
        // How many parties were heard stands in no record, so that there is no mean over all of them.
        mos_mean: None,
        mos_min: good.iter().filter_map(|run| run.metrics.mos_min).reduce(f64::min),
        generator_ceiling_cps: good.iter().map(|run| run.metrics.generator_ceiling_cps).sum(),
        generator_call_us: worst(good, |m| m.generator_call_us),
        generator_lateness_us_p99: latency.get("generator_lateness").and_then(|late| late.p99),
    }
}

/// The largest that any part has.
fn worst(good: &[&RunRecord], of: fn(&Metrics) -> Option<f64>) -> Option<f64> {
    good.iter().filter_map(|run| of(&run.metrics)).reduce(f64::max)
}

/// Step by step; `None` if the parts' steps are not the same.
fn series(good: &[&RunRecord]) -> Option<SeriesColumns> {
    let mut all = good.iter().map(|run| run.series.as_ref());
    let mut sum = all.next()??.clone();
    for part in all {
        let part = part?;
        if (part.begins_s, part.step_s) != (sum.begins_s, sum.step_s) {
            return None;
        }
        for (sum, part) in [
            (&mut sum.started, &part.started),
            (&mut sum.answered, &part.answered),
            (&mut sum.completed, &part.completed),
            (&mut sum.blocked, &part.blocked),
            (&mut sum.abandoned, &part.abandoned),
            (&mut sum.failed, &part.failed),
            (&mut sum.dropped, &part.dropped),
            (&mut sum.active_peak, &part.active_peak),
        ] {
            sum.resize(sum.len().max(part.len()), 0);
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        }
    }
    Some(sum)
}

fn add_sip(mut sum: SipSection, part: SipSection) -> SipSection {
    sum.messages_sent += part.messages_sent;
    sum.messages_received += part.messages_received;
    sum.retransmitted += part.retransmitted;
    sum.thrown_away += part.thrown_away;
    sum.phones += part.phones;
    sum.phones_registered += part.phones_registered;
    sum.registrations_renewed += part.registrations_renewed;
    sum.registrations_failed += part.registrations_failed;
    for (status, count) in part.statuses {
        *sum.statuses.entry(status).or_insert(0) += count;
    }
    sum.failures.cannot_send += part.failures.cannot_send;
    sum.failures.max_retransmissions += part.failures.max_retransmissions;
    sum.failures.receive_timeout += part.failures.receive_timeout;
    sum.failures.unexpected_message += part.failures.unexpected_message;
    sum.unconfirmed_byes += part.unconfirmed_byes;
    sum.ceiling_parties = sum.ceiling_parties.zip(part.ceiling_parties).map(|(a, b)| a + b);
    sum.audio = sum.audio.zip(part.audio).map(|(a, b)| add_audio(a, &b));
    sum
}

fn add_audio(a: SipAudio, b: &SipAudio) -> SipAudio {
    SipAudio {
        calls: a.calls + b.calls,
        one_way: a.one_way + b.one_way,
        mute: a.mute + b.mute,
        sent: a.sent + b.sent,
        received: a.received + b.received,
        expected: a.expected + b.expected,
        lost: a.lost + b.lost,
        misordered: a.misordered + b.misordered,
        duplicates: a.duplicates + b.duplicates,
        reported_sent: a.reported_sent + b.reported_sent,
        reported_lost: a.reported_lost + b.reported_lost,
        parties_peak: a.parties_peak + b.parties_peak,
        processor_s: a.processor_s + b.processor_s,
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::measure::Unit;
    use crate::test_support::{BRISK, two_systems};
    use engine::time::Duration;

    fn part(name: &str, verdict: Verdict, why: Option<&str>) -> GeneratorPart {
        let why = why.map(str::to_owned);
        let (planned, started, lateness_us_p99) = (Some(1), Some(1), None);
        let (clock_ahead_ms, clock_uncertain_ms) = (0.5, 0.1);
        GeneratorPart {
            name: name.to_owned(),
            planned,
            started,
            clock_ahead_ms,
            clock_uncertain_ms,
            lateness_us_p99,
            verdict,
            why,
        }
    }

    /// With set-ups of these many milliseconds.
    fn run(setups_ms: &[u64]) -> RunRecord {
        let mut histogram = LatencyHistogram::new("setup_delay", Unit::Microseconds);
        setups_ms.iter().for_each(|ms| histogram.record(Duration::from_millis(*ms)));
        let latency = BTreeMap::from([("setup_delay".to_owned(), histogram.summary())]);
        RunRecord { latency, resources: vec![], checks: vec![], verdict: Verdict::Pass, ..record() }
    }

    #[test]
    fn parts_add_up_to_what_one_generator_would_have_said() {
        let profile = two_systems(BRISK);
        let (one, other) = (run(&[1, 2, 3]), run(&[8]));
        let good = |name, run: &RunRecord| (part(name, Verdict::Pass, None), Some(run.clone()));
        let merged = merge_parts(&profile, &[good("a", &one), good("b", &other)]).expect("both are whole");
        assert_eq!(merged.calls.completed, 2 * one.calls.completed);
        assert_eq!(merged.causes.values().sum::<u64>(), 2 * one.causes.values().sum::<u64>());
        assert_eq!(merged.metrics.blocked_pct, percent(merged.calls.blocked, merged.calls.offered));
        assert_eq!(merged.latency["setup_delay"].count, 4);
        assert!(merged.metrics.srd.is_some_and(|ms| (ms - 3.5).abs() < 0.02), "{:?}", merged.metrics.srd);
        assert_eq!((merged.verdict, merged.generators.len()), (Verdict::Pass, 2));
        let of_pct = |pct| Metrics { seer_pct: Some(pct), ..Metrics::default() };
        let [mut one, mut other] = [one, other];
        (one.metrics, other.metrics) = (of_pct(100.0), of_pct(50.0));
        other.calls.offered = one.calls.offered / 2;
        let seer =
            merge_parts(&profile, &[good("a", &one), good("b", &other)]).expect("whole").metrics.seer_pct;
        assert!(seer.is_some_and(|pct| (pct - 250.0 / 3.0).abs() < 0.01), "{seer:?}");
    }

    #[test]
    fn a_part_that_lags_does_not_count_and_is_said() {
        let profile = two_systems(BRISK);
        let (good, late) = (run(&[1]), RunRecord { verdict: Verdict::Void, ..run(&[900]) });
        let parts = [
            (part("a", Verdict::Pass, None), Some(good.clone())),
            (part("b", Verdict::Void, Some("the generator was 5000 us late (p99)")), Some(late)),
        ];
        let merged = merge_parts(&profile, &parts).expect("one is whole");
        assert_eq!((merged.verdict, merged.calls), (Verdict::Void, good.calls));
        assert_eq!(merged.latency["setup_delay"].count, 1);
        let check = merged.checks.last().expect("the last says why");
        assert_eq!(check.detail, "the part of b does not count: the generator was 5000 us late (p99)");
        let nobody = merge_parts(&profile, &[(part("a", Verdict::Void, Some("gone")), None)]);
        assert_eq!(nobody, Err("a: gone".to_owned()));
    }
}
