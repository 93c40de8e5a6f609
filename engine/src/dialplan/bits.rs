//! The index of many codes with `X` before a literal character: a bit for each code, a row of them for each place and
//! character. The codes that a number matches are those whose bits are set in the rows of all its characters (bit vectors,
//! known from the classification of packets). The work is codes times digits over 512, whatever the codes are.

use super::candidates::{Candidates, Kinds};
use super::digits::{Digits, OTHER, symbol};
use super::pattern::{Pattern, Token, is_wild};
use crate::limits::MAX_DIGITS;

/// Rows of a place: one a symbol.
const SYMBOLS: usize = OTHER as usize + 1;
/// Codes of a block.
const BLOCK: usize = 512;
/// So many codes are divided by their first character. Fewer are one block, and those of more would take too much memory,
/// since a code that begins with `X` is in every part.
const DIVIDED: std::ops::RangeInclusive<usize> = BLOCK + 1..=64 * BLOCK;
/// The characters that a wildcard takes.
const WILD: [u8; 12] = *b"0123456789*+";

/// The bits of so many codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
struct Block([u64; BLOCK / 64]);

impl Block {
    const NONE: Self = Self([0; BLOCK / 64]);
    const ALL: Self = Self([u64::MAX; BLOCK / 64]);

    fn set(&mut self, bit: usize) {
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    fn and(mut self, other: &Self) -> Self {
        self.keep(other);
        self
    }

    fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= !b);
        self
    }

    fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    fn first(&self) -> Option<usize> {
        let word = self.0.iter().position(|&word| word != 0)?;
        Some(word * 64 + self.0[word].trailing_zeros() as usize)
    }
}

/// Finds codes of literal characters and `X`, with or without an `N` at the end.
#[derive(Clone, Debug)]
pub(super) struct BitIndex {
    /// By the symbol of the first character; or one part with all codes.
    parts: Box<[Part]>,
    /// All kinds of codes.
    kinds: Kinds,
    /// The symbols of the literal characters that codes begin with, as a bit mask.
    first_literals: u16,
}

/// Codes that agree in the first characters.
#[derive(Clone, Debug)]
struct Part {
    /// The group of each bit; the best comes first.
    groups: Box<[u32]>,
    /// By place, from the first one that differs, symbol and block: the codes that have or take this symbol there.
    rows: Box<[Block]>,
    /// By number of digits, up to the longest code's, and block: the codes that need no more.
    ends: Box<[Block]>,
    /// By block: the codes that end in `N`.
    open: Box<[Block]>,
    /// By block: the codes that end in `;`.
    held: Box<[Block]>,
    /// How many characters they agree in.
    common: usize,
    /// Places of the longest code, an `N` at its end not counted.
    longest: usize,
}

impl BitIndex {
    /// Whether it can hold a code.
    pub(super) fn holds(pattern: &Pattern) -> bool {
        (!pattern.has_any_digits() || pattern.is_open())
            && pattern.tokens().all(|t| !matches!(t, Token::Literal(c) if symbol(c) == OTHER))
    }

    /// Of these groups, which are in order, and their patterns, which it can hold.
    pub(super) fn build(codes: &[(u32, &Pattern)]) -> Self {
        let (mut kinds, mut first_literals) = (Kinds::NONE, 0);
        for (_, pattern) in codes {
            kinds.add(Kinds::of(pattern.is_complete_only()));
            if let Some(Token::Literal(c)) = pattern.tokens().next() {
                first_literals |= 1 << symbol(c);
            }
        }
        let parts = if DIVIDED.contains(&codes.len()) {
            (0..SYMBOLS as u8).map(|first| Part::build(&beginning_with(first, codes), 1)).collect()
        } else {
            [Part::build(codes, 0)].into()
        };
        Self { parts, kinds, first_literals }
    }

    /// Bytes of memory besides its own.
    pub(super) fn memory(&self) -> usize {
        self.parts.iter().map(|part| size_of::<Part>() + part.memory()).sum()
    }

