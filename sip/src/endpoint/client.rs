//! Client transactions: RFC 3261 17.1 with RFC 6026's Accepted state.

use super::compose;
use super::core::Endpoint;
use super::token;
use super::types::{Flow, LegId, OutgoingId, Refusal, RegistrationId, SharedCredentials, TimerKind, WatchId};
use crate::auth::{Challenge, Signed};
use crate::limits::{MAX_CHALLENGES, T1, T1_64, T2, T4, TIMER_D};
use crate::message::{CSeq, Header, Message, Method};
use engine::time::Duration;
use engine::timer::TimerId;
use std::sync::Arc;

/// Where a client transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// INVITE: Calling. Others: Trying.
    Calling,
    /// A provisional response has come.
    Proceeding,
    /// A final response has come, to an INVITE other than 2xx.
    Completed,
    /// An INVITE was answered with 2xx; further ones may come (RFC 6026).
    Accepted,
}

/// Who made the request and learns of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The INVITE that began a leg.
    Invite(LegId),
    /// A request in a dialog that the owner of the endpoint made.
    InDialog(LegId),
    /// A request in a dialog that the endpoint made itself: a refresh.
    Refresh(LegId),
    /// A request outside a dialog that the owner of the endpoint made.
    Standalone,
    /// REGISTER.
    Registration(RegistrationId),
    /// OPTIONS to a watched peer.
    Watch(WatchId),
    /// CANCEL, PRACK, BYE: nobody waits for it.
    Nobody,
}

/// A client transaction.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) flow: Flow,
    pub(super) owner: Owner,
    pub(super) method: Method,
    pub(super) state: State,
    challenges: u8,
    random: u64,
    /// What the owner knows the request by: its first transaction, should a challenge have made a second.
    name: Option<OutgoingId>,
    /// The request, to send it again; empty once it never will be.
    pub(super) request: Arc<[u8]>,
    pub(super) credentials: Option<SharedCredentials>,
    interval: Duration,
    retransmit: Option<TimerId>,
    end: Option<TimerId>,
}

/// A request before it has a transaction: everything but Via.
pub(super) struct Draft {
    pub(super) flow: Flow,
    pub(super) owner: Owner,
    pub(super) method: Method,
    pub(super) credentials: Option<SharedCredentials>,
    pub(super) challenges: u8,
    pub(super) name: Option<OutgoingId>,
}

impl Endpoint {
    /// Begins a client transaction. `write` makes the request from the value of its Via.
    pub(super) fn start_client(
        &mut self,
        draft: Draft,
        write: impl FnOnce(&str) -> Vec<u8>,
    ) -> Result<OutgoingId, Refusal> {
        if !self.has_room() {
            return Err(Refusal::Full);
        }
        let random = self.tokens.next();
        let place = self.clients.insert(Client {
            flow: draft.flow,
            owner: draft.owner,
            method: draft.method,
            state: State::Calling,
            challenges: draft.challenges,
            random,
            name: draft.name,
            request: Arc::new([]),
            credentials: draft.credentials,
            interval: T1,
            retransmit: None,
            end: None,
        });
        let branch = token::branch(place.0, place.1, random);
        let via = compose::via(&self.config, draft.flow.transport, &branch);
        let request: Arc<[u8]> = write(&via).into();
        let retransmit = if draft.flow.transport.is_reliable() {
            None
        } else {
            Some(self.arm(T1, TimerKind::ClientRetransmit, place))
        };
        let end = Some(self.arm(T1_64, TimerKind::ClientTimeout, place));
        if let Some(client) = self.clients.get_mut(place.0, place.1) {
            client.request = request.clone();
            client.retransmit = retransmit;
            client.end = end;
        }
        self.send_bytes(draft.flow, request);
        Ok(OutgoingId::new(place))
    }

