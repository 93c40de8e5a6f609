//! Numbers of the network and short codes in each other's way: a number comes before every short code, and what is complete
//! is used before further digits are dialled (DOMAIN 2.4, 2.5).

use super::findings::{Findings, also};
use super::tables::{self, CodeList};
use engine::dialplan::{DialDelayCount, DialEvent, ShortCodeTable, Verdict};
use engine::plan::spec::{NetworkSpec, ShortCodeSpec};
use std::collections::{BTreeMap, HashMap};

/// Most `X` of a code of which every number is looked up.
const MAX_ANY_DIGITS: usize = 3;

/// Extensions of users, hunt groups and conference rooms, each with what has it.
type Numbers<'n> = BTreeMap<&'n str, Holder>;

/// What has a number: its place in a list of a system.
#[derive(Clone, Copy)]
struct Holder {
    system: usize,
    list: &'static str,
    place: usize,
}

impl Holder {
    fn path(self) -> String {
        format!("systems[{}].{}[{}]", self.system, self.list, self.place)
    }
}

/// Numbers that begin alike.
struct Alike<'n> {
    count: usize,
    first: &'n str,
    /// What has the beginning itself as its number.
    holder: Option<Holder>,
}

pub(super) fn lint(network: &NetworkSpec, findings: &mut Findings<'_>) {
    let numbers = numbers(network);
    let beginnings = beginnings(&numbers);
    for (number, longer) in &beginnings {
        if let Some(holder) = longer.holder {
            let message = format!("{number} {}", keeps_away(longer));
            let help = "a number is called as soon as it is dialled: take one that no other begins with";
            findings.warn(&holder.path(), message, |problem| problem.help(help));
        }
    }
    let mut seen: HashMap<_, Vec<&[ShortCodeSpec]>> = HashMap::new();
    for list in tables::all(network).into_iter().filter(|list| list.by_hand) {
        let count = DialDelayCount(network.systems[list.system].dial_delay_count);
        let first = list.codes.first().map(|code| code.code.as_str());
        let like = seen.entry((count.0, list.codes.len(), first)).or_default();
        if like.contains(&list.codes) {
            continue;
        }
        like.push(list.codes);
        never_used(&list, &numbers, findings);
        if let Some(table) = tables::build(list.codes) {
            in_the_way(&list, &table, count, &beginnings, findings);
        }
    }
}

fn numbers(network: &NetworkSpec) -> Numbers<'_> {
    let mut numbers = Numbers::new();
    for (index, system) in network.systems.iter().enumerate() {
        let users = system.users.iter().enumerate().map(|(n, user)| (&user.extension, "users", n));
        let groups =
            system.hunt_groups.iter().enumerate().map(|(n, group)| (&group.extension, "hunt_groups", n));
        let rooms = &system.conferences.rooms;
        let rooms = rooms.iter().enumerate().map(|(n, room)| (&room.number, "conferences.rooms", n));
        for (number, list, place) in users.chain(groups).chain(rooms) {
            numbers.insert(number.as_str(), Holder { system: index, list, place });
        }
    }
    numbers
}

/// What numbers begin with, up to the first that is a number itself: nobody dials past that one.
fn beginnings<'n>(numbers: &Numbers<'n>) -> BTreeMap<&'n str, Alike<'n>> {
    let mut beginnings = BTreeMap::new();
    for &number in numbers.keys() {
        for end in 1..number.len() {
            let Some(beginning) = number.get(..end) else { continue };
            let alike = beginnings.entry(beginning).or_insert_with(|| {
                let holder = numbers.get(beginning).copied();
                Alike { count: 0, first: number, holder }
            });
            alike.count += 1;
            if alike.holder.is_some() {
                break;
            }
        }
    }
    beginnings
}

fn keeps_away(longer: &Alike<'_>) -> String {
    let which = match longer.count {
        1 => longer.first.to_owned(),
        more => format!("{more} numbers, such as {},", longer.first),
    };
    format!("keeps {which} from being dialled digit by digit")
}

/// Codes of which every number is one of the network.
fn never_used(list: &CodeList<'_>, numbers: &Numbers<'_>, findings: &mut Findings<'_>) {
    for (n, code) in list.codes.iter().enumerate() {
        let Some(matched) = every_number(&code.code) else { continue };
        let Some(holder) = matched.first().and_then(|number| numbers.get(number.as_str())) else { continue };
        if !matched.iter().all(|number| numbers.contains_key(number.as_str())) {
            continue;
        }
        let other = findings.place(&holder.path());
        let message = format!("the code {:?} is never used", code.code);
        findings.warn(&format!("{}[{n}].code", list.path), message, |problem| {
            let label = format!("{} is called instead", matched[0]);
            also(problem, other, &label).help("a number of the network comes before every short code")
        });
    }
}

/// Every number that a code without `N` and with few `X` matches.
fn every_number(code: &str) -> Option<Vec<String>> {
    let body = code.strip_suffix(';').unwrap_or(code);
    let is_plain = body.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | 'X'));
    if body.is_empty() || !is_plain || body.matches('X').count() > MAX_ANY_DIGITS {
        return None;
    }
    let mut numbers = vec![String::new()];
    for c in body.chars() {
        let digits = if c == 'X' { "0123456789".chars().collect() } else { vec![c] };
        let longer =
            numbers.iter().flat_map(|number| digits.iter().map(move |digit| format!("{number}{digit}")));
        numbers = longer.collect();
    }
    Some(numbers)
}

/// Codes that are complete before a number of the network that begins like them.
fn in_the_way(
    list: &CodeList<'_>,
    table: &ShortCodeTable,
    count: DialDelayCount,
    beginnings: &BTreeMap<&str, Alike<'_>>,
    findings: &mut Findings<'_>,
) {
    let mut before: Option<&str> = None;
    for (&beginning, longer) in beginnings {
        // What is behind another that is taken, or behind a number, is spoken of there.
        let is_behind = before.is_some_and(|before| beginning.starts_with(before));
        if is_behind || longer.holder.is_some() {
            continue;
        }
        let verdict = table.dialled(beginning.as_bytes(), count, DialEvent::Digit);
        let Verdict::Match { group, .. } = verdict else { continue };
        before = Some(beginning);
        let Some(&code) = table.group(group).codes.first() else { continue };
        let text = &list.codes[code as usize].code;
        let message = format!("the code {text:?} {}", keeps_away(longer));
        let help = format!(
            "take another code, end it in \";\", or set dial_delay_count, {} here, to the digits of the numbers",
            count.0
        );
        findings.warn(&format!("{}[{code}].code", list.path), message, |problem| problem.help(help));
    }
}
