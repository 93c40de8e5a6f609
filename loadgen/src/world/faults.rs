//! What fails, and what the calls make of it: phones and trunks go on by themselves where their system is gone.

use super::arrivals::{Arrival, Carried};
use super::attempt::{CalleeSide, Caller, CallerSide, Ends, Leg, LegState};
use super::data_network::Change;
use super::happenings::{LineChange, RaisedAlarm};
use super::registering::Answer;
use super::seldom::Seldom;
use super::stopped::{Fault, Stopped};
use super::{Event, Outcome, World};
use engine::cause::Cause;
use engine::hint::{mostly, rarely};
use engine::id::{CallId, LineId, SystemId, Tag};
use engine::network::{Fate, NetworkInput, NetworkMessage, NetworkOutput};
use engine::time::{Duration, Instant};
use engine::{Input, Service};

/// Whether anything can fail in a run, so that systems must look after each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watch {
    /// Nothing can: no keep-alives, which would change nothing.
    Off,
    On,
}

/// Which party of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Caller,
    Callee,
}

/// Whether a system runs, and how often it has started before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) on: bool,
    pub(super) incarnation: u32,
    stopped: Stopped,
}

impl Life {
    /// It runs from the beginning.
    pub(super) const FIRST: Self = Self { on: true, incarnation: 0, stopped: Stopped::NO };
}

