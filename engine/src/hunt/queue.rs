//! Calls that wait for a member: who may wait, who is next, and that nobody is passed over (DOMAIN 4.5).

use super::group_call::{GroupCall, Phase, Phone, QueuePlace, Rang};
use super::ring_mode::Cursor;
use super::state::{AgentId, GroupCallId, Who};
use crate::call::Origin;
use crate::id::{CallId, HuntGroupId};
use crate::output::{Output, Tone};
use crate::plan::spec::{LineKind, RingMode};
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use crate::trace::{GroupStep, Step};

impl System {
    /// Whether there is a place in the queue for a call that has found nobody.
    pub(super) fn has_queue_place(&self, call: &GroupCall) -> bool {
        self.queue_place(call) != QueuePlace::None
    }

    /// The place that a call may have. Calls that ring count as queued. One of a higher priority than another raises the
    /// limit by one; analog trunks, which have nowhere else to go, do not know it.
    fn queue_place(&self, call: &GroupCall) -> QueuePlace {
        let Some(queue) = self.plan.hunt_group(call.group).queue else { return QueuePlace::None };
        let group = self.hunt.group(call.group);
        let others = group.pending.len() as u64 - 1;
        let more = if queue.normalize { u64::from(group.active) } else { 0 };
        if queue.limit.is_none_or(|limit| others < u64::from(limit) + more) {
            return QueuePlace::Within;
        }
        let goes_ahead = group.pending.last().is_some_and(|(last, _)| call.key.outranks(last));
        if goes_ahead || self.is_from_analog_trunk(call.call) { QueuePlace::Beyond } else { QueuePlace::None }
    }

    fn is_from_analog_trunk(&self, call: CallId) -> bool {
        match self.call(call).map(|call| call.origin) {
            Some(Origin::Trunk(channel)) => self.plan.line(channel.line).kind == LineKind::Analog,
            Some(Origin::User(_) | Origin::Peer { .. } | Origin::Inside(_)) | None => false,
        }
    }

    /// Puts a call into the queues of the groups that may answer it.
    pub(super) fn wait_for_agent(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (call_id, group) = (call.call, call.group);
        let place = match (call.place, call.rang) {
            (QueuePlace::None, Rang::Never) => self.queue_place(call),
            (place, Rang::Never | Rang::Once) => place,
        };
        let length = self.hunt.group(group).pending.len();
        self.trace.note(|| Step::Group { group, step: GroupStep::Waits { length } });
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.place = place;
        call.phase = Phase::Waiting;
        call.begin_round();
        self.enter_queues(id);
        self.hunt.group_mut(group).queue.take(now);
        self.show_waiting(now, id);
        let Some((tag, origin, alerted)) = self.call(call_id).map(|c| (c.tag, c.origin, c.alerted)) else {
            return;
        };
        if alerted.is_none() && matches!(origin, Origin::User(_) | Origin::Trunk(_)) {
            self.emit(now, Output::Tone { call: call_id, tag, tone: Tone::Queued });
        }
        self.alerting(now, call_id);
    }

    /// Enters a call that waits into the queue of each group whose members may answer it.
    pub(super) fn enter_queues(&mut self, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (key, own, last) = (call.key, call.group, self.last_segment(call));
        for segment in 0..=last {
            if let Some(group) = self.group_of_segment(own, segment) {
                let waiting = &mut self.hunt.group_mut(group).waiting;
                // One that overflows stands in its own group's queue already.
                if waiting.get(&key).is_none() {
                    waiting.insert(key, id);
                }
            }
        }
    }

    fn leave_queues(&mut self, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (key, own, last) = (call.key, call.group, self.last_segment(call));
        for segment in 0..=last {
            if let Some(group) = self.group_of_segment(own, segment) {
                self.hunt.group_mut(group).waiting.remove(&key);
            }
        }
    }

    /// Takes a call out of the queues, if it waits.
    pub(super) fn stop_waiting_for_agent(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        if call.phase != Phase::Waiting {
            return;
        }
        let group = call.group;
        self.leave_queues(id);
        self.hunt.group_mut(group).queue.give_back(now);
        if let Some(call) = self.hunt.get_mut(id) {
            call.phase = Phase::Deciding;
        }
    }

