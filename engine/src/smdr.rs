//! The call record every finished call leaves behind (Station Message Detail Recording).

use crate::cause::Cause;
use crate::id::{CallId, ChannelId, HuntGroupId, Tag, UserId};
use crate::number::Number;
use crate::time::{Duration, Instant};
use crate::voicemail::VoicemailChannel;

/// Facts of one finished call on one system. The vendor's text form is made outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmdrRecord {
    /// When the call began.
    pub started: Instant,
    /// How long it rang before it was answered or given up.
    pub ringing: Duration,
    /// How long it was connected; zero if never answered.
    pub connected: Duration,
    /// Whether it was answered (a call answered and released in the same nanosecond has no connected time).
    pub answered: Answered,
    /// The caller's number.
    pub calling: Number,
    /// The number the caller dialled, or the number called on the trunk.
    pub dialled: Number,
    /// The number the call was last routed to: extension, or digits sent on a trunk.
    pub called: Number,
    /// The calling party.
    pub caller: Device,
    /// The called party, the last one tried.
    pub callee: Device,
    /// The hunt group it was for, if any.
    pub hunt_group: Option<HuntGroupId>,
    /// Which side ended it.
    pub released_by: ReleasedBy,
    /// Why it ended.
    pub cause: Cause,
    /// The call on this system.
    pub call: CallId,
    /// The outside's reference to the attempt.
    pub tag: Tag,
}

/// Whether a call was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// One end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Nothing was reached, or a transfer has left nobody at this end.
    None,
    /// A user's phone.
    User(UserId),
    /// A channel of a trunk or of an IP Office line.
    Line(ChannelId),
    /// A channel of the voicemail server.
    Voicemail(VoicemailChannel),
}

/// Which side ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The calling side.
    Caller,
    /// The called side.
    Callee,
    /// The system itself.
    System,
}
