//! Transfers: a phone asks with REFER, the engine decides, and the phone hears what came of it (RFC 3515, RFC 5589).

use super::calls::{Key, Use, Who};
use super::core::Core;
use super::invited::{Attempt, digits};
use engine::cause::Cause;
use engine::id::{CallId, UserId};
use engine::number::Number;
use engine::time::Instant;
use engine::{Hears, Input};
use sip::endpoint::{Body, IncomingId, LegId, Reply};
use sip::message::{Header, Message, Method, Stored, Uri};
use sip::refer::{ReferTo, Replaces, sipfrag};

impl Core {
    /// A phone wants its call to go to somebody else.
    pub(super) fn transfer_asked(
        &mut self,
        now: Instant,
        incoming: IncomingId,
        leg: LegId,
        message: &Stored,
    ) {
        let message = message.message();
        let key = self.calls.leg(leg).map(Use::key);
        let Some((key, user)) = key.and_then(|key| Some((key, self.calls.side(key)?.user?))) else {
            return self.reply(now, incoming, &Reply::new(403));
        };
        let Some(to) = message.header(Header::ReferTo).and_then(ReferTo::parse) else {
            return self.reply(now, incoming, &Reply::new(400));
        };
        self.reply(now, incoming, &Reply::new(202));
        let outcome = match &to.replaces {
            Some(replaces) => self.at_once(now, |core| core.transfer_to_call(now, key.call, user, replaces)),
            None => self.at_once(now, |core| core.transfer_to_number(now, key.call, user, &to.uri)),
        };
        self.report(now, leg, outcome);
    }

    /// Says what came of a transfer. The phone of a transfer that went well has left both calls by now: its legs end
    /// after this.
    fn report(&mut self, now: Instant, leg: LegId, outcome: Result<(), u16>) {
        let status = outcome.err().unwrap_or(200);
        let body = sipfrag(status);
        let headers = [(Header::Event, "refer"), (Header::SubscriptionState, "terminated;reason=noresource")];
        let body = Body { content_type: "message/sipfrag;version=2.0", bytes: body.as_bytes() };
        // A phone that has hung up does not want to know.
        let _ = self.endpoint.request(now, leg, Method::Notify, &headers, Some(body));
        for leaving in std::mem::take(&mut self.leaving) {
            self.drop_leg(now, leaving);
        }
    }

    /// A phone is out of a call that goes on. If it has asked for that, it is told so before its leg ends.
    pub(super) fn leave_leg(&mut self, leg: LegId) {
        self.forget_leg(leg);
        self.leaving.push(leg);
    }

    /// Joins a call to another of the same phone, which Replaces names.
    fn transfer_to_call(
        &mut self,
        now: Instant,
        call: CallId,
        user: UserId,
        replaces: &Replaces,
    ) -> Result<(), u16> {
        let other = self.endpoint.find_replaced(replaces).and_then(|leg| self.calls.leg(leg)).map(Use::key);
        let other = other.filter(|other| self.calls.side(*other).is_some_and(|side| side.user == Some(user)));
        let other = other.ok_or(481_u16)?.call;
        let held = self.system.held_calls(user);
        let (held, active) = match (held.contains(&call), held.contains(&other)) {
            (true, true) => {
                // Both wait: the phone has held the second one to be able to transfer.
                self.tell_engine(now, Input::Retrieve { user, call: other });
                (call, other)
            }
            (true, false) => (call, other),
            (false, true) => (other, call),
            (false, false) => return Err(488),
        };
        self.transfer(now, user, held, active)
    }

    fn transfer(&mut self, now: Instant, user: UserId, held: CallId, active: CallId) -> Result<(), u16> {
        self.denied = None;
        self.tell_engine(now, Input::Transfer { user, held, active });
        match self.denied.take() {
            Some(cause) => Err(super::cause::status(cause)),
            None if self.leaving.is_empty() => Err(488),
            None => Ok(()),
        }
    }

    /// Calls a number for a phone, and joins the phone's call to that.
    fn transfer_to_number(&mut self, now: Instant, call: CallId, user: UserId, uri: &str) -> Result<(), u16> {
        let uri = Uri::parse(uri.as_bytes()).ok_or(400_u16)?;
        let number = uri.user_str().and_then(|user| digits(&user)).ok_or(484_u16)?;
        let was_held = self.system.held_calls(user).contains(&call);
        if !was_held {
            self.denied = None;
            self.tell_engine(now, Input::Hold { user, call });
        }
        if !self.system.held_calls(user).contains(&call) {
            return Err(488);
        }
        let outcome = match self.dial_for(now, user, number) {
            Ok(active) => {
                let outcome = self.transfer(now, user, call, active);
                if outcome.is_err() {
                    self.tell_engine(now, Input::HangUp { user, call: active });
                }
                outcome
            }
            Err(status) => Err(status),
        };
        if outcome.is_err() && !was_held {
            self.tell_engine(now, Input::Retrieve { user, call });
        }
        outcome
    }

    /// Dials for a user who has no leg in that call; the call, if it has come anywhere.
    fn dial_for(&mut self, now: Instant, user: UserId, number: Number) -> Result<CallId, u16> {
        let tag = self.next_tag();
        self.dialled_for = None;
        self.attempt = Some(Attempt::without_leg(tag, user));
        self.tell_engine(now, Input::Dial { user, number, tag });
        self.attempt = None;
        match self.dialled_for.take() {
            Some(Ok(call)) => Ok(call),
            Some(Err(cause)) => Err(super::cause::status(cause)),
            None => Err(500),
        }
    }

    /// The engine lets nobody do what somebody wanted.
    pub(super) fn denied(&mut self, cause: Cause) {
        self.denied = Some(cause);
    }

    /// An INVITE that takes the place of a leg (RFC 3891): another phone of the same user takes the call over.
    pub(super) fn takes_over(
        &mut self,
        now: Instant,
        leg: LegId,
        user: UserId,
        replaces: &Replaces,
        offer: Option<super::calls::Sdp>,
    ) -> Result<(), u16> {
        let old = self.endpoint.find_replaced(replaces).ok_or(481_u16)?;
        let what = self.calls.leg(old).ok_or(481_u16)?;
        let key = what.key();
        let side = self.calls.side_mut(key).filter(|side| side.user == Some(user)).ok_or(403_u16)?;
        if side.who != Who::Leg(old) || side.is_unanswered() || replaces.early_only {
            return Err(486);
        }
        let offer = offer.ok_or(488_u16)?;
        self.calls.use_leg(leg, what);
        self.side_gone(now, key);
        if let Some(side) = self.calls.side_mut(key) {
            side.who = Who::Leg(leg);
            side.theirs = Some(offer.clone());
        }
        self.drop_leg(now, old);
        self.answer_takeover(now, key, leg, offer);
        Ok(())
    }

    fn answer_takeover(&mut self, now: Instant, key: Key, leg: LegId, offer: super::calls::Sdp) {
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) => {
                let to = Key { call, end };
                self.pass_on(now, key, to, offer, super::exchange::Answer::FirstResponse(leg));
            }
            Hears::Nothing | Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail => {
                self.answer_here(now, key, leg);
            }
        }
    }
}

/// The Replaces header of a request.
pub(super) fn replaces(message: &Message<'_>) -> Option<Replaces> {
    message.header(Header::Replaces).and_then(Replaces::parse)
}
