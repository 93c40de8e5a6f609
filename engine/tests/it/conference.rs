//! Conferences (RC chapter 8, DOMAIN 6): slots, PINs, music, controls, and who is left when somebody goes.

use crate::support::{Bench, Build, number, seconds, system};
use engine::id::{LineId, Tag, UserId};
use engine::plan::spec::{
    CallClass, CallClasses, ConferencesSpec, Feature, ForcedAccountCode, LineKind, LineSpec, RoomSpec,
    SystemSpec,
};
use engine::{CallFacts, ConferencePresence, Control, Input, Role, Switch, Whom};

fn room(text: &str) -> RoomSpec {
    RoomSpec::new(number(text))
}

/// Users 201-209, eight channels to the outside, room 700 for anybody.
fn office(change: impl FnOnce(&mut RoomSpec)) -> SystemSpec {
    let mut spec =
        system("office", &["201", "202", "203", "204", "205", "206", "207", "208", "209"]).trunk(8, 0);
    let mut own = room("700");
    change(&mut own);
    spec.conferences.rooms = vec![own];
    // Where conferences are recorded.
    spec.voicemail.channels = 4;
    spec.icr(None, "", "700").code("*1N", Feature::ConferenceMeetMe, "N", 0).code("?", Feature::Dial, ".", 0)
}

fn slots(bench: &Bench) -> u32 {
    bench.systems[0].conference_usage().in_use()
}

fn control(bench: &mut Bench, tag: u64, control: Control) {
    let call = bench.call(0, tag);
    bench.handle(0, Input::ConferenceControl { call, control });
}

fn enter_pin(bench: &mut Bench, tag: u64, pin: &str) {
    let call = bench.call(0, tag);
    bench.handle(0, Input::ConferencePin { call, pin: number(pin) });
}

fn confer(bench: &mut Bench, user: &str, tag: u64) {
    let (system, user) = bench.find(user);
    bench.handle(system, Input::Conference { user, tag: Tag(tag) });
}

fn talk(bench: &mut Bench, from: &str, to: &str, tag: u64) {
    bench.dial(from, to, tag);
    bench.pass(seconds(0));
    bench.answer(to, tag);
    bench.pass(seconds(0));
}

/// Roles, and who is muted or only invited: `M p- p? p`.
fn roster(bench: &Bench, tag: u64) -> String {
    let list = bench.systems[0].roster(bench.call(0, tag)).expect("a party of a conference");
    let words = list.iter().map(|p| {
        let role = if p.role == Role::Moderator { "M" } else { "p" };
        let presence = if p.presence == ConferencePresence::Invited { "?" } else { "" };
        format!("{role}{presence}{}", if p.muted { "-" } else { "" })
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn whoever_calls_a_room_is_in_it_and_each_party_takes_a_slot() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("201", "700", 1);
    bench.expect(
        "0s A accepted #1
         0s A conference #1
         0s A connected #1
         0s A beep 0 Entry",
    );
    bench.trunk_setup(0, 0, "5", 2);
    assert_eq!((slots(&bench), bench.systems[0].free_channels(LineId(0))), (2, 7));
    bench.said();
    bench.hang_up("201", 1);
    bench.expect(
        "0s A beep 0 Exit
         0s A released #2 16
         0s A smdr #2 0700>5>700 1.0>- rang 0s talked 0s Callee 16
         0s A smdr #1 201>700>700 201>- rang 0s talked 0s Caller 16",
    );
    bench.expect_idle();
}

#[test]
fn parties_from_outside_stay_if_the_setting_lets_them() {
    let mut spec = office(|_| {});
    spec.conferences.drop_external_only = false;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "700", 1);
    bench.trunk_setup(0, 0, "5", 2);
    bench.trunk_setup(0, 0, "5", 3);
    bench.hang_up("201", 1);
    assert_eq!(slots(&bench), 2, "incoming callers go on");
    bench.trunk_release(0, 2, 16);
    bench.trunk_release(0, 3, 16);
    bench.expect_idle();
}

#[test]
fn a_full_pool_refuses_and_harms_nobody() {
    let mut spec = office(|_| {});
    spec.conferences = ConferencesSpec { channels: 3, largest: 3, ..spec.conferences };
    let mut bench = Bench::new(vec![spec]);
    for (tag, user) in (1..).zip(["201", "202", "203"]) {
        bench.dial(user, "700", tag);
    }
    bench.said();
    bench.dial("204", "700", 4);
    bench.expect(
        "0s A accepted #4
         0s A released #4 47 short of conference slots
         0s A smdr #4 204>700>700 204>- rang 0s unanswered System 47",
    );
    bench.dial("205", "*19", 5);
    assert!(bench.said().contains(&"0s A released #5 47 short of conference slots".to_owned()));
    assert_eq!((slots(&bench), bench.systems[0].conference_usage().blocked), (3, 2));
    assert_eq!(roster(&bench, 1), "p p p");
}

#[test]
fn three_parties_and_a_recording_are_four_slots() {
    let mut spec = office(|_| {});
    spec.conferences.largest = 4;
    let mut bench = Bench::new(vec![spec]);
    for (tag, user) in (1..).zip(["201", "202", "203"]) {
        bench.dial(user, "700", tag);
    }
    control(&mut bench, 1, Control::Record(Switch::On));
    assert_eq!(slots(&bench), 4);
    bench.dial("204", "700", 4);
    assert_eq!(slots(&bench), 4, "no room for a fourth party");
    control(&mut bench, 1, Control::Record(Switch::Off));
    bench.dial("204", "700", 5);
    assert_eq!(slots(&bench), 4);
    bench.said();
    control(&mut bench, 1, Control::Record(Switch::On));
    bench.expect("0s A denied #1 calling 47 short of conference slots");
    for (tag, user) in [(1, "201"), (2, "202"), (3, "203"), (5, "204")] {
        bench.hang_up(user, tag);
    }
    bench.expect_idle();
}

#[test]
fn a_recording_ends_with_the_conference() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("201", "700", 1);
    control(&mut bench, 1, Control::Record(Switch::On));
    assert_eq!(slots(&bench), 2);
    bench.hang_up("201", 1);
    bench.expect_idle();
}

