//! Calls from INVITE to BYE, and everything that happens in between.

use crate::rig::{A, B, Rig, SDP};
use engine::time::Duration;
use sip::endpoint::{
    Admission, Body, EndCause, Event, Input, LegId, Provisional, Refusal, Reply, SessionTimer, sizes,
};
use sip::message::{Header, Message, Method};
use sip::refer::{ReferTo, Replaces};

fn last_request(rig: &Rig, who: usize) -> sip::endpoint::IncomingId {
    let request = rig.events[who]
        .iter()
        .rev()
        .find_map(|e| if let Event::Request { incoming, .. } = e { Some(*incoming) } else { None });
    request.expect("a request")
}

pub(crate) fn ends(rig: &Rig, who: usize) -> Vec<(LegId, EndCause)> {
    rig.events[who]
        .iter()
        .filter_map(|e| if let Event::Ended { leg, why, .. } = e { Some((*leg, *why)) } else { None })
        .collect()
}

#[test]
fn a_call_is_the_exchange_of_rfc_3665_and_leaves_nothing() {
    let mut rig = Rig::new();
    let (a, b) = rig.ringing();
    rig.ends[B].ring(rig.now, b, &Reply::new(180), Provisional::Plain).unwrap();
    rig.settle();
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
    rig.settle();
    rig.ends[B].hang_up(rig.now, b, &[]).unwrap();
    rig.settle();
    let expected = ["A INVITE", "B 100", "B 180", "B 200", "A ACK", "B BYE", "A 200"];
    assert_eq!(rig.dialogue(), expected);
    assert_eq!(ends(&rig, A), [(a, EndCause::Bye)]);
    assert_eq!(rig.ends[B].hang_up(rig.now, b, &[]), Err(Refusal::Unknown));
    rig.run_to(60_000);
    rig.assert_idle();
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = || {
        let mut rig = Rig::new();
        let (a, _) = rig.talking();
        rig.ends[A].hang_up(rig.now, a, &[]).unwrap();
        rig.run_to(40_000);
        rig.raw
    };
    assert_eq!(run(), run());
}

#[test]
fn an_invite_is_taken_back_only_after_a_provisional_response() {
    let mut rig = Rig::new();
    rig.lose(|from, _| from == B);
    let leg = rig.ends[A].invite(rig.now, &rig.invite()).unwrap();
    rig.settle();
    rig.ends[A].hang_up(rig.now, leg, &[]).unwrap();
    rig.run_to(400);
    assert_eq!(rig.times(A, "CANCEL"), []);
    rig.lose_nothing();
    rig.run_to(600);
    // The INVITE went again, 100 came, and only then the CANCEL went.
    assert_eq!(rig.times(A, "CANCEL"), [500]);
    assert_eq!(rig.times(B, "487"), [500]);
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 487, .. })));
    assert_eq!(ends(&rig, B).len(), 1);
    rig.run_to(60_000);
    rig.assert_idle();
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() {
    let mut rig = Rig::new();
    let (a, b) = rig.ringing();
    rig.lose(|_, m| m.method() == Some(Method::Cancel));
    rig.ends[A].hang_up(rig.now, a, &[]).unwrap();
    rig.settle();
    rig.lose_nothing();
    rig.dialogue();
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
    rig.settle();
    assert_eq!(rig.dialogue(), ["B 200", "A ACK", "A BYE", "B 200"]);
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 487, .. })));
    rig.run_to(60_000);
    rig.assert_idle();
}

#[test]
fn a_call_without_an_offer_is_acknowledged_with_the_answer() {
    let mut rig = Rig::new();
    let mut invite = rig.invite();
    invite.body = None;
    let a = rig.ends[A].invite(rig.now, &invite).unwrap();
    rig.settle();
    let Some(Event::Invited { leg: b, .. }) = rig.events[B].first().cloned() else { panic!("a call") };
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
    rig.settle();
    assert_eq!(rig.times(A, "ACK"), []);
    rig.ends[A].acknowledge(rig.now, a, Some(Body::sdp(SDP))).unwrap();
    rig.settle();
    let Some(Event::Acknowledged { message, .. }) = rig.events[B].last() else { panic!("an ACK") };
    assert_eq!(message.message().body(), SDP);
}

