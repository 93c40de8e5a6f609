//! The numbers of a whole network, shared by all its systems.

mod runs;

use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
use crate::index::Index;
use crate::number::{Number, TENS};
use runs::{Growing, Runs};

/// Who answers to which number, and on which system. Numbers are unique in the network.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Of numbers that are digits alone, sixteen at most, as nearly all are.
    decimal: Runs,
    others: Index<Number, Entry>,
    others_in_order: Vec<Number>,
}

/// A directory that numbers are added to.
pub(crate) struct Growth {
    decimal: Growing,
    others: Index<Number, Entry>,
    others_in_order: Vec<Number>,
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

impl Entry {
    /// The `n`-th owner of the same kind after this one, on the same system.
    #[inline]
    fn after(self, n: u32) -> Self {
        let local = match self.local {
            Local::User(user) => Local::User(UserId(user.0.wrapping_add(n))),
            Local::HuntGroup(group) => Local::HuntGroup(HuntGroupId(group.0.wrapping_add(n as u16))),
            Local::Room(room) => Local::Room(RoomId(room.0.wrapping_add(n as u16))),
        };
        Self { local, ..self }
    }
}

impl Growth {
    pub(crate) fn new() -> Self {
        let (decimal, others) = (Growing::default(), Index::with_capacity(0));
        Self { decimal, others, others_in_order: Vec::new() }
    }

    /// Adds a number; the owner who had it before, if it is taken.
    pub(crate) fn add(&mut self, number: Number, owner: Entry) -> Result<(), Entry> {
        if let Some(decimal) = number.as_decimal() {
            return self.decimal.add(decimal, owner);
        }
        self.others.insert_new(number, owner).map_err(|taken| *taken)?;
        self.others_in_order.push(number);
        Ok(())
    }

    /// The directory, when all numbers have been added.
    pub(crate) fn sealed(mut self) -> Directory {
        self.others_in_order.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        let Self { decimal, others, others_in_order } = self;
        Directory { decimal: decimal.sealed(), others, others_in_order }
    }
}

impl Directory {
    #[inline]
    pub(crate) fn get(&self, number: &Number) -> Option<Entry> {
        match number.as_decimal() {
            Some(decimal) => self.decimal.get(decimal),
            None => self.other(number),
        }
    }

    #[inline(never)]
    fn other(&self, number: &Number) -> Option<Entry> {
        self.others.get(number).copied()
    }

    /// Whether a number begins with `digits`.
    pub(crate) fn has_prefix(&self, digits: &Number) -> bool {
        let decimal = digits.as_decimal().is_some_and(|decimal| {
            // With so many digits more: of as many numbers with one length, which all begin so, whether there is one.
            let numbers = |&more: &u64| self.decimal.has_any(decimal * more, decimal * more + (more - 1));
            TENS[..TENS.len() - digits.len()].iter().any(numbers)
        });
        decimal || {
            let first = self.others_in_order.partition_point(|n| n.as_bytes() < digits.as_bytes());
            self.others_in_order.get(first).is_some_and(|n| n.as_bytes().starts_with(digits.as_bytes()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_a_number_begins_with_are_told_from_others() {
        let numbers = [
            "2001",
            "20011",
            "31",
            "12345678",
            "123456789",
            "87654321012345",
            "2_",
            "20O",
            "0031",
            "1234567890123456",
            "9876543210123456789",
        ];
        let mut growth = Growth::new();
        let number = |digits: &str| Number::new(digits).expect("digits");
        for (n, digits) in numbers.iter().enumerate() {
            let entry = Entry { system: SystemId(0), local: Local::User(UserId::at(n)) };
            growth.add(number(digits), entry).expect("it is new");
        }
        let taken = growth.add(number("31"), Entry { system: SystemId(1), local: Local::User(UserId(9)) });
        assert_eq!(taken, Err(Entry { system: SystemId(0), local: Local::User(UserId(2)) }));
        let directory = growth.sealed();
        let mut asked: Vec<String> =
            numbers.iter().flat_map(|n| (0..=n.len()).map(|end| n[..end].to_owned())).collect();
        asked.extend(numbers.iter().flat_map(|n| (0..n.len()).map(|end| format!("{}7", &n[..end]))));
        asked.extend(numbers.iter().flat_map(|n| ["0", "9", "*"].map(|digit| format!("{n}{digit}"))));
        for digits in asked {
            let begins = numbers.iter().any(|n| n.starts_with(&digits));
            assert_eq!(directory.has_prefix(&number(&digits)), begins, "{digits:?}");
        }
    }
}
