//! What parties of a conference may do to it and to each other (RC chapter 8, "Meet-Me conferencing").

use super::entry::Refusal;
use super::state::{Conference, Kind, Member, Participant, Presence, Role};
use crate::call::{Inside, Leg, Origin};
use crate::id::{CallId, ConferenceId, Tag};
use crate::network::End;
use crate::number::Number;
use crate::output::Output;
use crate::system::System;
use crate::time::Instant;
use crate::voicemail::Holder;

/// What a party of a conference wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Mute.
    Mute(Whom),
    /// No longer mute.
    Unmute(Whom),
    /// Call somebody to join.
    Add {
        /// Number to call.
        number: Number,
        /// The outside's reference to the call.
        tag: Tag,
    },
    /// Release a party.
    Drop(CallId),
    /// End it for everyone.
    End,
    /// Participants are muted, those who come later too.
    Lecture(Switch),
    /// One beep when somebody comes, two when somebody goes.
    EntryTones(Switch),
    /// It goes on without a moderator.
    Continuation(Switch),
    /// No participants come in any more.
    Lock(Switch),
    /// It is recorded, which takes a slot.
    Record(Switch),
}

/// Whom a control is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The party with this call.
    One(CallId),
    /// All participants.
    All,
}

/// Whether something is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl System {
    /// Who is in the conference that `call` takes part in, in the order of joining; `None` if it is in none.
    #[must_use]
    pub fn roster(&self, call: CallId) -> Option<Vec<Participant>> {
        let (conference, _) = self.membership(call)?;
        let list = |m: &Member| {
            let Member { call, role, presence, muted, .. } = *m;
            Participant { call, role, presence, muted }
        };
        Some(self.conferences.get(conference)?.members.iter().map(list).collect())
    }

    /// The conference that a call takes part in, and the conference's end of the call.
    pub(crate) fn membership(&self, id: CallId) -> Option<(ConferenceId, End)> {
        let call = self.call(id)?;
        [End::Calling, End::Called].into_iter().find_map(|end| match call.inside(end)? {
            Inside::Conference(conference) => Some((conference, end)),
            Inside::Call(_) | Inside::Watched(_) => None,
        })
    }

    /// A party of a conference uses a control.
    pub(crate) fn control(&mut self, now: Instant, call: CallId, control: Control) {
        let Some((id, end)) = self.membership(call) else { return self.unexpected() };
        let done = if self.may_control(id, call, control) {
            self.do_control(now, id, call, control)
        } else {
            Err(Refusal::NOT_ALLOWED)
        };
        if let Err(refusal) = done {
            self.deny(now, Leg { call, end: end.other() }, refusal);
        }
    }

    /// Moderators may do everything, but an ad hoc conference has none; every party of the network may drop others, and
    /// record.
    fn may_control(&self, id: ConferenceId, call: CallId, control: Control) -> bool {
        let Some(conference) = self.conferences.get(id) else { return false };
        let Some(member) = conference.members.iter().find(|m| m.call == call) else { return false };
        // A phone whose signalling is lost can only hang up.
        let talks = self.call(call).is_some_and(crate::call::Call::is_connected);
        if member.presence == Presence::Invited || !talks {
            return false;
        }
        let for_all = matches!(control, Control::Drop(_) | Control::Record(_)) && member.is_internal();
        let moderates = member.role == Role::Moderator && conference.kind != Kind::AdHoc;
        for_all || moderates
    }

    fn do_control(
        &mut self,
        now: Instant,
        id: ConferenceId,
        by: CallId,
        control: Control,
    ) -> Result<(), Refusal> {
        if let Control::Add { number, tag } = control {
            return self.invite(now, id, by, (number, tag));
        }
        let Some(conference) = self.conferences.get_mut(id) else { return Ok(()) };
        match control {
            Control::Mute(whom) => conference.mute(whom, Switch::On)?,
            Control::Unmute(whom) => conference.mute(whom, Switch::Off)?,
            Control::Drop(whom) => {
                let member = conference.members.iter().find(|m| m.call == whom).copied();
                let member = member.ok_or(Refusal::NOT_ALLOWED)?;
                let leg = Leg { call: whom, end: member.end };
                self.drop_member(now, leg, crate::cause::Cause::NORMAL_CLEARING);
            }
            Control::End => self.end_conference(now, id),
            Control::Lecture(switch) => {
                conference.lecture = switch == Switch::On;
                conference.mute(Whom::All, switch)?;
            }
            Control::EntryTones(switch) => conference.entry_tones = switch == Switch::On,
            Control::Continuation(switch) => {
                conference.continuation = switch == Switch::On;
                self.update_music(now, id);
            }
            Control::Lock(switch) => conference.locked = switch == Switch::On,
            Control::Record(switch) => self.record_conference(now, id, switch)?,
            Control::Add { .. } => {}
        }
        Ok(())
    }

    /// Begins or ends the recording of a conference: it takes a slot, and a channel of the voicemail server.
    fn record_conference(&mut self, now: Instant, id: ConferenceId, switch: Switch) -> Result<(), Refusal> {
        let Some(conference) = self.conferences.get(id) else { return Ok(()) };
        let recording = match (conference.recording, switch) {
            (None, Switch::On) => {
                self.has_slots(conference, 1)?;
                let channel = self.take_recorder(now, Holder::Conference(id)).ok_or(Refusal::NO_VOICEMAIL)?;
                self.conferences.usage.take(now);
                Some(channel)
            }
            (Some(channel), Switch::Off) => {
                self.conferences.usage.give_back(now);
                self.give_back_recorder(now, channel);
                None
            }
            (as_before @ Some(_), Switch::On) | (as_before @ None, Switch::Off) => as_before,
        };
        if let Some(conference) = self.conferences.get_mut(id) {
            conference.recording = recording;
        }
        Ok(())
    }

    /// The voicemail server that records a conference has stopped.
    pub(crate) fn conference_recording_ends(&mut self, now: Instant, id: ConferenceId) {
        // Ending a recording takes nothing that might not be there.
        let _ = self.record_conference(now, id, Switch::Off);
    }

    /// A code switches the recording of a conference over.
    pub(crate) fn record_by_code(&mut self, now: Instant, id: ConferenceId) -> Result<(), Refusal> {
        let recorded = self.conferences.get(id).is_some_and(|conference| conference.recording.is_some());
        let switch = if recorded { Switch::Off } else { Switch::On };
        self.record_conference(now, id, switch).inspect_err(|&refusal| self.count_refusal(refusal))
    }

    /// The conference calls somebody, on behalf of the party `by` and with what that party may do. The slot is taken at
    /// once, so that whoever answers is not turned away.
    fn invite(
        &mut self,
        now: Instant,
        id: ConferenceId,
        by: CallId,
        (number, tag): (Number, Tag),
    ) -> Result<(), Refusal> {
        let Some(conference) = self.conferences.get(id) else { return Ok(()) };
        self.has_slots(conference, 1)?;
        let calling = conference.number;
        let privilege = self.call(by).map(|call| call.privilege).ok_or(Refusal::NOT_ALLOWED)?;
        let origin = Origin::Inside(Inside::Conference(id));
        self.stats.attempts += 1;
        let Some(call) = self.create(now, tag, origin, calling, number) else {
            self.stats.attempts -= 1;
            return Err(Refusal::NO_SLOTS);
        };
        self.stats.calls.take(now);
        if let Some(call) = self.call_mut(call) {
            call.privilege = privilege;
        }
        let member = Member {
            call,
            end: End::Calling,
            role: Role::Participant,
            muted: false,
            presence: Presence::Invited,
            reached: None,
            account: privilege.account,
            analog: false,
        };
        self.add_member(now, id, member);
        self.emit(now, Output::Accepted { tag, call });
        self.route(now, call, number);
        Ok(())
    }
}

impl Conference {
    fn mute(&mut self, whom: Whom, switch: Switch) -> Result<(), Refusal> {
        let muted = switch == Switch::On;
        match whom {
            Whom::All => {
                let participants = self.members.iter_mut().filter(|m| m.role == Role::Participant);
                participants.for_each(|m| m.muted = muted);
            }
            Whom::One(call) => {
                let member = self.members.iter_mut().find(|m| m.call == call);
                member.ok_or(Refusal::NOT_ALLOWED)?.muted = muted;
            }
        }
        Ok(())
    }
}
