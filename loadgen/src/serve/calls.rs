//! Calls as SIP sees them: who is at which end, which legs ring, what each side's description of its media is.

use engine::id::{CallId, LineId, UserId};
use engine::network::{End, PeerRef};
use engine::time::Instant;
use sip::endpoint::LegId;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::Arc;

/// A session description as it came or goes.
pub(super) type Sdp = Arc<[u8]>;

/// An end of a call: what media are negotiated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) call: CallId,
    pub(super) end: End,
}

/// Who is at an end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody outside, or not yet.
    Nobody,
    /// A phone or the far end of a trunk.
    Leg(LegId),
    /// Another system, over an IP Office line.
    Line(LineId, PeerRef),
}

/// Where the media of a side go, as it was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nowhere.
    Nothing,
    /// Straight to this other side.
    Side(Key),
    /// To this system.
    Port,
}

/// An end of a call with somebody at it.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) who: Who,
    /// Whose phone it is, if it is one.
    pub(super) user: Option<UserId>,
    /// Where it wants to receive: its last offer or answer.
    pub(super) theirs: Option<Sdp>,
    /// What it was told last.
    pub(super) ours: Option<Sdp>,
    pub(super) told: Told,
    pub(super) answered: Answered,
    /// The offer that came with its answer, for which it wants an answer in the ACK.
    pub(super) offer: Option<Sdp>,
}

/// Whether a side has been answered, or has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    No,
    Yes,
}

impl Side {
    pub(super) const NOBODY: Self = Self {
        who: Who::Nobody,
        user: None,
        theirs: None,
        ours: None,
        told: Told::Nothing,
        answered: Answered::No,
        offer: None,
    };

    pub(super) const fn is_unanswered(&self) -> bool {
        matches!(self.answered, Answered::No)
    }

    pub(super) const fn answered(&mut self) {
        self.answered = Answered::Yes;
    }
}

/// A leg that was invited and has not become the called side.
#[derive(Clone, Debug)]
pub(super) struct Ringing {
    pub(super) leg: LegId,
    pub(super) whose: Called,
    /// When it was invited; `None` once it has said that it rings.
    pub(super) asked_at: Option<Instant>,
    /// What it has said of its media.
    pub(super) theirs: Option<Sdp>,
    pub(super) ours: Option<Sdp>,
    pub(super) told: Told,
}

/// A set-up that left on an IP Office line and has not become the called side.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) line: LineId,
    pub(super) about: PeerRef,
    /// What the other side has said of its media.
    pub(super) theirs: Option<Sdp>,
    pub(super) ours: Option<Sdp>,
    pub(super) told: Told,
}

/// Whose leg a called one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// A phone of this user.
    Phone(UserId),
    /// The far end of a trunk, set up by this attempt.
    Trunk(u16),
}

/// A call of the engine.
#[derive(Clone, Debug)]
pub(super) struct Call {
    id: CallId,
    pub(super) calling: Side,
    pub(super) called: Side,
    pub(super) ringing: SmallVec<[Ringing; 1]>,
    pub(super) sent: Vec<Sent>,
    /// With which status the last phone refused it.
    pub(super) refused_with: Option<u16>,
    /// Hops that it may still go (Max-Forwards).
    pub(super) hops_left: u8,
}

impl Call {
    pub(super) const fn side(&self, end: End) -> &Side {
        match end {
            End::Calling => &self.calling,
            End::Called => &self.called,
        }
    }

    pub(super) const fn side_mut(&mut self, end: End) -> &mut Side {
        match end {
            End::Calling => &mut self.calling,
            End::Called => &mut self.called,
        }
    }

    /// Takes a leg off the list of those that ring.
    pub(super) fn stop_ringing(&mut self, leg: LegId) -> Option<Ringing> {
        let place = self.ringing.iter().position(|ringing| ringing.leg == leg)?;
        Some(self.ringing.remove(place))
    }
}

/// What a leg is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It called.
    Calling(CallId),
    /// It was called.
    Called(CallId, Called),
}

impl Use {
    pub(super) const fn key(self) -> Key {
        match self {
            Self::Calling(call) => Key { call, end: End::Calling },
            Self::Called(call, _) => Key { call, end: End::Called },
        }
    }
}

/// All calls, and which legs belong to them.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// By place in the engine's table.
    places: Vec<Option<Call>>,
    count: usize,
    /// Looked up, never iterated.
    legs: HashMap<LegId, Use, ahash::RandomState>,
}

impl Calls {
    pub(super) fn begin(&mut self, id: CallId, hops_left: u8) -> &mut Call {
        let place = id.index();
        if place >= self.places.len() {
            self.places.resize_with(place + 1, || None);
        }
        let call = Call {
            id,
            calling: Side::NOBODY,
            called: Side::NOBODY,
            ringing: SmallVec::new(),
            sent: Vec::new(),
            refused_with: None,
            hops_left,
        };
        if self.places[place].is_none() {
            self.count += 1;
        }
        self.places[place].insert(call)
    }

    pub(super) fn get(&self, id: CallId) -> Option<&Call> {
        self.places.get(id.index())?.as_ref().filter(|call| call.id == id)
    }

    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.places.get_mut(id.index())?.as_mut().filter(|call| call.id == id)
    }

    pub(super) fn side(&self, key: Key) -> Option<&Side> {
        Some(self.get(key.call)?.side(key.end))
    }

    pub(super) fn side_mut(&mut self, key: Key) -> Option<&mut Side> {
        Some(self.get_mut(key.call)?.side_mut(key.end))
    }

    /// The call is over; what is left of it.
    pub(super) fn end(&mut self, id: CallId) -> Option<Call> {
        let place = self.places.get_mut(id.index())?;
        place.as_ref().filter(|call| call.id == id)?;
        self.count -= 1;
        place.take()
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    pub(super) fn leg(&self, leg: LegId) -> Option<Use> {
        self.legs.get(&leg).copied()
    }

    pub(super) fn use_leg(&mut self, leg: LegId, what: Use) {
        self.legs.insert(leg, what);
    }

    pub(super) fn forget_leg(&mut self, leg: LegId) -> Option<Use> {
        self.legs.remove(&leg)
    }

    /// Whether neither a call nor a leg is left.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && self.legs.is_empty() && self.places.iter().all(Option::is_none)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.places.iter().flatten().map(|call| (call.id, call))
    }
}
