//! Which voicemail server takes the calls for mailboxes: the one that a system uses, or its backup from failover to failback
//! (RES "Voicemail Resilience").

use super::neighbour::LineStatus;
use super::notice::Notice;
use super::resilience::{ResilienceChange, ResilientFeature};
use crate::id::{LineId, SystemId};
use crate::plan::spec::{BackedUp, VoicemailFailback};
use crate::system::System;
use crate::time::Instant;
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;
use crate::voicemail::VoicemailChannel;

/// How far the voicemail servers of two systems have synchronised over SMTP, as the one here says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MailSync {
    /// They have no connection.
    #[default]
    Broken,
    /// They have, and each has messages that the other has not.
    Started,
    /// They have, and both have the same.
    Finished,
}

/// What an administrator does in System Status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoicemailControl {
    /// "Activate Backup Server": the backup takes the calls from now on.
    ActivateBackup,
    /// They go home again.
    Failback,
}

/// What this system makes of the mailboxes of one that it backs up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mailboxes {
    sync: MailSync,
    pub(super) hosted: Hosted,
}

/// Who takes the calls for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Hosted {
    /// The server at home.
    #[default]
    AtHome,
    /// The one here; the two have not begun to synchronise since.
    Here,
    /// The one here; they have.
    Resuming,
    /// Likewise, and the timer runs after which they go home in any case.
    Timed(TimerId),
    /// It has expired.
    Overdue,
}

impl System {
    /// The system whose voicemail server takes the calls for that of `home` now.
    pub(crate) fn voicemail_host(&self, home: SystemId) -> SystemId {
        let by = self.whereabouts.mailboxes_of(home);
        // One that has gone as well is of no use.
        if by == self.plan.system || self.sees(by) { by } else { home }
    }

    fn mailboxes(&self, line: LineId) -> Mailboxes {
        self.neighbours.lines[line.index()].ward.mailboxes
    }

    fn mailboxes_mut(&mut self, line: LineId) -> &mut Mailboxes {
        &mut self.neighbours.lines[line.index()].ward.mailboxes
    }

    /// The line to a system whose voicemail this one backs up.
    fn line_of_mailboxes(&self, home: SystemId) -> Option<LineId> {
        let line = self.plan.line_to(home)?;
        self.plan.line(line).backed_up.is_some_and(|set| set.contains(BackedUp::Voicemail)).then_some(line)
    }

    /// IP phones have failed over, or an administrator wants it: the server here takes the calls.
    pub(super) fn take_over_mailboxes(&mut self, now: Instant, home: SystemId) {
        let Some(line) = self.line_of_mailboxes(home) else { return };
        if self.mailboxes(line).hosted != Hosted::AtHome {
            return;
        }
        self.mailboxes_mut(line).hosted = Hosted::Here;
        self.neighbours.mailboxes_here += 1;
        self.tell_resilience(now, ResilientFeature::Voicemail, home, ResilienceChange::FailedOver);
        self.mailboxes_are_at(now, home, self.plan.system);
    }

    fn mailboxes_are_at(&mut self, now: Instant, home: SystemId, by: SystemId) {
        self.whereabouts.set_mailboxes(home, (by, now));
        self.spread(now, Notice::Mailboxes { home, by, since: now }, None);
    }

    /// The server here says how far it has synchronised with that of `with`.
    pub(super) fn hear_of_synchronisation(&mut self, now: Instant, with: SystemId, sync: MailSync) {
        let Some(line) = self.line_of_mailboxes(with) else { return self.unexpected() };
        let mailboxes = self.mailboxes_mut(line);
        mailboxes.sync = sync;
        match (sync, mailboxes.hosted) {
            (MailSync::Broken, Hosted::Resuming | Hosted::Overdue | Hosted::Timed(_)) => {
                if let Hosted::Timed(timer) = std::mem::replace(&mut mailboxes.hosted, Hosted::Here) {
                    self.disarm(Some(timer));
                }
            }
            (MailSync::Started, Hosted::Here) => self.mailboxes_may_go_home(now, line),
            (MailSync::Broken | MailSync::Finished, Hosted::Here)
            | (_, Hosted::AtHome)
            | (MailSync::Started | MailSync::Finished, _) => {}
        }
        self.look_whether_mailboxes_go_home(now, line);
    }

    /// The home is there again, and the servers synchronise: failback is considered from now on.
    pub(super) fn mailboxes_may_go_home(&mut self, now: Instant, line: LineId) {
        let Mailboxes { sync, hosted: Hosted::Here } = self.mailboxes(line) else { return };
        if sync == MailSync::Broken || self.line_status(line) == LineStatus::Down {
            return;
        }
        let hosted = match self.plan.voicemail_failback {
            VoicemailFailback::Manual | VoicemailFailback::Graceful => Hosted::Resuming,
            VoicemailFailback::Automatic { timeout } => {
                self.neighbours.timers += 1;
                Hosted::Timed(self.timers.arm(now, timeout, TimerKind::VoicemailFailback(line)))
            }
        };
        self.mailboxes_mut(line).hosted = hosted;
        self.look_whether_mailboxes_go_home(now, line);
    }

