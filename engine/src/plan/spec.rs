//! The plain description of a network, before it is checked: what a configuration file says, with defaults filled in.

mod conference;
mod feature;
mod hunt;
mod media;
mod phone;
mod resilience;
mod routing;
mod schedule;
mod user;

pub use conference::{ConferencesSpec, RoomKind, RoomSpec};
pub use feature::{Feature, FeatureKind};
pub use hunt::{
    AgentStatus, AnnouncementsSpec, HuntGroupSpec, NoAnswerCalls, NoAnswerStatusSpec, OverflowMode,
    OverflowRinging, OverflowSpec, QueueSpec, QueueType, RingMode, ServiceMode,
};
pub use media::{Codec, Codecs, DirectMedia, Endpoint, EndpointKind, MediaSpec, Srtp};
pub use phone::{PhoneModel, Registers};
pub use resilience::{
    BackedUp, BacksUp, LinePreservation, MediaPreservation, PhoneFailback, VoicemailFailback,
};
pub use routing::{
    ArsFormSpec, Bearer, DestinationSpec, IncomingCallRouteSpec, QueuePriority, ShortCodeSpec,
};
pub use schedule::{Day, TimeOfWeek, TimeProfileSpec, TimeSpanSpec};
pub use user::{
    AccountCodeSpec, CallClass, CallClasses, ForcedAccountCode, ForwardingSpec, UserRightsSpec, UserSpec,
};

use crate::id::SystemId;
use crate::number::Number;
use crate::time::Duration;

/// A whole network of systems.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NetworkSpec {
    /// The systems; their places are their [`SystemId`]s.
    pub systems: Vec<SystemSpec>,
    /// What the clock on the wall shows at [`crate::time::Instant::ZERO`]: time profiles go by it.
    pub begins_at: TimeOfWeek,
}

/// One telephone system.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemSpec {
    /// Name, unique in the network.
    pub name: String,
    /// Place in the double star.
    pub role: Role,
    /// Numbering habits of the country: decides the default short codes and the default form 50:Main.
    pub law: CompandingLaw,
    /// How long a phone rings before the call counts as not answered (system default 15 s).
    pub no_answer_time: Duration,
    /// Digits that must have been dialled before short codes are looked at (Dial Delay Count: 0 in North America and
    /// Japan, else 4; DOMAIN 2.5).
    pub dial_delay_count: u8,
    /// Longest pause between two digits (Dial Delay Time: 4 s in North America and Japan, else 1 s).
    pub dial_delay_time: Duration,
    /// Longest time off-hook without a number that means something (30 s; 10 s in Italy).
    pub off_hook_timer: Duration,
    /// How long a call waits for a hunt group before its priority rises by one; `None`: it never does.
    pub call_priority_promotion_time: Option<Duration>,
    /// Calls from one trunk to another, by forwarding, transfer or route, are allowed (RC "Call barring": off).
    pub trunk_to_trunk: bool,
    /// Prefix that makes a number sent to a trunk a national call; local without it.
    pub national_prefix: Number,
    /// Prefix that makes a number sent to a trunk an international call; goes before the national one.
    pub international_prefix: Number,
    /// Whether connected calls go on when their signalling is lost.
    pub media_preservation: MediaPreservation,
    /// Longest time that a call is preserved (PRESERVED_CONN_DURATION: 120 min, 1-120).
    pub preserved_conn_duration: Duration,
    /// Longest time that a preserved call may be silent (PRESERVED_NO_MEDIA_DURATION: 10 min, 1-120).
    pub preserved_no_media_duration: Duration,
    /// How H.323 phones come home from their backup.
    pub phone_failback: PhoneFailback,
    /// Whether its phones have their addresses from it.
    pub dhcp: bool,
    /// Users and guests that it can have; `None`: no figure is known, and none is refused.
    pub most_users: Option<u32>,
    /// DECT users and guests that it can have.
    pub most_dect_users: Option<u32>,
    /// Name of the location that its phones are at which name none; `None`: none.
    pub location: Option<String>,
    /// Address for Break Out, dots as `*`; may be empty.
    pub address: Number,
    /// ARS form that emergency calls take, whatever their short code says (the location's Emergency ARS).
    pub emergency_ars: Option<u32>,
    /// Locations with an Emergency ARS of their own on this system.
    pub locations: Vec<LocationSpec>,
    /// Time profiles, by name.
    pub time_profiles: Vec<TimeProfileSpec>,
    /// User rights, by name.
    pub user_rights: Vec<UserRightsSpec>,
    /// Account codes.
    pub account_codes: Vec<AccountCodeSpec>,
    /// Users, each with an extension of the same number.
    pub users: Vec<UserSpec>,
    /// Lines in order of their line number.
    pub lines: Vec<LineSpec>,
    /// Hunt groups that live on this system.
    pub hunt_groups: Vec<HuntGroupSpec>,
    /// Conferences.
    pub conferences: ConferencesSpec,
    /// Incoming call routes, in the order of the configuration.
    pub incoming_call_routes: Vec<IncomingCallRouteSpec>,
    /// System short codes, in the order of the configuration. Empty: the default of the role and law.
    pub short_codes: Vec<ShortCodeSpec>,
    /// ARS forms. Without a form 50 the default 50:Main of the role and law is added.
    pub ars_forms: Vec<ArsFormSpec>,
    /// Voicemail.
    pub voicemail: VoicemailSpec,
    /// How much media it can carry.
    pub media: MediaSpec,
}

