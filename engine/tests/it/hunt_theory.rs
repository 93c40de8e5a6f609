//! Queueing theory against a hunt group: Poisson calls, agents who answer at once, exponential talk.

use crate::support::{Build, Random, compile, number, seconds, system};
use engine::id::{CallId, LineId, Tag, UserId};
use engine::plan::spec::{QueuePriority, QueueSpec, RingMode, SystemSpec};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, System};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const TALK_S: f64 = 100.0;

/// One call as it went.
#[derive(Clone, Copy)]
struct Call {
    line: u16,
    arrived: Instant,
    /// When it was answered, and by whom; `None`: given up.
    answered: Option<(Instant, UserId)>,
    /// Its talk time, drawn when it arrived.
    talk: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    HangUp(u64),
    GiveUp(u64),
}

/// A group of agents and its calls, one stream a trunk.
struct Centre {
    system: System,
    random: Random,
    calls: Vec<Call>,
    ids: Vec<Option<CallId>>,
    events: BinaryHeap<Reverse<(Instant, Event)>>,
    patience_s: Option<f64>,
}

fn spec(agents: usize, mode: RingMode, queue: Option<QueueSpec>) -> SystemSpec {
    let users: Vec<String> = (0..agents).map(|n| format!("{}", 201 + n)).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut spec = system("centre", &users)
        .trunk(10_000, 0)
        .trunk(10_000, 1)
        .icr(Some(0), "", "100")
        .icr(Some(1), "", "100")
        .group("100", &users, None)
        .with_group(|g| {
            g.ring_mode = mode;
            g.queue = queue;
        });
    spec.incoming_call_routes[1].priority = QueuePriority::High;
    spec
}

impl Centre {
    /// Offers `calls` calls, `rates` a second on each trunk, and lets them all end.
    fn run(spec: SystemSpec, rates: &[f64], calls: usize, patience_s: Option<f64>, seed: u64) -> Vec<Call> {
        let system = System::new(compile(vec![spec]).swap_remove(0));
        let mut centre = Self {
            system,
            random: Random(seed),
            calls: Vec::with_capacity(calls),
            ids: Vec::new(),
            events: BinaryHeap::new(),
            patience_s,
        };
        let mut next: Vec<Instant> = rates.iter().map(|r| centre.after(Instant::ZERO, 1.0 / r)).collect();
        while centre.calls.len() < calls {
            let (line, &at) = next.iter().enumerate().min_by_key(|(_, at)| **at).expect("a stream");
            centre.until(at);
            centre.arrive(at, line as u16);
            next[line] = centre.after(at, 1.0 / rates[line]);
        }
        centre.until(Instant::from_nanos(u64::MAX / 2));
        centre.system.invariants().expect("a sound system");
        assert_eq!(centre.system.calls_in_progress(), 0, "no call is lost");
        centre.calls
    }

    fn after(&mut self, now: Instant, mean_s: f64) -> Instant {
        now + Duration::from_nanos((self.random.exponential(mean_s) * 1e9) as u64)
    }

    fn arrive(&mut self, now: Instant, line: u16) {
        let tag = self.calls.len() as u64;
        let talk = self.after(Instant::ZERO, TALK_S).since(Instant::ZERO);
        self.calls.push(Call { line, arrived: now, answered: None, talk });
        self.ids.push(None);
        if let Some(patience) = self.patience_s {
            let at = self.after(now, patience);
            self.events.push(Reverse((at, Event::GiveUp(tag))));
        }
        let (called, calling, facts) = (number("1"), number("0700"), CallFacts::default());
        self.handle(now, Input::TrunkSetup { line: LineId(line), called, calling, tag: Tag(tag), facts });
    }

    /// Lets everything happen up to `end`.
    fn until(&mut self, end: Instant) {
        loop {
            let timeout = self.system.poll_timeout().map(|(at, _)| at);
            let event = self.events.peek().map(|e| e.0.0);
            let next = timeout.into_iter().chain(event).min();
            let Some(at) = next.filter(|&at| at <= end) else { return };
            if timeout == Some(at) {
                self.system.handle_timeout(at);
                self.drain(at);
                continue;
            }
            let Some(Reverse((_, event))) = self.events.pop() else { return };
            self.happen(at, event);
        }
    }

    fn happen(&mut self, now: Instant, event: Event) {
        let (Event::HangUp(tag) | Event::GiveUp(tag)) = event;
        let waits = self.calls[tag as usize].answered.is_none();
        if let Some(call) = self.ids[tag as usize]
            && (waits || matches!(event, Event::HangUp(_)))
        {
            self.ids[tag as usize] = None;
            self.handle(
                now,
                Input::TrunkRelease { call, attempt: 0, cause: engine::cause::Cause::NORMAL_CLEARING },
            );
        }
    }

