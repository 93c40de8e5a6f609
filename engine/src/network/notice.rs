//! Notices: what one system must let others know for certain. Each is repeated with every keep-alive until it is
//! acknowledged; when a line comes up, everything that still counts is said again.

use super::neighbour::LineStatus;
use super::power::Power;
use super::whereabouts::Seat;
use super::word::NetworkMessage;
use crate::id::{LineId, SystemId, UserId};
use crate::number::Number;
use crate::plan::UserSettings;
use crate::plan::spec::BacksUp;
use crate::system::System;
use crate::time::{Duration, Instant};

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Copies of the sender's users, as they are configured, for the system that backs them up.
    Copies {
        /// When they were made.
        made: Instant,
    },
    /// A copy of a setting of one of them that has been changed.
    Setting {
        /// The sender's user.
        user: UserId,
        /// When it was made.
        made: Instant,
        /// The setting.
        setting: CopiedSetting,
    },
    /// Somebody else's phone is where a user has logged in, whose settings are wanted there.
    SettingsWanted {
        /// The user's home.
        home: SystemId,
        /// The user there.
        user: UserId,
    },
    /// A setting that was wanted.
    SettingOf {
        /// The user's home.
        home: SystemId,
        /// The user there.
        user: UserId,
        /// The setting.
        setting: CopiedSetting,
    },
    /// The settings that were wanted are not there.
    NoSettings {
        /// The user's home.
        home: SystemId,
        /// The user there.
        user: UserId,
    },
    /// Where a user is: the system on which the phones are registered.
    Whereabouts {
        /// The user's home.
        home: SystemId,
        /// The user there.
        user: UserId,
        /// Where.
        at: SystemId,
        /// Since when.
        since: Instant,
        /// At whose phone.
        seat: Seat,
    },
    /// Who advertises the hunt groups and system conferences of a system, and answers for its users.
    Stead {
        /// Whose they are.
        home: SystemId,
        /// Who: the system itself, or its backup.
        by: SystemId,
        /// Since when.
        since: Instant,
        /// What of it.
        what: BacksUp,
    },
    /// Whose voicemail server takes the calls for mailboxes.
    Mailboxes {
        /// The system whose server does normally.
        home: SystemId,
        /// The one that does: that system itself, or its backup.
        by: SystemId,
        /// Since when.
        since: Instant,
    },
}

/// One of the settings of a user that short codes can change. Exceptions of do not disturb are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopiedSetting {
    /// Everything that is on or off.
    Switches {
        /// Logged in.
        logged_in: bool,
        /// Do not disturb.
        do_not_disturb: bool,
        /// Forwarding of all calls.
        forward_unconditional: bool,
        /// That of hunt group calls with it.
        forward_hunt_group_calls: bool,
        /// Forwarding of calls that find the user busy.
        forward_on_busy: bool,
        /// Forwarding of calls that are not answered.
        forward_on_no_answer: bool,
        /// Outgoing call bar.
        outgoing_call_bar: bool,
        /// A mailbox for calls.
        voicemail: bool,
        /// How long the phone rings; `None`: as long as those of the system.
        no_answer_time: Option<Duration>,
    },
    /// Where calls follow the user.
    FollowMe(Number),
    /// Where all calls are forwarded.
    ForwardUnconditional(Number),
    /// Where calls go that find the user busy.
    ForwardOnBusy(Number),
    /// Where calls go that are not answered.
    ForwardOnNoAnswer(Number),
}

impl CopiedSetting {
    /// All settings of a user.
    pub(super) fn of(settings: &UserSettings) -> [Self; 5] {
        [
            Self::Switches {
                logged_in: settings.logged_in,
                do_not_disturb: settings.do_not_disturb,
                forward_unconditional: settings.forward_unconditional,
                forward_hunt_group_calls: settings.forwarding.hunt_group_calls,
                forward_on_busy: settings.forward_on_busy,
                forward_on_no_answer: settings.forward_on_no_answer,
                outgoing_call_bar: settings.outgoing_call_bar,
                voicemail: settings.voicemail,
                no_answer_time: settings.no_answer_time,
            },
            Self::FollowMe(settings.follow_me_to),
            Self::ForwardUnconditional(settings.forwarding.unconditional),
            Self::ForwardOnBusy(settings.forwarding.busy),
            Self::ForwardOnNoAnswer(settings.forwarding.no_answer),
        ]
    }

