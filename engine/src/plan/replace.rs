//! A plan that takes another's place while calls go on: everything may differ but what calls know by its number, and what
//! they hold a part of.

use super::model::{HuntGroup, Line, Plan};
use crate::id::UserId;
use crate::system::System;
use crate::time::Instant;
use std::sync::Arc;

impl Plan {
    /// What keeps `later` from taking this plan's place; nothing if it may.
    fn differs_in(&self, later: &Self) -> Vec<&'static str> {
        let endpoint = |plan: &Self, n: usize| plan.settings(UserId::at(n)).endpoint;
        let users_agree = self.users.len() == later.users.len()
            && self.users.iter().zip(&later.users).enumerate().all(|(n, (a, b))| {
                (a.extension, a.phone, a.simultaneous, a.backup, a.failback)
                    == (b.extension, b.phone, b.simultaneous, b.backup, b.failback)
                    && endpoint(self, n) == endpoint(later, n)
            });
        let guests = |plan: &Self| {
            let g = &plan.guests;
            (g.users.clone(), g.hunt_groups.clone(), g.rooms.clone())
        };
        let lines = |plan: &Self| -> Vec<Line> {
            plan.lines.iter().map(|line| Line { name: String::new(), ..line.clone() }).collect()
        };
        let groups = |plan: &Self| -> Vec<HuntGroup> {
            plan.hunt_groups.iter().map(|group| HuntGroup { name: String::new(), ..group.clone() }).collect()
        };
        let forms = |plan: &Self| -> Vec<u32> { plan.forms.iter().map(|form| form.id).collect() };
        let voicemail = |plan: &Self| (plan.voicemail_channels, plan.voicemail_on);
        let parts = [
            ("the system", self.system == later.system && self.role == later.role),
            ("users", users_agree),
            ("what it backs up", guests(self) == guests(later)),
            ("lines", lines(self) == lines(later) && self.line_groups == later.line_groups),
            ("hunt groups", groups(self) == groups(later) && self.lent == later.lent),
            ("conferences", self.conferences == later.conferences),
            ("which ARS forms there are", forms(self) == forms(later)),
            ("voicemail", voicemail(self) == voicemail(later)),
            ("media", self.media == later.media),
        ];
        parts.into_iter().filter(|(_, agree)| !agree).map(|(what, _)| what).collect()
    }
}

impl System {
    /// Goes on by another plan: from now on routes, codes, rights and settings are those of `plan`, for calls that are being
    /// set up as well. A user who has changed a setting by phone keeps all of them.
    ///
    /// # Errors
    /// What differs that cannot change while calls go on: users, lines, hunt groups, conferences, voicemail, media, or
    /// which ARS forms there are. Everything stays as it was.
    ///
    /// # Panics
    /// As [`Self::handle`].
    pub fn replan(&mut self, now: Instant, plan: Arc<Plan>) -> Result<(), Vec<&'static str>> {
        self.advance(now);
        let differs = self.plan.differs_in(&plan);
        if !differs.is_empty() {
            return Err(differs);
        }
        let remembered = if plan.asks_for_last_numbers { plan.users.len() } else { 0 };
        self.last_numbers.resize_with(remembered, Default::default);
        for (state, &settings) in self.users.iter_mut().zip(&plan.settings_of) {
            state.settings = settings;
        }
        self.plan = plan;
        for user in 0..self.users.len() {
            self.agent_changed(UserId::at(user));
        }
        self.serve(now);
        Ok(())
    }
}
