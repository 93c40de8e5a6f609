//! Everything around the systems: phones, trunk far ends, the network between systems, and the callers.
//!
//! The world is a sans-IO machine like the systems themselves: a driver asks [`World::next_deadline`], calls
//! [`World::fire`] at that time, gives the input it gets to the system named, and shows the world every output.

mod answering;
mod attempt;
mod callers;
mod data_network;
mod faults;
mod happenings;
mod network;
mod resilience;
mod tally;

pub use attempt::Outcome;
pub use callers::ResourceNow;
pub use happenings::{CallsHit, Happenings, LineChange, RaisedAlarm};
pub use network::Network;
pub use resilience::{Outage, ResilienceLog, TimedResilience};
pub use tally::Tally;

use crate::arrival::{PlannedCall, Schedule};
use crate::profile::{EventKind, LineEvent, Profile, TimedEvent};
use crate::random::{Purpose, RandomStream};
use answering::{Habits, Reaction};
use attempt::{Attempt, CallerSide, LegState};
use callers::Callers;
use data_network::{Change, DataNetwork};
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::{NetworkInput, NetworkMessage, PeerMessage};
use engine::plan::Plan;
use engine::slab::Slab;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use engine::timer::TimerQueue;
use engine::{Input, Output, Service, Tone};
use faults::{Life, Watch, Whose};
use resilience::Pairs;
use std::sync::Arc;

/// Where call records go.
pub trait SmdrSink {
    /// Takes the record of a call that ended at `now` on `system`.
    fn record(&mut self, now: Instant, system: SystemId, record: &SmdrRecord);
}

/// Takes records and drops them.
impl SmdrSink for () {
    fn record(&mut self, _: Instant, _: SystemId, _: &SmdrRecord) {}
}

/// Everything around the systems of one run.
pub struct World<'a> {
    schedule: Schedule<'a>,
    planned: Option<PlannedCall<'a>>,
    callers: Callers<'a>,
    habits: Habits,
    network: Network,
    attempts: Slab<Attempt>,
    events: TimerQueue<Event>,
    planned_events: &'a [TimedEvent],
    messages: Slab<(LineId, PeerMessage)>,
    words: Slab<(LineId, NetworkMessage)>,
    data: DataNetwork,
    loss: RandomStream,
    watch: Watch,
    pairs: Pairs,
    lives: Vec<Life>,
    /// Parties that are going to put the phone down.
    parting: Vec<(SystemId, CallId)>,
    tally: Tally,
}

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// A ringing phone is answered.
    Answer { system: SystemId, user: UserId, call: CallId },
    /// The far end of a trunk rings.
    TrunkAlerting { system: SystemId, call: CallId, nth: u16, attempt: Tag },
    /// The far end of a trunk answers.
    TrunkAnswer { system: SystemId, call: CallId, nth: u16 },
    /// The caller hangs up: after the talk, or because nobody answers.
    CallerHangsUp { attempt: Tag },
    /// The caller enters the account code that was asked for.
    EnterAccountCode { attempt: Tag },
    /// The caller enters the PIN that a conference has asked for.
    EnterPin { system: SystemId, call: CallId, attempt: Tag },
    /// Something that the profile has planned, by its place there.
    Planned { event: u32 },
    /// A word about the network arrives over an IP Office line.
    Word { system: SystemId, word: (u32, u32) },
    /// A system has finished starting, at the beginning of the run.
    Start { system: SystemId },
    /// A party puts the phone down.
    PutDown { system: SystemId, side: CallerSide, call: CallId, nth: u16, whose: Whose },
    /// Media of a preserved call is heard or not.
    Media { system: SystemId, call: CallId, attempt: Tag, service: Service },
    /// A message arrives over an IP Office line.
    Deliver { system: SystemId, message: (u32, u32) },
}

