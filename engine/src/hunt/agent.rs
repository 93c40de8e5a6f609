//! Who is available: members of hunt groups between their calls (DOMAIN 4.3).

use super::state::{Away, GroupCallId};
use crate::call::Origin;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::input::Service;
use crate::plan::spec::{AgentStatus, NoAnswerCalls, RingMode};
use crate::system::{System, TimerKind};
use crate::time::{Duration, Instant};

/// Whether a user's groups may ring the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    Enabled,
    Disabled,
}

impl System {
    /// Takes everybody who is available into account; once, when the system is made.
    pub(crate) fn find_available_agents(&mut self) {
        for n in 0..self.hunt.agents.len() {
            self.agent_changed(self.hunt.agents[n].user);
        }
        self.hunt.freed.clear();
    }

    /// Something has changed that decides whether a user is available to hunt groups.
    pub(crate) fn agent_changed(&mut self, user: UserId) {
        let Some(id) = self.hunt.agent_of(user) else { return };
        let settings = self.settings(user);
        let logged_in =
            settings.logged_in && !settings.do_not_disturb && self.registration[user.index()] == Service::In;
        let ready = logged_in && (!settings.forward_unconditional || settings.forwarding.hunt_group_calls);
        let agent = self.hunt.agent(id);
        let free = ready && self.users[user.index()].is_none() && agent.away == Away::No;
        let idle_since = agent.idle_since;
        let mut became_available = false;
        for m in 0..agent.memberships.len() {
            let membership = &mut self.hunt.agents[id.index()].memberships[m];
            let (available, active) = (free && membership.enabled, logged_in && membership.enabled);
            if (available, active) == (membership.available, membership.active) {
                continue;
            }
            let was =
                std::mem::replace(membership, super::state::Membership { available, active, ..*membership });
            let by_idle = self.plan.hunt_group(was.group).ring_mode == RingMode::LongestWaiting;
            let group = &mut self.hunt.groups[was.group.index()];
            group.active = group.active + u32::from(active) - u32::from(was.active);
            match (was.available, available) {
                (false, true) => {
                    group.available.insert(was.place);
                    if by_idle {
                        group.by_idle.insert((idle_since, was.place));
                    }
                    became_available = true;
                }
                (true, false) => {
                    group.available.remove(was.place);
                    if by_idle {
                        group.by_idle.remove(&(idle_since, was.place));
                    }
                }
                (true, true) | (false, false) => {}
            }
        }
        if became_available {
            self.hunt.freed.push_back(id);
        }
    }

    /// A user's connected call has ended: wrap-up, or after-call work if it was one of a hunt group. The phone is not
    /// idle yet.
    pub(crate) fn agent_ends_call(&mut self, now: Instant, user: UserId, group: Option<HuntGroupId>) {
        let Some(id) = self.hunt.agent_of(user) else { return };
        let sequence = self.hunt.next_sequence();
        self.hunt.agent_mut(id).idle_since = (now, sequence);
        let settings = self.settings(user);
        let work = settings.after_call_work.filter(|_| group.is_some());
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

    /// An agent has let a call of `group` ring: the group's status for that applies.
    pub(super) fn agent_let_it_ring(&mut self, now: Instant, user: UserId, group: HuntGroupId, call: CallId) {
        let Some(status) = self.plan.hunt_group(group).no_answer_status else { return };
        let external = self.call(call).is_some_and(|call| matches!(call.origin, Origin::Trunk(_)));
        if status.applies_to == NoAnswerCalls::ExternalInbound && !external {
            return;
        }
        match status.becomes {
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

    /// Lets the calls of one group, or of all, come to a user or keeps them away; `None` if the user is no member.
    pub(crate) fn set_membership(
        &mut self,
        user: UserId,
        of: Option<HuntGroupId>,
        membership: Membership,
    ) -> Option<()> {
        let id = self.hunt.agent_of(user)?;
        let mut found = None;
        for m in self.hunt.agent_mut(id).memberships.iter_mut().filter(|m| of.is_none_or(|g| g == m.group)) {
            m.enabled = membership == Membership::Enabled;
            found = Some(());
        }
        if membership == Membership::Enabled {
            self.agent_is_back(user);
        }
        self.agent_changed(user);
        found
    }

    /// Place of a user in a group's list.
    pub(super) fn place_in(&self, group: HuntGroupId, user: UserId) -> Option<u16> {
        let agent = self.hunt.agent(self.hunt.agent_of(user)?);
        agent.memberships.iter().find(|m| m.group == group).map(|m| m.place)
    }

    /// The group call that a busy user sees waiting.
    pub(super) fn shown_to(&self, user: UserId) -> Option<GroupCallId> {
        self.hunt.agent(self.hunt.agent_of(user)?).call_waiting
    }
}
