//! What timers are for.

use crate::id::{CallId, LineId, UserId};

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// A phone has rung for its no-answer time.
    NoAnswer(CallId),
    /// A call sent on a line got no reaction in time.
    CallInitiation(CallId),
    /// A call that the far side works on was not answered in time.
    CallQueuing(CallId),
    /// An alternate route opens for a call that waits for a line, or a time profile begins or ends.
    AlternateRoute(CallId),
    /// No digit came within the dial delay time.
    InterDigit(CallId),
    /// A call has lasted as long as its short code allows.
    CallLimit(CallId),
    /// A caller has been off-hook too long without dialling or entering what is wanted.
    OffHook(CallId),
    /// A call has been preserved for as long as one may be.
    PreservedConnection(CallId),
    /// Nothing has been heard on a preserved call for too long.
    PreservedNoMedia(CallId),
    /// A keep-alive is due on a line.
    KeepAlive(LineId),
    /// A call has been with its hunt group for the overflow time.
    Overflow(CallId),
    /// A caller whom no member has answered hears an announcement.
    Announcement(CallId),
    /// The priority of a call to a hunt group rises.
    Promotion(CallId),
    /// Voicemail answers a call to a hunt group.
    VoicemailAnswer(CallId),
    /// A member of hunt groups is done with the last call.
    WrapUp(UserId),
    /// Until a hunt group asks a system again that could not take a call for this agent, by its place.
    MemberAskedAgain(u32),
    /// A system that this one has stood in for has been visible for long enough: its phones go home.
    Failback(LineId),
    /// The licences of the system have lasted without their server for as long as they do.
    LicenceGrace,
    /// A voicemail server that has taken mailboxes over has had its time to end its calls.
    VoicemailFailback(LineId),
    /// A phone that was sent home has had its time to get there.
    Homeless(UserId),
}

impl TimerKind {
    /// The call it is armed for; `None` if it is for a user or the network.
    #[must_use]
    pub const fn call(self) -> Option<CallId> {
        match self {
            Self::NoAnswer(call)
            | Self::CallInitiation(call)
            | Self::CallQueuing(call)
            | Self::AlternateRoute(call)
            | Self::InterDigit(call)
            | Self::CallLimit(call)
            | Self::OffHook(call)
            | Self::PreservedConnection(call)
            | Self::PreservedNoMedia(call)
            | Self::Overflow(call)
            | Self::Announcement(call)
            | Self::Promotion(call)
            | Self::VoicemailAnswer(call) => Some(call),
            Self::KeepAlive(_)
            | Self::WrapUp(_)
            | Self::MemberAskedAgain(_)
            | Self::Failback(_)
            | Self::LicenceGrace
            | Self::VoicemailFailback(_)
            | Self::Homeless(_) => None,
        }
    }
}
