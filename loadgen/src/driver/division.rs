//! Which systems of a run go to which thread.

use crate::arrival::expected_calls;
use crate::profile::{Arrivals, Profile, Share};
use crate::world::{DataNetwork, Network, can_fail};
use engine::id::SystemId;
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{Feature, SystemSpec};
use engine::time::Duration;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Called numbers of a stream that its load is reckoned by.
const NUMBERS_LOOKED_AT: usize = 64;
/// Shortest delays that are tried.
const DELAYS_TRIED: usize = 32;
/// How much more than it must the busiest part may have, for a longer lookahead.
const UNEVENNESS: f64 = 1.1;
/// Calls that must begin in each part within the lookahead, on average: with fewer, threads lose by waiting for each other what they gain. It
/// is measured (docs/performance.md); no result depends on it.
const FEWEST_CALLS: f64 = 0.25;
/// What a call takes of a system where it leaves for another one, comes to a party from another one, and passes through, as multiples of what
/// one takes that stays: instructions of callgrind (7,500, 4,900, 8,800 and 4,260), rounded. No result depends on them.
const LEAVES: f64 = 1.75;
const COMES: f64 = 1.15;
const PASSES: f64 = 2.05;

/// The systems of a run in parts, for a thread each. The result of the run does not depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    parts: Vec<Vec<SystemId>>,
    lookahead: Duration,
}

impl Division {
    /// Divides the systems of a run into `threads` parts, or fewer: about the same load in each, and as long a delay between any two
    /// as that allows.
    ///
    /// # Errors
    /// Why the run stays on one thread.
    pub fn new(profile: &Profile, plans: &[Arc<Plan>], threads: usize) -> Result<Self, String> {
        if threads < 2 {
            return Err("no other was asked for".to_owned());
        }
        if let Some(why) = why_in_one(profile) {
            return Err(why.to_owned());
        }
        let mut network = Network::new(&profile.solution, plans);
        network.settle(&mut DataNetwork::new(&profile.solution), |_| true);
        let lines: Vec<Line> = network
            .lines()
            .map(|(from, link)| Line { ends: [from.index(), link.peer.index()], delay: link.delay })
            .collect();
        let loads = loads(profile, plans, &lines);
        let mut delays: Vec<Duration> =
            lines.iter().map(|line| line.delay).filter(|d| !d.is_zero()).collect();
        delays.sort_unstable();
        delays.dedup();
        // The shortest first: of the parts with this one, the busiest has as little as is possible.
        let every = delays.len().div_ceil(DELAYS_TRIED).max(1);
        let tried = delays.into_iter().step_by(every).chain([Duration::MAX]);
        let mut best: Option<(f64, Self)> = None;
        for shortest in tried {
            let (busiest, division) = Self::with_delay(shortest, &lines, &loads, threads);
            if best.as_ref().is_none_or(|(least, _)| busiest <= least * UNEVENNESS) {
                let least = best.map_or(busiest, |(least, _)| least);
                best = Some((least, division));
            }
        }
        match best {
            Some((_, division)) if division.parts.len() > 1 => Ok(division),
            Some(_) | None if plans.len() < 2 => Err("it has one system".to_owned()),
            Some(_) | None => Err("no line with a delay parts its systems".to_owned()),
        }
    }

    /// The same, unless parts have so few calls that one thread is faster.
    ///
    /// # Errors
    /// Why the run stays on one thread, or had better do so.
    pub fn that_pays(profile: &Profile, plans: &[Arc<Plan>], threads: usize) -> Result<Self, String> {
        let division = Self::new(profile, plans, threads)?;
        let length = profile.load.warm_up + profile.load.duration;
        let lookaheads = length.as_nanos() as f64 / division.lookahead.as_nanos().max(1) as f64;
        let calls = expected_calls(&profile.load) as f64 / (lookaheads * division.parts.len() as f64);
        if calls < FEWEST_CALLS {
            let ms = division.lookahead.as_nanos() as f64 / 1e6;
            return Err(format!(
                "{calls:.2} calls begin for each thread within {ms} ms, the shortest delay between two threads' systems; below \
                 {FEWEST_CALLS} several threads are slower than one"
            ));
        }
        Ok(division)
    }

