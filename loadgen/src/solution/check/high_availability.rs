//! High availability of virtual machines, and what it cannot be combined with (RES "Virtual Server Resilience").

use super::super::model::{Edition, Hosting, Platform, SystemInfo};
use super::super::raw::RawSolution;
use super::{Names, edition};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{MediaPreservation, NetworkSpec};

const SOURCE: &str = "RES, \"Virtual Server Resilience\"";

pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    check_place(raw, infos, p);
    let is_available =
        |id: SystemId| infos.get(id.index()).is_some_and(|info| info.hosting == Hosting::HighAvailability);
    let find = |name: &Option<At<String>>| names.find(name.iter()).first().copied();
    for entry in &raw.resilience {
        if let Some(system) = find(&entry.system).filter(|&id| is_available(id)) {
            conflict(raw, system, &entry.place, p);
        }
    }
    for location in &raw.locations {
        if let (Some(system), Some(fallback)) = (find(&location.system), &location.fallback_system)
            && is_available(system)
        {
            conflict(raw, system, &fallback.place, p);
        }
    }
    for (n, system) in raw.systems.iter().enumerate() {
        let spec = network.systems.get(n);
        let preserves = spec.is_some_and(|spec| spec.media_preservation == MediaPreservation::Enabled);
        if preserves && is_available(SystemId::at(n)) {
            let own = system.settings.media_preservation.as_ref();
            let place =
                own.or(raw.settings.media_preservation.as_ref()).map_or(&system.place, |at| &at.place);
            conflict(raw, SystemId::at(n), place, p);
        }
    }
}

fn check_place(raw: &RawSolution, infos: &[SystemInfo], p: &mut Problems) {
    for (system, info) in raw.systems.iter().zip(infos) {
        let Some(chosen) = system.high_availability.as_ref().filter(|at| at.value) else { continue };
        if info.platform != Platform::Ova {
            let problem = Problem::error("only a virtual machine has high availability").at(&chosen.place);
            p.push(problem.help("platform = \"ova\" is one"));
        }
        if edition(raw) != Edition::Select {
            let problem = Problem::error("high availability is only supported in Select").at(&chosen.place);
            p.push(problem.help(SOURCE));
        }
    }
}

fn conflict(raw: &RawSolution, system: SystemId, place: &Place, p: &mut Problems) {
    let problem = Problem::error("high availability cannot be combined with other resilience").at(place);
    let chosen = raw.systems.get(system.index()).and_then(|system| system.high_availability.as_ref());
    let problem = match chosen {
        Some(chosen) => problem.also(&chosen.place, "the virtual machine that has it"),
        None => problem,
    };
    p.push(problem.help(SOURCE));
}
