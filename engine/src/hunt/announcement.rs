//! Announcements to callers whom nobody has answered yet: timers only, the words are the outside's (DOMAIN 4.1).

use super::group_call::GroupCall;
use super::state::GroupCallId;
use crate::call::Origin;
use crate::output::{Output, Tone};
use crate::plan::spec::AnnouncementsSpec;
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer_kind::TimerKind;

/// How long after the `n`th announcement, counted from 0 for none, the next one comes.
const fn pause_after(n: u32, announcements: &AnnouncementsSpec) -> Option<Duration> {
    match (n, announcements.second) {
        (0, _) => Some(announcements.first),
        (1, Some(second)) => Some(second),
        (1.., _) => announcements.repeat,
    }
}

impl System {
    pub(super) fn arm_announcement(&mut self, now: Instant, id: GroupCallId) {
        let Some(call) = self.hunt.get(id) else { return };
        let Some(announcements) = self.plan.hunt_group(call.group).announcements else { return };
        if let Some(pause) = pause_after(call.announcements, &announcements) {
            let timer = self.timers.arm(now, pause, TimerKind::Announcement(call.call));
            if let Some(call) = self.hunt.get_mut(id) {
                call.announcement = Some(timer);
            }
        }
    }

    /// An announcement is due.
    pub(crate) fn announce(&mut self, now: Instant, id: GroupCallId) {
        let Some(GroupCall { call, announcements, announcement, .. }) = self.hunt.get_mut(id) else { return };
        *announcement = None;
        *announcements = announcements.saturating_add(1);
        let (call, nth) = (*call, *announcements);
        let tone = if nth == 1 { Tone::FirstAnnouncement } else { Tone::SecondAnnouncement };
        if let Some((tag, Origin::User(_) | Origin::Trunk(_))) = self.call(call).map(|c| (c.tag, c.origin)) {
            self.emit(now, Output::Tone { call, tag, tone });
        }
        self.arm_announcement(now, id);
    }
}
