//! Tables of short codes: codes that are never used, and SIP routes that go out before the number is complete.

use super::findings::{Findings, also};
use engine::dialplan::{CodeGroup, DialDelayCount, GroupId, Pattern, Shadowed, ShortCodeTable};
use engine::plan::spec::{FeatureKind, LineKind, NetworkSpec, ShortCodeSpec, SystemSpec};
use std::collections::{HashMap, HashSet};

/// A table of codes somewhere in the network.
pub(super) struct CodeList<'n> {
    pub(super) system: usize,
    /// Its path, as in `systems[0].short_codes`.
    pub(super) path: String,
    pub(super) codes: &'n [ShortCodeSpec],
    /// Whether people dial into it.
    pub(super) by_hand: bool,
}

/// Every table that the file says. Of users with the same codes one after the other, the first stands for all.
pub(super) fn all(network: &NetworkSpec) -> Vec<CodeList<'_>> {
    let mut lists = Vec::new();
    for (index, system) in network.systems.iter().enumerate() {
        let mut add = |path: String, codes, by_hand| {
            lists.push(CodeList { system: index, path: format!("systems[{index}].{path}"), codes, by_hand });
        };
        add("short_codes".to_owned(), system.short_codes.as_slice(), true);
        for (n, rights) in system.user_rights.iter().enumerate() {
            add(format!("user_rights[{n}].short_codes"), &rights.short_codes, true);
        }
        let mut before: &[ShortCodeSpec] = &[];
        for (n, user) in system.users.iter().enumerate() {
            if user.short_codes != before {
                add(format!("users[{n}].short_codes"), &user.short_codes, true);
                before = &user.short_codes;
            }
        }
        for (n, line) in system.lines.iter().enumerate() {
            add(format!("lines[{n}].short_codes"), &line.short_codes, false);
        }
        for (n, form) in system.ars_forms.iter().enumerate() {
            add(format!("ars_forms[{n}].codes"), &form.codes, false);
        }
    }
    lists.retain(|list| !list.codes.is_empty());
    lists
}

pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    // Common tables are the same on every system, and may be large.
    let mut seen: HashMap<_, Vec<&[ShortCodeSpec]>> = HashMap::new();
    for list in all(network) {
        let system = &network.systems[list.system];
        check_sip_routes(&list, system, findings);
        let first = list.codes.first().map(|code| code.code.as_str());
        let like = seen.entry((list.by_hand, system.dial_delay_count, list.codes.len(), first)).or_default();
        if like.contains(&list.codes) {
            continue;
        }
        like.push(list.codes);
        let Some(table) = build(list.codes) else { continue };
        check_reached(&list, &table, system, findings);
    }
}

/// The table, if all its codes can be parsed.
pub(super) fn build(codes: &[ShortCodeSpec]) -> Option<ShortCodeTable> {
    let patterns = codes.iter().map(|code| Pattern::parse(&code.code));
    Some(ShortCodeTable::build(&patterns.collect::<Result<Vec<_>, _>>().ok()?))
}

/// Numbers are matched as a whole when an application dials or a call comes from elsewhere, digit by digit when
/// somebody dials.
fn check_reached(
    list: &CodeList<'_>,
    table: &ShortCodeTable,
    system: &SystemSpec,
    findings: &mut Findings<'_>,
) {
    let unreachable = table.unreachable();
    for shadowed in &unreachable {
        let [code, by] = [shadowed.group, shadowed.by].map(|id| first(table, id));
        let message = format!("the code {:?} is never used", list.codes[code].code);
        let other = findings.place(&format!("{}[{by}].code", list.path));
        let label = format!("{:?} takes its numbers", list.codes[by].code);
        findings.warn(&format!("{}[{code}].code", list.path), message, |problem| {
            also(problem, other, &label)
                .help("the code with most literal digits is used, then the one of more exact length")
        });
    }
    if !list.by_hand {
        return;
    }
    let known: HashSet<usize> = unreachable.iter().map(|s: &Shadowed| first(table, s.group)).collect();
    for shadowed in table.shadowed_by_hand(DialDelayCount(system.dial_delay_count)) {
        let [code, by] = [shadowed.group, shadowed.by].map(|id| first(table, id));
        if known.contains(&code) {
            continue;
        }
        let (text, other_text) = (&list.codes[code].code, &list.codes[by].code);
        let message = format!("the code {text:?} cannot be dialled digit by digit");
        let other = findings.place(&format!("{}[{by}].code", list.path));
        let label = format!("{other_text:?} is used before the number is complete");
        let help = format!(
            "end {other_text:?} in \";\", or set dial_delay_count, {} here, to the digits of the longer code",
            system.dial_delay_count
        );
        findings.warn(&format!("{}[{code}].code", list.path), message, |problem| {
            also(problem, other, &label).help(help)
        });
    }
}

/// The first code of a group.
fn first(table: &ShortCodeTable, id: GroupId) -> usize {
    let CodeGroup { codes, .. } = table.group(id);
    codes.first().map_or(0, |&code| code as usize)
}

/// A SIP line sends the whole number at once: digits that come later are lost (DOMAIN 2.6 e).
fn check_sip_routes(list: &CodeList<'_>, system: &SystemSpec, findings: &mut Findings<'_>) {
    let is_sip = |group: u32| {
        let mut lines = system.lines.iter().filter(|line| line.outgoing_group == group);
        lines.any(|line| line.kind == LineKind::Sip)
    };
    for (n, code) in list.codes.iter().enumerate() {
        let is_open = has_any_digits(&code.code) && !code.code.ends_with(';');
        if code.feature.kind() != FeatureKind::Dial || !is_open || !is_sip(code.line_group) {
            continue;
        }
        let message = format!("the SIP route {:?} goes out before the number is complete", code.code);
        let help = format!("a SIP line takes whole numbers only: write \"{};\"", code.code);
        findings.warn(&format!("{}[{n}].code", list.path), message, |problem| problem.help(help));
    }
}

/// Whether the code has an `N` outside quotes.
fn has_any_digits(code: &str) -> bool {
    code.split('"').step_by(2).any(|part| part.contains('N'))
}
