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

/// Longest name here.
const LONGEST: usize = 20;

/// A name in three numbers that hold each of its bytes at least once: its first eight (or four, or two), its last, and of one longer than
/// sixteen those in its middle.
const fn words(name: &[u8]) -> [u64; 3] {
    if let (Some(&head), Some(&tail)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        let (head, tail) = (u64::from_le_bytes(head), u64::from_le_bytes(tail));
        let Some(&middle) = name.split_at(name.len() / 2 - 4).1.first_chunk::<8>() else {
            return [head, tail, 0];
        };
        return [head, tail, u64::from_le_bytes(middle)];
    }
    if let (Some(&head), Some(&tail)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        return [u32::from_le_bytes(head) as u64, u32::from_le_bytes(tail) as u64, 0];
    }
    match name {
        [a, b, c] => [u32::from_le_bytes([*a, *b, *c, 0]) as u64, 0, 0],
        [a, b] => [u32::from_le_bytes([*a, *b, 0, 0]) as u64, 0, 0],
        [] | [_, ..] => [0; 3],
    }
}

/// A long name as it is compared: in lower case, and which bits do not matter, those that tell letters in lower case from others.
#[derive(Clone, Copy)]
struct Known {
    header: Header,
    length: usize,
    words: [u64; 3],
    letters: [u64; 3],
}

impl Known {
    const fn of(header: Header, name: &[u8]) -> Self {
        let (mut lower, mut letters) = ([0; LONGEST], [0; LONGEST]);
        let mut i = 0;
        while i < name.len() {
            lower[i] = name[i].to_ascii_lowercase();
            letters[i] = if name[i].is_ascii_alphabetic() { 0x20 } else { 0 };
            i += 1;
        }
        let (lower, letters) = (lower.split_at(name.len()).0, letters.split_at(name.len()).0);
        Self { header, length: name.len(), words: words(lower), letters: words(letters) }
    }

    fn is(&self, length: usize, words: &[u64; 3]) -> bool {
        let [a, b, c] = self.words;
        let [x, y, z] = self.letters;
        self.length == length && words[0] | x == a && words[1] | y == b && words[2] | z == c
    }
}

const SLOTS: usize = 256;

/// The first place of a name in any case.
const fn slot(length: usize, words: &[u64; 3]) -> usize {
    const LOWER: u64 = u64::from_ne_bytes([0x20; 8]);
    let mixed = (words[0] | LOWER) ^ (words[1] | LOWER).rotate_left(SPREAD) ^ length as u64;
    (mixed.wrapping_mul(FACTOR) >> 56) as usize
}

const SPREAD: u32 = 29;
/// With it no two names have the same first place.
const FACTOR: u64 = 0x4153_bbc7_ced5_669f;

/// Open addressing over [`NAMES`], built by the compiler.
static TABLE: [Option<Known>; SLOTS] = {
    let mut table = [None; SLOTS];
    let mut i = 0;
    while i < NAMES.len() {
        let known = Known::of(NAMES[i].0, NAMES[i].1);
        let mut at = slot(known.length, &known.words);
        while table[at].is_some() {
            at = (at + 1) & (SLOTS - 1);
        }
        table[at] = Some(known);
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
            name if name.len() > LONGEST => Self::Other,
            name => {
                let words = words(name);
                let mut at = slot(name.len(), &words);
                while let Some(known) = &TABLE[at] {
                    if known.is(name.len(), &words) {
                        return known.header;
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
        let apart = TABLE.iter().enumerate().filter_map(|(at, known)| Some((at, known.as_ref()?)));
        assert!(apart.clone().all(|(at, known)| at == slot(known.length, &known.words)), "found at once");
        assert_eq!(apart.count(), NAMES.len());
        assert_eq!(Header::from_bytes(b"C%6Fntact"), Header::Other);
        assert_eq!(Header::from_bytes(b"z"), Header::Other);
        assert_eq!(Header::from_bytes(b""), Header::Other);
    }

    #[test]
    fn a_name_with_any_other_byte_is_another_name() {
        for &(_, text, _) in NAMES {
            for at in 0..text.len() {
                for byte in 0..=255_u8 {
                    let mut name = text.to_vec();
                    name[at] = byte;
                    let same = NAMES.iter().find(|(_, known, _)| known.eq_ignore_ascii_case(&name));
                    let expected = same.map_or(Header::Other, |known| known.0);
                    assert_eq!(Header::from_bytes(&name), expected, "{}", name.escape_ascii());
                }
            }
        }
    }
}
