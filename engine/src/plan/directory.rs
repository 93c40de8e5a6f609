//! The numbers of a whole network, shared by all its systems.

use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
use crate::index::Index;
use crate::number::Number;

/// Who answers to which number, and on which system. Numbers are unique in the network.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Numbers that fit a word, which most extensions do: a third of the memory, so that thousands stay in the cache.
    short: Index<u64, Entry>,
    long: Index<Number, Entry>,
    /// All numbers in order, to tell whether digits are the beginning of one; once sealed.
    sorted: Vec<Number>,
}

/// A directory number's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) system: SystemId,
    pub(crate) local: Local,
}

/// What a number stands for on its own system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    User(UserId),
    HuntGroup(HuntGroupId),
    /// A conference room.
    Room(RoomId),
}

impl Directory {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self { short: Index::with_capacity(n), long: Index::with_capacity(0), sorted: Vec::with_capacity(n) }
    }

    #[inline]
    pub(crate) fn get(&self, number: &Number) -> Option<Entry> {
        match number.as_word() {
            Some(word) => self.short.get(&word).copied(),
            None => self.long.get(number).copied(),
        }
    }

    /// Adds a number; the owner who had it before, if it is taken.
    pub(crate) fn add(&mut self, number: Number, entry: Entry) -> Result<(), Entry> {
        match number.as_word() {
            Some(word) => self.short.insert_new(word, entry).map_err(|taken| *taken)?,
            None => self.long.insert_new(number, entry).map_err(|taken| *taken)?,
        }
        self.sorted.push(number);
        Ok(())
    }

    /// Puts the numbers in order, when all have been added.
    pub(crate) fn seal(&mut self) {
        self.sorted.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    }

    /// Whether a number begins with `digits`.
    pub(crate) fn has_prefix(&self, digits: &Number) -> bool {
        let first = self.sorted.partition_point(|n| n.as_bytes() < digits.as_bytes());
        self.sorted.get(first).is_some_and(|n| n.as_bytes().starts_with(digits.as_bytes()))
    }
}
