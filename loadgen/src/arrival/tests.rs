//! What a schedule promises: exact spacing, the right distribution, and independence of the streams.

use super::*;
use crate::profile::{CallKind, Distribution, Numbers};
use engine::id::SystemId;

fn stream(name: &str, weight: f64) -> Stream {
    Stream {
        name: name.into(),
        kind: CallKind::FromUsers {
            system: SystemId(0),
            users: vec![],
            pick: Pick::InTurn,
            account_code: None,
        },
        to: Numbers { numbers: vec![], pick: Pick::InTurn },
        weight,
        ring: Distribution::Fixed(Duration::from_secs(5)),
        talk: Distribution::Exponential { mean: Duration::from_secs(6) },
        patience: None,
    }
}

fn load(bhcc: f64, arrivals: Arrivals, streams: Vec<Stream>) -> Load {
    Load {
        bhcc,
        arrivals,
        seed: 7,
        warm_up: Duration::from_secs(600),
        duration: Duration::from_secs(3_000),
        drain: Duration::ZERO,
        streams,
        events: vec![],
    }
}

fn instants(load: &Load, stream: u16) -> Vec<u64> {
    Schedule::new(load).filter(|call| call.stream == stream).map(|call| call.at.as_nanos()).collect()
}

#[test]
fn uniform_calls_are_where_exact_arithmetic_puts_them() {
    // 7,300.5 calls an hour, two thirds of them in the first stream: 4,867 exactly.
    let load = load(7_300.5, Arrivals::Uniform, vec![stream("a", 2.0), stream("b", 1.0)]);
    let wanted: Vec<u64> = (0..4_867_u128).map(|n| (n * 3_600_000_000_000 / 4_867) as u64).collect();
    assert_eq!(instants(&load, 0), wanted);
    // 2,433.5 an hour: the last one starts half a gap before the end.
    assert_eq!(instants(&load, 1).len(), 2_434);
}

#[test]
fn one_hour_of_uniform_calls_has_exactly_as_many_as_its_rate_says() {
    for bhcc in [1.0, 3_600.0, 18_000.0, 19_999.0, 20_000.0] {
        let load = load(bhcc, Arrivals::Uniform, vec![stream("a", 1.0)]);
        assert_eq!(Schedule::new(&load).count() as f64, bhcc);
        assert_eq!(expected_calls(&load) as f64, bhcc);
    }
}

#[test]
fn no_rate_or_no_weight_means_no_calls() {
    for arrivals in [Arrivals::Uniform, Arrivals::Poisson] {
        assert_eq!(Schedule::new(&load(0.0, arrivals.clone(), vec![stream("a", 1.0)])).count(), 0);
        let silent = load(3_600.0, arrivals, vec![stream("a", 0.0), stream("b", 1.0)]);
        assert!(instants(&silent, 0).is_empty());
    }
}

/// Gaps of a million Poisson calls, in units of their mean.
fn poisson_gaps() -> Vec<f64> {
    let load = load(1_000_000.0, Arrivals::Poisson, vec![stream("a", 1.0)]);
    let at = instants(&load, 0);
    at.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 3_600_000.0).collect()
}

#[test]
fn poisson_gaps_have_the_mean_and_variance_of_an_exponential() {
    let gaps = poisson_gaps();
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let variance = gaps.iter().map(|g| (g - mean) * (g - mean)).sum::<f64>() / n;
    // Standard errors: 1/sqrt(n) = 0.001 and sqrt(8/n) = 0.0028.
    assert!((mean - 1.0).abs() < 0.004, "{mean}");
    assert!((variance - 1.0).abs() < 0.012, "{variance}");
    assert!((n - 1_000_000.0).abs() < 4_000.0, "{n}");
}

#[test]
fn poisson_gaps_pass_kolmogorov_smirnov_against_an_exponential() {
    let mut gaps = poisson_gaps();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = gaps
        .iter()
        .enumerate()
        .map(|(i, &g)| {
            let wanted = 1.0 - (-g).exp();
            (wanted - i as f64 / n).abs().max((wanted - (i + 1) as f64 / n).abs())
        })
        .fold(0.0, f64::max);
    // 1.63 / sqrt(n) is the 99 % point.
    assert!(distance < 1.63 / n.sqrt(), "{distance}");
}

