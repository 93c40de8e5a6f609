//! How much audio the generator could send and hear: measured on a few streams to itself.

use super::player::{Party, Player, Whose};
use crate::driver::sip::legs::Counts;
use sip::io::Clock;
use sip::sdp::{Codec, Direction, Format, Negotiated};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Parties that talk to each other two by two.
const PARTIES: usize = 100;
/// Share of a core that the audio may take before its timing suffers.
const SHARE: f64 = 0.7;

/// Plays on loopback for this long; how many parties one core could play, each sending 50 packets a second and hearing as many.
///
/// # Errors
/// If loopback has no free ports.
pub(in super::super) fn ceiling(length: Duration) -> io::Result<f64> {
    let mut player = Player::start(1, Clock::start())?;
    let whose = Whose { party: Party::Caller, call: 0, counts: Counts::Yes };
    let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let opened: io::Result<Vec<_>> = (0..PARTIES).map(|_| player.open(ip, whose)).collect();
    let opened = opened?;
    for (n, &(audio, _)) in opened.iter().enumerate() {
        player.play(audio, to(opened[n ^ 1].1));
        // Calls are answered one after the other, not all at once.
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(length);
    let figures = player.finish()?;
    let packets = (figures.sent + figures.received).max(1);
    let party_s = figures.processor.as_secs_f64() / packets as f64 * 100.0;
    Ok(SHARE / party_s.max(1e-9))
}

fn to(remote: SocketAddr) -> Negotiated {
    Negotiated {
        remote: Some(remote),
        remote_rtcp: Some(SocketAddr::new(remote.ip(), remote.port() + 1)),
        format: Format { payload: 8, codec: Codec::Pcma },
        dtmf_payload: None,
        direction: Direction::SendRecv,
        ptime_ms: 20,
    }
}