    /// Gives every agent who has become available to the call that comes first, and lets calls that have been round their
    /// group look again.
    pub(crate) fn serve_agents(&mut self, now: Instant) {
        loop {
            if let Some(agent) = self.hunt.freed.pop_front() {
                self.serve_agent(now, agent);
            } else if let Some(id) = self.hunt.again.pop_front() {
                match self.hunt.get(id).map(|call| call.phase) {
                    Some(Phase::Waiting) => self.look_again(now, id),
                    Some(Phase::Ringing { .. } | Phase::Deciding) => self.shown_nowhere(now, id),
                    None => {}
                }
            } else {
                return;
            }
        }
    }

    /// A call that waits begins a new round, if anybody is available.
    fn look_again(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (own, last) = (call.group, self.last_segment(call));
        let groups = (0..=last).filter_map(|segment| self.group_of_segment(own, segment));
        if groups.into_iter().any(|group| self.hunt.group(group).available.next_from(0).is_some()) {
            self.stop_waiting_for_agent(now, id);
            self.hide_waiting(now, id);
            if let Some(call) = self.hunt.get_mut(id) {
                call.begin_round();
            }
            self.hunt_on(now, id);
        }
    }

    fn serve_agent(&mut self, now: Instant, agent: AgentId) {
        while let Some(id) = self.first_for(agent) {
            self.look_again(now, id);
        }
        self.join_collective(now, agent);
    }

    /// The call that an agent, if available, serves next: the highest priority, then the longest wait, of all groups.
    fn first_for(&self, agent: AgentId) -> Option<GroupCallId> {
        let memberships = self.hunt.agent(agent).memberships.iter().filter(|m| m.available);
        let first = memberships.filter_map(|m| self.hunt.group(m.group).waiting.first());
        first.min_by_key(|(key, _)| *key).map(|(_, id)| id)
    }

    /// An agent for whom nobody waits rings along with a call that rings at all members of a group.
    fn join_collective(&mut self, now: Instant, agent: AgentId) {
        let memberships = self.hunt.agent(agent).memberships.iter().filter(|m| m.available);
        let Some((id, call, group)) = memberships.filter_map(|m| self.ringing_at_all(m.group)).next() else {
            return;
        };
        let phone = match self.hunt.agent(agent).who {
            Who::User(user) if self.settings(user).forward_unconditional => None,
            Who::User(user) => Some(Phone::User(user)),
            Who::Remote(_) => self.seize_leg(now, call, agent).map(Phone::Leg),
        };
        if let Some(phone) = phone {
            self.ring_member(now, id, (call, group), phone);
        }
    }

    fn ringing_at_all(&self, group: HuntGroupId) -> Option<(GroupCallId, CallId, HuntGroupId)> {
        match self.plan.hunt_group(group).ring_mode {
            RingMode::Collective | RingMode::CollectiveCallWaiting => {}
            RingMode::Sequential | RingMode::Rotary | RingMode::LongestWaiting => return None,
        }
        let (_, id) = self.hunt.group(group).pending.first()?;
        let call = self.hunt.get(id)?;
        let rings = matches!(call.phase, Phase::Ringing { .. }) && call.cursor == Cursor::All;
        (rings && call.segment == 0).then_some((id, call.call, group))
    }

    /// A call has waited for the promotion time: its priority rises by one.
    pub(crate) fn promote(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (old, group) = (call.key, call.group);
        let Some(key) = old.promoted() else { return };
        let waits = call.phase == Phase::Waiting;
        if waits {
            self.leave_queues(id);
        }
        self.hunt.group_mut(group).pending.remove(&old);
        self.hunt.group_mut(group).pending.insert(key, id);
        if let Some(call) = self.hunt.get_mut(id) {
            call.key = key;
            call.promotion = None;
        }
        if waits {
            self.enter_queues(id);
        }
        self.arm_promotion(now, id);
    }

    pub(super) fn arm_promotion(&mut self, now: Instant, id: GroupCallId) {
        let Some(time) = self.plan.call_priority_promotion_time else { return };
        let Some(call) = self.hunt.get(id) else { return };
        if call.key.promoted().is_some() {
            let timer = self.timers.arm(now, time, TimerKind::Promotion(call.call));
            if let Some(call) = self.hunt.get_mut(id) {
                call.promotion = Some(timer);
            }
        }
    }

    /// Arms what runs from the moment a call comes to a group.
    pub(super) fn arm_group_timers(&mut self, now: Instant, id: GroupCallId) {
        self.arm_overflow(now, id);
        self.arm_announcement(now, id);
        self.arm_promotion(now, id);
        self.arm_voicemail(now, id);
    }
}
