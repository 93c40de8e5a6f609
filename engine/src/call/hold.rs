//! Hold: a user leaves a call without ending it, and comes back to it.

use super::state::{Inside, Stage};
use crate::cause::Cause;
use crate::id::{CallId, UserId};
use crate::limits::MAX_HELD_CALLS;
use crate::network::End;
use crate::output::{Music, Output, Resource};
use crate::system::System;
use crate::time::Instant;

impl System {
    /// Whether a user may begin a call: no other is active on the phone.
    pub(crate) fn may_dial(&self, user: UserId) -> bool {
        let on = self.users[user.index()].call;
        on.is_none_or(|call| !self.held.is_empty() && self.held_calls(user).contains(&call))
    }

    /// The end of a connected call that an active user is; not of one that the user has on hold.
    fn active_end(&self, user: UserId, id: CallId) -> Option<End> {
        let call = self.call(id)?;
        let end = call.end_of(user).filter(|&end| !call.ends.holds(end));
        end.filter(|_| matches!(call.stage, Stage::Connected(_)))
    }

    /// The end of a call that a user is who has it on hold.
    pub(super) fn holding_end(&self, user: UserId, id: CallId) -> Option<End> {
        let call = self.call(id)?;
        call.end_of(user).filter(|&end| call.ends.holds(end))
    }

    /// A user puts the active call on hold: the other side hears music.
    pub(crate) fn hold(&mut self, now: Instant, user: UserId, id: CallId) {
        let Some(end) = self.active_end(user, id) else { return self.unexpected() };
        if self.held_calls(user).len() >= MAX_HELD_CALLS {
            let (cause, short_of) = (Cause::RESOURCE_UNAVAILABLE, Some(Resource::HeldCalls));
            return self.emit(now, Output::Denied { call: id, to: end, cause, short_of });
        }
        if let Some(call) = self.call_mut(id) {
            call.ends.put_on_hold(end);
        }
        self.held.entry(user).or_default().push(id);
        self.music(now, id, end.other(), Music::On);
    }

    /// A user takes a call back from hold.
    pub(crate) fn retrieve(&mut self, now: Instant, user: UserId, id: CallId) {
        let Some(end) = self.holding_end(user, id).filter(|_| self.may_dial(user)) else {
            return self.unexpected();
        };
        self.leave_hold(user, id);
        self.users[user.index()].call = Some(id);
        self.music(now, id, end.other(), Music::Off);
    }

    /// Takes a call off a user's list of held ones; the last that is left on it.
    pub(crate) fn leave_hold(&mut self, user: UserId, id: CallId) -> Option<CallId> {
        let calls = self.held.get_mut(&user)?;
        calls.retain(|&mut held| held != id);
        let last = calls.last().copied();
        if last.is_none() {
            self.held.remove(&user);
        }
        if let Some(call) = self.call_mut(id)
            && let Some(end) = call.end_of(user)
        {
            call.ends.retrieve(end);
        }
        last
    }

    /// Hold music begins or ends for whoever is at an end of a call, past calls that it is joined to.
    pub(crate) fn music(&mut self, now: Instant, id: CallId, to: End, music: Music) {
        let Some(call) = self.call(id) else { return };
        match call.inside(to) {
            None => self.emit(now, Output::HoldMusic { call: id, to, music }),
            Some(Inside::Conference(_) | Inside::Watched(_)) => {}
            Some(Inside::Call(other)) => {
                let other = self.at(other);
                if let Some(end) = self.outside_end(other) {
                    self.emit(now, Output::HoldMusic { call: other, to: end, music });
                }
            }
        }
    }
}
