//! What the machine itself costs, to hold the engine's figures against: memory that does not come in time, a page that is not known
//! any more, an event of a heap, a datagram.

use engine::hint::bring;
use sip::io::{UdpOptions, UdpSocket};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Bytes that the machine moves at once.
const LINE: usize = 64;
/// A step from anywhere to anywhere: odd, so that a power of two of places are all passed before one comes again.
const MULTIPLIER: u64 = 0x5851_F42D_4C95_7F2D;

/// Places of a line each in one cycle without an order that could be guessed.
pub struct Memory {
    places: Vec<[u64; LINE / 8]>,
    at: usize,
}

impl Memory {
    /// So many bytes, rounded up to a power of two of lines.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        let count = bytes.div_ceil(LINE).next_power_of_two();
        // A linear congruence with an odd increment and a multiplier of 4n + 1 passes all places once (Hull and Dobell, 1962).
        let next = |n: usize| (n as u64).wrapping_mul(MULTIPLIER).wrapping_add(0x1405_7B7E_F767_814F);
        let places = (0..count).map(|n| {
            let mut place = [0; LINE / 8];
            place[0] = next(n) & (count as u64 - 1);
            place
        });
        Self { places: places.collect(), at: 0 }
    }

    /// Goes on by so many places, each of which says where the next one is; whether that ended where it began.
    pub fn walk(&mut self, steps: usize) -> bool {
        let began = self.at;
        for _ in 0..steps {
            self.at = self.places[self.at][0] as usize;
        }
        self.at == began
    }

    /// How many places there are.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places.len()
    }
}

/// A line in each of so many pages, brought closer in turn, with work in between that waits for nothing: what that adds to the work is
/// the time until it is known where the page is.
pub struct Pages {
    lines: Vec<[u64; LINE / 8]>,
    /// The line of each page.
    places: Vec<usize>,
    work: [u64; 6],
}

impl Pages {
    const LINES: usize = 4_096 / LINE;
    /// Of twelve instructions each.
    const ROUNDS: usize = 20;
    /// Pages of memory to one that is used, so that the processor cannot guess which is next.
    const APART: usize = 4;

    /// So many pages.
    #[must_use]
    pub fn of(pages: usize) -> Self {
        let mut random = 1_u64;
        let place = |page| {
            random = random.wrapping_mul(MULTIPLIER).wrapping_add(1);
            page * Self::APART * Self::LINES + (random >> 40) as usize % Self::LINES
        };
        let places = (0..pages).map(place).collect();
        Self { lines: vec![[1; LINE / 8]; pages * Self::APART * Self::LINES], places, work: [1; 6] }
    }

    /// Brings so many lines closer, each a page further; how many there were.
    pub fn pass(&mut self, steps: usize) -> usize {
        let (mut passed, [mut a, mut b, mut c, mut d, mut e, mut f]) = (0, self.work);
        for &place in self.places.iter().cycle().take(steps) {
            bring(&self.lines[place]);
            for _ in 0..Self::ROUNDS {
                a = (a ^ MULTIPLIER).rotate_left(7);
                b = (b ^ MULTIPLIER).rotate_left(11);
                c = (c ^ MULTIPLIER).rotate_left(13);
                d = (d ^ MULTIPLIER).rotate_left(17);
                e = (e ^ MULTIPLIER).rotate_left(19);
                f = (f ^ MULTIPLIER).rotate_left(23);
            }
            passed += 1;
        }
        self.work = std::hint::black_box([a, b, c, d, e, f]);
        passed
    }
}

/// Events of a naive simulation: a time and what happens, in a binary heap.
pub struct HeapOfEvents {
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    random: u64,
}

impl HeapOfEvents {
    /// So many that are due at different times.
    #[must_use]
    pub fn with(outstanding: u32) -> Self {
        let mut events = Self { heap: BinaryHeap::with_capacity(outstanding as usize + 1), random: 1 };
        (0..outstanding).for_each(|what| events.push(0, what));
        events
    }

    fn push(&mut self, now: u64, what: u32) {
        self.random = self.random.wrapping_mul(MULTIPLIER).wrapping_add(1);
        self.heap.push(Reverse((now + (self.random >> 40), what)));
    }

    /// Lets so many happen, each of which makes another one due; how many did.
    pub fn pass(&mut self, events: u32) -> u32 {
        let mut happened = 0;
        for _ in 0..events {
            let Some(Reverse((now, what))) = self.heap.pop() else { break };
            self.push(now, what);
            happened += 1;
        }
        happened
    }
}

/// Two sockets on this machine that send each other datagrams as long as an INVITE.
pub struct Datagrams {
    sockets: [UdpSocket; 2],
    bytes: Arc<[u8]>,
}

impl Datagrams {
    /// Two sockets at ports that are free.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> std::io::Result<Self> {
        let bind = || UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), UdpOptions::default());
        Ok(Self { sockets: [bind()?, bind()?], bytes: Arc::from([b'x'; 1_094].as_slice()) })
    }

    /// Sends `batches` times `batch` datagrams from the first to the second, which reads them; how many came.
    ///
    /// # Errors
    /// What the system says.
    pub fn carry(&mut self, batches: usize, batch: usize) -> std::io::Result<usize> {
        let to = self.sockets[1].local_addr()?;
        let mut came = 0;
        for _ in 0..batches {
            for _ in 0..batch {
                self.sockets[0].send(to, Arc::clone(&self.bytes));
            }
            self.sockets[0].flush();
            self.sockets[1].receive(|_, _| came += 1)?;
        }
        Ok(came)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_passes_all_places_before_one_comes_again() {
        let mut memory = Memory::of(4_096);
        assert_eq!(memory.places(), 64);
        assert!((1..64).all(|steps| !Memory::of(4_096).walk(steps)));
        assert!(memory.walk(64));
    }

    #[test]
    fn every_page_has_a_line_that_is_passed() {
        let mut pages = Pages::of(100);
        let lines = Pages::APART * Pages::LINES;
        assert!(pages.places.iter().enumerate().all(|(page, place)| place / lines == page));
        assert_eq!(pages.pass(250), 250);
    }

    #[test]
    fn events_happen_and_datagrams_come() {
        assert_eq!(HeapOfEvents::with(75).pass(1_000), 1_000);
        assert_eq!(Datagrams::new().and_then(|mut sockets| sockets.carry(10, 16)).expect("sockets"), 160);
    }
}
