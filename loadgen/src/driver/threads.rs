//! One run in virtual time on several threads: each has some of the systems, and the world around them.
//!
//! What a system says reaches another after the delay of the line between them. So no thread can disturb another within the
//! shortest delay between their systems, and each goes on by itself as long as it is no more than that ahead of all others
//! ([`super::posts`]). The order of events at each system is the same as on one thread ([`super::run_virtual`]), and so are digest
//! and record.

use super::Hooks;
use super::division::Division;
use super::part::{Part, Places};
use super::passage::{EVENTS_PER_LOOK, Passage, Stopped, play};
use super::posts::{Desk, Posts};
use super::result::{RunResult, Snapshot, read};
use crate::profile::Profile;
use crate::world::{Arrival, Borders, SmdrSink, Tally, Together, World};
use crossbeam::utils::CachePadded;
use engine::System;
use engine::id::SystemId;
use engine::plan::Plan;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use std::borrow::Cow;
use std::sync::Arc;

/// A part tells the others how far it is after so many events, or when it has come so much of the lookahead further.
const EVENTS_PER_WORD: u32 = 4;
const WORDS_PER_LOOKAHEAD: u64 = 8;

/// Replays `profile` as [`super::run_virtual`] does, each part of `division` on a thread of its own, with the same result.
///
/// # Panics
/// If one of the threads does.
#[must_use]
pub fn run(profile: &Profile, plans: &[Arc<Plan>], division: &Division, hooks: &mut Hooks<'_>) -> RunResult {
    let started = std::time::Instant::now();
    let mut run = Run::new(profile, plans, division, hooks.smdr.is_wanted());
    let (snapshots, ended) = play(&mut run, &profile.load, hooks);
    run.settle(Instant::MAX, hooks.smdr);
    let now = run.now();
    let (systems, tally) = run.close(now);
    RunResult::new(systems, tally, snapshots, now, started.elapsed(), ended)
}

/// All parts of a run, while no thread has them.
struct Run<'a> {
    strands: Vec<CachePadded<Strand<'a>>>,
    /// By system.
    part_of: Vec<u32>,
    lookahead: Duration,
    together: Together,
}

/// What one thread has.
struct Strand<'a> {
    part: Part<'a, Few>,
    records: Records,
}

/// Some systems of a network.
struct Few {
    /// By system.
    places: Vec<u32>,
    systems: Vec<SystemId>,
}

impl Places for Few {
    #[inline]
    fn place(&self, system: SystemId) -> usize {
        self.places[system.index()] as usize
    }

    #[inline]
    fn system(&self, place: usize) -> SystemId {
        self.systems[place]
    }
}

/// Call records until they can be brought into the order of the run.
#[derive(Clone)]
enum Records {
    Dropped,
    Kept(Vec<(Instant, SystemId, SmdrRecord)>),
}

impl SmdrSink for Records {
    fn record(&mut self, now: Instant, system: SystemId, record: &SmdrRecord) {
        match self {
            Self::Dropped => {}
            Self::Kept(records) => records.push((now, system, *record)),
        }
    }
}

/// How far threads have come that are back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Come {
    /// Nothing is due any more before the end.
    ToTheEnd,
    PartOfTheWay,
}

impl<'a> Run<'a> {
    fn new(profile: &'a Profile, plans: &[Arc<Plan>], division: &Division, wants_records: bool) -> Self {
        let mut part_of = vec![0; plans.len()];
        for (n, systems) in (0..).zip(division.parts()) {
            systems.iter().for_each(|system| part_of[system.index()] = n);
        }
        let records = if wants_records { Records::Kept(Vec::new()) } else { Records::Dropped };
        let (part_of, parts, records) = (part_of.as_slice(), division.parts(), &records);
        let strand = move |(part, systems): (u32, &Vec<SystemId>)| {
            let borders = Borders { part_of, parts: parts.len(), part };
            Strand::new(profile, plans, borders, systems, records.clone())
        };
        let strands = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..).zip(parts).map(|part| scope.spawn(move || strand(part))).collect();
            let built = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            built.map(|strand| strand.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        Self {
            strands,
            part_of: part_of.to_vec(),
            lookahead: division.lookahead(),
            together: Together::new(),
        }
    }

    /// Gives each part to a thread, for a while.
    fn go_on(&mut self, end: Instant) -> Come {
        let nexts: Vec<Instant> = self.strands.iter().map(|strand| strand.part.next()).collect();
        let posts = Posts::new(&nexts, self.lookahead, end);
        let stride = Duration::from_nanos((self.lookahead.as_nanos() / WORDS_PER_LOOKAHEAD).max(1));
        let journey = Journey { posts: &posts, end, stride };
        let come = std::thread::scope(|scope| {
            let mut strands = (0..).zip(&mut self.strands);
            let first = strands.next();
            for (n, strand) in strands {
                scope.spawn(move || strand.travel(journey.posts.desk(n), &journey));
            }
            first.map_or(Come::ToTheEnd, |(n, strand)| strand.travel(journey.posts.desk(n), &journey))
        });
        for (n, strand) in (0..).zip(&mut self.strands) {
            posts.desk(n).hear(|arrival| strand.part.world.take_in(arrival));
        }
        come
    }

