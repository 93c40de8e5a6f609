//! What a receiver knows of a stream: sequence (RFC 3550 A.1), loss (A.3), jitter (A.8), the longest gap.

use super::packet::Packet;
use super::rtcp::ReportBlock;
use engine::time::{Duration, Instant};

const MAX_DROPOUT: u16 = 3_000;
const MAX_MISORDER: u16 = 100;

/// Watches one incoming stream. A new SSRC, or numbers that jump and go on from there, begin a new stream whose
/// counts are added to those of the ones before.
#[derive(Clone, Debug)]
pub struct Receiver {
    clock_rate_hz: u32,
    ssrc: Option<u32>,
    base: u32,
    cycles: u32,
    max: u16,
    bad: Option<u16>,
    /// Packets of the present stream, duplicates included, as A.3 counts.
    received: u32,
    earlier_expected: u64,
    earlier_received: u64,
    expected_prior: u32,
    received_prior: u32,
    transit: u32,
    /// Sixteen times the jitter, in timestamp units, as A.8 keeps it.
    jitter16: u32,
    jitter_max: u32,
    misordered: u64,
    duplicates: u64,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
    gap_max: Duration,
    streams: u32,
    last_report: Option<(u32, Instant)>,
    /// The last 64 sequence numbers before `max`, one bit each.
    window: u64,
}

/// What can be said of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct StreamReport {
    /// Packets that arrived, without duplicates.
    pub received: u64,
    /// Packets that should have arrived, from the sequence numbers.
    pub expected: u64,
    /// Packets that did not arrive; fewer than none is none.
    pub lost: u64,
    /// Packets that arrived after a later one.
    pub misordered: u64,
    /// Packets that arrived again.
    pub duplicates: u64,
    /// Interarrival jitter now, in microseconds.
    pub jitter_us: u64,
    /// The highest jitter so far, in microseconds.
    pub jitter_us_max: u64,
    /// The longest time between two packets.
    pub gap_max: Duration,
    /// Sources, or restarts, seen.
    pub streams: u32,
}

impl Receiver {
    /// Nothing received yet; G.711 has a clock of 8,000.
    #[must_use]
    pub const fn new(clock_rate_hz: u32) -> Self {
        Self {
            clock_rate_hz,
            ssrc: None,
            base: 0,
            cycles: 0,
            max: 0,
            bad: None,
            received: 0,
            earlier_expected: 0,
            earlier_received: 0,
            expected_prior: 0,
            received_prior: 0,
            transit: 0,
            jitter16: 0,
            jitter_max: 0,
            misordered: 0,
            duplicates: 0,
            first_at: None,
            last_at: None,
            gap_max: Duration::ZERO,
            streams: 0,
            last_report: None,
            window: 0,
        }
    }

    /// Takes a packet that arrived at `now`.
    pub fn receive(&mut self, now: Instant, packet: &Packet<'_>) {
        if let Some(last) = self.last_at {
            self.gap_max = self.gap_max.max(now.since(last));
        }
        self.first_at = self.first_at.or(Some(now));
        self.last_at = Some(now);
        if self.ssrc != Some(packet.ssrc) {
            self.begin(packet.ssrc, packet.sequence);
            self.received = 1;
            self.transit = self.arrival(now).wrapping_sub(packet.timestamp);
            return;
        }
        if self.sequence(packet.sequence) {
            self.received += 1;
            self.jitter(now, packet.timestamp);
        }
    }

    fn begin(&mut self, ssrc: u32, sequence: u16) {
        self.earlier_expected += u64::from(self.expected());
        self.earlier_received += u64::from(self.received);
        self.ssrc = Some(ssrc);
        self.base = u32::from(sequence);
        self.max = sequence;
        self.cycles = 0;
        self.bad = None;
        self.received = 0;
        self.expected_prior = 0;
        self.received_prior = 0;
        self.jitter16 = 0;
        self.window = 0;
        self.streams += 1;
    }

