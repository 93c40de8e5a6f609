//! The server without sockets: the engine on one side, a SIP endpoint on the other, and what joins them.
//!
//! Time and datagrams come in, actions come out; the rhythm is that of the engine and the endpoint: change, then take
//! every action, then ask when to come again.

use super::answering::Answering;
use super::calls::Calls;
use super::digits::Digits;
use super::door::Door;
use super::exchange::{Exchanges, GLARE_WAIT};
use super::gate::Gate;
use super::guard::Guard;
use super::invited::Attempt;
use super::lines::Arriving;
use super::measure::Measures;
use super::media::Media;
use super::phones::Phones;
use super::ports::Ports;
use super::setup::Setup;
use super::trunks::Trunks;
use super::unconfirmed::Waiting;
use super::wake::Wake;
use engine::cause::Cause;
use engine::id::{CallId, LineId, Tag};
use engine::network::{NetworkInput, Refusal};
use engine::smdr::SmdrRecord;
use engine::time::Instant;
use engine::timer::TimerQueue;
use engine::{Input, Service, SetupField, System};
use sip::Endpoint;
use sip::endpoint::{Config, Flow, LegId, SessionTimer};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Something to be done outside.
#[derive(Clone, Debug)]
pub enum Action {
    /// Send these bytes.
    Send {
        /// Where to.
        flow: Flow,
        /// One whole message.
        bytes: Arc<[u8]>,
    },
    /// Say this to the system at the other end of an IP Office line.
    Line {
        /// The line.
        line: LineId,
        /// One whole message.
        bytes: Vec<u8>,
    },
    /// Write a call record.
    Record(Box<SmdrRecord>),
}

/// What the server counts besides the engine and the endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls that go on though their signalling is lost.
    pub preserved: u64,
    /// Messages from addresses that are shut out.
    pub unheard: u64,
    /// How often a solution that was read again has taken effect.
    pub reloads: u64,
    /// How often it could not.
    pub reloads_refused: u64,
    /// Words on IP Office lines that could not be read.
    pub bad_line_words: u64,
}

/// One system, served.
pub struct Core {
    pub(super) setup: Setup,
    pub(super) system: System,
    pub(super) endpoint: Endpoint,
    pub(super) phones: Phones,
    pub(super) trunks: Trunks,
    pub(super) calls: Calls,
    pub(super) exchanges: Exchanges,
    /// By leg, looked up, never iterated.
    pub(super) unconfirmed: HashMap<LegId, Waiting>,
    pub(super) media: Box<dyn Media>,
    /// What the engine is to be told next: said by what it has just said.
    pub(super) todo: VecDeque<Input>,
    pub(super) actions: VecDeque<Action>,
    /// The call that is being offered to the engine.
    pub(super) attempt: Option<Attempt>,
    /// The leg whose answer is being told to the engine.
    pub(super) answering: Option<Answering>,
    /// What the set-up that comes next says besides its numbers.
    pub(super) fields: Vec<SetupField>,
    pub(super) ports: Ports,
    pub(super) digits: Digits,
    pub(super) wakes: TimerQueue<Wake>,
    /// A call over an IP Office line that is being offered to the engine.
    pub(super) arriving: Option<Arriving>,
    /// Why the engine did not do what it was last asked for.
    pub(super) denied: Option<Cause>,
    /// What came of the call that was last made for a user.
    pub(super) dialled_for: Option<Result<CallId, Cause>>,
    /// Why the phone that last asked to be registered is not.
    pub(super) turned_away: Option<Refusal>,
    /// Calls whose media may have changed, while somebody does something in several steps.
    pub(super) changed: Option<Vec<CallId>>,
    /// Legs of phones that are out of calls that go on.
    pub(super) leaving: Vec<LegId>,
    pub(super) counters: Counters,
    pub(super) measures: Measures,
    pub(super) gate: Gate,
    pub(super) guard: Guard,
    pub(super) door: Door,
    /// Requests that the endpoint had refused for want of room, before what it sees now.
    pub(super) overloaded_before: u64,
    /// When it began.
    pub(super) began: Instant,
    tags: u64,
}

