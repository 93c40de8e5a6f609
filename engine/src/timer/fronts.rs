//! The fronts of lanes, and of the heap, in the order in which they are due: hardly ever are more than a few in use at once.

use super::Key;
use crate::hint::rarely;
use crate::limits::MAX_TIMER_LANES;
use crate::time::Instant;

/// The timer that is due first of a lane, or of the heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Front {
    pub(super) key: Key,
    /// [`IN_HEAP`] for the heap.
    pub(super) lane: usize,
}

/// In place of the lane's number: the timer is in none.
pub(super) const IN_HEAP: usize = usize::MAX;

/// Comes after all that there are.
const NOTHING: Front = Front { key: (Instant::MAX, u64::MAX), lane: IN_HEAP };

/// The front of each lane that has a timer, and of the heap if that has one.
#[derive(Clone, Debug)]
pub(super) struct Fronts {
    /// Sorted, and [`NOTHING`] behind the last of them: room for every lane, the heap and that.
    sorted: [Front; MAX_TIMER_LANES + 2],
    in_use: usize,
}

impl Fronts {
    /// Nobody has a timer.
    pub(super) const fn new() -> Self {
        Self { sorted: [NOTHING; MAX_TIMER_LANES + 2], in_use: 0 }
    }

    /// Whether nobody has one.
    pub(super) const fn is_empty(&self) -> bool {
        self.in_use == 0
    }

    /// The one that is due first; at [`Instant::MAX`] if there is none.
    #[inline]
    pub(super) const fn first(&self) -> &Front {
        &self.sorted[0]
    }

    /// A lane, or the heap, that had no timer has one.
    #[inline]
    pub(super) fn enter(&mut self, lane: usize, key: Key) {
        let mut place = self.in_use;
        self.in_use += 1;
        while place > 0 && is_before(key, self.sorted[place - 1].key) {
            self.sorted[place] = self.sorted[place - 1];
            place -= 1;
        }
        self.sorted[place] = Front { key, lane };
    }

    /// The front of a lane is gone; the key of the one behind it, if there is one.
    #[inline]
    pub(super) fn leave(&mut self, lane: usize, next: Option<Key>) {
        let mut place = 0;
        while rarely(self.sorted[place].lane != lane) {
            place += 1;
        }
        let front = match next {
            Some(key) => Front { key, lane },
            None => {
                self.in_use -= 1;
                NOTHING
            }
        };
        while is_before(self.sorted[place + 1].key, front.key) {
            self.sorted[place] = self.sorted[place + 1];
            place += 1;
        }
        self.sorted[place] = front;
    }
}

/// As pairs compare, but with one look where deadlines differ.
#[inline]
fn is_before(a: Key, b: Key) -> bool {
    a.0 < b.0 || (rarely(a.0 == b.0) && a.1 < b.1)
}
