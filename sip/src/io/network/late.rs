//! Connections that must end though their peers do not end them: too slow, one too many, or needed by nobody.

use super::{Connection, Network, tell_gone};
use crate::endpoint::Input;
use crate::io::streams::Spoke;
use std::net::IpAddr;
use std::time::Instant;

impl Network {
    /// Connections that came here, have spoken, and on which nothing has come for [`StreamLimits::idle`](crate::io::StreamLimits::idle)
    /// before `now`, not even a keep-alive (RFC 5626 3.5.1). Only the owner knows whether a phone is registered or a call goes on over
    /// one; it ends the others with [`Network::end`]. What it keeps is named again after as long; asked often, the answer is mostly empty.
    pub fn idle(&mut self, now: Instant) -> Vec<u32> {
        let idle = self.limits.idle;
        let past = |at: Instant| now.saturating_duration_since(at);
        if self.looked_at.is_some_and(|at| past(at) < idle / 8) {
            return Vec::new();
        }
        self.looked_at = Some(now);
        let is_idle = |c: &Connection| {
            let is_silent = c.listener.is_some() && c.spoke == Spoke::Yes && past(c.heard_at) >= idle;
            is_silent && c.idle_at.is_none_or(|at| past(at) >= idle)
        };
        let mut named: Vec<u32> = Vec::new();
        for (&channel, connection) in &mut self.connections {
            if is_idle(connection) {
                connection.idle_at = Some(now);
                named.push(channel);
            }
        }
        named.sort_unstable();
        named
    }

    /// Closes a connection; that it has gone is told with the next wait.
    pub fn end(&mut self, channel: u32) {
        let flow = self.close(channel);
        self.gave_way.extend(flow);
    }

    /// Closes connections whose peers do not say what they should have said by now.
    pub(super) fn sweep(&mut self, on: &mut impl FnMut(Input<'_>)) {
        if self.connections.is_empty() || self.swept_at.elapsed() < self.limits.patience / 8 {
            return;
        }
        self.swept_at = Instant::now();
        let is_late = |c: &Connection| {
            let is_owed = c.stream.is_in_message() || (c.spoke == Spoke::NotYet && c.listener.is_some());
            is_owed && c.heard_at.elapsed() > self.limits.patience
        };
        let late: Vec<u32> = self.connections.iter().filter(|(_, c)| is_late(c)).map(|(&id, _)| id).collect();
        for channel in late {
            self.lose(channel, on);
        }
    }

    /// Closes a connection and says so.
    pub(super) fn lose(&mut self, channel: u32, on: &mut impl FnMut(Input<'_>)) {
        if let Some(flow) = self.close(channel) {
            tell_gone(flow, on);
        }
    }

    /// Closes the connection that gives way to another: of those that are too many, one whose peer has said nothing yet, or else the one
    /// whose peer has been silent longest. Whether there is one.
    pub(super) fn make_room(&mut self, newcomer: Option<IpAddr>) -> bool {
        let Some(crowd) = self.guests.crowd(newcomer) else { return false };
        let silent = |channel: &&u32| self.connections.get(channel).map(|c| (c.spoke, c.heard_at));
        let given_up = crowd.iter().min_by_key(silent).copied();
        let flow = given_up.and_then(|channel| self.close(channel));
        self.gave_way.extend(flow);
        flow.is_some()
    }
}
