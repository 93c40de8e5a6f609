//! The numbers of a whole network, shared by all its systems.

mod words;

use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
use crate::index::Index;
use crate::number::Number;
use words::{Key, Words};

/// Who answers to which number, and on which system. Numbers are unique in the network. Those that fit a word, as most extensions do,
/// and end with a digit or like one are kept as such: less memory, so that thousands stay in the cache and tens of millions in memory.
#[derive(Debug)]
pub(crate) struct Directory {
    short: Words,
    long: Index<Number, Entry>,
    /// All numbers, in order once sealed, to tell whether digits are the beginning of one. A word has the first digit in front.
    short_in_order: Vec<u64>,
    long_in_order: Vec<Number>,
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
    /// Of a number that is kept as a word.
    #[inline]
    fn key(number: &Number) -> Option<Key> {
        Key::new(number.as_word()?)
    }

    #[inline]
    pub(crate) fn get(&self, number: &Number) -> Option<Entry> {
        match Self::key(number) {
            Some(key) => self.short.get(key),
            None => self.long.get(number).copied(),
        }
    }

    /// Somebody will soon ask for a number.
    #[inline]
    pub(crate) fn expect(&self, number: &Number) {
        if let Some(key) = Self::key(number) {
            self.short.expect(key);
        }
    }

    /// Adds a number; the owner who had it before, if it is taken.
    pub(crate) fn add(&mut self, number: Number, entry: Entry) -> Result<(), Entry> {
        match Self::key(&number) {
            Some(key) => self.short.add(key, entry)?,
            None => self.long.insert_new(number, entry).map_err(|taken| *taken)?,
        }
        match number.as_word() {
            Some(word) => self.short_in_order.push(word.swap_bytes()),
            None => self.long_in_order.push(number),
        }
        Ok(())
    }

    /// Puts the numbers in order, when all have been added.
    pub(crate) fn seal(&mut self) {
        self.short_in_order.sort_unstable();
        self.short_in_order.shrink_to_fit();
        self.long_in_order.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    }

    /// Whether a number begins with `digits`.
    pub(crate) fn has_prefix(&self, digits: &Number) -> bool {
        self.has_short_prefix(digits) || {
            let first = self.long_in_order.partition_point(|n| n.as_bytes() < digits.as_bytes());
            self.long_in_order.get(first).is_some_and(|n| n.as_bytes().starts_with(digits.as_bytes()))
        }
    }

    /// Whether a number that fits a word begins with `digits`; then they do, too.
    fn has_short_prefix(&self, digits: &Number) -> bool {
        let Some(word) = digits.as_word() else { return false };
        let (least, bits) = (word.swap_bytes(), 8 * digits.as_bytes().len() as u32);
        let first = self.short_in_order.partition_point(|&n| n < least);
        // The first that is not before the digits has them in front, if any has: no more than these bits are the same in all.
        self.short_in_order.get(first).is_some_and(|n| (n ^ least).leading_zeros() >= bits)
    }
}

impl Default for Directory {
    fn default() -> Self {
        let (short, long) = (Words::new(), Index::with_capacity(0));
        Self { short, long, short_in_order: Vec::new(), long_in_order: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_a_number_begins_with_are_told_from_others() {
        let numbers = ["2001", "20011", "31", "12345678", "123456789", "87654321012345", "2_", "20O"];
        let mut directory = Directory::default();
        let number = |digits: &str| Number::new(digits).expect("digits");
        for (n, digits) in numbers.iter().enumerate() {
            let entry = Entry { system: SystemId(0), local: Local::User(UserId::at(n)) };
            directory.add(number(digits), entry).expect("it is new");
        }
        directory.seal();
        let mut asked: Vec<String> =
            numbers.iter().flat_map(|n| (0..=n.len()).map(|end| n[..end].to_owned())).collect();
        asked.extend(numbers.iter().flat_map(|n| (0..n.len()).map(|end| format!("{}7", &n[..end]))));
        asked.extend(numbers.iter().flat_map(|n| ["0", "9", "*"].map(|digit| format!("{n}{digit}"))));
        for digits in asked {
            let begins = numbers.iter().any(|n| n.starts_with(&digits));
            assert_eq!(directory.has_prefix(&number(&digits)), begins, "{digits:?}");
        }
        let taken = directory.add(number("31"), Entry { system: SystemId(1), local: Local::User(UserId(9)) });
        assert_eq!(taken, Err(Entry { system: SystemId(0), local: Local::User(UserId(2)) }));
    }
}
