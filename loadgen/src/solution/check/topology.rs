//! Which systems are joined: the double star, lines between expansions, kinds of lines (RES "Network Considerations").

use super::super::model::Edition;
use super::super::raw::{LinkType, RawIpOfficeLine, RawSolution};
use super::edition;
use crate::text::{At, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{LineKind, NetworkSpec, Role};

/// Lines that an edition does not have, and kinds that are not to be chosen any more.
pub(super) fn check_line(
    raw: &RawSolution,
    line: &RawIpOfficeLine,
    (ends, between): ([SystemId; 2], &At<[At<String>; 2]>),
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let are_expansions = ends.iter().all(|end| network.systems[end.index()].role == Role::Expansion);
    if are_expansions && edition(raw) == Edition::ServerEdition {
        let problem = Problem::error("Server Edition has no lines between expansions").at(&between.place);
        p.push(
            problem
                .help("edition = \"select\" has; RC, \"IP Office Server Edition versus Preferred Edition\""),
        );
    }
    let Some(link_type) = &line.link_type else { return };
    let complaint = match link_type.value {
        LinkType::WebsocketSecure => return,
        LinkType::Websocket => "a line of this type has limited security",
        LinkType::Scn => "lines of this type are for old networks only, and do not get through NAT",
    };
    let problem = Problem::warning(complaint).at(&link_type.place);
    p.push(problem.help("link_type = \"websocket-secure\"; RES, \"Adding Expansion to Expansion Lines\""));
}

/// Every system has a line to the primary and, if there is one, to the secondary: without them there is no way round.
pub(super) fn check_double_star(raw: &RawSolution, network: &NetworkSpec, p: &mut Problems) {
    let with_role = |role| network.systems.iter().position(|system| system.role == role);
    let centres = [(with_role(Role::Primary), "primary"), (with_role(Role::Secondary), "secondary")];
    for (n, (system, written)) in network.systems.iter().zip(&raw.systems).enumerate() {
        for (centre, name) in centres {
            let Some(centre) = centre else { continue };
            let wanted = match system.role {
                Role::Expansion => true,
                Role::Secondary => centre != n,
                Role::Primary | Role::Standalone => false,
            };
            let peer = SystemId::at(centre);
            let has = system.lines.iter().any(|line| line.kind == LineKind::IpOffice { peer });
            if wanted && !has {
                let message = format!("{:?} has no IP Office line to the {name}", system.name);
                let problem = Problem::warning(message).at(&written.place);
                let between = format!("[{:?}, {:?}]", network.systems[centre].name, system.name);
                let help = format!(
                    "add an [[ip_office_line]] with between = {between}: a double star, RES \"Network Considerations\""
                );
                p.push(problem.help(help).consequence());
            }
        }
    }
}