#[test]
fn hold_is_a_reinvite_and_two_at_once_collide_with_491() {
    let mut rig = Rig::new();
    let (a, b) = rig.talking();
    rig.dialogue();
    rig.ends[A].request(rig.now, a, Method::Invite, &[], Some(Body::sdp(SDP))).unwrap();
    rig.settle();
    let incoming = last_request(&rig, B);
    // B offers as well before it has answered.
    rig.ends[B].request(rig.now, b, Method::Invite, &[], Some(Body::sdp(SDP))).unwrap();
    rig.settle();
    assert!(matches!(rig.events[B].last(), Some(Event::Response { status: 491, .. })));
    rig.ends[B].respond(rig.now, incoming, &Reply::sdp(200, SDP)).unwrap();
    rig.settle();
    let expected = ["A INVITE", "B 100", "B INVITE", "A 491", "B ACK", "B 200", "A ACK"];
    assert_eq!(rig.dialogue(), expected);
    assert!(matches!(rig.events[A].last(), Some(Event::Response { status: 200, .. })));
    assert!(matches!(rig.events[B].last(), Some(Event::Acknowledged { .. })));
}

#[test]
fn a_request_in_a_dialog_that_the_peer_has_lost_ends_the_call() {
    let mut rig = Rig::new();
    let (a, b) = rig.talking();
    rig.lose_all();
    rig.ends[B].hang_up(rig.now, b, &[]).unwrap();
    rig.settle();
    rig.lose_nothing();
    rig.run_to(100);
    rig.ends[A].request(rig.now, a, Method::Info, &[], None).unwrap();
    rig.settle();
    assert_eq!(ends(&rig, A), [(a, EndCause::PeerLost)]);
}

#[test]
fn a_refer_names_the_dialog_that_the_new_call_replaces() {
    let mut rig = Rig::new();
    let (a, b) = rig.talking();
    let (call_id, local, remote) = rig.ends[B].dialog(b).unwrap();
    let replaces = Replaces { call_id, to_tag: local, from_tag: remote, early_only: false };
    let refer_to = ReferTo { uri: "sip:201@192.0.2.2".into(), replaces: Some(replaces.clone()) };
    let text = refer_to.to_string();
    rig.ends[A].request(rig.now, a, Method::Refer, &[(Header::ReferTo, &text)], None).unwrap();
    rig.settle();
    let Some(Event::Request { message, incoming, .. }) = rig.events[B].last().cloned() else {
        panic!("REFER")
    };
    let read = ReferTo::parse(message.message().header(Header::ReferTo).unwrap()).unwrap();
    assert_eq!(read, refer_to);
    assert_eq!(rig.ends[B].find_replaced(&replaces), Some(b));
    assert_eq!(rig.ends[A].find_replaced(&replaces), None);
    rig.ends[B].respond(rig.now, incoming, &Reply::new(202)).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A].last(), Some(Event::Response { status: 202, .. })));
}

fn with_timer(expires: u64) -> Rig {
    Rig::with(|config| {
        let expires = Duration::from_secs(expires);
        config.session_timer = Some(SessionTimer { expires, min: Duration::from_secs(90) });
    })
}

#[test]
fn rfc_4028_the_caller_refreshes_at_half_the_interval() {
    let mut rig = with_timer(180);
    rig.talking();
    rig.run_to(89_999);
    assert_eq!(rig.times(A, "UPDATE"), []);
    rig.run_to(400_000);
    assert_eq!(rig.times(A, "UPDATE"), [90_000, 180_000, 270_000, 360_000]);
    assert_eq!((ends(&rig, A), ends(&rig, B)), (vec![], vec![]));
}

#[test]
fn rfc_4028_without_a_refresh_the_session_ends_before_its_time() {
    let mut rig = with_timer(180);
    let (a, b) = rig.talking();
    rig.lose(|from, _| from == A);
    rig.run_to(200_000);
    // 180 s less the margin of 32 s.
    assert_eq!(rig.times(B, "BYE")[0], 148_000);
    assert_eq!(ends(&rig, B), [(b, EndCause::SessionExpired)]);
    assert_eq!(ends(&rig, A).len(), 1);
    assert_eq!(ends(&rig, A)[0].0, a);
}

