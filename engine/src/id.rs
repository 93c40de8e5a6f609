//! Newtypes for everything that is numbered. Small integers: indices into the tables of a `Plan`.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

macro_rules! index_id {
    ($(#[$doc:meta])* $name:ident($int:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $int);
        impl $name {
            /// Position in the table it numbers.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
            /// The id of the entry at `index`. The table's limit (`limits.rs`) keeps it in range.
            #[must_use]
            pub const fn at(index: usize) -> Self {
                debug_assert!(index as u128 <= <$int>::MAX as u128);
                Self(index as $int)
            }
        }
    };
}

index_id!(
    /// A system of the network, by its place in the solution.
    SystemId(u16)
);
index_id!(
    /// A user of one system (with the extension that carries the same number).
    UserId(u32)
);
index_id!(
    /// A line of one system, by its place in the plan (its line number is in the plan).
    LineId(u16)
);
index_id!(
    /// A line group of one system, by its place in the plan (its outgoing group number is in the plan).
    LineGroupId(u16)
);
index_id!(
    /// A hunt group of one system.
    HuntGroupId(u16)
);
index_id!(
    /// An ARS form of one system, by its place in the plan (its route id is in the plan).
    FormId(u16)
);

index_id!(
    /// A conference room of one system, by its place in the plan.
    RoomId(u16)
);
index_id!(
    /// A conference in progress on one system; numbers are used again.
    ConferenceId(u16)
);

/// A channel of a line: a B channel, a SIP session, an analog pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChannelId {
    /// The line it belongs to.
    pub line: LineId,
    /// Its number on that line, from 0.
    pub channel: u16,
}

/// A call on one system. The generation tells a finished call from a later one in the same place.
// Place in the upper half, so that they sort by it; in the lower half one more than the generation, so that an `Option` takes no more room.
// In one piece, or whoever reads it next would have to wait for two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub struct CallId(NonZeroU64);

impl CallId {
    /// A call of a system that is not this engine, as a driver that speaks to one numbers it.
    #[must_use]
    pub const fn outside(index: u32, generation: u32) -> Self {
        Self::new((index, generation))
    }

    /// The call at a place and generation of a table.
    #[inline]
    pub(crate) const fn new((index, generation): (u32, u32)) -> Self {
        // No table has the last generation.
        let uses = NonZeroU32::MIN.saturating_add(generation);
        match NonZeroU64::new((index as u64) << 32 | uses.get() as u64) {
            Some(bits) => Self(bits),
            None => Self(NonZeroU64::MIN),
        }
    }

    /// How often its place was used before.
    #[must_use]
    pub const fn generation(self) -> u32 {
        self.0.get() as u32 - 1
    }

    /// [`Self::index`] as the call table takes it.
    #[inline]
    pub(crate) const fn slot(self) -> u32 {
        (self.0.get() >> 32) as u32
    }

    /// Place in the system's call table; places are used again after the call has ended.
    #[must_use]
    pub const fn index(self) -> usize {
        self.slot() as usize
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {}.{}", self.index(), self.generation())
    }
}

/// The outside's own reference to a call attempt. The engine carries it along, over IP Office lines too, and never
/// looks inside: it lets a driver match what one system reports with what was offered to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_sorts_by_place_and_comes_back_as_it_was() {
        let parts = [(0, 0), (0, 1), (0, u32::MAX - 2), (1, 0), (u32::MAX, 7)];
        let calls = parts.map(|(index, generation)| CallId::outside(index, generation));
        assert!(calls.is_sorted());
        assert_eq!(calls.map(|call| (call.slot(), call.generation())), parts);
        // One that no table has, from a message of somebody else's.
        assert_eq!(CallId::outside(3, u32::MAX).slot(), 3);
        assert_eq!(size_of::<Option<CallId>>(), 8);
    }
}
