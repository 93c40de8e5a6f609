//! Codes that are never used: what the lints say agrees with dialling everything.

use crate::dialplan_reference::Random;
use engine::Pattern;
use engine::dialplan::{DialDelayCount, DialEvent, GroupId, Shadowed, ShortCodeTable, Verdict};
use std::collections::BTreeSet;

/// Longest number tried when all are.
const LONGEST: usize = 4;
/// Longest number dialled when all are, of the keys in [`KEYS`].
const LONGEST_BY_HAND: usize = 7;
/// The digits of random codes dialled by hand, and one that no code has.
const KEYS: [u8; 4] = *b"0169";

fn table(codes: &[String]) -> ShortCodeTable {
    let patterns: Vec<Pattern> = codes.iter().map(|c| Pattern::parse(c).expect("test code")).collect();
    ShortCodeTable::build(&patterns)
}

fn texts(table: &ShortCodeTable, shadowed: &[Shadowed]) -> Vec<(String, String)> {
    let text = |group: GroupId| table.group(group).pattern.to_string();
    shadowed.iter().map(|s| (text(s.group), text(s.by))).collect()
}

#[test]
fn known_cases() {
    let ten = |prefix: &str| (0..10).map(|d| format!("{prefix}{d}")).collect::<Vec<_>>();
    type Pairs = &'static [(&'static str, &'static str)];
    let rows: [(Vec<String>, Pairs, Pairs); 8] = [
        (vec!["60".into(), "601".into()], &[], &[("601", "60")]),
        (vec!["60;".into(), "601".into()], &[], &[]),
        (vec!["1234XX".into(), "12345678".into()], &[], &[("12345678", "1234XX")]),
        (vec!["60".into(), "60;".into()], &[("60;", "60")], &[("60;", "60")]),
        (vec!["9N;".into(), "9N".into()], &[("9N", "9N;")], &[("9N", "9N;")]),
        ([ten("6"), vec!["6X".into()]].concat(), &[("6X", "60")], &[("6X", "60")]),
        ([ten("6"), vec!["6N".into()]].concat(), &[], &[]),
        (
            vec!["6XN".into(), "6X".into(), "6N".into(), "6".into()],
            &[("6N", "6")],
            &[("6X", "6"), ("6XN", "6"), ("6N", "6")],
        ),
    ];
    for (codes, en_bloc, by_hand) in rows {
        let table = table(&codes);
        let owned = |pairs: Pairs| -> Vec<(String, String)> {
            pairs.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
        };
        assert_eq!(texts(&table, &table.unreachable()), owned(en_bloc), "{codes:?}");
        let found = texts(&table, &table.shadowed_by_hand(DialDelayCount(0)));
        assert_eq!(found, owned(by_hand), "{codes:?}");
    }
}

/// Calls `found` with each number of up to [`LONGEST`] digits.
fn each_number(digits: &mut Vec<u8>, found: &mut impl FnMut(&[u8])) {
    if !digits.is_empty() {
        found(digits);
    }
    if digits.len() < LONGEST {
        for c in b'0'..=b'9' {
            digits.push(c);
            each_number(digits, found);
            digits.pop();
        }
    }
}

/// The groups used when everything is dialled, from `digits` on.
fn dial_on(
    table: &ShortCodeTable,
    count: DialDelayCount,
    digits: &mut Vec<u8>,
    used: &mut BTreeSet<GroupId>,
) {
    let mut note = |verdict| match verdict {
        Verdict::Match { group, .. } | Verdict::Overlap(group) => {
            used.insert(group);
            false
        }
        Verdict::More | Verdict::Waiting => true,
        Verdict::Incompatible | Verdict::Default(_) => false,
    };
    if !digits.is_empty() {
        if !note(table.dialled(digits, count, DialEvent::Digit)) {
            return;
        }
        note(table.dialled(digits, count, DialEvent::Pause));
    }
    if digits.last() == Some(&b'#') || digits.len() >= LONGEST_BY_HAND {
        return;
    }
    for c in KEYS.into_iter().chain(*b"#") {
        digits.push(c);
        dial_on(table, count, digits, used);
        digits.pop();
    }
}

fn code(random: &mut Random, last: &str) -> String {
    let pick = |random: &mut Random, text: &str| text.as_bytes()[random.below(text.len())] as char;
    let mut code: String = (0..1 + random.below(2)).map(|_| pick(random, "66X")).collect();
    code.push(pick(random, last));
    if random.below(4) == 0 {
        code.insert(random.below(code.len() + 1), 'N');
    }
    if random.below(5) == 0 {
        code.push(';');
    }
    code
}

#[test]
fn unreachable_codes_are_those_that_no_number_has() {
    let mut random = Random(3);
    let mut reported = 0;
    for round in 0..150 {
        let many = [3, 7, 40][round % 3];
        let codes: Vec<String> = (0..many).map(|_| code(&mut random, "0123456789X")).collect();
        let table = table(&codes);
        let all: BTreeSet<GroupId> = table.groups().map(|(id, _)| id).collect();
        let mut used = BTreeSet::new();
        each_number(&mut Vec::new(), &mut |digits| used.extend(table.exact(digits)));
        let found: BTreeSet<GroupId> = table.unreachable().iter().map(|s| s.group).collect();
        assert_eq!(found, &all - &used, "{codes:?} {:?}", texts(&table, &table.unreachable()));
        reported += found.len();
    }
    assert!(reported > 100, "{reported} codes found");
}

#[test]
fn codes_shadowed_by_hand_are_those_that_no_dialling_reaches() {
    let mut random = Random(4);
    let mut reported = 0;
    for round in 0..150 {
        let many = [2, 4, 8, 16, 25, 60][round % 6];
        let codes: Vec<String> = (0..many).map(|_| code(&mut random, "016X")).collect();
        let table = table(&codes);
        let all: BTreeSet<GroupId> = table.groups().map(|(id, _)| id).collect();
        let count = DialDelayCount(random.below(4) as u8);
        let mut used = BTreeSet::new();
        dial_on(&table, count, &mut Vec::new(), &mut used);
        let found = table.shadowed_by_hand(count);
        let shown = texts(&table, &found);
        let found: BTreeSet<GroupId> = found.iter().map(|s| s.group).collect();
        assert_eq!(found, &all - &used, "{codes:?} {count:?} {shown:?}");
        reported += found.len();
    }
    assert!(reported > 100, "{reported} codes found");
}
