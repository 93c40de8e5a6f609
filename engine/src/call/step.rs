//! A call moves on: it rings, is answered, is not answered.

use super::outgoing::reroutes;
use super::state::{Connected, Origin, Party, Progress, Stage, Told};
use crate::cause::Cause;
use crate::dialplan::TonesAfter;
use crate::hint::{mostly, rarely, usual};
use crate::id::{CallId, Tag, UserId};
use crate::limits::CALL_QUEUING_TIMEOUT;
use crate::media::MediaLoad;
use crate::network::{End, PeerBody, Purpose};
use crate::output::{Output, Resource};
use crate::route::search::Start;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use std::hint::cold_path;

impl System {
    /// A ringing user answers.
    pub(crate) fn answer(&mut self, now: Instant, user: UserId, id: CallId) {
        let Some(call) = usual(self.call(id)) else { return self.unexpected() };
        let ringing = match call.stage {
            Stage::Ringing(ringing) if mostly(ringing.user == user) => ringing,
            Stage::Hunting(group_call) => return self.member_answers(now, group_call, user),
            Stage::Ringing(_)
            | Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Outgoing(_)
            | Stage::Connected(_)
            | Stage::Preserved(_) => return self.unexpected(),
        };
        let party = Party::User(user);
        let load = self.media_between(&call.origin, party);
        let Some(media) = usual(self.take_load(now, id, load)) else { return };
        self.timers.cancel(ringing.no_answer);
        self.connect(now, id, party, media);
    }

    /// A user hangs up: the caller, the called user, or one whose phone still rings and who refuses.
    pub(crate) fn hang_up(&mut self, now: Instant, user: UserId, id: CallId) {
        let Some(call) = self.call(id) else { return self.unexpected() };
        if call.origin == Origin::User(user) {
            return self.release(now, id, ReleasedBy::Caller, Cause::NORMAL_CLEARING, None);
        }
        match call.stage {
            Stage::Hunting(group_call) => self.member_refuses(now, group_call, user),
            Stage::Ringing(r) if r.user == user => {
                self.phone_not_answered(now, id, ReleasedBy::Callee, Cause::CALL_REJECTED);
            }
            Stage::Connected(c) | Stage::Preserved(c) if c.party == Party::User(user) => {
                self.release(now, id, ReleasedBy::Callee, Cause::NORMAL_CLEARING, None);
            }
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Ringing(_)
            | Stage::Outgoing(_)
            | Stage::Connected(_)
            | Stage::Preserved(_) => self.unexpected(),
        }
    }

    /// A timer for no answer has expired: of a user's phone, or of those of a hunt group.
    pub(crate) fn no_answer(&mut self, now: Instant, id: CallId) {
        if let Some(&Stage::Hunting(group_call)) = self.call(id).map(|c| &c.stage) {
            self.group_does_not_answer(now, group_call);
        } else {
            self.phone_not_answered(now, id, ReleasedBy::System, Cause::NO_ANSWER);
        }
    }

    /// The phone that rings stays unanswered: the call is forwarded, or ends with `cause`.
    fn phone_not_answered(&mut self, now: Instant, id: CallId, by: ReleasedBy, cause: Cause) {
        let Some(call) = self.call_mut(id) else { return };
        let Stage::Ringing(ringing) = call.stage else { return };
        if let Purpose::Member { .. } = call.purpose {
            self.lent_phone_stops(now, id, cause);
            return self.release(now, id, by, cause, None);
        }
        let settings = self.settings(ringing.user);
        let goes_on =
            settings.forward_on_no_answer || (settings.voicemail && self.plan.voicemail_on.is_some());
        if by == ReleasedBy::Callee || !goes_on {
            return self.release(now, id, by, cause, None);
        }
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Routing;
        self.timers.cancel(ringing.no_answer);
        self.make_idle(now, ringing.user, id);
        self.emit(now, Output::StopRinging { user: ringing.user, call: id });
        self.user_does_not_answer(now, id, ringing.user);
    }

