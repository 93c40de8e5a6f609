//! What has a name on a system: locations, time profiles, user rights, account codes. One that names its system takes the
//! place of the common one of the same name there.

use super::super::raw::{
    RawAccountCode, RawLocation, RawShortCode, RawSolution, RawTimeProfile, RawUserRights,
};
use super::{Names, codes};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{
    AccountCodeSpec, CallClasses, LocationSpec, NetworkSpec, SystemSpec, TimeProfileSpec, TimeSpanSpec,
    UserRightsSpec,
};
use std::collections::HashMap;

/// Most account codes of a system (DOMAIN 8.4).
const MAX_ACCOUNT_CODES: usize = 2_000;

pub(super) fn check(raw: &RawSolution, names: &Names, network: &mut NetworkSpec, p: &mut Problems) {
    let locations = raw.locations.iter().filter_map(|raw| location(raw, names, p)).collect();
    add(locations, "location", ("locations", |s| &mut s.locations), names, network, p);
    for profile in &raw.time_profiles {
        check_spans(profile, p);
    }
    let profiles = raw.time_profiles.iter().filter_map(time_profile).collect();
    add(profiles, "time profile", ("time_profiles", |s| &mut s.time_profiles), names, network, p);
    let rights = raw.user_rights.iter().filter_map(user_rights).collect();
    add(rights, "user rights", ("user_rights", |s| &mut s.user_rights), names, network, p);
    let account_codes = raw.account_codes.iter().filter_map(account_code).collect();
    add(account_codes, "account code", ("account_codes", |s| &mut s.account_codes), names, network, p);
    check_account_codes(raw, names, network, p);
}

/// An element with its name.
struct Element<'r, T> {
    place: &'r Place,
    system: Option<&'r At<String>>,
    name: &'r At<String>,
    short_codes: &'r [RawShortCode],
    spec: T,
}

fn location<'r>(raw: &'r RawLocation, names: &Names, p: &mut Problems) -> Option<Element<'r, LocationSpec>> {
    let name = raw.name.as_ref()?;
    let emergency_ars = raw.emergency_ars.as_ref().map(|form| form.value as u32);
    let fallback_system = names.resolve_some(raw.fallback_system.as_ref(), p);
    let spec = LocationSpec { name: name.value.clone(), emergency_ars, fallback_system };
    Some(Element { place: &raw.place, system: raw.system.as_ref(), name, short_codes: &[], spec })
}

fn time_profile(raw: &RawTimeProfile) -> Option<Element<'_, TimeProfileSpec>> {
    let name = raw.name.as_ref()?;
    let spans = raw.spans.iter().filter_map(|span| {
        let (from, to) = (span.from.as_ref()?.value, span.to.as_ref()?.value);
        Some(TimeSpanSpec { days: span.days.as_ref()?.value.clone(), from, to })
    });
    let spec = TimeProfileSpec { name: name.value.clone(), spans: spans.collect() };
    Some(Element { place: &raw.place, system: raw.system.as_ref(), name, short_codes: &[], spec })
}

fn user_rights(raw: &RawUserRights) -> Option<Element<'_, UserRightsSpec>> {
    let name = raw.name.as_ref()?;
    let barring = &raw.barring;
    let spec = UserRightsSpec {
        name: name.value.clone(),
        priority: barring.priority.as_ref().map(|priority| priority.value as u8),
        short_codes: codes::specs(&barring.short_codes),
        outgoing_call_bar: barring.outgoing_call_bar.as_ref().map(|bar| bar.value),
        allowed: barring.allowed.as_ref().map(|allowed| allowed.value),
        forced_account_code: barring.forced_account_code.as_ref().map(|forced| forced.value),
    };
    let short_codes = &barring.short_codes;
    Some(Element { place: &raw.place, system: raw.system.as_ref(), name, short_codes, spec })
}

fn account_code(raw: &RawAccountCode) -> Option<Element<'_, AccountCodeSpec>> {
    let name = raw.code.as_ref()?;
    let allows = raw.allows.as_ref().map_or(CallClasses::NONE, |allows| allows.value);
    let spec = AccountCodeSpec { code: name.value.clone(), allows };
    Some(Element { place: &raw.place, system: raw.system.as_ref(), name, short_codes: &[], spec })
}

/// Where a system keeps its elements of one kind: the field's name, and the field.
type List<T> = (&'static str, fn(&mut SystemSpec) -> &mut Vec<T>);

/// Adds the common elements, then those of single systems.
fn add<T: Clone>(
    elements: Vec<Element<'_, T>>,
    what: &str,
    (field, list): List<T>,
    names: &Names,
    network: &mut NetworkSpec,
    p: &mut Problems,
) {
    let (common, own): (Vec<_>, Vec<_>) = elements.into_iter().partition(|e| e.system.is_none());
    let mut taken: HashMap<(SystemId, &str), (usize, bool, &Place)> = HashMap::new();
    for element in common.into_iter().chain(own) {
        let is_own = element.system.is_some();
        for system in names.checked_systems_of(element.system, p) {
            let specs = list(&mut network.systems[system.index()]);
            let key = (system, element.name.value.as_str());
            let at = match taken.get(&key) {
                Some((_, other_is_own, first)) if *other_is_own == is_own => {
                    let message = format!("{what} {:?} is there twice", element.name.value);
                    p.push(Problem::error(message).at(&element.name.place).also(first, "the first"));
                    break;
                }
                Some((at, ..)) => *at,
                None => specs.len(),
            };
            taken.insert(key, (at, is_own, &element.name.place));
            match specs.get_mut(at) {
                Some(spec) => *spec = element.spec.clone(),
                None => specs.push(element.spec.clone()),
            }
            let path = format!("systems[{}].{field}[{at}]", system.index());
            codes::remember(element.short_codes, &format!("{path}.short_codes"), p);
            p.remember(path, element.place);
        }
    }
}

fn check_spans(profile: &RawTimeProfile, p: &mut Problems) {
    if profile.spans.is_empty() {
        let problem = Problem::warning("a time profile without spans is never in force").at(&profile.place);
        p.push(problem.help("add spans = [{ days = \"mon-fri\", from = \"09:00\", to = \"17:30\" }]"));
    }
    for span in &profile.spans {
        let (Some(from), Some(to)) = (&span.from, &span.to) else { continue };
        if from.value >= to.value {
            let problem = Problem::error("a span must end after it begins, on the same day").at(&to.place);
            let problem = problem.also(&from.place, "it begins here");
            p.push(problem.help("hours across midnight are two spans: one to \"24:00\", one from \"00:00\""));
        }
    }
}

fn check_account_codes(raw: &RawSolution, names: &Names, network: &NetworkSpec, p: &mut Problems) {
    for (system, name) in network.systems.iter().zip(&names.0) {
        let count = system.account_codes.len();
        let is_on_it = |code: &&RawAccountCode| code.system.as_ref().is_none_or(|s| s.value == *name);
        let Some(last) = raw.account_codes.iter().rfind(is_on_it).filter(|_| count > MAX_ACCOUNT_CODES)
        else {
            continue;
        };
        let message =
            format!("{count} account codes on {name:?}, but a system has at most {MAX_ACCOUNT_CODES}");
        p.push(Problem::error(message).at(&last.place));
    }
}
