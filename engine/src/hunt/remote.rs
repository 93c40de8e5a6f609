//! Members on other systems: a call goes out to each that is rung, and what their systems say decides who is available.

use super::group_call::{GroupCall, MemberLeg, Overflow, Phase, Phone};
use super::state::{AgentId, GroupCallId, Reach, Remote, Who};
use crate::call::{NumberOf, Party};
use crate::cause::Cause;
use crate::id::{CallId, ChannelId, HuntGroupId, LineId};
use crate::limits::MEMBER_ASKED_AGAIN_AFTER;
use crate::network::{End, MemberState, PeerBody, PeerRef, Purpose};
use crate::number::Number;
use crate::smdr::Device;
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer_kind::TimerKind;

impl System {
    /// Another system says how one of its users is for a group of this one.
    pub(crate) fn hear_of_member(
        &mut self,
        now: Instant,
        line: LineId,
        (group, member): (Number, Number),
        state: MemberState,
        idle_for: Duration,
    ) {
        let Some(id) = self.hunt.agent_elsewhere(&member) else { return self.unexpected() };
        let plan = &self.plan;
        let is_meant = |g: HuntGroupId| plan.hunt_group(g).extension == group;
        let Some(m) = self.hunt.agent(id).memberships.iter().position(|m| is_meant(m.group)) else {
            return self.unexpected();
        };
        let sequence = self.hunt.next_sequence();
        let agent = self.hunt.agent_mut(id);
        agent.memberships[m].told = state;
        if !agent.memberships.iter().any(|m| m.available) {
            agent.idle_since =
                (Instant::from_nanos(now.as_nanos().saturating_sub(idle_for.as_nanos())), sequence);
        }
        if let Who::Remote(remote) = &mut agent.who {
            remote.line = line;
        }
        self.refresh_agent(id);
    }

    /// Nothing is known any more of the members at the other end of a line.
    pub(crate) fn forget_members(&mut self, line: LineId) {
        for id in self.hunt.agent_ids() {
            if self.remote(id).is_some_and(|remote| remote.line == line) {
                let agent = self.hunt.agent_mut(id);
                agent.memberships.iter_mut().for_each(|m| m.told = MemberState::UNKNOWN);
                self.refresh_agent(id);
            }
        }
    }

    /// A member talks: one on another system is no longer rung from here.
    pub(super) fn member_is_talking(&mut self, id: AgentId) {
        if self.remote(id).is_some() {
            self.set_reach(id, Reach::Free);
        }
    }

    fn remote(&self, id: AgentId) -> Option<Remote> {
        match self.hunt.agent(id).who {
            Who::Remote(remote) => Some(remote),
            Who::User(_) => None,
        }
    }

    fn set_reach(&mut self, id: AgentId, reach: Reach) {
        let Who::Remote(remote) = &mut self.hunt.agent_mut(id).who else { return };
        let before = std::mem::replace(&mut remote.reach, reach);
        if let Reach::Refused(timer) = before {
            self.timers.cancel(timer);
        }
        self.hunt.line_full -= u32::from(before == Reach::LineFull);
        self.hunt.line_full += u32::from(reach == Reach::LineFull);
        self.refresh_agent(id);
    }

    /// Seizes a channel towards a member on another system; `None` if there is none, which keeps calls from the member
    /// until one is free.
    pub(super) fn seize_leg(&mut self, now: Instant, id: CallId, agent: AgentId) -> Option<MemberLeg> {
        let remote = self.remote(agent)?;
        let home = self.home_of(&remote.number)?;
        let lines = (0..).map_while(|nth| self.plan.routes.towards(home, nth));
        let seized = lines.into_iter().find_map(|line| self.lines.seize_line(now, line).ok());
        let Some(channel) = seized else {
            self.set_reach(agent, Reach::LineFull);
            return None;
        };
        let call = self.call_mut(id)?;
        call.attempts = call.attempts.saturating_add(1);
        Some(MemberLeg { agent, channel, attempt: call.attempts })
    }

    /// Sets the call up on a channel seized for it.
    pub(super) fn ring_remote(&mut self, now: Instant, id: CallId, group: HuntGroupId, leg: MemberLeg) {
        let Some(remote) = self.remote(leg.agent) else { return };
        self.set_reach(leg.agent, Reach::Rung);
        let if_unanswered = self.status_if_unanswered(group, id);
        let Some(call) = self.call_mut(id) else { return };
        call.callee = Device::Line(leg.channel);
        let (tag, hops, privilege) = (call.tag, call.hops + 1, call.privilege);
        let queue_priority = call.queue_priority;
        let calling = self.number_of(id, NumberOf::Calling);
        let (calling, presentation) = self.note_what_is_sent(id, calling, None);
        let (called, purpose) = (remote.number, Purpose::Member { if_unanswered });
        let caller = self.far_end(id, End::Calling);
        let body = PeerBody::Setup {
            called,
            calling,
            presentation,
            tag,
            hops,
            caller,
            privilege,
            queue_priority,
            purpose,
        };
        self.say(now, leg.channel.line, End::Calling, about(id, leg), body);
    }

