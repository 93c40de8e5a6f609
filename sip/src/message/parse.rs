//! One pass over a datagram: where the start line, the header fields and the body are. Nothing is copied or decoded.

use super::check::Fault;
use super::cursor::{Class, find, is_lws, number, trim, trim_end, trim_start};
use super::{Header, Method};
use crate::limits::{MAX_HEADERS, MAX_MESSAGE};
use memchr::{memchr, memrchr};
use smallvec::SmallVec;
use std::borrow::Cow;

/// Bytes that are no SIP message, or of which too little is there to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSip {
    /// Nothing but line ends, or nothing at all: a keep-alive (RFC 5626 3.5.1).
    KeepAlive,
    /// Longer than [`MAX_MESSAGE`] or with more than [`MAX_HEADERS`] header fields.
    TooLarge,
    /// The header does not end.
    Truncated,
    /// The first line is neither a request line nor a status line.
    StartLine,
    /// A line ends with a bare line feed.
    BareLineFeed,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    header: Header,
    name_len: u8,
    name: u16,
    value: u16,
    value_end: u16,
}

#[derive(Clone, Copy, Debug)]
enum Start {
    Request { method: Method, method_end: u16, uri: u16, uri_end: u16 },
    Status { code: u16, reason: u16, reason_end: u16 },
}

/// Where everything is in a message; of use only with the bytes it was made from.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    start: Start,
    first: u16,
    body: u16,
    body_end: u16,
    seen: u64,
    twice: u64,
    fault: Option<Fault>,
    spans: SmallVec<[Span; 24]>,
}

/// A message looked at in its datagram. Header values are raw bytes until a typed reader decodes them.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Its own, or that of whoever keeps the message.
    layout: Cow<'a, Layout>,
}

/// A message that owns its bytes, as events carry it.
#[derive(Clone, Debug)]
pub struct Stored {
    bytes: Box<[u8]>,
    layout: Box<Layout>,
}

impl Stored {
    /// Looks at the bytes; they are kept.
    ///
    /// # Errors
    /// As [`Message::parse`].
    pub fn parse(bytes: impl Into<Box<[u8]>>) -> Result<Self, NotSip> {
        let bytes = bytes.into();
        let layout = Box::new(Layout::scan(&bytes)?);
        Ok(Self { bytes, layout })
    }

    /// The message, to read it.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        Message { bytes: &self.bytes, layout: Cow::Borrowed(&self.layout) }
    }
}

impl Layout {
    fn scan(bytes: &[u8]) -> Result<Self, NotSip> {
        if bytes.len() > MAX_MESSAGE {
            return Err(NotSip::TooLarge);
        }
        let first = bytes.iter().position(|&c| c != b'\r' && c != b'\n').ok_or(NotSip::KeepAlive)?;
        let (line_end, mut at) = line(bytes, first)?;
        let mut fault = None;
        let start = start_line(bytes, first, line_end, &mut fault)?;
        let mut layout = Self {
            start,
            first: first as u16,
            body: 0,
            body_end: 0,
            seen: 0,
            twice: 0,
            fault,
            spans: SmallVec::new(),
        };
        loop {
            let (end, next) = line(bytes, at)?;
            if end == at {
                at = next;
                break;
            }
            layout.header_line(bytes, at, end)?;
            at = next;
        }
        layout.delimit_body(bytes, at);
        Ok(layout)
    }

    fn header_line(&mut self, bytes: &[u8], at: usize, end: usize) -> Result<(), NotSip> {
        if is_lws(bytes[at]) {
            match self.spans.last_mut() {
                Some(previous) => previous.value_end = (at + trim_end(&bytes[at..end]).len()) as u16,
                None => self.note(Fault::HeaderLine),
            }
            return Ok(());
        }
        let line = &bytes[at..end];
        let Some(colon) = find(b':', line) else {
            self.note(Fault::HeaderLine);
            return Ok(());
        };
        let name = trim_end(&line[..colon]);
        let (Ok(name_len), false) = (u8::try_from(name.len()), name.is_empty()) else {
            self.note(Fault::HeaderLine);
            return Ok(());
        };
        let header = Header::from_bytes(name);
        if header == Header::Other && Class::TOKEN.run(name) != name.len() {
            self.note(Fault::HeaderLine);
        }
        if self.spans.len() == MAX_HEADERS {
            return Err(NotSip::TooLarge);
        }
        let value = trim_start(&line[colon + 1..]);
        let value_at = end - value.len();
        let bit = 1_u64 << (header as u8);
        self.twice |= self.seen & bit;
        self.seen |= bit;
        self.spans.push(Span {
            header,
            name_len,
            name: at as u16,
            value: value_at as u16,
            value_end: (value_at + trim_end(value).len()) as u16,
        });
        Ok(())
    }

