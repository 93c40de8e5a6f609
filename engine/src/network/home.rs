//! Where a user is now: the one place that answers this.

use crate::id::SystemId;
use crate::number::Number;
use crate::system::System;

impl System {
    /// The system at which a number is reached now, as far as this one knows; `None` for one that nobody has.
    pub(crate) fn home_of(&self, number: &Number) -> Option<SystemId> {
        self.plan.directory.get(number).map(|entry| self.find_owner(entry).system)
    }
}
