//! Calls over IP Office lines: what the other system says, and what is said to it.

use super::setup::Beginning;
use super::state::{Origin, Party, Stage};
use crate::cause::Cause;
use crate::hint::rarely;
use crate::hunt::{GroupCallId, MemberLeg};
use crate::id::{CallId, ChannelId, LineId, Tag};
use crate::input::Presentation;
use crate::network::{End, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached};
use crate::number::Number;
use crate::output::Output;
use crate::plan::spec::QueuePriority;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;

impl System {
    pub(crate) fn peer(&mut self, now: Instant, line: LineId, message: PeerMessage) {
        if self.plan.lines.get(line.index()).is_none_or(|l| l.peer.is_none()) {
            return self.unexpected();
        }
        let PeerMessage { from, about, body } = message;
        let channel = ChannelId { line, channel: about.channel };
        match from {
            End::Calling => self.calling_end_says(now, channel, about, body),
            End::Called => self.called_end_says(now, channel, about, body),
        }
    }

    /// About a call that the other system set up.
    fn calling_end_says(&mut self, now: Instant, channel: ChannelId, about: PeerRef, body: PeerBody) {
        match body {
            PeerBody::Setup {
                called,
                calling,
                presentation,
                tag,
                hops,
                caller,
                privilege,
                queue_priority,
                purpose,
            } => {
                let numbers = (called, calling, presentation);
                let from = (channel, about, caller);
                let nature = (hops, privilege, queue_priority, purpose);
                self.peer_setup(now, from, numbers, tag, nature);
            }
            PeerBody::Release { cause } => match self.call_arrived(channel, about) {
                Some(id) => {
                    self.lent_phone_stops(now, id, cause);
                    self.release(now, id, ReleasedBy::Caller, cause, None);
                }
                None => self.stats.late_peer_messages += 1,
            },
            PeerBody::Privilege { caller, privilege } => match self.call_arrived(channel, about) {
                Some(id) => self.may_do_less(now, id, caller, privilege),
                None => self.stats.late_peer_messages += 1,
            },
            PeerBody::Proceeding
            | PeerBody::Alerting { .. }
            | PeerBody::Answer { .. }
            | PeerBody::Reached { .. } => self.unexpected(),
        }
    }

    /// About a call that this system set up.
    fn called_end_says(&mut self, now: Instant, channel: ChannelId, about: PeerRef, body: PeerBody) {
        if matches!(body, PeerBody::Setup { .. } | PeerBody::Privilege { .. }) {
            return self.unexpected();
        }
        let id = about.call;
        match (self.stage_of_sent(channel, about), body) {
            (None, _) => self.stats.late_peer_messages += 1,
            (Some(Sent::Member(group_call, leg)), body) => self.member_says(now, id, (group_call, leg), body),
            (Some(_), PeerBody::Release { cause }) => self.far_side_release(now, id, cause),
            (Some(Sent::Unanswered), PeerBody::Proceeding) => self.proceeding(now, id),
            (Some(Sent::Unanswered), PeerBody::Alerting { reached }) => {
                self.has_reached(id, reached);
                self.far_side_alerting(now, id);
                self.passes_on_what_it_reaches(now, id);
            }
            (Some(Sent::Unanswered), PeerBody::Answer { reached }) => {
                self.has_reached(id, reached);
                self.far_side_answer(now, id);
                self.passes_on_what_it_reaches(now, id);
            }
            (Some(_), PeerBody::Reached { reached }) => {
                self.has_reached(id, reached);
                self.reaches_another(now, id);
            }
            (
                Some(_),
                PeerBody::Setup { .. }
                | PeerBody::Privilege { .. }
                | PeerBody::Proceeding
                | PeerBody::Alerting { .. }
                | PeerBody::Answer { .. },
            ) => self.unexpected(),
        }
    }

    /// About a member of a hunt group who is rung on another system.
    fn member_says(
        &mut self,
        now: Instant,
        id: CallId,
        (group_call, leg): (GroupCallId, MemberLeg),
        body: PeerBody,
    ) {
        match body {
            PeerBody::Proceeding => {}
            PeerBody::Alerting { .. } => self.alerting(now, id),
            PeerBody::Answer { reached } => {
                self.has_reached(id, reached);
                self.leg_answers(now, group_call, leg);
                self.passes_on_what_it_reaches(now, id);
            }
            PeerBody::Release { cause } => self.leg_released(now, group_call, leg, cause),
            PeerBody::Setup { .. } | PeerBody::Privilege { .. } | PeerBody::Reached { .. } => {
                self.unexpected()
            }
        }
    }

