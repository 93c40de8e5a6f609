//! What the server itself waits for.

use super::calls::Key;
use super::core::Core;
use super::exchange::GLARE_WAIT;
use engine::time::{Duration, Instant};
use sip::endpoint::LegId;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// The media of a side, once more.
    Media(Key),
    /// The next tone of a leg.
    Tone(LegId),
}

impl Core {
    pub(super) fn wake_later(&mut self, now: Instant, after: Duration, wake: Wake) {
        self.wakes.arm(now, after, wake);
    }

    /// Negotiates the media of a side again, after the other side has had its turn.
    pub(super) fn reconcile_later(&mut self, now: Instant, key: Key) {
        self.wake_later(now, GLARE_WAIT, Wake::Media(key));
    }

    pub(super) fn wake(&mut self, now: Instant) {
        while let Some((_, wake)) = self.wakes.pop_due(now) {
            match wake {
                Wake::Media(key) => self.reconcile(now, key),
                Wake::Tone(leg) => self.next_tone(now, leg),
            }
        }
    }
}