    /// The far side of a trunk works on an outgoing call.
    pub(crate) fn trunk_proceeding(&mut self, now: Instant, id: CallId, attempt: u16) {
        if self.is_unanswered_on_trunk(id, attempt) {
            self.proceeding(now, id)
        }
    }

    /// The far side of a trunk rings.
    pub(crate) fn trunk_alerting(&mut self, now: Instant, id: CallId, attempt: u16) {
        if self.is_unanswered_on_trunk(id, attempt) {
            self.far_side_alerting(now, id)
        }
    }

    /// The far side of a trunk answers.
    pub(crate) fn trunk_answer(&mut self, now: Instant, id: CallId, attempt: u16) {
        if self.is_unanswered_on_trunk(id, attempt) {
            self.far_side_answer(now, id)
        }
    }

    /// The far end of a trunk ends the call: the caller's, or the one that it was sent out to.
    pub(crate) fn trunk_release(&mut self, now: Instant, id: CallId, attempt: u16, cause: Cause) {
        if attempt != 0 {
            if self.is_on_trunk(id, attempt) {
                self.far_side_release(now, id, cause);
            }
            return;
        }
        match usual(self.call(id)) {
            Some(&call) if mostly(matches!(call.origin, Origin::Trunk(_))) => {
                self.end(now, id, &call, (ReleasedBy::Caller, cause), None);
            }
            Some(_) | None => self.unexpected(),
        }
    }

    /// Whether the call is out on a trunk, by this attempt, and not answered yet; counts the word if it is not.
    fn is_unanswered_on_trunk(&mut self, id: CallId, attempt: u16) -> bool {
        if rarely(!self.is_on_trunk(id, attempt)) {
            return false;
        }
        let unanswered = self.call(id).is_some_and(|call| matches!(call.stage, Stage::Outgoing(_)));
        if rarely(!unanswered) {
            self.unexpected();
        }
        unanswered
    }

    /// Whether the call is out on a trunk by this attempt. A word about an earlier one is late, any other unexpected.
    fn is_on_trunk(&mut self, id: CallId, attempt: u16) -> bool {
        let Some(call) = self.call(id) else {
            self.unexpected();
            return false;
        };
        let party = call.party();
        let is_meant = matches!(party, Some(Party::Trunk { attempt: a, .. }) if a == attempt);
        let was_made = (1..=call.attempts).contains(&attempt);
        match (is_meant, was_made) {
            (true, _) => {}
            (false, true) => self.stats.late_trunk_words += 1,
            (false, false) => self.unexpected(),
        }
        is_meant
    }

    /// The far side of an outgoing call reacts for the first time: from now on it may take its time.
    pub(crate) fn proceeding(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(id.slot(), id.generation()) else { return };
        let Stage::Outgoing(outgoing) = &mut call.stage else { return };
        if outgoing.progress == Progress::Nothing {
            outgoing.progress = Progress::Proceeding;
            self.timers.cancel(outgoing.timer);
            outgoing.timer = self.timers.arm(now, CALL_QUEUING_TIMEOUT, TimerKind::CallQueuing(id));
            let party = outgoing.party;
            self.send_tones(now, id, party, TonesAfter::Progress);
        }
    }

    /// The far side of an outgoing call rings.
    pub(crate) fn far_side_alerting(&mut self, now: Instant, id: CallId) {
        self.proceeding(now, id);
        let Some(call) = self.call_mut(id) else { return };
        if let Stage::Outgoing(outgoing) = &mut call.stage {
            outgoing.progress = Progress::Alerting;
            self.alerting(now, id);
        }
    }

    /// The far side of an outgoing call answers.
    pub(crate) fn far_side_answer(&mut self, now: Instant, id: CallId) {
        let Some(&Stage::Outgoing(outgoing)) = self.call(id).map(|c| &c.stage) else {
            return self.unexpected();
        };
        let Some(media) = usual(self.take_media(now, id, outgoing.party)) else { return };
        self.timers.cancel(outgoing.timer);
        self.connect(now, id, outgoing.party, media);
        self.send_tones(now, id, outgoing.party, TonesAfter::Connect);
    }

