//! Timers of one duration: whoever was armed first is due first, so they stand in a row.

use super::Key;
use crate::hint::{bring, mostly, rarely, usual};
use crate::time::{Duration, Instant};
use std::fmt;

/// Cancelled timers that may stand in a row that grows, beyond as many as are armed.
const MOST_CANCELLED: usize = 64;
/// By how large a part of itself a row grows when it is full.
const GROWTH: usize = 4;

/// A row of timers. Arming appends, expiry takes the front, and one that is cancelled keeps its place, without its key,
/// until it is in front. Places are never used again, so a place alone tells which timer is meant.
#[derive(Clone)]
pub(super) struct Lane<T> {
    duration: Duration,
    // A ring of our own: a `VecDeque` looks at its room again wherever something is appended.
    ring: Vec<Entry<T>>,
    /// Where in the ring the front is, and how many stand in the row from there.
    head: usize,
    len: usize,
    /// Place of the front.
    front: u64,
    /// Deadline of the timer that was armed last.
    last: Instant,
    cancelled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry<T> {
    /// Of a cancelled timer, [`CANCELLED`].
    key: Key,
    // Not an `Option`, which is taken apart where it is copied: byte by byte, and whoever reads it next has to wait for all of them.
    payload: T,
}

/// In place of the key of a timer that is not armed any more. Never in front.
const CANCELLED: Key = (Instant::MAX, u64::MAX);

impl<T: Copy> Entry<T> {
    #[inline]
    fn armed(&self) -> Option<&T> {
        if self.key.1 == CANCELLED.1 { None } else { Some(&self.payload) }
    }
}

/// The row as it stands, and how much room it has; not what is left over in places of the ring that are free.
impl<T: fmt::Debug> fmt::Debug for Lane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row: Vec<_> = self.ring.iter().cycle().skip(self.head).take(self.len).collect();
        let mut lane = f.debug_struct("Lane");
        lane.field("duration", &self.duration).field("front", &self.front).field("room", &self.ring.len());
        lane.field("row", &row).finish()
    }
}

impl<T: Copy> Lane<T> {
    pub(super) fn new(duration: Duration) -> Self {
        let last = Instant::ZERO;
        Self { duration, ring: Vec::new(), head: 0, len: 0, front: 0, last, cancelled: 0 }
    }

    #[inline]
    pub(super) const fn duration(&self) -> Duration {
        self.duration
    }

    /// Whether a timer may stand here that is due at `deadline`: after those before it; and a row that is mostly made of cancelled
    /// ones does not grow.
    #[inline]
    pub(super) fn takes(&self, deadline: Instant) -> bool {
        self.last <= deadline && (self.len < self.ring.len() || self.may_grow())
    }

    #[cold]
    fn may_grow(&self) -> bool {
        self.cancelled <= self.armed() + MOST_CANCELLED
    }

    /// How many are armed.
    pub(super) const fn armed(&self) -> usize {
        self.len - self.cancelled
    }

    /// Whether nothing is armed.
    // What is cancelled never stands in front, so nothing stands there either.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Timers that stand in the row, cancelled ones included.
    #[cfg(test)]
    pub(super) const fn room(&self) -> usize {
        self.len
    }

    /// Where in the ring the `n`-th timer of the row is, of those that stand there.
    #[inline]
    const fn at(&self, n: usize) -> usize {
        let at = self.head + n;
        if at >= self.ring.len() { at - self.ring.len() } else { at }
    }

    /// Appends a timer; its place.
    #[inline(always)]
    pub(super) fn push(&mut self, key: Key, payload: T) -> u64 {
        if rarely(self.len == self.ring.len()) {
            self.grow(Entry { key, payload });
        }
        let (place, at) = (self.front + self.len as u64, self.at(self.len));
        self.len += 1;
        self.last = key.0;
        self.ring[at] = Entry { key, payload };
        place
    }

    /// Makes room in a full ring, which is filled with whatever is at hand.
    #[cold]
    fn grow(&mut self, filler: Entry<T>) {
        self.ring.rotate_left(self.head);
        self.head = 0;
        let more = self.len / GROWTH + 8;
        self.ring.reserve_exact(more);
        self.ring.resize(self.len + more, filler);
    }

    #[inline]
    fn entry(&self, n: usize) -> Option<&Entry<T>> {
        if n < self.len { self.ring.get(self.at(n)) } else { None }
    }

    /// The payload of the front; `None` if nothing is armed.
    #[inline]
    pub(super) fn front(&self) -> Option<&T> {
        if self.len > 0 { self.ring.get(self.head).map(|front| &front.payload) } else { None }
    }

    /// Takes the front away, if there is one; when the next one is due.
    #[inline(always)]
    pub(super) fn drop_front(&mut self) -> Option<Key> {
        let mut left = self.len.checked_sub(1)?;
        loop {
            self.front += 1;
            self.head += 1;
            if self.head == self.ring.len() {
                self.head = 0;
            }
            if left == 0 {
                break;
            }
            let next = usual(self.ring.get(self.head))?.key;
            if mostly(next.1 != CANCELLED.1) {
                self.len = left;
                return Some(next);
            }
            left -= 1;
            self.cancelled -= 1;
        }
        self.len = 0;
        None
    }

    /// The payload at a place, if it is armed.
    pub(super) fn get(&self, place: u64) -> Option<T> {
        self.nth(place.checked_sub(self.front)? as usize)
    }

    /// The payload of the `n`-th timer of the row, if it is armed.
    #[inline]
    pub(super) fn nth(&self, n: usize) -> Option<T> {
        self.entry(n)?.armed().copied()
    }

    /// Brings the timer at a place closer.
    #[inline]
    pub(super) fn expect(&self, place: u64) {
        if let Some(entry) = self.entry(place.wrapping_sub(self.front) as usize) {
            bring(entry);
        }
    }

    /// Disarms the timer at a place that is not the front; its payload, if it was armed.
    pub(super) fn cancel(&mut self, place: u64) -> Option<T> {
        debug_assert!(!self.is_front(place), "the front is dropped");
        let nth = place.checked_sub(self.front)? as usize;
        let payload = self.nth(nth)?;
        let at = self.at(nth);
        self.ring.get_mut(at)?.key = CANCELLED;
        self.cancelled += 1;
        Some(payload)
    }

    /// Whether the timer at a place has fired or was cancelled in front.
    #[inline]
    pub(super) const fn is_over(&self, place: u64) -> bool {
        place < self.front
    }

    /// Whether a place is the first of the row.
    #[inline]
    pub(super) const fn is_front(&self, place: u64) -> bool {
        self.front == place
    }
}
