//! Forms, groups and systems that the Telephone Number of a code names.

use super::findings::Findings;
use super::tables::{self, CodeList};
use crate::solution::check::MAIN;
use crate::text::{Problem, did_you_mean};
use engine::plan::spec::{Feature, NetworkSpec, ShortCodeSpec, SystemSpec};
use std::collections::BTreeMap;

const FORM: &str = "ARS form";

/// What a code names must be there on its system; what a common code names, on one at least.
pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    let mut codes: BTreeMap<(usize, String), Option<(String, Complaint)>> = BTreeMap::new();
    for list in tables::all(network) {
        for (n, code) in list.codes.iter().enumerate() {
            let Some(verdict) = judge(code, &list, network) else { continue };
            let path = format!("{}[{n}].telephone_number", list.path);
            let start = findings.place(&path).map_or(usize::MAX, |place| place.span.start);
            let named = (start, code.telephone_number.clone());
            match verdict {
                Verdict::Known => {
                    codes.insert(named, None);
                }
                Verdict::Unknown(complaint) => {
                    codes.entry(named).or_insert(Some((path, complaint)));
                }
            }
        }
    }
    for (path, complaint) in codes.into_values().flatten() {
        let Complaint { message, help } = complaint;
        findings.add(&path, Problem::error, message, |problem| problem.maybe_help(help));
    }
}

enum Verdict {
    Known,
    Unknown(Complaint),
}

struct Complaint {
    message: String,
    help: Option<String>,
}

/// `None` if the code names nothing, or what it names depends on what is dialled.
fn judge(code: &ShortCodeSpec, list: &CodeList<'_>, network: &NetworkSpec) -> Option<Verdict> {
    let system = &network.systems[list.system];
    let name = code.telephone_number.as_str();
    let unknown = |what: &str, known: Vec<String>| {
        let message = format!("{:?} names {what} {name:?}, which is not there", code.feature.name());
        let help = did_you_mean(name, known.iter().map(String::as_str));
        Verdict::Unknown(Complaint { message, help: help.or_else(|| Some(format!("there is no {what}"))) })
    };
    if code.feature == Feature::BreakOut {
        let is = |s: &SystemSpec| s.name == name || (!name.is_empty() && s.address.as_str() == name);
        let names = network.systems.iter().map(|system| system.name.clone()).collect();
        return Some(if network.systems.iter().any(is) { Verdict::Known } else { unknown("system", names) });
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (what, known) = named_by(code.feature, system)?;
    // "050" is form 50; a group has its own digits.
    let digits = if what == FORM { name.trim_start_matches('0') } else { name };
    Some(if known.iter().any(|known| known == digits) { Verdict::Known } else { unknown(what, known) })
}

/// What the feature names, and all of that kind that are there.
fn named_by(feature: Feature, system: &SystemSpec) -> Option<(&'static str, Vec<String>)> {
    let is_form = matches!(feature, Feature::EnableArsForm | Feature::DisableArsForm);
    let is_group = matches!(
        feature,
        Feature::SetHuntGroupNightService
            | Feature::ClearHuntGroupNightService
            | Feature::SetHuntGroupOutOfService
            | Feature::ClearHuntGroupOutOfService
    );
    if is_form {
        let mut ids: Vec<u32> = system.ars_forms.iter().map(|form| form.id).chain([MAIN]).collect();
        ids.sort_unstable();
        ids.dedup();
        Some((FORM, ids.iter().map(u32::to_string).collect()))
    } else {
        let groups = || system.hunt_groups.iter().map(|group| group.extension.to_string()).collect();
        is_group.then(|| ("hunt group", groups()))
    }
}
