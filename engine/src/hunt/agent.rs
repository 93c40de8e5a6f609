//! Who is available: members of hunt groups between their calls (DOMAIN 4.3).

use super::state::{AgentId, Away, GroupCallId, Reach, Who};
use crate::call::Origin;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::network::MemberState;
use crate::number::Number;
use crate::plan::spec::{AgentStatus, NoAnswerCalls, RingMode};
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer_kind::TimerKind;

/// Whether a user's groups may ring the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    Enabled,
    Disabled,
}

/// What kind of call an agent has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallOf {
    /// One of a hunt group.
    Group,
    Other,
}

impl System {
    /// Takes everybody who is available into account; once, when the system is made. Other systems know as much from
    /// their own plans.
    pub(crate) fn find_available_agents(&mut self) {
        for agent in self.hunt.agent_ids() {
            for n in 0..self.hunt.agent(agent).lent.len() {
                let enabled = self.hunt.agent(agent).lent[n].enabled;
                let told = self.own_state(agent, enabled);
                self.hunt.agent_mut(agent).lent[n].told = told;
            }
            self.refresh_agent(agent);
        }
        self.hunt.freed.clear();
    }

    /// Something has changed that decides whether a user is available to hunt groups.
    pub(crate) fn agent_changed(&mut self, user: UserId) {
        if let Some(agent) = self.hunt.agent_of(user) {
            self.refresh_agent(agent);
        }
    }

    /// How a user of this system is for a group that is `enabled` for the user or not.
    pub(super) fn own_state(&self, agent: AgentId, enabled: bool) -> MemberState {
        let Who::User(user) = self.hunt.agent(agent).who else { return MemberState::UNKNOWN };
        let settings = self.settings(user);
        let is_there = self.is_registered(user) && !self.desks.contains_key(&user);
        let active = enabled && settings.logged_in && !settings.do_not_disturb && is_there;
        let takes_calls = !settings.forward_unconditional || settings.forwarding.hunt_group_calls;
        let idle = self.users[user.index()].is_idle() && self.hunt.agent(agent).away == Away::No;
        MemberState { active, available: active && takes_calls && idle }
    }

    /// Puts an agent where groups look: into those who are available, or out of them.
    pub(super) fn refresh_agent(&mut self, id: AgentId) {
        let all = self.own_state(id, true);
        let mut became_available = false;
        for m in 0..self.hunt.agent(id).memberships.len() {
            let agent = self.hunt.agent(id);
            let membership = &agent.memberships[m];
            let state = match agent.who {
                Who::User(_) if membership.enabled => all,
                Who::User(_) => MemberState::UNKNOWN,
                Who::Remote(remote) => {
                    let MemberState { active, available } = membership.told;
                    MemberState { active, available: available && remote.reach == Reach::Free }
                }
            };
            became_available |= self.set_member(id, m, state);
        }
        if became_available {
            self.hunt.freed.push_back(id);
        }
        if !self.hunt.agent(id).lent.is_empty() {
            self.tell_hosts(id, all);
        }
    }

    /// Whether an agent has become available to the group of a membership.
    fn set_member(&mut self, id: AgentId, m: usize, state: MemberState) -> bool {
        let agent = &mut self.hunt.agents[id.index()];
        let (idle_since, membership) = (agent.idle_since, &mut agent.memberships[m]);
        let (was, place) = (*membership, membership.place);
        if (state.available, state.active) == (was.available, was.active) {
            return false;
        }
        (membership.available, membership.active) = (state.available, state.active);
        let by_idle = self.plan.hunt_group(was.group).ring_mode == RingMode::LongestWaiting;
        let group = &mut self.hunt.groups[was.group.index()];
        group.active = group.active + u32::from(state.active) - u32::from(was.active);
        match (was.available, state.available) {
            (false, true) => {
                group.available.insert(place);
                if by_idle {
                    group.by_idle.insert((idle_since, place), ());
                }
            }
            (true, false) => {
                group.available.remove(place);
                if by_idle {
                    group.by_idle.remove(&(idle_since, place));
                }
            }
            (true, true) | (false, false) => {}
        }
        state.available && !was.available
    }

