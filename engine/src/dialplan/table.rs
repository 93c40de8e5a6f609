//! A table of short codes and its best match: literal digits first, then length, then the order entered (DOMAIN 2.4).

use super::bits::BitIndex;
use super::candidates::{Candidates, some};
use super::digits::{Digits, pack_prefix};
use super::general::GeneralIndex;
use super::pattern::{Fit, Pattern, PatternKind};
use super::prefix::{PrefixCode, PrefixIndex, Tail};
use crate::limits::MAX_DIGITS;
use crate::time::Duration;
use std::cmp::Reverse;

/// Tables of so few different codes are scanned: it is as fast, and there may be one on each of 10,000 systems.
const MAX_SCANNED: usize = 8;
/// Codes with `X` before a literal character from which on bit vectors pay for their memory.
const LEAST_BITS: usize = 16;

/// Finds the best code for dialled digits. Codes are numbered in the order entered; codes of the same text share a
/// group, whose members are in that order.
#[derive(Clone, Debug, Default)]
pub struct ShortCodeTable {
    /// Groups of dialled codes, best rank first, then those of all other kinds.
    groups: Box<[Group]>,
    /// The numbers of the codes, group by group.
    codes: Box<[u32]>,
    /// How many groups are dialled.
    dialled: u32,
    index: Option<Box<Index>>,
}

/// A group of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub(super) u32);

#[derive(Clone, Copy, Debug)]
struct Group {
    pattern: Pattern,
    /// Where its codes end; they begin where those of the group before end.
    end: u32,
}

/// Codes with the same Code text.
#[derive(Clone, Copy, Debug)]
pub struct CodeGroup<'t> {
    /// Their Code text.
    pub pattern: &'t Pattern,
    /// Their numbers, in the order entered.
    pub codes: &'t [u32],
}

/// How large tables are searched.
#[derive(Clone, Debug)]
pub(super) struct Index {
    prefixes: PrefixIndex,
    bits: Option<BitIndex>,
    general: GeneralIndex,
}

impl ShortCodeTable {
    /// The table of these codes, numbered from 0 in this order.
    #[must_use]
    pub fn build(patterns: &[Pattern]) -> Self {
        let mut order: Vec<u32> = (0..patterns.len() as u32).collect();
        // Equal patterns come to stand together, the first entered first.
        order.sort_unstable_by_key(|&n| (text(&patterns[n as usize]), n));
        let same = |a: &u32, b: &u32| patterns[*a as usize] == patterns[*b as usize];
        let mut runs: Vec<&[u32]> = order.chunk_by(same).collect();
        runs.sort_unstable_by_key(|run| (rank(&patterns[run[0] as usize]), run[0]));
        let mut groups = Vec::with_capacity(runs.len());
        let mut codes = Vec::with_capacity(patterns.len());
        for run in runs {
            codes.extend_from_slice(run);
            groups.push(Group { pattern: patterns[run[0] as usize], end: codes.len() as u32 });
        }
        let dialled = groups.partition_point(|g| g.pattern.kind() == PatternKind::Digits);
        let mut table = Self {
            groups: groups.into_boxed_slice(),
            codes: codes.into_boxed_slice(),
            dialled: dialled as u32,
            index: None,
        };
        if dialled > MAX_SCANNED {
            table.index = Some(Box::new(table.new_index()));
        }
        table
    }

    /// The best match for `digits` as a whole (en bloc) among all codes but `?`; that of `?` if there is none.
    #[must_use]
    pub fn best(&self, digits: &[u8]) -> Option<GroupId> {
        self.exact(digits).or_else(|| self.default_group())
    }

    /// The best match for `digits` as a whole among all codes but `?`. To be asked table by table, before
    /// [`Self::default_group`] of the same tables is. More than [`MAX_DIGITS`] match nothing.
    #[must_use]
    pub fn exact(&self, digits: &[u8]) -> Option<GroupId> {
        if digits.len() > MAX_DIGITS {
            return None;
        }
        let Some(index) = &self.index else {
            let fits = |g: &Group| g.pattern.fit(digits) == Fit::Exact;
            return self.dialled_groups().iter().position(fits).map(|n| GroupId(n as u32));
        };
        some(index.best(&Digits::new(digits)?)).map(GroupId)
    }

    /// The `?` codes.
    #[must_use]
    pub fn default_group(&self) -> Option<GroupId> {
        self.others().find(|(_, p)| p.kind() == PatternKind::Default).map(|(id, _)| id)
    }

    /// The hot line to use first, and how long after going off-hook.
    #[must_use]
    pub fn hot_line(&self) -> Option<(GroupId, Duration)> {
        self.others().find_map(|(id, pattern)| match pattern.kind() {
            PatternKind::HotLine(delay) => Some((id, delay)),
            PatternKind::Digits | PatternKind::Default | PatternKind::Setting => None,
        })
    }

