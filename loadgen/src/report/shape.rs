//! What the record says of the network and of the run over time: for people who draw it.

use super::record::{LineShape, NetworkShape, SeriesColumns, SystemShape};
use crate::measure::{Course, CourseStep};
use crate::profile::Profile;
use crate::solution::{Edition, Solution};
use engine::plan::spec::{LineKind, Role, SystemSpec};
use std::collections::BTreeMap;

/// The network of a solution.
pub(super) fn network(solution: &Solution) -> NetworkShape {
    let systems = &solution.network.systems;
    let mut lines = BTreeMap::new();
    for (n, system) in systems.iter().enumerate() {
        for line in &system.lines {
            if let LineKind::IpOffice { peer } = line.kind {
                let ends = (n.min(peer.index()), n.max(peer.index()));
                let from_here = lines.entry(ends).or_insert([0_u64; 2]);
                from_here[usize::from(n > peer.index())] += u64::from(line.channels);
            }
        }
    }
    let name = |n: usize| systems.get(n).map_or_else(String::new, |system| system.name.clone());
    let line = |(&(a, b), &[from_a, from_b]): (&(usize, usize), &[u64; 2])| LineShape {
        between: [name(a), name(b)],
        channels: from_a.min(from_b),
    };
    NetworkShape {
        name: solution.name.clone(),
        edition: match solution.edition {
            Edition::Preferred => "preferred",
            Edition::ServerEdition => "server-edition",
            Edition::Select => "select",
            Edition::Subscription => "subscription",
        }
        .to_owned(),
        systems: systems.iter().map(system_shape).collect(),
        lines: lines.iter().map(line).collect(),
    }
}

fn system_shape(system: &SystemSpec) -> SystemShape {
    let trunks = system.lines.iter().filter(|line| match line.kind {
        LineKind::IpOffice { .. } => false,
        LineKind::Sip
        | LineKind::PriE1
        | LineKind::PriT1
        | LineKind::Bri
        | LineKind::Analog
        | LineKind::H323 => true,
    });
    SystemShape {
        name: system.name.clone(),
        role: match system.role {
            Role::Standalone => "standalone",
            Role::Primary => "primary",
            Role::Secondary => "secondary",
            Role::Expansion => "expansion",
        }
        .to_owned(),
        users: system.users.len() as u64,
        hunt_groups: system.hunt_groups.len() as u64,
        trunk_channels: trunks.map(|line| u64::from(line.channels)).sum(),
    }
}

/// The run over time.
pub(super) fn series(profile: &Profile, course: &Course) -> SeriesColumns {
    let column = |of: fn(&CourseStep) -> u64| course.steps().iter().map(of).collect();
    SeriesColumns {
        begins_s: -profile.load.warm_up.as_secs_f64(),
        step_s: course.step().as_secs_f64(),
        started: column(|s| s.started),
        answered: column(|s| s.answered),
        completed: column(|s| s.completed),
        blocked: column(|s| s.blocked),
        abandoned: column(|s| s.abandoned),
        failed: column(|s| s.failed),
        dropped: column(|s| s.dropped),
        active_peak: column(|s| s.active_peak),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{BRISK, two_systems};

    #[test]
    fn two_ends_of_a_line_are_one_line() {
        let shape = network(&two_systems(BRISK).solution);
        assert_eq!(shape.systems.len(), 2);
        assert_eq!((shape.systems[0].users, shape.systems[0].trunk_channels), (200, 500));
        let between = ["s0".to_owned(), "s1".to_owned()];
        assert_eq!(shape.lines, [LineShape { between, channels: 500 }]);
    }
}
