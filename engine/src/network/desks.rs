//! Hot desking: users who have logged in at the phone of somebody else (RES "User Resilience", "Resilience Indication on
//! Phones").
//!
//! The phone keeps its number on this system. Calls for the user who sits there ring it, its own user is logged out, and
//! what is dialled there is dialled by the one who sits there. The settings of that user come from the home, or from whoever
//! stands in for it; without them the phone shows "!", and calls are all that it can do.

use super::neighbour::LineStatus;
use super::notice::{CopiedSetting, Notice};
use super::resilience::{ResilienceChange, ResilientFeature};
use super::whereabouts::UserAtHome;
use crate::hint::{mostly, rarely};
use crate::id::{LineId, SystemId, UserId};
use crate::number::Number;
use crate::plan::spec::ForwardingSpec;
use crate::plan::{Entry, Local, UserSettings};
use crate::system::System;
use crate::time::Instant;

/// Who sits at a phone that is somebody else's.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    user: UserAtHome,
    extension: Number,
    settings: Retrieval,
    /// What whoever has the phone had changed before.
    put_away: Option<Box<UserSettings>>,
}

/// Where the user's settings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retrieval {
    /// Here.
    Full,
    /// Asked for over this line.
    Asked(LineId),
    /// Nobody has them who can be asked.
    Failed,
}

impl System {
    /// The number that a phone calls by: that of whoever sits there.
    pub(crate) fn extension_at(&self, phone: UserId) -> Number {
        if mostly(self.desks.is_empty()) {
            return self.plan.user(phone).extension;
        }
        self.desks.get(&phone).map_or_else(|| self.plan.user(phone).extension, |desk| desk.extension)
    }

    /// The phone that a user sits at who is logged in at somebody else's here.
    pub(crate) fn desk_of(&self, user: UserAtHome) -> Option<UserId> {
        self.desks.iter().find_map(|(&phone, desk)| (desk.user == user).then_some(phone))
    }

    /// Whether somebody else sits at a user's phone, so that the user is logged out.
    pub(crate) fn is_displaced(&self, user: UserId, called: &Number) -> bool {
        rarely(!self.desks.is_empty()) && self.desks.get(&user).is_some_and(|desk| desk.extension != *called)
    }

    /// Whoever has this number logs in at a phone of this system, with the login code that every system of the network knows.
    pub(crate) fn log_in_as(
        &mut self,
        now: Instant,
        phone: UserId,
        (extension, code): (Number, Number),
    ) -> Option<()> {
        (self.plan.login_codes.get(&extension) == Some(&code)).then_some(())?;
        let Some(Entry { system: home, local: Local::User(number) }) = self.plan.directory.get(&extension)
        else {
            return None;
        };
        let user = (home, number);
        if self.plan.local_user(home, number) == Some(phone) {
            self.log_in_at_own_phone(now, phone);
            return Some(());
        }
        self.leave_desk_of(now, user);
        self.leave_desk(now, phone);
        let basic = self.basic_settings(phone);
        let put_away = self.changed.insert(phone, Box::new(basic));
        self.desks.insert(phone, Desk { user, extension, settings: Retrieval::Failed, put_away });
        let at = self.plan.user(phone).extension;
        self.tell_resilience(
            now,
            ResilientFeature::Users,
            home,
            ResilienceChange::LoggedIn { extension, at },
        );
        self.ask_for_settings(now, phone);
        self.user_visits(now, user);
        self.agent_changed(phone);
        Some(())
    }

    /// A user logs in at the own phone: whoever else sits there is logged out, and the user wherever else that is.
    pub(crate) fn log_in_at_own_phone(&mut self, now: Instant, phone: UserId) {
        let user = self.plan.home_of(phone);
        self.leave_desk_of(now, user);
        self.leave_desk(now, phone);
        self.settings_mut(phone).logged_in = true;
        self.agent_is_back(phone);
        self.user_is_at(now, user, self.plan.system);
    }

    /// The settings of a user of this system, whoever sits at the phone.
    pub(crate) fn own_settings(&self, user: UserId) -> &UserSettings {
        match self.desks.get(&user) {
            Some(desk) => desk.put_away.as_deref().unwrap_or_else(|| self.plan.settings(user)),
            None => self.settings(user),
        }
    }

    /// Likewise, to change them.
    pub(crate) fn own_settings_mut(&mut self, user: UserId) -> &mut UserSettings {
        let as_configured = || Box::new(self.plan.settings(user).clone());
        match self.desks.get_mut(&user) {
            Some(desk) => desk.put_away.get_or_insert_with(as_configured),
            None => self.changed.entry(user).or_insert_with(as_configured),
        }
    }

    /// What a phone can do for somebody whose settings are not here: make and answer calls.
    fn basic_settings(&self, phone: UserId) -> UserSettings {
        UserSettings {
            logged_in: true,
            do_not_disturb: false,
            do_not_disturb_exceptions: Vec::new(),
            follow_me_to: Number::EMPTY,
            forwarding: ForwardingSpec::default(),
            forward_unconditional: false,
            forward_on_busy: false,
            forward_on_no_answer: false,
            fallback_twinning: Number::EMPTY,
            voicemail: false,
            ..self.plan.settings(phone).clone()
        }
    }

