//! Collective ring mode: all available members ring together (DOMAIN 4.2).

use super::ring_mode::Cursor;
use super::state::Group;
use smallvec::SmallVec;

pub(super) fn next(group: &Group, cursor: Cursor) -> Option<(SmallVec<[u16; 1]>, Cursor)> {
    if cursor != Cursor::Fresh {
        return None;
    }
    let places: SmallVec<[u16; 1]> = group.available.iter().collect();
    (!places.is_empty()).then_some((places, Cursor::All))
}
