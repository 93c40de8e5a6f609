//! The plain description of a network, before it is checked: what a configuration file says, with defaults filled in.

use crate::id::SystemId;
use crate::number::Number;
use crate::time::Duration;

/// A whole network of systems.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct NetworkSpec {
    /// The systems; their places are their [`SystemId`]s.
    pub systems: Vec<SystemSpec>,
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
    /// Users, each with an extension of the same number.
    pub users: Vec<UserSpec>,
    /// Lines in order of their line number.
    pub lines: Vec<LineSpec>,
    /// Hunt groups that live on this system.
    pub hunt_groups: Vec<HuntGroupSpec>,
    /// Incoming call routes, in the order of the configuration.
    pub incoming_call_routes: Vec<IncomingCallRouteSpec>,
    /// System short codes, in the order of the configuration. Empty: the default of the role and law.
    pub short_codes: Vec<ShortCodeSpec>,
    /// ARS forms. Without a form 50 the default 50:Main of the role and law is added.
    pub ars_forms: Vec<ArsFormSpec>,
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

/// A user and the extension that carries the same number.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSpec {
    /// Extension number, unique in the network.
    pub extension: Number,
    /// Name for SMDR; may be empty.
    pub name: String,
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
    /// How long a call sent on this line may stay without any reaction before the next route is tried
    /// (Call Initiation Timeout: SIP 4 s, IP Office lines 5 s).
    pub call_initiation_timeout: Duration,
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

/// A hunt group. The ring mode is sequential: from the top of the list, each member for its no-answer time.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntGroupSpec {
    /// Directory number, unique in the network.
    pub extension: Number,
    /// Name for SMDR and reports.
    pub name: String,
    /// Extension numbers of the members, in ringing order; users of this system.
    pub members: Vec<Number>,
    /// How long each member rings; `None`: the system's no-answer time.
    pub no_answer_time: Option<Duration>,
}

/// Where an incoming call goes.
#[derive(Clone, Debug, PartialEq)]
pub struct IncomingCallRouteSpec {
    /// Matches the incoming group of the line; `None` matches every line.
    pub incoming_group: Option<u32>,
    /// Matches the called number; empty matches any. Digits, `X` for one digit, a leading `-` for an exact length.
    pub incoming_number: String,
    /// Destination: digits dialled inside the system; empty or `.` stands for the digits received.
    pub destination: String,
}

/// A short code: `Code/Feature/Telephone Number/Line Group`.
#[derive(Clone, Debug, PartialEq)]
pub struct ShortCodeSpec {
    /// Pattern of dialled digits.
    pub code: String,
    /// What it does.
    pub feature: Feature,
    /// Digits it produces.
    pub telephone_number: String,
    /// Outgoing line group or ARS route id.
    pub line_group: u32,
}

/// What a short code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Dial the telephone number over the line group or ARS form.
    Dial,
    /// The same with a speech bearer.
    DialSpeech,
    /// The same with a 3.1 kHz audio bearer.
    Dial3K1,
    /// Dial, past every bar.
    DialEmergency,
    /// Dial an extension of the network.
    DialExtn,
    /// Give the caller busy.
    Busy,
    /// Refuse the call.
    Barred,
}

/// An ARS form.
#[derive(Clone, Debug, PartialEq)]
pub struct ArsFormSpec {
    /// ARS route id, unique among forms and outgoing groups. 50 is Main.
    pub id: u32,
    /// Route name.
    pub name: String,
    /// Codes in the order entered; entries with the same code are tried in this order.
    pub codes: Vec<ShortCodeSpec>,
}
