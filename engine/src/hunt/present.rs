//! A call to a hunt group is brought to its members: phones ring, are answered, are not (DOMAIN 4.2, 4.4).

use super::group_call::{GroupCall, Overflow, Phase, QueuePlace, Rang, Round};
use super::ring_mode;
use super::state::{GroupCallId, Key};
use crate::call::{Mailbox, Party, Stage};
use crate::cause::Cause;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::output::{Output, Resource};
use crate::plan::spec::{QueueType, RingMode};
use crate::smdr::Device;
use crate::system::{System, TimerKind};
use crate::time::Instant;
use crate::trace::{GroupStep, Step};
use smallvec::SmallVec;

/// What to do with a call that has nobody left to ring in its round.
enum Then {
    /// Members of the overflow groups ring too.
    Overflow,
    Wait,
    /// It has been round; it looks again once those who were freed have been served.
    LookAgain,
    Fail(Cause, Option<Resource>),
}

impl System {
    /// Starts hunting in `group`.
    pub(crate) fn hunt(&mut self, now: Instant, call: CallId, group: HuntGroupId) {
        let sequence = self.hunt.next_sequence();
        let Some(state) = self.call_mut(call) else { return };
        let key = Key::new(state.queue_priority, sequence);
        state.hunt_group = Some(group);
        let id = self.hunt.insert(GroupCall::new(call, group, key));
        if let Some(state) = self.call_mut(call) {
            state.stage = Stage::Hunting(id);
        }
        self.hunt.group_mut(group).pending.insert(key, id);
        self.arm_group_timers(now, id);
        self.hunt_on(now, id);
    }

    /// Rings the next members; if nobody is left, the call overflows, waits or ends.
    pub(super) fn hunt_on(&mut self, now: Instant, id: GroupCallId) {
        loop {
            if let Some(users) = self.next_to_ring(id) {
                return self.present(now, id, &users);
            }
            match self.round_is_over(id) {
                Then::Overflow => self.overflow(id),
                Then::Wait => return self.wait_for_agent(now, id),
                Then::LookAgain => {
                    self.wait_for_agent(now, id);
                    return self.hunt.again.push_back(id);
                }
                Then::Fail(cause, short_of) => return self.leave_unanswered(now, id, cause, short_of),
            }
        }
    }

    /// The members to ring next, in the group's own mode or that of the overflow group at hand.
    fn next_to_ring(&mut self, id: GroupCallId) -> Option<SmallVec<[UserId; 2]>> {
        let call = self.hunt.get(id)?;
        let (own, last) = (call.group, self.last_segment(call));
        let (mut segment, mut cursor) = (call.segment, call.cursor);
        let found = loop {
            let at = self.group_of_segment(own, segment)?;
            if segment == 0 && cursor == ring_mode::Cursor::Fresh && self.only_shows(own) {
                cursor = ring_mode::Cursor::All;
                break Some(SmallVec::new());
            }
            let plan = self.plan.hunt_group(at);
            let members = plan.members.len() as u16;
            if let Some((places, next)) =
                ring_mode::next(plan.ring_mode, self.hunt.group(at), members, cursor)
            {
                cursor = next;
                break Some(places.iter().map(|&place| plan.members[usize::from(place)]).collect());
            }
            if segment == last {
                break None;
            }
            (segment, cursor) = (segment + 1, ring_mode::Cursor::Fresh);
        };
        let call = self.hunt.get_mut(id)?;
        (call.segment, call.cursor) = (segment, cursor);
        found
    }

    pub(super) fn group_of_segment(&self, own: HuntGroupId, segment: u16) -> Option<HuntGroupId> {
        match usize::from(segment).checked_sub(1) {
            None => Some(own),
            Some(n) => self.plan.hunt_group(own).overflow.as_ref()?.groups.get(n).copied(),
        }
    }

