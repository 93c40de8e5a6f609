//! Users and what applies to them: user rights, account codes.

use super::each;
use super::field::{
    boolean, call_classes, digits, extension, extensions, forced_account_code, name, no_answer_time, number,
    number_list, priority,
};
use super::media::{RawEndpoint, read_phone};
use super::routing::{RawShortCode, read_inner_code};
use super::sip::password;
use crate::text::{At, NumberList, Place, Problem, Problems, Table, Value};
use engine::limits::MAX_DIGITS;
use engine::number::Number;
use engine::plan::spec::{CallClasses, ForcedAccountCode, PhoneModel};
use engine::time::Duration;

/// Wrap-up time and after-call work (DOMAIN 4.1).
const WRAP_UP_TIME: Duration = Duration::from_secs(99_999);

/// RES "Supported Telephones".
const PHONE_MODELS: [(&str, PhoneModel); 7] = [
    ("9600", PhoneModel::H9600),
    ("1600", PhoneModel::H1600),
    ("j100", PhoneModel::J100),
    ("sip", PhoneModel::OtherSip),
    ("workplace", PhoneModel::Workplace),
    ("webrtc", PhoneModel::WebRtc),
    ("dect", PhoneModel::Dect),
];

/// What both users and user rights say about calls that are allowed.
pub(in crate::solution) struct RawBarring {
    pub(in crate::solution) priority: Option<At<u64>>,
    pub(in crate::solution) outgoing_call_bar: Option<At<bool>>,
    pub(in crate::solution) allowed: Option<At<CallClasses>>,
    pub(in crate::solution) forced_account_code: Option<At<ForcedAccountCode>>,
    pub(in crate::solution) short_codes: Vec<RawShortCode>,
}

pub(in crate::solution) struct RawUsers {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) extensions: Option<At<NumberList>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) rights: Option<At<String>>,
    pub(in crate::solution) barring: RawBarring,
    pub(in crate::solution) password: Option<At<String>>,
    pub(in crate::solution) login_code: Option<At<Number>>,
    pub(in crate::solution) logged_in: Option<At<bool>>,
    pub(in crate::solution) do_not_disturb: Option<At<bool>>,
    pub(in crate::solution) do_not_disturb_exceptions: Option<At<NumberList>>,
    pub(in crate::solution) follow_me_to: Option<At<Number>>,
    pub(in crate::solution) forward_unconditional: Option<At<Number>>,
    pub(in crate::solution) forward_hunt_group_calls: Option<At<bool>>,
    pub(in crate::solution) forward_on_busy: Option<At<Number>>,
    pub(in crate::solution) forward_on_no_answer: Option<At<Number>>,
    pub(in crate::solution) no_answer_time: Option<At<Duration>>,
    pub(in crate::solution) wrap_up_time: Option<At<Duration>>,
    pub(in crate::solution) after_call_work: Option<At<Duration>>,
    pub(in crate::solution) call_waiting: Option<At<bool>>,
    pub(in crate::solution) fallback_twinning: Option<At<Number>>,
    pub(in crate::solution) location: Option<At<String>>,
    pub(in crate::solution) voicemail: Option<At<bool>>,
    pub(in crate::solution) record_calls: Option<At<bool>>,
    pub(in crate::solution) endpoint: RawEndpoint,
    pub(in crate::solution) conference_pin: Option<At<Number>>,
    pub(in crate::solution) can_intrude: Option<At<bool>>,
    pub(in crate::solution) cannot_be_intruded: Option<At<bool>>,
    pub(in crate::solution) monitor_group: Option<At<Number>>,
    pub(in crate::solution) phone_model: Option<At<PhoneModel>>,
    pub(in crate::solution) simultaneous: Option<At<bool>>,
    pub(in crate::solution) base_station: Option<At<String>>,
    pub(in crate::solution) portal: Option<At<bool>>,
}

pub(in crate::solution) struct RawUserRights {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) barring: RawBarring,
}

pub(in crate::solution) struct RawAccountCode {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) code: Option<At<String>>,
    pub(in crate::solution) allows: Option<At<CallClasses>>,
}

pub(super) fn read_users(t: &mut Table<'_>, p: &mut Problems) -> RawUsers {
    RawUsers {
        place: t.place().clone(),
        system: t.req("system", p, name),
        extensions: t.req("extensions", p, extensions),
        name: t.opt("name", p, name),
        rights: t.opt("rights", p, name),
        barring: read_barring(t, p),
        password: t.opt("password", p, password),
        login_code: t.opt("login_code", p, digits),
        logged_in: t.opt("logged_in", p, boolean),
        do_not_disturb: t.opt("do_not_disturb", p, boolean),
        do_not_disturb_exceptions: t.opt("do_not_disturb_exceptions", p, number_list),
        follow_me_to: t.opt("follow_me_to", p, extension),
        forward_unconditional: t.opt("forward_unconditional", p, number),
        forward_hunt_group_calls: t.opt("forward_hunt_group_calls", p, boolean),
        forward_on_busy: t.opt("forward_on_busy", p, number),
        forward_on_no_answer: t.opt("forward_on_no_answer", p, number),
        no_answer_time: t.opt("no_answer_time", p, no_answer_time),
        wrap_up_time: t.opt("wrap_up_time", p, wrap_up_time),
        after_call_work: t.opt("after_call_work", p, wrap_up_time),
        call_waiting: t.opt("call_waiting", p, boolean),
        fallback_twinning: t.opt("fallback_twinning", p, number),
        location: t.opt("location", p, name),
        voicemail: t.opt("voicemail", p, boolean),
        record_calls: t.opt("record_calls", p, boolean),
        endpoint: read_phone(t, p),
        conference_pin: t.opt("conference_pin", p, digits),
        can_intrude: t.opt("can_intrude", p, boolean),
        cannot_be_intruded: t.opt("cannot_be_intruded", p, boolean),
        monitor_group: t.opt("monitor_group", p, number),
        phone_model: t.opt("phone_model", p, |v, p| v.choice(&PHONE_MODELS, p)),
        simultaneous: t.opt("simultaneous", p, boolean),
        base_station: t.opt("base_station", p, name),
        portal: t.opt("portal", p, boolean),
    }
}

pub(super) fn read_user_rights(t: &mut Table<'_>, p: &mut Problems) -> RawUserRights {
    RawUserRights {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        name: t.req("name", p, name),
        barring: read_barring(t, p),
    }
}

fn read_barring(t: &mut Table<'_>, p: &mut Problems) -> RawBarring {
    RawBarring {
        priority: t.opt("priority", p, priority),
        outgoing_call_bar: t.opt("outgoing_call_bar", p, boolean),
        allowed: t.opt("allowed", p, call_classes),
        forced_account_code: t.opt("forced_account_code", p, forced_account_code),
        short_codes: each(t, "short_codes", p, read_inner_code),
    }
}

pub(super) fn read_account_code(t: &mut Table<'_>, p: &mut Problems) -> RawAccountCode {
    RawAccountCode {
        place: t.place().clone(),
        system: t.opt("system", p, name),
        code: t.req("code", p, account_code),
        allows: t.opt("allows", p, call_classes),
    }
}

fn account_code(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    let is_good = |c: char| c.is_ascii_digit() || c == '?';
    if (1..=MAX_DIGITS).contains(&text.chars().count()) && text.chars().all(is_good) {
        return Some(text.to_owned());
    }
    let message = format!("an account code is 1 to {MAX_DIGITS} digits, with ? for any one digit");
    p.push(Problem::error(message).at(&v.place));
    None
}

fn wrap_up_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(Duration::ZERO..=WRAP_UP_TIME, p)
}
