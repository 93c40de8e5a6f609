//! Incoming call routes of a plan, and which of them fits a call best.

use super::model::Plan;
use super::spec::{Bearer, QueuePriority};
use crate::input::Cli;
use crate::number::Number;
use crate::route::incoming::{IncomingCli, IncomingNumber};
use crate::time::Instant;

/// An incoming call route.
#[derive(Clone, Debug)]
pub(crate) struct IncomingCallRoute {
    pub(crate) bearer: Option<Bearer>,
    pub(crate) incoming_group: Option<u32>,
    pub(crate) incoming_number: IncomingNumber,
    /// Empty: any.
    pub(crate) sub_address: Number,
    pub(crate) incoming_cli: IncomingCli,
    pub(crate) priority: QueuePriority,
    /// The default row, then those with a time profile.
    pub(crate) destinations: Vec<Destination>,
}

/// A row of an incoming call route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination {
    pub(crate) time_profile: Option<u16>,
    /// Digits dialled inside; `None`: those received.
    pub(crate) destination: Option<Number>,
    /// Digits dialled if the destination is busy; empty: none.
    pub(crate) fallback: Number,
}

/// What an incoming call is matched by (DOMAIN 5.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct IncomingCall<'a> {
    pub(crate) bearer: Bearer,
    pub(crate) incoming_group: u32,
    pub(crate) called: &'a Number,
    pub(crate) sub_address: &'a Number,
    pub(crate) cli: Cli<'a>,
}

impl Plan {
    /// The best route for a call: criteria in the order of their weight, the first in the configuration among equals.
    #[inline]
    pub(crate) fn incoming_call_route(&self, call: &IncomingCall<'_>) -> Option<(usize, &IncomingCallRoute)> {
        match self.incoming_call_routes.as_slice() {
            // As in many a network: there is nothing to choose.
            [only] if only.takes_all() => Some((0, only)),
            routes => best_route(routes, call),
        }
    }
}

#[inline(never)]
fn best_route<'r>(
    routes: &'r [IncomingCallRoute],
    call: &IncomingCall<'_>,
) -> Option<(usize, &'r IncomingCallRoute)> {
    // From the end, because of equals the last one counts.
    let routes = routes.iter().enumerate().rev();
    let fitting = routes.filter_map(|(place, route)| Some((route.rank(call)?, (place, route))));
    fitting.max_by_key(|&(rank, _)| rank).map(|(_, route)| route)
}

/// How well a route fits a call; greater is better. The criteria in one number, the weightiest first: bearer, incoming group,
/// number (three bytes), sub-address, caller (a byte).
type Rank = u64;

impl IncomingCallRoute {
    /// Whether no field of it says anything.
    #[inline]
    fn takes_all(&self) -> bool {
        self.bearer.is_none()
            && self.incoming_group.is_none()
            && self.incoming_number.is_any()
            && self.sub_address.is_empty()
            && matches!(self.incoming_cli, IncomingCli::Any)
    }

    #[inline]
    fn rank(&self, call: &IncomingCall<'_>) -> Option<Rank> {
        if self.bearer.is_some_and(|b| b != call.bearer)
            || self.incoming_group.is_some_and(|g| g != call.incoming_group)
            || (!self.sub_address.is_empty() && self.sub_address != *call.sub_address)
        {
            return None;
        }
        let number = self.incoming_number.fit(call.called.as_bytes())?;
        let cli = self.incoming_cli.fit(call.cli)?;
        let (bearer, group) = (u64::from(self.bearer.is_some()), u64::from(self.incoming_group.is_some()));
        let sub_address = u64::from(!self.sub_address.is_empty());
        Some(bearer << 41 | group << 40 | u64::from(number.rank()) << 16 | sub_address << 8 | cli as u64)
    }

    /// The row in force at `now`: from the last to the second, else the default one.
    #[inline]
    pub(crate) fn row(&self, plan: &Plan, now: Instant) -> Option<(usize, &Destination)> {
        let mut rows = self.destinations.iter().enumerate().skip(1).rev();
        let in_force = rows.find(|(_, row)| plan.is_in_force(row.time_profile, now));
        in_force.or(self.destinations.first().map(|row| (0, row)))
    }
}
