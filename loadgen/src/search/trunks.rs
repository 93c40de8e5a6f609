//! How many channels the trunk group that ran out would need for other loads: by Erlang B, and as the replay shows.

use super::bench::{Bench, Stopped};
use super::bisect::turn;
use super::judge::{Wanted, step};
use super::record::{Step, TrunkNeed};
use crate::profile::{Profile, Target};
use crate::solution;
use crate::stats::channels_for_blocking;
use engine::id::LineId;

/// Share of blocked calls to size for, where the profile has no target for it.
const USUAL_BLOCKING_PCT: f64 = 0.1;

/// The needs for each of `loads`; empty unless a trunk group is what ran out in `failing`.
///
/// # Errors
/// The search was interrupted.
pub fn trunk_needs(bench: &Bench<'_>, failing: &Step, loads: &[u64]) -> Result<Vec<TrunkNeed>, Stopped> {
    let Some(group) = Group::of(bench, failing) else { return Ok(Vec::new()) };
    loads.iter().map(|&bhcc| group.need(bench, bhcc)).collect()
}

/// A trunk group and what is offered to it.
struct Group {
    label: String,
    system: usize,
    lines: Vec<LineId>,
    erlangs_a_call_an_hour: f64,
}

impl Group {
    fn of(bench: &Bench<'_>, failing: &Step) -> Option<Self> {
        let label = failing.binding_resource.clone()?;
        let (system, name) = label.split_once(":line_group:")?;
        let system = bench.plans.iter().position(|plan| plan.name() == system)?;
        let plan = &bench.plans[system];
        let group = plan.line_groups().iter().find(|group| group.number.to_string() == name)?;
        if group.lines.iter().any(|line| plan.lines()[line.index()].peer.is_some()) {
            return None;
        }
        // E.501: what is offered is what is carried and what was refused.
        let carried = failing.binding_mean?;
        let refused = failing.calls.blocked as f64 / failing.calls.offered.max(1) as f64;
        let erlangs_a_call_an_hour = carried / (1.0 - refused) / failing.bhcc as f64;
        let lines = group.lines.to_vec();
        (refused < 1.0).then_some(Self { label, system, lines, erlangs_a_call_an_hour })
    }

    fn need(&self, bench: &Bench<'_>, bhcc: u64) -> Result<TrunkNeed, Stopped> {
        let erlangs = self.erlangs_a_call_an_hour * bhcc as f64;
        let textbook = channels_for_blocking(erlangs, blocking_target(&bench.profile.targets) / 100.0);
        let start = textbook.unwrap_or(1).max(1);
        let found = turn(start, start * 2 + 8, |channels| Ok(!self.carries(bench, bhcc, channels)?))?;
        Ok(TrunkNeed {
            resource: self.label.clone(),
            bhcc,
            erlangs,
            channels_erlang_b: textbook,
            channels: found.fails.or(found.passes.is_none().then_some(1)),
        })
    }

    /// Whether every target is met with so many channels.
    fn carries(&self, bench: &Bench<'_>, bhcc: u64, channels: u64) -> Result<bool, Stopped> {
        let mut profile = bench.profile.clone();
        profile.load.bhcc = bhcc as f64;
        self.resize(&mut profile, channels);
        let Ok(plans) = solution::compile(&profile.solution) else { return Ok(false) };
        let runs = bench.runs(&plans, |run| {
            run.load.bhcc = bhcc as f64;
            run.solution = profile.solution.clone();
        })?;
        Ok(step(bhcc, &runs, &Wanted::Targets(profile.targets), bench.confidence).pass)
    }

    /// Shares the channels out to the group's lines, as evenly as whole numbers allow.
    fn resize(&self, profile: &mut Profile, channels: u64) {
        let count = self.lines.len() as u64;
        for (n, line) in (0..).zip(&self.lines) {
            let share = channels / count + u64::from(n < channels % count);
            let line = &mut profile.solution.network.systems[self.system].lines[line.index()];
            line.channels = u16::try_from(share.max(1)).unwrap_or(u16::MAX);
        }
    }
}

fn blocking_target(targets: &[Target]) -> f64 {
    let blocked = targets.iter().find(|target| target.metric == "blocked_pct");
    blocked.map(|target| target.limit).filter(|limit| *limit > 0.0).unwrap_or(USUAL_BLOCKING_PCT)
}