    fn delimit_body(&mut self, bytes: &[u8], at: usize) {
        self.body = at as u16;
        self.body_end = bytes.len() as u16;
        if self.seen & (1 << Header::ContentLength as u8) == 0 {
            return;
        }
        let mut lengths = self.spans.iter().filter(|s| s.header == Header::ContentLength).map(|s| {
            number(trim(&bytes[usize::from(s.value)..usize::from(s.value_end)])).map(|n| n as usize)
        });
        let length = lengths.next().flatten();
        let agreed = lengths.all(|l| l == length);
        match length {
            Some(length) if agreed && length <= bytes.len() - at => self.body_end = (at + length) as u16,
            _ => self.note(Fault::ContentLength),
        }
    }

    fn note(&mut self, fault: Fault) {
        self.fault = self.fault.or(Some(fault));
    }
}

/// End of the line that begins at `at` without its CRLF, and where the next one begins.
fn line(bytes: &[u8], at: usize) -> Result<(usize, usize), NotSip> {
    let feed = at + memchr(b'\n', &bytes[at..]).ok_or(NotSip::Truncated)?;
    if feed == at || bytes[feed - 1] != b'\r' {
        return Err(NotSip::BareLineFeed);
    }
    Ok((feed - 1, feed + 1))
}

fn start_line(bytes: &[u8], at: usize, end: usize, fault: &mut Option<Fault>) -> Result<Start, NotSip> {
    let text = &bytes[at..end];
    if let Some(rest) = text.strip_prefix(b"SIP/") {
        return status_line(bytes, at, end, rest, fault);
    }
    let first = find(b' ', text).ok_or(NotSip::StartLine)?;
    let trimmed = trim(text);
    let last = memrchr(b' ', trimmed).ok_or(NotSip::StartLine)?;
    let version = &trimmed[last + 1..];
    if first == 0 || !version.starts_with(b"SIP/") || last <= first {
        return Err(NotSip::StartLine);
    }
    if version != b"SIP/2.0" {
        *fault = Some(Fault::Version);
    }
    let method = &text[..first];
    let odd = trimmed.len() != text.len()
        || find(b' ', &text[first + 1..last]).is_some()
        || Class::TOKEN.run(method) != method.len();
    if odd {
        *fault = Some(Fault::StartLine);
    }
    Ok(Start::Request {
        method: Method::from_bytes(method),
        method_end: (at + first) as u16,
        uri: (at + first + 1) as u16,
        uri_end: (at + last) as u16,
    })
}

fn status_line(
    bytes: &[u8],
    at: usize,
    end: usize,
    rest: &[u8],
    fault: &mut Option<Fault>,
) -> Result<Start, NotSip> {
    let space = find(b' ', rest).ok_or(NotSip::StartLine)?;
    if &rest[..space] != b"2.0" {
        *fault = Some(Fault::Version);
    }
    let code_at = at + 4 + space + 1;
    let code_end = code_at + bytes[code_at..end].iter().take_while(|c| c.is_ascii_digit()).count();
    let code =
        number(&bytes[code_at..code_end]).filter(|c| (100..700).contains(c) && code_end == code_at + 3);
    let spaced = code_end == end || bytes[code_end] == b' ';
    if code.is_none() || !spaced {
        *fault = Some(Fault::StartLine);
    }
    Ok(Start::Status {
        code: code.unwrap_or(0) as u16,
        reason: (code_end + 1).min(end) as u16,
        reason_end: end as u16,
    })
}