    /// A user's connected call has ended: wrap-up, or after-call work if it was one of a hunt group. The phone is not
    /// idle yet.
    pub(crate) fn agent_ends_call(&mut self, now: Instant, user: UserId, of: CallOf) {
        let Some(id) = self.hunt.agent_of(user) else { return };
        let sequence = self.hunt.next_sequence();
        self.hunt.agent_mut(id).idle_since = (now, sequence);
        let settings = self.settings(user);
        let work = settings.after_call_work.filter(|_| of == CallOf::Group);
        let time = work.unwrap_or(settings.wrap_up_time);
        self.begin_wrap_up(now, user, time);
    }

    fn begin_wrap_up(&mut self, now: Instant, user: UserId, time: Duration) {
        let Some(id) = self.hunt.agent_of(user) else { return };
        if let Away::WrapUp(timer) = self.hunt.agent(id).away {
            self.timers.cancel(timer);
            self.hunt.agent_mut(id).away = Away::No;
        }
        if !time.is_zero() && self.hunt.agent(id).away == Away::No {
            let timer = self.timers.arm(now, time, TimerKind::WrapUp(user));
            self.hunt.agent_mut(id).away = Away::WrapUp(timer);
        }
    }

    /// Wrap-up or after-call work is over.
    pub(crate) fn wrap_up_over(&mut self, user: UserId) {
        let Some(id) = self.hunt.agent_of(user) else { return };
        self.hunt.agent_mut(id).away = Away::No;
        self.agent_changed(user);
    }

    /// What becomes of members who let this call of a group ring.
    pub(super) fn status_if_unanswered(&self, group: HuntGroupId, call: CallId) -> Option<AgentStatus> {
        let status = self.plan.hunt_group(group).no_answer_status?;
        let external = self.call(call).is_some_and(|call| matches!(call.origin, Origin::Trunk(_)));
        let applies = status.applies_to == NoAnswerCalls::Any || external;
        applies.then_some(status.becomes)
    }

    /// A user has let a call of a group ring whose members become `status` then.
    pub(crate) fn agent_let_it_ring(&mut self, now: Instant, user: UserId, status: AgentStatus) {
        match status {
            AgentStatus::BusyWrapUp => {
                let settings = self.settings(user);
                let time = settings.after_call_work.unwrap_or(settings.wrap_up_time);
                self.begin_wrap_up(now, user, time);
            }
            AgentStatus::BusyNotAvailable => {
                if let Some(id) = self.hunt.agent_of(user) {
                    self.hunt.agent_mut(id).away = Away::NotAvailable;
                }
            }
            AgentStatus::LoggedOff => self.settings_mut(user).logged_in = false,
        }
    }

    /// A user who let calls ring is there again.
    pub(crate) fn agent_is_back(&mut self, user: UserId) {
        if let Some(id) = self.hunt.agent_of(user)
            && self.hunt.agent(id).away == Away::NotAvailable
        {
            self.hunt.agent_mut(id).away = Away::No;
        }
    }

    /// Lets the calls of the group with a number, or of all, come to a user or keeps them away; `None` if the user is no
    /// member.
    pub(crate) fn set_membership(&mut self, user: UserId, of: &Number, membership: Membership) -> Option<()> {
        let id = self.hunt.agent_of(user)?;
        let enabled = membership == Membership::Enabled;
        let mut found = None;
        for m in 0..self.hunt.agent(id).memberships.len() {
            let group = self.hunt.agent(id).memberships[m].group;
            if of.is_empty() || self.plan.hunt_group(group).extension == *of {
                self.hunt.agent_mut(id).memberships[m].enabled = enabled;
                found = Some(());
            }
        }
        for lent in self.hunt.agent_mut(id).lent.iter_mut().filter(|l| of.is_empty() || l.group == *of) {
            lent.enabled = enabled;
            found = Some(());
        }
        if enabled {
            self.agent_is_back(user);
        }
        self.agent_changed(user);
        found
    }

    /// Place of an agent in a group's list.
    pub(super) fn place_in(&self, group: HuntGroupId, agent: AgentId) -> Option<u16> {
        self.hunt.agent(agent).memberships.iter().find(|m| m.group == group).map(|m| m.place)
    }

    /// Whether a user of this system is a member of a group.
    pub(crate) fn is_member(&self, group: HuntGroupId, user: UserId) -> bool {
        self.hunt.agent_of(user).is_some_and(|agent| self.place_in(group, agent).is_some())
    }

    /// The group call that a busy user sees waiting.
    pub(super) fn shown_to(&self, user: UserId) -> Option<GroupCallId> {
        self.hunt.agent(self.hunt.agent_of(user)?).call_waiting
    }
}
