//! The generator's own limit: how many calls a second it manages against itself, without a target.

use super::callee::Callee;
use super::media;
use super::options::MediaMode;
use super::sound::Sound;
use super::target::{SipTarget, TlsFiles, host};
use super::wire::{Side, Wire};
use sip::endpoint::{Body, Event, Invite, Target, Transport};
use sip::io::thread_time;
use std::io;
use std::time::{Duration, Instant};

/// Calls in progress at a time: enough to keep both sides at work, few enough to lose nothing.
const AT_A_TIME: usize = 64;

/// What the generator manages without a target (RFC 7502 6.1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// Calls a second.
    pub cps: f64,
    /// Processor time of the calling side for one call, in microseconds; `None` if no call came through.
    pub call_us: Option<f64>,
    /// Parties that one core could have talk at a time; `None`: signalling alone.
    pub parties: Option<f64>,
}

/// Sets calls up and ends them at once for this long, on loopback, against an answering user agent on another thread; then, if
/// calls are to have audio, has parties talk to each other for as long. Both sides share this machine, so a generator
/// alone manages more. TLS is measured as TCP.
///
/// # Errors
/// If loopback has no free ports.
pub fn ceiling(length: Duration, transport: Transport, media: MediaMode) -> io::Result<Ceiling> {
    let (cps, call_us) = calls(length, transport)?;
    let parties = match media {
        MediaMode::None => None,
        MediaMode::Rtp => Some(media::ceiling(length)?),
    };
    Ok(Ceiling { cps, call_us, parties })
}

/// Calls a second, and microseconds of processor time for each on this side.
fn calls(length: Duration, transport: Transport) -> io::Result<(f64, Option<f64>)> {
    let transport = if transport.is_reliable() { Transport::Tcp } else { Transport::Udp };
    let callee = Callee::start(([127, 0, 0, 1], 0).into(), transport)?;
    let target = SipTarget { transport, ..SipTarget::udp(callee.address()) };
    let mut wire = Wire::open(&target, &TlsFiles::default(), [None; 2], 1)?;
    let (began, used) = (Instant::now(), thread_time());
    let mut done = 0_u64;
    for _ in 0..AT_A_TIME {
        place(&mut wire);
    }
    while began.elapsed() < length {
        wire.fire_timers();
        while let Some((side, event)) = wire.next_event() {
            let now = wire.now();
            match event {
                Event::Answered { leg, .. } => {
                    // A leg that has just been answered is there.
                    let _ = wire.endpoint(side).hang_up_and_hear(now, leg, &[]);
                }
                Event::Response { .. } => {
                    done += 1;
                    place(&mut wire);
                }
                Event::Refused { .. } | Event::Ended { .. } => place(&mut wire),
                Event::Invited { .. }
                | Event::Progress { .. }
                | Event::Acknowledged { .. }
                | Event::Confirmed { .. }
                | Event::Request { .. }
                | Event::RefreshDue { .. }
                | Event::Registered { .. }
                | Event::Unregistered { .. }
                | Event::Trying { .. }
                | Event::Peer { .. } => {}
            }
        }
        wire.wait(Duration::from_millis(1))?;
    }
    let processor_us = thread_time().saturating_sub(used).as_secs_f64() * 1e6;
    let call_us = (done > 0).then(|| processor_us / done as f64);
    Ok((done as f64 / began.elapsed().as_secs_f64(), call_us))
}

fn place(wire: &mut Wire) {
    let (now, at) = (wire.now(), wire.at(Side::Trunks));
    let uri = wire.uri("1");
    let (from, to) = (format!("<sip:2@{}>", host(at.ip())), format!("<{uri}>"));
    let contact = wire.contact(Side::Trunks, "2");
    let sdp = Sound::none(at).offer();
    let flow = wire.flow(Side::Trunks);
    let target = Target { flow, uri: &uri, from: &from, to: &to, contact: Some(&contact) };
    let invite = Invite { target, headers: &[], body: Some(Body::sdp(sdp.as_bytes())), credentials: None };
    // The tables have room for far more.
    let _ = wire.endpoint(Side::Trunks).invite(now, &invite);
}
