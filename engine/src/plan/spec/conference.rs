//! Conferences of a system: how many parties it has room for, and the rooms that are set up beforehand.

use crate::number::Number;

/// Conferences of one system (RC chapter 8).
#[derive(Clone, Debug, PartialEq)]
pub struct ConferencesSpec {
    /// Slots of all conferences together: one a party, one a recording, one who listens in.
    pub channels: u16,
    /// Most slots of one conference.
    pub largest: u16,
    /// When the last party of the network leaves, those from outside are dropped.
    pub drop_external_only: bool,
    /// Rooms with a number of their own.
    pub rooms: Vec<RoomSpec>,
}

/// A conference room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSpec {
    /// Directory number, unique in the network: whoever calls it joins.
    pub number: Number,
    /// Name for reports; may be empty.
    pub name: String,
    /// What kind of conference meets there.
    pub kind: RoomKind,
    /// PIN of participants; empty: none is asked.
    pub pin: Number,
    /// PIN that makes a caller a moderator; empty: none does.
    pub moderator_pin: Number,
    /// Extensions that are moderators without a PIN.
    pub moderators: Vec<Number>,
    /// Most parties; `None`: what the system has room for.
    pub largest: Option<u16>,
    /// Participants hear music until a moderator joins, and when the last moderator leaves.
    pub music_until_moderator: bool,
}

/// Kinds of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// A bridge on any system of the network.
    MeetMe,
    /// A system conference of the primary.
    System,
}

impl Default for ConferencesSpec {
    /// An IP500 V2 (RC chapter 8), without rooms.
    fn default() -> Self {
        Self { channels: 128, largest: 64, drop_external_only: true, rooms: Vec::new() }
    }
}

impl RoomSpec {
    /// A room that anybody may enter, and everything else as it is by default.
    #[must_use]
    pub const fn new(number: Number) -> Self {
        Self {
            number,
            name: String::new(),
            kind: RoomKind::MeetMe,
            pin: Number::EMPTY,
            moderator_pin: Number::EMPTY,
            moderators: Vec::new(),
            largest: None,
            music_until_moderator: false,
        }
    }
}
