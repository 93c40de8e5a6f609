//! Server transactions: RFC 3261 17.2 with RFC 6026's Accepted state.

use super::compose;
use super::core::Endpoint;
use super::types::{Flow, IncomingId, LegId, Reply, TimerKind};
use crate::limits::{T1, T1_64, T2, T4};
use crate::message::{Essentials, Message, Method};
use engine::time::Duration;
use engine::timer::TimerId;
use std::sync::Arc;

/// Where a server transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// INVITE: Proceeding. Others: Trying or Proceeding.
    Proceeding,
    /// A final response was sent, to an INVITE other than 2xx.
    Completed,
    /// The ACK of it has come.
    Confirmed,
    /// An INVITE was answered with 2xx; the dialog repeats it (RFC 6026).
    Accepted,
}

/// A server transaction.
#[derive(Clone, Debug)]
pub(super) struct Server {
    key: u128,
    pub(super) flow: Flow,
    pub(super) method: Method,
    /// Of the request.
    pub(super) cseq: u32,
    pub(super) state: State,
    pub(super) leg: Option<LegId>,
    /// What a response copies from the request, and To; dropped once the last response is made.
    head: Box<[u8]>,
    to: Box<[u8]>,
    /// Our tag, unless To has one already.
    tag: Option<Box<str>>,
    /// The last response, for when the request comes again.
    last: Option<Arc<[u8]>>,
    interval: Duration,
    retransmit: Option<TimerId>,
    end: Option<TimerId>,
}

impl Endpoint {
    /// RFC 3261 17.2.3: branch, sent-by and method; for requests of RFC 2543, what names them there.
    pub(super) fn transaction_key(&self, message: &Message<'_>, e: &Essentials<'_>, method: Method) -> u128 {
        // ACK and CANCEL ask for the transaction of their INVITE.
        let of_invite = matches!(method, Method::Ack | Method::Invite);
        let name = if of_invite { b"INVITE" } else { message.method_bytes() };
        let halves = self.hashers.each_ref().map(|hasher| {
            if e.via.has_magic_cookie() {
                hasher.hash_one((e.via.branch(), e.via.host.as_str(), e.via.port, name))
            } else {
                let sent_by = (e.via.host.as_str(), e.via.port, e.via.branch());
                hasher.hash_one((e.call_id, e.from.tag(), e.cseq.number, sent_by, message.uri_bytes(), name))
            }
        });
        u128::from(halves[0]) << 64 | u128::from(halves[1])
    }

    /// Begins a server transaction. There is room: that was asked before.
    pub(super) fn start_server(
        &mut self,
        key: u128,
        flow: Flow,
        message: &Message<'_>,
        e: &Essentials<'_>,
        method: Method,
    ) -> IncomingId {
        use crate::message::Header;
        let tag = if e.to.tag().is_empty() {
            Some(format!("{:016x}", self.tokens.next()).into_boxed_str())
        } else {
            None
        };
        let server = Server {
            key,
            flow: response_way(flow, e),
            method,
            cseq: e.cseq.number,
            state: State::Proceeding,
            leg: None,
            head: compose::response_head(message, flow.remote).into(),
            to: message.header(Header::To).unwrap_or_default().into(),
            tag,
            last: None,
            interval: T1,
            retransmit: None,
            end: None,
        };
        let id = IncomingId::new(self.servers.insert(server));
        self.server_keys.insert(key, id);
        id
    }

    pub(super) fn set_server_leg(&mut self, id: IncomingId, leg: LegId, tag: Option<String>) {
        if let Some(server) = self.servers.get_mut(id.index, id.generation) {
            server.leg = Some(leg);
            if let Some(tag) = tag {
                server.tag = Some(tag.into_boxed_str());
            }
        }
    }

    /// The request has come again: so does its last response.
    pub(super) fn request_again(&mut self, id: IncomingId) {
        self.usage.absorbed += 1;
        let Some(server) = self.servers.get(id.index, id.generation) else { return };
        match server.state {
            State::Proceeding | State::Completed => {
                if let Some(last) = server.last.clone() {
                    let flow = server.flow;
                    self.usage.retransmitted += 1;
                    self.send_bytes(flow, last);
                }
            }
            State::Confirmed | State::Accepted => {}
        }
    }

