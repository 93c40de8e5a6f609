//! Reading and writing against each other with random contents.

use proptest::prelude::*;
use sip::message::{
    CSeq, Frame, Header, Message, NameAddr, NotSip, Stored, Uri, Via, Writer, escape_display, list,
    next_frame,
};
use sip::refer::{ReferTo, Replaces, sipfrag, sipfrag_status};

proptest! {
    #[test]
    fn what_is_written_is_read(
        user in "[a-zA-Z0-9_.-]{1,20}", host in "[a-z][a-z0-9]{0,10}(\\.[a-z][a-z0-9]{0,5}){0,2}", port in 1_u16..,
        display in "[ -~]{0,20}", tag in "[a-zA-Z0-9.~-]{1,20}", cseq in 0_u32..1 << 31, body in prop::collection::vec(any::<u8>(), 0..300),
        folded: bool,
    ) {
        let uri = format!("sip:{user}@{host}:{port}");
        let mut writer = Writer::request("INVITE", &uri);
        let from = format!("{} <{uri}>;tag={tag}", escape_display(&display));
        writer.header(Header::Via, format!("SIP/2.0/UDP {host}:{port};branch=z9hG4bK{tag};rport"));
        writer.header(Header::From, if folded { from.replace(";tag", "\r\n ;tag") } else { from });
        writer.header(Header::To, format!("<{uri}>")).header(Header::CallId, &tag);
        writer.display(Header::CSeq, format_args!("{cseq} INVITE"));
        let bytes = writer.finish_with("application/octet-stream", &body);
        let message = Message::parse(&bytes).unwrap();
        let e = message.check().unwrap();
        prop_assert_eq!(e.from.tag(), tag.as_bytes());
        prop_assert_eq!(e.from.uri.as_str(), &uri);
        prop_assert_eq!(e.from.uri.user_str().unwrap(), user.as_str());
        prop_assert_eq!((e.via.host.as_str(), e.via.port, e.via.has_magic_cookie()), (host.as_str(), Some(port), true));
        prop_assert_eq!((e.cseq.number, message.body()), (cseq, body.as_slice()));
        prop_assert_eq!(next_frame(&bytes), Ok(Frame::Message(bytes.len())));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(message) = Message::parse(&bytes) {
            let _ = message.check();
        }
        let _ = (next_frame(&bytes), Via::parse(&bytes), NameAddr::parse(&bytes), Uri::parse(&bytes), CSeq::parse(&bytes));
        let _ = (ReferTo::parse(&bytes), Replaces::parse(&bytes), list(&bytes).count());
    }

    #[test]
    fn a_message_with_any_byte_changed_is_survived(at in 0_usize..900, byte: u8) {
        let mut bytes = crate::torture::cases().swap_remove(0).bytes;
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(message) = Message::parse(&bytes) {
            let _ = message.check();
        }
    }

    #[test]
    fn a_transfer_is_read_as_written(call_id in "[a-zA-Z0-9@.!%*_+`'~()<>:\\\\\"/?{}-]{1,30}", to in "[a-z0-9.-]{1,10}", from in "[a-z0-9.-]{1,10}", early: bool) {
        let replaces = Replaces { call_id, to_tag: to, from_tag: from, early_only: early };
        prop_assert_eq!(Replaces::parse(replaces.to_string().as_bytes()), Some(replaces.clone()));
        let refer = ReferTo { uri: "sip:201@h".into(), replaces: Some(replaces) };
        prop_assert_eq!(ReferTo::parse(refer.to_string().as_bytes()), Some(refer));
    }
}

#[test]
fn the_example_of_rfc_3891_is_read() {
    let value = b"12adf2f34456gs5;to-tag=12345;from-tag=54321";
    let replaces = Replaces::parse(value).unwrap();
    assert_eq!(
        (replaces.call_id.as_str(), replaces.to_tag.as_str(), replaces.from_tag.as_str()),
        ("12adf2f34456gs5", "12345", "54321")
    );
    let refer = b"<sips:bob@example.org?Replaces=12adf2f34456gs5%3Bto-tag%3D12345%3Bfrom-tag%3D54321>";
    assert_eq!(
        ReferTo::parse(refer),
        Some(ReferTo { uri: "sips:bob@example.org".into(), replaces: Some(replaces) })
    );
    assert_eq!(sipfrag_status(sipfrag(180).as_bytes()), Some(180));
}