#[test]
fn rfc_4028_an_interval_too_small_is_asked_for_again_as_422_says() {
    let mut rig = Rig::new();
    let [a, _] = &mut rig.ends;
    *a = sip::Endpoint::new({
        let mut config = sip::endpoint::Config::new(1, crate::rig::address(A));
        let short = Duration::from_secs(60);
        config.session_timer = Some(SessionTimer { expires: short, min: short });
        config
    });
    let (_, b) = rig.ringing();
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
    rig.settle();
    let expected = ["A INVITE", "B 422", "A ACK", "A INVITE", "B 100", "B 200", "A ACK"];
    assert_eq!(rig.dialogue(), expected);
    let again = Message::parse(&rig.raw[3]).unwrap();
    assert_eq!(again.header(Header::SessionExpires), Some(b"90".as_slice()));
    assert_eq!(again.check().unwrap().cseq.number, 2);
}

#[test]
fn what_is_full_refuses_with_503_and_retry_after_and_keeps_nothing() {
    let mut rig = Rig::with(|config| config.max_transactions = 1);
    let (_, _) = rig.ringing();
    rig.ends[A] = sip::Endpoint::new(sip::endpoint::Config::new(9, crate::rig::address(A)));
    rig.ends[A].invite(rig.now, &rig.invite()).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 503, message: Some(m), .. })
        if m.message().header_number(Header::RetryAfter) == Some(5)));
    assert_eq!((rig.ends[B].usage().servers, rig.ends[B].usage().overloaded), (1, 1));
}

#[test]
fn shut_admission_refuses_new_calls_and_leaves_the_others_alone() {
    let mut rig = Rig::new();
    let (a, _) = rig.talking();
    rig.ends[B].set_admission(Admission::Refuse { retry_after_s: 7 });
    rig.ends[A].invite(rig.now, &rig.invite()).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 503, .. })));
    rig.ends[A].hang_up(rig.now, a, &[]).unwrap();
    rig.settle();
    assert_eq!(ends(&rig, B).len(), 1);
}

#[test]
fn a_second_answer_of_a_fork_is_acknowledged_and_ended() {
    let mut rig = Rig::new();
    rig.talking();
    let ok = rig.raw.iter().find(|m| m.starts_with(b"SIP/2.0 200")).unwrap().clone();
    let text = String::from_utf8(ok).unwrap();
    let Some(Event::Acknowledged { leg, .. }) = rig.events[B].last() else { panic!("an ACK") };
    let tag = rig.ends[B].dialog(*leg);
    let other_branch = text.replace(&tag.unwrap().1, "another-branch");
    rig.dialogue();
    let flow = rig.flow_to(B);
    rig.ends[A].handle(rig.now, Input::Received { flow, bytes: other_branch.as_bytes() });
    rig.settle();
    assert_eq!(rig.dialogue()[..2], ["A ACK", "A BYE"]);
    assert!(String::from_utf8_lossy(&rig.raw[rig.raw.len() - 2]).contains("tag=another-branch"));
}

#[test]
fn a_peer_is_watched_until_it_falls_silent_and_when_it_comes_back() {
    let mut rig = Rig::new();
    let flow = rig.flow_to(B);
    rig.ends[A].watch(rig.now, flow, "sip:192.0.2.2", "<sip:a@192.0.2.1>", Duration::from_secs(30)).unwrap();
    rig.run_to(100_000);
    assert_eq!(rig.times(A, "OPTIONS"), [0, 30_000, 60_000, 90_000]);
    rig.lose_all();
    rig.run_to(155_000);
    rig.lose_nothing();
    rig.run_to(200_000);
    let states: Vec<bool> = rig.events[A]
        .iter()
        .filter_map(|e| if let Event::Peer { state, .. } = e { Some(*state) } else { None })
        .map(|state| matches!(state, sip::endpoint::PeerState::Up { .. }))
        .collect();
    assert_eq!(states, [true, false, true]);
}

#[test]
fn transactions_and_legs_are_small() {
    let sizes = sizes();
    println!("bytes in the table: {sizes:?}");
    assert!(sizes.client <= 192 && sizes.server <= 208 && sizes.leg <= 448, "{sizes:?}");
}