    fn round_is_over(&self, id: GroupCallId) -> Then {
        let Some(call) = self.hunt.get(id) else { return Then::Wait };
        if self.overflows_now(call) {
            return Then::Overflow;
        }
        let plan = self.plan.hunt_group(call.group);
        if plan.queue.is_none() {
            return match call.rang {
                Rang::Once => Then::Fail(Cause::NO_ANSWER, None),
                Rang::Never => Then::Fail(Cause::USER_BUSY, Some(Resource::HuntGroup(call.group.0))),
            };
        }
        match (call.round, call.rang, call.place) {
            (Round::Rang, _, _) => Then::LookAgain,
            (Round::Silent, Rang::Never, QueuePlace::None) if !self.has_queue_place(call) => {
                Then::Fail(Cause::USER_BUSY, Some(Resource::Queue(call.group.0)))
            }
            (Round::Silent, _, _) => Then::Wait,
        }
    }

    /// Rings these idle phones for the group's no-answer time.
    fn present(&mut self, now: Instant, id: GroupCallId, users: &[UserId]) {
        let forwards = |&&user: &&UserId| self.settings(user).forward_unconditional;
        let forwarding = users.iter().find(forwards).copied();
        let phones: SmallVec<[UserId; 2]> = users.iter().filter(|user| !forwards(user)).copied().collect();
        if let (Some(user), true, Some(call)) = (forwarding, phones.is_empty(), self.hunt.get(id)) {
            let call = call.call;
            self.leave_group(now, id);
            return self.forward_group_call(now, call, user);
        }
        let users = phones.as_slice();
        self.stop_waiting_for_agent(now, id);
        let Some(call) = self.hunt.get(id) else { return };
        let (call_id, group) = (call.call, call.group);
        let time = self.plan.hunt_group(group).no_answer_time;
        let no_answer = self.timers.arm(now, time, TimerKind::NoAnswer(call_id));
        let Some(call) = self.hunt.get_mut(id) else { return };
        call.phase = Phase::Ringing { no_answer, until: now + time };
        (call.round, call.rang) = (Round::Rang, Rang::Once);
        self.hunt.usage_mut(group).take(now);
        self.trace.note(|| Step::Group { group, step: GroupStep::Rings(users.to_vec()) });
        for &user in users {
            self.ring_member(now, id, call_id, user);
        }
        self.show_waiting(now, id);
        self.alerting(now, call_id);
    }

    pub(super) fn ring_member(&mut self, now: Instant, id: GroupCallId, call: CallId, user: UserId) {
        debug_assert!(self.may_dial(user), "only a phone without an active call is rung");
        if let Some(group_call) = self.hunt.get_mut(id) {
            group_call.ringing.push(user);
        }
        let Some(state) = self.call_mut(call) else { return };
        state.callee = Device::User(user);
        let tag = state.tag;
        self.occupy(now, user, call);
        self.emit(now, Output::Ring { user, call, tag });
    }

    /// A phone stops ringing and is idle again. Its user's idle time goes on as if it had not rung.
    pub(super) fn stop_member(&mut self, now: Instant, call: CallId, user: UserId) {
        self.emit(now, Output::StopRinging { user, call });
        self.make_idle(now, user, call);
    }

    /// The phones of a call have rung for the no-answer time.
    pub(crate) fn group_does_not_answer(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        let (call_id, group) = (call.call, call.group);
        let ringing = std::mem::take(&mut call.ringing);
        call.phase = Phase::Deciding;
        self.hunt.usage_mut(group).give_back(now);
        for user in ringing {
            self.agent_let_it_ring(now, user, group, call_id);
            self.stop_member(now, call_id, user);
        }
        self.hide_waiting(now, id);
        if self.hunt.get(id).is_some_and(|call| call.overflow == Overflow::Due) {
            self.overflow(id);
        }
        self.hunt_on(now, id);
    }

    /// A member refuses the call that rings, or takes it off the display.
    pub(crate) fn member_refuses(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        let Some(place) = call.ringing.iter().position(|&u| u == user) else { return self.unexpected() };
        if call.ringing.len() == 1 {
            if let Phase::Ringing { no_answer, .. } = call.phase {
                self.timers.cancel(no_answer);
            }
            return self.group_does_not_answer(now, id);
        }
        call.ringing.remove(place);
        let (call_id, group) = (call.call, call.group);
        self.agent_let_it_ring(now, user, group, call_id);
        self.stop_member(now, call_id, user);
    }

