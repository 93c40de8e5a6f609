//! The index of codes whose wildcards are all at the end, nearly all codes there are: a trie over the literal
//! characters before them, in one flat array, with several characters a node where the codes do not differ.

use super::candidates::{Candidates, Kinds, NONE};
use super::digits::{Digits, END, character};

/// Codes of a table from which on the first digits are looked up at once instead of one by one, and how many digits.
const ROOT_DIGITS: [(usize, usize); 2] = [(16_384, 4), (512, 3)];
/// Characters that one node holds.
const MAX_SKIP: usize = 8;

/// One code: its literal characters and what may follow them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PrefixCode {
    /// Packed as [`Digits`] are; sorts as text.
    pub(super) prefix: u128,
    pub(super) group: u32,
    pub(super) len: u8,
    pub(super) tail: Tail,
}

/// What a code takes after its literal characters, in one byte: how many `X`, whether `N` follows, whether `;` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tail(u8);

impl Tail {
    const OPEN: u8 = 0x20;
    const COMPLETE_ONLY: u8 = 0x40;
    /// In a node: more than one code ends there; how many is in the other bits.
    const SEVERAL: u8 = 0x80;

    pub(super) const fn new(any_digits: usize, open: bool, complete_only: bool) -> Self {
        Self(
            any_digits as u8
                | if open { Self::OPEN } else { 0 }
                | if complete_only { Self::COMPLETE_ONLY } else { 0 },
        )
    }

    const fn any_digits(self) -> usize {
        (self.0 & 31) as usize
    }

    const fn is_open(self) -> bool {
        self.0 & Self::OPEN != 0
    }

    const fn is_complete_only(self) -> bool {
        self.0 & Self::COMPLETE_ONLY != 0
    }

    /// Whether it takes exactly `rest` digits.
    const fn takes(self, rest: usize) -> bool {
        rest == self.any_digits() || (rest > self.any_digits() && self.is_open())
    }

    fn collect(self, group: u32, rest: usize, candidates: &mut Candidates) {
        if self.takes(rest) {
            candidates.add_exact(group, self.is_open(), self.is_complete_only());
        } else if rest < self.any_digits() {
            candidates.partial.add(Kinds::of(self.is_complete_only()));
        }
    }
}

/// A point in the trie, entered with the character that leads to it already taken.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Characters that must follow, the first one uppermost.
    skip: u32,
    /// Which symbols lead on.
    children: u16,
    /// Codes that end here: the tail of the one, or how many.
    tail: Tail,
    /// Length of `skip`; from bit 4 on, the kinds of code further down.
    shape: u8,
    first_child: u32,
    /// The group that ends here, or the first of several in [`PrefixIndex::several`].
    answer: u32,
}

impl Node {
    const EMPTY: Self = Self { skip: 0, children: 0, tail: Tail(0), shape: 0, first_child: 0, answer: NONE };

    const fn skipped(&self) -> usize {
        (self.shape & 15) as usize
    }

    const fn below(&self) -> Kinds {
        Kinds::from_bits(self.shape >> 4)
    }

    const fn leads_on(&self, symbol: u8) -> bool {
        self.children >> symbol & 1 != 0
    }

    const fn child(&self, symbol: u8) -> usize {
        let before = self.children & ((1 << symbol) - 1);
        (self.first_child + before.count_ones()) as usize
    }

    /// Whether the first `count` characters of `eight` are those it must be followed by.
    const fn follows(&self, eight: u32, count: usize) -> bool {
        ((eight ^ self.skip) as u64) >> (32 - 4 * count) == 0
    }
}

/// Finds codes by their literal characters.
#[derive(Clone, Debug)]
pub(super) struct PrefixIndex {
    nodes: Box<[Node]>,
    /// The nodes that three or four digits lead to, by these digits; empty in small tables.
    roots: Box<[Node]>,
    root_digits: usize,
    /// Whether a code has fewer literal characters than `root_digits`.
    short: bool,
    several: Box<[(u32, Tail)]>,
}