impl<'a> World<'a> {
    /// The world of `profile` around systems with these plans.
    #[must_use]
    pub fn new(profile: &'a Profile, plans: &[Arc<Plan>]) -> Self {
        let network = Network::new(&profile.solution, plans);
        let mut schedule = Schedule::new(&profile.load);
        let fixed = profile.load.streams.iter().flat_map(|s| [s.ring.fixed(), s.talk.fixed()]).flatten();
        let durations = [Duration::ZERO].into_iter().chain(fixed).chain(network.delays());
        let mut events = TimerQueue::new(durations);
        let data = DataNetwork::new(&profile.solution);
        let watched = data.is_lossy() || profile.load.events.iter().any(|e| e.what.is_noticed_by_silence());
        let watch = if watched { Watch::On } else { Watch::Off };
        if watched {
            for system in (0..plans.len()).map(SystemId::at) {
                events.arm(Instant::ZERO, Duration::ZERO, Event::Start { system });
            }
        }
        for (n, event) in (0..).zip(&profile.load.events) {
            events.arm(Instant::ZERO, profile.load.warm_up + event.at, Event::Planned { event: n });
        }
        Self {
            planned: schedule.next(),
            schedule,
            callers: Callers::new(&profile.load, plans),
            habits: Habits::new(&profile.load),
            attempts: Slab::new(),
            events,
            planned_events: &profile.load.events,
            network,
            messages: Slab::new(),
            words: Slab::new(),
            data,
            loss: RandomStream::new(profile.load.seed, "data network", Purpose::Loss),
            watch,
            pairs: Pairs::new(plans),
            lives: vec![Life { on: true, incarnation: 0 }; plans.len()],
            parting: Vec::new(),
            tally: Tally::new(&profile.load),
        }
    }

    /// When [`Self::fire`] is due next; `None` if nothing is going to happen any more.
    #[must_use]
    #[inline]
    pub fn next_deadline(&self) -> Option<Instant> {
        let next = self.next_event().min(self.next_planned());
        (next < Instant::MAX).then_some(next)
    }

    #[inline]
    fn next_event(&self) -> Instant {
        self.events.next_deadline().unwrap_or(Instant::MAX)
    }

    #[inline]
    fn next_planned(&self) -> Instant {
        self.planned.as_ref().map_or(Instant::MAX, |planned| planned.at)
    }

    /// When the next call is due to be placed.
    #[must_use]
    pub fn next_call(&self) -> Option<Instant> {
        self.planned.as_ref().map(|p| p.at)
    }

    /// Lets the next thing happen that is due at `now`; the input it means to a system, if any. Events that have
    /// been waiting come before new calls.
    #[inline]
    pub fn fire(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        if self.next_event() <= self.next_planned() {
            let (_, event) = self.events.pop_due(now)?;
            let (system, input) = self.happen(now, event)?;
            // A system that does not run hears nothing but that it starts or stops.
            let heard = self.is_on(system) || matches!(input, Input::Network(_));
            return heard.then_some((system, input));
        }
        if self.next_planned() > now {
            return None;
        }
        let placed = self.place(now);
        self.planned = self.schedule.next();
        placed
    }

    /// Places the call that is planned next; `None` if nobody is free to place it.
    fn place(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        let planned = self.planned.as_ref()?;
        let measured = self.tally.plan(planned.at);
        let Some(choice) = self.callers.choose(planned) else {
            self.tally.not_started(measured);
            return None;
        };
        self.tally.start(now, measured, planned);
        let (index, generation) = self.attempts.insert(Attempt::new(now, planned, choice.caller, measured));
        let tag = tag(index, generation);
        self.callers.caller_begins(choice.caller, tag);
        if let (Some(patience), Some(attempt)) = (planned.patience, get(&mut self.attempts, tag)) {
            attempt.hang_up_event =
                Some(self.events.arm(now, patience, Event::CallerHangsUp { attempt: tag }));
        }
        if !self.is_on(choice.system) {
            self.finish(now, tag, Outcome::Failed, Cause::NETWORK_OUT_OF_ORDER);
            return None;
        }
        Some((choice.system, choice.input(tag)))
    }

    fn happen(&mut self, now: Instant, event: Event) -> Option<(SystemId, Input)> {
        match event {
            Event::Answer { system, user, call } => {
                self.callee_answers(system, call, Some(CallerSide::User(user)));
                Some((system, Input::Answer { user, call }))
            }
            Event::TrunkAlerting { system, call, nth, attempt } => {
                if let Some(a) = get(&mut self.attempts, attempt)
                    && a.talk.is_some()
                {
                    let answer = Event::TrunkAnswer { system, call, nth };
                    if let Some(given_up) = a.ring_event.replace(self.events.arm(now, a.ring, answer)) {
                        self.events.cancel(given_up);
                    }
                }
                Some((system, Input::TrunkAlerting { call, attempt: nth }))
            }
            Event::TrunkAnswer { system, call, nth } => {
                self.callee_answers(system, call, None);
                Some((system, Input::TrunkAnswer { call, attempt: nth }))
            }
            Event::CallerHangsUp { attempt } => self.caller_hangs_up(now, attempt),
            Event::EnterAccountCode { attempt } => self.account_code(attempt),
            Event::EnterPin { system, call, attempt } => self.pin(system, call, attempt),
            Event::Planned { event } => self.planned(now, event),
            Event::Start { system } => self.is_on(system).then(|| self.first_start(system)),
            Event::PutDown { system, side, call, nth, whose } => self.part(system, side, (call, nth), whose),
            Event::Media { system, call, attempt, service } => {
                get(&mut self.attempts, attempt)?;
                let media = NetworkInput::Media { call, service };
                self.is_on(system).then_some((system, Input::Network(media)))
            }
            Event::Word { system, word: (index, generation) } => {
                let (line, message) = self.words.remove(index, generation)?;
                let word = NetworkInput::Heard { line, message };
                self.is_on(system).then_some((system, Input::Network(word)))
            }
            Event::Deliver { system, message: (index, generation) } => {
                let (line, message) = self.messages.remove(index, generation)?;
                Some((system, Input::Peer { line, message }))
            }
        }
    }

