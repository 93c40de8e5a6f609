//! Users, user rights and account codes, as described.

use super::{Endpoint, PhoneModel, ShortCodeSpec};
use crate::number::Number;
use crate::time::Duration;

/// A user and the extension that carries the same number.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSpec {
    /// Extension number, unique in the network.
    pub extension: Number,
    /// Name for SMDR; may be empty.
    pub name: String,
    /// Name of the user rights that apply; `None`: none.
    pub rights: Option<String>,
    /// Priority for ARS: 1 lowest to 5 highest (default 5). User rights may say another.
    pub priority: u8,
    /// The user's own short codes; they go before all others and serve only this user's dialling.
    pub short_codes: Vec<ShortCodeSpec>,
    /// Bars every external call but emergency calls.
    pub outgoing_call_bar: bool,
    /// Classes of calls that the user may make.
    pub allowed: CallClasses,
    /// When an account code must be entered.
    pub forced_account_code: ForcedAccountCode,
    /// Code for logging in at a phone; empty: none needed.
    pub login_code: Number,
    /// Whether the user is logged in at the start.
    pub logged_in: bool,
    /// Do not disturb.
    pub do_not_disturb: bool,
    /// Callers whose direct calls pass do not disturb.
    pub do_not_disturb_exceptions: Vec<Number>,
    /// Calls follow the user to this extension; empty: no.
    pub follow_me_to: Number,
    /// Forwarding.
    pub forwarding: ForwardingSpec,
    /// How long the phone rings; `None`: the system's.
    pub no_answer_time: Option<Duration>,
    /// How long after a call the user's groups leave the user alone (default 2 s); 0: not at all.
    pub wrap_up_time: Duration,
    /// How long after a hunt group call the user is at after-call work, in place of the wrap-up time; `None`: not at all.
    pub after_call_work: Option<Duration>,
    /// Shows a call that comes for a hunt group while the user is on another.
    pub call_waiting: bool,
    /// Number that calls go to when the system cannot reach the phone (fallback twinning); empty: none.
    pub fallback_twinning: Number,
    /// Name of the location; `None`: none.
    pub location: Option<String>,
    /// Whether the user has a mailbox for calls that cannot be connected.
    pub voicemail: bool,
    /// Whether the user's calls are recorded, as far as the voicemail server of this system has channels.
    pub record_calls: bool,
    /// How the phone carries speech.
    pub endpoint: Endpoint,
    /// PIN of those who join the user's own conference, whose number is the extension; empty: none is asked.
    pub conference_pin: Number,
    /// May listen in to calls and break in on them.
    pub can_intrude: bool,
    /// Nobody may do that with calls that the user is in.
    pub cannot_be_intruded: bool,
    /// Hunt group of this system whose members the user may listen to; empty: nobody.
    pub monitor_group: Number,
    /// The kind of phone.
    pub phone: PhoneModel,
    /// Whether the user has a softphone besides, in use at the same time (simultaneous mode).
    pub simultaneous: bool,
}

/// Where a user's calls are forwarded. Empty numbers forward nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ForwardingSpec {
    /// All calls.
    pub unconditional: Number,
    /// Unconditional forwarding takes hunt group calls as well.
    pub hunt_group_calls: bool,
    /// Calls that find the user busy.
    pub busy: Number,
    /// Calls that are not answered.
    pub no_answer: Number,
}

/// Settings for many users.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UserRightsSpec {
    /// Name, unique on the system.
    pub name: String,
    /// Takes the place of the user's own priority; `None`: leaves it.
    pub priority: Option<u8>,
    /// Short codes; they go after the user's own and before the system's.
    pub short_codes: Vec<ShortCodeSpec>,
    /// Takes the place of the user's own outgoing call bar; `None`: leaves it.
    pub outgoing_call_bar: Option<bool>,
    /// Takes the place of the user's own call classes; `None`: leaves them.
    pub allowed: Option<CallClasses>,
    /// Takes the place of the user's own setting; `None`: leaves it.
    pub forced_account_code: Option<ForcedAccountCode>,
}

/// A code that a caller enters to have a call charged, or to be allowed it.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountCodeSpec {
    /// Digits; `?` stands for any one digit.
    pub code: String,
    /// Classes of calls that it allows, besides those that the caller has.
    pub allows: CallClasses,
}

/// When an account code must be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ForcedAccountCode {
    /// Only where a short code asks for it.
    #[default]
    No,
    /// For external calls.
    ExternalCalls,
}

/// Where a call goes, for barring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallClass {
    /// To a number of the network.
    Internal,
    /// Out, without a national or international prefix.
    Local,
    /// Out, with the national prefix.
    National,
    /// Out, with the international prefix.
    International,
}

/// A set of call classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallClasses(u8);

impl CallClasses {
    /// Every class.
    pub const ALL: Self = Self(0b1111);
    /// None.
    pub const NONE: Self = Self(0);

    /// The set with `class` as well.
    #[must_use]
    pub const fn with(self, class: CallClass) -> Self {
        Self(self.0 | 1 << class as u8)
    }

    /// Whether `class` is in the set.
    #[must_use]
    pub const fn contains(self, class: CallClass) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// Classes in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Classes in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Default for CallClasses {
    fn default() -> Self {
        Self::ALL
    }
}

impl UserSpec {
    /// A user with this extension, and everything else as it is by default.
    #[must_use]
    pub fn new(extension: Number) -> Self {
        Self {
            extension,
            name: String::new(),
            rights: None,
            priority: 5,
            short_codes: Vec::new(),
            outgoing_call_bar: false,
            allowed: CallClasses::ALL,
            forced_account_code: ForcedAccountCode::No,
            login_code: Number::EMPTY,
            logged_in: true,
            do_not_disturb: false,
            do_not_disturb_exceptions: Vec::new(),
            follow_me_to: Number::EMPTY,
            forwarding: ForwardingSpec::default(),
            no_answer_time: None,
            wrap_up_time: Duration::from_secs(2),
            after_call_work: None,
            call_waiting: false,
            fallback_twinning: Number::EMPTY,
            location: None,
            voicemail: false,
            record_calls: false,
            endpoint: Endpoint::IP,
            conference_pin: Number::EMPTY,
            can_intrude: false,
            cannot_be_intruded: true,
            monitor_group: Number::EMPTY,
            phone: PhoneModel::default(),
            simultaneous: false,
        }
    }
}
