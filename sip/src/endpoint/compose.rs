//! Messages made from other messages: answers, ACK and CANCEL, the same request once more with credentials.

use super::config::Config;
use super::types::{Reply, Transport};
use crate::message::{CSeq, Header, Message, Method, Writer};
use std::net::SocketAddr;

/// The header lines that every response copies from its request (RFC 3261 8.2.6), To excepted. The topmost Via gets
/// `received` and `rport` (RFC 3261 18.2.1, RFC 3581).
pub(super) fn response_head(message: &Message<'_>, source: SocketAddr) -> Vec<u8> {
    let mut writer = Lines::default();
    let mut first = true;
    for value in message.headers(Header::Via) {
        if first {
            writer.line(Header::Via, &stamped_via(value, source));
            first = false;
        } else {
            writer.line(Header::Via, value);
        }
    }
    for header in [Header::From, Header::CallId, Header::CSeq] {
        if let Some(value) = message.header(header) {
            writer.line(header, value);
        }
    }
    for value in message.headers(Header::RecordRoute) {
        writer.line(Header::RecordRoute, value);
    }
    writer.0
}

/// Header lines in the making.
#[derive(Default)]
pub(super) struct Lines(pub(super) Vec<u8>);

impl Lines {
    pub(super) fn line(&mut self, header: Header, value: &[u8]) {
        self.0.extend_from_slice(header.as_str().as_bytes());
        self.0.extend_from_slice(b": ");
        self.0.extend(value.iter().map(|&c| if c == b'\r' || c == b'\n' { b' ' } else { c }));
        self.0.extend_from_slice(b"\r\n");
    }
}

fn stamped_via(value: &[u8], source: SocketAddr) -> Vec<u8> {
    use crate::message::Via;
    let end = crate::message::list(value).next().map_or(value.len(), <[u8]>::len);
    let (first, rest) = value.split_at(end);
    let Some(via) = Via::parse(first) else { return value.to_vec() };
    let mut out = first.to_vec();
    let wants_port = via.params.has("rport");
    if wants_port && via.params.get("rport") == Some(b"") {
        // The parameter has no value: it is replaced by one that has.
        let at = find_ignoring_case(first, b"rport").unwrap_or(first.len());
        let port = format!("rport={}", source.port());
        out.splice(at..(at + 5).min(first.len()), port.into_bytes());
    }
    if wants_port || via.host.ip() != Some(source.ip()) {
        out.extend_from_slice(format!(";received={}", source.ip()).as_bytes());
    }
    out.extend_from_slice(rest);
    out
}

fn find_ignoring_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len() + 1)
        .position(|w| w[0] == b';' && w[1..].eq_ignore_ascii_case(needle))
        .map(|at| at + 1)
}

/// A response from the lines copied before.
pub(super) fn response(
    config: &Config,
    head: &[u8],
    to: &[u8],
    tag: Option<&str>,
    extra: &[u8],
    reply: &Reply<'_>,
) -> Vec<u8> {
    let mut writer = match reply.reason {
        Some(reason) => Writer::response_with(reply.status, reason),
        None => Writer::response(reply.status),
    };
    writer.lines(head);
    match tag {
        Some(tag) => writer.header(Header::To, [to, b";tag=", tag.as_bytes()].concat()),
        None => writer.header(Header::To, to),
    };
    writer.lines(extra);
    for (header, value) in reply.headers {
        writer.header(*header, value);
    }
    if reply.status > 100 {
        writer.header(Header::Server, &config.user_agent);
    }
    match reply.body {
        Some(body) => writer.finish_with(body.content_type, body.bytes),
        None => writer.finish(),
    }
}

/// The ACK of a final response other than 2xx, or the CANCEL: what belongs to the same transaction as the INVITE
/// (RFC 3261 17.1.1.3, 9.1). `to` is that of the response for an ACK.
pub(super) fn same_transaction(request: &Message<'_>, method: Method, to: &[u8]) -> Vec<u8> {
    let uri = String::from_utf8_lossy(request.uri_bytes());
    let mut writer = Writer::method(method, &uri);
    if let Some(via) = request.header(Header::Via) {
        writer.header(Header::Via, via);
    }
    writer.header(Header::MaxForwards, "70");
    if let Some(from) = request.header(Header::From) {
        writer.header(Header::From, from);
    }
    writer.header(Header::To, to);
    if let Some(call_id) = request.header(Header::CallId) {
        writer.header(Header::CallId, call_id);
    }
    let number = request.header(Header::CSeq).and_then(CSeq::parse).map_or(0, |c| c.number);
    writer.display(Header::CSeq, format_args!("{number} {method}"));
    for route in request.headers(Header::Route) {
        writer.header(Header::Route, route);
    }
    writer.finish()
}

/// The request once more as a new transaction: another branch, another CSeq, and these header fields in place of
/// those of the same name.
pub(super) fn again(request: &Message<'_>, via: &str, cseq: u32, replaced: &[(Header, String)]) -> Vec<u8> {
    let method = String::from_utf8_lossy(request.method_bytes());
    let uri = String::from_utf8_lossy(request.uri_bytes());
    let mut writer = Writer::request(&method, &uri);
    writer.header(Header::Via, via);
    for (header, name, value) in request.all_headers() {
        let own = matches!(header, Header::Via | Header::CSeq | Header::ContentLength | Header::ContentType);
        if !own && replaced.iter().all(|(h, _)| *h != header) {
            writer.named(name, value);
        }
    }
    writer.display(Header::CSeq, format_args!("{cseq} {method}"));
    for (header, value) in replaced {
        writer.header(*header, value);
    }
    match request.header(Header::ContentType) {
        Some(kind) => writer.finish_with(&String::from_utf8_lossy(kind), request.body()),
        None => writer.finish(),
    }
}

/// The value of our Via.
pub(super) fn via(config: &Config, transport: Transport, branch: &str) -> String {
    format!("SIP/2.0/{} {};branch={branch};rport", transport.as_str(), config.sent_by(transport))
}
