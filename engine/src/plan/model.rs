//! One system's configuration, compiled: immutable, indexed by small integer ids, shared by `Arc`.

use super::directory::Directory;
use super::routes::Routes;
use super::spec::{LineKind, Role};
use crate::dialplan::{ShortCodeTable, TelephoneNumber};
use crate::id::{FormId, HuntGroupId, LineGroupId, LineId, SystemId, UserId};
use crate::number::Number;
use crate::route::incoming::IncomingNumber;
use crate::time::Duration;
use std::sync::Arc;

/// One system's configuration, ready for [`crate::System::new`].
#[derive(Debug)]
pub struct Plan {
    pub(crate) system: SystemId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) users: Vec<User>,
    pub(crate) lines: Vec<Line>,
    pub(crate) line_groups: Vec<LineGroup>,
    pub(crate) hunt_groups: Vec<HuntGroup>,
    pub(crate) incoming_call_routes: Vec<IncomingCallRoute>,
    pub(crate) codes: Vec<Code>,
    pub(crate) short_codes: ShortCodeTable,
    pub(crate) forms: Vec<Form>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) routes: Routes,
    pub(crate) no_answer_time: Duration,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Extension number.
    pub extension: Number,
    /// Name; may be empty.
    pub name: String,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line number.
    pub number: u16,
    /// Label; may be empty.
    pub name: String,
    /// Technology.
    pub kind: LineKind,
    /// Calls at a time.
    pub channels: u16,
    /// The line group it belongs to.
    pub group: LineGroupId,
    /// Incoming group number.
    pub incoming_group: u32,
    /// How long a call sent on it may stay without any reaction.
    pub call_initiation_timeout: Duration,
    /// The system at the other end of an IP Office line.
    pub peer: Option<SystemId>,
}

/// Lines that short codes name together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineGroup {
    /// Outgoing group number.
    pub number: u32,
    /// Its lines, in order of their line numbers.
    pub lines: Vec<LineId>,
}

/// A hunt group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuntGroup {
    /// Directory number.
    pub extension: Number,
    /// Name.
    pub name: String,
    /// Members in ringing order.
    pub members: Vec<UserId>,
    /// How long each rings.
    pub no_answer_time: Duration,
}

/// An incoming call route.
#[derive(Clone, Debug)]
pub(crate) struct IncomingCallRoute {
    pub(crate) incoming_group: Option<u32>,
    pub(crate) incoming_number: IncomingNumber,
    /// Digits dialled inside; `None`: those received.
    pub(crate) destination: Option<Number>,
}

/// A short code.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) telephone_number: TelephoneNumber,
    pub(crate) action: Action,
}

/// Where a short code's digits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    LineGroup(LineGroupId),
    Form(FormId),
    /// Another number of the network.
    Extension,
    Busy,
    Barred,
}

/// An ARS form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) table: ShortCodeTable,
    pub(crate) codes: Vec<Code>,
}

impl Plan {
    /// Its place in the network.
    #[must_use]
    pub const fn system(&self) -> SystemId {
        self.system
    }

    /// The system's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The system's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Users, by [`UserId`].
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Lines, by [`LineId`].
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Line groups, by [`LineGroupId`].
    #[must_use]
    pub fn line_groups(&self) -> &[LineGroup] {
        &self.line_groups
    }

    /// Hunt groups, by [`HuntGroupId`].
    #[must_use]
    pub fn hunt_groups(&self) -> &[HuntGroup] {
        &self.hunt_groups
    }

    /// ARS route ids and names, in order of the plan.
    pub fn ars_forms(&self) -> impl Iterator<Item = (u32, &str)> {
        self.forms.iter().map(|f| (f.id, f.name.as_str()))
    }

    /// The system short code that `digits` match best, by its place in the configuration (or among the default codes,
    /// where none were configured); `None` if they match none.
    #[must_use]
    pub fn short_code(&self, digits: &Number) -> Option<usize> {
        let group = self.short_codes.best(digits.as_bytes())?;
        self.short_codes.group(group).codes.first().map(|&code| code as usize)
    }

    pub(crate) fn user(&self, id: UserId) -> &User {
        &self.users[id.index()]
    }

    pub(crate) fn line(&self, id: LineId) -> &Line {
        &self.lines[id.index()]
    }

    pub(crate) fn line_group(&self, id: LineGroupId) -> &LineGroup {
        &self.line_groups[id.index()]
    }

    pub(crate) fn hunt_group(&self, id: HuntGroupId) -> &HuntGroup {
        &self.hunt_groups[id.index()]
    }

    pub(crate) fn form(&self, id: FormId) -> &Form {
        &self.forms[id.index()]
    }

    /// The best route for `called` on a line of `incoming_group`; the first in the configuration among equals.
    pub(crate) fn incoming_call_route(
        &self,
        incoming_group: u32,
        called: &Number,
    ) -> Option<&IncomingCallRoute> {
        let mut best = None;
        for route in &self.incoming_call_routes {
            if route.incoming_group.is_some_and(|g| g != incoming_group) {
                continue;
            }
            let Some(fit) = route.incoming_number.fit(called.as_bytes()) else { continue };
            let rank = (route.incoming_group.is_some(), fit.rank());
            if best.as_ref().is_none_or(|(b, _)| rank > *b) {
                best = Some((rank, route));
            }
        }
        best.map(|(_, route)| route)
    }
}
