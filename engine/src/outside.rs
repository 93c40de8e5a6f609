//! What a driver with real phones asks besides: who is at an end of a call, whom that end hears, and by which way.

use crate::call::{Inside, Origin, Party};
use crate::id::{CallId, ChannelId, ConferenceId, LineId};
use crate::input::Presentation;
use crate::media::MediaLoad;
use crate::network::{End, PeerRef};
use crate::number::Number;
use crate::plan::spec::Endpoint;
use crate::smdr::Device;
use crate::system::System;

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
    /// A conference.
    Conference(ConferenceId),
    /// The voicemail server.
    Voicemail,
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
        Some(Caller { number: self.call(call)?.calling, presentation: self.presentation(call) })
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
        if c.held.by(end) {
            return Hears::Nothing;
        }
        if c.held.by(end.other()) {
            return Hears::Music;
        }
        match c.inside(end.other()) {
            Some(Inside::Conference(id)) if self.waits_for_moderator(id, call) => Hears::Music,
            Some(Inside::Conference(id)) => Hears::Conference(id),
            Some(Inside::Call(other)) => self.hears_through(other),
            // Who listens in or breaks in takes slots, but their speech is not mixed.
            Some(Inside::Watched(_)) => Hears::Nothing,
            None => match (end.other(), c.origin, c.party()) {
                (End::Called, _, Some(Party::Voicemail(_))) => Hears::Voicemail,
                (End::Calling, Origin::Inside(_), _) | (End::Called, _, None | Some(Party::Inside(_))) => {
                    Hears::Nothing
                }
                (far, _, _) => Hears::End(call, far),
            },
        }
    }

    /// What is heard of a call that another one is joined to.
    fn hears_through(&self, other: CallId) -> Hears {
        let Some(c) = self.call(other) else { return Hears::Nothing };
        if !c.is_connected() {
            return Hears::Ringing;
        }
        match self.outside_end(other) {
            Some(end) if c.held.by(end) => Hears::Music,
            Some(end) => match (end, c.party()) {
                (End::Called, Some(Party::Voicemail(_))) => Hears::Voicemail,
                (End::Calling | End::Called, _) => Hears::End(other, end),
            },
            None => Hears::Nothing,
        }
    }
}
