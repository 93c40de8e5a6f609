//! A set of places, members in a hunt group's list or channels of a line, with the next one from anywhere in a few steps.

/// Places below a fixed number. A bit a place, and a bit for each word that has any.
#[derive(Clone, Debug)]
pub(crate) struct PlaceSet {
    words: Vec<u64>,
    summary: Vec<u64>,
}

impl PlaceSet {
    pub(crate) fn new(places: usize) -> Self {
        let words = places.div_ceil(64);
        Self { words: vec![0; words], summary: vec![0; words.div_ceil(64)] }
    }

    /// All places below `places`.
    pub(crate) fn full(places: u16) -> Self {
        let mut set = Self::new(usize::from(places));
        (0..places).for_each(|place| set.insert(place));
        set
    }

    #[inline]
    pub(crate) fn insert(&mut self, place: u16) {
        let word = usize::from(place) / 64;
        self.words[word] |= 1 << (place % 64);
        self.summary[word / 64] |= 1 << (word % 64);
    }

    #[inline]
    pub(crate) fn remove(&mut self, place: u16) {
        let word = usize::from(place) / 64;
        self.words[word] &= !(1 << (place % 64));
        if self.words[word] == 0 {
            self.summary[word / 64] &= !(1 << (word % 64));
        }
    }

    pub(crate) fn contains(&self, place: u16) -> bool {
        self.words.get(usize::from(place) / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// The first place from `from` on.
    #[inline]
    pub(crate) fn next_from(&self, from: u16) -> Option<u16> {
        let first = usize::from(from) / 64;
        let rest = self.words.get(first)? & (u64::MAX << (from % 64));
        if rest != 0 {
            return Some(first as u16 * 64 + rest.trailing_zeros() as u16);
        }
        let word = next_bit(&self.summary, first + 1)?;
        Some(word as u16 * 64 + self.words[word].trailing_zeros() as u16)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u16> {
        let mut next = self.next_from(0);
        std::iter::from_fn(move || {
            let place = next?;
            next = self.next_from(place + 1);
            Some(place)
        })
    }
}

/// The first bit set from `from` on.
fn next_bit(words: &[u64], from: usize) -> Option<usize> {
    let first = from / 64;
    let rest = words.get(first)? & (u64::MAX << (from % 64));
    if rest != 0 {
        return Some(first * 64 + rest.trailing_zeros() as usize);
    }
    let (n, word) = words.iter().enumerate().skip(first + 1).find(|(_, word)| **word != 0)?;
    Some(n * 64 + word.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_sorted_set(size in 1_u16..10_000, ops in prop::collection::vec((any::<bool>(), any::<u16>()), 0..200)) {
            let (mut set, mut model) = (PlaceSet::new(usize::from(size)), BTreeSet::new());
            for (add, place) in ops {
                let place = place % size;
                if add {
                    set.insert(place);
                    model.insert(place);
                } else {
                    set.remove(place);
                    model.remove(&place);
                }
                prop_assert_eq!(set.contains(place), add);
                prop_assert_eq!(set.next_from(place / 2), model.range(place / 2..).next().copied());
            }
            prop_assert!(set.iter().eq(model));
        }
    }
}
