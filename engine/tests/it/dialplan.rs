//! The dial plan's table: the manual's worked examples, and agreement with a plain reading of the rules.

use crate::dialplan_reference::{Random, Reference};
use engine::Pattern;
use engine::dialplan::{DialDelayCount, DialEvent, GroupId, ShortCodeTable, Verdict};

fn table(codes: &[&str]) -> ShortCodeTable {
    let patterns: Vec<Pattern> = codes.iter().map(|c| Pattern::parse(c).expect("test code")).collect();
    ShortCodeTable::build(&patterns)
}

/// What happens to a number dialled digit by digit; `p` is a pause.
fn by_hand(codes: &[&str], count: u8, dialled: &str) -> String {
    let table = table(codes);
    let code = |group: GroupId| codes[table.group(group).codes[0] as usize];
    let (mut digits, mut last) = (String::new(), Verdict::More);
    for (n, key) in dialled.chars().enumerate() {
        let event = if key == 'p' { DialEvent::Pause } else { DialEvent::Digit };
        if key != 'p' {
            digits.push(key);
        }
        last = table.dialled(digits.as_bytes(), DialDelayCount(count), event);
        if !matches!(last, Verdict::More | Verdict::Waiting) {
            let after = if n + 1 < dialled.len() { " early" } else { "" };
            return match last {
                Verdict::Match { group, digits: n } => {
                    format!("{} with {}{after}", code(group), &digits[..n])
                }
                Verdict::Overlap(group) => format!("{} on {digits}{after}", code(group)),
                Verdict::Default(_) => format!("default{after}"),
                Verdict::Incompatible | Verdict::More | Verdict::Waiting => format!("incompatible{after}"),
            };
        }
    }
    if last == Verdict::More { "more".to_owned() } else { "waiting".to_owned() }
}

#[test]
fn the_worked_examples() {
    type Row = (&'static [&'static str], u8, &'static str, &'static str);
    let rows: [Row; 31] = [
        (&["60"], 0, "8", "incompatible"),
        (&["60"], 0, "6", "more"),
        (&["60"], 0, "6p", "incompatible"),
        (&["60"], 0, "60", "60 with 60"),
        (&["60"], 0, "61", "incompatible"),
        (&["60", "601"], 0, "60", "60 with 60"),
        (&["60", "601"], 0, "601", "60 with 60 early"),
        (&["60", "601"], 3, "8p", "incompatible"),
        (&["60", "601"], 3, "60", "more"),
        (&["60", "601"], 3, "60p", "60 with 60"),
        (&["60", "601"], 3, "601", "601 with 601"),
        (&["60;", "601"], 3, "8p", "incompatible"),
        (&["60;", "601"], 3, "6p", "waiting"),
        (&["60;", "601"], 3, "60p", "waiting"),
        (&["60;", "601"], 3, "601", "601 with 601"),
        (&["60;", "601"], 3, "600", "incompatible"),
        (&["60;", "601"], 3, "60*", "incompatible"),
        (&["60;", "601"], 3, "60#", "60; with 60"),
        (&["601", "60N"], 0, "6p", "incompatible"),
        (&["601", "60N"], 0, "60", "more"),
        (&["601", "60N"], 0, "60p", "60N with 60"),
        (&["601", "60N"], 0, "601", "601 with 601"),
        (&["601", "60N"], 0, "602", "60N on 602"),
        (&["601", "60N", "60X"], 0, "60p", "60N with 60"),
        (&["601", "60N", "60X"], 0, "601", "601 with 601"),
        (&["601", "60N", "60X"], 0, "602", "60X with 602"),
        (&["601", "60N", "6XX"], 0, "602", "60N on 602"),
        (&["601", "60N", "6XX"], 0, "612", "6XX with 612"),
        (&["1234XX", "12345678"], 0, "123456", "1234XX with 123456"),
        (&["1234XX", "12345678"], 0, "12345678", "1234XX with 123456 early"),
        (&["9N"], 0, "9", "9N on 9"),
    ];
    for (codes, count, dialled, expected) in rows {
        assert_eq!(by_hand(codes, count, dialled), expected, "{codes:?}, count {count}, dialled {dialled}");
    }
    let app = table(&["1234XX", "12345678"]);
    assert_eq!(app.best(b"12345678").map(|g| app.group(g).codes), Some([1].as_slice()));
}