#[test]
fn at_most_two_analog_trunks_in_one_conference() {
    let mut spec = office(|_| {});
    for n in 10..14 {
        spec.lines.push(LineSpec {
            incoming_group: 9,
            outgoing_group: 9,
            ..LineSpec::new(n, LineKind::Analog)
        });
    }
    let mut bench = Bench::new(vec![spec]);
    for line in 1..=3 {
        bench.trunk_setup(0, line, "5", u64::from(line));
    }
    let said = bench.said();
    assert!(said.contains(&"0s A released #3 47".to_owned()), "{said:?}");
    assert_eq!(slots(&bench), 2);
    bench.dial("201", "*19", 4);
    bench.trunk_setup(0, 0, "5", 5);
    assert_eq!(slots(&bench), 4, "digital trunks and users are welcome");
}

#[test]
fn a_pin_lets_in_and_a_wrong_one_does_not() {
    let with_pins = |r: &mut RoomSpec| {
        r.pin = number("11");
        r.moderator_pin = number("22");
    };
    let mut bench = Bench::new(vec![office(with_pins)]);
    bench.trunk_setup(0, 0, "5", 1);
    bench.expect(
        "0s A accepted #1
         0s A tone conference PIN #1",
    );
    enter_pin(&mut bench, 1, "12");
    bench.expect("0s A tone conference PIN #1");
    enter_pin(&mut bench, 1, "22");
    enter_pin(&mut bench, 1, "22");
    assert_eq!(bench.systems[0].stats().unexpected, 1, "nobody asks twice");
    bench.dial("201", "700", 2);
    enter_pin(&mut bench, 2, "11");
    assert_eq!(roster(&bench, 1), "M p");
    bench.dial("202", "700", 3);
    bench.said();
    for _ in 0..3 {
        enter_pin(&mut bench, 3, "");
    }
    assert!(bench.said().contains(&"0s A released #3 21".to_owned()));
    bench.dial("203", "700", 4);
    bench.said();
    bench.pass(seconds(60));
    assert!(bench.said().contains(&"30s A released #4 21".to_owned()), "who enters none is released");
    assert_eq!(slots(&bench), 2);
}

