//! Sequential ring mode: one after the other, always from the top of the list (DOMAIN 4.2).

use super::ring_mode::Cursor;
use super::state::Group;

pub(super) fn next(group: &Group, cursor: Cursor) -> Option<(u16, Cursor)> {
    let from = match cursor {
        Cursor::From(place) => place,
        Cursor::Fresh | Cursor::Turned { .. } | Cursor::After(..) | Cursor::All => 0,
    };
    let place = group.available.next_from(from)?;
    Some((place, Cursor::From(place + 1)))
}
