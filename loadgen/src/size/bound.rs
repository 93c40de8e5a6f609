//! What Erlang B says before anything is replayed: where to look first, and which sizes cannot do.

use super::resources::Resource;
use crate::profile::{Comparison, Target};
use crate::report::{Calls, ResourceUse};
use crate::stats::{channels_for_blocking, erlang_b};

/// Blocked calls that chance may hide, besides [`TIMES`].
const SLACK: f64 = 30.0;
/// How many times the blocked calls that are allowed may be expected before sizes are ruled out.
const TIMES: f64 = 4.0;
/// Share of blocked calls to look first at, where no target says one.
const USUAL_BLOCKING: f64 = 0.001;

/// What is offered to the trunks, seen where nothing was blocked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offered {
    /// Mean channels in use, all trunk groups together: nothing was refused, so this is what is offered.
    erlangs: f64,
    /// Fewest calls that can have made them, over all replications.
    calls: f64,
    /// Blocked calls allowed over all replications; infinite without a target.
    allowed: f64,
}

/// The largest share of blocked calls that the targets allow; `None` if none limits it.
pub(super) fn blocking_allowed(targets: &[Target]) -> Option<f64> {
    let limits = targets.iter().filter(|target| target.metric == "blocked_pct");
    let limits = limits.filter(|target| match target.comparison {
        Comparison::Less | Comparison::AtMost | Comparison::Equal => true,
        Comparison::More | Comparison::AtLeast => false,
    });
    limits.map(|target| target.limit / 100.0).reduce(f64::min)
}

/// Channels by Erlang B for what a resource carried where nothing was blocked.
pub(super) fn textbook(used: &ResourceUse, targets: &[Target]) -> Option<u64> {
    let blocking = blocking_allowed(targets).filter(|share| *share > 0.0).unwrap_or(USUAL_BLOCKING);
    channels_for_blocking(used.mean?, blocking)
}

impl Offered {
    /// `carried`: use of the trunk groups in a run without blocking; `holding_s`: the longest mean time that a call of any
    /// stream holds a channel; `hours`: measured, all replications together.
    pub(super) fn new(
        erlangs: f64,
        holding_s: f64,
        hours: f64,
        calls: &Calls,
        targets: &[Target],
    ) -> Option<Self> {
        let allowed = blocking_allowed(targets)? * calls.offered as f64;
        // A call that comes in on one trunk and leaves on another holds two channels.
        let calls = erlangs * hours * 3_600.0 / holding_s / 2.0;
        (calls.is_finite() && erlangs > 0.0).then_some(Self { erlangs, calls, allowed })
    }

    /// Whether `channels`, of all groups together, cannot be enough. One group to which every call has access blocks
    /// least; if even that is expected to block far more calls than are allowed, no sharing out helps.
    pub(super) fn rules_out(&self, channels: u64) -> bool {
        erlang_b(self.erlangs, channels) * self.calls > TIMES * self.allowed + SLACK
    }
}

/// Channels of all trunk groups together.
pub(super) fn channels_of(resources: &[Resource], sizes: &[u64]) -> u64 {
    resources.iter().zip(sizes).filter(|(resource, _)| resource.is_trunks()).map(|(_, size)| *size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(limit: f64) -> Target {
        Target { metric: "blocked_pct".to_owned(), comparison: Comparison::AtMost, limit }
    }

    #[test]
    fn only_sizes_far_too_small_are_ruled_out() {
        let calls = Calls { offered: 20_000, ..Calls::default() };
        // 20,000 calls of 11 s in an hour: 61.1 Erlang; Erlang B asks for 84 channels at 0.1 %.
        let offered = Offered::new(61.1, 11.0, 1.0, &calls, &[target(0.1)]).expect("there is a target");
        assert!(!offered.rules_out(84));
        let least = (1..200).find(|n| !offered.rules_out(*n)).expect("some");
        assert!((65..80).contains(&least), "{least}");
        assert_eq!(Offered::new(61.1, 11.0, 1.0, &calls, &[]), None);
    }

    #[test]
    fn the_strictest_limit_counts() {
        assert_eq!(blocking_allowed(&[target(2.0), target(1.0)]), Some(0.01));
        let wrong_way = Target { comparison: Comparison::AtLeast, ..target(50.0) };
        assert_eq!(blocking_allowed(&[wrong_way]), None);
    }
}
