//! Ports of this system: which sides of calls have one, and descriptions that point there instead of at the other side.

use super::calls::{Called, Key, Sdp, Told};
use super::core::Core;
use super::media::{Port, PortId, Program, Remote};
use engine::id::CallId;
use engine::network::End;
use engine::plan::spec::Endpoint;
use engine::time::Instant;
use sip::sdp::{Codec, Direction, Local, Negotiated, Session, relayed};
use std::collections::HashMap;

/// What this system codes itself.
const CODECS: [Codec; 3] = [Codec::Pcma, Codec::Pcmu, Codec::TelephoneEvent];

/// The port of a side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) port: Port,
    /// What was agreed with the side, if this system speaks on the port itself.
    pub(super) agreed: Option<Negotiated>,
    /// The port that it passes everything on to.
    pub(super) linked: Option<PortId>,
    /// Counts descriptions.
    version: u64,
}

/// All of them. Looked up, never iterated.
#[derive(Debug, Default)]
pub(super) struct Ports {
    by_side: HashMap<Key, Opened>,
    sides: HashMap<PortId, Key>,
}

impl Ports {
    pub(super) fn get(&self, key: &Key) -> Option<&Opened> {
        if self.by_side.is_empty() { None } else { self.by_side.get(key) }
    }

    fn get_mut(&mut self, key: &Key) -> Option<&mut Opened> {
        self.by_side.get_mut(key)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_side.len()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_side.is_empty() && self.sides.is_empty()
    }

    fn insert(&mut self, key: Key, opened: Opened) {
        self.sides.insert(opened.port.id, key);
        self.by_side.insert(key, opened);
    }

    fn remove(&mut self, key: Key) -> Option<Opened> {
        if self.by_side.is_empty() {
            return None;
        }
        let opened = self.by_side.remove(&key)?;
        self.sides.remove(&opened.port.id);
        Some(opened)
    }
}

impl Core {
    /// The port of a side, opened if need be; `None` if none is free.
    pub(super) fn port_of(&mut self, key: Key) -> Option<Port> {
        if let Some(opened) = self.ports.get(&key) {
            return Some(opened.port);
        }
        let port = self.media.open()?;
        self.ports.insert(key, Opened { port, agreed: None, linked: None, version: 0 });
        Some(port)
    }

    pub(super) fn close_port(&mut self, key: Key) {
        if let Some(opened) = self.ports.remove(key) {
            self.media.close(opened.port.id);
        }
    }

    /// A digit was heard on a port.
    pub fn heard(&mut self, now: Instant, port: PortId, digit: u8) {
        if let Some(key) = self.ports.sides.get(&port).copied() {
            self.dialled(now, key.call, digit);
            self.settle(now);
        }
    }

