//! Queueing theory against whole systems: Poisson arrivals, exponential holding times, and formulas with known answers.
//!
//! Estimates are means of batches of one long run; they must lie within four standard errors of theory, and the
//! standard errors must be small enough for that to mean something.

use crate::support::{Build, Random, compile, number, seconds, system};
use engine::id::{CallId, LineId, Tag, UserId};
use engine::plan::spec::{Feature, SystemSpec};
use engine::time::Instant;
use engine::{Input, Output, System};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const MEAN_HOLDING_S: f64 = 100.0;
const USERS: usize = 400;
const BATCHES: usize = 50;

/// A call that got its line.
#[derive(Clone, Copy)]
struct Carried {
    line: usize,
    wait_s: f64,
}

/// A stream of calls: what is dialled, and calls a second.
#[derive(Clone, Copy)]
struct Stream {
    number: &'static str,
    rate: f64,
}

/// One system under Poisson traffic from idle users. Every call is answered as soon as it has a line.
struct Traffic {
    system: System,
    random: Random,
    streams: Vec<Stream>,
    idle: Vec<UserId>,
    /// By tag: who calls, since when, and the call once it has a line.
    calls: Vec<(UserId, Instant, Option<CallId>)>,
    ends: BinaryHeap<Reverse<(Instant, Tag)>>,
    arrivals: Vec<Instant>,
    carried: Vec<Carried>,
}

impl Traffic {
    fn new(spec: SystemSpec, streams: Vec<Stream>, seed: u64) -> Self {
        let system = System::new(compile(vec![spec]).swap_remove(0));
        let mut traffic = Self {
            system,
            random: Random(seed),
            arrivals: vec![Instant::ZERO; streams.len()],
            streams,
            idle: (0..USERS as u32).map(UserId).collect(),
            calls: vec![],
            ends: BinaryHeap::new(),
            carried: vec![],
        };
        for stream in 0..traffic.streams.len() {
            traffic.next_arrival(stream, Instant::ZERO);
        }
        traffic
    }

    fn after(&mut self, now: Instant, mean_s: f64) -> Instant {
        now + engine::time::Duration::from_nanos((self.random.exponential(mean_s) * 1e9) as u64)
    }

    fn next_arrival(&mut self, stream: usize, now: Instant) {
        let mean = 1.0 / self.streams[stream].rate;
        self.arrivals[stream] = self.after(now, mean);
    }

    /// Lets the next thing happen; its time.
    fn step(&mut self) -> Instant {
        let (stream, arrival) =
            self.arrivals.iter().copied().enumerate().min_by_key(|&(_, at)| at).expect("a stream");
        let end = self.ends.peek().map(|e| e.0.0);
        let timeout = self.system.poll_timeout().map(|(at, _)| at);
        if let Some(at) = timeout.filter(|&at| at <= arrival && end.is_none_or(|end| at <= end)) {
            self.system.handle_timeout(at);
            self.drain(at);
            return at;
        }
        if let Some(at) = end.filter(|&at| at <= arrival)
            && let Some(Reverse((_, tag))) = self.ends.pop()
            && let (user, _, Some(call)) = self.calls[tag.0 as usize]
        {
            self.system.handle(at, Input::HangUp { user, call });
            self.idle.push(user);
            self.drain(at);
            return at;
        }
        let place = self.random.below(self.idle.len());
        let user = self.idle.swap_remove(place);
        let tag = Tag(self.calls.len() as u64);
        self.calls.push((user, arrival, None));
        let number = number(self.streams[stream].number);
        self.system.handle(arrival, Input::Dial { user, number, tag });
        self.drain(arrival);
        self.next_arrival(stream, arrival);
        arrival
    }

    fn drain(&mut self, now: Instant) {
        let mut answered = vec![];
        while let Some(output) = self.system.poll_output() {
            assert!(!matches!(output, Output::Refused { .. }), "{output:?}");
            if let Output::TrunkSetup { channel, call, attempt, tag, .. } = output {
                let (_, since, ref mut carried) = self.calls[tag.0 as usize];
                *carried = Some(call);
                let wait_s = now.since(since).as_secs_f64();
                self.carried.push(Carried { line: channel.line.index(), wait_s });
                let end = self.after(now, MEAN_HOLDING_S);
                self.ends.push(Reverse((end, tag)));
                answered.push((call, attempt));
            }
        }
        for (call, attempt) in answered {
            self.system.handle(now, Input::TrunkAnswer { call, attempt });
            while self.system.poll_output().is_some() {}
        }
    }
}

