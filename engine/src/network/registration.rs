//! Phones register: at home always, with the backup when that has missed the home for long enough (RES "IP Phone
//! Resilience").

use super::notice::CopiedSetting;
use super::phones::Phones;
use super::resilience::{Refusal, ResilienceChange, ResilientFeature};
use super::word::NetworkOutput;
use crate::alarm::AlarmSource;
use crate::call::Stage;
use crate::cause::Cause;
use crate::id::{CallId, LineId, SystemId, UserId};
use crate::limits::{FAILOVER_DELAY, HOMELESS_TIME};
use crate::network::End;
use crate::number::Number;
use crate::output::Output;
use crate::plan::spec::{PhoneFailback, PhoneModel, Registers};
use crate::plan::{Entry, Local};
use crate::route::line_group::Direction;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;

/// What a system keeps of a user that it backs up. All of it is lost with the system's power.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    /// When the copy was made; `None`: there is none.
    copied: Option<Instant>,
    /// Settings that have been changed, and when each was copied.
    settings: Vec<(Instant, CopiedSetting)>,
    /// The phone has been here since the home was lost.
    came: bool,
    /// What is lost when it goes: settings that were changed, and calls of its history.
    forgets: (u32, u32),
    pub(super) leaving: Leaving,
}

/// Whether a guest's phone has been sent home.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Leaving {
    #[default]
    No,
    /// It has, and may come back until the timer expires (homeless prevention).
    Sent(TimerId),
    /// Its time is over.
    Overdue,
}

/// Why a phone is no longer registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// It has registered elsewhere, or was switched off.
    Properly,
    /// It has not renewed its registration: nothing has been heard of it.
    Silently,
}

impl System {
    /// Whether any of a user's phones is registered here.
    #[must_use]
    pub fn is_registered(&self, user: UserId) -> bool {
        self.users.get(user.index()).is_some_and(|state| !state.phones.is_empty())
    }

    /// Whether the copy of a guest is here, and its home has been missed for so long that phones may come.
    pub(super) fn may_come(&self, user: UserId) -> bool {
        let line = self.plan.line_to(self.plan.home_of(user).0);
        let missed = line.and_then(|line| self.missed_since(line));
        let long_enough = missed.is_some_and(|since| self.now.since(since) >= self.drilled(FAILOVER_DELAY));
        long_enough && self.guest(user).is_some_and(|guest| guest.copied.is_some())
    }

    fn guest(&self, user: UserId) -> Option<&Guest> {
        self.neighbours.guests.get(user.index().checked_sub(self.plan.own_users().len())?)
    }

    fn guest_mut(&mut self, user: UserId) -> Option<&mut Guest> {
        let own = self.plan.own_users().len();
        self.neighbours.guests.get_mut(user.index().checked_sub(own)?)
    }

    /// A phone asks to be registered.
    pub(crate) fn register_phone(&mut self, now: Instant, extension: Number, phone: PhoneModel) {
        let Some(Entry { system: home, local: Local::User(number) }) = self.plan.directory.get(&extension)
        else {
            let why = Refusal::NotItsBackup;
            return self.emit(now, Output::Network(NetworkOutput::NotRegistered { extension, phone, why }));
        };
        let line = self.plan.line_to(home);
        let admitted = match (self.plan.local_user(home, number), line) {
            (Some(user), _) if home == self.plan.system => Ok(user),
            (Some(user), Some(line)) => self.admit(now, user, phone, line),
            (Some(_), None) | (None, _) => Err(Refusal::NotItsBackup),
        };
        let user = match admitted {
            Ok(user) => user,
            Err(why) => {
                self.emit(now, Output::Network(NetworkOutput::NotRegistered { extension, phone, why }));
                let what = ResilienceChange::Refused { extension, why };
                return self.tell_of_phone(now, home, phone, what);
            }
        };
        let phones = &mut self.users[user.index()].phones;
        let (was_here, is_other) = (!phones.is_empty(), !phones.contains(phone));
        *phones = phones.with(phone);
        self.emit(now, Output::Network(NetworkOutput::Registered { extension, phone, user }));
        if was_here && is_other && self.plan.is_guest(user) {
            self.tell_of_phone(now, home, phone, ResilienceChange::OtherPhone { extension });
        }
        if !was_here && self.plan.is_guest(user) {
            let guest = self.guest_mut(user);
            if !guest.is_some_and(|guest| std::mem::replace(&mut guest.came, true)) {
                self.take_settings(user);
            }
            self.announce_first(now, home, user);
            self.tell_of_phone(now, home, phone, ResilienceChange::Moved { extension });
        }
        if !was_here && !self.plan.is_guest(user) {
            self.came_home(now, user);
        }
        self.agent_changed(user);
        self.own_phone_is_here(now, (home, number));
        if let (true, Registers::AsDeskPhone, Some(line)) =
            (self.plan.is_guest(user), phone.registers(), line)
            && self.missed_since(line).is_some()
        {
            self.take_over(now, line);
        }
    }