    fn peer_setup(
        &mut self,
        now: Instant,
        (channel, about, caller): (ChannelId, PeerRef, Reached),
        (called, calling, presentation): (Number, Number, Presentation),
        tag: Tag,
        (hops, privilege, queue_priority, purpose): (u8, Privilege, QueuePriority, Purpose),
    ) {
        self.stats.attempts += 1;
        if rarely(self.has_no_room()) {
            return self.refuse_peer(now, channel, about, Cause::SWITCHING_CONGESTION);
        }
        let origin = Origin::Peer { channel, caller };
        let beginning = Beginning { queue_priority, hops, ..Beginning::of(origin, privilege) };
        let id = self.begin(now, tag, beginning, &calling, &called);
        self.peer_refs.put(id, about);
        if let Some(stale) = self.lines.arrived(channel) {
            // The other end has begun anew on a channel that is still in use here: its release was lost.
            self.release(now, stale, ReleasedBy::Caller, Cause::TEMPORARY_FAILURE, None);
        }
        if self.lines.arrive(now, channel, id).is_err() {
            self.discard(id);
            let group = self.plan.line(channel.line).group;
            self.lines.count_blocked(group);
            return self.refuse_peer(now, channel, about, Cause::NO_CIRCUIT);
        }
        self.stats.calls.take(now);
        self.caller_withholds(id, presentation);
        self.say(now, channel.line, End::Called, about, PeerBody::Proceeding);
        match purpose {
            Purpose::Call => self.received(now, id, channel.line, called),
            Purpose::Voicemail { access, of } => self.voicemail_arrives(now, id, (called, access), of),
            Purpose::Conference => self.meet_me(now, id, called),
            Purpose::Member { if_unanswered } => self.member_called(now, id, called, if_unanswered),
        }
    }

    fn refuse_peer(&mut self, now: Instant, channel: ChannelId, about: PeerRef, cause: Cause) {
        self.stats.refused += 1;
        self.stats.count_cause(cause);
        self.say(now, channel.line, End::Called, about, PeerBody::Release { cause });
    }

    /// How far the call is that this system set up on `channel`; `None` if it no longer is the one meant.
    fn stage_of_sent(&self, channel: ChannelId, about: PeerRef) -> Option<Sent> {
        let call = self.call(about.call)?;
        let (party, sent) = match &call.stage {
            Stage::Hunting(group_call) => {
                let leg = self.member_leg(*group_call, channel)?;
                return (leg.attempt == about.attempt).then_some(Sent::Member(*group_call, leg));
            }
            Stage::Outgoing(outgoing) => (outgoing.party, Sent::Unanswered),
            Stage::Connected(connected) => (connected.party, Sent::Connected),
            Stage::Preserved(connected) if !call.ends.is_lost(End::Called) => {
                (connected.party, Sent::Connected)
            }
            Stage::Routing
            | Stage::Dialling
            | Stage::AccountCode(_)
            | Stage::Pin(_)
            | Stage::Waiting
            | Stage::Ringing(_)
            | Stage::Preserved(_) => return None,
        };
        (party == Party::Peer { channel, attempt: about.attempt }).then_some(sent)
    }

    /// The call that the other system set up on `channel`, if it still is the one meant.
    pub(crate) fn call_arrived(&self, channel: ChannelId, about: PeerRef) -> Option<CallId> {
        let id = self.lines.arrived(channel)?;
        match self.call(id)?.origin {
            Origin::Peer { .. } if self.peer_refs.get(id) == Some(about) => Some(id),
            Origin::Peer { .. } | Origin::User(_) | Origin::Trunk(_) | Origin::Inside(_) => None,
        }
    }

    /// Tells the system that has set a call up here something about it.
    pub(crate) fn say_back(&mut self, now: Instant, line: LineId, id: CallId, body: PeerBody) {
        if let Some(about) = self.peer_refs.get(id) {
            self.say(now, line, End::Called, about, body);
        }
    }

    pub(crate) fn say(&mut self, now: Instant, line: LineId, from: End, about: PeerRef, body: PeerBody) {
        self.emit(now, Output::Peer { line, message: PeerMessage { from, about, body } });
    }
}

/// A call on an IP Office line, at its calling end.
enum Sent {
    Unanswered,
    Connected,
    /// It hunts, and this is the way to a member of its group.
    Member(GroupCallId, MemberLeg),
}
