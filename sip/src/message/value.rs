//! Header values that are decoded when somebody asks: Via, name-addr, CSeq, parameters, lists.

use super::cursor::{Class, Cursor, find, is_lws, number, trim};
use super::uri::{Host, Uri};

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
        let mut cursor = Cursor::new(self.0);
        loop {
            let (n, value) = read_param(&mut cursor)?;
            if n.eq_ignore_ascii_case(name.as_bytes()) {
                return Some(value);
            }
        }
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
        std::iter::from_fn(move || {
            let (name, value) = read_param(&mut cursor)?;
            Some((std::str::from_utf8(name).ok()?, value))
        })
    }
}

fn read_param<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], &'a [u8])> {
    if !cursor.take(b';') {
        return None;
    }
    let name = cursor.take_while(Class::NAME);
    if name.is_empty() {
        return None;
    }
    if !cursor.take(b'=') {
        return Some((name, &[]));
    }
    if cursor.peek() == Some(b'"') {
        return Some((name, cursor.quoted()?));
    }
    let value = cursor.take_while(Class::VALUE);
    (!value.is_empty()).then_some((name, value))
}

/// Takes all parameters; what they span and the value of the first that is named `wanted` (in lower case; empty without one), or
/// `None` if one is malformed.
fn read_params<'a>(cursor: &mut Cursor<'a>, wanted: &[u8]) -> Option<(Params<'a>, &'a [u8])> {
    let start = cursor.rest();
    let mut found: Option<&[u8]> = None;
    loop {
        let mut ahead = *cursor;
        ahead.skip_lws();
        if ahead.peek() != Some(b';') {
            let read = start.len() - cursor.rest().len();
            return Some((Params(&start[..read]), found.unwrap_or_default()));
        }
        *cursor = ahead;
        let (name, value) = read_param(cursor)?;
        if found.is_none() && name.eq_ignore_ascii_case(wanted) {
            found = Some(value);
        }
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
    branch: &'a [u8],
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
        if let Some(rest) = cursor.rest().strip_prefix(b"SIP/2.0/") {
            *cursor = Cursor::new(rest);
            cursor.skip_lws();
            let transport = cursor.token()?;
            return Self::read_sent_by(cursor, transport);
        }
        let name = cursor.token()?;
        let version = cursor.take(b'/').then(|| cursor.token())??;
        let transport = cursor.take(b'/').then(|| cursor.token())??;
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return None;
        }
        Self::read_sent_by(cursor, transport)
    }

    fn read_sent_by(cursor: &mut Cursor<'a>, transport: &'a str) -> Option<Self> {
        cursor.skip_lws();
        let (host, port) = Host::read_with_port(cursor)?;
        let (params, branch) = read_params(cursor, b"branch")?;
        Some(Self { transport, host, port, params, branch })
    }

    /// The branch, empty if missing.
    #[must_use]
    pub const fn branch(&self) -> &'a [u8] {
        self.branch
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
    tag: &'a [u8],
}

impl<'a> NameAddr<'a> {
    /// The first address of a header value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let address = Self::read(&mut cursor)?;
        ends_item(&mut cursor).then_some(address)
    }

    /// Whether a header value is a list of addresses, each well formed, and nothing else.
    pub(super) fn are_all_valid(value: &'a [u8]) -> bool {
        let mut cursor = Cursor::new(value);
        loop {
            cursor.skip_lws();
            match cursor.peek() {
                None => return true,
                Some(b',') => cursor.advance(1),
                Some(_) if Self::read(&mut cursor).is_none() || !ends_item(&mut cursor) => return false,
                Some(_) => {}
            }
        }
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
            let words = ahead.take_while(Class::TOKEN.or(Class::LWS));
            if ahead.peek() == Some(b'<') {
                display = trim(words);
                *cursor = ahead;
            }
        }
        let uri = Self::read_uri(cursor)?;
        let address = &start[..start.len() - cursor.rest().len()];
        let (params, tag) = read_params(cursor, b"tag")?;
        Some(Self { display, uri, params, address, tag })
    }

    fn read_uri(cursor: &mut Cursor<'a>) -> Option<Uri<'a>> {
        let rest = cursor.rest();
        if cursor.peek() == Some(b'<') {
            cursor.advance(1);
            let uri = Uri::read(cursor)?;
            let closed = cursor.peek() == Some(b'>');
            cursor.advance(1);
            return closed.then_some(uri);
        }
        // Without angle brackets a `;` begins a header parameter, and `,` and `?` may not occur (RFC 3261 20).
        let end = rest.iter().position(|&c| is_lws(c) || matches!(c, b';' | b',')).unwrap_or(rest.len());
        let raw = &rest[..end];
        if find(b'?', raw).is_some() {
            return None;
        }
        cursor.advance(end);
        Uri::parse(raw)
    }

    /// The tag, empty if missing.
    #[must_use]
    pub const fn tag(&self) -> &'a [u8] {
        self.tag
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
