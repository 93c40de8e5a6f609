//! Transfer: two calls of a user are joined, and the user leaves both.
//!
//! Each of the two keeps its identity, its record and its end outside; where the user was, they now have each other. What
//! they may do from now on is the least of both, and whether an outgoing trunk may take part is asked again (RC "Call
//! barring"). Other systems on the way are told, so that the calls cannot get round a bar there either.

use super::numbers::NumberOf;
use super::state::{Inside, Leg, Origin, Party, Place, Stage};
use crate::cause::Cause;
use crate::hunt::CallOf;
use crate::id::{CallId, UserId};
use crate::limits::MAX_REDIRECTIONS;
use crate::network::{Account, End, Insider, PeerBody, PeerRef, Privilege, Reached, Source, Urgency};
use crate::output::{Music, Output};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;

impl System {
    /// A user joins a call on hold to the active one.
    pub(crate) fn transfer(&mut self, now: Instant, user: UserId, held: CallId, active: CallId) {
        let (Some(held), Some(active)) = (self.held_leg(user, held), self.active_leg(user, active)) else {
            return self.unexpected();
        };
        if self.past_links(held).call == active.call {
            // They are joined to each other already: the user is at both ends.
            return self.unexpected();
        }
        let conference = |leg: Leg| match self.call(leg.call)?.inside(leg.end.other())? {
            Inside::Conference(id) => Some((id, leg)),
            Inside::Call(_) | Inside::Watched(_) => None,
        };
        let watches = |leg: Leg| {
            let far = self.call(leg.call).and_then(|call| call.inside(leg.end.other()));
            matches!(far, Some(Inside::Watched(_)))
        };
        let may = match (conference(held), conference(active)) {
            // Who is in a call of others has nothing to give away.
            _ if watches(held) || watches(active) => false,
            (None, None) => {
                // Nobody is brought into a conference, here or on another system, while the phone still rings.
                let conference = self.reached(held.call, held.far().end) == Some(Reached::Conference);
                let answered = self.call(active.call).is_some_and(crate::call::Call::is_connected);
                self.may_join(held.far(), active.far()) && (answered || !conference)
            }
            (Some((id, own)), None) => return self.transfer_to_conference(now, user, id, own, active),
            (None, Some((id, own))) => return self.transfer_to_conference(now, user, id, own, held),
            // Conferences are not joined to each other.
            (Some(_), Some(_)) => false,
        };
        if !may {
            let (cause, Leg { call, end: to }) = (Cause::CALL_REJECTED, active);
            return self.emit(now, Output::Denied { call, to, cause, short_of: None });
        }
        self.music(now, held.call, held.end.other(), Music::Off);
        self.leave_both(now, user, [active, held]);
        self.join(now, held, active);
    }

    fn held_leg(&self, user: UserId, call: CallId) -> Option<Leg> {
        Some(Leg { call, end: self.holding_end(user, call)? })
    }

    /// The user's end of the active call: one that talks, or one of the user's own that rings.
    fn active_leg(&self, user: UserId, id: CallId) -> Option<Leg> {
        let call = self.call(id)?;
        let end = call.end_of(user).filter(|&end| !call.ends.holds(end))?;
        let rings = match call.stage {
            Stage::Connected(_) => true,
            Stage::Hunting(_) | Stage::Ringing(_) | Stage::Outgoing(_) => end == End::Calling,
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Preserved(_) => false,
        };
        rings.then_some(Leg { call: id, end })
    }

    /// Takes a user's phone out of a call that goes on.
    pub(crate) fn leave(&mut self, now: Instant, user: UserId, id: CallId) {
        self.make_idle(now, user, id);
        self.emit(now, Output::Left { user, call: id });
    }

