//! Recordings of calls, and users who listen in or break in: each turns the call into something like a conference, and takes
//! slots (RC chapter 8, "Conference Restrictions").
//!
//! A call of two parties takes one slot for each of them, and one for the recording and for each user who is in it. Whoever
//! comes to a call that is in a conference already takes one slot more there.

use super::entry::Refusal;
use super::state::Conference;
use crate::call::{Call, Inside, NumberOf, Origin, Party, Place, Stage};
use crate::cause::Cause;
use crate::id::{CallId, UserId};
use crate::network::{Account, End, Insider, Reached};
use crate::number::Number;
use crate::output::Output;
use crate::outside::Part;
use crate::plan::spec::{CallClasses, Feature};
use crate::plan::{Entry, Local};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use smallvec::SmallVec;

/// What there is beside a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    /// Slots taken for it.
    pub(super) slots: u32,
    /// Whether it is recorded.
    pub(super) recorded: bool,
    /// Users who are in it without being parties.
    pub(super) watchers: SmallVec<[Watcher; 1]>,
}

/// A user in a call of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Watcher {
    /// The user's own call.
    call: CallId,
    user: UserId,
    does: Does,
}

/// What a user does who is in a call of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    /// Talks to nobody, and so has called nobody.
    Listen,
    Speak,
    /// Talks to this user alone.
    Coach(UserId),
}

/// What comes to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guest {
    Recording,
    Watcher(Watcher),
}

