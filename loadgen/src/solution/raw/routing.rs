//! Short codes, ARS forms and incoming call routes.

use super::each;
use super::field::{at_most, boolean, dial_delay_time, group, incoming_number, name, number, priority};
use crate::text::{At, Place, Problem, Problems, Table, Value, nearest};
use engine::limits::{MAX_DIGITS, MAX_TELEPHONE_NUMBER};
use engine::plan::spec::{Bearer, Feature, FeatureKind, QueuePriority, ShortCodeSpec};
use engine::time::Duration;

/// Alternate Route Wait Time (DOMAIN 3.2).
const ALTERNATE_ROUTE_WAIT_TIME: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

const BEARERS: [(&str, Bearer); 3] =
    [("voice", Bearer::Voice), ("data", Bearer::Data), ("video", Bearer::Video)];

pub(in crate::solution) struct RawShortCode {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) code: Option<At<String>>,
    pub(in crate::solution) feature: Option<At<Feature>>,
    pub(in crate::solution) telephone_number: Option<At<String>>,
    pub(in crate::solution) line_group: Option<At<u64>>,
    pub(in crate::solution) force_account_code: Option<At<bool>>,
}

pub(in crate::solution) struct RawArsForm {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) id: Option<At<u64>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) dial_delay_time: Option<At<Duration>>,
    pub(in crate::solution) secondary_dial_tone: Option<At<bool>>,
    pub(in crate::solution) check_user_call_barring: Option<At<bool>>,
    pub(in crate::solution) in_service: Option<At<bool>>,
    pub(in crate::solution) out_of_service_route: Option<At<u64>>,
    pub(in crate::solution) time_profile: Option<At<String>>,
    pub(in crate::solution) out_of_hours_route: Option<At<u64>>,
    pub(in crate::solution) alternate_route_priority_level: Option<At<u64>>,
    /// `None` inside: off.
    pub(in crate::solution) alternate_route_wait_time: Option<At<Option<Duration>>>,
    pub(in crate::solution) alternate_route: Option<At<u64>>,
    pub(in crate::solution) codes: Vec<RawShortCode>,
    pub(in crate::solution) deck: RawDeck,
}

/// A file of prefixes that become codes of a form.
pub(in crate::solution) struct RawDeck {
    pub(in crate::solution) file: Option<At<String>>,
    pub(in crate::solution) prefix_column: Option<At<String>>,
    pub(in crate::solution) line_group: Option<At<u64>>,
    /// What the file says, once it has been read.
    pub(in crate::solution) codes: Vec<ShortCodeSpec>,
}

pub(in crate::solution) struct RawIncomingCallRoute {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) bearer: Option<At<Bearer>>,
    pub(in crate::solution) incoming_group: Option<At<u64>>,
    pub(in crate::solution) incoming_number: Option<At<String>>,
    pub(in crate::solution) sub_address: Option<At<String>>,
    pub(in crate::solution) incoming_cli: Option<At<String>>,
    pub(in crate::solution) priority: Option<At<QueuePriority>>,
    pub(in crate::solution) default: RawDestination,
    pub(in crate::solution) time_profiles: Vec<(Option<At<String>>, RawDestination)>,
}

pub(in crate::solution) struct RawDestination {
    pub(in crate::solution) destination: Option<At<String>>,
    pub(in crate::solution) fallback: Option<At<String>>,
}

pub(super) fn read_short_code(t: &mut Table<'_>, p: &mut Problems) -> RawShortCode {
    RawShortCode { system: t.opt("system", p, name), ..read_inner_code(t, p) }
}

/// A code of an ARS form, a user, user rights or a line: it belongs to that and names no system.
pub(super) fn read_inner_code(t: &mut Table<'_>, p: &mut Problems) -> RawShortCode {
    RawShortCode {
        place: t.place().clone(),
        system: None,
        code: t.req("code", p, |v, p| at_most(v, 1, MAX_DIGITS, p)),
        feature: t.req("feature", p, feature),
        telephone_number: t.opt("telephone_number", p, |v, p| at_most(v, 0, MAX_TELEPHONE_NUMBER, p)),
        line_group: t.opt("line_group", p, group),
        force_account_code: t.opt("force_account_code", p, boolean),
    }
}

fn feature(v: &Value<'_>, p: &mut Problems) -> Option<Feature> {
    let text = v.string(p)?;
    let found = Feature::from_name(text);
    if found.is_none() {
        let near = nearest(text, Feature::ALL.iter().map(|feature| feature.name()));
        let help = near.map_or_else(features, |near| format!("did you mean {near:?}?"));
        p.push(Problem::error(format!("unknown feature {text:?}")).at(&v.place).help(help));
    }
    found
}

