//! The Code field of a short code, parsed.

use super::pattern_error::PatternError;
use super::wild::Wild;
use crate::limits::{MAX_DIGITS, MAX_HOT_LINE_DELAY};
use crate::time::Duration;
use std::fmt;

/// A parsed Code field (DOMAIN 2.2). Two are equal if they match the same digits in the same way, so quotation marks
/// make no difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// One byte a token; unused places are zero.
    tokens: [u8; MAX_DIGITS],
    len: u8,
    kind: PatternKind,
    /// Literal characters before the first wildcard.
    head: u8,
    literals: u8,
    any_digits: u8,
    end: End,
    complete_only: bool,
}

/// What makes a code apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternKind {
    /// Dialled digits.
    Digits,
    /// `?`: nothing else matches.
    Default,
    /// `?D`, `?D(x)`: so long off-hook without dialling.
    HotLine(Duration),
    /// `*FWD...` and `*DCP...`: a setting that the system remembers; it is never dialled.
    Setting,
}

/// What follows the literal characters at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Any number of `X`.
    Closed,
    /// Any number of `X`, then `N`.
    Open,
    /// Anything else; the `N`, if there is one, is inside.
    MixedClosed,
    /// Anything else, and `N` is last.
    MixedOpen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Literal(u8),
    /// `X`: exactly one digit.
    AnyDigit,
    /// `N`: any number of digits, none included.
    AnyDigits,
}

/// `X` in the encoded tokens.
const ANY_DIGIT: u8 = 1;
/// `N` in the encoded tokens.
const ANY_DIGITS: u8 = 2;

/// How digits stand to a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// No further digits can make it match.
    No,
    /// More digits are needed.
    Partial,
    /// It matches; if it ends in `N`, so it may with more digits.
    Exact,
}

