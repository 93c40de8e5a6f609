//! Users who put the call at hand on hold, and take it back.

use super::World;
use super::attempt::{CalleeSide, CallerSide, Ends, LegState};
use crate::profile::HoldEvent;
use engine::Input;
use engine::id::{CallId, SystemId, UserId};
use engine::time::Duration;

/// A connected call that a user is in, as the system knows it that has the user's phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AtHand {
    system: SystemId,
    user: UserId,
    call: CallId,
}

/// A call that a user has on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnHold {
    what: AtHand,
    /// When the event was planned that put it there.
    since: Duration,
}

impl World<'_> {
    /// What a user, by home and number there, does with the call at hand; nothing without one. Only what was put on hold at `since` is
    /// taken back.
    pub(super) fn hold(
        &mut self,
        user: (SystemId, UserId),
        becomes: HoldEvent,
        since: Duration,
    ) -> Option<(SystemId, Input)> {
        let at_hand = self.call_at_hand(user);
        let before = self.on_hold.get(&user).copied().filter(|held| Some(held.what) == at_hand);
        if before.is_none() {
            self.on_hold.remove(&user);
        }
        let what @ AtHand { system, user: there, call } = at_hand?;
        // Who is not heard holds nothing, and takes nothing back.
        if !self.is_on(system) || !self.phone_reaches(system, there) {
            return None;
        }
        match becomes {
            HoldEvent::Held if before.is_some() => None,
            HoldEvent::Held => {
                self.on_hold.insert(user, OnHold { what, since });
                Some((system, Input::Hold { user: there, call }))
            }
            HoldEvent::Retrieved => {
                before.filter(|held| held.since == since)?;
                self.on_hold.remove(&user);
                Some((system, Input::Retrieve { user: there, call }))
            }
        }
    }

    /// The connected call that a user is in, if its system knows of it.
    fn call_at_hand(&mut self, (home, user): (SystemId, UserId)) -> Option<AtHand> {
        let tag = self.callers.attempt_of(home, user)?;
        let attempt = *self.attempts.get(tag).filter(|attempt| attempt.answered.is_some())?;
        let ends = self.attempts.ends(tag).copied().unwrap_or(Ends::NEW);
        let is_it = |system, there| self.callers.home_of(system, there) == (home, user);
        let caller = attempt.caller(self.attempts.home(tag));
        if let (CallerSide::User(there), LegState::Signalled) = (caller.side, ends.caller)
            && is_it(caller.system, there)
        {
            return Some(AtHand { system: caller.system, user: there, call: attempt.call? });
        }
        let leg = ends.callee.filter(|leg| leg.answered && leg.state == LegState::Signalled)?;
        let CalleeSide::Party(CallerSide::User(there)) = leg.side else { return None };
        is_it(leg.system, there).then_some(AtHand { system: leg.system, user: there, call: leg.call })
    }
}
