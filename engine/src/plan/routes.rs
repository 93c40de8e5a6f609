//! Which IP Office lines lead to which system.

use super::spec::{LineKind, NetworkSpec, Role};
use crate::id::{LineId, SystemId};
use smallvec::SmallVec;
use std::collections::VecDeque;

/// Lines towards the other systems, in the order to try them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    /// Lines that end at the system itself; sorted by system, then line.
    direct: Vec<(SystemId, LineId)>,
    /// Where everything else goes in a star: the line to the primary, then the one to the secondary.
    via: SmallVec<[LineId; 2]>,
    /// First lines of the shortest paths in a network without primary; sorted by system.
    paths: Vec<(SystemId, LineId)>,
}

impl Routes {
    /// Lines of `from` towards all other systems.
    pub(crate) fn new(network: &NetworkSpec, from: SystemId) -> Self {
        let lines = &network.systems[from.index()].lines;
        let mut direct = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            if let LineKind::IpOffice { peer } = line.kind {
                direct.push((peer, LineId::at(n)));
            }
        }
        direct.sort_unstable();
        let leads_to = |role| {
            let is = |&&(peer, _): &&(SystemId, LineId)| {
                network.systems.get(peer.index()).is_some_and(|system| system.role == role)
            };
            direct.iter().find(is).map(|&(_, line)| line)
        };
        let via: SmallVec<[LineId; 2]> =
            [Role::Primary, Role::Secondary].into_iter().filter_map(leads_to).collect();
        let star = network.systems.iter().any(|s| s.role == Role::Primary);
        let paths = if star { Vec::new() } else { shortest_paths(network, from) };
        Self { direct, via, paths }
    }

    /// The `nth` line to try for a call to `system`, from 0.
    pub(crate) fn towards(&self, system: SystemId, nth: usize) -> Option<LineId> {
        let start = self.direct.partition_point(|&(s, _)| s < system);
        let mut direct =
            self.direct[start..].iter().take_while(|&&(s, _)| s == system).map(|&(_, line)| line);
        if let Some(line) = direct.next() {
            return if nth == 0 {
                Some(line)
            } else {
                direct.nth(nth - 1).or_else(|| self.detour(line, nth))
            };
        }
        let path = self.paths.binary_search_by_key(&system, |&(s, _)| s).ok().map(|n| self.paths[n].1);
        match path {
            Some(line) => (nth == 0).then_some(line),
            None => self.via.get(nth).copied(),
        }
    }

    /// After the one direct line: the other star centre, which has a line there too.
    fn detour(&self, direct: LineId, nth: usize) -> Option<LineId> {
        self.via.iter().copied().filter(|&line| line != direct).nth(nth - 1)
    }
}

/// Breadth first over IP Office lines; among equals, the line entered first.
fn shortest_paths(network: &NetworkSpec, from: SystemId) -> Vec<(SystemId, LineId)> {
    let mut first_line: Vec<Option<LineId>> = vec![None; network.systems.len()];
    let mut queue = VecDeque::from([(from, None)]);
    let mut seen = vec![false; network.systems.len()];
    seen[from.index()] = true;
    while let Some((at, by)) = queue.pop_front() {
        for (n, line) in network.systems[at.index()].lines.iter().enumerate() {
            let LineKind::IpOffice { peer } = line.kind else { continue };
            if peer.index() >= seen.len() || seen[peer.index()] {
                continue;
            }
            seen[peer.index()] = true;
            let by = by.unwrap_or(LineId::at(n));
            first_line[peer.index()] = Some(by);
            queue.push_back((peer, Some(by)));
        }
    }
    first_line.iter().enumerate().filter_map(|(s, line)| line.map(|l| (SystemId::at(s), l))).collect()
}
