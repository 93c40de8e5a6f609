//! Calls to and from guests, and the hunt groups, conferences and voicemail that come with them.

use super::{DESK, failed_over, star};
use crate::support::{Bench, Build, number, seconds};
use engine::Input;
use engine::id::{SystemId, Tag};
use engine::plan::spec::{Feature, RoomKind, RoomSpec, SystemSpec};

/// The star with a hunt group of all three users, and a system conference.
fn rich_star() -> Vec<SystemSpec> {
    let mut systems = star();
    systems[0] = systems[0].clone().group("280", &["201", "202", "203"], Some(20));
    let room = RoomSpec { kind: RoomKind::System, ..RoomSpec::new(number("290")) };
    systems[0].conferences.rooms.push(room);
    systems
        .iter_mut()
        .for_each(|system| (system.conferences.channels, system.conferences.largest) = (20, 20));
    systems
}

fn guest(bench: &Bench, extension: &str) -> engine::id::UserId {
    let (home, user) = bench.find(extension);
    bench.systems[1].plan().local_user(SystemId(home as u16), user).expect("a guest")
}

#[test]
fn calls_from_everywhere_reach_a_user_at_the_backup() {
    let mut bench = failed_over(rich_star());
    assert_eq!(bench.attempt("301", "201"), "ring 201");
    assert_eq!(bench.attempt("401", "201"), "ring 201");
    assert_eq!(bench.attempt("401", "202"), "released 20", "its phone has not come");
    let (user, tag) = (guest(&bench, "201"), Tag(9));
    bench.handle(1, Input::Dial { user, number: number("401"), tag });
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("C ring 401 #9"), "{said}");
}

#[test]
fn a_guest_dials_with_its_own_short_codes_over_the_lines_of_the_backup() {
    let mut systems = rich_star();
    let own = crate::support::short_code("7", Feature::DialExtn, "401", 0);
    let out = crate::support::short_code("8N;", Feature::Dial, "N", 5);
    systems[0] = systems[0].clone().trunk(2, 5).with_user("201", |user| user.short_codes = vec![own, out]);
    systems[1] = systems[1].clone().trunk(2, 5);
    let mut bench = failed_over(systems);
    let (user, tag) = (guest(&bench, "201"), Tag(9));
    bench.handle(1, Input::Dial { user, number: number("7"), tag });
    bench.pass(seconds(0));
    assert!(bench.said().join("\n").contains("C ring 401 #9"));
    let call = bench.call(1, 9);
    bench.handle(1, Input::HangUp { user, call });
    bench.handle(1, Input::Dial { user, number: number("8123"), tag: Tag(10) });
    let said = bench.said().join("\n");
    assert!(said.contains("B trunk set-up 3.0 #10 201>123"), "{said}");
}

#[test]
fn hunt_groups_ring_at_the_members_that_have_come() {
    let mut bench = failed_over(rich_star());
    assert_eq!(bench.attempt("401", "280"), "ring 201");
    bench.register("202", engine::plan::spec::PhoneModel::H9600, 1);
    bench.dial("401", "280", 1);
    bench.pass(seconds(21));
    let said = bench.said().join("\n");
    assert!(said.contains("ring 201 #1") && said.contains("ring 202 #1"), "{said}");
}

#[test]
fn hunt_groups_and_conferences_stay_at_home_until_a_desk_phone_has_come() {
    let mut bench = super::without_primary(rich_star());
    bench.pass(seconds(200));
    assert_eq!(bench.attempt("301", "280"), "released 27");
    assert_eq!(bench.attempt("301", "290"), "released 27");
    bench.register("201", DESK, 1);
    assert_eq!(bench.attempt("301", "290"), "conference, connected, beep 0 Entry");
    assert_eq!(bench.attempt("401", "290"), "conference, beep 0 Entry, connected");
}

#[test]
fn a_running_conference_stays_and_a_new_one_begins_at_home() {
    let mut bench = failed_over(rich_star());
    bench.dial("301", "290", 1);
    bench.pass(seconds(10));
    bench.start(0, 1);
    bench.pass(seconds(300));
    bench.dial("401", "290", 2);
    bench.pass(seconds(0));
    assert_eq!((in_conference(&bench, 0), in_conference(&bench, 1)), (0, 2), "still within ten minutes");
    bench.hang_up("401", 2);
    bench.pass(seconds(400));
    bench.dial("401", "290", 3);
    bench.pass(seconds(0));
    assert_eq!((in_conference(&bench, 0), in_conference(&bench, 1)), (1, 1));
}

fn in_conference(bench: &Bench, system: usize) -> u32 {
    bench.systems[system].conference_usage().in_use()
}

#[test]
fn twinning_serves_a_user_only_when_the_phone_has_registered_with_the_backup() {
    let mut systems = rich_star();
    systems[0] = systems[0].clone().with_user("202", |user| user.fallback_twinning = number("401"));
    let mut bench = failed_over(systems);
    assert_eq!(bench.attempt("301", "202"), "released 20", "not while the phone has never come");
    bench.register("202", engine::plan::spec::PhoneModel::H9600, 1);
    assert_eq!(bench.attempt("301", "202"), "ring 202");
    bench.unregister("202", engine::plan::spec::PhoneModel::H9600, 1, engine::network::Leaves::Silently);
    assert_eq!(bench.attempt("301", "202"), "ring 401");
}

#[test]
fn nothing_is_heard_of_a_guest_and_its_call_ends() {
    let mut bench = failed_over(rich_star());
    bench.dial("401", "201", 1);
    bench.pass(seconds(1));
    let (user, call) = (guest(&bench, "201"), bench.call(1, 1));
    bench.handle(1, Input::Answer { user, call });
    bench.pass(seconds(1));
    bench.said();
    bench.unregister("201", DESK, 1, engine::network::Leaves::Silently);
    let said = bench.said().join("\n");
    assert!(said.contains("C released #1 38"), "{said}");
}
