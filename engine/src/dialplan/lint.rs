//! Codes that cannot do what they were entered for, found by looking for digits that reach them.
//!
//! For each code the search makes up the digits that meet the fewest other codes: at a wildcard, one that no other code
//! has there as a literal. If there is one, it is as good as any, because whatever still matches with it matches with
//! every other digit too. Only where other codes have all ten is each of them tried.

use super::digits::{character, symbol};
use super::pattern::{Pattern, Token};
use super::table::{GroupId, Index, ShortCodeTable};
use super::verdict::{DialDelayCount, DialEvent, Verdict};
use crate::limits::{MAX_DIGITS, MAX_LINT_TRIES, MAX_LINT_TRIES_OF_A_CODE};

/// A code that another one keeps from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The codes never used: all of one Code text.
    pub group: GroupId,
    /// What is used instead, for one number that they match.
    pub by: GroupId,
}

impl ShortCodeTable {
    /// Codes that are not the best match of any number as a whole (en bloc), with 0 to 9 at the wildcards. Exact, as
    /// far as [`MAX_LINT_TRIES_OF_A_CODE`] and [`MAX_LINT_TRIES`] allow; beyond, a code counts as reachable.
    #[must_use]
    pub fn unreachable(&self) -> Vec<Shadowed> {
        self.search(
            |_| true,
            |target, digits| match self.exact(digits) {
                Some(group) if group != target => Attempt::Lost(Some(group)),
                Some(_) => Attempt::Reached,
                None => Attempt::Lost(None),
            },
        )
    }

    /// Codes that are never used when numbers are dialled digit by digit, with 0 to 9 at the wildcards, whatever pauses
    /// follow and whether or not `#` ends them: another code is used earlier, or instead. Exact within the same bounds
    /// as [`Self::unreachable`]. Codes with characters that no keypad has are left out: only applications dial them.
    #[must_use]
    pub fn shadowed_by_hand(&self, count: DialDelayCount) -> Vec<Shadowed> {
        let on_keypad = |p: &Pattern| {
            p.tokens().all(|t| match t {
                Token::Literal(c) => c.is_ascii_digit() || matches!(c, b'*' | b'#'),
                Token::AnyDigit | Token::AnyDigits => true,
            })
        };
        self.search(on_keypad, |target, digits| self.attempt_by_hand(target, digits, count))
    }

    fn search(
        &self,
        is: impl Fn(&Pattern) -> bool,
        attempt: impl Fn(GroupId, &[u8]) -> Attempt,
    ) -> Vec<Shadowed> {
        self.with_index(|index| {
            let mut tries_in_all = MAX_LINT_TRIES;
            let dialled = self.dialled_patterns().filter(|(_, pattern)| is(pattern));
            let shadowed = dialled.filter_map(|(group, pattern)| {
                let tries = MAX_LINT_TRIES_OF_A_CODE.min(tries_in_all);
                let mut search = Search { index, attempt: |d: &[u8]| attempt(group, d), tries, by: None };
                let reached = search.reaches(pattern);
                tries_in_all -= tries - search.tries;
                search.by.filter(|_| !reached).map(|by| Shadowed { group, by })
            });
            shadowed.collect()
        })
    }

    /// Dials `digits`, which `target` matches, one by one.
    fn attempt_by_hand(&self, target: GroupId, digits: &[u8], count: DialDelayCount) -> Attempt {
        let judge = |verdict| match verdict {
            Verdict::Match { group, .. } | Verdict::Overlap(group) if group == target => {
                Some(Attempt::Reached)
            }
            Verdict::Match { group, .. } | Verdict::Overlap(group) => Some(Attempt::Lost(Some(group))),
            Verdict::Incompatible | Verdict::Default(_) => Some(Attempt::Lost(None)),
            Verdict::More | Verdict::Waiting => None,
        };
        for end in 1..=digits.len() {
            if let Some(attempt) = judge(self.dialled(&digits[..end], count, DialEvent::Digit)) {
                return attempt;
            }
        }
        let pause = judge(self.dialled(digits, count, DialEvent::Pause));
        if let Some(Attempt::Reached) = pause {
            return Attempt::Reached;
        }
        let ended = [digits, b"#"].concat();
        let hash = judge(self.dialled(&ended, count, DialEvent::Digit));
        hash.or(pause).unwrap_or(Attempt::Lost(None))
    }
}

/// What became of a number that a code matches.
#[derive(Clone, Copy)]
enum Attempt {
    Reached,
    /// Another code, if any, was used.
    Lost(Option<GroupId>),
}

/// The search for a number that reaches one code.
struct Search<'i, F> {
    index: &'i Index,
    attempt: F,
    /// How many numbers may still be tried.
    tries: usize,
    /// The first code met instead.
    by: Option<GroupId>,
}

impl<F: Fn(&[u8]) -> Attempt> Search<'_, F> {
    /// Whether some number reaches `pattern`, or too many would have to be tried.
    fn reaches(&mut self, pattern: &Pattern) -> bool {
        let longest = if pattern.has_any_digits() { MAX_DIGITS + 1 - pattern.encoded().len() } else { 0 };
        (0..=longest).any(|open| {
            let tokens: Vec<Token> = pattern
                .tokens()
                .flat_map(|token| match token {
                    Token::AnyDigits => std::iter::repeat_n(Token::AnyDigit, open),
                    Token::AnyDigit | Token::Literal(_) => std::iter::repeat_n(token, 1),
                })
                .collect();
            !tokens.is_empty() && self.fill(&tokens, &mut Vec::with_capacity(MAX_DIGITS))
        })
    }

    /// Whether `digits`, with something for each of `tokens` after them, reach the code.
    fn fill(&mut self, tokens: &[Token], digits: &mut Vec<u8>) -> bool {
        let Some((token, more)) = tokens.split_first() else { return self.try_number(digits) };
        if let Token::Literal(c) = token {
            return self.fill_with(*c, more, digits);
        }
        let literals = self.index.next_literals(digits);
        match (b'0'..=b'9').find(|&c| literals >> symbol(c) & 1 == 0) {
            Some(fresh) => self.fill_with(fresh, more, digits),
            None => (1..=10).any(|symbol| self.fill_with(character(symbol), more, digits)),
        }
    }

    fn fill_with(&mut self, c: u8, more: &[Token], digits: &mut Vec<u8>) -> bool {
        digits.push(c);
        let reached = self.fill(more, digits);
        digits.pop();
        reached
    }

    fn try_number(&mut self, digits: &[u8]) -> bool {
        let Some(tries) = self.tries.checked_sub(1) else { return true };
        self.tries = tries;
        match (self.attempt)(digits) {
            Attempt::Reached => true,
            Attempt::Lost(by) => {
                self.by = self.by.or(by);
                false
            }
        }
    }
}