    /// The far side of an outgoing call ends it; before the answer, another route may still take it.
    pub(crate) fn far_side_release(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(call) = self.call(id) else { return };
        let Stage::Outgoing(_) = call.stage else {
            return self.release(now, id, ReleasedBy::Callee, cause, None);
        };
        let start = self.searches.get(id).map(|search| search.start);
        if let Some(Start::Voicemail { .. }) = start {
            self.leave_party(now, id);
            return self.no_voicemail(now, id, Resource::Voicemail);
        }
        if reroutes(cause) && !matches!(start, Some(Start::Towards(_))) {
            return self.next_route(now, id, cause);
        }
        match self.take_fallback(id, cause) {
            Some(fallback) => {
                self.leave_party(now, id);
                self.send_on(now, id, fallback);
            }
            None => self.release(now, id, ReleasedBy::Callee, cause, None),
        }
    }

    /// The far side has not reacted within the call initiation timeout: the route counts as not available.
    pub(crate) fn call_initiation_timeout(&mut self, now: Instant, id: CallId) {
        let Some(&Stage::Outgoing(outgoing)) = self.call(id).map(|c| &c.stage) else { return };
        self.clear_party(now, id, outgoing.party, Cause::TIMER_EXPIRY);
        self.next_route(now, id, Cause::TIMER_EXPIRY);
    }

    /// Tells the calling side, once, that it rings.
    pub(crate) fn alerting(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.call_mut(id) else { return };
        let tag = call.tag;
        let told = call.begins_to_ring(now);
        self.tell_alerting(now, id, tag, told);
    }

    #[inline]
    pub(super) fn tell_alerting(&mut self, now: Instant, id: CallId, tag: Tag, told: Told) {
        match told {
            Told::Party => self.emit(now, Output::Alerting { call: id, tag }),
            Told::Peer => self.tell_peer_alerting(now, id),
            Told::Nobody => {}
        }
    }

    fn tell_peer_alerting(&mut self, now: Instant, id: CallId) {
        if let Some(&Origin::Peer { channel, .. }) = self.call(id).map(|call| &call.origin) {
            let reached = self.far_end(id, End::Called);
            self.say_back(now, channel.line, id, PeerBody::Alerting { reached });
        }
    }

    /// Takes what the media of a call need that is going to be connected; `None`: the call has ended for want of it.
    pub(crate) fn take_media(&mut self, now: Instant, id: CallId, party: Party) -> Option<MediaLoad> {
        let load = self.media_between(&self.call(id)?.origin, party);
        self.take_load(now, id, load)
    }

    #[inline]
    fn take_load(&mut self, now: Instant, id: CallId, load: MediaLoad) -> Option<MediaLoad> {
        match self.media.take(now, load) {
            Ok(()) => Some(load),
            Err(kind) => {
                cold_path();
                let short_of = Some(Resource::Media(kind));
                self.release(now, id, ReleasedBy::System, Cause::RESOURCE_UNAVAILABLE, short_of);
                None
            }
        }
    }

    /// Puts the parties through and tells the calling side.
    pub(crate) fn connect(&mut self, now: Instant, id: CallId, party: Party, media: MediaLoad) {
        let connected = Connected { party, since: now, media, is_recorded: false };
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Connected(connected);
        let (origin, tag) = (call.origin, call.tag);
        if rarely(self.plan.records_calls) {
            let recording = self.start_recording(now, id, origin, party);
            self.set_recording(id, recording);
        }
        self.stats.answered += 1;
        self.limit_call(now, id);
        match origin {
            Origin::User(_) | Origin::Trunk(_) => self.emit(now, Output::Connected { call: id, tag }),
            Origin::Peer { channel, .. } => {
                let reached = self.far_end(id, End::Called);
                self.say_back(now, channel.line, id, PeerBody::Answer { reached });
            }
            Origin::Inside(_) => {
                cold_path();
                self.look_at_join_again(now, id);
            }
        }
    }
}
