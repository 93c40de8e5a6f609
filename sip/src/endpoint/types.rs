//! The language an endpoint speaks: what comes in, what goes out, and how its things are named.

use crate::message::{Header, Method, Stored};
use engine::time::{Duration, Instant};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

macro_rules! handle {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            pub(crate) index: u32,
            pub(crate) generation: u32,
        }

        impl $name {
            pub(crate) const fn new((index, generation): (u32, u32)) -> Self {
                Self { index, generation }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({}.{})", stringify!($name), self.index, self.generation)
            }
        }
    };
}

handle!(LegId, "One side of a call as this endpoint has it: a dialog, from its INVITE to its end.");
handle!(IncomingId, "A request that came in and waits to be answered.");
handle!(OutgoingId, "A request that went out and waits for its answer.");
handle!(RegistrationId, "A registration kept at a registrar.");
handle!(WatchId, "A peer asked regularly with OPTIONS.");

/// What carries messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams, which get lost.
    Udp,
    /// A stream.
    Tcp,
    /// An encrypted stream.
    Tls,
}

impl Transport {
    /// As a Via names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// Whether what is sent arrives or the sender learns of it: no retransmissions.
    #[must_use]
    pub const fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls => true,
        }
    }
}

/// The way of a message: where it came from, or where it is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// What carries it.
    pub transport: Transport,
    /// Which socket (UDP) or connection (TCP, TLS). 0 as a destination of TCP or TLS: any, a new one if need be.
    pub channel: u32,
    /// The other side.
    pub remote: SocketAddr,
}

impl Flow {
    /// Over UDP, on the first socket.
    #[must_use]
    pub const fn udp(remote: SocketAddr) -> Self {
        Self { transport: Transport::Udp, channel: 0, remote }
    }
}

/// Something that happened outside.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One message: a datagram, or what [`crate::message::next_frame`] cut from a stream.
    Received {
        /// Its way.
        flow: Flow,
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// A connection has closed or could not be opened. Not for UDP, where silence decides.
    Unreachable {
        /// The way that has gone.
        flow: Flow,
    },
}

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send these bytes.
    Send {
        /// Where to.
        flow: Flow,
        /// One whole message.
        bytes: Arc<[u8]>,
    },
    /// Something happened that the owner of the endpoint wants to know.
    Event(Event),
}

/// What the owner of an endpoint learns.
#[derive(Clone, Debug)]
pub enum Event {
    /// A call comes in. Answer with `ring`, `answer` or `reject`.
    Invited {
        /// The new leg.
        leg: LegId,
        /// The INVITE.
        message: Stored,
        /// Where it came from.
        source: Flow,
    },
    /// The first response to our INVITE has come: the peer works on it. A response other than 100 is an event besides.
    Trying {
        /// The leg.
        leg: LegId,
    },
    /// A provisional response other than 100 to our INVITE.
    Progress {
        /// The leg.
        leg: LegId,
        /// The response.
        message: Stored,
    },
    /// Our INVITE was answered with 2xx. It is acknowledged already if the INVITE had a body; call `acknowledge`
    /// otherwise.
    Answered {
        /// The leg.
        leg: LegId,
        /// The response.
        message: Stored,
    },
    /// Our INVITE was refused. The leg is gone.
    Refused {
        /// The leg.
        leg: LegId,
        /// Status code: of the response; 408 if none came, 503 if the way there has gone, 487 if we took it back.
        status: u16,
        /// The response, if one came.
        message: Option<Stored>,
    },
    /// The caller has acknowledged our answer.
    Acknowledged {
        /// The leg.
        leg: LegId,
        /// The ACK, which may carry the answer to our offer.
        message: Stored,
    },
    /// The call is over. The leg is gone.
    Ended {
        /// The leg.
        leg: LegId,
        /// Why.
        why: EndCause,
        /// The BYE or CANCEL, if one came.
        message: Option<Stored>,
    },
    /// The provisional response that was sent reliably has been confirmed; answered already.
    Confirmed {
        /// The leg.
        leg: LegId,
        /// The PRACK.
        message: Stored,
    },
    /// A request that is not answered by the endpoint itself. Answer with `respond`.
    Request {
        /// What to name it by in `respond`.
        incoming: IncomingId,
        /// The leg it belongs to; `None` outside a dialog.
        leg: Option<LegId>,
        /// Its method.
        method: Method,
        /// The request.
        message: Stored,
        /// Where it came from.
        source: Flow,
    },
    /// The final response to a request of ours other than the INVITE that began a leg.
    Response {
        /// The request.
        outgoing: OutgoingId,
        /// The leg it belongs to.
        leg: Option<LegId>,
        /// Status code; 408 if none came, 503 if the way there has gone.
        status: u16,
        /// The response, if one came.
        message: Option<Stored>,
    },
    /// The session must be refreshed with a re-INVITE, as the peer knows no UPDATE (RFC 4028).
    RefreshDue {
        /// The leg.
        leg: LegId,
    },
    /// A registration of ours is in force, or in force again.
    Registered {
        /// Which.
        registration: RegistrationId,
        /// For how long it is good; it is refreshed before.
        expires: Duration,
        /// From the first REGISTER to this answer, challenges in between included.
        took: Duration,
    },
    /// A registration of ours is not in force; it is tried again by itself unless it was taken back.
    Unregistered {
        /// Which.
        registration: RegistrationId,
        /// Status code of the refusal; 408 without an answer, 200 if it was taken back as asked.
        status: u16,
    },
    /// A watched peer answers again (or for the first time), or no longer.
    Peer {
        /// Which.
        watch: WatchId,
        /// Whether it answers.
        state: PeerState,
    },
}

