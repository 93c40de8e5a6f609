//! Conferences of mixed sizes that share one pool of slots completely, against Kaufman and Roberts.

use crate::support::{Random, compile, number, system};
use engine::id::{CallId, Tag, UserId};
use engine::plan::spec::ConferencesSpec;
use engine::time::{Duration, Instant};
use engine::{Input, Output, Resource, System};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const SLOTS: usize = 24;
/// Parties of a conference, and Erlangs of such conferences.
const CLASSES: [(usize, f64); 3] = [(3, 2.0), (5, 1.0), (8, 0.7)];
const MEAN_HOLDING_S: f64 = 100.0;
const BATCHES: usize = 40;
const CONFERENCES_A_BATCH: usize = 500;

/// Blocking of each class (Kaufman 1981, Roberts 1981): j q(j) = sum over k of a(k) b(k) q(j - b(k)).
fn kaufman_roberts(slots: usize, classes: &[(usize, f64)]) -> Vec<f64> {
    let mut q = vec![1.0_f64];
    for j in 1..=slots {
        let terms = classes.iter().filter(|&&(size, _)| size <= j);
        let sum: f64 = terms.map(|&(size, erlangs)| erlangs * size as f64 * q[j - size]).sum();
        q.push(sum / j as f64);
    }
    let total: f64 = q.iter().sum();
    classes.iter().map(|&(size, _)| q[slots + 1 - size..].iter().sum::<f64>() / total).collect()
}

/// Erlang's formula by hand: B(2, 2) = 2/5; one server offered 1 Erlang is B(1, 1) = 1/2, whatever its size.
#[test]
fn the_recursion_is_erlangs_formula_where_there_is_one_class() {
    assert_eq!(kaufman_roberts(2, &[(1, 2.0)]), [0.4]);
    assert_eq!(kaufman_roberts(3, &[(2, 1.0)]), [0.5]);
}

/// A system whose users make ad hoc conferences: each takes all its slots at once, or is refused.
struct Traffic {
    system: System,
    random: Random,
    idle: Vec<UserId>,
    ends: BinaryHeap<Reverse<(Instant, u64)>>,
    /// By number: who is in it, and their calls.
    running: BTreeMap<u64, Vec<(UserId, CallId)>>,
    made: u64,
}

impl Traffic {
    fn new() -> Self {
        let users: Vec<String> = (200..200 + SLOTS + 8).map(|n| n.to_string()).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let mut spec = system("office", &users);
        spec.conferences =
            ConferencesSpec { channels: SLOTS as u16, largest: SLOTS as u16, ..ConferencesSpec::default() };
        Self {
            system: System::new(compile(vec![spec]).swap_remove(0)),
            random: Random(7),
            idle: (0..users.len() as u32).map(UserId).collect(),
            ends: BinaryHeap::new(),
            running: BTreeMap::new(),
            made: 0,
        }
    }

    fn handle(&mut self, now: Instant, input: Input) -> Vec<Output> {
        self.system.handle(now, input);
        std::iter::from_fn(|| self.system.poll_output()).collect()
    }

    fn accepted(&mut self, now: Instant, input: Input) -> (Option<CallId>, Vec<Output>) {
        let said = self.handle(now, input);
        let call =
            said.iter().find_map(|o| if let Output::Accepted { call, .. } = o { Some(*call) } else { None });
        (call, said)
    }

