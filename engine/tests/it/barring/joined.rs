//! Calls joined by transfer and in conferences, on several systems: each way round that was ever found.

use super::{account, all_but, enter, office};
use crate::support::{Bench, Build, number, seconds, system};
use engine::id::Tag;
use engine::plan::spec::{
    CallClass::Local, CallClasses, Feature, ForcedAccountCode, RoomSpec, SystemSpec, UserSpec,
};
use engine::{Control, Input};

/// A with 201 to 203, as in `office`; B with 301 and 302, and room 800, which everybody may moderate. A trunk each.
fn two(change: impl FnOnce(&mut UserSpec)) -> Vec<SystemSpec> {
    let a = office(change).ip_office(1, 9, 7).code("?", Feature::Dial, ".", 0);
    let mut b = system("b", &["301", "302"]).trunk(4, 0).ip_office(0, 9, 7).code("?", Feature::Dial, ".", 0);
    let moderators = ["203", "301", "302"].map(number).to_vec();
    b.conferences.rooms = vec![RoomSpec { moderators, ..RoomSpec::new(number("800")) }];
    vec![a, b]
}

fn barred() -> Bench {
    Bench::new(two(|u| u.allowed = all_but(Local)))
}

fn settle(bench: &mut Bench) -> Vec<String> {
    bench.pass(seconds(0));
    bench.said()
}

/// `user` calls outside on system A as call `tag`, and the far end answers.
fn call_outside(bench: &mut Bench, user: &str, tag: u64) {
    bench.dial(user, "555", tag);
    settle(bench);
    bench.trunk_answer(0, tag);
    settle(bench);
}

#[test]
fn whom_a_call_outside_is_brought_to_over_a_line_a_barred_user_does_not_meet() {
    let mut bench = barred();
    bench.dial("301", "800", 9);
    bench.dial("202", "800", 1);
    settle(&mut bench);
    bench.hold("202", 1);
    call_outside(&mut bench, "202", 2);
    bench.transfer("202", 1, 2);
    assert!(settle(&mut bench).contains(&"0s A left 202 #1".to_owned()));
    bench.dial("201", "800", 3);
    assert!(settle(&mut bench).contains(&"0s A released #3 21".to_owned()), "the room has a local call now");
    bench.dial("203", "800", 4);
    assert!(settle(&mut bench).contains(&"0s A connected #4".to_owned()), "others may meet it");
}

#[test]
fn where_a_call_comes_after_its_transfer_is_told_to_whom_it_was_joined() {
    let mut systems = two(|u| u.allowed = all_but(Local));
    let b = systems.remove(1);
    systems.push(b.code("9N", Feature::Dial, "N", 7));
    let mut bench = Bench::new(systems);
    bench.dial("302", "203", 1);
    settle(&mut bench);
    bench.answer("203", 1);
    settle(&mut bench);
    bench.hold("302", 1);
    // The transfer is done before A has said that the call goes on to a trunk there.
    bench.dial("302", "9555", 2);
    bench.transfer("302", 1, 2);
    settle(&mut bench);
    bench.trunk_answer(0, 2);
    settle(&mut bench);
    // 203 may talk to it, and may not bring the barred 201 to it.
    bench.hold("203", 1);
    bench.dial("203", "201", 3);
    bench.answer("201", 3);
    bench.said();
    let (system, user) = bench.find("203");
    bench.handle(system, Input::Conference { user, tag: Tag(4) });
    assert_eq!(settle(&mut bench), ["0s A denied #3 calling 21"]);
}

#[test]
fn whoever_must_enter_an_account_code_is_not_transferred_to_a_call_outside_without_one() {
    let forced = |u: &mut UserSpec| u.forced_account_code = ForcedAccountCode::ExternalCalls;
    for caller in ["202", "302"] {
        let mut bench = Bench::new(two(forced));
        bench.dial(caller, "201", 1);
        settle(&mut bench);
        bench.answer("201", 1);
        settle(&mut bench);
        bench.hold(caller, 1);
        bench.dial(caller, "555", 2);
        let system = bench.find(caller).0;
        bench.trunk_answer(system, 2);
        settle(&mut bench);
        bench.transfer(caller, 1, 2);
        let denied = format!("0s {} denied #2 calling 21", crate::support::name(system));
        assert_eq!(settle(&mut bench), [denied]);
    }
}

#[test]
fn an_account_code_entered_for_one_call_is_not_good_for_another_that_it_is_transferred_to() {
    let mut spec = office(|_| {})
        .code("7N", Feature::Dial, "N", 0)
        .code("*8N", Feature::Transfer, "N", 0)
        .code("?", Feature::Dial, ".", 0);
    spec.short_codes[0].force_account_code = true;
    spec.trunk_to_trunk = true;
    spec.account_codes = vec![account("11", CallClasses::NONE)];
    // Nobody is asked when it is not the user who dials.
    spec.users[2].forwarding.unconditional = number("75");
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "75", 1);
    enter(&mut bench, "201", 1, "11");
    bench.trunk_answer(0, 1);
    bench.hold("201", 1);
    bench.said();
    bench.dial("201", "*8203", 2);
    assert!(bench.said().contains(&"0s A released #2 21".to_owned()));
}

#[test]
fn nobody_leaves_a_conference_of_another_system_to_a_phone_that_still_rings() {
    let mut bench = barred();
    bench.dial("202", "800", 1);
    settle(&mut bench);
    bench.hold("202", 1);
    bench.dial("202", "203", 2);
    settle(&mut bench);
    bench.transfer("202", 1, 2);
    assert_eq!(settle(&mut bench), ["0s A denied #2 calling 21"]);
    bench.answer("203", 2);
    bench.transfer("202", 1, 2);
    assert!(settle(&mut bench).contains(&"0s A left 202 #1".to_owned()));
}

#[test]
fn a_conference_ends_when_its_last_party_of_the_network_has_become_one_from_outside() {
    let mut bench = barred();
    bench.dial("202", "800", 1);
    bench.trunk_setup(1, 0, "800", 3);
    settle(&mut bench);
    bench.hold("202", 1);
    call_outside(&mut bench, "202", 2);
    bench.transfer("202", 1, 2);
    settle(&mut bench);
    assert_eq!(bench.systems[1].conference_usage().in_use(), 0);
    bench.expect_idle();
}

#[test]
fn a_party_whose_phone_rings_does_not_keep_callers_from_outside_together() {
    let mut bench = barred();
    bench.trunk_setup(1, 0, "800", 1);
    bench.dial("301", "800", 2);
    let call = bench.call(1, 2);
    bench.handle(
        1,
        Input::ConferenceControl { call, control: Control::Add { number: number("302"), tag: Tag(3) } },
    );
    assert_eq!(bench.systems[1].conference_usage().in_use(), 3);
    bench.hang_up("301", 2);
    assert_eq!(bench.systems[1].conference_usage().in_use(), 0);
    bench.expect_idle();
}
