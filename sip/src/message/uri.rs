//! URIs (RFC 3261 19.1, RFC 3966): decoded piece by piece, compared as addresses.

use super::cursor::{Class, Cursor, find};
use super::value::Params;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

/// A host: a name, an IPv4 address or an IPv6 reference with its brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a>(&'a [u8]);

impl<'a> Host<'a> {
    /// As written. Hosts are ASCII.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// The address, if it is one and no name.
    #[must_use]
    pub fn ip(self) -> Option<IpAddr> {
        let host = self.as_str();
        match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => host.parse().ok(),
        }
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let bytes = cursor.rest();
        let length = if bytes.first() == Some(&b'[') {
            let close = find(b']', bytes)?;
            let inside = std::str::from_utf8(&bytes[1..close]).ok()?;
            inside.parse::<Ipv6Addr>().ok()?;
            close + 1
        } else {
            Class::HOST.run(bytes)
        };
        cursor.advance(length);
        (length > 0).then_some(Self(&bytes[..length]))
    }

    /// Reads `host[:port]`.
    pub(super) fn read_with_port(cursor: &mut Cursor<'a>) -> Option<(Self, Option<u16>)> {
        let host = Self::read(cursor)?;
        if !cursor.take(b':') {
            return Some((host, None));
        }
        let port = u16::try_from(cursor.number()?).ok()?;
        Some((host, Some(port)))
    }
}

/// A URI: sip, sips and tel are taken apart, any other scheme is kept as it is.
#[derive(Clone, Copy, Debug)]
pub struct Uri<'a> {
    raw: &'a [u8],
    scheme: &'a [u8],
    user: &'a [u8],
    host: Option<Host<'a>>,
    port: Option<u16>,
    params: &'a [u8],
    headers: &'a [u8],
}