    /// Divides them so that between parts no delay is shorter; and the load of the busiest part.
    fn with_delay(shortest: Duration, lines: &[Line], loads: &[f64], threads: usize) -> (f64, Self) {
        let mut groups = Groups::new(loads.len());
        lines.iter().filter(|line| line.delay < shortest).for_each(|line| groups.join(line.ends));
        let mut members: Vec<(f64, Vec<SystemId>)> = vec![(0.0, Vec::new()); loads.len()];
        for (n, load) in loads.iter().enumerate() {
            let (sum, systems) = &mut members[groups.of(n)];
            *sum += load;
            systems.push(SystemId::at(n));
        }
        members.retain(|(_, systems)| !systems.is_empty());
        members.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        // The largest first, each to the part with the least load.
        let mut parts: Vec<(f64, Vec<SystemId>)> = vec![(0.0, Vec::new()); threads.max(1)];
        for (load, systems) in members {
            if let Some((sum, part)) = parts.iter_mut().min_by(|(a, _), (b, _)| a.total_cmp(b)) {
                *sum += load;
                part.extend(systems);
            }
        }
        parts.retain(|(_, part)| !part.is_empty());
        let busiest = parts.iter().map(|&(load, _)| load).fold(0.0, f64::max);
        let mut part_of = vec![0; loads.len()];
        for (n, (_, part)) in parts.iter_mut().enumerate() {
            part.sort_unstable();
            part.iter().for_each(|system| part_of[system.index()] = n);
        }
        let parting = lines.iter().filter(|line| part_of[line.ends[0]] != part_of[line.ends[1]]);
        let lookahead = parting.map(|line| line.delay).min().unwrap_or(Duration::MAX);
        (busiest, Self { parts: parts.into_iter().map(|(_, part)| part).collect(), lookahead })
    }

    /// The systems of each part, in their order.
    #[must_use]
    pub fn parts(&self) -> &[Vec<SystemId>] {
        &self.parts
    }

    /// The shortest delay between two parts; [`Duration::MAX`] if no line joins any.
    #[must_use]
    pub const fn lookahead(&self) -> Duration {
        self.lookahead
    }
}

/// Why a run cannot be divided, whatever its network is.
fn why_in_one(profile: &Profile) -> Option<&'static str> {
    // Faults, and what systems do about them, concern all systems at the same instant.
    if can_fail(profile) || !profile.load.events.is_empty() {
        return Some("something happens in it besides calls: events, or packets that get lost");
    }
    if profile.load.share != Share::WHOLE {
        return Some("it is a part of a load");
    }
    logs_in(profile).then_some("callers may log in at phones of other systems")
}

/// Whether calls may log users in: where a code does that, any number that is not made of digits alone may mean it, and any number
/// at all if the code begins like one.
fn logs_in<'s>(profile: &'s Profile) -> bool {
    let network = &profile.solution.network;
    let of_users = |system: &'s SystemSpec| system.users.iter().flat_map(|user| &user.short_codes);
    let of_rights = |system: &'s SystemSpec| system.user_rights.iter().flat_map(|rights| &rights.short_codes);
    let of_system = |s: &'s SystemSpec| s.short_codes.iter().chain(of_users(s)).chain(of_rights(s));
    let codes = network.systems.iter().flat_map(of_system);
    let mut codes = codes.filter(|code| code.feature == Feature::ExtnLogin).peekable();
    if codes.peek().is_none() {
        return false;
    }
    let is_digits = |number: &Number| number.as_bytes().iter().all(u8::is_ascii_digit);
    let begins_like_digits = codes.any(|code| !code.code.starts_with(['*', '#']));
    let recorded = match &profile.load.arrivals {
        Arrivals::Trace(calls) => calls.as_slice(),
        Arrivals::Poisson | Arrivals::Uniform => &[],
    };
    let traced = recorded.iter().filter_map(|call| call.number.as_ref());
    let mut called = profile.load.streams.iter().flat_map(|stream| stream.to.numbers.iter()).chain(traced);
    begins_like_digits || called.any(|number| !is_digits(number))
}

