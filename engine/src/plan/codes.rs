//! Short codes and ARS forms of a plan, and what a code makes of the digits dialled.

use super::more::More;
use super::spec::Feature;
use crate::dialplan::{GroupId, Pattern, ShortCodeTable, Source, TelephoneNumber};
use crate::id::{FormId, LineGroupId, SystemId};
use crate::number::Number;
use crate::time::Duration;

/// Short codes and the table that finds them.
#[derive(Clone, Debug)]
pub(crate) struct CodeTable {
    pub(crate) table: ShortCodeTable,
    pub(crate) codes: Vec<Code>,
}

/// A short code.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) feature: Feature,
    pub(crate) telephone_number: TelephoneNumber,
    pub(crate) action: Action,
    pub(crate) force_account_code: bool,
}

/// What becomes of a call that matched a short code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    LineGroup(LineGroupId),
    Form(FormId),
    /// Another number of the network.
    Extension,
    /// On as if dialled on this system.
    BreakOut(SystemId),
    Busy,
    Barred,
    /// A setting changes.
    Setting(Feature),
    /// To a conference.
    Conference,
    /// Something is done with the calls on hold.
    InCall(Feature),
    /// Into a call of others.
    Intrusion(Feature),
    /// To a mailbox, to hear its messages.
    CollectMessages,
    /// Recognised, but what it does is not modelled.
    NotImplemented,
}

/// An ARS form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) dial_delay_time: Duration,
    pub(crate) secondary_dial_tone: bool,
    pub(crate) check_user_call_barring: bool,
    pub(crate) in_service: bool,
    pub(crate) out_of_service_route: Option<FormId>,
    pub(crate) time_profile: Option<u16>,
    pub(crate) out_of_hours_route: Option<FormId>,
    pub(crate) priority_level: u8,
    /// `None`: off.
    pub(crate) wait_time: Option<Duration>,
    pub(crate) alternate_route: Option<FormId>,
    pub(crate) codes: CodeTable,
}

impl CodeTable {
    /// The codes that match `digits` best, in the order entered.
    pub(crate) fn best(&self, digits: &Number) -> Option<GroupId> {
        self.table.best(digits.as_bytes())
    }

    /// The `nth` code of a group, and the pattern that it matched with.
    pub(crate) fn code(&self, group: GroupId, nth: usize) -> Option<(&Code, &Pattern)> {
        let group = self.table.group(group);
        let code = self.codes.get(*group.codes.get(nth)? as usize)?;
        Some((code, group.pattern))
    }
}

/// What a short code makes of the digits dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) digits: Number,
    /// What it says besides digits, in the rare code that says more.
    pub(crate) more: Option<Box<More>>,
}

/// Who dials, as the Telephone Number field refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Who {
    /// `E`
    pub(crate) extension: Number,
    /// `l`
    pub(crate) last_dialled: Number,
    /// `L`
    pub(crate) last_received: Number,
}

impl From<Number> for Sent {
    fn from(digits: Number) -> Self {
        Self { digits, more: None }
    }
}

impl Code {
    /// What the code makes of `dialled`, which its pattern matches; `None` if that is too long.
    pub(crate) fn produce(&self, pattern: &Pattern, dialled: &Number, who: &Who) -> Option<Sent> {
        let source = Source {
            last_dialled: &who.last_dialled,
            last_received: &who.last_received,
            ..Source::new(pattern, dialled, &who.extension)
        };
        let produced = self.telephone_number.produce(&source)?;
        let says_more = produced.extras.is_some() || produced.sending_complete;
        let more = says_more.then(|| Box::new(More::of(&produced, self.feature)));
        Some(Sent { digits: produced.digits, more })
    }
}
