//! Everything around the systems: phones, trunk far ends, the network between systems, and the callers.
//!
//! The world is a sans-IO machine like the systems themselves: a driver asks [`World::next_deadline`], calls
//! [`World::fire`] at that time, gives the input it gets to the system named, and shows the world every output.

mod access;
mod ahead;
mod answering;
mod arrivals;
mod attempt;
mod attempts;
mod callers;
mod data_network;
mod dect;
mod event;
mod far_ends;
mod faults;
mod happenings;
mod holding;
mod hosts;
mod licensing;
mod mail;
mod network;
mod outputs;
mod phones;
mod planned;
mod portal;
mod registering;
mod resilience;
mod seldom;
mod stopped;
mod tally;
mod together;
mod visits;

pub(crate) use arrivals::{Arrival, Borders};
pub use attempt::Outcome;
pub use callers::ResourceNow;
pub(crate) use data_network::DataNetwork;
pub use happenings::{CallsHit, Happenings, LineChange, RaisedAlarm};
pub use network::Network;
pub use resilience::{Outage, OutageOf, ResilienceLog, TimedResilience};
pub use tally::Tally;
pub(crate) use together::Together;

use crate::arrival::{PlannedCall, Schedule};
use crate::profile::{Profile, Stream, TimedEvent};
use crate::random::{Purpose, RandomStream};
use crate::solution::Hosting;
use answering::{Habits, Reaction};
use arrivals::Arrivals;
use attempt::{Attempt, CallerSide, LegState};
use attempts::Attempts;
use callers::{Callers, Foreseen};
use dect::DectSystems;
use engine::cause::Cause;
use engine::hint::{mostly, rare, rarely, usual};
use engine::id::{CallId, SystemId, Tag, UserId};
use engine::network::{MailSync, NetworkInput};
use engine::plan::Plan;
use engine::slab::Slab;
use engine::smdr::{Answered, SmdrRecord};
use engine::time::{Duration, Instant};
use engine::timer::{TimerId, TimerQueue};
use engine::{Input, Service};
use event::Event;
use far_ends::FarEnds;
use faults::{Life, Watch};
use holding::OnHold;
use hosts::Host;
use licensing::Licensing;
use mail::{MailServers, MailStep};
use phones::Phones;
use portal::Portal;
use registering::calls_from;
use resilience::Pairs;
use seldom::Seldom;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;
use stopped::Stopped;
use visits::Visits;

/// Where call records go.
pub trait SmdrSink {
    /// Takes the record of a call that ended at `now` on `system`. Of records of the same instant, one system's come in order.
    fn record(&mut self, now: Instant, system: SystemId, record: &SmdrRecord);

    /// Whether it does anything with them.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// Takes records and drops them.
impl SmdrSink for () {
    fn record(&mut self, _: Instant, _: SystemId, _: &SmdrRecord) {}

    fn is_wanted(&self) -> bool {
        false
    }
}

/// Where it is known what a call is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Wherever it gets to by messages between systems, which bring that with them.
    WithTheCall,
    /// On all systems, as long as the attempt goes on.
    Everywhere,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coming {
    /// What one system has said to another arrives.
    Arrival,
    /// Something at phones, far ends or elsewhere.
    Event,
    /// A call is placed.
    Call,
}

/// Everything around the systems of one run, or around some of them.
pub struct World<'a> {
    schedule: Schedule<'a>,
    planned: Option<PlannedCall<'a>>,
    /// The calls after it, where they are known beforehand, and what they will most probably be about.
    later: VecDeque<(PlannedCall<'a>, Option<Foreseen<'a>>)>,
    callers: Callers<'a>,
    habits: Habits,
    network: Network,
    attempts: Attempts,
    visits: Visits,
    far_ends: FarEnds,
    arrivals: Arrivals,
    events: TimerQueue<Event>,
    /// What some of the events are.
    seldom: Slab<Seldom>,
    streams: &'a [Stream],
    planned_events: &'a [TimedEvent],
    data: DataNetwork,
    loss: RandomStream,
    watch: Watch,
    known: Known,
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
    on_hold: BTreeMap<(SystemId, UserId), OnHold>,
    /// Parties that are going to put the phone down.
    parting: Vec<(SystemId, CallId)>,
    tally: Tally,
}

impl<'a> World<'a> {
    /// The world of `profile` around systems with these plans.
    #[must_use]
    pub fn new(profile: &'a Profile, plans: &[Arc<Plan>]) -> Self {
        Self::around(profile, plans, None)
    }