    fn handle(&mut self, now: Instant, input: Input) {
        self.system.handle(now, input);
        self.drain(now);
    }

    /// Takes what was said; phones that ring are answered at once.
    fn drain(&mut self, now: Instant) {
        let mut rings = VecDeque::new();
        loop {
            while let Some(output) = self.system.poll_output() {
                if let Output::Accepted { tag, call } = output {
                    self.ids[tag.0 as usize] = Some(call);
                } else if let Output::Ring { user, call, tag } = output {
                    rings.push_back((user, call, tag));
                } else if let Output::Released { tag, .. } = output {
                    self.ids[tag.0 as usize] = None;
                }
            }
            let Some((user, call, tag)) = rings.pop_front() else { return };
            self.system.handle(now, Input::Answer { user, call });
            let taken = &mut self.calls[tag.0 as usize];
            taken.answered = Some((now, user));
            self.events.push(Reverse((now + taken.talk, Event::HangUp(tag.0))));
        }
    }
}

fn wait_s(call: &Call) -> f64 {
    call.answered.map_or(0.0, |(at, _)| at.since(call.arrived).as_secs_f64())
}

fn erlang_b(load: f64, agents: usize) -> f64 {
    (1..=agents).fold(1.0, |b, n| load * b / (n as f64 + load * b))
}

fn erlang_c(load: f64, agents: usize) -> f64 {
    let b = erlang_b(load, agents);
    b / (1.0 - load / agents as f64 * (1.0 - b))
}

