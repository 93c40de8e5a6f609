//! RFC 4475, message by message, and every truncation of each.

use engine::time::Instant;
use sip::endpoint::{Config, Endpoint, Event, Flow, Input, Output};
use sip::message::Message;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) good: bool,
    pub(crate) outcome: String,
    pub(crate) bytes: Vec<u8>,
}

/// The messages of the RFC with its notation undone.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("rfc4475.txt").lines() {
        if let Some(head) = line.strip_prefix("=== ") {
            let words: Vec<&str> = head.split(' ').collect();
            let [name, _section, check, outcome] = words[..] else { panic!("{head}") };
            let (name, outcome) = (name.to_owned(), outcome.to_owned());
            cases.push(Case { name, good: check == "good", outcome, bytes: Vec::new() });
        } else if let Some(case) = cases.last_mut() {
            match line.strip_prefix("@sdp ") {
                Some(words) => case.bytes.extend(session(words)),
                None => {
                    case.bytes.extend(unfold(line));
                    case.bytes.extend(b"\r\n");
                }
            }
        }
    }
    cases
}

fn session(words: &str) -> Vec<u8> {
    let (address, t) = words.split_once(' ').unwrap_or((words, "0 0"));
    let lines = [
        "v=0",
        &format!("o=mhandley 29739 7272939 IN IP4 {address}"),
        "s=-",
        &format!("c=IN IP4 {address}"),
        &format!("t={t}"),
        "m=audio 49217 RTP/AVP 0 12",
        "m=video 3227 RTP/AVP 31",
        "a=rtpmap:31 LPC",
    ];
    lines.iter().flat_map(|l| l.bytes().chain(*b"\r\n")).collect()
}

fn unfold(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("<hex>").into_iter().chain(rest.find("<repeat count=")).min() {
        out.extend(rest[..at].bytes());
        rest = &rest[at..];
        if let Some(hex) = rest.strip_prefix("<hex>") {
            let (hex, tail) = hex.split_once("</hex>").unwrap();
            let digits: String = hex.split(' ').collect();
            out.extend(
                (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()),
            );
            rest = tail;
        } else {
            let (count, tail) = rest["<repeat count=".len()..].split_once('>').unwrap();
            let (text, tail) = tail.split_once("</repeat>").unwrap();
            out.extend(text.repeat(count.parse().unwrap()).bytes());
            rest = tail;
        }
    }
    out.extend(rest.bytes());
    out
}

/// What a fresh endpoint does with the bytes: an event, or the status it answers with, or nothing.
pub(crate) fn outcome(bytes: &[u8]) -> String {
    let mut endpoint = Endpoint::new(Config::new(1, "192.0.2.200:5060".parse().unwrap()));
    let flow = Flow::udp("192.0.2.201:5060".parse().unwrap());
    endpoint.handle(Instant::ZERO, Input::Received { flow, bytes });
    let mut outcome = "none".to_owned();
    while let Some(output) = endpoint.poll_output() {
        match output {
            Output::Send { bytes, .. } => {
                let response = Message::parse(&bytes).expect("what we write we can read");
                // A malformed request can leave its answer malformed too: what it says is copied from there.
                if response.status() != Some(100) {
                    outcome = response.status().unwrap().to_string();
                }
            }
            Output::Event(Event::Invited { .. }) => outcome = "invited".to_owned(),
            Output::Event(Event::Request { .. }) => outcome = "request".to_owned(),
            Output::Event(other) => panic!("{other:?}"),
        }
    }
    outcome
}

#[test]
fn all_49_messages_are_taken_or_refused_as_the_rfc_says() {
    let cases = cases();
    assert_eq!(cases.len(), 49);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let good = Message::parse(&case.bytes).is_ok_and(|m| m.check().is_ok());
            let did = outcome(&case.bytes);
            (good != case.good || did != case.outcome)
                .then(|| format!("{}: good {good}, {did} instead of {}", case.name, case.outcome))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_the_valid_messages_say_is_read_as_the_rfc_says() {
    use sip::message::{Header, NameAddr, Via, list};
    let cases = cases();
    let bytes = |name: &str| &cases.iter().find(|c| c.name == name).unwrap().bytes;
    let wsinv = Message::parse(bytes("wsinv")).unwrap();
    let e = wsinv.check().unwrap();
    assert_eq!((e.to.tag(), e.from.tag()), (b"1918181833n".as_slice(), b"98asjd8".as_slice()));
    assert_eq!((e.cseq.number, e.cseq.method, e.via.branch()), (9, "INVITE", b"390skdjuw".as_slice()));
    let vias: Vec<Via<'_>> =
        wsinv.headers(Header::Via).flat_map(list).map(|v| Via::parse(v).unwrap()).collect();
    let hosts: Vec<_> = vias.iter().map(|v| (v.transport, v.host.as_str(), v.branch())).collect();
    assert_eq!(
        hosts,
        [
            ("UDP", "192.0.2.2", b"390skdjuw".as_slice()),
            ("TCP", "spindle.example.com", b"z9hG4bK9ikj8"),
            ("UDP", "192.168.255.111", b"z9hG4bK30239"),
        ]
    );
    let contact = NameAddr::parse(wsinv.header(Header::Contact).unwrap()).unwrap();
    assert_eq!(contact.params.get("newparam"), Some(b"newvalue".as_slice()));
    assert_eq!(contact.params.get("q"), Some(b"0.33".as_slice()));
    assert_eq!(wsinv.header(Header::Subject), Some(b"".as_slice()));
    assert_eq!(wsinv.body().len(), 150);

    let esc01 = Message::parse(bytes("esc01")).unwrap();
    let uri = sip::message::Uri::parse(esc01.uri_bytes()).unwrap();
    assert_eq!(uri.user().unwrap().as_ref(), b"sips:user@example.com");
    assert_eq!(uri.host().unwrap().as_str(), "example.net");

    let semiuri = Message::parse(bytes("semiuri")).unwrap();
    let uri = sip::message::Uri::parse(semiuri.uri_bytes()).unwrap();
    assert_eq!(uri.user().unwrap().as_ref(), b"user;par=u@example.net");
    assert_eq!(uri.params().iter().count(), 0);

    let escnull = Message::parse(bytes("escnull")).unwrap();
    let contacts =
        escnull.headers(Header::Contact).map(|c| NameAddr::parse(c).unwrap().uri.user().unwrap().len());
    assert_eq!(contacts.collect::<Vec<_>>(), [1, 2]);
    // The escaped name is no Contact.
    assert_eq!(Message::parse(bytes("esc02")).unwrap().headers(Header::Contact).count(), 2);
    assert_eq!(Message::parse(bytes("longreq")).unwrap().headers(Header::Via).count(), 34);
    assert_eq!(Message::parse(bytes("mpart01")).unwrap().body().len(), 553);
    let cparam = |name| {
        let m = Message::parse(bytes(name)).unwrap();
        let contact = NameAddr::parse(m.header(Header::Contact).unwrap()).unwrap();
        (contact.params.has("unknownparam"), contact.uri.params().has("unknownparam"))
    };
    assert_eq!((cparam("cparam01"), cparam("cparam02")), ((true, false), (false, true)));
}

#[test]
fn every_truncation_of_every_message_is_survived() {
    for case in cases() {
        for length in 0..case.bytes.len() {
            let cut = &case.bytes[..length];
            if let Ok(message) = Message::parse(cut) {
                let _ = message.check();
                let _ = sip::sdp::Session::parse(message.body());
            }
            let _ = sip::message::next_frame(cut);
        }
        for length in 0..case.bytes.len() {
            outcome(&case.bytes[..length]);
        }
    }
}
