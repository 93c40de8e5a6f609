//! A leg: the dialog (RFC 3261 12) and the session in it.

use super::token;
use super::types::{Flow, IncomingId, LegId, OutgoingId, SharedCredentials};
use crate::limits::MAX_ROUTES;
use crate::message::{Header, Message, NameAddr, list};
use engine::time::Duration;
use engine::timer::TimerId;
use std::net::SocketAddr;
use std::sync::Arc;

/// Where a leg stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Our INVITE is out.
    Calling {
        /// Its transaction.
        invite: OutgoingId,
        /// Whether it is to be taken back.
        cancel: Cancel,
    },
    /// An INVITE came in and is not answered yet.
    Offered {
        /// Its transaction.
        invite: IncomingId,
    },
    /// Our INVITE without an offer was answered; the ACK with our answer is missing.
    Unacknowledged,
    /// Both sides have the dialog.
    Confirmed,
}

/// Taking an INVITE back: only after a provisional response (RFC 3261 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancel {
    /// Not asked for.
    No,
    /// Asked for, no provisional response yet.
    Wanted,
    /// CANCEL was sent.
    Sent,
}

/// Our 2xx to an INVITE until it is acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) bytes: Arc<[u8]>,
    pub(super) flow: Flow,
    pub(super) cseq: u32,
    pub(super) interval: Duration,
    pub(super) retransmit: Option<TimerId>,
    pub(super) end: Option<TimerId>,
    /// BYE as soon as the ACK is there.
    pub(super) hang_up: bool,
}

/// A provisional response sent reliably until it is confirmed.
#[derive(Clone, Debug)]
pub(super) struct Reliable {
    pub(super) bytes: Arc<[u8]>,
    pub(super) rseq: u32,
    /// Of the INVITE.
    pub(super) cseq: u32,
    pub(super) with_body: bool,
    pub(super) interval: Duration,
    pub(super) waited: Duration,
    pub(super) timer: Option<TimerId>,
}

/// What is left of a leg that was refused, or has ended, while a reliable provisional response was unconfirmed.
#[derive(Clone, Debug)]
pub(super) struct Unconfirmed {
    pub(super) random: u64,
    pub(super) call_id: Box<[u8]>,
    pub(super) remote_tag: Box<[u8]>,
    pub(super) rseq: u32,
    pub(super) cseq: u32,
    pub(super) timer: TimerId,
}

/// Who refreshes the session (RFC 4028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresher {
    /// Nobody: no session timer.
    Nobody,
    /// This side.
    Us,
    /// The peer.
    Peer,
}

/// The session timer, and what the peer can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionState {
    pub(super) refresher: Refresher,
    pub(super) expires_s: u32,
    pub(super) timer: Option<TimerId>,
    /// Asked for in the last request of the peer, with its wish for the refresher.
    pub(super) asked: Option<(u32, Refresher)>,
    pub(super) peer_supports_timer: bool,
    pub(super) peer_supports_update: bool,
    pub(super) peer_supports_100rel: bool,
    pub(super) peer_requires_100rel: bool,
}

/// A dialog with its session.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) state: State,
    pub(super) flow: Flow,
    pub(super) random: u64,
    pub(super) call_id: Box<[u8]>,
    /// Empty until the peer has given one.
    pub(super) remote_tag: Box<[u8]>,
    /// Our address as From or To has it, without the tag.
    pub(super) local: Box<[u8]>,
    pub(super) remote: Box<[u8]>,
    pub(super) target: Box<str>,
    pub(super) contact: Box<str>,
    /// The Route lines of requests in the dialog.
    pub(super) routes: Box<[u8]>,
    pub(super) local_cseq: u32,
    pub(super) remote_cseq: u32,
    /// CSeq of our last INVITE: its ACK has the same.
    pub(super) invite_cseq: u32,
    pub(super) with_offer: bool,
    pub(super) remote_rseq: u32,
    pub(super) rseq: u32,
    pub(super) cancels: u8,
    /// Our re-INVITE without a final response.
    pub(super) open_invite: Option<OutgoingId>,
    pub(super) ringing: Option<TimerId>,
    pub(super) ack: Option<(Flow, Arc<[u8]>)>,
    pub(super) answer: Option<Box<Answer>>,
    pub(super) reliable: Option<Box<Reliable>>,
    pub(super) session: SessionState,
    pub(super) credentials: Option<SharedCredentials>,
}

impl SessionState {
    pub(super) const NONE: Self = Self {
        refresher: Refresher::Nobody,
        expires_s: 0,
        timer: None,
        asked: None,
        peer_supports_timer: false,
        peer_supports_update: false,
        peer_supports_100rel: false,
        peer_requires_100rel: false,
    };

    /// Notes what a message of the peer says it can do.
    pub(super) fn learn(&mut self, message: &Message<'_>) {
        self.peer_supports_timer |= message.lists(Header::Supported, "timer");
        self.peer_supports_update |= message.lists(Header::Allow, "UPDATE");
        self.peer_supports_100rel |= message.lists(Header::Supported, "100rel");
        self.peer_requires_100rel |= message.method().is_some() && message.lists(Header::Require, "100rel");
    }
}

impl Leg {
    pub(super) fn local_tag(&self, id: LegId) -> String {
        token::text(id.index, id.generation, self.random)
    }

    /// Takes the route set and the remote target from a response that makes the dialog, or from its request.
    /// RFC 3261 12.1: the caller has the Record-Routes in reverse.
    pub(super) fn learn_routes(&mut self, message: &Message<'_>) {
        let mut routes: Vec<&[u8]> = message.headers(Header::RecordRoute).flat_map(list).collect();
        routes.truncate(MAX_ROUTES);
        if message.status().is_some() {
            routes.reverse();
        }
        let mut lines = super::compose::Lines::default();
        for route in &routes {
            lines.line(Header::Route, route);
        }
        self.routes = lines.0.into();
        self.learn_target(message);
        self.flow = self.next_hop(routes.first().copied());
    }

    /// Takes the remote target from a message that may change it.
    pub(super) fn learn_target(&mut self, message: &Message<'_>) {
        if let Some(contact) = message.header(Header::Contact).and_then(|c| NameAddr::parse(list(c).next()?))
        {
            self.target = contact.uri.as_str().into();
        }
    }

    /// Over UDP to where the first route or the target says, if it says an address; else where the peer was last.
    fn next_hop(&self, route: Option<&[u8]>) -> Flow {
        use crate::message::Uri;
        let uri = match route {
            Some(route) => NameAddr::parse(route).map(|n| n.uri),
            None => Uri::parse(self.target.as_bytes()),
        };
        let address = uri.and_then(|uri| {
            let maddr = uri.params().get_str("maddr").and_then(|m| m.parse().ok());
            let ip = maddr.or_else(|| uri.host()?.ip())?;
            Some(SocketAddr::new(ip, uri.port().unwrap_or(5060)))
        });
        match address {
            Some(remote) if !self.flow.transport.is_reliable() && remote.port() != 0 => {
                Flow { remote, ..self.flow }
            }
            Some(_) | None => self.flow,
        }
    }
}
