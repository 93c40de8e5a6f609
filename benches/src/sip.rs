//! SIP messages read, and a call between two endpoints.

use engine::time::{Duration, Instant};
use sip::endpoint::{Body, Config, Endpoint, Event, Flow, Input, Invite, Output, Reply, Target};
use sip::message::Message;
use sip::sdp::Session;
use std::net::SocketAddr;

/// An INVITE with 18 header fields and a session description, 1,094 bytes.
pub const INVITE: &[u8] = include_bytes!("invite.sip");

/// Reads the message and the five header fields that name transaction and dialog; what they come to.
///
/// # Panics
/// If the message is malformed.
#[must_use]
pub fn read_message(bytes: &[u8]) -> usize {
    essentials(&Message::parse(bytes).expect("a SIP message"))
}

fn essentials(message: &Message<'_>) -> usize {
    let e = message.check().expect("a good one");
    e.via.branch().len()
        + e.from.tag().len()
        + e.to.uri.as_bytes().len()
        + e.call_id.len()
        + e.cseq.number as usize
}

/// The same, and the session description; the port of the audio besides.
///
/// # Panics
/// If the message is malformed.
#[must_use]
pub fn read_message_and_session(bytes: &[u8]) -> usize {
    let message = Message::parse(bytes).expect("a SIP message");
    let session = Session::parse(message.body()).expect("a session description");
    let port = session.audio().expect("audio").port;
    essentials(&message) + usize::from(port)
}

/// Two endpoints and the time.
#[derive(Debug)]
pub struct Pair {
    ends: [Endpoint; 2],
    now: Instant,
}

fn address(who: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1 + who as u8], 5060))
}

impl Default for Pair {
    fn default() -> Self {
        let end = |who: usize| Endpoint::new(Config::new(who as u64 + 1, address(who)));
        Self { ends: [end(0), end(1)], now: Instant::ZERO }
    }
}

impl Pair {
    /// A call: INVITE, 100, 200, ACK, BYE, 200; how many messages went over the wire. Both sides do all they would
    /// do on sockets, and time passes so that timers of earlier calls run as well.
    ///
    /// # Panics
    /// If the call does not go through.
    pub fn call(&mut self) -> usize {
        let body =
            INVITE.windows(4).position(|w| w == b"\r\n\r\n").map(|at| &INVITE[at + 4..]).expect("a body");
        let target = Target {
            flow: Flow::udp(address(1)),
            uri: "sip:201@192.0.2.2",
            from: "<sip:202@192.0.2.1>",
            to: "<sip:201@192.0.2.2>",
            contact: Some("<sip:202@192.0.2.1:5060>"),
        };
        let invite = Invite { target, headers: &[], body: Some(Body::sdp(body)), credentials: None };
        self.now = self.now + Duration::from_millis(20);
        for end in &mut self.ends {
            end.handle_timeout(self.now);
        }
        self.ends[0].invite(self.now, &invite).expect("room for a call");
        let mut carried = 0;
        loop {
            let before = carried;
            for who in [0, 1] {
                while let Some(output) = self.ends[who].poll_output() {
                    match output {
                        Output::Send { bytes, .. } => {
                            carried += 1;
                            let flow = Flow::udp(address(who));
                            self.ends[1 - who].handle(self.now, Input::Received { flow, bytes: &bytes });
                        }
                        Output::Event(event) => self.act(who, &event, body),
                    }
                }
            }
            if carried == before {
                return carried;
            }
        }
    }

    fn act(&mut self, who: usize, event: &Event, body: &[u8]) {
        let end = &mut self.ends[who];
        if let Event::Invited { leg, .. } = event {
            end.answer(self.now, *leg, &Reply::sdp(200, body)).expect("a leg that rings");
        }
        if let Event::Answered { leg, .. } = event {
            end.hang_up(self.now, *leg, &[]).expect("a leg that talks");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_invite_is_read_and_a_call_has_six_messages() {
        assert_eq!(INVITE.len(), 1_094);
        assert_eq!(Message::parse(INVITE).expect("SIP").all_headers().count(), 18);
        assert_eq!(read_message_and_session(INVITE) - read_message(INVITE), 20_000);
        let mut pair = Pair::default();
        assert!((0..100).all(|_| pair.call() == 6));
    }
}
