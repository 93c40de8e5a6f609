//! Names of header fields, long and compact, found without regard to case.

macro_rules! headers {
    ($($variant:ident $text:literal $compact:literal)*) => {
        /// A header field by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Header {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A header field without a name here; the message has its text.
            Other,
        }

        const NAMES: &[(Header, &[u8], u8)] = &[$((Header::$variant, $text.as_bytes(), $compact)),*];

        impl Header {
            /// As written in a message; `X-Other` for a field without a name here.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other => "X-Other",
                }
            }
        }
    };
}

headers! {
    Via "Via" b'v'
    From "From" b'f'
    To "To" b't'
    CallId "Call-ID" b'i'
    CSeq "CSeq" 0
    Contact "Contact" b'm'
    MaxForwards "Max-Forwards" 0
    ContentLength "Content-Length" b'l'
    ContentType "Content-Type" b'c'
    ContentEncoding "Content-Encoding" b'e'
    Route "Route" 0
    RecordRoute "Record-Route" 0
    Allow "Allow" 0
    Supported "Supported" b'k'
    Require "Require" 0
    ProxyRequire "Proxy-Require" 0
    Unsupported "Unsupported" 0
    Accept "Accept" 0
    Expires "Expires" 0
    MinExpires "Min-Expires" 0
    SessionExpires "Session-Expires" b'x'
    MinSe "Min-SE" 0
    RSeq "RSeq" 0
    RAck "RAck" 0
    ReferTo "Refer-To" b'r'
    ReferredBy "Referred-By" b'b'
    Replaces "Replaces" 0
    Event "Event" b'o'
    AllowEvents "Allow-Events" b'u'
    SubscriptionState "Subscription-State" 0
    Authorization "Authorization" 0
    ProxyAuthorization "Proxy-Authorization" 0
    WwwAuthenticate "WWW-Authenticate" 0
    ProxyAuthenticate "Proxy-Authenticate" 0
    AuthenticationInfo "Authentication-Info" 0
    RetryAfter "Retry-After" 0
    Warning "Warning" 0
    Reason "Reason" 0
    UserAgent "User-Agent" 0
    Server "Server" 0
    Date "Date" 0
    Subject "Subject" b's'
    Priority "Priority" 0
    Timestamp "Timestamp" 0
    Organization "Organization" 0
    InReplyTo "In-Reply-To" 0
    AlertInfo "Alert-Info" 0
    CallInfo "Call-Info" 0
    Diversion "Diversion" 0
    HistoryInfo "History-Info" 0
    Privacy "Privacy" 0
    PAssertedIdentity "P-Asserted-Identity" 0
    PPreferredIdentity "P-Preferred-Identity" 0
    RemotePartyId "Remote-Party-ID" 0
    MimeVersion "MIME-Version" 0
    Path "Path" 0
    ServiceRoute "Service-Route" 0
}

const SLOTS: usize = 256;

const fn slot(name: &[u8]) -> usize {
    let (first, last) = (name[0] | 0x20, name[name.len() - 1] | 0x20);
    (name.len() * 29 + first as usize * 7 + last as usize) & (SLOTS - 1)
}

/// Open addressing over [`NAMES`], built by the compiler; 255 is empty.
const TABLE: [u8; SLOTS] = {
    let mut table = [255_u8; SLOTS];
    let mut i = 0;
    while i < NAMES.len() {
        let mut at = slot(NAMES[i].1);
        while table[at] != 255 {
            at = (at + 1) & (SLOTS - 1);
        }
        table[at] = i as u8;
        i += 1;
    }
    table
};

const COMPACT: [u8; 26] = {
    let mut table = [255_u8; 26];
    let mut i = 0;
    while i < NAMES.len() {
        if NAMES[i].2 != 0 {
            table[(NAMES[i].2 - b'a') as usize] = i as u8;
        }
        i += 1;
    }
    table
};

impl Header {
    /// The header field of this name, long or compact, in any case.
    #[must_use]
    pub fn from_bytes(name: &[u8]) -> Self {
        match name {
            [] => Self::Other,
            [one] => match one.to_ascii_lowercase() {
                letter @ b'a'..=b'z' => match COMPACT[usize::from(letter - b'a')] {
                    255 => Self::Other,
                    i => NAMES[usize::from(i)].0,
                },
                _ => Self::Other,
            },
            name => {
                let mut at = slot(name);
                while TABLE[at] != 255 {
                    let (header, text, _) = NAMES[usize::from(TABLE[at])];
                    if text.eq_ignore_ascii_case(name) {
                        return header;
                    }
                    at = (at + 1) & (SLOTS - 1);
                }
                Self::Other
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_in_its_compact_form() {
        for &(header, text, compact) in NAMES {
            assert_eq!(Header::from_bytes(text), header);
            assert_eq!(Header::from_bytes(&text.to_ascii_uppercase()), header);
            if compact != 0 {
                assert_eq!(Header::from_bytes(&[compact]), header);
                assert_eq!(Header::from_bytes(&[compact.to_ascii_uppercase()]), header);
            }
        }
        assert_eq!(Header::from_bytes(b"C%6Fntact"), Header::Other);
        assert_eq!(Header::from_bytes(b"z"), Header::Other);
        assert_eq!(Header::from_bytes(b""), Header::Other);
    }
}