    /// Raises the alarm for a system when the first of its phones comes.
    fn announce_first(&mut self, now: Instant, home: SystemId, user: UserId) {
        let others = self.plan.guests_of(home).filter(|&other| other != user);
        if !self.is_standing_in(home) && !others.into_iter().any(|other| self.is_registered(other)) {
            self.raise_alarm(now, AlarmSource::PhonesFrom(home));
        }
    }

    /// Whether a phone of a system that this one backs up may register here.
    fn admit(&self, now: Instant, user: UserId, phone: PhoneModel, line: LineId) -> Result<UserId, Refusal> {
        let guest = self.guest(user).ok_or(Refusal::NotItsBackup)?;
        let phones = self.users[user.index()].phones;
        if phones.contains(phone) || matches!(guest.leaving, Leaving::Sent(_)) {
            return Ok(user);
        }
        let missed = || {
            let since = self.missed_since(line).ok_or(Refusal::HomeVisible)?;
            if now.since(since) < self.drilled(FAILOVER_DELAY) {
                Err(Refusal::HomeLostTooShortly)
            } else {
                Ok(())
            }
        };
        match phone.registers() {
            Registers::AsDeskPhone => missed()?,
            Registers::AsSoftphone => {
                missed()?;
                if !self.is_standing_in(self.plan.home_of(user).0) {
                    return Err(Refusal::NoDeskPhoneYet);
                }
            }
            // The base station knows that it has lost the home; nobody else is asked.
            Registers::ByBaseStation => {}
            Registers::Never => return Err(Refusal::NotItsBackup),
        }
        if guest.copied.is_none() {
            return Err(Refusal::NoCopy);
        }
        if phones.is_empty() && self.is_full(phone) { Err(Refusal::Full) } else { Ok(user) }
    }

    /// Whether the system has as many users and guests as it can (RES "System Capacities").
    fn is_full(&self, phone: PhoneModel) -> bool {
        let guests = || (self.plan.own_users().len()..self.users.len()).map(UserId::at);
        let here = || guests().filter(|&guest| self.is_registered(guest));
        let is_dect = |model: PhoneModel| model.registers() == Registers::ByBaseStation;
        let own = self.plan.own_users();
        let full = self.plan.most_users.is_some_and(|most| own.len() + here().count() >= most as usize);
        let dect_full = self.plan.most_dect_users.is_some_and(|most| {
            let own = own.iter().filter(|user| is_dect(user.phone)).count();
            own + here().filter(|&guest| is_dect(self.phone(guest))).count() >= most as usize
        });
        full || (is_dect(phone) && dect_full)
    }

    /// Whether fallback twinning serves a user whose phone is not registered: a guest only when it has been (RES "Fallback
    /// Twinning").
    pub(crate) fn may_be_twinned(&self, user: UserId) -> bool {
        !self.is_registered(user) && self.guest(user).is_none_or(|guest| guest.came)
    }

    /// The settings of a guest, as far as they have been copied.
    pub(super) fn copied_settings(&self, user: UserId) -> Vec<CopiedSetting> {
        let Some(guest) = self.guest(user).filter(|guest| guest.copied.is_some()) else { return Vec::new() };
        let as_configured = CopiedSetting::of(self.plan.settings(user));
        let later = guest.settings.iter().map(|&(_, setting)| setting);
        as_configured.into_iter().chain(later).collect()
    }

    /// A guest has the settings of the latest copy, as changed at home.
    fn take_settings(&mut self, user: UserId) {
        let copied = self.guest(user).map_or_else(Vec::new, |guest| guest.settings.clone());
        for (_, setting) in copied {
            setting.apply(self.settings_mut(user));
        }
    }