    /// Takes a user out of two calls that go on; a member of hunt groups begins the wrap-up.
    pub(crate) fn leave_both(&mut self, now: Instant, user: UserId, legs: [Leg; 2]) {
        let answered = legs.into_iter().filter(|leg| leg.end == End::Called);
        let mut calls = answered.filter_map(|leg| self.call(leg.call));
        let of = match calls.any(|call| Self::call_of(call) == CallOf::Group) {
            true => CallOf::Group,
            false => CallOf::Other,
        };
        self.agent_ends_call(now, user, of);
        for leg in legs {
            self.leave(now, user, leg.call);
        }
    }

    /// Joins the far ends of two legs. A leg whose far end is inside itself is only a link, and goes.
    fn join(&mut self, now: Instant, a: Leg, b: Leg) {
        let privilege = self.joint(a.far(), b.far());
        let (left, right) = (self.past_links(a), self.past_links(b));
        for (leg, other) in [(left, right), (right, left)] {
            if let Some(call) = self.call_mut(leg.call) {
                call.put_inside(leg.end, Inside::Call(Place::of(other.call)));
                call.privilege = Privilege { urgency: call.privilege.urgency, ..privilege };
            }
        }
        for (link, end) in [(a, left), (b, right)] {
            if link.call != end.call {
                self.release_link(now, link);
            }
        }
        self.tell(now, left.far());
        self.tell(now, right.far());
    }

    /// Ends a call that has become a mere link, which concerns nobody else.
    pub(crate) fn release_link(&mut self, now: Instant, link: Leg) {
        if let Some(call) = self.call_mut(link.call) {
            // To itself: nobody is told.
            call.put_inside(link.end, Inside::Call(Place::of(link.call)));
        }
        self.release(now, link.call, ReleasedBy::System, Cause::NORMAL_CLEARING, None);
    }

    /// The leg to join in place of one whose far end is joined to another call already.
    pub(crate) fn past_links(&self, leg: Leg) -> Leg {
        let far = leg.far();
        match self.call(far.call).and_then(|call| call.inside(far.end)) {
            Some(Inside::Call(other)) => {
                let other = self.at(other);
                let end = self.outside_end(other).map_or(leg.end, End::other);
                Leg { call: other, end }
            }
            Some(Inside::Conference(_) | Inside::Watched(_)) | None => leg,
        }
    }

    /// The end of a joined call that is outside.
    pub(crate) fn outside_end(&self, id: CallId) -> Option<End> {
        let call = self.call(id)?;
        [End::Calling, End::Called].into_iter().find(|&end| call.inside(end).is_none())
    }

    /// The user of this system who is the outside end of a joined call.
    pub(crate) fn user_outside(&self, id: CallId) -> Option<UserId> {
        let call = self.call(id)?;
        match (self.outside_end(id)?, call.origin, call.party()) {
            (End::Calling, Origin::User(user), _) | (End::Called, _, Some(Party::User(user))) => Some(user),
            (End::Calling | End::Called, _, _) => None,
        }
    }

    /// What is at an end of a call; `None` if another system has not said yet.
    pub(crate) fn reached(&self, id: CallId, end: End) -> Option<Reached> {
        let call = self.call(id)?;
        let inside = |inside| match inside {
            Inside::Call(other) => {
                let other = self.at(other);
                self.reached(other, self.outside_end(other)?)
            }
            // Who is in it is asked when somebody joins.
            Inside::Conference(_) | Inside::Watched(_) => Some(Reached::Conference),
        };
        let user = |user, account| {
            Some(Reached::Inside(Insider { allowed: self.settings(user).classes(), account }))
        };
        match (end, call.origin, call.party()) {
            (End::Calling, Origin::User(u), _) => user(u, call.privilege.account),
            (End::Called, _, Some(Party::User(u))) => user(u, self.privilege_of(u).account),
            (End::Calling, Origin::Trunk(_), _) => Some(Reached::Outside(None)),
            (End::Calling, Origin::Peer { caller, .. }, _) => Some(caller),
            (End::Calling, Origin::Inside(i), _) | (End::Called, _, Some(Party::Inside(i))) => inside(i),
            (End::Called, _, Some(Party::Trunk { .. })) => Some(match call.privilege.urgency {
                Urgency::Emergency => Reached::Outside(None),
                Urgency::Normal => {
                    Reached::Outside(Some(self.plan.class_of(&self.number_of(id, NumberOf::Called))))
                }
            }),
            (End::Called, _, Some(Party::Peer { .. })) => call.reached,
            // Voicemail makes no calls.
            (End::Called, _, Some(Party::Voicemail(_))) => Some(Reached::Inside(Insider::FREE)),
            (End::Called, _, None) => None,
        }
    }

