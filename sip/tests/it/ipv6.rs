//! RFC 5118: what IPv6 does to the messages, case by case, and every truncation of each.

use crate::torture::outcome;
use sip::message::{Header, Message, NameAddr, Uri, Via, list};
use sip::sdp::Session;

/// A case: section, Request-URI, header lines besides the common ones, body lines, what an endpoint does.
struct Case {
    section: &'static str,
    method: &'static str,
    uri: &'static str,
    lines: &'static [&'static str],
    body: &'static [&'static str],
    does: &'static str,
}

const VIA: &str = "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111";

const CASES: [Case; 11] = [
    Case {
        section: "4.1",
        method: "REGISTER",
        uri: "sip:[2001:db8::10]",
        lines: &[VIA],
        body: &[],
        does: "request",
    },
    Case {
        section: "4.2",
        method: "REGISTER",
        uri: "sip:2001:db8::10",
        lines: &[VIA],
        body: &[],
        does: "400",
    },
    Case {
        section: "4.3",
        method: "REGISTER",
        uri: "sip:[2001:db8::10:5070]",
        lines: &[VIA],
        body: &[],
        does: "request",
    },
    Case {
        section: "4.4",
        method: "REGISTER",
        uri: "sip:[2001:db8::10]:5070",
        lines: &[VIA],
        body: &[],
        does: "request",
    },
    Case {
        section: "4.5 with delimiters",
        method: "OPTIONS",
        uri: "sip:[2001:db8::10]",
        lines: &["Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111"],
        body: &[],
        does: "200",
    },
    Case {
        section: "4.5 without",
        method: "OPTIONS",
        uri: "sip:[2001:db8::10]",
        lines: &["Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3"],
        body: &[],
        does: "200",
    },
    Case {
        section: "4.6",
        method: "INVITE",
        uri: "sip:user@[2001:db8::10]",
        lines: &["Via: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKas3-111"],
        body: &["c=IN IP6 2001:db8::20", "t=0 0", "m=audio 6000 RTP/AVP 0"],
        does: "invited",
    },
    Case {
        section: "4.7",
        method: "OPTIONS",
        uri: "sip:user@host.example.com",
        lines: &[
            "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111",
            "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144",
            "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200",
        ],
        body: &[],
        does: "200",
    },
    Case {
        section: "4.8",
        method: "INVITE",
        uri: "sip:user@[2001:db8::10]",
        lines: &["Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111"],
        body: &[
            "t=0 0",
            "m=audio 22334 RTP/AVP 0",
            "c=IN IP4 192.0.2.1",
            "m=video 6024 RTP/AVP 107",
            "c=IN IP6 2001:db8::1",
        ],
        does: "invited",
    },
    Case {
        section: "4.9",
        method: "INVITE",
        uri: "sip:user@example.com",
        lines: &["Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19"],
        body: &["c=IN IP6 ::ffff:192.0.2.10", "t=0 0", "m=audio 6000 RTP/AVP 0"],
        does: "invited",
    },
    Case {
        section: "4.10 two colons",
        method: "OPTIONS",
        uri: "sip:user@[2001:db8::192.0.2.1]",
        lines: &["Via: SIP/2.0/UDP [2001:db8::192.0.2.1];branch=z9hG4bKas3-111"],
        body: &[],
        does: "200",
    },
];

impl Case {
    fn bytes(&self) -> Vec<u8> {
        let mut body = String::new();
        if !self.body.is_empty() {
            body.push_str("v=0\r\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\r\ns=-\r\n");
            self.body.iter().for_each(|line| body.push_str(&format!("{line}\r\n")));
        }
        let mut text = format!("{} {} SIP/2.0\r\n", self.method, self.uri);
        self.lines.iter().for_each(|line| text.push_str(&format!("{line}\r\n")));
        text.push_str("To: <sip:user@example.com>\r\nFrom: <sip:user@[2001:db8::9]>;tag=81x2\r\n");
        text.push_str(&format!("Call-ID: SSG9559905523997077@hlau_4100\r\nCSeq: 98176 {}\r\n", self.method));
        text.push_str("Contact: \"Caller\" <sip:caller@[2001:db8::1]>\r\nMax-Forwards: 70\r\n");
        let length = body.len();
        text.push_str(&format!("Content-Type: application/sdp\r\nContent-Length: {length}\r\n\r\n{body}"));
        text.into_bytes()
    }

