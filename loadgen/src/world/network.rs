//! The data network between systems: how long a message takes, and where it comes out.

use super::data_network::{Change, DataNetwork};
use crate::solution::Solution;
use engine::id::{LineId, SystemId};
use engine::plan::Plan;
use engine::time::Duration;
use std::sync::Arc;

/// Where each IP Office line leads.
#[derive(Clone, Debug)]
pub struct Network {
    /// By system, then line; `None` for trunks.
    links: Vec<Vec<Option<Link>>>,
}

/// The other end of an IP Office line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The system there.
    pub peer: SystemId,
    /// Its line.
    pub peer_line: LineId,
    /// One-way delay.
    pub delay: Duration,
    /// Faults that keep it from carrying anything.
    cuts: u32,
}

impl Network {
    /// The network of a solution whose systems have these plans.
    #[must_use]
    pub fn new(solution: &Solution, plans: &[Arc<Plan>]) -> Self {
        let mut links: Vec<Vec<Option<Link>>> = plans.iter().map(|p| vec![None; p.lines().len()]).collect();
        for end in &solution.line_delays {
            let link = Link { peer: end.peer, peer_line: end.peer_line, delay: end.delay, cuts: 0 };
            if let Some(place) = links.get_mut(end.system.index()).and_then(|l| l.get_mut(end.line.index())) {
                *place = Some(link);
            }
        }
        Self { links }
    }

    /// Takes the delays of all lines of these systems from a data network that is not going to change. A line without a way under
    /// it carries nothing.
    pub(crate) fn settle(&mut self, data: &mut DataNetwork, is_asked: impl Fn(SystemId) -> bool) {
        for (n, lines) in self.links.iter_mut().enumerate().filter(|&(n, _)| is_asked(SystemId::at(n))) {
            for place in lines {
                *place = place.and_then(|link| {
                    let delay = data.between(SystemId::at(n), link.peer)?.delay;
                    Some(Link { delay, ..link })
                });
            }
            data.forget_paths_of(SystemId::at(n));
        }
    }

    /// Every line that leads somewhere: the system, and the other end.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (SystemId, Link)> {
        self.links
            .iter()
            .enumerate()
            .flat_map(|(n, lines)| lines.iter().flatten().map(move |link| (SystemId::at(n), *link)))
    }

    /// The other end of a line; `None` for a trunk.
    #[must_use]
    pub fn link(&self, system: SystemId, line: LineId) -> Option<Link> {
        *self.links.get(system.index())?.get(line.index())?
    }

    /// One more fault keeps a line, by either end, from carrying anything in both directions; or one less.
    pub(super) fn change(&mut self, system: SystemId, line: LineId, change: Change) {
        let Some(link) = self.link(system, line) else { return };
        for (system, line) in [(system, line), (link.peer, link.peer_line)] {
            let place = self.links.get_mut(system.index()).and_then(|lines| lines.get_mut(line.index()));
            if let Some(Some(link)) = place {
                change.count(&mut link.cuts);
            }
        }
    }

    /// The other end of a line that carries something now; `None` for a trunk too.
    pub(super) fn open_link(&self, system: SystemId, line: LineId) -> Option<Link> {
        self.link(system, line).filter(|link| link.cuts == 0)
    }

    /// Every delay there is.
    pub fn delays(&self) -> impl Iterator<Item = Duration> {
        self.links.iter().flatten().flatten().map(|l| l.delay)
    }
}