#[test]
fn music_plays_until_the_owner_joins_and_when_the_owner_drops() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("202", "*1201", 1);
    bench.said();
    bench.dial("203", "*1201", 2);
    bench.expect(
        "0s A accepted #2
         0s A conference #2
         0s A connected #2
         0s A beep 0 Entry
         0s A music on #2 calling",
    );
    bench.dial("201", "*1201", 3);
    bench.expect(
        "0s A accepted #3
         0s A conference #3
         0s A connected #3
         0s A beep 0 Entry
         0s A music off #1 calling
         0s A music off #2 calling",
    );
    assert_eq!(roster(&bench, 3), "p p M");
    bench.hang_up("201", 3);
    let said = bench.said();
    assert_eq!(said[..3], ["0s A beep 0 Exit", "0s A music on #1 calling", "0s A music on #2 calling"]);
}

#[test]
fn with_continuation_a_conference_goes_on_without_its_moderator() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("201", "*1201", 1);
    bench.dial("202", "*1201", 2);
    control(&mut bench, 1, Control::Continuation(Switch::On));
    bench.said();
    bench.hang_up("201", 1);
    assert!(!bench.said().iter().any(|line| line.contains("music")));
    assert_eq!(slots(&bench), 1);
}

#[test]
fn moderators_control_and_participants_only_see_and_drop() {
    let moderated = |r: &mut RoomSpec| r.moderators = vec![number("201")];
    let mut bench = Bench::new(vec![office(moderated)]);
    bench.dial("201", "700", 1);
    bench.dial("202", "700", 2);
    bench.trunk_setup(0, 0, "5", 3);
    let second = bench.call(0, 2);
    bench.said();
    for forbidden in [
        Control::Mute(Whom::All),
        Control::Mute(Whom::One(second)),
        Control::Unmute(Whom::All),
        Control::Add { number: number("204"), tag: Tag(9) },
        Control::End,
        Control::Lecture(Switch::On),
        Control::EntryTones(Switch::Off),
        Control::Continuation(Switch::On),
        Control::Lock(Switch::On),
    ] {
        control(&mut bench, 2, forbidden);
        bench.expect("0s A denied #2 calling 21");
    }
    control(&mut bench, 3, Control::Drop(second));
    bench.expect("0s A denied #3 calling 21");
    control(&mut bench, 1, Control::Mute(Whom::All));
    assert_eq!(roster(&bench, 3), "M p- p-");
    control(&mut bench, 1, Control::Unmute(Whom::One(second)));
    assert_eq!(roster(&bench, 3), "M p p-");
    control(&mut bench, 1, Control::Unmute(Whom::All));
    control(&mut bench, 1, Control::Lecture(Switch::On));
    bench.dial("203", "700", 4);
    assert_eq!(roster(&bench, 3), "M p- p- p-");
    control(&mut bench, 1, Control::Lecture(Switch::Off));
    control(&mut bench, 1, Control::EntryTones(Switch::Off));
    bench.said();
    let third = bench.call(0, 3);
    control(&mut bench, 2, Control::Drop(third));
    assert_eq!(
        bench.said()[0],
        "0s A released #3 16",
        "any internal party may drop others, and no beep sounds"
    );
    control(&mut bench, 1, Control::Lock(Switch::On));
    bench.dial("205", "700", 5);
    assert!(bench.said().contains(&"0s A released #5 21".to_owned()));
    control(&mut bench, 1, Control::Lock(Switch::Off));
    bench.dial("205", "700", 6);
    assert_eq!(roster(&bench, 6), "M p p p");
    control(&mut bench, 1, Control::End);
    bench.expect_idle();
}

#[test]
fn a_moderator_adds_a_party_whose_slot_is_kept_while_it_rings() {
    let mut spec = office(|r| r.moderators = vec![number("201")]);
    spec.conferences.channels = 2;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "700", 1);
    bench.said();
    control(&mut bench, 1, Control::Add { number: number("202"), tag: Tag(2) });
    bench.expect(
        "0s A accepted #2
         0s A ring 202 #2",
    );
    assert_eq!((roster(&bench, 1), slots(&bench)), ("M p?".to_owned(), 2));
    bench.dial("203", "700", 3);
    assert!(bench.said().contains(&"0s A released #3 47 short of conference slots".to_owned()));
    bench.answer("202", 2);
    bench.expect("0s A beep 0 Entry");
    assert_eq!(roster(&bench, 1), "M p");
    bench.hang_up("202", 2);
    control(&mut bench, 1, Control::Add { number: number("204"), tag: Tag(4) });
    bench.pass(seconds(20));
    assert_eq!(slots(&bench), 1, "who does not answer takes no slot any more");
    control(&mut bench, 1, Control::Add { number: number("0555"), tag: Tag(5) });
    bench.trunk_answer(0, 5);
    bench.said();
    bench.hang_up("201", 1);
    assert!(bench.said().contains(&"20s A trunk release 1.0 #5 16".to_owned()));
    bench.expect_idle();
}

