//! One port of the carrier: its sockets, where its speech goes, what is heard on it.

use super::super::media::{Program, Remote};
use super::listening::{FRAME, Listening, code};
use super::tone::Sounds;
use mio::net::UdpSocket;
use sip::rtp::{Packet, Sender};
use std::net::SocketAddr;

/// A port.
pub(super) struct Carried {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    pub(super) remote: Remote,
    pub(super) program: Program,
    pub(super) listening: Listening,
    sender: Sender,
    /// Samples of the program that were played.
    at: usize,
    /// The timestamp of the DTMF event that was last heard to its end.
    last_event: Option<u32>,
    coded: Vec<u8>,
    packet: Vec<u8>,
}

impl Carried {
    pub(super) fn new(rtp: UdpSocket, rtcp: UdpSocket, sender: Sender) -> Self {
        Self {
            rtp,
            rtcp,
            remote: Remote { rtp: None, rtcp: None, format: None, dtmf_payload: None },
            program: Program::Silence,
            listening: Listening::default(),
            sender,
            at: 0,
            last_event: None,
            coded: Vec::new(),
            packet: Vec::new(),
        }
    }

    pub(super) fn play(&mut self, program: Program) {
        if self.program != program {
            self.program = program;
            self.at = 0;
            self.listening = Listening::default();
        }
    }

    /// Whether speech from there may be the other side's. Whoever has another address is not listened to.
    pub(super) fn may_come_from(&self, source: SocketAddr) -> bool {
        self.remote.rtp.is_none_or(|rtp| rtp.ip() == source.ip())
    }

    /// Whether this system says something on it each 20 ms.
    pub(super) const fn is_programmed(&self) -> bool {
        match self.program {
            Program::Silence | Program::Relay(_) => false,
            Program::Music | Program::RingTone | Program::Prompt | Program::Voicemail | Program::Mix(..) => {
                true
            }
        }
    }

    /// The next frame of a program that is made here; empty where there is none.
    pub(super) fn next_frame(&mut self, sounds: &Sounds, out: &mut Vec<i16>) {
        out.clear();
        let (sound, repeats) = match self.program {
            Program::Music => (&sounds.music, true),
            Program::RingTone => (&sounds.ring_tone, true),
            Program::Prompt => (&sounds.prompt, true),
            Program::Voicemail => (&sounds.beep, false),
            Program::Silence | Program::Relay(_) | Program::Mix(..) => return,
        };
        for n in self.at..self.at + FRAME {
            let place = if repeats { n % sound.len() } else { n };
            out.push(sound.get(place).copied().unwrap_or(0));
        }
        self.at += FRAME;
    }

    /// Sends a frame to the other side; nothing if it wants none.
    pub(super) fn say(&mut self, samples: &[i16]) {
        let (Some(to), Some(format)) = (self.remote.rtp, self.remote.format) else { return };
        if samples.is_empty() {
            self.sender.skip(FRAME as u32);
            return;
        }
        code(samples, format.codec, &mut self.coded);
        self.sender.packet(format.payload, FRAME as u32, &self.coded, &mut self.packet);
        // A packet that the kernel does not take is lost, as it might be on its way.
        let _ = self.rtp.send_to(&self.packet, to);
    }

    /// The digit that a DTMF event (RFC 4733) says, once it has ended: its end is said three times.
    pub(super) fn digit(&mut self, packet: &Packet<'_>) -> Option<u8> {
        if Some(packet.payload_type) != self.remote.dtmf_payload {
            return None;
        }
        let [event, flags, ..] = *packet.payload else { return None };
        if flags & 0x80 == 0 || self.last_event == Some(packet.timestamp) {
            return None;
        }
        self.last_event = Some(packet.timestamp);
        match event {
            0..=9 => Some(b'0' + event),
            10 => Some(b'*'),
            11 => Some(b'#'),
            _ => None,
        }
    }
}
