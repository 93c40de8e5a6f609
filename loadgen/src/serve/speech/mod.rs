//! Speech that passes through this process: relayed, mixed, or made here. One thread with sockets of its own.

mod carried;
mod carrier;
mod listening;
mod tone;

use super::media::{Media, Port, PortId, Program, Remote};
use carrier::Carrier;
use crossbeam::channel::{Receiver, Sender, bounded};
use engine::Beep;
use engine::id::ConferenceId;
use mio::Waker;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Orders that may wait; more than all ports have at a time.
const ORDERS: usize = 65_536;
/// Digits that may wait.
const DIGITS: usize = 4_096;
/// Ports that are tried before none counts as free.
const TRIES: usize = 64;

/// A digit that was heard on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digit {
    /// The port.
    pub port: PortId,
    /// `0`-`9`, `*` or `#`, in ASCII.
    pub digit: u8,
}

/// What the thread is told.
enum Order {
    Open(PortId, [UdpSocket; 2]),
    Remote(PortId, Remote),
    Play(PortId, Program),
    Beep(ConferenceId, Beep),
    Close(PortId),
    Stop,
}

/// Speech, as the server has it.
pub struct Speech {
    address: IpAddr,
    ports: RangeInclusive<u16>,
    next_port: u16,
    next_id: u32,
    /// Looked up, never iterated.
    open: HashMap<PortId, u16>,
    taken: HashMap<u16, PortId>,
    orders: Sender<Order>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
}

impl Speech {
    /// Starts the thread. Digits that are heard come out of the receiver; `heard` is called after each.
    ///
    /// # Errors
    /// If the kernel has no poll for it.
    pub fn start(
        address: IpAddr,
        ports: RangeInclusive<u16>,
        seed: u64,
        heard: impl Fn() + Send + 'static,
    ) -> io::Result<(Self, Receiver<Digit>)> {
        let (orders, ordered) = bounded(ORDERS);
        let (digits, heard_digits) = bounded(DIGITS);
        let mut carrier = Carrier::new(seed, ordered, digits, Box::new(heard))?;
        let waker = carrier.waker();
        let thread = std::thread::Builder::new().name("speech".to_owned()).spawn(move || carrier.run())?;
        let next_port = *ports.start();
        let speech = Self {
            address,
            ports,
            next_port,
            next_id: 0,
            open: HashMap::new(),
            taken: HashMap::new(),
            orders,
            waker,
            thread: Some(thread),
        };
        Ok((speech, heard_digits))
    }

    fn order(&self, order: Order) {
        // The thread takes orders before anything else, and ends with this handle.
        if self.orders.send(order).is_ok() {
            // A wake-up that fails is made good by the next packet or tick.
            let _ = self.waker.wake();
        }
    }

    /// The next pair of ports, RTP on the even one (RFC 3550 11).
    fn next_pair(&mut self) -> Option<(u16, [UdpSocket; 2])> {
        for _ in 0..TRIES {
            let mut port = self.next_port + self.next_port % 2;
            if port.checked_add(1).is_none_or(|rtcp| rtcp > *self.ports.end()) {
                port = *self.ports.start() + *self.ports.start() % 2;
            }
            self.next_port = port.saturating_add(2);
            if self.taken.contains_key(&port) {
                continue;
            }
            let bind = |port| UdpSocket::bind(SocketAddr::new(self.address, port));
            if let (Ok(rtp), Ok(rtcp)) = (bind(port), bind(port + 1)) {
                return Some((port, [rtp, rtcp]));
            }
        }
        None
    }
}

impl Media for Speech {
    fn open(&mut self) -> Option<Port> {
        let (port, sockets) = self.next_pair()?;
        let id = PortId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        self.open.insert(id, port);
        self.taken.insert(port, id);
        self.order(Order::Open(id, sockets));
        Some(Port { id, at: SocketAddr::new(self.address, port) })
    }

    fn remote(&mut self, port: PortId, remote: Remote) {
        self.order(Order::Remote(port, remote));
    }

    fn play(&mut self, port: PortId, program: Program) {
        self.order(Order::Play(port, program));
    }

    fn beep(&mut self, conference: ConferenceId, beep: Beep) {
        self.order(Order::Beep(conference, beep));
    }

    fn close(&mut self, port: PortId) {
        if let Some(number) = self.open.remove(&port) {
            self.taken.remove(&number);
        }
        self.order(Order::Close(port));
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.order(Order::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; here it must not become a second one.
            let _ = thread.join();
        }
    }
}
