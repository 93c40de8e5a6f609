//! The index of all other codes, those with `N` before a literal character, those with letters, and a few with `X` before
//! a literal character: a trie of whole patterns. A code has one `N`, so a node is met at most once for each number of digits taken, and the work of
//! a match is bounded by nodes times digits whatever the codes are.

use super::candidates::{Candidates, Kinds, NONE};
use super::digits::{Digits, END, OTHER, symbol};
use super::pattern::{Pattern, Token, decode, is_wild};
use std::cmp::Ordering;

/// Symbol of `N` among the children of a node.
const ANY_DIGITS: u8 = 0;
/// Symbol of `X`.
const ANY_DIGIT: u8 = 14;

/// A point in the trie.
#[derive(Clone, Copy, Debug)]
struct Node {
    first_child: u32,
    /// The group without `;` that ends here.
    plain: u32,
    /// The group with `;` that ends here.
    held: u32,
    /// The best group here and below.
    best: u32,
    /// Which symbols lead on. Characters without a symbol share the last one.
    children: u16,
    /// The character that leads here, if it has no symbol.
    label: u8,
    flags: u8,
}

impl Node {
    const EMPTY: Self =
        Self { first_child: 0, plain: NONE, held: NONE, best: NONE, children: 0, label: 0, flags: 0 };
    /// Reached over `N`: takes further digits. The two bits below say which kinds of code need more digits here.
    const REPEATS: u8 = 4;
    /// The last child of its parent.
    const LAST: u8 = 8;
    /// The code that ends here ends in `N`.
    const OPEN: u8 = 16;

    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    const fn child(&self, symbol: u8) -> Option<usize> {
        if self.children >> symbol & 1 == 0 {
            return None;
        }
        let before = self.children & ((1 << symbol) - 1);
        Some((self.first_child + before.count_ones()) as usize)
    }

    const fn partial(&self) -> Kinds {
        Kinds::from_bits(self.flags)
    }

    fn group(&self) -> u32 {
        self.plain.min(self.held)
    }
}

/// Finds codes with wildcards anywhere.
#[derive(Clone, Debug)]
pub(super) struct GeneralIndex {
    nodes: Box<[Node]>,
}

impl GeneralIndex {
    /// Of these groups and their patterns.
    pub(super) fn build(mut codes: Vec<(u32, &Pattern)>) -> Self {
        codes.sort_unstable_by(|a, b| order(a.1, b.1));
        let mut nodes = vec![Node::EMPTY];
        fill(&mut nodes, 0, &codes, 0);
        Self { nodes: nodes.into_boxed_slice() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes[0].best == NONE
    }

    /// Bytes of memory besides its own.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.nodes)
    }

    /// The best group for `digits` as a whole, if it is better than `best`; otherwise `best`.
    pub(super) fn best(&self, digits: &Digits<'_>, best: u32) -> u32 {
        let mut best = best;
        self.search(&self.nodes[0], 0, digits, &mut best);
        best
    }

    /// How all codes stand to `digits` so far.
    pub(super) fn collect(&self, digits: &Digits<'_>, candidates: &mut Candidates) {
        self.visit(&self.nodes[0], 0, digits, &mut |node| {
            candidates.partial.add(node.partial());
            // NONE is worse than any group, so it changes nothing.
            candidates.add_exact(node.plain, node.has(Node::OPEN), false);
            candidates.add_exact(node.held, node.has(Node::OPEN), true);
        });
    }

    /// The symbols that some code has as its next literal character after `digits`, as a bit mask.
    pub(super) fn next_literals(&self, digits: &Digits<'_>) -> u16 {
        let mut mask = 0;
        self.visit(&self.nodes[0], 0, digits, &mut |node| mask |= node.children);
        mask & !(1 << ANY_DIGITS | 1 << ANY_DIGIT | 1 << OTHER)
    }

