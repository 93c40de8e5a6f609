//! Sending a stream: numbers for packets of equal length.

use super::packet::write_header;
use super::rtcp::SenderInfo;
use engine::time::Instant;

/// Numbers the packets of one stream.
#[derive(Clone, Debug)]
pub struct Sender {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    started: bool,
    packets: u32,
    octets: u32,
}

impl Sender {
    /// A stream that begins at these numbers, which RFC 3550 5.1 wants at random.
    #[must_use]
    pub const fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, sequence, timestamp, started: false, packets: 0, octets: 0 }
    }

    /// Writes the next packet into `out`, which is cleared first. `samples` is how long the payload lasts.
    pub fn packet(&mut self, payload_type: u8, samples: u32, payload: &[u8], out: &mut Vec<u8>) {
        out.clear();
        let header = write_header(!self.started, payload_type, self.sequence, self.timestamp, self.ssrc);
        out.extend_from_slice(&header);
        out.extend_from_slice(payload);
        self.started = true;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(samples);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(payload.len() as u32);
    }

    /// Passes over time in which nothing is sent; the next packet begins a talk spurt.
    pub fn skip(&mut self, samples: u32) {
        self.timestamp = self.timestamp.wrapping_add(samples);
        self.started = false;
    }

    /// Names the source.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets sent so far.
    #[must_use]
    pub const fn packets(&self) -> u32 {
        self.packets
    }

    /// What a sender report says now.
    #[must_use]
    pub fn info(&self, now: Instant) -> SenderInfo {
        SenderInfo::at(now, self.timestamp, self.packets, self.octets)
    }
}
