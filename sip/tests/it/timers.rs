//! Each timer of RFC 3261 17 (table 4), with RFC 6026's L and M.

use crate::rig::{A, B, Rig};
use sip::endpoint::{EndCause, Event, Reply, Transport};
use sip::message::Method;

const INVITE_TIMES: [u64; 7] = [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500];
const OTHER_TIMES: [u64; 11] = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

#[test]
fn timers_a_and_b_an_invite_doubles_its_interval_and_gives_up_after_32_seconds() {
    let mut rig = Rig::new();
    rig.lose_all();
    let leg = rig.ends[A].invite(rig.now, &rig.invite()).unwrap();
    rig.run_to(31_999);
    assert_eq!(rig.times(A, "INVITE"), INVITE_TIMES);
    assert!(rig.events[A].is_empty());
    rig.run_to(32_000);
    assert!(matches!(rig.events[A][..], [Event::Refused { leg: l, status: 408, message: None }] if l == leg));
    rig.assert_idle();
}

#[test]
fn timer_b_alone_over_tcp() {
    let mut rig = Rig::new();
    rig.transport = Transport::Tcp;
    rig.lose_all();
    rig.ends[A].invite(rig.now, &rig.invite()).unwrap();
    rig.run_to(40_000);
    assert_eq!(rig.times(A, "INVITE"), [0]);
    assert!(matches!(rig.events[A][..], [Event::Refused { status: 408, .. }]));
    rig.assert_idle();
}

#[test]
fn timer_c_a_call_that_rings_three_minutes_is_taken_back() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    rig.ends[B].ring(rig.now, b, &Reply::new(180), sip::endpoint::Provisional::Plain).unwrap();
    rig.run_to(179_999);
    assert_eq!(rig.times(A, "CANCEL"), []);
    rig.run_to(180_000);
    assert_eq!(rig.times(A, "CANCEL"), [180_000]);
    assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 487, .. })));
    assert!(matches!(rig.events[B].last(), Some(Event::Ended { why: EndCause::Cancelled, .. })));
    rig.run_to(300_000);
    rig.assert_idle();
}

#[test]
fn timer_d_a_repeated_refusal_is_acknowledged_for_32_seconds() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    let mut kept = 0;
    // The first two ACKs are lost.
    rig.lose(move |from, m| {
        let lost = from == A && m.method() == Some(Method::Ack) && kept < 2;
        kept += usize::from(lost);
        lost
    });
    rig.ends[B].reject(rig.now, b, &Reply::new(486)).unwrap();
    rig.run_to(5_000);
    // Timer G: T1, then doubled.
    assert_eq!(rig.times(B, "486"), [0, 500, 1_500]);
    assert_eq!(rig.times(A, "ACK"), [0, 500, 1_500]);
    assert_eq!(rig.ends[A].usage().clients, 1);
    rig.run_to(31_999);
    assert_eq!(rig.ends[A].usage().clients, 1);
    rig.run_to(32_000);
    assert_eq!(rig.ends[A].usage().clients, 0);
    rig.assert_idle();
}

#[test]
fn timers_e_and_f_another_request_doubles_up_to_4_seconds_and_gives_up_after_32() {
    let mut rig = Rig::new();
    rig.lose_all();
    rig.ends[A].send(rig.now, Method::Message, &rig.target(), &[], None, None).unwrap();
    rig.run_to(31_999);
    assert_eq!(rig.times(A, "MESSAGE"), OTHER_TIMES);
    rig.run_to(32_000);
    assert!(matches!(rig.events[A][..], [Event::Response { status: 408, message: None, .. }]));
    rig.assert_idle();
}

#[test]
fn timer_e_after_a_provisional_response_is_4_seconds() {
    let mut rig = Rig::new();
    rig.ends[A].send(rig.now, Method::Message, &rig.target(), &[], None, None).unwrap();
    rig.settle();
    let Some(Event::Request { incoming, .. }) = rig.events[B].first().cloned() else { panic!("a request") };
    rig.ends[B].respond(rig.now, incoming, &Reply::new(100)).unwrap();
    rig.settle();
    rig.lose(|from, _| from == B);
    rig.run_to(14_000);
    // The timer that ran when 100 came is the last of half a second.
    assert_eq!(rig.times(A, "MESSAGE"), [0, 500, 4_500, 8_500, 12_500]);
    rig.lose_nothing();
    rig.ends[B].respond(rig.now, incoming, &Reply::new(200)).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A][..], [Event::Response { status: 200, .. }]));
    // Timer K: 5 seconds; timer J: 32.
    rig.run_to(18_999);
    assert_eq!(rig.ends[A].usage().clients, 1);
    rig.run_to(19_000);
    assert_eq!((rig.ends[A].usage().clients, rig.ends[B].usage().servers), (0, 1));
    rig.run_to(45_999);
    assert_eq!(rig.ends[B].usage().servers, 1);
    rig.run_to(46_000);
    rig.assert_idle();
}

