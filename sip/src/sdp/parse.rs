//! Reading a session description without copying it.

use crate::limits::{MAX_FORMATS, MAX_MEDIA};
use crate::message::{find, number};
use smallvec::SmallVec;
use std::net::{IpAddr, SocketAddr};

/// Who sends audio, seen from the side that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendRecv,
    /// Only the writer sends: it holds the other side, with music perhaps.
    SendOnly,
    /// Only the writer receives: it is held.
    RecvOnly,
    /// Nobody sends.
    Inactive,
}

impl Direction {
    /// As the attribute is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// The same seen from the other side.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            both @ (Self::SendRecv | Self::Inactive) => both,
        }
    }

    /// Whether the writer sends.
    #[must_use]
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer receives.
    #[must_use]
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// What is left if each side also does only what `self` and `other` allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self.sends() && other.sends(), self.receives() && other.receives()) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            b"sendrecv" => Self::SendRecv,
            b"sendonly" => Self::SendOnly,
            b"recvonly" => Self::RecvOnly,
            b"inactive" => Self::Inactive,
            _ => return None,
        })
    }
}

/// What a payload type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 mu-law, 8,000 samples a second.
    Pcmu,
    /// G.711 A-law, 8,000 samples a second.
    Pcma,
    /// DTMF as events (RFC 4733), 8,000 a second.
    TelephoneEvent,
    /// Anything else; negotiated by nobody here, passed on by a relay.
    Other,
}

impl Codec {
    /// Name and clock rate as an rtpmap attribute has them; empty for [`Codec::Other`].
    #[must_use]
    pub const fn rtpmap(self) -> &'static str {
        match self {
            Self::Pcmu => "PCMU/8000",
            Self::Pcma => "PCMA/8000",
            Self::TelephoneEvent => "telephone-event/8000",
            Self::Other => "",
        }
    }

    fn from_rtpmap(name: &[u8]) -> Self {
        let name = name.strip_suffix(b"/1").unwrap_or(name);
        [Self::Pcmu, Self::Pcma, Self::TelephoneEvent]
            .into_iter()
            .find(|c| c.rtpmap().as_bytes().eq_ignore_ascii_case(name))
            .unwrap_or(Self::Other)
    }

    fn from_static(payload: u8) -> Self {
        match payload {
            0 => Self::Pcmu,
            8 => Self::Pcma,
            _ => Self::Other,
        }
    }
}

/// A payload type of a media line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Payload type in RTP.
    pub payload: u8,
    /// What it stands for.
    pub codec: Codec,
}

/// A media line with its attributes.
#[derive(Clone, Debug)]
pub struct Media<'a> {
    /// `audio`, `video`, ...
    pub kind: &'a str,
    /// Port; zero refuses or ends the stream.
    pub port: u16,
    /// `RTP/AVP` or another.
    pub protocol: &'a str,
    /// The formats as written.
    pub format_list: &'a str,
    /// The payload types, in order of preference; empty unless the protocol is RTP.
    pub formats: SmallVec<[Format; 4]>,
    /// Where it wants to receive, unless a host name.
    pub address: Option<IpAddr>,
    /// Who sends.
    pub direction: Direction,
    /// Milliseconds a packet.
    pub ptime_ms: Option<u16>,
    /// Port for RTCP if not the next one (RFC 3605).
    pub rtcp_port: Option<u16>,
}

impl Media<'_> {
    /// Where it wants to receive RTP; `None` if the stream is refused or the address is a host name.
    #[must_use]
    pub fn rtp(&self) -> Option<SocketAddr> {
        let address = self.address?;
        (self.port != 0).then(|| SocketAddr::new(address, self.port))
    }

    /// Where it wants to receive RTCP.
    #[must_use]
    pub fn rtcp(&self) -> Option<SocketAddr> {
        let address = self.address?;
        let port = self.rtcp_port.or_else(|| self.port.checked_add(1))?;
        (self.port != 0).then(|| SocketAddr::new(address, port))
    }

    /// Whether it is audio over plain RTP.
    #[must_use]
    pub fn is_audio(&self) -> bool {
        self.kind == "audio" && self.protocol == "RTP/AVP"
    }
}

/// A session description.
#[derive(Clone, Debug)]
pub struct Session<'a> {
    /// The value of `o=`.
    pub origin: &'a str,
    /// The media lines in order.
    pub media: SmallVec<[Media<'a>; 1]>,
}

/// What is wrong with a session description, and in which line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Line, from 1; 0 if something is missing at all.
    pub line: u32,
}

