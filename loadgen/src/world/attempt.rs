//! One call attempt, as its caller sees it.

use crate::arrival::PlannedCall;
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, UserId};
use engine::limits::MAX_USERS;
use engine::slab::Slab;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;

/// A call attempt in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Whose call: place of the stream.
    pub(super) stream: u16,
    pub(super) placed: Instant,
    pub(super) ring: Duration,
    /// `None`: nobody answers, and the caller gives up after `ring`.
    pub(super) talk: Option<Duration>,
    side: ShortSide,
    pub(super) measured: Measured,
    pub(super) call: Option<CallId>,
    pub(super) answered: Option<Instant>,
    /// The caller is going to hang up.
    pub(super) hang_up_event: Option<TimerId>,
    /// There is more to know: it was not placed when it was due, as on the wall clock with threads, or the caller leaves a message.
    pub(super) has_aside: bool,
}

// There may be a million of them: each has one line of the processor's caches.
const _: () = assert!(Slab::<Attempt>::ENTRY <= 64);

/// What is to be known of some attempts only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aside {
    pub(super) due: Instant,
    /// How long a message the caller leaves if voicemail answers; `None`: none.
    pub(super) message: Option<Duration>,
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
    /// It is, and its caller has heard it ring.
    Alerted,
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

/// The same in four bytes: a user's number, or after all of these that of a line.
#[derive(Clone, Copy, Debug)]
struct ShortSide(u32);

const FIRST_LINE: u32 = u32::MAX - u16::MAX as u32;

const _: () = assert!(MAX_USERS < FIRST_LINE as usize);

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
    pub(super) fn new(now: Instant, planned: &PlannedCall<'_>, side: CallerSide, measured: Measured) -> Self {
        Self {
            stream: planned.stream as u16,
            placed: now,
            ring: planned.ring,
            talk: planned.talk,
            side: ShortSide::of(side),
            measured,
            call: None,
            answered: None,
            hang_up_event: None,
            has_aside: now != planned.at || planned.message.is_some(),
        }
    }

    /// Who has placed it on the system that is its home.
    #[inline]
    pub(super) const fn caller(&self, home: SystemId) -> Caller {
        Caller { system: home, side: self.side.long() }
    }
}

impl ShortSide {
    const fn of(side: CallerSide) -> Self {
        match side {
            CallerSide::User(UserId(user)) => Self(user),
            CallerSide::Trunk(LineId(line)) => Self(FIRST_LINE + line as u32),
        }
    }

    const fn long(self) -> CallerSide {
        match self.0.checked_sub(FIRST_LINE) {
            None => CallerSide::User(UserId(self.0)),
            Some(line) => CallerSide::Trunk(LineId(line as u16)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_comes_back_from_four_bytes_as_it_was() {
        let users = [0, 1, MAX_USERS as u32, FIRST_LINE - 1].map(|user| CallerSide::User(UserId(user)));
        let lines = [0, 1, u16::MAX].map(|line| CallerSide::Trunk(LineId(line)));
        for side in users.into_iter().chain(lines) {
            assert_eq!(ShortSide::of(side).long(), side);
        }
    }
}