impl<'a> Uri<'a> {
    /// Takes a URI apart; `None` if it is not one.
    #[must_use]
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(raw);
        Self::read(&mut cursor).filter(|_| cursor.at_end())
    }

    /// Takes a URI up to the first byte that cannot be part of it.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let raw = cursor.rest();
        let scheme = scheme_length(raw)?;
        let (scheme, rest) = (&raw[..scheme], &raw[scheme + 1..]);
        let mut uri = Self { raw, scheme, user: &[], host: None, port: None, params: &[], headers: &[] };
        *cursor = Cursor::new(rest);
        if scheme.eq_ignore_ascii_case(b"sip") || scheme.eq_ignore_ascii_case(b"sips") {
            uri.read_sip(cursor)?;
        } else {
            let length = rest.iter().position(|&c| !Class::URI.has(c) && c != b'@').unwrap_or(rest.len());
            let rest = &rest[..length];
            if rest.is_empty() {
                return None;
            }
            if scheme.eq_ignore_ascii_case(b"tel") {
                let end = find(b';', rest).unwrap_or(rest.len());
                (uri.user, uri.params) = rest.split_at(end);
            }
            cursor.advance(length);
        }
        uri.raw = &raw[..raw.len() - cursor.rest().len()];
        Some(uri)
    }

    fn read_sip(&mut self, cursor: &mut Cursor<'a>) -> Option<()> {
        let rest = cursor.rest();
        let user = Class::URI.run(rest);
        if rest.get(user) == Some(&b'@') {
            self.user = &rest[..user];
            cursor.advance(user + 1);
            if user == 0 {
                return None;
            }
        }
        self.host = Some(Host::read(cursor)?);
        if cursor.peek() == Some(b':') {
            cursor.advance(1);
            self.port = Some(u16::try_from(cursor.number()?).ok()?);
        }
        let params = cursor.rest();
        while cursor.peek() == Some(b';') {
            cursor.advance(1);
            if cursor.take_while(Class::URI_NAME).is_empty() {
                return None;
            }
            if cursor.peek() == Some(b'=') {
                cursor.advance(1);
                if cursor.take_while(Class::URI_VALUE).is_empty() {
                    return None;
                }
            }
        }
        self.params = &params[..params.len() - cursor.rest().len()];
        if cursor.peek() == Some(b'?') {
            cursor.advance(1);
            self.headers = cursor.take_while(Class::URI);
        }
        Some(())
    }

    /// The whole URI as written.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// The whole URI as text. URIs are ASCII.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        std::str::from_utf8(self.raw).unwrap_or_default()
    }

    /// The scheme as written. Schemes are ASCII.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        std::str::from_utf8(self.scheme).unwrap_or_default()
    }

    /// Whether the scheme is sip or sips.
    #[must_use]
    pub const fn is_sip(&self) -> bool {
        self.host.is_some()
    }

    /// Whether the scheme is sips.
    #[must_use]
    pub const fn is_sips(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(b"sips")
    }

    /// Whether the scheme is tel.
    #[must_use]
    pub const fn is_tel(&self) -> bool {
        self.scheme.eq_ignore_ascii_case(b"tel")
    }

    /// The user part without a password, decoded; the number of a tel URI. `None` if there is none.
    #[must_use]
    pub fn user(&self) -> Option<Cow<'a, [u8]>> {
        if self.user.is_empty() {
            return None;
        }
        let end = find(b':', self.user).unwrap_or(self.user.len());
        Some(decode(&self.user[..end]))
    }

    /// The user part as text, decoded, without user parameters (`201;phone-context=..` is `201`).
    #[must_use]
    pub fn user_str(&self) -> Option<Cow<'a, str>> {
        let user = match self.user()? {
            Cow::Borrowed(bytes) => Cow::Borrowed(std::str::from_utf8(bytes).ok()?),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8(bytes).ok()?),
        };
        Some(match user {
            Cow::Borrowed(text) => Cow::Borrowed(text.split(';').next().unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.split(';').next().unwrap_or_default().to_owned()),
        })
    }

    /// The host; `None` if the scheme is neither sip nor sips.
    #[must_use]
    pub const fn host(&self) -> Option<Host<'a>> {
        self.host
    }

    /// The port, if written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The URI parameters.
    #[must_use]
    pub const fn params(&self) -> Params<'a> {
        Params::new(self.params)
    }

    /// The header fields after `?`, as written.
    #[must_use]
    pub const fn headers(&self) -> &'a [u8] {
        self.headers
    }

    /// The value of a header field after `?`, decoded; the name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.headers.split(|&c| c == b'&').find_map(|pair| {
            let equals = find(b'=', pair)?;
            decode(&pair[..equals]).eq_ignore_ascii_case(name.as_bytes()).then(|| decode(&pair[equals + 1..]))
        })
    }

    /// The address of record in canonical form, `user@host` with the host in lower case: the key of a registrar.
    #[must_use]
    pub fn address_of_record(&self) -> Option<String> {
        let host = self.host?.as_str().to_ascii_lowercase();
        Some(match self.user_str() {
            Some(user) => format!("{user}@{host}"),
            None => host,
        })
    }

    /// Whether both name the same address (RFC 3261 19.1.4): the user in its case, the host in any, equal ports and
    /// equal values of the parameters that decide (user, ttl, method, maddr, transport).
    #[must_use]
    pub fn same_address(&self, other: &Uri<'_>) -> bool {
        let (Some(a), Some(b)) = (self.host, other.host) else { return self.raw == other.raw };
        let deciding = |name: &str| match (self.params().get(name), other.params().get(name)) {
            (None, None) => true,
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            (None, Some(_)) | (Some(_), None) => false,
        };
        self.is_sips() == other.is_sips()
            && decode(self.user) == decode(other.user)
            && a.as_str().eq_ignore_ascii_case(b.as_str())
            && self.port == other.port
            && ["user", "ttl", "method", "maddr", "transport"].iter().all(|name| deciding(name))
    }
}

/// How many bytes the scheme has; a colon comes after them.
fn scheme_length(raw: &[u8]) -> Option<usize> {
    if raw.starts_with(b"sip:") {
        return Some(3);
    }
    let end = raw.iter().position(|&c| !(c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.')))?;
    (raw[end] == b':' && raw[0].is_ascii_alphabetic()).then_some(end)
}

/// Percent-decodes; what is no escape stays as it is.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if find(b'%', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|hex| {
            let hex = std::str::from_utf8(hex).ok().filter(|h| h.bytes().all(|c| c.is_ascii_hexdigit()))?;
            u8::from_str_radix(hex, 16).ok()
        });
        match escape {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(out)
}