    /// What is at an end, for other systems to know.
    pub(crate) fn far_end(&self, id: CallId, end: End) -> Reached {
        self.reached(id, end).unwrap_or(Reached::Outside(None))
    }

    /// What two calls may do once they are joined at these ends.
    pub(super) fn joint(&self, a: Leg, b: Leg) -> Privilege {
        let mut joint = Privilege::FROM_TRUNK;
        joint.source = Source::User;
        for leg in [a, b] {
            if let Some(call) = self.call(leg.call) {
                joint = joint.least(call.privilege);
            }
            match self.reached(leg.call, leg.end) {
                Some(Reached::Inside(Insider { allowed, account })) => {
                    joint = joint.least(Privilege { allowed, account, ..joint });
                }
                Some(Reached::Outside(_)) => joint.source = Source::Trunk,
                Some(Reached::Conference) | None => {}
            }
        }
        joint
    }

    /// Whether the parties at two ends may talk to each other.
    fn may_join(&self, a: Leg, b: Leg) -> bool {
        let joint = self.joint(a, b);
        let is_conference = |leg: Leg| self.reached(leg.call, leg.end) == Some(Reached::Conference);
        if is_conference(a) && is_conference(b) {
            return false;
        }
        let may = |leg: Leg, other: Leg| match self.reached(leg.call, leg.end) {
            Some(Reached::Inside(_) | Reached::Conference) => true,
            Some(Reached::Outside(class)) => {
                let other = self.reached(other.call, other.end);
                let transit = matches!(other, Some(Reached::Outside(_)) | None);
                let account = self.call(leg.call).map(|call| call.privilege.account);
                let entered = joint.account != Account::Needed || account == Some(Account::Entered);
                let classes = class.is_none_or(|c| joint.allowed.contains(c) && entered);
                (!transit || self.plan.trunk_to_trunk) && classes
            }
            // The other system has been told what the call may do, and has asked the bars itself.
            None => self.call(leg.call).is_some_and(|call| {
                let same = Privilege { urgency: call.privilege.urgency, ..joint };
                call.privilege == same
            }),
        };
        may(a, b) && may(b, a)
    }

    /// Tells another system at an end of a joined call what it is connected to now.
    pub(crate) fn tell(&mut self, now: Instant, leg: Leg) {
        let Some(call) = self.call(leg.call) else { return };
        match (leg.end, call.origin, call.party()) {
            (End::Called, _, Some(Party::Peer { channel, attempt })) => {
                let about = PeerRef { channel: channel.channel, call: leg.call, attempt };
                let (caller, privilege) = (self.far_end(leg.call, End::Calling), call.privilege);
                let body = PeerBody::Privilege { caller, privilege };
                self.say(now, channel.line, End::Calling, about, body);
            }
            (End::Calling, Origin::Peer { channel, .. }, _) => {
                let reached = self.far_end(leg.call, End::Called);
                self.say_back(now, channel.line, leg.call, PeerBody::Reached { reached });
            }
            (End::Calling | End::Called, _, _) => {}
        }
    }

    /// Another system has joined a call that it sent here to somebody else, and it may do less.
    pub(super) fn may_do_less(&mut self, now: Instant, id: CallId, who: Reached, privilege: Privilege) {
        let Some(call) = self.call_mut(id) else { return };
        call.privilege = call.privilege.least(privilege);
        if let Origin::Peer { caller, .. } = &mut call.origin {
            *caller = who;
        }
        self.pass_on(now, id, End::Called);
    }