    /// A.1: whether the packet belongs to the stream and counts.
    fn sequence(&mut self, sequence: u16) -> bool {
        let delta = sequence.wrapping_sub(self.max);
        if delta == 0 {
            self.duplicates += 1;
            return false;
        }
        if delta < MAX_DROPOUT {
            if sequence < self.max {
                self.cycles += 1 << 16;
            }
            self.max = sequence;
            self.window = self.window.checked_shl(u32::from(delta)).unwrap_or(0);
            if delta <= 64 {
                self.window |= 1 << (delta - 1);
            }
            self.bad = None;
            return true;
        }
        if delta <= u16::MAX - MAX_MISORDER {
            if self.bad == Some(sequence) {
                // Two in order after a jump: the other side has begun anew.
                let ssrc = self.ssrc.unwrap_or_default();
                self.begin(ssrc, sequence);
                return true;
            }
            self.bad = Some(sequence.wrapping_add(1));
            return false;
        }
        let behind = self.max.wrapping_sub(sequence);
        let bit = if behind <= 64 { 1_u64 << (behind - 1) } else { 0 };
        if self.window & bit != 0 {
            self.duplicates += 1;
            return false;
        }
        self.window |= bit;
        self.misordered += 1;
        true
    }

    fn arrival(&self, now: Instant) -> u32 {
        (u128::from(now.as_nanos()) * u128::from(self.clock_rate_hz) / 1_000_000_000) as u32
    }

    /// A.8, in integers.
    fn jitter(&mut self, now: Instant, timestamp: u32) {
        let transit = self.arrival(now).wrapping_sub(timestamp);
        let d = (transit.wrapping_sub(self.transit) as i32).unsigned_abs();
        self.transit = transit;
        self.jitter16 = (self.jitter16 + d).saturating_sub((self.jitter16 + 8) >> 4);
        self.jitter_max = self.jitter_max.max(self.jitter16 >> 4);
    }

    fn expected(&self) -> u32 {
        if self.ssrc.is_none() {
            return 0;
        }
        (self.cycles + u32::from(self.max)).wrapping_sub(self.base).wrapping_add(1)
    }

    /// Takes the middle bits of the NTP time of a sender report that arrived at `now`.
    pub fn sender_report(&mut self, now: Instant, ntp_middle: u32) {
        self.last_report = Some((ntp_middle, now));
    }

    /// When the last packet arrived.
    #[must_use]
    pub const fn last_at(&self) -> Option<Instant> {
        self.last_at
    }

    /// Whether nothing has arrived for `silence`, seen at `now`, counting from `since` if nothing ever did: one side
    /// hears nothing.
    #[must_use]
    pub fn is_silent(&self, now: Instant, since: Instant, silence: Duration) -> bool {
        now.since(self.last_at.unwrap_or(since)) >= silence
    }

    /// What can be said so far.
    #[must_use]
    pub fn report(&self) -> StreamReport {
        let expected = self.earlier_expected + u64::from(self.expected());
        let received = self.earlier_received + u64::from(self.received);
        let us = |units: u32| u64::from(units) * 1_000_000 / u64::from(self.clock_rate_hz);
        StreamReport {
            received,
            expected,
            lost: expected.saturating_sub(received),
            misordered: self.misordered,
            duplicates: self.duplicates,
            jitter_us: us(self.jitter16 >> 4),
            jitter_us_max: us(self.jitter_max),
            gap_max: self.gap_max,
            streams: self.streams,
        }
    }

    /// The block for a receiver report at `now` (A.3); the next one counts from here.
    pub fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        let ssrc = self.ssrc?;
        let expected = self.expected();
        let expected_interval = expected.wrapping_sub(self.expected_prior);
        let received_interval = self.received.wrapping_sub(self.received_prior);
        self.expected_prior = expected;
        self.received_prior = self.received;
        let lost_interval = i64::from(expected_interval) - i64::from(received_interval);
        let fraction_lost = match (expected_interval, lost_interval) {
            (0, _) | (_, i64::MIN..=0) => 0,
            (expected, lost) => ((lost << 8) / i64::from(expected)).min(255) as u8,
        };
        let lost = (i64::from(expected) - i64::from(self.received)).clamp(-0x80_0000, 0x7f_ffff) as i32;
        let (last_report, delay) = match self.last_report {
            None => (0, 0),
            Some((ntp, at)) => {
                let ns = u128::from(now.since(at).as_nanos());
                (ntp, (ns * 65_536 / 1_000_000_000) as u32)
            }
        };
        Some(ReportBlock {
            ssrc,
            fraction_lost,
            lost,
            highest: self.cycles | u32::from(self.max),
            jitter: self.jitter16 >> 4,
            last_report,
            delay_since_last: delay,
        })
    }
}
