//! What the engine says, done: phones ring, callers hear, legs end.

use super::calling_out::Alert;
use super::calls::{Called, Key, Side, Use, Who};
use super::cause;
use super::core::{Action, Core};
use engine::cause::Cause;
use engine::id::{CallId, UserId};
use engine::network::End;
use engine::time::Instant;
use engine::{Output, Tone};
use sip::endpoint::{LegId, Reply};
use sip::message::Header;

impl Core {
    pub(super) fn told(&mut self, now: Instant, output: &Output) {
        match *output {
            Output::Accepted { tag, call } => self.accepted(tag, call),
            Output::Refused { tag, cause, .. } => self.refused(now, tag, cause),
            Output::Ring { user, call, .. } => self.ring(now, user, call, Alert::Ring),
            Output::CallWaiting { user, call, .. } => self.ring(now, user, call, Alert::CallWaiting),
            Output::StopRinging { user, call } | Output::StopCallWaiting { user, call } => {
                self.stop_phone(now, user, call, None);
            }
            Output::Alerting { call, .. } => self.caller_hears_ringing(now, call),
            Output::Tone { call, tone, .. } => self.caller_hears(now, call, tone),
            Output::Connected { call, .. } => self.connected(now, call),
            Output::Released { call, cause, .. } => self.caller_released(now, call, cause),
            Output::Disconnect { user, call, cause } => self.stop_phone(now, user, call, Some(cause)),
            Output::HoldMusic { call, .. } | Output::MediaChanged { call } => self.media_changed(now, call),
            Output::Left { user, call } => self.left(now, user, call),
            Output::Denied { cause, .. } => self.denied(cause),
            Output::Beep { conference, beep } => self.media.beep(conference, beep),
            Output::TrunkSetup { channel, call, attempt, called, calling, presentation, .. } => {
                let caller = engine::Caller { number: calling, presentation };
                self.call_out(now, channel, (call, attempt), called, caller);
            }
            Output::SetupField { field, .. } => self.fields.push(field),
            // Only ISDN lines have it, and none is served.
            Output::TrunkInformation { .. } => {}
            Output::Tones { call, tones, .. } => self.send_tones(now, call, tones),
            Output::TrunkRelease { call, cause, .. } => self.trunk_released(now, call, cause),
            // Media of voicemail and conferences follow from who hears whom.
            Output::Voicemail { .. } | Output::Conference { .. } => {}
            Output::Peer { line, message } => self.say_on_line(now, line, &message),
            Output::Network(word) => self.network_says(now, word),
            Output::Smdr(_) => self.ended(now, output),
        }
    }

