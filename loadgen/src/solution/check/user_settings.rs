//! What is set for all users of one entry.

use super::super::model::Platform;
use super::super::raw::RawUsers;
use super::reference::{check_location, check_user_rights};
use super::{codes, media};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::number::Number;
use engine::plan::spec::{
    CallClasses, EndpointKind, ForcedAccountCode, ForwardingSpec, NetworkSpec, PhoneModel, UserSpec,
};
use engine::time::Duration;

/// Most short codes of one user; every user of the entry has a copy of them.
const MAX_SHORT_CODES: usize = 100;
/// Most numbers whose calls pass a user's do not disturb, likewise.
const MAX_EXCEPTIONS: usize = 100;
/// Wrap-up time of a user (DOMAIN 4.1).
const WRAP_UP_TIME: Duration = Duration::from_secs(2);
/// Priority of a user (DOMAIN 3.2).
const PRIORITY: u8 = 5;

/// A user with these settings, and no number yet.
pub(super) fn of(
    users: &RawUsers,
    system: SystemId,
    platform: Platform,
    network: &NetworkSpec,
    p: &mut Problems,
) -> UserSpec {
    check_user_rights(users.rights.as_ref(), &[system], network, p);
    check_location(users.location.as_ref(), &[system], network, p);
    check_hunt_group_calls(users, p);
    let barring = &users.barring;
    if let Some(excess) = barring.short_codes.get(MAX_SHORT_CODES) {
        report_count(barring.short_codes.len(), "short codes", MAX_SHORT_CODES, &excess.place, p);
    }
    let short_codes = &barring.short_codes[..barring.short_codes.len().min(MAX_SHORT_CODES)];
    let number = |at: &Option<At<Number>>| at.as_ref().map_or(Number::EMPTY, |at| at.value);
    let is = |at: &Option<At<bool>>, default| at.as_ref().map_or(default, |at| at.value);
    let name = |at: &Option<At<String>>| at.as_ref().map(|at| at.value.clone());
    let endpoint = media::phone(&users.endpoint, platform, p);
    UserSpec {
        rights: name(&users.rights),
        priority: barring.priority.as_ref().map_or(PRIORITY, |priority| priority.value as u8),
        short_codes: codes::specs(short_codes),
        outgoing_call_bar: is(&barring.outgoing_call_bar, false),
        allowed: barring.allowed.as_ref().map_or(CallClasses::ALL, |allowed| allowed.value),
        forced_account_code: barring
            .forced_account_code
            .as_ref()
            .map_or(ForcedAccountCode::No, |forced| forced.value),
        login_code: number(&users.login_code),
        logged_in: is(&users.logged_in, true),
        do_not_disturb: is(&users.do_not_disturb, false),
        do_not_disturb_exceptions: exceptions(users, p),
        follow_me_to: number(&users.follow_me_to),
        forwarding: ForwardingSpec {
            unconditional: number(&users.forward_unconditional),
            hunt_group_calls: is(&users.forward_hunt_group_calls, false),
            busy: number(&users.forward_on_busy),
            no_answer: number(&users.forward_on_no_answer),
        },
        no_answer_time: users.no_answer_time.as_ref().map(|time| time.value),
        wrap_up_time: users.wrap_up_time.as_ref().map_or(WRAP_UP_TIME, |time| time.value),
        after_call_work: users.after_call_work.as_ref().map(|time| time.value),
        call_waiting: is(&users.call_waiting, false),
        fallback_twinning: number(&users.fallback_twinning),
        location: name(&users.location),
        voicemail: is(&users.voicemail, true),
        record_calls: is(&users.record_calls, false),
        conference_pin: number(&users.conference_pin),
        can_intrude: is(&users.can_intrude, false),
        cannot_be_intruded: is(&users.cannot_be_intruded, true),
        monitor_group: number(&users.monitor_group),
        simultaneous: is(&users.simultaneous, false),
        phone: match (endpoint.kind, &users.phone_model) {
            (EndpointKind::Tdm, _) => PhoneModel::Wired,
            (EndpointKind::Ip, Some(model)) => model.value,
            (EndpointKind::Ip, None) => PhoneModel::default(),
        },
        endpoint,
        ..UserSpec::new(Number::EMPTY)
    }
}

fn check_hunt_group_calls(users: &RawUsers, p: &mut Problems) {
    if let (Some(on), None) = (&users.forward_hunt_group_calls, &users.forward_unconditional)
        && on.value
    {
        let problem = Problem::warning("there is no number to forward hunt group calls to").at(&on.place);
        p.push(problem.help("add forward_unconditional = \"NUMBER\"").consequence());
    }
}

fn exceptions(users: &RawUsers, p: &mut Problems) -> Vec<Number> {
    let Some(list) = &users.do_not_disturb_exceptions else { return Vec::new() };
    if list.value.len() > MAX_EXCEPTIONS {
        report_count(list.value.len(), "exceptions", MAX_EXCEPTIONS, &list.place, p);
    }
    list.value.iter().take(MAX_EXCEPTIONS).collect()
}

fn report_count(count: usize, what: &str, most: usize, place: &Place, p: &mut Problems) {
    p.push(Problem::error(format!("{count} {what}, but a user has at most {most}")).at(place));
}
