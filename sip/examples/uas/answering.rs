//! A user agent that answers every call at once with G.711 and says how many it has had.

use engine::time::Instant;
use sip::endpoint::{Endpoint, Event, Reply};
use sip::message::Message;
use sip::sdp::{Codec, Direction, Local, Session};
use std::net::SocketAddr;

/// Counts of an answering user agent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) calls: u64,
    pub(crate) ended: u64,
}

impl Answered {
    /// Takes one event. Audio would be received at `rtp`.
    pub(crate) fn take(&mut self, endpoint: &mut Endpoint, now: Instant, event: &Event, rtp: SocketAddr) {
        if let Event::Invited { leg, message, .. } = event {
            // The leg rings since this moment, so the command is obeyed.
            let obeyed = match answer(&message.message(), rtp) {
                Some(sdp) => endpoint.answer(now, *leg, &Reply::sdp(200, sdp.as_bytes())),
                None => endpoint.reject(now, *leg, &Reply::new(488)),
            };
            obeyed.expect("the leg has just come");
            self.calls += 1;
        }
        if let Event::Request { incoming, .. } = event {
            // Nothing else is served here, and the request may be gone already.
            let _ = endpoint.respond(now, *incoming, &Reply::new(501));
        }
        self.ended += u64::from(matches!(event, Event::Ended { .. }));
    }
}

/// The answer to an offer of G.711, or an offer to a call without one.
fn answer(invite: &Message<'_>, rtp: SocketAddr) -> Option<String> {
    let codecs = [Codec::Pcma, Codec::Pcmu, Codec::TelephoneEvent];
    let direction = Direction::SendRecv;
    let local = Local { rtp, codecs: &codecs, direction, ptime_ms: 20, session_id: 1, version: 1 };
    if invite.body().is_empty() {
        return Some(local.offer());
    }
    let offer = Session::parse(invite.body()).ok()?;
    local.answer(&offer).map(|(sdp, _)| sdp).ok()
}
