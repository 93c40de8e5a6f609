//! What a conference is: its roster, its settings, and the pool that all of them share.

use super::beside::Beside;
use crate::call::Place;
use crate::id::{CallId, ConferenceId, RoomId, UserId};
use crate::network::{Account, End, Reached};
use crate::number::Number;
use crate::plan::Plan;
use crate::plan::spec::CallClasses;
use crate::stats::Usage;
use crate::time::Instant;
use crate::voicemail::VoicemailChannel;
use std::collections::BTreeMap;

/// The first number of an ad hoc conference (DOMAIN 6).
const FIRST_AD_HOC: u64 = 100;

/// All conferences of a system.
#[derive(Clone, Debug)]
pub(crate) struct Conferences {
    places: Vec<Option<Conference>>,
    free: Vec<ConferenceId>,
    /// Room for the members of conferences to come, from those that are over: a conference allocates nothing.
    rosters: Vec<Vec<Member>>,
    /// Those in progress, by the number that they are known by.
    by_number: BTreeMap<Number, ConferenceId>,
    /// Slots.
    pub(crate) usage: Usage,
    /// What is beside calls, by the call.
    pub(super) beside: BTreeMap<Place, Beside>,
    /// Users who are in calls of others.
    pub(crate) watchers: usize,
}

/// A conference in progress.
#[derive(Clone, Debug)]
pub(crate) struct Conference {
    pub(crate) number: Number,
    pub(crate) kind: Kind,
    /// In the order of joining.
    pub(crate) members: Vec<Member>,
    /// Most slots that it may take.
    pub(crate) largest: u16,
    /// The voicemail channel that records it.
    pub(crate) recording: Option<VoicemailChannel>,
    pub(crate) lecture: bool,
    pub(crate) entry_tones: bool,
    /// It goes on as it is when the last moderator leaves.
    pub(crate) continuation: bool,
    pub(crate) locked: bool,
    /// Participants hear music: no moderator is here.
    pub(crate) music: bool,
    /// A moderator has been here.
    pub(crate) moderated: bool,
}

/// Kinds of conferences in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made of calls that a user had.
    AdHoc,
    /// Under a number that somebody thought of.
    MeetMe,
    Personal(UserId),
    Room(RoomId),
}

/// A party of a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) call: CallId,
    /// The end of the call that is the conference's.
    pub(crate) end: End,
    pub(crate) role: Role,
    pub(crate) muted: bool,
    pub(crate) presence: Presence,
    /// Who it is; `None` while another system has not said.
    pub(crate) reached: Option<Reached>,
    /// Whether it must have entered an account code to talk to somebody who was called outside, or has.
    pub(crate) account: Account,
    /// On an analog trunk.
    pub(crate) analog: bool,
}

/// What a party may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Moderator,
    /// See who is there, and leave.
    Participant,
}

/// Whether a party is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Called by the conference; has not answered.
    Invited,
    /// Takes part.
    Present,
}

/// A line of the list that parties of a conference can see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its call.
    pub call: CallId,
    /// What it may do.
    pub role: Role,
    /// Whether it is there yet.
    pub presence: Presence,
    /// Whether it was muted by a moderator.
    pub muted: bool,
}

impl Member {
    /// Whether it belongs to the network.
    pub(crate) const fn is_internal(&self) -> bool {
        matches!(self.reached, Some(Reached::Inside(_)))
    }

    /// Whether it is another conference, which this one is not joined to.
    pub(crate) const fn is_conference(&self) -> bool {
        matches!(self.reached, Some(Reached::Conference))
    }
}

impl Conference {
    pub(crate) const fn new(number: Number, kind: Kind, largest: u16) -> Self {
        Self {
            number,
            kind,
            members: Vec::new(),
            largest,
            recording: None,
            lecture: false,
            entry_tones: true,
            continuation: false,
            locked: false,
            music: false,
            moderated: false,
        }
    }

    /// Slots that it takes: three parties and a recording are four (RC chapter 8).
    pub(crate) fn slots(&self) -> usize {
        self.members.len() + usize::from(self.recording.is_some())
    }

    pub(crate) fn has_moderator(&self) -> bool {
        self.members.iter().any(|m| m.role == Role::Moderator && m.presence == Presence::Present)
    }

    /// Whether all of `parties` may talk to each other: everybody may make calls of the classes that took outgoing trunk
    /// calls here, and nobody gets to one without the account code that they must enter (RC "Call barring": conferences do
    /// not bypass controls).
    pub(crate) fn may_meet(parties: impl Iterator<Item = (Option<Reached>, Account)>) -> bool {
        let (mut allowed, mut needed) = (CallClasses::ALL, CallClasses::NONE);
        let (mut must_enter, mut not_entered) = (false, false);
        for (reached, account) in parties {
            match reached {
                Some(Reached::Inside(party)) => {
                    allowed = allowed.intersection(party.allowed);
                    must_enter |= account == Account::Needed;
                }
                Some(Reached::Outside(Some(class))) => {
                    needed = needed.with(class);
                    not_entered |= account != Account::Entered;
                }
                Some(Reached::Outside(None) | Reached::Conference) | None => {}
            }
        }
        allowed.intersection(needed) == needed && !(must_enter && not_entered)
    }
}

impl Conferences {
    pub(crate) const fn new() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
            rosters: Vec::new(),
            by_number: BTreeMap::new(),
            usage: Usage::new(),
            beside: BTreeMap::new(),
            watchers: 0,
        }
    }

    pub(crate) fn get(&self, id: ConferenceId) -> Option<&Conference> {
        self.places.get(id.index())?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: ConferenceId) -> Option<&mut Conference> {
        self.places.get_mut(id.index())?.as_mut()
    }

    pub(crate) fn numbered(&self, number: &Number) -> Option<ConferenceId> {
        self.by_number.get(number).copied()
    }

    /// Puts a conference in that has no members yet.
    pub(crate) fn begin(&mut self, mut conference: Conference) -> ConferenceId {
        debug_assert!(conference.members.is_empty(), "members join a conference that is there");
        conference.members = self.rosters.pop().unwrap_or_default();
        let id = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            ConferenceId::at(self.places.len() - 1)
        });
        self.by_number.insert(conference.number, id);
        self.places[id.index()] = Some(conference);
        id
    }

    /// Takes a conference out; its slots are given back.
    pub(crate) fn end(&mut self, now: Instant, id: ConferenceId) -> Option<Conference> {
        let conference = self.places.get_mut(id.index())?.take()?;
        self.by_number.remove(&conference.number);
        self.free.push(id);
        for _ in 0..conference.slots() {
            self.usage.give_back(now);
        }
        Some(conference)
    }

    /// Takes back the list of members of a conference that is over.
    pub(crate) fn take_back(&mut self, mut members: Vec<Member>) {
        members.clear();
        self.rosters.push(members);
    }

    /// The lowest number from 100 on that no conference is known by, nor anybody of the network.
    pub(crate) fn next_ad_hoc(&self, plan: &Plan) -> Number {
        let mut numbers = (FIRST_AD_HOC..).map(Number::from_u64);
        let is_free = |n: &Number| !self.by_number.contains_key(n) && plan.directory.get(n).is_none();
        numbers.find(is_free).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ConferenceId, &Conference)> {
        self.places.iter().enumerate().filter_map(|(n, c)| Some((ConferenceId::at(n), c.as_ref()?)))
    }
}
