//! RTCP (RFC 3550 6): sender and receiver reports, source name, goodbye.

use engine::time::Instant;

/// What a sender says of its own stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInfo {
    /// NTP time, 32 bits of seconds and 32 of fraction.
    pub ntp: u64,
    /// The same instant in timestamps of the stream.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Bytes of payload sent.
    pub octets: u32,
}

impl SenderInfo {
    /// At `now`, which need not be the time of day (RFC 3550 4).
    #[must_use]
    pub fn at(now: Instant, timestamp: u32, packets: u32, octets: u32) -> Self {
        let ntp = (u128::from(now.as_nanos()) << 32) / 1_000_000_000;
        Self { ntp: ntp as u64, timestamp, packets, octets }
    }

    /// The middle 32 bits of the NTP time, which a receiver sends back.
    #[must_use]
    pub const fn ntp_middle(&self) -> u32 {
        (self.ntp >> 16) as u32
    }
}

/// What a receiver says of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream.
    pub ssrc: u32,
    /// Lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Lost in all; duplicates can make it negative.
    pub lost: i32,
    /// Extended highest sequence number.
    pub highest: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
    /// Middle bits of the last sender report's time; 0 if there was none.
    pub last_report: u32,
    /// Time since then, in 65,536ths of a second.
    pub delay_since_last: u32,
}

impl ReportBlock {
    /// Round trip in microseconds if this block arrives at `now`; `None` if no report of ours had reached the peer.
    #[must_use]
    pub fn round_trip_us(&self, now: Instant) -> Option<u64> {
        if self.last_report == 0 {
            return None;
        }
        let now = SenderInfo::at(now, 0, 0, 0).ntp_middle();
        let units = now.wrapping_sub(self.last_report).wrapping_sub(self.delay_since_last);
        (units < 1 << 31).then_some(u64::from(units) * 1_000_000 / 65_536)
    }
}

/// A packet of a compound RTCP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rtcp {
    /// A sender report.
    Sender {
        /// Who sends it.
        ssrc: u32,
        /// Of its own stream.
        info: SenderInfo,
        /// Of the first stream that it receives.
        block: Option<ReportBlock>,
    },
    /// A receiver report.
    Receiver {
        /// Who sends it.
        ssrc: u32,
        /// Of the first stream that it receives.
        block: Option<ReportBlock>,
    },
    /// The source ends.
    Bye {
        /// Which.
        ssrc: u32,
    },
    /// Source description, application data or unknown.
    Other,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

impl Rtcp {
    /// The packets of a datagram, up to the first that is malformed.
    pub fn parse(mut bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        std::iter::from_fn(move || {
            let [flags, kind, high, low, ..] = *bytes else { return None };
            let length = 4 * (usize::from(u16::from_be_bytes([high, low])) + 1);
            let packet = bytes.get(..length).filter(|_| flags >> 6 == 2)?;
            bytes = &bytes[length..];
            Self::one(packet, kind, flags & 31)
        })
    }

    fn one(packet: &[u8], kind: u8, count: u8) -> Option<Self> {
        let block = |at: usize| if count > 0 { read_block(packet, at).map(Some) } else { Some(None) };
        Some(match kind {
            200 => {
                let ntp = u64::from(word(packet, 8)?) << 32 | u64::from(word(packet, 12)?);
                let (timestamp, packets) = (word(packet, 16)?, word(packet, 20)?);
                let info = SenderInfo { ntp, timestamp, packets, octets: word(packet, 24)? };
                Self::Sender { ssrc: word(packet, 4)?, info, block: block(28)? }
            }
            201 => Self::Receiver { ssrc: word(packet, 4)?, block: block(8)? },
            203 if count > 0 => Self::Bye { ssrc: word(packet, 4)? },
            _ => Self::Other,
        })
    }
}

fn read_block(bytes: &[u8], at: usize) -> Option<ReportBlock> {
    let loss = word(bytes, at + 4)?;
    Some(ReportBlock {
        ssrc: word(bytes, at)?,
        fraction_lost: (loss >> 24) as u8,
        // Sign-extends 24 bits.
        lost: (loss << 8) as i32 >> 8,
        highest: word(bytes, at + 8)?,
        jitter: word(bytes, at + 12)?,
        last_report: word(bytes, at + 16)?,
        delay_since_last: word(bytes, at + 20)?,
    })
}

/// A compound packet: a sender report if `info` is given, else a receiver report, and the source name (`cname`, at
/// most 255 bytes of it).
#[must_use]
pub fn write_report(
    ssrc: u32,
    info: Option<&SenderInfo>,
    block: Option<&ReportBlock>,
    cname: &str,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    let kind = if info.is_some() { 200 } else { 201 };
    let words = 1 + if info.is_some() { 5 } else { 0 } + if block.is_some() { 6 } else { 0 };
    out.extend_from_slice(&[0x80 | u8::from(block.is_some()), kind, 0, words]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(info) = info {
        out.extend_from_slice(&info.ntp.to_be_bytes());
        for w in [info.timestamp, info.packets, info.octets] {
            out.extend_from_slice(&w.to_be_bytes());
        }
    }
    if let Some(b) = block {
        let loss = u32::from(b.fraction_lost) << 24 | b.lost as u32 & 0xff_ffff;
        for w in [b.ssrc, loss, b.highest, b.jitter, b.last_report, b.delay_since_last] {
            out.extend_from_slice(&w.to_be_bytes());
        }
    }
    let name = &cname.as_bytes()[..cname.len().min(255)];
    // SSRC, item header and name, at least one zero at the end, to a whole word.
    let words = 1 + (2 + name.len()) / 4 + 1;
    out.extend_from_slice(&[0x81, 202, 0, words as u8]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[1, name.len() as u8]);
    out.extend_from_slice(name);
    out.resize(out.len() + 4 - (2 + name.len()) % 4, 0);
    out
}

/// A compound packet that says goodbye.
#[must_use]
pub fn write_bye(ssrc: u32, cname: &str) -> Vec<u8> {
    let mut out = write_report(ssrc, None, None, cname);
    out.extend_from_slice(&[0x81, 203, 0, 1]);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out
}