    /// A phone that rang, or was connected, stops.
    fn stop_phone(&mut self, now: Instant, user: UserId, id: CallId, cause: Option<Cause>) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let whose = Called::Phone(user);
        let mut legs: Vec<LegId> = call.ringing.iter().filter(|r| r.whose == whose).map(|r| r.leg).collect();
        call.ringing.retain(|r| r.whose != whose);
        if let Who::Leg(leg) = call.called.who
            && self.calls.leg(leg) == Some(Use::Called(id, whose))
        {
            legs.push(leg);
            if let Some(call) = self.calls.get_mut(id) {
                call.called.who = Who::Nobody;
            }
        }
        for leg in legs {
            self.end_leg(now, leg, cause);
        }
    }

    /// Ends a leg and says why, unless that is what everybody expects.
    fn end_leg(&mut self, now: Instant, leg: LegId, cause: Option<Cause>) {
        match cause.filter(|&cause| cause != Cause::NORMAL_CLEARING) {
            None => self.drop_leg(now, leg),
            Some(cause) => {
                self.forget_leg(leg);
                let reason = cause::reason(cause);
                // One that has ended by itself needs no more words.
                let _ = self.endpoint.hang_up(now, leg, &[(Header::Reason, &reason)]);
            }
        }
    }

    fn caller_hears_ringing(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get(id) else { return };
        let Who::Leg(leg) = call.calling.who else { return };
        // A far end that rings and speaks already is heard, if it is the only one.
        let early = match (call.ringing.as_slice(), call.sent.as_slice()) {
            ([only], []) => only.theirs.clone().map(|sdp| (only.told, sdp)),
            ([], [only]) => only.theirs.clone().map(|sdp| (only.told, sdp)),
            _ => None,
        };
        let early = early.filter(|_| call.calling.theirs.is_some());
        let early = early.and_then(|(told, sdp)| self.as_seen_by_caller(id, told, sdp));
        self.tell_progress(now, leg, 180, early.map(|(sdp, _)| sdp));
    }

    fn caller_hears(&mut self, now: Instant, id: CallId, tone: Tone) {
        match tone {
            Tone::Queued | Tone::CampOn | Tone::FirstAnnouncement | Tone::SecondAnnouncement => {
                let Some(Who::Leg(leg)) = self.calls.get(id).map(|call| call.calling.who) else { return };
                self.tell_progress(now, leg, 182, None);
            }
            Tone::AccountCode | Tone::ConferencePin => self.ask_for_digits(now, id, tone),
            // Whole numbers are dialled here.
            Tone::Dial | Tone::SecondaryDial => {}
        }
    }

    /// The system ends the call for its caller: with a refusal before the answer, with BYE after it.
    fn caller_released(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if self.dialled_for == Some(Ok(id)) {
            self.dialled_for = Some(Err(cause));
        }
        let Who::Leg(leg) = std::mem::replace(&mut call.calling.who, Who::Nobody) else { return };
        let status = match call.refused_with {
            // The phone's own word says more than that it refused.
            Some(status) if cause == Cause::CALL_REJECTED => status,
            Some(_) | None => cause::status(cause),
        };
        self.forget_leg(leg);
        let reason = cause::reason(cause);
        let headers = [(Header::Reason, reason.as_str())];
        match self.endpoint.reject(now, leg, &Reply::new(status).with(&headers)) {
            Ok(()) => self.measures.refuse(status),
            Err(_) => self.end_leg(now, leg, Some(cause)),
        }
    }

    fn trunk_released(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let is_trunk = |whose| matches!(whose, Called::Trunk(_));
        let mut legs: Vec<LegId> = call.ringing.iter().filter(|r| is_trunk(r.whose)).map(|r| r.leg).collect();
        call.ringing.retain(|r| !is_trunk(r.whose));
        if let Who::Leg(leg) = call.called.who {
            call.called.who = Who::Nobody;
            legs.push(leg);
        }
        for leg in legs {
            self.end_leg(now, leg, Some(cause));
        }
    }

    /// A user's phone is out of a call that goes on.
    fn left(&mut self, now: Instant, user: UserId, id: CallId) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let ends = [End::Calling, End::Called];
        if let Some(end) = ends.into_iter().find(|&end| call.side(end).user == Some(user)) {
            let side = std::mem::replace(call.side_mut(end), Side::NOBODY);
            self.side_gone(now, Key { call: id, end });
            if let Who::Leg(leg) = side.who {
                self.leave_leg(leg);
            }
        }
        self.media_changed(now, id);
    }

    /// The call is over: whatever is left of it goes.
    fn ended(&mut self, now: Instant, output: &Output) {
        let Output::Smdr(record) = output else { return };
        self.measures.ended(record);
        self.actions.push_back(Action::Record(Box::new(*record)));
        for end in [End::Calling, End::Called] {
            self.side_gone(now, Key { call: record.call, end });
        }
        self.digits.forget(record.call);
        let Some(call) = self.calls.end(record.call) else { return };
        for ringing in &call.ringing {
            self.drop_leg(now, ringing.leg);
        }
        for end in [End::Calling, End::Called] {
            if let Who::Leg(leg) = call.side(end).who {
                self.drop_leg(now, leg);
            }
        }
    }
}
