//! What a driver with real phones asks besides: who is at an end of a call, whom that end hears, and by which way.

use crate::call::{Inside, NumberOf, Origin, Party};
use crate::id::{CallId, ChannelId, ConferenceId, LineId, UserId};
use crate::input::Presentation;
use crate::media::MediaLoad;
use crate::network::{End, PeerRef};
use crate::number::Number;
use crate::plan::spec::Endpoint;
use crate::smdr::Device;
use crate::system::System;
use smallvec::SmallVec;

/// What somebody at an end of a call hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// Nobody yet, or no longer: the call is not connected, or this end has it on hold.
    Nothing,
    /// Hold music.
    Music,
    /// That the other side still rings: the call was transferred before it was answered.
    Ringing,
    /// Whoever is at this end of this call, which may be the same call.
    End(CallId, End),
    /// Several others, mixed, and what it is among them.
    Mix(Mix, Part),
    /// The voicemail server.
    Voicemail,
}

/// Those who are mixed with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mix {
    /// A conference, and whoever listens in to its parties or breaks in on them.
    Conference(ConferenceId),
    /// The two parties of a call and those who have come to it; the lower id of two calls that were joined.
    Call(CallId),
}

/// Who hears one of those who are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everybody. Which user it is, if it is one of this system.
    Speaks(Option<UserId>),
    /// Nobody: it listens in, or is muted.
    Listens,
    /// This user alone, whose call it has come to (coaching intrusion).
    Coaches(UserId),
}

/// Who calls, as the called side may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The number; may be empty.
    pub number: Number,
    /// Whether it may be shown.
    pub presentation: Presentation,
}

/// Whether speech between two endpoints goes straight from one to the other. It goes through the system otherwise.
#[must_use]
pub fn is_direct(a: Endpoint, b: Endpoint) -> bool {
    MediaLoad::between(a, b, false).is_direct()
}

impl System {
    /// Who calls; `None` if there is no such call.
    #[must_use]
    pub fn caller(&self, call: CallId) -> Option<Caller> {
        self.call(call)?;
        Some(Caller {
            number: self.number_of(call, NumberOf::Calling),
            presentation: self.presentation(call),
        })
    }

    /// Who is at an end of a call; nobody if the end is inside the system, or the called one before there is one.
    #[must_use]
    pub fn device_at(&self, call: CallId, end: End) -> Device {
        let Some(c) = self.call(call) else { return Device::None };
        match end {
            End::Calling => c.origin.device(),
            End::Called => c.party().map_or(Device::None, Party::device),
        }
    }

    /// The call that another system has set up here on a line; `None` if it is over, or another one.
    #[must_use]
    pub fn call_from(&self, line: LineId, about: PeerRef) -> Option<CallId> {
        self.call_arrived(ChannelId { line, channel: about.channel }, about)
    }

    /// How a phone or line carries speech; `None` for what has none.
    #[must_use]
    pub fn endpoint(&self, device: Device) -> Option<Endpoint> {
        match device {
            Device::User(user) => Some(self.settings(user).endpoint),
            Device::Line(channel) => Some(self.plan.line(channel.line).endpoint),
            Device::None | Device::Voicemail(_) => None,
        }
    }

    /// Whom whoever is at an end of a call hears now.
    #[must_use]
    pub fn hears(&self, call: CallId, end: End) -> Hears {
        let Some(c) = self.call(call).filter(|c| c.is_connected()) else { return Hears::Nothing };
        if c.ends.holds(end) {
            return Hears::Nothing;
        }
        if c.ends.holds(end.other()) {
            return Hears::Music;
        }
        match c.inside(end.other()) {
            Some(Inside::Conference(id)) => {
                let part = if self.is_muted(id, call) { Part::Listens } else { self.speaks(call, end) };
                self.hears_conference(id, call, part)
            }
            Some(Inside::Call(other)) => self.hears_through(self.at(other), call, end),
            Some(Inside::Watched(watched)) => self.hears_watched(self.at(watched), call),
            None => match (end.other(), c.origin, c.party()) {
                (End::Called, _, Some(Party::Voicemail(_))) => Hears::Voicemail,
                (End::Calling, Origin::Inside(_), _) | (End::Called, _, None | Some(Party::Inside(_))) => {
                    Hears::Nothing
                }
                _ if self.has_watchers(call) => Hears::Mix(Mix::Call(call), self.speaks(call, end)),
                (far, _, _) => Hears::End(call, far),
            },
        }
    }

    /// The calls in which somebody may hear something else if the media of one change: this one, the one that it is joined to, and
    /// those of users who have come to either.
    #[must_use]
    pub fn heard_together(&self, call: CallId) -> SmallVec<[CallId; 2]> {
        let mut all: SmallVec<[CallId; 2]> = SmallVec::from_slice(&[call]);
        if !self.has_any_watchers() {
            return all;
        }
        let of = |id: CallId, end: End| match self.call(id)?.inside(end)? {
            Inside::Call(other) => Some(self.at(other)),
            Inside::Conference(_) | Inside::Watched(_) => None,
        };
        all.extend([End::Calling, End::Called].into_iter().filter_map(|end| of(call, end)));
        for id in all.clone() {
            all.extend(self.watchers_of(id).map(|(watcher, _)| watcher));
        }
        all
    }

    fn speaks(&self, call: CallId, end: End) -> Part {
        match self.device_at(call, end) {
            Device::User(user) => Part::Speaks(Some(user)),
            Device::Line(_) | Device::Voicemail(_) | Device::None => Part::Speaks(None),
        }
    }

    /// What a party of a conference hears, or somebody who has come to the party's call.
    fn hears_conference(&self, id: ConferenceId, call: CallId, part: Part) -> Hears {
        if self.waits_for_moderator(id, call) { Hears::Music } else { Hears::Mix(Mix::Conference(id), part) }
    }

    /// What a user hears who has come to a call of others.
    fn hears_watched(&self, watched: CallId, watcher: CallId) -> Hears {
        let part = self.watchers_of(watched).find(|(call, _)| *call == watcher).map(|(_, part)| part);
        let (Some(part), Some(c)) = (part, self.call(watched)) else { return Hears::Nothing };
        match c.inside(End::Calling).or(c.inside(End::Called)) {
            Some(Inside::Conference(id)) => self.hears_conference(id, watched, part),
            Some(Inside::Call(other)) => Hears::Mix(Mix::Call(watched.min(self.at(other))), part),
            Some(Inside::Watched(_)) | None => Hears::Mix(Mix::Call(watched), part),
        }
    }

    /// What somebody at an end of a call hears of another that the call is joined to.
    fn hears_through(&self, other: CallId, call: CallId, here: End) -> Hears {
        let Some(c) = self.call(other) else { return Hears::Nothing };
        if !c.is_connected() {
            return Hears::Ringing;
        }
        match self.outside_end(other) {
            Some(end) if c.ends.holds(end) => Hears::Music,
            Some(end) => match (end, c.party()) {
                (End::Called, Some(Party::Voicemail(_))) => Hears::Voicemail,
                _ if self.has_watchers(call) || self.has_watchers(other) => {
                    Hears::Mix(Mix::Call(call.min(other)), self.speaks(call, here))
                }
                (End::Calling | End::Called, _) => Hears::End(other, end),
            },
            None => Hears::Nothing,
        }
    }
}
