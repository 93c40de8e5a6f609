//! Users of this system in hunt groups of others: their systems are told how the users are, and ring their phones.

use super::agent::CallOf;
use super::state::{AgentId, Who};
use crate::call::{Call, Ringing, Stage};
use crate::cause::Cause;
use crate::id::{CallId, LineId, UserId};
use crate::limits::CALL_QUEUING_TIMEOUT;
use crate::network::{MemberState, NetworkMessage, Purpose};
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::plan::spec::AgentStatus;
use crate::plan::{Entry, Local};
use crate::smdr::{Device, ReleasedBy};
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;

impl System {
    /// Tells the systems whose groups an agent is lent to what has changed for them.
    pub(super) fn tell_hosts(&mut self, id: AgentId, all: MemberState) {
        for n in 0..self.hunt.agent(id).lent.len() {
            let lent = &mut self.hunt.agent_mut(id).lent[n];
            let state = if lent.enabled { all } else { MemberState::UNKNOWN };
            if std::mem::replace(&mut lent.told, state) != state {
                self.tell_host(self.now, id, n);
            }
        }
    }

    /// Whether this system says how a user is: the one that the user is at does, at home or not.
    fn speaks_for(&self, user: UserId) -> bool {
        let (home, number) = self.plan.home_of(user);
        self.whereabouts_of(home, number) == self.plan.system
    }

    fn tell_host(&mut self, now: Instant, id: AgentId, n: usize) {
        let agent = self.hunt.agent(id);
        let (Who::User(user), lent) = (agent.who, agent.lent[n]) else { return };
        if !self.speaks_for(user) {
            return;
        }
        let (group, member, state) = (lent.group, self.plan.user(user).extension, lent.told);
        let idle_for = now.since(agent.idle_since.0);
        self.tell_neighbour(now, lent.line, NetworkMessage::Member { group, member, state, idle_for });
    }

    /// What another system believes of the users lent to it is compared with how they are; it is told, if it is wrong: it
    /// has started anew, or a word was lost.
    pub(crate) fn set_right_about_members(&mut self, now: Instant, line: LineId, believed: u64) {
        let mut true_digest = 0;
        for agent in &self.hunt.agents {
            let Who::User(user) = agent.who else { continue };
            for lent in agent.lent.iter().filter(|lent| lent.line == line && self.speaks_for(user)) {
                true_digest ^= digest(&lent.group, &self.plan.user(user).extension, lent.told);
            }
        }
        if believed == true_digest {
            return;
        }
        for id in self.hunt.agent_ids() {
            for n in 0..self.hunt.agent(id).lent.len() {
                if self.hunt.agent(id).lent[n].line == line {
                    self.tell_host(now, id, n);
                }
            }
        }
    }

    /// A hunt group of another system calls one of its members. The phone rings if it may; nothing else is tried, for the
    /// group has other members.
    pub(crate) fn member_called(
        &mut self,
        now: Instant,
        id: CallId,
        number: Number,
        if_unanswered: Option<AgentStatus>,
    ) {
        let Some(call) = self.call_mut(id) else { return };
        call.purpose = Purpose::Member { if_unanswered };
        let user = match self.plan.directory.get(&number).map(|entry| self.find_owner(entry)) {
            Some(Entry { local: Local::User(_), system }) if system != self.plan.system => {
                return self.try_routes(now, id, Self::towards(system, number), None);
            }
            Some(Entry { local: Local::User(user), .. }) => user,
            Some(Entry { local: Local::HuntGroup(_) | Local::Room(_), .. }) | None => {
                return self.release(now, id, ReleasedBy::System, Cause::UNALLOCATED, None);
            }
        };
        let Some(agent) = self.hunt.agent_of(user) else {
            return self.release(now, id, ReleasedBy::System, Cause::UNALLOCATED, None);
        };
        let settings = self.settings(user);
        if !self.own_state(agent, true).available {
            let short_of = Some(Resource::User(user.0));
            return self.release(now, id, ReleasedBy::System, Cause::USER_BUSY, short_of);
        }
        if settings.forward_unconditional {
            if let Some(call) = self.call_mut(id) {
                call.purpose = Purpose::Call;
            }
            return self.forward_group_call(now, id, user);
        }
        self.ring_lent(now, id, user);
    }

    /// Rings a phone for a group of another system, which says when it has rung long enough.
    fn ring_lent(&mut self, now: Instant, id: CallId, user: UserId) {
        let no_answer = self.timers.arm(now, CALL_QUEUING_TIMEOUT, TimerKind::NoAnswer(id));
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Ringing(Ringing { user, no_answer });
        call.callee = Device::User(user);
        let tag = call.tag;
        self.occupy(now, user, id);
        self.emit(now, Output::Ring { user, call: id, tag });
        self.alerting(now, id);
    }

    /// The call of a group on another system is over for a phone that rings: if nobody has answered, what the group says
    /// becomes of the user.
    pub(crate) fn lent_phone_stops(&mut self, now: Instant, id: CallId, cause: Cause) {
        let Some(call) = self.call(id) else { return };
        let (Purpose::Member { if_unanswered: Some(status) }, Stage::Ringing(ringing)) =
            (call.purpose, call.stage)
        else {
            return;
        };
        if matches!(cause, Cause::NO_ANSWER | Cause::CALL_REJECTED) {
            self.agent_let_it_ring(now, ringing.user, status);
        }
    }

    /// What the system believes of the members that the other end of a line lends it.
    pub(crate) fn believed_of_members(&self, line: LineId) -> u64 {
        let mut believed = 0;
        for agent in &self.hunt.agents {
            let Who::Remote(remote) = agent.who else { continue };
            for membership in agent.memberships.iter().filter(|_| remote.line == line) {
                let group = self.plan.hunt_group(membership.group);
                believed ^= digest(&group.extension, &remote.number, membership.told);
            }
        }
        believed
    }

    /// Whether a user lets a call of a hunt group of any system end.
    pub(crate) const fn call_of(call: &Call) -> CallOf {
        match (call.hunt_group(), call.purpose) {
            (Some(_), _) | (None, Purpose::Member { .. }) => CallOf::Group,
            (None, Purpose::Call | Purpose::Voicemail { .. } | Purpose::Conference) => CallOf::Other,
        }
    }
}

/// A number for how one member is; those of all members, put together, do not depend on their order.
fn digest(group: &Number, member: &Number, state: MemberState) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut digest = u64::from(state.active) << 1 | u64::from(state.available);
    for &byte in group.as_bytes().iter().chain(b"/").chain(member.as_bytes()) {
        digest = (digest.rotate_left(5) ^ u64::from(byte)).wrapping_mul(MULTIPLIER);
    }
    digest
}
