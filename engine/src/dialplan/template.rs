//! Characters to send, with places for what was matched and who dials.

use super::pattern::Pattern;
use crate::limits::MAX_TELEPHONE_NUMBER;
use crate::number::Number;

/// What a match fills into a Telephone Number field.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The code that matched: says which digits stand at `N`.
    pub pattern: &'a Pattern,
    /// The digits it matched.
    pub dialled: &'a Number,
    /// `E`: the dialling user's extension, or the forwarding user's.
    pub extension: &'a Number,
    /// `l`: the number the user dialled last.
    pub last_dialled: &'a Number,
    /// `L`: the number the user was called from last.
    pub last_received: &'a Number,
}

impl<'a> Source<'a> {
    /// A match of `pattern` by a user of `extension` who has no last numbers.
    #[must_use]
    pub const fn new(pattern: &'a Pattern, dialled: &'a Number, extension: &'a Number) -> Self {
        Self { pattern, dialled, extension, last_dialled: &Number::EMPTY, last_received: &Number::EMPTY }
    }
}

/// A place in a template: one byte each, below all printable characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Place {
    Wild = 1,
    Dialled = 2,
    Extension = 3,
    LastDialled = 4,
    LastReceived = 5,
}

impl Place {
    /// The place that a letter of the field stands for.
    pub(super) const fn of(letter: char) -> Option<Self> {
        match letter {
            'N' => Some(Self::Wild),
            '.' => Some(Self::Dialled),
            'E' => Some(Self::Extension),
            'l' => Some(Self::LastDialled),
            'L' => Some(Self::LastReceived),
            _ => None,
        }
    }

    const fn decode(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Wild),
            2 => Some(Self::Dialled),
            3 => Some(Self::Extension),
            4 => Some(Self::LastDialled),
            5 => Some(Self::LastReceived),
            _ => None,
        }
    }
}

/// A template; no longer than the field it comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Template {
    bytes: [u8; MAX_TELEPHONE_NUMBER],
    len: u8,
}

impl Template {
    pub(super) const EMPTY: Self = Self { bytes: [0; MAX_TELEPHONE_NUMBER], len: 0 };

    pub(super) fn push_place(&mut self, place: Place) {
        self.push(place as u8);
    }

    /// Appends a printable ASCII character.
    pub(super) fn push(&mut self, c: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = c;
            self.len += 1;
        }
    }

    /// Whether it has a place for the last number dialled or received.
    pub(super) fn asks_for_last_numbers(&self) -> bool {
        let places = [Place::LastDialled as u8, Place::LastReceived as u8];
        self.bytes[..usize::from(self.len)].iter().any(|byte| places.contains(byte))
    }

    /// Filled in; `None` if that gives more digits than a number has.
    pub(super) fn fill(&self, source: &Source<'_>) -> Option<Number> {
        let bytes = &self.bytes[..usize::from(self.len)];
        if bytes == [Place::Dialled as u8] {
            return Some(*source.dialled);
        }
        let mut number = Number::EMPTY;
        for &byte in bytes {
            let fits = match Place::decode(byte) {
                None => number.push(byte),
                Some(Place::Dialled) => number.extend(source.dialled.as_bytes()),
                Some(Place::Extension) => number.extend(source.extension.as_bytes()),
                Some(Place::LastDialled) => number.extend(source.last_dialled.as_bytes()),
                Some(Place::LastReceived) => number.extend(source.last_received.as_bytes()),
                Some(Place::Wild) => {
                    source.pattern.wild(source.dialled.as_bytes()).all(|run| number.extend(run))
                }
            };
            if !fits {
                return None;
            }
        }
        Some(number)
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({:?})", self.bytes[..usize::from(self.len)].escape_ascii().to_string())
    }
}
