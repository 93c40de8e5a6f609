//! What an agent gets is the head of the queue, not always the call that rang (DOMAIN 4.5).

use super::group_call::{GroupCall, MemberLeg, Overflow, Phase, Phone};
use super::state::GroupCallId;
use crate::cause::Cause;
use crate::id::UserId;
use crate::output::Output;
use crate::plan::spec::QueueType;
use crate::smdr::Device;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use smallvec::SmallVec;

impl System {
    /// The call that a member who answers `call` gets.
    pub(super) fn head_for(&self, call: &GroupCall, user: UserId) -> GroupCallId {
        let group = self.hunt.group(call.group);
        let own = group.pending.get(&call.key);
        let head = group.pending.first().map(|(_, head)| head);
        let on_answer =
            self.plan.hunt_group(call.group).queue.is_some_and(|q| q.queue_type == QueueType::AssignOnAnswer);
        let may_have = |head: &GroupCallId| {
            self.hunt.agent_of(user).is_some_and(|agent| self.place_in(call.group, agent).is_some())
                || self.hunt.get(*head).is_some_and(|head| head.overflow == Overflow::Done)
        };
        match (head.filter(|_| on_answer).filter(may_have), own) {
            (Some(head), _) => head,
            (None, Some(own)) => own,
            (None, None) => unreachable!("an unanswered call is among its group's"),
        }
    }

    /// The member who is rung for `rung` gets `head` instead: the phones that ring for the head ring on for the other. Those on
    /// other systems, which know the head by its own call, stop.
    pub(super) fn swap(&mut self, now: Instant, rung: GroupCallId, head: GroupCallId, user: UserId) {
        let (Some(a), Some(b)) = (self.hunt.get(rung), self.hunt.get(head)) else { return };
        let (rung_call, head_call, group) = (a.call, b.call, a.group);
        let elsewhere: SmallVec<[MemberLeg; 2]> = b.legs().collect();
        let phones: SmallVec<[UserId; 2]> = b.users().collect();
        self.emit(now, Output::StopRinging { user, call: rung_call });
        for &phone in &phones {
            self.emit(now, Output::StopRinging { user: phone, call: head_call });
        }
        for leg in elsewhere {
            self.stop_remote(now, head_call, leg, Cause::NORMAL_CLEARING);
        }
        self.stop_waiting_for_agent(now, head);
        // The head rings at the member who answers it, as if it had always done.
        let Some(a) = self.hunt.get_mut(rung) else { return };
        a.ringing.retain(|phone| *phone != Phone::User(user));
        let (phase_a, left) = (a.phase, a.ringing.len());
        let Some(b) = self.hunt.get_mut(head) else { return };
        let phase_b = std::mem::replace(&mut b.phase, Phase::Deciding);
        b.ringing = SmallVec::from_elem(Phone::User(user), 1);
        let had_phones = matches!(phase_b, Phase::Ringing { .. });
        if !had_phones {
            self.hunt.usage_mut(group).take(now);
        }
        let until = match (phase_a, phase_b) {
            (_, Phase::Ringing { no_answer, until }) if left == 0 => {
                self.timers.cancel(no_answer);
                Some(until)
            }
            (_, Phase::Ringing { no_answer, .. }) => {
                self.timers.cancel(no_answer);
                None
            }
            (Phase::Ringing { .. } | Phase::Deciding | Phase::Waiting, Phase::Deciding | Phase::Waiting) => {
                None
            }
        };
        self.users[user.index()].call = Some(head_call);
        if let Some(tag) = self.call(head_call).map(|c| c.tag) {
            self.emit(now, Output::Ring { user, call: head_call, tag });
        }
        if let Some(state) = self.call_mut(head_call) {
            state.callee = Device::User(user);
        }
        let tag = self.call(rung_call).map(|c| c.tag);
        for &phone in &phones {
            self.users[phone.index()].call = Some(rung_call);
            if let (Some(tag), Some(a)) = (tag, self.hunt.get_mut(rung)) {
                a.ringing.push(Phone::User(phone));
                self.emit(now, Output::Ring { user: phone, call: rung_call, tag });
            }
        }
        self.after_swap(now, rung, until);
    }

    /// The call that lost its member rings on at the phones it took over, or waits.
    fn after_swap(&mut self, now: Instant, rung: GroupCallId, until: Option<Instant>) {
        let Some(call) = self.hunt.get(rung) else { return };
        let (call_id, group) = (call.call, call.group);
        let Phase::Ringing { no_answer, .. } = call.phase else { return };
        if call.ringing.is_empty() {
            self.timers.cancel(no_answer);
            self.hunt.usage_mut(group).give_back(now);
            if let Some(call) = self.hunt.get_mut(rung) {
                call.phase = Phase::Deciding;
            }
            self.hide_waiting(now, rung);
            if self.hunt.get(rung).is_some_and(|call| call.overflow == Overflow::Due) {
                self.overflow(rung);
            }
            self.wait_for_agent(now, rung);
            // The head may have rung at members elsewhere while others were free.
            return self.hunt.again.push_back(rung);
        }
        if let Some(until) = until {
            self.timers.cancel(no_answer);
            let no_answer = self.timers.arm(now, until.since(now), TimerKind::NoAnswer(call_id));
            if let Some(call) = self.hunt.get_mut(rung) {
                call.phase = Phase::Ringing { no_answer, until };
            }
        }
    }
}