    /// Sends a response; the bytes that were sent. `None` if the transaction is gone or has had its final response.
    pub(super) fn send_response(
        &mut self,
        id: IncomingId,
        extra: &[u8],
        reply: &Reply<'_>,
    ) -> Option<Arc<[u8]>> {
        let server = self.servers.get(id.index, id.generation)?;
        if server.state != State::Proceeding {
            return None;
        }
        let tag = if reply.status == 100 { None } else { server.tag.as_deref() };
        let bytes: Arc<[u8]> =
            compose::response(&self.config, &server.head, &server.to, tag, extra, reply).into();
        let flow = server.flow;
        if let Some(server) = self.servers.get_mut(id.index, id.generation) {
            server.last = Some(bytes.clone());
        }
        self.send_bytes(flow, bytes.clone());
        if reply.status >= 200 {
            self.final_sent(id, reply.status);
        }
        Some(bytes)
    }

    fn final_sent(&mut self, id: IncomingId, status: u16) {
        let place = (id.index, id.generation);
        let Some(server) = self.servers.get_mut(place.0, place.1) else { return };
        let reliable = server.flow.transport.is_reliable();
        server.head = Box::default();
        server.to = Box::default();
        if server.method != Method::Invite {
            server.state = State::Completed;
            // Timer J.
            if reliable {
                self.server_gone(id);
            } else {
                let end = self.arm(T1_64, TimerKind::ServerLinger, place);
                self.set_server_timers(id, None, end);
            }
        } else if status < 300 {
            // Timer L; the dialog repeats the response, so it is not kept here.
            server.state = State::Accepted;
            server.last = None;
            let end = self.arm(T1_64, TimerKind::ServerLinger, place);
            self.set_server_timers(id, None, end);
        } else {
            // Timers G and H.
            server.state = State::Completed;
            let retransmit =
                if reliable { None } else { Some(self.arm(T1, TimerKind::ServerRetransmit, place)) };
            let end = self.arm(T1_64, TimerKind::ServerTimeout, place);
            self.set_server_timers(id, retransmit, end);
        }
    }

    fn set_server_timers(&mut self, id: IncomingId, retransmit: Option<TimerId>, end: TimerId) {
        if let Some(server) = self.servers.get_mut(id.index, id.generation) {
            server.retransmit = retransmit;
            server.end = Some(end);
        }
    }

    /// Timer G.
    pub(super) fn server_retransmit(&mut self, id: IncomingId) {
        let Some(server) = self.servers.get_mut(id.index, id.generation) else { return };
        server.retransmit = None;
        if server.state != State::Completed {
            return;
        }
        let next = (server.interval + server.interval).min(T2);
        server.interval = next;
        let (flow, last) = (server.flow, server.last.clone());
        let timer = self.arm(next, TimerKind::ServerRetransmit, (id.index, id.generation));
        if let Some(server) = self.servers.get_mut(id.index, id.generation) {
            server.retransmit = Some(timer);
        }
        if let Some(last) = last {
            self.usage.retransmitted += 1;
            self.send_bytes(flow, last);
        }
    }

    /// The ACK of a final response other than 2xx; timer I begins.
    pub(super) fn failure_acknowledged(&mut self, id: IncomingId) {
        let Some(server) = self.servers.get_mut(id.index, id.generation) else { return };
        if server.state != State::Completed {
            return;
        }
        server.state = State::Confirmed;
        server.last = None;
        let reliable = server.flow.transport.is_reliable();
        let timers = (server.retransmit.take(), server.end.take());
        self.disarm(timers.0);
        self.disarm(timers.1);
        if reliable {
            self.server_gone(id);
        } else {
            let end = self.arm(T4, TimerKind::ServerLinger, (id.index, id.generation));
            self.set_server_timers(id, None, end);
        }
    }

    /// Timers H, I, J and L.
    pub(super) fn server_gone(&mut self, id: IncomingId) {
        if let Some(server) = self.servers.remove(id.index, id.generation) {
            self.server_keys.remove(&server.key);
            self.disarm(server.retransmit);
            self.disarm(server.end);
        }
    }
}

/// RFC 3261 18.2.2 and RFC 3581: back to the address the request came from, to its port if it asked for that (rport),
/// to the port of its Via otherwise.
fn response_way(flow: Flow, e: &Essentials<'_>) -> Flow {
    if flow.transport.is_reliable() || e.via.params.has("rport") {
        return flow;
    }
    let port = e.via.port.filter(|&p| p != 0).unwrap_or(5060);
    Flow { remote: std::net::SocketAddr::new(flow.remote.ip(), port), ..flow }
}
