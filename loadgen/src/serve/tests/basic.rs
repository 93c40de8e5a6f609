//! Calls, refusals, cancellation, no answer, hunt groups that fork, strangers.

use super::OFFICE;
use super::bench::Bench;
use engine::cause::Cause;
use engine::time::Duration;
use sip::endpoint::{Provisional, Reply};
use sip::message::Header;
use sip::sdp::Direction;

const CARRIER: &str = "192.0.2.50:5060";
const OTHER: &str = "192.0.2.51:5060";

#[test]
fn a_call_from_a_carrier_rings_a_phone_and_speech_goes_past_the_system() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("030555", CARRIER));
    bench.call(carrier, "1201");
    assert_eq!(bench.heard(phone), ["invited"]);
    assert_eq!(bench.heard(carrier), ["180"]);
    assert_eq!(bench.parties[phone].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.answer(phone);
    assert_eq!(bench.heard(carrier), ["answered"]);
    assert_eq!(bench.heard(phone), ["acknowledged"]);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2201 sendrecv"));
    bench.hang_up(carrier);
    assert_eq!(bench.heard(phone), ["ended Bye"]);
    assert_eq!(bench.orders.take(), Vec::<String>::new(), "no port was needed");
    let [record] = bench.records.as_slice() else { panic!("one record") };
    assert_eq!((record.calling.as_str(), record.called.as_str()), ("030555", "1201"));
    assert_eq!(record.cause, Cause::NORMAL_CLEARING);
    bench.assert_at_rest();
}

#[test]
fn a_phone_calls_a_phone_and_a_carrier_after_it_has_shown_its_password() {
    let mut bench = Bench::new(OFFICE);
    let (a, b) = (bench.phone("1201"), bench.phone("1202"));
    let carrier = bench.party("9", OTHER);
    bench.call(a, "1202");
    let from = bench.parties[b].last.as_ref().expect("an INVITE").message().header_str(Header::From);
    assert!(from.is_some_and(|f| f.starts_with("\"Desk 1201\" <sip:1201@192.0.2.1>")), "{from:?}");
    bench.answer(b);
    bench.hang_up(b);
    assert_eq!(bench.heard(a), ["180", "answered", "ended Bye"]);
    bench.call(a, "9030123");
    let invite = bench.parties[carrier].last.as_ref().expect("an INVITE").message();
    assert_eq!(invite.uri_bytes(), b"sip:030123@192.0.2.51:5060");
    assert_eq!(invite.header_str(Header::MaxForwards), Some("69"));
    bench.ring(carrier);
    bench.answer(carrier);
    bench.hang_up(a);
    assert_eq!(bench.heard(a), ["180", "answered"]);
    assert_eq!(bench.heard(carrier), ["invited", "acknowledged", "ended Bye"]);
    bench.assert_at_rest();
}

#[test]
fn who_shows_no_password_or_a_wrong_one_calls_nobody() {
    let mut bench = Bench::new(OFFICE);
    let stranger = bench.party("1201", "203.0.113.9:5060");
    bench.call(stranger, "1202");
    assert_eq!(bench.heard(stranger), ["refused 407"]);
    bench.register(stranger, "wrong");
    assert_eq!(bench.heard(stranger), ["unregistered 403"]);
    bench.call(stranger, "1202");
    assert_eq!(bench.heard(stranger), ["refused 403"]);
    let nobody = bench.party("7777", "203.0.113.10:5060");
    bench.register(nobody, "secret");
    assert_eq!(bench.heard(nobody), ["unregistered 403"], "no word about which extensions there are");
    assert_eq!(bench.core.system().stats().attempts, 0);
}

#[test]
fn refusals_keep_their_meaning() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.call(carrier, "1201");
    bench.reject(phone, 486);
    assert_eq!(bench.heard(carrier), ["180", "refused 486"]);
    bench.call(carrier, "4711");
    assert_eq!(bench.heard(carrier), ["refused 404"]);
    bench.call(carrier, "1202");
    assert_eq!(bench.heard(carrier), ["refused 480"], "no phone is registered");
    let reason =
        bench.parties[carrier].last.as_ref().expect("a refusal").message().header_str(Header::Reason);
    assert_eq!(reason, Some("Q.850;cause=20;text=\"subscriber absent\""));
    bench.assert_at_rest();
}

