//! What a call is at each stage. Each variant owns exactly the data of its stage.

use super::numbers::Called;
use crate::conference::AskingPin;
use crate::hunt::GroupCallId;
use crate::id::{CallId, ChannelId, ConferenceId, FormId, HuntGroupId, Tag, UserId};
use crate::limits::MAX_HUNT_GROUPS;
use crate::media::MediaLoad;
use crate::network::{End, Privilege, Purpose, Reached};
use crate::number::{Brief, Number};
use crate::plan::spec::QueuePriority;
use crate::slab::Slab;
use crate::smdr::Device;
use crate::time::Instant;
use crate::timer::TimerId;
use crate::voicemail::VoicemailChannel;
use std::num::NonZeroU16;

/// A call in progress on this system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) tag: Tag,
    pub(crate) started: Instant,
    /// When the caller first heard it ring.
    pub(crate) alerted: Option<Instant>,
    /// The caller's number and what was dialled in the first place, as [`super::NumberOf`] counts them.
    pub(crate) numbers: [Brief; 2],
    /// Where it was last routed to.
    pub(super) called: Called,
    pub(crate) origin: Origin,
    /// What it may do: the least of all users that it came through.
    pub(crate) privilege: Privilege,
    /// Times it was redirected.
    pub(crate) redirections: u8,
    /// Incoming call route whose fallback it goes to if its destination is busy.
    pub(crate) fallback: Option<Fallback>,
    /// The last party tried.
    pub(crate) callee: Device,
    pub(super) group: GroupOf,
    /// Its priority in the queues of hunt groups.
    pub(crate) queue_priority: QueuePriority,
    /// Systems passed before this one.
    pub(crate) hops: u8,
    /// Times it was sent out on a line so far.
    pub(crate) attempts: u16,
    pub(crate) ends: Ends,
    /// What it is for where it goes by number: a call, or to take part in a conference.
    pub(crate) purpose: Purpose,
    /// What another system has said that it reached there; `None` until it says so.
    pub(crate) reached: Option<Reached>,
    pub(crate) stage: Stage,
}

/// The fallback of a destination, by the place of its incoming call route and by its row there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fallback {
    pub(crate) route: u16,
    // One more than the row, so that `Option<Fallback>` takes no more room.
    row: NonZeroU16,
}

impl Fallback {
    /// `None` beyond 65,534 rows.
    pub(crate) fn new(route: usize, row: usize) -> Option<Self> {
        let row = u16::try_from(row + 1).ok().and_then(NonZeroU16::new)?;
        Some(Self { route: u16::try_from(route).ok()?, row })
    }

    pub(crate) const fn row(self) -> u16 {
        self.row.get() - 1
    }
}

/// What is to be remembered of the ends of a call: which have it on hold; and, of a preserved call, at which the signalling is lost: their
/// channels on the line are given back, and nothing is said there.
// Two bits for each end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Ends(u8);

impl Ends {
    const HELD: u8 = 1;
    const LOST: u8 = 4;

    pub(crate) const fn holds(self, end: End) -> bool {
        self.0 & Self::HELD << end as u8 != 0
    }

    pub(crate) const fn put_on_hold(&mut self, end: End) {
        self.0 |= Self::HELD << end as u8;
    }

    pub(crate) const fn retrieve(&mut self, end: End) {
        self.0 &= !(Self::HELD << end as u8);
    }

    pub(crate) const fn is_lost(self, end: End) -> bool {
        self.0 & Self::LOST << end as u8 != 0
    }

    pub(crate) const fn lose(&mut self, end: End) {
        self.0 |= Self::LOST << end as u8;
    }
}

/// The hunt group that a call has come to, if it has come to one: one more than its number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupOf(u16);

const _: () = assert!(MAX_HUNT_GROUPS < u16::MAX as usize);

/// Who is told something about the calling side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nobody,
    /// The calling party.
    Party,
    /// The calling party's system.
    Peer,
}

/// The calling side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    User(UserId),
    /// The far end of a trunk.
    Trunk(ChannelId),
    /// Another system, on the channel that it seized: `System::peer_refs`.
    Peer {
        channel: ChannelId,
        /// Who is at the calling end, as the other system says.
        caller: Reached,
    },
    /// Nobody outside: the call was joined to something of this system.
    Inside(Inside),
}

/// What an end of a call is joined to inside the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inside {
    /// Another call, by a transfer. That call has one end that is joined to this one; the other is outside.
    Call(Place),
    /// A conference; the call is on its roster.
    Conference(ConferenceId),
    /// A call that the user at the other end listens in to, or breaks in on.
    Watched(Place),
}