#[test]
fn where_the_manual_has_no_example() {
    type Row = (&'static [&'static str], u8, &'static str, &'static str);
    let rows: [Row; 17] = [
        // `;` with count 0: a pause completes the number, but only one that matches.
        (&["0N;"], 0, "0", "waiting"),
        (&["0N;"], 0, "0123p", "0N; with 0123"),
        (&["60;"], 0, "6p", "incompatible"),
        (&["0N;"], 4, "0123p", "waiting"),
        (&["0N;"], 4, "0#", "0N; with 0"),
        // A code with `;` holds an N code back, and stays behind it in a pause that does not complete the number.
        (&["9N", "91N;"], 0, "91", "more"),
        (&["9N", "91N;"], 0, "91p", "91N; with 91"),
        (&["9N", "91N;"], 2, "91p", "9N with 91"),
        // An N code with digits in N still waits while another code needs digits; two N codes do not wait for each other.
        (&["60N", "6012"], 0, "601", "more"),
        (&["60N", "6N"], 0, "60", "60N on 60"),
        // `#` is a digit where a code expects one.
        (&["*14*N#"], 0, "*14*201", "more"),
        (&["*14*N#"], 0, "*14*201#", "*14*N# with *14*201#"),
        (&["9N", "95551234"], 0, "9555#", "9N with 9555"),
        // A literal ends N.
        (&["6N1"], 0, "6231", "6N1 with 6231"),
        // `?` only where nothing else is left.
        (&["?", "12"], 0, "1p", "default"),
        (&["?", "12"], 0, "3", "default"),
        (&["?", "12;"], 4, "1p", "waiting"),
    ];
    for (codes, count, dialled, expected) in rows {
        assert_eq!(by_hand(codes, count, dialled), expected, "{codes:?}, count {count}, dialled {dialled}");
    }
}

#[test]
fn codes_that_are_not_dialled_match_nothing() {
    let table = table(&["?D(5)", "*FWD1", "?D", "*DCP2", "?", "?"]);
    assert_eq!(table.exact(b"*FWD1"), None);
    assert_eq!(table.best(b"1").map(|g| table.group(g).codes), Some([4, 5].as_slice()));
    let (hot, delay) = table.hot_line().expect("two hot lines");
    assert_eq!((table.group(hot).codes, delay.as_secs()), ([2].as_slice(), 0));
}

/// Compares everything a table says with the reference; how many comparisons.
fn compare(codes: &[String], numbers: &[String], random: &mut Random) -> usize {
    let patterns: Vec<Pattern> = codes.iter().map(|c| Pattern::parse(c).expect("valid")).collect();
    let table = ShortCodeTable::build(&patterns);
    let reference = Reference::new(codes);
    let codes_of = |group: GroupId| table.group(group).codes.to_vec();
    for number in numbers {
        let best = table.best(number.as_bytes()).map(codes_of);
        assert_eq!(best, reference.best(number), "{codes:?} en bloc {number}");
        let count = random.below(6) as u8;
        for end in 1..=number.len() {
            for event in [DialEvent::Digit, DialEvent::Pause] {
                let digits = &number[..end];
                let verdict = table.dialled(digits.as_bytes(), DialDelayCount(count), event);
                let verdict = reference.name(verdict, codes_of);
                let expected = reference.dialled(digits, count, event);
                assert_eq!(verdict, expected, "{codes:?}, count {count}, {digits} {event:?}");
            }
        }
    }
    numbers.len()
}

#[test]
fn a_hundred_thousand_cases_agree_with_the_rules() {
    let mut random = Random(1);
    let mut cases = 0;
    while cases < 100_000 {
        let many = random.below(3) * 20 + 1 + random.below(20);
        let codes: Vec<String> = (0..many).map(|_| random.code(6)).collect();
        let numbers: Vec<String> = (0..40).map(|_| random.number(&codes, 7)).collect();
        cases += compare(&codes, &numbers, &mut random);
    }
}

#[test]
fn large_tables_agree_with_the_rules() {
    let mut random = Random(2);
    for (size, numbers) in [(700, 400), (2_000, 200), (30_000, 40)] {
        let codes: Vec<String> = (0..size).map(|_| random.plan_code()).collect();
        let numbers: Vec<String> = (0..numbers).map(|_| random.number(&codes, 12)).collect();
        compare(&codes, &numbers, &mut random);
    }
}

#[test]
fn tables_with_x_anywhere_agree_with_the_rules() {
    let mut random = Random(7);
    for (size, numbers) in [(25, 2_000), (400, 300), (1_500, 150), (75_000, 8)] {
        let mut codes: Vec<String> = (0..size).map(|_| random.wild_code()).collect();
        codes.extend((0..size / 20).map(|_| random.code(8)));
        let numbers: Vec<String> = (0..numbers).map(|_| random.number(&codes, 11)).collect();
        compare(&codes, &numbers, &mut random);
    }
}

#[test]
fn codes_and_numbers_of_full_length() {
    let mut random = Random(5);
    let ones = |n| "1".repeat(n);
    let codes = [
        ones(31),
        "X".repeat(31),
        ones(30) + "N",
        "X".repeat(30) + "N",
        ones(30) + ";",
        "a".repeat(31),
        "N".to_owned() + &ones(30),
        ones(15) + "N" + &ones(15),
        ones(15) + &"X".repeat(16),
        ones(16) + "2",
        "N".to_owned(),
    ];
    let mut numbers: Vec<String> = (28..=31).map(ones).collect();
    numbers.extend([
        ones(30) + "2",
        ones(16) + "2",
        "2".repeat(31),
        "a".repeat(31),
        ones(30) + "#",
        ones(29) + "#",
    ]);
    compare(&codes, &numbers, &mut random);
    let large = ShortCodeTable::build(&codes.map(|c| Pattern::parse(&c).expect("valid")));
    for table in [large, table(&["N"])] {
        assert_eq!(table.best(ones(32).as_bytes()), None);
        let verdict = table.dialled(ones(32).as_bytes(), DialDelayCount(0), DialEvent::Digit);
        assert_eq!(verdict, Verdict::Incompatible);
    }
}
