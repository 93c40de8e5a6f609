//! A call to a hunt group is brought to its members: phones ring, are answered, are not (DOMAIN 4.2, 4.4).

use super::group_call::{GroupCall, Overflow, Phase, Phone, QueuePlace, Rang, Round};
use super::ring_mode;
use super::state::{AgentId, GroupCallId, Key, Who};
use crate::call::{Mailbox, Party, Stage};
use crate::cause::Cause;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::limits::MAX_HOPS;
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::plan::Member;
use crate::plan::spec::RingMode;
use crate::smdr::Device;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
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

/// Whether the members that were to ring do.
enum Presented {
    Yes,
    /// All of them are on other systems, and no channel leads there.
    NoLine,
}

impl System {
    /// Starts hunting in `group`.
    pub(crate) fn hunt(&mut self, now: Instant, call: CallId, group: HuntGroupId) {
        let is_remote = |member: &Member| matches!(member, Member::Remote(_));
        let has_come_far = self.call(call).is_some_and(|call| call.hops >= MAX_HOPS);
        if has_come_far && self.plan.hunt_group(group).members.iter().any(is_remote) {
            return self.fail(now, call, Cause::EXCHANGE_ROUTING_ERROR, None);
        }
        let sequence = self.hunt.next_sequence();
        let Some(state) = self.call_mut(call) else { return };
        let key = Key::new(state.queue_priority, sequence);
        state.set_hunt_group(Some(group));
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
            if let Some(agents) = self.next_to_ring(id) {
                match self.present(now, id, &agents) {
                    Presented::Yes => return,
                    Presented::NoLine => continue,
                }
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
    fn next_to_ring(&mut self, id: GroupCallId) -> Option<SmallVec<[AgentId; 2]>> {
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
            let group = self.hunt.group(at);
            if let Some((places, next)) = ring_mode::next(plan.ring_mode, group, members, cursor) {
                cursor = next;
                break Some(places.iter().map(|&place| group.members[usize::from(place)]).collect());
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
    fn present(&mut self, now: Instant, id: GroupCallId, agents: &[AgentId]) -> Presented {
        let Some((call_id, group)) = self.hunt.get(id).map(|call| (call.call, call.group)) else {
            return Presented::Yes;
        };
        let mut forwarding = None;
        let mut phones: SmallVec<[Phone; 2]> = SmallVec::new();
        for &agent in agents {
            match self.hunt.agent(agent).who {
                Who::User(user) if self.settings(user).forward_unconditional => {
                    forwarding = forwarding.or(Some(user));
                }
                Who::User(user) => phones.push(Phone::User(user)),
                Who::Remote(_) => phones.extend(self.seize_leg(now, call_id, agent).map(Phone::Leg)),
            }
        }
        match (forwarding, phones.is_empty()) {
            (Some(user), true) => {
                self.leave_group(now, id);
                self.forward_group_call(now, call_id, user);
                return Presented::Yes;
            }
            (None, true) if !agents.is_empty() => return Presented::NoLine,
            (Some(_) | None, _) => {}
        }
        self.stop_waiting_for_agent(now, id);
        let time = self.plan.hunt_group(group).no_answer_time;
        let no_answer = self.timers.arm(now, time, TimerKind::NoAnswer(call_id));
        let Some(call) = self.hunt.get_mut(id) else { return Presented::Yes };
        call.phase = Phase::Ringing { no_answer, until: now + time };
        (call.round, call.rang) = (Round::Rang, Rang::Once);
        self.hunt.usage_mut(group).take(now);
        self.trace.note(|| Step::Group { group, step: GroupStep::Rings(self.numbers_of(agents)) });
        let rings_here = agents.is_empty() || phones.iter().any(|phone| matches!(phone, Phone::User(_)));
        for phone in phones {
            self.ring_member(now, id, (call_id, group), phone);
        }
        self.show_waiting(now, id);
        if rings_here {
            self.alerting(now, call_id);
        }
        Presented::Yes
    }

    fn numbers_of(&self, agents: &[AgentId]) -> Vec<Number> {
        let number = |&agent: &AgentId| match self.hunt.agent(agent).who {
            Who::User(user) => self.plan.user(user).extension,
            Who::Remote(remote) => remote.number,
        };
        agents.iter().map(number).collect()
    }

    /// Rings an idle phone for a call.
    pub(super) fn ring_member(
        &mut self,
        now: Instant,
        id: GroupCallId,
        (call, group): (CallId, HuntGroupId),
        phone: Phone,
    ) {
        if let Some(group_call) = self.hunt.get_mut(id) {
            group_call.ringing.push(phone);
        }
        match phone {
            Phone::User(user) => {
                debug_assert!(self.may_dial(user), "only a phone without an active call is rung");
                let Some(state) = self.call_mut(call) else { return };
                state.callee = Device::User(user);
                let tag = state.tag;
                self.occupy(now, user, call);
                self.emit(now, Output::Ring { user, call, tag });
            }
            Phone::Leg(leg) => self.ring_remote(now, call, group, leg),
        }
    }

    /// A phone stops ringing and is idle again. Its user's idle time goes on as if it had not rung.
    pub(super) fn stop_phone(&mut self, now: Instant, call: CallId, phone: Phone, cause: Cause) {
        match phone {
            Phone::User(user) => {
                self.emit(now, Output::StopRinging { user, call });
                self.make_idle(now, user, call);
            }
            Phone::Leg(leg) => self.stop_remote(now, call, leg, cause),
        }
    }

    /// The phones of a call have rung for the no-answer time.
    pub(crate) fn group_does_not_answer(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        let (call_id, group) = (call.call, call.group);
        let ringing = std::mem::take(&mut call.ringing);
        call.phase = Phase::Deciding;
        for phone in ringing {
            self.let_it_ring(now, group, call_id, phone);
        }
        self.rings_no_more(now, id);
    }

    /// Stops a phone at which nobody has answered.
    fn let_it_ring(&mut self, now: Instant, group: HuntGroupId, call: CallId, phone: Phone) {
        if let (Phone::User(user), Some(status)) = (phone, self.status_if_unanswered(group, call)) {
            self.agent_let_it_ring(now, user, status);
        }
        self.stop_phone(now, call, phone, Cause::NO_ANSWER);
    }

    /// A member refuses the call that rings, or takes it off the display.
    pub(crate) fn member_refuses(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(call) = self.hunt.get_mut(id) else { return };
        let phone = Phone::User(user);
        let Some(place) = call.ringing.iter().position(|&p| p == phone) else { return self.unexpected() };
        if call.ringing.len() == 1 {
            if let Phase::Ringing { no_answer, .. } = call.phase {
                self.timers.cancel(no_answer);
            }
            return self.group_does_not_answer(now, id);
        }
        call.ringing.remove(place);
        let (call_id, group) = (call.call, call.group);
        self.let_it_ring(now, group, call_id, phone);
    }

    /// A member answers. What the member gets is the call that rings, or the head of the queue (DOMAIN 4.5).
    pub(crate) fn member_answers(&mut self, now: Instant, id: GroupCallId, user: UserId) {
        let Some(call) = self.hunt.get(id) else { return self.unexpected() };
        if !call.ringing.contains(&Phone::User(user)) {
            if call.shown.contains(&user) {
                return self.answer_shown(now, id, user);
            }
            return self.unexpected();
        }
        let head = self.head_for(call, user);
        if head == id {
            return self.give_to(now, id, Phone::User(user));
        }
        self.swap(now, id, head, user);
        self.give_to(now, head, Phone::User(user));
    }

    /// Puts a call through to a member at whose phone it rings; the other phones stop.
    pub(super) fn give_to(&mut self, now: Instant, id: GroupCallId, phone: Phone) {
        let Some(call) = self.hunt.get(id) else { return };
        let (phase, group) = (call.phase, call.group);
        let (party, agent) = match phone {
            Phone::User(user) => (Party::User(user), self.hunt.agent_of(user)),
            Phone::Leg(leg) => (leg.party(), Some(leg.agent)),
        };
        let Some(media) = self.take_media(now, call.call, party) else {
            // A call that has just been given this phone was counted, but does not ring on its own.
            if phase == Phase::Deciding {
                self.hunt.usage_mut(group).give_back(now);
            }
            return;
        };
        self.hide_waiting(now, id);
        let Some(call) = self.take_out(now, id) else { return };
        for &other in call.ringing.iter().filter(|&&p| p != phone) {
            self.stop_phone(now, call.call, other, Cause::NORMAL_CLEARING);
        }
        if let Some(agent) = agent {
            self.agent_answered(&call, agent);
        }
        if let Some(state) = self.call_mut(call.call) {
            state.callee = party.device();
        }
        self.connect(now, call.call, party, media);
    }

    /// Rotary groups go on behind whoever answered last.
    fn agent_answered(&mut self, call: &GroupCall, agent: AgentId) {
        self.member_is_talking(agent);
        let at = self.group_of_segment(call.group, call.segment);
        for group in at.into_iter().chain([call.group]) {
            if let Some(place) = self.place_in(group, agent) {
                self.hunt.group_mut(group).last_answered = Some(place);
                return;
            }
        }
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
        for &phone in &call.ringing {
            self.stop_phone(now, call.call, phone, Cause::NORMAL_CLEARING);
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
            state.set_hunt_group(None);
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
        if plan.voicemail && self.plan.voicemail_on.is_some() {
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
            self.rings_no_more(now, id);
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
            && self.hunt.group(group).members.iter().any(|&agent| self.can_be_shown(group, agent).is_some())
    }
}