    /// A phone is no longer registered here.
    pub(crate) fn unregister_phone(
        &mut self,
        now: Instant,
        extension: Number,
        phone: PhoneModel,
        how: Leaves,
    ) {
        let Some(Entry { system: home, local: Local::User(number) }) = self.plan.directory.get(&extension)
        else {
            return self.unexpected();
        };
        let Some(user) = self.plan.local_user(home, number) else { return self.unexpected() };
        let phones = &mut self.users[user.index()].phones;
        if !phones.contains(phone) {
            return;
        }
        *phones = phones.without(phone);
        if phones.is_empty() {
            self.user_left(now, user, how);
        }
    }

    fn user_left(&mut self, now: Instant, user: UserId, how: Leaves) {
        self.phone_is_gone(now, user, how);
        self.may_be_the_last(now, user);
    }

    fn phone_is_gone(&mut self, now: Instant, user: UserId, how: Leaves) {
        self.leave_desk(now, user);
        self.agent_changed(user);
        if how == Leaves::Silently {
            self.phone_is_silent(now, user);
        }
        if self.plan.is_guest(user) {
            self.stays(user);
        }
    }

    /// The phone of a guest has gone, perhaps the last from its home.
    fn may_be_the_last(&mut self, now: Instant, user: UserId) {
        if self.plan.is_guest(user)
            && let Some(line) = self.plan.line_to(self.plan.home_of(user).0)
        {
            self.look_whether_home(now, line);
        }
    }

    /// A guest has changed a setting here.
    pub(crate) fn guest_changed(&mut self, user: UserId) {
        if let Some(guest) = self.guest_mut(user) {
            guest.forgets.0 += 1;
        }
    }

    /// A guest has made a call, or one came to its phone.
    pub(crate) fn guest_called(&mut self, user: UserId) {
        if let Some(guest) = self.guest_mut(user) {
            guest.forgets.1 += 1;
        }
    }

    /// A guest has gone home: what was changed here is lost, and it is said how much.
    fn forget_guest(&mut self, now: Instant, user: UserId) {
        self.changed.remove(&user);
        let forgets = self.guest_mut(user).map(|guest| std::mem::take(&mut guest.forgets));
        if let Some((settings, calls)) = forgets.filter(|&forgets| forgets != (0, 0)) {
            let (home, extension) = (self.plan.home_of(user).0, self.plan.user(user).extension);
            let what = ResilienceChange::Forgotten { extension, settings, calls };
            self.tell_resilience(now, ResilientFeature::Users, home, what);
        }
    }

    /// Nothing is heard of a phone: its calls are preserved or end.
    fn phone_is_silent(&mut self, now: Instant, user: UserId) {
        let held = self.held_calls(user).to_vec();
        let calls: Vec<CallId> = held.into_iter().chain(self.users[user.index()].call).collect();
        for id in calls {
            let Some(call) = self.call(id) else { continue };
            match (call.stage, call.end_of(user)) {
                (Stage::Connected(_) | Stage::Preserved(_), Some(End::Calling)) => {
                    self.preserve_or_release(now, id, Direction::Arriving);
                }
                (Stage::Connected(_) | Stage::Preserved(_), Some(End::Called)) => {
                    self.preserve_or_release(now, id, Direction::Seized);
                }
                // The phone has not put this down: it is told, should it hear that.
                (_, Some(End::Calling)) => {
                    self.release(now, id, ReleasedBy::System, Cause::NETWORK_OUT_OF_ORDER, None);
                }
                (
                    Stage::Routing
                    | Stage::Dialling
                    | Stage::AccountCode(_)
                    | Stage::Pin(_)
                    | Stage::Waiting
                    | Stage::Hunting(_)
                    | Stage::Ringing(_)
                    | Stage::Outgoing(_)
                    | Stage::Connected(_)
                    | Stage::Preserved(_),
                    _,
                ) => self.hang_up(now, user, id),
            }
        }
    }

    /// Sends an idle guest's phone home; a busy one goes when it is idle.
    pub(super) fn send_home(&mut self, now: Instant, user: UserId) {
        if !self.users[user.index()].is_idle() {
            return;
        }
        let Some(Leaving::No) = self.guest(user).map(|guest| guest.leaving) else { return };
        let timer = self.timers.arm(now, self.drilled(HOMELESS_TIME), TimerKind::Homeless(user));
        self.neighbours.timers += 1;
        if let Some(guest) = self.guest_mut(user) {
            guest.leaving = Leaving::Sent(timer);
        }
        let extension = self.plan.user(user).extension;
        self.emit(now, Output::Network(NetworkOutput::GoHome { extension, user }));
    }

