//! A solution file as it was written: typed and placed, not yet held against itself.

use super::model::{Edition, Platform};
use crate::text::{At, ListError, NumberList, Place, Problem, Problems, Table, Value, parse_list};
use engine::limits::{MAX_CHANNELS, MAX_DIGITS, MAX_GROUP_NUMBER, MAX_TELEPHONE_NUMBER};
use engine::number::Number;
use engine::plan::spec::{CompandingLaw, Feature, LineKind, Role};
use engine::time::Duration;

/// No answer time: RC gives no range; the field holds 6 s to 99999 s.
const NO_ANSWER_TIME: (Duration, Duration) = (Duration::from_secs(6), Duration::from_secs(99_999));
const CALL_INITIATION_TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(99));
/// Longest delay of a data network that anybody would put calls on.
const MAX_DELAY: Duration = Duration::from_secs(60);
/// Longest name of anything.
const MAX_NAME: usize = 200;

/// The file. A field that is `None` was left out, or was wrong and has been reported.
pub(super) struct RawSolution {
    pub(super) place: Place,
    pub(super) name: Option<At<String>>,
    pub(super) edition: Option<At<Edition>>,
    pub(super) law: Option<At<CompandingLaw>>,
    pub(super) no_answer_time: Option<At<Duration>>,
    pub(super) systems: Vec<RawSystem>,
    pub(super) lines: Vec<RawLine>,
    pub(super) ip_office_lines: Vec<RawIpOfficeLine>,
    pub(super) users: Vec<RawUsers>,
    pub(super) hunt_groups: Vec<RawHuntGroup>,
    pub(super) incoming_call_routes: Vec<RawIncomingCallRoute>,
    pub(super) short_codes: Vec<RawShortCode>,
    pub(super) ars_forms: Vec<RawArsForm>,
}

pub(super) struct RawSystem {
    pub(super) place: Place,
    pub(super) name: Option<At<String>>,
    pub(super) role: Option<At<Role>>,
    pub(super) platform: Option<At<Platform>>,
    pub(super) no_answer_time: Option<At<Duration>>,
}

pub(super) struct RawLine {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) number: Option<At<u64>>,
    pub(super) name: Option<At<String>>,
    pub(super) kind: Option<At<LineKind>>,
    pub(super) has_channels: bool,
    pub(super) channels: Option<At<u64>>,
    pub(super) outgoing_group: Option<At<u64>>,
    pub(super) incoming_group: Option<At<u64>>,
    pub(super) call_initiation_timeout: Option<At<Duration>>,
}

pub(super) struct RawIpOfficeLine {
    pub(super) place: Place,
    pub(super) between: Option<At<[At<String>; 2]>>,
    pub(super) channels: Option<At<u64>>,
    pub(super) delay: Option<At<Duration>>,
}

pub(super) struct RawUsers {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) extensions: Option<At<NumberList>>,
    pub(super) name: Option<At<String>>,
}

pub(super) struct RawHuntGroup {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) extension: Option<At<Number>>,
    pub(super) name: Option<At<String>>,
    pub(super) members: Option<At<NumberList>>,
    pub(super) no_answer_time: Option<At<Duration>>,
}

pub(super) struct RawIncomingCallRoute {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) incoming_group: Option<At<u64>>,
    pub(super) incoming_number: Option<At<String>>,
    pub(super) destination: Option<At<String>>,
}

pub(super) struct RawShortCode {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) code: Option<At<String>>,
    pub(super) feature: Option<At<Feature>>,
    pub(super) telephone_number: Option<At<String>>,
    pub(super) line_group: Option<At<u64>>,
}

pub(super) struct RawArsForm {
    pub(super) place: Place,
    pub(super) system: Option<At<String>>,
    pub(super) id: Option<At<u64>>,
    pub(super) name: Option<At<String>>,
    pub(super) codes: Vec<RawShortCode>,
}

/// Reads a whole solution file.
pub(super) fn read(mut root: Table<'_>, p: &mut Problems) -> RawSolution {
    let head = root.table("solution", p);
    let mut raw = RawSolution {
        place: head.as_ref().unwrap_or(&root).place().clone(),
        name: None,
        edition: None,
        law: None,
        no_answer_time: None,
        systems: each(&mut root, "system", p, read_system),
        lines: each(&mut root, "line", p, read_line),
        ip_office_lines: each(&mut root, "ip_office_line", p, read_ip_office_line),
        users: each(&mut root, "users", p, read_users),
        hunt_groups: each(&mut root, "hunt_group", p, read_hunt_group),
        incoming_call_routes: each(&mut root, "incoming_call_route", p, read_incoming_call_route),
        short_codes: each(&mut root, "short_code", p, read_short_code),
        ars_forms: each(&mut root, "ars", p, read_ars_form),
    };
    if let Some(mut head) = head {
        raw.name = head.req("name", p, name);
        raw.edition = head.req("edition", p, |v, p| v.choice(&EDITIONS, p));
        raw.law = head.opt("law", p, |v, p| v.choice(&LAWS, p));
        raw.no_answer_time = head.opt("no_answer_time", p, no_answer_time);
        head.finish(p);
    }
    root.finish(p);
    raw
}

