//! What the threads of a run tell each other while each goes on at its own pace, and how they wait for each other.
//!
//! Each part of a run has a clock that all can see: whatever it does from then on, it does no earlier. What it says takes the
//! lookahead, at least, to get to another part. So a part goes on by itself up to its horizon, the earliest clock of the others and the
//! lookahead. Its own clock is the earliest of what it knows to be due and of its horizon; with that it need not wait for
//! anybody who is less than a lookahead behind.
//!
//! *Nothing is missed.* A part posts what is under way to others before it sets its clock forward, and reads the clocks of others before
//! it takes in what they have posted. So whatever was sent before the clock that it has read is there, and whatever is sent later
//! arrives at the horizon or after it.
//!
//! *Nothing is in vain.* Where no call goes on, clocks would step forward by one lookahead at a time. A part that has to wait makes known
//! that it rests, what it knows to be due next, and how much more it has sent than heard. Who finds that all rest and nothing is
//! under way, twice with no part's turn changed in between, has seen one state of all: nothing happens anywhere before the earliest that is due.
//! (A turn changes before its part sends anything again. If something was heard that is missing among what was sent, its sender's turn had
//! changed before it was heard, and so before the second look.)
//!
//! *Nobody waits for ever.* If all rest, either something is under way, for which its receiver wakes, or all find the same state, and the horizon of
//! the part with the earliest that is due is later than that.

use crossbeam::utils::{Backoff, CachePadded};
use engine::time::{Duration, Instant};
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering, fence};

/// The posts of all parts of a run.
pub(super) struct Posts<T> {
    boards: Vec<CachePadded<Board>>,
    /// By sender, then by receiver.
    bags: Vec<CachePadded<Bag<T>>>,
    lookahead: Duration,
    end: Instant,
    pausing: AtomicBool,
    failed: AtomicBool,
    /// How often a thread looks again before it lets another one have its core.
    spins: u32,
}

/// What a part makes known to all.
struct Board {
    /// In nanoseconds; it does nothing that is earlier.
    clock: AtomicU64,
    /// Odd while it is at work.
    turn: AtomicU64,
    /// While it rests: when it has something to do, in nanoseconds.
    next: AtomicU64,
    /// While it rests: what it has sent less what it has heard.
    balance: AtomicI64,
}

/// What is under way from one part to another.
struct Bag<T> {
    is_full: AtomicBool,
    arrivals: Mutex<Vec<T>>,
}

/// Looks of a thread with a core of its own, some hundred microseconds: whoever gives the core away waits longer than for another part.
const SPINS_ON_OWN_CORE: u32 = 1 << 13;

impl<T> Posts<T> {
    /// Of parts that have something to do at these instants. Nothing is under way between any two of them, and whatever is going to be takes
    /// `lookahead` at least.
    pub(super) fn new(nexts: &[Instant], lookahead: Duration, end: Instant) -> Self {
        let board = |part: usize| Board {
            clock: AtomicU64::new(nexts[part].min(undisturbed(part, nexts, lookahead)).as_nanos()),
            turn: AtomicU64::new(1),
            next: AtomicU64::new(0),
            balance: AtomicI64::new(0),
        };
        let bag =
            || CachePadded::new(Bag { is_full: AtomicBool::new(false), arrivals: Mutex::new(Vec::new()) });
        let parts = nexts.len();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            boards: (0..parts).map(|part| CachePadded::new(board(part))).collect(),
            bags: std::iter::repeat_with(bag).take(parts * parts).collect(),
            lookahead,
            end,
            pausing: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            spins: if parts <= cores { SPINS_ON_OWN_CORE } else { 0 },
        }
    }

    fn bag(&self, from: usize, to: usize) -> &Bag<T> {
        &self.bags[from * self.boards.len() + to]
    }

    fn clock(&self, part: usize) -> Instant {
        Instant::from_nanos(self.boards[part].clock.load(Ordering::Acquire))
    }

    fn others(&self, part: usize) -> impl Iterator<Item = usize> + use<T> {
        (0..self.boards.len()).filter(move |&other| other != part)
    }

    /// The desk of a part, for the thread that has it.
    pub(super) fn desk(&self, part: usize) -> Desk<'_, T> {
        Desk {
            posts: self,
            part,
            horizon: Instant::ZERO,
            clock: self.clock(part),
            seen: vec![Instant::ZERO; self.boards.len()],
            nexts: vec![Instant::ZERO; self.boards.len()],
            turn: 1,
            balance: 0,
            incoming: Vec::new(),
        }
    }

    /// Asks all threads to come back, wherever they are.
    pub(super) fn pause(&self) {
        self.pausing.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has asked for that.
    #[inline]
    pub(super) fn is_pausing(&self) -> bool {
        self.pausing.load(Ordering::Relaxed)
    }
}