impl<'a> Message<'a> {
    /// Looks at one message. What is wrong with it but can be answered is left for [`Message::check`].
    ///
    /// # Errors
    /// If the bytes are no SIP message, or too little of one to answer it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotSip> {
        Ok(Self { bytes, layout: Cow::Owned(Layout::scan(bytes)?) })
    }

    /// A copy that owns its bytes.
    #[must_use]
    pub fn store(&self) -> Stored {
        Stored { bytes: self.bytes.into(), layout: Box::new(Layout::clone(&self.layout)) }
    }

    /// The datagram.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The method of a request; `None` for a response.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        match self.layout.start {
            Start::Request { method, .. } => Some(method),
            Start::Status { .. } => None,
        }
    }

    /// The method of a request as written; empty for a response.
    #[must_use]
    pub fn method_bytes(&self) -> &'a [u8] {
        match self.layout.start {
            Start::Request { method_end, .. } => self.slice(self.layout.first, method_end),
            Start::Status { .. } => &[],
        }
    }

    /// The Request-URI as written; empty for a response.
    #[must_use]
    pub fn uri_bytes(&self) -> &'a [u8] {
        match self.layout.start {
            Start::Request { uri, uri_end, .. } => self.slice(uri, uri_end),
            Start::Status { .. } => &[],
        }
    }

    /// The status code of a response; `None` for a request.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.layout.start {
            Start::Status { code, .. } => Some(code),
            Start::Request { .. } => None,
        }
    }

    /// The reason phrase of a response as written; empty for a request.
    #[must_use]
    pub fn reason(&self) -> &'a [u8] {
        match self.layout.start {
            Start::Status { reason, reason_end, .. } => self.slice(reason, reason_end),
            Start::Request { .. } => &[],
        }
    }

    /// The value of the first header field of this name, without white space at its ends.
    #[must_use]
    pub fn header(&self, header: Header) -> Option<&'a [u8]> {
        if !self.has(header) {
            return None;
        }
        let span = self.layout.spans.iter().find(|s| s.header == header)?;
        Some(self.slice(span.value, span.value_end))
    }

    /// The first header field of this name as text; `None` if it is missing or not UTF-8.
    #[must_use]
    pub fn header_str(&self, header: Header) -> Option<&'a str> {
        std::str::from_utf8(self.header(header)?).ok()
    }

    /// The first header field of this name as a number (its parameters are passed over).
    #[must_use]
    pub fn header_number(&self, header: Header) -> Option<u32> {
        let value = self.header(header)?;
        let digits = value.iter().take_while(|c| c.is_ascii_digit()).count();
        number(&value[..digits])
    }

    /// The values of all header fields of this name, in their order.
    pub fn headers(&self, header: Header) -> impl Iterator<Item = &'a [u8]> + '_ {
        let (bytes, spans) = (self.bytes, &self.layout.spans);
        spans
            .iter()
            .filter(move |s| s.header == header)
            .map(move |s| &bytes[usize::from(s.value)..usize::from(s.value_end)])
    }

    /// Every header field in order: what it is, its name as written and its value.
    pub fn all_headers(&self) -> impl Iterator<Item = (Header, &'a [u8], &'a [u8])> + '_ {
        let bytes = self.bytes;
        self.layout.spans.iter().map(move |s| {
            let name = usize::from(s.name);
            let value = &bytes[usize::from(s.value)..usize::from(s.value_end)];
            (s.header, &bytes[name..name + usize::from(s.name_len)], value)
        })
    }

    /// Whether the message has a header field of this name.
    #[must_use]
    pub fn has(&self, header: Header) -> bool {
        self.layout.seen & (1 << header as u8) != 0
    }

    /// Whether a comma-separated header field (Supported, Require, Allow) names `token`, in any case.
    #[must_use]
    pub fn lists(&self, header: Header, token: &str) -> bool {
        self.headers(header)
            .flat_map(|value| value.split(|&c| c == b','))
            .any(|item| trim(item).eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The body: as long as Content-Length says, or all that is left.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.slice(self.layout.body, self.layout.body_end)
    }

    /// Whether the body is of this type (`application/sdp`).
    #[must_use]
    pub fn body_is(&self, content_type: &str) -> bool {
        self.header(Header::ContentType).is_some_and(|value| {
            let end = value.iter().position(|&c| c == b';').unwrap_or(value.len());
            trim(&value[..end]).eq_ignore_ascii_case(content_type.as_bytes())
        })
    }

    /// The first of these header fields that is there more than once.
    pub(super) fn first_twice(&self, of: &[Header]) -> Option<Header> {
        if self.layout.twice == 0 {
            return None;
        }
        of.iter().copied().find(|&header| self.layout.twice & (1 << header as u8) != 0)
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.layout.fault
    }

    fn slice(&self, start: u16, end: u16) -> &'a [u8] {
        &self.bytes[usize::from(start)..usize::from(end)]
    }
}

const _: () = assert!((Header::Other as u8) < 64, "the sets of header fields are 64-bit masks");
