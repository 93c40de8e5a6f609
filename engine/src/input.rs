//! What a system can be told: by its phones, by the far ends of its trunks, and by other systems.

use crate::cause::Cause;
use crate::conference::Control;
use crate::id::{CallId, LineId, Tag, UserId};
use crate::network::{NetworkInput, PeerMessage};
use crate::number::Number;
use crate::plan::spec::Bearer;

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
    /// A user goes off-hook to dial by hand.
    OffHook {
        /// Who dials.
        user: UserId,
        /// The outside's reference to this attempt.
        tag: Tag,
    },
    /// A user dials one digit by hand.
    Digit {
        /// Who dials.
        user: UserId,
        /// The call that is being dialled.
        call: CallId,
        /// `0`-`9`, `*` or `#`, in ASCII.
        digit: u8,
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
        /// The caller's number; empty if withheld or unavailable.
        calling: Number,
        /// What else is known of the call.
        facts: CallFacts,
        /// The outside's reference to this attempt.
        tag: Tag,
    },
    /// The far end of a trunk has the call and works on it. This and the next three name the set-up that they are about: a
    /// late word about a route that was given up does not count for the next one, and is counted in
    /// [`crate::Stats::late_trunk_words`].
    TrunkProceeding {
        /// The outgoing call.
        call: CallId,
        /// Which of its set-ups is meant.
        attempt: u16,
    },
    /// The far end of a trunk rings.
    TrunkAlerting {
        /// The outgoing call.
        call: CallId,
        /// Which of its set-ups is meant.
        attempt: u16,
    },
    /// The far end of a trunk has answered.
    TrunkAnswer {
        /// The outgoing call.
        call: CallId,
        /// Which of its set-ups is meant.
        attempt: u16,
    },
    /// The far end of a trunk ends the call, in either direction.
    TrunkRelease {
        /// The call that ends.
        call: CallId,
        /// Which of its set-ups ([`crate::Output::TrunkSetup`]) is meant; 0: the call that came in on the trunk.
        attempt: u16,
        /// Why.
        cause: Cause,
    },
    /// A caller enters the account code that the system has asked for.
    AccountCode {
        /// Who enters it.
        user: UserId,
        /// The call that waits for it.
        call: CallId,
        /// What is entered.
        code: Number,
    },
    /// A user puts the call that is active on the phone on hold.
    Hold {
        /// Who holds.
        user: UserId,
        /// The call.
        call: CallId,
    },
    /// A user takes a call back from hold; no other may be active.
    Retrieve {
        /// Who takes it back.
        user: UserId,
        /// The call.
        call: CallId,
    },
    /// A user joins a call on hold to the active one, which may still ring, and leaves both.
    Transfer {
        /// Who transfers.
        user: UserId,
        /// The call on hold.
        held: CallId,
        /// The active call.
        active: CallId,
    },
    /// A user puts the active call and those on hold into a conference and joins it.
    Conference {
        /// Who confers.
        user: UserId,
        /// The outside's reference to the user's own call to the conference, if a new one is needed.
        tag: Tag,
    },
    /// A party of a conference does something to it, or to another party.
    ConferenceControl {
        /// The party's call.
        call: CallId,
        /// What.
        control: Control,
    },
    /// A caller enters the PIN that a conference has asked for.
    ConferencePin {
        /// The call that waits for it.
        call: CallId,
        /// What is entered.
        pin: Number,
    },
    /// A line is taken out of service or put back. Calls on it go on; new ones take other lines, and those that the other
    /// end offers on it are refused.
    LineService {
        /// The line.
        line: LineId,
        /// How it is from now on.
        service: Service,
    },
    /// A trunk is lost: a cut cable, a card that fails. Calls on it end, calls set up on it try their next route, and it is
    /// out of service until [`Input::LineService`] says otherwise.
    LineLost {
        /// The line; not one to another system.
        line: LineId,
    },
    /// A user's phone registers, or can no longer be reached.
    Registration {
        /// Whose phone.
        user: UserId,
        /// How it is from now on.
        service: Service,
    },
    /// Something about the system itself or its network, rather than one call.
    Network(NetworkInput),
    /// Another system speaks over an IP Office line.
    Peer {
        /// This system's line to it.
        line: LineId,
        /// What it says.
        message: PeerMessage,
    },
}

/// Facts about an incoming trunk call besides its numbers, for incoming call routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CallFacts {
    /// What it carries.
    pub bearer: Bearer,
    /// Sub-address called; empty if none.
    pub sub_address: Number,
    /// Whether the caller's number may be shown.
    pub presentation: Presentation,
}

/// Whether a caller's number may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Presentation {
    /// It may.
    #[default]
    Allowed,
    /// The caller withholds it.
    Withheld,
}

/// Whether something can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// It can.
    In,
    /// It cannot.
    Out,
}

impl Service {
    /// In service if what that takes is there.
    #[must_use]
    pub const fn when(there: bool) -> Self {
        if there { Self::In } else { Self::Out }
    }
}

/// A caller as incoming call routes see one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cli<'a> {
    Number(&'a Number),
    Withheld,
    Unavailable,
}

impl<'a> Cli<'a> {
    pub(crate) const fn new(calling: &'a Number, presentation: Presentation) -> Self {
        match presentation {
            Presentation::Withheld => Self::Withheld,
            Presentation::Allowed if calling.is_empty() => Self::Unavailable,
            Presentation::Allowed => Self::Number(calling),
        }
    }
}