    /// The codes of a group of this table.
    #[must_use]
    pub fn group(&self, id: GroupId) -> CodeGroup<'_> {
        let n = id.0 as usize;
        let start = n.checked_sub(1).map_or(0, |before| self.groups[before].end);
        let group = &self.groups[n];
        CodeGroup { pattern: &group.pattern, codes: &self.codes[start as usize..group.end as usize] }
    }

    /// All groups, the best rank first.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, CodeGroup<'_>)> {
        (0..self.groups.len() as u32).map(|n| (GroupId(n), self.group(GroupId(n))))
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let index = self.index.as_ref().map_or(0, |i| i.memory());
        size_of::<Self>() + size_of_val(&*self.groups) + size_of_val(&*self.codes) + index
    }

    /// How all codes stand to `digits` so far.
    pub(super) fn candidates(&self, digits: &[u8]) -> Candidates {
        let mut candidates = Candidates::NONE;
        if digits.len() > MAX_DIGITS {
            return candidates;
        }
        let Some(index) = &self.index else {
            for (n, group) in self.dialled_groups().iter().enumerate() {
                candidates.add(n as u32, &group.pattern, group.pattern.fit(digits));
            }
            return candidates;
        };
        if let Some(digits) = Digits::new(digits) {
            index.prefixes.collect(&digits, &mut candidates);
            if let Some(bits) = &index.bits {
                bits.collect(&digits, &mut candidates);
            }
            index.general.collect(&digits, &mut candidates);
        }
        candidates
    }

    /// Calls `f` with the index, which is made where the table has none.
    pub(super) fn with_index<R>(&self, f: impl FnOnce(&Index) -> R) -> R {
        match &self.index {
            Some(index) => f(index),
            None => f(&self.new_index()),
        }
    }

    /// The groups that are dialled.
    pub(super) fn dialled_patterns(&self) -> impl Iterator<Item = (GroupId, &Pattern)> {
        (0..).map(GroupId).zip(self.dialled_groups().iter().map(|g| &g.pattern))
    }

    /// An index of all dialled codes.
    fn new_index(&self) -> Index {
        let (mut prefixes, mut bits, mut general) = (Vec::new(), Vec::new(), Vec::new());
        for (group, pattern) in self.dialled_groups().iter().map(|g| &g.pattern).enumerate() {
            let group = group as u32;
            match pattern.prefix().and_then(|prefix| Some((pack_prefix(prefix)?, prefix.len()))) {
                Some((prefix, len)) => {
                    let tail = Tail::new(pattern.any_digits(), pattern.is_open(), pattern.is_complete_only());
                    prefixes.push(PrefixCode { prefix, group, len: len as u8, tail });
                }
                None if BitIndex::holds(pattern) => bits.push((group, pattern)),
                None => general.push((group, pattern)),
            }
        }
        if bits.len() < LEAST_BITS {
            general.append(&mut bits);
        }
        Index {
            prefixes: PrefixIndex::build(prefixes),
            bits: (!bits.is_empty()).then(|| BitIndex::build(&bits)),
            general: GeneralIndex::build(general),
        }
    }

    fn dialled_groups(&self) -> &[Group] {
        &self.groups[..self.dialled as usize]
    }

    /// Groups that are not dialled.
    fn others(&self) -> impl Iterator<Item = (GroupId, &Pattern)> {
        (self.dialled..).map(GroupId).zip(self.groups[self.dialled as usize..].iter().map(|g| &g.pattern))
    }
}

impl Index {
    fn best(&self, digits: &Digits<'_>) -> u32 {
        let mut best = self.prefixes.best(digits);
        if let Some(bits) = &self.bits {
            best = bits.best(digits, best);
        }
        if self.general.is_empty() { best } else { self.general.best(digits, best) }
    }

    /// Bytes of memory.
    fn memory(&self) -> usize {
        let bits = self.bits.as_ref().map_or(0, BitIndex::memory);
        size_of_val(self) + self.prefixes.memory() + bits + self.general.memory()
    }

    /// The symbols that some code has as its next literal character after `digits`, as a bit mask.
    pub(super) fn next_literals(&self, digits: &[u8]) -> u16 {
        let Some(digits) = Digits::new(digits) else { return 0 };
        let bits = self.bits.as_ref().map_or(0, |b| b.next_literals(&digits));
        self.prefixes.next_literals(&digits) | bits | self.general.next_literals(&digits)
    }
}

/// Equal for equal patterns only.
fn text(pattern: &Pattern) -> (Kind, &[u8], bool) {
    (kind(pattern), pattern.encoded(), pattern.is_complete_only())
}

/// Less wins: literal digits, then exact length (`X`, and no `N`).
fn rank(pattern: &Pattern) -> (Kind, Reverse<usize>, Reverse<usize>, bool) {
    (kind(pattern), Reverse(pattern.literals()), Reverse(pattern.any_digits()), pattern.has_any_digits())
}

/// Dialled codes first, then `?`, then hot lines by their delay, then settings.
type Kind = (u8, u64);

fn kind(pattern: &Pattern) -> Kind {
    match pattern.kind() {
        PatternKind::Digits => (0, 0),
        PatternKind::Default => (1, 0),
        PatternKind::HotLine(delay) => (2, delay.as_secs()),
        PatternKind::Setting => (3, 0),
    }
}
