//! The data network: which site each system is at, and the links between sites.

use super::super::model::{DataLink, LineDelay, Site, SystemInfo};
use super::super::raw::RawSolution;
use super::Names;
use crate::text::{At, Problem, Problems, did_you_mean};
use engine::time::Duration;

/// Delay of a data link that says nothing else.
const DELAY: Duration = Duration::from_millis(1);

/// Puts every system at its site and returns the sites and the links between them. A system that names no site has one
/// of its own; where no links are written, every IP Office line has one of its own under it.
pub(super) fn check(
    raw: &RawSolution,
    infos: &mut [SystemInfo],
    lines: &[LineDelay],
    names: &Names,
    p: &mut Problems,
) -> (Vec<Site>, Vec<DataLink>) {
    let mut sites: Vec<Site> = Vec::new();
    for site in &raw.sites {
        let Some(name) = &site.name else { continue };
        let transit = site.transit.as_ref().is_none_or(|transit| transit.value);
        if sites.iter().any(|known| known.name == name.value) {
            p.push(Problem::error(format!("two sites are named {:?}", name.value)).at(&name.place));
        }
        sites.push(Site { name: name.value.clone(), transit });
    }
    for (info, system) in infos.iter_mut().zip(&raw.systems) {
        info.site = match &system.site {
            Some(name) => find(&sites, name, p).unwrap_or(0),
            None => {
                sites.push(Site { name: info.name.clone(), transit: true });
                sites.len() - 1
            }
        };
    }
    for location in &raw.locations {
        let (Some(name), Some(site)) = (&location.name, &location.site) else { continue };
        let Some(place) = find(&sites, site, p) else { continue };
        for system in names.systems_of(location.system.as_ref()) {
            infos[system.index()].location_sites.push((name.value.clone(), place));
        }
    }
    if raw.data_links.is_empty() {
        let pairs = lines.iter().filter(|line| line.system < line.peer);
        let link = |line: &LineDelay| {
            let site = |system: engine::id::SystemId| infos[system.index()].site;
            let between = [site(line.system), site(line.peer)];
            DataLink { between, delay: line.delay, loss: 0.0, under_line: true }
        };
        return (sites, pairs.map(link).collect());
    }
    for line in &raw.ip_office_lines {
        if let Some(delay) = &line.delay {
            let problem = Problem::error("the delay of a line is that of the data links under it");
            p.push(problem.at(&delay.place).help("write it at the [[data_link]]"));
        }
    }
    let links = raw.data_links.iter().filter_map(|link| {
        let between = link.between.as_ref()?;
        let [a, b] = &between.value;
        let ends = [find(&sites, a, p)?, find(&sites, b, p)?];
        if ends[0] == ends[1] {
            p.push(Problem::error("a data link joins two sites").at(&link.place));
        }
        let delay = link.delay.as_ref().map_or(DELAY, |delay| delay.value);
        let loss = link.loss_pct.as_ref().map_or(0.0, |loss| loss.value / 100.0);
        Some(DataLink { between: ends, delay, loss, under_line: false })
    });
    let links = links.collect();
    (sites, links)
}

pub(super) fn find(sites: &[Site], name: &At<String>, p: &mut Problems) -> Option<usize> {
    let found = sites.iter().position(|site| site.name == name.value);
    if found.is_none() {
        let help = did_you_mean(&name.value, sites.iter().map(|site| site.name.as_str()));
        let problem = Problem::error(format!("unknown site {:?}", name.value)).at(&name.place);
        p.push(problem.maybe_help(help).consequence());
    }
    found
}
