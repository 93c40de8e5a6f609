//! Messages in a stream: where one ends and the next begins (RFC 3261 18.3).

use super::cursor::{number, trim};
use super::{Header, NotSip};
use crate::limits::MAX_MESSAGE;
use memchr::memmem;

/// What the beginning of a stream's bytes holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Not enough bytes yet.
    Incomplete,
    /// A keep-alive of two line ends of this length, to be answered with one (RFC 5626 3.5.1).
    Ping(usize),
    /// A lone line end of this length: the answer to a keep-alive, or a separator. Passed over.
    LineEnd(usize),
    /// A message of this length.
    Message(usize),
}

/// Looks at the beginning of a stream. Content-Length is required there.
///
/// # Errors
/// If no boundary can be found; the stream is then of no more use.
pub fn next_frame(bytes: &[u8]) -> Result<Frame, NotSip> {
    if bytes.starts_with(b"\r\n\r\n") {
        return Ok(Frame::Ping(4));
    }
    if bytes.starts_with(b"\r\n") {
        // Two more bytes decide whether this is a ping; a pong stands alone.
        return Ok(if bytes.get(2) == Some(&b'\r') && bytes.len() < 4 {
            Frame::Incomplete
        } else {
            Frame::LineEnd(2)
        });
    }
    let Some(head) = memmem::find(bytes, b"\r\n\r\n") else {
        return if bytes.len() >= MAX_MESSAGE { Err(NotSip::TooLarge) } else { Ok(Frame::Incomplete) };
    };
    let mut length = None;
    for line in bytes[..head].split(|&c| c == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|&c| c == b':') else { continue };
        if Header::from_bytes(trim(&line[..colon])) == Header::ContentLength {
            let said = number(trim(&line[colon + 1..])).ok_or(NotSip::Truncated)? as usize;
            if length.is_some_and(|l| l != said) {
                return Err(NotSip::Truncated);
            }
            length = Some(said);
        }
    }
    let total = length.ok_or(NotSip::Truncated)?.saturating_add(head + 4);
    if total > MAX_MESSAGE {
        return Err(NotSip::TooLarge);
    }
    Ok(if bytes.len() < total { Frame::Incomplete } else { Frame::Message(total) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_cut_at_content_length_and_pings_are_seen() {
        let message = b"OPTIONS sip:a SIP/2.0\r\nl : 3\r\n\r\nabcSIP";
        for cut in 0..message.len() - 3 {
            assert_eq!(next_frame(&message[..cut]), Ok(Frame::Incomplete), "{cut}");
        }
        assert_eq!(next_frame(message), Ok(Frame::Message(message.len() - 3)));
        assert_eq!(next_frame(b"\r\n\r\nOPT"), Ok(Frame::Ping(4)));
        assert_eq!(next_frame(b"\r\n"), Ok(Frame::LineEnd(2)));
        assert_eq!(next_frame(b"\r\n\r"), Ok(Frame::Incomplete));
        assert_eq!(next_frame(b"OPTIONS sip:a SIP/2.0\r\n\r\n"), Err(NotSip::Truncated));
        assert_eq!(next_frame(b"A b\r\nContent-Length: 99999999\r\n\r\n"), Err(NotSip::TooLarge));
    }
}
