//! Bisection: the highest load that meets every target, to one call an hour.

use super::bench::{Bench, Log, Stopped};
use super::bisect::turn;
use super::judge::{Wanted, attempts_behind};
use super::record::{Claim, Limit, Step};
use crate::profile::{Comparison, MAX_BHCC, Profile, Target};
use crate::stats::attempts_needed;

/// A limit further above the first load than this is not looked for.
const MOST_TIMES_START: u64 = 64;

/// Searches from the profile's own load. The limit, what it claims, and the steps.
///
/// The interval is made of the loads at which the replications leave open whether the targets are met: at each end of
/// it a test with the bench's confidence changes its mind.
///
/// # Errors
/// The search was interrupted.
pub fn find_limit(bench: &Bench<'_>) -> Result<(Limit, Vec<Claim>, Vec<Step>), Stopped> {
    let mut log = Log::new(bench, Wanted::Targets(bench.profile.targets.clone()));
    let limit = search(bench.profile, bench.seeds.len(), |load| log.at(load).cloned())?;
    let mut claims = Vec::new();
    if let Some(bhcc) = limit.bhcc {
        claims = claims_of(&bench.profile.targets, log.at(bhcc)?);
    }
    Ok((limit, claims, log.steps))
}

/// The limit by what `step` says of each load.
pub(super) fn search(
    profile: &Profile,
    replications: usize,
    mut step: impl FnMut(u64) -> Result<Step, Stopped>,
) -> Result<Limit, Stopped> {
    let start = whole(profile.load.bhcc);
    let most = start.saturating_mul(MOST_TIMES_START).min(MAX_BHCC as u64);
    let found = turn(start, most, |load| Ok(step(load)?.pass))?;
    let near = found.passes.or(found.fails).unwrap_or(start);
    let (mut low, mut high) = (None, None);
    if replications > 1 {
        low = turn(near, most, |load| Ok(step(load)?.surely_passes))?.passes;
        high = turn(near, most, |load| Ok(!step(load)?.surely_fails))?.fails;
    }
    let failing = found.fails.map(&mut step).transpose()?;
    Ok(Limit {
        bhcc: found.passes,
        or_more: found.fails.is_none(),
        interval_low_bhcc: low,
        interval_high_bhcc: high,
        fails_at_bhcc: found.fails,
        fails_because: failing.as_ref().map_or_else(Vec::new, |step| step.missed.clone()),
        binding_resource: failing.and_then(|step| step.binding_resource),
    })
}

/// The nearest whole number of calls an hour, at least one.
pub(super) fn whole(bhcc: f64) -> u64 {
    bhcc.round().max(1.0) as u64
}

/// The claims of shares of failures that a step makes, each with the number of calls that it needs.
pub(crate) fn claims_of(targets: &[Target], step: &Step) -> Vec<Claim> {
    let claim = |target: &Target| {
        let sign = match target.comparison {
            Comparison::AtMost => "<=",
            Comparison::Less => "<",
            Comparison::More | Comparison::AtLeast | Comparison::Equal => return None,
        };
        let attempts = attempts_behind(&target.metric, &step.calls)?;
        let needed = attempts_needed(target.limit / 100.0, 0.95)?;
        Some(Claim {
            claim: format!("{} {sign} {}", target.metric, target.limit),
            attempts,
            attempts_needed: needed,
            supported: attempts >= needed,
        })
    };
    targets.iter().filter_map(claim).collect()
}
