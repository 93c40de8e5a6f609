//! Calls to voicemail: messages are left and collected, and calls recorded (RC chapter 9, DOMAIN 4.7).

use super::numbers::NumberOf;
use super::state::{Call, Connected, Origin, Party, Stage};
use crate::alarm::AlarmSource;
use crate::cause::Cause;
use crate::hint::rarely;
use crate::id::{CallId, HuntGroupId, SystemId, UserId};
use crate::input::Service;
use crate::media::MediaLoad;
use crate::network::VoicemailAccess;
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::route::search::{Search, Start};
use crate::smdr::{Device, ReleasedBy};
use crate::system::System;
use crate::time::Instant;
use crate::trace::{Redirect as Why, Step};
use crate::voicemail::{Holder, VoicemailChannel};

/// Whether there was a mailbox for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mailbox {
    /// The call is on its way to one, or has ended on that way.
    Yes,
    /// Nothing has happened to the call.
    No,
}

impl System {
    /// Sends a call that cannot be connected to the user's mailbox, if there is one.
    pub(super) fn send_to_mailbox_of_user(&mut self, now: Instant, id: CallId, user: UserId) -> Mailbox {
        if !self.settings(user).voicemail {
            return Mailbox::No;
        }
        self.send_to_mailbox(now, id, self.extension_at(user), VoicemailAccess::Leave)
    }

    /// Sends a call that no member of a hunt group takes to the group's mailbox, if there is one.
    pub(crate) fn send_to_mailbox_of_group(
        &mut self,
        now: Instant,
        id: CallId,
        group: HuntGroupId,
    ) -> Mailbox {
        let plan = self.plan.hunt_group(group);
        if !plan.voicemail {
            return Mailbox::No;
        }
        self.send_to_mailbox(now, id, plan.extension, VoicemailAccess::Leave)
    }

    /// Sends a call to a mailbox: on this system, or over an IP Office line to the one whose voicemail server takes the calls
    /// now. It does not look for another server if that one cannot be reached: only failover changes who takes the calls.
    pub(super) fn send_to_mailbox(
        &mut self,
        now: Instant,
        id: CallId,
        mailbox: Number,
        access: VoicemailAccess,
    ) -> Mailbox {
        let Some(of) = self.plan.voicemail_on else { return Mailbox::No };
        // From now on the call is none of its hunt group's.
        if let Some(call) = self.call_mut(id) {
            call.set_hunt_group(None);
        }
        self.bring_to_server(now, id, (mailbox, access), of);
        Mailbox::Yes
    }

    /// Brings a call to the server of `of`, or to whichever takes its calls.
    fn bring_to_server(
        &mut self,
        now: Instant,
        id: CallId,
        (mailbox, access): (Number, VoicemailAccess),
        of: SystemId,
    ) {
        let host = self.voicemail_host(of);
        self.trace.note(|| Step::Voicemail { mailbox, host });
        if host == self.plan.system {
            return self.connect_to_voicemail(now, id, mailbox, access);
        }
        self.try_routes(now, id, Search::new(Start::Voicemail { host, of, access }, mailbox), None);
    }

    /// All voicemail channels are busy, or no server can be reached: the call goes to the fallback, once, or gets busy.
    pub(super) fn no_voicemail(&mut self, now: Instant, id: CallId, short_of: Resource) {
        let to = self.plan.voicemail_fallback;
        let extension = self.number_of(id, NumberOf::Called);
        if to.is_empty() || to == extension {
            return self.fail(now, id, Cause::USER_BUSY, Some(short_of));
        }
        self.trace.note(|| Step::Redirect { extension, why: Why::VoicemailBusy, to });
        self.send_on(now, id, to);
    }

    fn connect_to_voicemail(&mut self, now: Instant, id: CallId, mailbox: Number, access: VoicemailAccess) {
        if self.voicemail.service == Service::Out {
            return self.no_voicemail(now, id, Resource::Voicemail);
        }
        self.set_number(id, NumberOf::Called, mailbox);
        let Some(call) = self.call(id) else { return };
        let (origin, tag) = (call.origin, call.tag);
        let Some(channel) = self.voicemail.take(now, Holder::Call(id)) else {
            return self.no_voicemail(now, id, Resource::Voicemail);
        };
        let party = Party::Voicemail(channel);
        let load = self.media_between(&origin, party);
        if let Err(kind) = self.media.take(now, load) {
            self.voicemail.give_back(now, channel);
            return self.no_voicemail(now, id, Resource::Media(kind));
        }
        if let Some(call) = self.call_mut(id) {
            call.callee = Device::Voicemail(channel);
        }
        self.emit(now, Output::Voicemail { call: id, tag, access });
        self.connect(now, id, party, load);
    }

    /// A call about a mailbox arrives from another system: for the server here, or to be passed on. To that system it does not
    /// go back.
    pub(super) fn voicemail_arrives(
        &mut self,
        now: Instant,
        id: CallId,
        what: (Number, VoicemailAccess),
        of: SystemId,
    ) {
        if self.sender(id) == Some(self.voicemail_host(of)) {
            return self.release(now, id, ReleasedBy::System, Cause::FACILITY_NOT_IMPLEMENTED, None);
        }
        self.bring_to_server(now, id, what, of);
    }

