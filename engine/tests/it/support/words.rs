//! What systems say, in words: one line an output, calls named by their tags.

use super::Bench;
use engine::id::{CallId, ChannelId, LineId, UserId};
use engine::network::{
    End, LineStatus, NetworkMessage, NetworkOutput, PeerBody, PeerMessage, Purpose, Reached,
    ResilienceChange, ResilienceEvent,
};
use engine::smdr::{Answered, Device, SmdrRecord};
use engine::{Output, Presentation, Resource, SetupField, Tone};

impl Bench {
    fn tag(&self, system: usize, call: CallId) -> String {
        let found = self.calls[system].iter().find(|(c, _)| *c == call);
        found.map_or_else(|| format!("{call:?}"), |(_, tag)| format!("#{}", tag.0))
    }

    fn extension(&self, system: usize, user: UserId) -> String {
        self.systems[system].plan().users()[user.index()].extension.to_string()
    }

    fn device(&self, system: usize, device: Device) -> String {
        match device {
            Device::None => "-".to_owned(),
            Device::User(user) => self.extension(system, user),
            Device::Line(at) => channel(at),
            Device::Voicemail(at) => format!("voicemail {}", at.0),
        }
    }

    fn short_of(&self, system: usize, resource: Option<Resource>) -> String {
        match resource {
            None => String::new(),
            Some(Resource::LineGroup(n)) => format!(" short of line group {n}"),
            Some(Resource::HuntGroup(n)) => {
                let group = &self.systems[system].plan().hunt_groups()[usize::from(n)];
                format!(" short of hunt group {}", group.extension)
            }
            Some(Resource::Queue(n)) => {
                let group = &self.systems[system].plan().hunt_groups()[usize::from(n)];
                format!(" short of queue {}", group.extension)
            }
            Some(Resource::User(n)) => format!(" short of user {}", self.extension(system, UserId(n))),
            Some(Resource::Calls) => " short of calls".to_owned(),
            Some(Resource::ConferenceSlots) => " short of conference slots".to_owned(),
            Some(Resource::HeldCalls) => " short of held calls".to_owned(),
            Some(Resource::Voicemail) => " short of voicemail".to_owned(),
            Some(Resource::Media(kind)) => format!(" short of {kind:?} media"),
        }
    }

    pub(super) fn render(&self, n: usize, output: &Output) -> String {
        match *output {
            Output::Accepted { tag, .. } => format!("accepted #{}", tag.0),
            Output::Refused { tag, cause, short_of } => {
                format!("refused #{} {}{}", tag.0, cause.number(), self.short_of(n, short_of))
            }
            Output::Ring { user, tag, .. } => format!("ring {} #{}", self.extension(n, user), tag.0),
            Output::StopRinging { user, call } => {
                format!("stop ringing {} {}", self.extension(n, user), self.tag(n, call))
            }
            Output::CallWaiting { user, tag, .. } => {
                format!("call waiting {} #{}", self.extension(n, user), tag.0)
            }
            Output::StopCallWaiting { user, call } => {
                format!("stop call waiting {} {}", self.extension(n, user), self.tag(n, call))
            }
            Output::Alerting { tag, .. } => format!("alerting #{}", tag.0),
            Output::Tone { tag, tone, .. } => format!("tone {} #{}", tone_name(tone), tag.0),
            Output::Connected { tag, .. } => format!("connected #{}", tag.0),
            Output::Voicemail { tag, access, .. } => format!("voicemail {access:?} #{}", tag.0),
            Output::Conference { tag, .. } => format!("conference #{}", tag.0),
            Output::Released { tag, cause, short_of, .. } => {
                format!("released #{} {}{}", tag.0, cause.number(), self.short_of(n, short_of))
            }
            Output::Disconnect { user, call, cause } => {
                format!("disconnect {} {} {}", self.extension(n, user), self.tag(n, call), cause.number())
            }
            Output::TrunkSetup { channel: at, tag, called, calling, presentation, .. } => {
                let calling = match presentation {
                    Presentation::Allowed => calling.to_string(),
                    Presentation::Withheld => format!("({calling})"),
                };
                format!("trunk set-up {} #{} {calling}>{called}", channel(at), tag.0)
            }
            Output::SetupField { channel: at, call, field } => {
                format!("field {} {} {}", channel(at), self.tag(n, call), field_text(&field))
            }
            Output::TrunkInformation { channel: at, call, digits } => {
                format!("information {} {} {digits}", channel(at), self.tag(n, call))
            }
            Output::Tones { channel: at, call, tones } => {
                format!("tones {} {} {tones}", channel(at), self.tag(n, call))
            }
            Output::TrunkRelease { channel: at, call, cause } => {
                format!("trunk release {} {} {}", channel(at), self.tag(n, call), cause.number())
            }
            Output::HoldMusic { call, to, music } => {
                format!("music {music:?} {} {to:?}", self.tag(n, call)).to_lowercase()
            }
            Output::MediaChanged { call } => format!("media changed {}", self.tag(n, call)),
            Output::Left { user, call } => format!("left {} {}", self.extension(n, user), self.tag(n, call)),
            Output::Denied { call, to, cause, short_of } => {
                let (call, short_of) = (self.tag(n, call), self.short_of(n, short_of));
                format!("denied {call} {} {}{short_of}", format!("{to:?}").to_lowercase(), cause.number())
            }
            Output::Beep { conference, beep } => format!("beep {} {beep:?}", conference.0),
            Output::Peer { line, message } => self.render_message(n, line, &message),
            Output::Network(ref output) => self.render_network(n, output),
            Output::Smdr(ref record) => self.render_record(n, record),
        }
    }

