//! Which line of a system supports resiliency, and what it backs up (RES chapter 4, "SCN Resiliency Options").

use super::super::model::Edition;
use super::super::raw::{RawResilience, RawSolution};
use super::{Names, edition};
use crate::text::{Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{BackedUp, BacksUp, LineKind, NetworkSpec, Role};
use std::collections::HashMap;

/// Puts the settings at the lines.
pub(super) fn check(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    let mut seen: HashMap<(SystemId, SystemId), &Place> = HashMap::new();
    for entry in &raw.resilience {
        let (system, backup) =
            (names.resolve_some(entry.system.as_ref(), p), names.resolve_some(entry.backup.as_ref(), p));
        let (Some(system), Some(backup)) = (system, backup) else { continue };
        if let Some(first) = seen.insert((system, backup), &entry.place) {
            let problem = Problem::error("this line's resilience is there twice").at(&entry.place);
            p.push(problem.also(first, "the first"));
        }
        let backs_up = backs_up(entry, [system, backup], edition(raw), network);
        let lines = &mut network.systems[system.index()].lines;
        match lines.iter_mut().find(|line| line.kind == LineKind::IpOffice { peer: backup }) {
            Some(line) => line.backs_up = Some(backs_up),
            None => {
                let place = entry.backup.as_ref().map_or(&entry.place, |name| &name.place);
                let problem = Problem::error("no IP Office line leads to this backup").at(place);
                p.push(problem.help("add an [[ip_office_line]] between the two").consequence());
            }
        }
    }
}

/// What the entry says; otherwise everything that the line has a setting for, as when "Supports Resiliency" is selected.
fn backs_up(entry: &RawResilience, ends: [SystemId; 2], edition: Edition, network: &NetworkSpec) -> BacksUp {
    if let Some(own) = &entry.backs_up {
        return own.value.iter().fold(BacksUp::NOTHING, |set, what| set.with(what.value));
    }
    let [system, backup] = ends.map(|id| network.systems[id.index()].role);
    let from_primary = system == Role::Primary && backup == Role::Secondary;
    let is_select = matches!(edition, Edition::Select | Edition::Subscription);
    let has = |what: &BackedUp| match what {
        BackedUp::IpPhones | BackedUp::Dect => true,
        BackedUp::HuntGroups | BackedUp::Voicemail | BackedUp::Conferences => from_primary,
        BackedUp::Portal => from_primary && is_select,
    };
    BackedUp::ALL.into_iter().filter(has).fold(BacksUp::NOTHING, BacksUp::with)
}