/// Mean and standard error of batches.
fn estimate(batches: &[f64]) -> (f64, f64) {
    let n = batches.len() as f64;
    let mean = batches.iter().sum::<f64>() / n;
    let variance = batches.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[track_caller]
fn assert_agrees(what: &str, batches: &[f64], theory: f64, largest_error: f64) {
    let (mean, error) = estimate(batches);
    assert!((mean - theory).abs() < 4.0 * error, "{what}: {mean:.5} +- {error:.5}, theory {theory:.5}");
    assert!(error < largest_error * theory, "{what}: {error:.5} is too coarse for {theory:.5}");
}

/// Probability of giving up, and mean wait, of M/M/c with patience of exactly `t`.
///
/// Up to `c - 1` calls the birth and death equations hold: `p(n) = p(0) a^n / n!`. The virtual wait `V`, what a call of
/// endless patience would wait, has a density on `x > 0`. Level crossing: the rate up through `x` is of those who find
/// `c - 1` busy and stay longer than `x`, and of those who join at a wait `y < x`, only while `y < t`; the rate down is the
/// density itself. The solution is `v(x) = l p(c-1) exp(l min(x, t) - c m x)` (Gnedenko and Kovalenko; Brandt and Brandt;
/// Baccelli and Hebuterne), for arrival rate `l` and departure rate `m`. So
///
/// - `P(V > t) = l p(c-1) exp((l - c m) t) / (c m)`, the probability of giving up
/// - `E min(V, t) = int_0^t x v(x) dx + t P(V > t)`, the mean wait of all calls
///
/// and `p(0)` follows from the sum of all being 1.
fn patience(c: usize, l: f64, m: f64, t: f64) -> (f64, f64) {
    let mut p = vec![1.0];
    for n in 1..c {
        p.push(p[n - 1] * l / (m * n as f64));
    }
    let at_zero = l * p[c - 1];
    let d = l - c as f64 * m;
    let (mass, first) = if d.abs() * t < 1e-9 {
        (t, t * t / 2.0)
    } else {
        let e = (d * t).exp();
        ((e - 1.0) / d, t * e / d - (e - 1.0) / (d * d))
    };
    let beyond = at_zero * (d * t).exp() / (c as f64 * m);
    let all = p.iter().sum::<f64>() + at_zero * mass + beyond;
    (beyond / all, (at_zero * first + t * beyond) / all)
}

#[test]
fn the_formula_for_patience_has_the_right_limits() {
    // No patience at all: Erlang B. Endless patience: nobody gives up, and the wait is that of Erlang C.
    let (c, l, m) = (5, 0.04, 0.01);
    let b = erlang_b(4.0, c);
    assert!((patience(c, l, m, 0.0).0 - b).abs() < 1e-12);
    let waits = b / (1.0 - 0.8 * (1.0 - b));
    let (gives_up, wait) = patience(c, l, m, 1e5);
    assert!(gives_up < 1e-9);
    assert!((wait - waits / (5.0 * m - l)).abs() < 1e-6);
}

#[test]
fn calls_that_wait_for_a_group_and_then_take_the_alternate_route() {
    for (c, load, wait_s, seed) in [(1_u16, 0.8, 60, 1), (4, 4.0, 20, 2), (10, 11.0, 30, 3)] {
        let rate = load / MEAN_HOLDING_S;
        let (gives_up, wait) = patience(usize::from(c), rate, 1.0 / MEAN_HOLDING_S, wait_s as f64);
        let users: Vec<String> = (0..USERS).map(|n| format!("{}", 1_000 + n)).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let mut spec = system("office", &users)
            .trunk(c, 1)
            .trunk(USERS as u16, 2)
            .form(50, &[("?", Feature::Dial, ".", 1)])
            .with_form(|f| {
                f.alternate_route = Some(51);
                f.alternate_route_wait_time = Some(seconds(wait_s));
            })
            .form(51, &[("?", Feature::Dial, ".", 2)]);
        spec.users.iter_mut().for_each(|u| u.priority = 2);
        let mut traffic = Traffic::new(spec, vec![Stream { number: "0", rate }], seed);
        let size = 10_000;
        while traffic.carried.len() < 1_000 + BATCHES * size {
            traffic.step();
        }
        let batches = |of: fn(&Carried) -> f64| -> Vec<f64> {
            let chunks = traffic.carried[1_000..].chunks_exact(size).take(BATCHES);
            chunks.map(|chunk| chunk.iter().map(of).sum::<f64>() / size as f64).collect()
        };
        let what = format!("{c} lines, {load} E, {wait_s} s");
        assert_agrees(&format!("{what}: escalates"), &batches(|c| c.line as f64), gives_up, 0.012);
        assert_agrees(&format!("{what}: mean wait"), &batches(|c| c.wait_s), wait, 0.012);
        // Whoever took the alternate route waited for exactly its time, and nobody longer.
        for call in &traffic.carried {
            let whole = (call.wait_s - wait_s as f64).abs() < 1e-6;
            assert!(if call.line == 1 { whole } else { call.wait_s <= wait_s as f64 + 1e-6 });
        }
    }
}

fn erlang_b(load: f64, lines: usize) -> f64 {
    (1..=lines).fold(1.0, |b, n| load * b / (n as f64 + load * b))
}

/// Mean and variance of the calls that a group of `lines` offered `load` sends on to a group without end: the mean is
/// `m = a B(a, c)`, the variance `m (1 - m + a / (c + 1 - a + m))` (Riordan, in Wilkinson 1956).
fn overflow(load: f64, lines: usize) -> (f64, f64) {
    let mean = load * erlang_b(load, lines);
    (mean, mean * (1.0 - mean + load / (lines as f64 + 1.0 - load + mean)))
}

#[test]
fn two_groups_that_overflow_to_a_third_offer_it_the_traffic_of_wilkinson() {
    let (loads, lines) = ([5.0, 8.0], [4_u16, 8]);
    let parts = [overflow(loads[0], 4), overflow(loads[1], 8)];
    let (mean, variance) = (parts[0].0 + parts[1].0, parts[0].1 + parts[1].1);
    assert!(variance > 1.3 * mean, "overflow is peaked");
    let users: Vec<String> = (0..USERS).map(|n| format!("{}", 1_000 + n)).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let to_third = |form: &mut engine::plan::spec::ArsFormSpec| form.alternate_route = Some(53);
    let spec = system("office", &users)
        .trunk(lines[0], 1)
        .trunk(lines[1], 2)
        .trunk(USERS as u16, 3)
        .code("1N", Feature::Dial, "N", 51)
        .code("2N", Feature::Dial, "N", 52)
        .form(51, &[("?", Feature::Dial, ".", 1)])
        .with_form(to_third)
        .form(52, &[("?", Feature::Dial, ".", 2)])
        .with_form(to_third)
        .form(53, &[("?", Feature::Dial, ".", 3)]);
    let stream = |number, load: f64| Stream { number, rate: load / MEAN_HOLDING_S };
    let mut traffic = Traffic::new(spec, vec![stream("10", loads[0]), stream("20", loads[1])], 4);
    // Batches of equal length; in each the time integral of the occupancy and of its square distance to the mean.
    let (warm_up, length) = (5_000.0, 100_000.0);
    let mut sums = vec![(0.0, 0.0); BATCHES];
    let mut before = 0.0;
    while before < warm_up + length * BATCHES as f64 {
        let occupied = f64::from(USERS as u16 - traffic.system.free_channels(LineId(2)));
        let now = traffic.step().since(Instant::ZERO).as_secs_f64();
        // What reaches over the end of a batch counts for the batch that it began in.
        let batch = (before - warm_up) / length;
        if batch >= 0.0
            && let Some(sum) = sums.get_mut(batch as usize)
        {
            sum.0 += (now - before) * occupied;
            sum.1 += (now - before) * (occupied - mean).powi(2);
        }
        before = now;
    }
    let means: Vec<f64> = sums.iter().map(|s| s.0 / length).collect();
    let variances: Vec<f64> = sums.iter().map(|s| s.1 / length).collect();
    assert_agrees("mean of the overflow", &means, mean, 0.012);
    assert_agrees("variance of the overflow", &variances, variance, 0.02);
}
