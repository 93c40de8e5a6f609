//! A call to a hunt group from its arrival to its answer.

use super::ring_mode::Cursor;
use super::state::{AgentId, Key};
use crate::id::{CallId, ChannelId, HuntGroupId, UserId};
use crate::time::Instant;
use crate::timer::TimerId;
use smallvec::SmallVec;

/// A call to a hunt group that is not answered yet.
#[derive(Clone, Debug)]
pub(super) struct GroupCall {
    pub(super) call: CallId,
    /// The group it is for. It stays a call of that group when it overflows.
    pub(super) group: HuntGroupId,
    pub(super) key: Key,
    pub(super) phase: Phase,
    /// Where in its round it is: 0 in its own group, then the overflow groups in order.
    pub(super) segment: u16,
    pub(super) cursor: Cursor,
    /// Whether a phone has rung in this round.
    pub(super) round: Round,
    /// Whether any phone has ever rung.
    pub(super) rang: Rang,
    pub(super) overflow: Overflow,
    /// How it got its place in the queue.
    pub(super) place: QueuePlace,
    /// Phones that ring.
    pub(super) ringing: SmallVec<[Phone; 2]>,
    /// Phones of busy users that show it waiting.
    pub(super) shown: SmallVec<[UserId; 1]>,
    pub(super) overflow_timer: Option<TimerId>,
    pub(super) announcement: Option<TimerId>,
    pub(super) promotion: Option<TimerId>,
    pub(super) voicemail: Option<TimerId>,
    /// Announcements heard.
    pub(super) announcements: u32,
}

/// A phone that rings for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phone {
    /// Of this system.
    User(UserId),
    /// Of another system.
    Leg(MemberLeg),
}

/// A call on its way to a member on another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberLeg {
    pub(super) agent: AgentId,
    /// Channel of the IP Office line, seized for the caller's call.
    pub(crate) channel: ChannelId,
    /// Which of the set-ups of that call this is.
    pub(crate) attempt: u16,
}

/// What an unanswered call is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Being decided on. Lasts no longer than the input at hand.
    Deciding,
    /// At least one phone rings, until this timer expires.
    Ringing { no_answer: TimerId, until: Instant },
    /// Nobody is available.
    Waiting,
}

/// Whether a phone has rung in this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    Silent,
    Rang,
}

/// Whether a phone has ever rung for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rang {
    Never,
    Once,
}

/// Whether members of the overflow groups ring too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    NotYet,
    /// Its time is over, but a phone still rings.
    Due,
    Done,
}

/// How a call got its place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueuePlace {
    /// It never had to be let in.
    None,
    /// There was room.
    Within,
    /// It has a higher priority than another, and the limit rose for it; or it has nowhere else to go.
    Beyond,
}

impl GroupCall {
    pub(super) fn new(call: CallId, group: HuntGroupId, key: Key) -> Self {
        Self {
            call,
            group,
            key,
            phase: Phase::Deciding,
            segment: 0,
            cursor: Cursor::Fresh,
            round: Round::Silent,
            rang: Rang::Never,
            overflow: Overflow::NotYet,
            place: QueuePlace::None,
            ringing: SmallVec::new(),
            shown: SmallVec::new(),
            overflow_timer: None,
            announcement: None,
            promotion: None,
            voicemail: None,
            announcements: 0,
        }
    }

    /// The way to a member on another system by this channel, if it rings there.
    pub(super) fn leg_on(&self, channel: ChannelId) -> Option<MemberLeg> {
        self.legs().find(|leg| leg.channel == channel)
    }

    /// Users of this system whose phones ring.
    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.ringing.iter().filter_map(|phone| match phone {
            Phone::User(user) => Some(*user),
            Phone::Leg(_) => None,
        })
    }

    /// Members on other systems who are rung.
    pub(super) fn legs(&self) -> impl Iterator<Item = MemberLeg> {
        self.ringing.iter().filter_map(|phone| match phone {
            Phone::User(_) => None,
            Phone::Leg(leg) => Some(*leg),
        })
    }

    /// Back to the top of its own group.
    pub(super) fn begin_round(&mut self) {
        self.segment = 0;
        self.cursor = Cursor::Fresh;
        self.round = Round::Silent;
    }

    /// The timers it has armed.
    pub(super) fn timers(&self) -> impl Iterator<Item = TimerId> {
        let no_answer = match self.phase {
            Phase::Ringing { no_answer, .. } => Some(no_answer),
            Phase::Deciding | Phase::Waiting => None,
        };
        let others = [self.overflow_timer, self.announcement, self.promotion, self.voicemail];
        no_answer.into_iter().chain(others.into_iter().flatten())
    }
}