/// Voicemail as one system knows it (RC chapter 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoicemailSpec {
    /// Channels of the server on this system; 0: it has none.
    pub channels: u16,
    /// Whether it records calls and conferences, as embedded voicemail does not.
    pub records: bool,
    /// The system with the server that it uses; `None`: it has no voicemail. Another server only takes its place as the
    /// settings of IP Office lines say ([`BackedUp::Voicemail`]).
    pub on: Option<SystemId>,
    /// How its server gives the mailboxes of another back.
    pub failback: VoicemailFailback,
    /// Number that calls go to when all channels are busy; empty: they get busy.
    pub fallback: Number,
}

impl Default for VoicemailSpec {
    /// None at all.
    fn default() -> Self {
        Self {
            channels: 0,
            records: true,
            on: None,
            failback: VoicemailFailback::Graceful,
            fallback: Number::EMPTY,
        }
    }
}

/// Where a system stands in the network (RES "Default Call Routing").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A system on its own (Preferred Edition).
    Standalone,
    /// Server Edition primary.
    Primary,
    /// Server Edition secondary.
    Secondary,
    /// Server Edition expansion.
    Expansion,
}

/// Companding law, which stands for the country's dialling habits (DOMAIN 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompandingLaw {
    /// Most of the world: `?/Dial/./50:Main`, whatever is dialled goes out as it is.
    ALaw,
    /// North America: `9N/Dial/N/50:Main`.
    ULaw,
}

/// A place that phones are at.
#[derive(Clone, Debug, PartialEq)]
pub struct LocationSpec {
    /// Its name.
    pub name: String,
    /// ARS form that emergency calls from there take on this system; `None`: the system's.
    pub emergency_ars: Option<u32>,
    /// The system that takes in the phones there when this one is gone, instead of the one that backs up all others (RES
    /// chapter 6); `None`: that one.
    pub fallback_system: Option<SystemId>,
}

/// A line: a group of channels to one far end.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSpec {
    /// Line number, unique on the system; seizing goes in its order.
    pub number: u16,
    /// Label; may be empty.
    pub name: String,
    /// What it is made of.
    pub kind: LineKind,
    /// Channels: calls at a time.
    pub channels: u16,
    /// Outgoing group number, 0-99999, that short codes and ARS entries name.
    pub outgoing_group: u32,
    /// Incoming group number that incoming call routes match.
    pub incoming_group: u32,
    /// Whether it is in service at the start.
    pub in_service: bool,
    /// Short codes for digits received on it, before they are routed (IP Office, H.323, S0 and QSIG lines).
    pub short_codes: Vec<ShortCodeSpec>,
    /// SIP: numbers that it takes calls for (its URIs), as incoming-number patterns; empty: all.
    pub uris: Vec<String>,
    /// How long a call sent on this line may stay without any reaction before the next route is tried
    /// (Call Initiation Timeout: SIP 4 s, IP Office lines 5 s).
    pub call_initiation_timeout: Duration,
    /// How it carries speech.
    pub endpoint: Endpoint,
    /// SIP: whether its calls are preserved.
    pub media_preservation: LinePreservation,
    /// IP Office lines: time between two keep-alives (5 s).
    pub keep_alive: Duration,
    /// IP Office lines: keep-alives due in a row that may fail to come; when the last of them is overdue, the line is
    /// down: after silence of this many periods at least, and one more at most (3).
    pub keep_alive_losses: u8,
    /// IP Office lines: what the system at the other end backs up of this one; `None`: the line does not support resiliency.
    pub backs_up: Option<BacksUp>,
}