#[test]
fn a_user_makes_a_conference_of_the_calls_at_hand() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    talk(&mut bench, "201", "202", 1);
    bench.hold("201", 1);
    bench.dial("201", "0555", 2);
    bench.trunk_answer(0, 2);
    bench.said();
    confer(&mut bench, "201", 3);
    bench.expect(
        "0s A accepted #3
         0s A music off #1 called
         0s A left 201 #1
         0s A beep 0 Entry
         0s A left 201 #2
         0s A beep 0 Entry
         0s A connected #3
         0s A beep 0 Entry",
    );
    assert_eq!((roster(&bench, 3), slots(&bench)), ("p p p".to_owned(), 3));
    // One more is added, and the conference goes on without its maker.
    bench.hold("201", 3);
    talk(&mut bench, "201", "203", 4);
    bench.said();
    confer(&mut bench, "201", 5);
    bench.expect(
        "0s A left 201 #4
         0s A beep 0 Entry",
    );
    assert_eq!(bench.systems[0].held_calls(UserId(0)), []);
    bench.dial("204", "*1100", 6);
    assert!(bench.said().contains(&"0s A released #6 21".to_owned()), "an ad hoc conference has no door");
    bench.hang_up("201", 3);
    assert_eq!(slots(&bench), 3);
    bench.hang_up("202", 1);
    bench.said();
    bench.hang_up("203", 4);
    assert!(
        bench.said().contains(&"0s A trunk release 1.0 #2 16".to_owned()),
        "nobody of the network is left"
    );
    bench.expect_idle();
}

#[test]
fn an_ad_hoc_conference_that_finds_no_slots_leaves_the_calls_as_they_are() {
    let mut spec = office(|_| {});
    spec.conferences.channels = 2;
    let mut bench = Bench::new(vec![spec]);
    talk(&mut bench, "201", "202", 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "203", 2);
    bench.said();
    confer(&mut bench, "201", 3);
    bench.expect("0s A denied #2 calling 47 short of conference slots");
    bench.hang_up("201", 2);
    bench.retrieve("201", 1);
    bench.hang_up("201", 1);
    bench.expect_idle();
}

#[test]
fn a_conference_with_one_party_left_is_over_if_it_was_ad_hoc() {
    let spec = office(|_| {}).code("*2", Feature::ConferenceAdd, "", 0);
    let mut bench = Bench::new(vec![spec]);
    talk(&mut bench, "201", "202", 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "203", 2);
    bench.hold("201", 2);
    bench.dial("201", "*2", 3);
    assert_eq!(roster(&bench, 3), "p p p");
    bench.hang_up("202", 1);
    bench.hang_up("203", 2);
    bench.expect_idle();
    bench.dial("204", "700", 4);
    assert_eq!(slots(&bench), 1, "a room waits for others");
}

#[test]
fn a_party_is_transferred_into_a_conference() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("205", "700", 9);
    bench.trunk_setup(0, 0, "201", 1);
    bench.dial("201", "700", 2);
    bench.hold("201", 2);
    talk(&mut bench, "201", "202", 3);
    bench.said();
    bench.transfer("201", 2, 3);
    let said = bench.said();
    assert!(said.contains(&"0s A left 201 #3".to_owned()), "{said:?}");
    assert!(bench.systems[0].is_idle(UserId(0)));
    assert_eq!(roster(&bench, 3), "p p p");
}

#[test]
fn no_conference_is_a_way_round_a_forced_account_code() {
    let spec = office(|_| {}).with_user("202", |u| u.forced_account_code = ForcedAccountCode::ExternalCalls);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "0555", 1);
    bench.trunk_answer(0, 1);
    bench.hold("201", 1);
    talk(&mut bench, "201", "202", 2);
    bench.said();
    confer(&mut bench, "201", 3);
    bench.expect("0s A denied #2 calling 21");
    bench.hang_up("202", 2);
    talk(&mut bench, "201", "203", 4);
    confer(&mut bench, "201", 5);
    assert_eq!(roster(&bench, 5), "p p p", "others need none");
    bench.dial("202", "700", 6);
    bench.trunk_setup(0, 0, "5", 7);
    assert_eq!(roster(&bench, 6), "p p", "nor does anybody for who calls from outside");
}

