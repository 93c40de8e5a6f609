//! A place in a header value: the small pieces of RFC 3261's grammar, each of which takes or leaves.

/// Reads a value from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

/// Bytes that may stand somewhere; several of them together are all that are in any of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class(u8);

impl Class {
    /// A token (RFC 3261 25.1).
    pub(crate) const TOKEN: Self = Self(1);
    /// White space, line folds included.
    pub(crate) const LWS: Self = Self(2);
    /// A host name.
    pub(crate) const HOST: Self = Self(4);
    /// A URI, unescaped and without the sign before its host.
    pub(crate) const URI: Self = Self(8);
    /// The name of a parameter of a header field.
    pub(crate) const NAME: Self = Self(16);
    /// The value of one, unless it is quoted.
    pub(crate) const VALUE: Self = Self(32);
    /// The name and the value of a parameter of a URI.
    pub(crate) const URI_NAME: Self = Self(64);
    pub(crate) const URI_VALUE: Self = Self(128);

    pub(crate) const fn has(self, c: u8) -> bool {
        CLASSES[c as usize] & self.0 != 0
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many bytes at the beginning are of it.
    pub(crate) fn run(self, bytes: &[u8]) -> usize {
        bytes.iter().position(|&c| !self.has(c)).unwrap_or(bytes.len())
    }
}

const fn is_one_of(c: u8, these: &[u8]) -> bool {
    let mut i = 0;
    while i < these.len() {
        if these[i] == c {
            return true;
        }
        i += 1;
    }
    false
}

const CLASSES: [u8; 256] = {
    let mut table = [0_u8; 256];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let letter = c.is_ascii_alphanumeric();
        let token = letter || is_one_of(c, b"-.!%*_+`'~");
        let uri = letter || is_one_of(c, b"-_.!~*'()&=+$,;?/%:[]#");
        let name = token || is_one_of(c, b"[]/:&$");
        let value = token || is_one_of(c, b"[]:/@&+$=()");
        let all = [
            (Class::TOKEN, token),
            (Class::LWS, is_one_of(c, b" \t\r\n")),
            (Class::HOST, letter || is_one_of(c, b"-.")),
            (Class::URI, uri),
            (Class::NAME, name),
            (Class::VALUE, value),
            (Class::URI_NAME, uri && name),
            (Class::URI_VALUE, uri && value),
        ];
        let mut class = 0;
        while class < all.len() {
            if all[class].1 {
                table[i] |= all[class].0.0;
            }
            class += 1;
        }
        i += 1;
    }
    table
};

pub(crate) const fn is_lws(c: u8) -> bool {
    Class::LWS.has(c)
}

/// The first place of a byte. Eight at a time, as what is searched here is too short for a vector search to pay for its call.
pub(crate) fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let (words, left) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
        // The lowest of the high bits that are set stands for the first zero byte.
        let zero = differs.wrapping_sub(ONES) & !differs & HIGH;
        if zero != 0 {
            return Some(i * 8 + zero.trailing_zeros() as usize / 8);
        }
    }
    left.iter().position(|&c| c == byte).map(|at| words.len() * 8 + at)
}

/// The value without white space (line folds included) at either end.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_lws(*first)
    {
        bytes = rest;
    }
    bytes
}

pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., last] = bytes
        && is_lws(*last)
    {
        bytes = rest;
    }
    bytes
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) const fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn advance(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or_default();
    }

    pub(crate) fn skip_lws(&mut self) {
        while let [c, rest @ ..] = self.rest
            && is_lws(*c)
        {
            self.rest = rest;
        }
    }

    /// Takes `c`, with white space around it.
    pub(crate) fn take(&mut self, c: u8) -> bool {
        let before = *self;
        self.skip_lws();
        if let [first, rest @ ..] = self.rest
            && *first == c
        {
            self.rest = rest;
            self.skip_lws();
            return true;
        }
        *self = before;
        false
    }

    /// Takes bytes of a class; possibly none.
    pub(crate) fn take_while(&mut self, class: Class) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(class.run(self.rest));
        self.rest = rest;
        taken
    }

    /// Takes a token of at least one byte. Tokens are ASCII.
    pub(crate) fn token(&mut self) -> Option<&'a str> {
        let token = self.take_while(Class::TOKEN);
        if token.is_empty() { None } else { std::str::from_utf8(token).ok() }
    }

    /// Takes a quoted string, the cursor being at its first quote; what is between the quotes, escapes as they are.
    pub(crate) fn quoted(&mut self) -> Option<&'a [u8]> {
        let [b'"', inside @ ..] = self.rest else { return None };
        let mut at = 0;
        while let Some(&c) = inside.get(at) {
            match c {
                b'"' => {
                    self.rest = &inside[at + 1..];
                    return Some(&inside[..at]);
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        None
    }

    /// Takes decimal digits that fit a `u32`; `None` without digits or beyond.
    pub(crate) fn number(&mut self) -> Option<u32> {
        let digits = self.rest.iter().position(|c| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_of_any_byte_is_found_wherever_it_is() {
        for length in 0..40 {
            // Neighbours in value and in place, and one more of it behind.
            for (byte, other) in [(0, 1), (1, 0), (b'\n', b'\x0b'), (0x7f, 0xff), (0x80, 0), (0xff, 0x7f)] {
                let mut bytes = vec![other; length];
                assert_eq!(find(byte, &bytes), None);
                for at in (0..length).rev() {
                    bytes[at] = byte;
                    assert_eq!(find(byte, &bytes), Some(at), "{byte} in {length}");
                }
            }
        }
    }

    #[test]
    fn a_parameter_of_a_uri_has_the_bytes_that_both_its_grammars_allow() {
        for c in 0..=255 {
            assert_eq!(Class::URI_NAME.has(c), Class::URI.has(c) && Class::NAME.has(c), "{c}");
            assert_eq!(Class::URI_VALUE.has(c), Class::URI.has(c) && Class::VALUE.has(c), "{c}");
            assert_eq!(Class::TOKEN.or(Class::LWS).has(c), Class::TOKEN.has(c) || Class::LWS.has(c), "{c}");
        }
    }
}
