//! Requests from nobody in particular: cheap, and of no consequence.

use super::OFFICE;
use super::bench::{Bench, status};
use engine::time::Duration;
use sip::message::Header;
use sip::sdp::Direction;

const STRANGER: &str = "203.0.113.9:5060";

fn request(method: &str, more: &str) -> Vec<u8> {
    format!(
        "{method} sip:1201@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP {STRANGER};branch=z9hG4bK{method}\r\n\
         From: <sip:x@203.0.113.9>;tag=1\r\nTo: <sip:1201@192.0.2.1>\r\nCall-ID: {method}\r\nCSeq: 1 {method}\r\n\
         Max-Forwards: 70\r\n{more}Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn what_is_not_offered_is_refused_with_what_it_is() {
    let mut bench = Bench::new(OFFICE);
    let cases = [
        ("OPTIONS", 200),
        ("SUBSCRIBE", 489),
        ("MESSAGE", 403),
        ("REFER", 403),
        ("NOTIFY", 403),
        ("PUBLISH", 405),
        ("BYE", 481),
        ("NONSENSE", 501),
        ("REGISTER", 401),
        ("INVITE", 407),
    ];
    for (method, expected) in cases {
        let answers = bench.send(STRANGER, &request(method, "Contact: <sip:x@203.0.113.9>\r\n"));
        assert_eq!(answers.last().and_then(|a| status(a)), Some(expected), "{method}");
    }
    assert_eq!(bench.core.system().stats().attempts, 0);
    bench.assert_at_rest();
}

#[test]
fn bytes_that_are_no_sip_are_not_answered() {
    let mut bench = Bench::new(OFFICE);
    for bytes in [&b""[..], b"\r\n\r\n", b"\0\0\0\0", b"GET / HTTP/1.1\r\n\r\n", b"INVITE sip:x SIP/2.0\r\n"]
    {
        assert_eq!(bench.send(STRANGER, bytes), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn wrong_passwords_cost_time_and_then_shut_the_address_out_but_nobody_else() {
    let mut bench = Bench::new(OFFICE);
    let phone = bench.phone("1201");
    let thief = bench.party("1201", STRANGER);
    let mut refused = 0;
    for _ in 0..10 {
        bench.call_as(thief, "1202", "guess");
        refused += bench.heard(thief).iter().filter(|heard| *heard == "refused 403").count();
        bench.pass(Duration::from_secs(70));
    }
    assert_eq!(refused, 10);
    assert_eq!(bench.send(STRANGER, &request("OPTIONS", "")), Vec::<Vec<u8>>::new(), "not even read");
    let answers = bench.send("203.0.113.10:5060", &request("OPTIONS", ""));
    assert_eq!(answers.last().and_then(|a| status(a)), Some(200));
    bench.call(phone, "4711");
    assert_eq!(
        bench.heard(phone).last().map(String::as_str),
        Some("refused 404"),
        "the phone itself still calls"
    );
    bench.pass(Duration::from_secs(601));
    let answers = bench.send(STRANGER, &request("OPTIONS", ""));
    assert_eq!(answers.last().and_then(|a| status(a)), Some(200), "ten minutes later");
    let figures = bench.core.figures();
    assert_eq!((figures.failed_logins, figures.counters.unheard > 0), (10, true));
}

#[test]
fn more_calls_than_declared_are_refused_early_and_those_let_in_go_on() {
    let text = OFFICE.replace("at = \"192.0.2.1:5060\"", "at = \"192.0.2.1:5060\"\ncalls_per_second = 10");
    let mut bench = Bench::new(&text);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", "192.0.2.50:5060"));
    bench.pass(Duration::from_secs(1));
    bench.call(carrier, "1201");
    bench.answer(phone);
    let leg = bench.parties[carrier].leg;
    bench.heard(carrier);
    for _ in 0..5 {
        bench.call(carrier, "4711");
    }
    let heard = bench.heard(carrier);
    assert!(heard.iter().all(|h| h == "refused 503" || h == "refused 404"), "{heard:?}");
    assert!(heard.iter().filter(|h| *h == "refused 503").count() >= 4, "{heard:?}");
    let retry = bench.parties[carrier].last.as_ref().expect("a refusal").message();
    assert!(retry.header_number(Header::RetryAfter).is_some_and(|s| (2..=9).contains(&s)));
    let leg = leg.expect("the call goes on");
    bench.reoffer(carrier, leg, Direction::SendRecv);
    assert_eq!(bench.heard(carrier), ["response 200"], "requests in calls are never refused");
    bench.pass(Duration::from_secs(1));
    bench.call(carrier, "4711");
    assert_eq!(bench.heard(carrier), ["refused 404"], "a second later");
}

#[test]
fn a_server_that_ends_takes_no_calls_and_keeps_those_it_has() {
    let mut bench = Bench::new(OFFICE);
    let (phone, carrier) = (bench.phone("1201"), bench.party("1", "192.0.2.50:5060"));
    bench.call(carrier, "1201");
    bench.answer(phone);
    let leg = bench.parties[carrier].leg;
    bench.core.drain();
    bench.heard(carrier);
    bench.call(carrier, "1202");
    assert_eq!(bench.heard(carrier), ["refused 503"]);
    assert_eq!(bench.core.calls(), 1);
    bench.parties[carrier].leg = leg;
    bench.core.hang_up_all(bench.now);
    bench.settle();
    assert_eq!(bench.heard(carrier), ["ended Bye"]);
    assert_eq!(bench.heard(phone).last().map(String::as_str), Some("ended Bye"));
}
