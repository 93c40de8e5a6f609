//! REGISTER, both sides: the endpoint's client against the registrar, and the registrar by RFC 3261 10.3.

use crate::rig::{A, B, Rig, address};
use engine::time::{Duration, Instant};
use sip::endpoint::{Event, Flow, Registration, Reply};
use sip::message::{Header, Message};
use sip::registrar::{Change, Limits, Outcome, Registrar};

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn register(cseq: u32, contacts: &str) -> String {
    format!(
        "REGISTER sip:office SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx{cseq}\r\nFrom: <sip:201@office>;tag=1\r\n\
         To: <sip:201@Office>\r\nCall-ID: c1\r\nCSeq: {cseq} REGISTER\r\n{contacts}Content-Length: 0\r\n\r\n"
    )
}

fn apply(registrar: &mut Registrar, t: u64, text: &str) -> Outcome {
    let message = Message::parse(text.as_bytes()).unwrap();
    message.check().unwrap();
    registrar.register(at(t), &message, Flow::udp(address(0)))
}

fn refused(status: u16) -> Outcome {
    Outcome::Refused { status, header: None }
}

#[test]
fn bindings_come_are_refreshed_run_out_and_are_removed() {
    let mut registrar = Registrar::new(1, Limits::default());
    let one = "Contact: <sip:201@192.0.2.9>;expires=120\r\n";
    let bound = Outcome::Bound(vec!["<sip:201@192.0.2.9>;expires=120".into()]);
    assert_eq!(apply(&mut registrar, 0, &register(1, one)), bound);
    assert_eq!(registrar.poll_change(), Some(Change::Reachable("201@office".into())));
    // The same CSeq again is out of order, a higher one refreshes.
    assert_eq!(apply(&mut registrar, 10, &register(1, one)), refused(500));
    assert_eq!(apply(&mut registrar, 60, &register(2, one)), bound);
    let two = "Contact: <sip:201@192.0.2.8>\r\nExpires: 99999\r\n";
    let both =
        vec!["<sip:201@192.0.2.9>;expires=120".to_owned(), "<sip:201@192.0.2.8>;expires=3600".to_owned()];
    assert_eq!(apply(&mut registrar, 60, &register(3, two)), Outcome::Bound(both));
    assert_eq!(registrar.poll_timeout(), Some(at(180)));
    registrar.handle_timeout(at(180));
    let left: Vec<_> = registrar.lookup("201@office").map(|b| b.contact.to_string()).collect();
    assert_eq!(left, ["sip:201@192.0.2.8"]);
    assert_eq!(
        apply(&mut registrar, 200, &register(4, "Contact: *\r\nExpires: 0\r\n")),
        Outcome::Bound(vec![])
    );
    assert!(registrar.is_empty());
    assert_eq!(registrar.poll_change(), Some(Change::Unreachable("201@office".into())));
}

#[test]
fn what_rfc_3261_10_3_refuses_is_refused() {
    let mut registrar = Registrar::new(1, Limits { max_bindings: 1, ..Limits::default() });
    let brief = apply(&mut registrar, 0, &register(1, "Contact: <sip:a@h>;expires=5\r\n"));
    let header = Some((Header::MinExpires, "60".to_owned()));
    assert_eq!(brief, Outcome::Refused { status: 423, header });
    assert_eq!(apply(&mut registrar, 0, &register(2, "Contact: *\r\nExpires: 10\r\n")), refused(400));
    assert_eq!(
        apply(&mut registrar, 0, &register(3, "Contact: *\r\nContact: <sip:a@h>\r\nExpires: 0\r\n")),
        refused(400)
    );
    assert!(matches!(apply(&mut registrar, 0, &register(4, "Contact: <sip:a@h>\r\n")), Outcome::Bound(_)));
    assert_eq!(apply(&mut registrar, 0, &register(5, "Contact: <sip:b@h>\r\n")), refused(503));
    let foreign = register(6, "").replace("<sip:201@Office>", "isbn:2983792873");
    assert_eq!(apply(&mut registrar, 0, &foreign), refused(404));
}

#[test]
fn a_malformed_expires_counts_as_an_hour_and_a_huge_one_is_shortened() {
    let mut registrar = Registrar::new(1, Limits::default());
    let odd = "Contact: <sip:a@h>;expires=280297596632815, <sip:b@h>;expires=soon\r\n";
    let expected = vec!["<sip:a@h>;expires=3600".to_owned(), "<sip:b@h>;expires=3600".to_owned()];
    assert_eq!(apply(&mut registrar, 0, &register(1, odd)), Outcome::Bound(expected));
}

/// Lets B answer every REGISTER with a registrar's outcome until `ms`.
fn serve(rig: &mut Rig, registrar: &mut Registrar, until_s: u64) {
    for second in rig.now.as_nanos() / 1_000_000_000..=until_s {
        rig.run_to(second * 1_000);
        while !rig.events[B].is_empty() {
            for event in std::mem::take(&mut rig.events[B]) {
                let Event::Request { incoming, message, source, .. } = event else { continue };
                let reply = match registrar.register(rig.now, &message.message(), source) {
                    Outcome::Bound(contacts) => (200, contacts.join(", "), None),
                    Outcome::Refused { status, header } => (status, String::new(), header),
                };
                let mut headers = Vec::new();
                if !reply.1.is_empty() {
                    headers.push((Header::Contact, reply.1.as_str()));
                }
                if let Some((header, value)) = &reply.2 {
                    headers.push((*header, value.as_str()));
                }
                rig.ends[B].respond(rig.now, incoming, &Reply::new(reply.0).with(&headers)).unwrap();
            }
            rig.settle();
        }
    }
}

fn registration(expires: u64) -> Registration {
    Registration {
        flow: Flow::udp(address(B)),
        registrar: "sip:office".into(),
        address: "<sip:201@office>".into(),
        contact: "<sip:201@192.0.2.1:5060>".into(),
        expires: Duration::from_secs(expires),
        credentials: None,
    }
}

#[test]
fn the_client_asks_for_more_when_told_refreshes_and_leaves() {
    let mut rig = Rig::new();
    let mut registrar =
        Registrar::new(1, Limits { min_expires: Duration::from_secs(100), ..Limits::default() });
    let id = rig.ends[A].register(rig.now, registration(30)).unwrap();
    serve(&mut rig, &mut registrar, 120);
    // 30 is too brief (423); 100 is granted and refreshed at half its time.
    assert_eq!(rig.times(A, "REGISTER"), [0, 0, 50_000, 100_000]);
    assert_eq!(registrar.len(), 1);
    rig.ends[A].unregister(rig.now, id).unwrap();
    serve(&mut rig, &mut registrar, 121);
    assert!(registrar.is_empty());
    assert!(matches!(rig.events[A].last(), Some(Event::Unregistered { status: 200, .. })));
    serve(&mut rig, &mut registrar, 200);
    assert_eq!(rig.times(A, "REGISTER").len(), 5);
}

#[test]
fn a_client_without_an_answer_tries_again_later_and_later() {
    let mut rig = Rig::new();
    rig.lose_all();
    rig.ends[A].register(rig.now, registration(600)).unwrap();
    rig.run_to(150_000);
    let failed =
        rig.events[A].iter().filter(|e| matches!(e, Event::Unregistered { status: 408, .. })).count();
    // Silent for 32 s, 2 s later again, then after 4, 8: 32, 66, 102, 142 seconds.
    assert_eq!(failed, 4);
}
