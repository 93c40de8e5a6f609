//! What a dial plan costs: nanoseconds a match, build time and memory, at 5 to 100,000 codes of three kinds. A sample of
//! the answers is checked against a scan of all codes. `cargo bench -p benches --bench dialplan`; under `cargo test` it
//! runs once over the small tables.

use engine::Pattern;
use engine::dialplan::{DialDelayCount, DialEvent, ShortCodeTable, Source, TelephoneNumber};
use engine::number::Number;
use std::hint::black_box;
use std::time::Instant;

/// Numbers matched in one round.
const NUMBERS: usize = 1 << 16;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn digits(&mut self, n: u64) -> String {
        (0..n).map(|_| (b'0' + self.below(10) as u8) as char).collect()
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Prefixes of 3 to 8 digits and `N`.
    Prefixes,
    /// Prefixes of 2 to 7 digits and `X`, `N` or both, so that the number has up to 12.
    Mixed,
    /// One code in ten has wildcards anywhere in its 11 places.
    Hostile,
}

fn code(kind: Kind, random: &mut Random) -> String {
    match kind {
        Kind::Prefixes => {
            let length = 3 + random.below(6);
            random.digits(length) + "N"
        }
        Kind::Mixed => {
            let length = 2 + random.below(6);
            let prefix = random.digits(length);
            match random.below(4) {
                0 => prefix + "N",
                1 => prefix + "XXN;",
                2 => prefix + &"X".repeat(12 - length as usize),
                _ => prefix + &"X".repeat(11 - length as usize) + ";",
            }
        }
        Kind::Hostile if random.below(10) == 0 => {
            let wild = |c: char, random: &mut Random| if random.below(2) == 0 { 'X' } else { c };
            let digits = random.digits(11);
            digits.chars().map(|c| wild(c, random)).collect::<String>() + "N"
        }
        Kind::Hostile => random.digits(11),
    }
}

/// A number of 12 digits; half of them begin as some code does.
fn number(codes: &[String], random: &mut Random) -> String {
    let mut number = random.digits(12);
    if random.below(2) == 0 {
        let code = &codes[random.below(codes.len() as u64) as usize];
        for (place, c) in code.chars().take(12).enumerate().filter(|(_, c)| c.is_ascii_digit()) {
            number.replace_range(place..=place, c.encode_utf8(&mut [0; 4]));
        }
    }
    number
}

/// Whether `code` matches, written for this check.
fn matches(code: &[u8], digits: &[u8]) -> bool {
    match (code, digits) {
        ([] | [b';'], _) => digits.is_empty(),
        ([b'N', more @ ..], _) => {
            matches(more, digits) || (!digits.is_empty() && matches(code, &digits[1..]))
        }
        (_, []) => false,
        ([c, more @ ..], [d, rest @ ..]) => (*c == b'X' || c == d) && matches(more, rest),
    }
}

/// The best code by a scan.
fn scan(codes: &[String], digits: &[u8]) -> Option<usize> {
    let rank = |n: &usize| {
        let count = |is: fn(u8) -> bool| codes[*n].bytes().filter(|&c| is(c)).count();
        let open = codes[*n].contains('N');
        (count(|c| c.is_ascii_digit()), count(|c| c == b'X'), !open, std::cmp::Reverse(*n))
    };
    (0..codes.len()).filter(|&n| matches(codes[n].as_bytes(), digits)).max_by_key(rank)
}

fn check(codes: &[String], table: &ShortCodeTable, numbers: &[String]) {
    for number in numbers.iter().take(200) {
        let found = table.best(number.as_bytes()).map(|g| table.group(g).codes[0] as usize);
        assert_eq!(found, scan(codes, number.as_bytes()), "{number}");
    }
}

