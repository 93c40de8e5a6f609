//! What the threads of a run hand each other between two windows of time, and how they wait for each other.

use crate::world::Arrival;
use crossbeam::utils::{Backoff, CachePadded};
use engine::time::Instant;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Whether the threads go on after a round, or come back so that somebody can look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    GoOn,
    Pause,
}

/// What one part of a run hands to the others in one round.
struct Post {
    next: Instant,
    wish: Wish,
    /// By the part that it is for.
    bags: Vec<Bag>,
}

/// What is under way to one part.
struct Bag {
    earliest: Instant,
    arrivals: Vec<Arrival>,
}

/// The posts of all parts. A round begins when a part hands in its post, and ends when it has collected those of all. Posts of even
/// and odd rounds have places of their own: whoever hands in one for the next round overwrites nothing that is still collected,
/// because nobody gets two rounds ahead.
pub(super) struct Posts {
    places: [Vec<Mutex<Post>>; 2],
    /// The round that each part has handed in its post for.
    rounds: Vec<CachePadded<AtomicU64>>,
    failed: AtomicBool,
    /// How often a thread looks again before it lets another one have its core.
    spins: u32,
}

/// Looks of a thread with a core of its own, some hundred microseconds: whoever gives the core away waits longer than for a window.
const SPINS_ON_OWN_CORE: u32 = 1 << 13;

impl Posts {
    /// Of so many parts, before the first round.
    pub(super) fn new(parts: usize) -> Self {
        let bag = || Bag { earliest: Instant::MAX, arrivals: Vec::new() };
        let post = || Post {
            next: Instant::MAX,
            wish: Wish::GoOn,
            bags: std::iter::repeat_with(bag).take(parts).collect(),
        };
        let posts = || std::iter::repeat_with(|| Mutex::new(post())).take(parts).collect();
        let rounds = std::iter::repeat_with(CachePadded::default).take(parts).collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let spins = if parts <= cores { SPINS_ON_OWN_CORE } else { 0 };
        Self { places: [posts(), posts()], rounds, failed: AtomicBool::new(false), spins }
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        self.rounds.len()
    }

    fn place(&self, round: u64, part: usize) -> &Mutex<Post> {
        &self.places[(round % 2) as usize][part]
    }

    /// Hands in the post of a part for a round: when something is due there next, and what is under way to others.
    pub(super) fn hand_in(
        &self,
        (part, round): (usize, u64),
        (next, wish): (Instant, Wish),
        leaving: impl Iterator<Item = Arrival>,
        part_of: &[u32],
    ) {
        {
            let mut post = self.place(round, part).lock();
            (post.next, post.wish) = (next, wish);
            post.bags.iter_mut().for_each(|bag| bag.earliest = Instant::MAX);
            for arrival in leaving {
                let bag = &mut post.bags[part_of[arrival.to.index()] as usize];
                bag.earliest = bag.earliest.min(arrival.due);
                bag.arrivals.push(arrival);
            }
        }
        self.rounds[part].store(round, Ordering::Release);
    }

    /// Waits until all have handed in their posts for a round, and takes those for a part: when something is due next in each part,
    /// whatever is under way to it included.
    ///
    /// # Panics
    /// If another thread does.
    pub(super) fn collect(
        &self,
        (part, round): (usize, u64),
        nexts: &mut [Instant],
        mut take_in: impl FnMut(Arrival),
    ) -> Wish {
        nexts.fill(Instant::MAX);
        let mut wish = Wish::GoOn;
        for (from, reached) in self.rounds.iter().enumerate() {
            let (backoff, mut left) = (Backoff::new(), self.spins);
            while reached.load(Ordering::Acquire) < round {
                assert!(!self.failed.load(Ordering::Relaxed), "another thread of the run has failed");
                if left > 0 {
                    left -= 1;
                    std::hint::spin_loop();
                } else {
                    backoff.snooze();
                }
            }
            let mut post = self.place(round, from).lock();
            nexts[from] = nexts[from].min(post.next);
            for (next, bag) in nexts.iter_mut().zip(&post.bags) {
                *next = bag.earliest.min(*next);
            }
            if post.wish == Wish::Pause {
                wish = Wish::Pause;
            }
            post.bags[part].arrivals.drain(..).for_each(&mut take_in);
        }
        wish
    }

    /// Tells the others if the thread that has this panics, so that nobody waits for it.
    pub(super) const fn alarm(&self) -> Alarm<'_> {
        Alarm(self)
    }
}

pub(super) struct Alarm<'p>(&'p Posts);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Ordering::Relaxed);
        }
    }
}
