//! What one side of a call says of its audio, and what both sides have agreed on.

use super::media::AudioId;
use sip::sdp::{Codec, Direction, Local, Negotiated, Session};
use std::net::SocketAddr;

const CODECS: &[Codec] = &[Codec::Pcma, Codec::Pcmu, Codec::TelephoneEvent];
/// Milliseconds of a packet, unless the other side wants another length.
const PTIME_MS: u16 = 20;

/// One side's audio as its session descriptions have it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sound {
    /// `None`: nobody sends and nobody hears; signalling alone is placed.
    audio: Option<AudioId>,
    at: SocketAddr,
    version: u64,
    said: Option<Direction>,
    agreed: Option<Negotiated>,
}

impl Sound {
    /// Audio that is not sent: the port is where signalling is, and the direction says that nobody sends.
    pub(super) const fn none(signalling: SocketAddr) -> Self {
        Self { audio: None, at: signalling, version: 0, said: None, agreed: None }
    }

    /// Audio that is received at this port.
    pub(super) const fn at(audio: AudioId, at: SocketAddr) -> Self {
        Self { audio: Some(audio), at, version: 0, said: None, agreed: None }
    }

    /// The audio, if there is any.
    pub(super) const fn audio(&self) -> Option<AudioId> {
        self.audio
    }

    /// What is to be played: the audio and what was agreed last.
    pub(super) fn agreed_audio(&self) -> Option<(AudioId, Negotiated)> {
        Some((self.audio?, self.agreed?))
    }

    const fn direction(&self) -> Direction {
        if self.audio.is_some() { Direction::SendRecv } else { Direction::Inactive }
    }

    /// An offer.
    pub(super) fn offer(&mut self) -> String {
        self.say(self.direction()).offer()
    }

    /// The answer to an offer, or an offer if there is none; `None` if nothing in it serves.
    pub(super) fn answer(&mut self, offered: &[u8]) -> Option<String> {
        if offered.is_empty() {
            return Some(self.offer());
        }
        let session = Session::parse(offered).ok()?;
        let (_, agreed) = self.local().answer(&session).ok()?;
        self.agreed = Some(agreed);
        // Said again with the version that belongs to it.
        self.say(agreed.direction).answer(&session).ok().map(|(text, _)| text)
    }

    /// Takes the answer to an offer; one that does not serve changes nothing.
    pub(super) fn accept(&mut self, answer: &[u8]) {
        let session = Session::parse(answer).ok();
        let agreed = session.and_then(|session| self.local().accept(&session).ok());
        self.agreed = agreed.or(self.agreed);
    }

    /// What is said next: another version if it differs from what was said before.
    fn say(&mut self, direction: Direction) -> Local<'static> {
        self.version += u64::from(self.said != Some(direction));
        self.said = Some(direction);
        self.local()
    }

    fn local(&self) -> Local<'static> {
        let session_id = u64::from(self.at.port());
        let (rtp, version) = (self.at, self.version);
        Local { rtp, codecs: CODECS, direction: self.direction(), ptime_ms: PTIME_MS, session_id, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_a_new_version_when_it_says_something_new() {
        let version = |sdp: &str| {
            let origin = sdp.lines().find(|line| line.starts_with("o=")).expect("an origin").to_owned();
            origin.split(' ').nth(2).expect("a version").to_owned()
        };
        let mut caller = Sound::none("192.0.2.1:5060".parse().expect("an address"));
        let mut called = Sound { audio: Some(AudioId::default()), ..Sound::none(caller.at) };
        let mut offerer = called;
        let offer = offerer.offer();
        assert_eq!((version(&offer), version(&offerer.offer())), ("1".into(), "1".into()));
        let answer = called.answer(offer.as_bytes()).expect("G.711 on both sides");
        assert!(answer.contains("a=sendrecv"), "{answer}");
        offerer.accept(answer.as_bytes());
        assert!(offerer.agreed_audio().is_some_and(|(_, agreed)| agreed.direction == Direction::SendRecv));
        let held = called.answer(offer.replace("sendrecv", "sendonly").as_bytes()).expect("as before");
        assert!(held.contains("a=recvonly") && version(&held) == "2", "{held}");
        assert_eq!(version(&called.answer(offer.as_bytes()).expect("as before")), "3");
        assert!(caller.answer(offer.as_bytes()).is_some_and(|sdp| sdp.contains("a=inactive")));
        assert_eq!(caller.agreed_audio().map(|_| ()), None, "signalling alone");
        assert_eq!(called.answer(b"v=0"), None);
    }
}
