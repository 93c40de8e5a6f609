//! Systems, and what else has a name on them: locations and time profiles.

use super::super::model::Platform;
use super::each;
use super::field::{boolean, dial_delay_time, group, name, no_answer_time, number, time_or_off};
use super::media::{RawMedia, read_media};
use crate::text::{
    At, DAYS, Place, Problem, Problems, Table, Value, did_you_mean, parse_days, parse_time_of_day,
};
use engine::limits::{MAX_PRESERVED_MINUTES, MAX_USERS};
use engine::number::Number;
use engine::plan::spec::{Day, MediaPreservation, PhoneFailback, Role};
use engine::time::Duration;
use std::ops::RangeInclusive;

/// Most digits that short codes wait for (KB5, CARROLL: 0 to 30).
const MAX_DIAL_DELAY_COUNT: u64 = 30;
/// Off-hook timer: the manuals give 30 s and 10 s, no range.
const OFF_HOOK_TIMER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Call Priority Promotion Time (DOMAIN 4.5).
const PROMOTION_TIME: RangeInclusive<Duration> = Duration::from_secs(10)..=Duration::from_secs(999);

const ROLES: [(&str, Role); 4] = [
    ("standalone", Role::Standalone),
    ("primary", Role::Primary),
    ("secondary", Role::Secondary),
    ("expansion", Role::Expansion),
];
const MEDIA_PRESERVATION: [(&str, MediaPreservation); 2] =
    [("disabled", MediaPreservation::Disabled), ("enabled", MediaPreservation::Enabled)];
const PHONE_FAILBACK: [(&str, PhoneFailback); 2] =
    [("automatic", PhoneFailback::Automatic), ("manual", PhoneFailback::Manual)];
const PLATFORMS: [(&str, Platform); 6] = [
    ("r240", Platform::R240),
    ("dl360g7", Platform::Dl360g7),
    ("r640", Platform::R640),
    ("ova", Platform::Ova),
    ("linux-expansion", Platform::LinuxExpansion),
    ("ip500v2", Platform::Ip500v2),
];

/// Most conference slots that any system can have (RC chapter 8); the check knows what each can.
const MAX_CONFERENCE_SLOTS: u64 = 1_650;

/// What is set for the whole solution, and may be set otherwise for one system.
#[derive(Default)]
pub(in crate::solution) struct RawSettings {
    pub(in crate::solution) no_answer_time: Option<At<Duration>>,
    pub(in crate::solution) dial_delay_count: Option<At<u64>>,
    pub(in crate::solution) dial_delay_time: Option<At<Duration>>,
    pub(in crate::solution) off_hook_timer: Option<At<Duration>>,
    /// `None` inside: off.
    pub(in crate::solution) call_priority_promotion_time: Option<At<Option<Duration>>>,
    pub(in crate::solution) trunk_to_trunk: Option<At<bool>>,
    pub(in crate::solution) drop_external_only: Option<At<bool>>,
    pub(in crate::solution) national_prefix: Option<At<Number>>,
    pub(in crate::solution) international_prefix: Option<At<Number>>,
    pub(in crate::solution) media_preservation: Option<At<MediaPreservation>>,
    pub(in crate::solution) preserved_conn_duration: Option<At<Duration>>,
    pub(in crate::solution) preserved_no_media_duration: Option<At<Duration>>,
}

pub(in crate::solution) struct RawSystem {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) role: Option<At<Role>>,
    pub(in crate::solution) platform: Option<At<Platform>>,
    pub(in crate::solution) site: Option<At<String>>,
    pub(in crate::solution) address: Option<At<Number>>,
    pub(in crate::solution) emergency_ars: Option<At<u64>>,
    /// The system whose voicemail server it uses.
    pub(in crate::solution) voicemail: Option<At<String>>,
    pub(in crate::solution) media: RawMedia,
    pub(in crate::solution) accs: Option<At<bool>>,
    pub(in crate::solution) conference_slots: Option<At<u64>>,
    pub(in crate::solution) location: Option<At<String>>,
    pub(in crate::solution) phone_failback: Option<At<PhoneFailback>>,
    pub(in crate::solution) dhcp: Option<At<bool>>,
    pub(in crate::solution) dhcp_forwarding: Option<At<bool>>,
    pub(in crate::solution) most_users: Option<At<u64>>,
    pub(in crate::solution) most_dect_users: Option<At<u64>>,
    pub(in crate::solution) high_availability: Option<At<bool>>,
    pub(in crate::solution) settings: RawSettings,
}

pub(in crate::solution) struct RawLocation {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) emergency_ars: Option<At<u64>>,
    pub(in crate::solution) fallback_system: Option<At<String>>,
    pub(in crate::solution) site: Option<At<String>>,
}

pub(in crate::solution) struct RawTimeProfile {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) spans: Vec<RawTimeSpan>,
}

pub(in crate::solution) struct RawTimeSpan {
    pub(in crate::solution) days: Option<At<Vec<Day>>>,
    pub(in crate::solution) from: Option<At<Duration>>,
    pub(in crate::solution) to: Option<At<Duration>>,
}