/// The features that route calls, and where to find the others.
fn features() -> String {
    let routes = |feature: &&Feature| match feature.kind() {
        FeatureKind::Dial
        | FeatureKind::Conference
        | FeatureKind::Extension
        | FeatureKind::BreakOut
        | FeatureKind::Stop => true,
        FeatureKind::Setting
        | FeatureKind::Voicemail
        | FeatureKind::InCall
        | FeatureKind::Intrusion
        | FeatureKind::Refused => false,
    };
    let names: Vec<_> =
        Feature::ALL.iter().filter(routes).map(|feature| format!("{:?}", feature.name())).collect();
    let others = Feature::ALL.len() - names.len();
    format!("known: {}, and {others} more in docs/solution.md", names.join(", "))
}

pub(super) fn read_ars_form(t: &mut Table<'_>, p: &mut Problems) -> RawArsForm {
    RawArsForm {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        id: t.req("id", p, group),
        name: t.opt("name", p, name),
        dial_delay_time: t.opt("dial_delay_time", p, dial_delay_time),
        secondary_dial_tone: t.opt("secondary_dial_tone", p, boolean),
        check_user_call_barring: t.opt("check_user_call_barring", p, boolean),
        in_service: t.opt("in_service", p, boolean),
        out_of_service_route: t.opt("out_of_service_route", p, group),
        time_profile: t.opt("time_profile", p, name),
        out_of_hours_route: t.opt("out_of_hours_route", p, group),
        alternate_route_priority_level: t.opt("alternate_route_priority_level", p, priority),
        alternate_route_wait_time: t.opt("alternate_route_wait_time", p, wait_time),
        alternate_route: t.opt("alternate_route", p, group),
        codes: each(t, "codes", p, read_inner_code),
        deck: RawDeck {
            file: t.opt("codes_file", p, name),
            prefix_column: t.opt("codes_prefix_column", p, name),
            line_group: t.opt("codes_line_group", p, group),
            codes: Vec::new(),
        },
    }
}

/// A length of time, or `off`.
fn wait_time(v: &Value<'_>, p: &mut Problems) -> Option<Option<Duration>> {
    let word = v.as_text().filter(|text| !text.starts_with(|c: char| c.is_ascii_digit()));
    if word == Some("off") {
        return Some(None);
    }
    if word.is_some() {
        let problem = Problem::error(format!("{:?} must be a length of time, or \"off\"", v.key));
        p.push(problem.at(&v.place).help("as in \"30s\"; with \"off\" callers below the level keep waiting"));
        return None;
    }
    v.duration(ALTERNATE_ROUTE_WAIT_TIME.0..=ALTERNATE_ROUTE_WAIT_TIME.1, p).map(Some)
}

pub(super) fn read_incoming_call_route(t: &mut Table<'_>, p: &mut Problems) -> RawIncomingCallRoute {
    RawIncomingCallRoute {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        bearer: t.opt("bearer", p, |v, p| v.choice(&BEARERS, p)),
        incoming_group: t.opt("incoming_group", p, group),
        incoming_number: t.opt("incoming_number", p, incoming_number),
        sub_address: t.opt("sub_address", p, dialled),
        incoming_cli: t.opt("incoming_cli", p, incoming_cli),
        priority: t.opt("priority", p, queue_priority),
        default: read_destination(t, p),
        time_profiles: each(t, "time_profiles", p, |t, p| {
            (t.req("time_profile", p, name), read_destination(t, p))
        }),
    }
}

/// A priority from 1 to 3.
fn queue_priority(v: &Value<'_>, p: &mut Problems) -> Option<QueuePriority> {
    QueuePriority::from_number(v.integer(1..=3, p)? as u8)
}

fn read_destination(t: &mut Table<'_>, p: &mut Problems) -> RawDestination {
    RawDestination { destination: t.opt("destination", p, dialled), fallback: t.opt("fallback", p, dialled) }
}

/// Digits that are dialled inside the system.
fn dialled(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    number(v, p).map(|number| number.to_string())
}

/// The start of a caller's number, `!` for a withheld one or `?` for none; an address in full.
fn incoming_cli(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 0, MAX_DIGITS, p)?;
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '+' | '.');
    if matches!(text.as_str(), "!" | "?") || text.chars().all(is_digit) {
        return Some(text);
    }
    let problem = Problem::error("a caller's number has characters that cannot be matched").at(&v.place);
    p.push(problem.help("the digits it starts with, \"!\" for withheld or \"?\" for unavailable"));
    None
}