    /// A member answers. What the member gets is the call that rings, or the head of the queue (DOMAIN 4.5).
    pub(crate) fn member_answers(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(call) = self.hunt.get(id) else { return self.unexpected() };
        if !call.ringing.contains(&user) {
            if call.shown.contains(&user) {
                return self.answer_shown(now, id, user);
            }
            return self.unexpected();
        }
        let head = self.head_for(call, user);
        if head == id {
            return self.give_to(now, id, user);
        }
        self.swap(now, id, head, user);
        self.give_to(now, head, user);
    }

    /// The call that a member who answers `call` gets.
    fn head_for(&self, call: &GroupCall, user: UserId) -> GroupCallId {
        let group = self.hunt.group(call.group);
        let own = group.pending.get(&call.key).copied();
        let head = group.pending.first_key_value().map(|(_, &head)| head);
        let on_answer =
            self.plan.hunt_group(call.group).queue.is_some_and(|q| q.queue_type == QueueType::AssignOnAnswer);
        let may_have = |head: &GroupCallId| {
            self.place_in(call.group, user).is_some()
                || self.hunt.get(*head).is_some_and(|head| head.overflow == Overflow::Done)
        };
        match (head.filter(|_| on_answer).filter(may_have), own) {
            (Some(head), _) => head,
            (None, Some(own)) => own,
            (None, None) => unreachable!("an unanswered call is among its group's"),
        }
    }

