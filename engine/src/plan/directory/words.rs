//! Owners by numbers of one word: a table in one piece, so that the place where a number stands is known, and can be brought closer,
//! before it is looked at.

use super::{Entry, Local};
use crate::hint::{bring, mostly};
use crate::id::{SystemId, UserId};

/// Each number at the first free place from the one on that follows from the number itself.
#[derive(Debug)]
pub(super) struct Words {
    /// As many as a power of two; a quarter at least is free.
    slots: Vec<Slot>,
    /// Of a product, so many lower bits do not count.
    shift: u32,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Never zero, if it is in use: no number is empty.
    word: u64,
    entry: Entry,
}

impl Slot {
    const FREE: Self = Self { word: 0, entry: Entry { system: SystemId(0), local: Local::User(UserId(0)) } };
}

/// Spreads words that differ in a few bits over the highest ones (2^64 divided by the golden ratio).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
const FEWEST: usize = 8;

impl Words {
    /// Room for so many.
    pub(super) fn with_capacity(n: usize) -> Self {
        let places = (n + n / 3 + 1).next_power_of_two().max(FEWEST);
        Self { slots: vec![Slot::FREE; places], shift: u64::BITS - places.ilog2(), len: 0 }
    }

    #[inline]
    fn first_place(&self, word: u64) -> usize {
        (word.wrapping_mul(MULTIPLIER) >> self.shift) as usize
    }

    /// Somebody will soon ask for a word.
    #[inline]
    pub(super) fn expect(&self, word: u64) {
        let place = self.first_place(word);
        bring(&self.slots[place]);
        // It may stand a little further on.
        bring(&self.slots[(place + 2) & (self.slots.len() - 1)]);
    }

    /// Whose number it is.
    #[inline]
    pub(super) fn get(&self, word: u64) -> Option<Entry> {
        let mut place = self.first_place(word);
        loop {
            let slot = &self.slots[place];
            if mostly(slot.word == word) && word != 0 {
                return Some(slot.entry);
            }
            if slot.word == 0 {
                return None;
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a word, which must not be zero; the owner who had it before, if it is taken.
    pub(super) fn add(&mut self, word: u64, entry: Entry) -> Result<(), Entry> {
        debug_assert_ne!(word, 0, "no number is empty");
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let slots = std::mem::take(&mut self.slots);
            *self = Self::with_capacity(2 * slots.len());
            for slot in slots.into_iter().filter(|slot| slot.word != 0) {
                self.put(slot);
            }
        }
        match self.get(word) {
            Some(taken) => Err(taken),
            None => {
                self.put(Slot { word, entry });
                Ok(())
            }
        }
    }

    fn put(&mut self, slot: Slot) {
        let mut place = self.first_place(slot.word);
        while self.slots[place].word != 0 {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = slot;
        self.len += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn finds_what_a_map_finds(words in prop::collection::vec(1_u64..200, 0..300), room in 0_usize..100) {
            let mut table = Words::with_capacity(room);
            let mut model = BTreeMap::new();
            for (n, word) in words.into_iter().enumerate() {
                // Alike in their lower bits, as words of short numbers are.
                let (word, entry) = (word << 40 | 0x31, Entry { system: SystemId(1), local: Local::User(UserId::at(n)) });
                let taken = model.get(&word).copied();
                prop_assert_eq!(table.add(word, entry).err(), taken);
                model.entry(word).or_insert(entry);
            }
            for word in 0..200 {
                let word = word << 40 | 0x31;
                prop_assert_eq!(table.get(word), model.get(&word).copied());
            }
            prop_assert_eq!(table.get(0), None);
        }
    }
}
