//! The endpoint itself: its tables, its queue of outputs, its clock; it dispatches and decides nothing.

use super::client::Client;
use super::config::{Admission, Config};
use super::leg::{Leg, Unconfirmed};
use super::register::Entry;
use super::server::Server;
use super::token::Tokens;
use super::types::{
    Event, Flow, IncomingId, Input, LegId, NextTimeout, OutgoingId, Output, Refusal, RegistrationId, Timer,
    TimerKind, Usage, WatchId,
};
use super::watch::Watch;
use crate::limits::{T1, T1_64, T2, T4};
use crate::message::{Message, NotSip};
use ahash::RandomState;
use engine::slab::Slab;
use engine::time::{Duration, Instant};
use engine::timer::{TimerId, TimerQueue};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Transactions, dialogs, registrations and watched peers of one SIP element. The contract is on the crate's first
/// page.
#[derive(Debug)]
pub struct Endpoint {
    pub(super) config: Config,
    pub(super) admission: Admission,
    pub(super) tokens: Tokens,
    pub(super) clients: Slab<Client>,
    pub(super) servers: Slab<Server>,
    /// Server transactions by RFC 3261 17.2.3's key, hashed with a seeded function to 128 bits. Never iterated.
    pub(super) server_keys: HashMap<u128, IncomingId, RandomState>,
    pub(super) hashers: [RandomState; 2],
    pub(super) legs: Slab<Leg>,
    /// Legs that are gone and whose last reliable provisional response may still be confirmed, by their place. Never iterated.
    pub(super) unconfirmed: HashMap<(u32, u32), Unconfirmed, RandomState>,
    pub(super) registrations: Slab<Entry>,
    pub(super) watches: Slab<Watch>,
    pub(super) timers: TimerQueue<Timer>,
    pub(super) usage: Usage,
    outputs: VecDeque<Output>,
    now: Instant,
}

/// Bytes that one of each takes in its table, without the text it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// A client transaction.
    pub client: usize,
    /// A server transaction.
    pub server: usize,
    /// A leg.
    pub leg: usize,
}

/// Bytes that one of each takes in its table, without the text it keeps.
#[must_use]
pub const fn sizes() -> Sizes {
    Sizes { client: size_of::<Client>(), server: size_of::<Server>(), leg: size_of::<Leg>() }
}

