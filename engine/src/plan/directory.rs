//! The numbers of a whole network, shared by all its systems.

use crate::id::{HuntGroupId, SystemId, UserId};
use crate::index::Index;
use crate::number::Number;

/// Who answers to which number, and on which system. Numbers are unique in the network.
#[derive(Debug)]
pub(crate) struct Directory(Index<Number, Entry>);

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
}

impl Directory {
    pub(crate) fn with_capacity(n: usize) -> Self {
        Self(Index::with_capacity(n))
    }

    pub(crate) fn get(&self, number: &Number) -> Option<Entry> {
        self.0.get(number).copied()
    }

    /// Adds a number; the owner who had it before, if it is taken.
    pub(crate) fn add(&mut self, number: Number, entry: Entry) -> Result<(), Entry> {
        self.0.insert_new(number, entry).map_err(|taken| *taken)
    }
}
