//! One call attempt, as its caller sees it.

use crate::arrival::PlannedCall;
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, UserId};
use engine::network::VoicemailAccess;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;

/// A call attempt in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Whose call: place of the stream.
    pub(super) stream: u16,
    /// When it was due: latencies count from here.
    pub(super) due: Instant,
    pub(super) placed: Instant,
    pub(super) ring: Duration,
    /// `None`: nobody answers, and the caller gives up after `ring`.
    pub(super) talk: Option<Duration>,
    /// How long a message the caller leaves if voicemail answers; `None`: none.
    pub(super) message: Option<Duration>,
    pub(super) caller: Caller,
    pub(super) measured: Measured,
    pub(super) call: Option<CallId>,
    pub(super) alerted: bool,
    pub(super) answered: Option<Instant>,
    /// The caller is going to hang up.
    pub(super) hang_up_event: Option<TimerId>,
}

/// What is known of the ends of an attempt where something can fail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) caller: LegState,
    /// Who rings for it, or talks; or what it talks to.
    pub(super) callee: Option<Leg>,
    /// Whether it went on without signalling.
    pub(super) preserved: bool,
    /// The phone or trunk that rings is going to be answered.
    pub(super) ring_event: Option<TimerId>,
}

impl Ends {
    /// Of an attempt that begins.
    pub(super) const NEW: Self =
        Self { caller: LegState::Signalled, callee: None, preserved: false, ring_event: None };
}

/// Whether a call belongs to the measured part of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measured {
    Yes,
    /// It only warms the network up.
    No,
}

/// Who placed a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) system: SystemId,
    pub(super) side: CallerSide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallerSide {
    User(UserId),
    /// The far end of this trunk.
    Trunk(LineId),
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CalleeSide {
    Party(CallerSide),
    /// The system's voicemail server, or a conference that it mixes: it hears when nobody talks, but hangs up on nobody.
    Service,
}

/// The called side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    pub(super) system: SystemId,
    pub(super) side: CalleeSide,
    pub(super) call: CallId,
    /// Of a trunk: which of the set-ups of the call this is.
    pub(super) nth: u16,
    pub(super) state: LegState,
    pub(super) answered: bool,
}

/// What a party's system knows of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LegState {
    Signalled,
    /// It preserves the call.
    Preserved,
    /// Nothing: it stopped, and the party goes on alone.
    Orphaned,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answered, and ended by a party.
    Completed,
    /// Not answered because something was full or busy.
    Blocked,
    /// Given up by the caller before an answer.
    Abandoned,
    /// Not answered for any other reason.
    Failed,
    /// Answered, and ended by the system.
    Dropped,
}

impl Attempt {
    pub(super) fn new(now: Instant, planned: &PlannedCall<'_>, caller: Caller, measured: Measured) -> Self {
        Self {
            stream: planned.stream as u16,
            due: planned.at,
            placed: now,
            ring: planned.ring,
            talk: planned.talk,
            message: planned.message,
            caller,
            measured,
            call: None,
            alerted: false,
            answered: None,
            hang_up_event: None,
        }
    }
}

impl Attempt {
    /// Voicemail is about to answer: a caller who leaves a message talks as long as that, one who leaves none hangs up.
    pub(super) fn talk_at_voicemail(&mut self, access: VoicemailAccess) {
        if access == VoicemailAccess::Leave {
            self.talk = Some(self.message.unwrap_or(Duration::ZERO));
        }
    }
}

impl Outcome {
    /// The outcome of a call that was refused or cleared with `cause` before an answer. Busy users and Q.850's class
    /// "resource unavailable" are blocking.
    pub(super) const fn of_unanswered(cause: Cause) -> Self {
        match cause.number() {
            17 | 34..=47 => Self::Blocked,
            _ => Self::Failed,
        }
    }
}
