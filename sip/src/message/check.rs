//! What every request and response must have (RFC 3261 8.1.1), read once.

use super::{CSeq, Header, Message, NameAddr, Uri, Via};

/// What is wrong with a message that could still be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request or status line is malformed.
    StartLine,
    /// Not SIP/2.0.
    Version,
    /// A header line is malformed.
    HeaderLine,
    /// Content-Length is malformed, contradicts itself or is longer than the datagram.
    ContentLength,
    /// A header field that must be there is missing.
    Missing(Header),
    /// A header field that must be there once is there more often.
    Repeated(Header),
    /// The value of a header field is malformed.
    Malformed(Header),
    /// The Request-URI is malformed.
    RequestUri,
    /// The method of CSeq is not that of the request.
    CSeqMethod,
}

impl Fault {
    /// The status code to answer a request with.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Version => 505,
            Self::StartLine
            | Self::HeaderLine
            | Self::ContentLength
            | Self::Missing(_)
            | Self::Repeated(_)
            | Self::Malformed(_)
            | Self::RequestUri
            | Self::CSeqMethod => 400,
        }
    }
}

/// The header fields that name transaction and dialog, decoded.
#[derive(Clone, Copy, Debug)]
pub struct Essentials<'a> {
    /// The topmost Via.
    pub via: Via<'a>,
    /// From.
    pub from: NameAddr<'a>,
    /// To.
    pub to: NameAddr<'a>,
    /// Call-ID.
    pub call_id: &'a [u8],
    /// CSeq.
    pub cseq: CSeq<'a>,
}

const ONCE: [Header; 6] =
    [Header::From, Header::To, Header::CallId, Header::CSeq, Header::MaxForwards, Header::ContentLength];

impl<'a> Message<'a> {
    /// Decodes what every message must have, and checks the Request-URI, Max-Forwards and Contact.
    ///
    /// # Errors
    /// The first thing wrong. A request is answered with [`Fault::status`], a response is dropped.
    pub fn check(&self) -> Result<Essentials<'a>, Fault> {
        if let Some(fault) = self.fault() {
            return Err(fault);
        }
        if let Some(header) = self.first_twice(&ONCE) {
            return Err(Fault::Repeated(header));
        }
        let essentials = self.essentials()?;
        if self.method().is_some() {
            self.check_request(&essentials)?;
        }
        self.check_contact()?;
        Ok(essentials)
    }

    fn essentials(&self) -> Result<Essentials<'a>, Fault> {
        let value = |header| self.header(header).ok_or(Fault::Missing(header));
        let via = Via::parse(value(Header::Via)?).ok_or(Fault::Malformed(Header::Via))?;
        let from = NameAddr::parse(value(Header::From)?).ok_or(Fault::Malformed(Header::From))?;
        let to = NameAddr::parse(value(Header::To)?).ok_or(Fault::Malformed(Header::To))?;
        let call_id = value(Header::CallId)?;
        let spaces = call_id.iter().filter(|c| c.is_ascii_whitespace()).count();
        if call_id.is_empty() || spaces > 0 {
            return Err(Fault::Malformed(Header::CallId));
        }
        let cseq = CSeq::parse(value(Header::CSeq)?).ok_or(Fault::Malformed(Header::CSeq))?;
        Ok(Essentials { via, from, to, call_id, cseq })
    }

    fn check_request(&self, essentials: &Essentials<'a>) -> Result<(), Fault> {
        let uri = Uri::parse(self.uri_bytes()).ok_or(Fault::RequestUri)?;
        // RFC 3261 19.1.1: a Request-URI has no header fields.
        if !uri.headers().is_empty() {
            return Err(Fault::RequestUri);
        }
        let same = essentials.cseq.method.as_bytes() == self.method_bytes();
        if !same {
            return Err(Fault::CSeqMethod);
        }
        if let Some(value) = self.header(Header::MaxForwards) {
            let hops = super::cursor::number(value).filter(|&n| n <= 255);
            hops.ok_or(Fault::Malformed(Header::MaxForwards))?;
        }
        Ok(())
    }

    fn check_contact(&self) -> Result<(), Fault> {
        if !self.has(Header::Contact) {
            return Ok(());
        }
        for value in self.headers(Header::Contact) {
            if value != b"*" && !NameAddr::are_all_valid(value) {
                return Err(Fault::Malformed(Header::Contact));
            }
        }
        Ok(())
    }
}
