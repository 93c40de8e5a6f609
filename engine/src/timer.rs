//! Timers with an exact order: constant time for the durations declared beforehand, a heap for all others.
//!
//! A telephone system arms millions of timers of a handful of durations (no answer, call initiation, preserved call).
//! Timers of one duration expire in the order they were armed, so each declared duration has a lane: a row whose front is
//! due first. Arming appends and cancelling marks, both in constant time with any number outstanding. Timers of any other
//! duration go to an indexed four-way heap, and so do those for which a full lane would have to grow in which most were
//! cancelled, so that a lane never has much more room than what was armed in it at once. `benches/benches/timers.rs` holds
//! both against a timer wheel from a registry.

mod fronts;
mod heap;
mod lane;

use crate::hint::{bring, mostly, rarely, usual};
use crate::limits::MAX_TIMER_LANES;
use crate::time::{Duration, Instant};
use fronts::{Front, Fronts, IN_HEAP};
use heap::{Heap, SlotId};
use lane::Lane;
use std::hint::cold_path;
use std::num::{NonZeroU32, NonZeroU64};

/// When a timer is due, and which comes first among equals.
type Key = (Instant, u64);

/// Names an armed timer; of no use once it has fired or was cancelled.
// Of the heap: the highest bit, 31 bits of slot, the generation. Of a lane: 5 bits of lane, and one more than the place. Never
// zero, so that `Option<TimerId>` takes no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId(NonZeroU64);

const HEAP: u64 = 1 << 63;
const LANE_SHIFT: u32 = 58;

const _: () = assert!(MAX_TIMER_LANES <= 16, "searched one by one, and their order is kept by moving it");

/// Armed timers, each with a payload, in the order (deadline, order of arming).
#[derive(Clone, Debug)]
pub struct TimerQueue<T> {
    lanes: Vec<Lane<T>>,
    fronts: Fronts,
    heap: Heap<T>,
    sequence: u64,
}

/// So many timers of a row are a group.
pub const AT_ONCE: usize = lane::GROUP;

/// Timers of one duration, most probably those that are due next.
#[derive(Clone, Copy, Debug)]
pub struct Row<'q, T>(&'q Lane<T>);

impl<'q, T: Copy + 'q> Row<'q, T> {
    /// The payloads of the `n`-th group after the one that the earliest timer begins, as far as they are armed.
    #[inline]
    pub fn group(self, n: usize) -> impl Iterator<Item = &'q T> {
        self.0.group(n).iter().filter_map(lane::Entry::armed)
    }

    /// Brings the `n`-th group closer.
    #[inline]
    pub fn expect_group(self, n: usize) {
        self.0.group(n).iter().for_each(bring);
    }
}

impl TimerId {
    #[inline]
    fn in_lane(lane: usize, place: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add((lane as u64) << LANE_SHIFT | place))
    }

    fn of_heap(id: SlotId) -> Self {
        Self(NonZeroU64::from(id.generation) | HEAP | u64::from(id.slot) << 32)
    }

    /// The lane and the place in it; otherwise the slot in the heap.
    #[inline]
    fn place(self) -> Result<(usize, u64), SlotId> {
        let bits = self.0.get();
        if bits & HEAP == 0 {
            let bits = bits - 1;
            return Ok(((bits >> LANE_SHIFT) as usize, bits & ((1 << LANE_SHIFT) - 1)));
        }
        let generation = NonZeroU32::new(bits as u32).unwrap_or(NonZeroU32::MIN);
        Err(SlotId { slot: (bits >> 32) as u32 & !(1 << 31), generation })
    }
}

impl<T: Copy> TimerQueue<T> {
    /// No timers yet. `durations` get constant-time lanes; only the first [`MAX_TIMER_LANES`] different ones do.
    #[must_use]
    pub fn new(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut lanes: Vec<Lane<T>> = Vec::new();
        for duration in durations {
            if lanes.len() < MAX_TIMER_LANES && lanes.iter().all(|l| l.duration() != duration) {
                lanes.push(Lane::new(duration));
            }
        }
        Self { lanes, fronts: Fronts::new(), heap: Heap::new(), sequence: 0 }
    }

