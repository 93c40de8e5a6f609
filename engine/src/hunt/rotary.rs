//! Rotary ring mode: from the first available member after the last who answered, once round the list (DOMAIN 4.2).

use super::ring_mode::Cursor;
use super::state::Group;

pub(super) fn next(group: &Group, members: u16, cursor: Cursor) -> Option<(u16, Cursor)> {
    let (start, by) = match cursor {
        Cursor::Turned { start, by } => (start, by),
        Cursor::Fresh | Cursor::From(_) | Cursor::After(..) | Cursor::All => {
            (group.last_answered.map_or(0, |last| (last + 1) % members.max(1)), 0)
        }
    };
    let beyond_start = members - start;
    let turned = |by: u16| Cursor::Turned { start, by: by + 1 };
    if by < beyond_start
        && let Some(place) = group.available.next_from(start + by)
    {
        return Some((place, turned(place - start)));
    }
    // Round the end of the list, up to where it began.
    let from = by.saturating_sub(beyond_start);
    let place = group.available.next_from(from).filter(|&place| place < start)?;
    Some((place, turned(beyond_start + place)))
}
