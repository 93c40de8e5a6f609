//! What phones and trunks say, told to the engine.

use super::calls::{Called, Sdp, Told, Use, Who};
use super::core::Core;
use crate::driver::{cause_of_end, cause_of_refusal};
use engine::Input;
use engine::id::CallId;
use engine::time::Instant;
use sip::endpoint::{Body, EndCause, Event, IncomingId, LegId, Reply};
use sip::message::{Method, Stored};

impl Core {
    pub(super) fn hear(&mut self, now: Instant, event: Event) {
        match event {
            Event::Invited { leg, message, source } => self.invited(now, leg, &message, source),
            Event::Trying { leg } => self.trying(now, leg),
            Event::Progress { leg, message } => self.progress(now, leg, &message),
            Event::Answered { leg, message } => self.called_leg_answers(now, leg, sdp_of(&message)),
            Event::Refused { leg, status, message } => self.leg_refuses(now, leg, status, message.as_ref()),
            Event::Acknowledged { leg, message } => self.acknowledged(now, leg, sdp_of(&message)),
            Event::Ended { leg, why, message } => self.leg_ends(now, leg, why, message.as_ref()),
            Event::Request { incoming, leg: Some(leg), method, message, .. } => {
                self.request_inside(now, incoming, leg, method, &message);
            }
            Event::Request { incoming, leg: None, method, message, source } => {
                self.request_outside(now, incoming, method, &message, source);
            }
            Event::Response { outgoing, leg, status, message } => {
                self.response(now, outgoing, leg, status, message.as_ref());
            }
            Event::RefreshDue { leg } => self.refresh(now, leg),
            Event::Peer { watch, state } => self.trunk_heard(now, watch, state),
            Event::Confirmed { leg, .. } => self.confirmed(now, leg),
            // Nothing is registered elsewhere.
            Event::Registered { .. } | Event::Unregistered { .. } => {}
        }
    }

    /// The far end of a trunk works on a call.
    fn trying(&mut self, now: Instant, leg: LegId) {
        if let Some(Use::Called(call, Called::Trunk(attempt))) = self.calls.leg(leg) {
            self.tell_engine(now, Input::TrunkProceeding { call, attempt });
        }
    }

    fn progress(&mut self, now: Instant, leg: LegId, message: &Stored) {
        let Some(Use::Called(id, whose)) = self.calls.leg(leg) else { return };
        let Some(call) = self.calls.get_mut(id) else { return };
        let Some(ringing) = call.ringing.iter_mut().find(|ringing| ringing.leg == leg) else { return };
        let (sdp, ringing_told) = (sdp_of(message), ringing.told);
        if let Some(asked) = ringing.asked_at.take_if(|_| message.message().status() != Some(181)) {
            self.measures.request_delay.record(now.since(asked));
        }
        if sdp.is_some() {
            ringing.theirs.clone_from(&sdp);
        }
        // A phone rings because the engine says so; only of trunks it wants to know.
        let Called::Trunk(attempt) = whose else { return };
        match (message.message().status(), sdp) {
            (Some(180), _) => self.tell_engine(now, Input::TrunkAlerting { call: id, attempt }),
            (Some(183), Some(sdp)) => self.early_media(now, id, ringing_told, sdp),
            (_, _) => {}
        }
    }

    /// The far end of a trunk speaks before it answers: the caller shall hear it.
    fn early_media(&mut self, now: Instant, id: CallId, told: Told, sdp: Sdp) {
        let Some(call) = self.calls.get(id) else { return };
        let Who::Leg(leg) = call.calling.who else { return };
        if call.calling.theirs.is_none() {
            return;
        }
        if let Some((sdp, _)) = self.as_seen_by_caller(id, told, sdp) {
            self.tell_progress(now, leg, 183, Some(sdp));
        }
    }

