//! Results held against what nobody here wrote: Erlang B, Little's law, exact recursions.

use crate::support::{incoming, one_trunk_group, read, replay};
use loadgen::stats::erlang_b;
use std::collections::VecDeque;

/// Mean and standard error of the mean.
pub(crate) fn mean_and_error(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Blocking of 16 independent runs with a mean call of 11 s, offered `erlangs`.
fn measured_blocking(channels: u16, erlangs: f64, talk: &str) -> (f64, f64) {
    let bhcc = erlangs * 3_600.0 / 11.0;
    // The rarer the blocking, the longer it must be watched for an error of a few percent.
    let calls = (800.0 / erlang_b(erlangs, u64::from(channels))).clamp(10_000.0, 120_000.0);
    let blocking = |seed: u32| {
        let hours = calls / bhcc;
        let load = format!(
            "bhcc = {bhcc}\nring = \"5s\"\ntalk = {talk}\nseed = {seed}\nwarm_up = \"2m\"\nduration = \"{hours:.3}h\""
        );
        let (result, _) = replay(&read(&incoming(&load), &one_trunk_group(channels)));
        result.tally.calls.blocked as f64 / result.tally.calls.offered as f64
    };
    mean_and_error(&(0..16).map(blocking).collect::<Vec<f64>>())
}

#[test]
fn blocking_is_erlang_b_at_light_medium_and_heavy_load() {
    let fixed = "\"6s\"";
    for (channels, erlangs) in
        [(1, 0.5), (4, 1.0), (10, 10.0), (30, 20.0), (30, 33.0), (76, 61.1), (76, 76.0), (76, 120.0)]
    {
        let expected = erlang_b(erlangs, u64::from(channels));
        let (mean, error) = measured_blocking(channels, erlangs, fixed);
        assert!(
            (mean - expected).abs() <= 4.0 * error,
            "{channels} channels, {erlangs} E: {mean} is not {expected} +- {error}"
        );
        assert!(
            error <= 0.05 * expected,
            "{channels} channels, {erlangs} E: {error} is too rough for {expected}"
        );
    }
}

#[test]
fn a_trunk_out_of_service_leaves_the_carrier_the_channels_of_the_others() {
    let second = "[[line]]\nsystem = \"primary\"\nnumber = 2\nkind = \"sip\"\nchannels = 50\n";
    let solution = one_trunk_group(50).replace("[[users]]", &format!("{second}[[users]]"));
    // 55 Erlang on two lines of 50, one of which is out for half of the hour.
    let blocking = |seed: u32| {
        let load = format!(
            "bhcc = 18000\nring = \"5s\"\ntalk = \"6s\"\nseed = {seed}\nwarm_up = \"2m\"\nduration = \"1h\""
        );
        let event = |at: &str, what: &str| {
            format!("[[event]]\nat = \"{at}\"\n{what} = {{ system = \"primary\", line = 1 }}\n")
        };
        let out = event("0s", "line_out_of_service") + &event("30m", "line_in_service");
        let (result, _) = replay(&read(&(incoming(&load) + &out), &solution));
        result.tally.calls.blocked as f64 / result.tally.calls.offered as f64
    };
    let (mean, error) = mean_and_error(&(0..16).map(blocking).collect::<Vec<f64>>());
    let expected = erlang_b(55.0, 50) / 2.0;
    assert!((mean - expected).abs() <= 4.0 * error, "{mean} is not {expected} +- {error}");
    assert!(error <= 0.03 * expected, "{error} is too rough for {expected}");
}

#[test]
fn blocking_depends_only_on_the_mean_of_the_holding_time() {
    for talk in [
        "{ distribution = \"exponential\", mean = \"6s\" }",
        "{ distribution = \"lognormal\", mean = \"6s\", cv = 1.5 }",
    ] {
        let expected = erlang_b(20.0, 24);
        let (mean, error) = measured_blocking(24, 20.0, talk);
        assert!((mean - expected).abs() <= 4.0 * error, "{talk}: {mean} is not {expected} +- {error}");
        assert!(error <= 0.05 * expected, "{talk}: {error} is too rough for {expected}");
    }
}

#[test]
fn littles_law_ties_rate_and_holding_time_to_concurrency() {
    let load = "bhcc = 20000\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"1m\"\nduration = \"1h\"";
    let (result, record) = replay(&read(&incoming(load), &one_trunk_group(200)));
    let little = record.checks.iter().find(|c| c.name == "little").expect("every run checks Little's law");
    assert!(little.pass, "{}", little.detail);
    // Over the measured hour: arrivals of the hour times 11 s, but for the calls across its two ends.
    let channels = &result.resources[0];
    let expected = result.tally.calls.started as f64 * 11.0 / 3_600.0;
    assert!((channels.mean - expected).abs() < 0.3, "{} is not {expected}", channels.mean);
}

/// Evenly spaced calls of equal length at `channels` channels: how many are blocked, counted call by call.
fn blocked_when_evenly_spaced(channels: usize, bhcc: u64, calls: u64, skip: u64) -> u64 {
    let mut in_progress: VecDeque<u64> = VecDeque::new();
    let mut blocked = 0;
    for n in 0..calls {
        let now = (u128::from(n) * 3_600_000_000_000 / u128::from(bhcc)) as u64;
        // A call that ends now makes room for the one that begins now.
        while in_progress.front().is_some_and(|&end| end <= now) {
            in_progress.pop_front();
        }
        if in_progress.len() < channels {
            in_progress.push_back(now + 11_000_000_000);
        } else if n >= skip {
            blocked += 1;
        }
    }
    blocked
}

#[test]
fn evenly_spaced_calls_are_blocked_exactly_as_counted_by_hand() {
    for channels in [1, 30, 60, 61, 62] {
        let load = "bhcc = 20000\narrivals = \"uniform\"\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"36s\"\nduration = \"1h\"";
        let (result, _) = replay(&read(&incoming(load), &one_trunk_group(channels)));
        let expected = blocked_when_evenly_spaced(usize::from(channels), 20_000, 20_200, 200);
        assert_eq!(result.tally.calls.planned, 20_000);
        assert_eq!(result.tally.calls.blocked, expected, "{channels} channels");
        let peak = u64::from(channels).min(62);
        assert_eq!(result.resources[0].peak, peak, "{channels} channels");
    }
}

#[test]
fn the_measured_part_begins_when_as_many_calls_are_in_progress_as_will_be() {
    let profile = |times: &str, more: &str| {
        let load = format!("bhcc = 1200\nduration = \"10m\"\n{times}\n{more}");
        read(&incoming(&load), &one_trunk_group(100))
    };
    let warm_up_of = |times: &str, more: &str| profile(times, more).load.warm_up.as_secs_f64();
    assert_eq!(warm_up_of("ring = \"5s\"\ntalk = \"6s\"", ""), 60.0);
    assert_eq!(warm_up_of("ring = \"5s\"\ntalk = \"6s\"", "warm_up = \"1s\""), 1.0);
    assert_eq!(warm_up_of("ring = \"5s\"\ntalk = \"6s\"", "message = \"1m\""), 325.0);
    assert_eq!(warm_up_of("ring = \"5s\"\ntalk = \"366d\"", ""), 366.0 * 86_400.0);
    // A tenth of an hour is too short for a mean call of five minutes to make up for what is missing at its start.
    for talk in ["\"5m\"", "{ distribution = \"exponential\", mean = \"5m\" }"] {
        let times = format!("ring = \"5s\"\ntalk = {talk}");
        assert_eq!(warm_up_of(&times, ""), 1_525.0);
        let blocking = |seed: u32| {
            let (result, _) = replay(&profile(&times, &format!("seed = {seed}")));
            result.tally.calls.blocked as f64 / result.tally.calls.offered as f64
        };
        let (mean, error) = mean_and_error(&(0..200).map(blocking).collect::<Vec<f64>>());
        let expected = erlang_b(1_200.0 / 3_600.0 * 305.0, 100);
        assert!((mean - expected).abs() <= 4.0 * error, "{talk}: {mean} is not {expected} +- {error}");
        assert!(error <= 0.08 * expected, "{talk}: {error} is too rough for {expected}");
    }
}

#[test]
fn calls_that_last_are_waited_for() {
    let drain_of = |talk: &str, more: &str| {
        let load = format!("bhcc = 3600\nring = \"5s\"\nduration = \"10m\"\ntalk = {talk}\n{more}");
        let profile = read(&incoming(&load), &one_trunk_group(400));
        // Nobody may be left over, whoever talks longest.
        for seed in 0..4 {
            let mut profile = profile.clone();
            profile.load.seed = seed;
            if more.is_empty() {
                replay(&profile);
            }
        }
        profile.load.drain.as_secs_f64()
    };
    assert_eq!(drain_of("\"6s\"", ""), 600.0);
    assert_eq!(drain_of("\"20m\"", ""), 1_505.0);
    assert_eq!(drain_of("\"20m\"", "drain = \"1m\""), 60.0);
    // An exponential time has e^-29.934 = 10^-13 above so many means; a lognormal one, 7.35 standard deviations of its logarithm.
    let exponential = drain_of(r#"{ distribution = "exponential", mean = "4m" }"#, "");
    assert!((exponential - 305.0 - 240.0 * 13.0 * std::f64::consts::LN_10).abs() < 2.0, "{exponential}");
    let lognormal = drain_of(r#"{ distribution = "lognormal", mean = "4m", cv = 0.5 }"#, "");
    let sigma = 1.25_f64.ln().sqrt();
    assert!(
        (lognormal - 305.0 - 240.0 * (7.35 * sigma - sigma * sigma / 2.0).exp()).abs() < 2.0,
        "{lognormal}"
    );
}

#[test]
fn equal_seeds_give_equal_digests_and_others_do_not() {
    let run = |seed: u32| {
        let load = format!(
            "bhcc = 20000\nring = \"5s\"\ntalk = {{ distribution = \"lognormal\", mean = \"6s\", cv = 1.0 }}\n\
             seed = {seed}\nduration = \"10m\""
        );
        replay(&read(&incoming(&load), &one_trunk_group(60))).1.digest.expect("a virtual run has a digest")
    };
    let (first, again, other) = (run(7), run(7), run(8));
    assert_eq!(first, again);
    assert_ne!(first, other);
    // The digest is the same on every machine and in every build; a change here means that behaviour has changed.
    assert_eq!(first, "175e36bc214965b2");
}