impl<'a> Session<'a> {
    /// Reads a description. Lines end with CRLF or with a line feed alone; unknown lines and attributes are passed
    /// over.
    ///
    /// # Errors
    /// At the first line that is malformed, or if `v=0` or `o=` is missing.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::default();
        let (mut at, mut number) = (0, 0);
        while at < bytes.len() {
            let feed = find(b'\n', &bytes[at..]).map_or(bytes.len(), |f| at + f);
            let line = &bytes[at..feed];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            at = feed + 1;
            number += 1;
            if line.is_empty() && at >= bytes.len() {
                break;
            }
            reader.line(line, number == 1).ok_or(Malformed { line: number })?;
        }
        let origin = reader.origin.ok_or(Malformed { line: 0 })?;
        let mut media = reader.media;
        for m in &mut media {
            m.address = m.address.or(reader.address);
        }
        Ok(Self { origin, media })
    }

    /// The first audio stream that is not refused.
    #[must_use]
    pub fn audio(&self) -> Option<&Media<'a>> {
        self.media.iter().find(|m| m.is_audio() && m.port != 0)
    }
}

#[derive(Default)]
struct Reader<'a> {
    origin: Option<&'a str>,
    address: Option<IpAddr>,
    direction: Direction,
    media: SmallVec<[Media<'a>; 1]>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a [u8], first: bool) -> Option<()> {
        let [kind, b'=', value @ ..] = line else { return None };
        if first != (*kind == b'v') {
            return None;
        }
        match kind {
            b'v' => (value == b"0").then_some(()),
            b'o' => {
                let spaces = value.iter().filter(|&&c| c == b' ').count();
                self.origin = text(value).filter(|_| spaces == 5);
                self.origin.map(|_| ())
            }
            b'c' => self.connection(value),
            b'm' => self.media_line(value),
            b'a' => self.attribute(value),
            c if c.is_ascii_lowercase() => Some(()),
            _ => None,
        }
    }

    fn connection(&mut self, value: &[u8]) -> Option<()> {
        let value = text(value)?;
        let address = value.strip_prefix("IN IP4 ").or_else(|| value.strip_prefix("IN IP6 "))?;
        let address = find(b'/', address.as_bytes()).map_or(address, |at| &address[..at]).parse().ok();
        match self.media.last_mut() {
            Some(media) => media.address = address,
            None => self.address = address,
        }
        Some(())
    }

    fn media_line(&mut self, value: &'a [u8]) -> Option<()> {
        let value = text(value)?;
        let (kind, value) = word(value)?;
        let (port, value) = word(value)?;
        let (protocol, list) = word(value)?;
        let port = small(before(b'/', port.as_bytes()))?;
        let mut formats = SmallVec::new();
        if protocol.starts_with("RTP/") {
            let words = list.as_bytes().split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
            for word in words.take(MAX_FORMATS) {
                let payload = number(word).filter(|&p| p < 128)? as u8;
                formats.push(Format { payload, codec: Codec::from_static(payload) });
            }
        }
        if self.media.len() == MAX_MEDIA || kind.is_empty() || list.is_empty() {
            return None;
        }
        let direction = self.direction;
        self.media.push(Media {
            kind,
            port,
            protocol,
            format_list: list,
            formats,
            address: None,
            direction,
            ptime_ms: None,
            rtcp_port: None,
        });
        Some(())
    }

    fn attribute(&mut self, value: &[u8]) -> Option<()> {
        // By its length first: most attributes are none of these.
        if value.len() == "sendrecv".len()
            && let Some(direction) = Direction::from_bytes(value)
        {
            match self.media.last_mut() {
                Some(media) => media.direction = direction,
                None => self.direction = direction,
            }
            return Some(());
        }
        let Some(media) = self.media.last_mut() else { return Some(()) };
        if let Some(map) = value.strip_prefix(b"rtpmap:") {
            let space = find(b' ', map)?;
            let payload = u8::try_from(number(&map[..space])?).ok()?;
            let codec = Codec::from_rtpmap(map[space + 1..].trim_ascii());
            if let Some(format) = media.formats.iter_mut().find(|f| f.payload == payload) {
                format.codec = codec;
            }
        } else if let Some(ptime) = value.strip_prefix(b"ptime:") {
            media.ptime_ms = small(text(ptime)?.trim().as_bytes());
        } else if let Some(rtcp) = value.strip_prefix(b"rtcp:") {
            media.rtcp_port = small(before(b' ', text(rtcp)?.as_bytes()));
        }
        Some(())
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What comes before the first of these bytes, or all.
fn before(byte: u8, bytes: &[u8]) -> &[u8] {
    find(byte, bytes).map_or(bytes, |at| &bytes[..at])
}

/// What comes before the first space and what comes after it.
fn word(text: &str) -> Option<(&str, &str)> {
    let space = find(b' ', text.as_bytes())?;
    Some((text.get(..space)?, text.get(space + 1..)?))
}

fn small(digits: &[u8]) -> Option<u16> {
    u16::try_from(number(digits)?).ok()
}
