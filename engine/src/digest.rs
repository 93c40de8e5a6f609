//! A running fingerprint of everything a system says.

use crate::alarm::AlarmSource;
use crate::hint::usual;
use crate::id::{CallId, ChannelId};
use crate::input::Presentation;
use crate::network::{NetworkMessage, NetworkOutput, PeerBody, Purpose, ResilienceChange, ResilienceEvent};
use crate::number::Number;
use crate::output::{Output, Resource, SetupField};
use crate::smdr::{Device, SmdrRecord};
use crate::time::Instant;

/// Order-sensitive 64-bit hash, equal on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(u64);

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

impl Digest {
    pub(crate) const fn new() -> Self {
        Self(0x6275_7379_686F_7572)
    }

    pub(crate) const fn value(self) -> u64 {
        // Spreads the last words mixed in over all bits.
        let x = (self.0 ^ (self.0 >> 32)).wrapping_mul(MULTIPLIER);
        x ^ (x >> 29)
    }

    #[inline]
    const fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }

    #[inline]
    fn number(&mut self, number: &Number) {
        // Most numbers are one word.
        if let (Some(word), 1..) = (usual(number.as_word()), number.len()) {
            self.mix(word.swap_bytes() >> (64 - 8 * number.len()));
        } else {
            self.words(*number);
        }
        self.mix(number.len() as u64);
    }

    #[cold]
    fn words(&mut self, number: Number) {
        for word in number.as_bytes().chunks(8) {
            self.mix(word.iter().fold(0, |w, &b| (w << 8) | u64::from(b)));
        }
    }

    #[inline]
    fn call(&mut self, kind: u8, call: CallId, detail: u64) {
        self.mix((u64::from(kind) << 56) ^ (u64::from(call.generation()) << 32) ^ call.index() as u64);
        self.mix(detail);
    }

    /// Takes in one output and the time it was made. Always where the kind of output is known, so that nothing is left of
    /// the choice.
    #[inline(always)]
    pub(crate) fn output(&mut self, now: Instant, output: &Output) {
        if matches!(
            output,
            Output::Network(NetworkOutput::Say { message: NetworkMessage::KeepAlive { .. }, .. })
                // It goes with the words about the connection, which are there.
                | Output::Conference { .. }
        ) {
            return;
        }
        self.mix(now.as_nanos());
        match output {
            Output::Accepted { tag, call } => self.call(1, *call, tag.0),
            Output::Refused { tag, cause, short_of } => {
                self.mix(2 << 56 ^ u64::from(cause.number()) ^ (resource(*short_of) << 8));
                self.mix(tag.0);
            }
            Output::Ring { user, call, tag } => {
                self.call(3, *call, u64::from(user.0));
                self.mix(tag.0);
            }
            Output::StopRinging { user, call } => self.call(4, *call, u64::from(user.0)),
            Output::CallWaiting { user, call, tag } => {
                self.call(14, *call, u64::from(user.0));
                self.mix(tag.0);
            }
            Output::StopCallWaiting { user, call } => self.call(15, *call, u64::from(user.0)),
            Output::Alerting { call, tag } => self.call(5, *call, tag.0),
            Output::Tone { call, tag, tone } => {
                self.call(13, *call, tag.0);
                self.mix(*tone as u64);
            }
            Output::Connected { call, tag } => self.call(6, *call, tag.0),
            Output::Released { call, tag, cause, short_of } => {
                self.call(7, *call, tag.0);
                self.mix(u64::from(cause.number()) ^ (resource(*short_of) << 8));
            }
            Output::Disconnect { user, call, cause } => {
                self.call(8, *call, (u64::from(user.0) << 8) ^ u64::from(cause.number()));
            }
            Output::TrunkSetup { channel, call, attempt: _, tag, called, calling, presentation } => {
                self.call(9, *call, tag.0);
                self.mix(channel_word(*channel));
                self.number(called);
                self.number(calling);
                if *presentation == Presentation::Withheld {
                    self.mix(1);
                }
            }
            Output::SetupField { channel, call, field } => {
                self.call(14, *call, channel_word(*channel));
                self.setup_field(field);
            }
            Output::TrunkInformation { channel, call, digits } => {
                self.call(15, *call, channel_word(*channel));
                self.number(digits);
            }
            Output::Tones { channel, call, tones } => {
                self.call(16, *call, channel_word(*channel));
                self.number(tones);
            }
            Output::TrunkRelease { channel, call, cause } => {
                self.call(10, *call, (channel_word(*channel) << 8) ^ u64::from(cause.number()));
            }
            Output::HoldMusic { call, to, music } => {
                self.call(14, *call, (*to as u64) << 1 | *music as u64);
            }
            Output::MediaChanged { call } => self.call(25, *call, 0),
            Output::Left { user, call } => self.call(15, *call, u64::from(user.0)),
            Output::Denied { call, to, cause, short_of } => {
                self.call(16, *call, ((*to as u64) << 8) ^ u64::from(cause.number()));
                self.mix(resource(*short_of));
            }
            Output::Beep { conference, beep } => {
                self.mix(17 << 56 ^ u64::from(conference.0) << 8 ^ *beep as u64);
            }
            Output::Peer { line, message } => {
                let about = u64::from(line.0) << 16 ^ u64::from(message.about.channel);
                self.call(11, message.about.call, (about << 16) ^ body(&message.body));
            }
            Output::Voicemail { call, tag, access } => {
                self.call(20, *call, tag.0);
                self.mix(*access as u64);
            }
            Output::Conference { .. } => {}
            Output::Network(output) => self.network(output),
            Output::Smdr(record) => self.record(record),
        }
    }

    fn setup_field(&mut self, field: &SetupField) {
        match field {
            SetupField::SubAddress(number) => {
                self.mix(1);
                self.number(number);
            }
            SetupField::Keypad(number) => {
                self.mix(2);
                self.number(number);
            }
            SetupField::CallingName(text) => {
                self.mix(3);
                text.as_str().bytes().for_each(|b| self.mix(u64::from(b)));
            }
            SetupField::Host(text) => {
                self.mix(4);
                text.as_str().bytes().for_each(|b| self.mix(u64::from(b)));
            }
            SetupField::NationalCallingNumber => self.mix(5),
            SetupField::SendingComplete => self.mix(6),
        }
    }

    /// Keep-alives between two systems that are up say nothing; left out, the digest is the same with and without them.
    fn network(&mut self, output: &NetworkOutput) {
        match *output {
            NetworkOutput::Say { message: NetworkMessage::KeepAlive { .. }, .. } => {}
            NetworkOutput::Say {
                line,
                message: NetworkMessage::Member { group, member, state, idle_for },
            } => {
                let state = u64::from(state.active) << 1 | u64::from(state.available);
                self.mix((18 << 56) ^ (u64::from(line.0) << 8) ^ state);
                self.number(&group);
                self.number(&member);
                self.mix(idle_for.as_nanos());
            }
            NetworkOutput::Line { line, status } => {
                self.mix((14 << 56) ^ (u64::from(line.0) << 8) ^ status as u64);
            }
            NetworkOutput::Alarm { source, count } => {
                let line = match source {
                    AlarmSource::TrunkLost(line) => u64::from(line.0),
                    AlarmSource::LineDown(line) => 1 << 16 | u64::from(line.0),
                    AlarmSource::VoicemailStopped => 2 << 16,
                    AlarmSource::LicenceServerLost => 5 << 16,
                    AlarmSource::LicencesExpired => 6 << 16,
                    AlarmSource::PhonesFrom(system) => 3 << 16 | u64::from(system.0),
                };
                self.mix((18 << 56) ^ line << 32 ^ u64::from(count));
            }
            NetworkOutput::Say { message: NetworkMessage::Notice { serial, .. }, line } => {
                self.mix((24 << 56) ^ (u64::from(line.0) << 32) ^ u64::from(serial));
            }
            NetworkOutput::Say { message: NetworkMessage::Acknowledged { serial }, line } => {
                self.mix((19 << 56) ^ (u64::from(line.0) << 32) ^ u64::from(serial));
            }
            NetworkOutput::Registered { ref extension, phone, user } => {
                self.mix((21 << 56) ^ (phone as u64) << 40 ^ u64::from(user.0));
                self.number(extension);
            }
            NetworkOutput::NotRegistered { ref extension, phone, why } => {
                self.mix((22 << 56) ^ (phone as u64) << 40 ^ why as u64);
                self.number(extension);
            }
            NetworkOutput::Address { ref extension } => {
                self.mix(25 << 56);
                self.number(extension);
            }
            NetworkOutput::GoHome { user, .. } => self.mix((23 << 56) ^ u64::from(user.0)),
            NetworkOutput::Preserved { call, tag } => self.call(15, call, tag.0),
            NetworkOutput::Resilience(event) => self.resilience(&event),
            NetworkOutput::Orphaned { call, tag, fate } => {
                self.call(16, call, tag.0);
                self.mix(fate as u64);
            }
        }
    }

    fn resilience(&mut self, event: &ResilienceEvent) {
        let backup = event.backup.map_or(u64::MAX >> 40, |backup| u64::from(backup.0));
        self.mix((17 << 56) ^ (event.feature as u64) << 48 ^ u64::from(event.system.0) << 24 ^ backup);
        match event.what {
            ResilienceChange::Lost => self.mix(1),
            ResilienceChange::FailedOver => self.mix(2),
            ResilienceChange::SeenAgain => self.mix(3),
            ResilienceChange::FailedBack => self.mix(4),
            ResilienceChange::CopiesLost => self.mix(5),
            ResilienceChange::Expired => self.mix(9),
            ResilienceChange::StandAlone => self.mix(10),
            ResilienceChange::Moved { ref extension } => {
                self.mix(6);
                self.number(extension);
            }
            ResilienceChange::OtherPhone { ref extension } => {
                self.mix(11);
                self.number(extension);
            }
            ResilienceChange::Addressed { ref extension } => {
                self.mix(12);
                self.number(extension);
            }
            ResilienceChange::Forgotten { ref extension, settings, calls } => {
                self.mix(13 ^ u64::from(settings) << 8 ^ u64::from(calls) << 32);
                self.number(extension);
            }
            ResilienceChange::LoggedIn { ref extension, ref at } => {
                self.mix(14);
                self.number(extension);
                self.number(at);
            }
            ResilienceChange::LoggedOut { ref extension, ref at } => {
                self.mix(15);
                self.number(extension);
                self.number(at);
            }
            ResilienceChange::SettingsMissing { ref extension, ref at } => {
                self.mix(16);
                self.number(extension);
                self.number(at);
            }
            ResilienceChange::Returned { ref extension } => {
                self.mix(7);
                self.number(extension);
            }
            ResilienceChange::Refused { ref extension, why } => {
                self.mix(8 ^ (why as u64) << 8);
                self.number(extension);
            }
        }
    }

    #[inline(always)]
    fn record(&mut self, record: &SmdrRecord) {
        self.call(12, record.call, u64::from(record.cause.number()) ^ ((record.released_by as u64) << 8));
        self.mix(record.started.as_nanos());
        self.mix(record.ringing.as_nanos());
        self.mix(record.connected.as_nanos());
        self.mix(device(record.caller));
        self.mix(device(record.callee));
        self.number(&record.called);
    }
}

