//! What a plan knows of the systems that it backs up: their users, hunt groups and conferences, compiled for this system.
//! They are guests, numbered after its own.

use super::model::{HuntGroup, Plan, User};
use super::{Entry, Local};
use crate::id::{HuntGroupId, LineId, RoomId, SystemId, UserId};

/// Guests of a plan, each after the system's own of its kind and in the order of their homes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guests {
    /// How many users are the system's own.
    pub(crate) own_users: usize,
    pub(crate) own_hunt_groups: usize,
    pub(crate) own_rooms: usize,
    /// Where the users after those are at home; sorted.
    pub(crate) users: Vec<(SystemId, UserId)>,
    pub(crate) hunt_groups: Vec<(SystemId, HuntGroupId)>,
    pub(crate) rooms: Vec<(SystemId, RoomId)>,
}

impl Guests {
    /// The number on system `own` of a user at home on `home`; `None` if the user is neither there nor a guest.
    pub(crate) fn local_user(&self, (own, home): (SystemId, SystemId), user: UserId) -> Option<UserId> {
        if home == own {
            return Some(user);
        }
        let place = self.users.binary_search(&(home, user)).ok()?;
        Some(UserId::at(self.own_users + place))
    }
}

impl Plan {
    /// Users whose home this system is, by [`UserId`]. Those of systems that it backs up come after them.
    #[must_use]
    pub fn own_users(&self) -> &[User] {
        &self.users[..self.guests.own_users]
    }

    /// Hunt groups whose home this system is, by [`HuntGroupId`].
    #[must_use]
    pub fn own_hunt_groups(&self) -> &[HuntGroup] {
        &self.hunt_groups[..self.guests.own_hunt_groups]
    }

    /// Where a user of this plan is at home.
    #[must_use]
    pub fn home_of(&self, user: UserId) -> (SystemId, UserId) {
        match user.index().checked_sub(self.guests.own_users) {
            Some(n) => self.guests.users[n],
            None => (self.system, user),
        }
    }

    /// The number that a user has on this system, as its own or as a guest; `None` if it never has.
    #[must_use]
    pub fn local_user(&self, home: SystemId, user: UserId) -> Option<UserId> {
        self.guests.local_user((self.system, home), user)
    }

    /// The guests of one home.
    pub(crate) fn guests_of(&self, home: SystemId) -> impl Iterator<Item = UserId> + use<> {
        let first = self.guests.users.partition_point(|&(system, _)| system < home);
        let end = self.guests.users.partition_point(|&(system, _)| system <= home);
        let own = self.guests.own_users;
        (first..end).map(move |n| UserId::at(own + n))
    }

    /// Whether a user is at home elsewhere.
    pub(crate) const fn is_guest(&self, user: UserId) -> bool {
        user.index() >= self.guests.own_users
    }

    /// What a directory entry of another system stands for on this one; `None` if it has no copy of that.
    pub(crate) fn local(&self, entry: Entry) -> Option<Local> {
        let Entry { system: home, local } = entry;
        if home == self.system {
            return Some(local);
        }
        let guests = &self.guests;
        match local {
            Local::User(user) => self.local_user(home, user).map(Local::User),
            Local::HuntGroup(group) => {
                let place = guests.hunt_groups.binary_search(&(home, group)).ok()?;
                Some(Local::HuntGroup(HuntGroupId::at(guests.own_hunt_groups + place)))
            }
            Local::Room(room) => {
                let place = guests.rooms.binary_search(&(home, room)).ok()?;
                Some(Local::Room(RoomId::at(guests.own_rooms + place)))
            }
        }
    }

    /// The line to another system; the first, if there are several.
    pub(crate) fn line_to(&self, system: SystemId) -> Option<LineId> {
        self.lines.iter().position(|line| line.peer == Some(system)).map(LineId::at)
    }
}
