//! What all audio of a run came to.

use super::audio::{Heard, Told};
use super::player::{Party, Whose};
use crate::measure::{LatencyHistogram, Unit};
use engine::time::Duration;
use std::collections::HashSet;

/// A party that was to hear somebody for so long and heard nobody is deaf; of shorter talks nothing is said.
const DEAF_AFTER: Duration = Duration::from_secs(1);
/// Largest 99th percentile of the lateness of packets with which what is said of audio counts: half a packet's time.
const MOST_LATE: Duration = Duration::from_millis(10);

/// Audio of the calls of the measured part, both directions of which are seen where both parties are played here.
#[derive(Clone, Debug)]
pub struct AudioFigures {
    /// Calls with audio.
    pub calls: u64,
    /// Calls in which a party here heard nobody, though it was to for a second or more.
    pub one_way: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets received, without duplicates.
    pub received: u64,
    /// Packets that should have been, by their numbers.
    pub expected: u64,
    /// Packets that did not arrive.
    pub lost: u64,
    /// Packets that arrived after a later one.
    pub misordered: u64,
    /// Packets that arrived again.
    pub duplicates: u64,
    /// What far ends have reported of packets from here: how many were sent by then, and how many they missed.
    pub reported: [u64; 2],
    /// Highest interarrival jitter of each party (RFC 3550 A.8).
    pub jitter: LatencyHistogram,
    /// Longest time without a packet of each party.
    pub gap: LatencyHistogram,
    /// From the answer to the first packet.
    pub start: LatencyHistogram,
    /// Round trip by RTCP, the shortest of each party.
    pub round_trip: LatencyHistogram,
    /// From when a packet was due to when the socket had it: the generator's own fault.
    pub lateness: LatencyHistogram,
    /// Parties that were scored, the sum of their mean opinion scores, and the lowest of them.
    pub scored: u64,
    /// Sum of the mean opinion scores.
    pub mos_sum: f64,
    /// Lowest mean opinion score.
    pub mos_min: f64,
    /// Packets that the kernel did not take.
    pub unsent: u64,
    /// Most parties that talked at a time.
    pub parties_peak: u64,
    /// Processor time that the audio took.
    pub processor: std::time::Duration,
    deaf: HashSet<u64>,
}

impl AudioFigures {
    pub(super) fn new() -> Self {
        let histogram = |name| LatencyHistogram::new(name, Unit::Microseconds);
        Self {
            calls: 0,
            one_way: 0,
            sent: 0,
            received: 0,
            expected: 0,
            lost: 0,
            misordered: 0,
            duplicates: 0,
            reported: [0; 2],
            jitter: histogram("rtp_jitter"),
            gap: histogram("rtp_gap"),
            start: histogram("rtp_start"),
            round_trip: histogram("rtp_round_trip"),
            lateness: histogram("rtp_lateness"),
            scored: 0,
            mos_sum: 0.0,
            mos_min: f64::INFINITY,
            unsent: 0,
            parties_peak: 0,
            processor: std::time::Duration::ZERO,
            deaf: HashSet::new(),
        }
    }

    /// Counts what one party heard.
    pub(super) fn count(&mut self, whose: Whose, heard: &Heard) {
        let stream = &heard.stream;
        self.calls += u64::from(whose.party == Party::Caller);
        self.sent += heard.sent;
        self.received += stream.received;
        self.expected += stream.expected;
        self.lost += stream.lost;
        self.misordered += stream.misordered;
        self.duplicates += stream.duplicates;
        if let Some(Told { sent, lost }) = heard.told {
            self.reported[0] += sent;
            self.reported[1] += lost;
        }
        for (histogram, figure) in [
            (&mut self.gap, heard.gap),
            (&mut self.start, heard.start),
            (&mut self.round_trip, heard.round_trip),
            (&mut self.jitter, heard.start.map(|_| Duration::from_nanos(stream.jitter_us_max * 1_000))),
        ] {
            figure.into_iter().for_each(|figure| histogram.record(figure));
        }
        let deaf = stream.received == 0 && heard.wanted_for >= DEAF_AFTER;
        if deaf && self.deaf.insert(whose.call) {
            self.one_way += 1;
        }
        if deaf || stream.received > 0 {
            self.scored += 1;
            self.mos_sum += heard.quality.mos;
            self.mos_min = self.mos_min.min(heard.quality.mos);
        }
    }

    /// Mean and lowest mean opinion score; `None` if nobody was scored.
    #[must_use]
    pub fn mos(&self) -> Option<[f64; 2]> {
        (self.scored > 0).then(|| [self.mos_sum / self.scored as f64, self.mos_min])
    }

    /// Why what was heard says nothing, if packets from here were late.
    #[must_use]
    pub fn why_void(&self) -> Option<String> {
        let p99_us = self.lateness.quantile(0.99).unwrap_or(0.0);
        (p99_us * 1_000.0 > MOST_LATE.as_nanos() as f64)
            .then(|| format!("the generator sent audio {p99_us:.0} us late (p99); at most 10000 us count"))
    }

    /// Its distributions.
    #[must_use]
    pub const fn histograms(&self) -> [&LatencyHistogram; 5] {
        [&self.jitter, &self.gap, &self.start, &self.round_trip, &self.lateness]
    }
}