/// What a message says; the numbers of a set-up show in the records of both systems.
fn body(body: &PeerBody) -> u64 {
    match body {
        PeerBody::Setup { purpose: Purpose::Call, .. } => 1,
        PeerBody::Setup { purpose: Purpose::Voicemail { .. }, .. } => 7,
        PeerBody::Setup { purpose: Purpose::Conference, .. } => 8,
        PeerBody::Setup { purpose: Purpose::Member { .. }, .. } => 9,
        PeerBody::Proceeding => 2,
        PeerBody::Alerting { .. } => 3,
        PeerBody::Answer { .. } => 4,
        PeerBody::Reached { .. } => 5,
        PeerBody::Privilege { .. } => 6,
        PeerBody::Release { cause } => 0x100 | u64::from(cause.number()),
    }
}

fn channel_word(channel: ChannelId) -> u64 {
    (u64::from(channel.line.0) << 16) | u64::from(channel.channel)
}

fn device(device: Device) -> u64 {
    match device {
        Device::None => 0,
        Device::User(user) => (1 << 40) | u64::from(user.0),
        Device::Line(channel) => (2 << 40) | channel_word(channel),
        Device::Voicemail(channel) => (3 << 40) | u64::from(channel.0),
    }
}

fn resource(resource: Option<Resource>) -> u64 {
    match resource {
        None => 0,
        Some(Resource::LineGroup(n)) => (1 << 32) | u64::from(n),
        Some(Resource::HuntGroup(n)) => (2 << 32) | u64::from(n),
        Some(Resource::User(n)) => (3 << 32) | u64::from(n),
        Some(Resource::Calls) => 4 << 32,
        Some(Resource::HeldCalls) => 5 << 32,
        Some(Resource::Queue(n)) => (6 << 32) | u64::from(n),
        Some(Resource::Voicemail) => 7 << 32,
        Some(Resource::Media(kind)) => (8 << 32) | kind as u64,
        Some(Resource::ConferenceSlots) => 6 << 32,
    }
}
