//! What a call is at each stage. Each variant owns exactly the data of its stage.

use crate::dialplan::GroupId;
use crate::id::{ChannelId, FormId, HuntGroupId, SystemId, Tag, UserId};
use crate::network::PeerRef;
use crate::number::Number;
use crate::smdr::Device;
use crate::time::Instant;
use crate::timer::TimerId;

/// A call in progress on this system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) tag: Tag,
    pub(crate) started: Instant,
    /// When the caller first heard it ring.
    pub(crate) alerted: Option<Instant>,
    pub(crate) calling: Number,
    pub(crate) dialled: Number,
    /// Where it was last routed to.
    pub(crate) called: Number,
    pub(crate) origin: Origin,
    /// The last party tried.
    pub(crate) callee: Device,
    pub(crate) hunt_group: Option<HuntGroupId>,
    /// Systems passed before this one.
    pub(crate) hops: u8,
    pub(crate) stage: Stage,
}

/// The calling side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    User(UserId),
    /// The far end of a trunk.
    Trunk(ChannelId),
    /// Another system, on the channel that it seized.
    Peer {
        channel: ChannelId,
        about: PeerRef,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// Being routed. Lasts no longer than the input at hand.
    Routing,
    Ringing(Ringing),
    Outgoing(Outgoing),
    Connected(Connected),
}

/// A phone of this system rings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ringing {
    pub(crate) user: UserId,
    /// Within its hunt group: the place after the member that rings.
    pub(crate) next_member: u16,
    pub(crate) no_answer: TimerId,
}

/// Set up on a line; not answered yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub(crate) party: Party,
    /// The digits the route was chosen by, for the next entry if this one fails.
    pub(crate) digits: Number,
    pub(crate) cursor: Cursor,
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connected {
    pub(crate) party: Party,
    pub(crate) since: Instant,
}

/// The called side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    User(UserId),
    Trunk(ChannelId),
    /// Another system, on a channel of an IP Office line that this one seized.
    Peer(ChannelId),
}

impl Party {
    pub(crate) const fn device(self) -> Device {
        match self {
            Self::User(user) => Device::User(user),
            Self::Trunk(channel) | Self::Peer(channel) => Device::Line(channel),
        }
    }
}

impl Origin {
    pub(crate) const fn device(self) -> Device {
        match self {
            Self::User(user) => Device::User(user),
            Self::Trunk(channel) | Self::Peer { channel, .. } => Device::Line(channel),
        }
    }
}

/// Which route a call takes next if the one at hand is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// The `next`th of the codes that matched in a table, which was reached through `forms` ARS forms.
    Codes { table: Table, group: GroupId, next: u16, forms: u8 },
    /// The `next`th line towards another system.
    Towards { system: SystemId, next: u16 },
}

/// A table of short codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    System,
    Form(FormId),
}
