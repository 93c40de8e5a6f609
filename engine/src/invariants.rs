//! The audit of a whole system: what must hold between any two inputs.

use crate::call::{Call, Inside, NoMedia, Origin, Party, Place, Stage};
use crate::conference::{Conference, Presence};
use crate::id::{CallId, HuntGroupId, LineGroupId, UserId};
use crate::limits::{MAX_ANALOG_TRUNKS_IN_CONFERENCE, MAX_HELD_CALLS};
use crate::media::MediaLoad;
use crate::network::End;
use crate::system::System;
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;
use crate::voicemail::Holder;

impl System {
    /// Audits the whole state.
    ///
    /// # Errors
    /// Every rule that does not hold: a channel or user whose call does not know of it, a call whose channel, user or
    /// timer belongs to another, a timer without a call, a gauge that disagrees with what it counts.
    pub fn invariants(&self) -> Result<(), Vec<String>> {
        let mut faults = Vec::new();
        let mut held: Vec<_> = self.held_channels().collect();
        held.sort_unstable();
        self.lines.audit(&held, &mut faults);
        self.audit_users(&mut faults);
        let mut timers = 0;
        for (index, generation, call) in self.calls.iter() {
            timers += self.audit_call(CallId::new((index, generation)), call, &mut faults);
        }
        timers += self.asides.limits().filter(|(_, timer)| timer.is_some()).count();
        timers += self.audit_hunt(&mut faults);
        let network = self.neighbours.timers;
        if timers + network != self.timers.len() {
            let armed = self.timers.len();
            faults.push(format!("{armed} timers are armed, calls have {timers}, the network {network}"));
        }
        self.audit_network(&mut faults);
        self.audit_asides(&mut faults);
        self.audit_waiting(&mut faults);
        self.audit_held(&mut faults);
        self.audit_joined(&mut faults);
        self.audit_conferences(&mut faults);
        self.audit_gauges(&mut faults);
        self.audit_media(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// What is kept aside is kept for a call in progress, and its timer is that call's.
    fn audit_asides(&self, faults: &mut Vec<String>) {
        for (id, timer) in self.asides.limits() {
            if self.call(id).is_none() {
                faults.push(format!("{id:?} is over, but something is still kept for it"));
            }
            if let Some(timer) = timer
                && self.timers.get(timer).and_then(TimerKind::call) != Some(id)
            {
                faults.push(format!("{id:?} is to be cut by a timer that is not its own"));
            }
        }
    }

    /// Every user who is not idle belongs to a call that knows of it, and all have the settings of the plan.
    fn audit_users(&self, faults: &mut Vec<String>) {
        for (n, (state, &settings)) in self.users.iter().zip(&self.plan.settings_of).enumerate() {
            let user = UserId::at(n);
            if state.settings != settings {
                faults.push(format!("{user:?} has the settings {}, not {settings}", state.settings));
            }
            if let Some(owner) = state.call
                && !self.call(owner).is_some_and(|call| self.holds_user(call, user))
            {
                faults.push(format!("{user:?} is held for {owner:?}, which does not know of it"));
            }
        }
    }

    /// What a call holds is held for it; the number of timers it has.
    fn audit_call(&self, id: CallId, call: &Call, faults: &mut Vec<String>) -> usize {
        if let Origin::User(user) = call.origin
            && !call.ends.is_lost(End::Calling)
        {
            self.audit_user(id, user, faults);
        }
        if let Some(Party::User(user)) = call.party() {
            self.audit_user(id, user, faults);
        }
        let mut extra = None;
        let timer: Option<TimerId> = match call.stage {
            Stage::Routing => {
                faults.push(format!("{id:?} is still being routed after the input that began it"));
                None
            }
            Stage::Dialling => {
                let dialling = self.dialling_call(id);
                extra = dialling.and_then(|dialling| dialling.pause);
                dialling.map(|dialling| dialling.off_hook)
            }
            Stage::AccountCode(timer) => Some(timer),
            Stage::Pin(asking) => Some(asking.timer),
            Stage::Waiting => self.waiting_call(id).and_then(|waiting| waiting.escalation),
            Stage::Hunting(group_call) => return self.audit_group_timers(id, group_call, faults),
            Stage::Ringing(ringing) => Some(ringing.no_answer),
            Stage::Outgoing(outgoing) => Some(outgoing.timer),
            Stage::Connected(_) => None,
            Stage::Preserved(_) => {
                let preserved = self.preservations.get(id);
                extra = preserved.and_then(|preserved| match preserved.no_media {
                    NoMedia::Heard => None,
                    NoMedia::Silent(timer) => Some(timer),
                });
                preserved.map(|preserved| preserved.expiry)
            }
        };
        for timer in timer.into_iter().chain(extra) {
            let armed = self.timers.get(timer).and_then(TimerKind::call);
            if armed != Some(id) {
                faults.push(format!("{id:?} waits for a timer that is armed for {armed:?}"));
            }
        }
        usize::from(timer.is_some()) + usize::from(extra.is_some())
    }

    fn holds_user(&self, call: &Call, user: UserId) -> bool {
        let rings = matches!(call.stage, Stage::Hunting(id) if self.rings_as_member(id, user));
        rings || call.origin == Origin::User(user) || call.party() == Some(Party::User(user))
    }

    fn audit_user(&self, id: CallId, user: UserId, faults: &mut Vec<String>) {
        let is_on_hold = self.held_calls(user).contains(&id);
        if self.users.get(user.index()).and_then(|state| state.call) != Some(id) && !is_on_hold {
            faults.push(format!("{id:?} has {user:?}, who is not held for it"));
        }
    }

    /// Lists of held calls and marks in the calls agree, and a user who holds is not idle.
    fn audit_held(&self, faults: &mut Vec<String>) {
        for (&user, calls) in &self.held {
            if calls.is_empty() || calls.len() > MAX_HELD_CALLS || self.users[user.index()].is_idle() {
                faults.push(format!("{user:?} has {} calls on hold", calls.len()));
            }
            for &id in calls {
                let call = self.call(id);
                let marked = call.is_some_and(|c| c.end_of(user).is_some_and(|end| c.ends.holds(end)));
                let talks = call.is_some_and(|c| matches!(c.stage, Stage::Connected(_)));
                if !marked || !talks {
                    faults.push(format!("{user:?} has {id:?} on hold, which does not know of it"));
                }
            }
        }
        let listed: usize = self.held.values().map(|calls| calls.len()).sum();
        let ends = [End::Calling, End::Called];
        let marked = self.calls.iter().map(|(_, _, c)| ends.iter().filter(|&&end| c.ends.holds(end)).count());
        let marked: usize = marked.sum();
        if listed != marked {
            faults.push(format!("{listed} calls are in lists of held calls, {marked} ends hold"));
        }
    }

    /// Joined calls know of each other, and each has one end outside.
    fn audit_joined(&self, faults: &mut Vec<String>) {
        for (index, generation, call) in self.calls.iter() {
            let id = CallId::new((index, generation));
            let inside = |end| call.inside(end);
            match (inside(End::Calling), inside(End::Called)) {
                (Some(_), Some(_)) => faults.push(format!("{id:?} has no end outside")),
                (None, None) => {}
                (Some(Inside::Conference(_)), None) | (None, Some(Inside::Conference(_))) => {}
                (Some(Inside::Watched(other)), None) | (None, Some(Inside::Watched(other))) => {
                    let other = self.at(other);
                    if !self.is_watched_by(other, id) {
                        faults.push(format!("{id:?} is in {other:?}, which does not know of it"));
                    }
                }
                (Some(Inside::Call(other)), None) | (None, Some(Inside::Call(other))) => {
                    let (other, back) = (self.at(other), Some(Inside::Call(Place::of(id))));
                    let knows = |c: &Call| c.inside(End::Calling) == back || c.inside(End::Called) == back;
                    if !self.call(other).is_some_and(knows) {
                        faults.push(format!("{id:?} is joined to {other:?}, which does not know of it"));
                    }
                }
            }
        }
    }

    /// Rosters and calls agree, and no conference has more than it may: slots, analog trunks, and calls that not all of
    /// its parties may make.
    fn audit_conferences(&self, faults: &mut Vec<String>) {
        let (mut slots, mut members) = (0, 0);
        for (id, conference) in self.conferences.iter() {
            slots += conference.slots();
            members += conference.members.len();
            let analog = conference.members.iter().filter(|m| m.analog).count();
            let size = conference.slots();
            if size > usize::from(conference.largest) || analog > MAX_ANALOG_TRUNKS_IN_CONFERENCE {
                faults.push(format!("{id:?} has {size} slots and {analog} analog trunks"));
            }
            for member in &conference.members {
                let inside = self.call(member.call).and_then(|call| call.inside(member.end));
                if inside != Some(Inside::Conference(id)) {
                    faults.push(format!("{:?} is on the roster of {id:?}, but not in it", member.call));
                }
            }
            let parties = conference.members.iter().filter(|m| m.presence == Presence::Present);
            if !Conference::may_meet(parties.map(|m| (self.reached(m.call, m.end.other()), m.account))) {
                faults.push(format!("{id:?} has parties that may not talk to each other"));
            }
        }
        let is_in = |c: &Call, end| matches!(c.inside(end), Some(Inside::Conference(_)));
        let ends = [End::Calling, End::Called];
        let calls = self.calls.iter().map(|(_, _, c)| ends.iter().filter(|&&end| is_in(c, end)).count());
        slots += self.audit_beside(faults);
        let (calls, usage) = (calls.sum::<usize>(), &self.conferences.usage);
        if calls != members {
            faults.push(format!("{calls} calls are in conferences, {members} are on rosters"));
        }
        if slots != usage.in_use() as usize || slots > usize::from(self.plan.conferences.channels) {
            faults.push(format!("{slots} conference slots are in use, the gauge says {}", usage.in_use()));
        }
    }

    /// Who stands in a queue waits, and nobody waits for a line that is free.
    fn audit_waiting(&self, faults: &mut Vec<String>) {
        for (place, id) in self.waiting.iter() {
            if self.waiting_call(id).is_none_or(|waiting| waiting.place != place) {
                faults.push(format!("{id:?} stands in a queue for a line, but does not wait"));
            }
        }
        let waiting = self.calls.iter().filter(|(_, _, call)| matches!(call.stage, Stage::Waiting)).count();
        if waiting != self.waiting.len() {
            faults.push(format!("{waiting} calls wait for a line, {} are counted", self.waiting.len()));
        }
        for group in (0..self.plan.line_groups.len()).map(LineGroupId::at) {
            if let Some(id) = self.waiting.first(group)
                && self.lines.has_free(&self.plan, group)
            {
                faults.push(format!("{id:?} waits for {group:?}, which has a free channel"));
            }
        }
    }

    /// Voicemail channels belong to the calls that are at voicemail or recorded, and media are counted as they are used.
    fn audit_media(&self, faults: &mut Vec<String>) {
        let connected = || {
            self.calls.iter().filter_map(|(index, generation, call)| {
                Some((CallId::new((index, generation)), *call.connected()?))
            })
        };
        let held = connected().flat_map(|(id, connected)| {
            let message = match connected.party {
                Party::Voicemail(channel) => Some(channel),
                Party::User(_) | Party::Trunk { .. } | Party::Peer { .. } | Party::Inside(_) => None,
            };
            message
                .into_iter()
                .chain(self.recording(id, &connected))
                .map(move |channel| (channel, Holder::Call(id)))
        });
        let recorded = self.conferences.iter();
        let recorded = recorded.filter_map(|(id, c)| Some((c.recording?, Holder::Conference(id))));
        let recorded: Vec<_> = recorded.collect();
        let conference_recordings = recorded.iter().map(|_| MediaLoad::RECORDING);
        let mut held: Vec<_> = held.chain(recorded.iter().copied()).collect();
        held.sort_unstable_by_key(|(channel, _)| *channel);
        let owned: Vec<_> = self.voicemail.in_use().collect();
        if held != owned || owned.len() != self.voicemail.usage().in_use() as usize {
            faults.push(format!("voicemail channels are held by {held:?}, and for {owned:?}"));
        }
        let recordings = connected().filter(|(_, c)| c.is_recorded).map(|_| MediaLoad::RECORDING);
        let loads: Vec<MediaLoad> =
            connected().map(|(_, c)| c.media).chain(recordings).chain(conference_recordings).collect();
        self.media.audit(&loads, faults);
    }

    fn audit_gauges(&self, faults: &mut Vec<String>) {
        let held_users = self.users.iter().filter(|state| !state.is_idle()).count();
        if self.user_usage.in_use() as usize != held_users {
            faults.push(format!("{held_users} users are held, the gauge says {}", self.user_usage.in_use()));
        }
        if self.stats.calls.in_use() as usize != self.calls.len() {
            let gauge = self.stats.calls.in_use();
            faults.push(format!("{} calls are in progress, the gauge says {gauge}", self.calls.len()));
        }
        for group in (0..self.plan.hunt_groups.len()).map(HuntGroupId::at) {
            let (n, usage) = (group.0, self.hunt.usage(group));
            let talks = |c: &Call| c.hunt_group() == Some(group) && matches!(c.stage, Stage::Connected(_));
            let calls = self.calls.iter().filter(|(_, _, c)| talks(c)).count() + self.calls_ringing_in(group);
            if usage.in_use() as usize != calls {
                faults.push(format!("hunt group {n} has {calls} calls, the gauge says {}", usage.in_use()));
            }
        }
        let s = &self.stats;
        if s.attempts != s.refused + s.ended + s.lost + self.calls.len() as u64 {
            faults.push(format!(
                "{} attempts are not {} refused, {} ended, {} lost and {} in progress",
                s.attempts,
                s.refused,
                s.ended,
                s.lost,
                self.calls.len()
            ));
        }
        if s.records != s.ended {
            faults.push(format!("{} calls have ended, {} records were written", s.ended, s.records));
        }
    }
}
