//! Holds a solution file against itself and fills in every default.

mod lines;
mod routing;
mod systems;
mod users;

use super::model::{Edition, Solution};
use super::raw::RawSolution;
use crate::text::{At, Problem, Problems, did_you_mean};
use engine::id::SystemId;
use engine::plan::spec::NetworkSpec;

/// The effective solution. Where problems were found, now or while reading, it is the best that could be made of the
/// file: good enough to look for further problems, not to run.
pub(super) fn check(raw: &RawSolution, p: &mut Problems) -> Solution {
    let (systems, infos) = systems::check(raw, p);
    let mut network = NetworkSpec { systems };
    let names = Names::of(&network);
    lines::check_trunks(raw, &names, &infos, &mut network, p);
    let line_delays = lines::check_ip_office_lines(raw, &names, &mut network, p);
    users::check(raw, &names, &infos, &mut network, p);
    routing::check(raw, &names, &mut network, p);
    Solution {
        name: raw.name.as_ref().map_or_else(String::new, |name| name.value.clone()),
        edition: edition(raw),
        systems: infos,
        network,
        line_delays,
    }
}

fn edition(raw: &RawSolution) -> Edition {
    raw.edition.as_ref().map_or(Edition::Select, |edition| edition.value)
}

/// The systems' names, by which everything else refers to them.
struct Names(Vec<String>);

impl Names {
    fn of(network: &NetworkSpec) -> Self {
        Self(network.systems.iter().map(|system| system.name.clone()).collect())
    }

    /// The system that is meant; an unknown one is reported.
    fn resolve(&self, name: &At<String>, p: &mut Problems) -> Option<SystemId> {
        let found = self.0.iter().position(|known| *known == name.value);
        if found.is_none() {
            let known = self.0.iter().map(String::as_str).filter(|known| !known.is_empty());
            let help = did_you_mean(&name.value, known);
            let problem = Problem::error(format!("unknown system {:?}", name.value)).at(&name.place);
            p.push(problem.maybe_help(help).consequence());
        }
        found.map(SystemId::at)
    }

    /// The same for a reference that may be missing.
    fn resolve_some(&self, name: Option<&At<String>>, p: &mut Problems) -> Option<SystemId> {
        self.resolve(name?, p)
    }
}