/// An IP Office line.
#[derive(Clone, Copy)]
struct Line {
    ends: [usize; 2],
    delay: Duration,
}

/// What each system has to do, in calls that stay on their system.
fn loads(profile: &Profile, plans: &[Arc<Plan>], lines: &[Line]) -> Vec<f64> {
    let systems = plans.len();
    let mut neighbours = vec![Vec::new(); systems];
    lines.iter().for_each(|line| neighbours[line.ends[0]].push(line.ends[1]));
    let mut loads = vec![0.0; systems];
    let mut ways: HashMap<usize, Vec<usize>> = HashMap::new();
    for (stream, calls) in profile.load.streams.iter().zip(calls_of_streams(profile)) {
        let home = stream.kind.system().index();
        let before = ways.entry(home).or_insert_with(|| ways_from(home, &neighbours));
        let looked_at = looked_at(&stream.to.numbers);
        let share = calls / looked_at.len() as f64;
        for number in looked_at {
            let to = plans[home].system_of(number).map_or(home, SystemId::index);
            if to == home || before[to] == usize::MAX {
                loads[home] += share;
                continue;
            }
            loads[home] += share * LEAVES;
            loads[to] += share * COMES;
            // Back along the way that it has come.
            let mut at = before[to];
            while at != home {
                loads[at] += share * PASSES;
                at = before[at];
            }
        }
    }
    loads
}

fn looked_at(numbers: &[Number]) -> impl ExactSizeIterator<Item = &Number> {
    numbers.iter().step_by(numbers.len().div_ceil(NUMBERS_LOOKED_AT).max(1))
}

/// How many calls each stream places, relative to the others.
fn calls_of_streams(profile: &Profile) -> Vec<f64> {
    let Arrivals::Trace(calls) = &profile.load.arrivals else {
        return profile.load.streams.iter().map(|stream| stream.weight).collect();
    };
    let mut counts = vec![0.0; profile.load.streams.len()];
    for call in calls {
        if let Some(count) = counts.get_mut(usize::from(call.stream)) {
            *count += 1.0;
        }
    }
    counts
}

/// For each system the one before it on a shortest way from another; [`usize::MAX`] if there is none.
fn ways_from(home: usize, neighbours: &[Vec<usize>]) -> Vec<usize> {
    let mut before = vec![usize::MAX; neighbours.len()];
    let mut open = VecDeque::from([home]);
    while let Some(at) = open.pop_front() {
        for &next in &neighbours[at] {
            if next != home && before[next] == usize::MAX {
                before[next] = at;
                open.push_back(next);
            }
        }
    }
    before
}

/// Systems in groups that nothing parts.
struct Groups(Vec<usize>);

impl Groups {
    fn new(systems: usize) -> Self {
        Self((0..systems).collect())
    }

    fn of(&mut self, system: usize) -> usize {
        let mut at = system;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, [a, b]: [usize; 2]) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::EventKind;
    use crate::profile::TimedEvent;
    use crate::solution;
    use crate::test_support::{BRISK, Pace, two_systems};

    fn divided(edit: impl FnOnce(&mut Profile)) -> Result<Division, String> {
        let mut profile = two_systems(BRISK);
        edit(&mut profile);
        let plans = solution::compile(&profile.solution).expect("a valid network");
        Division::new(&profile, &plans, 2)
    }

    #[test]
    fn two_systems_are_two_parts_with_the_delay_of_their_line_between_them() {
        let division = divided(|_| {}).expect("a line with a delay");
        assert_eq!(division.parts(), [vec![SystemId(0)], vec![SystemId(1)]]);
        let profile = two_systems(BRISK);
        assert_eq!(division.lookahead(), profile.solution.line_delays[0].delay);
    }