const EDITIONS: [(&str, Edition); 4] = [
    ("preferred", Edition::Preferred),
    ("server-edition", Edition::ServerEdition),
    ("select", Edition::Select),
    ("subscription", Edition::Subscription),
];
const LAWS: [(&str, CompandingLaw); 2] = [("a-law", CompandingLaw::ALaw), ("u-law", CompandingLaw::ULaw)];
const ROLES: [(&str, Role); 4] = [
    ("standalone", Role::Standalone),
    ("primary", Role::Primary),
    ("secondary", Role::Secondary),
    ("expansion", Role::Expansion),
];
const PLATFORMS: [(&str, Platform); 6] = [
    ("r240", Platform::R240),
    ("dl360g7", Platform::Dl360g7),
    ("r640", Platform::R640),
    ("ova", Platform::Ova),
    ("linux-expansion", Platform::LinuxExpansion),
    ("ip500v2", Platform::Ip500v2),
];
const LINE_KINDS: [(&str, LineKind); 6] = [
    ("sip", LineKind::Sip),
    ("pri-e1", LineKind::PriE1),
    ("pri-t1", LineKind::PriT1),
    ("bri", LineKind::Bri),
    ("analog", LineKind::Analog),
    ("h323", LineKind::H323),
];
const FEATURES: [(&str, Feature); 7] = [
    ("dial", Feature::Dial),
    ("dial-speech", Feature::DialSpeech),
    ("dial-3k1", Feature::Dial3K1),
    ("dial-emergency", Feature::DialEmergency),
    ("dial-extn", Feature::DialExtn),
    ("busy", Feature::Busy),
    ("barred", Feature::Barred),
];

fn each<'t, T>(
    root: &mut Table<'t>,
    key: &'static str,
    p: &mut Problems,
    mut read: impl FnMut(&mut Table<'t>, &mut Problems) -> T,
) -> Vec<T> {
    let mut all = Vec::new();
    for mut table in root.tables(key, p) {
        all.push(read(&mut table, p));
        table.finish(p);
    }
    all
}

fn read_system(t: &mut Table<'_>, p: &mut Problems) -> RawSystem {
    RawSystem {
        place: t.place().clone(),
        name: t.req("name", p, name),
        role: t.req("role", p, |v, p| v.choice(&ROLES, p)),
        platform: t.req("platform", p, |v, p| v.choice(&PLATFORMS, p)),
        no_answer_time: t.opt("no_answer_time", p, no_answer_time),
    }
}

fn read_line(t: &mut Table<'_>, p: &mut Problems) -> RawLine {
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
        call_initiation_timeout: t.opt("call_initiation_timeout", p, |v, p| {
            v.duration(CALL_INITIATION_TIMEOUT.0..=CALL_INITIATION_TIMEOUT.1, p)
        }),
    }
}

fn read_ip_office_line(t: &mut Table<'_>, p: &mut Problems) -> RawIpOfficeLine {
    RawIpOfficeLine {
        place: t.place().clone(),
        between: t.req("between", p, pair_of_systems),
        channels: t.opt("channels", p, channels),
        delay: t.opt("delay", p, |v, p| v.duration(Duration::ZERO..=MAX_DELAY, p)),
    }
}

fn read_users(t: &mut Table<'_>, p: &mut Problems) -> RawUsers {
    RawUsers {
        place: t.place().clone(),
        system: t.req("system", p, name),
        extensions: t.req("extensions", p, extensions),
        name: t.opt("name", p, name),
    }
}

fn read_hunt_group(t: &mut Table<'_>, p: &mut Problems) -> RawHuntGroup {
    t.opt("ring_mode", p, |v, p| v.choice(&[("sequential", ())], p));
    RawHuntGroup {
        place: t.place().clone(),
        system: t.req("system", p, name),
        extension: t.req("extension", p, extension),
        name: t.opt("name", p, name),
        members: t.req("members", p, extensions),
        no_answer_time: t.opt("no_answer_time", p, no_answer_time),
    }
}

fn read_incoming_call_route(t: &mut Table<'_>, p: &mut Problems) -> RawIncomingCallRoute {
    RawIncomingCallRoute {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        incoming_group: t.opt("incoming_group", p, group),
        incoming_number: t.opt("incoming_number", p, incoming_number),
        destination: t.opt("destination", p, destination),
    }
}

fn read_short_code(t: &mut Table<'_>, p: &mut Problems) -> RawShortCode {
    RawShortCode { system: t.opt("system", p, name), ..read_ars_code(t, p) }
}

