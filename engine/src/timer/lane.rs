//! Timers of one duration: whoever was armed first is due first, so they stand in a row.

use super::Key;
use crate::hint::{bring, rarely};
use crate::time::{Duration, Instant};
use std::collections::VecDeque;

/// Cancelled timers that may stand in a row beyond as many as are armed.
const MOST_CANCELLED: usize = 64;
/// By how large a part of itself a row grows when it is full.
const GROWTH: usize = 4;

/// A row of timers. Arming appends, expiry takes the front, and one that is cancelled keeps its place, without its payload,
/// until it is in front. Places are never used again, so a place alone tells which timer is meant.
#[derive(Clone, Debug)]
pub(super) struct Lane<T> {
    duration: Duration,
    row: VecDeque<Entry<T>>,
    /// Place of the front.
    front: u64,
    armed: usize,
    /// Deadline of the timer that was armed last.
    last: Instant,
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

impl<T: Copy> Lane<T> {
    pub(super) fn new(duration: Duration) -> Self {
        Self { duration, row: VecDeque::new(), front: 0, armed: 0, last: Instant::ZERO }
    }

    #[inline]
    pub(super) const fn duration(&self) -> Duration {
        self.duration
    }

    /// Whether a timer may stand here that is due at `deadline`: after those before it, and in a row that is not mostly made
    /// of cancelled ones.
    #[inline]
    pub(super) fn takes(&self, deadline: Instant) -> bool {
        self.last <= deadline && self.row.len() <= 2 * self.armed + MOST_CANCELLED
    }

    /// Whether nothing is armed.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.armed == 0
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

    /// Timers that stand in the row, cancelled ones included.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.row.len()
    }

    /// Appends a timer; its place.
    #[inline(always)]
    pub(super) fn push(&mut self, key: Key, payload: T) -> u64 {
        if rarely(self.row.len() == self.row.capacity()) {
            self.grow();
        }
        let place = self.front + self.row.len() as u64;
        self.row.push_back(Entry { key, payload });
        self.armed += 1;
        self.last = key.0;
        place
    }

    #[cold]
    fn grow(&mut self) {
        self.row.reserve_exact(self.row.len() / GROWTH + 8);
    }

    /// When the front is due, and its payload; `None` if nothing is armed.
    #[inline]
    pub(super) fn first(&self) -> Option<(Key, T)> {
        let front = self.row.front()?;
        Some((front.key, front.payload))
    }

    /// The payload of the front; `None` if nothing is armed.
    #[inline]
    pub(super) fn front(&self) -> Option<&T> {
        self.row.front().map(|front| &front.payload)
    }

    /// Takes the front away. [`Self::drop_cancelled`] must follow.
    #[inline]
    pub(super) fn drop_front(&mut self) {
        self.row.pop_front();
        self.front += 1;
        self.armed -= 1;
    }

    /// The payload at a place, if it is armed.
    pub(super) fn get(&self, place: u64) -> Option<T> {
        self.row.get(place.checked_sub(self.front)? as usize)?.armed().copied()
    }

    /// The payload of the `n`-th timer of the row, if it is armed.
    #[inline]
    pub(super) fn nth(&self, n: usize) -> Option<T> {
        self.row.get(n)?.armed().copied()
    }

    /// Brings the timer at a place closer.
    #[inline]
    pub(super) fn expect(&self, place: u64) {
        if let Some(entry) = self.row.get(place.wrapping_sub(self.front) as usize) {
            bring(entry);
        }
    }

    /// Disarms the timer at a place; its payload, if it was armed. If it was the front, [`Self::drop_cancelled`] must follow.
    #[inline]
    pub(super) fn cancel(&mut self, place: u64) -> Option<T> {
        let nth = place.checked_sub(self.front)? as usize;
        let entry = self.row.get_mut(nth)?;
        let payload = *entry.armed()?;
        entry.key = CANCELLED;
        self.armed -= 1;
        Some(payload)
    }

    /// Puts the next armed timer in front; when it is due.
    #[inline]
    pub(super) fn drop_cancelled(&mut self) -> Option<Key> {
        loop {
            let front = self.row.front()?;
            if front.armed().is_some() {
                return Some(front.key);
            }
            self.row.pop_front();
            self.front += 1;
        }
    }
}