impl Core {
    /// A server at rest. `incarnation` is another number each time that the same system starts.
    #[must_use]
    pub fn new(setup: Setup, media: Box<dyn Media>, now: Instant, incarnation: u32) -> Self {
        let addresses = &setup.addresses;
        let mut config = Config::new(setup.seed, addresses.at);
        if let Some(tls) = &addresses.tls {
            config.sent_by[2] = tls.at.to_string();
        }
        config.session_timer = Some(SessionTimer::RECOMMENDED);
        let first_tag = u64::from(setup.plan.system().0) << 48;
        let mut system = System::new(Arc::clone(&setup.plan));
        system.count_minutes(setup.minute);
        let mut core = Self {
            system,
            endpoint: Endpoint::new(config),
            phones: Phones::new(&setup),
            trunks: Trunks::new(&setup),
            calls: Calls::default(),
            exchanges: Exchanges::default(),
            unconfirmed: HashMap::new(),
            media,
            todo: VecDeque::new(),
            actions: VecDeque::new(),
            attempt: None,
            answering: None,
            fields: Vec::new(),
            ports: Ports::default(),
            digits: Digits::default(),
            wakes: TimerQueue::new([GLARE_WAIT]),
            arriving: None,
            denied: None,
            dialled_for: None,
            turned_away: None,
            changed: None,
            leaving: Vec::new(),
            counters: Counters::default(),
            measures: Measures::new(),
            gate: Gate::new(setup.addresses.calls_per_second),
            guard: Guard::default(),
            door: Door::Open,
            overloaded_before: 0,
            began: now,
            tags: first_tag,
            setup,
        };
        core.begin(now, incarnation);
        core
    }

    /// Nobody is registered yet, and what cannot carry calls carries none.
    fn begin(&mut self, now: Instant, incarnation: u32) {
        for user in 0..self.setup.plan.users().len() {
            let user = engine::id::UserId::at(user);
            self.tell_engine(now, Input::Registration { user, service: Service::Out });
        }
        let dead: Vec<LineId> = self.setup.dead_lines().collect();
        for line in dead {
            self.tell_engine(now, Input::LineService { line, service: Service::Out });
        }
        self.tell_engine(now, Input::Network(NetworkInput::Start { incarnation }));
        self.watch_trunks(now);
        self.settle(now);
    }

    /// A datagram or a message of a stream has come, or a connection has gone.
    pub fn receive(&mut self, now: Instant, input: sip::endpoint::Input<'_>) {
        if self.lets_in(now, &input) {
            self.endpoint.handle(now, input);
            self.count_refusal(&input);
            self.settle(now);
        }
    }

    /// The time that [`Core::poll_timeout`] asked for has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.endpoint.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.endpoint.handle_timeout(now);
        }
        if self.system.poll_timeout().is_some_and(|(at, _)| at <= now) {
            self.system.handle_timeout(now);
            self.hear_engine(now);
        }
        self.phones_timeout(now);
        self.wake(now);
        self.settle(now);
    }

    /// When to call [`Core::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let endpoint = self.endpoint.poll_timeout().map(|(at, _)| at);
        let system = self.system.poll_timeout().map(|(at, _)| at);
        let own = self.wakes.peek().map(|(at, _)| at);
        [endpoint, system, own, self.phones.poll_timeout()].into_iter().flatten().min()
    }

    /// The next thing to be done outside.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Tells the engine something and does what it says.
    pub(super) fn tell_engine(&mut self, now: Instant, input: Input) {
        self.system.handle(now, input);
        self.hear_engine(now);
    }

    pub(super) fn hear_engine(&mut self, now: Instant) {
        while let Some(output) = self.system.poll_output() {
            self.told(now, &output);
        }
    }

    /// Lets everything come to rest that follows from what has happened.
    pub(super) fn settle(&mut self, now: Instant) {
        loop {
            while let Some(input) = self.todo.pop_front() {
                self.tell_engine(now, input);
            }
            for leg in std::mem::take(&mut self.leaving) {
                self.drop_leg(now, leg);
            }
            let Some(output) = self.endpoint.poll_output() else { return };
            match output {
                sip::endpoint::Output::Send { flow, bytes } => {
                    self.actions.push_back(Action::Send { flow, bytes });
                }
                sip::endpoint::Output::Event(event) => self.hear(now, event),
            }
        }
    }

    /// A reference that no other call of the network has.
    pub(super) fn next_tag(&mut self) -> Tag {
        self.tags += 1;
        Tag(self.tags)
    }

    /// Whether nothing is under way and nothing was left behind.
    #[cfg(test)]
    pub(super) fn is_at_rest(&self) -> bool {
        self.calls.is_empty()
            && self.exchanges.is_empty()
            && self.unconfirmed.is_empty()
            && self.ports.is_empty()
            && self.digits.is_empty()
            && self.todo.is_empty()
            && self.attempt.is_none()
            && self.answering.is_none()
            && self.leaving.is_empty()
    }

    /// The engine, to look at it.
    #[must_use]
    pub const fn system(&self) -> &System {
        &self.system
    }
}