    /// Timers A and E.
    pub(super) fn client_retransmit(&mut self, id: OutgoingId) {
        let Some(client) = self.clients.get_mut(id.index, id.generation) else { return };
        let doubled = client.interval + client.interval;
        let next = match (client.method, client.state) {
            (Method::Invite, State::Calling) => doubled,
            (Method::Invite, _) | (_, State::Completed | State::Accepted) => {
                client.retransmit = None;
                return;
            }
            (_, State::Calling) => doubled.min(T2),
            (_, State::Proceeding) => T2,
        };
        client.interval = next;
        let (flow, request) = (client.flow, client.request.clone());
        let timer = self.arm(next, TimerKind::ClientRetransmit, (id.index, id.generation));
        if let Some(client) = self.clients.get_mut(id.index, id.generation) {
            client.retransmit = Some(timer);
        }
        self.usage.retransmitted += 1;
        self.send_bytes(flow, request);
    }

    /// Timers B and F: as if 408 had come.
    pub(super) fn client_timeout(&mut self, id: OutgoingId) {
        let Some(client) = self.clients.get(id.index, id.generation) else { return };
        let (owner, name) = (client.owner, client.name.unwrap_or(id));
        self.client_gone(id);
        self.final_response(name, owner, 408, None);
    }

    /// Ends a transaction without a word.
    pub(super) fn client_gone(&mut self, id: OutgoingId) {
        if let Some(client) = self.clients.remove(id.index, id.generation) {
            self.disarm(client.retransmit);
            self.disarm(client.end);
        }
    }

    /// Every request on a connection that has gone fails now.
    pub(super) fn unreachable_flow(&mut self, flow: Flow) {
        let gone: Vec<(OutgoingId, Owner)> = self
            .clients
            .iter()
            .filter(|(_, _, c)| c.flow == flow && matches!(c.state, State::Calling | State::Proceeding))
            .map(|(index, generation, c)| (OutgoingId::new((index, generation)), c.owner))
            .collect();
        for (id, owner) in gone {
            let name = self.clients.get(id.index, id.generation).and_then(|c| c.name).unwrap_or(id);
            self.client_gone(id);
            self.final_response(name, owner, 503, None);
        }
    }

    pub(super) fn response_received(&mut self, message: &Message<'_>) {
        let Ok(essentials) = message.check() else {
            self.usage.stray += 1;
            return;
        };
        // RFC 3261 8.1.3.3: a response with a second Via was meant for somebody else.
        let vias: usize = message.headers(Header::Via).map(|v| crate::message::list(v).count()).sum();
        let found = token::read_branch(essentials.via.branch()).and_then(|(index, generation, random)| {
            let client = self.clients.get(index, generation)?;
            let same = client.random == random && client.method.as_str() == essentials.cseq.method;
            (same && vias == 1).then_some(OutgoingId::new((index, generation)))
        });
        let (Some(id), Some(status)) = (found, message.status()) else {
            self.usage.stray += 1;
            return;
        };
        match status {
            100..=199 => self.provisional_response(id, status, message),
            _ => self.final_received(id, status, message),
        }
    }

    fn provisional_response(&mut self, id: OutgoingId, status: u16, message: &Message<'_>) {
        let Some(client) = self.clients.get_mut(id.index, id.generation) else { return };
        let (method, state, owner) = (client.method, client.state, client.owner);
        match state {
            State::Calling | State::Proceeding => client.state = State::Proceeding,
            State::Completed | State::Accepted => return,
        }
        if method == Method::Invite && state == State::Calling {
            let (retransmit, end) = (client.retransmit.take(), client.end.take());
            self.disarm(retransmit);
            self.disarm(end);
        }
        if let Owner::Invite(leg) = owner {
            self.invite_progress(leg, state == State::Calling, status, message);
        }
    }

    fn final_received(&mut self, id: OutgoingId, status: u16, message: &Message<'_>) {
        let Some(client) = self.clients.get(id.index, id.generation) else { return };
        let (method, state, owner) = (client.method, client.state, client.owner);
        match (method, state) {
            (Method::Invite, State::Accepted) => {
                self.usage.absorbed += 1;
                if status < 300 {
                    self.answer_again(owner, message);
                }
            }
            (Method::Invite, State::Completed) => {
                self.usage.absorbed += 1;
                self.acknowledge_failure(id, message);
            }
            (_, State::Completed | State::Accepted) => self.usage.absorbed += 1,
            (_, State::Calling | State::Proceeding) => self.complete(id, status, message),
        }
    }

