//! A call enters a conference, or is refused: slots, size, analog trunks, lock, bars.

use super::room::Target;
use super::state::{Conference, Kind, Member, Presence, Role};
use crate::call::{Inside, Leg, Origin, Party};
use crate::cause::Cause;
use crate::id::{CallId, ConferenceId};
use crate::limits::MAX_ANALOG_TRUNKS_IN_CONFERENCE;
use crate::network::{Account, End, Reached};
use crate::output::{Beep, Music, Output, Resource};
use crate::plan::spec::LineKind;
use crate::system::System;
use crate::time::Instant;

/// Why a conference does not take somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) cause: Cause,
    pub(super) short_of: Option<Resource>,
}

impl Refusal {
    pub(super) const NO_SLOTS: Self =
        Self { cause: Cause::RESOURCE_UNAVAILABLE, short_of: Some(Resource::ConferenceSlots) };
    pub(super) const NO_VOICEMAIL: Self =
        Self { cause: Cause::RESOURCE_UNAVAILABLE, short_of: Some(Resource::Voicemail) };
    const ANALOG: Self = Self { cause: Cause::RESOURCE_UNAVAILABLE, short_of: None };
    pub(super) const NOT_ALLOWED: Self = Self { cause: Cause::CALL_REJECTED, short_of: None };
}

impl System {
    /// A caller enters a conference, which begins with the first.
    pub(super) fn enter(&mut self, now: Instant, id: CallId, target: Target, role: Role) {
        let fresh = self.new_conference(id, target);
        let existing = self.conferences.numbered(&fresh.number);
        if let Some(conference) = existing.and_then(|c| self.conferences.get(c))
            && conference.kind != fresh.kind
        {
            // An ad hoc conference has the number.
            return self.fail(now, id, Cause::CALL_REJECTED, None);
        }
        let Some(leg) = self.entering_leg(id) else {
            // Conferences are not joined to each other.
            return self.fail(now, id, Cause::CALL_REJECTED, None);
        };
        let member = self.member(leg, role);
        let conference = existing.and_then(|c| self.conferences.get(c)).unwrap_or(&fresh);
        if let Err(refusal) = self.admits(conference, &[member]) {
            self.count_refusal(refusal);
            return self.fail(now, id, refusal.cause, refusal.short_of);
        }
        let conference = existing.unwrap_or_else(|| self.conferences.begin(fresh));
        let inside = Inside::Conference(conference);
        if leg.call == id {
            let Some(media) = self.take_media(now, id, Party::Inside(inside)) else {
                return self.end_if_empty(now, conference);
            };
            self.add_member(now, conference, member);
            if let Some(tag) = self.call(id).map(|call| call.tag) {
                self.emit(now, Output::Conference { call: id, tag });
            }
            self.connect(now, id, Party::Inside(inside), media);
        } else {
            self.add_member(now, conference, member);
            if let Some(call) = self.call_mut(leg.call) {
                call.put_inside(leg.end, inside);
            }
            self.release_link(now, Leg { call: id, end: End::Calling });
            self.tell(now, leg.far());
        }
        self.has_entered(now, conference, leg.call);
    }

    /// The leg by which a call that comes to a conference becomes a party: its own, or that of the call that it was
    /// joined to on the way, whose far end is the party. `None` if it comes from a conference.
    fn entering_leg(&self, id: CallId) -> Option<Leg> {
        match self.call(id)?.origin {
            Origin::User(_) | Origin::Trunk(_) | Origin::Peer { .. } => {
                Some(Leg { call: id, end: End::Called })
            }
            Origin::Inside(Inside::Call(other)) => {
                let other = self.at(other);
                Some(Leg { call: other, end: self.outside_end(other)?.other() })
            }
            Origin::Inside(Inside::Conference(_) | Inside::Watched(_)) => None,
        }
    }

    /// What the roster says of a call; `leg` names the conference's end of it.
    pub(super) fn member(&self, leg: Leg, role: Role) -> Member {
        let far = leg.far();
        Member {
            call: leg.call,
            end: leg.end,
            role,
            muted: false,
            presence: Presence::Present,
            reached: self.reached(far.call, far.end),
            account: self.account_at(far),
            analog: self.is_analog(far),
        }
    }

    /// Whether whoever is at an end of a call must enter an account code for external calls, or has; of a call outside,
    /// whether one was entered.
    fn account_at(&self, leg: Leg) -> Account {
        match self.reached(leg.call, leg.end) {
            Some(Reached::Inside(party)) => party.account,
            Some(Reached::Outside(_) | Reached::Conference) | None => {
                self.call(leg.call).map_or(Account::NotNeeded, |call| call.privilege.account)
            }
        }
    }

    fn is_analog(&self, leg: Leg) -> bool {
        let Some(call) = self.call(leg.call) else { return false };
        let trunk = match (leg.end, call.origin, call.party()) {
            (End::Calling, Origin::Trunk(channel), _)
            | (End::Called, _, Some(Party::Trunk { channel, .. })) => Some(channel),
            (End::Calling | End::Called, _, _) => None,
        };
        trunk.is_some_and(|channel| self.plan.line(channel.line).kind == LineKind::Analog)
    }

