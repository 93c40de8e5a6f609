//! A phone or the far end of a trunk has answered, and the engine says what it is connected to.

use super::calls::{Called, Ringing, Sdp, Side, Told, Use, Who};
use super::core::Core;
use engine::Input;
use engine::id::{CallId, UserId};
use engine::network::End;
use engine::smdr::Device;
use engine::time::Instant;
use sip::endpoint::{LegId, Reply};

/// The leg whose answer is being told to the engine.
#[derive(Clone, Debug)]
pub(super) struct Answering {
    /// The call that it becomes the called side of: that which rang, unless the engine gives it another one.
    pub(super) call: CallId,
    pub(super) leg: LegId,
    whose: Called,
    theirs: Option<Sdp>,
    ours: Option<Sdp>,
    told: Told,
}

impl Core {
    /// A leg that was called has answered.
    pub(super) fn called_leg_answers(&mut self, now: Instant, leg: LegId, sdp: Option<Sdp>) {
        let Some(Use::Called(id, whose)) = self.calls.leg(leg) else { return self.drop_leg(now, leg) };
        let Some(call) = self.calls.get_mut(id) else { return self.drop_leg(now, leg) };
        let Some(ringing) = call.stop_ringing(leg) else { return self.drop_leg(now, leg) };
        let others: Vec<LegId> = call.ringing.iter().filter(|r| r.whose == whose).map(|r| r.leg).collect();
        call.ringing.retain(|r| r.whose != whose);
        for other in others {
            self.drop_leg(now, other);
        }
        let Ringing { asked_at, theirs, ours, told, .. } = ringing;
        if let Some(asked) = asked_at {
            self.measures.request_delay.record(now.since(asked));
        }
        let theirs = sdp.or(theirs);
        self.answering = Some(Answering { call: id, leg, whose, theirs, ours, told });
        let input = match whose {
            Called::Phone(user) => Input::Answer { user, call: id },
            Called::Trunk(attempt) => Input::TrunkAnswer { call: id, attempt },
        };
        self.tell_engine(now, input);
        if let Some(answering) = &self.answering {
            // Nobody outside was told, as the calling end is inside: or the answer came too late.
            let (call, whose) = (answering.call, answering.whose);
            if self.is_at(call, whose) {
                self.take_answer(call);
                self.media_changed(now, call);
            }
        }
        if let Some(unwanted) = self.answering.take() {
            self.drop_leg(now, unwanted.leg);
        }
    }

    /// Whether the engine has whoever it is as the called side of a call.
    fn is_at(&self, call: CallId, whose: Called) -> bool {
        match (self.system.device_at(call, End::Called), whose) {
            (Device::User(at), Called::Phone(user)) => at == user,
            (Device::Line(_), Called::Trunk(_)) => true,
            (Device::None | Device::User(_) | Device::Line(_) | Device::Voicemail(_), _) => false,
        }
    }

    /// The leg that has just answered becomes the called side of a call, if it is meant.
    pub(super) fn take_answer(&mut self, id: CallId) {
        let Some(answering) = self.answering.take_if(|a| a.call == id) else { return };
        let Answering { leg, whose, theirs, ours, told, .. } = answering;
        self.calls.use_leg(leg, Use::Called(id, whose));
        if let Some(call) = self.calls.get_mut(id) {
            let user = if let Called::Phone(user) = whose { Some(user) } else { None };
            // Who was invited without an offer has made one.
            let offer = if ours.is_none() { theirs.clone() } else { None };
            call.called = Side { who: Who::Leg(leg), user, theirs, ours, told, offer, ..Side::NOBODY };
            call.called.answered();
        }
    }

    /// The phone that answers gets another call than the one it rang for (a queue's head): no need to ring it.
    pub(super) fn is_given_to_answering(&mut self, user: UserId, call: CallId) -> bool {
        match &mut self.answering {
            Some(answering) if answering.whose == Called::Phone(user) => {
                answering.call = call;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Nothing that comes of a leg is for a call any more.
    pub(super) fn forget_leg(&mut self, leg: LegId) -> Option<Use> {
        self.exchanges.forget_leg(leg);
        self.unconfirmed.remove(&leg);
        self.calls.forget_leg(leg)
    }

    /// Ends a leg that no call has, or soon will have: BYE, CANCEL or a refusal, whatever fits.
    pub(super) fn drop_leg(&mut self, now: Instant, leg: LegId) {
        self.forget_leg(leg);
        // One that has ended by itself needs no more words.
        let _ = self.endpoint.hang_up(now, leg, &[]);
    }

    /// Refuses a call that is not answered.
    pub(super) fn refuse(&mut self, now: Instant, leg: LegId, reply: &Reply<'_>) {
        self.measures.refuse(reply.status);
        self.forget_leg(leg);
        // A caller who has gone need not be refused.
        let _ = self.endpoint.reject(now, leg, reply);
    }
}