/// A code of an ARS form: a short code that belongs to the form and names no system.
fn read_ars_code(t: &mut Table<'_>, p: &mut Problems) -> RawShortCode {
    RawShortCode {
        place: t.place().clone(),
        system: None,
        code: t.req("code", p, |v, p| at_most(v, 1, MAX_DIGITS, p)),
        feature: t.req("feature", p, |v, p| v.choice(&FEATURES, p)),
        telephone_number: t.opt("telephone_number", p, |v, p| at_most(v, 0, MAX_TELEPHONE_NUMBER, p)),
        line_group: t.opt("line_group", p, group),
    }
}

fn read_ars_form(t: &mut Table<'_>, p: &mut Problems) -> RawArsForm {
    RawArsForm {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        id: t.req("id", p, group),
        name: t.opt("name", p, name),
        codes: each(t, "codes", p, read_ars_code),
    }
}

fn name(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 1, MAX_NAME, p)?;
    if text.chars().any(char::is_control) {
        p.push(Problem::error(format!("{:?} has a control character", v.key)).at(&v.place));
        return None;
    }
    Some(text)
}

fn at_most(v: &Value<'_>, least: usize, most: usize, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    let count = text.chars().count();
    if (least..=most).contains(&count) {
        return Some(text.to_owned());
    }
    let message = match count {
        0 => format!("{:?} must not be empty", v.key),
        _ => format!("{:?} has {count} characters; it holds {most}", v.key),
    };
    p.push(Problem::error(message).at(&v.place));
    None
}

fn no_answer_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(NO_ANSWER_TIME.0..=NO_ANSWER_TIME.1, p)
}

fn channels(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(1..=u64::from(MAX_CHANNELS), p)
}

fn group(v: &Value<'_>, p: &mut Problems) -> Option<u64> {
    v.integer(0..=u64::from(MAX_GROUP_NUMBER), p)
}

fn pair_of_systems(v: &Value<'_>, p: &mut Problems) -> Option<[At<String>; 2]> {
    let values = v.array(p);
    let read = |v: &Value<'_>, p: &mut Problems| Some(At { value: name(v, p)?, place: v.place.clone() });
    let names: Vec<_> = values.iter().filter_map(|v| read(v, p)).collect();
    if values.len() != 2 && v.is_array() {
        let problem = Problem::error("\"between\" names the two systems at the ends").at(&v.place);
        p.push(problem.help("as in between = [\"primary\", \"secondary\"]"));
    }
    names.try_into().ok()
}

fn extension(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let text = v.string(p)?;
    let number = Number::new(text).ok().filter(|n| !n.is_empty() && is_digits(n));
    if number.is_none() {
        let message = format!("an extension is 1 to {MAX_DIGITS} digits");
        p.push(Problem::error(message).at(&v.place));
    }
    number
}

fn is_digits(number: &Number) -> bool {
    number.as_bytes().iter().all(u8::is_ascii_digit)
}

fn extensions(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    let list = number_list(v, p)?;
    if let Some(other) = list.singles().find(|n| !is_digits(n)) {
        p.push(Problem::error(format!("extension {other:?} has characters other than digits")).at(&v.place));
        return None;
    }
    Some(list)
}

/// A list of numbers as one text, or as an array of such texts.
pub(crate) fn number_list(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    if !v.is_array() {
        return number_list_text(v, p);
    }
    let mut list = NumberList::default();
    let mut is_good = true;
    for element in v.array(p) {
        match number_list_text(&element, p) {
            Some(part) => list.append(part),
            None => is_good = false,
        }
    }
    if is_good && list.is_empty() {
        p.push(Problem::error(format!("{:?} names no numbers", v.key)).at(&v.place));
    }
    (is_good && !list.is_empty()).then_some(list)
}

fn number_list_text(v: &Value<'_>, p: &mut Problems) -> Option<NumberList> {
    parse_list(v.string(p)?).map_err(|errors| report_list(v, errors, p)).ok()
}

fn report_list(v: &Value<'_>, errors: Vec<ListError>, p: &mut Problems) {
    for error in errors {
        let problem = Problem::error(format!("{:?}: {}", v.key, error.message));
        p.push(problem.at(&v.place_within(error.span)).maybe_help(error.remedy));
    }
}

fn incoming_number(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = at_most(v, 0, MAX_DIGITS, p)?;
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.chars().all(|c| c.is_ascii_digit() || matches!(c, 'X' | '*' | '#' | '+')) {
        return Some(text);
    }
    let problem = Problem::error("an incoming number has characters that cannot be matched").at(&v.place);
    p.push(problem.help("digits, X for any one digit, and a leading - for an exact length"));
    None
}

fn destination(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    if let Err(error) = Number::new(text) {
        p.push(Problem::error(format!("\"destination\": {error}")).at(&v.place));
        return None;
    }
    Some(text.to_owned())
}
