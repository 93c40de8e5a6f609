//! Calls that come to a conference by a way round: from a conference, after a transfer, from the user's own other call.

use crate::support::{Bench, Build, number, seconds, system};
use engine::id::Tag;
use engine::plan::spec::{Feature, RoomSpec, SystemSpec};
use engine::{Control, Input, Role};

/// Room 700, moderated by 201; 203 forwards what is not answered there.
fn office() -> SystemSpec {
    let mut spec = system("office", &["201", "202", "203", "204"])
        .trunk(4, 0)
        .icr(None, "", "202")
        .code("*7N", Feature::ConferenceMeetMe, "N", 0)
        .code("*8N", Feature::DialExtn, "N", 0)
        .with_user("203", |u| u.forwarding.no_answer = number("700"))
        .with_user("204", |u| u.forwarding.unconditional = number("700"));
    spec.conferences.rooms =
        vec![RoomSpec { moderators: vec![number("201")], ..RoomSpec::new(number("700")) }];
    spec
}

fn add(bench: &mut Bench, by: u64, to: &str, tag: u64) {
    let call = bench.call(0, by);
    let control = Control::Add { number: number(to), tag: Tag(tag) };
    bench.handle(0, Input::ConferenceControl { call, control });
}

fn parties(bench: &Bench, tag: u64) -> Vec<Role> {
    let list = bench.systems[0].roster(bench.call(0, tag)).unwrap_or_default();
    list.iter().map(|party| party.role).collect()
}

#[test]
fn a_conference_is_not_joined_to_itself_or_another() {
    for (n, to) in ["700", "*7700", "*8700", "204", "*7201", "*7999"].into_iter().enumerate() {
        let mut bench = Bench::new(vec![office()]);
        bench.dial("201", "700", 1);
        bench.said();
        add(&mut bench, 1, to, 2);
        let said = bench.said();
        assert!(
            said.iter().any(|line| line.contains("smdr #2") && line.ends_with("System 21")),
            "{n}: {said:?}"
        );
        assert_eq!(parties(&bench, 1), [Role::Moderator], "{to}");
        assert_eq!(bench.systems[0].conference_usage().in_use(), 1, "{to}");
        bench.hang_up("201", 1);
        bench.expect_idle();
    }
}

#[test]
fn a_call_transferred_while_it_rang_and_forwarded_to_a_room_brings_its_caller_there() {
    let mut bench = Bench::new(vec![office()]);
    bench.trunk_setup(0, 0, "5", 1);
    bench.answer("202", 1);
    bench.hold("202", 1);
    bench.dial("202", "203", 2);
    bench.transfer("202", 1, 2);
    bench.said();
    bench.pass(seconds(15));
    bench.expect(
        "15s A stop ringing 203 #2
         15s A smdr #2 202>203>700 ->203 rang 15s unanswered System 16
         15s A beep 0 Entry",
    );
    assert_eq!(parties(&bench, 1), [Role::Participant]);
    bench.trunk_release(0, 1, 16);
    bench.expect("15s A smdr #1 0700>5>202 1.0>202 rang 0s talked 15s Caller 16");
    bench.expect_idle();
}

#[test]
fn a_moderator_who_was_transferred_to_the_room_moderates_it() {
    let mut bench = Bench::new(vec![office()]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    bench.hold("202", 1);
    bench.dial("202", "203", 2);
    bench.transfer("202", 1, 2);
    bench.pass(seconds(15));
    assert_eq!(parties(&bench, 1), [Role::Moderator]);
    bench.hang_up("201", 1);
    bench.said();
    bench.expect_idle();
}

/// 201 talks to 202, who transfers 201 to a group at which 201, with call waiting, sees the call and takes it.
fn at_both_ends() -> Bench {
    let spec = office()
        .group("300", &["201"], None)
        .with_group(|g| g.ring_mode = engine::plan::spec::RingMode::CollectiveCallWaiting)
        .with_user("201", |u| u.call_waiting = true);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "202", 1);
    bench.answer("202", 1);
    bench.hold("201", 1);
    bench.hold("202", 1);
    bench.dial("202", "300", 2);
    bench.answer("201", 2);
    bench.said();
    bench
}

#[test]
fn whoever_is_at_both_ends_of_joined_calls_cannot_join_them_again() {
    let mut bench = at_both_ends();
    bench.transfer("202", 1, 2);
    bench.said();
    let before = bench.systems[0].stats().unexpected;
    bench.transfer("201", 1, 2);
    assert_eq!(bench.said(), Vec::<String>::new());
    assert_eq!(bench.systems[0].stats().unexpected, before + 1);
    let (_, user) = bench.find("201");
    bench.handle(0, Input::Conference { user, tag: Tag(9) });
    bench.expect("0s A denied #2 called 21");
    bench.hang_up("201", 2);
    bench.said();
    bench.expect_idle();
}
