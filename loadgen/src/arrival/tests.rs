//! What a schedule promises: exact spacing, the right distribution, and independence of the streams.

use super::*;
use crate::profile::{CallKind, Distribution, Numbers, Rate, Share};
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
        to: Numbers { numbers: [].into(), pick: Pick::InTurn },
        weight,
        rates: vec![],
        ring: Distribution::Fixed(Duration::from_secs(5)),
        talk: Distribution::Exponential { mean: Duration::from_secs(6) },
        patience: None,
        message: None,
        parties: 1,
        scheduled_ahead: None,
        pin: None,
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
        share: Share::WHOLE,
        streams,
        answering: vec![],
        events: vec![],
    }
}

fn instants(load: &Load, stream: usize) -> Vec<u64> {
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
fn parties_come_together_and_the_calls_an_hour_stay_what_they_are() {
    let four = Stream { parties: 4, ..stream("a", 1.0) };
    let even = load(3_600.0, Arrivals::Uniform, vec![four.clone(), stream("b", 2.0)]);
    // A third of 3,600 calls an hour, four at a time: 300 arrivals, one every 12 s.
    let wanted: Vec<u64> = (0..1_200).map(|n| n / 4 * 12_000_000_000).collect();
    assert_eq!(instants(&even, 0), wanted);
    assert_eq!(instants(&even, 1).len(), 2_400);
    let rates = [(0, 1.0), (600, 0.5), (1_200, 2.0)]
        .map(|(from, factor)| Rate { from: Duration::from_secs(from), factor });
    let steps = |parties| Stream { parties, rates: rates.to_vec(), ..stream("a", 1.0) };
    let (alone, together) = (steps(1), steps(4));
    let fourth: Vec<u64> = instants(&load(900.0, Arrivals::Uniform, vec![alone]), 0);
    let all = instants(&load(3_600.0, Arrivals::Uniform, vec![together]), 0);
    assert_eq!(all, fourth.iter().flat_map(|&at| [at; 4]).collect::<Vec<u64>>());
    let random = load(3_600.0, Arrivals::Poisson, vec![four]);
    let calls: Vec<_> = Schedule::new(&random).collect();
    assert!(calls.len() > 3_000 && calls.chunks(4).all(|group| group.iter().all(|call| *call == group[0])));
}

#[test]
fn the_parts_of_a_load_are_the_whole_of_it() {
    let streams = vec![Stream { parties: 3, ..stream("a", 1.0) }, stream("b", 2.0)];
    let whole = load(3_600.0, Arrivals::Poisson, streams);
    let shared = |n, of| Load { share: Share::new(n, of).expect("one of them"), ..whole.clone() };
    let loads = [shared(0, 4), shared(1, 4), shared(2, 4), shared(3, 4)];
    let all: Vec<_> = Schedule::new(&whole).collect();
    assert_eq!(Schedule::new(&shared(0, 1)).collect::<Vec<_>>(), all);
    let mut parts: Vec<_> = loads.iter().flat_map(Schedule::new).collect();
    // Parties that come together stay together.
    let third: Vec<_> = Schedule::new(&loads[2]).collect();
    assert!(third.chunk_by(|a, b| a.at == b.at).all(|calls| calls[0].stream == 1 || calls.len() == 3));
    parts.sort_by_key(|call| call.at);
    assert_eq!(parts, all);
    assert_eq!(expected_calls(&loads[1]), expected_calls(&whole) / 4);
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
    let own = |load: &Load, index: usize| {
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
    let number = Number::new("201").expect("digits");
    let planned = |order, ring, talk: Option<u64>| PlannedCall {
        at: Instant::ZERO + Duration::from_secs(1),
        stream: 0,
        order,
        ring: Duration::from_secs(ring),
        talk: talk.map(Duration::from_secs),
        patience: None,
        message: None,
        number: Some(&number),
    };
    // The third call is past the end; the second rings as long as its stream says.
    assert_eq!(Schedule::new(&load).collect::<Vec<_>>(), [planned(0, 3, Some(60)), planned(1, 5, None)]);
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

fn rate(from_s: u64, factor: f64) -> Rate {
    Rate { from: Duration::from_secs(from_s), factor }
}

/// A working day in small: warm-up of 600 s, then steps at 0, 1,000, 1,500 and 2,200 s of the measured part.
fn changing(bhcc: f64, arrivals: Arrivals) -> Load {
    let mut load = load(bhcc, arrivals, vec![stream("a", 1.0)]);
    load.streams[0].rates = vec![rate(0, 0.25), rate(1_000, 2.0), rate(1_500, 0.0), rate(2_200, 0.5)];
    load
}

/// Rate added up until `at` seconds of [`changing`], in seconds at the factor 1, by hand.
fn added_up(at: f64) -> f64 {
    let step = |begin: f64, end: f64, factor: f64| (at.min(end) - begin).max(0.0) * factor;
    step(0.0, 1_600.0, 0.25) + step(1_600.0, 2_100.0, 2.0) + step(2_800.0, f64::INFINITY, 0.5)
}

#[test]
fn evenly_spaced_calls_of_changing_rates_are_where_exact_arithmetic_puts_them() {
    // 4,867 calls an hour, an awkward gap. The n-th call needs n * 3600e9 ns at the factor 1; what was added up at the
    // beginning of each step: 0, 400, 1,400 and 1,400 s.
    let exact = |n: u128| {
        let need = n * 3_600 * 1_000_000_000; // in units of 1/4867 ns
        let steps = [(0_u128, 0_u128, 4, 1), (1_600, 400, 1, 2), (2_800, 1_400, 2, 1)];
        let &(begin, had, up, down) =
            steps.iter().rev().find(|(_, had, ..)| had * 1_000_000_000 * 4_867 <= need)?;
        let more = need - had * 1_000_000_000 * 4_867;
        Some((begin * 1_000_000_000 + more * up / (down * 4_867)) as u64)
    };
    let wanted: Vec<u64> = (0..).map_while(exact).take_while(|&at| at < 3_600_000_000_000).collect();
    let load = changing(4_867.0, Arrivals::Uniform);
    assert_eq!(instants(&load, 0), wanted);
    // 400 + 1,000 + 400 s at the factor 1.
    assert_eq!(wanted.len(), 4_867 / 2 + 1);
    assert_eq!(expected_calls(&load), (4_867.0_f64 / 2.0).round() as u64);
}

#[test]
fn a_rate_that_changes_to_itself_changes_nothing() {
    for arrivals in [Arrivals::Uniform, Arrivals::Poisson] {
        let constant = load(4_867.0, arrivals.clone(), vec![stream("a", 1.0)]);
        let mut stepped = constant.clone();
        stepped.streams[0].rates = vec![rate(0, 1.0), rate(77, 1.0), rate(1_234, 1.0)];
        let pairs = instants(&constant, 0).into_iter().zip(instants(&stepped, 0));
        // A Poisson call may move by a rounding error at each step passed.
        let tolerance = if arrivals == Arrivals::Uniform { 0 } else { 2 };
        assert!(pairs.clone().count() > 4_600);
        assert!(pairs.clone().all(|(a, b)| a.abs_diff(b) <= tolerance), "{arrivals:?}");
    }
}

#[test]
fn poisson_counts_of_each_step_have_the_mean_and_variance_of_poisson() {
    // 300 seeds; a count of mean m has variance m, the mean of 300 a standard error of sqrt(m / 300), and the variance
    // of 300 one of m * sqrt(2 / 299).
    let steps = [
        (0.0, 1_600.0, 200.0),
        (1_600.0, 2_100.0, 500.0),
        (2_100.0, 2_800.0, 0.0),
        (2_800.0, 3_600.0, 200.0),
    ];
    let counts = |begin: f64, end: f64| -> Vec<f64> {
        let of_seed = |seed| {
            let load = Load { seed, ..changing(1_800.0, Arrivals::Poisson) };
            let within = |&at: &u64| (begin..end).contains(&(at as f64 / 1e9));
            instants(&load, 0).iter().filter(|at| within(at)).count() as f64
        };
        (0..300).map(of_seed).collect()
    };
    for (begin, end, wanted) in steps {
        let counts = counts(begin, end);
        let mean = counts.iter().sum::<f64>() / 300.0;
        let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / 299.0;
        assert!((mean - wanted).abs() <= 4.0 * (wanted / 300.0).sqrt(), "{begin}: {mean}");
        assert!((variance - wanted).abs() <= 4.0 * wanted * (2.0_f64 / 299.0).sqrt(), "{begin}: {variance}");
    }
}

#[test]
fn poisson_calls_of_changing_rates_pass_the_time_rescaling_test() {
    // What adds up between two calls is exponential with mean 1, whatever the steps (Brown et al. 2002): against it the
    // distance of Kolmogorov and Smirnov, 1.63 / sqrt(n) being its 99 % point.
    let bhcc = 400_000.0;
    let at = instants(&changing(bhcc, Arrivals::Poisson), 0);
    let rescaled = at.iter().map(|&at| added_up(at as f64 / 1e9) * bhcc / 3_600.0);
    let mut gaps: Vec<f64> =
        rescaled.scan(0.0, |last, now| Some(now - std::mem::replace(last, now))).collect();
    let n = gaps.len() as f64;
    assert!((n - 200_000.0).abs() < 4.0 * 200_000.0_f64.sqrt(), "{n}");
    let correlation = gaps.windows(2).map(|pair| (pair[0] - 1.0) * (pair[1] - 1.0)).sum::<f64>() / n;
    assert!(correlation.abs() < 4.0 / n.sqrt(), "{correlation}");
    gaps.sort_by(f64::total_cmp);
    let distance = gaps.iter().enumerate().map(|(i, &gap)| {
        let wanted = 1.0 - (-gap).exp();
        (wanted - i as f64 / n).abs().max((wanted - (i + 1) as f64 / n).abs())
    });
    let distance = distance.fold(0.0, f64::max);
    assert!(distance < 1.63 / n.sqrt(), "{distance}");
}

#[test]
fn weights_beyond_any_use_stay_in_range_with_changing_rates() {
    let mut load = load(1e9, Arrivals::Uniform, vec![stream("a", 1e9), stream("b", 1e9)]);
    load.streams[0].rates = vec![rate(0, 0.000_001), rate(1_000, 0.0), rate(1_001, 1_000.0)];
    load.warm_up = Duration::ZERO;
    load.duration = Duration::from_secs(1_000);
    let own = instants(&load, 0);
    assert_eq!(own.len(), 139, "1,000 s at 500 calls an hour, the first at once");
    assert_eq!(own[1], 7_200_000_000);
}