    /// The world around some of the systems of a run in which nothing can fail: those that `borders` say. What leaves for the
    /// others is to be taken away with [`Self::leaving`], and what comes from them brought with [`Self::take_in`].
    #[must_use]
    pub(crate) fn around_some(profile: &'a Profile, plans: &[Arc<Plan>], borders: Borders<'_>) -> Self {
        let mut world = Self::around(profile, plans, Some(borders));
        debug_assert_eq!(world.watch, Watch::Off);
        world.tally.remember_changes();
        world
    }

    /// The world around systems that are not the engine: how they speak to each other is their own affair.
    #[must_use]
    pub(crate) fn around_strangers(profile: &'a Profile, plans: &[Arc<Plan>]) -> Self {
        Self { known: Known::Everywhere, ..Self::new(profile, plans) }
    }

    fn around(profile: &'a Profile, plans: &[Arc<Plan>], borders: Option<Borders<'_>>) -> Self {
        let mut network = Network::new(&profile.solution, plans);
        let is_mine = |system: SystemId| borders.is_none_or(|borders| borders.is_mine(system));
        let mut schedule = Schedule::of_systems(&profile.load, is_mine);
        let fixed = profile.load.streams.iter().flat_map(|s| [s.ring.fixed(), s.talk.fixed()]).flatten();
        let mut data = DataNetwork::new(&profile.solution);
        let watched = can_fail(profile);
        let watch = if watched { Watch::On } else { Watch::Off };
        if !watched {
            network.settle(&mut data, is_mine);
        }
        let arrivals = Arrivals::new(network.delays(), borders);
        let delays = network.delays().filter(|_| watched);
        // Ring and talk times first, as most is timed with them; but what happens at once has its row, too.
        let most = fixed.clone().take(MOST_TIMED);
        let mut events = TimerQueue::new(most.chain([Duration::ZERO]).chain(fixed).chain(delays));
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
            later: VecDeque::new(),
            schedule,
            callers: Callers::new(&profile.load, plans, is_mine),
            habits: Habits::new(&profile.load),
            attempts: Attempts::new(plans.len(), watch),
            visits: Visits::new(plans.len()),
            far_ends: FarEnds::new(plans.len()),
            arrivals,
            events,
            seldom: Slab::new(),
            streams: &profile.load.streams,
            planned_events: &profile.load.events,
            network,
            data,
            loss: RandomStream::new(profile.load.seed, "data network", Purpose::Loss),
            watch,
            known: if watched { Known::Everywhere } else { Known::WithTheCall },
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
        Some(self.next()).filter(|&next| next < Instant::MAX)
    }

    /// The same; [`Instant::MAX`] if nothing is.
    #[inline]
    pub(crate) fn next(&self) -> Instant {
        self.coming().0
    }

