//! One run in virtual time on several threads: each has some of the systems, and the world around them.
//!
//! What a system says reaches another after the delay of the line between them. So no thread can disturb another within the
//! shortest delay between their systems, and all go on for that long by themselves (windows of conservative synchronisation). Then
//! they hand each other what is under way, and when they have something to do next: where nothing happens, no window is.
//! The order of events at each system is the same as on one thread ([`super::run_virtual`]), and so are digest and record.

use super::Hooks;
use super::division::Division;
use super::part::{Part, Places};
use super::passage::{EVENTS_PER_LOOK, Passage, Stopped, play};
use super::posts::{Posts, Wish};
use super::result::{RunResult, Snapshot, read};
use crate::profile::Profile;
use crate::world::{SmdrSink, Tally, Together, World};
use engine::System;
use engine::id::SystemId;
use engine::plan::Plan;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use std::borrow::Cow;
use std::sync::Arc;

/// Windows between two looks at the progress line and the interrupt, at most.
const WINDOWS_PER_LOOK: u64 = 1 << 13;

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
    strands: Vec<Strand<'a>>,
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
        let strand = |(n, ids): (u32, &Vec<SystemId>)| {
            let mine: Vec<bool> = part_of.iter().map(|&part| part == n).collect();
            let mut places = vec![u32::MAX; plans.len()];
            for (place, system) in (0..).zip(ids) {
                places[system.index()] = place;
            }
            let systems = ids.iter().map(|id| System::new(Arc::clone(&plans[id.index()]))).collect();
            let few = Few { places, systems: ids.clone() };
            let records = if wants_records { Records::Kept(Vec::new()) } else { Records::Dropped };
            Strand { part: Part::new(systems, few, World::around_some(profile, plans, &mine)), records }
        };
        Self {
            strands: (0..).zip(division.parts()).map(strand).collect(),
            part_of,
            lookahead: division.lookahead(),
            together: Together::new(),
        }
    }

    /// Gives each part to a thread, for a while.
    fn go_on(&mut self, end: Instant) -> Come {
        let posts = Posts::new(self.strands.len());
        let journey = Journey { posts: &posts, part_of: &self.part_of, lookahead: self.lookahead, end };
        std::thread::scope(|scope| {
            let mut strands = (0..).zip(&mut self.strands);
            let first = strands.next();
            for (n, strand) in strands {
                scope.spawn(move || strand.travel(n, &journey));
            }
            first.map_or(Come::ToTheEnd, |(n, strand)| strand.travel(n, &journey))
        })
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
        for Strand { part, .. } in self.strands {
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
    posts: &'j Posts,
    part_of: &'j [u32],
    lookahead: Duration,
    end: Instant,
}

impl Strand<'_> {
    /// Window by window, until nothing is due in any part before the end, or the first part has done enough for a look.
    fn travel(&mut self, me: usize, journey: &Journey<'_>) -> Come {
        let _alarm = journey.posts.alarm();
        let mut nexts = vec![Instant::MAX; journey.posts.parts()];
        let (mut events, mut round) = (0, 0);
        loop {
            round += 1;
            let enough = me == 0 && (events >= EVENTS_PER_LOOK || round > WINDOWS_PER_LOOK);
            let wish = if enough { Wish::Pause } else { Wish::GoOn };
            let next = self.part.next();
            journey.posts.hand_in((me, round), (next, wish), self.part.world.leaving(), journey.part_of);
            let world = &mut self.part.world;
            let wish = journey.posts.collect((me, round), &mut nexts, |arrival| world.take_in(arrival));
            if nexts.iter().all(|&next| next >= journey.end) {
                return Come::ToTheEnd;
            }
            if wish == Wish::Pause {
                return Come::PartOfTheWay;
            }
            let end = undisturbed(me, &nexts, journey.lookahead).min(journey.end);
            let mut left = EVENTS_PER_LOOK;
            while left > 0 && self.part.step(end, &mut self.records, &mut ()) {
                left -= 1;
            }
            events += EVENTS_PER_LOOK - left;
        }
    }
}

/// Until when nothing can come to a part from another: something that happens there takes the shortest delay, and an answer to what
/// leaves here takes it twice.
fn undisturbed(me: usize, nexts: &[Instant], lookahead: Duration) -> Instant {
    let others = nexts.iter().enumerate().filter(|&(n, _)| n != me).map(|(_, &next)| next + lookahead);
    others.min().unwrap_or(Instant::MAX).min(nexts[me] + lookahead + lookahead)
}
