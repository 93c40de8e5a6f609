//! Timers of one duration: whoever was armed first is due first, so they stand in a row.

use super::Key;
use crate::hint::{bring, mostly, rarely, usual};
use crate::time::{Duration, Instant};
use std::collections::VecDeque;
use std::fmt;

/// Cancelled timers that may stand in a row that grows, beyond as many as are armed.
const MOST_CANCELLED: usize = 64;
/// Timers of a piece: few, because there may be thousands of rows that hold next to nothing.
const PIECE: usize = 16;
/// Timers of a group: a piece has a whole number of groups.
pub(super) const GROUP: usize = 4;

const _: () = assert!(PIECE.is_multiple_of(GROUP));

/// A row of timers. Arming appends, expiry takes the front, and one that is cancelled keeps its place, without its key,
/// until it is in front. Places are never used again, so a place alone tells which timer is meant.
#[derive(Clone)]
pub(super) struct Lane<T> {
    duration: Duration,
    /// In pieces of equal size, so that it grows without moving what it holds. A piece that is empty in front comes to the back.
    pieces: VecDeque<Box<[Entry<T>; PIECE]>>,
    /// Places of all of them.
    places: usize,
    /// Where in the first piece the front is, and how many stand in the row from there.
    head: usize,
    len: usize,
    /// Place of the front.
    front: u64,
    /// Deadline of the timer that was armed last.
    last: Instant,
    cancelled: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<T> {
    /// Of a cancelled timer, [`CANCELLED`].
    key: Key,
    // Not an `Option`, which is taken apart where it is copied: byte by byte, and whoever reads it next has to wait for all of them.
    payload: T,
}

/// In place of the key of a timer that is not armed any more. Never in front.
const CANCELLED: Key = (Instant::MAX, u64::MAX);

impl<T: Copy> Entry<T> {
    #[inline]
    pub(super) fn armed(&self) -> Option<&T> {
        if self.key.1 == CANCELLED.1 { None } else { Some(&self.payload) }
    }
}

/// The row as it stands, and how much room it has; not what is left over in places that are free.
impl<T: fmt::Debug> fmt::Debug for Lane<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.pieces.iter().flat_map(|piece| piece.iter());
        let row: Vec<_> = all.skip(self.head).take(self.len).collect();
        let mut lane = f.debug_struct("Lane");
        lane.field("duration", &self.duration).field("front", &self.front);
        lane.field("room", &self.places).field("row", &row).finish()
    }
}

impl<T: Copy> Lane<T> {
    pub(super) fn new(duration: Duration) -> Self {
        let last = Instant::ZERO;
        Self { duration, pieces: VecDeque::new(), places: 0, head: 0, len: 0, front: 0, last, cancelled: 0 }
    }

    #[inline]
    pub(super) const fn duration(&self) -> Duration {
        self.duration
    }

    /// Whether a timer may stand here that is due at `deadline`: after those before it; and a row that is mostly made of cancelled
    /// ones does not grow.
    #[inline]
    pub(super) fn takes(&self, deadline: Instant) -> bool {
        self.last <= deadline && (self.head + self.len < self.places || self.may_grow())
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

    /// Appends a timer; its place.
    #[inline(always)]
    pub(super) fn push(&mut self, key: Key, payload: T) -> u64 {
        let entry = Entry { key, payload };
        let (place, at) = (self.front + self.len as u64, self.head + self.len);
        if rarely(at == self.places) {
            self.pieces.push_back(Box::new([entry; PIECE]));
            self.places += PIECE;
        }
        self.len += 1;
        self.last = key.0;
        self.pieces[at / PIECE][at % PIECE] = entry;
        place
    }

    /// The `n`-th timer of the row.
    #[inline]
    fn entry(&self, n: usize) -> Option<&Entry<T>> {
        // Asked for a timer that is over, `n` is as large as can be.
        let at = if n < self.len { self.head + n } else { return None };
        self.pieces.get(at / PIECE).map(|piece| &piece[at % PIECE])
    }

    /// The payload of the front; `None` if nothing is armed.
    #[inline]
    pub(super) fn front(&self) -> Option<&T> {
        if self.len > 0 { self.pieces.front().map(|piece| &piece[self.head % PIECE].payload) } else { None }
    }

    /// Takes the front away, if there is one; when the next one is due.
    #[inline(always)]
    pub(super) fn drop_front(&mut self) -> Option<Key> {
        let mut left = self.len.checked_sub(1)?;
        loop {
            self.front += 1;
            self.head += 1;
            if rarely(self.head == PIECE) {
                self.head = 0;
                self.pieces.rotate_left(1);
            }
            if left == 0 {
                break;
            }
            let next = usual(self.pieces.front())?[self.head % PIECE].key;
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

    /// Whether the front is the first of a group.
    #[inline]
    pub(super) const fn is_at_a_group(&self) -> bool {
        self.head.is_multiple_of(GROUP)
    }

    /// The `n`-th group after the one of the front, if that is the first of it.
    #[inline]
    pub(super) fn group(&self, n: usize) -> &[Entry<T>] {
        debug_assert!(self.is_at_a_group());
        let at = self.head + n * GROUP;
        let stand = self.len.saturating_sub(n * GROUP).min(GROUP);
        self.pieces.get(at / PIECE).map_or(&[], |piece| &piece[at % PIECE..][..stand])
    }

    /// Disarms the timer at a place that is not the front; its payload, if it was armed.
    pub(super) fn cancel(&mut self, place: u64) -> Option<T> {
        debug_assert!(!self.is_front(place), "the front is dropped");
        let nth = place.checked_sub(self.front)? as usize;
        let payload = self.nth(nth)?;
        let at = self.head + nth;
        self.pieces.get_mut(at / PIECE)?[at % PIECE].key = CANCELLED;
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