    /// Another system has said what the call has reached there.
    pub(super) fn has_reached(&mut self, id: CallId, reached: Reached) {
        if let Some(call) = self.call_mut(id) {
            call.reached = Some(reached);
        }
    }

    /// Another system has joined a call that it was sent to something else.
    pub(super) fn reaches_another(&mut self, now: Instant, id: CallId) {
        self.pass_on(now, id, End::Calling);
    }

    /// A call that was joined to another while it was not known where it would come has come somewhere: the other end
    /// hears of it.
    pub(super) fn passes_on_what_it_reaches(&mut self, now: Instant, id: CallId) {
        if self.call(id).is_some_and(|call| call.inside(End::Calling).is_some()) {
            self.pass_on(now, id, End::Calling);
        }
    }

    /// News about the far end of a call go on to whoever is at this end.
    fn pass_on(&mut self, now: Instant, id: CallId, end: End) {
        let Some(call) = self.call(id) else { return };
        let privilege = call.privilege;
        match call.inside(end) {
            None => self.tell(now, Leg { call: id, end }),
            Some(Inside::Call(other)) => {
                let other = self.at(other);
                let Some(outside) = self.outside_end(other) else { return };
                if let Some(call) = self.call_mut(other) {
                    call.privilege = call.privilege.least(privilege);
                }
                self.tell(now, Leg { call: other, end: outside });
                self.look_at_join_again(now, id);
            }
            Some(Inside::Conference(conference)) => self.look_at_member_again(now, conference, id),
            Some(Inside::Watched(_)) => {}
        }
    }

    /// More is known now of a joined call: it ends if it should not have been joined.
    pub(super) fn look_at_join_again(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let joined = [End::Calling, End::Called].into_iter().find_map(|end| Some((end, call.inside(end)?)));
        let (end, outside) = match joined {
            None | Some((_, Inside::Watched(_))) => return,
            Some((_, Inside::Conference(conference))) => {
                return self.look_at_member_again(now, conference, id);
            }
            Some((end, Inside::Call(other))) => {
                let other = self.at(other);
                let Some(outside) = self.outside_end(other) else { return };
                (end.other(), Leg { call: other, end: outside })
            }
        };
        if !self.may_join(Leg { call: id, end }, outside) {
            self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        }
    }

    /// A joined call ends, and the one that it is joined to with it.
    pub(super) fn release_inside(&mut self, now: Instant, id: CallId, inside: Inside, cause: Cause) {
        match inside {
            Inside::Call(other) => {
                let (other, back) = (self.at(other), Some(Inside::Call(Place::of(id))));
                let Some(call) = self.call(other) else { return };
                if call.inside(End::Calling) == back {
                    self.release(now, other, ReleasedBy::Caller, cause, None);
                } else if call.inside(End::Called) == back {
                    self.release(now, other, ReleasedBy::Callee, cause, None);
                }
            }
            Inside::Conference(conference) => self.leave_conference(now, conference, id),
            Inside::Watched(_) => {}
        }
    }

    /// Counts one more time that a call is sent on; whether it is one too many.
    pub(super) fn is_sent_on_too_often(&mut self, id: CallId) -> bool {
        let Some(call) = self.call_mut(id) else { return true };
        call.redirections += 1;
        call.redirections > MAX_REDIRECTIONS
    }

    /// Takes from a call what it may not do once it is joined to one that is on hold.
    pub(super) fn lower_for_transfer(&mut self, user: UserId, id: CallId, held: CallId) {
        let Some(leg) = self.held_leg(user, held) else { return };
        let joint = self.joint(leg.far(), Leg { call: id, end: End::Calling });
        if let Some(call) = self.call_mut(id) {
            call.privilege = Privilege { urgency: call.privilege.urgency, ..joint };
        }
    }

    /// Joins a call that was dialled for it to the one on hold, if it has come anywhere.
    pub(super) fn transfer_if_under_way(&mut self, now: Instant, user: UserId, held: CallId, id: CallId) {
        if self.active_leg(user, id).is_some() {
            self.transfer(now, user, held, id);
        }
    }
}
