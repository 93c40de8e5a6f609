//! Header values that are decoded when somebody asks: Via, name-addr, CSeq, parameters, lists.

use super::cursor::{Cursor, is_lws, is_token, number, trim};
use super::uri::{Host, Uri};
use memchr::memchr;

/// Parameters, `;name=value;name`. Reading does not copy; a quoted value comes without its quotes.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a>(&'a [u8]);

impl<'a> Params<'a> {
    /// Parameters as written, beginning with `;` or empty.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// As written.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The value of a parameter, the name in any case; empty if it has none.
    #[must_use]
    pub fn get(self, name: &str) -> Option<&'a [u8]> {
        self.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of a parameter as text.
    #[must_use]
    pub fn get_str(self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The value of a parameter as a number.
    #[must_use]
    pub fn get_number(self, name: &str) -> Option<u32> {
        number(self.get(name)?)
    }

    /// Whether the parameter is there.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every parameter up to the first that is malformed.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let mut cursor = Cursor::new(self.0);
        std::iter::from_fn(move || read_param(&mut cursor))
    }

    /// Whether all of it is well formed.
    #[must_use]
    pub(super) fn all_valid(self) -> bool {
        let mut cursor = Cursor::new(self.0);
        read_params(&mut cursor).is_some() && cursor.at_end()
    }
}

fn is_value(c: u8) -> bool {
    is_token(c) || matches!(c, b'[' | b']' | b':' | b'/' | b'@' | b'&' | b'+' | b'$' | b'=' | b'(' | b')')
}

fn read_param<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a str, &'a [u8])> {
    if !cursor.take(b';') {
        return None;
    }
    let name_bytes =
        cursor.take_while(|c| is_token(c) || matches!(c, b'[' | b']' | b'/' | b':' | b'&' | b'$'));
    let name = std::str::from_utf8(name_bytes).ok().filter(|n| !n.is_empty())?;
    if !cursor.take(b'=') {
        return Some((name, &[]));
    }
    if cursor.peek() == Some(b'"') {
        return Some((name, cursor.quoted()?));
    }
    let value = cursor.take_while(is_value);
    (!value.is_empty()).then_some((name, value))
}

/// Takes all parameters; what they span, or `None` if one is malformed.
fn read_params<'a>(cursor: &mut Cursor<'a>) -> Option<Params<'a>> {
    let start = cursor.rest();
    loop {
        let mut ahead = *cursor;
        ahead.skip_lws();
        if ahead.peek() != Some(b';') {
            let read = start.len() - cursor.rest().len();
            return Some(Params(&start[..read]));
        }
        read_param(cursor)?;
    }
}

/// A Via: who sent the request, and where answers go.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS` or another.
    pub transport: &'a str,
    /// Host of sent-by.
    pub host: Host<'a>,
    /// Port of sent-by, if written.
    pub port: Option<u16>,
    /// The parameters.
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// The first Via of a header value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let via = Self::read(&mut cursor)?;
        ends_item(&mut cursor).then_some(via)
    }

    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        cursor.skip_lws();
        let name = cursor.token()?;
        let version = cursor.take(b'/').then(|| cursor.token())??;
        let transport = cursor.take(b'/').then(|| cursor.token())??;
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return None;
        }
        cursor.skip_lws();
        let (host, port) = Host::read_with_port(cursor)?;
        let params = read_params(cursor)?;
        Some(Self { transport, host, port, params })
    }

    /// The branch, empty if missing.
    #[must_use]
    pub fn branch(&self) -> &'a [u8] {
        self.params.get("branch").unwrap_or_default()
    }

    /// Whether the branch names the transaction (RFC 3261 17.2.3): the magic cookie and something after it.
    #[must_use]
    pub fn has_magic_cookie(&self) -> bool {
        self.branch().strip_prefix(b"z9hG4bK").is_some_and(|rest| !rest.is_empty())
    }
}

/// Whether an item of a list ends here: at a comma or at the end.
fn ends_item(cursor: &mut Cursor<'_>) -> bool {
    cursor.skip_lws();
    matches!(cursor.peek(), None | Some(b','))
}

/// A name-addr or addr-spec with its parameters: From, To, Contact, Route, Refer-To.
#[derive(Clone, Copy, Debug)]
pub struct NameAddr<'a> {
    /// Display name without quotes, escapes as they are; empty if there is none.
    pub display: &'a [u8],
    /// The URI.
    pub uri: Uri<'a>,
    /// The header parameters.
    pub params: Params<'a>,
    /// Display name and URI as written, without the parameters.
    pub address: &'a [u8],
}

impl<'a> NameAddr<'a> {
    /// The first address of a header value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let address = Self::read(&mut cursor)?;
        ends_item(&mut cursor).then_some(address)
    }

    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        cursor.skip_lws();
        let start = cursor.rest();
        let mut display: &[u8] = &[];
        if cursor.peek() == Some(b'"') {
            display = cursor.quoted()?;
            cursor.skip_lws();
            if cursor.peek() != Some(b'<') {
                return None;
            }
        } else {
            let mut ahead = *cursor;
            let words = ahead.take_while(|c| is_token(c) || is_lws(c));
            if ahead.peek() == Some(b'<') {
                display = trim(words);
                *cursor = ahead;
            }
        }
        let uri = Self::read_uri(cursor)?;
        let address = &start[..start.len() - cursor.rest().len()];
        let params = read_params(cursor)?;
        Some(Self { display, uri, params, address })
    }

    fn read_uri(cursor: &mut Cursor<'a>) -> Option<Uri<'a>> {
        let rest = cursor.rest();
        if cursor.peek() == Some(b'<') {
            let close = memchr(b'>', rest)?;
            cursor.advance(close + 1);
            return Uri::parse(&rest[1..close]);
        }
        // Without angle brackets a `;` begins a header parameter, and `,` and `?` may not occur (RFC 3261 20).
        let raw = cursor.take_while(|c| !is_lws(c) && !matches!(c, b';' | b','));
        if raw.contains(&b'?') {
            return None;
        }
        Uri::parse(raw)
    }

    /// The tag, empty if missing.
    #[must_use]
    pub fn tag(&self) -> &'a [u8] {
        self.params.get("tag").unwrap_or_default()
    }
}

/// A CSeq: number and method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// Below 2^31.
    pub number: u32,
    /// The method as written.
    pub method: &'a str,
}

impl<'a> CSeq<'a> {
    /// Reads a CSeq; `None` if it is malformed or its number is 2^31 or more.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let number = cursor.number().filter(|&n| n < 1 << 31)?;
        let spaced = cursor.peek().is_some_and(is_lws);
        cursor.skip_lws();
        let method = cursor.token()?;
        cursor.skip_lws();
        (spaced && cursor.at_end()).then_some(Self { number, method })
    }
}

/// The items of a comma-separated value; commas in quotes and in angle brackets do not separate. No empty items.
pub fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = value;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = item_end(rest);
            let item = trim(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            if !item.is_empty() {
                return Some(item);
            }
        }
    })
}

fn item_end(bytes: &[u8]) -> usize {
    let (mut quoted, mut bracketed, mut at) = (false, false, 0);
    while let Some(&c) = bytes.get(at) {
        match c {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'<' if !quoted => bracketed = true,
            b'>' if !quoted => bracketed = false,
            b',' if !quoted && !bracketed => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
