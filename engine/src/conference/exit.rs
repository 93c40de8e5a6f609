//! A party leaves a conference; with the last of them the conference ends.

use super::entry::Refusal;
use super::state::{Conference, Kind, Presence, Role};
use crate::call::{Inside, Leg};
use crate::cause::Cause;
use crate::id::{CallId, ConferenceId, UserId};
use crate::limits::MAX_ANALOG_TRUNKS_IN_CONFERENCE;
use crate::network::{End, Reached};
use crate::output::{Beep, Music};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;

impl System {
    /// The call of a party has ended: its slot is free, and what the others are left with is looked at.
    pub(crate) fn leave_conference(&mut self, now: Instant, id: ConferenceId, call: CallId) {
        let Some(conference) = self.conferences.get_mut(id) else { return };
        let Some(place) = conference.members.iter().position(|m| m.call == call) else { return };
        let member = conference.members.remove(place);
        self.conferences.usage.give_back(now);
        self.after_exit(now, id, member.presence, member.is_internal());
    }

    pub(super) fn after_exit(&mut self, now: Instant, id: ConferenceId, was: Presence, internal: bool) {
        let Some(conference) = self.conferences.get(id) else { return };
        let is_over = match conference.kind {
            // One alone is no conference any more.
            Kind::AdHoc => conference.members.len() < 2,
            Kind::MeetMe | Kind::Personal(_) | Kind::Room(_) => conference.members.is_empty(),
        };
        if is_over {
            return self.end_conference(now, id);
        }
        if was == Presence::Present {
            self.beep(now, id, Beep::Exit);
            self.update_music(now, id);
        }
        if internal {
            self.drop_externals(now, id);
        }
    }

    /// Nobody of the network is left, if only one whose phone still rings: those from outside are dropped, if the setting says so, or if one of them was
    /// called from here and calls from trunk to trunk are not allowed.
    pub(super) fn drop_externals(&mut self, now: Instant, id: ConferenceId) {
        let Some(conference) = self.conferences.get(id) else { return };
        let mut members = conference.members.iter();
        if members.clone().any(|m| m.is_internal() && m.presence == Presence::Present) {
            return;
        }
        let called_out = members.any(|m| matches!(m.reached, Some(Reached::Outside(Some(_))) | None));
        if self.plan.conferences.drop_external_only || (called_out && !self.plan.trunk_to_trunk) {
            self.end_conference(now, id);
        }
    }

    /// A user leaves a conference to the far end of another call: it takes the user's place.
    pub(crate) fn transfer_to_conference(
        &mut self,
        now: Instant,
        user: UserId,
        id: ConferenceId,
        own: Leg,
        other: Leg,
    ) {
        let leg = self.past_links(other);
        let new = self.member(leg, Role::Participant);
        let Some(conference) = self.conferences.get(id) else { return };
        let mut members = conference.members.clone();
        let Some(place) = members.iter().position(|m| m.call == own.call) else { return };
        let left = std::mem::replace(&mut members[place], new);
        let analog = members.iter().filter(|m| m.analog).count();
        let answered = self.call(leg.call).is_some_and(crate::call::Call::is_connected);
        if !answered
            || new.is_conference()
            || analog > MAX_ANALOG_TRUNKS_IN_CONFERENCE
            || !Conference::may_meet(members.iter().map(|m| (m.reached, m.account)))
        {
            return self.deny(now, own, Refusal::NOT_ALLOWED);
        }
        if self.call(other.call).is_some_and(|call| call.ends.holds(other.end)) {
            self.music(now, other.call, other.end.other(), Music::Off);
        }
        self.leave_both(now, user, [own, other]);
        if let Some(conference) = self.conferences.get_mut(id) {
            conference.members = members;
        }
        if let Some(call) = self.call_mut(leg.call) {
            call.put_inside(leg.end, Inside::Conference(id));
        }
        self.tell(now, leg.far());
        self.release_link(now, own);
        if leg.call != other.call {
            self.release_link(now, other);
        }
        self.has_entered(now, id, leg.call);
        self.after_exit(now, id, left.presence, left.is_internal());
    }

    /// Ends a conference that nobody has come to.
    pub(super) fn end_if_empty(&mut self, now: Instant, id: ConferenceId) {
        if self.conferences.get(id).is_some_and(|conference| conference.members.is_empty()) {
            self.end_conference(now, id);
        }
    }

    /// Ends a conference for everyone who is left.
    pub(super) fn end_conference(&mut self, now: Instant, id: ConferenceId) {
        let Some(conference) = self.conferences.end(now, id) else { return };
        if let Some(channel) = conference.recording {
            self.give_back_recorder(now, channel);
        }
        for member in &conference.members {
            self.drop_member(now, Leg { call: member.call, end: member.end }, Cause::NORMAL_CLEARING);
        }
        self.conferences.take_back(conference.members);
    }

    /// Releases the call of a party.
    pub(super) fn drop_member(&mut self, now: Instant, leg: Leg, cause: Cause) {
        let by = match leg.end {
            End::Calling => ReleasedBy::Caller,
            End::Called => ReleasedBy::Callee,
        };
        // The side that ends a call is taken to be out of it already, which the conference is.
        let conference = self.call(leg.call).and_then(|call| call.inside(leg.end));
        self.release(now, leg.call, by, cause, None);
        if let Some(Inside::Conference(id)) = conference {
            self.leave_conference(now, id, leg.call);
        }
    }
}