    fn render_network(&self, n: usize, output: &NetworkOutput) -> String {
        match *output {
            NetworkOutput::Say { line, message: NetworkMessage::Member { group, member, state, .. } } => {
                let state = match (state.active, state.available) {
                    (_, true) => "available",
                    (true, false) => "busy",
                    (false, false) => "away",
                };
                format!("to {} {member} is {state} for {group}", name(self.other_end(n, line).0))
            }
            NetworkOutput::Say { line, message } => {
                format!("to {} {message:?}", name(self.other_end(n, line).0))
            }
            NetworkOutput::Line { line, status } => {
                let status = match status {
                    LineStatus::Up => "up",
                    LineStatus::Down => "down",
                };
                format!("line to {} {status}", name(self.other_end(n, line).0))
            }
            NetworkOutput::Registered { extension, phone, .. } => format!("registers {extension} {phone:?}"),
            NetworkOutput::NotRegistered { extension, phone, why } => {
                format!("does not register {extension} {phone:?}: {why:?}")
            }
            NetworkOutput::Address { extension } => format!("address {extension}"),
            NetworkOutput::GoHome { extension, .. } => format!("sends {extension} home"),
            NetworkOutput::Preserved { tag, .. } => format!("preserved #{}", tag.0),
            NetworkOutput::Alarm { source, count } => format!("alarm {source:?} {count}"),
            NetworkOutput::Resilience(event) => resilience_text(&event),
            NetworkOutput::Orphaned { tag, fate, .. } => format!("orphaned #{} {fate:?}", tag.0),
        }
    }

    fn render_message(&self, n: usize, line: LineId, message: &PeerMessage) -> String {
        let (to, _) = self.other_end(n, line);
        let caller = match message.from {
            End::Calling => n,
            End::Called => to,
        };
        let about =
            format!("{}.{} {}", line.0 + 1, message.about.channel, self.tag(caller, message.about.call));
        let body = match message.body {
            PeerBody::Setup { called, calling, hops, purpose: Purpose::Call, .. } => {
                format!("set-up {calling}>{called} hops {hops}")
            }
            PeerBody::Setup { called, calling, hops, purpose: Purpose::Voicemail { access, .. }, .. } => {
                format!("set-up {calling}>mailbox {called} {access:?} hops {hops}")
            }
            PeerBody::Setup { called, calling, hops, purpose: Purpose::Conference, .. } => {
                format!("set-up {calling}>conference {called} hops {hops}")
            }
            PeerBody::Setup { called, calling, hops, purpose: Purpose::Member { .. }, .. } => {
                format!("set-up {calling}>member {called} hops {hops}")
            }
            PeerBody::Proceeding => "proceeding".to_owned(),
            PeerBody::Alerting { .. } => "alerting".to_owned(),
            PeerBody::Answer { .. } => "answer".to_owned(),
            PeerBody::Reached { reached: Reached::Inside(_) } => "reached inside".to_owned(),
            PeerBody::Reached { reached: Reached::Conference } => "reached conference".to_owned(),
            PeerBody::Reached { reached: Reached::Outside(class) } => format!("reached outside {class:?}"),
            PeerBody::Privilege { privilege, .. } => format!("privilege {:?}", privilege.source),
            PeerBody::Release { cause } => format!("release {}", cause.number()),
        };
        format!("to {} {about} {body}", name(to))
    }

