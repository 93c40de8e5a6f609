//! Operating a server: no new calls any more, and the end of those that remain.

use super::calls::Who;
use super::core::Core;
use super::door::Door;
use engine::network::End;
use engine::time::Instant;
use sip::endpoint::LegId;
use sip::message::Header;

impl Core {
    /// Takes no new calls from now on; those in progress go on.
    pub fn drain(&mut self) {
        self.door = Door::Shut;
    }

    /// Calls in progress.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Ends all calls in progress: phones and carriers are told why.
    pub fn hang_up_all(&mut self, now: Instant) {
        let who = |(_, call): (_, &super::calls::Call)| {
            let ringing = call.ringing.iter().map(|ringing| ringing.leg);
            let ends = [End::Calling, End::Called].map(|end| call.side(end).who);
            let ends =
                ends.into_iter().filter_map(|who| if let Who::Leg(leg) = who { Some(leg) } else { None });
            ringing.chain(ends).collect::<Vec<_>>()
        };
        let legs: Vec<LegId> = self.calls.iter().flat_map(who).collect();
        for leg in legs {
            self.forget_leg(leg);
            let reason = [(Header::Reason, "SIP;cause=503;text=\"the system ends\"")];
            // A leg that has just ended needs no more words.
            let _ = self.endpoint.hang_up(now, leg, &reason);
        }
        self.settle(now);
    }
}
