//! One party's audio: a tone that it sends, what it hears, and the reports about both. Knows no clock and no socket.

use engine::time::{Duration, Instant};
use sip::io::MediaSocket;
use sip::rtp::{Packet, Quality, Receiver, Rtcp, Sender, StreamReport, g711, write_bye, write_report};
use sip::sdp::{Codec, Negotiated};
use std::net::SocketAddr;
use std::sync::LazyLock;

/// Samples a second of G.711, and of its timestamps.
const RATE_HZ: u32 = 8_000;
/// Samples of one period of the tone: 400 Hz. Every frame of 10 ms or a multiple begins where the last one ended.
const PERIOD: usize = 20;
/// Samples of the longest frame that is agreed to, 60 ms.
const LONGEST_FRAME: usize = 480;
/// RFC 3550 6.2: mean time between two reports.
const REPORTS_EVERY: Duration = Duration::from_secs(5);
/// The least that a jitter buffer adds to the delay, in milliseconds.
const SMALLEST_BUFFER_MS: f64 = 20.0;

/// The tone in mu-law and in A-law.
static TONE: LazyLock<[[u8; LONGEST_FRAME]; 2]> = LazyLock::new(|| {
    let sample = |n: usize| {
        let turn = std::f64::consts::TAU * (n % PERIOD) as f64 / PERIOD as f64;
        (libm::sin(turn) * 8_000.0) as i16
    };
    let coded = |law: fn(i16) -> u8| std::array::from_fn(|n| law(sample(n)));
    [coded(g711::to_ulaw), coded(g711::to_alaw)]
});

/// A datagram that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) socket: MediaSocket,
    pub(super) to: SocketAddr,
}

/// What the far end has said of the stream that it hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Packets that had been sent by then.
    pub(super) sent: u64,
    /// Of which it missed so many.
    pub(super) lost: u64,
}

/// What became of one party's audio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heard {
    pub(super) stream: StreamReport,
    pub(super) sent: u64,
    /// Time in which it was to hear somebody.
    pub(super) wanted_for: Duration,
    /// From the answer to the first packet.
    pub(super) start: Option<Duration>,
    /// Longest time between two packets, the end of the audio being one.
    pub(super) gap: Option<Duration>,
    /// Shortest round trip that reports have shown.
    pub(super) round_trip: Option<Duration>,
    pub(super) told: Option<Told>,
    pub(super) quality: Quality,
}

/// One party's audio.
#[derive(Debug)]
pub(super) struct Audio {
    agreed: Negotiated,
    sender: Sender,
    receiver: Receiver,
    random: u64,
    began: Instant,
    next_packet: Instant,
    next_report: Instant,
    first_heard: Option<Instant>,
    /// Last packet heard, while somebody is to be heard.
    last_heard: Option<Instant>,
    gap: Duration,
    /// Since when somebody is to be heard; `None` on hold.
    wanted_since: Option<Instant>,
    wanted_for: Duration,
    round_trip: Option<Duration>,
    told: Option<Told>,
}

impl Audio {
    /// Begins at `now`, with numbers that follow from `seed`.
    pub(super) fn new(now: Instant, seed: u64, agreed: Negotiated) -> Self {
        let mut random = seed;
        let (ssrc, numbers) = (mix(&mut random) as u32, mix(&mut random));
        let first_report = spread(&mut random).as_nanos() / 2;
        Self {
            agreed,
            sender: Sender::new(ssrc, numbers as u16, (numbers >> 16) as u32),
            receiver: Receiver::new(RATE_HZ),
            random,
            began: now,
            next_packet: now,
            next_report: now + Duration::from_nanos(first_report),
            first_heard: None,
            last_heard: None,
            gap: Duration::ZERO,
            wanted_since: agreed.direction.receives().then_some(now),
            wanted_for: Duration::ZERO,
            round_trip: None,
            told: None,
        }
    }

    /// Both sides have agreed anew: held, taken back, or moved.
    pub(super) fn agree(&mut self, now: Instant, agreed: Negotiated) {
        match (self.wanted_since, agreed.direction.receives()) {
            (Some(since), false) => {
                self.wanted_for += now.since(since);
                (self.wanted_since, self.last_heard) = (None, None);
            }
            (None, true) => {
                self.wanted_since = Some(now);
                // Of the time on hold nothing is missed.
                self.last_heard = self.first_heard.map(|_| now);
            }
            (Some(_), true) | (None, false) => {}
        }
        if !self.sends() && agreed.direction.sends() {
            let held = now.since(self.next_packet);
            self.sender.skip((held.as_secs_f64() * f64::from(RATE_HZ)) as u32);
            self.next_packet = now;
        }
        self.agreed = agreed;
    }

    fn sends(&self) -> bool {
        self.agreed.direction.sends() && self.agreed.remote.is_some()
    }

    /// The next datagram that is due at all.
    pub(super) fn next(&self) -> Option<Due> {
        let rtp = self.agreed.remote.filter(|_| self.sends());
        let rtp = rtp.map(|to| Due { at: self.next_packet, socket: MediaSocket::Rtp, to });
        let rtcp = self.agreed.remote_rtcp;
        let rtcp = rtcp.map(|to| Due { at: self.next_report, socket: MediaSocket::Rtcp, to });
        rtp.into_iter().chain(rtcp).min_by_key(|due| due.at)
    }

