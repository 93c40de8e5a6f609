//! Longest waiting ring mode: who has been idle longest first, then the next longest (DOMAIN 4.2).

use super::ring_mode::Cursor;
use super::state::Group;

pub(super) fn next(group: &Group, cursor: Cursor) -> Option<(u16, Cursor)> {
    let next = match cursor {
        Cursor::After(since, place) => group.by_idle.after(&(since, place)),
        Cursor::Fresh | Cursor::From(_) | Cursor::Turned { .. } | Cursor::All => group.by_idle.first(),
    };
    let ((since, place), ()) = next?;
    Some((place, Cursor::After(since, place)))
}
