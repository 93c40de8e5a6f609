//! The audit of hunt groups: what must hold between any two inputs.

use super::group_call::{GroupCall, Overflow, Phase, Phone, QueuePlace};
use super::state::{Away, GroupCallId, Reach, Remote, Who};
use crate::call::Stage;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::plan::Member;
use crate::plan::spec::RingMode;
use crate::system::System;
use crate::timer_kind::TimerKind;

impl System {
    /// Every rule of hunt groups that does not hold; the number of timers that agents have.
    pub(crate) fn audit_hunt(&self, faults: &mut Vec<String>) -> usize {
        for (id, call) in self.hunt.iter() {
            self.audit_group_call(id, call, faults);
        }
        for n in 0..self.hunt.groups.len() {
            self.audit_group(HuntGroupId::at(n), faults);
        }
        let mut timers = 0;
        for (n, agent) in self.hunt.agents.iter().enumerate() {
            let armed = match (agent.who, agent.away) {
                (Who::User(user), Away::WrapUp(timer)) => Some((timer, TimerKind::WrapUp(user))),
                (Who::Remote(Remote { reach: Reach::Refused(timer), .. }), _) => {
                    Some((timer, TimerKind::MemberAskedAgain(n as u32)))
                }
                (Who::User(_) | Who::Remote(_), _) => None,
            };
            timers += usize::from(armed.is_some());
            if armed.is_some_and(|(timer, kind)| self.timers.get(timer) != Some(kind)) {
                faults.push(format!("agent {n} waits for a timer that is not armed for it"));
            }
        }
        if !self.hunt.freed.is_empty() || !self.hunt.again.is_empty() {
            faults.push("agents or calls were left unserved".to_owned());
        }
        timers
    }

    fn audit_group_call(&self, id: GroupCallId, call: &GroupCall, faults: &mut Vec<String>) {
        let stage = self.call(call.call).map(|c| c.stage);
        if !matches!(stage, Some(Stage::Hunting(mine)) if mine == id) {
            faults.push(format!("{:?} is with a hunt group that it does not know of", call.call));
        }
        if call.phase == Phase::Deciding {
            faults.push(format!("{:?} is undecided after the input", call.call));
        }
        let rings = matches!(call.phase, Phase::Ringing { .. });
        if rings == (call.ringing.is_empty() && call.shown.is_empty()) && rings {
            faults.push(format!("{:?} rings at nobody", call.call));
        }
        if !rings && !call.ringing.is_empty() {
            faults.push(format!("{:?} waits and rings", call.call));
        }
        for leg in call.legs() {
            let rung =
                matches!(self.hunt.agent(leg.agent).who, Who::Remote(Remote { reach: Reach::Rung, .. }));
            if !rung {
                faults.push(format!("{:?} rings a member elsewhere who is not marked so", call.call));
            }
        }
        for user in call.users() {
            if self.users[user.index()].call != Some(call.call) {
                faults.push(format!("{:?} rings {user:?}, who is not held for it", call.call));
            }
        }
        for &user in &call.shown {
            if self.shown_to(user) != Some(id) {
                faults.push(format!("{:?} is shown to {user:?}, who does not see it", call.call));
            }
        }
        if self.hunt.group(call.group).pending.get(&call.key) != Some(id) {
            faults.push(format!("{:?} is not among the calls of its group", call.call));
        }
        for segment in 0..=self.last_segment(call) {
            let Some(group) = self.group_of_segment(call.group, segment) else { continue };
            let waits = self.hunt.group(group).waiting.get(&call.key) == Some(id);
            if waits != (call.phase == Phase::Waiting) {
                faults.push(format!("{:?}: in the queue of {group:?}: {waits}", call.call));
            }
            if waits && self.hunt.group(group).available.next_from(0).is_some() {
                faults.push(format!("{:?} waits for {group:?}, which has an available member", call.call));
            }
        }
    }

    fn audit_group(&self, id: HuntGroupId, faults: &mut Vec<String>) {
        let (group, plan) = (self.hunt.group(id), self.plan.hunt_group(id));
        let own: Vec<&GroupCall> = self.hunt.iter().map(|(_, c)| c).filter(|c| c.group == id).collect();
        let counts = |what: fn(&GroupCall) -> bool| own.iter().filter(|c| what(c)).count();
        let waiting = counts(|c| c.phase == Phase::Waiting);
        if waiting != group.queue.in_use() as usize {
            faults
                .push(format!("{id:?} has {waiting} calls waiting, the gauge says {}", group.queue.in_use()));
        }
        if own.len() != group.pending.len() {
            faults.push(format!("{id:?} has {} calls, {} are in order", own.len(), group.pending.len()));
        }
        if counts(|c| c.overflow == Overflow::Done) != group.overflowed as usize {
            faults.push(format!("{id:?}: calls that overflowed are miscounted"));
        }
        let within = counts(|c| c.place == QueuePlace::Within);
        if let Some(limit) = plan.queue.and_then(|q| q.limit) {
            let more = if plan.queue.is_some_and(|q| q.normalize) { plan.members.len() } else { 0 };
            if within > usize::from(limit) + more {
                faults.push(format!("{id:?} let {within} calls wait, its limit is {limit}"));
            }
        }
        let by_idle = plan.ring_mode == RingMode::LongestWaiting;
        for (place, member) in plan.members.iter().enumerate() {
            if let Member::User(user) = *member {
                self.audit_member(id, place as u16, user, faults);
            }
        }
        if by_idle && group.by_idle.len() != group.available.iter().count() {
            faults.push(format!("{id:?}: not everyone available is in the order of idle times"));
        }
    }

    fn audit_member(&self, id: HuntGroupId, place: u16, user: UserId, faults: &mut Vec<String>) {
        let group = self.hunt.group(id);
        if group.available.contains(place) && !self.users[user.index()].is_idle() {
            faults.push(format!("{user:?} of {id:?} is available and held for a call"));
        }
    }

    /// Whether a call rings at a user's phone as one of a hunt group.
    pub(crate) fn rings_as_member(&self, id: GroupCallId, user: UserId) -> bool {
        self.hunt.get(id).is_some_and(|call| call.ringing.contains(&Phone::User(user)))
    }

    /// The timers that an unanswered call to a hunt group has, and whether each is its own.
    pub(crate) fn audit_group_timers(
        &self,
        call: CallId,
        id: GroupCallId,
        faults: &mut Vec<String>,
    ) -> usize {
        let Some(group_call) = self.hunt.get(id) else { return 0 };
        let mut timers = 0;
        for timer in group_call.timers() {
            timers += 1;
            if self.timers.get(timer).and_then(TimerKind::call) != Some(call) {
                faults.push(format!("{call:?} has a timer of its group that is not its own"));
            }
        }
        timers
    }

    /// Calls that ring at members of a group.
    pub(crate) fn calls_ringing_in(&self, group: HuntGroupId) -> usize {
        let rings = |call: &GroupCall| call.group == group && matches!(call.phase, Phase::Ringing { .. });
        self.hunt.iter().filter(|(_, call)| rings(call)).count()
    }
}
