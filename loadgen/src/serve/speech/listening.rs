//! Samples that come in packets and go out in frames: a queue that evens out what the network does.

use sip::rtp::Packet;
use sip::rtp::g711;
use sip::sdp::Codec;
use std::collections::VecDeque;

/// Samples of one frame of 20 ms.
pub(super) const FRAME: usize = 160;
/// Frames that wait before the first is taken, so that the next may be late.
const AHEAD: usize = 2 * FRAME;
/// Most samples that wait; older ones go.
const MOST: usize = 10 * FRAME;

/// What one party says, as it comes.
#[derive(Debug, Default)]
pub(super) struct Listening {
    samples: VecDeque<i16>,
    last: Option<u16>,
    flows: Flows,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flows {
    #[default]
    No,
    Yes,
}

impl Listening {
    /// Takes a packet; one that comes twice or too late is passed over.
    pub(super) fn take(&mut self, packet: &Packet<'_>, codec: Codec) {
        let is_new = self.last.is_none_or(|last| (1..0x8000).contains(&packet.sequence.wrapping_sub(last)));
        if !is_new {
            return;
        }
        self.last = Some(packet.sequence);
        let decode = match codec {
            Codec::Pcmu => g711::from_ulaw,
            Codec::Pcma => g711::from_alaw,
            Codec::TelephoneEvent | Codec::Other => return,
        };
        self.samples.extend(packet.payload.iter().map(|&code| decode(code)));
        let excess = self.samples.len().saturating_sub(MOST);
        self.samples.drain(..excess);
    }

    /// The next frame, into `out`; empty if nothing is to be heard.
    pub(super) fn frame(&mut self, out: &mut Vec<i16>) {
        out.clear();
        match self.flows {
            Flows::No if self.samples.len() < AHEAD => return,
            Flows::No => self.flows = Flows::Yes,
            Flows::Yes => {}
        }
        let length = self.samples.len().min(FRAME);
        out.extend(self.samples.drain(..length));
        if length < FRAME {
            self.flows = Flows::No;
        }
    }
}

/// Codes samples for a party.
pub(super) fn code(samples: &[i16], codec: Codec, out: &mut Vec<u8>) {
    out.clear();
    match codec {
        Codec::Pcmu => out.extend(samples.iter().map(|&s| g711::to_ulaw(s))),
        Codec::Pcma => out.extend(samples.iter().map(|&s| g711::to_alaw(s))),
        Codec::TelephoneEvent | Codec::Other => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sip::rtp::write_header;

    fn take(listening: &mut Listening, sequence: u16, level: i16) {
        let mut bytes = write_header(false, 8, sequence, 0, 1).to_vec();
        bytes.extend([g711::to_alaw(level); FRAME]);
        listening.take(&Packet::parse(&bytes).expect("a packet"), Codec::Pcma);
    }

    #[test]
    fn frames_wait_for_the_second_and_come_in_order_once() {
        let (mut listening, mut out) = (Listening::default(), Vec::new());
        take(&mut listening, 65_535, 1_000);
        listening.frame(&mut out);
        assert!(out.is_empty(), "the next may be late");
        take(&mut listening, 0, 2_000);
        take(&mut listening, 0, 9_000);
        take(&mut listening, 65_535, 9_000);
        let mut heard = Vec::new();
        for _ in 0..3 {
            listening.frame(&mut out);
            heard.push((out.len(), out.first().map(|s| s / 100)));
        }
        assert_eq!(heard, [(FRAME, Some(10)), (FRAME, Some(20)), (0, None)]);
    }

    #[test]
    fn a_party_that_sends_too_much_is_not_heard_ever_later() {
        let (mut listening, mut out) = (Listening::default(), Vec::new());
        for sequence in 0..100 {
            take(&mut listening, sequence, sequence as i16 * 100);
        }
        listening.frame(&mut out);
        assert!(out[0] > 8_500, "the oldest has gone: {}", out[0]);
    }
}
