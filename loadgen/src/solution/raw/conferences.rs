//! Conference rooms.

use super::field::{boolean, digits, extension, name, number_list};
use crate::text::{At, NumberList, Place, Problems, Table};
use engine::number::Number;
use engine::plan::spec::RoomKind;

const KINDS: [(&str, RoomKind); 2] = [("meet-me", RoomKind::MeetMe), ("system", RoomKind::System)];

pub(in crate::solution) struct RawConference {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) number: Option<At<Number>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) kind: Option<At<RoomKind>>,
    pub(in crate::solution) pin: Option<At<Number>>,
    pub(in crate::solution) moderator_pin: Option<At<Number>>,
    pub(in crate::solution) moderators: Option<At<NumberList>>,
    pub(in crate::solution) largest: Option<At<u64>>,
    pub(in crate::solution) music_until_moderator: Option<At<bool>>,
}

pub(super) fn read_conference(t: &mut Table<'_>, p: &mut Problems) -> RawConference {
    RawConference {
        place: t.place().clone(),
        system: t.req("system", p, name),
        number: t.req("number", p, extension),
        name: t.opt("name", p, name),
        kind: t.opt("kind", p, |v, p| v.choice(&KINDS, p)),
        pin: t.opt("pin", p, digits),
        moderator_pin: t.opt("moderator_pin", p, digits),
        moderators: t.opt("moderators", p, number_list),
        largest: t.opt("largest", p, |v, p| v.integer(1..=u64::from(u16::MAX), p)),
        music_until_moderator: t.opt("music_until_moderator", p, boolean),
    }
}