    /// Brings what has happened in all parts before `end` into the order of the run.
    fn settle(&mut self, end: Instant, smdr: &mut dyn SmdrSink) {
        self.together.pass(self.strands.iter_mut().map(|strand| strand.part.world.tally_mut()), end);
        let mut settled = Vec::new();
        for strand in &mut self.strands {
            if let Records::Kept(records) = &mut strand.records {
                let before = records.partition_point(|&(at, ..)| at < end);
                settled.extend(records.drain(..before));
            }
        }
        settled.sort_by_key(|&(at, system, _)| (at, system));
        settled.iter().for_each(|(at, system, record)| smdr.record(*at, *system, record));
    }

    /// All systems in their order, and the book-keeping of the whole run.
    fn close(self, now: Instant) -> (Vec<System>, Tally) {
        let (mut systems, mut tallies) = (Vec::new(), Vec::new());
        for Strand { part, .. } in self.strands.into_iter().map(CachePadded::into_inner) {
            systems.extend(part.places.systems.into_iter().zip(part.systems));
            tallies.push(part.world.close(now));
        }
        systems.sort_by_key(|&(id, _)| id);
        let tally = self.together.tally(tallies.iter());
        (systems.into_iter().map(|(_, system)| system).collect(), tally)
    }
}

impl Passage for Run<'_> {
    fn pass(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            let come = self.go_on(end);
            self.settle(self.next(), hooks.smdr);
            if come == Come::ToTheEnd {
                return Ok(());
            }
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            let worlds: Vec<&World<'_>> = self.strands.iter().map(|strand| &strand.part.world).collect();
            (hooks.progress)(self.now(), &worlds);
        }
    }

    fn now(&self) -> Instant {
        self.strands.iter().map(|strand| strand.part.now).max().unwrap_or(Instant::ZERO)
    }

    // Nothing is under way between parts while no thread has them.
    fn next(&self) -> Instant {
        self.strands.iter().map(|strand| strand.part.next()).min().unwrap_or(Instant::MAX)
    }

    fn snapshot(&self, at: Instant) -> Snapshot {
        let few = |n: usize| &self.strands[self.part_of[n] as usize].part;
        let readings = (0..self.part_of.len()).map(|n| {
            let part = few(n);
            read(n, &part.systems[part.places.place(SystemId::at(n))], at)
        });
        Snapshot::of(at, readings)
    }

    fn tally(&self) -> Cow<'_, Tally> {
        Cow::Owned(self.together.tally(self.strands.iter().map(|strand| strand.part.world.tally())))
    }
}

/// What all threads know that go on together.
#[derive(Clone, Copy)]
struct Journey<'j> {
    posts: &'j Posts<Arrival>,
    end: Instant,
    /// How much further a part comes before it tells the others.
    stride: Duration,
}

impl<'a> Strand<'a> {
    /// Of these systems, before anything has happened.
    fn new(
        profile: &'a Profile,
        plans: &[Arc<Plan>],
        borders: Borders<'_>,
        ids: &[SystemId],
        records: Records,
    ) -> CachePadded<Self> {
        let mut places = vec![u32::MAX; plans.len()];
        for (place, system) in (0..).zip(ids) {
            places[system.index()] = place;
        }
        let systems = ids.iter().map(|id| System::new(Arc::clone(&plans[id.index()]))).collect();
        let few = Few { places, systems: ids.to_vec() };
        let part = Part::new(systems, few, World::around_some(profile, plans, borders));
        CachePadded::new(Self { part, records })
    }

    /// Until nothing is due in any part before the end, or the first part has done enough for a look.
    fn travel(&mut self, mut desk: Desk<'_, Arrival>, journey: &Journey<'_>) -> Come {
        let mut done = 0;
        loop {
            let world = &mut self.part.world;
            let end = desk.hear(|arrival| world.take_in(arrival)).min(journey.end);
            done += 1 + self.work(&mut desk, end, journey);
            if desk.is_first() && done > EVENTS_PER_LOOK {
                journey.posts.pause();
            }
            if desk.is_over() {
                return Come::ToTheEnd;
            }
            if journey.posts.is_pausing() {
                return Come::PartOfTheWay;
            }
            let next = self.part.next();
            if next >= end {
                desk.rest(next);
            }
        }
    }

    /// Lets happen what is due before `end`, not more than enough for a look, and tells the others of it now and then; how much it was.
    fn work(&mut self, desk: &mut Desk<'_, Arrival>, end: Instant, journey: &Journey<'_>) -> u32 {
        let mut done = 0;
        loop {
            let next = self.part.next();
            let leaving = self.part.world.leaving();
            desk.tell(next, leaving.unwrap_or_default());
            if next >= end || done > EVENTS_PER_LOOK || journey.posts.is_pausing() {
                return done;
            }
            let until = end.min(desk.clock() + journey.stride);
            let mut left = EVENTS_PER_WORD;
            while left > 0 && self.part.step(until, &mut self.records, &mut ()) {
                left -= 1;
            }
            done += EVENTS_PER_WORD - left;
        }
    }
}
