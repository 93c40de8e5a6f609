//! Digest authentication: the examples of RFC 2617 and RFC 7616, and both sides against each other.

use crate::rig::{A, B, Rig};
use engine::time::{Duration, Instant};
use sip::auth::{Algorithm, Challenge, Challenger, Credentials, Signed, Verdict};
use sip::endpoint::{Event, Reply};
use sip::message::{Header, Message, Method};
use std::sync::Arc;

fn answer(challenge: &str, password: &str, cnonce: &str) -> String {
    let who = Credentials { user: "Mufasa".into(), password: password.into() };
    let request = Signed { method: "GET", uri: "/dir/index.html", body: b"" };
    Challenge::parse(challenge).unwrap().answer(&request, &who, cnonce, 1)
}

#[test]
fn rfc_2617_section_3_5() {
    let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                     nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let value = answer(challenge, "Circle Of Life", "0a4f113b");
    assert!(value.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{value}");
    assert!(value.contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""), "{value}");
}

#[test]
fn rfc_7616_section_3_9_1() {
    let challenge = |algorithm: &str| {
        format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    };
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    let md5 = answer(&challenge("MD5"), "Circle of Life", cnonce);
    assert!(md5.contains("response=\"8ca523f5e9506fed4657c9700eebdbec\""), "{md5}");
    let sha = answer(&challenge("SHA-256"), "Circle of Life", cnonce);
    let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    assert!(sha.contains(expected), "{sha}");
}

