//! ARS forms: ids that are free, codes they may have, forms and time profiles that are there.

use super::super::raw::{RawArsForm, RawDeck, RawShortCode, RawSolution};
use super::lines::FIRST_RESERVED_GROUP;
use super::reference::{check_ars_form, check_time_profile};
use super::{Names, codes};
use crate::text::{At, Problem, Problems};
use engine::id::SystemId;
use engine::limits::MAX_ARS_FORMS;
use engine::plan::spec::{ArsFormSpec, Feature, NetworkSpec};

/// ARS form 50:Main, which every system has.
pub(in crate::solution) const MAIN: u32 = 50;
/// Route Name holds this many characters.
const ROUTE_NAME: usize = 15;

pub(super) fn add_forms(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    for form in &raw.ars_forms {
        check_form(form, p);
        let Some(id) = &form.id else { continue };
        for system in names.checked_systems_of(form.system.as_ref(), p) {
            add_form(form, id, system, network, p);
        }
    }
    for form in &raw.ars_forms {
        check_form_references(form, names, network, p);
    }
    let groups = raw.lines.iter().filter_map(|line| line.outgoing_group.as_ref());
    for group in groups.filter(|group| group.value == u64::from(MAIN)) {
        let problem = Problem::error("outgoing group 50 is the id of ARS form 50:Main").at(&group.place);
        p.push(problem.help("give the line another group, and name that in short codes and forms"));
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
    check_deck(&form.deck, p);
    if form.codes.is_empty() && form.deck.file.is_none() {
        let problem = Problem::warning("an ARS form without codes routes nothing").at(&form.place);
        p.push(problem.consequence());
    }
    for code in &form.codes {
        check_form_feature(code, p);
    }
}

fn check_deck(deck: &RawDeck, p: &mut Problems) {
    let places =
        [deck.prefix_column.as_ref().map(|at| &at.place), deck.line_group.as_ref().map(|at| &at.place)];
    for place in places.into_iter().flatten().filter(|_| deck.file.is_none()) {
        let problem = Problem::error("without \"codes_file\" this means nothing").at(place);
        p.push(problem.consequence());
    }
}

fn check_form_feature(code: &RawShortCode, p: &mut Problems) {
    let Some(feature) = code.feature.as_ref().filter(|feature| !feature.value.is_allowed_in_ars()) else {
        return;
    };
    let allowed = Feature::ALL.iter().filter(|feature| feature.is_allowed_in_ars());
    let allowed: Vec<_> = allowed.map(|feature| feature.name()).collect();
    let problem = Problem::error(format!("an ARS form does not take {:?}", feature.value.name()));
    p.push(problem.at(&feature.place).help(format!("it takes {}", allowed.join(", "))));
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
    codes::remember(&form.codes, &format!("{path}.codes"), p);
    for (key, route) in [
        ("out_of_service_route", &form.out_of_service_route),
        ("out_of_hours_route", &form.out_of_hours_route),
        ("alternate_route", &form.alternate_route),
    ] {
        if let Some(route) = route {
            p.remember(format!("{path}.{key}"), &route.place);
        }
    }
    p.remember(path, &form.place);
    spec.ars_forms.push(form_spec(form, number));
}

fn form_spec(form: &RawArsForm, id: u32) -> ArsFormSpec {
    let is = |at: &Option<At<bool>>, default| at.as_ref().map_or(default, |at| at.value);
    let route = |at: &Option<At<u64>>| at.as_ref().map(|at| at.value as u32);
    let name = form.name.as_ref().map_or("", |name| &name.value);
    let mut form_codes = codes::specs(&form.codes);
    form_codes.extend_from_slice(&form.deck.codes);
    let default = ArsFormSpec::new(id, name, form_codes);
    let level = form.alternate_route_priority_level.as_ref().map(|level| level.value as u8);
    let wait = form.alternate_route_wait_time.as_ref().map(|wait| wait.value);
    ArsFormSpec {
        dial_delay_time: form.dial_delay_time.as_ref().map(|time| time.value),
        secondary_dial_tone: is(&form.secondary_dial_tone, default.secondary_dial_tone),
        check_user_call_barring: is(&form.check_user_call_barring, default.check_user_call_barring),
        in_service: is(&form.in_service, default.in_service),
        out_of_service_route: route(&form.out_of_service_route),
        time_profile: form.time_profile.as_ref().map(|name| name.value.clone()),
        out_of_hours_route: route(&form.out_of_hours_route),
        alternate_route_priority_level: level.unwrap_or(default.alternate_route_priority_level),
        alternate_route_wait_time: wait.unwrap_or(default.alternate_route_wait_time),
        alternate_route: route(&form.alternate_route),
        ..default
    }
}

/// The forms and time profile a form names must be there on each of its systems.
fn check_form_references(form: &RawArsForm, names: &Names, network: &NetworkSpec, p: &mut Problems) {
    let systems = names.systems_of(form.system.as_ref());
    check_time_profile(form.time_profile.as_ref(), &systems, network, p);
    for route in [&form.out_of_service_route, &form.out_of_hours_route, &form.alternate_route] {
        check_ars_form(route.as_ref(), &systems, network, p);
    }
    if let (Some(route), None) = (&form.out_of_hours_route, &form.time_profile) {
        let problem = Problem::warning("without a time profile this route is never taken").at(&route.place);
        p.push(problem.help("add time_profile = \"NAME\"").consequence());
    }
}