    /// The best group for `digits` as a whole, if it is better than `best`; otherwise `best`.
    pub(super) fn best(&self, digits: &Digits<'_>, best: u32) -> u32 {
        self.part(digits).map_or(best, |part| part.best(digits, best))
    }

    /// How all codes stand to `digits` so far.
    pub(super) fn collect(&self, digits: &Digits<'_>, candidates: &mut Candidates) {
        match self.part(digits) {
            Some(part) => part.collect(digits, candidates),
            None => candidates.partial.add(self.kinds),
        }
    }

    /// The symbols that some code has as its next literal character after `digits`, as a bit mask.
    pub(super) fn next_literals(&self, digits: &Digits<'_>) -> u16 {
        self.part(digits).map_or(self.first_literals, |part| part.next_literals(digits))
    }

    /// `None` if there are no digits yet: every code needs some.
    fn part(&self, digits: &Digits<'_>) -> Option<&Part> {
        let first = symbol(*digits.bytes.first()?);
        self.parts.get(usize::from(first)).or_else(|| self.parts.first())
    }
}

/// The codes that a number with this first symbol may match.
fn beginning_with<'p>(first: u8, codes: &[(u32, &'p Pattern)]) -> Vec<(u32, &'p Pattern)> {
    let begins = |pattern: &Pattern| match pattern.tokens().next() {
        Some(Token::Literal(c)) => symbol(c) == first,
        Some(Token::AnyDigit) => WILD.iter().any(|&c| symbol(c) == first),
        Some(Token::AnyDigits) | None => false,
    };
    codes.iter().copied().filter(|(_, pattern)| begins(pattern)).collect()
}

impl Part {
    /// Of these codes, whose first `common` characters are looked at by others.
    fn build(codes: &[(u32, &Pattern)], common: usize) -> Self {
        let blocks = codes.len().div_ceil(BLOCK);
        let fixed = |pattern: &Pattern| pattern.literals() + pattern.any_digits();
        let longest = codes.iter().map(|(_, p)| fixed(p)).max().unwrap_or(common);
        let none = |rows: usize| vec![Block::NONE; rows * blocks].into_boxed_slice();
        let mut part = Self {
            groups: codes.iter().map(|&(group, _)| group).collect(),
            rows: none((longest - common) * SYMBOLS),
            ends: none(longest + 1),
            open: none(1),
            held: none(1),
            common,
            longest,
        };
        for (n, (_, pattern)) in codes.iter().enumerate() {
            let (block, bit) = (n / BLOCK, n % BLOCK);
            for (place, token) in pattern.tokens().enumerate().skip(common) {
                match token {
                    Token::Literal(c) => part.take(place, c, n),
                    Token::AnyDigit => WILD.iter().for_each(|&c| part.take(place, c, n)),
                    Token::AnyDigits => {
                        (place..longest).for_each(|p| WILD.iter().for_each(|&c| part.take(p, c, n)));
                    }
                }
            }
            (fixed(pattern)..=longest).for_each(|len| part.ends[len * blocks + block].set(bit));
            if pattern.is_open() {
                part.open[block].set(bit);
            }
            if pattern.is_complete_only() {
                part.held[block].set(bit);
            }
        }
        part
    }

    /// The `n`th code takes `c` at `place`.
    fn take(&mut self, place: usize, c: u8, n: usize) {
        let row = self.row(place, c);
        self.rows[row + n / BLOCK].set(n % BLOCK);
    }

    fn memory(&self) -> usize {
        let blocks = self.rows.len() + self.ends.len() + self.open.len() + self.held.len();
        size_of_val(&*self.groups) + blocks * size_of::<Block>()
    }