impl PrefixIndex {
    pub(super) fn build(mut codes: Vec<PrefixCode>) -> Self {
        codes.sort_unstable();
        let root_digits =
            ROOT_DIGITS.iter().find(|&&(least, _)| codes.len() >= least).map_or(0, |&(_, digits)| digits);
        let short = codes.iter().any(|c| usize::from(c.len) < root_digits);
        let mut builder = Builder { nodes: vec![Node::EMPTY], several: Vec::new(), root_digits };
        if !codes.is_empty() {
            builder.fill(0, &codes, 0);
        }
        let mut index = Self {
            nodes: builder.nodes.into_boxed_slice(),
            roots: Box::default(),
            root_digits,
            short,
            several: builder.several.into_boxed_slice(),
        };
        index.roots = index.first_digits();
        index
    }

    /// The best group for `digits` as a whole.
    pub(super) fn best(&self, digits: &Digits<'_>) -> u32 {
        if let Some(root) = self.root(digits.bytes) {
            let best = self.best_from(root, self.root_digits, digits);
            if best != NONE || !self.short {
                return best;
            }
        }
        self.best_from(&self.nodes[0], 0, digits)
    }

    /// Bytes of memory besides its own.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.nodes) + size_of_val(&*self.roots) + size_of_val(&*self.several)
    }

    /// How all codes stand to `digits` so far.
    pub(super) fn collect(&self, digits: &Digits<'_>, candidates: &mut Candidates) {
        let (mut node, mut depth) = (&self.nodes[0], 0);
        loop {
            let left = digits.len() - depth;
            if left < node.skipped() {
                if node.follows(digits.eight(depth), left) {
                    candidates.partial.add(node.below());
                    self.tails(node)
                        .for_each(|(_, t)| candidates.partial.add(Kinds::of(t.is_complete_only())));
                }
                return;
            }
            if !node.follows(digits.eight(depth), node.skipped()) {
                return;
            }
            depth += node.skipped();
            let rest = digits.len() - depth;
            if depth >= digits.wild_from {
                self.tails(node).for_each(|(group, tail)| tail.collect(group, rest, candidates));
            }
            let symbol = digits.symbol(depth);
            if symbol == END {
                candidates.partial.add(node.below());
                return;
            }
            if !node.leads_on(symbol) {
                return;
            }
            node = &self.nodes[node.child(symbol)];
            depth += 1;
        }
    }

    /// The symbols that some code has as its next literal character after `digits`, as a bit mask.
    pub(super) fn next_literals(&self, digits: &Digits<'_>) -> u16 {
        let (mut node, mut depth) = (&self.nodes[0], 0);
        loop {
            let left = (digits.len() - depth).min(node.skipped());
            if !node.follows(digits.eight(depth), left) {
                return 0;
            }
            if left < node.skipped() {
                return 1 << (node.skip >> (28 - 4 * left) & 15);
            }
            depth += left;
            match digits.symbol(depth) {
                END => return node.children,
                symbol if node.leads_on(symbol) => node = &self.nodes[node.child(symbol)],
                _ => return 0,
            }
            depth += 1;
        }
    }

    /// The deepest code that takes the rest of `digits`, from a node entered at `depth`.
    fn best_from<'s>(&'s self, mut node: &'s Node, mut depth: usize, digits: &Digits<'_>) -> u32 {
        let mut best = NONE;
        while node.follows(digits.eight(depth), node.skipped()) {
            depth += node.skipped();
            if node.answer != NONE && depth >= digits.wild_from {
                best = self.answer(node, digits.len() - depth).unwrap_or(best);
            }
            let symbol = digits.symbol(depth);
            if !node.leads_on(symbol) {
                break;
            }
            node = &self.nodes[node.child(symbol)];
            depth += 1;
        }
        best
    }

    /// The best of the codes that end at `node` and take `rest` digits.
    fn answer(&self, node: &Node, rest: usize) -> Option<u32> {
        if node.tail.0 & Tail::SEVERAL == 0 {
            return node.tail.takes(rest).then_some(node.answer);
        }
        self.tails(node).find(|(_, tail)| tail.takes(rest)).map(|(group, _)| group)
    }

    /// The codes that end at `node`, best first.
    fn tails(&self, node: &Node) -> impl Iterator<Item = (u32, Tail)> {
        let count =
            if node.tail.0 & Tail::SEVERAL != 0 { usize::from(node.tail.0 & !Tail::SEVERAL) } else { 0 };
        let one = (count == 0 && node.answer != NONE).then_some((node.answer, node.tail));
        let first = if count == 0 { 0 } else { node.answer as usize };
        one.into_iter().chain(self.several[first..first + count].iter().copied())
    }

    fn root(&self, bytes: &[u8]) -> Option<&Node> {
        if self.roots.is_empty() {
            return None;
        }
        let mut place = 0;
        for &c in bytes.get(..self.root_digits)? {
            let digit = c.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            place = place * 10 + usize::from(digit);
        }
        Some(&self.roots[place])
    }

    /// The node that each string of `root_digits` digits leads to.
    fn first_digits(&self) -> Box<[Node]> {
        if self.root_digits == 0 {
            return Box::default();
        }
        let count = 10_usize.pow(self.root_digits as u32);
        (0..count).map(|n| self.entered_by(n).unwrap_or(Node::EMPTY)).collect()
    }

    fn entered_by(&self, number: usize) -> Option<Node> {
        let mut bytes = [0; MAX_SKIP];
        let mut left = number;
        for place in bytes[..self.root_digits].iter_mut().rev() {
            *place = character((left % 10) as u8 + 1);
            left /= 10;
        }
        let digits = Digits::new(&bytes[..self.root_digits])?;
        let (mut node, mut depth) = (&self.nodes[0], 0);
        while depth < self.root_digits {
            if !node.follows(digits.eight(depth), node.skipped()) {
                return None;
            }
            depth += node.skipped();
            let symbol = digits.symbol(depth);
            if !node.leads_on(symbol) {
                return None;
            }
            node = &self.nodes[node.child(symbol)];
            depth += 1;
        }
        Some(*node)
    }
}

