//! Who rings next: one file a ring mode, this one chooses.

use super::state::{Group, IdleSince};
use super::{collective, longest_waiting, rotary, sequential};
use crate::plan::spec::RingMode;
use smallvec::SmallVec;

/// How far a call has come in the list of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// Nobody of the group has rung yet.
    Fresh,
    /// Sequential: the next place to look at.
    From(u16),
    /// Rotary: where it began, and how many places it has looked at.
    Turned { start: u16, by: u16 },
    /// Longest waiting: who rang last.
    After(IdleSince, u16),
    /// Collective: all have rung.
    All,
}

/// The places of the members to ring next, all available; none if the call has been round the group.
pub(super) fn next(
    mode: RingMode,
    group: &Group,
    members: u16,
    cursor: Cursor,
) -> Option<(SmallVec<[u16; 1]>, Cursor)> {
    let one = |(place, cursor)| (SmallVec::from_elem(place, 1), cursor);
    match mode {
        RingMode::Collective | RingMode::CollectiveCallWaiting => collective::next(group, cursor),
        RingMode::Sequential => sequential::next(group, cursor).map(one),
        RingMode::Rotary => rotary::next(group, members, cursor).map(one),
        RingMode::LongestWaiting => longest_waiting::next(group, cursor).map(one),
    }
}
