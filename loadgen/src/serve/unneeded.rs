//! Connections that no phone is registered over and no call goes over.

use super::core::Core;
use sip::endpoint::{Flow, Transport};
use sip::io::Network;
use std::collections::HashSet;
use std::time::Instant;

impl Core {
    /// Those of these connections that nobody needs: no phone is registered over them, and neither a call nor a request goes over them.
    #[must_use]
    pub fn unneeded(&self, idle: Vec<u32>) -> Vec<u32> {
        if idle.is_empty() {
            return idle;
        }
        let on_connections = |flow: &Flow| flow.transport != Transport::Udp;
        let flows = self.phones.flows().chain(self.endpoint.flows()).filter(on_connections);
        let needed: HashSet<u32> = flows.map(|flow| flow.channel).collect();
        idle.into_iter().filter(|channel| !needed.contains(channel)).collect()
    }
}

/// Ends connections that have been silent for long and that nobody needs.
pub(super) fn end_unneeded(network: &mut Network, core: &Core, now: Instant) {
    for channel in core.unneeded(network.idle(now)) {
        network.end(channel);
    }
}
