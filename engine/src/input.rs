//! What a system can be told: by its phones, by the far ends of its trunks, and by other systems.

use crate::cause::Cause;
use crate::id::{CallId, LineId, Tag, UserId};
use crate::network::PeerMessage;
use crate::number::Number;

/// One thing that happened outside. Handed to [`crate::System::handle`].
///
/// An input that the state does not allow (an answer to a call that has ended, say) changes nothing and is counted in
/// [`crate::Stats::unexpected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A user dials `number` in one piece (en bloc).
    Dial {
        /// Who dials.
        user: UserId,
        /// What is dialled.
        number: Number,
        /// The outside's reference to this attempt.
        tag: Tag,
    },
    /// A ringing user answers.
    Answer {
        /// Who answers.
        user: UserId,
        /// The call that rings.
        call: CallId,
    },
    /// A user hangs up, or refuses a call that rings.
    HangUp {
        /// Who hangs up.
        user: UserId,
        /// The call that ends.
        call: CallId,
    },
    /// The far end of a trunk offers a call.
    TrunkSetup {
        /// The line it comes in on; the system picks the channel.
        line: LineId,
        /// The number called.
        called: Number,
        /// The caller's number; empty if withheld.
        calling: Number,
        /// The outside's reference to this attempt.
        tag: Tag,
    },
    /// The far end of a trunk has the call and works on it.
    TrunkProceeding {
        /// The outgoing call.
        call: CallId,
    },
    /// The far end of a trunk rings.
    TrunkAlerting {
        /// The outgoing call.
        call: CallId,
    },
    /// The far end of a trunk has answered.
    TrunkAnswer {
        /// The outgoing call.
        call: CallId,
    },
    /// The far end of a trunk ends the call, in either direction.
    TrunkRelease {
        /// The call that ends.
        call: CallId,
        /// Why.
        cause: Cause,
    },
    /// Another system speaks over an IP Office line.
    Peer {
        /// This system's line to it.
        line: LineId,
        /// What it says.
        message: PeerMessage,
    },
}
