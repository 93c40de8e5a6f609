//! The data network under the IP Office lines: sites, links between them, and the paths that live (RES "Data Routing vs
//! IP Office Routing").

use crate::solution::Solution;
use engine::id::SystemId;
use engine::time::Duration;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Sites and links as they are now.
#[derive(Clone, Debug)]
pub(crate) struct DataNetwork {
    /// By system.
    site_of: Vec<usize>,
    links: Vec<Link>,
    /// Links of each site.
    at: Vec<Vec<usize>>,
    /// Whether packets pass through each site.
    transit: Vec<bool>,
    /// Paths from each site to those that it reaches, in their order, as far as they have been asked for since a link changed.
    paths: Vec<Option<Vec<(usize, Path)>>>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    between: [usize; 2],
    path: Path,
    /// It carries its line's traffic even where a way round would be quicker.
    under_line: bool,
    /// Faults that keep it down.
    cuts: u32,
}

/// How a packet gets from one site to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Path {
    /// One-way delay.
    pub(super) delay: Duration,
    /// Probability that it arrives.
    pub(super) arrives: f64,
}

impl Path {
    /// This one, and then another.
    pub(super) const fn then(self, next: Self) -> Self {
        let delay = Duration::from_nanos(self.delay.as_nanos() + next.delay.as_nanos());
        Self { delay, arrives: self.arrives * next.arrives }
    }
}

/// What becomes of a link or a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Cut,
    Restored,
}

impl Change {
    /// What is cut twice comes back when both faults are over.
    pub(super) const fn count(self, cuts: &mut u32) {
        *cuts = match self {
            Self::Cut => *cuts + 1,
            Self::Restored => cuts.saturating_sub(1),
        };
    }
}

impl DataNetwork {
    pub(crate) fn new(solution: &Solution) -> Self {
        let sites = solution.sites.len();
        let mut at = vec![Vec::new(); sites];
        let links = solution.data_links.iter().enumerate().map(|(n, link)| {
            for end in link.between {
                if let Some(links) = at.get_mut(end) {
                    links.push(n);
                }
            }
            let path = Path { delay: link.delay, arrives: 1.0 - link.loss };
            Link { between: link.between, path, under_line: link.under_line, cuts: 0 }
        });
        let links = links.collect();
        let site_of = solution.systems.iter().map(|system| system.site).collect();
        let transit = solution.sites.iter().map(|site| site.transit).collect();
        Self { site_of, links, at, transit, paths: vec![None; sites] }
    }

    pub(super) fn change(&mut self, link: usize, change: Change) {
        let Some(state) = self.links.get_mut(link) else { return };
        change.count(&mut state.cuts);
        self.forget_paths();
    }

    /// Forgets the paths that have been asked for.
    pub(super) fn forget_paths(&mut self) {
        self.paths.iter_mut().for_each(|paths| *paths = None);
    }

    /// The same of those from a system.
    pub(super) fn forget_paths_of(&mut self, system: SystemId) {
        if let Some(paths) = self.site_of(system).and_then(|site| self.paths.get_mut(site)) {
            *paths = None;
        }
    }

    /// The site of a system.
    pub(super) fn site_of(&self, system: SystemId) -> Option<usize> {
        self.site_of.get(system.index()).copied()
    }

    /// Whether packets get from a site to a system.
    pub(super) fn reaches(&mut self, site: usize, system: SystemId) -> bool {
        self.path_to_system(site, system).is_some()
    }

    /// The quickest way from a site to a system; `None` if there is none.
    pub(super) fn path_to_system(&mut self, site: usize, to: SystemId) -> Option<Path> {
        let to = self.site_of(to)?;
        self.between_sites(site, to)
    }

    /// The quickest way from one system to another; `None` if there is none.
    pub(super) fn between(&mut self, from: SystemId, to: SystemId) -> Option<Path> {
        let (from, to) = (self.site_of(from)?, self.site_of(to)?);
        self.between_sites(from, to)
    }

    /// The quickest way from one site to another; `None` if there is none.
    pub(super) fn between_sites(&mut self, from: usize, to: usize) -> Option<Path> {
        if from == to {
            return Some(Path { delay: Duration::ZERO, arrives: 1.0 });
        }
        if self.paths.get(from)?.is_none() {
            self.paths[from] = Some(self.quickest(from));
        }
        let paths = self.paths[from].as_ref()?;
        paths.binary_search_by_key(&to, |&(site, _)| site).ok().map(|place| paths[place].1)
    }

    /// Dijkstra's algorithm; among equals, the link written first.
    fn quickest(&self, from: usize) -> Vec<(usize, Path)> {
        let nowhere = Path { delay: Duration::ZERO, arrives: 1.0 };
        let mut best = BTreeMap::from([(from, nowhere)]);
        let mut open = BinaryHeap::from([Reverse((Duration::ZERO, 0_usize, from))]);
        while let Some(Reverse((delay, _, site))) = open.pop() {
            let Some(&here) = best.get(&site).filter(|path| path.delay == delay) else { continue };
            if site != from && !self.transit[site] {
                continue;
            }
            for &n in &self.at[site] {
                let link = self.links[n];
                let (other, there) = (link.other_end(site), here.then(link.path));
                if link.cuts == 0 && best.get(&other).is_none_or(|path| there.delay < path.delay) {
                    best.insert(other, there);
                    open.push(Reverse((there.delay, n, other)));
                }
            }
        }
        for link in self.at[from].iter().map(|&n| self.links[n]).filter(|l| l.under_line && l.cuts == 0) {
            best.insert(link.other_end(from), link.path);
        }
        best.into_iter().collect()
    }
}

impl Link {
    const fn other_end(&self, site: usize) -> usize {
        if self.between[0] == site { self.between[1] } else { self.between[0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution;
    use crate::text::Problems;

    const TRIANGLE: &str = r#"
        [solution]
        name = "triangle"
        edition = "select"
        [[site]]
        name = "router"
        [[system]]
        name = "a"
        role = "primary"
        platform = "r640"
        [[system]]
        name = "b"
        role = "secondary"
        platform = "r640"
        [[ip_office_line]]
        between = ["a", "b"]
        [[data_link]]
        between = ["a", "b"]
        delay = "30ms"
        loss_pct = 10
        [[data_link]]
        between = ["a", "router"]
        delay = "10ms"
        [[data_link]]
        between = ["router", "b"]
        delay = "10ms"
        loss_pct = 50
    "#;

    #[test]
    fn packets_take_the_quickest_path_that_lives() {
        let solution = solution::from_str("s.toml", TRIANGLE, &mut Problems::new()).expect("it is good");
        let mut network = DataNetwork::new(&solution);
        let path = |network: &mut DataNetwork| {
            network.between(SystemId(0), SystemId(1)).map(|p| (p.delay, (p.arrives * 100.0).round()))
        };
        let ms = Duration::from_millis;
        assert_eq!(path(&mut network), Some((ms(20), 50.0)));
        network.change(2, Change::Cut);
        assert_eq!(path(&mut network), Some((ms(30), 90.0)));
        network.change(0, Change::Cut);
        assert_eq!(path(&mut network), None);
        network.change(2, Change::Cut);
        network.change(2, Change::Restored);
        assert_eq!(path(&mut network), None, "two faults keep it down until both are over");
        network.change(2, Change::Restored);
        assert_eq!(path(&mut network), Some((ms(20), 50.0)));
    }
}
