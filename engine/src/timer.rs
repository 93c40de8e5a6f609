//! Timers with an exact order: constant time for the durations declared beforehand, a heap for all others.
//!
//! A telephone system arms millions of timers of a handful of durations (no answer, call initiation, preserved call).
//! Timers of one duration expire in the order they were armed, so each declared duration has a lane: a doubly linked
//! list whose head is due first. Arming appends, cancelling unlinks, both in constant time with any number outstanding.
//! Timers of any other duration go to an indexed four-way heap, which cancels truly as well.
//! `benches/benches/timers.rs` holds both against a timer wheel from a registry.

use crate::limits::MAX_TIMER_LANES;
use crate::time::{Duration, Instant};
use std::num::NonZeroU32;

const NONE: u32 = u32::MAX;
const ARITY: usize = 4;

/// Names an armed timer; of no use once it has fired or was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId {
    index: u32,
    // Never zero, so that `Option<TimerId>` takes no more room.
    generation: NonZeroU32,
}

/// Armed timers, each with a payload, in the order (deadline, order of arming).
#[derive(Clone, Debug)]
pub struct TimerQueue<T> {
    nodes: Vec<Node<T>>,
    free: u32,
    armed: usize,
    sequence: u64,
    lanes: Vec<Lane>,
    heap: Vec<u32>,
    /// The earliest timer, so that asking for it costs nothing.
    first: u32,
}

#[derive(Clone, Debug)]
struct Lane {
    duration: Duration,
    head: u32,
    tail: u32,
}

#[derive(Clone, Debug)]
struct Node<T> {
    deadline: Instant,
    sequence: u64,
    generation: NonZeroU32,
    /// Lane: the neighbours. Heap: `next` is the position. Free: `next` is the next free node.
    previous: u32,
    next: u32,
    place: Place,
    payload: T,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    Lane(u8),
    Heap,
}

impl<T: Copy> TimerQueue<T> {
    /// No timers yet. `durations` get constant-time lanes; only the first [`MAX_TIMER_LANES`] different ones do.
    #[must_use]
    pub fn new(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut lanes: Vec<Lane> = Vec::new();
        for duration in durations {
            if lanes.len() < MAX_TIMER_LANES && lanes.iter().all(|l| l.duration != duration) {
                lanes.push(Lane { duration, head: NONE, tail: NONE });
            }
        }
        Self { nodes: Vec::new(), free: NONE, armed: 0, sequence: 0, lanes, heap: Vec::new(), first: NONE }
    }