    fn of(section: &str) -> Vec<u8> {
        CASES.iter().find(|case| case.section == section).expect("a case").bytes()
    }
}

#[test]
fn every_case_is_taken_or_refused_as_the_rfc_says() {
    for case in &CASES {
        assert_eq!(outcome(&case.bytes()), case.does, "{}", case.section);
    }
}

#[test]
fn hosts_ports_and_addresses_are_what_the_rfc_says_they_are() {
    let uri = |section: &str| {
        let bytes = Case::of(section);
        let message = Message::parse(&bytes).expect("SIP");
        let uri = Uri::parse(message.uri_bytes()).expect("a URI");
        (uri.host().expect("a host").as_str().to_owned(), uri.port())
    };
    assert_eq!(uri("4.1"), ("[2001:db8::10]".to_owned(), None));
    assert_eq!(uri("4.3"), ("[2001:db8::10:5070]".to_owned(), None), "the number is part of the address");
    assert_eq!(uri("4.4"), ("[2001:db8::10]".to_owned(), Some(5070)));
    assert_eq!(Uri::parse(b"sip:2001:db8::10").and_then(|uri| uri.port()), None);

    for section in ["4.5 with delimiters", "4.5 without"] {
        let bytes = Case::of(section);
        let message = Message::parse(&bytes).expect("SIP");
        let via = message.header(Header::Via).and_then(Via::parse).expect("a Via");
        let received = via.params.get("received").expect("it is there");
        assert_eq!(received.trim_ascii().iter().filter(|c| !b"[]".contains(c)).count(), 15, "{section}");
        assert!(!via.branch().is_empty(), "{section}");
    }

    let bytes = Case::of("4.7");
    let message = Message::parse(&bytes).expect("SIP");
    let vias = message.headers(Header::Via).flat_map(list).map(|via| Via::parse(via).expect("a Via"));
    let hosts: Vec<_> = vias.map(|via| (via.host.as_str().to_owned(), via.port)).collect();
    let wanted = [("[2001:db8::9:1]", Some(6050)), ("192.0.2.1", None), ("[2001:db8::9:255]", None)];
    assert_eq!(hosts, wanted.map(|(host, port)| (host.to_owned(), port)));

    let contact = message.header(Header::Contact).and_then(NameAddr::parse).expect("a Contact");
    assert_eq!(contact.uri.host().expect("a host").as_str(), "[2001:db8::1]");
}

#[test]
fn session_descriptions_have_addresses_of_both_families() {
    let media = |section: &str| {
        let bytes = Case::of(section);
        let message = Message::parse(&bytes).expect("SIP");
        let session = Session::parse(message.body()).expect("a session description");
        session.media.iter().map(|m| m.rtp().expect("an address").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(media("4.6"), ["[2001:db8::20]:6000"]);
    assert_eq!(media("4.8"), ["192.0.2.1:22334", "[2001:db8::1]:6024"]);
    assert_eq!(media("4.9"), ["[::ffff:192.0.2.10]:6000"]);
}

/// 4.10: the grammar of RFC 3261 let three colons stand, and the RFC asks nobody to take them.
#[test]
fn three_colons_and_every_truncation_are_survived() {
    let three =
        String::from_utf8(Case::of("4.10 two colons")).expect("ASCII").replace("db8::192", "db8:::192");
    for bytes in CASES.iter().map(Case::bytes).chain([three.into_bytes()]) {
        (0..=bytes.len()).for_each(|length| {
            outcome(&bytes[..length]);
        });
    }
}