    fn complete(&mut self, id: OutgoingId, status: u16, message: &Message<'_>) {
        let Some(client) = self.clients.get_mut(id.index, id.generation) else { return };
        let (method, owner, reliable) = (client.method, client.owner, client.flow.transport.is_reliable());
        let name = client.name.unwrap_or(id);
        let invite = method == Method::Invite;
        client.state = if invite && status < 300 { State::Accepted } else { State::Completed };
        let timers = (client.retransmit.take(), client.end.take());
        self.disarm(timers.0);
        self.disarm(timers.1);
        if invite && status >= 300 {
            self.acknowledge_failure(id, message);
        }
        let retried = matches!(status, 401 | 407) && self.answer_challenge(id, status, message);
        let linger = match (invite, status < 300, reliable) {
            (true, true, _) => T1_64,
            (true, false, false) => TIMER_D,
            (false, _, false) => T4,
            (_, _, true) => Duration::ZERO,
        };
        if linger.is_zero() {
            self.client_gone(id);
        } else {
            let end = self.arm(linger, TimerKind::ClientLinger, (id.index, id.generation));
            if let Some(client) = self.clients.get_mut(id.index, id.generation) {
                client.end = Some(end);
                if client.state == State::Accepted || !invite {
                    client.request = Arc::new([]);
                }
            }
        }
        if !retried {
            self.final_response(name, owner, status, Some(message));
        }
    }

    /// RFC 3261 17.1.1.3.
    fn acknowledge_failure(&mut self, id: OutgoingId, response: &Message<'_>) {
        let Some(client) = self.clients.get(id.index, id.generation) else { return };
        let flow = client.flow;
        let request = client.request.clone();
        let Ok(request) = Message::parse(&request) else { return };
        let to = response.header(Header::To).unwrap_or_default();
        let ack = compose::same_transaction(&request, Method::Ack, to);
        self.send_bytes(flow, ack.into());
    }

    /// Sends the request once more with credentials; whether it could.
    fn answer_challenge(&mut self, id: OutgoingId, status: u16, response: &Message<'_>) -> bool {
        let Some(client) = self.clients.get(id.index, id.generation) else { return false };
        let Some(credentials) = client.credentials.clone() else { return false };
        let (asks, answers) = match status {
            401 => (Header::WwwAuthenticate, Header::Authorization),
            _ => (Header::ProxyAuthenticate, Header::ProxyAuthorization),
        };
        let Some(challenge) = Challenge::choose(response.headers(asks)) else { return false };
        let (method, flow, owner, challenges) = (client.method, client.flow, client.owner, client.challenges);
        let client_name = client.name.unwrap_or(id);
        let bytes = client.request.clone();
        let Ok(request) = Message::parse(&bytes) else { return false };
        // A second refusal of the same password is final, unless only the nonce was too old.
        let refused = request.has(answers) && !challenge.stale;
        if challenges >= MAX_CHALLENGES || refused {
            return false;
        }
        let cnonce = format!("{:016x}", self.tokens.next());
        let uri = String::from_utf8_lossy(request.uri_bytes()).into_owned();
        let text = String::from_utf8_lossy(request.method_bytes()).into_owned();
        let signed = Signed { method: &text, uri: &uri, body: request.body() };
        let value = challenge.answer(&signed, &credentials, &cnonce, 1);
        let last = request.header(Header::CSeq).and_then(CSeq::parse).map_or(0, |c| c.number);
        let cseq = self.next_cseq(owner, last);
        let name = Some(client_name);
        let draft =
            Draft { flow, owner, method, credentials: Some(credentials), challenges: challenges + 1, name };
        let replaced = [(answers, value)];
        match self.start_client(draft, |via| compose::again(&request, via, cseq, &replaced)) {
            Ok(again) => {
                self.request_replaced(owner, again);
                true
            }
            Err(_) => false,
        }
    }
}