    fn best(&self, digits: &Digits<'_>, best: u32) -> u32 {
        let mut rows = [0; MAX_DIGITS];
        let Some(rows) = self.rows(digits, &mut rows) else { return best };
        let end = digits.len().min(self.longest) * self.blocks();
        for block in 0..self.blocks() {
            if self.groups[block * BLOCK] >= best {
                break;
            }
            let mut matching = self.long_enough(digits, block);
            matching.keep(&self.ends[end + block]);
            for &row in rows {
                matching.keep(&self.rows[row as usize + block]);
            }
            if let Some(bit) = matching.first() {
                return best.min(self.groups[block * BLOCK + bit]);
            }
        }
        best
    }

    fn collect(&self, digits: &Digits<'_>, candidates: &mut Candidates) {
        let mut rows = [0; MAX_DIGITS];
        let Some(rows) = self.rows(digits, &mut rows) else { return };
        for (block, groups) in self.groups.chunks(BLOCK).enumerate() {
            let alive = self.alive(digits, rows, block);
            if alive.is_empty() {
                continue;
            }
            let ends = &self.ends[digits.len().min(self.longest) * self.blocks() + block];
            let (open, held) = (&self.open[block], &self.held[block]);
            let (exact, partial) = (alive.and(ends), alive.without(ends));
            let plain = exact.without(held);
            for (bits, is_open, is_held) in [
                (plain.without(open), false, false),
                (plain.and(open), true, false),
                (exact.and(held), false, true),
            ] {
                if let Some(bit) = bits.first() {
                    candidates.add_exact(groups[bit], is_open, is_held);
                }
            }
            for (bits, is_held) in [(partial.without(held), false), (partial.and(held), true)] {
                if !bits.is_empty() {
                    candidates.partial.add(Kinds::of(is_held));
                }
            }
        }
    }

    fn next_literals(&self, digits: &Digits<'_>) -> u16 {
        let mut rows = [0; MAX_DIGITS];
        let (Some(rows), true) = (self.rows(digits, &mut rows), digits.len() < self.longest) else {
            return 0;
        };
        let mut mask = 0;
        for block in 0..self.blocks() {
            let alive = self.alive(digits, rows, block);
            let row = |c: u8| &self.rows[self.row(digits.len(), c) + block];
            for &c in WILD.iter().chain(b"#") {
                // A wildcard takes every digit, a literal character only itself.
                let other = if c == b'0' { b'1' } else { b'0' };
                if !alive.and(row(c)).without(row(other)).is_empty() {
                    mask |= 1 << symbol(c);
                }
            }
        }
        mask
    }

    fn blocks(&self) -> usize {
        self.open.len()
    }

    /// Where the row of `c` at `place` begins.
    fn row(&self, place: usize, c: u8) -> usize {
        ((place - self.common) * SYMBOLS + usize::from(symbol(c))) * self.blocks()
    }

    /// Where the rows of `digits` begin; `None` if no code matches for a reason that needs no rows.
    fn rows<'r>(&self, digits: &Digits<'_>, rows: &'r mut [u32; MAX_DIGITS]) -> Option<&'r [u32]> {
        if digits.wild_from > self.longest {
            return None;
        }
        let places = self.common..digits.len().min(self.longest).max(self.common);
        let rows = &mut rows[..places.len()];
        for ((row, place), &c) in rows.iter_mut().zip(places).zip(digits.bytes.get(self.common..)?) {
            *row = self.row(place, c) as u32;
        }
        Some(rows)
    }

    /// The codes of a block that have places for all of `digits`.
    fn long_enough(&self, digits: &Digits<'_>, block: usize) -> Block {
        if digits.len() > self.longest { self.open[block] } else { Block::ALL }
    }

    /// The codes of a block that match `digits` with these rows, or would with more of them.
    fn alive(&self, digits: &Digits<'_>, rows: &[u32], block: usize) -> Block {
        let mut alive = self.long_enough(digits, block);
        rows.iter().for_each(|&row| alive.keep(&self.rows[row as usize + block]));
        alive
    }
}

const _: () = {
    // What `WILD` says is what patterns do.
    let mut n = 0;
    while n < WILD.len() {
        assert!(is_wild(WILD[n]));
        n += 1;
    }
};
