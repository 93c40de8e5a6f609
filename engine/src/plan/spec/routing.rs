//! Short codes, ARS forms and incoming call routes, as described.

use super::Feature;
use crate::time::Duration;

/// A short code: `Code/Feature/Telephone Number/Line Group` (DOMAIN 2.1).
#[derive(Clone, Debug, PartialEq)]
pub struct ShortCodeSpec {
    /// Pattern of dialled digits.
    pub code: String,
    /// What it does.
    pub feature: Feature,
    /// Digits it produces, or the feature's parameter.
    pub telephone_number: String,
    /// Outgoing line group or ARS route id.
    pub line_group: u32,
    /// The caller must enter an account code first.
    pub force_account_code: bool,
}

/// An ARS form (DOMAIN 3.2).
#[derive(Clone, Debug, PartialEq)]
pub struct ArsFormSpec {
    /// ARS route id, unique among forms and outgoing groups. 50 is Main.
    pub id: u32,
    /// Route name.
    pub name: String,
    /// How long it waits for more digits; `None`: the system's dial delay time.
    pub dial_delay_time: Option<Duration>,
    /// Gives secondary dial tone, if it is the first form a call comes to.
    pub secondary_dial_tone: bool,
    /// Applies the dialling user's outgoing call bar.
    pub check_user_call_barring: bool,
    /// Whether it is in service at the start.
    pub in_service: bool,
    /// Form that calls go to while it is out of service.
    pub out_of_service_route: Option<u32>,
    /// Name of the time profile outside of which calls go to `out_of_hours_route`.
    pub time_profile: Option<String>,
    /// Form that calls go to outside the time profile.
    pub out_of_hours_route: Option<u32>,
    /// Users of at least this priority, 1-5, take the alternate route at once (default 3).
    pub alternate_route_priority_level: u8,
    /// How long others wait for a route before they take it (default 30 s, 1-60 s); `None`: off, they never do.
    pub alternate_route_wait_time: Option<Duration>,
    /// Form whose routes are tried in addition.
    pub alternate_route: Option<u32>,
    /// Codes in the order entered; entries with the same code are tried in this order.
    pub codes: Vec<ShortCodeSpec>,
}

/// Where an incoming call goes (DOMAIN 5).
#[derive(Clone, Debug, PartialEq)]
pub struct IncomingCallRouteSpec {
    /// Matches the bearer; `None` any.
    pub bearer: Option<Bearer>,
    /// Matches the incoming group of the line; `None` any.
    pub incoming_group: Option<u32>,
    /// Matches the called number; empty matches any. Digits, `X` for one digit, a leading `-` for an exact length.
    pub incoming_number: String,
    /// Matches the sub-address; empty any.
    pub sub_address: String,
    /// Matches the start of the caller's number; empty any, `!` withheld, `?` unavailable.
    pub incoming_cli: String,
    /// Priority in the queues of hunt groups.
    pub priority: QueuePriority,
    /// Destinations: the first is the default row; the others, each with a time profile, are asked from the last to
    /// the second, and the first whose profile is in force is taken.
    pub destinations: Vec<DestinationSpec>,
}

/// One row of an incoming call route.
#[derive(Clone, Debug, PartialEq)]
pub struct DestinationSpec {
    /// Name of the time profile; `None` for the default row.
    pub time_profile: Option<String>,
    /// Digits dialled inside the system; empty or `.` stands for the digits received.
    pub destination: String,
    /// Digits dialled if the destination is busy; empty: none.
    pub fallback: String,
}

impl ShortCodeSpec {
    /// A code that asks for no account code.
    #[must_use]
    pub fn new(code: &str, feature: Feature, telephone_number: &str, line_group: u32) -> Self {
        Self {
            code: code.to_owned(),
            feature,
            telephone_number: telephone_number.to_owned(),
            line_group,
            force_account_code: false,
        }
    }
}

impl ArsFormSpec {
    /// A form with these codes, and everything else as it is by default.
    #[must_use]
    pub fn new(id: u32, name: &str, codes: Vec<ShortCodeSpec>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            dial_delay_time: None,
            secondary_dial_tone: false,
            check_user_call_barring: false,
            in_service: true,
            out_of_service_route: None,
            time_profile: None,
            out_of_hours_route: None,
            alternate_route_priority_level: 3,
            alternate_route_wait_time: Some(Duration::from_secs(30)),
            alternate_route: None,
            codes,
        }
    }
}

impl IncomingCallRouteSpec {
    /// A route from this incoming number to this destination for every line and caller.
    #[must_use]
    pub fn new(incoming_number: &str, destination: &str) -> Self {
        let row = DestinationSpec {
            time_profile: None,
            destination: destination.to_owned(),
            fallback: String::new(),
        };
        Self {
            bearer: None,
            incoming_group: None,
            incoming_number: incoming_number.to_owned(),
            sub_address: String::new(),
            incoming_cli: String::new(),
            priority: QueuePriority::Low,
            destinations: vec![row],
        }
    }
}

/// Priority of a call in the queues of hunt groups: higher ones go ahead (DOMAIN 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum QueuePriority {
    /// 1
    #[default]
    Low,
    /// 2
    Medium,
    /// 3
    High,
}

impl QueuePriority {
    /// Of its number, 1 to 3.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Low),
            2 => Some(Self::Medium),
            3 => Some(Self::High),
            _ => None,
        }
    }

    /// 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }
}

/// What a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Bearer {
    /// Speech or 3.1 kHz audio.
    #[default]
    Voice,
    /// Data at 56 or 64 kbit/s, V.110, V.120.
    Data,
    /// Video.
    Video,
}