/// Whether a watched peer answers OPTIONS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerState {
    /// It does, with anything but 503.
    Up {
        /// From request to answer.
        round_trip: Duration,
    },
    /// It does not, or with 503.
    Down,
}

/// Why a call has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// The other side sent BYE.
    Bye,
    /// The caller took the call back before it was answered.
    Cancelled,
    /// Our answer was never acknowledged.
    NoAck,
    /// The session timer ran out (RFC 4028).
    SessionExpired,
    /// A reliable provisional response was never confirmed (RFC 3262).
    NoPrack,
    /// The peer knows nothing of the dialog (481), or does not answer in it (408).
    PeerLost,
    /// A leg that the INVITE's Replaces named was replaced (RFC 3891).
    Replaced,
}

/// Why a command was not obeyed; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A table is full.
    Full,
    /// The leg, request, registration or watch is gone.
    Unknown,
    /// Not in this state.
    WrongState,
    /// Not before the peer has confirmed the provisional response that was sent last ([`Event::Confirmed`]).
    Unconfirmed,
}

/// A body and its type.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// `application/sdp` or another.
    pub content_type: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> Body<'a> {
    /// A session description.
    #[must_use]
    pub const fn sdp(bytes: &'a [u8]) -> Self {
        Self { content_type: "application/sdp", bytes }
    }
}

/// A header field to write.
pub type Field<'a> = (Header, &'a str);

/// A response to send.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// Status code.
    pub status: u16,
    /// Reason phrase, unless the usual one.
    pub reason: Option<&'a str>,
    /// Further header fields.
    pub headers: &'a [Field<'a>],
    /// The body.
    pub body: Option<Body<'a>>,
}

impl<'a> Reply<'a> {
    /// A status code and nothing else.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, reason: None, headers: &[], body: None }
    }

    /// With a session description.
    #[must_use]
    pub const fn sdp(status: u16, sdp: &'a [u8]) -> Self {
        Self { status, reason: None, headers: &[], body: Some(Body::sdp(sdp)) }
    }

    /// With further header fields.
    #[must_use]
    pub const fn with(mut self, headers: &'a [Field<'a>]) -> Self {
        self.headers = headers;
        self
    }
}

/// How a provisional response is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provisional {
    /// Once, unless the caller requires it otherwise (RFC 3262).
    Plain,
    /// Again until it is confirmed, if the caller can do that (RFC 3262); plainly otherwise.
    Reliable,
}

/// How a request outside a dialog is addressed, an INVITE among them.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Where it is sent.
    pub flow: Flow,
    /// Request-URI.
    pub uri: &'a str,
    /// From without a tag: `"Extn201" <sip:201@10.0.0.1>`.
    pub from: &'a str,
    /// To without a tag.
    pub to: &'a str,
    /// Contact; `None` for requests that need none.
    pub contact: Option<&'a str>,
}

/// Name and password for challenges; shared, as many requests have the same.
pub type SharedCredentials = Arc<crate::auth::Credentials>;

/// A call to set up.
#[derive(Clone, Debug)]
pub struct Invite<'a> {
    /// Whom.
    pub target: Target<'a>,
    /// Further header fields.
    pub headers: &'a [Field<'a>],
    /// The offer; without one the peer offers.
    pub body: Option<Body<'a>>,
    /// For challenges of this INVITE and of later requests in the dialog.
    pub credentials: Option<SharedCredentials>,
}

/// Sizes and counters of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Usage {
    /// Client transactions.
    pub clients: usize,
    /// Server transactions.
    pub servers: usize,
    /// Legs.
    pub legs: usize,
    /// Timers armed.
    pub timers: usize,
    /// Messages received.
    pub received: u64,
    /// Messages sent, retransmissions included.
    pub sent: u64,
    /// Messages that we sent again.
    pub retransmitted: u64,
    /// Messages that came again.
    pub absorbed: u64,
    /// Datagrams that are no SIP.
    pub not_sip: u64,
    /// Requests answered with an error because they were malformed.
    pub malformed: u64,
    /// Responses and ACKs that belong to nothing here.
    pub stray: u64,
    /// Requests answered with 503 because a table was full or admission was shut.
    pub overloaded: u64,
}

/// What a timer is for. RFC 3261's letters, RFC 6026's L and M.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// A and E: send the request again.
    ClientRetransmit,
    /// B and F: no answer.
    ClientTimeout,
    /// D, K and M: the transaction has absorbed long enough.
    ClientLinger,
    /// C: rings too long.
    Ringing,
    /// G: send the final response to an INVITE again.
    ServerRetransmit,
    /// H: no ACK.
    ServerTimeout,
    /// I, J and L: the transaction has absorbed long enough.
    ServerLinger,
    /// Send the 2xx again (RFC 3261 13.3.1.4).
    AnswerRetransmit,
    /// The 2xx was not acknowledged.
    AnswerTimeout,
    /// Send the reliable provisional response again, or give up (RFC 3262).
    Provisional,
    /// A PRACK for a leg that is gone is not waited for any longer (RFC 3262).
    Unconfirmed,
    /// Refresh the session, or end it (RFC 4028).
    Session,
    /// Refresh or repeat a registration.
    Registration,
    /// Ask a watched peer.
    Watch,
}

/// A timer: what it is for and whose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer {
    pub(crate) kind: TimerKind,
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// When the endpoint wants to be called next, and what for.
pub type NextTimeout = Option<(Instant, TimerKind)>;