#[test]
fn a_full_line_refuses_and_a_phone_that_is_busy_too() {
    let mut bench = Bench::new(OFFICE);
    let phones = ["1201", "1202"].map(|extension| bench.phone(extension));
    let carriers = [(); 3].map(|()| bench.party("1", CARRIER));
    // Three callers behind one address: the party that answers is the first.
    for phone in phones {
        let number = if phone == phones[0] { "1201" } else { "1202" };
        bench.call(carriers[0], number);
        bench.answer(phone);
    }
    bench.heard(carriers[0]);
    bench.call(carriers[0], "1203");
    assert_eq!(bench.heard(carriers[0]), ["refused 503"], "two channels are in use");
    let caller = bench.phone("1204");
    bench.call(caller, "1201");
    assert_eq!(bench.heard(caller), ["refused 486"]);
}

#[test]
fn a_caller_who_gives_up_stops_the_phone() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.call(carrier, "1201");
    bench.ring(phone);
    bench.hang_up(carrier);
    assert_eq!(bench.heard(phone), ["invited", "ended Cancelled"]);
    assert_eq!(bench.heard(carrier), ["180", "refused 487"]);
    bench.assert_at_rest();
}

#[test]
fn a_phone_that_nobody_answers_stops_after_its_time() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.call(carrier, "1201");
    bench.ring(phone);
    bench.pass(Duration::from_millis(14_900));
    assert_eq!(bench.heard(phone), ["invited"]);
    bench.pass(Duration::from_millis(200));
    assert_eq!(bench.heard(phone), ["ended Cancelled"]);
    assert_eq!(bench.heard(carrier), ["180", "refused 480"]);
    bench.assert_at_rest();
}

#[test]
fn a_hunt_group_rings_all_its_phones_and_one_gets_the_call() {
    let mut bench = Bench::new(OFFICE);
    let phones = ["1201", "1202", "1203"].map(|extension| bench.phone(extension));
    let carrier = bench.party("1", CARRIER);
    bench.call(carrier, "1300");
    for phone in phones {
        bench.ring(phone);
    }
    bench.answer(phones[1]);
    assert_eq!(bench.heard(phones[0]), ["invited", "ended Cancelled"]);
    assert_eq!(bench.heard(phones[1]), ["invited", "acknowledged"]);
    assert_eq!(bench.heard(phones[2]), ["invited", "ended Cancelled"]);
    assert_eq!(bench.heard(carrier), ["180", "answered"]);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2202 sendrecv"));
    bench.hang_up(phones[1]);
    assert_eq!(bench.heard(carrier), ["ended Bye"]);
    bench.assert_at_rest();
}

#[test]
fn a_user_with_two_phones_is_rung_at_both() {
    let mut bench = Bench::new(OFFICE);
    let desk = bench.phone("1201");
    let second = bench.party("1201", "192.0.2.101:5060");
    bench.register(second, "secret");
    let carrier = bench.party("1", CARRIER);
    bench.call(carrier, "1201");
    bench.reject(desk, 486);
    assert_eq!(bench.heard(carrier), ["180"], "the other phone rings on");
    bench.ring(second);
    bench.answer(second);
    assert_eq!(bench.heard(carrier), ["answered"]);
    bench.hang_up(carrier);
    bench.assert_at_rest();
}

#[test]
fn a_caller_without_an_offer_gets_that_of_the_phone_and_answers_it_in_the_ack() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.call_with(carrier, "1201", None, &[]);
    bench.answer(phone);
    assert_eq!(bench.heard(carrier), ["180", "answered"]);
    assert_eq!(bench.heard(phone), ["invited"], "no ACK yet: the answer to its offer is missing");
    let party = &mut bench.parties[carrier];
    let offer = party.sdp.clone().expect("the phone's offer");
    let answer = party.description(sip::sdp::Direction::SendRecv, Some(&offer));
    let leg = party.leg.expect("a call");
    party
        .endpoint
        .acknowledge(bench.now, leg, Some(sip::endpoint::Body::sdp(&answer)))
        .expect("unacknowledged");
    bench.settle();
    assert_eq!(bench.heard(phone), ["acknowledged"]);
    assert_eq!(bench.parties[phone].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.hang_up(phone);
    bench.assert_at_rest();
}