impl World<'_> {
    #[inline]
    pub(super) fn is_on(&self, system: SystemId) -> bool {
        self.lives.get(system.index()).is_none_or(|life| life.on)
    }

    /// A system starts at the beginning of a run in which something can fail.
    pub(super) fn first_start(&self, system: SystemId) -> (SystemId, Input) {
        let incarnation = self.lives[system.index()].incarnation;
        (system, Input::Network(NetworkInput::Start { incarnation }))
    }

    /// A system stops, or starts if nothing else keeps it down; `None` if it goes on as it was.
    pub(super) fn power(
        &mut self,
        now: Instant,
        system: SystemId,
        fault: Fault,
    ) -> Option<(SystemId, Input)> {
        let life = self.lives.get_mut(system.index())?;
        let service = life.stopped.take(fault)?;
        life.on = service == Service::In;
        // The voicemail server starts with its system.
        self.mail.put_right(now, system);
        self.look_at_pairs(now);
        if service == Service::Out {
            self.phones.leave_desks(system);
            self.phones_look(now);
            return Some((system, Input::Network(NetworkInput::Stop)));
        }
        let life = self.lives.get_mut(system.index())?;
        life.incarnation += 1;
        let incarnation = life.incarnation;
        self.phones_look(now);
        self.reset_far_ends(system);
        for (n, trunk) in self.trunks_out[system.index()].iter().enumerate() {
            if trunk.service() == Service::Out {
                self.events.arm(now, Duration::ZERO, Event::StillOut { system, line: LineId::at(n) });
            }
        }
        Some((system, Input::Network(NetworkInput::Start { incarnation })))
    }

    pub(super) fn look_at_pairs(&mut self, now: Instant) {
        self.pairs.look(now, (&mut self.data, &self.network), &self.lives, &mut self.tally.resilience);
        self.mail_looks(now);
        self.licences_look(now);
        self.portal_looks(now);
    }

    /// The far ends of a system that has started anew have as many calls as are still going on without it.
    fn reset_far_ends(&mut self, system: SystemId) {
        let legs = self.attempts.with_ends().flat_map(|(tag, attempt, ends)| {
            let Caller { system, side } = attempt.caller(self.attempts.home(tag));
            let caller = Some((system, side));
            let callee = ends.callee.and_then(|leg| match leg.side {
                CalleeSide::Party(side) => Some((leg.system, side)),
                CalleeSide::Service => None,
            });
            [caller, callee].into_iter().flatten().map(move |(system, side)| (tag, system, side))
        });
        let held: Vec<(Tag, SystemId, CallerSide)> = legs.collect();
        for answer in self.callers.reset(system, &held) {
            self.events.cancel(answer);
        }
    }

    /// A data link is cut or restored: media of preserved calls is no longer heard, or is again.
    pub(super) fn link(&mut self, now: Instant, link: usize, up: bool) {
        self.data.change(link, if up { Change::Restored } else { Change::Cut });
        self.look_at_pairs(now);
        self.phones_look(now);
        let preserved = self.attempts.with_ends().filter(|(_, _, ends)| ends.preserved);
        let tags: Vec<Tag> = preserved.map(|(tag, _, _)| tag).collect();
        for tag in tags {
            self.tell_media(now, tag);
        }
    }

    /// Tells the systems that preserve a call whether its media is heard.
    fn tell_media(&mut self, now: Instant, tag: Tag) {
        let service = Service::when(self.is_heard(tag));
        let (Some(attempt), Some(ends)) = (self.attempts.get(tag), self.attempts.ends(tag)) else { return };
        let caller = attempt.call.map(|call| (self.attempts.home(tag), call, ends.caller));
        let callee = ends.callee.map(|leg| (leg.system, leg.call, leg.state));
        for (system, call, state) in [caller, callee].into_iter().flatten() {
            if state == LegState::Preserved {
                self.events.arm(now, Duration::ZERO, Event::Media { system, call, service });
            }
        }
    }

    /// Whether the parties of a call hear each other: the media goes straight from site to site.
    pub(super) fn is_heard(&mut self, tag: Tag) -> bool {
        let Some(callee) = self.attempts.ends(tag).and_then(|ends| ends.callee) else { return true };
        let Some(caller) = self.attempts.caller(tag) else { return true };
        let caller = self.site_of(caller.system, caller.side);
        let callee = match callee.side {
            CalleeSide::Party(side) => self.site_of(callee.system, side),
            CalleeSide::Service => self.data.site_of(callee.system),
        };
        let (Some(caller), Some(callee)) = (caller, callee) else { return true };
        self.data.between_sites(caller, callee).is_some()
    }

    pub(super) fn on_network(&mut self, now: Instant, system: SystemId, output: NetworkOutput) {
        match output {
            NetworkOutput::Say { line, message } => self.carry_word(now, system, line, message),
            NetworkOutput::Line { line, status } => {
                self.tally.happenings.line(LineChange { at: now, system, line, status });
            }
            NetworkOutput::Alarm { source, count } => {
                self.tally.happenings.alarm(RaisedAlarm { at: now, system, source, count });
            }
            NetworkOutput::Resilience(event) => {
                self.mail.note(&event);
                self.phones.note(system, &event);
                self.tally.resilience.note(now, event);
            }
            NetworkOutput::Registered { extension, phone, user } => {
                let incarnation = self.lives.get(system.index()).map_or(0, |life| life.incarnation);
                let answer = Answer::Registered { user, incarnation };
                self.answer_phone(now, system, (extension, Some(phone)), answer);
            }
            NetworkOutput::Address { extension } => {
                self.answer_phone(now, system, (extension, None), Answer::Address);
            }
            NetworkOutput::NotRegistered { extension, phone, why } => {
                self.answer_phone(now, system, (extension, Some(phone)), Answer::Refused(why));
            }
            NetworkOutput::GoHome { extension, .. } => {
                self.answer_phone(now, system, (extension, None), Answer::GoHome);
            }
            NetworkOutput::Preserved { call, tag } => self.on_preserved(now, system, call, tag),
            NetworkOutput::Orphaned { call, tag, fate } => self.on_orphaned(now, system, call, tag, fate),
        }
    }

    fn carry_word(&mut self, now: Instant, from: SystemId, line: LineId, message: NetworkMessage) {
        let Some(link) = self.network.open_link(from, line) else { return };
        let delay = if self.watch == Watch::Off { Some(link.delay) } else { self.packet(from, link.peer) };
        if let Some(delay) = delay {
            let (to, line, what) = (link.peer, link.peer_line, Carried::Word(message));
            self.send(&Arrival { due: now + delay, sent: now, from, to, line, what });
        }
    }

    /// How long a packet takes; `None` if it does not arrive.
    pub(super) fn packet(&mut self, from: SystemId, to: SystemId) -> Option<Duration> {
        let path = self.data.between(from, to)?;
        (path.arrives >= 1.0 || self.loss.unit() < path.arrives).then_some(path.delay)
    }

    /// A call on a system goes on without signalling.
    fn on_preserved(&mut self, now: Instant, system: SystemId, call: CallId, tag: Tag) {
        self.preserved.insert((system, call));
        if self.unheard.remove(&(system, call)).is_some() {
            return self.falls_silent(now, system, call, None);
        }
        let Some(attempt) = self.attempts.get(tag) else { return };
        let is_callers = self.attempts.home(tag) == system && attempt.call == Some(call);
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        if is_callers {
            ends.caller = LegState::Preserved;
        }
        if let Some(leg) = &mut ends.callee
            && leg.system == system
            && leg.call == call
        {
            leg.state = LegState::Preserved;
        }
        let alone = ends.callee.is_none();
        self.mark_preserved(now, tag);
        if alone {
            // The other party is gone already, and this one notices.
            self.caller_gives_up(now, tag);
        } else {
            self.tell_media(now, tag);
        }
    }

    fn mark_preserved(&mut self, now: Instant, tag: Tag) {
        if let Some(ends) = self.attempts.ends_mut(tag)
            && !std::mem::replace(&mut ends.preserved, true)
            && let Some(attempt) = self.attempts.get(tag)
        {
            self.tally.preserved(now, self.attempts.home(tag), attempt);
        }
    }

    /// The system of a call has stopped.
    fn on_orphaned(&mut self, now: Instant, system: SystemId, call: CallId, tag: Tag, fate: Fate) {
        self.preserved.remove(&(system, call));
        self.unheard.remove(&(system, call));
        let Some(attempt) = self.attempts.get(tag) else { return };
        let is_callers = self.attempts.home(tag) == system && attempt.call == Some(call);
        let answered = attempt.answered.is_some();
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        let callee = ends.callee.filter(|leg| leg.system == system && leg.call == call);
        if let (Some(_), Some(leg)) = (callee, &mut ends.callee) {
            leg.state = LegState::Orphaned;
        }
        match fate {
            Fate::GoesOn if is_callers || callee.is_some() => {
                if is_callers {
                    ends.caller = LegState::Orphaned;
                    self.forget_call(tag);
                }
                self.mark_preserved(now, tag);
            }
            // A system in between: its neighbours notice.
            Fate::GoesOn => {}
            Fate::Unanswered | Fate::Ends if is_callers => {
                self.forget_call(tag);
                self.hang_up_callee(now, tag);
                let outcome = if answered { Outcome::Dropped } else { Outcome::Failed };
                self.finish(now, tag, outcome, Cause::NETWORK_OUT_OF_ORDER);
            }
            Fate::Unanswered | Fate::Ends => {
                if let Some(leg) = callee {
                    ends.callee = None;
                    if let Some(event) = ends.ring_event.take() {
                        self.events.cancel(event);
                    }
                    self.leg_over(leg);
                }
                if fate == Fate::Ends && callee.is_some() {
                    self.caller_gives_up(now, tag);
                }
            }
        }
    }

    /// The caller's system does not have the call any more.
    fn forget_call(&mut self, tag: Tag) {
        if let Some(attempt) = self.attempts.get_mut(tag) {
            attempt.call = None;
        }
    }

    /// A phone or trunk that was called has come to rest by itself.
    fn leg_over(&mut self, leg: Leg) {
        match leg.side {
            CalleeSide::Party(CallerSide::User(user)) => {
                self.callers.phone_idle(leg.system, user);
            }
            CalleeSide::Party(CallerSide::Trunk(line)) => self.callers.trunk_freed(leg.system, line),
            CalleeSide::Service => {}
        }
    }

    /// The caller hears nobody any more and hangs up.
    pub(super) fn caller_gives_up(&mut self, now: Instant, tag: Tag) {
        let Some(attempt) = self.attempts.get(tag) else { return };
        if let (true, Some(call)) = (attempt.answered.is_some(), attempt.call) {
            let Caller { system, side } = attempt.caller(self.attempts.home(tag));
            self.finish(now, tag, Outcome::Dropped, Cause::NETWORK_OUT_OF_ORDER);
            self.will_put_down(now, (system, side), (call, 0), Whose::Caller);
        } else if attempt.answered.is_some() {
            self.finish(now, tag, Outcome::Dropped, Cause::NETWORK_OUT_OF_ORDER);
        }
    }

    /// The called party hangs up as well: the word of the caller's system may never arrive.
    pub(super) fn hang_up_callee(&mut self, now: Instant, tag: Tag) {
        let Some(attempt) = self.attempts.get(tag) else { return };
        let at_home = attempt.call.map(|_| self.attempts.home(tag));
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        let Some(leg) = ends.callee.filter(|leg| leg.answered && Some(leg.system) != at_home) else { return };
        ends.callee = None;
        self.leg_hangs_up(now, leg);
    }

    fn leg_hangs_up(&mut self, now: Instant, leg: Leg) {
        if leg.state == LegState::Orphaned {
            return self.leg_over(leg);
        }
        let Leg { system, side, call, nth, .. } = leg;
        let side = match side {
            CalleeSide::Party(side) => side,
            CalleeSide::Service => return self.falls_silent(now, system, call, None),
        };
        self.will_put_down(now, (system, side), (call, nth), Whose::Callee);
    }

    /// A party puts the phone down next, unless its system releases it before.
    pub(super) fn will_put_down(
        &mut self,
        now: Instant,
        (system, side): (SystemId, CallerSide),
        (call, nth): (CallId, u16),
        whose: Whose,
    ) {
        self.parting.push((system, call));
        self.arm_seldom(now, Duration::ZERO, Seldom::PutDown { system, side, call, nth, whose });
    }

    /// A phone rings for a call, it leaves on a trunk, or a service of the system answers it. Whoever has answered it elsewhere, and
    /// was lost, hangs up. Where nothing can fail nobody asks who was called.
    #[inline]
    pub(super) fn called(
        &mut self,
        now: Instant,
        tag: Tag,
        system: SystemId,
        side: CalleeSide,
        (call, nth): (CallId, u16),
    ) {
        if mostly(self.watch == Watch::Off) {
            return;
        }
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        let leg = Leg { system, side, call, nth, state: LegState::Signalled, answered: false };
        let before = ends.callee.replace(leg);
        if let Some(before) = before.filter(|leg| leg.answered) {
            self.leg_hangs_up(now, before);
        }
    }

    /// Whoever is called answers, one of several phones perhaps; the caller may never hear of it.
    #[inline]
    pub(super) fn callee_answers(&mut self, system: SystemId, call: CallId, by: Option<CallerSide>) {
        if rarely(self.watch == Watch::On)
            && let Some(tag) = self.attempt_of_leg(system, call)
            && let Some(Ends { callee: Some(leg), .. }) = self.attempts.ends_mut(tag)
        {
            leg.answered = true;
            leg.side = by.map_or(leg.side, CalleeSide::Party);
        }
    }

    /// A called party of a call that goes on without signalling has been released by its system: the caller notices.
    pub(super) fn callee_released(&mut self, now: Instant, tag: Tag) {
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        ends.callee = None;
        if ends.preserved {
            self.caller_gives_up(now, tag);
        }
    }

    /// Whose leg a trunk call is.
    pub(super) fn attempt_of_leg(&self, system: SystemId, call: CallId) -> Option<Tag> {
        let is_meant = |ends: &Ends| ends.callee.is_some_and(|leg| leg.system == system && leg.call == call);
        self.attempts.with_ends().find(|(_, _, ends)| is_meant(ends)).map(|(tag, _, _)| tag)
    }

    /// A party puts the phone down, unless its system has released it meanwhile.
    pub(super) fn part(
        &mut self,
        system: SystemId,
        side: CallerSide,
        (call, nth): (CallId, u16),
        whose: Whose,
    ) -> Option<(SystemId, Input)> {
        if !self.released(system, call) {
            return None;
        }
        if whose == Whose::Callee {
            let side = CalleeSide::Party(side);
            let leg = Leg { system, side, call, nth, state: LegState::Signalled, answered: true };
            self.leg_over(leg);
        }
        Some(Self::put_down(system, side, (call, nth)))
    }

    /// A system has released a party; whether that party was going to put the phone down.
    #[inline]
    pub(super) fn released(&mut self, system: SystemId, call: CallId) -> bool {
        let found = self.parting.iter().position(|&parting| parting == (system, call));
        found.map(|place| self.parting.swap_remove(place)).is_some()
    }

    /// What a party says that puts the phone down.
    pub(super) fn put_down(
        system: SystemId,
        side: CallerSide,
        (call, nth): (CallId, u16),
    ) -> (SystemId, Input) {
        let input = match side {
            CallerSide::User(user) => Input::HangUp { user, call },
            CallerSide::Trunk(_) => Input::TrunkRelease { call, attempt: nth, cause: Cause::NORMAL_CLEARING },
        };
        (system, input)
    }
}
