//! A list that grows without moving what it holds.

use std::ops::{Index, IndexMut};

const CHUNK_BITS: usize = 12;
const CHUNK: usize = 1 << CHUNK_BITS;

/// A list in pieces of equal size. A `Vec` that grows holds its old and its new memory for a moment, and up to twice
/// what it needs ever after; with hundreds of thousands of calls in progress that is most of the memory.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T> {
    /// All full but the last one.
    chunks: Vec<Vec<T>>,
}

impl<T> Chunks<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(crate) fn push(&mut self, value: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(value),
            // The first piece may stay small; whoever has filled one will need all of the next.
            Some(_) => {
                let mut next = Vec::with_capacity(CHUNK);
                next.push(value);
                self.chunks.push(next);
            }
            None => self.chunks.push(vec![value]),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index >> CHUNK_BITS)?.get(index & (CHUNK - 1))
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks.get_mut(index >> CHUNK_BITS)?.get_mut(index & (CHUNK - 1))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

impl<T> Index<usize> for Chunks<T> {
    type Output = T;
    fn index(&self, index: usize) -> &T {
        &self.chunks[index >> CHUNK_BITS][index & (CHUNK - 1)]
    }
}

impl<T> IndexMut<usize> for Chunks<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.chunks[index >> CHUNK_BITS][index & (CHUNK - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_list_across_its_pieces() {
        let mut chunks = Chunks::new();
        for n in 0..2 * CHUNK + 3 {
            assert_eq!(chunks.len(), n);
            assert_eq!(chunks.get(n), None);
            chunks.push(n);
        }
        chunks[CHUNK] = 7;
        assert_eq!(
            (chunks[CHUNK - 1], chunks[CHUNK], chunks.get(2 * CHUNK)),
            (CHUNK - 1, 7, Some(&(2 * CHUNK)))
        );
        assert_eq!(chunks.iter().count(), chunks.len());
    }
}
