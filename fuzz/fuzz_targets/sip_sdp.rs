//! Any bytes as an offer, as an answer, and through a relay.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sip::sdp::{Codec, Direction, Local, Session, relayed};

fuzz_target!(|bytes: &[u8]| {
    let codecs = [Codec::Pcma, Codec::TelephoneEvent];
    let rtp = "192.0.2.1:4000".parse().expect("an address");
    let direction = Direction::SendRecv;
    let local = Local { rtp, codecs: &codecs, direction, ptime_ms: 20, session_id: 1, version: 1 };
    let Ok(session) = Session::parse(bytes) else { return };
    let _ = local.accept(&session);
    if let Ok((answer, _)) = local.answer(&session) {
        let answer = Session::parse(answer.as_bytes()).expect("what we write we can read");
        assert_eq!(answer.media.len(), session.media.len());
    }
    let through = relayed(bytes, rtp.ip(), &[4000]);
    assert_eq!(Session::parse(&through).map(|s| s.media.len()), Ok(session.media.len()));
});