    /// Gets the settings of whoever sits at a phone: from here, or else from the user's home, or whoever stands in for it.
    fn ask_for_settings(&mut self, now: Instant, phone: UserId) {
        let Some(desk) = self.desks.get(&phone) else { return };
        let (home, user) = desk.user;
        let up = |system: SystemId| {
            let line = self.plan.line_to(system)?;
            (self.line_status(line) == LineStatus::Up).then_some(line)
        };
        let here = self.settings_here((home, user));
        if !here.is_empty() {
            for setting in here {
                self.take_setting_of_visitor((home, user), setting);
            }
            return;
        }
        let line = up(home).or_else(|| up(self.stand_in_of(home)?));
        let Some(line) = line else { return self.settings_missing(now, phone) };
        if let Some(desk) = self.desks.get_mut(&phone) {
            desk.settings = Retrieval::Asked(line);
        }
        self.notify(now, line, Notice::SettingsWanted { home, user });
    }

    /// Nobody who can be asked has the settings of whoever sits at a phone, which shows that.
    fn settings_missing(&mut self, now: Instant, phone: UserId) {
        let Some(desk) = self.desks.get_mut(&phone) else { return };
        desk.settings = Retrieval::Failed;
        let (home, extension) = (desk.user.0, desk.extension);
        let at = self.plan.user(phone).extension;
        let what = ResilienceChange::SettingsMissing { extension, at };
        self.tell_resilience(now, ResilientFeature::Users, home, what);
    }

    /// Whoever was asked for the settings of a user has none.
    pub(super) fn settings_are_not_there(&mut self, now: Instant, line: LineId, user: UserAtHome) {
        let Some(phone) = self.desk_of(user) else { return };
        if self.desks.get(&phone).is_some_and(|desk| desk.settings == Retrieval::Asked(line)) {
            self.settings_missing(now, phone);
        }
    }

    /// A line over which settings were asked for is down: somebody else may have them.
    pub(super) fn ask_elsewhere(&mut self, now: Instant, line: LineId) {
        let asked = self.desks.iter().filter(|(_, desk)| desk.settings == Retrieval::Asked(line));
        let phones: Vec<UserId> = asked.map(|(&phone, _)| phone).collect();
        for phone in phones {
            self.ask_for_settings(now, phone);
        }
    }

    /// Another system asks for the settings of a user: the home answers, or a system that stands in for it.
    pub(super) fn settings_wanted(&mut self, now: Instant, line: LineId, user: UserAtHome) {
        let (home, number) = user;
        let settings = self.settings_here(user);
        if settings.is_empty() {
            return self.notify(now, line, Notice::NoSettings { home, user: number });
        }
        for setting in settings {
            self.notify(now, line, Notice::SettingOf { home, user: number, setting });
        }
    }

    /// The settings of a user of this system, or of one that it stands in for; of others it has none.
    fn settings_here(&self, (home, number): UserAtHome) -> Vec<CopiedSetting> {
        if home == self.plan.system {
            return CopiedSetting::of(self.own_settings(number)).to_vec();
        }
        let guest = self.plan.local_user(home, number).filter(|_| self.is_standing_in(home));
        guest.map_or_else(Vec::new, |guest| self.copied_settings(guest))
    }

    /// A setting of a user has come who sits at a phone here.
    pub(super) fn take_setting_of_visitor(&mut self, user: UserAtHome, setting: CopiedSetting) {
        let Some(phone) = self.desk_of(user) else { return };
        setting.apply(self.settings_mut(phone));
        self.settings_mut(phone).logged_in = true;
        if let Some(desk) = self.desks.get_mut(&phone) {
            desk.settings = Retrieval::Full;
        }
        self.agent_changed(phone);
    }

    /// Whoever sits at somebody else's phone is logged out there, and what was changed there is lost.
    pub(crate) fn leave_desk(&mut self, now: Instant, phone: UserId) {
        let Some(desk) = self.desks.remove(&phone) else { return };
        match desk.put_away {
            Some(own) => self.changed.insert(phone, own),
            None => self.changed.remove(&phone),
        };
        self.agent_changed(phone);
        let (extension, at) = (desk.extension, self.plan.user(phone).extension);
        let what = ResilienceChange::LoggedOut { extension, at };
        self.tell_resilience(now, ResilientFeature::Users, desk.user.0, what);
        self.user_leaves_seat(now, desk.user);
    }

    /// A user who sits at somebody else's phone here is logged out there.
    pub(super) fn leave_desk_of(&mut self, now: Instant, user: UserAtHome) {
        if let Some(phone) = self.desk_of(user) {
            self.leave_desk(now, phone);
        }
    }

    /// The users of a system go to its backup: those of them who sit at phones here are logged out (RES "IP Phone
    /// Resilience").
    pub(super) fn visitors_log_out(&mut self, now: Instant, home: SystemId) {
        let theirs = self.desks.iter().filter(|(_, desk)| desk.user.0 == home);
        let phones: Vec<UserId> = theirs.map(|(&phone, _)| phone).collect();
        for phone in phones {
            self.leave_desk(now, phone);
        }
    }
}