/// Until when nothing can come to a part from another if nothing is under way and these are the instants at which parts have something to
/// do: what happens in another takes the lookahead to get here, and an answer to what leaves here takes it twice.
fn undisturbed(part: usize, nexts: &[Instant], lookahead: Duration) -> Instant {
    let others = nexts.iter().enumerate().filter(|&(n, _)| n != part).map(|(_, &next)| next + lookahead);
    others.min().unwrap_or(Instant::MAX).min(nexts[part] + lookahead + lookahead)
}

/// What a part's thread has to do with the others.
pub(super) struct Desk<'p, T> {
    posts: &'p Posts<T>,
    part: usize,
    /// Whatever gets here before has been taken in.
    horizon: Instant,
    /// As it was made known.
    clock: Instant,
    /// The clocks of all as they were read last.
    seen: Vec<Instant>,
    /// What all have to do next, where they rest.
    nexts: Vec<Instant>,
    turn: u64,
    balance: i64,
    incoming: Vec<T>,
}

impl<T> Desk<'_, T> {
    /// Looks how far the others are, and takes in what they have sent: nothing comes any more that is due before the instant it returns.
    pub(super) fn hear(&mut self, mut take_in: impl FnMut(&T)) -> Instant {
        let mut horizon = Instant::MAX;
        for other in self.posts.others(self.part) {
            self.seen[other] = self.posts.clock(other);
            horizon = horizon.min(self.seen[other] + self.posts.lookahead);
        }
        for other in self.posts.others(self.part) {
            let bag = self.posts.bag(other, self.part);
            if bag.is_full.load(Ordering::Relaxed) {
                {
                    let mut arrivals = bag.arrivals.lock();
                    bag.is_full.store(false, Ordering::Relaxed);
                    std::mem::swap(&mut *arrivals, &mut self.incoming);
                }
                self.balance -= self.incoming.len() as i64;
                self.incoming.iter().for_each(&mut take_in);
                self.incoming.clear();
            }
        }
        self.horizon = self.horizon.max(horizon);
        self.horizon
    }

    /// Sends what leaves for other parts, in the order of these, and sets the clock: `next` is the earliest of what this part has to do
    /// itself.
    pub(super) fn tell(&mut self, next: Instant, leaving: &mut [Vec<T>]) {
        for (to, leaving) in leaving.iter_mut().enumerate().filter(|(_, leaving)| !leaving.is_empty()) {
            self.send(to, leaving);
        }
        let clock = next.min(self.horizon);
        if clock > self.clock {
            self.clock = clock;
            self.posts.boards[self.part].clock.store(clock.as_nanos(), Ordering::Release);
        }
    }

    fn send(&mut self, to: usize, leaving: &mut Vec<T>) {
        self.balance += leaving.len() as i64;
        let bag = self.posts.bag(self.part, to);
        let mut arrivals = bag.arrivals.lock();
        if arrivals.is_empty() {
            std::mem::swap(&mut *arrivals, leaving);
        } else {
            arrivals.append(leaving);
        }
        bag.is_full.store(true, Ordering::Relaxed);
    }

    /// The instant that this part was made known to have come to.
    #[inline]
    pub(super) const fn clock(&self) -> Instant {
        self.clock
    }

    /// Whether it is that of the first part.
    pub(super) const fn is_first(&self) -> bool {
        self.part == 0
    }

    /// Whether no part has anything to do before the end.
    pub(super) fn is_over(&self) -> bool {
        let end = self.posts.end;
        self.clock >= end && self.posts.others(self.part).all(|other| self.seen[other] >= end)
    }

    /// Waits until there is something to hear, or this part may go on without: `next` is what it has to do then.
    ///
    /// # Panics
    /// If another thread does.
    pub(super) fn rest(&mut self, next: Instant) {
        self.lie_down(next);
        let (backoff, mut left) = (Backoff::new(), self.posts.spins);
        while !self.has_news() && !self.posts.is_pausing() {
            if let Some(horizon) = self.horizon_of_all_at_rest()
                && horizon > self.horizon
            {
                self.horizon = horizon;
                break;
            }
            assert!(!self.posts.failed.load(Ordering::Relaxed), "another thread of the run has failed");
            if left > 0 {
                left -= 1;
                std::hint::spin_loop();
            } else {
                backoff.snooze();
            }
        }
        self.get_up();
    }

    fn lie_down(&mut self, next: Instant) {
        let board = &self.posts.boards[self.part];
        board.next.store(next.as_nanos(), Ordering::Relaxed);
        board.balance.store(self.balance, Ordering::Relaxed);
        self.turn += 1;
        board.turn.store(self.turn, Ordering::Release);
    }

    fn get_up(&mut self) {
        self.turn += 1;
        self.posts.boards[self.part].turn.store(self.turn, Ordering::Relaxed);
        // Whoever sees anything that is done from here on sees that the turn has changed.
        fence(Ordering::Release);
    }

    fn has_news(&self) -> bool {
        self.posts.others(self.part).any(|other| {
            self.posts.bag(other, self.part).is_full.load(Ordering::Relaxed)
                || self.posts.clock(other) != self.seen[other]
        })
    }

    /// Until when nothing comes to this part; `None` if somebody is at work or something is under way.
    fn horizon_of_all_at_rest(&mut self) -> Option<Instant> {
        let (mut turns, mut balance) = (0, 0);
        for (board, next) in self.posts.boards.iter().zip(&mut self.nexts) {
            let turn = board.turn.load(Ordering::Acquire);
            if turn % 2 == 1 {
                return None;
            }
            // Turns only ever grow, so that none has changed if their sum has not.
            turns += turn;
            *next = Instant::from_nanos(board.next.load(Ordering::Relaxed));
            balance += board.balance.load(Ordering::Relaxed);
        }
        fence(Ordering::Acquire);
        let again: u64 = self.posts.boards.iter().map(|board| board.turn.load(Ordering::Relaxed)).sum();
        (balance == 0 && again == turns).then(|| undisturbed(self.part, &self.nexts, self.posts.lookahead))
    }
}

