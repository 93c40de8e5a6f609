//! Short codes: the system's own, and that every line group that any code names is there.

use super::super::raw::{RawShortCode, RawSolution};
use super::Names;
use super::ars::MAIN;
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{Feature, FeatureKind, NetworkSpec, ShortCodeSpec, SystemSpec};

/// Adds the systems' short codes, and holds all short codes against the line groups and forms there are.
pub(super) fn check(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    for (code, systems) in add(raw, names, network, p) {
        check_line_group(code, &systems, network, p);
    }
    for form in &raw.ars_forms {
        if let Some(file) = &form.deck.file {
            let group = form.deck.line_group.as_ref();
            let (number, place) = group.map_or((0, &file.place), |group| (group.value as u32, &group.place));
            check_group(number, place, &names.systems_of(form.system.as_ref()), network, p);
        }
    }
    for (codes, systems) in owned(raw, names) {
        for code in codes {
            check_line_group(code, &systems, network, p);
        }
    }
}

/// Codes that belong to something, and the systems that this is on.
fn owned<'r>(raw: &'r RawSolution, names: &Names) -> Vec<(&'r [RawShortCode], Vec<SystemId>)> {
    let forms = raw.ars_forms.iter().map(|f| (f.codes.as_slice(), names.systems_of(f.system.as_ref())));
    let rights = raw.user_rights.iter();
    let rights = rights.map(|r| (r.barring.short_codes.as_slice(), names.systems_of(r.system.as_ref())));
    let users = raw.users.iter();
    let users = users.map(|u| (u.barring.short_codes.as_slice(), names.find(&u.system)));
    let lines = raw.lines.iter().map(|l| (l.short_codes.as_slice(), names.find(&l.system)));
    let joins = raw.ip_office_lines.iter().map(|l| {
        let ends = l.between.iter().flat_map(|between| &between.value);
        (l.short_codes.as_slice(), names.find(ends))
    });
    forms.chain(rights).chain(users).chain(lines).chain(joins).collect()
}

/// Common codes stand before a system's own, each in the order of the file.
fn add<'r>(
    raw: &'r RawSolution,
    names: &Names,
    network: &mut NetworkSpec,
    p: &mut Problems,
) -> Vec<(&'r RawShortCode, Vec<SystemId>)> {
    let (common, own): (Vec<_>, Vec<_>) = raw.short_codes.iter().partition(|code| code.system.is_none());
    let mut targets = Vec::new();
    for code in common.into_iter().chain(own) {
        let systems = names.checked_systems_of(code.system.as_ref(), p);
        for system in &systems {
            let codes = &mut network.systems[system.index()].short_codes;
            remember_code(code, format!("systems[{}].short_codes[{}]", system.index(), codes.len()), p);
            codes.push(code_spec(code));
        }
        targets.push((code, systems));
    }
    targets
}

/// Codes as described.
pub(super) fn specs(codes: &[RawShortCode]) -> Vec<ShortCodeSpec> {
    codes.iter().map(code_spec).collect()
}

/// Remembers where each code of the list at `path` stands.
pub(super) fn remember(codes: &[RawShortCode], path: &str, p: &mut Problems) {
    for (index, code) in codes.iter().enumerate() {
        remember_code(code, format!("{path}[{index}]"), p);
    }
}

fn remember_code(code: &RawShortCode, path: String, p: &mut Problems) {
    for (key, text) in [("code", &code.code), ("telephone_number", &code.telephone_number)] {
        if let Some(text) = text {
            p.remember(format!("{path}.{key}"), &text.place);
        }
    }
    if let Some(group) = &code.line_group {
        p.remember(format!("{path}.line_group"), &group.place);
    }
    p.remember(path, &code.place);
}

fn code_spec(code: &RawShortCode) -> ShortCodeSpec {
    let text = |at: &Option<At<String>>| at.as_ref().map_or_else(String::new, |at| at.value.clone());
    let feature = code.feature.as_ref().map_or(Feature::Dial, |feature| feature.value);
    ShortCodeSpec {
        force_account_code: code.force_account_code.as_ref().is_some_and(|forced| forced.value),
        ..ShortCodeSpec::new(&text(&code.code), feature, &text(&code.telephone_number), line_group(code))
    }
}

fn line_group(code: &RawShortCode) -> u32 {
    code.line_group.as_ref().map_or(0, |group| group.value as u32)
}

/// The group or form must be there on the code's system; for a common code, on one at least.
fn check_line_group(code: &RawShortCode, systems: &[SystemId], network: &NetworkSpec, p: &mut Problems) {
    let uses_group = match code.feature.as_ref().map(|feature| feature.value) {
        Some(feature) => feature.kind() == FeatureKind::Dial,
        None => false,
    };
    if uses_group {
        let place = code.line_group.as_ref().map_or(&code.place, |group| &group.place);
        check_group(line_group(code), place, systems, network, p);
    }
}

fn check_group(group: u32, place: &Place, systems: &[SystemId], network: &NetworkSpec, p: &mut Problems) {
    let has = |system: &SystemId| has_group(&network.systems[system.index()], group);
    if systems.is_empty() || systems.iter().any(has) {
        return;
    }
    let problem = Problem::error(format!("no line group or ARS form {group}")).at(place);
    p.push(problem.help(known_groups(systems, network)).consequence());
}

/// Whether a code on this system may name the line group or ARS form.
pub(in crate::solution) fn has_group(system: &SystemSpec, group: u32) -> bool {
    group == MAIN
        || system.lines.iter().any(|line| line.outgoing_group == group)
        || system.ars_forms.iter().any(|form| form.id == group)
}

fn known_groups(systems: &[SystemId], network: &NetworkSpec) -> String {
    let specs = || systems.iter().map(|system| &network.systems[system.index()]);
    let mut groups: Vec<u32> = specs().flat_map(|s| s.lines.iter().map(|line| line.outgoing_group)).collect();
    let mut forms: Vec<u32> = specs().flat_map(|s| s.ars_forms.iter().map(|form| form.id)).collect();
    forms.push(MAIN);
    let list = |numbers: &mut Vec<u32>| {
        numbers.sort_unstable();
        numbers.dedup();
        let texts: Vec<_> = numbers.iter().take(20).map(u32::to_string).collect();
        if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
    };
    format!("line groups: {}; ARS forms: {}", list(&mut groups), list(&mut forms))
}
