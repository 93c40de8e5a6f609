//! Messages on an IP Office line.

use crate::cause::Cause;
use crate::id::{CallId, SystemId, Tag};
use crate::input::Presentation;
use crate::number::Number;
use crate::plan::spec::{AgentStatus, CallClass, CallClasses, QueuePriority};

/// Names a call on an IP Office line to both ends: the channel the calling end seized and the call it has there. A
/// late message about an earlier call on the same channel is told apart by the call, one about an earlier attempt of the
/// same call by the attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerRef {
    /// Channel of the line, as the calling end numbers it.
    pub channel: u16,
    /// The call at the calling end.
    pub call: CallId,
    /// Which of the routes tried for that call this is, from 1: it may seize the same channel again.
    pub attempt: u16,
}

/// Which end of a call on an IP Office line sends a message. Both ends number their own calls, so the reference alone
/// could mean two different calls (the call reference flag of Q.931 4.3 solves the same).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The end that set the call up.
    Calling,
    /// The end that was called.
    Called,
}

impl End {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Calling => Self::Called,
            Self::Called => Self::Calling,
        }
    }
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerMessage {
    /// Which end sends it.
    pub from: End,
    /// The call it is about.
    pub about: PeerRef,
    /// What it says.
    pub body: PeerBody,
}

/// What a message says. The first and the last but one are sent by the calling end, the last by either, the others by
/// the called end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerBody {
    /// A call for `called`.
    Setup {
        /// Digits, treated by the other system as if dialled there.
        called: Number,
        /// The caller's number.
        calling: Number,
        /// Whether the called side may see it.
        presentation: Presentation,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// Systems passed so far.
        hops: u8,
        /// Who is at the calling end.
        caller: Reached,
        /// What it may do.
        privilege: Privilege,
        /// Its priority in the queues of hunt groups.
        queue_priority: QueuePriority,
        /// What it is for.
        purpose: Purpose,
    },
    /// The called end has the call and works on it.
    Proceeding,
    /// It rings.
    Alerting {
        /// What the call has reached.
        reached: Reached,
    },
    /// It was answered.
    Answer {
        /// What the call has reached.
        reached: Reached,
    },
    /// The called end: a transfer has joined the call to something else.
    Reached {
        /// What it has reached now.
        reached: Reached,
    },
    /// The calling end: the call was joined to something else.
    Privilege {
        /// Who is at the calling end now.
        caller: Reached,
        /// What it may do from now on: no more than before.
        privilege: Privilege,
    },
    /// It ends.
    Release {
        /// Why.
        cause: Cause,
    },
}

/// Who is at an end of a call: decides what it may be joined to (RC "Call barring").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// A party of the network.
    Inside(Insider),
    /// The far end of a trunk, by an outgoing call of this class; `None`: by an incoming one, or an emergency call.
    Outside(Option<CallClass>),
    /// A conference, which is not joined to another.
    Conference,
}

/// What a party of the network may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insider {
    /// Calls of these classes.
    pub allowed: CallClasses,
    /// Whether an account code must be entered for external calls, or was for this one.
    pub account: Account,
}

impl Insider {
    /// Anything.
    pub const FREE: Self = Self { allowed: CallClasses::ALL, account: Account::NotNeeded };
}

/// What a call to another system is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whatever the digits mean there.
    Call,
    /// The digits are a mailbox.
    Voicemail {
        /// What the caller does there.
        access: VoicemailAccess,
        /// The system whose voicemail server it is for; another one may take its calls.
        of: SystemId,
    },
    /// The digits are a user who is a member of a hunt group: the phone rings, and nothing else is tried.
    Member {
        /// What becomes of the user if the phone is not answered; `None`: nothing.
        if_unanswered: Option<AgentStatus>,
    },
    /// The digits are a conference: a user's extension is also the number of the user's own.
    Conference,
}

/// What a caller does at a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoicemailAccess {
    /// Leaves a message.
    Leave,
    /// Hears those left.
    Collect,
}

/// Where a call comes from in the first place: what comes from outside may not leave for outside again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A user of the network.
    User,
    /// The far end of a trunk.
    Trunk,
}

/// What a call may do: the least that any user it came through may. Goes with the call from system to system, so that no
/// way round leads past a bar (RC "Call barring").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privilege {
    /// Where it comes from.
    pub source: Source,
    /// Priority for ARS, 1-5.
    pub priority: u8,
    /// Classes of calls that it may be.
    pub allowed: CallClasses,
    /// Whether an account code is wanted before it may leave for outside.
    pub account: Account,
    /// Whether bars apply at all.
    pub urgency: Urgency,
}

/// Whether an account code must be entered for a call before it may leave the network. The mark stays on the call
/// wherever it goes, so that forwarding, hunting and Break Out lead round no forced account code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Only where a short code asks for one.
    NotNeeded,
    /// A user that the call came through must enter one for external calls, and none was entered.
    Needed,
    /// A valid one was entered.
    Entered,
}

/// Whether a call is an emergency call, which no bar stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It is not.
    Normal,
    /// It is.
    Emergency,
}

impl Privilege {
    /// A call from outside: no user's bars apply to it, but it may not leave for outside again.
    pub(crate) const FROM_TRUNK: Self = Self {
        source: Source::Trunk,
        priority: 5,
        allowed: CallClasses::ALL,
        account: Account::NotNeeded,
        urgency: Urgency::Normal,
    };

    /// What two calls that are joined may do: what both may.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        let source = match (self.source, other.source) {
            (Source::User, Source::User) => Source::User,
            (Source::Trunk, _) | (_, Source::Trunk) => Source::Trunk,
        };
        let account = match (self.account, other.account) {
            (Account::Needed, _) | (_, Account::Needed) => Account::Needed,
            (Account::NotNeeded, _) | (_, Account::NotNeeded) => Account::NotNeeded,
            (Account::Entered, Account::Entered) => Account::Entered,
        };
        Self {
            source,
            priority: self.priority.min(other.priority),
            allowed: self.allowed.intersection(other.allowed),
            account,
            urgency: self.urgency,
        }
    }

    /// Whether the call may be of this class.
    #[must_use]
    pub fn allows(&self, class: CallClass) -> bool {
        self.urgency == Urgency::Emergency || self.allowed.contains(class)
    }

    /// What the call may do after a user of `other` has sent it on: no more than both.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.allowed = self.allowed.intersection(other.allowed);
        self.priority = self.priority.min(other.priority);
        if self.account == Account::NotNeeded {
            self.account = other.account;
        }
    }
}
