//! A user agent that rings and answers at once: what the generator is measured against, and its simplest target.

use super::sound::Sound;
use super::target::{SipTarget, TlsFiles};
use super::wire::{Side, Wire};
use engine::time::Instant;
use sip::endpoint::{Endpoint, Event, LegId, Provisional, Reply, Transport};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Answers calls on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Callee {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Callee {
    /// Starts it on `at`, over UDP or TCP; port 0 is any free one.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn start(at: SocketAddr, transport: Transport) -> io::Result<Self> {
        // It calls nobody, so its own address serves as the target.
        let target = SipTarget { transport, ..SipTarget::udp(at) };
        let mut wire = Wire::open(&target, &TlsFiles::default(), [Some(at), None], 0)?;
        let address = wire.at(Side::Trunks);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) && wire.wait(LOOK).is_ok() {
                wire.fire_timers();
                while let Some((side, event)) = wire.next_event() {
                    let now = wire.now();
                    take(wire.endpoint(side), now, &event);
                }
            }
        });
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Callee {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed; here it must not become a second one.
            let _ = thread.join();
        }
    }
}

fn take(endpoint: &mut Endpoint, now: Instant, event: &Event) {
    if let Event::Invited { leg, .. } = event {
        // A caller who has hung up meanwhile is told by the endpoint.
        let _ = ring_and_answer(endpoint, now, *leg);
    }
}

fn ring_and_answer(endpoint: &mut Endpoint, now: Instant, leg: LegId) -> Result<(), sip::endpoint::Refusal> {
    endpoint.ring(now, leg, &Reply::new(180), Provisional::Plain)?;
    let sdp = Sound::none(([127, 0, 0, 1], 9).into()).offer();
    endpoint.answer(now, leg, &Reply::sdp(200, sdp.as_bytes()))
}
