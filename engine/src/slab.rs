//! A table whose places are used again, each use told apart by a generation.

use crate::hint::{bring, rarely, usual};

/// Entries of `T` at stable places. The place freed last is used first, so the same operations always give the same
/// places.
///
/// In pieces of equal size, so that it grows without moving what it holds: a `Vec` that grows has its old and its new memory
/// for a moment, and up to twice what it needs ever after. With hundreds of thousands of calls in progress that is most of the
/// memory.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    pieces: Vec<Box<Piece<T>>>,
    /// The place that was freed last, or else the first that was never used; [`NO_PLACE`] if none is free.
    free: u32,
    len: usize,
}

/// No entry is of one of the last two generations: one more than any is neither zero nor the highest number.
#[inline]
const fn after(generation: u32) -> u32 {
    if rarely(generation == u32::MAX - 2) { 0 } else { generation + 1 }
}

/// Entries of a piece: few, because there may be thousands of tables that hold next to nothing.
const PIECE: usize = 16;
const NO_PLACE: u32 = u32::MAX;

/// Aligned as the processor's cache is, so that an entry as large as a line of it lies in one.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Piece<T>([Entry<T>; PIECE]);

#[derive(Clone, Debug)]
struct Entry<T> {
    generation: u32,
    state: State<T>,
}

#[derive(Clone, Debug)]
enum State<T> {
    /// With the place that is used after it.
    Free(u32),
    Used(T),
}

impl<T> State<T> {
    #[inline]
    const fn value(&self) -> Option<&T> {
        match self {
            Self::Used(value) => Some(value),
            Self::Free(_) => None,
        }
    }
}

