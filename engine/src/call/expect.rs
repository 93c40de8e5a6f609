//! What is going to happen to calls is known outside before it does: with a million of them in progress, what that takes is brought
//! closer meanwhile.

use super::state::{Origin, Party, Stage};
use crate::hint::bring;
use crate::id::{CallId, Tag, UserId};
use crate::number::Number;
use crate::plan::{Entry, Local};
use crate::system::System;

impl System {
    /// Something will soon happen to a call. Nothing changes, except that it will take less time.
    #[inline]
    pub fn expect_call(&self, call: CallId) {
        self.calls.expect(call.slot());
    }

    /// Something will soon happen to a call and to whoever is at its ends; the outside's reference to it, and the user who is called if
    /// the call ends next.
    pub fn expect_parties(&self, id: CallId) -> Option<(Tag, Option<UserId>)> {
        let call = self.call(id)?;
        // At an answer it is looked at what users' phones are able to do, at the end they become free.
        if let Origin::User(user) = call.origin {
            self.expect_user(user);
        }
        let called = if let Some(Party::User(user)) = call.party() { Some(user) } else { None };
        if let Some(user) = called {
            self.expect_user(user);
        }
        if let Stage::Ringing(ringing) = call.stage {
            self.timers.expect(ringing.no_answer);
        }
        Some((call.tag, called.filter(|_| call.connected().is_some())))
    }

    /// A call for a number will soon come; the user of this system whose it is.
    pub fn expect_called(&self, number: &Number) -> Option<UserId> {
        match self.plan.directory.get(number)? {
            Entry { system, local: Local::User(user) } if system == self.plan.system => {
                self.expect_user(user);
                Some(user)
            }
            Entry { local: Local::User(_) | Local::HuntGroup(_) | Local::Room(_), .. } => None,
        }
    }

    #[inline]
    fn expect_user(&self, user: UserId) {
        if let Some(state) = self.users.get(user.index()) {
            bring(state);
        }
    }
}