/// Another call by its place in the call table, which says enough of one that whatever names it ends with: none begins at its
/// place meanwhile, for no call begins while another is released. [`System::at`] knows the call.
///
/// [`System::at`]: crate::System
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(u32);

impl Place {
    pub(crate) const fn of(call: CallId) -> Self {
        Self(call.slot())
    }

    pub(crate) const fn slot(self) -> u32 {
        self.0
    }
}

/// A call, and one of its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    pub(crate) call: CallId,
    pub(crate) end: End,
}

impl Leg {
    /// The other end of the call.
    pub(crate) const fn far(self) -> Self {
        Self { call: self.call, end: self.end.other() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// Being routed. Lasts no longer than the input at hand.
    Routing,
    /// The caller dials by hand: `System::dialling`.
    Dialling,
    /// The caller is asked for an account code, and what was dialled is in `System::asked`.
    AccountCode(TimerId),
    /// The caller is asked for the PIN of a conference.
    Pin(AskingPin),
    /// No line was free: `System::waits`, and the search in `System::searches`.
    Waiting,
    /// With a hunt group: its members' phones ring, or it waits for one of them.
    Hunting(GroupCallId),
    Ringing(Ringing),
    Outgoing(Outgoing),
    Connected(Connected),
    /// The parties talk, but signalling is lost: `System::preservations`.
    Preserved(Connected),
}

/// A user dials by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialling {
    pub(crate) user: UserId,
    /// Digits that the phase goes by.
    pub(crate) digits: Number,
    pub(crate) phase: Phase,
    pub(crate) off_hook: TimerId,
    /// Armed while a digit is awaited: the dial delay time, or the delay of a hot line.
    pub(crate) pause: Option<TimerId>,
}

/// What the digits are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The directory and the tables of short codes.
    Tables,
    /// An ARS form, which a code that takes further digits has named.
    Form(FormId),
}

/// All lines that suit the call are in use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// Its place in the queues: a lower one has waited longer.
    pub(crate) place: u64,
    /// Armed while a further alternate route is going to open, or a time profile to begin or end.
    pub(crate) escalation: Option<TimerId>,
    /// When a time profile begins or ends.
    pub(crate) change: Option<Instant>,
}

/// A phone of this system rings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ringing {
    pub(crate) user: UserId,
    pub(crate) no_answer: TimerId,
}

/// Set up on a line; not answered yet. The search that led here is in `System::searches`, for the next route if this one fails.
// Its alignment leaves room for what tells the stages apart.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(crate) struct Outgoing {
    pub(crate) party: Party,
    pub(crate) progress: Progress,
    /// Call initiation timeout, then call queuing timeout.
    pub(crate) timer: TimerId,
}

/// What the far side of an outgoing call has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Nothing,
    Proceeding,
    Alerting,
}

/// The parties talk.
// As [`Outgoing`].
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(crate) struct Connected {
    pub(crate) party: Party,
    pub(crate) since: Instant,
    /// What its media take of the system.
    pub(crate) media: MediaLoad,
    /// Whether a voicemail channel records it: `System::recordings`.
    pub(crate) is_recorded: bool,
}

/// What a call has whose parties talk without signalling (RES chapter 13).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preservation {
    /// Armed for the longest time that a call is preserved.
    pub(crate) expiry: TimerId,
    pub(crate) no_media: NoMedia,
}

/// Whether the media of a preserved call is heard.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoMedia {
    Heard,
    /// Armed for the longest time that it may be silent.
    Silent(TimerId),
}

/// The called side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    User(UserId),
    Trunk {
        channel: ChannelId,
        /// Which of the routes tried for the call this is.
        attempt: u16,
    },
    /// Another system, on a channel of an IP Office line that this one seized.
    Peer {
        channel: ChannelId,
        /// Which of the routes tried for the call this is.
        attempt: u16,
    },
    /// The voicemail server of this system.
    Voicemail(VoicemailChannel),
    /// Nobody outside: the call was joined to something of this system. Connected calls only.
    Inside(Inside),
}

impl Call {
    /// The hunt group that it has come to.
    pub(crate) const fn hunt_group(&self) -> Option<HuntGroupId> {
        match self.group.0.checked_sub(1) {
            Some(group) => Some(HuntGroupId(group)),
            None => None,
        }
    }

