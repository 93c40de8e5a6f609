//! Writing messages into one buffer, in the order they go out.

use super::{Header, Method, reason_phrase};
use std::fmt::Display;
use std::io::Write as _;

/// Writes one message. Line ends are written by it alone: a value that has one is written without it, so that nothing
/// can be smuggled into a header.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// Begins a request.
    #[must_use]
    pub fn request(method: &str, uri: &str) -> Self {
        let mut writer = Self { out: Vec::with_capacity(768) };
        writer.text(method.as_bytes());
        writer.out.push(b' ');
        writer.text(uri.as_bytes());
        writer.out.extend_from_slice(b" SIP/2.0\r\n");
        writer
    }

    /// Begins a request of a method known by name.
    #[must_use]
    pub fn method(method: Method, uri: &str) -> Self {
        Self::request(method.as_str(), uri)
    }

    /// Begins a response with the usual reason phrase.
    #[must_use]
    pub fn response(status: u16) -> Self {
        Self::response_with(status, reason_phrase(status))
    }

    /// Begins a response with a reason phrase of one's own.
    #[must_use]
    pub fn response_with(status: u16, reason: &str) -> Self {
        let mut writer = Self { out: Vec::with_capacity(768) };
        writer.out.extend_from_slice(b"SIP/2.0 ");
        writer.number(u64::from(status));
        writer.out.push(b' ');
        writer.text(reason.as_bytes());
        writer.out.extend_from_slice(b"\r\n");
        writer
    }

    /// Writes a header field.
    pub fn header(&mut self, header: Header, value: impl AsRef<[u8]>) -> &mut Self {
        self.named(header.as_str().as_bytes(), value)
    }

    /// Writes a header field under any name.
    pub fn named(&mut self, name: &[u8], value: impl AsRef<[u8]>) -> &mut Self {
        self.text(name);
        self.out.extend_from_slice(b": ");
        self.text(value.as_ref());
        self.out.extend_from_slice(b"\r\n");
        self
    }

    /// Writes a header field that prints itself.
    pub fn display(&mut self, header: Header, value: impl Display) -> &mut Self {
        self.out.extend_from_slice(header.as_str().as_bytes());
        self.out.extend_from_slice(b": ");
        let start = self.out.len();
        write!(self.out, "{value}").expect("a Vec takes all it is given");
        if self.out[start..].iter().any(|&c| c == b'\r' || c == b'\n') {
            let value = self.out.split_off(start);
            self.text(&value);
        }
        self.out.extend_from_slice(b"\r\n");
        self
    }

    /// Writes header lines made before by a writer, line ends included.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> &mut Self {
        self.out.extend_from_slice(lines);
        self
    }

    /// Ends the message without a body.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        self.out
    }

    /// Ends the message with a body.
    #[must_use]
    pub fn finish_with(mut self, content_type: &str, body: &[u8]) -> Vec<u8> {
        if body.is_empty() {
            return self.finish();
        }
        self.header(Header::ContentType, content_type);
        self.out.extend_from_slice(b"Content-Length: ");
        self.number(body.len() as u64);
        self.out.extend_from_slice(b"\r\n\r\n");
        self.out.extend_from_slice(body);
        self.out
    }

    fn number(&mut self, n: u64) {
        write!(self.out, "{n}").expect("a Vec takes all it is given");
    }

    /// Appends text; a line end inside becomes a space (a folded value is unfolded by this).
    fn text(&mut self, bytes: &[u8]) {
        if memchr::memchr2(b'\r', b'\n', bytes).is_none() {
            self.out.extend_from_slice(bytes);
            return;
        }
        self.out.extend(bytes.iter().map(|&c| if c == b'\r' || c == b'\n' { b' ' } else { c }));
    }
}

/// A display name in quotes, with quotes and backslashes escaped.
#[must_use]
pub fn escape_display(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    out.push('"');
    for c in name.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        if !c.is_control() {
            out.push(c);
        }
    }
    out.push('"');
    out
}
