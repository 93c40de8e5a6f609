//! Where users are that are not at home, and who stands in for which system: advertised by whoever knows best, passed on
//! by all others. The latest word counts.

use super::neighbour::LineStatus;
use super::notice::Notice;
use crate::hint::mostly;
use crate::id::{LineId, SystemId, UserId};
use crate::plan::spec::{BackedUp, BacksUp};
use crate::plan::{Entry, Local};
use crate::system::System;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;

/// At whose phone a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// The user's own.
    Own,
    /// Somebody else's, where the user has logged in.
    Others {
        /// Where the user's own phone is.
        own: SystemId,
    },
}

impl Seat {
    /// Where the own phone is of a user who is at `at`.
    const fn own_phone(self, at: SystemId) -> SystemId {
        match self {
            Self::Own => at,
            Self::Others { own } => own,
        }
    }
}

/// A user, by home and number there.
pub(super) type UserAtHome = (SystemId, UserId);

/// What a system has heard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts {
    users: BTreeMap<UserAtHome, (SystemId, Instant, Seat)>,
    steads: BTreeMap<SystemId, (SystemId, Instant, BacksUp)>,
    /// Who takes the calls for the mailboxes of a system.
    mailboxes: BTreeMap<SystemId, (SystemId, Instant)>,
    /// When users of this system registered here last, having had no phone here before.
    came_home: BTreeMap<UserId, Instant>,
}

impl Whereabouts {
    /// Everything, to be told to others.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let users = self.users.iter();
        let users = users.map(|(&(home, user), &(at, since, seat))| Notice::Whereabouts {
            home,
            user,
            at,
            since,
            seat,
        });
        let steads = self.steads.iter();
        let steads = steads.map(|(&home, &(by, since, what))| Notice::Stead { home, by, since, what });
        let mailboxes = self.mailboxes.iter();
        let mailboxes = mailboxes.map(|(&home, &(by, since))| Notice::Mailboxes { home, by, since });
        users.chain(steads).chain(mailboxes).collect()
    }

    /// Where a user is; at home, unless something else is known.
    pub(super) fn of(&self, user: UserAtHome) -> SystemId {
        self.users.get(&user).map_or(user.0, |&(at, _, _)| at)
    }

    pub(super) fn mailboxes_of(&self, home: SystemId) -> SystemId {
        self.mailboxes.get(&home).map_or(home, |&(by, _)| by)
    }

    pub(super) fn set_mailboxes(&mut self, home: SystemId, by: (SystemId, Instant)) {
        self.mailboxes.insert(home, by);
    }

    /// Whether nothing later is known of them.
    pub(super) fn is_news_of_mailboxes(&self, home: SystemId, (by, since): (SystemId, Instant)) -> bool {
        self.mailboxes.get(&home).is_none_or(|&(known, when)| (since, by) > (when, known))
    }

    /// Whether every user is at home, and nobody stands in for anybody.
    fn is_empty(&self) -> bool {
        self.users.is_empty() && self.steads.is_empty()
    }
}

impl System {
    /// Who has a number: its home, or whoever stands in for that. On this system, by its own numbering.
    #[inline]
    pub(crate) fn find_owner(&self, entry: Entry) -> Entry {
        if mostly(self.whereabouts.is_empty() && self.desks.is_empty()) {
            entry
        } else {
            self.look_for_owner(entry)
        }
    }

    #[inline(never)]
    fn look_for_owner(&self, entry: Entry) -> Entry {
        let here = self.plan.system;
        let host = match entry.local {
            Local::User(user) => {
                let at = self.whereabouts.of((entry.system, user));
                let home_seen = entry.system == here || self.sees(entry.system);
                match self.stand_in(entry.system) {
                    // At home, as far as anybody knows, and that is gone: the backup knows what is to become of calls.
                    Some((by, _)) if at == entry.system && !home_seen => by,
                    Some(_) | None => at,
                }
            }
            Local::HuntGroup(_) => self.host(entry.system, BackedUp::HuntGroups),
            Local::Room(_) => self.host(entry.system, BackedUp::Conferences),
        };
        if host != here {
            // One that has gone as well is of no use.
            return if self.sees(host) { Entry { system: host, ..entry } } else { entry };
        }
        if let Local::User(user) = entry.local
            && let Some(phone) = self.desk_of((entry.system, user))
        {
            return Entry { system: here, local: Local::User(phone) };
        }
        self.plan.local(entry).map_or(entry, |local| Entry { system: here, local })
    }

