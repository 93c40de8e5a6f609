//! What can be sized: channels of trunk groups, members of hunt groups, conference slots.

use super::costs::Costs;
use crate::solution::Solution;
use engine::id::LineId;
use engine::limits::MAX_CHANNELS;
use engine::plan::Plan;
use engine::plan::spec::LineKind;
use std::sync::Arc;

/// Something of which there may be more or fewer.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// `SYSTEM:KIND:NAME`, as in a run record.
    pub label: String,
    system: usize,
    kind: Kind,
    /// How many there are in the solution.
    pub was: u64,
    /// Fewest that there may be.
    pub least: u64,
    /// Most that there may be.
    pub most: u64,
    /// Price of one.
    pub price: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Trunks {
        /// With the most channels that each may have.
        lines: Vec<(LineId, u64)>,
    },
    /// By place in the system.
    HuntGroup(usize),
    Conferences,
}

impl Resource {
    /// Whether it is a group of trunks.
    #[must_use]
    pub const fn is_trunks(&self) -> bool {
        match self.kind {
            Kind::Trunks { .. } => true,
            Kind::HuntGroup(_) | Kind::Conferences => false,
        }
    }

    /// Whether more of it than were ever in use change nothing. An agent in wrap-up is not in use, and yet not free.
    pub(super) const fn is_enough_at_its_peak(&self) -> bool {
        match self.kind {
            Kind::Trunks { .. } | Kind::Conferences => true,
            Kind::HuntGroup(_) => false,
        }
    }
}

/// Everything that can be sized, in the order of systems, trunk groups before hunt groups before conference slots. IP Office
/// lines are left as they are, and so are the conference slots of a system without rooms that the table does not name.
#[must_use]
pub fn resources_of(solution: &Solution, plans: &[Arc<Plan>], costs: &Costs) -> Vec<Resource> {
    let mut all = Vec::new();
    for (system, plan) in plans.iter().enumerate() {
        let spec = &solution.network.systems[system];
        for group in plan.line_groups() {
            if group.lines.iter().any(|line| plan.lines()[line.index()].peer.is_some()) {
                continue;
            }
            let of = |line: &LineId| (*line, most_channels(spec.lines[line.index()].kind));
            let lines: Vec<_> = group.lines.iter().map(of).collect();
            let label = format!("{}:line_group:{}", plan.name(), group.number);
            let was = group.lines.iter().map(|line| u64::from(spec.lines[line.index()].channels)).sum();
            let (least, most) = (lines.len() as u64, lines.iter().map(|(_, most)| most).sum());
            all.push(costs.priced(Resource {
                label,
                system,
                kind: Kind::Trunks { lines },
                was,
                least,
                most,
                price: costs.channel,
            }));
        }
        for (place, group) in spec.hunt_groups.iter().enumerate() {
            let was = group.members.len() as u64;
            all.push(costs.priced(Resource {
                label: format!("{}:hunt_group:{}", plan.name(), group.name),
                system,
                kind: Kind::HuntGroup(place),
                was,
                least: 1,
                most: was,
                price: costs.agent,
            }));
        }
        let label = format!("{}:conference:slots", plan.name());
        if !spec.conferences.rooms.is_empty() || costs.names(&label) {
            let was = u64::from(spec.conferences.channels);
            let price = costs.slot;
            all.push(costs.priced(Resource {
                label,
                system,
                kind: Kind::Conferences,
                was,
                least: 1,
                most: was,
                price,
            }));
        }
    }
    all
}

/// What a line of this kind can have (RC "IP500 V2 trunk cards").
fn most_channels(kind: LineKind) -> u64 {
    match kind {
        LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => u64::from(MAX_CHANNELS),
        LineKind::PriE1 => 30,
        LineKind::PriT1 => 24,
        LineKind::Bri => 2,
        LineKind::Analog => 1,
    }
}

/// The solution with so many of each: channels are shared out to a group's lines as evenly as they allow, and a hunt group
/// keeps its first members.
#[must_use]
pub fn apply(solution: &Solution, resources: &[Resource], sizes: &[u64]) -> Solution {
    let mut solution = solution.clone();
    for (resource, &size) in resources.iter().zip(sizes) {
        let system = &mut solution.network.systems[resource.system];
        match &resource.kind {
            Kind::Trunks { lines } => {
                for ((line, _), share) in lines.iter().zip(shares(lines, size)) {
                    system.lines[line.index()].channels = u16::try_from(share).unwrap_or(MAX_CHANNELS);
                }
            }
            Kind::HuntGroup(place) => system.hunt_groups[*place].members.truncate(size as usize),
            Kind::Conferences => system.conferences.channels = u16::try_from(size).unwrap_or(u16::MAX),
        }
    }
    solution
}

/// One for each line, and the rest round and round to those with room.
fn shares(lines: &[(LineId, u64)], channels: u64) -> Vec<u64> {
    let mut shares = vec![1; lines.len()];
    let mut left = channels.saturating_sub(lines.len() as u64);
    while left > 0 {
        let before = left;
        for (share, (_, most)) in shares.iter_mut().zip(lines) {
            if left > 0 && *share < *most {
                *share += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_shared_out_evenly_up_to_what_each_line_can_have() {
        let lines = [(LineId(0), 2), (LineId(1), 30), (LineId(2), 10_000)];
        assert_eq!(shares(&lines, 3), [1, 1, 1]);
        assert_eq!(shares(&lines, 8), [2, 3, 3]);
        assert_eq!(shares(&lines, 102), [2, 30, 70]);
        assert_eq!(shares(&lines[..2], 90), [2, 30]);
    }
}