    fn render_record(&self, n: usize, r: &SmdrRecord) -> String {
        let group = r.hunt_group.map_or_else(String::new, |g| {
            format!(" group {}", self.systems[n].plan().hunt_groups()[g.index()].extension)
        });
        let talked = match r.answered {
            Answered::Yes => format!("talked {}", r.connected),
            Answered::No => {
                assert!(r.connected.is_zero(), "an unanswered call was never connected");
                "unanswered".to_owned()
            }
        };
        assert!(r.started <= self.now, "a record is written at the end of its call");
        format!(
            "smdr #{} {}>{}>{} {}>{}{group} rang {} {talked} {:?} {}",
            r.tag.0,
            r.calling,
            r.dialled,
            r.called,
            self.device(n, r.caller),
            self.device(n, r.callee),
            r.ringing,
            r.released_by,
            r.cause.number()
        )
    }
}

fn field_text(field: &SetupField) -> String {
    match field {
        SetupField::SubAddress(number) => format!("sub-address {number}"),
        SetupField::Keypad(number) => format!("keypad {number}"),
        SetupField::CallingName(name) => format!("name {}", name.as_str()),
        SetupField::Host(host) => format!("host {}", host.as_str()),
        SetupField::NationalCallingNumber => "national".to_owned(),
        SetupField::SendingComplete => "complete".to_owned(),
    }
}

/// Systems are called A, B, C ... by their places.
pub(crate) fn name(system: usize) -> char {
    char::from(b'A' + system as u8)
}

fn tone_name(tone: Tone) -> &'static str {
    match tone {
        Tone::Dial => "dial",
        Tone::SecondaryDial => "secondary dial",
        Tone::CampOn => "camp-on",
        Tone::AccountCode => "account code",
        Tone::ConferencePin => "conference PIN",
        Tone::Queued => "queued",
        Tone::FirstAnnouncement => "announcement 1",
        Tone::SecondAnnouncement => "announcement 2",
    }
}

/// Line number and channel: `1.0`.
fn channel(at: ChannelId) -> String {
    format!("{}.{}", at.line.0 + 1, at.channel)
}

fn resilience_text(event: &ResilienceEvent) -> String {
    let what = match event.what {
        ResilienceChange::Lost => "lost".to_owned(),
        ResilienceChange::FailedOver => "failed over".to_owned(),
        ResilienceChange::SeenAgain => "seen again".to_owned(),
        ResilienceChange::FailedBack => "failed back".to_owned(),
        ResilienceChange::CopiesLost => "copies lost".to_owned(),
        ResilienceChange::Expired => "expired".to_owned(),
        ResilienceChange::StandAlone => "stand-alone".to_owned(),
        ResilienceChange::Moved { extension } => format!("moved {extension}"),
        ResilienceChange::OtherPhone { extension } => format!("other phone {extension}"),
        ResilienceChange::Addressed { extension } => format!("addressed {extension}"),
        ResilienceChange::Forgotten { extension, settings, calls } => {
            format!("forgotten {extension} settings {settings} calls {calls}")
        }
        ResilienceChange::LoggedIn { extension, at } => format!("{extension} logged in at {at}"),
        ResilienceChange::LoggedOut { extension, at } => format!("{extension} logged out at {at}"),
        ResilienceChange::SettingsMissing { extension, at } => format!("{extension} at {at} shows !"),
        ResilienceChange::Returned { extension } => format!("returned {extension}"),
        ResilienceChange::Refused { extension, why } => format!("refused {extension} {why:?}"),
    };
    format!("{} of {}: {what}", event.feature.name(), name(event.system.index()))
}