    /// A user calls all others but one by one, and makes a conference of the calls; whether there was room.
    fn attempt(&mut self, now: Instant, size: usize) -> bool {
        let users: Vec<UserId> = (0..size).map(|_| self.idle.pop().expect("a user for each slot")).collect();
        let (host, others) = (users[0], &users[1..]);
        let mut calls = Vec::new();
        for (n, &user) in others.iter().enumerate() {
            let extension = number(&(200 + user.0).to_string());
            let (call, _) = self.accepted(now, Input::Dial { user: host, number: extension, tag: Tag(0) });
            let call = call.expect("a call inside");
            self.handle(now, Input::Answer { user, call });
            if n + 1 < others.len() {
                self.handle(now, Input::Hold { user: host, call });
            }
            calls.push((user, call));
        }
        let (own, said) = self.accepted(now, Input::Conference { user: host, tag: Tag(1) });
        let Some(own) = own else {
            let denied = said
                .iter()
                .any(|o| matches!(o, Output::Denied { short_of: Some(Resource::ConferenceSlots), .. }));
            assert!(denied, "{said:?}");
            for &(user, call) in &calls {
                self.handle(now, Input::HangUp { user, call });
            }
            self.idle.extend(users);
            return false;
        };
        calls.push((host, own));
        self.running.insert(self.made, calls);
        let holding = Duration::from_nanos((self.random.exponential(MEAN_HOLDING_S) * 1e9) as u64);
        self.ends.push(Reverse((now + holding, self.made)));
        self.made += 1;
        true
    }

    /// Ends every conference that is over at `now`.
    fn end_until(&mut self, now: Instant) {
        while let Some(&Reverse((at, n))) = self.ends.peek().filter(|end| end.0.0 <= now) {
            self.ends.pop();
            let parties = self.running.remove(&n).expect("it runs");
            // The last one is released with the one before.
            for &(user, call) in &parties[..parties.len() - 1] {
                self.handle(at, Input::HangUp { user, call });
            }
            self.idle.extend(parties.into_iter().map(|(user, _)| user));
        }
    }
}

#[test]
fn mixed_sizes_are_blocked_as_kaufman_and_roberts_say() {
    let mut traffic = Traffic::new();
    let rates: Vec<f64> = CLASSES.iter().map(|&(_, erlangs)| erlangs / MEAN_HOLDING_S).collect();
    let total: f64 = rates.iter().sum();
    let mut now = Instant::ZERO;
    let mut batches = vec![Vec::new(); CLASSES.len()];
    for batch in 0..=BATCHES {
        let (mut offered, mut blocked) = ([0_u32; 3], [0_u32; 3]);
        for _ in 0..CONFERENCES_A_BATCH {
            now = now + Duration::from_nanos((traffic.random.exponential(1.0 / total) * 1e9) as u64);
            traffic.end_until(now);
            let mut draw = traffic.random.below(1_000_000) as f64 / 1e6 * total;
            let mut class = 0;
            while class + 1 < rates.len() && draw >= rates[class] {
                draw -= rates[class];
                class += 1;
            }
            offered[class] += 1;
            blocked[class] += u32::from(!traffic.attempt(now, CLASSES[class].0));
        }
        // The first fills the pool.
        if batch > 0 {
            for (class, list) in batches.iter_mut().enumerate() {
                list.push(f64::from(blocked[class]) / f64::from(offered[class].max(1)));
            }
        }
    }
    assert_eq!(traffic.system.invariants(), Ok(()));
    assert_eq!(traffic.system.stats().unexpected, 0);
    for ((list, theory), (size, _)) in batches.iter().zip(kaufman_roberts(SLOTS, &CLASSES)).zip(CLASSES) {
        let n = list.len() as f64;
        let mean = list.iter().sum::<f64>() / n;
        let error = (list.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
        assert!(error < 0.02, "of {size}: standard error {error}");
        assert!((mean - theory).abs() < 4.0 * error, "of {size}: {mean} +- {error}, in theory {theory}");
    }
}

#[test]
fn the_same_conferences_give_the_same_digest() {
    let play = || {
        let mut traffic = Traffic::new();
        for n in 0..200_u64 {
            let now = Instant::ZERO + Duration::from_secs(20 * n);
            traffic.end_until(now);
            traffic.attempt(now, 3 + (n as usize * 7) % 6);
        }
        traffic.system.digest()
    };
    assert_eq!(play(), play());
}
