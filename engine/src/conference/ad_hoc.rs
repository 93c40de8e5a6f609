//! Ad hoc conferences: a user makes one of the calls at hand, or adds them to one.

use super::entry::Refusal;
use super::state::{Conference, Kind, Member, Role};
use crate::call::{Inside, Leg, NumberOf, Origin, Party, Place};
use crate::cause::Cause;
use crate::id::{CallId, ConferenceId, Tag, UserId};
use crate::network::End;
use crate::output::{Music, Output, Resource};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;

/// What a user has at hand.
struct AtHand {
    /// The user's ends of calls with others, in the order that they were put on hold; the active one last.
    calls: Vec<Leg>,
    /// The user's own call to a conference.
    own: Option<(CallId, ConferenceId)>,
}

impl System {
    /// A user puts the active call and those on hold into a conference, which the user's own call joins: a new one with
    /// `tag`, unless the user is in a conference already.
    pub(crate) fn conference(&mut self, now: Instant, user: UserId, tag: Tag) {
        if user.index() >= self.users.len() {
            return self.unexpected();
        }
        let Some(at_hand) = self.at_hand(user) else { return self.unexpected() };
        let Some(last) = at_hand.calls.last().copied() else { return self.unexpected() };
        if let Err(refusal) = self.confer(now, user, at_hand, Own::Tag(tag)) {
            self.deny(now, last, refusal);
        }
    }

    /// The same by a short code: the call that dialled it becomes the user's own.
    pub(crate) fn conference_add(&mut self, now: Instant, user: UserId, id: CallId) {
        let refused = match self.at_hand(user) {
            Some(at_hand) => self.confer(now, user, at_hand, Own::Call(id)).err(),
            None => Some(Refusal::NOT_ALLOWED),
        };
        if let Some(refusal) = refused {
            self.release(now, id, ReleasedBy::System, refusal.cause, refusal.short_of);
        }
    }

    /// Tells a user that something was not done.
    pub(super) fn deny(&mut self, now: Instant, leg: Leg, refusal: Refusal) {
        self.count_refusal(refusal);
        let (call, to) = (leg.call, leg.end);
        self.emit(now, Output::Denied { call, to, cause: refusal.cause, short_of: refusal.short_of });
    }

    /// The calls of a user; `None` if one of them is not answered, or two of them are to conferences.
    fn at_hand(&self, user: UserId) -> Option<AtHand> {
        let active = self.users[user.index()].call.filter(|call| !self.held_calls(user).contains(call));
        let mut at_hand = AtHand { calls: Vec::new(), own: None };
        for id in self.held_calls(user).iter().copied().chain(active) {
            let call = self.call(id)?;
            let end = call.end_of(user)?;
            if !call.is_connected() {
                // A code that asks for the conference is being dialled.
                if call.is_routing() {
                    continue;
                }
                return None;
            }
            match call.inside(end.other()) {
                Some(Inside::Conference(conference)) if at_hand.own.is_none() => {
                    at_hand.own = Some((id, conference));
                }
                Some(Inside::Conference(_) | Inside::Watched(_)) => return None,
                Some(Inside::Call(_)) | None => at_hand.calls.push(Leg { call: id, end }),
            }
        }
        Some(at_hand)
    }