    /// A leg that was called refuses, cannot be reached, or was taken back by us.
    fn leg_refuses(&mut self, now: Instant, leg: LegId, status: u16, message: Option<&Stored>) {
        let Some(Use::Called(id, whose)) = self.forget_leg(leg) else { return };
        let Some(call) = self.calls.get_mut(id) else { return };
        if call.stop_ringing(leg).is_none() {
            return;
        }
        let is_last = call.ringing.iter().all(|other| other.whose != whose);
        match whose {
            Called::Phone(user) => {
                call.refused_with = Some(if (300..400).contains(&status) { 480 } else { status });
                if is_last {
                    self.tell_engine(now, Input::HangUp { user, call: id });
                }
            }
            Called::Trunk(attempt) => {
                let cause = cause_of_refusal(status, message);
                self.tell_engine(now, Input::TrunkRelease { call: id, attempt, cause });
            }
        }
    }

    /// A leg has ended: by the far side, or because it is heard of no more.
    fn leg_ends(&mut self, now: Instant, leg: LegId, why: EndCause, message: Option<&Stored>) {
        let Some(what) = self.forget_leg(leg) else { return };
        let key = what.key();
        if self.calls.side(key).is_none_or(|side| side.who != Who::Leg(leg)) {
            // One of several that ring has gone; or a leg that was replaced.
            if let Some(call) = self.calls.get_mut(key.call) {
                call.stop_ringing(leg);
            }
            return;
        }
        let user = self.calls.side_mut(key).and_then(|side| {
            side.who = Who::Nobody;
            side.user
        });
        let call = key.call;
        let cause = match why {
            EndCause::Bye | EndCause::Cancelled | EndCause::Replaced => cause_of_end(message),
            EndCause::NoAck | EndCause::SessionExpired | EndCause::NoPrack | EndCause::PeerLost => {
                engine::cause::Cause::TIMER_EXPIRY
            }
        };
        if let (Use::Calling(_), EndCause::Cancelled) = (what, why) {
            self.measures.refuse(487);
        }
        let input = match (what, user) {
            (Use::Calling(_), Some(user)) | (Use::Called(_, Called::Phone(user)), _) => {
                Input::HangUp { user, call }
            }
            (Use::Calling(_), None) => Input::TrunkRelease { call, attempt: 0, cause },
            (Use::Called(_, Called::Trunk(attempt)), _) => Input::TrunkRelease { call, attempt, cause },
        };
        self.tell_engine(now, input);
    }

    /// A request in a call that wants a decision.
    fn request_inside(
        &mut self,
        now: Instant,
        incoming: IncomingId,
        leg: LegId,
        method: Method,
        message: &Stored,
    ) {
        match method {
            Method::Invite | Method::Update => self.offered(now, incoming, leg, sdp_of(message)),
            Method::Refer => self.transfer_asked(now, incoming, leg, message),
            Method::Info => self.info(now, incoming, leg, message),
            // What a transfer of ours comes to is known without it.
            Method::Notify | Method::Message => self.reply(now, incoming, &Reply::new(200)),
            Method::Subscribe | Method::Publish => self.reply(now, incoming, &Reply::new(489)),
            Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Options
            | Method::Register
            | Method::Prack
            | Method::Other => self.reply(now, incoming, &Reply::new(405)),
        }
    }

    /// RFC 4028: the session is refreshed with the description that it has.
    fn refresh(&mut self, now: Instant, leg: LegId) {
        let Some(side) = self.calls.leg(leg).and_then(|what| self.calls.side(what.key())) else { return };
        let ours = side.ours.clone();
        // Refused while another re-INVITE is under way, which refreshes as well.
        let _ = self.endpoint.request(now, leg, Method::Invite, &[], ours.as_deref().map(Body::sdp));
    }
}

/// The session description that a message carries.
pub(super) fn sdp_of(message: &Stored) -> Option<Sdp> {
    let message = message.message();
    (!message.body().is_empty() && message.body_is("application/sdp")).then(|| Sdp::from(message.body()))
}
