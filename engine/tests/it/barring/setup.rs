//! A network of two systems, set up at random, with numbers of all classes everywhere.

use super::{account, all_but};
use crate::support::{Build, Random, number, system};
use engine::plan::spec::CallClass::{self, International};
use engine::plan::spec::{CallClasses, Feature, ForcedAccountCode, RoomSpec, ServiceMode, SystemSpec};

pub(super) const USERS: [&str; 8] = ["201", "202", "203", "204", "301", "302", "303", "304"];
pub(super) const DIALLED: [&str; 34] = [
    "201", "202", "203", "204", "301", "302", "303", "304", "290", "390", "5", "05", "005", "*1", "*2", "*3",
    "*45", "*405", "*4005", "*112", "*5", "*61", "*75", "*700", "700", "800", "*8202", "*8005", "*85", "*90",
    "*91301", "*9177", "*92202", "*93303",
];
/// Codes that get into a call of others. Whoever uses the last one only listens, and it is dialled for that alone.
pub(super) const INTRUSIONS: [&str; 3] = ["*92", "*93", LISTEN];
pub(super) const LISTEN: &str = "*94";
/// Sent by the emergency code, and by nothing else; the other system may put a prefix before it.
pub(super) const EMERGENCY: &str = "999112";
pub(super) const ACCOUNTS: [&str; 3] = ["11", "22", "33"];
/// Sent by a code that asks for an account code, and by nothing else.
pub(super) const ASKING: &str = "6699";

/// What is forbidden.
#[derive(Clone, Copy, Default)]
pub(super) struct Rules {
    /// To 201.
    pub(super) barred: Option<CallClass>,
    pub(super) trunk_to_trunk: bool,
    /// 201 must enter an account code for external calls.
    pub(super) forced: bool,
}

/// What the account codes allow.
pub(super) fn allowances() -> [CallClasses; 3] {
    [CallClasses::NONE, CallClasses::NONE.with(International), CallClasses::ALL]
}

pub(super) fn network(r: &mut Random, rules: Rules) -> Vec<SystemSpec> {
    let mut systems: Vec<SystemSpec> = (0..2).map(|s| one_system(r, s)).collect();
    systems.iter_mut().for_each(|s| s.trunk_to_trunk = rules.trunk_to_trunk);
    if let Some(class) = rules.barred {
        systems[0].users[0].allowed = all_but(class);
    }
    if rules.forced {
        systems[0].users[0].forced_account_code = ForcedAccountCode::ExternalCalls;
    }
    systems
}

fn one_system(r: &mut Random, s: u16) -> SystemSpec {
    let own = &USERS[usize::from(s) * 4..][..4];
    let (name, group_number, room) = if s == 0 { ("a", "290", "700") } else { ("b", "390", "800") };
    let mut spec = system(name, own).trunk(2, 0).trunk(1, 1).ip_office(1 - s, 5, 7);
    spec = spec.group(group_number, &own[1..3], Some(6));
    spec.conferences.rooms =
        vec![RoomSpec { moderators: own.iter().map(|u| number(u)).collect(), ..RoomSpec::new(number(room)) }];
    spec = codes(r, spec);
    for (id, groups) in [(50, [0, 1, 7, 51]), (51, [1, 0, 7, 7])] {
        let entry = |r: &mut Random| ("?", Feature::Dial, r.pick(&[".", "0.", "00."]), r.pick(&groups));
        let entries = [entry(r), entry(r)];
        spec = spec.form(id, &entries);
    }
    spec.account_codes =
        ACCOUNTS.into_iter().zip(allowances()).map(|(code, allows)| account(code, allows)).collect();
    let group = &mut spec.hunt_groups[0];
    let modes = [ServiceMode::InService, ServiceMode::NightService, ServiceMode::OutOfService];
    group.service_mode = r.pick(&modes);
    group.night_service_fallback = number(r.pick(&DIALLED));
    group.out_of_service_fallback = number(r.pick(&DIALLED));
    for user in &mut spec.users {
        let mut maybe = |n: usize| if r.once_in(n) { number(r.pick(&DIALLED)) } else { number("") };
        user.forwarding.unconditional = maybe(4);
        user.forwarding.busy = maybe(2);
        user.forwarding.no_answer = maybe(2);
        user.follow_me_to = maybe(8);
        user.login_code = number("77");
        (user.can_intrude, user.cannot_be_intruded) = (true, false);
        user.monitor_group = number(group_number);
        if r.once_in(8) {
            user.forced_account_code = ForcedAccountCode::ExternalCalls;
        }
    }
    spec
}

fn codes(r: &mut Random, mut spec: SystemSpec) -> SystemSpec {
    for code in ["*1", "*2", "*3"] {
        spec = spec.code(code, Feature::SpeedDial, r.pick(&DIALLED), 0);
    }
    for code in ["*4N", "*6N", "5N", "0N"] {
        let telephone_number = r.pick(&[".", "N", "0N", "00N", "7N", "0.", "EN"]);
        let target = r.pick(&[0, 1, 7, 50, 51]);
        match r.below(4) {
            0 => spec = spec.code(code, Feature::BreakOut, r.pick(&["a", "b"]), 0),
            1 => spec = spec.code(code, Feature::DialExtn, "N", 0),
            _ => spec = spec.code(code, Feature::Dial, telephone_number, target),
        }
        if r.once_in(6) {
            spec.short_codes.last_mut().expect("just added").force_account_code = true;
        }
    }
    spec = spec.code("*7N", Feature::Dial, "6699N", r.pick(&[0, 1, 50]));
    spec.short_codes.last_mut().expect("just added").force_account_code = true;
    spec.code("*112", Feature::DialEmergency, EMERGENCY, 0)
        .code("?", Feature::Dial, ".", 50)
        .code("*5", Feature::OutgoingCallBarOff, "1", 0)
        .code("*8N", Feature::Transfer, "N", 0)
        .code("*90", Feature::ConferenceAdd, "", 0)
        .code("*91N", Feature::ConferenceMeetMe, "N", 0)
        .code("*92N", Feature::CallIntrude, "N", 0)
        .code("*93N", Feature::CoachingIntrusion, "N", 0)
        .code("*94N", Feature::CallListen, "N", 0)
}
