//! A table of short codes and its best match: literal digits first, then length, then the order entered (DOMAIN 2.4).

use super::pattern::{Pattern, PatternKind, Token, is_wild};
use std::cmp::Reverse;

const NONE: u32 = u32::MAX;

/// Finds the best code for dialled digits. Codes are numbered in the order added; codes of the same text share a
/// group, whose members are in that order.
#[derive(Clone, Debug)]
pub(crate) struct ShortCodeTable {
    nodes: Vec<Node>,
    groups: Vec<CodeGroup>,
    /// The group of the `?` codes.
    default: Option<u32>,
}

/// A group of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupId(u32);

/// Codes with the same Code text, in the order entered.
#[derive(Clone, Debug)]
pub(crate) struct CodeGroup {
    pub(crate) pattern: Pattern,
    /// Numbers of the codes.
    pub(crate) codes: Vec<u32>,
}

/// A point in the trie of all patterns.
#[derive(Clone, Debug)]
struct Node {
    /// Where each literal character leads; sorted.
    literals: Vec<(u8, u32)>,
    /// Where `X` leads.
    any_digit: u32,
    /// Where `N` leads.
    any_digits: u32,
    /// Reached over `N`: takes further digits.
    repeats: bool,
    /// The group that ends here.
    group: u32,
}

impl Node {
    const fn new(repeats: bool) -> Self {
        Self { literals: Vec::new(), any_digit: NONE, any_digits: NONE, repeats, group: NONE }
    }
}

impl ShortCodeTable {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::new(false)], groups: Vec::new(), default: None }
    }

    /// Adds the next code; how many codes of its text there are now.
    pub(crate) fn add(&mut self, code: u32, pattern: Pattern) -> usize {
        let group = match pattern.kind {
            PatternKind::Default => self.default.unwrap_or(NONE),
            PatternKind::Digits => {
                let node = self.path(&pattern.tokens);
                self.nodes[node].group
            }
        };
        if let Some(group) = self.groups.get_mut(group as usize) {
            group.codes.push(code);
            return group.codes.len();
        }
        let group = self.groups.len() as u32;
        match pattern.kind {
            PatternKind::Default => self.default = Some(group),
            PatternKind::Digits => {
                let node = self.path(&pattern.tokens);
                self.nodes[node].group = group;
            }
        }
        self.groups.push(CodeGroup { pattern, codes: vec![code] });
        1
    }

    /// The best match among all codes but `?`; that of `?` if there is none.
    pub(crate) fn best(&self, digits: &[u8]) -> Option<GroupId> {
        let mut best = None;
        self.search(0, digits, &mut best);
        best.or(self.default).map(GroupId)
    }

    /// The codes of a group that [`Self::best`] found.
    pub(crate) fn group(&self, id: GroupId) -> &CodeGroup {
        &self.groups[id.0 as usize]
    }

    /// The node at the end of `tokens`, made where it does not exist.
    fn path(&mut self, tokens: &[Token]) -> usize {
        let mut at = 0;
        for &token in tokens {
            let next = self.step(at, token);
            at = if next == NONE { self.grow(at, token) } else { next as usize };
        }
        at
    }

    fn step(&self, at: usize, token: Token) -> u32 {
        let node = &self.nodes[at];
        match token {
            Token::AnyDigit => node.any_digit,
            Token::AnyDigits => node.any_digits,
            Token::Literal(c) => find(&node.literals, c).map_or(NONE, |place| node.literals[place].1),
        }
    }

    fn grow(&mut self, at: usize, token: Token) -> usize {
        let new = self.nodes.len();
        self.nodes.push(Node::new(token == Token::AnyDigits));
        let node = &mut self.nodes[at];
        match token {
            Token::AnyDigit => node.any_digit = new as u32,
            Token::AnyDigits => node.any_digits = new as u32,
            Token::Literal(c) => {
                let place = node.literals.partition_point(|&(l, _)| l < c);
                node.literals.insert(place, (c, new as u32));
            }
        }
        new
    }

    /// Follows every path that `digits` may take from node `at`. A code has one `N` at most, so a node is met at most
    /// once for each number of digits left: the work is bounded by nodes times digits.
    fn search(&self, at: usize, digits: &[u8], best: &mut Option<u32>) {
        let node = &self.nodes[at];
        match digits.split_first() {
            None => self.consider(node.group, best),
            Some((&c, rest)) => {
                if let Some(place) = find(&node.literals, c) {
                    self.search(node.literals[place].1 as usize, rest, best);
                }
                if is_wild(c) && node.any_digit != NONE {
                    self.search(node.any_digit as usize, rest, best);
                }
                if is_wild(c) && node.repeats {
                    self.search(at, rest, best);
                }
            }
        }
        if node.any_digits != NONE {
            self.search(node.any_digits as usize, digits, best);
        }
    }

    fn consider(&self, group: u32, best: &mut Option<u32>) {
        let rank = |group: u32| self.groups.get(group as usize).map(CodeGroup::rank);
        if group != NONE && best.is_none_or(|b| rank(group) > rank(b)) {
            *best = Some(group);
        }
    }
}