#[test]
fn rfc_8760_the_first_challenge_that_can_be_met_is_met() {
    let values: [&[u8]; 4] = [
        b"Basic realm=\"r\"",
        b"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"",
        b"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"",
        b"Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"",
    ];
    assert_eq!(Challenge::choose(values.into_iter()).unwrap().algorithm, Algorithm::Sha256);
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn ha1(user: &str, algorithm: Algorithm) -> Option<String> {
    (user == "201").then(|| algorithm.ha1("201", "office", "secret"))
}

#[test]
fn a_password_is_judged_and_an_answer_serves_once_and_for_a_time() {
    let mut server = Challenger::new("office", 1, Duration::from_secs(60), 100);
    let verify = |server: &mut Challenger, t, value: &str| server.verify(at(t), "REGISTER", b"", value, ha1);
    let request = Signed { method: "REGISTER", uri: "sip:office", body: b"" };
    for challenge in server.challenges(at(0), false) {
        let challenge = Challenge::parse(&challenge).unwrap();
        let who = Credentials { user: "201".into(), password: "secret".into() };
        let count = if challenge.algorithm == Algorithm::Sha256 { 1 } else { 2 };
        let good = challenge.answer(&request, &who, "c", count);
        assert_eq!(verify(&mut server, 1, &good), Verdict::Good("201".into()));
        assert_eq!(verify(&mut server, 2, &good), Verdict::Stale);
        let later = challenge.answer(&request, &who, "c", 9);
        assert_eq!(verify(&mut server, 61, &later), Verdict::Stale);
        assert_eq!(
            verify(&mut server, 3, &good.replace("uri=\"sip:office\"", "uri=\"sip:o\"")),
            Verdict::Wrong
        );
        let wrong = Credentials { user: "201".into(), password: "Secret".into() };
        assert_eq!(verify(&mut server, 3, &challenge.answer(&request, &wrong, "c", 3)), Verdict::Wrong);
        let nobody = Credentials { user: "999".into(), password: "secret".into() };
        assert_eq!(verify(&mut server, 3, &challenge.answer(&request, &nobody, "c", 3)), Verdict::Wrong);
        let forged = Challenge { nonce: "AAAA".into(), ..challenge };
        assert_eq!(verify(&mut server, 3, &forged.answer(&request, &who, "c", 1)), Verdict::Unasked);
    }
    assert_eq!(verify(&mut server, 3, "Basic YTpi"), Verdict::Unasked);
    assert_eq!(verify(&mut server, 3, "Digest username=\"201\", realm=\"office"), Verdict::Unasked);
}

#[test]
fn an_answer_is_good_only_from_where_the_challenge_went() {
    let mut server = Challenger::new("office", 1, Duration::from_secs(60), 100);
    let offered = server.challenges_for(at(0), false, b"192.0.2.1");
    let challenge = Challenge::parse(&offered[0]).unwrap();
    let request = Signed { method: "REGISTER", uri: "sip:office", body: b"" };
    let who = Credentials { user: "201".into(), password: "secret".into() };
    let wrong = Credentials { password: "Secret".into(), ..who.clone() };
    let mut verify = |source: &[u8], who: &Credentials, count| {
        let value = challenge.answer(&request, who, "c", count);
        server.verify_from(at(1), source, "REGISTER", b"", &value, ha1)
    };
    assert_eq!(verify(b"192.0.2.2", &wrong, 1), Verdict::Unasked, "nobody is blamed for another's address");
    assert_eq!(verify(b"192.0.2.2", &who, 1), Verdict::Unasked);
    assert_eq!(verify(b"192.0.2.1", &wrong, 1), Verdict::Wrong);
    assert_eq!(verify(b"192.0.2.1", &who, 1), Verdict::Good("201".into()));
}

#[test]
fn only_the_hashes_that_were_offered_are_taken() {
    let server = Challenger::new("office", 1, Duration::from_secs(60), 100);
    let mut server = server.with_algorithms(&[Algorithm::Sha256]);
    let offered = server.challenges(at(0), false);
    let [challenge] = offered.as_slice() else { panic!("one hash") };
    let challenge = Challenge::parse(challenge).unwrap();
    assert_eq!(challenge.algorithm, Algorithm::Sha256);
    let request = Signed { method: "REGISTER", uri: "sip:office", body: b"" };
    let who = Credentials { user: "201".into(), password: "secret".into() };
    let weaker = Challenge { algorithm: Algorithm::Md5, ..challenge.clone() };
    let mut verify = |value: &str| server.verify(at(1), "REGISTER", b"", value, ha1);
    assert_eq!(verify(&weaker.answer(&request, &who, "c", 1)), Verdict::Unasked);
    assert_eq!(verify(&challenge.answer(&request, &who, "c", 1)), Verdict::Good("201".into()));
}

#[test]
fn an_invite_is_sent_again_with_credentials_and_a_second_refusal_is_final() {
    for (password, answers) in [("secret", vec!["407", "200"]), ("wrong", vec!["407", "407"])] {
        let mut rig = Rig::new();
        let mut server = Challenger::new("office", 1, Duration::from_secs(60), 100);
        let mut invite = rig.invite();
        invite.credentials = Some(Arc::new(Credentials { user: "201".into(), password: password.into() }));
        rig.ends[A].invite(rig.now, &invite).unwrap();
        rig.settle();
        for expected in &answers {
            let Some(Event::Invited { leg, message, .. }) = rig.events[B].pop() else { panic!("a call") };
            let message = message.message();
            let good = message.header_str(Header::ProxyAuthorization).is_some_and(|value| {
                let verdict = server.verify(rig.now, "INVITE", message.body(), value, ha1);
                verdict == Verdict::Good("201".into())
            });
            if good {
                rig.ends[B].answer(rig.now, leg, &Reply::sdp(200, crate::rig::SDP)).unwrap();
            } else {
                let challenges = server.challenges(rig.now, false);
                let headers: Vec<_> =
                    challenges.iter().map(|c| (Header::ProxyAuthenticate, c.as_str())).collect();
                rig.ends[B].reject(rig.now, leg, &Reply::new(407).with(&headers)).unwrap();
            }
            rig.settle();
            assert!(!rig.times(B, expected).is_empty(), "{password} {expected}");
        }
        match answers.last() {
            Some(&"200") => assert!(matches!(rig.events[A].last(), Some(Event::Answered { .. }))),
            _ => assert!(matches!(rig.events[A].last(), Some(Event::Refused { status: 407, .. }))),
        }
        let numbers: Vec<u32> = rig
            .raw
            .iter()
            .map(|m| Message::parse(m).unwrap())
            .filter(|m| m.method() == Some(Method::Invite))
            .map(|m| m.check().unwrap().cseq.number)
            .collect();
        assert_eq!(numbers, [1, 2]);
    }
}