impl Pattern {
    /// Parses a Code field.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn parse(code: &str) -> Result<Self, PatternError> {
        if code.is_empty() {
            return Err(PatternError::Empty);
        }
        if code.len() > MAX_DIGITS {
            return Err(PatternError::TooLong(code.len()));
        }
        if code == "?" {
            return Ok(Self::without_tokens(PatternKind::Default));
        }
        if let Some(delay) = code.strip_prefix("?D") {
            return hot_line(delay).map(Self::without_tokens);
        }
        if code.starts_with("*FWD") || code.starts_with("*DCP") {
            return setting(code);
        }
        let (body, complete_only) = match code.strip_suffix(';') {
            Some(body) => (body, true),
            None => (code, false),
        };
        let mut pattern = Self::without_tokens(PatternKind::Digits);
        pattern.complete_only = complete_only;
        pattern.read(body)?;
        if pattern.len == 0 {
            return Err(PatternError::Empty);
        }
        pattern.measure();
        Ok(pattern)
    }

    /// What makes it apply.
    #[must_use]
    pub const fn kind(&self) -> PatternKind {
        self.kind
    }

    /// Whether it ends in `;`: not used before the number is complete.
    #[must_use]
    pub const fn is_complete_only(&self) -> bool {
        self.complete_only
    }

    /// Literal characters: the first rank between matches.
    pub(crate) fn literals(&self) -> usize {
        usize::from(self.literals)
    }

    /// `X`s: the second rank, a more exact length.
    pub(crate) fn any_digits(&self) -> usize {
        usize::from(self.any_digits)
    }

    /// Whether it has an `N`, which makes its length open.
    pub(crate) fn has_any_digits(&self) -> bool {
        self.encoded().contains(&ANY_DIGITS)
    }

    /// Whether it ends in `N`, so that digits after a match still belong to it.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.end, End::Open | End::MixedOpen)
    }

    /// Whether all its wildcards are at the end: the literal characters before them.
    pub(super) fn prefix(&self) -> Option<&[u8]> {
        matches!(self.end, End::Closed | End::Open).then_some(&self.tokens[..usize::from(self.head)])
    }

    /// Its tokens as bytes; equal tokens, equal bytes.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.tokens[..usize::from(self.len)]
    }

    pub(super) fn tokens(&self) -> impl Iterator<Item = Token> {
        self.encoded().iter().map(|&b| decode(b))
    }

    /// Whether it is dialled, and the number `digits` matches it.
    pub(crate) fn matches(&self, digits: &[u8]) -> bool {
        self.kind == PatternKind::Digits && self.fit(digits) == Fit::Exact
    }

    /// How `digits` stand to it.
    pub(super) fn fit(&self, digits: &[u8]) -> Fit {
        let tokens = self.encoded();
        let split = tokens.iter().position(|&t| t == ANY_DIGITS);
        let before = &tokens[..split.unwrap_or(tokens.len())];
        if !before.iter().zip(digits).all(|(&t, &c)| takes(t, c)) {
            return Fit::No;
        }
        let Some(rest) = digits.get(before.len()..) else { return Fit::Partial };
        match split {
            None if rest.is_empty() => Fit::Exact,
            None => Fit::No,
            Some(split) => fit_after(rest, &tokens[split + 1..]),
        }
    }

    /// The parts of `dialled`, which it matches, that stand at its wildcards.
    pub(super) fn wild<'d>(&self, dialled: &'d [u8]) -> Wild<'_, 'd> {
        if matches!(self.end, End::Closed | End::Open) {
            return Wild::tail(dialled.get(usize::from(self.head)..).unwrap_or_default());
        }
        Wild::new(self, dialled)
    }

    const fn without_tokens(kind: PatternKind) -> Self {
        Self {
            tokens: [0; MAX_DIGITS],
            len: 0,
            kind,
            head: 0,
            literals: 0,
            any_digits: 0,
            end: End::Closed,
            complete_only: false,
        }
    }

    fn read(&mut self, body: &str) -> Result<(), PatternError> {
        let mut quoted = false;
        for c in body.chars() {
            let token = match c {
                '"' => {
                    quoted = !quoted;
                    continue;
                }
                _ if quoted && c.is_ascii_graphic() => c as u8,
                'X' => ANY_DIGIT,
                'N' if self.has_any_digits() => return Err(PatternError::SecondN),
                'N' => ANY_DIGITS,
                ';' => return Err(PatternError::SemicolonInside),
                '?' => return Err(PatternError::DefaultNotAlone),
                _ if c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+') => c as u8,
                _ => return Err(PatternError::BadCharacter(c)),
            };
            self.push(token);
        }
        if quoted { Err(PatternError::OpenQuote) } else { Ok(()) }
    }

    fn push(&mut self, token: u8) {
        self.tokens[usize::from(self.len)] = token;
        self.len += 1;
    }

    fn measure(&mut self) {
        let tokens = self.encoded();
        let head = tokens.iter().take_while(|&&t| is_literal(t)).count();
        let literals = tokens.iter().filter(|&&t| is_literal(t)).count();
        let any_digits = tokens.iter().filter(|&&t| t == ANY_DIGIT).count();
        let open = tokens.last() == Some(&ANY_DIGITS);
        let mixed = literals > head || (self.has_any_digits() && !open);
        self.end = match (mixed, open) {
            (false, false) => End::Closed,
            (false, true) => End::Open,
            (true, false) => End::MixedClosed,
            (true, true) => End::MixedOpen,
        };
        (self.head, self.literals, self.any_digits) = (head as u8, literals as u8, any_digits as u8);
    }
}

/// `rest` against `N` and the tokens `after` it.
fn fit_after(rest: &[u8], after: &[u8]) -> Fit {
    let matches = |tokens: &[u8], part: &[u8]| tokens.iter().zip(part).all(|(&t, &c)| takes(t, c));
    let wild = rest.iter().take_while(|&&c| is_wild(c)).count();
    if let Some(middle) = rest.len().checked_sub(after.len())
        && middle <= wild
        && matches(after, &rest[middle..])
    {
        return Fit::Exact;
    }
    let starts = |n: usize| rest.len() - n < after.len() && matches(after, &rest[n..]);
    if (0..=wild).any(starts) { Fit::Partial } else { Fit::No }
}

fn hot_line(delay: &str) -> Result<PatternKind, PatternError> {
    if delay.is_empty() {
        return Ok(PatternKind::HotLine(Duration::from_secs(0)));
    }
    let seconds = delay.strip_prefix('(').and_then(|d| d.strip_suffix(')'));
    let digits = seconds.filter(|s| !s.is_empty() && s.bytes().all(|c| c.is_ascii_digit()));
    let Some(digits) = digits else { return Err(PatternError::HotLineForm) };
    let seconds = digits.parse().unwrap_or(u64::MAX);
    if seconds > MAX_HOT_LINE_DELAY {
        return Err(PatternError::HotLineDelay(seconds));
    }
    Ok(PatternKind::HotLine(Duration::from_secs(seconds)))
}

