//! Reliable provisional responses (RFC 3262): repeated, confirmed, and confirmed late.

use crate::calls::ends;
use crate::rig::{A, B, Rig, SDP, address};
use sip::endpoint::{EndCause, Event, Flow, Input, Invite, LegId, Provisional, Refusal, Reply};
use sip::message::{Header, Method};

#[test]
fn a_reliable_response_is_repeated_until_its_prack() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    let mut lost = 0;
    rig.lose(move |from, m| {
        let lose = from == B && m.status() == Some(183) && lost < 2;
        lost += usize::from(lose);
        lose
    });
    rig.dialogue();
    rig.ends[B].ring(rig.now, b, &Reply::sdp(183, SDP), Provisional::Reliable).unwrap();
    // With a body unconfirmed, neither a second one nor the answer may go (RFC 3262 3, 5).
    let second = rig.ends[B].ring(rig.now, b, &Reply::new(180), Provisional::Reliable);
    assert_eq!(second, Err(Refusal::Unconfirmed));
    assert_eq!(rig.ends[B].answer(rig.now, b, &Reply::new(200)), Err(Refusal::Unconfirmed));
    rig.run_to(5_000);
    assert_eq!(rig.times(B, "183"), [0, 500, 1_500]);
    assert_eq!(rig.times(A, "PRACK"), [1_500]);
    assert!(matches!(rig.events[B].last(), Some(Event::Confirmed { .. })));
    assert_eq!(rig.events[A].iter().filter(|e| matches!(e, Event::Progress { .. })).count(), 1);
    rig.ends[B].answer(rig.now, b, &Reply::new(200)).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A].last(), Some(Event::Answered { .. })));
    // The ACK has the number of the INVITE, though a PRACK came between.
    assert!(matches!(rig.events[B].last(), Some(Event::Acknowledged { .. })));
    rig.run_to(60_000);
    assert_eq!(
        (rig.times(B, "200"), rig.times(B, "BYE"), ends(&rig, B)),
        (vec![1_500, 5_000], vec![], vec![])
    );
}

/// A reliable 180 whose first two PRACKs are lost, until just before the third.
fn prack_on_its_way() -> (Rig, LegId) {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    let mut lost = 0;
    rig.lose(move |_, m| {
        let lose = m.method() == Some(Method::Prack) && lost < 2;
        lost += usize::from(lose);
        lose
    });
    rig.dialogue();
    rig.ends[B].ring(rig.now, b, &Reply::new(180), Provisional::Reliable).unwrap();
    rig.run_to(1_000);
    assert_eq!((rig.times(B, "180"), rig.times(A, "PRACK")), (vec![0, 500], vec![0, 500]));
    (rig, b)
}

#[test]
fn a_prack_that_comes_after_the_answer_is_taken_and_nothing_is_repeated_for_it() {
    let (mut rig, b) = prack_on_its_way();
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
    rig.run_to(40_000);
    assert_eq!((rig.times(B, "180"), rig.times(A, "PRACK")), (vec![0, 500], vec![0, 500, 1_500]));
    assert_eq!((rig.times(B, "200"), rig.times(B, "481")), (vec![1_000, 1_500], vec![]));
    assert!(matches!(rig.events[B].last(), Some(Event::Confirmed { leg, .. }) if *leg == b));
    assert_eq!(ends(&rig, B), []);
}

#[test]
fn a_prack_that_comes_after_the_refusal_or_the_end_is_taken() {
    for cancelled in [false, true] {
        let (mut rig, b) = prack_on_its_way();
        if cancelled {
            let Some(Event::Progress { leg, .. }) = rig.events[A].last().cloned() else { panic!("180") };
            rig.ends[A].hang_up(rig.now, leg, &[]).unwrap();
        } else {
            rig.ends[B].reject(rig.now, b, &Reply::new(486)).unwrap();
        }
        rig.run_to(40_000);
        assert_eq!(rig.times(A, "PRACK"), [0, 500, 1_500]);
        // Of a CANCEL too.
        assert_eq!(rig.times(B, "200").last(), Some(&1_500));
        assert_eq!(rig.times(B, "481"), []);
        rig.assert_idle();
    }
}

#[test]
fn a_prack_is_waited_for_as_long_as_it_may_be_sent_and_names_what_it_confirms() {
    let again = |answered: bool, at: u64, from: &str, to: &str| {
        let (mut rig, b) = prack_on_its_way();
        let prack = rig.raw.iter().rfind(|bytes| bytes.starts_with(b"PRACK ")).cloned().unwrap();
        let prack = String::from_utf8(prack).unwrap();
        assert!(prack.contains(from), "{prack}");
        if answered {
            rig.ends[B].answer(rig.now, b, &Reply::sdp(200, SDP)).unwrap();
        } else {
            rig.ends[B].reject(rig.now, b, &Reply::new(486)).unwrap();
        }
        rig.lose(|from, m| from == A && m.method() == Some(Method::Prack));
        rig.run_to(at);
        rig.dialogue();
        let other = prack.replace(from, to).replace("branch=", "branch=z9hG4bKagain");
        let flow = Flow::udp(address(A));
        rig.ends[B].handle(rig.now, Input::Received { flow, bytes: other.as_bytes() });
        rig.settle();
        rig.dialogue().remove(0)
    };
    for answered in [false, true] {
        let again = |at, from, to| again(answered, at, from, to);
        assert_eq!(again(32_999, "PRACK", "PRACK"), "B 200", "answered: {answered}");
        assert_eq!(again(33_000, "PRACK", "PRACK"), "B 481", "answered: {answered}");
        assert_eq!(again(2_000, " 1 INVITE\r", " 2 INVITE\r"), "B 481", "answered: {answered}");
        assert_eq!(again(2_000, " 1 INVITE\r", " 1 UPDATE\r"), "B 481", "answered: {answered}");
        assert_eq!(again(2_000, "RAck: ", "RAck: 1"), "B 481", "answered: {answered}");
        assert_eq!(again(2_000, ";tag=", ";tag=1"), "B 481", "answered: {answered}");
    }
}

#[test]
fn a_caller_that_requires_it_gets_every_response_reliably() {
    let mut rig = Rig::new();
    let require = [(Header::Require, "100rel")];
    let invite = Invite { headers: &require, ..rig.invite() };
    rig.ends[A].invite(rig.now, &invite).unwrap();
    rig.settle();
    let Some(Event::Invited { leg, .. }) = rig.events[B].last().cloned() else { panic!("INVITE") };
    rig.ends[B].ring(rig.now, leg, &Reply::new(180), Provisional::Plain).unwrap();
    rig.settle();
    assert_eq!(rig.times(A, "PRACK"), [0]);
    assert!(matches!(rig.events[B].last(), Some(Event::Confirmed { .. })));
}

#[test]
fn without_a_prack_the_call_is_refused_after_32_seconds() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    rig.lose(|_, m| m.status() == Some(183));
    rig.ends[B].ring(rig.now, b, &Reply::new(183), Provisional::Reliable).unwrap();
    rig.run_to(32_000);
    assert_eq!(rig.times(B, "183"), [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    assert_eq!(ends(&rig, B), [(b, EndCause::NoPrack)]);
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 504, .. })));
}
