//! The header of an RTP packet.

/// An RTP packet looked at in its datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Begins a talk spurt, or a frame.
    pub marker: bool,
    /// Payload type.
    pub payload_type: u8,
    /// Counts packets.
    pub sequence: u16,
    /// Counts samples.
    pub timestamp: u32,
    /// Names the source.
    pub ssrc: u32,
    /// What it carries, without padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram; `None` if it is no RTP packet of version 2, or lies about its lengths.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [flags, kind, rest @ ..] = bytes else { return None };
        let (fixed, _) = rest.split_first_chunk::<10>()?;
        if flags >> 6 != 2 {
            return None;
        }
        let mut payload = bytes.get(12 + 4 * usize::from(flags & 15)..)?;
        if flags & 0x10 != 0 {
            let words = u16::from_be_bytes([*payload.get(2)?, *payload.get(3)?]);
            payload = payload.get(4 + 4 * usize::from(words)..)?;
        }
        if flags & 0x20 != 0 {
            let padding = usize::from(*payload.last()?);
            payload = payload.get(..payload.len().checked_sub(padding).filter(|_| padding > 0)?)?;
        }
        Some(Self {
            marker: kind & 0x80 != 0,
            payload_type: kind & 0x7f,
            sequence: u16::from_be_bytes([fixed[0], fixed[1]]),
            timestamp: u32::from_be_bytes([fixed[2], fixed[3], fixed[4], fixed[5]]),
            ssrc: u32::from_be_bytes([fixed[6], fixed[7], fixed[8], fixed[9]]),
            payload,
        })
    }
}

/// The 12 bytes before a payload.
#[must_use]
pub fn write_header(marker: bool, payload_type: u8, sequence: u16, timestamp: u32, ssrc: u32) -> [u8; 12] {
    let mut out = [0; 12];
    out[0] = 0x80;
    out[1] = payload_type & 0x7f | if marker { 0x80 } else { 0 };
    out[2..4].copy_from_slice(&sequence.to_be_bytes());
    out[4..8].copy_from_slice(&timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&ssrc.to_be_bytes());
    out
}