impl Endpoint {
    /// An endpoint without transactions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let seed = config.seed;
        let lanes = [T1, T1 + T1, T2, T4, T1_64, crate::limits::TIMER_C];
        Self {
            tokens: Tokens::new(seed),
            admission: Admission::Open,
            clients: Slab::new(),
            servers: Slab::new(),
            server_keys: HashMap::with_hasher(RandomState::with_seeds(seed, 1, 2, 3)),
            hashers: [RandomState::with_seeds(seed, 4, 5, 6), RandomState::with_seeds(seed, 7, 8, 9)],
            legs: Slab::new(),
            unconfirmed: HashMap::with_hasher(RandomState::with_seeds(seed, 10, 11, 12)),
            registrations: Slab::new(),
            watches: Slab::new(),
            timers: TimerQueue::new(lanes),
            usage: Usage::default(),
            outputs: VecDeque::new(),
            now: Instant::ZERO,
            config,
        }
    }

    /// Something happened outside.
    ///
    /// # Panics
    /// If time runs backwards.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.advance(now);
        match input {
            Input::Received { flow, bytes } => self.received(flow, bytes),
            Input::Unreachable { flow } => self.unreachable_flow(flow),
        }
    }

    fn received(&mut self, flow: Flow, bytes: &[u8]) {
        self.usage.received += 1;
        match Message::parse(bytes) {
            Ok(message) if message.method().is_some() => self.request_received(flow, &message),
            Ok(message) => self.response_received(&message),
            Err(NotSip::KeepAlive) => {}
            Err(NotSip::TooLarge | NotSip::Truncated | NotSip::StartLine | NotSip::BareLineFeed) => {
                self.usage.not_sip += 1;
            }
        }
    }

    /// The time that [`Endpoint::poll_timeout`] asked for has come.
    ///
    /// # Panics
    /// If time runs backwards.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some((_, timer)) = self.timers.pop_due(now) {
            let place = (timer.index, timer.generation);
            match timer.kind {
                TimerKind::ClientRetransmit => self.client_retransmit(OutgoingId::new(place)),
                TimerKind::ClientTimeout => self.client_timeout(OutgoingId::new(place)),
                TimerKind::ClientLinger => self.client_gone(OutgoingId::new(place)),
                TimerKind::ServerRetransmit => self.server_retransmit(IncomingId::new(place)),
                TimerKind::ServerTimeout | TimerKind::ServerLinger => {
                    self.server_gone(IncomingId::new(place))
                }
                TimerKind::Ringing => self.ringing_timeout(LegId::new(place)),
                TimerKind::AnswerRetransmit => self.answer_retransmit(LegId::new(place)),
                TimerKind::AnswerTimeout => self.answer_timeout(LegId::new(place)),
                TimerKind::Provisional => self.provisional_timeout(LegId::new(place)),
                TimerKind::Unconfirmed => {
                    self.unconfirmed.remove(&place);
                }
                TimerKind::Session => self.session_timeout(LegId::new(place)),
                TimerKind::Registration => self.registration_timeout(RegistrationId::new(place)),
                TimerKind::Watch => self.watch_timeout(WatchId::new(place)),
            }
        }
    }

    /// The next thing to be done; `None` once there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`Endpoint::handle_timeout`], and what for.
    #[must_use]
    pub fn poll_timeout(&self) -> NextTimeout {
        self.timers.peek().map(|(at, timer)| (at, timer.kind))
    }

    /// Sizes and counters.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            clients: self.clients.len(),
            servers: self.servers.len(),
            legs: self.legs.len(),
            timers: self.timers.len(),
            ..self.usage
        }
    }

    /// The ways that legs and transactions go, in no order that means anything and possibly more than once.
    pub fn flows(&self) -> impl Iterator<Item = Flow> {
        let legs = self.legs.iter().map(|(_, _, leg)| leg.flow);
        let clients = self.clients.iter().map(|(_, _, client)| client.flow);
        legs.chain(clients).chain(self.servers.iter().map(|(_, _, server)| server.flow))
    }

    /// Opens the endpoint for new calls or shuts it.
    pub fn set_admission(&mut self, admission: Admission) {
        self.admission = admission;
    }

    /// The name of a leg in its dialog: Call-ID, local tag, remote tag (empty while there is none).
    #[must_use]
    pub fn dialog(&self, leg: LegId) -> Option<(String, String, String)> {
        let l = self.legs.get(leg.index, leg.generation)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(&l.call_id), l.local_tag(leg), text(&l.remote_tag)))
    }

    pub(super) fn advance(&mut self, now: Instant) {
        assert!(now >= self.now, "time runs backwards: {now:?} after {:?}", self.now);
        self.now = now;
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    pub(super) fn arm(&mut self, after: Duration, kind: TimerKind, place: (u32, u32)) -> TimerId {
        let (index, generation) = place;
        self.timers.arm(self.now, after, Timer { kind, index, generation })
    }

    pub(super) fn disarm(&mut self, timer: Option<TimerId>) {
        if let Some(timer) = timer {
            self.timers.cancel(timer);
        }
    }

    pub(super) fn send_bytes(&mut self, flow: Flow, bytes: Arc<[u8]>) {
        self.usage.sent += 1;
        self.outputs.push_back(Output::Send { flow, bytes });
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn has_room(&self) -> bool {
        self.clients.len() + self.servers.len() < self.config.max_transactions
    }

    pub(super) fn leg_mut(&mut self, leg: LegId) -> Result<&mut Leg, Refusal> {
        self.legs.get_mut(leg.index, leg.generation).ok_or(Refusal::Unknown)
    }

    pub(super) fn leg(&self, leg: LegId) -> Result<&Leg, Refusal> {
        self.legs.get(leg.index, leg.generation).ok_or(Refusal::Unknown)
    }
}
