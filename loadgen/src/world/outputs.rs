//! What the world makes of everything that a system says.

use super::arrivals::{Arrival, Carried};
use super::attempt::{CalleeSide, CallerSide, Ends, Outcome};
use super::faults::Watch;
use super::seldom::Seldom;
use super::visits::Meant;
use super::{Event, Known, Reaction, SmdrSink, World};
use engine::hint::{mostly, rare, rarely};
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::VoicemailAccess;
use engine::smdr::{Answered, Device, SmdrRecord};
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use engine::{Output, Tone};

impl World<'_> {
    /// Takes notice of what `system` said at `now`.
    pub fn on_output(&mut self, now: Instant, system: SystemId, output: &Output, smdr: &mut dyn SmdrSink) {
        self.on_outputs(now, system, std::slice::from_ref(output), smdr);
    }

    /// Takes notice of all that `system` said at `now`, in order.
    pub fn on_outputs(
        &mut self,
        now: Instant,
        system: SystemId,
        outputs: &[Output],
        smdr: &mut dyn SmdrSink,
    ) {
        for output in outputs {
            self.notice(now, system, output, smdr);
        }
    }

    // Inlined, so that registers are saved once for all outputs.
    #[inline(always)]
    fn notice(&mut self, now: Instant, system: SystemId, output: &Output, smdr: &mut dyn SmdrSink) {
        match *output {
            Output::Accepted { tag, call } => {
                if let Some(attempt) = self.attempts.get_mut(tag) {
                    attempt.call = Some(call);
                }
            }
            Output::Refused { tag, cause, short_of: _ } => {
                self.finish(now, tag, Outcome::of_unanswered(cause), cause);
            }
            Output::Ring { user, call, tag } => self.on_ring(now, system, user, call, tag),
            // No phone of this world puts a call on hold, and nobody listens.
            Output::Left { .. } | Output::Denied { .. } => {}
            Output::HoldMusic { .. } | Output::MediaChanged { .. } | Output::Beep { .. } => {}
            Output::StopRinging { user, call } | Output::Disconnect { user, call, cause: _ } => {
                if matches!(output, Output::Disconnect { .. }) {
                    self.answering = None;
                }
                self.released(system, call);
                let (ringing, answer) = self.callers.phone_idle(system, user);
                if let Some(event) = answer {
                    self.events.cancel(event);
                }
                if rarely(self.watch == Watch::On) {
                    self.phone_released(now, user, ringing);
                }
            }
            Output::CallWaiting { .. } | Output::StopCallWaiting { .. } => {}
            Output::Tone { call, tag, tone } => self.on_tone(now, system, (call, tag), tone),
            Output::Voicemail { call, tag, access } => self.on_voicemail(now, system, (call, tag), access),
            Output::Conference { call, tag } => {
                self.called(now, tag, system, CalleeSide::Service, (call, 0));
            }
            Output::Alerting { call: _, tag } => self.on_alerting(now, tag),
            Output::Connected { call: _, tag } => self.on_connected(now, tag),
            Output::Released { call, tag, cause, short_of: _ } => {
                self.released(system, call);
                let answered = self.attempts.get(tag).is_some_and(|a| a.answered.is_some());
                let outcome = if answered { Outcome::Dropped } else { Outcome::of_unanswered(cause) };
                if rarely(self.watch == Watch::On) {
                    self.hang_up_callee(now, tag);
                }
                self.finish(now, tag, outcome, cause);
            }
            Output::TrunkSetup { channel, call, attempt: nth, tag, .. } => {
                self.on_trunk_setup(now, system, (channel.line, call, nth), tag);
            }
            // The far ends of trunks answer whatever a set-up says.
            Output::SetupField { .. } | Output::TrunkInformation { .. } | Output::Tones { .. } => {}
            Output::TrunkRelease { channel, call, .. } => {
                self.on_trunk_release(now, system, channel.line, call);
            }
            Output::Network(output) => self.on_network(now, system, output),
            Output::Peer { line, message } => self.carry(now, system, line, message),
            Output::Smdr(ref record) => self.on_record(now, system, record, smdr),
        }
    }

    // By themselves are those that few calls or few runs have: where all stand in one function, much is got ready for all of them that
    // the usual ones do not need.

    #[inline(never)]
    fn on_tone(&mut self, now: Instant, system: SystemId, (call, tag): (CallId, Tag), tone: Tone) {
        match tone {
            // Asked of the caller, who is here.
            Tone::AccountCode if self.attempts.home(tag) == system => {
                self.events.arm(now, Duration::ZERO, Event::EnterAccountCode { attempt: tag });
            }
            Tone::ConferencePin => {
                let enters = Seldom::EnterPin { system, call, attempt: tag };
                self.arm_seldom(now, Duration::ZERO, enters);
            }
            Tone::AccountCode
            | Tone::Dial
            | Tone::SecondaryDial
            | Tone::CampOn
            | Tone::Queued
            | Tone::FirstAnnouncement
            | Tone::SecondAnnouncement => {}
        }
    }

    #[inline(never)]
    fn on_voicemail(
        &mut self,
        now: Instant,
        system: SystemId,
        (call, tag): (CallId, Tag),
        access: VoicemailAccess,
    ) {
        self.answered_by_voicemail(now, system, tag, access);
        self.called(now, tag, system, CalleeSide::Service, (call, 0));
    }

    #[inline(never)]
    fn on_trunk_setup(
        &mut self,
        now: Instant,
        system: SystemId,
        (line, call, nth): (LineId, CallId, u16),
        tag: Tag,
    ) {
        self.callers.trunk_taken(system, line);
        self.called(now, tag, system, CalleeSide::Party(CallerSide::Trunk(line)), (call, nth));
        let rings = self.events.arm(now, Duration::ZERO, Event::TrunkAlerting { system, call, nth });
        if let Some(given_up) = self.far_ends.set_up(system, call, tag, rings) {
            self.events.cancel(given_up);
        }
    }

    #[inline(never)]
    fn on_trunk_release(&mut self, now: Instant, system: SystemId, line: LineId, call: CallId) {
        self.callers.trunk_freed(system, line);
        if let Some(given_up) = self.far_ends.over(system, call) {
            self.events.cancel(given_up);
        }
        self.released(system, call);
        if rarely(self.watch == Watch::On)
            && let Some(tag) = self.attempt_of_leg(system, call)
        {
            self.callee_released(now, tag);
        }
    }

    /// A phone that rang or talked for an attempt does so no more.
    #[cold]
    fn phone_released(&mut self, now: Instant, user: UserId, ringing: Option<Tag>) {
        // Of phones that ring together, only the one that answers is the called party.
        let whose = CalleeSide::Party(CallerSide::User(user));
        let is_callee = |ends: &Ends| ends.callee.is_some_and(|leg| leg.side == whose);
        if let Some(tag) = ringing
            && self.attempts.ends(tag).is_some_and(is_callee)
        {
            self.callee_released(now, tag);
        }
    }

    /// Takes notice of the record of a call that ended at `ended` by the clock of `system`.
    pub fn on_record(
        &mut self,
        ended: Instant,
        system: SystemId,
        record: &SmdrRecord,
        smdr: &mut dyn SmdrSink,
    ) {
        if rarely(self.watch == Watch::On) {
            self.watched_call_over(ended, system, record);
        }
        self.tally.record(ended, record);
        smdr.record(ended, system, record);
    }

    #[cold]
    fn watched_call_over(&mut self, ended: Instant, system: SystemId, record: &SmdrRecord) {
        self.preserved.remove(&(system, record.call));
        self.unheard.remove(&(system, record.call));
        if let Device::Voicemail(_) = record.callee {
            self.mailbox_changed(ended, system);
        }
        // Nobody tells a phone whose system takes it to be gone that its call is over: it hears nobody.
        if let Device::User(user) = record.callee
            && let Some(answer) = self.callers.call_over(system, user, record.tag)
        {
            self.events.cancel(answer);
        }
    }

    fn on_ring(&mut self, now: Instant, system: SystemId, user: UserId, call: CallId, tag: Tag) {
        self.called(now, tag, system, CalleeSide::Party(CallerSide::User(user)), (call, 0));
        let mut answer = None;
        let rings = mostly(self.watch == Watch::Off) || self.phone_reaches(system, user);
        let home = self.callers.home_of(system, user);
        if let Some(meant) = self.meant(system, tag)
            && meant.answer == Answered::Yes
            && rings
        {
            let after = match self.habits.react(home) {
                Reaction::AsPlanned => Some(meant.ring),
                Reaction::AnsweredAfter(time) => Some(time),
                Reaction::Ignored => None,
            };
            answer = after.map(|after| self.events.arm(now, after, Event::Answer { system, user, call }));
        }
        if rarely(self.watch == Watch::On)
            && let Some(ends) = self.attempts.ends_mut(tag)
        {
            ends.ring_event = answer.or(ends.ring_event);
        }
        if rarely(self.answering == Some((now, system, user))) {
            self.rings_in_the_hand(system, user, (call, tag), answer.take());
        }
        self.callers.phone_taken(home, tag, answer);
    }

    /// A phone rings for a call while its user answers another: the user is there already.
    #[cold]
    fn rings_in_the_hand(
        &mut self,
        system: SystemId,
        user: UserId,
        (call, tag): (CallId, Tag),
        answer: Option<TimerId>,
    ) {
        if let Some(answer) = answer {
            self.events.cancel(answer);
            if let Some(ends) = self.attempts.ends_mut(tag) {
                ends.ring_event = None;
            }
        }
        self.callee_answers(system, call, Some(CallerSide::User(user)));
    }

    /// Voicemail answers on a system: the caller learns that before the answer arrives.
    fn answered_by_voicemail(&mut self, now: Instant, system: SystemId, tag: Tag, access: VoicemailAccess) {
        let (from, to) = (system, self.attempts.home(tag));
        if self.known == Known::Everywhere || to == system {
            self.attempts.talk_at_voicemail(tag, access);
        } else if let Some(Meant { way, .. }) = self.visits.get(system, tag) {
            let (line, what) = (LineId::at(0), Carried::AtVoicemail { tag, access });
            self.arrivals.send(&Arrival { due: now + way, sent: now, from, to, line, what });
        }
    }

    fn on_alerting(&mut self, now: Instant, tag: Tag) {
        let Some((attempt, due)) = self.attempts.get_mut_with_due(tag) else { return };
        self.tally.alerting(now, attempt, due);
        if rarely(attempt.talk.is_none()) && attempt.hang_up_event.is_none() {
            attempt.hang_up_event =
                Some(self.events.arm(now, attempt.ring, Event::CallerHangsUp { attempt: tag }));
        }
    }

    #[cold]
    fn leg_answered(&mut self, tag: Tag) {
        let Some(ends) = self.attempts.ends_mut(tag) else { return };
        if let Some(leg) = &mut ends.callee {
            leg.answered = true;
        }
        if let Some(ring) = ends.ring_event.take() {
            self.events.cancel(ring);
        }
    }

    fn on_connected(&mut self, now: Instant, tag: Tag) {
        if rarely(self.watch == Watch::On) {
            self.leg_answered(tag);
        }
        let Some((attempt, due)) = self.attempts.get_mut_with_due(tag) else { return };
        attempt.answered = Some(now);
        if let Some(patience) = rare(attempt.hang_up_event.take()) {
            self.events.cancel(patience);
        }
        self.tally.answered(now, attempt, due);
        if let Some(talk) = attempt.talk {
            attempt.hang_up_event = Some(self.events.arm(now, talk, Event::CallerHangsUp { attempt: tag }));
        }
    }
}