impl System {
    /// A user dials a code to get into the call of another user of this system.
    pub(crate) fn intrude(
        &mut self,
        now: Instant,
        id: CallId,
        user: UserId,
        feature: Feature,
        number: Number,
    ) {
        let target = match self.plan.directory.get(&number) {
            Some(Entry { system, local: Local::User(target) }) if system == self.plan.system => target,
            _ => return self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None),
        };
        self.set_number(id, NumberOf::Called, number);
        let talks_on = self.users[target.index()].call.filter(|&call| self.may_be_watched(target, call));
        let Some(watched) = talks_on else {
            if feature == Feature::CallIntrude && self.is_idle(target) {
                // Nobody to break in on: it becomes a call (Manager, "Call Intrude").
                return self.route(now, id, number);
            }
            return self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        };
        if !self.may_intrude(user, target, watched, feature) {
            return self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        }
        let party = Party::Inside(Inside::Watched(Place::of(watched)));
        let Some(media) = self.take_media(now, id, party) else { return };
        let does = if feature == Feature::CallListen {
            Does::Listen
        } else if feature == Feature::CoachingIntrusion {
            Does::Coach(target)
        } else {
            Does::Speak
        };
        let watcher = Watcher { call: id, user, does };
        if let Err(refusal) = self.take_beside(now, watched, Guest::Watcher(watcher)) {
            self.media.give_back(now, media);
            self.count_refusal(refusal);
            return self.release(now, id, ReleasedBy::System, refusal.cause, refusal.short_of);
        }
        self.connect(now, id, party, media);
        self.emit(now, Output::MediaChanged { call: watched });
    }

    /// A connected call that its user is active on; one who watches is no party.
    fn may_be_watched(&self, user: UserId, id: CallId) -> bool {
        let Some(call) = self.call(id) else { return false };
        let watches = matches!(call.inside(End::Called), Some(Inside::Watched(_)));
        let active = call.end_of(user).is_some_and(|end| !call.ends.holds(end));
        matches!(call.stage, Stage::Connected(_)) && active && !watches
    }

    /// Whether the settings of all who are concerned allow it: the user may intrude, nobody in the call has it forbidden,
    /// those who are listened to are of the user's monitor group, and nobody gets to talk to a trunk that they may not call.
    fn may_intrude(&self, user: UserId, target: UserId, watched: CallId, feature: Feature) -> bool {
        let Some(call) = self.call(watched) else { return false };
        let forbids = |user: UserId| self.settings(user).cannot_be_intruded;
        let caller = matches!(call.origin, Origin::User(other) if forbids(other));
        let callee = matches!(call.party(), Some(Party::User(other)) if forbids(other));
        if !self.settings(user).can_intrude || caller || callee || user == target {
            return false;
        }
        if feature == Feature::CallListen {
            let group = self.settings(user).monitor_group;
            return group.is_some_and(|group| self.is_member(group, target));
        }
        self.may_speak_in(user, watched)
    }

    /// Whether a user may talk to everybody in a call of others: to those in its conference as well. Who is in a
    /// conference of another system, or what a call reaches there, may be unknown: then only a user whom no bar concerns may.
    fn may_speak_in(&self, user: UserId, watched: CallId) -> bool {
        let Some(call) = self.call(watched) else { return false };
        let own = self.settings(user).privilege();
        let is_free = own.allowed == CallClasses::ALL && own.account != Account::Needed;
        let insider = Insider { allowed: own.allowed, account: own.account };
        let mut parties: SmallVec<[(Option<Reached>, Account); 4]> = SmallVec::new();
        parties.push((Some(Reached::Inside(insider)), own.account));
        for end in [End::Calling, End::Called] {
            if let Some(Inside::Conference(conference)) = call.inside(end) {
                let members = self.conferences.get(conference).map(|c| c.members.as_slice());
                let others = members.unwrap_or_default().iter().filter(|m| m.call != watched);
                parties.extend(others.map(|m| (m.reached, m.account)));
            } else {
                parties.push((self.reached(watched, end), call.privilege.account));
            }
        }
        let is_known = |(reached, _): &(Option<Reached>, Account)| {
            matches!(reached, Some(Reached::Inside(_) | Reached::Outside(_)))
        };
        (is_free || parties.iter().all(is_known)) && Conference::may_meet(parties.into_iter())
    }

    /// Who takes part in a call has changed, perhaps: whoever may not talk to everybody in it any more has to leave it.
    pub(crate) fn look_at_watchers_again(&mut self, now: Instant) {
        let all = self.conferences.beside.iter().map(|(&place, beside)| (self.at(place), beside));
        let speakers = all.flat_map(|(id, beside)| beside.watchers.iter().map(move |w| (id, *w)));
        let barred = |(id, w): &(CallId, Watcher)| w.does != Does::Listen && !self.may_speak_in(w.user, *id);
        let barred: SmallVec<[(CallId, Watcher); 1]> = speakers.filter(barred).collect();
        for (_, watcher) in barred {
            self.release(now, watcher.call, ReleasedBy::System, Cause::CALL_REJECTED, None);
        }
    }

    /// Takes the slots for a recording of a call; whether they were there.
    pub(crate) fn take_recording_slots(&mut self, now: Instant, id: CallId) -> Result<(), ()> {
        self.take_beside(now, id, Guest::Recording).map_err(|refusal| self.count_refusal(refusal))
    }

    fn take_beside(&mut self, now: Instant, id: CallId, guest: Guest) -> Result<(), Refusal> {
        let in_conference = self.membership(id).is_some();
        let before = self.conferences.beside.get(&Place::of(id)).map_or(0, |beside| beside.slots);
        let wanted = if before == 0 && !in_conference { 3 } else { 1 };
        let conferences = &self.plan.conferences;
        if self.conferences.usage.in_use() + wanted > u32::from(conferences.channels)
            || before + wanted > u32::from(conferences.largest)
        {
            return Err(Refusal::NO_SLOTS);
        }
        self.conferences.usage.take_several(now, wanted);
        let beside = self.conferences.beside.entry(Place::of(id)).or_default();
        beside.slots += wanted;
        match guest {
            Guest::Recording => beside.recorded = true,
            Guest::Watcher(watcher) => {
                beside.watchers.push(watcher);
                self.conferences.watchers += 1;
            }
        }
        Ok(())
    }

    fn leave_beside(&mut self, now: Instant, call: Place, leave: impl FnOnce(&mut Beside)) {
        let Some(beside) = self.conferences.beside.get_mut(&call) else { return };
        leave(beside);
        let empty = !beside.recorded && beside.watchers.is_empty();
        let slots = if empty { beside.slots } else { 1 };
        beside.slots -= slots;
        self.conferences.usage.give_back_several(now, slots);
        if empty {
            self.conferences.beside.remove(&call);
        }
    }

    /// A recording has ended: its slot is free, and those of the parties if nobody else is beside the call.
    pub(crate) fn give_back_recording_slots(&mut self, now: Instant, id: CallId) {
        self.leave_beside(now, Place::of(id), |beside| beside.recorded = false);
    }

    /// The call of a user who was in `watched` has ended.
    pub(crate) fn stops_watching(&mut self, now: Instant, id: CallId, watched: Place) {
        self.conferences.watchers -= 1;
        self.leave_beside(now, watched, |beside| beside.watchers.retain(|watcher| watcher.call != id));
        let watched = self.at(watched);
        if self.call(watched).is_some_and(Call::is_connected) {
            self.emit(now, Output::MediaChanged { call: watched });
        }
    }

    /// A call has ended, and with it the calls of those who were in it.
    pub(crate) fn end_watchers(&mut self, now: Instant, id: CallId) {
        if self.conferences.beside.is_empty() {
            return;
        }
        let Some(beside) = self.conferences.beside.get_mut(&Place::of(id)) else { return };
        for watcher in std::mem::take(&mut beside.watchers) {
            self.release(now, watcher.call, ReleasedBy::Callee, Cause::NORMAL_CLEARING, None);
        }
    }

    /// Whether any user is in a call of others.
    pub(crate) const fn has_any_watchers(&self) -> bool {
        self.conferences.watchers > 0
    }

    /// Whether any user is in this call of others.
    pub(crate) fn has_watchers(&self, id: CallId) -> bool {
        self.has_any_watchers() && self.watchers_of(id).next().is_some()
    }

    /// The calls of users who are in this call of others, and who hears each of them there.
    pub(crate) fn watchers_of(&self, id: CallId) -> impl Iterator<Item = (CallId, Part)> {
        let watchers =
            self.conferences.beside.get(&Place::of(id)).map_or(&[][..], |beside| beside.watchers.as_slice());
        watchers.iter().map(|watcher| {
            let part = match watcher.does {
                Does::Listen => Part::Listens,
                Does::Speak => Part::Speaks(Some(watcher.user)),
                Does::Coach(user) => Part::Coaches(user),
            };
            (watcher.call, part)
        })
    }

    /// Whether a call knows of the call of somebody who is in it.
    pub(crate) fn is_watched_by(&self, id: CallId, watcher: CallId) -> bool {
        self.conferences
            .beside
            .get(&Place::of(id))
            .is_some_and(|beside| beside.watchers.iter().any(|w| w.call == watcher))
    }

    /// Faults in what is beside calls, and the slots that it takes.
    pub(crate) fn audit_beside(&self, faults: &mut Vec<String>) -> usize {
        let (mut slots, mut watchers) = (0, 0);
        for (&place, beside) in &self.conferences.beside {
            let id = self.at(place);
            let guests = beside.watchers.len() as u32 + u32::from(beside.recorded);
            slots += beside.slots as usize;
            if guests == 0 || beside.slots < guests || beside.slots > guests + 2 {
                faults.push(format!("{id:?} has {} slots for {guests} beside it", beside.slots));
            }
            let is_recorded =
                self.call(id).and_then(Call::connected).is_some_and(|connected| connected.is_recorded);
            if self.call(id).is_none() || is_recorded != beside.recorded {
                faults.push(format!("{id:?} is over, or is recorded without a slot"));
            }
            watchers += beside.watchers.len();
            for Watcher { call: watcher, .. } in &beside.watchers {
                let inside = self.call(*watcher).and_then(|call| call.inside(End::Called));
                if inside != Some(Inside::Watched(place)) {
                    faults.push(format!("{watcher:?} is in {id:?}, but does not know of it"));
                }
            }
        }
        if watchers != self.conferences.watchers {
            faults.push(format!("{watchers} watch calls, {} were counted", self.conferences.watchers));
        }
        slots
    }
}