/// Nanoseconds for each of `numbers`, the best of `rounds`.
fn time(rounds: usize, numbers: &[String], mut each: impl FnMut(&str)) -> f64 {
    let round = |_| {
        let start = Instant::now();
        numbers.iter().for_each(|n| each(n));
        start.elapsed().as_nanos() as f64 / numbers.len() as f64
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}

fn measure(kind: Kind, size: usize, rounds: usize) {
    let mut random = Random(size as u64);
    let codes: Vec<String> = (0..size).map(|_| code(kind, &mut random)).collect();
    let numbers: Vec<String> = (0..NUMBERS).map(|_| number(&codes, &mut random)).collect();
    let patterns: Vec<Pattern> = codes.iter().filter_map(|c| Pattern::parse(c).ok()).collect();
    let start = Instant::now();
    let table = ShortCodeTable::build(&patterns);
    let build = start.elapsed().as_secs_f64() * 1e3;
    check(&codes, &table, &numbers);
    let best = time(rounds, &numbers, |n| {
        black_box(table.best(black_box(n.as_bytes())));
    });
    let digit = time(rounds.min(3), &numbers[..NUMBERS / 16], |n| {
        black_box(table.dialled(&n.as_bytes()[..6], DialDelayCount(0), DialEvent::Digit));
    });
    let memory = table.memory() as f64 / 1024.0;
    println!("{:<10}{size:>8}{best:>12.1}{digit:>14.1}{build:>12.2}{memory:>12.1}", format!("{kind:?}"));
}

/// What it costs to fill in a Telephone Number field.
fn measure_fields(rounds: usize) {
    let pattern = Pattern::parse("9N").expect("a code of the manuals");
    let dialled = Number::new("9123456789012").expect("digits");
    let extension = Number::new("201").expect("digits");
    let source = Source::new(&pattern, &dialled, &extension);
    for field in [".", "N", "0044N;", "NSE", "N\"@example.com\""] {
        let parsed = TelephoneNumber::parse(field).expect("a field of the manuals");
        let once = vec![String::new(); NUMBERS];
        let ns = time(rounds, &once, |_| {
            black_box(parsed.produce(black_box(&source)));
        });
        println!("field {field:<20}{ns:>8.1} ns");
    }
}

/// How long the lints take, and what they find.
fn measure_lints(kind: Kind, size: usize) {
    let mut random = Random(size as u64);
    let patterns: Vec<Pattern> =
        (0..size).filter_map(|_| Pattern::parse(&code(kind, &mut random)).ok()).collect();
    let table = ShortCodeTable::build(&patterns);
    let start = Instant::now();
    let unreachable = table.unreachable().len();
    let en_bloc = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let shadowed = table.shadowed_by_hand(DialDelayCount(0)).len();
    let by_hand = start.elapsed().as_secs_f64();
    println!(
        "lints, {kind:?}, {size} codes: {unreachable} unreachable in {en_bloc:.2} s, {shadowed} shadowed by hand in {by_hand:.2} s"
    );
}

/// Codes made to be slow: every one has wildcards anywhere, all match almost to the end, and none does match.
fn measure_worst(size: usize) {
    let digit = |n: usize, place: usize| if n >> place & 1 == 0 { '1' } else { 'X' };
    let code = |n: usize| (0..17).map(|place| digit(n, place)).collect::<String>();
    for (what, start) in [("X anywhere", ""), ("N first", "N")] {
        let codes = (0..size).map(|n| format!("{start}{}2", code(n)));
        let patterns: Vec<Pattern> = codes.filter_map(|c| Pattern::parse(&c).ok()).collect();
        let table = ShortCodeTable::build(&patterns);
        let number = "1".repeat(31);
        let number = if start.is_empty() { &number[..18] } else { &number };
        let start = Instant::now();
        assert_eq!(table.best(number.as_bytes()), None);
        println!("worst case, {what}, {size} codes: {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}

fn main() {
    // `cargo test --benches` passes no `--bench`.
    let full = std::env::args().any(|a| a == "--bench");
    println!("kind         codes  ns/en bloc  ns/6th digit    build ms  memory KiB");
    for kind in [Kind::Prefixes, Kind::Mixed, Kind::Hostile] {
        for size in [5, 1_000, 100_000] {
            if full || size <= 1_000 {
                measure(kind, size, if full { 20 } else { 1 });
            }
        }
    }
    measure_fields(if full { 20 } else { 1 });
    for kind in [Kind::Prefixes, Kind::Mixed, Kind::Hostile] {
        measure_lints(kind, if full { 30_000 } else { 300 });
    }
    measure_worst(if full { 100_000 } else { 100 });
}