impl<T> Slab<T> {
    /// Bytes that an entry takes.
    pub const ENTRY: usize = size_of::<Entry<T>>();

    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { pieces: Vec::new(), free: NO_PLACE, len: 0 }
    }

    /// Entries in use.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no entry is in use.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Stores `value`; its place and generation.
    #[inline]
    pub fn insert(&mut self, value: T) -> (u32, u32) {
        if rarely(self.free == NO_PLACE) {
            self.add_piece();
        }
        let index = self.free;
        let entry = &mut self.pieces[index as usize / PIECE].0[index as usize % PIECE];
        if let State::Free(after) = entry.state {
            self.free = after;
        }
        entry.state = State::Used(value);
        self.len += 1;
        (index, entry.generation)
    }

    /// Uses the next place's generation up, as if a value had been there for a moment.
    #[cold]
    pub fn skip(&mut self) {
        if self.free == NO_PLACE {
            self.add_piece();
        }
        if let Some(entry) = self.entry_mut(self.free) {
            entry.generation = after(entry.generation);
        }
    }

    /// The place after all there are.
    fn end(&self) -> u32 {
        (self.pieces.len() * PIECE) as u32
    }

    /// Makes the places of one piece more free, in their order, where none is.
    #[cold]
    fn add_piece(&mut self) {
        self.free = self.end();
        let after = |n: usize| if n + 1 < PIECE { self.free + n as u32 + 1 } else { NO_PLACE };
        let entry = |n| Entry { generation: 0, state: State::Free(after(n)) };
        self.pieces.push(Box::new(Piece(std::array::from_fn(entry))));
    }

    #[inline]
    fn entry(&self, index: u32) -> Option<&Entry<T>> {
        Some(&self.pieces.get(index as usize / PIECE)?.0[index as usize % PIECE])
    }

    #[inline]
    fn entry_mut(&mut self, index: u32) -> Option<&mut Entry<T>> {
        Some(&mut self.pieces.get_mut(index as usize / PIECE)?.0[index as usize % PIECE])
    }

    /// The entry, if this generation still has the place.
    #[must_use]
    #[inline]
    pub fn get(&self, index: u32, generation: u32) -> Option<&T> {
        usual(self.entry(index).filter(|entry| entry.generation == generation).and_then(|e| e.state.value()))
    }

    /// The entry, to change it.
    #[inline]
    pub fn get_mut(&mut self, index: u32, generation: u32) -> Option<&mut T> {
        let entry = self.entry_mut(index).filter(|entry| entry.generation == generation);
        usual(match entry.map(|entry| &mut entry.state) {
            Some(State::Used(value)) => Some(value),
            Some(State::Free(_)) | None => None,
        })
    }

    /// The generation that has a place, or is going to have it next.
    #[must_use]
    pub fn generation(&self, index: u32) -> u32 {
        self.entry(index).map_or(0, |entry| entry.generation)
    }

    /// Brings the entry closer for somebody who will soon look at it: its first line of the cache, and its last.
    #[inline]
    pub fn expect(&self, index: u32) {
        if let Some(entry) = self.entry(index) {
            bring(&entry.state);
            bring(&entry.generation);
        }
    }

    /// Takes the entry out; its place may be used again at once, under the next generation.
    #[inline]
    pub fn remove(&mut self, index: u32, generation: u32) -> Option<T> {
        match self.vacate(index, generation)? {
            State::Used(value) => Some(value),
            State::Free(_) => None,
        }
    }

    /// [`Self::remove`] for one who looks at the entry once more, where it lies.
    #[inline(always)]
    pub fn remove_with<R>(&mut self, index: u32, generation: u32, last: impl FnOnce(&T) -> R) -> Option<R> {
        let had = last(self.get(index, generation)?);
        self.vacate(index, generation);
        Some(had)
    }

    /// Makes a place free if this generation has it; what was there.
    #[inline(always)]
    fn vacate(&mut self, index: u32, generation: u32) -> Option<State<T>> {
        let free = self.free;
        let entry = usual(self.entry_mut(index).filter(|entry| entry.generation == generation))?;
        usual(entry.state.value())?;
        let had = std::mem::replace(&mut entry.state, State::Free(free));
        entry.generation = after(entry.generation);
        self.free = index;
        self.len -= 1;
        Some(had)
    }

    /// Every entry in order of place: `(index, generation, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, &T)> {
        let entries = self.pieces.iter().flat_map(|piece| piece.0.iter());
        entries
            .enumerate()
            .filter_map(|(index, e)| e.state.value().map(|value| (index as u32, e.generation, value)))
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_generation_no_longer_opens_the_place() {
        let mut slab = Slab::new();
        let (index, generation) = slab.insert('a');
        assert_eq!(slab.remove(index, generation), Some('a'));
        assert_eq!(slab.insert('b'), (index, generation + 1));
        assert_eq!(slab.get(index, generation), None);
        assert_eq!(slab.remove(index, generation), None);
        assert_eq!(slab.get(index, generation + 1), Some(&'b'));
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn a_place_is_skipped_as_if_it_had_been_used() {
        let (mut skipped, mut used) = (Slab::new(), Slab::new());
        for n in 0..PIECE + 3 {
            skipped.skip();
            let (index, generation) = used.insert(n);
            used.remove(index, generation);
            assert_eq!(skipped.len(), n);
            assert_eq!(skipped.insert(n), used.insert(n));
        }
    }

    #[test]
    fn generations_begin_anew_before_the_last_two() {
        assert_eq!([0, 1, u32::MAX - 3, u32::MAX - 2].map(after), [1, 2, u32::MAX - 2, 0]);
    }

    #[test]
    fn entries_keep_their_places_across_pieces() {
        let mut slab = Slab::new();
        for n in 0..2 * PIECE + 3 {
            assert_eq!((slab.len(), slab.get(n as u32, 0)), (n, None));
            assert_eq!(slab.insert(n), (n as u32, 0));
        }
        let all: Vec<_> = slab.iter().map(|(index, _, &value)| (index as usize, value)).collect();
        assert_eq!(all, (0..2 * PIECE + 3).map(|n| (n, n)).collect::<Vec<_>>());
        assert_eq!((slab.remove(PIECE as u32, 0), slab.len()), (Some(PIECE), 2 * PIECE + 2));
    }
}
