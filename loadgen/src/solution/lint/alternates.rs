//! Alternate forms that filter: numbers that the first form takes and the alternate does not know stay behind.

use super::findings::Findings;
use super::tables;
use engine::dialplan::{PatternKind, ShortCodeTable};
use engine::limits::MAX_DIGITS;
use engine::plan::spec::{ArsFormSpec, Feature, FeatureKind, NetworkSpec, ShortCodeSpec};
use std::collections::BTreeSet;

/// Most digits that stand for an `N` in a number that is tried.
const MAX_OPEN: usize = 15;
/// Codes named in one finding.
const MAX_NAMED: usize = 5;

pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    for (index, system) in network.systems.iter().enumerate() {
        for (n, form) in system.ars_forms.iter().enumerate() {
            let alternate = form.alternate_route.filter(|id| *id != form.id);
            let Some(alternate) = alternate.and_then(|id| system.ars_forms.iter().find(|f| f.id == id))
            else {
                continue;
            };
            let left = left_behind(form, alternate);
            if !left.is_empty() {
                let path = format!("systems[{index}].ars_forms[{n}].alternate_route");
                report(&path, form, alternate, &left, findings);
            }
        }
    }
}

fn report(
    path: &str,
    form: &ArsFormSpec,
    alternate: &ArsFormSpec,
    left: &[usize],
    findings: &mut Findings<'_>,
) {
    let named: Vec<_> = left.iter().take(MAX_NAMED).map(|&n| format!("{:?}", form.codes[n].code)).collect();
    let more = match left.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "ARS form {} has no code for numbers of form {}: {}{more}",
        alternate.id,
        form.id,
        named.join(", ")
    );
    let help =
        "such calls never overflow, they wait for the first form; that is right if it is meant as a filter";
    findings.warn(path, message, |problem| problem.help(help));
}

/// Codes of `form` of which no number that was tried matches a code of `alternate`: numbers made up from the codes of
/// either. An emergency call takes any free line, and Busy and Barred take none.
fn left_behind(form: &ArsFormSpec, alternate: &ArsFormSpec) -> Vec<usize> {
    let (Some(table), Some(other)) = (tables::build(&form.codes), tables::build(&alternate.codes)) else {
        return Vec::new();
    };
    if other.default_group().is_some() || other.groups().next().is_none() {
        return Vec::new();
    }
    let mut passed = BTreeSet::new();
    for code in &alternate.codes {
        passed.extend(numbers(&code.code).into_iter().filter_map(|number| table.best(&number)));
    }
    let stays = |(id, group): (_, engine::dialplan::CodeGroup<'_>)| {
        let first = *group.codes.first()? as usize;
        let is_dialled = group.pattern.kind() == PatternKind::Digits;
        let overflows = passed.contains(&id) || meets(&form.codes[first], &table, id, &other);
        (is_dialled && needs_line(&form.codes[first]) && !overflows).then_some(first)
    };
    let mut left: Vec<usize> = table.groups().filter_map(stays).collect();
    left.sort_unstable();
    left
}

fn needs_line(code: &ShortCodeSpec) -> bool {
    code.feature.kind() == FeatureKind::Dial && code.feature != Feature::DialEmergency
}

/// Whether a number for which the first form uses `code` is known to the other.
fn meets(
    code: &ShortCodeSpec,
    table: &ShortCodeTable,
    id: engine::dialplan::GroupId,
    other: &ShortCodeTable,
) -> bool {
    let mut numbers = numbers(&code.code).into_iter();
    numbers.any(|number| table.best(&number) == Some(id) && other.best(&number).is_some())
}

/// Numbers that a code matches: every digit in turn at its wildcards, and every length.
fn numbers(code: &str) -> Vec<Vec<u8>> {
    let body = code.strip_suffix(';').unwrap_or(code);
    if body.starts_with('?') {
        return Vec::new();
    }
    let mut is_quoted = false;
    let mut tokens = Vec::new();
    for c in body.bytes() {
        match c {
            b'"' => is_quoted = !is_quoted,
            b'X' | b'N' if !is_quoted => tokens.push((c, true)),
            _ => tokens.push((c, false)),
        }
    }
    let lengths = if tokens.contains(&(b'N', true)) { MAX_OPEN } else { 0 };
    let has_wildcards = tokens.iter().any(|(_, is_wild)| *is_wild);
    let fills: &[u8] = if has_wildcards { b"0123456789" } else { b"0" };
    let mut numbers = Vec::new();
    for length in 0..=lengths {
        for &fill in fills {
            let mut number = Vec::with_capacity(MAX_DIGITS);
            for token in &tokens {
                match token {
                    (b'N', true) => number.extend(std::iter::repeat_n(fill, length)),
                    (_, true) => number.push(fill),
                    (c, false) => number.push(*c),
                }
            }
            numbers.push(number);
        }
    }
    numbers
}