    /// Whether a conference takes these parties, besides those it has.
    pub(super) fn admits(&self, conference: &Conference, new: &[Member]) -> Result<(), Refusal> {
        if conference.locked && new.iter().any(|m| m.role == Role::Participant) {
            return Err(Refusal::NOT_ALLOWED);
        }
        self.has_slots(conference, new.len())?;
        let all = || conference.members.iter().chain(new);
        if new.iter().any(Member::is_conference) {
            return Err(Refusal::NOT_ALLOWED);
        }
        if all().filter(|m| m.analog).count() > MAX_ANALOG_TRUNKS_IN_CONFERENCE {
            return Err(Refusal::ANALOG);
        }
        if !Conference::may_meet(all().map(|m| (m.reached, m.account))) {
            return Err(Refusal::NOT_ALLOWED);
        }
        Ok(())
    }

    /// Whether `n` more slots are free, in the pool and in the conference.
    pub(super) fn has_slots(&self, conference: &Conference, n: usize) -> Result<(), Refusal> {
        let in_use = self.conferences.usage.in_use() as usize;
        let fits = in_use + n <= usize::from(self.plan.conferences.channels)
            && conference.slots() + n <= usize::from(conference.largest);
        if fits { Ok(()) } else { Err(Refusal::NO_SLOTS) }
    }

    pub(super) fn count_refusal(&mut self, refusal: Refusal) {
        if refusal.short_of == Some(Resource::ConferenceSlots) {
            self.conferences.usage.blocked += 1;
        }
    }

    /// Puts a party on the roster and takes its slot.
    pub(super) fn add_member(&mut self, now: Instant, id: ConferenceId, member: Member) {
        let Some(conference) = self.conferences.get_mut(id) else { return };
        let muted = conference.lecture && member.role == Role::Participant;
        conference.members.push(Member { muted, ..member });
        self.conferences.usage.take(now);
    }

    /// A party that is on the roster has come in: a beep, and music if no moderator is there yet.
    pub(super) fn has_entered(&mut self, now: Instant, id: ConferenceId, call: CallId) {
        self.beep(now, id, Beep::Entry);
        let Some(conference) = self.conferences.get_mut(id) else { return };
        let Some(member) = conference.members.iter().find(|m| m.call == call).copied() else { return };
        conference.moderated |= member.role == Role::Moderator;
        let hears_music = conference.music && member.role == Role::Participant;
        self.update_music(now, id);
        if hears_music && self.conferences.get(id).is_some_and(|c| c.music) {
            self.music(now, call, member.end.other(), Music::On);
        }
    }

    pub(super) fn beep(&mut self, now: Instant, conference: ConferenceId, beep: Beep) {
        if self.conferences.get(conference).is_some_and(|c| c.entry_tones) {
            self.emit(now, Output::Beep { conference, beep });
        }
    }

    /// Whether a party hears music until a moderator comes.
    pub(crate) fn waits_for_moderator(&self, id: ConferenceId, call: CallId) -> bool {
        let Some(conference) = self.conferences.get(id).filter(|c| c.music) else { return false };
        conference.members.iter().any(|m| m.call == call && m.role == Role::Participant)
    }

    /// Whether a moderator has muted a party.
    pub(crate) fn is_muted(&self, id: ConferenceId, call: CallId) -> bool {
        self.conferences.get(id).is_some_and(|c| c.members.iter().any(|m| m.call == call && m.muted))
    }

    /// Participants hear music while they wait for a moderator, if the conference is of that kind.
    pub(super) fn update_music(&mut self, now: Instant, id: ConferenceId) {
        let Some(conference) = self.conferences.get(id) else { return };
        let waits = match conference.kind {
            Kind::AdHoc | Kind::MeetMe => false,
            Kind::Personal(_) => true,
            Kind::Room(room) => self.plan.room(room).music_until_moderator,
        };
        let goes_on = conference.continuation && conference.moderated;
        let wanted = waits && !conference.has_moderator() && !goes_on;
        if wanted == conference.music {
            return;
        }
        let hearing = conference.members.iter();
        let hearing = hearing.filter(|m| m.role == Role::Participant && m.presence == Presence::Present);
        let hearing: Vec<(CallId, End)> = hearing.map(|m| (m.call, m.end.other())).collect();
        if let Some(conference) = self.conferences.get_mut(id) {
            conference.music = wanted;
        }
        let music = if wanted { Music::On } else { Music::Off };
        for (call, to) in hearing {
            self.music(now, call, to, music);
        }
    }

    /// More is known of a party, or it has answered: if it should not be here, it goes.
    pub(crate) fn look_at_member_again(&mut self, now: Instant, id: ConferenceId, call: CallId) {
        let Some(place) =
            self.conferences.get(id).and_then(|c| c.members.iter().position(|m| m.call == call))
        else {
            return;
        };
        let Some(member) = self.conferences.get(id).map(|c| c.members[place]) else { return };
        let fresh = self.member(Leg { call, end: member.end }, member.role);
        let answered = self.call(call).is_some_and(crate::call::Call::is_connected);
        let presence = if answered { Presence::Present } else { member.presence };
        let Some(conference) = self.conferences.get_mut(id) else { return };
        conference.members[place] = Member { muted: member.muted, presence, ..fresh };
        let analog = conference.members.iter().filter(|m| m.analog).count();
        let fits = analog <= MAX_ANALOG_TRUNKS_IN_CONFERENCE && !fresh.is_conference();
        if !fits || !Conference::may_meet(conference.members.iter().map(|m| (m.reached, m.account))) {
            return self.drop_member(now, Leg { call, end: member.end }, Cause::CALL_REJECTED);
        }
        if presence != member.presence {
            self.has_entered(now, id, call);
        }
        if member.is_internal() && !fresh.is_internal() {
            self.drop_externals(now, id);
        }
    }
}