    /// The server here has had its time to end its calls.
    pub(crate) fn voicemail_failback_due(&mut self, now: Instant, line: LineId) {
        self.neighbours.timers -= 1;
        self.mailboxes_mut(line).hosted = Hosted::Overdue;
        self.look_whether_mailboxes_go_home(now, line);
    }

    fn look_whether_mailboxes_go_home(&mut self, now: Instant, line: LineId) {
        let Mailboxes { sync, hosted } = self.mailboxes(line);
        if sync == MailSync::Broken || self.line_status(line) == LineStatus::Down {
            return;
        }
        let is_idle = self.voicemail.usage().in_use() == 0;
        let goes = match (hosted, self.plan.voicemail_failback) {
            (Hosted::AtHome | Hosted::Here, _) | (_, VoicemailFailback::Manual) => false,
            (_, VoicemailFailback::Graceful) => is_idle && sync == MailSync::Finished,
            (Hosted::Overdue, VoicemailFailback::Automatic { .. }) => true,
            (Hosted::Resuming | Hosted::Timed(_), VoicemailFailback::Automatic { .. }) => is_idle,
        };
        if goes {
            self.mailboxes_go_home(now, line);
        }
    }

    fn mailboxes_go_home(&mut self, now: Instant, line: LineId) {
        let Some(home) = self.plan.line(line).peer else { return };
        let hosted = std::mem::take(&mut self.mailboxes_mut(line).hosted);
        if let Hosted::Timed(timer) = hosted {
            self.disarm(Some(timer));
        }
        self.neighbours.mailboxes_here -= 1;
        self.tell_resilience(now, ResilientFeature::Voicemail, home, ResilienceChange::FailedBack);
        self.mailboxes_are_at(now, home, home);
    }

    /// An administrator moves the mailboxes of `of` here, or home. Home they go only while the servers synchronise.
    pub(super) fn control_voicemail(&mut self, now: Instant, of: SystemId, control: VoicemailControl) {
        let Some(line) = self.line_of_mailboxes(of) else { return self.unexpected() };
        let Mailboxes { sync, hosted } = self.mailboxes(line);
        match (control, hosted) {
            (VoicemailControl::ActivateBackup, Hosted::AtHome) => self.take_over_mailboxes(now, of),
            (
                VoicemailControl::Failback,
                Hosted::Here | Hosted::Resuming | Hosted::Timed(_) | Hosted::Overdue,
            ) if sync != MailSync::Broken && self.line_status(line) == LineStatus::Up => {
                self.mailboxes_go_home(now, line);
            }
            (VoicemailControl::ActivateBackup | VoicemailControl::Failback, _) => self.unexpected(),
        }
    }

    /// A call at a mailbox is over. It may have changed the mailbox, so that the servers differ again.
    pub(crate) fn mailbox_call_over(&mut self, now: Instant, channel: VoicemailChannel) {
        self.voicemail.give_back(now, channel);
        if self.neighbours.mailboxes_here == 0 {
            return;
        }
        for neighbour in &mut self.neighbours.lines {
            let mailboxes = &mut neighbour.ward.mailboxes;
            if mailboxes.hosted != Hosted::AtHome && mailboxes.sync == MailSync::Finished {
                mailboxes.sync = MailSync::Started;
            }
        }
        self.voicemail_channel_freed(now);
    }

    /// Mailboxes may have waited for the last call to end.
    pub(crate) fn voicemail_channel_freed(&mut self, now: Instant) {
        if self.neighbours.mailboxes_here == 0 || self.voicemail.usage().in_use() > 0 {
            return;
        }
        for line in (0..self.plan.lines.len()).map(LineId::at) {
            self.look_whether_mailboxes_go_home(now, line);
        }
    }

    pub(super) fn hear_of_mailboxes(
        &mut self,
        now: Instant,
        line: LineId,
        home: SystemId,
        (by, since): (SystemId, Instant),
    ) {
        if !self.whereabouts.is_news_of_mailboxes(home, (by, since)) {
            return;
        }
        self.whereabouts.set_mailboxes(home, (by, since));
        self.spread(now, Notice::Mailboxes { home, by, since }, Some(line));
        // What others remember of this system's last life.
        let hosts = |line| self.mailboxes(line).hosted != Hosted::AtHome;
        if by == self.plan.system && by != home && !self.line_of_mailboxes(home).is_some_and(hosts) {
            self.mailboxes_are_at(now, home, home);
        }
    }

    /// Who takes the calls for the mailboxes of a system, as far as this one knows.
    #[must_use]
    pub fn mailboxes_at(&self, home: SystemId) -> SystemId {
        self.whereabouts.mailboxes_of(home)
    }
}