    /// The member who is rung for `rung` gets `head` instead: the phones that ring for the head ring on for the other.
    fn swap(&mut self, now: Instant, rung: GroupCallId, head: GroupCallId, user: UserId) {
        let (Some(a), Some(b)) = (self.hunt.get(rung), self.hunt.get(head)) else { return };
        let (rung_call, head_call, group) = (a.call, b.call, a.group);
        let phones: SmallVec<[UserId; 2]> = b.ringing.clone();
        self.emit(now, Output::StopRinging { user, call: rung_call });
        for &phone in &phones {
            self.emit(now, Output::StopRinging { user: phone, call: head_call });
        }
        self.stop_waiting_for_agent(now, head);
        // The head rings at the member who answers it, as if it had always done.
        let Some(a) = self.hunt.get_mut(rung) else { return };
        a.ringing.retain(|u| *u != user);
        let (phase_a, left) = (a.phase, a.ringing.len());
        let Some(b) = self.hunt.get_mut(head) else { return };
        let phase_b = std::mem::replace(&mut b.phase, Phase::Deciding);
        b.ringing = SmallVec::from_elem(user, 1);
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
        self.users[user.index()] = Some(head_call);
        if let Some(tag) = self.call(head_call).map(|c| c.tag) {
            self.emit(now, Output::Ring { user, call: head_call, tag });
        }
        if let Some(state) = self.call_mut(head_call) {
            state.callee = Device::User(user);
        }
        let tag = self.call(rung_call).map(|c| c.tag);
        for &phone in &phones {
            self.users[phone.index()] = Some(rung_call);
            if let (Some(tag), Some(a)) = (tag, self.hunt.get_mut(rung)) {
                a.ringing.push(phone);
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
            return self.wait_for_agent(now, rung);
        }
        if let Some(until) = until {
            self.timers.cancel(no_answer);
            let no_answer = self.timers.arm(now, until.since(now), TimerKind::NoAnswer(call_id));
            if let Some(call) = self.hunt.get_mut(rung) {
                call.phase = Phase::Ringing { no_answer, until };
            }
        }
    }

    /// Puts a call through to a member at whose phone it rings; the other phones stop.
    pub(super) fn give_to(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(call) = self.hunt.get(id) else { return };
        let (phase, group) = (call.phase, call.group);
        let Some(media) = self.take_media(now, call.call, Party::User(user)) else {
            // A call that has just been given this phone was counted, but does not ring on its own.
            if phase == Phase::Deciding {
                self.hunt.usage_mut(group).give_back(now);
            }
            return;
        };
        self.hide_waiting(now, id);
        let Some(call) = self.take_out(now, id) else { return };
        for &other in call.ringing.iter().filter(|&&u| u != user) {
            self.stop_member(now, call.call, other);
        }
        if let Some(at) = self.group_of_segment(call.group, call.segment)
            && let Some(place) = self.place_in(at, user)
        {
            self.hunt.group_mut(at).last_answered = Some(place);
        } else if let Some(place) = self.place_in(call.group, user) {
            self.hunt.group_mut(call.group).last_answered = Some(place);
        }
        if let Some(state) = self.call_mut(call.call) {
            state.callee = Device::User(user);
        }
        self.connect(now, call.call, Party::User(user), media);
    }

    /// Takes an unanswered call out of all queues and disarms its timers.
    fn take_out(&mut self, now: Instant, id: GroupCallId) -> Option<GroupCall> {
        self.stop_waiting_for_agent(now, id);
        let call = self.hunt.remove(id)?;
        for timer in call.timers() {
            self.timers.cancel(timer);
        }
        let group = self.hunt.group_mut(call.group);
        group.pending.remove(&call.key);
        group.overflowed -= u32::from(call.overflow == Overflow::Done);
        Some(call)
    }

    /// Takes a call out of its group while its caller is released or sent on.
    pub(crate) fn leave_group(&mut self, now: Instant, id: GroupCallId) {
        self.hide_waiting(now, id);
        let Some(call) = self.take_out(now, id) else { return };
        if matches!(call.phase, Phase::Ringing { .. }) {
            self.hunt.usage_mut(call.group).give_back(now);
        }
        for &user in &call.ringing {
            self.stop_member(now, call.call, user);
        }
    }

    /// A call that the group cannot answer ends, or goes where busy calls go.
    fn leave_unanswered(&mut self, now: Instant, id: GroupCallId, cause: Cause, short_of: Option<Resource>) {
        let Some((call, group)) = self.hunt.get(id).map(|c| (c.call, c.group)) else { return };
        self.leave_group(now, id);
        if let Some(state) = self.call_mut(call) {
            state.stage = Stage::Routing;
        }
        if self.send_to_mailbox_of_group(now, call, group) == Mailbox::Yes {
            return;
        }
        match short_of {
            Some(Resource::Queue(_)) => self.hunt.group_mut(group).queue.blocked += 1,
            Some(_) => self.hunt.usage_mut(group).blocked += 1,
            None => {}
        }
        let Some(state) = self.call_mut(call) else { return };
        if cause == Cause::USER_BUSY {
            // It was never one of the group's, whatever becomes of it.
            state.hunt_group = None;
        }
        self.trace.note(|| Step::Group { group, step: GroupStep::Full });
        self.fail(now, call, cause, short_of);
    }

    /// A call has been with its group for the voicemail answer time: it goes to the mailbox.
    pub(crate) fn voicemail_answers(&mut self, now: Instant, id: GroupCallId) {
        let Some(group_call) = self.hunt.get_mut(id) else { return };
        group_call.voicemail = None;
        let (call, group) = (group_call.call, group_call.group);
        self.leave_group(now, id);
        if let Some(state) = self.call_mut(call) {
            state.stage = Stage::Routing;
        }
        if self.send_to_mailbox_of_group(now, call, group) == Mailbox::No {
            debug_assert!(false, "the timer is armed only where there is a mailbox");
            self.fail(now, call, Cause::NO_ANSWER, None);
        }
    }

    pub(super) fn arm_voicemail(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let plan = self.plan.hunt_group(call.group);
        let Some(time) = plan.voicemail_answer_time else { return };
        if plan.voicemail && !self.plan.voicemail_on.is_empty() {
            let timer = self.timers.arm(now, time, TimerKind::VoicemailAnswer(call.call));
            if let Some(call) = self.hunt.get_mut(id) {
                call.voicemail = Some(timer);
            }
        }
    }

    /// The phones that a call was shown on have all gone: it rings nowhere.
    pub(super) fn shown_nowhere(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        if let Phase::Ringing { no_answer, .. } = call.phase
            && call.ringing.is_empty()
            && call.shown.is_empty()
        {
            self.timers.cancel(no_answer);
            self.group_does_not_answer(now, id);
        }
    }

    /// Whether a group's busy members see calls waiting.
    pub(super) fn shows_waiting(&self, group: HuntGroupId) -> bool {
        self.plan.hunt_group(group).ring_mode == RingMode::CollectiveCallWaiting
    }

    /// Whether no member of a group is available, but a busy one can be shown the call.
    fn only_shows(&self, group: HuntGroupId) -> bool {
        self.shows_waiting(group)
            && self.hunt.group(group).available.next_from(0).is_none()
            && self.plan.hunt_group(group).members.iter().any(|&user| self.can_be_shown(group, user))
    }
}