    /// Whether both say the same thing, perhaps with other values.
    pub(super) fn is_about_the_same(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub(super) fn apply(&self, settings: &mut UserSettings) {
        match *self {
            Self::Switches {
                logged_in,
                do_not_disturb,
                forward_unconditional,
                forward_hunt_group_calls,
                forward_on_busy,
                forward_on_no_answer,
                outgoing_call_bar,
                voicemail,
                no_answer_time,
            } => {
                settings.logged_in = logged_in;
                settings.do_not_disturb = do_not_disturb;
                settings.forward_unconditional = forward_unconditional;
                settings.forwarding.hunt_group_calls = forward_hunt_group_calls;
                settings.forward_on_busy = forward_on_busy;
                settings.forward_on_no_answer = forward_on_no_answer;
                settings.outgoing_call_bar = outgoing_call_bar;
                settings.voicemail = voicemail;
                settings.no_answer_time = no_answer_time;
            }
            Self::FollowMe(number) => settings.follow_me_to = number,
            Self::ForwardUnconditional(number) => settings.forwarding.unconditional = number,
            Self::ForwardOnBusy(number) => settings.forwarding.busy = number,
            Self::ForwardOnNoAnswer(number) => settings.forwarding.no_answer = number,
        }
    }
}

/// Notices on their way over one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    last: u32,
    unacknowledged: Vec<(u32, Notice)>,
}

impl System {
    /// Says a notice over one line, if that is up.
    pub(super) fn notify(&mut self, now: Instant, line: LineId, notice: Notice) {
        if !matches!(self.neighbours.power, Power::On { .. }) || self.line_status(line) == LineStatus::Down {
            return;
        }
        let outbox = &mut self.neighbours.lines[line.index()].outbox;
        outbox.last = outbox.last.wrapping_add(1);
        let serial = outbox.last;
        outbox.unacknowledged.push((serial, notice));
        self.tell_neighbour(now, line, NetworkMessage::Notice { serial, notice });
    }

    /// Says a notice to every neighbour but the one that it came from.
    pub(super) fn spread(&mut self, now: Instant, notice: Notice, from: Option<LineId>) {
        for line in (0..self.plan.lines.len()).map(LineId::at) {
            if self.plan.line(line).peer.is_some() && Some(line) != from {
                self.notify(now, line, notice);
            }
        }
    }

    /// Repeats what has not been acknowledged.
    pub(super) fn repeat_notices(&mut self, now: Instant, line: LineId) {
        if self.neighbours.lines[line.index()].outbox.unacknowledged.is_empty() {
            return;
        }
        for (serial, notice) in self.neighbours.lines[line.index()].outbox.unacknowledged.clone() {
            self.tell_neighbour(now, line, NetworkMessage::Notice { serial, notice });
        }
    }

    /// The line has gone down: what was under way will be said anew if it still counts.
    pub(super) fn forget_notices(&mut self, line: LineId) {
        self.neighbours.lines[line.index()].outbox.unacknowledged.clear();
    }

    pub(super) fn acknowledged(&mut self, line: LineId, serial: u32) {
        let outbox = &mut self.neighbours.lines[line.index()].outbox;
        outbox.unacknowledged.retain(|&(sent, _)| sent != serial);
    }

    /// The line has come up: says everything that the neighbour may have missed.
    pub(super) fn say_all(&mut self, now: Instant, line: LineId) {
        let Some(peer) = self.plan.line(line).peer else { return };
        if self.plan.own_users().iter().any(|user| user.backup == Some(peer)) {
            self.notify(now, line, Notice::Copies { made: now });
            let changed: Vec<UserId> = self.changed.keys().copied().collect();
            for user in changed {
                self.copy_to(now, user, line, peer);
            }
        }
        for notice in self.whereabouts.notices() {
            self.notify(now, line, notice);
        }
    }

    /// A user's own settings have changed: whoever backs the user up gets a copy.
    pub(crate) fn copy_settings(&mut self, now: Instant, user: UserId) {
        if let Some(backup) = self.plan.own_users().get(user.index()).and_then(|user| user.backup)
            && let Some(line) = self.plan.line_to(backup)
        {
            self.copy_to(now, user, line, backup);
        }
    }

    fn copy_to(&mut self, now: Instant, user: UserId, line: LineId, peer: SystemId) {
        if self.plan.own_users().get(user.index()).is_some_and(|user| user.backup == Some(peer)) {
            for setting in CopiedSetting::of(self.own_settings(user)) {
                self.notify(now, line, Notice::Setting { user, made: now, setting });
            }
        }
    }

    pub(super) fn hear_notice(&mut self, now: Instant, line: LineId, serial: u32, notice: Notice) {
        self.tell_neighbour(now, line, NetworkMessage::Acknowledged { serial });
        match notice {
            Notice::Copies { made } => self.take_copies(line, made),
            Notice::Setting { user, made, setting } => self.take_setting(line, user, made, setting),
            Notice::SettingsWanted { home, user } => self.settings_wanted(now, line, (home, user)),
            Notice::SettingOf { home, user, setting } => self.take_setting_of_visitor((home, user), setting),
            Notice::NoSettings { home, user } => self.settings_are_not_there(now, line, (home, user)),
            Notice::Whereabouts { home, user, at, since, seat } => {
                self.hear_whereabouts(now, line, (home, user), (at, since, seat));
            }
            Notice::Stead { home, by, since, what } => self.hear_stead(now, line, home, (by, since, what)),
            Notice::Mailboxes { home, by, since } => self.hear_of_mailboxes(now, line, home, (by, since)),
        }
    }
}
