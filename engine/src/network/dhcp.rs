//! Addresses for phones: those of the system's own phones, and of phones that come from a system that this one backs up, even
//! if it has no DHCP service for its own (RES "DHCP Resilience").

use super::resilience::ResilienceChange;
use super::word::NetworkOutput;
use crate::number::Number;
use crate::output::Output;
use crate::plan::{Entry, Local};
use crate::system::System;
use crate::time::Instant;

impl System {
    /// A phone asks for an address. The backup answers on the same terms on which it takes phones in: it has a copy, which
    /// says that the home has DHCP, and it has missed the home for long enough. All others are silent.
    pub(crate) fn address_wanted(&mut self, now: Instant, extension: Number) {
        let Some(Entry { system: home, local: Local::User(number) }) = self.plan.directory.get(&extension)
        else {
            return self.unexpected();
        };
        if !self.plan.dhcp_of.contains(&home) {
            return;
        }
        let Some(user) = self.plan.local_user(home, number) else { return };
        if self.plan.is_guest(user) {
            if !self.may_come(user) {
                return;
            }
            self.tell_of_phone(now, home, self.phone(user), ResilienceChange::Addressed { extension });
        }
        self.emit(now, Output::Network(NetworkOutput::Address { extension }));
    }
}
