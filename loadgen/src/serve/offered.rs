//! A side offers to change its media: holds, comes back, or wants something else.

use super::calls::{Key, Sdp, Told, Use};
use super::core::Core;
use super::exchange::Answer;
use super::ports::{holds, inactive_answer};
use engine::time::Instant;
use engine::{Hears, Input};
use sip::endpoint::{IncomingId, LegId, Reply};

impl Core {
    /// A side in a call offers to change its media, or to refresh the session.
    pub(super) fn offered(&mut self, now: Instant, incoming: IncomingId, leg: LegId, offer: Option<Sdp>) {
        let Some(key) = self.calls.leg(leg).map(Use::key) else {
            return self.reply(now, incoming, &Reply::new(481));
        };
        let Some(side) = self.calls.side(key) else { return self.reply(now, incoming, &Reply::new(481)) };
        if self.exchanges.is_busy(key) {
            return self.reply(now, incoming, &Reply::new(491));
        }
        let Some(offer) = offer else {
            // What it has been told is offered once more.
            let reply = side.ours.clone();
            let reply = reply.as_ref().map_or(Reply::new(488), |ours| Reply::sdp(200, ours));
            return self.reply(now, incoming, &reply);
        };
        let answered = self.at_once(now, |core| core.answer_offer(now, key, incoming, offer));
        if let Err(status) = answered {
            self.reply(now, incoming, &Reply::new(status));
        }
    }

    /// Answers an offer, or passes it on to whoever the side hears.
    fn answer_offer(&mut self, now: Instant, key: Key, incoming: IncomingId, offer: Sdp) -> Result<(), u16> {
        if !self.hold_or_retrieve(now, key, &offer) {
            return Err(500);
        }
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) => {
                let to = Key { call, end };
                if self.exchanges.is_busy(to) {
                    return Err(491);
                }
                self.pass_on(now, key, to, offer, Answer::Response(incoming));
                Ok(())
            }
            Hears::Nothing => {
                let answer = inactive_answer(&offer, self.discard_at());
                self.answered_here(now, key, incoming, offer, answer, Told::Nothing)
            }
            Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail => {
                let answer = self.own_answer(key, self.own_direction(key), &offer);
                self.answered_here(now, key, incoming, offer, answer, Told::Port)?;
                self.play_if_open(key);
                Ok(())
            }
        }
    }

    /// Answers an offer on behalf of this system.
    fn answered_here(
        &mut self,
        now: Instant,
        key: Key,
        incoming: IncomingId,
        offer: Sdp,
        answer: Option<Sdp>,
        told: Told,
    ) -> Result<(), u16> {
        let answer = answer.ok_or(488_u16)?;
        if let Some(side) = self.calls.side_mut(key) {
            side.theirs = Some(offer);
            (side.ours, side.told) = (Some(answer.clone()), told);
        }
        self.reply(now, incoming, &Reply::sdp(200, &answer));
        Ok(())
    }

    /// A user's phone holds its call, or takes it back; whether that went well. Trunks hold nobody: what they offer is
    /// passed on.
    fn hold_or_retrieve(&mut self, now: Instant, key: Key, offer: &[u8]) -> bool {
        let Some(user) = self.calls.side(key).and_then(|side| side.user) else { return true };
        let (call, is_held) = (key.call, self.system.held_calls(user).contains(&key.call));
        match (holds(offer), is_held) {
            (true, false) if self.system.hears(call, key.end) != Hears::Nothing => {
                self.tell_engine(now, Input::Hold { user, call });
                self.system.held_calls(user).contains(&call)
            }
            (false, true) => {
                self.tell_engine(now, Input::Retrieve { user, call });
                !self.system.held_calls(user).contains(&call)
            }
            (true, _) | (false, false) => true,
        }
    }
}