#[test]
fn conferences_do_not_bring_barred_users_and_barred_calls_together() {
    for class in [CallClass::Local, CallClass::National, CallClass::International] {
        let dialled = match class {
            CallClass::Internal | CallClass::Local => "555",
            CallClass::National => "0555",
            CallClass::International => "00555",
        };
        let all = [CallClass::Internal, CallClass::Local, CallClass::National, CallClass::International];
        let others = all.into_iter().filter(|&c| c != class).fold(CallClasses::NONE, CallClasses::with);
        let spec = office(|r| r.moderators = vec![number("201"), number("202")])
            .with_user("202", |u| u.allowed = others);
        let mut bench = Bench::new(vec![spec]);
        // Ad hoc: 201 confers the barred user with the call.
        talk(&mut bench, "201", "202", 1);
        bench.hold("201", 1);
        bench.dial("201", dialled, 2);
        bench.trunk_answer(0, 2);
        bench.said();
        confer(&mut bench, "201", 3);
        bench.expect("0s A denied #2 calling 21");
        // By transfer, either way round.
        bench.transfer("201", 1, 2);
        bench.expect("0s A denied #2 calling 21");
        bench.hang_up("201", 1);
        // Into a room: the call first, then the barred user, and the other way round.
        bench.dial("203", "700", 6);
        bench.hold("201", 2);
        bench.dial("201", "700", 4);
        bench.transfer("201", 2, 4);
        bench.said();
        bench.dial("202", "700", 5);
        assert!(bench.said().contains(&"0s A released #5 21".to_owned()), "{class:?}");
        assert_eq!(roster(&bench, 6), "p p");
        bench.trunk_release(0, 2, 16);
        bench.dial("202", "700", 7);
        control(&mut bench, 7, Control::Add { number: number(dialled), tag: Tag(8) });
        assert_eq!(roster(&bench, 7), "p M", "what a moderator may not call, nobody calls for him");
        bench.dial("201", "700", 8);
        control(&mut bench, 8, Control::Add { number: number(dialled), tag: Tag(10) });
        bench.trunk_answer(0, 10);
        assert_eq!(roster(&bench, 7), "p M M", "and what others call does not stay with him");
    }
}

#[test]
fn a_conference_of_another_system_is_joined_over_its_line() {
    let mut host = office(|r| r.pin = number("1")).ip_office(1, 4, 7);
    host.conferences.channels = 5;
    let other = system("b", &["301", "302"]).trunk(2, 0).ip_office(0, 4, 7).code(
        "*1N",
        Feature::ConferenceMeetMe,
        "N",
        0,
    );
    let mut bench = Bench::new(vec![host, other]);
    bench.dial("301", "700", 1);
    bench.pass(seconds(0));
    bench.said();
    enter_pin(&mut bench, 1, "1");
    bench.pass(seconds(0));
    bench.expect(
        "0s A conference #1
         0s A to B 2.0 #1 answer
         0s A beep 0 Entry
         0s B connected #1",
    );
    // A user's own conference is where the user is.
    bench.dial("302", "*1202", 2);
    bench.pass(seconds(0));
    bench.dial("202", "*1202", 3);
    assert_eq!((roster(&bench, 3), slots(&bench)), ("p M".to_owned(), 3));
    bench.hang_up("301", 1);
    bench.hang_up("302", 2);
    bench.hang_up("202", 3);
    bench.pass(seconds(0));
    bench.expect_idle();
}

#[test]
fn a_number_that_nobody_has_is_a_conference_for_those_who_name_it() {
    let mut bench = Bench::new(vec![office(|_| {})]);
    bench.dial("201", "*15", 1);
    bench.dial("202", "*15", 2);
    bench.dial("203", "*16", 3);
    assert_eq!((roster(&bench, 1), roster(&bench, 3)), ("p p".to_owned(), "p".to_owned()));
    assert_eq!(bench.attempt("204", "*1"), "released 28");
    let facts = CallFacts::default();
    let (called, calling) = (number("201"), number("0700"));
    bench.handle(0, Input::TrunkSetup { line: LineId(7), called, calling, facts, tag: Tag(9) });
    assert_eq!(bench.systems[0].stats().unexpected, 1);
}
