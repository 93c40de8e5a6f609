//! Longest waiting ring mode: who has been idle longest first, then the next longest (DOMAIN 4.2).

use super::ring_mode::Cursor;
use super::state::Group;
use std::ops::Bound;

pub(super) fn next(group: &Group, cursor: Cursor) -> Option<(u16, Cursor)> {
    let after = match cursor {
        Cursor::After(since, place) => Bound::Excluded((since, place)),
        Cursor::Fresh | Cursor::From(_) | Cursor::Turned { .. } | Cursor::All => Bound::Unbounded,
    };
    let &(since, place) = group.by_idle.range((after, Bound::Unbounded)).next()?;
    Some((place, Cursor::After(since, place)))
}
