//! Who is at the ends of a call that is answered, for whoever looks from outside: who hears whom follows from it.

use super::state::{Call, Inside, Origin, Party, Stage};
use crate::id::{CallId, ChannelId, ConferenceId, LineId, UserId};
use crate::network::{End, PeerRef};
use crate::route::line_group::Direction;
use crate::system::System;

/// What is at one end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// A phone.
    User(UserId),
    /// The far end of a trunk.
    Trunk(ChannelId),
    /// Another system, by the line to it and the call as it goes over that line.
    Peer(LineId, PeerRef),
    /// Another call of this system: the outside end of one that it was joined to, or both ends of one that it listens in to or
    /// breaks in on.
    Call(CallId),
    /// Everybody in a conference.
    Conference(ConferenceId),
    /// The voicemail server.
    Voicemail,
    /// Nobody that this system knows of any more: the call is preserved.
    Unknown,
}

impl System {
    /// The calls that are answered, and who is at the calling and at the called end of each.
    pub fn answered_calls(&self) -> impl Iterator<Item = (CallId, [AtEnd; 2])> {
        self.calls.iter().filter_map(|(index, generation, call)| {
            let id = CallId::new((index, generation));
            Some((id, self.ends(id, call)?))
        })
    }

    /// Channels that calls hold, and who seized them: those at their ends, and those by which members of hunt groups ring elsewhere.
    pub(crate) fn held_channels(&self) -> impl Iterator<Item = (Direction, ChannelId, CallId)> {
        self.calls.iter().flat_map(|(index, generation, call)| {
            let id = CallId::new((index, generation));
            let calling = match call.origin {
                _ if call.ends.is_lost(End::Calling) => None,
                Origin::Trunk(channel) => Some((Direction::Seized, channel)),
                Origin::Peer { channel, .. } => Some((Direction::Arriving, channel)),
                Origin::User(_) | Origin::Inside(_) => None,
            };
            let group_call = if let Stage::Hunting(id) = call.stage { Some(id) } else { None };
            let rung = group_call.into_iter().flat_map(|id| self.member_channels(id));
            let called = call.party().and_then(Party::channel).into_iter().chain(rung);
            let all = calling.into_iter().chain(called.map(|channel| (Direction::Seized, channel)));
            all.map(move |(direction, channel)| (direction, channel, id))
        })
    }

    /// Calls that hold channels of a line, by channel: those that this end has seized, then those of the other.
    pub(crate) fn calls_on(&self, line: LineId) -> Vec<(Direction, CallId)> {
        let mut all: Vec<_> = self.held_channels().filter(|(_, channel, _)| channel.line == line).collect();
        all.sort_unstable();
        all.into_iter().map(|(direction, _, call)| (direction, call)).collect()
    }

    /// `None` if it is not answered.
    fn ends(&self, id: CallId, call: &Call) -> Option<[AtEnd; 2]> {
        let (party, ends) = (call.connected()?.party, call.ends);
        let inside = |inside| match inside {
            Inside::Call(other) | Inside::Watched(other) => AtEnd::Call(self.at(other)),
            Inside::Conference(conference) => AtEnd::Conference(conference),
        };
        let calling = match call.origin {
            _ if ends.is_lost(End::Calling) => AtEnd::Unknown,
            Origin::User(user) => AtEnd::User(user),
            Origin::Trunk(channel) => AtEnd::Trunk(channel),
            Origin::Peer { channel, .. } => AtEnd::Peer(channel.line, self.peer_refs.get(id)?),
            Origin::Inside(what) => inside(what),
        };
        let called = match party {
            _ if ends.is_lost(End::Called) => AtEnd::Unknown,
            Party::User(user) => AtEnd::User(user),
            Party::Trunk { channel, .. } => AtEnd::Trunk(channel),
            Party::Peer { channel, attempt } => {
                AtEnd::Peer(channel.line, PeerRef { channel: channel.channel, call: id, attempt })
            }
            Party::Inside(what) => inside(what),
            Party::Voicemail(_) => AtEnd::Voicemail,
        };
        Some([calling, called])
    }
}
