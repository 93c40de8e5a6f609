//! The rules of short codes read plainly: every code tried on its own text, written without a look at the table.

use engine::dialplan::{DialEvent, GroupId, Verdict};

pub(crate) struct Reference {
    codes: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Incompatible,
    Default(Vec<u32>),
    More,
    Waiting,
    Match(Vec<u32>, usize),
    Overlap(Vec<u32>),
}

fn wild(c: u8) -> bool {
    c.is_ascii_digit() || c == b'*' || c == b'+'
}

/// Whether `digits` are a whole match of `code`.
fn exact(code: &[u8], digits: &[u8]) -> bool {
    match (code, digits) {
        ([], _) => digits.is_empty(),
        ([b'N', more @ ..], _) => {
            exact(more, digits) || digits.split_first().is_some_and(|(&c, rest)| wild(c) && exact(code, rest))
        }
        (_, []) => false,
        ([b'X', more @ ..], [c, rest @ ..]) => wild(*c) && exact(more, rest),
        ([l, more @ ..], [c, rest @ ..]) => l == c && exact(more, rest),
    }
}

/// Whether `digits` match the beginning of `code` and at least one more digit is needed.
fn partial(code: &[u8], digits: &[u8]) -> bool {
    match (code, digits) {
        (_, []) => code.iter().any(|&c| c != b'N'),
        ([], _) => false,
        ([b'N', more @ ..], [c, rest @ ..]) => partial(more, digits) || (wild(*c) && partial(code, rest)),
        ([b'X', more @ ..], [c, rest @ ..]) => wild(*c) && partial(more, rest),
        ([l, more @ ..], [c, rest @ ..]) => l == c && partial(more, rest),
    }
}

fn body(code: &str) -> &[u8] {
    code.strip_suffix(';').unwrap_or(code).as_bytes()
}

impl Reference {
    pub(crate) fn new(codes: &[String]) -> Self {
        Self { codes: codes.to_vec() }
    }

    pub(crate) fn best(&self, digits: &str) -> Option<Vec<u32>> {
        self.best_of(digits.as_bytes(), |_| true).or_else(|| self.default())
    }

    fn default(&self) -> Option<Vec<u32>> {
        self.codes.iter().any(|c| c == "?").then(|| self.same("?"))
    }

    /// Numbers of all codes of this text.
    fn same(&self, text: &str) -> Vec<u32> {
        (0..self.codes.len() as u32).filter(|&n| self.codes[n as usize] == text).collect()
    }

    fn best_of(&self, digits: &[u8], is: impl Fn(&str) -> bool) -> Option<Vec<u32>> {
        let count = |text: &str, f: fn(u8) -> bool| body(text).iter().filter(|&&c| f(c)).count();
        let mut best: Option<(&str, _)> = None;
        for text in self.codes.iter().map(String::as_str) {
            if text == "?" || !is(text) || !exact(body(text), digits) {
                continue;
            }
            let literals = count(text, |c| c != b'X' && c != b'N');
            let rank = (literals, count(text, |c| c == b'X'), count(text, |c| c == b'N') == 0);
            // A later one must be better.
            if best.is_none_or(|(_, b)| rank > b) {
                best = Some((text, rank));
            }
        }
        best.map(|(text, _)| self.same(text))
    }

    fn any(&self, is: impl Fn(&str) -> bool) -> bool {
        self.codes.iter().any(|c| c != "?" && is(c))
    }