    #[track_caller]
    fn about(loads: &[f64], wanted: &[f64]) {
        assert_eq!(loads.len(), wanted.len());
        let is_near = loads.iter().zip(wanted).all(|(load, wanted)| (load - wanted).abs() < 1e-9);
        assert!(is_near, "{loads:?} instead of {wanted:?}");
    }

    #[test]
    fn a_call_is_more_work_where_it_comes_from_another_system_or_goes_there() {
        let mut profile = two_systems(BRISK);
        let plans = solution::compile(&profile.solution).expect("a valid network");
        // Incoming, to a hunt group, to the other system, out on a trunk.
        let joined = loads(&profile, &plans, &[Line { ends: [0, 1], delay: Duration::ZERO }]);
        about(&joined, &[3.0 + LEAVES, COMES]);
        profile.load.streams.drain(..2);
        // Nothing joins them: it does not get there.
        about(&loads(&profile, &plans, &[]), &[2.0, 0.0]);
    }

    #[test]
    fn a_call_that_passes_through_is_work_there_too() {
        let mut profile = two_systems(BRISK);
        profile.load.streams.retain(|stream| stream.name == "inter");
        let plans = solution::compile(&profile.solution).expect("a valid network");
        let line = |a, b| Line { ends: [a, b], delay: Duration::ZERO };
        // As if a third one were between both.
        let plans = [Arc::clone(&plans[0]), Arc::clone(&plans[1]), Arc::clone(&plans[1])];
        let lines = [line(0, 2), line(2, 0), line(2, 1), line(1, 2)];
        about(&loads(&profile, &plans, &lines), &[LEAVES, COMES, PASSES]);
    }

    #[test]
    fn what_concerns_all_systems_at_once_stays_on_one_thread() {
        let event = TimedEvent {
            at: Duration::ZERO,
            what: EventKind::Link { link: 0, up: false },
            began: Duration::ZERO,
        };
        let cut = divided(|profile| profile.load.events.push(event));
        assert!(cut.is_err_and(|why| why.contains("events")));
        let lossy = divided(|profile| profile.solution.data_links[0].loss = 0.1);
        assert!(lossy.is_err_and(|why| why.contains("lost")));
        let at_once = divided(|profile| profile.solution.data_links[0].delay = Duration::ZERO);
        assert_eq!(at_once, Err("no line with a delay parts its systems".to_owned()));
    }

    #[test]
    fn parts_with_few_calls_are_not_worth_a_thread_each() {
        let pays = |bhcc| {
            let profile = two_systems(Pace { bhcc, ..BRISK });
            let plans = solution::compile(&profile.solution).expect("a valid network");
            Division::that_pays(&profile, &plans, 2)
        };
        let profile = two_systems(BRISK);
        let an_hour = 3.6e12 / profile.solution.line_delays[0].delay.as_nanos() as f64;
        // A quarter of a call for each of two, on average.
        assert!(pays(0.6 * an_hour).is_ok());
        assert!(
            pays(0.4 * an_hour).is_err_and(|why| why.starts_with("0.20 calls begin for each thread within"))
        );
    }

    #[test]
    fn a_long_delay_parts_systems_where_the_load_allows_it() {
        let line = |a, b, ms| Line { ends: [a, b], delay: Duration::from_millis(ms) };
        let lines = [line(0, 1, 1), line(1, 2, 50), line(2, 3, 1)];
        let (busiest, division) = Division::with_delay(Duration::from_millis(50), &lines, &[1.0; 4], 2);
        assert_eq!((busiest, division.lookahead()), (2.0, Duration::from_millis(50)));
        let (busiest, division) = Division::with_delay(Duration::MAX, &lines, &[1.0; 4], 2);
        assert_eq!((busiest, division.parts().len()), (4.0, 1));
    }
}
