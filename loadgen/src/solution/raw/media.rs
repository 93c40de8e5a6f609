//! Voicemail, and how phones, lines and systems carry speech.

use super::field::{boolean, name, number};
use crate::text::{At, Place, Problem, Problems, Table, Value, did_you_mean};
use engine::limits::MAX_VOICEMAIL_FAILBACK;
use engine::number::Number;
use engine::plan::spec::{Codec, Codecs};
use engine::time::Duration;

/// Highest media capacity that may be given; far above any platform's.
const MAX_CAPACITY: u64 = 1_000_000;
/// Most voicemail channels that may be given; the check says what the edition allows.
const MAX_VOICEMAIL_CHANNELS: u64 = 10_000;

/// Longest time of a message from server to server.
const MAX_SMTP_MESSAGE_TIME: Duration = Duration::from_secs(3_600);

const FAILBACK: [(&str, Failback); 3] =
    [("manual", Failback::Manual), ("graceful", Failback::Graceful), ("automatic", Failback::Automatic)];
const CODECS: [(&str, Codec); 4] =
    [("g711-a", Codec::G711A), ("g711-u", Codec::G711U), ("g722", Codec::G722), ("g729a", Codec::G729A)];
const PHONES: [(&str, Phone); 3] =
    [("ip", Phone::Ip), ("digital", Phone::Digital), ("analog", Phone::Analog)];

/// What a phone is connected by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum Phone {
    Ip,
    Digital,
    Analog,
}

/// A voicemail server.
pub(in crate::solution) struct RawVoicemail {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) embedded: Option<At<bool>>,
    pub(in crate::solution) channels: Option<At<u64>>,
    pub(in crate::solution) fallback: Option<At<Number>>,
    pub(in crate::solution) failback: Option<At<Failback>>,
    pub(in crate::solution) failback_timeout: Option<At<Duration>>,
    pub(in crate::solution) smtp_message_time: Option<At<Duration>>,
}

/// How a server gives mailboxes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::solution) enum Failback {
    Manual,
    Graceful,
    Automatic,
}

/// How a phone or a line carries speech.
#[derive(Default)]
pub(in crate::solution) struct RawEndpoint {
    pub(in crate::solution) phone: Option<At<Phone>>,
    pub(in crate::solution) direct_media: Option<At<bool>>,
    pub(in crate::solution) srtp: Option<At<bool>>,
    pub(in crate::solution) codecs: Option<At<Codecs>>,
}

/// What a system can carry.
#[derive(Default)]
pub(in crate::solution) struct RawMedia {
    pub(in crate::solution) direct_calls: Option<At<u64>>,
    pub(in crate::solution) indirect_calls: Option<At<u64>>,
    pub(in crate::solution) compression_channels: Option<At<u64>>,
}

pub(super) fn read_voicemail(t: &mut Table<'_>, p: &mut Problems) -> RawVoicemail {
    RawVoicemail {
        place: t.place().clone(),
        system: t.req("system", p, name),
        embedded: t.opt("embedded", p, boolean),
        channels: t.opt("channels", p, |v, p| v.integer(1..=MAX_VOICEMAIL_CHANNELS, p)),
        fallback: t.opt("fallback", p, number),
        failback: t.opt("failback", p, |v, p| v.choice(&FAILBACK, p)),
        failback_timeout: t.opt("failback_timeout", p, |v, p| {
            v.duration(Duration::from_secs(1)..=MAX_VOICEMAIL_FAILBACK, p)
        }),
        smtp_message_time: t
            .opt("smtp_message_time", p, |v, p| v.duration(Duration::ZERO..=MAX_SMTP_MESSAGE_TIME, p)),
    }
}

pub(super) fn read_media(t: &mut Table<'_>, p: &mut Problems) -> RawMedia {
    let capacity = |v: &Value<'_>, p: &mut Problems| v.integer(0..=MAX_CAPACITY, p);
    RawMedia {
        direct_calls: t.opt("direct_calls", p, capacity),
        indirect_calls: t.opt("indirect_calls", p, capacity),
        compression_channels: t.opt("compression_channels", p, capacity),
    }
}

pub(super) fn read_phone(t: &mut Table<'_>, p: &mut Problems) -> RawEndpoint {
    RawEndpoint { phone: t.opt("phone", p, |v, p| v.choice(&PHONES, p)), ..read_endpoint(t, p) }
}

pub(super) fn read_endpoint(t: &mut Table<'_>, p: &mut Problems) -> RawEndpoint {
    RawEndpoint {
        phone: None,
        direct_media: t.opt("direct_media", p, boolean),
        srtp: t.opt("srtp", p, boolean),
        codecs: t.opt("codecs", p, codecs),
    }
}

/// A set of codecs; every unknown one is reported.
fn codecs(v: &Value<'_>, p: &mut Problems) -> Option<Codecs> {
    let values = v.array(p);
    let mut codecs = Some(Codecs::NONE);
    for element in &values {
        let Some(text) = element.string(p) else {
            codecs = None;
            continue;
        };
        match CODECS.iter().find(|(name, _)| *name == text) {
            Some((_, codec)) => codecs = codecs.map(|codecs| codecs.with(*codec)),
            None => {
                let help = did_you_mean(text, CODECS.map(|(name, _)| name));
                p.push(Problem::error(format!("unknown codec {text:?}")).at(&element.place).maybe_help(help));
                codecs = None;
            }
        }
    }
    if values.is_empty() && v.is_array() {
        p.push(Problem::error("\"codecs\" names no codecs").at(&v.place));
        return None;
    }
    codecs
}