    /// Whether two sides may speak to each other without this system.
    pub(super) fn are_direct(&self, a: Option<Endpoint>, b: Option<Endpoint>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => engine::is_direct(a, b),
            // A side that is joined to something inside is asked again once it has a far end.
            (None, _) | (_, None) => true,
        }
    }

    pub(super) fn endpoint_at(&self, key: Key) -> Option<Endpoint> {
        self.system.endpoint(self.system.device_at(key.call, key.end))
    }

    /// The caller's offer as a leg that is called gets it: as it is, or with a port of this system.
    pub(super) fn as_seen_by_called(&mut self, call: CallId, whose: Called, sdp: Sdp) -> Option<(Sdp, Told)> {
        let (calling, called) = (Key { call, end: End::Calling }, Key { call, end: End::Called });
        match self.are_direct(self.endpoint_at(calling), self.endpoint_of(call, whose)) {
            true => Some((sdp, Told::Side(calling))),
            false => Some((self.through_system(calling, called, &sdp)?, Told::Port)),
        }
    }

    /// What a leg that is called says of its media, as the caller gets it.
    pub(super) fn as_seen_by_caller(&mut self, call: CallId, told: Told, sdp: Sdp) -> Option<(Sdp, Told)> {
        let (calling, called) = (Key { call, end: End::Calling }, Key { call, end: End::Called });
        match told {
            Told::Port => Some((self.through_system(called, calling, &sdp)?, Told::Port)),
            Told::Side(_) | Told::Nothing => Some((sdp, Told::Side(called))),
        }
    }

    /// What `of` says of its media, as `by` gets it: as it is, or with a port of this system.
    pub(super) fn as_seen(&mut self, of: Key, by: Key, sdp: Sdp) -> Option<(Sdp, Told)> {
        match self.are_direct(self.endpoint_at(of), self.endpoint_at(by)) {
            true => Some((sdp, Told::Side(of))),
            false => Some((self.through_system(of, by, &sdp)?, Told::Port)),
        }
    }

    /// Puts this system between two sides: `by` is told its own port here, and what comes there goes where `of` wants it.
    fn through_system(&mut self, of: Key, by: Key, sdp: &Sdp) -> Option<Sdp> {
        let (here, there) = (self.port_of(by)?, self.port_of(of)?);
        let session = Session::parse(sdp).ok()?;
        let audio = session.audio()?;
        let held = audio.address.is_none_or(|address| address.is_unspecified());
        let rtp = audio.rtp().filter(|_| !held);
        let remote = Remote { rtp, rtcp: audio.rtcp().filter(|_| !held), format: None, dtmf_payload: None };
        self.media.remote(there.id, remote);
        self.media.play(there.id, Program::Relay(here.id));
        self.media.play(here.id, Program::Relay(there.id));
        for (key, other) in [(of, here), (by, there)] {
            if let Some(opened) = self.ports.get_mut(&key) {
                (opened.agreed, opened.linked) = (None, Some(other.id));
            }
        }
        // Other streams than the audio are refused.
        let is_audio = |m: &sip::sdp::Media<'_>| std::ptr::eq(m, audio);
        let ports: Vec<u16> =
            session.media.iter().map(|m| if is_audio(m) { here.at.port() } else { 0 }).collect();
        Some(relayed(sdp, here.at.ip(), &ports).into())
    }

    /// This system's own description for a side, on the port of the side.
    fn own<T>(&mut self, key: Key, direction: Direction, write: impl FnOnce(&Local<'_>) -> T) -> Option<T> {
        let port = self.port_of(key)?;
        let opened = self.ports.get_mut(&key)?;
        opened.version += 1;
        let (version, session_id) = (opened.version, u64::from(port.id.0) + 1);
        let local = Local { rtp: port.at, codecs: &CODECS, direction, ptime_ms: 20, session_id, version };
        Some(write(&local))
    }

    /// An offer of this system's own media to a side.
    pub(super) fn own_offer(&mut self, key: Key, direction: Direction) -> Option<Sdp> {
        self.own(key, direction, |local| local.offer().into_bytes().into())
    }

    /// This system's own answer to what a side offers; `None`: nothing in it serves.
    pub(super) fn own_answer(&mut self, key: Key, direction: Direction, offer: &[u8]) -> Option<Sdp> {
        let session = Session::parse(offer).ok()?;
        let (sdp, agreed) = self.own(key, direction, |local| local.answer(&session).ok())??;
        self.agree(key, agreed);
        Some(sdp.into_bytes().into())
    }

    /// A side answers an offer of this system's own media; whether it serves.
    pub(super) fn own_accept(&mut self, key: Key, direction: Direction, answer: &[u8]) -> Option<()> {
        let session = Session::parse(answer).ok()?;
        let agreed = self.own(key, direction, |local| local.accept(&session).ok())??;
        self.agree(key, agreed);
        Some(())
    }

    fn agree(&mut self, key: Key, agreed: Negotiated) {
        let Some(opened) = self.ports.get_mut(&key) else { return };
        (opened.agreed, opened.linked) = (Some(agreed), None);
        let rtp = agreed.remote.filter(|_| agreed.direction.sends());
        let remote = Remote {
            rtp,
            rtcp: agreed.remote_rtcp,
            format: Some(agreed.format),
            dtmf_payload: agreed.dtmf_payload,
        };
        self.media.remote(opened.port.id, remote);
    }
}

/// An answer that takes no part in any stream: a party that holds hears and says nothing.
pub(super) fn inactive_answer(offer: &[u8], at: std::net::SocketAddr) -> Option<Sdp> {
    let session = Session::parse(offer).ok()?;
    let direction = Direction::Inactive;
    let local = Local { rtp: at, codecs: &CODECS, direction, ptime_ms: 20, session_id: 1, version: 1 };
    local.answer(&session).ok().map(|(sdp, _)| sdp.into_bytes().into())
}

/// Whether an offer holds the other side: its writer wants to hear nothing.
pub(super) fn holds(offer: &[u8]) -> bool {
    let Ok(session) = Session::parse(offer) else { return false };
    let Some(audio) = session.audio() else { return false };
    let old_way = audio.address.is_some_and(|address| address.is_unspecified());
    old_way || !audio.direction.receives()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(line: &str, address: &str) -> Vec<u8> {
        format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n\
            a=rtpmap:101 telephone-event/8000\r\n{line}").into_bytes()
    }

    #[test]
    fn hold_is_seen_in_the_new_way_and_in_the_old() {
        assert!(holds(&offer("a=sendonly\r\n", "192.0.2.1")));
        assert!(holds(&offer("a=inactive\r\n", "192.0.2.1")));
        assert!(holds(&offer("", "0.0.0.0")));
        assert!(!holds(&offer("", "192.0.2.1")));
        assert!(!holds(&offer("a=recvonly\r\n", "192.0.2.1")));
        assert!(!holds(b"nonsense"));
    }

    #[test]
    fn whoever_holds_is_answered_with_nothing() {
        let at = "192.0.2.9:9".parse().expect("an address");
        let answer = inactive_answer(&offer("a=sendonly\r\n", "192.0.2.1"), at).expect("it has audio");
        let text = String::from_utf8(answer.to_vec()).expect("text");
        assert!(text.contains("a=inactive") && text.contains("m=audio 9 RTP/AVP 8 101"), "{text}");
    }
}
