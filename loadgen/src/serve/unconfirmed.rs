//! What is said to a caller who confirms provisional responses (RFC 3262): one after the other, each when the one before is confirmed.

use super::calls::{Key, Sdp};
use super::core::Core;
use engine::time::Instant;
use sip::endpoint::{LegId, Provisional, Refusal, Reply};

/// What a caller is to be told once it has confirmed what it was told before. The newest only: it says what is so now.
#[derive(Clone, Debug)]
pub(super) enum Waiting {
    Progress { status: u16, sdp: Option<Sdp> },
    Answer(Sdp),
}

impl Core {
    /// Tells a caller what becomes of its call; with a description, if it is to hear something.
    pub(super) fn tell_progress(&mut self, now: Instant, leg: LegId, status: u16, sdp: Option<Sdp>) {
        let reply = match &sdp {
            Some(sdp) => Reply::sdp(status, sdp),
            None => Reply::new(status),
        };
        // A caller who has been answered already, for an announcement or by the far end, hears no more of this.
        let told = self.endpoint.ring(now, leg, &reply, Provisional::Plain);
        if told == Err(Refusal::Unconfirmed)
            && !matches!(self.unconfirmed.get(&leg), Some(Waiting::Answer(_)))
        {
            self.unconfirmed.insert(leg, Waiting::Progress { status, sdp });
        }
    }

    /// Answers a caller.
    pub(super) fn answer_caller(&mut self, now: Instant, key: Key, leg: LegId, sdp: Sdp) {
        if let Some(side) = self.calls.side_mut(key) {
            side.answered();
        }
        // What was not said before needs no saying now.
        self.unconfirmed.remove(&leg);
        // A caller who has just gone is heard of next.
        if self.endpoint.answer(now, leg, &Reply::sdp(200, &sdp)) == Err(Refusal::Unconfirmed) {
            self.unconfirmed.insert(leg, Waiting::Answer(sdp));
        }
    }

    /// A caller has confirmed what it was told: it is told what has waited for that.
    pub(super) fn confirmed(&mut self, now: Instant, leg: LegId) {
        match self.unconfirmed.remove(&leg) {
            None => {}
            Some(Waiting::Progress { status, sdp }) => self.tell_progress(now, leg, status, sdp),
            Some(Waiting::Answer(sdp)) => {
                // As above.
                let _ = self.endpoint.answer(now, leg, &Reply::sdp(200, &sdp));
            }
        }
    }
}