    /// How many timers are armed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lanes.iter().map(Lane::armed).sum::<usize>() + self.heap.len()
    }

    /// Whether no timer is armed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fronts.is_empty()
    }

    /// Arms a timer that is due `after` from `now`. `now` must not go backwards between calls.
    // Inlined, so that the payload is written where it is to be, and not copied from where it was put together just before.
    #[inline(always)]
    pub fn arm(&mut self, now: Instant, after: Duration, payload: T) -> TimerId {
        let key = (now + after, self.sequence);
        self.sequence += 1;
        let lane = self.lanes.iter_mut().enumerate().find(|(_, lane)| lane.duration() == after);
        // A saturated deadline, or a clock that went backwards, would break a lane's order; the heap keeps any order.
        match usual(lane.filter(|(_, lane)| mostly(lane.takes(key.0)))) {
            Some((n, lane)) => {
                if lane.is_empty() {
                    self.fronts.enter(n, key);
                }
                TimerId::in_lane(n, lane.push(key, payload))
            }
            None => {
                let before = self.heap.first_key();
                let id = self.heap.push(key, payload);
                self.heap_has_changed(before);
                TimerId::of_heap(id)
            }
        }
    }

    /// The first timer of the heap may be another than before.
    #[inline(never)]
    fn heap_has_changed(&mut self, before: Option<Key>) {
        let after = self.heap.first_key();
        if before != after {
            if before.is_some() {
                self.fronts.leave(IN_HEAP, None);
            }
            if let Some(key) = after {
                self.fronts.enter(IN_HEAP, key);
            }
        }
    }

    /// Disarms a timer; its payload, or `None` if it has fired or was cancelled before.
    #[inline]
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        match id.place() {
            // Many are cancelled that have fired.
            Ok((n, place)) if self.lanes.get(n)?.is_over(place) => None,
            Ok((n, place)) => self.cancel_in_lane(n, place),
            Err(slot) => {
                cold_path();
                self.cancel_in_heap(slot)
            }
        }
    }

    #[inline(never)]
    fn cancel_in_lane(&mut self, n: usize, place: u64) -> Option<T> {
        let lane = self.lanes.get_mut(n)?;
        if !lane.is_front(place) {
            return lane.cancel(place);
        }
        let payload = *usual(lane.front())?;
        self.drop_front(n);
        Some(payload)
    }

    #[inline(never)]
    fn cancel_in_heap(&mut self, slot: SlotId) -> Option<T> {
        let before = self.heap.first_key();
        let payload = self.heap.cancel(slot);
        self.heap_has_changed(before);
        payload
    }

    /// Several timers are looked ahead at at once: the row of the earliest, each time that [`AT_ONCE`] of it have gone.
    #[must_use]
    #[inline]
    pub fn row(&self) -> Option<Row<'_, T>> {
        self.lanes.get(self.fronts.first().lane).filter(|lane| lane.is_at_a_group()).map(Row)
    }

    /// Brings a timer closer that will soon be cancelled.
    #[inline]
    pub fn expect(&self, id: TimerId) {
        if let Ok((lane, place)) = id.place()
            && let Some(lane) = self.lanes.get(lane)
        {
            lane.expect(place);
        }
    }

    /// When the earliest timer is due, and its payload.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<(Instant, T)> {
        let (deadline, _) = self.fronts.first().key;
        self.due(deadline).map(|&payload| (deadline, payload))
    }

    /// When the earliest timer is due; `None` if none ever is.
    #[must_use]
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        // Nothing is due at the end of time, so it stands for no timer.
        let (deadline, _) = self.fronts.first().key;
        (deadline < Instant::MAX).then_some(deadline)
    }

    /// Takes the earliest timer if it is due at `now`.
    #[inline]
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, T)> {
        let (deadline, payload) = (self.fronts.first().key.0, *self.due(now)?);
        self.drop_first();
        Some((deadline, payload))
    }

    /// The payload of the earliest timer if it is due at `now`: for those who look at it where it lies. [`Self::drop_first`] takes
    /// it away.
    #[must_use]
    #[inline]
    pub fn due(&self, now: Instant) -> Option<&T> {
        let &Front { key: (deadline, _), lane } = self.fronts.first();
        if rarely(deadline > now) {
            return None;
        }
        match usual(self.lanes.get(lane)) {
            Some(lane) => lane.front(),
            None => self.heap.front(),
        }
    }

    /// Takes the earliest timer away, if there is one.
    #[inline]
    pub fn drop_first(&mut self) {
        let lane = self.fronts.first().lane;
        if mostly(lane != IN_HEAP) {
            self.drop_front(lane);
        } else {
            let before = self.heap.first_key();
            self.heap.pop();
            self.heap_has_changed(before);
        }
    }

    /// The payload of `id`; `None` if it is not armed.
    #[must_use]
    pub fn get(&self, id: TimerId) -> Option<T> {
        match id.place() {
            Ok((n, place)) => self.lanes.get(n)?.get(place),
            Err(slot) => self.heap.get(slot),
        }
    }

    /// Takes the front of a lane away.
    #[inline(always)]
    fn drop_front(&mut self, n: usize) {
        let Some(lane) = usual(self.lanes.get_mut(n)) else { return };
        let next = lane.drop_front();
        self.fronts.leave(n, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Op {
        Arm(u64),
        Cancel(usize),
        Advance(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        // Durations 0-4 have lanes, the others go to the heap.
        prop_oneof![
            4 => (0_u64..9).prop_map(Op::Arm),
            2 => any::<usize>().prop_map(Op::Cancel),
            2 => (0_u64..5).prop_map(Op::Advance),
        ]
    }

    proptest! {
        #[test]
        fn fires_in_the_order_of_a_sorted_list(ops in prop::collection::vec(op(), 0..400)) {
            let mut queue = TimerQueue::new((0..5).map(Duration::from_nanos));
            let mut model: Vec<(Instant, usize, TimerId)> = Vec::new();
            let mut now = Instant::ZERO;
            for (n, op) in ops.into_iter().enumerate() {
                match op {
                    Op::Arm(after) => {
                        let after = Duration::from_nanos(after);
                        let id = queue.arm(now, after, n);
                        model.push((now + after, n, id));
                    }
                    Op::Cancel(which) if !model.is_empty() => {
                        let (_, payload, id) = model.remove(which % model.len());
                        prop_assert_eq!(queue.get(id), Some(payload));
                        prop_assert_eq!(queue.cancel(id), Some(payload));
                        prop_assert_eq!(queue.cancel(id), None);
                    }
                    Op::Cancel(_) => {}
                    Op::Advance(by) => {
                        now = now + Duration::from_nanos(by);
                        model.sort_by_key(|&(deadline, n, _)| (deadline, n));
                        let due = model.partition_point(|&(deadline, _, _)| deadline <= now);
                        let expected: Vec<_> = model.drain(..due).map(|(d, n, _)| (d, n)).collect();
                        let fired: Vec<_> = std::iter::from_fn(|| queue.pop_due(now)).collect();
                        prop_assert_eq!(fired, expected);
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                prop_assert_eq!(queue.peek().map(|(d, _)| d), model.iter().map(|m| m.0).min());
            }
        }
    }

    #[test]
    fn a_timer_that_is_over_is_neither_looked_at_nor_cancelled() {
        let after = Duration::from_secs(1);
        let mut queue = TimerQueue::new([after]);
        let ids = [0, 1, 2].map(|n| queue.arm(Instant::ZERO, after, n));
        let now = Instant::ZERO + after;
        assert_eq!([queue.pop_due(now), queue.pop_due(now)], [Some((now, 0)), Some((now, 1))]);
        ids.iter().for_each(|&id| queue.expect(id));
        assert_eq!(ids.map(|id| queue.get(id)), [None, None, Some(2)]);
        assert_eq!(ids.map(|id| queue.cancel(id)), [None, None, Some(2)]);
    }

    #[test]
    fn what_comes_is_seen_in_groups() {
        let after = Duration::from_secs(5);
        let mut queue = TimerQueue::new([after]);
        let ids: Vec<_> = (0..10).map(|n| queue.arm(Instant::from_nanos(n), after, n)).collect();
        queue.cancel(ids[5]);
        let group = |queue: &TimerQueue<u64>, n| -> Option<Vec<u64>> {
            queue.row().map(|row| row.group(n).copied().collect())
        };
        let groups = [vec![0, 1, 2, 3], vec![4, 6, 7], vec![8, 9], vec![], vec![]];
        for (n, wanted) in groups.into_iter().enumerate() {
            assert_eq!(group(&queue, n), Some(wanted), "{n}");
        }
        for _ in 1..AT_ONCE {
            queue.drop_first();
            assert_eq!(group(&queue, 0), None);
        }
        queue.drop_first();
        assert_eq!((group(&queue, 0), group(&queue, 1)), (Some(vec![4, 6, 7]), Some(vec![8, 9])));
    }

    #[test]
    fn cancelled_timers_take_no_more_room_than_armed_ones() {
        let after = Duration::from_secs(300);
        let mut queue = TimerQueue::new([after]);
        let kept = queue.arm(Instant::ZERO, after, 0);
        for n in 1..=10_000_u32 {
            let id = queue.arm(Instant::from_nanos(u64::from(n)), after, n);
            assert_eq!((queue.get(id), queue.cancel(id), queue.get(id)), (Some(n), Some(n), None));
        }
        assert!(queue.lanes[0].room() <= 128, "{}", queue.lanes[0].room());
        assert_eq!((queue.cancel(kept), queue.len(), queue.peek()), (Some(0), 0, None));
        assert_eq!(queue.lanes[0].room(), 0);
    }
}