    /// Writes the datagram that [`Audio::next`] says is due.
    pub(super) fn write(&mut self, now: Instant, due: &Due, out: &mut Vec<u8>) {
        match due.socket {
            MediaSocket::Rtp => {
                let samples = u32::from(self.agreed.ptime_ms) * RATE_HZ / 1_000;
                let law = usize::from(self.agreed.format.codec == Codec::Pcma);
                let frame = &TONE[law][..LONGEST_FRAME.min(samples as usize)];
                self.sender.packet(self.agreed.format.payload, samples, frame, out);
                self.next_packet = self.next_packet + Duration::from_millis(u64::from(self.agreed.ptime_ms));
            }
            MediaSocket::Rtcp => {
                let info = self.sends().then(|| self.sender.info(now));
                let block = self.receiver.report_block(now);
                out.clear();
                let ssrc = self.sender.ssrc();
                out.extend(write_report(ssrc, info.as_ref(), block.as_ref(), &self.name()));
                self.next_report = self.next_report + spread(&mut self.random);
            }
        }
    }

    /// The last report, that the audio ends, and where it goes.
    pub(super) fn goodbye(&self) -> Option<(SocketAddr, Vec<u8>)> {
        Some((self.agreed.remote_rtcp?, write_bye(self.sender.ssrc(), &self.name())))
    }

    fn name(&self) -> String {
        format!("busyhour-{:08x}", self.sender.ssrc())
    }

    /// Takes a datagram that came at `at`.
    pub(super) fn hear(&mut self, at: Instant, socket: MediaSocket, bytes: &[u8]) {
        // What the kernel had before the answer belongs to no part of the call that is judged.
        let at = at.max(self.began);
        match socket {
            MediaSocket::Rtp => {
                let Some(packet) = Packet::parse(bytes) else { return };
                self.receiver.receive(at, &packet);
                self.first_heard = self.first_heard.or(Some(at));
                if self.wanted_since.is_some() {
                    self.gap = self.gap.max(self.last_heard.map_or(Duration::ZERO, |last| at.since(last)));
                    self.last_heard = Some(at);
                }
            }
            MediaSocket::Rtcp => Rtcp::parse(bytes).for_each(|packet| self.hear_report(at, packet)),
        }
    }

    fn hear_report(&mut self, at: Instant, packet: Rtcp) {
        let block = match packet {
            Rtcp::Sender { info, block, .. } => {
                self.receiver.sender_report(at, info.ntp_middle());
                block
            }
            Rtcp::Receiver { block, .. } => block,
            Rtcp::Bye { .. } | Rtcp::Other => None,
        };
        let Some(block) = block.filter(|block| block.ssrc == self.sender.ssrc()) else { return };
        let lost = u64::try_from(block.lost).unwrap_or(0);
        self.told = Some(Told { sent: u64::from(self.sender.packets()), lost });
        if let Some(us) = block.round_trip_us(at) {
            let round_trip = Duration::from_nanos(us * 1_000);
            self.round_trip = Some(self.round_trip.map_or(round_trip, |least| least.min(round_trip)));
        }
    }

    /// The audio ends at `now`.
    pub(super) fn end(self, now: Instant) -> Heard {
        let stream = self.receiver.report();
        let last = self.last_heard.map(|last| now.since(last));
        let buffer_ms = (2.0 * stream.jitter_us_max as f64 / 1_000.0).max(SMALLEST_BUFFER_MS);
        let way_ms = self.round_trip.map_or(0.0, |trip| trip.as_secs_f64() * 500.0);
        let delay_ms = f64::from(self.agreed.ptime_ms) + buffer_ms + way_ms;
        Heard {
            stream,
            sent: u64::from(self.sender.packets()),
            wanted_for: self.wanted_for + self.wanted_since.map_or(Duration::ZERO, |since| now.since(since)),
            start: self.first_heard.map(|first| first.since(self.began)),
            gap: self.first_heard.map(|_| self.gap.max(last.unwrap_or_default())),
            round_trip: self.round_trip,
            told: self.told,
            quality: Quality::of(&stream, delay_ms),
        }
    }
}

