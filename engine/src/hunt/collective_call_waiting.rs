//! Collective call waiting: busy members see the call that rings at the idle ones, and may take it (DOMAIN 4.2).

use super::group_call::{Phase, Phone};
use super::state::{AgentId, GroupCallId, Who};
use crate::call::{Origin, Stage};
use crate::cause::Cause;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::output::Output;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;

impl System {
    /// Shows a call to the members who are on another one, where the ring mode and the users' call waiting say so.
    pub(super) fn show_waiting(&mut self, now: Instant, id: GroupCallId) {
        let Some((call, group)) = self.hunt.get(id).map(|c| (c.call, c.group)) else { return };
        if !self.shows_waiting(group) || self.hunt.get(id).is_some_and(|c| !c.shown.is_empty()) {
            return;
        }
        let Some(tag) = self.call(call).map(|c| c.tag) else { return };
        for n in 0..self.hunt.group(group).members.len() {
            let agent = self.hunt.group(group).members[n];
            let Some(user) = self.can_be_shown(group, agent) else { continue };
            self.hunt.agent_mut(agent).call_waiting = Some(id);
            if let Some(group_call) = self.hunt.get_mut(id) {
                group_call.shown.push(user);
            }
            self.emit(now, Output::CallWaiting { user, call, tag });
        }
    }

    /// The member, if one of this system who is on a call, has call waiting, and sees no other.
    pub(super) fn can_be_shown(&self, group: HuntGroupId, agent: AgentId) -> Option<UserId> {
        let agent = self.hunt.agent(agent);
        let Who::User(user) = agent.who else { return None };
        let current = self.users[user.index()].call.and_then(|current| self.call(current));
        let can = agent.call_waiting.is_none()
            && agent.memberships.iter().any(|m| m.group == group && m.active)
            && self.settings(user).call_waiting
            && current.is_some_and(|current| matches!(current.stage, Stage::Connected(_)));
        can.then_some(user)
    }

    /// Takes a call off the displays of busy members.
    pub(super) fn hide_waiting(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        let (call_id, shown) = (call.call, std::mem::take(&mut call.shown));
        for user in shown {
            self.hide_from(now, call_id, user);
        }
    }

    fn hide_from(&mut self, now: Instant, call: CallId, user: UserId) {
        if let Some(agent) = self.hunt.agent_of(user) {
            self.hunt.agent_mut(agent).call_waiting = None;
        }
        self.emit(now, Output::StopCallWaiting { user, call });
    }

    /// A user who shows a call waiting is no longer on the other call.
    pub(crate) fn waiting_user_ends_call(&mut self, now: Instant, user: UserId) {
        let Some(id) = self.shown_to(user) else { return };
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.shown.retain(|u| *u != user);
        let call = call.call;
        self.hunt.again.push_back(id);
        self.hide_from(now, call, user);
    }

    /// A busy user takes the call that waits: the other one ends.
    pub(super) fn answer_shown(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(current) = self.users[user.index()].call else { return self.unexpected() };
        if !self.may_dial(user) {
            let caller = self.call(current).is_some_and(|call| call.origin == Origin::User(user));
            let by = if caller { ReleasedBy::Caller } else { ReleasedBy::Callee };
            self.release(now, current, by, Cause::NORMAL_CLEARING, None);
        }
        let Some((call, group)) = self.hunt.get(id).map(|c| (c.call, c.group)) else { return };
        if self.hunt.get(id).is_some_and(|call| call.phase == Phase::Waiting) {
            self.stop_waiting_for_agent(now, id);
            self.hunt.usage_mut(group).take(now);
        }
        self.ring_member(now, id, (call, group), Phone::User(user));
        self.give_to(now, id, Phone::User(user));
    }
}