    fn host(&self, home: SystemId, what: BackedUp) -> SystemId {
        match self.stand_in(home) {
            Some((by, set)) if set.contains(what) => by,
            Some(_) | None => home,
        }
    }

    /// Who stands in for a system, and with what.
    pub(crate) fn stand_in(&self, home: SystemId) -> Option<(SystemId, BacksUp)> {
        let &(by, _, what) = self.whereabouts.steads.get(&home)?;
        (by != home).then_some((by, what))
    }

    /// Whether a system is this one or can be reached, as far as this one can tell: where no line leads to it, others
    /// will say.
    pub(super) fn sees(&self, system: SystemId) -> bool {
        self.plan.line_to(system).is_none_or(|line| self.line_status(line) == LineStatus::Up)
    }

    /// Where a user is, as far as this system knows.
    #[must_use]
    pub fn whereabouts_of(&self, home: SystemId, user: UserId) -> SystemId {
        self.whereabouts.of((home, user))
    }

    /// Who stands in for a system, as far as this one knows; `None`: nobody does.
    #[must_use]
    pub fn stand_in_of(&self, home: SystemId) -> Option<SystemId> {
        self.stand_in(home).map(|(by, _)| by)
    }

    /// A user of this system has come home.
    pub(super) fn came_home(&mut self, now: Instant, user: UserId) {
        self.whereabouts.came_home.insert(user, now);
    }

    /// The own phone of a user of this system or of a guest has registered here. A guest who comes home is at the own phone from
    /// then on (RES "IP Phone Resilience"); else a user who sits at somebody else's stays there.
    pub(super) fn own_phone_is_here(&mut self, now: Instant, user: UserAtHome) {
        let here = self.plan.system;
        match self.whereabouts.users.get(&user) {
            Some(&(at, _, Seat::Others { own })) if own == here || user.0 != here => {
                self.user_sits_at(now, user, (at, Seat::Others { own: here }));
            }
            Some(_) | None => {
                self.leave_desk_of(now, user);
                self.user_is_at(now, user, here);
            }
        }
    }

    /// A user has logged in at somebody else's phone here.
    pub(super) fn user_visits(&mut self, now: Instant, user: UserAtHome) {
        let known = self.whereabouts.users.get(&user);
        let own = known.map_or(user.0, |&(at, _, seat)| seat.own_phone(at));
        self.user_sits_at(now, user, (self.plan.system, Seat::Others { own }));
    }

    /// A user of this system or a guest has come to `at`.
    pub(super) fn user_is_at(&mut self, now: Instant, user: UserAtHome, at: SystemId) {
        self.user_sits_at(now, user, (at, Seat::Own));
    }

    /// Likewise, at that phone.
    fn user_sits_at(&mut self, now: Instant, user: UserAtHome, (at, seat): (SystemId, Seat)) {
        let known = self.whereabouts.users.get(&user).copied();
        if known.map_or((user.0, Seat::Own), |(at, _, seat)| (at, seat)) == (at, seat) {
            return;
        }
        // Later than what was known, even if all of it happens at one instant.
        let since = known.map_or(now, |(_, when, _)| now.max(when + Duration::from_nanos(1)));
        self.note_whereabouts(now, user, (at, since, seat), None);
    }