#[test]
fn timers_j_and_k_are_zero_over_tcp() {
    let mut rig = Rig::new();
    rig.transport = Transport::Tcp;
    rig.ends[A].send(rig.now, Method::Options, &rig.target(), &[], None, None).unwrap();
    rig.settle();
    assert!(matches!(rig.events[A][..], [Event::Response { status: 200, .. }]));
    rig.assert_idle();
}

#[test]
fn timers_g_and_h_a_refusal_without_ack_is_repeated_for_32_seconds() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    rig.lose(|from, m| from == A && m.method() == Some(Method::Ack));
    rig.ends[B].reject(rig.now, b, &Reply::new(486)).unwrap();
    rig.run_to(31_999);
    assert_eq!(rig.times(B, "486"), OTHER_TIMES);
    assert_eq!(rig.ends[B].usage().servers, 1);
    rig.run_to(32_000);
    assert_eq!(rig.ends[B].usage().servers, 0);
}

#[test]
fn timer_i_absorbs_acks_for_5_seconds() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    rig.ends[B].reject(rig.now, b, &Reply::new(486)).unwrap();
    rig.run_to(4_999);
    assert_eq!(rig.ends[B].usage().servers, 1);
    rig.run_to(5_000);
    assert_eq!(rig.ends[B].usage().servers, 0);
}

#[test]
fn timers_l_and_m_an_answered_invite_is_absorbed_for_32_seconds() {
    let mut rig = Rig::new();
    rig.talking();
    let invite = rig.raw[0].clone();
    // RFC 6026: a late copy of the INVITE is no new call and gets no answer.
    rig.run_to(20_000);
    rig.dialogue();
    let flow = rig.flow_to(A);
    rig.ends[B].handle(rig.now, sip::endpoint::Input::Received { flow, bytes: &invite });
    rig.settle();
    assert_eq!(rig.dialogue(), Vec::<String>::new());
    assert_eq!(rig.events[B].iter().filter(|e| matches!(e, Event::Invited { .. })).count(), 1);
    rig.run_to(31_999);
    assert_eq!((rig.ends[A].usage().clients, rig.ends[B].usage().servers), (1, 1));
    rig.run_to(32_000);
    assert_eq!((rig.ends[A].usage().clients, rig.ends[B].usage().servers), (0, 0));
}

#[test]
fn an_answer_is_repeated_until_its_ack_and_each_copy_is_acknowledged() {
    let mut rig = Rig::new();
    let (a, b) = rig.ringing();
    let mut lost = 0;
    rig.lose(move |from, m| {
        let lose = from == A && m.method() == Some(Method::Ack) && lost < 3;
        lost += usize::from(lose);
        lose
    });
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, crate::rig::SDP)).unwrap();
    rig.run_to(10_000);
    assert_eq!(rig.times(B, "200"), [0, 500, 1_500, 3_500]);
    assert_eq!(rig.times(A, "ACK"), [0, 500, 1_500, 3_500]);
    assert!(matches!(rig.events[A].last(), Some(Event::Answered { leg, .. }) if *leg == a));
    assert!(matches!(rig.events[B].last(), Some(Event::Acknowledged { leg, .. }) if *leg == b));
}

#[test]
fn an_answer_that_is_never_acknowledged_ends_the_call_with_bye() {
    let mut rig = Rig::new();
    let (_, b) = rig.ringing();
    rig.lose(|from, m| from == A && m.method() == Some(Method::Ack));
    rig.ends[B].answer(rig.now, b, &Reply::sdp(200, crate::rig::SDP)).unwrap();
    rig.run_to(32_000);
    assert_eq!(rig.times(B, "BYE"), [32_000]);
    assert!(matches!(rig.events[B].last(), Some(Event::Ended { why: EndCause::NoAck, .. })));
    assert!(matches!(rig.events[A].last(), Some(Event::Ended { why: EndCause::Bye, .. })));
    rig.run_to(70_000);
    rig.assert_idle();
}
