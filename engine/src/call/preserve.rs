//! Media preservation: a connected call whose signalling is lost goes on while its media path lives (RES chapter 13).

use super::state::{Call, Inside, NoMedia, Origin, Party, Preservation, Stage};
use crate::cause::Cause;
use crate::hunt::CallOf;
use crate::id::{CallId, LineId, UserId};
use crate::input::Service;
use crate::network::{End, Fate, NetworkOutput};
use crate::output::Output;
use crate::plan::spec::{LineKind, LinePreservation, MediaPreservation};
use crate::route::line_group::Direction;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;

impl System {
    /// The calls that go on without signalling, and whether anything is heard on each.
    pub fn preserved_calls(&self) -> impl Iterator<Item = (CallId, Service)> {
        self.calls.iter().filter_map(|(index, generation, call)| match call.stage {
            Stage::Preserved(_) => {
                let id = CallId::new((index, generation));
                let heard = match self.preservations.get(id)?.no_media {
                    NoMedia::Heard => Service::In,
                    NoMedia::Silent(_) => Service::Out,
                };
                Some((id, heard))
            }
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_)
            | Stage::Ringing(_)
            | Stage::Outgoing(_)
            | Stage::Connected(_) => None,
        })
    }

    /// The signalling of a connected call is lost towards one side. It goes on without, if it is of a kind that is
    /// preserved; otherwise it ends.
    pub(crate) fn preserve_or_release(&mut self, now: Instant, id: CallId, side: Direction) {
        let Some(call) = self.call(id).copied() else { return };
        if !self.is_preserved(&call) {
            let by = match (side, call.origin, call.party()) {
                (Direction::Arriving, Origin::Peer { .. }, _) => ReleasedBy::Caller,
                (Direction::Seized, _, Some(Party::Peer { .. })) => ReleasedBy::Callee,
                // A phone that is silent is told all the same, should it hear that.
                (Direction::Arriving | Direction::Seized, _, _) => ReleasedBy::System,
            };
            return self.release(now, id, by, Cause::NETWORK_OUT_OF_ORDER, None);
        }
        let connected = match call.stage {
            Stage::Connected(connected) => {
                let expiry = self.plan.preserved_conn_duration;
                let expiry = self.timers.arm(now, expiry, TimerKind::PreservedConnection(id));
                self.stats.preserved += 1;
                let tag = call.tag;
                self.emit(now, Output::Network(NetworkOutput::Preserved { call: id, tag }));
                self.preservations.put(id, Preservation { expiry, no_media: NoMedia::Heard });
                connected
            }
            Stage::Preserved(connected) => connected,
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_)
            | Stage::Ringing(_)
            | Stage::Outgoing(_) => return,
        };
        // The channel serves other calls again once the line is back; the other end may have forgotten this one.
        let mut ends = call.ends;
        match (side, call.origin, connected.party) {
            (Direction::Arriving, Origin::Peer { channel, .. }, _) => {
                ends.lose(End::Calling);
                let group = self.lines.release_arriving(now, channel);
                self.waiting.channel_freed(group);
            }
            (Direction::Seized, _, party @ Party::Peer { .. }) => {
                ends.lose(End::Called);
                self.free_party(now, id, party);
            }
            (Direction::Arriving | Direction::Seized, _, _) => {}
        }
        if let Some(call) = self.call_mut(id) {
            call.stage = Stage::Preserved(connected);
            call.ends = ends;
        }
        if ends.is_lost(End::Calling) && ends.is_lost(End::Called) {
            // Neither party is here: nobody could hang up, and the media passes elsewhere.
            self.release(now, id, ReleasedBy::System, Cause::NETWORK_OUT_OF_ORDER, None);
        }
    }

    /// Whether a connected call goes on when its signalling is lost: a call of two parties, or of a party and a conference,
    /// neither on hold nor by way of a hunt group, with supported phones, on a path on which everybody has it enabled.
    fn is_preserved(&self, call: &Call) -> bool {
        let party = match call.stage {
            Stage::Connected(connected) => connected.party,
            Stage::Preserved(_) => return true,
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_)
            | Stage::Ringing(_)
            | Stage::Outgoing(_) => return false,
        };
        let calling = match call.origin {
            Origin::User(user) => self.phone_preserves(user),
            Origin::Trunk(channel) | Origin::Peer { channel, .. } => self.line_preserves(channel.line),
            Origin::Inside(inside) => Self::inside_preserves(inside),
        };
        let called = match party {
            Party::User(user) => self.phone_preserves(user),
            Party::Trunk { channel, .. } | Party::Peer { channel, .. } => self.line_preserves(channel.line),
            Party::Voicemail(_) => true,
            Party::Inside(inside) => Self::inside_preserves(inside),
        };
        // The system's setting governs IP Office lines and phones; a SIP line may have one of its own.
        let own = self.plan.media_preservation == MediaPreservation::Enabled;
        let on_its_own = |line: LineId| {
            let line = self.plan.line(line);
            line.kind == LineKind::Sip && line.media_preservation == LinePreservation::Enabled
        };
        let enabled = match (call.origin, party) {
            (Origin::Trunk(a), Party::Trunk { channel: b, .. }) => {
                own || (on_its_own(a.line) && on_its_own(b.line))
            }
            (Origin::Trunk(c), Party::User(user)) | (Origin::User(user), Party::Trunk { channel: c, .. }) => {
                own || (on_its_own(c.line) && !self.phone(user).is_h323())
            }
            (Origin::User(_) | Origin::Peer { .. } | Origin::Inside(_), _)
            | (Origin::Trunk(_), Party::Peer { .. } | Party::Voicemail(_) | Party::Inside(_)) => own,
        };
        let on_hold = call.ends.holds(End::Calling) || call.ends.holds(End::Called);
        enabled && calling && called && Self::call_of(call) == CallOf::Other && !on_hold
    }

    /// Whether what a call is joined to inside lets it go on. The parties of a conference go on with it; the ends of two
    /// calls that a transfer has joined do not share their fate.
    const fn inside_preserves(inside: Inside) -> bool {
        match inside {
            Inside::Conference(_) => true,
            Inside::Call(_) | Inside::Watched(_) => false,
        }
    }

    /// What the phones and trunks of a connected call do when the system itself is gone. A trunk that ends in its
    /// hardware ends with it, and so do its voicemail server and the conferences that it mixes.
    pub(crate) fn fate(&self, call: &Call) -> Fate {
        let on_hardware = |line: LineId| match self.plan.line(line).kind {
            LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => false,
            LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog => true,
        };
        let Some(party) = call.connected().map(|connected| connected.party) else { return Fate::Unanswered };
        let at_hardware = matches!(call.origin, Origin::Trunk(c) if on_hardware(c.line))
            || matches!(call.origin, Origin::Inside(_))
            || matches!(party, Party::Voicemail(_) | Party::Inside(_))
            || matches!(party, Party::Trunk { channel: c, .. } if on_hardware(c.line));
        if self.is_preserved(call) && !at_hardware { Fate::GoesOn } else { Fate::Ends }
    }

    fn phone_preserves(&self, user: UserId) -> bool {
        self.phone(user).preserves_calls()
    }

    fn line_preserves(&self, line: LineId) -> bool {
        let plan = self.plan.line(line);
        match plan.kind {
            LineKind::IpOffice { .. } => self
                .neighbours
                .line(line)
                .is_some_and(|neighbour| neighbour.preservation == MediaPreservation::Enabled),
            LineKind::Sip => plan.media_preservation != LinePreservation::Disabled,
            LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog | LineKind::H323 => true,
        }
    }

    /// Media of a preserved call is heard, or not.
    pub(crate) fn media(&mut self, now: Instant, id: CallId, service: Service) {
        let is_preserved = self.call(id).is_some_and(|call| matches!(call.stage, Stage::Preserved(_)));
        let Some(mut preserved) = self.preservations.get(id).filter(|_| is_preserved) else {
            return self.unexpected();
        };
        match (preserved.no_media, service) {
            (NoMedia::Heard, Service::Out) => {
                let longest = self.plan.preserved_no_media_duration;
                let timer = self.timers.arm(now, longest, TimerKind::PreservedNoMedia(id));
                preserved.no_media = NoMedia::Silent(timer);
            }
            (NoMedia::Silent(timer), Service::In) => {
                self.timers.cancel(timer);
                preserved.no_media = NoMedia::Heard;
            }
            (NoMedia::Heard, Service::In) | (NoMedia::Silent(_), Service::Out) => {}
        }
        self.preservations.put(id, preserved);
    }

    /// A preserved call has lasted as long as one may, with media or without.
    pub(crate) fn preserved_too_long(&mut self, now: Instant, id: CallId) {
        self.release(now, id, ReleasedBy::System, Cause::TIMER_EXPIRY, None);
    }

    /// Disarms what a preserved call has armed.
    pub(super) fn cancel_preserved(&mut self, id: CallId) {
        let Some(preserved) = self.preservations.get(id) else { return };
        self.timers.cancel(preserved.expiry);
        if let NoMedia::Silent(timer) = preserved.no_media {
            self.timers.cancel(timer);
        }
    }
}
