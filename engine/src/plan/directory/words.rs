//! Owners by numbers of one word: a table in one piece, so that the place where a number stands is known, and can be brought closer,
//! before it is looked at. Numbers that differ in their last character alone, as neighbours do, stand together.

use super::{Entry, Local};
use crate::hint::{bring, mostly};
use crate::id::{HuntGroupId, RoomId, SystemId, UserId};

/// A number that fits a word: all of it but the lower half of its last character, and that half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Never zero: no character has a higher half that is.
    stem: u64,
    last: usize,
}

/// Each stem at the first free place from the one on that follows from the stem itself.
#[derive(Debug)]
pub(super) struct Words {
    /// As many as a power of two; a quarter at least is free.
    tens: Vec<Tens>,
    /// Of a product, so many lower bits do not count.
    shift: u32,
    /// Stems.
    len: usize,
}

/// Numbers with one stem: two lines of the processor's caches, the first of which has the stem and the digits up to six.
#[derive(Clone, Debug)]
#[repr(align(128))]
struct Tens {
    /// Zero where there are none.
    stem: u64,
    entries: [Owner; LASTS],
}

const _: () = assert!(size_of::<Tens>() == 128);

/// The lower half of a character.
const LOWER: usize = 0xf;
/// Of sixteen such halves; the highest is that of a few letters alone.
const LASTS: usize = 15;

/// An entry in eight bytes, or none.
#[derive(Clone, Copy, Debug)]
struct Owner {
    local: u32,
    system: SystemId,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Nobody,
    User,
    HuntGroup,
    Room,
}

impl Owner {
    const NOBODY: Self = Self { local: 0, system: SystemId(0), kind: Kind::Nobody };

    fn new(entry: Entry) -> Self {
        let (kind, local) = match entry.local {
            Local::User(user) => (Kind::User, user.0),
            Local::HuntGroup(group) => (Kind::HuntGroup, u32::from(group.0)),
            Local::Room(room) => (Kind::Room, u32::from(room.0)),
        };
        Self { local, system: entry.system, kind }
    }

    #[inline]
    fn entry(self) -> Option<Entry> {
        let local = match self.kind {
            Kind::User => Local::User(UserId(self.local)),
            Kind::HuntGroup => Local::HuntGroup(HuntGroupId(self.local as u16)),
            Kind::Room => Local::Room(RoomId(self.local as u16)),
            Kind::Nobody => return None,
        };
        Some(Entry { system: self.system, local })
    }
}

impl Key {
    /// Of a word, whose first character is lowest; `None` if it has none, or ends with one that has no place.
    #[inline]
    pub(super) fn new(word: u64) -> Option<Self> {
        // The last character is the highest that is not zero.
        let shift = u64::BITS.checked_sub(word.leading_zeros() + 1)? & !7;
        let last = (word >> shift) as usize & LOWER;
        mostly(last < LASTS).then_some(Self { stem: word & !((LOWER as u64) << shift), last })
    }
}

/// Spreads stems that differ in a few bits over the highest ones (2^64 divided by the golden ratio).
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
const FEWEST: usize = 8;

impl Words {
    /// No number yet.
    pub(super) fn new() -> Self {
        Self::with_places(FEWEST)
    }

    /// A power of two.
    fn with_places(places: usize) -> Self {
        let free = Tens { stem: 0, entries: [Owner::NOBODY; LASTS] };
        Self { tens: vec![free; places], shift: u64::BITS - places.ilog2(), len: 0 }
    }

    #[inline]
    fn first_place(&self, stem: u64) -> usize {
        (stem.wrapping_mul(MULTIPLIER) >> self.shift) as usize
    }

    /// Somebody will soon ask for a number.
    #[inline]
    pub(super) fn expect(&self, key: Key) {
        let tens = &self.tens[self.first_place(key.stem)];
        bring(tens);
        bring(&tens.entries[key.last]);
    }

    /// Whose number it is.
    #[inline]
    pub(super) fn get(&self, key: Key) -> Option<Entry> {
        let mut place = self.first_place(key.stem);
        loop {
            let tens = &self.tens[place];
            if mostly(tens.stem == key.stem) {
                return tens.entries[key.last].entry();
            }
            if tens.stem == 0 {
                return None;
            }
            place = (place + 1) & (self.tens.len() - 1);
        }
    }

    /// Adds a number; the owner who had it before, if it is taken.
    pub(super) fn add(&mut self, key: Key, entry: Entry) -> Result<(), Entry> {
        if (self.len + 1) * 4 > self.tens.len() * 3 {
            let tens = std::mem::take(&mut self.tens);
            *self = Self::with_places(2 * tens.len());
            for tens in tens.into_iter().filter(|tens| tens.stem != 0) {
                let stem = tens.stem;
                *self.of_stem(stem) = tens;
            }
        }
        let owner = &mut self.of_stem(key.stem).entries[key.last];
        match owner.entry() {
            Some(taken) => Err(taken),
            None => {
                *owner = Owner::new(entry);
                Ok(())
            }
        }
    }

    /// Numbers with a stem, which is added if there are none. There is room for it.
    fn of_stem(&mut self, stem: u64) -> &mut Tens {
        let mut place = self.first_place(stem);
        while self.tens[place].stem != 0 && self.tens[place].stem != stem {
            place = (place + 1) & (self.tens.len() - 1);
        }
        let tens = &mut self.tens[place];
        if tens.stem == 0 {
            tens.stem = stem;
            self.len += 1;
        }
        tens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key(number: &str) -> Option<Key> {
        Key::new(Number::new(number).expect("valid").as_word().expect("at most eight characters"))
    }

    proptest! {
        #[test]
        fn finds_what_a_map_finds(numbers in prop::collection::vec("[0-9*#]{1,2}|5000[0-9]{0,3}|[a-zA-Z_@.+-]{1,8}", 0..300)) {
            let mut table = Words::new();
            let mut model = BTreeMap::new();
            for (n, number) in numbers.iter().enumerate() {
                let Some(key) = key(number) else { continue };
                let local = match n % 3 {
                    0 => Local::User(UserId::at(n)),
                    1 => Local::HuntGroup(HuntGroupId::at(n)),
                    _ => Local::Room(RoomId::at(n)),
                };
                let entry = Entry { system: SystemId::at(n), local };
                let taken = model.get(number).copied();
                prop_assert_eq!(table.add(key, entry).err(), taken);
                model.entry(number).or_insert(entry);
            }
            let others = (0..1_000).map(|n| n.to_string());
            for number in numbers.iter().cloned().chain(others) {
                prop_assert_eq!(key(&number).and_then(|key| table.get(key)), model.get(&number).copied());
            }
        }
    }

    #[test]
    fn neighbours_stand_together_and_others_do_not_get_in_between() {
        let tens = |number| key(number).map(|key| key.stem);
        assert_eq!(tens("20120"), tens("20129"));
        assert_eq!(tens("2012*"), tens("2012#"));
        assert_ne!(tens("20120"), tens("20130"));
        // A sign and a digit with the same lower half.
        assert_ne!(tens("2#"), tens("23"));
        // One is the beginning of the other.
        assert_ne!(tens("201"), tens("2010"));
        assert_eq!((Key::new(0), key("O"), key("2_")), (None, None, None));
    }
}
