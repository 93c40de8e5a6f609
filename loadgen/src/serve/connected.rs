//! A caller is through: the answer that the caller gets, and to whose offer.

use super::calls::{Key, Told, Who};
use super::core::Core;
use super::exchange::Answer;
use engine::Hears;
use engine::id::CallId;
use engine::network::End;
use engine::time::Instant;
use sip::endpoint::{Body, LegId, Reply};

impl Core {
    /// The engine has a call that this server has not heard of: one that another system has set up, or one that begins
    /// inside.
    pub(super) fn know_call(&mut self, id: CallId) {
        if self.calls.get(id).is_some() {
            return;
        }
        let arriving = self.arriving.clone();
        let call = self.calls.begin(id, super::invited::MAX_FORWARDS as u8);
        if let Some(arriving) = arriving {
            call.calling.who = Who::Line(arriving.line, arriving.about);
            call.calling.theirs = arriving.offer;
        }
    }

    /// The caller is through.
    pub(super) fn connected(&mut self, now: Instant, id: CallId) {
        self.take_answer(id);
        let key = Key { call: id, end: End::Calling };
        let Some(side) = self.calls.side(key) else { return };
        match side.who {
            Who::Leg(leg) if side.is_unanswered() => self.answer_first(now, key, leg),
            Who::Leg(_) | Who::Line(..) | Who::Nobody => self.media_changed(now, id),
        }
    }

    /// Answers the INVITE of a caller.
    fn answer_first(&mut self, now: Instant, key: Key, leg: LegId) {
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) => self.answer_with(now, key, leg, Key { call, end }),
            Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail | Hears::Nothing => {
                self.answer_here(now, key, leg);
            }
        }
    }

    /// The caller hears another side.
    fn answer_with(&mut self, now: Instant, key: Key, leg: LegId, other: Key) {
        let Some(far) = self.calls.side(other) else { return };
        let (far_told, far_theirs, far_offer, far_who) =
            (far.told, far.theirs.clone(), far.offer.clone(), far.who);
        let own_offer = self.calls.side(key).and_then(|side| side.theirs.clone());
        let knows_caller = far_told == Told::Side(key) || far_told == Told::Port;
        match (own_offer, far_offer, far_theirs) {
            (None, Some(offer), _) => {
                let answer = self.acknowledges(other, far_who);
                self.pass_on(now, other, key, offer, answer);
            }
            (Some(_), None, Some(answer)) if knows_caller => {
                match self.as_seen_by_caller(key.call, far_told, answer) {
                    Some((sdp, told)) => self.deliver(now, key, Answer::FirstResponse(leg), sdp, told),
                    None => self.refuse(now, leg, &Reply::new(503)),
                }
            }
            // The far side was told of somebody else, as when a queue's head is given to who answers.
            (Some(offer), far_offer, _) => {
                if far_offer.is_some() {
                    self.acknowledge_with_nothing(now, other);
                }
                self.pass_on(now, key, other, offer, Answer::FirstResponse(leg));
            }
            (None, None, _) => self.refuse(now, leg, &Reply::new(488)),
        }
    }

    /// The offer of a side is being answered: in the ACK, or over its line.
    fn acknowledges(&mut self, key: Key, who: Who) -> Answer {
        if let Some(side) = self.calls.side_mut(key) {
            side.offer = None;
        }
        match who {
            Who::Leg(leg) => Answer::Acknowledgement(leg),
            Who::Line(..) | Who::Nobody => Answer::Line,
        }
    }

    /// A side waits for the ACK of its answer, which carried an offer: answers it for whoever it hears.
    pub(super) fn acknowledge_for(&mut self, now: Instant, key: Key, to: Key) {
        let Some(side) = self.calls.side(key) else { return };
        let (Some(offer), who) = (side.offer.clone(), side.who) else { return };
        let answer = self.acknowledges(key, who);
        self.pass_on(now, key, to, offer, answer);
    }

    /// The same on behalf of this system, or of nobody.
    pub(super) fn acknowledge_with_nothing(&mut self, now: Instant, key: Key) {
        let Some(side) = self.calls.side_mut(key) else { return };
        let (Some(offer), Who::Leg(leg)) = (side.offer.take(), side.who) else { return };
        side.told = Told::Nothing;
        let answer = super::ports::inactive_answer(&offer, self.discard_at());
        // A leg that has ended needs no ACK from here.
        let _ = self.endpoint.acknowledge(now, leg, answer.as_deref().map(Body::sdp));
    }

    /// The caller hears this system: a conference, voicemail, a prompt.
    pub(super) fn answer_here(&mut self, now: Instant, key: Key, leg: LegId) {
        let offer = self.calls.side(key).and_then(|side| side.theirs.clone());
        let direction = self.own_direction(key);
        let sdp = match &offer {
            Some(offer) => self.own_answer(key, direction, offer),
            None => self.own_offer(key, direction),
        };
        let Some(sdp) = sdp else { return self.refuse(now, leg, &Reply::new(488)) };
        if let Some(side) = self.calls.side_mut(key) {
            (side.ours, side.told) = (Some(sdp.clone()), Told::Port);
        }
        self.answer_caller(now, key, leg, sdp);
        match offer {
            Some(_) => self.play_if_open(key),
            None => self.exchanges.await_own(key, leg),
        }
    }
}