    /// The system that a call has come from; `None`: none.
    fn sender(&self, id: CallId) -> Option<SystemId> {
        match self.call(id)?.origin {
            Origin::Peer { channel, .. } => self.plan.line(channel.line).peer,
            Origin::User(_) | Origin::Trunk(_) | Origin::Inside(_) => None,
        }
    }

    /// A user dials to hear messages: the own ones, or those of the mailbox that the code names.
    pub(crate) fn collect_messages(&mut self, now: Instant, id: CallId, mailbox: Number) {
        let mailbox = match (mailbox.is_empty(), self.call(id).map(|call| call.origin)) {
            (true, Some(Origin::User(user))) => self.extension_at(user),
            _ => mailbox,
        };
        if mailbox.is_empty()
            || self.send_to_mailbox(now, id, mailbox, VoicemailAccess::Collect) == Mailbox::No
        {
            self.fail(now, id, Cause::FACILITY_NOT_IMPLEMENTED, None);
        }
    }

    /// A channel that records a call, if it is to be recorded: calls of users who have it set so, where this system has a
    /// server that records. Without a free channel the call goes on unrecorded.
    pub(super) fn start_recording(
        &mut self,
        now: Instant,
        id: CallId,
        origin: Origin,
        party: Party,
    ) -> Option<VoicemailChannel> {
        let of_user = |user| self.settings(user).record_calls;
        let caller = matches!(origin, Origin::User(user) if of_user(user));
        if !caller && !matches!(party, Party::User(user) if of_user(user)) {
            return None;
        }
        self.record(now, id)
    }

    /// Takes a voicemail channel, a stream and conference slots for recording a call.
    fn record(&mut self, now: Instant, id: CallId) -> Option<VoicemailChannel> {
        let channel = self.take_recorder(now, Holder::Call(id))?;
        if self.take_recording_slots(now, id).is_err() {
            self.give_back_recorder(now, channel);
            return None;
        }
        Some(channel)
    }

    /// A channel that records, and the stream to it.
    pub(crate) fn take_recorder(&mut self, now: Instant, holder: Holder) -> Option<VoicemailChannel> {
        if !self.plan.voicemail_records || self.voicemail.service == Service::Out {
            return None;
        }
        let channel = self.voicemail.take(now, holder)?;
        if self.media.take(now, MediaLoad::RECORDING).is_err() {
            self.voicemail.give_back(now, channel);
            return None;
        }
        Some(channel)
    }

    /// Gives back what [`Self::take_recorder`] has taken.
    pub(crate) fn give_back_recorder(&mut self, now: Instant, channel: VoicemailChannel) {
        self.voicemail.give_back(now, channel);
        self.media.give_back(now, MediaLoad::RECORDING);
        self.voicemail_channel_freed(now);
    }

    /// The recording of a call ends.
    pub(crate) fn stop_recording(&mut self, now: Instant, id: CallId, channel: VoicemailChannel) {
        self.give_back_recorder(now, channel);
        self.give_back_recording_slots(now, id);
    }

    /// A user has the call on hold recorded from now on, or no longer: the conference, if it is a conference's.
    pub(super) fn record_held_call(&mut self, now: Instant, id: CallId) -> Result<(), Cause> {
        if let Some((conference, _)) = self.membership(id) {
            return self.record_by_code(now, conference).map_err(|refusal| refusal.cause);
        }
        let Some(Stage::Connected(connected)) = self.call(id).map(|call| call.stage) else {
            return Err(Cause::CALL_REJECTED);
        };
        let recording = match self.recording(id, &connected) {
            Some(channel) => {
                self.stop_recording(now, id, channel);
                None
            }
            None => Some(self.record(now, id).ok_or(Cause::RESOURCE_UNAVAILABLE)?),
        };
        self.set_recording(id, recording);
        Ok(())
    }

    /// The voicemail channel that records a call.
    #[inline]
    pub(crate) fn recording(&self, id: CallId, connected: &Connected) -> Option<VoicemailChannel> {
        if rarely(connected.is_recorded) { self.recordings.get(id) } else { None }
    }

    pub(super) fn set_recording(&mut self, id: CallId, recording: Option<VoicemailChannel>) {
        if let Some(connected) = self.call_mut(id).and_then(Call::connected_mut) {
            connected.is_recorded = recording.is_some();
        }
        if let Some(channel) = recording {
            self.recordings.put(id, channel);
        }
    }

    /// The voicemail server stops: callers who talk to it are cut off with cause 38, and recordings end. Or it runs again.
    pub(crate) fn voicemail_service(&mut self, now: Instant, service: Service) {
        self.voicemail.service = service;
        if service == Service::In {
            return;
        }
        self.raise_alarm(now, AlarmSource::VoicemailStopped);
        let cut: Vec<(VoicemailChannel, Holder)> = self.voicemail.in_use().collect();
        for (channel, holder) in cut {
            let id = match holder {
                Holder::Call(id) => id,
                Holder::Conference(conference) => {
                    self.conference_recording_ends(now, conference);
                    continue;
                }
            };
            let Some(&connected) = self.call(id).and_then(Call::connected) else { continue };
            if self.recording(id, &connected) == Some(channel) {
                self.set_recording(id, None);
                self.stop_recording(now, id, channel);
            } else {
                self.release(now, id, ReleasedBy::Callee, Cause::NETWORK_OUT_OF_ORDER, None);
            }
        }
    }
}