/// Technology of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// SIP trunk; a channel is a session.
    Sip,
    /// ISDN primary rate, E1: at most 30 channels.
    PriE1,
    /// ISDN primary rate, T1: at most 24 channels.
    PriT1,
    /// ISDN basic rate: 2 channels.
    Bri,
    /// Analog trunk: 1 channel.
    Analog,
    /// H.323 trunk.
    H323,
    /// IP Office line to another system of the network.
    IpOffice {
        /// The system at the other end.
        peer: SystemId,
    },
}

impl SystemSpec {
    /// A system with nothing on it, and everything else as it is by default.
    #[must_use]
    pub fn new(name: &str, role: Role, law: CompandingLaw) -> Self {
        let (dial_delay_count, dial_delay_s, national, international) = match law {
            CompandingLaw::ALaw => (4, 1, "0", "00"),
            CompandingLaw::ULaw => (0, 4, "1", "011"),
        };
        let number = |text: &str| Number::new(text).unwrap_or_default();
        Self {
            name: name.to_owned(),
            role,
            law,
            no_answer_time: Duration::from_secs(15),
            dial_delay_count,
            dial_delay_time: Duration::from_secs(dial_delay_s),
            off_hook_timer: Duration::from_secs(30),
            call_priority_promotion_time: None,
            trunk_to_trunk: false,
            national_prefix: number(national),
            international_prefix: number(international),
            media_preservation: MediaPreservation::Disabled,
            preserved_conn_duration: Duration::from_secs(120 * 60),
            preserved_no_media_duration: Duration::from_secs(10 * 60),
            phone_failback: PhoneFailback::Automatic,
            dhcp: false,
            most_users: None,
            most_dect_users: None,
            location: None,
            address: Number::EMPTY,
            emergency_ars: None,
            locations: Vec::new(),
            time_profiles: Vec::new(),
            user_rights: Vec::new(),
            account_codes: Vec::new(),
            users: Vec::new(),
            lines: Vec::new(),
            hunt_groups: Vec::new(),
            conferences: ConferencesSpec::default(),
            incoming_call_routes: Vec::new(),
            short_codes: Vec::new(),
            ars_forms: Vec::new(),
            voicemail: VoicemailSpec::default(),
            media: MediaSpec::default(),
        }
    }
}

impl LineSpec {
    /// A line in group 0 with the channels of its kind, and everything else as it is by default.
    #[must_use]
    pub fn new(number: u16, kind: LineKind) -> Self {
        let (channels, timeout_s) = match kind {
            LineKind::Sip | LineKind::H323 => (1, 4),
            LineKind::PriE1 => (30, 4),
            LineKind::PriT1 => (23, 4),
            LineKind::Bri => (2, 4),
            LineKind::Analog => (1, 4),
            LineKind::IpOffice { .. } => (250, 5),
        };
        Self {
            number,
            name: String::new(),
            kind,
            channels,
            outgoing_group: 0,
            incoming_group: 0,
            in_service: true,
            short_codes: Vec::new(),
            uris: Vec::new(),
            call_initiation_timeout: Duration::from_secs(timeout_s),
            endpoint: match kind {
                LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => Endpoint::IP,
                LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog => Endpoint::TDM,
            },
            media_preservation: LinePreservation::System,
            keep_alive: Duration::from_secs(5),
            keep_alive_losses: 3,
            backs_up: None,
        }
    }
}