fn setting(code: &str) -> Result<Pattern, PatternError> {
    let mut pattern = Pattern::without_tokens(PatternKind::Setting);
    for c in code.chars() {
        if !c.is_ascii_graphic() {
            return Err(PatternError::BadCharacter(c));
        }
        pattern.push(c as u8);
    }
    Ok(pattern)
}

/// Whether a wildcard takes this character: a digit, `*` or `+`, not the `#` that ends dialling.
pub(super) const fn is_wild(c: u8) -> bool {
    c.is_ascii_digit() || c == b'*' || c == b'+'
}

const fn is_literal(token: u8) -> bool {
    token > ANY_DIGITS
}

const fn takes(token: u8, c: u8) -> bool {
    token == c || (token == ANY_DIGIT && is_wild(c))
}

/// The token that `byte` of [`Pattern::encoded`] stands for.
pub(super) const fn decode(byte: u8) -> Token {
    match byte {
        ANY_DIGIT => Token::AnyDigit,
        ANY_DIGITS => Token::AnyDigits,
        c => Token::Literal(c),
    }
}

/// Whether `c` means itself only in quotes.
const fn needs_quotes(c: u8) -> bool {
    matches!(c, b'X' | b'N') || !(c.is_ascii_alphanumeric() || matches!(c, b'*' | b'#' | b'+'))
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        match self.kind {
            PatternKind::Default => return f.write_char('?'),
            PatternKind::HotLine(delay) if delay.is_zero() => return f.write_str("?D"),
            PatternKind::HotLine(delay) => return write!(f, "?D({})", delay.as_secs()),
            PatternKind::Setting => return f.write_str(&String::from_utf8_lossy(self.encoded())),
            PatternKind::Digits => {}
        }
        for token in self.tokens() {
            match token {
                Token::AnyDigit => f.write_char('X')?,
                Token::AnyDigits => f.write_char('N')?,
                Token::Literal(c) if needs_quotes(c) => write!(f, "\"{}\"", c as char)?,
                Token::Literal(c) => f.write_char(c as char)?,
            }
        }
        if self.complete_only { f.write_char(';') } else { Ok(()) }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(code: &str) -> Pattern {
        Pattern::parse(code).expect("test code")
    }

    #[test]
    fn every_kind_of_character() {
        let p = pattern("*14*N#;");
        assert!(p.complete_only && p.has_any_digits() && !p.is_open());
        assert_eq!((p.literals(), p.any_digits()), (5, 0));
        assert_eq!(pattern("9XX").any_digits(), 2);
        assert_eq!(pattern("\"XN\"").literals(), 2);
        assert_eq!(pattern("\"9\"1a"), pattern("91a"));
        assert_eq!(pattern("?").kind, PatternKind::Default);
        assert_eq!(pattern("?D").kind, PatternKind::HotLine(Duration::from_secs(0)));
        assert_eq!(pattern("?D(30)").kind, PatternKind::HotLine(Duration::from_secs(30)));
        assert_eq!(pattern("*FWD(201)N?").kind, PatternKind::Setting);
        assert_eq!(pattern("*DCP/DialXX").kind, PatternKind::Setting);
        for code in ["*14*N#;", "9XX", "?", "?D", "?D(7)", "\"X\"\"-\"N;", "*FWD(1)"] {
            assert_eq!(pattern(code).to_string(), code);
        }
    }

    #[test]
    fn fits_digits_so_far() {
        for (code, digits, fit) in [
            ("601", "60", Fit::Partial),
            ("601", "601", Fit::Exact),
            ("601", "6011", Fit::No),
            ("60N", "60", Fit::Exact),
            ("60N", "60*+1", Fit::Exact),
            ("60N", "60#", Fit::No),
            ("6X1", "62", Fit::Partial),
            ("*14*N#", "*14*2", Fit::Partial),
            ("*14*N#", "*14*2#", Fit::Exact),
            ("*14*N#", "*14*2#3", Fit::No),
            ("6N12#", "6331", Fit::Partial),
            ("6N12#", "6#", Fit::No),
        ] {
            assert_eq!(pattern(code).fit(digits.as_bytes()), fit, "{code} {digits}");
        }
    }
}
