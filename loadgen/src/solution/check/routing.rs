//! Incoming call routes, short codes and ARS forms: every line group that is named is there.

use super::super::raw::{RawArsForm, RawIncomingCallRoute, RawShortCode, RawSolution};
use super::Names;
use super::lines::FIRST_RESERVED_GROUP;
use crate::text::{At, Problem, Problems};
use engine::id::SystemId;
use engine::limits::MAX_ARS_FORMS;
use engine::plan::spec::{
    ArsFormSpec, Feature, IncomingCallRouteSpec, NetworkSpec, ShortCodeSpec, SystemSpec,
};

/// ARS form 50:Main, which every system has.
const MAIN: u32 = 50;
/// Systems that get the common elements; no edition has more than 150.
const MAX_SYSTEMS: usize = 200;
/// Route Name holds this many characters.
const ROUTE_NAME: usize = 15;

pub(super) fn check(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    add_routes(raw, names, network, p);
    add_forms(raw, names, network, p);
    let targets = add_short_codes(raw, names, network, p);
    for (code, systems) in &targets {
        check_line_group(code, systems, network, p);
    }
    for form in &raw.ars_forms {
        let systems = systems_of(form.system.as_ref(), names, network);
        for code in &form.codes {
            check_line_group(code, &systems, network, p);
        }
    }
}

/// The systems an element belongs to: the one it names, or all. An unknown one has been reported.
fn systems_of(name: Option<&At<String>>, names: &Names, network: &NetworkSpec) -> Vec<SystemId> {
    let all = 0..network.systems.len();
    let is_meant = |i: &usize| name.is_none_or(|name| names.0[*i] == name.value);
    all.take(MAX_SYSTEMS).filter(is_meant).map(SystemId::at).collect()
}

fn checked_systems_of(
    name: Option<&At<String>>,
    names: &Names,
    network: &NetworkSpec,
    p: &mut Problems,
) -> Vec<SystemId> {
    names.resolve_some(name, p);
    systems_of(name, names, network)
}

fn add_routes(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    for route in &raw.incoming_call_routes {
        for system in checked_systems_of(route.system.as_ref(), names, network, p) {
            let routes = &mut network.systems[system.index()].incoming_call_routes;
            let path = format!("systems[{}].incoming_call_routes[{}]", system.index(), routes.len());
            p.remember(path, &route.place);
            routes.push(route_spec(route));
        }
    }
}

fn route_spec(route: &RawIncomingCallRoute) -> IncomingCallRouteSpec {
    let text = |at: &Option<At<String>>, default: &str| {
        at.as_ref().map_or_else(|| default.to_owned(), |at| at.value.clone())
    };
    IncomingCallRouteSpec {
        incoming_group: route.incoming_group.as_ref().map(|group| group.value as u32),
        incoming_number: text(&route.incoming_number, ""),
        destination: text(&route.destination, "."),
    }
}

/// Common codes stand before a system's own, each in the order of the file.
fn add_short_codes<'r>(
    raw: &'r RawSolution,
    names: &Names,
    network: &mut NetworkSpec,
    p: &mut Problems,
) -> Vec<(&'r RawShortCode, Vec<SystemId>)> {
    let (common, own): (Vec<_>, Vec<_>) = raw.short_codes.iter().partition(|code| code.system.is_none());
    let mut targets = Vec::new();
    for code in common.into_iter().chain(own) {
        let systems = checked_systems_of(code.system.as_ref(), names, network, p);
        for system in &systems {
            let codes = &mut network.systems[system.index()].short_codes;
            p.remember(format!("systems[{}].short_codes[{}]", system.index(), codes.len()), &code.place);
            codes.push(code_spec(code));
        }
        targets.push((code, systems));
    }
    targets
}

fn code_spec(code: &RawShortCode) -> ShortCodeSpec {
    let text = |at: &Option<At<String>>| at.as_ref().map_or_else(String::new, |at| at.value.clone());
    ShortCodeSpec {
        code: text(&code.code),
        feature: code.feature.as_ref().map_or(Feature::Dial, |feature| feature.value),
        telephone_number: text(&code.telephone_number),
        line_group: line_group(code),
    }
}

fn line_group(code: &RawShortCode) -> u32 {
    code.line_group.as_ref().map_or(0, |group| group.value as u32)
}