    /// A guest has put the phone down, or logs out: the phone may have waited for that to go home.
    pub(crate) fn guest_may_leave(&mut self, now: Instant, user: UserId, mode: PhoneFailback) {
        let home = self.plan.home_of(user).0;
        let Some(line) = self.plan.line_to(home) else { return };
        if !self.is_registered(user) || !self.is_failing_back(line) {
            return;
        }
        match self.guest(user).map(|guest| guest.leaving) {
            Some(Leaving::Overdue) => self.no_longer_a_guest(now, user),
            Some(Leaving::No) if self.plan.user(user).failback == mode => self.send_home(now, user),
            Some(Leaving::No | Leaving::Sent(_)) | None => {}
        }
    }

    /// Five minutes have not been enough for a phone to get home.
    pub(crate) fn homeless_time_over(&mut self, now: Instant, user: UserId) {
        self.neighbours.timers -= 1;
        if let Some(guest) = self.guest_mut(user) {
            guest.leaving = Leaving::Overdue;
        }
        if self.users[user.index()].is_idle() {
            self.no_longer_a_guest(now, user);
        }
    }

    fn no_longer_a_guest(&mut self, now: Instant, user: UserId) {
        self.users[user.index()].phones = Phones::NONE;
        self.user_left(now, user, Leaves::Properly);
    }

    /// Another system has said that a guest is there: at home, if the phone has been sent there.
    pub(super) fn guest_is_elsewhere(&mut self, now: Instant, user: UserId) {
        if let Some(guest) = self.guest_mut(user) {
            guest.came = false;
        }
        let (was_here, by_itself) = (self.is_registered(user), self.is_registered_by_itself(user));
        if was_here {
            self.users[user.index()].phones = Phones::NONE;
            let (home, _) = self.plan.home_of(user);
            let extension = self.plan.user(user).extension;
            self.tell_of_phone(now, home, self.phone(user), ResilienceChange::Returned { extension });
            if let Some(Leaving::No) = self.guest(user).map(|guest| guest.leaving) {
                // It came home by itself; the user's other phone shall come too.
                self.emit(now, Output::Network(NetworkOutput::GoHome { extension, user }));
            }
            // A handset's call goes on where it is; any other phone with a call has got home because it did not hear of this system.
            let how = if by_itself { Leaves::Silently } else { Leaves::Properly };
            self.phone_is_gone(now, user, how);
        }
        self.forget_guest(now, user);
        if was_here {
            self.may_be_the_last(now, user);
        }
    }

    /// A guest's phone is not on its way home, or is no longer.
    pub(super) fn stays(&mut self, user: UserId) {
        let leaving = self.guest_mut(user).map(|guest| std::mem::take(&mut guest.leaving));
        if let Some(Leaving::Sent(timer)) = leaving {
            self.disarm(Some(timer));
        }
    }

    /// The system at the other end has passed copies of all users that this one backs up, as they are configured.
    pub(super) fn take_copies(&mut self, line: LineId, made: Instant) {
        let Some(home) = self.plan.line(line).peer else { return };
        for user in self.plan.guests_of(home) {
            if let Some(guest) = self.guest_mut(user)
                && guest.copied.is_none_or(|copied| copied <= made)
            {
                guest.copied = Some(made);
                guest.settings.retain(|&(when, _)| when > made);
            }
        }
    }

    pub(super) fn take_setting(&mut self, line: LineId, user: UserId, made: Instant, setting: CopiedSetting) {
        let home = self.plan.line(line).peer;
        let user = home.and_then(|home| self.plan.local_user(home, user));
        let Some(guest) = user.and_then(|user| self.guest_mut(user)) else { return };
        match guest.settings.iter_mut().find(|(_, known)| known.is_about_the_same(&setting)) {
            Some(known) if known.0 > made => {}
            Some(known) => *known = (made, setting),
            None => guest.settings.push((made, setting)),
        }
    }

    /// A system that has started anew waits for its IP phones.
    pub(super) fn phones_must_register(&mut self) {
        for n in 0..self.plan.own_users().len() {
            let user = UserId::at(n);
            let phone = self.phone(user);
            self.users[n].phones = match phone.registers() {
                Registers::Never => Phones::NONE.with(phone),
                Registers::AsDeskPhone | Registers::AsSoftphone | Registers::ByBaseStation => Phones::NONE,
            };
            self.agent_changed(user);
        }
    }
}