    fn confer(&mut self, now: Instant, user: UserId, at_hand: AtHand, own: Own) -> Result<(), Refusal> {
        // Calls that were joined to others before have the end to add one call further on.
        let legs: Vec<Leg> = at_hand.calls.iter().map(|&leg| self.past_links(leg)).collect();
        let is_own = |leg: &&Leg| at_hand.calls.iter().any(|own| own.call == leg.call && own.end != leg.end);
        if legs.iter().any(|leg| is_own(&leg)) {
            // The user is at both ends of two calls that are joined to each other.
            return Err(Refusal::NOT_ALLOWED);
        }
        let mut new: Vec<Member> = legs.iter().map(|&leg| self.member(leg, Role::Participant)).collect();
        let Some((call, conference)) = at_hand.own else {
            if legs.len() < 2 {
                return Err(Refusal::NOT_ALLOWED);
            }
            return self.begin_ad_hoc(now, user, &at_hand.calls, new, own);
        };
        let place = self.conferences.get(conference).ok_or(Refusal::NOT_ALLOWED)?;
        for member in &mut new {
            // Whoever may add, may add to a locked conference.
            member.role = if place.locked { Role::Moderator } else { Role::Participant };
        }
        self.admits(place, &new)?;
        new.iter_mut().for_each(|m| m.role = Role::Participant);
        self.users[user.index()].call = Some(call);
        self.take_in(now, user, &at_hand.calls, conference, &new);
        if self.call(call).is_some_and(|c| c.end_of(user).is_some_and(|end| c.ends.holds(end))) {
            self.leave_hold(user, call);
        }
        if let Own::Call(id) = own {
            self.release(now, id, ReleasedBy::System, Cause::NORMAL_CLEARING, None);
        }
        Ok(())
    }

    fn begin_ad_hoc(
        &mut self,
        now: Instant,
        user: UserId,
        calls: &[Leg],
        new: Vec<Member>,
        own: Own,
    ) -> Result<(), Refusal> {
        let fresh = Conference::new(
            self.conferences.next_ad_hoc(&self.plan),
            Kind::AdHoc,
            self.plan.conferences.largest,
        );
        let number = fresh.number;
        let calling = self.extension_at(user);
        let id = match own {
            Own::Call(id) => id,
            Own::Tag(tag) => {
                let full = Refusal { cause: Cause::SWITCHING_CONGESTION, short_of: Some(Resource::Calls) };
                self.create(now, tag, Origin::User(user), calling, number).ok_or(full)?
            }
        };
        let mut all = new.clone();
        all.push(self.member(Leg { call: id, end: End::Called }, Role::Participant));
        if let Err(refusal) = self.admits(&fresh, &all) {
            if let Own::Tag(_) = own {
                self.discard(id);
            }
            return Err(refusal);
        }
        let media = self.media_between(&Origin::User(user), Party::Inside(Inside::Call(Place::of(id))));
        if let Err(kind) = self.media.take(now, media) {
            if let Own::Tag(_) = own {
                self.discard(id);
            }
            let short_of = Some(Resource::Media(kind));
            return Err(Refusal { cause: Cause::RESOURCE_UNAVAILABLE, short_of });
        }
        let conference = self.conferences.begin(fresh);
        if let Own::Tag(tag) = own {
            self.stats.attempts += 1;
            self.stats.calls.take(now);
            self.occupy(now, user, id);
            self.emit(now, Output::Accepted { tag, call: id });
        }
        self.take_in(now, user, calls, conference, &new);
        let own = self.member(Leg { call: id, end: End::Called }, Role::Participant);
        self.add_member(now, conference, own);
        self.set_number(id, NumberOf::Called, number);
        self.connect(now, id, Party::Inside(Inside::Conference(conference)), media);
        self.has_entered(now, conference, id);
        Ok(())
    }

    /// The far ends of a user's calls become parties of a conference, and the user leaves the calls.
    fn take_in(
        &mut self,
        now: Instant,
        user: UserId,
        calls: &[Leg],
        conference: ConferenceId,
        members: &[Member],
    ) {
        for (&leg, &member) in calls.iter().zip(members) {
            if self.call(leg.call).is_some_and(|call| call.ends.holds(leg.end)) {
                self.music(now, leg.call, leg.end.other(), Music::Off);
            }
            self.leave(now, user, leg.call);
            let inside = Inside::Conference(conference);
            if let Some(call) = self.call_mut(member.call) {
                call.put_inside(member.end, inside);
            }
            if member.call != leg.call {
                self.release_link(now, leg);
            }
            self.tell(now, Leg { call: member.call, end: member.end.other() });
            self.add_member(now, conference, member);
            self.has_entered(now, conference, member.call);
        }
    }
}

/// Where the user's own call to a conference comes from.
#[derive(Clone, Copy)]
enum Own {
    /// It is made for it, with this tag.
    Tag(Tag),
    /// It has dialled the code.
    Call(CallId),
}