    fn planned(&mut self, now: Instant, event: u32) -> Option<(SystemId, Input)> {
        let what = self.planned_events.get(event as usize)?.what;
        match what {
            EventKind::Power { system, on } => self.power(now, system, on),
            EventKind::Link { link, up } => {
                self.link(now, link, up);
                None
            }
            EventKind::Line { system, line, becomes } => {
                let service = match becomes {
                    LineEvent::InService => Service::In,
                    LineEvent::OutOfService | LineEvent::Lost => Service::Out,
                };
                self.callers.trunk_service(system, line, service);
                planned(what)
            }
            EventKind::IpOfficeLine { system, line, up } => {
                self.network.change(system, line, if up { Change::Restored } else { Change::Cut });
                self.look_at_pairs(now);
                None
            }
            EventKind::Voicemail { system, .. } => planned(what).filter(|_| self.is_on(system)),
            EventKind::Dial { .. } => planned(what),
        }
    }

    /// The caller enters the stream's account code; one who has none lets the system wait.
    fn account_code(&mut self, tag: Tag) -> Option<(SystemId, Input)> {
        let attempt = get(&mut self.attempts, tag)?;
        let (caller, call) = (attempt.caller, attempt.call?);
        let CallerSide::User(user) = caller.side else { return None };
        let code = self.callers.account_code(attempt.stream)?;
        Some((caller.system, Input::AccountCode { user, call, code }))
    }

    /// The caller enters the stream's PIN for the system that has asked; one who has none lets it wait.
    fn pin(&mut self, system: SystemId, call: CallId, tag: Tag) -> Option<(SystemId, Input)> {
        let attempt = get(&mut self.attempts, tag)?;
        let pin = self.callers.pin(attempt.stream)?;
        self.is_on(system).then_some((system, Input::ConferencePin { call, pin }))
    }

    fn caller_hangs_up(&mut self, now: Instant, tag: Tag) -> Option<(SystemId, Input)> {
        let attempt = get(&mut self.attempts, tag)?;
        attempt.hang_up_event = None;
        let (caller, call) = (attempt.caller, attempt.call);
        if call.is_none() && attempt.caller_leg != LegState::Orphaned {
            return None;
        }
        let answered = attempt.answered.is_some();
        let mut outcome = if answered { Outcome::Completed } else { Outcome::Abandoned };
        if self.watch == Watch::On {
            let attempt = *attempt;
            if answered && !self.is_heard(&attempt) {
                outcome = Outcome::Dropped;
            }
            self.hang_up_callee(now, tag);
        }
        self.finish(now, tag, outcome, Cause::NORMAL_CLEARING);
        Some(Self::put_down(caller.system, caller.side, (call?, 0)))
    }

