//! Hold, music, transfers in both ways, and a second phone that takes a call over.

use super::OFFICE;
use super::bench::Bench;
use sip::endpoint::LegId;
use sip::message::{Header, Method};
use sip::refer::{ReferTo, Replaces};
use sip::sdp::Direction;

/// A carrier's call at a phone, connected.
fn connected(bench: &mut Bench) -> (usize, usize, LegId) {
    let (phone, carrier) = (bench.phone("1201"), bench.party("030555", "192.0.2.50:5060"));
    bench.call(carrier, "1201");
    bench.answer(phone);
    let leg = bench.parties[phone].leg.expect("a call");
    for party in [phone, carrier] {
        bench.heard(party);
    }
    bench.orders.take();
    (phone, carrier, leg)
}

#[test]
fn who_is_held_hears_music_from_the_system_and_then_the_phone_again() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier, leg) = connected(&mut bench);
    bench.reoffer(phone, leg, Direction::SendOnly);
    assert_eq!(bench.heard(phone), ["response 200"]);
    assert_eq!(bench.parties[phone].speaks_to().as_deref(), Some("192.0.2.1:9 inactive"));
    assert_eq!(bench.heard(carrier), ["INVITE", "acknowledged"]);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.1:20000 sendonly"));
    assert_eq!(bench.orders.take(), ["0 to 192.0.2.50:6060, and is spoken to", "0 Music"]);
    bench.reoffer(phone, leg, Direction::SendRecv);
    assert_eq!(bench.heard(phone), ["response 200"]);
    assert_eq!(bench.parties[phone].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    assert_eq!(bench.heard(carrier), ["INVITE", "acknowledged"]);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2201 sendrecv"));
    assert_eq!(bench.orders.take(), ["0 closed"], "no music any more");
    bench.hang_up(phone);
    assert_eq!(bench.heard(carrier), ["ended Bye"]);
    assert!(bench.orders.take().is_empty());
    bench.assert_at_rest();
}

#[test]
fn a_second_call_may_be_made_only_while_the_first_is_held() {
    let mut bench = Bench::new(OFFICE);
    let (phone, _carrier, leg) = connected(&mut bench);
    let other = bench.phone("1202");
    bench.call(phone, "1202");
    assert_eq!(bench.heard(phone), ["refused 486"]);
    bench.reoffer(phone, leg, Direction::SendOnly);
    bench.call(phone, "1202");
    assert_eq!(bench.heard(other), ["invited"]);
    bench.hang_up(phone);
    bench.reoffer(phone, leg, Direction::SendRecv);
    assert_eq!(bench.heard(phone), ["response 200", "180", "refused 487", "response 200"]);
}

#[test]
fn an_attended_transfer_joins_the_two_others() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier, first) = connected(&mut bench);
    let other = bench.phone("1202");
    bench.reoffer(phone, first, Direction::SendOnly);
    bench.call(phone, "1202");
    bench.answer(other);
    let second = bench.parties[phone].leg.expect("the second call");
    let (call_id, own, theirs) = bench.parties[phone].endpoint.dialog(second).expect("a dialog");
    for party in [phone, carrier, other] {
        bench.heard(party);
    }
    let replaces = Replaces { call_id, to_tag: theirs, from_tag: own, early_only: false };
    let to = ReferTo { uri: "sip:1202@192.0.2.1".to_owned(), replaces: Some(replaces) }.to_string();
    bench.request(phone, first, Method::Refer, &[(Header::ReferTo, &to)], None);
    let heard = bench.heard(phone);
    assert_eq!(heard[0], "response 202");
    assert!(heard.contains(&"NOTIFY 200".to_owned()), "{heard:?}");
    assert_eq!(
        heard.iter().filter(|h| *h == "ended Bye").count(),
        2,
        "both calls have left the phone: {heard:?}"
    );
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2202 sendrecv"));
    assert_eq!(bench.parties[other].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.hang_up(carrier);
    assert!(bench.heard(other).contains(&"ended Bye".to_owned()));
    bench.assert_at_rest();
}

#[test]
fn a_blind_transfer_rings_the_next_phone_and_the_caller_hears_that() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier, leg) = connected(&mut bench);
    let other = bench.phone("1202");
    bench.request(phone, leg, Method::Refer, &[(Header::ReferTo, "<sip:1202@192.0.2.1>")], None);
    assert_eq!(bench.heard(phone), ["response 202", "NOTIFY 200", "ended Bye"]);
    assert_eq!(bench.heard(other), ["invited"]);
    let orders = bench.orders.take();
    assert_eq!(orders.last().map(String::as_str), Some("0 RingTone"), "{orders:?}");
    bench.answer(other);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2202 sendrecv"));
    assert_eq!(bench.parties[other].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.hang_up(other);
    assert!(bench.heard(carrier).contains(&"ended Bye".to_owned()));
    bench.assert_at_rest();
}

#[test]
fn a_transfer_that_comes_to_nothing_leaves_the_call_as_it_was() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier, leg) = connected(&mut bench);
    for (to, status) in
        [("<sip:4711@192.0.2.1>", 404), ("<sip:1203@192.0.2.1>", 480), ("<sip:192.0.2.1>", 484)]
    {
        bench.request(phone, leg, Method::Refer, &[(Header::ReferTo, to)], None);
        assert_eq!(bench.heard(phone), ["response 202".to_owned(), format!("NOTIFY {status}")], "{to}");
    }
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.100:2201 sendrecv"));
    assert_eq!(bench.parties[phone].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.request(phone, leg, Method::Refer, &[(Header::ReferTo, "nonsense")], None);
    assert_eq!(bench.heard(phone), ["response 400"]);
    bench.hang_up(phone);
    bench.assert_at_rest();
}

#[test]
fn a_carrier_transfers_nobody() {
    let mut bench = Bench::new(OFFICE);
    let (_phone, carrier, _) = connected(&mut bench);
    let leg = bench.parties[carrier].leg.expect("a call");
    bench.request(carrier, leg, Method::Refer, &[(Header::ReferTo, "<sip:1202@192.0.2.1>")], None);
    assert_eq!(bench.heard(carrier), ["response 403"]);
}

#[test]
fn a_users_second_phone_takes_the_call_over_and_nobody_elses_does() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier, leg) = connected(&mut bench);
    let second = bench.party("1201", "192.0.2.101:5060");
    bench.register(second, "secret");
    let thief = bench.phone("1202");
    let (call_id, own, theirs) = bench.parties[phone].endpoint.dialog(leg).expect("a dialog");
    let replaces = Replaces { call_id, to_tag: theirs, from_tag: own, early_only: false }.to_string();
    let offer = bench.parties[thief].description(Direction::SendRecv, None);
    bench.call_with(thief, "1201", Some(&offer), &[(Header::Replaces, &replaces)]);
    assert_eq!(bench.heard(thief), ["refused 403"]);
    let offer = bench.parties[second].description(Direction::SendRecv, None);
    bench.heard(second);
    bench.call_with(second, "1201", Some(&offer), &[(Header::Replaces, &replaces)]);
    assert_eq!(bench.heard(second), ["answered"]);
    assert_eq!(bench.heard(phone), ["ended Bye"]);
    assert_eq!(bench.parties[carrier].speaks_to().as_deref(), Some("192.0.2.101:6060 sendrecv"));
    assert_eq!(bench.parties[second].speaks_to().as_deref(), Some("192.0.2.50:6060 sendrecv"));
    bench.hang_up(second);
    assert_eq!(bench.heard(carrier), ["INVITE", "acknowledged", "ended Bye"]);
    bench.assert_at_rest();
}
