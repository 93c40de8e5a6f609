//! Call barring: what class a number is, and whether a call may be of it (RC "Call barring").

use crate::cause::Cause;
use crate::id::LineGroupId;
use crate::network::{Account, Privilege, Source, Urgency};
use crate::number::Number;
use crate::plan::Plan;
use crate::plan::spec::CallClass;

impl Plan {
    /// The class of a call that sends `number` to a trunk, by the prefixes of the system.
    pub(crate) fn class_of(&self, number: &Number) -> CallClass {
        let begins = |prefix: &Number| !prefix.is_empty() && number.as_bytes().starts_with(prefix.as_bytes());
        if begins(&self.international_prefix) || number.as_bytes().starts_with(b"+") {
            CallClass::International
        } else if begins(&self.national_prefix) {
            CallClass::National
        } else {
            CallClass::Local
        }
    }

    /// Whether a line group leads out of the network.
    pub(crate) fn is_external(&self, group: LineGroupId) -> bool {
        self.line_group(group).lines.iter().any(|&line| self.line(line).peer.is_none())
    }

    /// Why a call may not send `number` to a line group, if it may not. The number is the one sent, after all short
    /// codes, and the privilege is the least of all users that the call came through: there is no way round.
    pub(crate) fn bars(&self, privilege: &Privilege, group: LineGroupId, number: &Number) -> Option<Cause> {
        if !self.is_external(group) || privilege.urgency == Urgency::Emergency {
            return None;
        }
        let transit = privilege.source == Source::Trunk && !self.trunk_to_trunk;
        let unaccounted = privilege.account == Account::Needed;
        (transit || unaccounted || !privilege.allows(self.class_of(number))).then_some(Cause::CALL_REJECTED)
    }
}
