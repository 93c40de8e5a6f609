//! SIP, SDP and RTP without IO, and the sockets beside them.
//!
//! # The contract
//!
//! [`Endpoint`] owns transactions, dialogs, registrations and watched peers. It knows no clock, socket or thread: time
//! comes in with every call, what it wants done comes out of a queue, and its branches, tags and Call-IDs come from a
//! seed. The same inputs at the same times give the same outputs. There are four kinds of method and no others:
//!
//! 1. queries (`&self`): [`Endpoint::usage`], [`Endpoint::dialog`], [`Endpoint::find_replaced`], [`Endpoint::flows`]
//! 2. changes, each with `now`: [`Endpoint::handle`]`(now, input)` for what happened outside, and the commands of the
//!    owner (`invite`, `ring`, `answer`, `reject`, `acknowledge`, `hang_up`, `request`, `respond`, `send`, `register`,
//!    `watch`, ...), which are refused with a [`endpoint::Refusal`] or obeyed
//! 3. [`Endpoint::handle_timeout`]`(now)`: the time that `poll_timeout` asked for has come
//! 4. the two polls: [`Endpoint::poll_output`] and [`Endpoint::poll_timeout`]
//!
//! Change, drain, change, drain: after each change take outputs until there are none, then ask for the next timeout.
//! Time never runs backwards (asserted).
//!
//! # A call
//!
//! A leg is one side of a call as this endpoint has it. A back-to-back user agent has two and passes on what it
//! wants; legs know nothing of each other.
//!
//! | the caller's side | the other side |
//! |---|---|
//! | `invite` | [`Event::Invited`](endpoint::Event::Invited); 100 was sent |
//! | [`Event::Progress`](endpoint::Event::Progress) | `ring` |
//! | [`Event::Answered`](endpoint::Event::Answered); acknowledged by itself if the INVITE had an offer | `answer` |
//! | (or [`Event::Refused`](endpoint::Event::Refused): the leg is gone) | (or `reject`) |
//! | | [`Event::Acknowledged`](endpoint::Event::Acknowledged) |
//! | `hang_up`, in any state | [`Event::Ended`](endpoint::Event::Ended): the leg is gone |
//!
//! Requests in the dialog that want a decision (re-INVITE, UPDATE with an offer, REFER, NOTIFY, INFO) come as
//! [`Event::Request`](endpoint::Event::Request) and are answered with `respond`; `request` sends them. Done without
//! asking: retransmission, 100, ACK, CANCEL and 487, PRACK, digest challenges where credentials were given, session
//! timers, OPTIONS, BYE's 200, refusals of what is malformed or not understood.
//!
//! # Limits
//!
//! All of them stand in [`limits`]. A full table refuses: commands with `Refusal::Full`, requests of strangers with 503
//! and Retry-After after one pass over the message and without keeping anything.
//!
//! # The rest
//!
//! [`message`] reads and writes, [`sdp`] offers and answers, [`auth`] is digest authentication, [`registrar`] keeps
//! bindings, [`refer`] reads transfers, [`rtp`] sends, receives, judges and mixes audio. [`io`] has the sockets.
//!
//! ```
//! use engine::time::Instant;
//! use sip::endpoint::{Config, Endpoint, Event, Flow, Input, Invite, Output, Reply, Target};
//!
//! let [alice_at, bob_at] = ["192.0.2.1:5060", "192.0.2.2:5060"].map(|a| a.parse().expect("an address"));
//! let mut alice = Endpoint::new(Config::new(1, alice_at));
//! let mut bob = Endpoint::new(Config::new(2, bob_at));
//! let target = Target {
//!     flow: Flow::udp(bob_at),
//!     uri: "sip:201@192.0.2.2",
//!     from: "<sip:202@192.0.2.1>",
//!     to: "<sip:201@192.0.2.2>",
//!     contact: Some("<sip:202@192.0.2.1:5060>"),
//! };
//! let now = Instant::ZERO;
//! alice.invite(now, &Invite { target, headers: &[], body: None, credentials: None }).expect("room");
//! let Some(Output::Send { bytes, .. }) = alice.poll_output() else { panic!("an INVITE") };
//!
//! bob.handle(now, Input::Received { flow: Flow::udp(alice_at), bytes: &bytes });
//! let Some(Output::Send { bytes: trying, .. }) = bob.poll_output() else { panic!("100 Trying") };
//! assert!(trying.starts_with(b"SIP/2.0 100 "));
//! let Some(Output::Event(Event::Invited { leg, .. })) = bob.poll_output() else { panic!("a call") };
//! bob.reject(now, leg, &Reply::new(486)).expect("a leg that rings");
//! ```

pub mod auth;
pub mod endpoint;
pub mod io;
pub mod limits;
pub mod message;
pub mod refer;
pub mod registrar;
pub mod rtp;
pub mod sdp;

pub use endpoint::Endpoint;
