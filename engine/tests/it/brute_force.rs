//! Short codes and incoming numbers, matched by trying everything. Used by the reference exchange.

use engine::plan::spec::ShortCodeSpec;

/// Matching and literal digits of an incoming number that is not longer than the number called, read from its end.
pub(crate) fn fits(incoming_number: &str, called: &str) -> Option<(usize, usize)> {
    let pattern = incoming_number.trim_start_matches('-');
    if incoming_number.starts_with('-') && pattern.len() != called.len() {
        return None;
    }
    let pairs: Vec<(char, char)> = pattern.chars().rev().zip(called.chars().rev()).collect();
    let all = pairs.iter().all(|&(p, c)| p == c || (p == 'X' && c.is_ascii_digit()));
    let literal = pairs.iter().filter(|(p, c)| p == c).count();
    (all && (pattern.is_empty() || !pairs.is_empty())).then_some((pairs.len(), literal))
}

/// All entries that share the Code text of the best match; none if nothing matches.
pub(crate) fn best(codes: &[ShortCodeSpec], digits: &str) -> Vec<ShortCodeSpec> {
    let count = |code: &str, wanted: fn(char) -> bool| code.chars().filter(|&c| wanted(c)).count();
    let mut winner: Option<((usize, usize, bool), &str)> = None;
    for code in codes.iter().filter(|c| c.code != "?") {
        let text = code.code.trim_end_matches(';');
        let literals = count(text, |c| c != 'X' && c != 'N');
        let rank = (literals, count(text, |c| c == 'X'), !text.contains('N'));
        if wild(text, digits).is_some() && winner.is_none_or(|(w, _)| rank > w) {
            winner = Some((rank, text));
        }
    }
    let text = winner.map_or("?", |(_, text)| text);
    codes.iter().filter(|c| c.code.trim_end_matches(';') == text).cloned().collect()
}

/// The digits at the wildcards of a code, if it matches: every way to spread the digits over it is tried.
fn wild(code: &str, digits: &str) -> Option<String> {
    let Some(first) = code.chars().next() else { return digits.is_empty().then(String::new) };
    let rest = &code[1..];
    let takes = |n: usize| digits[..n].chars().all(|c| c.is_ascii_digit() || c == '*' || c == '+');
    let after = |n: usize| {
        let end = wild(rest, &digits[n..])?;
        Some(if first == 'X' || first == 'N' { format!("{}{end}", &digits[..n]) } else { end })
    };
    match first {
        'N' => (0..=digits.len()).filter(|&n| takes(n)).find_map(after),
        'X' => (!digits.is_empty() && takes(1)).then(|| after(1)).flatten(),
        literal => digits.starts_with(literal).then(|| after(1)).flatten(),
    }
}

/// The digits a code sends on; `None` if there are more than a number has.
pub(crate) fn produce(code: &ShortCodeSpec, digits: &str, calling: &str) -> Option<String> {
    let mut number = String::new();
    for c in code.telephone_number.chars() {
        match c {
            'N' => number += &wild(code.code.trim_end_matches(';'), digits).unwrap_or_default(),
            '.' => number += digits,
            'E' => number += calling,
            _ => number.push(c),
        }
    }
    (number.len() <= 31).then_some(number)
}

/// The causes after which the next route is tried (DOMAIN 3.5).
pub(crate) fn re_routes(cause: u8) -> bool {
    let table =
        "1 2 3 4 5 8 9 10 11 22 28 29 50 52 57 63 65 66 69 70 79 88 91 95 96 97 98 99 100 101 111 127";
    table.split(' ').any(|n| n == cause.to_string())
}
