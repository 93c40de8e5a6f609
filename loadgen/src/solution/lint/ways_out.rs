//! Systems whose users cannot make emergency calls, and expansions that only the primary connects to the world.

use super::findings::Findings;
use super::reach;
use crate::solution::Solution;
use engine::plan::spec::{LineKind, NetworkSpec, Role, SystemSpec};

pub(super) fn lint(solution: &Solution, findings: &mut Findings<'_>) {
    let network = &solution.network;
    for (index, system) in network.systems.iter().enumerate().filter(|(_, system)| !system.users.is_empty()) {
        check_emergency(index, system, network, findings);
        if system.role == Role::Expansion {
            check_expansion(index, system, network, findings);
        }
    }
}

/// Each system needs a Dial Emergency (DOMAIN 3.8). The default codes of A-law have none but route every number to
/// the trunks, emergency numbers included: they are complained about only where they lead to no trunk.
fn check_emergency(index: usize, system: &SystemSpec, network: &NetworkSpec, findings: &mut Findings<'_>) {
    let reach = reach::from(network, index, None);
    let routes_everything = system.short_codes.is_empty() && !reach.trunks.is_empty();
    if reach.dial_emergency || routes_everything {
        return;
    }
    let message = format!("no emergency route on {:?}, which has users", system.name);
    let help = if reach.trunks.is_empty() {
        "neither its short codes nor its form 50 lead to a trunk; add an [[ars]] form that does"
    } else {
        "add a [[short_code]] with feature = \"dial-emergency\" for each emergency number"
    };
    findings.warn(&format!("systems[{index}]"), message, |problem| problem.help(help));
}

/// RES "Default Call Routing": the way out dies with the primary, though other systems have trunks.
fn check_expansion(index: usize, system: &SystemSpec, network: &NetworkSpec, findings: &mut Findings<'_>) {
    let Some(primary) = network.systems.iter().position(|system| system.role == Role::Primary) else {
        return;
    };
    let elsewhere =
        (0..network.systems.len()).find(|&other| other != primary && has_trunks(&network.systems[other]));
    let Some(elsewhere) = elsewhere else { return };
    let with = reach::from(network, index, None);
    if with.trunks.is_empty() || !reach::from(network, index, Some(primary)).trunks.is_empty() {
        return;
    }
    let message = format!("the only way out of {:?} is through the primary", system.name);
    let help = format!(
        "{:?} has trunks too: let form 50 here lead to them, after the primary's (RES \"Default Call Routing\")",
        network.systems[elsewhere].name
    );
    findings.warn(&format!("systems[{index}]"), message, |problem| problem.help(help));
}

fn has_trunks(system: &SystemSpec) -> bool {
    system.lines.iter().any(|line| !matches!(line.kind, LineKind::IpOffice { .. }))
}