pub(super) fn read_system(t: &mut Table<'_>, p: &mut Problems) -> RawSystem {
    RawSystem {
        place: t.place().clone(),
        name: t.req("name", p, name),
        role: t.req("role", p, |v, p| v.choice(&ROLES, p)),
        platform: t.req("platform", p, |v, p| v.choice(&PLATFORMS, p)),
        site: t.opt("site", p, name),
        address: t.opt("address", p, address),
        emergency_ars: t.opt("emergency_ars", p, group),
        voicemail: t.opt("voicemail", p, name),
        media: read_media(t, p),
        accs: t.opt("accs", p, boolean),
        conference_slots: t.opt("conference_slots", p, |v, p| v.integer(1..=MAX_CONFERENCE_SLOTS, p)),
        location: t.opt("location", p, name),
        phone_failback: t.opt("phone_failback", p, |v, p| v.choice(&PHONE_FAILBACK, p)),
        dhcp: t.opt("dhcp", p, boolean),
        dhcp_forwarding: t.opt("dhcp_forwarding", p, boolean),
        most_users: t.opt("most_users", p, |v, p| v.integer(0..=MAX_USERS as u64, p)),
        most_dect_users: t.opt("most_dect_users", p, |v, p| v.integer(0..=MAX_USERS as u64, p)),
        high_availability: t.opt("high_availability", p, boolean),
        settings: read_settings(t, p),
    }
}

pub(super) fn read_settings(t: &mut Table<'_>, p: &mut Problems) -> RawSettings {
    RawSettings {
        no_answer_time: t.opt("no_answer_time", p, no_answer_time),
        dial_delay_count: t.opt("dial_delay_count", p, |v, p| v.integer(0..=MAX_DIAL_DELAY_COUNT, p)),
        dial_delay_time: t.opt("dial_delay_time", p, dial_delay_time),
        off_hook_timer: t.opt("off_hook_timer", p, |v, p| v.duration(OFF_HOOK_TIMER.0..=OFF_HOOK_TIMER.1, p)),
        call_priority_promotion_time: t
            .opt("call_priority_promotion_time", p, |v, p| time_or_off(v, PROMOTION_TIME, p)),
        trunk_to_trunk: t.opt("trunk_to_trunk", p, boolean),
        drop_external_only: t.opt("drop_external_only", p, boolean),
        national_prefix: t.opt("national_prefix", p, prefix),
        international_prefix: t.opt("international_prefix", p, prefix),
        media_preservation: t.opt("media_preservation", p, |v, p| v.choice(&MEDIA_PRESERVATION, p)),
        preserved_conn_duration: t.opt("preserved_conn_duration", p, preserved),
        preserved_no_media_duration: t.opt("preserved_no_media_duration", p, preserved),
    }
}

/// PRESERVED_CONN_DURATION and PRESERVED_NO_MEDIA_DURATION: 1 to 120 minutes (RES chapter 13).
fn preserved(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(Duration::from_secs(60)..=Duration::from_secs(MAX_PRESERVED_MINUTES * 60), p)
}

pub(super) fn read_location(t: &mut Table<'_>, p: &mut Problems) -> RawLocation {
    RawLocation {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        name: t.req("name", p, name),
        emergency_ars: t.opt("emergency_ars", p, group),
        fallback_system: t.opt("fallback_system", p, name),
        site: t.opt("site", p, name),
    }
}

pub(super) fn read_time_profile(t: &mut Table<'_>, p: &mut Problems) -> RawTimeProfile {
    RawTimeProfile {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        name: t.req("name", p, name),
        spans: each(t, "spans", p, read_time_span),
    }
}

fn read_time_span(t: &mut Table<'_>, p: &mut Problems) -> RawTimeSpan {
    RawTimeSpan {
        days: t.req("days", p, days),
        from: t.req("from", p, time_of_day),
        to: t.req("to", p, time_of_day),
    }
}

/// Days as one text, or as an array of such texts.
fn days(v: &Value<'_>, p: &mut Problems) -> Option<Vec<Day>> {
    if !v.is_array() {
        return days_text(v, p);
    }
    let mut all = Vec::new();
    let mut is_good = true;
    for element in v.array(p) {
        match days_text(&element, p) {
            Some(days) => all.extend(days),
            None => is_good = false,
        }
    }
    all.sort_unstable();
    all.dedup();
    if is_good && all.is_empty() {
        p.push(Problem::error("\"days\" names no days").at(&v.place));
    }
    (is_good && !all.is_empty()).then_some(all)
}

fn days_text(v: &Value<'_>, p: &mut Problems) -> Option<Vec<Day>> {
    match parse_days(v.string(p)?) {
        Ok(days) => Some(days),
        Err(word) => {
            let help = did_you_mean(word, DAYS.map(|(name, _)| name));
            p.push(Problem::error(format!("unknown day {word:?}")).at(&v.place).maybe_help(help));
            None
        }
    }
}

fn time_of_day(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    let text = v.string(p)?;
    let time = parse_time_of_day(text);
    if time.is_none() {
        let problem = Problem::error(format!("{text:?} is no time of the day")).at(&v.place);
        p.push(problem.help("as in \"09:00\" or \"17:30\"; \"24:00\" is the end of the day"));
    }
    time
}

/// Digits in front of a number sent to a trunk.
fn prefix(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let prefix = number(v, p)?;
    let is_good = |b: &u8| b.is_ascii_digit() || matches!(b, b'*' | b'#' | b'+');
    if !prefix.is_empty() && prefix.as_bytes().iter().all(is_good) {
        return Some(prefix);
    }
    p.push(Problem::error(format!("{:?} must be digits, * # or +, and not empty", v.key)).at(&v.place));
    None
}

/// An IPv4 address with dots or, as people dial it, with `*`; kept with `*`.
fn address(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let text = v.string(p)?.replace('.', "*");
    let is_byte = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok();
    let is_address = text.split('*').count() == 4 && text.split('*').all(is_byte);
    let address = Number::new(&text).ok().filter(|_| is_address);
    if address.is_none() {
        let problem = Problem::error("an address is four numbers from 0 to 255").at(&v.place);
        p.push(problem.help("as in \"192.168.42.1\""));
    }
    address
}