#[test]
fn a_carrier_that_is_silent_is_given_up_and_the_call_goes_elsewhere_or_ends() {
    let mut bench = Bench::new(OFFICE);
    let phone = bench.phone("1201");
    let carrier = bench.party("1", OTHER);
    bench.silent.push(carrier);
    bench.call(phone, "9030123");
    bench.pass(Duration::from_millis(4_100));
    assert_eq!(bench.heard(phone), ["refused 504"], "call initiation timeout");
    bench.assert_at_rest();
}

#[test]
fn a_phone_that_does_not_come_back_is_no_longer_called() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.silent.push(phone);
    bench.pass(Duration::from_secs(601));
    bench.call(carrier, "1201");
    assert_eq!(bench.heard(carrier), ["refused 480"]);
}

#[test]
fn a_phone_that_falls_silent_in_a_call_is_noticed_by_the_session_timer() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", CARRIER));
    bench.call(carrier, "1201");
    bench.answer(phone);
    bench.heard(carrier);
    bench.silent.push(phone);
    bench.pass(Duration::from_secs(1_900));
    assert!(bench.heard(carrier).contains(&"ended Bye".to_owned()));
    assert_eq!(bench.core.calls(), 0);
}

#[test]
fn a_call_that_has_gone_round_too_often_is_refused() {
    let mut bench = Bench::new(OFFICE);
    let _phone = bench.phone("1201");
    let carrier = bench.party("1", CARRIER);
    bench.call_with(carrier, "1201", None, &[(Header::MaxForwards, "0")]);
    assert_eq!(bench.heard(carrier), ["refused 483"]);
}

#[test]
fn what_is_said_while_a_caller_confirms_something_else_is_said_afterwards() {
    let mut bench = Bench::new(OFFICE);
    let (caller, far) = (bench.party("030555", CARRIER), bench.party("0", OTHER));
    let offer = bench.parties[caller].description(Direction::SendRecv, None);
    bench.call_with(caller, "9123", Some(&offer), &[(Header::Require, "100rel")]);
    let now = bench.now;
    let p = &mut bench.parties[far];
    let invite = p.last.as_ref().expect("a call has come").message().body().to_vec();
    let sdp = p.description(Direction::SendRecv, Some(&invite));
    let leg = p.leg.expect("a call has come");
    // It rings, and has something to say at once.
    p.endpoint.ring(now, leg, &Reply::new(180), Provisional::Plain).expect("it rings");
    p.endpoint.ring(now, leg, &Reply::sdp(183, &sdp), Provisional::Plain).expect("it rings");
    bench.settle();
    assert_eq!(bench.heard(caller), ["180", "183"]);
    assert_eq!(bench.parties[caller].speaks_to().as_deref(), Some("192.0.2.51:6060 sendrecv"));
    // The same twice again; the answer comes before the caller can have confirmed anything of it.
    let p = &mut bench.parties[far];
    for _ in 0..2 {
        p.endpoint.ring(now, leg, &Reply::sdp(183, &sdp), Provisional::Plain).expect("it rings");
    }
    p.endpoint.answer(now, leg, &Reply::sdp(200, &sdp)).expect("it rings");
    bench.settle();
    assert_eq!(bench.heard(caller), ["183", "answered"], "the answer in place of the second");
    bench.hang_up(caller);
    bench.assert_at_rest();
}

#[test]
fn a_caller_who_requires_reliable_responses_gets_them_and_the_answer_waits_for_what_was_said_before() {
    let mut bench = Bench::new(OFFICE);
    let (caller, far) = (bench.party("030555", CARRIER), bench.party("0", OTHER));
    let offer = bench.parties[caller].description(Direction::SendRecv, None);
    bench.call_with(caller, "9123", Some(&offer), &[(Header::Require, "100rel")]);
    assert_eq!(bench.heard(far), ["invited"]);
    // It speaks before it answers, and answers before the caller can have confirmed that.
    let now = bench.now;
    let p = &mut bench.parties[far];
    let invite = p.last.as_ref().expect("a call has come").message().body().to_vec();
    let sdp = p.description(Direction::SendRecv, Some(&invite));
    let leg = p.leg.expect("a call has come");
    p.endpoint.ring(now, leg, &Reply::sdp(183, &sdp), Provisional::Plain).expect("it rings");
    p.endpoint.answer(now, leg, &Reply::sdp(200, &sdp)).expect("it rings");
    bench.settle();
    assert_eq!(bench.heard(caller), ["183", "answered"]);
    assert_eq!(bench.heard(far), ["acknowledged"]);
    bench.hang_up(caller);
    bench.assert_at_rest();
}