    pub(crate) fn dialled(&self, digits: &str, count: u8, event: DialEvent) -> Said {
        let d = digits.as_bytes();
        let held = |c: &str| c.ends_with(';');
        let nothing = || self.default().map_or(Said::Incompatible, Said::Default);
        let waits = |c: &str| partial(body(c), d);
        let matches = |c: &str| exact(body(c), d);
        if event == DialEvent::Pause {
            let best = self.best_of(d, |c| count == 0 || !held(c));
            return match best {
                Some(best) => Said::Match(best, d.len()),
                None if count != 0 && self.any(|c| held(c) && (waits(c) || matches(c))) => Said::Waiting,
                None => nothing(),
            };
        }
        if digits.ends_with('#') && !self.any(|c| waits(c) || matches(c)) {
            let d = &d[..d.len() - 1];
            return self.best_of(d, |_| true).map_or_else(nothing, |best| Said::Match(best, d.len()));
        }
        if d.len() < usize::from(count) {
            return Said::More;
        }
        let Some(best) = self.best_of(d, |c| !held(c)) else {
            return match () {
                () if self.any(|c| !held(c) && waits(c)) => Said::More,
                () if self.any(|c| waits(c) || matches(c)) => Said::Waiting,
                () => nothing(),
            };
        };
        let complete = self.any(|c| !held(c) && matches(c) && !c.ends_with('N'));
        let others = self.any(|c| waits(c) || (held(c) && matches(c)));
        let open = self.codes[best[0] as usize].ends_with('N');
        match (complete || !others, open) {
            (false, _) => Said::More,
            (true, true) => Said::Overlap(best),
            (true, false) => Said::Match(best, d.len()),
        }
    }

    /// A verdict in comparable form.
    pub(crate) fn name(&self, verdict: Verdict, codes: impl Fn(GroupId) -> Vec<u32>) -> Said {
        match verdict {
            Verdict::Incompatible => Said::Incompatible,
            Verdict::Default(group) => Said::Default(codes(group)),
            Verdict::More => Said::More,
            Verdict::Waiting => Said::Waiting,
            Verdict::Match { group, digits } => Said::Match(codes(group), digits),
            Verdict::Overlap(group) => Said::Overlap(codes(group)),
        }
    }
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn one_of(&mut self, text: &str) -> char {
        text.as_bytes()[self.below(text.len())] as char
    }

    /// A short code over few characters, so that codes meet.
    pub(crate) fn code(&mut self, longest: usize) -> String {
        if self.below(40) == 0 {
            return "?".to_owned();
        }
        let alphabet = ["12X", "12", "123*X#", "1X", "12aX#b"][self.below(5)];
        let mut code: String = (0..1 + self.below(longest)).map(|_| self.one_of(alphabet)).collect();
        match self.below(6) {
            0 | 1 => code.push('N'),
            2 => code.insert(self.below(code.len() + 1), 'N'),
            _ => {}
        }
        if self.below(4) == 0 {
            code.push(';');
        }
        code
    }

    /// A code as numbering plans have them: a prefix and a tail.
    pub(crate) fn plan_code(&mut self) -> String {
        if self.below(20) == 0 {
            return self.code(12);
        }
        let mut code: String =
            (0..1 + self.below(7) * (1 + self.below(3))).map(|_| self.one_of("0123456789")).collect();
        code.push_str(["", "N", "XX", "XXXXN", "N;"][self.below(5)]);
        code
    }

    /// A code with `X` anywhere, the more often the fewer different numbers there are.
    pub(crate) fn wild_code(&mut self) -> String {
        let alphabet = ["0123456789XXXXX", "12XX*#", "12X"][self.below(3)];
        let mut code: String = (0..4 + self.below(7)).map(|_| self.one_of(alphabet)).collect();
        code.push_str(["", "", "N", ";", "N;"][self.below(5)]);
        code
    }

    /// A number that often matches one of `codes`, or nearly.
    pub(crate) fn number(&mut self, codes: &[String], longest: usize) -> String {
        if self.below(3) == 0 {
            return (0..1 + self.below(longest)).map(|_| self.one_of("11122233*#+a")).collect();
        }
        let mut number = String::new();
        for c in codes[self.below(codes.len())].clone().chars() {
            match c {
                'X' => number.push(self.one_of("123456789*")),
                'N' => (0..self.below(4)).for_each(|_| number.push(self.one_of("123"))),
                ';' => {}
                '?' => number.push('1'),
                c => number.push(c),
            }
        }
        if self.below(3) == 0 {
            number.push(self.one_of("12#*a"));
        }
        number
    }
}