impl CodeGroup {
    /// Greater wins: literal digits, then exact length (`X`, and no `N`), then the first entered.
    fn rank(&self) -> (usize, usize, bool, Reverse<Option<u32>>) {
        let p = &self.pattern;
        (p.literals(), p.any_digits(), !p.is_open(), Reverse(self.codes.first().copied()))
    }
}

fn find(literals: &[(u8, u32)], c: u8) -> Option<usize> {
    literals.iter().position(|&(l, _)| l == c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(codes: &[&str]) -> ShortCodeTable {
        let mut table = ShortCodeTable::new();
        for (n, code) in codes.iter().enumerate() {
            table.add(n as u32, Pattern::parse(code).expect("test code"));
        }
        table
    }

    fn best(codes: &[&str], digits: &str) -> Option<Vec<u32>> {
        let table = table(codes);
        table.best(digits.as_bytes()).map(|g| table.group(g).codes.clone())
    }

    #[test]
    fn literal_digits_then_length_then_order() {
        type Row = (&'static [&'static str], &'static str, Option<&'static [u32]>);
        let rows: [Row; 12] = [
            (&["60", "601"], "60", Some(&[0])),
            (&["60", "601"], "601", Some(&[1])),
            (&["601", "60N"], "60", Some(&[1])),
            (&["601", "60N"], "601", Some(&[0])),
            (&["601", "60N", "60X"], "602", Some(&[2])),
            (&["601", "60N", "6XX"], "602", Some(&[1])),
            (&["601", "60N", "6XX"], "612", Some(&[2])),
            (&["1234XX", "12345678"], "12345678", Some(&[1])),
            (&["9N", "9N", "?"], "95", Some(&[0, 1])),
            (&["9N", "?"], "8", Some(&[1])),
            (&["9N"], "8", None),
            (&["*14*N#"], "*14*201#", Some(&[0])),
        ];
        for (codes, digits, expected) in rows {
            assert_eq!(best(codes, digits).as_deref(), expected, "{codes:?} dialled {digits}");
        }
    }

    /// Matches by trying every split, token by token.
    fn naive(tokens: &[Token], digits: &[u8]) -> bool {
        match (tokens.split_first(), digits.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((Token::AnyDigits, more)), _) => (0..=digits.len())
                .take_while(|&n| digits[..n].iter().all(|&c| is_wild(c)))
                .any(|n| naive(more, &digits[n..])),
            (Some(_), None) => false,
            (Some((Token::AnyDigit, more)), Some((&c, rest))) => is_wild(c) && naive(more, rest),
            (Some((Token::Literal(l), more)), Some((c, rest))) => l == c && naive(more, rest),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_scan_over_all_codes(
            codes in prop::collection::vec("[12]{0,2}[X12]{0,3}N?[12#]{0,2}", 1..30),
            digits in "[12]{0,6}#?",
        ) {
            let codes: Vec<&str> = codes.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
            let patterns: Vec<Pattern> = codes.iter().map(|c| Pattern::parse(c).expect("valid by construction")).collect();
            let matching = patterns.iter().enumerate().filter(|(_, p)| naive(&p.tokens, digits.as_bytes()));
            let expected = matching
                .max_by_key(|(n, p)| (p.literals(), p.any_digits(), !p.is_open(), Reverse(*n)))
                .map(|(n, _)| n as u32);
            prop_assert_eq!(best(&codes, &digits).map(|g| g[0]), expected);
        }
    }
}