impl<T> Drop for Desk<'_, T> {
    /// Nobody waits for a thread that has failed.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.posts.failed.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const LOOKAHEAD: Duration = Duration::from_millis(10);

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    fn two(nexts: [u64; 2]) -> Posts<u64> {
        Posts::new(&nexts.map(at), LOOKAHEAD, at(1_000))
    }

    #[test]
    fn a_part_goes_on_up_to_the_clock_of_the_other_and_the_lookahead() {
        let posts = two([100, 300]);
        let (mut a, mut b) = (posts.desk(0), posts.desk(1));
        // Nothing is under way at first: what the other says comes of what is said to it, or of what it has to do itself.
        assert_eq!((a.clock(), b.clock()), (at(100), at(110)));
        assert_eq!((a.hear(|_| {}), b.hear(|_| {})), (at(120), at(110)));
        a.tell(at(115), &mut [vec![], vec![7]]);
        let mut heard = Vec::new();
        assert_eq!(b.hear(|&what| heard.push(what)), at(125));
        assert_eq!(heard, [7]);
        // Its own clock is where something may still come to it.
        b.tell(at(300), &mut []);
        assert_eq!(b.clock(), at(125));
        assert!(!b.is_over());
    }

    #[test]
    fn where_all_rest_and_nothing_is_under_way_time_is_skipped() {
        let posts = two([0, 0]);
        let (mut a, mut b) = (posts.desk(0), posts.desk(1));
        a.tell(at(500), &mut [vec![], vec![7]]);
        a.lie_down(at(500));
        assert_eq!(a.horizon_of_all_at_rest(), None, "the other is at work");
        b.lie_down(at(300));
        assert_eq!(a.horizon_of_all_at_rest(), None, "something is under way");
        b.get_up();
        b.hear(|_| {});
        b.lie_down(at(300));
        assert_eq!(a.horizon_of_all_at_rest(), Some(at(310)));
        assert_eq!(b.horizon_of_all_at_rest(), Some(at(320)));
    }

    /// Something that happens in a part: when, what it was first, and how often it is still passed on.
    type Rumour = (Instant, u32, u32);

    /// What comes of it, and in which part; none comes sooner than after the lookahead.
    fn passed_on((due, id, hops): Rumour, parts: usize) -> Option<(usize, Rumour)> {
        let later = Duration::from_nanos(u64::from(id.wrapping_mul(hops + 7) % 5) * 1_000_000);
        (hops > 0).then(|| ((id + hops) as usize % parts, (due + LOOKAHEAD + later, id, hops - 1)))
    }

    fn start(parts: usize, seed: u32, gap_ms: u64) -> Vec<BTreeSet<Rumour>> {
        let mut all = vec![BTreeSet::new(); parts];
        for id in 0..200 {
            let place = id * 7 + seed;
            all[place as usize % parts].insert((at(u64::from(id) * gap_ms), id, place % 9));
        }
        all
    }

    fn alone(mut parts: Vec<BTreeSet<Rumour>>) -> Vec<Vec<Rumour>> {
        let mut happened = vec![Vec::new(); parts.len()];
        let first = |parts: &[BTreeSet<Rumour>]| {
            let firsts = parts.iter().enumerate().filter_map(|(n, part)| Some((*part.first()?, n)));
            firsts.min().map(|(_, n)| n)
        };
        while let Some(n) = first(&parts) {
            let rumour = parts[n].pop_first().expect("it has one");
            happened[n].push(rumour);
            if let Some((to, next)) = passed_on(rumour, parts.len()) {
                parts[to].insert(next);
            }
        }
        happened
    }

    fn travel(mut desk: Desk<'_, Rumour>, mut mine: BTreeSet<Rumour>, parts: usize) -> Vec<Rumour> {
        let (mut happened, mut now) = (Vec::new(), Instant::ZERO);
        loop {
            let horizon = desk.hear(|&rumour| {
                assert!(rumour.0 >= now, "{rumour:?} comes after {now:?}");
                mine.insert(rumour);
            });
            let due = |mine: &BTreeSet<Rumour>| mine.first().map_or(Instant::MAX, |&(due, ..)| due);
            desk.tell(due(&mine), &mut []);
            while due(&mine) < horizon
                && let Some(rumour) = mine.pop_first()
            {
                now = rumour.0;
                happened.push(rumour);
                let mut leaving = vec![Vec::new(); parts];
                if let Some((to, rumour)) = passed_on(rumour, parts) {
                    leaving[to].push(rumour);
                }
                mine.extend(leaving[desk.part].drain(..));
                desk.tell(due(&mine), &mut leaving);
            }
            if desk.is_over() {
                assert!(mine.is_empty());
                return happened;
            }
            desk.rest(due(&mine));
        }
    }

    #[test]
    fn rumours_go_round_as_they_do_on_one_thread() {
        for (parts, gap_ms) in [(2, 0), (2, 3), (2, 1_000), (3, 1), (3, 400), (5, 2)] {
            for seed in 0..8 {
                let begun = start(parts, seed, gap_ms);
                let nexts: Vec<Instant> =
                    begun.iter().map(|part| part.first().map_or(Instant::MAX, |&(due, ..)| due)).collect();
                let posts = Posts::new(&nexts, LOOKAHEAD, Instant::MAX);
                let posts = &posts;
                let happened: Vec<_> = std::thread::scope(|scope| {
                    let threads: Vec<_> = (0..)
                        .zip(begun.clone())
                        .map(|(n, mine)| scope.spawn(move || travel(posts.desk(n), mine, parts)))
                        .collect();
                    threads.into_iter().map(|thread| thread.join().expect("it comes to its end")).collect()
                });
                assert_eq!(happened, alone(begun), "{parts} parts, seed {seed}");
            }
        }
    }
}