    /// It has come to a hunt group, or is with none any more.
    pub(crate) fn set_hunt_group(&mut self, group: Option<HuntGroupId>) {
        self.group = GroupOf(group.map_or(0, |group| group.0 + 1));
    }

    /// The called side, if there is one yet, and still.
    pub(crate) const fn party(&self) -> Option<Party> {
        match self.stage {
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_) => None,
            Stage::Ringing(ringing) => Some(Party::User(ringing.user)),
            Stage::Outgoing(outgoing) => Some(outgoing.party),
            Stage::Connected(connected) => Some(connected.party),
            Stage::Preserved(_) if self.ends.is_lost(End::Called) => None,
            Stage::Preserved(connected) => Some(connected.party),
        }
    }

    /// What there is since the answer, whether its signalling is lost or not.
    #[inline]
    pub(crate) const fn connected(&self) -> Option<&Connected> {
        match &self.stage {
            Stage::Connected(connected) | Stage::Preserved(connected) => Some(connected),
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_)
            | Stage::Ringing(_)
            | Stage::Outgoing(_) => None,
        }
    }

    /// [`Self::connected`], to be changed.
    pub(crate) const fn connected_mut(&mut self) -> Option<&mut Connected> {
        match &mut self.stage {
            Stage::Connected(connected) | Stage::Preserved(connected) => Some(connected),
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Hunting(_)
            | Stage::Ringing(_)
            | Stage::Outgoing(_) => None,
        }
    }

    /// The caller is to hear that it rings, the first time: whom that is to be told.
    #[inline]
    pub(crate) fn begins_to_ring(&mut self, now: Instant) -> Told {
        if self.alerted.is_some() {
            return Told::Nobody;
        }
        self.alerted = Some(now);
        match self.origin {
            Origin::User(_) | Origin::Trunk(_) => Told::Party,
            Origin::Peer { .. } => Told::Peer,
            Origin::Inside(_) => Told::Nobody,
        }
    }

    pub(crate) const fn is_connected(&self) -> bool {
        matches!(self.stage, Stage::Connected(_))
    }

    pub(crate) const fn is_routing(&self) -> bool {
        matches!(self.stage, Stage::Routing)
    }

    /// Which end a user is.
    pub(crate) fn end_of(&self, user: UserId) -> Option<End> {
        if self.origin == Origin::User(user) {
            Some(End::Calling)
        } else {
            (self.party() == Some(Party::User(user))).then_some(End::Called)
        }
    }

    /// What an end is joined to, if it is inside.
    pub(crate) const fn inside(&self, end: End) -> Option<Inside> {
        match (end, self.origin, self.stage) {
            (End::Calling, Origin::Inside(inside), _) => Some(inside),
            (
                End::Called,
                _,
                Stage::Connected(Connected { party: Party::Inside(inside), .. })
                | Stage::Preserved(Connected { party: Party::Inside(inside), .. }),
            ) => Some(inside),
            (End::Calling | End::Called, _, _) => None,
        }
    }

    /// Joins an end to something inside. The called end of a connected call only.
    pub(crate) const fn put_inside(&mut self, end: End, inside: Inside) {
        match (end, &mut self.stage) {
            (End::Calling, _) => self.origin = Origin::Inside(inside),
            (End::Called, Stage::Connected(connected)) => connected.party = Party::Inside(inside),
            (End::Called, _) => debug_assert!(false, "only an answered call has a called end to join"),
        }
    }
}

impl Party {
    pub(crate) const fn device(self) -> Device {
        match self {
            Self::User(user) => Device::User(user),
            Self::Trunk { channel, .. } | Self::Peer { channel, .. } => Device::Line(channel),
            Self::Inside(_) => Device::None,
            Self::Voicemail(channel) => Device::Voicemail(channel),
        }
    }

    /// The line's channel, if it is on one.
    pub(crate) const fn channel(self) -> Option<ChannelId> {
        match self {
            Self::User(_) | Self::Inside(_) | Self::Voicemail(_) => None,
            Self::Trunk { channel, .. } | Self::Peer { channel, .. } => Some(channel),
        }
    }
}

impl Origin {
    pub(crate) const fn device(self) -> Device {
        match self {
            Self::User(user) => Device::User(user),
            Self::Trunk(channel) | Self::Peer { channel, .. } => Device::Line(channel),
            Self::Inside(_) => Device::None,
        }
    }
}

// There may be a million of them: each has two lines of the processor's caches.
const _: () = assert!(Slab::<Call>::ENTRY <= 128);