    /// How many timers are armed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.armed
    }

    /// Whether no timer is armed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.armed == 0
    }

    /// Arms a timer that is due `after` from `now`. `now` must not go backwards between calls.
    pub fn arm(&mut self, now: Instant, after: Duration, payload: T) -> TimerId {
        let deadline = now + after;
        let lane = self.lanes.iter().position(|l| l.duration == after);
        // A saturated deadline, or a clock that went backwards, would break a lane's order; the heap keeps any order.
        let lane = lane.filter(|&l| match self.lanes[l].tail {
            NONE => true,
            tail => self.nodes[tail as usize].deadline <= deadline,
        });
        let index = self.allocate(deadline, payload);
        match lane {
            Some(lane) => self.append(lane, index),
            None => self.push_heap(index),
        }
        self.armed += 1;
        if self.first == NONE || self.before(index, self.first) {
            self.first = index;
        }
        TimerId { index, generation: self.nodes[index as usize].generation }
    }

    /// Disarms a timer; its payload, or `None` if it has fired or was cancelled before.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        let node = self.nodes.get(id.index as usize)?;
        if node.generation != id.generation || node.place == Place::Free {
            return None;
        }
        Some(self.take(id.index))
    }

    /// When the earliest timer is due, and its payload.
    #[must_use]
    pub fn peek(&self) -> Option<(Instant, T)> {
        let node = self.nodes.get(self.first as usize)?;
        Some((node.deadline, node.payload))
    }

    /// Takes the earliest timer if it is due at `now`.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, T)> {
        let (deadline, _) = self.peek()?;
        if deadline > now {
            return None;
        }
        Some((deadline, self.take(self.first)))
    }

    /// The payload of `id`; `None` if it is not armed.
    #[must_use]
    pub fn get(&self, id: TimerId) -> Option<T> {
        let node = self.nodes.get(id.index as usize)?;
        (node.generation == id.generation && node.place != Place::Free).then_some(node.payload)
    }

    fn before(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.nodes[a as usize], &self.nodes[b as usize]);
        (a.deadline, a.sequence) < (b.deadline, b.sequence)
    }

    fn allocate(&mut self, deadline: Instant, payload: T) -> u32 {
        let sequence = self.sequence;
        self.sequence += 1;
        let index = self.free;
        if index == NONE {
            let node = Node {
                deadline,
                sequence,
                generation: NonZeroU32::MIN,
                previous: NONE,
                next: NONE,
                place: Place::Free,
                payload,
            };
            self.nodes.push(node);
            return (self.nodes.len() - 1) as u32;
        }
        let node = &mut self.nodes[index as usize];
        self.free = node.next;
        node.deadline = deadline;
        node.sequence = sequence;
        node.payload = payload;
        index
    }

    fn append(&mut self, lane: usize, index: u32) {
        let tail = self.lanes[lane].tail;
        let node = &mut self.nodes[index as usize];
        node.place = Place::Lane(lane as u8);
        node.previous = tail;
        node.next = NONE;
        match tail {
            NONE => self.lanes[lane].head = index,
            tail => self.nodes[tail as usize].next = index,
        }
        self.lanes[lane].tail = index;
    }

    /// Removes an armed node from wherever it is and finds the new earliest one.
    fn take(&mut self, index: u32) -> T {
        match self.nodes[index as usize].place {
            Place::Lane(lane) => self.unlink(usize::from(lane), index),
            Place::Heap => self.remove_heap(self.nodes[index as usize].next as usize),
            Place::Free => unreachable!("only armed nodes are taken"),
        }
        let node = &mut self.nodes[index as usize];
        node.place = Place::Free;
        node.generation = node.generation.checked_add(1).unwrap_or(NonZeroU32::MIN);
        node.next = self.free;
        let payload = node.payload;
        self.free = index;
        self.armed -= 1;
        if self.first == index {
            self.first = self.earliest();
        }
        payload
    }

    fn unlink(&mut self, lane: usize, index: u32) {
        let Node { previous, next, .. } = self.nodes[index as usize];
        match previous {
            NONE => self.lanes[lane].head = next,
            p => self.nodes[p as usize].next = next,
        }
        match next {
            NONE => self.lanes[lane].tail = previous,
            n => self.nodes[n as usize].previous = previous,
        }
    }

    fn earliest(&self) -> u32 {
        let mut first = self.heap.first().copied().unwrap_or(NONE);
        for lane in &self.lanes {
            if lane.head != NONE && (first == NONE || self.before(lane.head, first)) {
                first = lane.head;
            }
        }
        first
    }

    fn push_heap(&mut self, index: u32) {
        self.nodes[index as usize].place = Place::Heap;
        self.heap.push(index);
        self.sift_up(self.heap.len() - 1);
    }

    fn remove_heap(&mut self, position: usize) {
        let last = self.heap.len() - 1;
        self.heap.swap(position, last);
        self.heap.truncate(last);
        if position < last {
            self.sift_down(position);
            self.sift_up(position);
        }
    }

    fn sift_up(&mut self, mut position: usize) {
        let index = self.heap[position];
        while position > 0 {
            let parent = (position - 1) / ARITY;
            if !self.before(index, self.heap[parent]) {
                break;
            }
            self.place_at(position, self.heap[parent]);
            position = parent;
        }
        self.place_at(position, index);
    }

    fn sift_down(&mut self, mut position: usize) {
        let index = self.heap[position];
        loop {
            let children = ARITY * position + 1..(ARITY * position + 1 + ARITY).min(self.heap.len());
            let Some(least) =
                children.reduce(|a, b| if self.before(self.heap[b], self.heap[a]) { b } else { a })
            else {
                break;
            };
            if !self.before(self.heap[least], index) {
                break;
            }
            self.place_at(position, self.heap[least]);
            position = least;
        }
        self.place_at(position, index);
    }

    fn place_at(&mut self, position: usize, index: u32) {
        self.heap[position] = index;
        self.nodes[index as usize].next = position as u32;
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
}
