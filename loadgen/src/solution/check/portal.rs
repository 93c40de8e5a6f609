//! The portal: where it is, and who uses it (RES "one-X Portal for IP Office Resilience").

use super::super::model::{Portal, PortalFailback, SystemInfo};
use super::super::raw::RawSolution;
use super::Names;
use crate::text::{Problem, Problems};
use engine::id::UserId;
use engine::plan::spec::{NetworkSpec, Role};
use engine::time::Duration;

/// The portal of a solution, if it has one; its users are put at their systems.
pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &mut [SystemInfo],
    network: &NetworkSpec,
    p: &mut Problems,
) -> Option<Portal> {
    for users in &raw.users {
        let Some(uses) = users.portal.as_ref().filter(|at| at.value) else { continue };
        if raw.portals.is_empty() {
            let problem = Problem::error("there is no portal that they could use").at(&uses.place);
            p.push(problem.help("add a [[portal]] table"));
        }
        let (Some(&system), Some(list)) = (names.find(users.system.iter()).first(), &users.extensions) else {
            continue;
        };
        let all = network.systems[system.index()].users.iter().enumerate();
        let uses_it = |extension| list.value.iter().any(|number| number == extension);
        let found = all.filter(|(_, user)| uses_it(user.extension)).map(|(n, _)| UserId::at(n));
        infos[system.index()].portal_users.extend(found);
    }
    if let [first, second, ..] = raw.portals.as_slice() {
        let problem = Problem::error("a solution has one portal").at(&second.place);
        p.push(problem.also(&first.place, "the first"));
    }
    let portal = raw.portals.first()?;
    let name = portal.system.as_ref()?;
    let system = names.resolve(name, p)?;
    if !matches!(network.systems[system.index()].role, Role::Primary | Role::Standalone) {
        let problem = Problem::error("the portal is on the primary").at(&name.place);
        p.push(
            problem
                .help("that of the secondary only takes its place; RES, \"Topology of portal resiliency\""),
        );
    }
    Some(Portal {
        system,
        detection_time: portal.failover_detection_time.as_ref().map_or(Duration::ZERO, |at| at.value),
        failback: portal.failback.as_ref().map_or(PortalFailback::Automatic, |at| at.value),
    })
}
