//! Short codes that a user dials while a call is on hold (DOMAIN 2.8, "In-call").

use crate::cause::Cause;
use crate::id::{CallId, UserId};
use crate::network::End;
use crate::number::Number;
use crate::plan::spec::Feature;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::trace::{Changed, Step};

impl System {
    /// Does what a code says with the calls that `user` has on hold. The call that dialled the code ends, unless it
    /// becomes part of what the code brings about.
    pub(super) fn in_call(
        &mut self,
        now: Instant,
        id: CallId,
        user: UserId,
        feature: Feature,
        number: Number,
    ) {
        let held = self.held_calls(user);
        let (first, last) = (held.first().copied(), held.last().copied());
        let done = if last.is_some() { Changed::Yes } else { Changed::No };
        self.trace.note(|| Step::Setting { feature, changed: done });
        let (Some(first), Some(last)) = (first, last) else {
            return self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "only features of this kind come here")]
        match feature {
            Feature::ConferenceAdd => self.conference_add(now, user, id),
            Feature::Transfer => self.transfer_to(now, id, user, last, number),
            Feature::ToggleCalls => {
                self.release(now, id, ReleasedBy::System, Cause::NORMAL_CLEARING, None);
                self.retrieve(now, user, first);
            }
            Feature::CallRecord => {
                let done = self.record_held_call(now, last);
                let cause = done.err().unwrap_or(Cause::NORMAL_CLEARING);
                self.release(now, id, ReleasedBy::System, cause, None);
                // The phone is back at the call.
                self.retrieve(now, user, last);
            }
            Feature::ClearCall => {
                let by = match self.holding_end(user, last) {
                    Some(End::Calling) => ReleasedBy::Caller,
                    Some(End::Called) | None => ReleasedBy::Callee,
                };
                self.release(now, last, by, Cause::NORMAL_CLEARING, None);
                self.release(now, id, ReleasedBy::System, Cause::NORMAL_CLEARING, None);
            }
            // The call is on hold already: the phone is back at it when the code has ended.
            _ => self.release(now, id, ReleasedBy::System, Cause::NORMAL_CLEARING, None),
        }
    }

    /// Transfers the call on hold to `number`: as soon as the call to it is under way, without waiting for an answer.
    /// What that call may do is settled first, so that no bar is asked for the transferring user alone.
    fn transfer_to(&mut self, now: Instant, id: CallId, user: UserId, held: CallId, number: Number) {
        if self.is_sent_on_too_often(id) {
            return self.release(now, id, ReleasedBy::System, Cause::EXCHANGE_ROUTING_ERROR, None);
        }
        self.lower_for_transfer(user, id, held);
        self.dialled(now, id, user, number);
        self.transfer_if_under_way(now, user, held, id);
    }
}