#[test]
fn addresses_are_compared_as_rfc_3261_19_1_4_says() {
    let same =
        |a: &str, b: &str| Uri::parse(a.as_bytes()).unwrap().same_address(&Uri::parse(b.as_bytes()).unwrap());
    assert!(same("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"));
    assert!(same("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
    assert!(!same("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
    assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
    assert!(!same("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
}

#[test]
fn a_uri_has_no_white_space_and_ends_where_its_grammar_does() {
    let good = |text: &str| Uri::parse(text.as_bytes()).is_some_and(|uri| uri.as_str() == text);
    for text in [
        "sip:h",
        "sip:a@h:5060",
        "SIPS:a;b?c@h;lr;x=[::1]?y=z&w",
        "sip:[2001:db8::1]:5060",
        "tel:+49;x=y",
        "im:a@h",
    ] {
        assert!(good(text), "{text}");
        let address = format!("<{text}>;tag=1");
        assert_eq!(NameAddr::parse(address.as_bytes()).map(|a| a.uri.as_str()), Some(text));
        for byte in [" ", "\t", "\r\n ", ">", "\"", "\\", "\0", "\u{e9}"] {
            for at in 0..=text.len() {
                let mut odd = text.to_owned();
                odd.insert_str(at, byte);
                assert!(!good(&odd), "{odd:?}");
                let inside = NameAddr::parse(format!("<{odd}>").as_bytes()).is_some();
                assert!(!inside || byte == ">", "{odd:?}");
            }
        }
    }
    for text in [
        "",
        "sip",
        "sip:",
        "sip:@h",
        "sip:a@",
        "sip:h:",
        "sip:h:65536",
        "sip:h;",
        "sip:h;=x",
        "sip:h;x=",
        "1sip:h",
        ":h",
        "tel:",
    ] {
        assert!(!good(text), "{text}");
    }
}

#[test]
fn each_contact_of_a_list_is_checked() {
    let checked = |contact: &str| {
        let mut writer = Writer::request("OPTIONS", "sip:h");
        writer.header(Header::Via, "SIP/2.0/UDP h;branch=z9hG4bK1").header(Header::From, "<sip:a@h>;tag=1");
        writer.header(Header::To, "<sip:b@h>").header(Header::CallId, "1").header(Header::CSeq, "1 OPTIONS");
        writer.header(Header::Contact, contact);
        Message::parse(&writer.finish()).unwrap().check().map(|_| ()).map_err(|fault| fault.status())
    };
    for good in [
        "*",
        "",
        ",",
        "<sip:a@h>, \"b, <c\" <sip:b@h>;q=1,, sip:c@h;x=\"a,b\",",
        "<sip:a,b@h>",
        "A B <sip:a>",
    ] {
        assert_eq!(checked(good), Ok(()), "{good}");
    }
    for bad in [
        "<sip:a@h>, *",
        "<sip:a@h>, <sip:@h>",
        "<sip:a@h> <sip:b@h>",
        "\"a <sip:b>",
        "<sip:a",
        "sip:a?b=c, <sip:a>",
    ] {
        assert_eq!(checked(bad), Err(400), "{bad}");
    }
}

#[test]
fn nothing_can_be_smuggled_into_a_header() {
    let mut writer = Writer::request("OPTIONS", "sip:a@b SIP/2.0\r\nX: y");
    writer.header(Header::Subject, "a\r\nEvil: yes");
    writer.display(Header::CallId, "c\r\nEvil: yes");
    let bytes = writer.finish();
    let message = Stored::parse(bytes).unwrap();
    assert!(message.message().all_headers().all(|(_, name, _)| name != b"Evil" && name != b"X"));
}

#[test]
fn what_is_no_sip_is_told_apart() {
    let not = |bytes: &[u8]| Message::parse(bytes).unwrap_err();
    assert_eq!(not(b"\r\n\r\n"), NotSip::KeepAlive);
    assert_eq!(not(b""), NotSip::KeepAlive);
    assert_eq!(not(b"GET / HTTP/1.1\r\n\r\n"), NotSip::StartLine);
    assert_eq!(not(b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n"), NotSip::Truncated);
    assert_eq!(not(b"OPTIONS sip:a SIP/2.0\nVia: x\n\n"), NotSip::BareLineFeed);
    assert_eq!(not(&vec![b'a'; 70_000]), NotSip::TooLarge);
    let many = format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(257));
    assert_eq!(not(many.as_bytes()), NotSip::TooLarge);
}
