//! Trunks and IP Office lines.

use super::each;
use super::field::{boolean, group, incoming_number, name, placed_name};
use super::media::{RawEndpoint, read_endpoint};
use super::routing::{RawShortCode, read_inner_code};
use super::sip::{RawFarEnd, read_far_end};
use crate::text::{At, Place, Problem, Problems, Table, Value};
use engine::limits::MAX_CHANNELS;
use engine::plan::spec::{LineKind, LinePreservation};
use engine::time::Duration;

const CALL_INITIATION_TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(99));
/// Longest delay of a data network that anybody would put calls on.
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Time between two keep-alives: no manual gives one.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// Most keep-alives that may be lost.
const MAX_LOSSES: u64 = 100;

const LINE_PRESERVATION: [(&str, LinePreservation); 3] = [
    ("system", LinePreservation::System),
    ("disabled", LinePreservation::Disabled),
    ("enabled", LinePreservation::Enabled),
];

const LINE_KINDS: [(&str, LineKind); 6] = [
    ("sip", LineKind::Sip),
    ("pri-e1", LineKind::PriE1),
    ("pri-t1", LineKind::PriT1),
    ("bri", LineKind::Bri),
    ("analog", LineKind::Analog),
    ("h323", LineKind::H323),
];

const LINK_TYPES: [(&str, LinkType); 3] = [
    ("websocket-secure", LinkType::WebsocketSecure),
    ("websocket", LinkType::Websocket),
    ("scn", LinkType::Scn),
];

/// How an IP Office line gets to the other system (RES "Adding Expansion to Expansion Lines").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::solution) enum LinkType {
    WebsocketSecure,
    Websocket,
    Scn,
}

pub(in crate::solution) struct RawLine {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) number: Option<At<u64>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) kind: Option<At<LineKind>>,
    pub(in crate::solution) has_channels: bool,
    pub(in crate::solution) channels: Option<At<u64>>,
    pub(in crate::solution) outgoing_group: Option<At<u64>>,
    pub(in crate::solution) incoming_group: Option<At<u64>>,
    pub(in crate::solution) in_service: Option<At<bool>>,
    pub(in crate::solution) media_preservation: Option<At<LinePreservation>>,
    pub(in crate::solution) short_codes: Vec<RawShortCode>,
    pub(in crate::solution) uris: Option<At<Vec<String>>>,
    pub(in crate::solution) call_initiation_timeout: Option<At<Duration>>,
    pub(in crate::solution) far_end: RawFarEnd,
    pub(in crate::solution) endpoint: RawEndpoint,
}

pub(in crate::solution) struct RawIpOfficeLine {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) between: Option<At<[At<String>; 2]>>,
    pub(in crate::solution) link_type: Option<At<LinkType>>,
    pub(in crate::solution) channels: Option<At<u64>>,
    pub(in crate::solution) delay: Option<At<Duration>>,
    pub(in crate::solution) keep_alive: Option<At<Duration>>,
    pub(in crate::solution) keep_alive_losses: Option<At<u64>>,
    pub(in crate::solution) in_service: Option<At<bool>>,
    pub(in crate::solution) short_codes: Vec<RawShortCode>,
    pub(in crate::solution) endpoint: RawEndpoint,
}

pub(super) fn read_line(t: &mut Table<'_>, p: &mut Problems) -> RawLine {
    RawLine {
        place: t.place().clone(),
        system: t.req("system", p, name),
        number: t.req("number", p, |v, p| v.integer(1..=u64::from(u16::MAX), p)),
        name: t.opt("name", p, name),
        kind: t.req("kind", p, |v, p| v.choice(&LINE_KINDS, p)),
        has_channels: t.has("channels"),
        channels: t.opt("channels", p, channels),
        outgoing_group: t.opt("outgoing_group", p, group),
        incoming_group: t.opt("incoming_group", p, group),
        in_service: t.opt("in_service", p, boolean),
        short_codes: each(t, "short_codes", p, read_inner_code),
        media_preservation: t.opt("media_preservation", p, |v, p| v.choice(&LINE_PRESERVATION, p)),
        uris: t.opt("uris", p, uris),
        call_initiation_timeout: t.opt("call_initiation_timeout", p, |v, p| {
            v.duration(CALL_INITIATION_TIMEOUT.0..=CALL_INITIATION_TIMEOUT.1, p)
        }),
        far_end: read_far_end(t, p),
        endpoint: read_endpoint(t, p),
    }
}

pub(super) fn read_ip_office_line(t: &mut Table<'_>, p: &mut Problems) -> RawIpOfficeLine {
    RawIpOfficeLine {
        place: t.place().clone(),
        between: t.req("between", p, pair_of_systems),
        link_type: t.opt("link_type", p, |v, p| v.choice(&LINK_TYPES, p)),
        channels: t.opt("channels", p, channels),
        keep_alive: t.opt("keep_alive", p, |v, p| v.duration(KEEP_ALIVE.0..=KEEP_ALIVE.1, p)),
        keep_alive_losses: t.opt("keep_alive_losses", p, |v, p| v.integer(1..=MAX_LOSSES, p)),
        delay: t.opt("delay", p, |v, p| v.duration(Duration::ZERO..=MAX_DELAY, p)),
        in_service: t.opt("in_service", p, boolean),
        short_codes: each(t, "short_codes", p, read_inner_code),
        endpoint: read_endpoint(t, p),
    }
}

fn channels(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(1..=u64::from(MAX_CHANNELS), p)
}

fn pair_of_systems(v: &Value<'_>, p: &mut Problems) -> Option<[At<String>; 2]> {
    pair(v, "the two systems at the ends", placed_name, p)
}

/// The two ends of something.
pub(super) fn pair<T>(
    v: &Value<'_>,
    of: &str,
    read: impl Fn(&Value<'_>, &mut Problems) -> Option<T>,
    p: &mut Problems,
) -> Option<[T; 2]> {
    let values = v.array(p);
    let ends: Vec<T> = values.iter().filter_map(|v| read(v, p)).collect();
    if values.len() != 2 && v.is_array() {
        let problem = Problem::error(format!("\"between\" names {of}")).at(&v.place);
        p.push(problem.help("as in between = [\"primary\", \"secondary\"]"));
    }
    ends.try_into().ok()
}

fn uris(v: &Value<'_>, p: &mut Problems) -> Option<Vec<String>> {
    let values = v.array(p);
    Some(values.iter().filter_map(|v| incoming_number(v, p)).collect())
}
