//! Digit by digit: when a table decides, and for what (DOMAIN 2.5, 2.6).

use super::candidates::Candidates;
use super::table::{GroupId, ShortCodeTable};

/// Digits collected before matching starts (Dial Delay Count).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialDelayCount(pub u8);

/// What has just happened while a number is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialEvent {
    /// The last digit was dialled. A `#` counts as one.
    Digit,
    /// No digit came within the Dial Delay Time.
    Pause,
}

/// What a table says to the digits so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No code of this table matches, nor will with more digits.
    Incompatible,
    /// The same, but there is a `?` code. It applies if no other table of the call has a match either; later digits
    /// still belong to the call.
    Default(GroupId),
    /// Wait for a digit or the Dial Delay Time.
    More,
    /// Only codes that end in `;` can still match. With Dial Delay Count 0 the Dial Delay Time completes the number;
    /// otherwise only `#` does, and after a pause the caller waits on until the off-hook timer.
    Waiting,
    /// The number is complete.
    Match {
        /// The codes that matched.
        group: GroupId,
        /// How many of the digits they matched: all, or all but the `#` that ended dialling.
        digits: usize,
    },
    /// A code that ends in `N` has matched before the number is complete: later digits still belong to the call.
    Overlap(GroupId),
}

impl ShortCodeTable {
    /// What to do now that `digits` have been dialled so far and `event` has happened.
    ///
    /// A code that can take no more digits is used at once, even if a longer one could still match. One that ends in
    /// `N` is used as soon as no other code waits for digits. Whichever of these happens, the best of all codes that
    /// match at that moment is the one used. A `#` that no code expects ends dialling.
    #[must_use]
    pub fn dialled(&self, digits: &[u8], count: DialDelayCount, event: DialEvent) -> Verdict {
        let candidates = self.candidates(digits);
        match event {
            DialEvent::Digit => {
                if candidates.is_empty()
                    && let Some((b'#', number)) = digits.split_last()
                {
                    return self.complete(number);
                }
                if digits.len() < usize::from(count.0) {
                    return Verdict::More;
                }
                self.after_digit(digits, &candidates)
            }
            DialEvent::Pause => self.after_pause(digits, count, &candidates),
        }
    }

    fn after_digit(&self, digits: &[u8], candidates: &Candidates) -> Verdict {
        let partial = candidates.partial;
        match candidates.plain() {
            Some(best) if candidates.has_closed() => self.matched(best, digits),
            Some(best) if partial.is_empty() && !candidates.has_held() => Verdict::Overlap(GroupId(best)),
            Some(_) => Verdict::More,
            None if partial.plain() => Verdict::More,
            None if candidates.has_held() => Verdict::Waiting,
            None => self.nothing(),
        }
    }

    fn after_pause(&self, digits: &[u8], count: DialDelayCount, candidates: &Candidates) -> Verdict {
        let completes = count == DialDelayCount(0);
        let best = if completes { candidates.complete() } else { candidates.plain() };
        match best {
            Some(best) => whole(best, digits),
            None if !completes && candidates.has_held() => Verdict::Waiting,
            None => self.nothing(),
        }
    }

    /// `digits` are all there will be.
    fn complete(&self, digits: &[u8]) -> Verdict {
        match self.candidates(digits).complete() {
            Some(best) => whole(best, digits),
            None => self.nothing(),
        }
    }

    /// `best` is used on a digit: complete, unless it takes more.
    fn matched(&self, best: u32, digits: &[u8]) -> Verdict {
        if self.group(GroupId(best)).pattern.is_open() {
            Verdict::Overlap(GroupId(best))
        } else {
            whole(best, digits)
        }
    }

    fn nothing(&self) -> Verdict {
        self.default_group().map_or(Verdict::Incompatible, Verdict::Default)
    }
}

const fn whole(best: u32, digits: &[u8]) -> Verdict {
    Verdict::Match { group: GroupId(best), digits: digits.len() }
}
