//! What is going to happen to calls is known outside before it does: with a million of them in progress, what that takes is brought
//! closer meanwhile.

use super::state::{Origin, Party, Stage};
use crate::hint::bring;
use crate::id::{CallId, LineId, Tag, UserId};
use crate::number::Number;
use crate::plan::{Entry, Local};
use crate::system::System;

impl System {
    /// Something will soon happen to a call. Nothing changes, except that it will take less time.
    #[inline]
    pub fn expect_call(&self, call: CallId) {
        self.calls.expect(call.slot());
    }

    /// Something will soon happen to a call and to whoever is at its ends; the outside's reference to it, and the user who is called.
    pub fn expect_parties(&self, id: CallId) -> Option<(Tag, Option<UserId>)> {
        let call = self.call(id)?;
        let mut called = None;
        match call.origin {
            Origin::User(user) => self.expect_user(user),
            Origin::Trunk(channel) | Origin::Peer { channel, .. } => self.lines.expect(channel),
            Origin::Inside(_) => {}
        }
        if let Stage::Ringing(ringing) = call.stage {
            self.timers.expect(ringing.no_answer);
        }
        match call.party() {
            Some(Party::User(user)) => {
                self.expect_user(user);
                called = Some(user);
            }
            Some(Party::Trunk { channel, .. } | Party::Peer { channel, .. }) => self.lines.expect(channel),
            Some(Party::Inside(_) | Party::Voicemail(_)) | None => {}
        }
        Some((call.tag, called))
    }

    /// A call will come on a trunk.
    #[inline]
    pub fn expect_on_trunk(&self, line: LineId) {
        self.lines.expect_free(line);
    }

    /// A call for a number will come.
    #[inline]
    pub fn expect_number(&self, number: &Number) {
        self.plan.directory.expect(number);
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

    fn expect_user(&self, user: UserId) {
        if let (Some(state), Some(phones)) = (self.users.get(user.index()), self.registered.get(user.index()))
        {
            bring(state);
            bring(phones);
            bring(&self.plan.settings_of[user.index()]);
        }
    }
}
