//! Timers of any duration: a four-way heap in which each timer knows its position, so that it can be taken out.

use super::Key;
use std::num::NonZeroU32;

const ARITY: usize = 4;

/// Timers in a heap. Keys stand in the heap itself: children are compared without a look at what they are.
#[derive(Clone, Debug)]
pub(super) struct Heap<T> {
    heap: Vec<Entry>,
    slots: Vec<Slot<T>>,
    free: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: Key,
    slot: u32,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    generation: NonZeroU32,
    /// Armed: position in the heap. Free: the next free slot.
    position: u32,
    /// `None`: free.
    payload: Option<T>,
}

/// Names a timer of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotId {
    pub(super) slot: u32,
    pub(super) generation: NonZeroU32,
}

impl<T: Copy> Heap<T> {
    pub(super) const fn new() -> Self {
        Self { heap: Vec::new(), slots: Vec::new(), free: u32::MAX }
    }

    // Inlined, for nobody's sake but that of whoever puts the payload together: it would have to be in memory to be passed on.
    #[inline(always)]
    pub(super) fn push(&mut self, key: Key, payload: T) -> SlotId {
        let position = self.heap.len();
        let id = self.occupy(position as u32, payload);
        let entry = Entry { key, slot: id.slot };
        self.heap.push(entry);
        self.sift_up(position, entry);
        id
    }

    #[inline(always)]
    fn occupy(&mut self, position: u32, payload: T) -> SlotId {
        if let Some(free) = self.slots.get_mut(self.free as usize) {
            let slot = std::mem::replace(&mut self.free, free.position);
            (free.position, free.payload) = (position, Some(payload));
            return SlotId { slot, generation: free.generation };
        }
        let (slot, generation) = (self.slots.len() as u32, NonZeroU32::MIN);
        self.slots.push(Slot { generation, position, payload: Some(payload) });
        SlotId { slot, generation }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.heap.len()
    }

    /// When the first is due; `None` if there is none.
    #[inline]
    pub(super) fn first_key(&self) -> Option<Key> {
        self.heap.first().map(|first| first.key)
    }

    /// The payload of the first.
    pub(super) fn front(&self) -> Option<&T> {
        let first = self.heap.first()?;
        self.slots[first.slot as usize].payload.as_ref()
    }

    /// Takes the first.
    pub(super) fn pop(&mut self) -> Option<T> {
        let slot = self.heap.first()?.slot;
        self.take(slot)
    }

    /// The payload of a timer, if it is armed.
    pub(super) fn get(&self, id: SlotId) -> Option<T> {
        self.slots.get(id.slot as usize).filter(|slot| slot.generation == id.generation)?.payload
    }

    /// Disarms a timer; its payload, if it was armed.
    pub(super) fn cancel(&mut self, id: SlotId) -> Option<T> {
        self.get(id)?;
        self.take(id.slot)
    }

    fn take(&mut self, index: u32) -> Option<T> {
        let slot = &mut self.slots[index as usize];
        let payload = slot.payload.take()?;
        slot.generation = slot.generation.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let position = std::mem::replace(&mut slot.position, self.free) as usize;
        self.free = index;
        let last = self.heap.pop()?;
        if position < self.heap.len() {
            match position > 0 && last.key < self.heap[(position - 1) / ARITY].key {
                true => self.sift_up(position, last),
                false => self.sift_down(position, last),
            }
        }
        Some(payload)
    }

    fn sift_up(&mut self, mut position: usize, entry: Entry) {
        while position > 0 {
            let parent = (position - 1) / ARITY;
            if self.heap[parent].key < entry.key {
                break;
            }
            self.place_at(position, self.heap[parent]);
            position = parent;
        }
        self.place_at(position, entry);
    }

    fn sift_down(&mut self, mut position: usize, entry: Entry) {
        loop {
            let first = ARITY * position + 1;
            let Some(children) = self.heap.get(first..(first + ARITY).min(self.heap.len())) else { break };
            let least = (0..).zip(children).min_by_key(|(_, child)| child.key);
            let Some((n, &least)) = least.filter(|(_, least)| least.key < entry.key) else { break };
            self.place_at(position, least);
            position = first + n;
        }
        self.place_at(position, entry);
    }

    fn place_at(&mut self, position: usize, entry: Entry) {
        self.heap[position] = entry;
        self.slots[entry.slot as usize].position = position as u32;
    }
}
