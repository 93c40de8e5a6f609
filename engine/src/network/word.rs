//! Words about the network itself: between systems, and between a system and its outside.

use super::mailboxes::{MailSync, VoicemailControl};
use super::neighbour::LineStatus;
use super::notice::Notice;
use super::power::Fate;
use super::registration::Leaves;
use super::resilience::{Refusal, ResilienceEvent};
use crate::alarm::AlarmSource;
use crate::id::{CallId, LineId, SystemId, Tag, UserId};
use crate::input::Service;
use crate::number::Number;
use crate::plan::spec::{MediaPreservation, PhoneModel};
use crate::time::Duration;

/// What one system says to another over an IP Office line, besides what it says about calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkMessage {
    /// The sender is there.
    KeepAlive {
        /// Which of its lives this is: another number than before means that it has started anew and knows of no call.
        incarnation: u32,
        /// Whether it preserves calls.
        preservation: MediaPreservation,
        /// What the sender believes of the hunt group members that the receiver lends it, as one number: if the receiver
        /// knows better, it says how each of them is.
        members: u64,
    },
    /// Something that the other system must know.
    Notice {
        /// Number on this line, in this direction.
        serial: u32,
        /// What.
        notice: Notice,
    },
    /// The notice with this number has come.
    Acknowledged {
        /// Its number.
        serial: u32,
    },
    /// How a user of the sender is for a hunt group of the receiver.
    Member {
        /// The group's number.
        group: Number,
        /// The user's.
        member: Number,
        /// How the user is from now on.
        state: MemberState,
        /// How long ago the user's last call ended.
        idle_for: Duration,
    },
}

/// How a user is for a hunt group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberState {
    /// Logged in, enabled, and not on do not disturb.
    pub active: bool,
    /// May be rung now.
    pub available: bool,
}

impl MemberState {
    /// Nothing is known of the user, which is as if nobody were there.
    pub(crate) const UNKNOWN: Self = Self { active: false, available: false };
}

/// What a system is told about itself and its network. Handed over in [`crate::Input::Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkInput {
    /// The system has finished starting: from now on it sends keep-alives on its IP Office lines and expects them. One
    /// that is never told takes all its lines to be up, for networks in which nothing fails.
    Start {
        /// How often it has started before.
        incarnation: u32,
    },
    /// The system stops: power, crash or restart. What it had in memory is gone, its calls with it.
    Stop,
    /// Another system speaks.
    Heard {
        /// This system's line to it.
        line: LineId,
        /// What it says.
        message: NetworkMessage,
    },
    /// The voicemail server of the system stops or runs again; it runs when its system starts.
    Voicemail {
        /// How it is from now on.
        service: Service,
    },
    /// The voicemail server of the system, which backs up that of another, has something to say of its connection with it.
    VoicemailSync {
        /// The system with the other server.
        with: SystemId,
        /// How far they have synchronised.
        sync: MailSync,
    },
    /// An administrator moves mailboxes to the server of this system, or home.
    VoicemailControl {
        /// The system whose server takes the calls normally.
        of: SystemId,
        /// What is wanted.
        control: VoicemailControl,
    },
    /// The licence server answers this system's question, or no longer does.
    Licences {
        /// How it is from now on.
        service: Service,
    },
    /// A phone asks for an address (DHCP).
    AddressWanted {
        /// Its extension.
        extension: Number,
    },
    /// A phone asks to be registered.
    Register {
        /// Its extension.
        extension: Number,
        /// What it is.
        phone: PhoneModel,
    },
    /// A phone is no longer registered.
    Unregister {
        /// Its extension.
        extension: Number,
        /// What it is.
        phone: PhoneModel,
        /// Why.
        how: Leaves,
    },
    /// Whether RTP, RTCP or speech is heard on a call; it is, until something else is said.
    Media {
        /// The call.
        call: CallId,
        /// How it is from now on.
        service: Service,
    },
}

/// What a system says about itself and its network. Comes in [`crate::Output::Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkOutput {
    /// A message to another system.
    Say {
        /// The line it leaves on.
        line: LineId,
        /// What it says.
        message: NetworkMessage,
    },
    /// An IP Office line has gone down or come up, as this end sees it.
    Line {
        /// The line.
        line: LineId,
        /// How it is from now on.
        status: LineStatus,
    },
    /// Something is in error: an alarm, which the system keeps as well ([`crate::System::alarms`]).
    Alarm {
        /// What.
        source: AlarmSource,
        /// How often that was so, as far as the system remembers.
        count: u32,
    },
    /// The signalling of a connected call is lost; the call goes on without, as long as its media path lives.
    Preserved {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// A phone that has asked for an address gets one. Nothing is said to a phone that gets none here.
    Address {
        /// Its extension.
        extension: Number,
    },
    /// A phone is registered.
    Registered {
        /// Its extension.
        extension: Number,
        /// What it is.
        phone: PhoneModel,
        /// The user's number here, as an own user or a guest.
        user: UserId,
    },
    /// A phone that has asked is not registered.
    NotRegistered {
        /// Its extension.
        extension: Number,
        /// What it is.
        phone: PhoneModel,
        /// Why.
        why: Refusal,
    },
    /// A guest's phones shall register at home again.
    GoHome {
        /// Their extension.
        extension: Number,
        /// The guest.
        user: UserId,
    },
    /// Something happened to a feature of another system that this one backs up.
    Resilience(ResilienceEvent),
    /// The system stops, and this call of its is gone from it.
    Orphaned {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// What its phones and trunks do, as they were told when they were connected.
        fate: Fate,
    },
}
