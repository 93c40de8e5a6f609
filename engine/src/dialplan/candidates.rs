//! What the codes of a table make of the digits dialled so far.

use super::pattern::{Fit, Pattern};

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// The best code of each kind that matches, and whether others still might. Groups are numbered from the best rank on,
/// so the smaller number wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidates {
    /// Matches and has taken all it can.
    pub(super) closed: u32,
    /// Matches, and its last `N` takes more.
    pub(super) open: u32,
    /// Ends in `;` and matches if the number is complete.
    pub(super) held: u32,
    /// Kinds of code that need more digits.
    pub(super) partial: Kinds,
}

/// Which kinds of code there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    const PLAIN: Self = Self(1);
    const HELD: Self = Self(2);

    pub(super) const fn of(complete_only: bool) -> Self {
        if complete_only { Self::HELD } else { Self::PLAIN }
    }

    /// Two bits.
    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits & 3)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Codes without `;`.
    pub(super) const fn plain(self) -> bool {
        self.0 & Self::PLAIN.0 != 0
    }

    /// Codes with `;`.
    pub(super) const fn held(self) -> bool {
        self.0 & Self::HELD.0 != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Candidates {
    pub(super) const NONE: Self = Self { closed: NONE, open: NONE, held: NONE, partial: Kinds::NONE };

    /// Takes in that `group`, which has this pattern, stands so to the digits.
    pub(super) fn add(&mut self, group: u32, pattern: &Pattern, fit: Fit) {
        match fit {
            Fit::No => {}
            Fit::Partial => self.partial.add(Kinds::of(pattern.is_complete_only())),
            Fit::Exact => self.add_exact(group, pattern.is_open(), pattern.is_complete_only()),
        }
    }

    pub(super) fn add_exact(&mut self, group: u32, open: bool, complete_only: bool) {
        let place = match (complete_only, open) {
            (true, _) => &mut self.held,
            (false, true) => &mut self.open,
            (false, false) => &mut self.closed,
        };
        *place = group.min(*place);
    }

    /// The best that matches if the number is complete.
    pub(super) fn complete(&self) -> Option<u32> {
        some(self.closed.min(self.open).min(self.held))
    }

    /// The best without `;` that matches.
    pub(super) fn plain(&self) -> Option<u32> {
        some(self.closed.min(self.open))
    }

    /// Whether a code matches that takes no more digits.
    pub(super) const fn has_closed(&self) -> bool {
        self.closed != NONE
    }

    /// Whether a code with `;` matches or still might.
    pub(super) const fn has_held(&self) -> bool {
        self.held != NONE || self.partial.held()
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::NONE
    }
}

pub(super) const fn some(group: u32) -> Option<u32> {
    if group == NONE { None } else { Some(group) }
}
