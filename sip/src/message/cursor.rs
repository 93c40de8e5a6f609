//! A place in a header value: the small pieces of RFC 3261's grammar, each of which takes or leaves.

/// Reads a value from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

const TOKEN: u8 = 1;
const LWS: u8 = 2;
const HOST: u8 = 4;
const ESCAPED: u8 = 8;

/// Classes of bytes: token (RFC 3261 25.1), white space, host, and what may stand unescaped in the user part of a URI.
const CLASS: [u8; 256] = {
    let mut table = [0_u8; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        if c.is_ascii_alphanumeric() {
            table[i] |= TOKEN | HOST | ESCAPED;
        }
        if matches!(c, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~') {
            table[i] |= TOKEN;
        }
        if matches!(c, b' ' | b'\t' | b'\r' | b'\n') {
            table[i] |= LWS;
        }
        if matches!(c, b'-' | b'.') {
            table[i] |= HOST;
        }
        if matches!(
            c,
            b'-' | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
                | b'('
                | b')'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b';'
                | b'?'
                | b'/'
                | b'%'
                | b':'
                | b'['
                | b']'
                | b'#'
        ) {
            table[i] |= ESCAPED;
        }
        i += 1;
    }
    table
};

/// Whether the byte may stand in a token.
pub(crate) const fn is_token(c: u8) -> bool {
    CLASS[c as usize] & TOKEN != 0
}

/// Whether the byte may stand in a host name.
pub(crate) const fn is_host(c: u8) -> bool {
    CLASS[c as usize] & HOST != 0
}

/// Whether the byte may stand in a URI at all.
pub(crate) const fn is_uri(c: u8) -> bool {
    CLASS[c as usize] & ESCAPED != 0
}

pub(crate) const fn is_lws(c: u8) -> bool {
    CLASS[c as usize] & LWS != 0
}

/// The value without white space (line folds included) at either end.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_lws(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_lws(*last)
    {
        bytes = rest;
    }
    bytes
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn advance(&mut self, n: usize) {
        self.at = (self.at + n).min(self.bytes.len());
    }

    pub(crate) fn skip_lws(&mut self) {
        while self.peek().is_some_and(is_lws) {
            self.at += 1;
        }
    }

    /// Takes `c`, with white space around it.
    pub(crate) fn take(&mut self, c: u8) -> bool {
        let before = self.at;
        self.skip_lws();
        if self.peek() == Some(c) {
            self.at += 1;
            self.skip_lws();
            return true;
        }
        self.at = before;
        false
    }

    /// Takes bytes as long as `accept` says so; possibly none.
    pub(crate) fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(&accept) {
            self.at += 1;
        }
        &self.bytes[start..self.at]
    }

    /// Takes a token of at least one byte. Tokens are ASCII.
    pub(crate) fn token(&mut self) -> Option<&'a str> {
        let token = self.take_while(is_token);
        if token.is_empty() { None } else { std::str::from_utf8(token).ok() }
    }

    /// Takes a quoted string, the cursor being at its first quote; what is between the quotes, escapes as they are.
    pub(crate) fn quoted(&mut self) -> Option<&'a [u8]> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        while let Some(&c) = self.bytes.get(at) {
            match c {
                b'"' => {
                    self.at = at + 1;
                    return Some(&self.bytes[start..at]);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        None
    }

    /// Takes decimal digits that fit a `u32`; `None` without digits or beyond.
    pub(crate) fn number(&mut self) -> Option<u32> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        number(digits)
    }
}

/// Decimal digits and nothing else, as a `u32`.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |n, &c| {
        let digit = c.checked_sub(b'0').filter(|&d| d < 10)?;
        n.checked_mul(10)?.checked_add(u32::from(digit))
    })
}