    /// A user is known to be there, and all others are told but whoever has said so.
    fn note_whereabouts(
        &mut self,
        now: Instant,
        user: UserAtHome,
        (at, since, seat): (SystemId, Instant, Seat),
        heard_on: Option<LineId>,
    ) {
        self.whereabouts.users.insert(user, (at, since, seat));
        let (home, user) = user;
        self.spread(now, Notice::Whereabouts { home, user, at, since, seat }, heard_on);
    }

    /// A user is no longer at somebody else's phone here, but where the own one was all the while: whatever has been said of that
    /// since counts.
    pub(super) fn user_leaves_seat(&mut self, now: Instant, user: UserAtHome) {
        let Some(&(here, sat, Seat::Others { own: at })) = self.whereabouts.users.get(&user) else { return };
        if here != self.plan.system {
            return;
        }
        let (home, id) = user;
        // A guest whose phone has been silent meanwhile is none any more.
        let is_guest = self.plan.local_user(home, id).is_some_and(|local| self.is_registered(local));
        let at = if at == here && !is_guest { home } else { at };
        self.note_whereabouts(now, user, (at, sat + Duration::from_nanos(1), Seat::Own), None);
    }

    /// Whether a user is elsewhere at somebody else's phone, so that the user's own may be registered here.
    pub(super) fn visits(&self, user: UserAtHome) -> bool {
        self.whereabouts.users.get(&user).is_some_and(|&(_, _, seat)| seat != Seat::Own)
    }

    /// This system stands in for another, or does so no longer.
    pub(super) fn stands_in(&mut self, now: Instant, home: SystemId, by: SystemId, what: BacksUp) {
        self.note_stead(now, home, (by, now, what), None);
    }

    /// A system is known to stand in for another, and all others are told but whoever has said so.
    fn note_stead(
        &mut self,
        now: Instant,
        home: SystemId,
        (by, since, what): (SystemId, Instant, BacksUp),
        heard_on: Option<LineId>,
    ) {
        self.whereabouts.steads.insert(home, (by, since, what));
        if by != home {
            self.visitors_log_out(now, home);
        }
        self.spread(now, Notice::Stead { home, by, since, what }, heard_on);
    }

    pub(super) fn hear_whereabouts(
        &mut self,
        now: Instant,
        line: LineId,
        user: UserAtHome,
        (at, since, seat): (SystemId, Instant, Seat),
    ) {
        if self.whereabouts.users.get(&user).is_some_and(|&(known, when, _)| (since, at) <= (when, known)) {
            return;
        }
        self.note_whereabouts(now, user, (at, since, seat), Some(line));
        let (home, id) = user;
        let here = self.plan.system;
        let local = self.plan.local_user(home, id);
        let sits_here = self.desk_of(user).is_some();
        if at != here {
            self.leave_desk_of(now, user);
        }
        let came_home = self.whereabouts.came_home.get(&id).filter(|&&when| when > since);
        match local {
            // The user has come home since, and nobody could be told of that or of this.
            Some(local)
                if home == here
                    && seat.own_phone(at) != here
                    && came_home.is_some()
                    && self.is_registered(local) =>
            {
                self.user_is_at(now, user, home);
            }
            // What others remember of this system's last life.
            local
                if at == here
                    && home != here
                    && !sits_here
                    && !local.is_some_and(|local| self.is_registered(local)) =>
            {
                let own = seat.own_phone(at);
                self.user_is_at(now, user, if own == here { home } else { own });
            }
            Some(local) if at != here && home != here && seat == Seat::Own => {
                self.guest_is_elsewhere(now, local)
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn hear_stead(
        &mut self,
        now: Instant,
        line: LineId,
        home: SystemId,
        (by, since, what): (SystemId, Instant, BacksUp),
    ) {
        let known = self.whereabouts.steads.get(&home);
        if known.is_some_and(|&(known, when, _)| (since, by) <= (when, known)) {
            return;
        }
        self.note_stead(now, home, (by, since, what), Some(line));
        if by == self.plan.system && by != home && !self.is_standing_in(home) {
            self.stands_in(now, home, home, what);
        }
    }
}
