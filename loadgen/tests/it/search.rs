//! Searches held against limits that are known: Erlang B inverted, evenly spaced calls counted by hand, RFC 7502's own text.

use crate::support::{incoming, one_trunk_group, read};
use loadgen::profile::{Comparison, Profile, Target};
use loadgen::random::replication_seeds;
use loadgen::search::{Bench, Claim, Limit, Step, design_objective_capacity, establishment_rate, find_limit};
use loadgen::solution;
use loadgen::stats::offered_for_blocking;
use std::sync::atomic::AtomicBool;

/// Mean holding time of the test call.
const HOLDING_S: f64 = 11.0;

fn with_bench<T>(
    profile: &Profile,
    replications: usize,
    jobs: usize,
    search: impl FnOnce(&Bench<'_>) -> T,
) -> T {
    let plans = solution::compile(&profile.solution).expect("a valid network");
    let (seeds, never) = (replication_seeds(profile.load.seed, replications), AtomicBool::new(false));
    let bench = Bench {
        profile,
        plans: &plans,
        seeds: &seeds,
        confidence: 0.95,
        jobs,
        interrupted: &never,
        tell: &|_| {},
    };
    search(&bench)
}

fn limit_of(profile: &Profile, replications: usize, jobs: usize) -> (Limit, Vec<Claim>, Vec<Step>) {
    with_bench(profile, replications, jobs, find_limit).expect("nobody interrupts")
}

fn profile(channels: u16, load: &str, comparison: Comparison, limit: f64) -> Profile {
    let mut profile = read(&incoming(load), &one_trunk_group(channels));
    profile.targets = vec![Target { metric: "blocked_pct".to_owned(), comparison, limit }];
    profile
}

/// Of 20 cases with 95 % confidence each, 17 or more hold the truth with a chance of 98.4 %; the seeds are fixed, so that
/// the test comes out the same every time. `calls`: of one run; more make the intervals narrower, not the test truer.
fn erlang_b_cases(calls: f64) -> (usize, Vec<String>) {
    let mut misses = Vec::new();
    for channels in [1_u16, 2, 5, 10, 20] {
        for blocking in [0.02, 0.05, 0.10, 0.20] {
            let erlangs = offered_for_blocking(u64::from(channels), blocking).expect("a share");
            let exact = erlangs * 3_600.0 / HOLDING_S;
            // The search begins elsewhere, and the run is long enough at the limit.
            let (start, hours) = (exact * 1.3, calls / exact);
            let load = format!(
                "bhcc = {start:.0}\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"1m\"\nduration = \"{hours:.4}h\"\n\
                 seed = {channels}"
            );
            let profile = profile(channels, &load, Comparison::AtMost, blocking * 100.0);
            let (limit, _, _) = limit_of(&profile, 5, 1);
            let ends = (limit.interval_low_bhcc.unwrap_or(0), limit.interval_high_bhcc.unwrap_or(u64::MAX));
            let (low, high) = (ends.0 as f64, ends.1 as f64);
            assert_eq!(limit.binding_resource.as_deref(), Some("primary:line_group:0"));
            if !(low..=high).contains(&exact) {
                misses.push(format!("{channels} channels, {blocking}: {exact:.1} is not in {ends:?}"));
            }
            // An interval that holds everything would prove nothing.
            assert!(
                high < exact * 2.0 && low > exact * 0.25,
                "{channels}, {blocking}: {ends:?}, exact {exact}"
            );
        }
    }
    (20 - misses.len(), misses)
}

#[test]
fn the_limit_of_a_trunk_group_is_erlang_b_inverted() {
    let calls = std::env::var("BUSYHOUR_SEARCH_CALLS").ok().and_then(|calls| calls.parse().ok());
    let (held, misses) = erlang_b_cases(calls.unwrap_or(500.0));
    assert!(held >= 17, "{held} of 20 intervals hold the exact limit; not these: {misses:#?}");
}

#[test]
fn evenly_spaced_calls_break_at_the_exact_call_an_hour() {
    for channels in [1_u64, 2, 7, 30, 61, 62] {
        let load = "bhcc = 3000\narrivals = \"uniform\"\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"30s\"\nduration = \"2m\"";
        let channels_16 = u16::try_from(channels).expect("few");
        let (limit, _, steps) = limit_of(&profile(channels_16, load, Comparison::Equal, 0.0), 1, 1);
        // Calls a gap of g apart hold ceil(11 s / g) channels, and one that ends makes room for one that begins.
        let exact = channels * 3_600 / 11;
        assert_eq!((limit.bhcc, limit.fails_at_bhcc), (Some(exact), Some(exact + 1)), "{channels} channels");
        assert!(steps.iter().all(|step| step.pass == (step.bhcc <= exact)), "{channels} channels");
    }
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_threads() {
    let load = "bhcc = 3600\nring = \"5s\"\ntalk = \"6s\"\nduration = \"10m\"";
    let profile = profile(8, load, Comparison::AtMost, 5.0);
    assert_eq!(limit_of(&profile, 3, 1), limit_of(&profile, 3, 3));
}

#[test]
fn a_claim_that_the_calls_cannot_support_is_refused_with_the_number_that_could() {
    let load = "bhcc = 3600\nring = \"5s\"\ntalk = \"6s\"\nduration = \"3m\"";
    let claim = |limit| {
        let (_, claims, _) = limit_of(&profile(20, load, Comparison::AtMost, limit), 2, 1);
        (claims[0].attempts_needed, claims[0].supported)
    };
    assert_eq!(claim(0.1), (2_995, false));
    assert_eq!(claim(5.0), (59, true));
}

#[test]
fn rfc_7502_over_a_profile_is_its_algorithm_and_the_exact_rate_stands_beside_it() {
    let load = "bhcc = 3600\narrivals = \"uniform\"\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"30s\"";
    let profile = profile(20, load, Comparison::Equal, 0.0);
    let (rfc, limit, _) =
        with_bench(&profile, 1, 1, |bench| establishment_rate(bench, 400)).expect("nobody interrupts");
    let capacity = 20 * 3_600 / 11;
    let textbook = loadgen::search::rate_by_rfc7502(3_600, |rate| Ok::<bool, ()>(rate <= capacity))
        .expect("never stopped");
    assert_eq!((rfc.session_establishment_rate_bhcc, rfc.runs), (textbook.rate, textbook.runs));
    assert_eq!(limit.bhcc, Some(capacity));
    assert_eq!(rfc.benchmark, "rfc7502-search over bhcc profile");
}

#[test]
fn the_design_objective_capacity_is_the_last_step_within_one_in_a_thousand() {
    let load = "bhcc = 6000\narrivals = \"uniform\"\nring = \"5s\"\ntalk = \"6s\"\nwarm_up = \"30s\"\nduration = \"15m\"";
    let (doc, claims, _) =
        with_bench(&profile(20, load, Comparison::Equal, 0.0), 3, 1, design_objective_capacity)
            .expect("nobody interrupts");
    // 20 channels carry 6,545 evenly spaced calls an hour; steps are 600 apart.
    assert_eq!((doc.doc_bhcc, doc.increment_bhcc), (Some(6_000), 600));
    let seen: Vec<_> = doc.around.iter().map(|s| (s.place.as_str(), s.bhcc, s.ihs == 0)).collect();
    assert_eq!(seen, [("below", 5_400, true), ("at", 6_000, true), ("above", 6_600, false)]);
    assert_eq!((doc.doc_upper95_bhcc, claims[0].attempts, claims[0].supported), (Some(6_000), 4_500, true));
}
