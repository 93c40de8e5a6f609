//! Everything around the systems: phones, trunk far ends, the network between systems, and the callers.
//!
//! The world is a sans-IO machine like the systems themselves: a driver asks [`World::next_deadline`], calls
//! [`World::fire`] at that time, gives the input it gets to the system named, and shows the world every output.

mod access;
mod answering;
mod attempt;
mod callers;
mod data_network;
mod dect;
mod faults;
mod happenings;
mod holding;
mod hosts;
mod licensing;
mod mail;
mod network;
mod outputs;
mod phones;
mod portal;
mod registering;
mod resilience;
mod stopped;
mod tally;

pub use attempt::Outcome;
pub use callers::ResourceNow;
pub use happenings::{CallsHit, Happenings, LineChange, RaisedAlarm};
pub use network::Network;
pub use resilience::{Outage, OutageOf, ResilienceLog, TimedResilience};
pub use tally::Tally;

use crate::arrival::{PlannedCall, Schedule};
use crate::profile::{EventKind, LineEvent, Profile, Stream, TimedEvent};
use crate::random::{Purpose, RandomStream};
use crate::solution::Hosting;
use answering::{Habits, Reaction};
use attempt::{Attempt, CallerSide, LegState};
use callers::Callers;
use data_network::{Change, DataNetwork};
use dect::{DectStep, DectSystems};
use engine::cause::Cause;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::{Leaves, MailSync, NetworkInput, NetworkMessage, PeerMessage};
use engine::plan::Plan;
use engine::slab::Slab;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use engine::timer::TimerQueue;
use engine::{Input, Service};
use faults::{Life, Watch, Whose};
use holding::AtHand;
use hosts::{ClusterStep, Host};
use licensing::Licensing;
use mail::{MailServers, MailStep, PairId};
use phones::{PhoneId, Phones};
use portal::{Portal, PortalStep};
use registering::{Answer, calls_from};
use resilience::Pairs;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use stopped::{Fault, Stopped};

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
    streams: &'a [Stream],
    planned_events: &'a [TimedEvent],
    messages: Slab<(LineId, PeerMessage)>,
    words: Slab<(LineId, NetworkMessage)>,
    data: DataNetwork,
    loss: RandomStream,
    watch: Watch,
    pairs: Pairs,
    phones: Phones,
    dect: DectSystems,
    mail: MailServers,
    hosting: Vec<Hosting>,
    hosts: Vec<Host>,
    /// By system and line.
    trunks_out: Vec<Vec<Stopped>>,
    licensing: Licensing,
    portal: Option<Portal>,
    /// Calls on systems that preserve them.
    preserved: HashSet<(SystemId, CallId)>,
    /// Calls whose parties have put the phone down unheard; and who that was, if a user.
    unheard: BTreeMap<(SystemId, CallId), Option<UserId>>,
    /// The phone that answered last, and when: a call that it is given at once instead of another of its group is answered too.
    answering: Option<(Instant, SystemId, UserId)>,
    lives: Vec<Life>,
    /// Calls that a user has on hold, by the user's home.
    on_hold: BTreeMap<(SystemId, UserId), AtHand>,
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
    /// A system that has started anew finds that a line is out of service.
    StillOut { system: SystemId, line: LineId },
    /// A party puts the phone down.
    PutDown { system: SystemId, side: CallerSide, call: CallId, nth: u16, whose: Whose },
    /// Media of a preserved call is heard or not.
    Media { system: SystemId, call: CallId, service: Service },
    /// A phone polls its system, or looks for one.
    PhonePolls { phone: PhoneId },
    /// Something happens in a DECT system.
    Dect { system: u32, step: DectStep },
    /// The request of a phone to be registered arrives.
    PhoneAsks { phone: PhoneId, system: SystemId },
    /// What a system has said to a phone arrives there.
    PhoneHears { phone: PhoneId, system: SystemId, answer: Answer },
    /// A system learns that a phone is no longer registered with it.
    PhoneLeaves { phone: PhoneId, system: SystemId, how: Leaves },
    /// Something happens on the connection between two voicemail servers.
    Mail { pair: PairId, step: MailStep },
    /// A cluster of hosts looks after a system's virtual machine.
    Cluster { system: SystemId, step: ClusterStep },
    /// A system asks for its licences.
    AsksForLicences { system: SystemId },
    /// Something happens at the portal of the backup.
    Portal { step: PortalStep },
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
        let mail =
            if watched { MailServers::new(&profile.solution, plans) } else { MailServers::none(plans) };
        for pair in mail.ids() {
            let step = MailStep::Says(MailSync::Finished);
            events.arm(Instant::ZERO, Duration::ZERO, Event::Mail { pair, step });
        }
        for (n, event) in (0..).zip(&profile.load.events) {
            events.arm(Instant::ZERO, profile.load.warm_up + event.at, Event::Planned { event: n });
        }
        let phones = if watched { Phones::new(&profile.solution, plans) } else { Phones::none() };
        Self {
            planned: schedule.next(),
            schedule,
            callers: Callers::new(&profile.load, plans),
            habits: Habits::new(&profile.load),
            attempts: Slab::new(),
            events,
            streams: &profile.load.streams,
            planned_events: &profile.load.events,
            network,
            messages: Slab::new(),
            words: Slab::new(),
            data,
            loss: RandomStream::new(profile.load.seed, "data network", Purpose::Loss),
            watch,
            pairs: Pairs::new(plans),
            dect: if watched {
                DectSystems::new(&profile.solution, plans, &phones)
            } else {
                DectSystems::none()
            },
            phones,
            mail,
            hosting: profile.solution.systems.iter().map(|info| info.hosting).collect(),
            hosts: vec![Host::UP; plans.len()],
            trunks_out: plans.iter().map(|plan| vec![Stopped::NO; plan.lines().len()]).collect(),
            licensing: Licensing::new(&profile.solution),
            portal: Portal::new(&profile.solution, plans).filter(|_| watched),
            preserved: HashSet::new(),
            unheard: BTreeMap::new(),
            answering: None,
            lives: vec![Life::FIRST; plans.len()],
            on_hold: BTreeMap::new(),
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
            self.fire_event(now)
        } else if self.next_planned() <= now {
            self.fire_planned(now)
        } else {
            None
        }
    }

    // One variable goes all the way to the caller, so that the input is written once and not copied.
    fn fire_event(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        self.answering = None;
        let mut meant = match self.events.pop_due(now) {
            Some((_, event)) => self.happen(now, event),
            None => None,
        };
        if let Some((system, input)) = &meant
            && !self.is_heard_by(now, *system, input)
        {
            meant = None;
        }
        meant
    }

    fn fire_planned(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        let placed = self.place(now);
        self.planned = self.schedule.next();
        placed
    }

    /// Whether an input comes to its system. One that does not run hears nothing but that it starts or stops.
    #[inline]
    fn is_heard_by(&mut self, now: Instant, system: SystemId, input: &Input) -> bool {
        (self.is_on(system) || matches!(input, Input::Network(_))) && self.arrives(now, system, input)
    }

    /// Places the call that is planned next; `None` if nobody is free to place it.
    #[inline]
    fn place(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        let planned = self.planned.as_ref()?;
        let measured = self.tally.plan(planned.at);
        let choice = self.callers.choose(planned).filter(|choice| self.has_phone_free(choice.caller));
        let Some(mut choice) = choice else {
            self.tally.not_started(measured);
            return None;
        };
        self.tally.start(now, measured, planned);
        let scheduled = self.streams.get(usize::from(planned.stream)).and_then(|s| s.scheduled_ahead);
        let takes_place = scheduled.is_none_or(|ahead| self.conference_takes_place(now, ahead));
        let calls = takes_place
            && (self.watch == Watch::Off
                || calls_from(&mut choice, &self.phones, &self.callers, &mut self.data, &self.lives));
        let (index, generation) = self.attempts.insert(Attempt::new(now, planned, choice.caller, measured));
        let tag = tag(index, generation);
        self.callers.caller_begins(choice.caller, tag);
        if let Some(patience) = planned.patience
            && let Some(attempt) = get(&mut self.attempts, tag)
        {
            attempt.hang_up_event =
                Some(self.events.arm(now, patience, Event::CallerHangsUp { attempt: tag }));
        }
        if !calls {
            self.finish(now, tag, Outcome::Failed, Cause::NETWORK_OUT_OF_ORDER);
            return None;
        }
        Some((choice.system, choice.input(tag)))
    }

    #[inline]
    fn happen(&mut self, now: Instant, event: Event) -> Option<(SystemId, Input)> {
        match event {
            Event::Answer { system, user, call } => {
                self.callee_answers(system, call, Some(CallerSide::User(user)));
                self.answering = Some((now, system, user));
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
            Event::StillOut { system, line } => {
                let out = self.trunks_out[system.index()][line.index()].service() == Service::Out;
                out.then_some((system, Input::LineService { line, service: Service::Out }))
            }
            Event::PutDown { system, side, call, nth, whose } => self.part(system, side, (call, nth), whose),
            Event::Media { system, call, service } => {
                let media = NetworkInput::Media { call, service };
                self.preserved.contains(&(system, call)).then_some((system, Input::Network(media)))
            }
            Event::PhonePolls { phone } => self.phone_polls(now, phone),
            Event::Dect { system, step } => {
                self.dect_step(now, system, step);
                None
            }
            Event::PhoneAsks { phone, system } => self.phone_request(phone, system),
            Event::PhoneHears { phone, system, answer } => self.phone_hears(now, phone, system, answer),
            Event::PhoneLeaves { phone, system, how } => self.phone_leaves(now, phone, system, how),
            Event::Mail { pair, step } => self.mail(now, pair, step),
            Event::Portal { step } => {
                self.portal_step(now, step);
                None
            }
            Event::Cluster { system, step } => self.cluster(now, system, step),
            Event::AsksForLicences { system } => self.asks_for_licences(now, system),
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
        let TimedEvent { at, what, began } = *self.planned_events.get(event as usize)?;
        let ago = at.as_nanos().saturating_sub(began.as_nanos());
        let began = Instant::from_nanos(now.as_nanos().saturating_sub(ago));
        let fault = |works| if works { Fault::Over { began } } else { Fault::Begins };
        match what {
            EventKind::Power { system, on } => self.power(now, system, fault(on)),
            EventKind::Portal { system, on } => {
                self.portal_service(now, system, fault(on));
                None
            }
            EventKind::Host { system, up } => self.host(now, system, fault(up)),
            EventKind::LicenceServer { on } => {
                self.licence_service(now, fault(on));
                None
            }
            EventKind::Link { link, up } => {
                self.link(now, link, up);
                None
            }
            EventKind::Line { system, line, becomes } => {
                let trunk = &mut self.trunks_out[system.index()][line.index()];
                match becomes {
                    LineEvent::OutOfService | LineEvent::Lost => {
                        trunk.take(Fault::Begins);
                    }
                    // An administrator, whatever is wrong with it.
                    LineEvent::InService if ago == 0 => trunk.put_right(now),
                    LineEvent::InService => {
                        trunk.take(fault(true))?;
                    }
                }
                self.callers.trunk_service(system, line, trunk.service());
                planned(what)
            }
            EventKind::IpOfficeLine { system, line, up } => {
                self.network.change(system, line, if up { Change::Restored } else { Change::Cut });
                self.look_at_pairs(now);
                None
            }
            EventKind::Voicemail { system, on } => {
                self.mail.take(system, fault(on))?;
                self.mail_looks(now);
                planned(what).filter(|_| self.is_on(system))
            }
            EventKind::VoicemailControl { backup, .. } => planned(what).filter(|_| self.is_on(backup)),
            EventKind::Dial { system, user, digits } => {
                let (system, user) = self.phones.registration((system, user))?;
                planned(EventKind::Dial { system, user, digits })
            }
            EventKind::BaseStation { dect, station, on } => {
                self.base_station(now, dect, station, fault(on));
                None
            }
            EventKind::DectSwitch { dect, node } => {
                self.dect_switch(now, dect, node);
                None
            }
            EventKind::Hold { system, user, becomes } => self.hold((system, user), becomes),
            EventKind::PhoneRestart { system, user } => {
                self.restart_phone(now, (system, user));
                None
            }
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
    #[inline]
    fn finish(&mut self, now: Instant, tag: Tag, outcome: Outcome, cause: Cause) {
        let (index, generation) = parts(tag);
        let Some(attempt) = self.attempts.remove(index, generation) else { return };
        if let Some(ring) = attempt.ring_event {
            self.events.cancel(ring);
        }
        if let Some(hang_up) = attempt.hang_up_event {
            self.events.cancel(hang_up);
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
        self.tally.phones_away = self.phones.away();
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
            let service = Service::when(on);
            (system, Input::Network(NetworkInput::Voicemail { service }))
        }
        EventKind::VoicemailControl { of, backup, control } => {
            (backup, Input::Network(NetworkInput::VoicemailControl { of, control }))
        }
        EventKind::Power { .. }
        | EventKind::Host { .. }
        | EventKind::LicenceServer { .. }
        | EventKind::Portal { .. }
        | EventKind::Link { .. }
        | EventKind::PhoneRestart { .. }
        | EventKind::Hold { .. }
        | EventKind::BaseStation { .. }
        | EventKind::DectSwitch { .. }
        | EventKind::IpOfficeLine { .. } => return None,
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
