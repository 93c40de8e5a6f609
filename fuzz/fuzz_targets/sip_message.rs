//! Any bytes as a SIP message, and as the beginning of a stream of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sip::message::{Header, Message, NameAddr, Via, list, next_frame};

fuzz_target!(|bytes: &[u8]| {
    let _ = next_frame(bytes);
    let Ok(message) = Message::parse(bytes) else { return };
    let _ = message.check();
    for (header, _, value) in message.all_headers() {
        for item in list(value) {
            if header == Header::Via {
                let _ = Via::parse(item).map(|via| via.params.iter().count());
            } else {
                let _ = NameAddr::parse(item).map(|address| address.uri.user_str().map(|u| u.len()));
            }
        }
    }
    let _ = sip::refer::ReferTo::parse(message.header(Header::ReferTo).unwrap_or_default());
    let _ = message.header_str(Header::WwwAuthenticate).map(sip::auth::Challenge::parse);
    assert_eq!(message.store().message().body(), message.body());
});