struct Builder {
    nodes: Vec<Node>,
    several: Vec<(u32, Tail)>,
    root_digits: usize,
}

impl Builder {
    /// Makes node `at`, entered at `depth`, of `codes`, which are sorted and agree in the characters before.
    fn fill(&mut self, at: usize, codes: &[PrefixCode], depth: usize) {
        let skipped = self.skip(codes, depth);
        let end = depth + skipped;
        let (own, mut below) = codes.split_at(codes.partition_point(|c| usize::from(c.len) == end));
        let mut node = Node::EMPTY;
        let mut kinds = Kinds::NONE;
        below.iter().for_each(|c| kinds.add(Kinds::of(c.tail.is_complete_only())));
        node.shape = skipped as u8 | kinds.bits() << 4;
        node.skip = if skipped == 0 { 0 } else { (codes[0].prefix << (4 * depth) >> 96) as u32 };
        (node.answer, node.tail) = self.answer(own);
        node.first_child = self.nodes.len() as u32;
        let mut parts: [&[PrefixCode]; 16] = [&[]; 16];
        let mut count = 0;
        while let Some(first) = below.first() {
            let symbol = symbol_at(first.prefix, end);
            let (part, rest) = below.split_at(below.partition_point(|c| symbol_at(c.prefix, end) == symbol));
            (parts[count], below) = (part, rest);
            node.children |= 1 << symbol;
            count += 1;
        }
        self.nodes[at] = node;
        let first = self.nodes.len();
        self.nodes.resize(first + count, Node::EMPTY);
        for (n, part) in parts[..count].iter().enumerate() {
            self.fill(first + n, part, end + 1);
        }
    }

    /// How many characters all of `codes` share after `depth`, as far as one node holds them. A node begins exactly
    /// after the digits of the root table.
    fn skip(&self, codes: &[PrefixCode], depth: usize) -> usize {
        let (first, last) = (&codes[0], &codes[codes.len() - 1]);
        let common = ((first.prefix ^ last.prefix).leading_zeros() / 4) as usize;
        let common = common.min(usize::from(first.len)) - depth;
        let most = if depth < self.root_digits { self.root_digits - 1 - depth } else { MAX_SKIP };
        common.min(most).min(MAX_SKIP)
    }

    fn answer(&mut self, own: &[PrefixCode]) -> (u32, Tail) {
        match own {
            [] => (NONE, Tail(0)),
            [one] => (one.group, one.tail),
            several => {
                let first = self.several.len() as u32;
                self.several.extend(several.iter().map(|c| (c.group, c.tail)));
                // A code has 31 characters, so there are fewer than 128 tails.
                (first, Tail(Tail::SEVERAL | several.len() as u8))
            }
        }
    }
}

const fn symbol_at(prefix: u128, place: usize) -> u8 {
    (prefix >> (124 - 4 * place)) as u8 & 15
}
