//! Overflow: members of other groups ring as well (DOMAIN 4.6).

use super::group_call::{GroupCall, Overflow, Phase, Round};
use super::ring_mode::Cursor;
use super::state::GroupCallId;
use crate::cause::Cause;
use crate::plan::spec::{OverflowMode, OverflowRinging};
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use crate::trace::{GroupStep, Step};

impl System {
    /// The last segment of a call's round: 0, or the last overflow group if it has overflowed.
    pub(super) fn last_segment(&self, call: &GroupCall) -> u16 {
        match (call.overflow, &self.plan.hunt_group(call.group).overflow) {
            (Overflow::Done, Some(overflow)) => overflow.groups.len() as u16,
            (Overflow::Done, None) | (Overflow::NotYet | Overflow::Due, _) => 0,
        }
    }

    /// Whether a call that has nobody left to ring overflows without waiting for its time.
    pub(super) fn overflows_now(&self, call: &GroupCall) -> bool {
        let plan = self.plan.hunt_group(call.group);
        let Some(overflow) = &plan.overflow else { return false };
        if call.overflow == Overflow::Done || overflow.groups.is_empty() {
            return false;
        }
        let group = self.hunt.group(call.group);
        let others_have = overflow.mode == OverflowMode::Group && group.overflowed > 0;
        plan.queue.is_none()
            || match call.round {
                Round::Rang => overflow.time.is_none(),
                Round::Silent => (overflow.immediate && group.active == 0) || others_have,
            }
    }

    pub(super) fn arm_overflow(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let time = self.plan.hunt_group(call.group).overflow.as_ref().and_then(|o| o.time);
        if let Some(time) = time {
            let timer = self.timers.arm(now, time, TimerKind::Overflow(call.call));
            if let Some(call) = self.hunt.get_mut(id) {
                call.overflow_timer = Some(timer);
            }
        }
    }

    /// A call has been with its group for the overflow time.
    pub(crate) fn overflow_time_over(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.overflow_timer = None;
        if call.overflow == Overflow::Done {
            return;
        }
        let (phase, group, call_id) = (call.phase, call.group, call.call);
        let Some(plan) = &self.plan.hunt_group(group).overflow else { return };
        match phase {
            Phase::Ringing { no_answer, .. } => {
                let somebody =
                    |g: &crate::id::HuntGroupId| self.hunt.group(*g).available.next_from(0).is_some();
                let cuts_in = plan.ringing == OverflowRinging::CutIn && plan.groups.iter().any(somebody);
                let Some(call) = self.hunt.get_mut(id) else { return };
                if !cuts_in {
                    call.overflow = Overflow::Due;
                    return;
                }
                call.phase = Phase::Deciding;
                let ringing = std::mem::take(&mut call.ringing);
                self.timers.cancel(no_answer);
                self.hunt.usage_mut(group).give_back(now);
                for phone in ringing {
                    self.stop_phone(now, call_id, phone, Cause::NORMAL_CLEARING);
                }
                self.hide_waiting(now, id);
                self.overflow(id);
                self.hunt_on(now, id);
            }
            Phase::Waiting => self.overflow(id),
            Phase::Deciding => {}
        }
    }

    /// From now on members of the overflow groups may answer a call; in mode `Group`, the other calls of its group too.
    pub(super) fn overflow(&mut self, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let group = call.group;
        self.trace.note(|| Step::Group { group, step: GroupStep::Overflows });
        let all =
            self.plan.hunt_group(group).overflow.as_ref().is_some_and(|o| o.mode == OverflowMode::Group);
        let calls: Vec<GroupCallId> = match all {
            true => self.hunt.group(group).pending.values().collect(),
            false => vec![id],
        };
        for each in calls {
            self.overflow_one(each, id);
        }
    }

    fn overflow_one(&mut self, each: GroupCallId, first: GroupCallId) {
        let Some(call) = self.hunt.get_mut(each) else { return };
        if call.overflow == Overflow::Done {
            return;
        }
        let group = call.group;
        if each != first && matches!(call.phase, Phase::Ringing { .. }) {
            call.overflow = Overflow::Due;
            return;
        }
        call.overflow = Overflow::Done;
        (call.segment, call.cursor) = (1, Cursor::Fresh);
        let (phase, timer) = (call.phase, call.overflow_timer.take());
        if let Some(timer) = timer {
            self.timers.cancel(timer);
        }
        self.hunt.group_mut(group).overflowed += 1;
        if phase == Phase::Waiting {
            self.enter_queues(each);
            self.hunt.again.push_back(each);
        }
    }
}
