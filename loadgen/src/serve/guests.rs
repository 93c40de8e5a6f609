//! Phones in a network: the engine learns whose phones are here and says whether those of other systems may be, and phones are
//! sent home.

use super::core::Core;
use engine::Input;
use engine::id::UserId;
use engine::network::{Leaves, NetworkInput, Refusal};
use engine::time::Instant;
use sip::endpoint::Target;
use sip::message::{Header, Method};
use sip::registrar::Change;

/// When a phone that may not come yet shall ask again, in seconds.
pub(super) const ASK_AGAIN_S: &str = "15";

impl Core {
    fn is_guest(&self, user: UserId) -> bool {
        user.index() >= self.setup.plan.own_users().len()
    }

    /// Whether a user's phone may be registered here: own ones always, those of a system that this one backs up once that has
    /// been missed for long enough.
    pub(super) fn may_come(&mut self, now: Instant, user: UserId) -> Result<(), Refusal> {
        match self.is_guest(user) {
            true => self.come(now, user),
            false => Ok(()),
        }
    }

    fn come(&mut self, now: Instant, user: UserId) -> Result<(), Refusal> {
        let found = &self.setup.plan.users()[user.index()];
        let register = NetworkInput::Register { extension: found.extension, phone: found.phone };
        self.turned_away = None;
        self.tell_engine(now, Input::Network(register));
        self.turned_away.take().map_or(Ok(()), Err)
    }

    /// A phone has renewed its registration at home: the network may believe that it is elsewhere.
    pub(super) fn renewed(&mut self, now: Instant, user: UserId) {
        let here = self.setup.plan.system();
        if !self.is_guest(user) && self.system.whereabouts_of(here, user) != here {
            // Own users are never turned away.
            let _ = self.come(now, user);
        }
    }

    /// Tells the engine whose phones can be reached, and whose no longer.
    pub(super) fn tell_registrations(&mut self, now: Instant) {
        while let Some(change) = self.phones.poll_change() {
            let (extension, is_here) = match &change {
                Change::Reachable(extension) => (extension, true),
                Change::Unreachable(extension) => (extension, false),
            };
            let Some(user) = self.setup.user(extension) else { continue };
            if is_here {
                // Guests were asked about before.
                let _ = self.come(now, user);
                continue;
            }
            let found = &self.setup.plan.users()[user.index()];
            let (extension, phone, how) = (found.extension, found.phone, Leaves::Properly);
            self.tell_engine(now, Input::Network(NetworkInput::Unregister { extension, phone, how }));
        }
    }

    /// A guest's phones shall register at home: they are told to look for their system again, as provisioning does it.
    pub(super) fn send_home(&mut self, now: Instant, user: UserId) {
        let extension = self.setup.plan.users()[user.index()].extension;
        let address = format!("<sip:{extension}@{}>", self.setup.addresses.domain);
        let headers = [(Header::Event, "check-sync;reboot=false"), (Header::SubscriptionState, "terminated")];
        for (uri, flow) in self.contacts(user) {
            let target = Target { flow, uri: &uri, from: &address, to: &address, contact: None };
            // A phone that is not reached looks for its home when it registers next.
            let _ = self.endpoint.send(now, Method::Notify, &target, &headers, None, None);
        }
    }
}