    fn search(&self, node: &Node, depth: usize, digits: &Digits<'_>, best: &mut u32) {
        if node.best >= *best {
            return;
        }
        match digits.symbol(depth) {
            END => *best = node.group().min(*best),
            symbol => {
                let c = digits.bytes[depth];
                if let Some(child) = self.literal(node, symbol, c) {
                    self.search(&self.nodes[child], depth + 1, digits, best);
                }
                if is_wild(c) {
                    if let Some(child) = node.child(ANY_DIGIT) {
                        self.search(&self.nodes[child], depth + 1, digits, best);
                    }
                    if node.has(Node::REPEATS) {
                        self.search(node, depth + 1, digits, best);
                    }
                }
            }
        }
        if let Some(child) = node.child(ANY_DIGITS) {
            self.search(&self.nodes[child], depth, digits, best);
        }
    }

    /// Calls `found` with each node at which `digits` end.
    fn visit(&self, node: &Node, depth: usize, digits: &Digits<'_>, found: &mut impl FnMut(&Node)) {
        if let Some(child) = node.child(ANY_DIGITS) {
            self.visit(&self.nodes[child], depth, digits, found);
        }
        let symbol = digits.symbol(depth);
        if symbol == END {
            return found(node);
        }
        let c = digits.bytes[depth];
        if let Some(child) = self.literal(node, symbol, c) {
            self.visit(&self.nodes[child], depth + 1, digits, found);
        }
        if is_wild(c) {
            if let Some(child) = node.child(ANY_DIGIT) {
                self.visit(&self.nodes[child], depth + 1, digits, found);
            }
            if node.has(Node::REPEATS) {
                self.visit(node, depth + 1, digits, found);
            }
        }
    }

    fn literal(&self, node: &Node, symbol: u8, c: u8) -> Option<usize> {
        let mut child = node.child(symbol)?;
        if symbol == OTHER {
            while self.nodes[child].label != c {
                if self.nodes[child].has(Node::LAST) {
                    return None;
                }
                child += 1;
            }
        }
        Some(child)
    }
}

/// Makes node `at`, `depth` tokens down, of `codes`, which are sorted and agree in the tokens before.
fn fill(nodes: &mut Vec<Node>, at: usize, codes: &[(u32, &Pattern)], depth: usize) {
    let (own, below) = codes.split_at(codes.partition_point(|(_, p)| p.encoded().len() == depth));
    for (group, pattern) in own {
        let place = if pattern.is_complete_only() { &mut nodes[at].held } else { &mut nodes[at].plain };
        *place = *group;
        nodes[at].flags |= if pattern.is_open() { Node::OPEN } else { 0 };
    }
    let parts: Vec<_> = below.chunk_by(|a, b| a.1.encoded()[depth] == b.1.encoded()[depth]).collect();
    let first = nodes.len();
    nodes[at].first_child = first as u32;
    nodes.resize(first + parts.len(), Node::EMPTY);
    let (mut best, mut partial) = (nodes[at].group(), Kinds::NONE);
    for (n, part) in parts.iter().enumerate() {
        let token = part[0].1.encoded()[depth];
        let child = first + n;
        nodes[at].children |= 1 << symbol_of(token);
        nodes[child].label = token;
        nodes[child].flags |= if n + 1 == parts.len() { Node::LAST } else { 0 };
        fill(nodes, child, part, depth + 1);
        best = best.min(nodes[child].best);
        if decode(token) == Token::AnyDigits {
            // `N` may take no digits, so whoever is here is at the child as well.
            nodes[child].flags |= Node::REPEATS;
        } else {
            part.iter().for_each(|(_, p)| partial.add(Kinds::of(p.is_complete_only())));
        }
    }
    nodes[at].best = best;
    nodes[at].flags |= partial.bits();
}

const fn symbol_of(token: u8) -> u8 {
    match decode(token) {
        Token::AnyDigits => ANY_DIGITS,
        Token::AnyDigit => ANY_DIGIT,
        Token::Literal(c) => symbol(c),
    }
}

/// Compares patterns so that children come in the order of their symbols.
fn order(a: &Pattern, b: &Pattern) -> Ordering {
    // A character without a symbol is greater than all symbols.
    let key = |&token: &u8| if symbol_of(token) == OTHER { token } else { symbol_of(token) };
    a.encoded().iter().map(key).cmp(b.encoded().iter().map(key))
}
