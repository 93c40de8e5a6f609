//! Sequential ring mode: always from the top of the list, each member for its no-answer time (DOMAIN 4.2).

use crate::call::Mailbox;
use crate::cause::Cause;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::input::Service;
use crate::system::System;
use crate::time::Instant;

impl System {
    /// The first idle member from place `from` on, and the place after it.
    pub(crate) fn next_free_member(&self, group: HuntGroupId, from: u16) -> Option<(UserId, u16)> {
        let members = &self.plan.hunt_group(group).members;
        let rest = members.get(usize::from(from)..)?;
        let skip = rest.iter().position(|&user| self.takes_group_calls(user))?;
        let place = usize::from(from) + skip;
        Some((members[place], (place + 1) as u16))
    }

    /// Whether a member is available (DOMAIN 4.3).
    fn takes_group_calls(&self, user: UserId) -> bool {
        let settings = self.settings(user);
        self.users[user.index()].is_none()
            && self.registration[user.index()] == Service::In
            && settings.logged_in
            && settings.group_calls
            && !settings.do_not_disturb
            && (!settings.forward_unconditional || settings.forwarding.hunt_group_calls)
    }

    /// The member that rang did not answer: the next one rings, or the call has been round the group.
    pub(crate) fn hunt_on(&mut self, now: Instant, id: CallId, group: HuntGroupId, from: u16) {
        match self.next_free_member(group, from) {
            Some((user, next_member)) => self.ring(now, id, user, next_member),
            None if self.send_to_mailbox_of_group(now, id, group) == Mailbox::Yes => {}
            None => self.fail(now, id, Cause::NO_ANSWER, None),
        }
    }
}