    /// A call goes on without a member on another system.
    pub(super) fn stop_remote(&mut self, now: Instant, id: CallId, leg: MemberLeg, cause: Cause) {
        self.say(now, leg.channel.line, End::Calling, about(id, leg), PeerBody::Release { cause });
        self.free_leg(now, leg, Reach::Free);
    }

    fn free_leg(&mut self, now: Instant, leg: MemberLeg, reach: Reach) {
        let group = self.lines.release(now, leg.channel);
        self.waiting.channel_freed(group);
        self.set_reach(leg.agent, reach);
    }

    /// The leg by which a call that hunts was set up on a channel.
    pub(crate) fn member_leg(&self, id: GroupCallId, channel: ChannelId) -> Option<MemberLeg> {
        self.hunt.get(id)?.leg_on(channel)
    }

    /// Channels by which a call that hunts rings members on other systems.
    pub(crate) fn member_channels(&self, id: GroupCallId) -> impl Iterator<Item = ChannelId> {
        self.hunt.get(id).into_iter().flat_map(GroupCall::legs).map(|leg| leg.channel)
    }

    /// A member on another system answers, and has the call that rang.
    pub(crate) fn leg_answers(&mut self, now: Instant, id: GroupCallId, leg: MemberLeg) {
        self.give_to(now, id, Phone::Leg(leg));
    }

    /// The system of a member has ended the call to it.
    pub(crate) fn leg_released(&mut self, now: Instant, id: GroupCallId, leg: MemberLeg, cause: Cause) {
        match cause {
            // By hand, or because it rang for too long: the word about the user has come before.
            Cause::CALL_REJECTED | Cause::NO_ANSWER | Cause::NORMAL_CLEARING => {
                self.free_leg(now, leg, Reach::Free);
            }
            // The user was on another call, which the other system has said meanwhile, or is about to say.
            Cause::USER_BUSY => {
                let agent = self.hunt.agent_mut(leg.agent);
                agent.memberships.iter_mut().for_each(|m| m.told.available = false);
                self.free_leg(now, leg, Reach::Free);
            }
            _ => {
                let again = TimerKind::MemberAskedAgain(leg.agent.0);
                let timer = self.timers.arm(now, MEMBER_ASKED_AGAIN_AFTER, again);
                self.free_leg(now, leg, Reach::Refused(timer));
            }
        }
        self.leg_gone(now, id, leg);
    }

    /// The line to members is down: the call goes on without them.
    pub(crate) fn legs_lost(&mut self, now: Instant, id: GroupCallId, line: LineId) {
        let on_line = |leg: &MemberLeg| leg.channel.line == line;
        while let Some(leg) = self.hunt.get(id).and_then(|call| call.legs().find(on_line)) {
            self.free_leg(now, leg, Reach::Free);
            self.leg_gone(now, id, leg);
        }
    }

    fn leg_gone(&mut self, now: Instant, id: GroupCallId, leg: MemberLeg) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.ringing.retain(|phone| *phone != Phone::Leg(leg));
        if let (true, Phase::Ringing { no_answer, .. }) = (call.ringing.is_empty(), call.phase) {
            self.timers.cancel(no_answer);
            self.rings_no_more(now, id);
        }
    }

    /// A member whose system could not take a call is asked again.
    pub(crate) fn member_asked_again(&mut self, agent: u32) {
        let id = AgentId(agent);
        if let Who::Remote(remote) = &mut self.hunt.agent_mut(id).who {
            remote.reach = Reach::Free;
        }
        self.refresh_agent(id);
    }

    /// Members to whom no channel led are available again where there is one now.
    pub(crate) fn look_for_lines(&mut self) {
        for id in self.hunt.agent_ids() {
            let Some(remote) = self.remote(id).filter(|r| r.reach == Reach::LineFull) else { continue };
            let Some(home) = self.home_of(&remote.number) else { continue };
            let mut lines = (0..).map_while(|nth| self.plan.routes.towards(home, nth));
            if lines.any(|line| self.lines.line_has_free(line)) {
                self.set_reach(id, Reach::Free);
            }
        }
    }

    /// No phone rings any more for a call: the next ones do, it overflows, or it waits.
    pub(super) fn rings_no_more(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.phase = Phase::Deciding;
        let group = call.group;
        self.hunt.usage_mut(group).give_back(now);
        self.hide_waiting(now, id);
        if self.hunt.get(id).is_some_and(|call| call.overflow == Overflow::Due) {
            self.overflow(id);
        }
        self.hunt_on(now, id);
    }
}

/// What the systems at both ends of a leg name it by.
const fn about(call: CallId, leg: MemberLeg) -> PeerRef {
    PeerRef { channel: leg.channel.channel, call, attempt: leg.attempt }
}

impl MemberLeg {
    /// The party that answers on it.
    pub(super) const fn party(self) -> Party {
        Party::Peer { channel: self.channel, attempt: self.attempt }
    }
}
