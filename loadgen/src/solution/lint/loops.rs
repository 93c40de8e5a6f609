//! ARS forms that lead back to themselves: by code, as alternates, out of service or out of hours.
//!
//! The engine clears a call with cause 25 once it has passed `MAX_ARS_FORMS_PASSED` forms.

use super::findings::Findings;
use crate::text::Problem;
use engine::limits::MAX_ARS_FORMS_PASSED;
use engine::plan::spec::{ArsFormSpec, Feature, FeatureKind, NetworkSpec, ShortCodeSpec, SystemSpec};
use std::collections::{BTreeSet, HashMap};

/// Forms of a circle that are named; of a longer one, the first and last of these many.
const MAX_NAMED: usize = 64;

/// One form leading to another.
#[derive(Clone, Copy)]
struct Step {
    /// Place of the form it leads to.
    to: usize,
    how: How,
    /// Whether every call that comes to the form takes it.
    always: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Code(usize),
    Alternate,
    OutOfService,
    OutOfHours,
}

pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    for (index, system) in network.systems.iter().enumerate() {
        let steps = steps(system);
        let mut walk = Walk {
            steps: &steps,
            path: Vec::new(),
            on_path: vec![None; steps.len()],
            done: vec![false; steps.len()],
            loops: Vec::new(),
        };
        for form in 0..steps.len() {
            walk.visit(form);
        }
        let mut seen = BTreeSet::new();
        for found in walk.loops {
            let forms: BTreeSet<usize> = found.iter().map(|(form, _)| *form).collect();
            if seen.insert(forms) {
                report(index, system, &found, findings);
            }
        }
    }
}

fn steps(system: &SystemSpec) -> Vec<Vec<Step>> {
    let places: HashMap<u32, usize> = system.ars_forms.iter().enumerate().map(|(n, f)| (f.id, n)).collect();
    let enables = |codes: &[ShortCodeSpec]| codes.iter().any(|code| code.feature == Feature::EnableArsForm);
    let can_be_enabled = enables(&system.short_codes)
        || system.user_rights.iter().any(|rights| enables(&rights.short_codes))
        || system.users.iter().any(|user| enables(&user.short_codes));
    system.ars_forms.iter().map(|form| steps_of(form, &places, can_be_enabled)).collect()
}

fn steps_of(form: &ArsFormSpec, places: &HashMap<u32, usize>, can_be_enabled: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let is_out = !form.in_service && form.out_of_service_route.is_some();
    let has_hours = form.time_profile.is_some() && form.out_of_hours_route.is_some();
    let leads_to = |code: &ShortCodeSpec| {
        let dials = code.feature.kind() == FeatureKind::Dial;
        if dials { places.get(&code.line_group).copied() } else { None }
    };
    for (n, code) in form.codes.iter().enumerate() {
        let Some(to) = leads_to(code) else { continue };
        if steps.iter().all(|step| step.to != to) {
            let always = !is_out && !has_hours && form.codes.iter().all(|code| leads_to(code) == Some(to));
            steps.push(Step { to, how: How::Code(n), always });
        }
    }
    let routes = [
        (form.out_of_service_route, How::OutOfService, is_out && !can_be_enabled),
        (form.out_of_hours_route, How::OutOfHours, false),
        (form.alternate_route, How::Alternate, false),
    ];
    for (route, how, always) in routes {
        if let Some(to) = route.and_then(|id| places.get(&id).copied()) {
            steps.push(Step { to, how, always });
        }
    }
    // A circle of steps that are always taken is walked before any other through the same forms.
    steps.sort_by_key(|step| !step.always);
    steps
}

/// Depth first; a step to a form that the walk has come through closes a loop.
struct Walk<'s> {
    steps: &'s [Vec<Step>],
    /// Forms come through, each with the step taken there.
    path: Vec<(usize, Step)>,
    /// Where on the path each form stands.
    on_path: Vec<Option<usize>>,
    done: Vec<bool>,
    loops: Vec<Vec<(usize, Step)>>,
}

impl Walk<'_> {
    fn visit(&mut self, form: usize) {
        if self.done[form] {
            return;
        }
        let start = self.path.len();
        self.on_path[form] = Some(start);
        for &step in &self.steps[form] {
            self.path.push((form, step));
            match self.on_path[step.to] {
                Some(begin) => self.loops.push(self.path[begin..].to_vec()),
                None => self.visit(step.to),
            }
            self.path.truncate(start);
        }
        self.on_path[form] = None;
        self.done[form] = true;
    }
}

fn report(index: usize, system: &SystemSpec, found: &[(usize, Step)], findings: &mut Findings<'_>) {
    let id = |form: usize| system.ars_forms[form].id;
    let Some((closing, step)) = found.last() else { return };
    let chain: Vec<String> = found.iter().map(|(form, _)| id(*form).to_string()).collect();
    let chain = format!("{} -> {}", shortened(&chain, " -> "), id(step.to));
    let path = format!("systems[{index}].ars_forms[{closing}].{}", key(step.how));
    let has = |how| found.iter().any(|(_, step)| step.how == how);
    let fails = found.iter().all(|(_, step)| step.always);
    let (message, consequence) = if fails {
        let message = format!("ARS forms lead in a circle, and every call that comes to them fails: {chain}");
        (message, format!("a call is cleared with cause 25 once it has passed {MAX_ARS_FORMS_PASSED} forms"))
    } else {
        let when = if has(How::Alternate) {
            "a call that finds no free line there is cleared with cause 25 instead of waiting for one"
        } else if has(How::OutOfService) {
            "while the forms with an out of service route are out of service, calls are cleared with cause 25"
        } else if has(How::OutOfHours) {
            "outside the hours of the forms with a time profile, calls are cleared with cause 25"
        } else {
            "a call whose number matches these codes, and no free line before them, is cleared with cause 25"
        };
        (format!("ARS forms lead in a circle: {chain}"), when.to_owned())
    };
    let by = found.iter().map(|(form, step)| format!("{} leads on by {}", id(*form), name(step.how)));
    let help = format!("{}; {consequence}", shortened(&by.collect::<Vec<String>>(), ", "));
    let severity: fn(String) -> Problem =
        if fails { |message| Problem::error(message) } else { |message| Problem::warning(message) };
    findings.add(&path, severity, message, |problem| problem.help(help));
}

/// All parts, or of very many the first and last ones and how many are left out between them.
fn shortened(parts: &[String], between: &str) -> String {
    let Some(left_out) = parts.len().checked_sub(MAX_NAMED).filter(|&n| n > 0) else {
        return parts.join(between);
    };
    let (first, last) = (&parts[..MAX_NAMED / 2], &parts[parts.len() - MAX_NAMED / 2..]);
    format!("{}{between}({left_out} more){between}{}", first.join(between), last.join(between))
}

/// The part of the form's path where the step is written.
fn key(how: How) -> String {
    match how {
        How::Code(n) => format!("codes[{n}]"),
        How::Alternate | How::OutOfService | How::OutOfHours => name(how).to_owned(),
    }
}

fn name(how: How) -> &'static str {
    match how {
        How::Code(_) => "a code",
        How::Alternate => "alternate_route",
        How::OutOfService => "out_of_service_route",
        How::OutOfHours => "out_of_hours_route",
    }
}
