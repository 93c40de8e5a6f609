//! Requests from nobody in particular: cheap, and of no consequence.

use super::OFFICE;
use super::bench::{Bench, status};

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
