//! Offer and answer (RFC 3264) for one audio stream of G.711 with DTMF events, and descriptions for a relay.

use super::{Codec, Direction, Format, Media, Session};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// One side's own media: what it offers, and what it answers with.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// Where it receives RTP.
    pub rtp: SocketAddr,
    /// Codecs in order of preference; [`Codec::Other`] is never offered.
    pub codecs: &'a [Codec],
    /// Who sends.
    pub direction: Direction,
    /// Milliseconds a packet.
    pub ptime_ms: u16,
    /// Names the session; stays the same for as long as it lasts.
    pub session_id: u64,
    /// One more for each description sent that differs from the one before.
    pub version: u64,
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiated {
    /// Where to send RTP; `None` while the other side wants none (held in the old way, or a host name).
    pub remote: Option<SocketAddr>,
    /// Where to send RTCP.
    pub remote_rtcp: Option<SocketAddr>,
    /// The codec and its payload type in what we send.
    pub format: Format,
    /// Payload type of DTMF events in what we send.
    pub dtmf_payload: Option<u8>,
    /// Who sends, seen from here.
    pub direction: Direction,
    /// Milliseconds a packet in what we send.
    pub ptime_ms: u16,
}

/// Why there is no agreement: 488 Not Acceptable Here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No audio over plain RTP.
    NoAudio,
    /// No codec in common.
    NoCommonCodec,
    /// The answer has not as many media lines as the offer.
    MediaLines,
}

/// Payload type of DTMF events in our own offers; the value nearly everybody uses.
const DTMF_PAYLOAD: u8 = 101;

impl Local<'_> {
    /// An offer.
    #[must_use]
    pub fn offer(&self) -> String {
        let mut out = self.session_lines();
        let formats: Vec<Format> = self.codecs.iter().filter_map(|&codec| own_format(codec)).collect();
        self.audio_line(&mut out, &formats, self.direction, self.ptime_ms);
        out
    }

    /// The answer to an offer, and what it agrees on. Streams that are no audio, and audio after the first, are
    /// refused with port 0.
    ///
    /// # Errors
    /// If nothing in the offer serves.
    pub fn answer(&self, offer: &Session<'_>) -> Result<(String, Negotiated), Refused> {
        let chosen = offer.media.iter().position(|m| m.is_audio() && m.port != 0).ok_or(Refused::NoAudio)?;
        let audio = &offer.media[chosen];
        // RFC 3264 6.1: the answerer lists what it takes in the order of the offer.
        let wanted = |f: &&Format| f.codec != Codec::Other && self.codecs.contains(&f.codec);
        let formats: Vec<Format> = audio.formats.iter().filter(wanted).copied().collect();
        let negotiated = self.negotiated(audio, &formats)?;
        let mut out = self.session_lines();
        for (i, media) in offer.media.iter().enumerate() {
            if i == chosen {
                self.audio_line(&mut out, &formats, negotiated.direction, negotiated.ptime_ms);
            } else {
                let _ = write!(out, "m={} 0 {} {}\r\n", media.kind, media.protocol, media.format_list);
            }
        }
        Ok((out, negotiated))
    }

    /// What an answer to our own offer agrees on.
    ///
    /// # Errors
    /// If the answer refuses the stream or has none of our codecs.
    pub fn accept(&self, answer: &Session<'_>) -> Result<Negotiated, Refused> {
        let [audio] = answer.media.as_slice() else { return Err(Refused::MediaLines) };
        if !audio.is_audio() || audio.port == 0 {
            return Err(Refused::NoAudio);
        }
        let wanted = |f: &&Format| f.codec != Codec::Other && self.codecs.contains(&f.codec);
        let formats: Vec<Format> = audio.formats.iter().filter(wanted).copied().collect();
        self.negotiated(audio, &formats)
    }

    fn negotiated(&self, audio: &Media<'_>, formats: &[Format]) -> Result<Negotiated, Refused> {
        let speech = formats.iter().find(|f| f.codec != Codec::TelephoneEvent);
        let format = *speech.ok_or(Refused::NoCommonCodec)?;
        let dtmf_payload = formats.iter().find(|f| f.codec == Codec::TelephoneEvent).map(|f| f.payload);
        // RFC 3264 8.4: an address of 0.0.0.0 is the old way to say that nothing is to be sent.
        let held = audio.address.is_none_or(|a| a.is_unspecified());
        let remote = audio.rtp().filter(|_| !held);
        let remote_rtcp = audio.rtcp().filter(|_| !held);
        let theirs = audio.direction.reversed();
        let theirs = if held { theirs.and(Direction::RecvOnly) } else { theirs };
        let direction = self.direction.and(theirs);
        let ptime_ms = audio.ptime_ms.filter(|p| (10..=60).contains(p)).unwrap_or(self.ptime_ms);
        Ok(Negotiated { remote, remote_rtcp, format, dtmf_payload, direction, ptime_ms })
    }

    fn session_lines(&self) -> String {
        let address = self.rtp.ip();
        let family = family(address);
        format!(
            "v=0\r\no=- {} {} IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n",
            self.session_id, self.version
        )
    }

    fn audio_line(&self, out: &mut String, formats: &[Format], direction: Direction, ptime_ms: u16) {
        let _ = write!(out, "m=audio {} RTP/AVP", self.rtp.port());
        for format in formats {
            let _ = write!(out, " {}", format.payload);
        }
        out.push_str("\r\n");
        for format in formats {
            let _ = write!(out, "a=rtpmap:{} {}\r\n", format.payload, format.codec.rtpmap());
            if format.codec == Codec::TelephoneEvent {
                let _ = write!(out, "a=fmtp:{} 0-15\r\n", format.payload);
            }
        }
        let _ = write!(out, "a=ptime:{ptime_ms}\r\na={}\r\n", direction.as_str());
    }
}

fn own_format(codec: Codec) -> Option<Format> {
    let payload = match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::TelephoneEvent => DTMF_PAYLOAD,
        Codec::Other => return None,
    };
    Some(Format { payload, codec })
}

const fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IP4" } else { "IP6" }
}

/// The description with the media of a relay in place of the writer's: every address becomes `address`, the port of
/// the n-th media line the n-th of `ports` (a refused line stays refused). Candidates for direct paths and ports for
/// RTCP are left out.
#[must_use]
pub fn relayed(sdp: &[u8], address: IpAddr, ports: &[u16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(sdp.len() + 32);
    let mut ports = ports.iter();
    for line in sdp.split(|&c| c == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b"a=candidate:") || line.starts_with(b"a=rtcp:") {
            continue;
        }
        if line.starts_with(b"c=") {
            out.extend_from_slice(format!("c=IN {} {address}", family(address)).as_bytes());
        } else if let Some(rest) = line.strip_prefix(b"m=") {
            out.extend_from_slice(b"m=");
            out.extend_from_slice(&media_with_port(rest, ports.next().copied().unwrap_or(0)));
        } else {
            out.extend_from_slice(line);
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn media_with_port(rest: &[u8], port: u16) -> Vec<u8> {
    let mut words: Vec<&[u8]> = rest.splitn(3, |&c| c == b' ').collect();
    let port = port.to_string();
    if let Some(word) = words.get_mut(1)
        && *word != b"0"
    {
        *word = port.as_bytes();
    }
    words.join(&b' ')
}