    /// Takes notice of what `system` said at `now`.
    pub fn on_output(&mut self, now: Instant, system: SystemId, output: &Output, smdr: &mut dyn SmdrSink) {
        match *output {
            Output::Accepted { tag, call } => {
                if let Some(attempt) = get(&mut self.attempts, tag) {
                    attempt.call = Some(call);
                }
            }
            Output::Refused { tag, cause, short_of: _ } => {
                self.finish(now, tag, Outcome::of_unanswered(cause), cause);
            }
            Output::Ring { user, call, tag } => self.on_ring(now, system, user, call, tag),
            // No phone of this world puts a call on hold, and nobody listens.
            Output::Left { .. } | Output::Denied { .. } => {}
            Output::HoldMusic { .. } | Output::Beep { .. } => {}
            Output::StopRinging { user, call } | Output::Disconnect { user, call, cause: _ } => {
                self.released(system, call);
                let (ringing, answer) = self.callers.phone_idle(system, user);
                if let Some(event) = answer {
                    self.events.cancel(event);
                }
                // Of phones that ring together, only the one that answers is the called party.
                let is_callee =
                    |a: &mut Attempt| a.callee.is_some_and(|leg| leg.side == CallerSide::User(user));
                if self.watch == Watch::On
                    && let Some(tag) = ringing
                    && get(&mut self.attempts, tag).is_some_and(is_callee)
                {
                    self.callee_released(now, tag);
                }
            }
            Output::CallWaiting { .. } | Output::StopCallWaiting { .. } => {}
            Output::Tone { call, tag, tone } => {
                let asked = match tone {
                    Tone::AccountCode => Event::EnterAccountCode { attempt: tag },
                    Tone::ConferencePin => Event::EnterPin { system, call, attempt: tag },
                    Tone::Dial
                    | Tone::SecondaryDial
                    | Tone::CampOn
                    | Tone::Queued
                    | Tone::FirstAnnouncement
                    | Tone::SecondAnnouncement => return,
                };
                self.events.arm(now, Duration::ZERO, asked);
            }
            Output::Voicemail { call: _, tag, access } => {
                if let Some(attempt) = get(&mut self.attempts, tag) {
                    attempt.talk_at_voicemail(access);
                }
            }
            Output::Alerting { call: _, tag } => self.on_alerting(now, tag),
            Output::Connected { call: _, tag } => self.on_connected(now, tag),
            Output::Released { call, tag, cause, short_of: _ } => {
                self.released(system, call);
                let answered = get(&mut self.attempts, tag).is_some_and(|a| a.answered.is_some());
                let outcome = if answered { Outcome::Dropped } else { Outcome::of_unanswered(cause) };
                if self.watch == Watch::On {
                    self.hang_up_callee(now, tag);
                }
                self.finish(now, tag, outcome, cause);
            }
            Output::TrunkSetup { channel, call, attempt: nth, tag, .. } => {
                self.callers.trunk_taken(system, channel.line);
                self.called(now, tag, system, CallerSide::Trunk(channel.line), (call, nth));
                self.events.arm(
                    now,
                    Duration::ZERO,
                    Event::TrunkAlerting { system, call, nth, attempt: tag },
                );
            }
            // The far ends of trunks answer whatever a set-up says.
            Output::SetupField { .. } | Output::TrunkInformation { .. } | Output::Tones { .. } => {}
            Output::TrunkRelease { channel, call, .. } => {
                self.callers.trunk_freed(system, channel.line);
                self.released(system, call);
                if self.watch == Watch::On
                    && let Some(tag) = self.attempt_of_leg(system, call)
                {
                    self.callee_released(now, tag);
                }
            }
            Output::Network(output) => self.on_network(now, system, output),
            Output::Peer { line, message } => self.carry(now, system, line, message),
            Output::Smdr(ref record) => self.on_record(now, system, record, smdr),
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
        self.tally.record(ended, record);
        smdr.record(ended, system, record);
    }

    fn on_ring(&mut self, now: Instant, system: SystemId, user: UserId, call: CallId, tag: Tag) {
        self.called(now, tag, system, CallerSide::User(user), (call, 0));
        let mut answer = None;
        if let Some(attempt) = get(&mut self.attempts, tag)
            && attempt.talk.is_some()
        {
            let after = match self.habits.react(system, user) {
                Reaction::AsPlanned => Some(attempt.ring),
                Reaction::AnsweredAfter(time) => Some(time),
                Reaction::Ignored => None,
            };
            answer = after.map(|after| self.events.arm(now, after, Event::Answer { system, user, call }));
            attempt.ring_event = answer.or(attempt.ring_event);
        }
        self.callers.phone_taken(system, user, tag, answer);
    }

    fn on_alerting(&mut self, now: Instant, tag: Tag) {
        let Some(attempt) = get(&mut self.attempts, tag) else { return };
        self.tally.alerting(now, attempt);
        if attempt.talk.is_none() && attempt.hang_up_event.is_none() {
            attempt.hang_up_event =
                Some(self.events.arm(now, attempt.ring, Event::CallerHangsUp { attempt: tag }));
        }
    }

    fn on_connected(&mut self, now: Instant, tag: Tag) {
        let Some(attempt) = get(&mut self.attempts, tag) else { return };
        attempt.answered = Some(now);
        if let Some(leg) = &mut attempt.callee {
            leg.answered = true;
        }
        if let Some(ring) = attempt.ring_event.take() {
            self.events.cancel(ring);
        }
        if let Some(patience) = attempt.hang_up_event.take() {
            self.events.cancel(patience);
        }
        self.tally.answered(now, attempt);
        if let Some(talk) = attempt.talk {
            attempt.hang_up_event = Some(self.events.arm(now, talk, Event::CallerHangsUp { attempt: tag }));
        }
    }

    /// A call that nobody was to answer was answered, as only a system of somebody else's does: the caller hangs up.
    pub fn end_unmeant(&mut self, now: Instant, tag: Tag) {
        if let Some(attempt) = get(&mut self.attempts, tag)
            && attempt.talk.is_none()
            && attempt.hang_up_event.is_none()
        {
            let hangs_up = Event::CallerHangsUp { attempt: tag };
            attempt.hang_up_event = Some(self.events.arm(now, Duration::ZERO, hangs_up));
        }
    }

    /// Carries a message to the system at the other end of a line.
    fn carry(&mut self, now: Instant, from: SystemId, line: LineId, message: PeerMessage) {
        let Some(link) = self.network.open_link(from, line) else { return };
        let Some(delay) = self.packet(from, link.peer) else { return };
        let (system, message) = (link.peer, self.messages.insert((link.peer_line, message)));
        self.events.arm(now, delay, Event::Deliver { system, message });
    }

    /// The attempt is over for the caller.
    fn finish(&mut self, now: Instant, tag: Tag, outcome: Outcome, cause: Cause) {
        let (index, generation) = parts(tag);
        let Some(attempt) = self.attempts.remove(index, generation) else { return };
        for event in [attempt.ring_event, attempt.hang_up_event].into_iter().flatten() {
            self.events.cancel(event);
        }
        self.callers.caller_idle(attempt.caller, tag);
        self.tally.finish(now, &attempt, outcome, cause);
    }

    /// Gives up the calls that were due before `end` and have not been placed: they count as not started.
    pub fn give_up_calls(&mut self, end: Instant) {
        while self.next_planned() < end {
            let planned = std::mem::replace(&mut self.planned, self.schedule.next());
            if let Some(planned) = planned {
                let measured = self.tally.plan(planned.at);
                self.tally.not_started(measured);
            }
        }
    }

    /// What the calls came to so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Use of trunks and phones at this moment, each with the place of its system.
    #[must_use]
    pub fn resources(&self) -> Vec<(usize, ResourceNow)> {
        self.callers.resources()
    }

    /// Ends the book-keeping at `now`: calls still in progress are counted as such.
    #[must_use]
    pub fn close(mut self, now: Instant) -> Tally {
        let open: Vec<Attempt> = self.attempts.iter().map(|(_, _, a)| *a).collect();
        self.tally.close(now, &open, self.messages.len());
        self.tally
    }
}

/// The tag of calls that are nobody's attempt.
const NO_ATTEMPT: Tag = tag(u32::MAX, u32::MAX);

/// What a planned event means to a system. A short code that is dialled is a call outside all counts.
const fn planned(what: EventKind) -> Option<(SystemId, Input)> {
    Some(match what {
        EventKind::Line { system, line, becomes } => {
            let input = match becomes {
                LineEvent::OutOfService => Input::LineService { line, service: Service::Out },
                LineEvent::InService => Input::LineService { line, service: Service::In },
                LineEvent::Lost => Input::LineLost { line },
            };
            (system, input)
        }
        EventKind::Dial { system, user, digits } => {
            (system, Input::Dial { user, number: digits, tag: NO_ATTEMPT })
        }
        EventKind::Voicemail { system, on } => {
            let service = if on { Service::In } else { Service::Out };
            (system, Input::Network(NetworkInput::Voicemail { service }))
        }
        EventKind::Power { .. } | EventKind::Link { .. } | EventKind::IpOfficeLine { .. } => return None,
    })
}

const fn tag(index: u32, generation: u32) -> Tag {
    Tag(((generation as u64) << 32) | index as u64)
}

const fn parts(tag: Tag) -> (u32, u32) {
    (tag.0 as u32, (tag.0 >> 32) as u32)
}

fn get(attempts: &mut Slab<Attempt>, tag: Tag) -> Option<&mut Attempt> {
    let (index, generation) = parts(tag);
    attempts.get_mut(index, generation)
}