    /// When the next thing happens, and of what kind it is. What systems have said to each other comes first, and events that have been
    /// waiting before new calls.
    #[inline]
    pub(crate) fn coming(&self) -> (Instant, Coming) {
        let (arrival, event, planned) = (self.arrivals.next(), self.next_event(), self.next_planned());
        let (mut at, mut what) = (planned, Coming::Call);
        if event <= at {
            (at, what) = (event, Coming::Event);
        }
        if arrival <= at {
            (at, what) = (arrival, Coming::Arrival);
        }
        (at, what)
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

    /// Lets the next thing happen that is due at `now`; the input it means to a system, if any.
    #[inline]
    pub fn fire(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        let (at, what) = self.coming();
        if at <= now { self.happens(now, what) } else { None }
    }

    /// Lets what is coming happen, which is due at `now`.
    #[inline]
    pub(crate) fn happens(&mut self, now: Instant, what: Coming) -> Option<(SystemId, Input)> {
        match what {
            Coming::Arrival => self.fire_arrival(now),
            Coming::Event => self.fire_event(now),
            Coming::Call => self.fire_planned(now),
        }
    }

    // The input is written once, where the caller wants it, and not copied: it is returned as it is made.
    #[inline]
    fn fire_event(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        self.answering = None;
        let event = *self.events.due(now)?;
        self.events.drop_first();
        if rarely(self.watch == Watch::On) {
            return self.fire_watched_event(now, &event);
        }
        self.happen(now, &event)
    }

    #[inline(never)]
    fn fire_watched_event(&mut self, now: Instant, event: &Event) -> Option<(SystemId, Input)> {
        let mut meant = self.happen(now, event);
        if let Some((system, input)) = &meant
            && !self.is_heard_by(now, *system, input)
        {
            meant = None;
        }
        meant
    }

    fn fire_planned(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        let placed = self.place(now);
        self.planned = self.next_of_schedule();
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
        let Some(mut choice) = usual(self.callers.choose(planned)) else {
            self.tally.not_started(measured);
            return None;
        };
        if rarely(self.watch == Watch::On) && !self.has_phone_free(choice.caller) {
            self.tally.not_started(measured);
            return None;
        }
        self.tally.start(now, measured, planned);
        let scheduled = rare(self.streams.get(planned.stream).and_then(|s| s.scheduled_ahead));
        let takes_place = scheduled.is_none_or(|ahead| self.conference_takes_place(now, ahead));
        let mut calls = takes_place;
        if rarely(self.watch == Watch::On) && takes_place {
            (choice.caller, calls) =
                calls_from(choice.caller, &self.phones, &self.callers, &mut self.data, &self.lives);
        }
        let attempt = Attempt::new(now, planned, choice.caller.side, measured);
        let tag = self.attempts.insert(choice.caller.system, attempt, planned);
        self.callers.caller_begins(choice.caller, tag);
        if let Some(patience) = rare(planned.patience)
            && let Some(attempt) = self.attempts.get_mut(tag)
        {
            attempt.hang_up_event =
                Some(self.events.arm(now, patience, Event::CallerHangsUp { attempt: tag }));
        }
        if rarely(!calls) {
            self.finish(now, tag, Outcome::Failed, Cause::NETWORK_OUT_OF_ORDER);
            return None;
        }
        choice.input(tag)
    }

    #[inline]
    fn happen(&mut self, now: Instant, event: &Event) -> Option<(SystemId, Input)> {
        match *event {
            Event::Answer { system, user, call } => {
                self.callee_answers(system, call, Some(CallerSide::User(user)));
                self.answering = Some((now, system, user));
                Some((system, Input::Answer { user, call }))
            }
            Event::TrunkAlerting { system, call, nth } => {
                self.far_end_rings(now, system, (call, nth));
                Some((system, Input::TrunkAlerting { call, attempt: nth }))
            }
            Event::TrunkAnswer { system, call, nth } => {
                self.callee_answers(system, call, None);
                Some((system, Input::TrunkAnswer { call, attempt: nth }))
            }
            Event::CallerHangsUp { attempt } => self.caller_hangs_up(now, attempt),
            Event::EnterAccountCode { attempt } => self.account_code(attempt),
            Event::Planned { event } => self.planned(now, event),
            Event::Start { system } => self.is_on(system).then(|| self.first_start(system)),
            Event::StillOut { system, line } => {
                let out = self.trunks_out[system.index()][line.index()].service() == Service::Out;
                out.then_some((system, Input::LineService { line, service: Service::Out }))
            }
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
            Event::PhoneLeaves { phone, system, how } => self.phone_leaves(now, phone, system, how),
            Event::Mail { pair, step } => self.mail(now, pair, step),
            Event::Portal { step } => {
                self.portal_step(now, step);
                None
            }
            Event::Cluster { system, step } => self.cluster(now, system, step),
            Event::Arrives { place } => {
                let arrival = self.arrivals.take(place)?;
                self.arrived(&arrival)
            }
            Event::AsksForLicences { system } => self.asks_for_licences(now, system),
            Event::Seldom { place } => self.happens_seldom(now, place),
        }
    }

    /// The far end of a trunk rings, and is going to answer if anybody is to.
    fn far_end_rings(&mut self, now: Instant, system: SystemId, (call, nth): (CallId, u16)) {
        let Some(tag) = self.far_ends.attempt(system, call) else { return };
        let Some(meant) = self.meant(system, tag).filter(|meant| meant.answer == Answered::Yes) else {
            return;
        };
        let answer = self.events.arm(now, meant.ring, Event::TrunkAnswer { system, call, nth });
        self.far_ends.expect(system, call, answer);
        if self.watch == Watch::On
            && let Some(ends) = self.attempts.ends_mut(tag)
            && let Some(given_up) = ends.ring_event.replace(answer)
        {
            self.events.cancel(given_up);
        }
    }

    /// The caller enters the stream's account code; one who has none lets the system wait.
    fn account_code(&mut self, tag: Tag) -> Option<(SystemId, Input)> {
        let attempt = self.attempts.get(tag)?;
        let (caller, call) = (attempt.caller(self.attempts.home(tag)), attempt.call?);
        let CallerSide::User(user) = caller.side else { return None };
        let code = self.callers.account_code(attempt.stream)?;
        Some((caller.system, Input::AccountCode { user, call, code }))
    }

    /// The caller enters the stream's PIN for the system that has asked; one who has none lets it wait.
    fn pin(&self, system: SystemId, call: CallId, tag: Tag) -> Option<(SystemId, Input)> {
        let pin = self.callers.pin(self.meant(system, tag)?.stream)?;
        self.is_on(system).then_some((system, Input::ConferencePin { call, pin }))
    }

    fn caller_hangs_up(&mut self, now: Instant, tag: Tag) -> Option<(SystemId, Input)> {
        let home = self.attempts.home(tag);
        let attempt = self.attempts.get_mut(tag)?;
        attempt.hang_up_event = None;
        let (caller, call) = (attempt.caller(home), attempt.call);
        let answered = attempt.answered.is_some();
        if rarely(call.is_none()) && !self.is_orphan(tag) {
            return None;
        }
        let mut outcome = if answered { Outcome::Completed } else { Outcome::Abandoned };
        if rarely(self.watch == Watch::On) {
            if answered && !self.is_heard(tag) {
                outcome = Outcome::Dropped;
            }
            self.hang_up_callee(now, tag);
        }
        self.finish(now, tag, outcome, Cause::NORMAL_CLEARING);
        Some(Self::put_down(caller.system, caller.side, (call?, 0)))
    }

    /// Whether the caller's system has stopped, and the caller goes on alone.
    fn is_orphan(&self, tag: Tag) -> bool {
        self.attempts.ends(tag).is_some_and(|ends| ends.caller == LegState::Orphaned)
    }

    /// A call that nobody was to answer was answered, as only a system of somebody else's does: the caller hangs up.
    pub fn end_unmeant(&mut self, now: Instant, tag: Tag) {
        if let Some(attempt) = self.attempts.get_mut(tag)
            && attempt.talk.is_none()
            && attempt.hang_up_event.is_none()
        {
            let hangs_up = Event::CallerHangsUp { attempt: tag };
            attempt.hang_up_event = Some(self.events.arm(now, Duration::ZERO, hangs_up));
        }
    }

    /// The attempt is over for the caller.
    #[inline]
    fn finish(&mut self, now: Instant, tag: Tag, outcome: Outcome, cause: Cause) {
        let ring = if mostly(self.watch == Watch::Off) { None } else { self.ring_event_of(tag) };
        if let Some(ring) = ring {
            self.events.cancel(ring);
        }
        let home = self.attempts.home(tag);
        self.attempts.remove_with(tag, |attempt| {
            if let Some(hang_up) = rare(attempt.hang_up_event) {
                self.events.cancel(hang_up);
            }
            self.callers.caller_idle(attempt.caller(home), tag);
            self.tally.finish(now, home, attempt, outcome, cause);
        });
    }

    fn ring_event_of(&self, tag: Tag) -> Option<TimerId> {
        self.attempts.ends(tag)?.ring_event
    }

    /// Gives up the calls that were due before `end` and have not been placed: they count as not started.
    pub fn give_up_calls(&mut self, end: Instant) {
        while self.next_planned() < end {
            let next = self.next_of_schedule();
            let planned = std::mem::replace(&mut self.planned, next);
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

    /// The same, to take changes from it.
    pub(crate) fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Use of trunks and phones at this moment, each with the place of its system.
    #[must_use]
    pub fn resources(&self) -> Vec<(usize, ResourceNow)> {
        self.callers.resources()
    }

    /// Ends the book-keeping at `now`: calls still in progress are counted as such.
    #[must_use]
    pub fn close(mut self, now: Instant) -> Tally {
        let open: Vec<Attempt> = self.attempts.iter().map(|(_, a)| *a).collect();
        self.tally.phones_away = self.phones.away();
        self.tally.close(now, &open, self.arrivals.calls_under_way());
        self.tally
    }
}

/// So many ring and talk times are looked for before the delay of what happens at once.
const MOST_TIMED: usize = 8;

/// The tag of calls that are nobody's attempt.
const NO_ATTEMPT: Tag = Tag(u64::MAX);

/// Whether something can fail in a run of this profile that systems notice only because nothing is heard.
pub(crate) fn can_fail(profile: &Profile) -> bool {
    profile.solution.data_links.iter().any(|link| link.loss > 0.0)
        || profile.load.events.iter().any(|event| event.what.is_noticed_by_silence())
}
