//! The thread that carries speech: orders, packets, and every 20 ms a frame of whatever is made here.

use super::super::media::{PortId, Program};
use super::carried::Carried;
use super::listening::FRAME;
use super::tone::{RATE, Sounds, tone};
use super::{Digit, Order};
use crossbeam::channel::{Receiver, Sender};
use engine::{Beep, Mix, Part};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use sip::rtp::{Mixer, Packet};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(20);
/// A tick that comes later than this is not made up for.
const TOO_LATE: Duration = Duration::from_millis(200);
/// Packets read from one socket before the others have their turn.
const TURN: usize = 32;
/// Longest packet of speech: what fits into an Ethernet frame.
const MAX_PACKET: usize = 1_500;
const WAKER: Token = Token(0);

/// All ports.
pub(super) struct Carrier {
    poll: Poll,
    waker: Arc<Waker>,
    ports: BTreeMap<PortId, Carried>,
    /// Beeps that conferences hear, as far as they are still to come.
    beeps: BTreeMap<Mix, Vec<i16>>,
    sounds: Sounds,
    seed: u64,
    orders: Receiver<Order>,
    digits: Sender<Digit>,
    heard: Box<dyn Fn() + Send>,
    buffer: Box<[u8; MAX_PACKET]>,
}

impl Carrier {
    pub(super) fn new(
        seed: u64,
        orders: Receiver<Order>,
        digits: Sender<Digit>,
        heard: Box<dyn Fn() + Send>,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Self {
            poll,
            waker,
            ports: BTreeMap::new(),
            beeps: BTreeMap::new(),
            sounds: Sounds::new(),
            seed,
            orders,
            digits,
            heard,
            buffer: Box::new([0; MAX_PACKET]),
        })
    }

    pub(super) fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Carries speech until it is told to stop.
    pub(super) fn run(&mut self) {
        let mut events = Events::with_capacity(1_024);
        let mut tick = Instant::now() + TICK;
        loop {
            let wait = self.is_ticking().then(|| tick.saturating_duration_since(Instant::now()));
            // An interrupted poll is as good as one that found nothing.
            let _ = self.poll.poll(&mut events, wait);
            while let Ok(order) = self.orders.try_recv() {
                if !self.obey(order) {
                    return;
                }
            }
            for event in &events {
                if event.token() != WAKER {
                    self.receive(event.token());
                }
            }
            let now = Instant::now();
            if now.saturating_duration_since(tick) > TOO_LATE {
                tick = now;
            }
            while now >= tick {
                self.speak();
                tick += TICK;
            }
        }
    }

    /// Whether anything is said from here; only then is there a clock.
    fn is_ticking(&self) -> bool {
        self.ports.values().any(Carried::is_programmed)
    }

    /// Does what it is told; whether to go on.
    fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Open(id, sockets) => self.open(id, sockets),
            Order::Remote(id, remote) => {
                if let Some(port) = self.ports.get_mut(&id) {
                    port.remote = remote;
                }
            }
            Order::Play(id, program) => {
                if let Some(port) = self.ports.get_mut(&id) {
                    port.play(program);
                }
            }
            Order::Beep(conference, beep) => {
                let length = RATE / 10;
                let mut samples = tone(800.0, length);
                if beep == Beep::Exit {
                    samples.resize(2 * length, 0);
                    samples.extend(tone(800.0, length));
                }
                self.beeps.insert(Mix::Conference(conference), samples);
            }
            Order::Close(id) => {
                if let Some(mut port) = self.ports.remove(&id) {
                    for socket in [&mut port.rtp, &mut port.rtcp] {
                        // Deregistering fails only if the socket is gone already.
                        let _ = self.poll.registry().deregister(socket);
                    }
                }
            }
            Order::Stop => return false,
        }
        true
    }

    fn open(&mut self, id: PortId, sockets: [std::net::UdpSocket; 2]) {
        // A port whose sockets the kernel does not let us watch hears nothing; its call is mute, and others go on.
        let mut watched = Vec::new();
        for (socket, token) in sockets.into_iter().zip([rtp_token(id), rtcp_token(id)]) {
            if socket.set_nonblocking(true).is_err() {
                return;
            }
            let mut socket = UdpSocket::from_std(socket);
            if self.poll.registry().register(&mut socket, token, Interest::READABLE).is_err() {
                return;
            }
            watched.push(socket);
        }
        let mix = |n: u64| {
            (self.seed ^ u64::from(id.0).rotate_left(32))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(n as u32)
        };
        let sender = sip::rtp::Sender::new(mix(7) as u32, mix(23) as u16, mix(41) as u32);
        if let (Some(rtcp), Some(rtp)) = (watched.pop(), watched.pop()) {
            self.ports.insert(id, Carried::new(rtp, rtcp, sender));
        }
    }

    fn receive(&mut self, token: Token) {
        let id = PortId(((token.0 - 1) / 2) as u32);
        let is_rtcp = token == rtcp_token(id);
        for _ in 0..TURN {
            let Some(port) = self.ports.get(&id) else { return };
            let socket = if is_rtcp { &port.rtcp } else { &port.rtp };
            let Ok((length, source)) = socket.recv_from(&mut self.buffer[..]) else { return };
            if port.may_come_from(source) {
                self.pass(id, length, is_rtcp);
            }
        }
        // The poll tells of changes only: what is left is read after the others.
        let _ = self.waker.wake();
        if let Some(port) = self.ports.get_mut(&id) {
            let socket = if is_rtcp { &mut port.rtcp } else { &mut port.rtp };
            // Makes the poll tell of it once more; fails only for a socket that is gone.
            let _ = self.poll.registry().reregister(socket, token, Interest::READABLE);
        }
    }

    /// A packet has come on a port.
    fn pass(&mut self, id: PortId, length: usize, is_rtcp: bool) {
        let Some(port) = self.ports.get_mut(&id) else { return };
        let bytes = &self.buffer[..length];
        match port.program {
            Program::Relay(other) => {
                let Some(other) = self.ports.get(&other) else { return };
                let (socket, to) = match is_rtcp {
                    true => (&other.rtcp, other.remote.rtcp),
                    false => (&other.rtp, other.remote.rtp),
                };
                if let Some(to) = to {
                    // A packet that the kernel does not take is lost, as it might be on its way.
                    let _ = socket.send_to(bytes, to);
                }
            }
            Program::Silence
            | Program::Music
            | Program::RingTone
            | Program::Prompt
            | Program::Voicemail
            | Program::Mix(..) => {
                let Some(packet) = Packet::parse(bytes).filter(|_| !is_rtcp) else { return };
                if let Some(digit) = port.digit(&packet) {
                    // A digit too many at a time is not heard.
                    if self.digits.try_send(Digit { port: id, digit }).is_ok() {
                        (self.heard)();
                    }
                } else if let (Program::Mix(_, part), Some(format)) = (port.program, port.remote.format)
                    && part != Part::Listens
                    && packet.payload_type == format.payload
                {
                    port.listening.take(&packet, format.codec);
                }
            }
        }
    }

    /// Says the next frame on every port on which something is said from here.
    fn speak(&mut self) {
        let mut mixes: BTreeMap<Mix, Vec<(PortId, Part)>> = BTreeMap::new();
        let mut frame = Vec::with_capacity(FRAME);
        for (id, port) in &mut self.ports {
            match port.program {
                Program::Mix(mix, part) => mixes.entry(mix).or_default().push((*id, part)),
                Program::Music | Program::RingTone | Program::Prompt | Program::Voicemail => {
                    port.next_frame(&self.sounds, &mut frame);
                    port.say(&frame);
                }
                Program::Silence | Program::Relay(_) => {}
            }
        }
        for (mix, members) in mixes {
            self.mix(mix, &members);
        }
    }

    /// Each hears those who speak, but not itself; who coaches somebody is heard by that user besides.
    fn mix(&mut self, mix: Mix, members: &[(PortId, Part)]) {
        let mut mixer = Mixer::new(FRAME);
        let mut said = Vec::with_capacity(members.len());
        for (id, part) in members {
            let mut frame = Vec::new();
            if let Some(port) = self.ports.get_mut(id) {
                port.listening.frame(&mut frame);
            }
            if let Part::Speaks(_) = part {
                mixer.add(&frame);
            }
            said.push(frame);
        }
        if let Some(beep) = self.beeps.get_mut(&mix) {
            let length = beep.len().min(FRAME);
            mixer.add(&beep[..length]);
            beep.drain(..length);
            if beep.is_empty() {
                self.beeps.remove(&mix);
            }
        }
        let coaches = members.iter().zip(&said).filter_map(|((_, part), frame)| match part {
            Part::Coaches(user) => Some((user, frame)),
            Part::Speaks(_) | Part::Listens => None,
        });
        let mut heard = Vec::with_capacity(FRAME);
        for ((id, part), own) in members.iter().zip(&said) {
            match part {
                Part::Speaks(user) => {
                    mixer.heard(own, &mut heard);
                    let to_it = coaches.clone().filter(|(coached, _)| user.as_ref() == Some(*coached));
                    to_it.for_each(|(_, frame)| add(&mut heard, frame));
                }
                Part::Listens | Part::Coaches(_) => mixer.heard(&[], &mut heard),
            }
            if let Some(port) = self.ports.get_mut(id) {
                port.say(&heard);
            }
        }
    }
}

/// Adds samples to others, clipped.
fn add(to: &mut [i16], samples: &[i16]) {
    for (to, &sample) in to.iter_mut().zip(samples) {
        *to = to.saturating_add(sample);
    }
}

fn rtp_token(id: PortId) -> Token {
    Token(1 + 2 * id.0 as usize)
}

fn rtcp_token(id: PortId) -> Token {
    Token(2 + 2 * id.0 as usize)
}
