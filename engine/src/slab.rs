//! A table whose places are used again, each use told apart by a generation.

use crate::chunks::Chunks;

/// Entries of `T` at stable places. The place freed last is used first, so the same operations always give the same
/// places.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    entries: Chunks<Entry<T>>,
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Chunks::new(), free: Vec::new() }
    }

    /// Entries in use.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether no entry is in use.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Stores `value`; its place and generation.
    pub fn insert(&mut self, value: T) -> (u32, u32) {
        if let Some(index) = self.free.pop() {
            let entry = &mut self.entries[index as usize];
            entry.value = Some(value);
            (index, entry.generation)
        } else {
            let index = self.entries.len() as u32;
            self.entries.push(Entry { generation: 0, value: Some(value) });
            (index, 0)
        }
    }

    /// The entry, if this generation still has the place.
    #[must_use]
    pub fn get(&self, index: u32, generation: u32) -> Option<&T> {
        let entry = self.entries.get(index as usize)?;
        if entry.generation == generation { entry.value.as_ref() } else { None }
    }

    /// The entry, to change it.
    pub fn get_mut(&mut self, index: u32, generation: u32) -> Option<&mut T> {
        let entry = self.entries.get_mut(index as usize)?;
        if entry.generation == generation { entry.value.as_mut() } else { None }
    }

    /// Takes the entry out; its place may be used again at once, under the next generation.
    pub fn remove(&mut self, index: u32, generation: u32) -> Option<T> {
        let entry = self.entries.get_mut(index as usize)?;
        if entry.generation != generation {
            return None;
        }
        let value = entry.value.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        self.free.push(index);
        Some(value)
    }

    /// Every entry in order of place: `(index, generation, value)`.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, &T)> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(index, e)| e.value.as_ref().map(|value| (index as u32, e.generation, value)))
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
}