/// SplitMix64.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// RFC 3550 6.3.1: half to one and a half times the mean, over e - 3/2 = 1.21828.
fn spread(random: &mut u64) -> Duration {
    let share = 0.5 + (mix(random) >> 11) as f64 / (1_u64 << 53) as f64;
    Duration::from_nanos((REPORTS_EVERY.as_nanos() as f64 * share / 1.218_28) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::sdp::{Direction, Format};

    const A: &str = "192.0.2.1:4000";
    const B: &str = "192.0.2.2:4000";

    fn agreed(remote: &str, direction: Direction) -> Negotiated {
        let remote: SocketAddr = remote.parse().expect("an address");
        Negotiated {
            remote: Some(remote),
            remote_rtcp: Some(SocketAddr::new(remote.ip(), remote.port() + 1)),
            format: Format { payload: 8, codec: Codec::Pcma },
            dtmf_payload: None,
            direction,
            ptime_ms: 20,
        }
    }

    fn ms(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    /// Two parties and a network that delays by 30 ms and loses what `lose` says of the n-th datagram from A to B.
    fn talk(until_ms: u64, lose: fn(u64) -> bool) -> [Heard; 2] {
        let mut parties = [
            Audio::new(Instant::ZERO, 1, agreed(B, Direction::SendRecv)),
            Audio::new(Instant::ZERO, 2, agreed(A, Direction::SendRecv)),
        ];
        let mut under_way = std::collections::BTreeMap::new();
        let (mut out, mut count) = (Vec::new(), 0);
        for now in (0..until_ms).map(ms) {
            for who in [0, 1] {
                while let Some(due) = parties[who].next().filter(|due| due.at <= now) {
                    parties[who].write(now, &due, &mut out);
                    count += 1;
                    if who == 1 || due.socket == MediaSocket::Rtcp || !lose(count / 2) {
                        let arrives = now + Duration::from_millis(30);
                        under_way.insert((arrives, count), (1 - who, due.socket, out.clone()));
                    }
                }
            }
            while let Some(entry) = under_way.first_entry().filter(|entry| entry.key().0 <= now) {
                let (who, socket, bytes) = entry.remove();
                parties[who].hear(now, socket, &bytes);
            }
        }
        parties.map(|party| party.end(ms(until_ms)))
    }

    #[test]
    fn two_parties_hear_each_other_and_measure_the_way() {
        let [a, b] = talk(12_000, |_| false);
        for heard in [&a, &b] {
            assert_eq!((heard.sent, heard.stream.lost, heard.stream.streams), (600, 0, 1));
            assert_eq!(heard.stream.received, 599, "the last one was under way");
            assert_eq!(heard.start, Some(Duration::from_millis(30)));
            assert_eq!(heard.gap, Some(Duration::from_millis(20)));
            assert_eq!(heard.stream.jitter_us_max, 0);
            let trip = heard.round_trip.expect("reports went both ways").as_secs_f64();
            assert!((trip - 0.060).abs() < 0.001, "{trip}");
            assert_eq!(heard.told.map(|told| told.lost), Some(0));
            // G.711 over 70 ms one way: R = 93.2 - 0.024 x 70.
            assert!((heard.quality.r_factor - 91.52).abs() < 0.01, "{:?}", heard.quality);
        }
    }

    #[test]
    fn loss_one_way_shows_there_and_in_the_reports_of_the_far_end() {
        let [a, b] = talk(12_000, |n| n % 10 == 5);
        assert_eq!((a.stream.lost, b.told.map(|told| told.lost)), (0, Some(0)));
        assert!((50..=60).contains(&b.stream.lost), "{:?}", b.stream);
        let told = a.told.expect("a report came");
        assert!(told.lost > 10 && told.lost < told.sent / 8, "{told:?}");
        assert!(b.quality.mos < a.quality.mos - 0.5, "{b:?}");
        assert_eq!(b.gap, Some(Duration::from_millis(40)));
    }

    #[test]
    fn who_hears_nobody_is_deaf_and_has_no_gap() {
        let mut a = Audio::new(ms(0), 1, agreed(B, Direction::SendRecv));
        let mut out = Vec::new();
        while let Some(due) = a.next().filter(|due| due.at < ms(2_000)) {
            a.write(due.at, &due, &mut out);
        }
        let heard = a.end(ms(2_000));
        assert_eq!((heard.sent, heard.stream.received), (100, 0));
        assert_eq!((heard.start, heard.gap, heard.round_trip), (None, None, None));
        assert_eq!(heard.wanted_for, Duration::from_secs(2));
        assert!(heard.quality.mos < 1.5);
    }

    #[test]
    fn nothing_is_missed_on_hold_and_silence_before_the_end_is_a_gap() {
        let mut a = Audio::new(ms(0), 1, agreed(B, Direction::SendRecv));
        let mut b = Sender::new(9, 1, 1);
        let mut out = Vec::new();
        let mut packet = |audio: &mut Audio, at: u64| {
            b.packet(8, 160, &[0; 160], &mut out);
            audio.hear(ms(at), MediaSocket::Rtp, &out);
        };
        (0..10).for_each(|n| packet(&mut a, 20 * n));
        a.agree(ms(200), agreed(B, Direction::Inactive));
        assert!(a.next().is_some_and(|due| due.socket == MediaSocket::Rtcp), "it sends no audio");
        a.agree(ms(5_000), agreed(B, Direction::SendRecv));
        assert_eq!(a.next_packet, ms(5_000), "not all that was due meanwhile");
        (0..10).for_each(|n| packet(&mut a, 5_020 + 20 * n));
        let heard = a.end(ms(5_500));
        assert_eq!(heard.gap, Some(Duration::from_millis(300)));
        assert_eq!(heard.wanted_for, Duration::from_millis(700));
        assert_eq!((heard.stream.received, heard.stream.lost), (20, 0));
    }
}