#[test]
fn equal_seeds_give_equal_calls_and_others_do_not() {
    let one = load(20_000.0, Arrivals::Poisson, vec![stream("a", 1.0), stream("b", 3.0)]);
    let calls: Vec<_> = Schedule::new(&one).collect();
    assert_eq!(calls, Schedule::new(&one).collect::<Vec<_>>());
    assert_ne!(calls, Schedule::new(&Load { seed: 8, ..one.clone() }).collect::<Vec<_>>());
    assert!(calls.windows(2).all(|pair| (pair[0].at, pair[0].stream) <= (pair[1].at, pair[1].stream)));
}

#[test]
fn a_stream_added_in_front_changes_nothing_in_the_others() {
    let alone = load(1_000.0, Arrivals::Poisson, vec![stream("a", 1.0)]);
    let joined = load(3_000.0, Arrivals::Poisson, vec![stream("new", 2.0), stream("a", 1.0)]);
    let own = |load: &Load, index: u16| {
        let calls = Schedule::new(load).filter(move |call| call.stream == index);
        calls.map(|call| (call.at, call.ring, call.talk)).collect::<Vec<_>>()
    };
    assert_eq!(own(&alone, 0), own(&joined, 1));
}

#[test]
fn streams_of_the_same_name_do_not_move_together() {
    let twins = load(2_000.0, Arrivals::Poisson, vec![stream("a", 1.0), stream("a", 1.0)]);
    assert_ne!(instants(&twins, 0), instants(&twins, 1));
}

#[test]
fn another_ring_time_does_not_move_the_calls() {
    let fixed = load(1_000.0, Arrivals::Poisson, vec![stream("a", 1.0)]);
    let mut random = fixed.clone();
    random.streams[0].ring = Distribution::Exponential { mean: Duration::from_secs(5) };
    assert_eq!(instants(&fixed, 0), instants(&random, 0));
}

#[test]
fn patience_is_sampled_where_it_is_asked_for_and_moves_nothing_else() {
    let without = load(1_000.0, Arrivals::Poisson, vec![stream("a", 1.0)]);
    let mut with = without.clone();
    with.streams[0].patience = Some(Distribution::Exponential { mean: Duration::from_secs(30) });
    let patient: Vec<_> = Schedule::new(&with).collect();
    let mean = patient.iter().filter_map(|call| call.patience).map(Duration::as_secs_f64).sum::<f64>()
        / patient.len() as f64;
    assert!((mean - 30.0).abs() < 4.0, "{mean}");
    let stripped: Vec<_> = patient.into_iter().map(|call| PlannedCall { patience: None, ..call }).collect();
    assert_eq!(stripped, Schedule::new(&without).collect::<Vec<_>>());
}

#[test]
fn a_trace_is_placed_as_recorded() {
    let recorded = |s, ring: Option<u64>, talk: Option<u64>| TraceCall {
        at: Instant::ZERO + Duration::from_secs(s),
        ring: ring.map(Duration::from_secs),
        talk: talk.map(Duration::from_secs),
        number: Number::new("201").ok(),
        stream: 0,
    };
    let calls = vec![recorded(1, Some(3), Some(60)), recorded(1, None, None), recorded(3_600, Some(3), None)];
    let load = load(3.0, Arrivals::Trace(calls), vec![stream("a", 1.0)]);
    let planned = |ring, talk: Option<u64>| PlannedCall {
        at: Instant::ZERO + Duration::from_secs(1),
        stream: 0,
        ring: Duration::from_secs(ring),
        talk: talk.map(Duration::from_secs),
        patience: None,
        number: Number::new("201").ok(),
    };
    // The third call is past the end; the second rings as long as its stream says.
    assert_eq!(Schedule::new(&load).collect::<Vec<_>>(), [planned(3, Some(60)), planned(5, None)]);
}

#[test]
fn a_picker_goes_round_or_reaches_everybody() {
    let random = RandomStream::new(1, "a", Purpose::CalledNumber);
    let mut in_turn = Picker::new(Pick::InTurn, 3, random.clone());
    assert_eq!([0; 5].map(|_: usize| in_turn.next_index()), [0, 1, 2, 0, 1]);
    let mut at_random = Picker::new(Pick::Random, 3, random.clone());
    let mut counts = [0_u32; 3];
    for _ in 0..3_000 {
        counts[at_random.next_index()] += 1;
    }
    assert!(counts.iter().all(|&c| (900..1_100).contains(&c)), "{counts:?}");
    assert_eq!(Picker::new(Pick::Random, 0, random).next_index(), 0);
}