/// Means of 40 batches agree with theory within four standard errors, which are small enough to mean something.
#[track_caller]
fn assert_agrees(what: &str, values: &[f64], theory: f64, largest_error: f64) {
    let size = values.len() / 40;
    let batches: Vec<f64> = values.chunks_exact(size).map(|c| c.iter().sum::<f64>() / size as f64).collect();
    let n = batches.len() as f64;
    let mean = batches.iter().sum::<f64>() / n;
    let error = (batches.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    assert!((mean - theory).abs() < 4.0 * error, "{what}: {mean:.5} +- {error:.5}, theory {theory:.5}");
    assert!(error < largest_error * theory, "{what}: {error:.5} is too coarse for {theory:.5}");
}

const QUEUE: Option<QueueSpec> = Some(QueueSpec::UNLIMITED);

#[test]
fn waits_are_those_of_erlang_c() {
    for (n, (agents, load)) in [(1, 0.5), (2, 1.2), (5, 3.5), (10, 8.0), (20, 16.0)].into_iter().enumerate() {
        let calls = Centre::run(
            spec(agents, RingMode::LongestWaiting, QUEUE),
            &[load / TALK_S],
            200_000,
            None,
            n as u64 + 1,
        );
        let (c, calls) = (erlang_c(load, agents), &calls[2_000..]);
        let waited: Vec<f64> = calls.iter().map(|c| f64::from(u8::from(wait_s(c) > 0.0))).collect();
        assert_agrees(&format!("{agents} agents, {load} E: waits"), &waited, c, 0.05);
        let waits: Vec<f64> = calls.iter().map(wait_s).collect();
        assert_agrees(
            &format!("{agents} agents, {load} E: wait"),
            &waits,
            c * TALK_S / (agents as f64 - load),
            0.1,
        );
    }
}

/// Mean waits of two classes of M/M/c without interruption (Cobham 1954): `W0 / ((1 - s(k-1)) (1 - s(k)))`, where `s(k)`
/// is the share of the agents' time that classes up to `k` take, and `W0 = C h / c`.
#[test]
fn waits_by_priority_are_those_of_cobham() {
    for (n, (agents, high, low)) in
        [(1, 0.2, 0.3), (2, 0.5, 0.7), (4, 1.0, 2.0), (5, 2.0, 1.5), (10, 3.0, 5.0)].into_iter().enumerate()
    {
        let rates = [low / TALK_S, high / TALK_S];
        let calls =
            Centre::run(spec(agents, RingMode::Sequential, QUEUE), &rates, 60_000, None, n as u64 + 11);
        let w0 = erlang_c(high + low, agents) * TALK_S / agents as f64;
        let (s1, s2) = (high / agents as f64, (high + low) / agents as f64);
        for (line, theory) in [(1, w0 / (1.0 - s1)), (0, w0 / ((1.0 - s1) * (1.0 - s2)))] {
            let of_class = calls[2_000..].iter().filter(|c| c.line == line);
            let waits: Vec<f64> = of_class.map(wait_s).collect();
            assert_agrees(&format!("{agents} agents, line {line}"), &waits, theory, 0.1);
        }
    }
}

/// M/M/c with exponential patience (Palm's Erlang A), from its birth and death equations; the share that gives up.
fn erlang_a(load: f64, agents: usize, patience: f64) -> f64 {
    let (mut p, mut weights) = (1.0, vec![1.0]);
    for n in 1..=agents + 2_000 {
        let leaving = n.min(agents) as f64 / TALK_S + n.saturating_sub(agents) as f64 / patience;
        p *= load / TALK_S / leaving;
        weights.push(p);
    }
    let all: f64 = weights.iter().sum();
    let queue: f64 = (agents..weights.len()).map(|n| (n - agents) as f64 * weights[n]).sum::<f64>() / all;
    queue / patience / (load / TALK_S)
}

#[test]
fn callers_give_up_as_in_erlang_a() {
    for (n, (agents, load, patience)) in
        [(1, 0.9, 100.0), (2, 2.0, 60.0), (5, 5.5, 50.0), (10, 9.0, 200.0), (20, 22.0, 100.0)]
            .into_iter()
            .enumerate()
    {
        let rates = [load / TALK_S];
        let calls =
            Centre::run(spec(agents, RingMode::Rotary, QUEUE), &rates, 60_000, Some(patience), n as u64 + 21);
        let gives_up: Vec<f64> =
            calls[2_000..].iter().map(|c| f64::from(u8::from(c.answered.is_none()))).collect();
        let theory = erlang_a(load, agents, patience);
        assert_agrees(&format!("{agents} agents, {load} E, {patience} s"), &gives_up, theory, 0.05);
    }
}

/// Calls that each agent carried, in erlangs, and the mean square of idle times over the square of their mean.
fn per_agent(calls: &[Call], agents: usize) -> (Vec<f64>, f64) {
    let end = calls.iter().map(|c| c.arrived).max().expect("calls").as_secs_f64();
    let mut carried = vec![0.0; agents];
    let mut last = vec![None::<Instant>; agents];
    let mut idle = Vec::new();
    for call in calls {
        let Some((at, user)) = call.answered else { continue };
        carried[user.index()] += call.talk.as_secs_f64() / end;
        if let Some(free) = last[user.index()].replace(at + call.talk) {
            idle.push(at.since(free).as_secs_f64());
        }
    }
    let mean = idle.iter().sum::<f64>() / idle.len() as f64;
    let square = idle.iter().map(|i| i * i).sum::<f64>() / idle.len() as f64;
    (carried, square / (mean * mean))
}

#[test]
fn sequential_hunting_carries_what_is_left_over() {
    let (agents, load) = (5, 3.0);
    let calls = Centre::run(spec(agents, RingMode::Sequential, None), &[load / TALK_S], 400_000, None, 31);
    let (carried, _) = per_agent(&calls, agents);
    for (n, carried) in carried.iter().enumerate() {
        let theory = load * (erlang_b(load, n) - erlang_b(load, n + 1));
        assert!((carried / theory - 1.0).abs() < 0.02, "member {n}: {carried:.4} E, theory {theory:.4} E");
    }
}

#[test]
fn rotary_and_longest_waiting_share_the_load_and_differ_in_idle_times() {
    let (agents, load) = (5, 3.0);
    let mut spreads = Vec::new();
    for mode in [RingMode::Rotary, RingMode::LongestWaiting] {
        let calls = Centre::run(spec(agents, mode, None), &[load / TALK_S], 200_000, None, 41);
        let (carried, spread) = per_agent(&calls, agents);
        let each = load * (1.0 - erlang_b(load, agents)) / agents as f64;
        for (n, carried) in carried.iter().enumerate() {
            assert!(
                (carried / each - 1.0).abs() < 0.03,
                "{mode:?}, member {n}: {carried:.4} E of {each:.4} E"
            );
        }
        spreads.push(spread);
    }
    assert!(
        spreads[0] > 1.05 * spreads[1],
        "idle times spread {:.3} with rotary, {:.3} with longest waiting",
        spreads[0],
        spreads[1]
    );
}

/// First come, first served, call by call: each call begins when it has come and an agent is free (Kiefer and Wolfowitz
/// 1955), whoever that is.
#[test]
fn a_month_of_calls_begins_when_the_recursion_says() {
    let agents = 7;
    let load = 0.85 * agents as f64;
    let calls =
        Centre::run(spec(agents, RingMode::LongestWaiting, QUEUE), &[load / TALK_S], 100_000, None, 51);
    assert!(calls.last().expect("calls").arrived.since(Instant::ZERO) > seconds(17 * 86_400));
    let mut free: BinaryHeap<Reverse<Instant>> = (0..agents).map(|_| Reverse(Instant::ZERO)).collect();
    for (n, call) in calls.iter().enumerate() {
        let Some(Reverse(first_free)) = free.pop() else { unreachable!("as many as there are agents") };
        let begins = call.arrived.max(first_free);
        assert_eq!(call.answered.map(|(at, _)| at), Some(begins), "call {n}");
        free.push(Reverse(begins + call.talk));
    }
}
