//! What the server wants of whoever carries speech for it: ports, and what is heard on each.

use engine::id::ConferenceId;
use engine::{Beep, Mix, Part};
use sip::sdp::Format;
use std::net::SocketAddr;

/// A port for the speech of one side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId(pub u32);

/// A port that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub id: PortId,
    /// Where it is.
    pub at: SocketAddr,
}

/// Where the speech of a port goes to, and how it is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// RTP; `None`: nothing is to be sent.
    pub rtp: Option<SocketAddr>,
    /// RTCP.
    pub rtcp: Option<SocketAddr>,
    /// Coding of what this system itself says; `None`: it only passes on.
    pub format: Option<Format>,
    /// Payload type of DTMF events.
    pub dtmf_payload: Option<u8>,
}

/// What is heard on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Nothing.
    Silence,
    /// Whatever comes to another port, and the other way round.
    Relay(PortId),
    /// Hold music.
    Music,
    /// That a phone rings.
    RingTone,
    /// That digits are wanted.
    Prompt,
    /// The voicemail server's beep, then nothing.
    Voicemail,
    /// The others with whom it is mixed, and who of them hears what comes to it.
    Mix(Mix, Part),
}

/// Carries speech.
pub trait Media: Send {
    /// Opens a port; `None` if none is free.
    fn open(&mut self) -> Option<Port>;
    /// Says where its speech goes.
    fn remote(&mut self, port: PortId, remote: Remote);
    /// Says what is heard on it.
    fn play(&mut self, port: PortId, program: Program);
    /// Everybody in a conference hears a beep.
    fn beep(&mut self, conference: ConferenceId, beep: Beep);
    /// Closes it.
    fn close(&mut self, port: PortId);
}