fn add_forms(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    for form in &raw.ars_forms {
        check_form(form, p);
        let Some(id) = &form.id else { continue };
        for system in checked_systems_of(form.system.as_ref(), names, network, p) {
            add_form(form, id, system, network, p);
        }
    }
    for (index, system) in network.systems.iter().enumerate() {
        if let Some(line) = system.lines.iter().position(|line| line.outgoing_group == MAIN) {
            let path = format!("systems[{index}].lines[{line}]");
            let mut problem = Problem::error("outgoing group 50 is the id of ARS form 50:Main");
            if let Some(place) = p.place_of(raw.place.source, &path) {
                problem = problem.at(&place);
            }
            p.push(problem);
        }
    }
}

fn check_form(form: &RawArsForm, p: &mut Problems) {
    if let Some(id) = form.id.as_ref().filter(|id| id.value >= u64::from(FIRST_RESERVED_GROUP)) {
        let message = format!("ids {FIRST_RESERVED_GROUP} to 99999 belong to IP Office lines");
        p.push(Problem::error(message).at(&id.place));
    }
    if let Some(name) = form.name.as_ref().filter(|name| name.value.chars().count() > ROUTE_NAME) {
        let message = format!("a route name holds {ROUTE_NAME} characters");
        p.push(Problem::warning(message).at(&name.place));
    }
    if form.codes.is_empty() {
        let problem = Problem::warning("an ARS form without codes routes nothing").at(&form.place);
        p.push(problem.consequence());
    }
    for code in &form.codes {
        check_form_feature(code, p);
    }
}

fn check_form_feature(code: &RawShortCode, p: &mut Problems) {
    let Some(feature) = &code.feature else { return };
    if feature.value == Feature::DialExtn {
        p.push(Problem::error("an ARS form does not dial extensions").at(&feature.place));
    }
}

fn add_form(form: &RawArsForm, id: &At<u64>, system: SystemId, network: &mut NetworkSpec, p: &mut Problems) {
    let spec = &mut network.systems[system.index()];
    let number = id.value as u32;
    if spec.ars_forms.iter().any(|other| other.id == number) {
        let message = format!("ARS form {number} is there twice on {:?}", spec.name);
        p.push(Problem::error(message).at(&id.place));
        return;
    }
    if number != MAIN && spec.lines.iter().any(|line| line.outgoing_group == number) {
        let message = format!("{number} is also an outgoing group of a line on {:?}", spec.name);
        p.push(
            Problem::error(message).at(&id.place).help("a line group and an ARS form never share a number"),
        );
    }
    if spec.ars_forms.len() == MAX_ARS_FORMS {
        p.push(Problem::error(format!("a system has at most {MAX_ARS_FORMS} ARS forms")).at(&form.place));
        return;
    }
    let path = format!("systems[{}].ars_forms[{}]", system.index(), spec.ars_forms.len());
    for (index, code) in form.codes.iter().enumerate() {
        p.remember(format!("{path}.codes[{index}]"), &code.place);
    }
    p.remember(path, &form.place);
    let name = form.name.as_ref().map_or_else(String::new, |name| name.value.clone());
    spec.ars_forms.push(ArsFormSpec { id: number, name, codes: form.codes.iter().map(code_spec).collect() });
}

/// The group or form must be there on the code's system; for a common code, on one at least.
fn check_line_group(code: &RawShortCode, systems: &[SystemId], network: &NetworkSpec, p: &mut Problems) {
    let uses_group = match code.feature.as_ref().map(|feature| feature.value) {
        Some(Feature::Dial | Feature::DialSpeech | Feature::Dial3K1 | Feature::DialEmergency) => true,
        Some(Feature::DialExtn | Feature::Busy | Feature::Barred) | None => false,
    };
    let group = line_group(code);
    let has = |system: &&SystemId| has_group(&network.systems[system.index()], group);
    if !uses_group || systems.is_empty() || systems.iter().any(|s| has(&s)) {
        return;
    }
    let place = code.line_group.as_ref().map_or(&code.place, |group| &group.place);
    let problem = Problem::error(format!("no line group or ARS form {group}")).at(place);
    p.push(problem.help(known_groups(systems, network)).consequence());
}

fn has_group(system: &SystemSpec, group: u32) -> bool {
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
