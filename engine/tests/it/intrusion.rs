//! Recordings of calls, users who listen in and who break in: slots, channels, and who may (RC chapter 8, DOMAIN 2.8, 6).

use crate::support::{Bench, Build, number, seconds, system};
use engine::id::Tag;
use engine::network::End;
use engine::plan::spec::{CallClass, CallClasses, ConferencesSpec, Feature, SystemSpec, VoicemailSpec};
use engine::{Control, Hears, Input, MediaKind, Mix, Part, Switch, Whom};

/// 201 may intrude, and listen to 202 and 203 of group 300; 209 may not be intruded. A voicemail server of 4 channels.
fn office() -> SystemSpec {
    let mut spec = system("office", &["201", "202", "203", "204", "205", "209"])
        .trunk(4, 0)
        .icr(None, "", "202")
        .group("300", &["202", "203"], None)
        .code("*1N", Feature::CallIntrude, "N", 0)
        .code("*2N", Feature::CallListen, "N", 0)
        .code("*3N", Feature::CoachingIntrusion, "N", 0)
        .code("*4", Feature::CallRecord, "", 0)
        .code("0N", Feature::Dial, "N", 0);
    for user in &mut spec.users {
        user.cannot_be_intruded = user.extension.as_str() == "209";
    }
    spec = spec.with_user("201", |u| {
        u.can_intrude = true;
        u.monitor_group = number("300");
    });
    spec.voicemail =
        VoicemailSpec { channels: 4, on: Some(engine::id::SystemId(0)), ..VoicemailSpec::default() };
    spec
}

fn with_slots(mut spec: SystemSpec, channels: u16) -> SystemSpec {
    spec.conferences = ConferencesSpec { channels, largest: channels, ..spec.conferences };
    spec
}

fn talk(bench: &mut Bench, from: &str, to: &str, tag: u64) {
    bench.dial(from, to, tag);
    bench.answer(to, tag);
    bench.said();
}

fn slots(bench: &Bench) -> (u32, u64) {
    let usage = bench.systems[0].conference_usage();
    (usage.in_use(), usage.blocked)
}

#[test]
fn who_breaks_in_on_a_call_makes_it_one_of_three_slots_and_leaves_it_as_it_was() {
    for code in ["*1202", "*2202", "*3202"] {
        let mut bench = Bench::new(vec![office()]);
        talk(&mut bench, "202", "204", 1);
        bench.dial("201", code, 2);
        bench.expect(
            "0s A accepted #2
             0s A connected #2
             0s A media changed #1",
        );
        assert_eq!(slots(&bench), (3, 0), "{code}");
        bench.hang_up("201", 2);
        assert_eq!(slots(&bench), (0, 0), "{code}");
        assert!(bench.said().contains(&"0s A media changed #1".to_owned()));
        // It ends for all when it ends.
        bench.dial("201", code, 3);
        bench.said();
        bench.hang_up("204", 1);
        let said = bench.said();
        assert!(said.contains(&"0s A released #3 16".to_owned()), "{said:?}");
        bench.expect_idle();
    }
}

#[test]
fn settings_decide_who_may_get_into_which_call() {
    let mut bench = Bench::new(vec![office()]);
    talk(&mut bench, "202", "204", 1);
    talk(&mut bench, "203", "209", 2);
    let refused = |bench: &mut Bench, user: &str, code: &str| {
        assert_eq!(bench.attempt(user, code), "released 21", "{user} dials {code}");
    };
    // Who may not intrude; somebody in the call has it forbidden; not of the monitor group; no user; oneself.
    refused(&mut bench, "205", "*1202");
    refused(&mut bench, "201", "*1203");
    refused(&mut bench, "201", "*2209");
    refused(&mut bench, "201", "*2204");
    refused(&mut bench, "201", "*1300");
    refused(&mut bench, "201", "*1999");
    refused(&mut bench, "201", "*1201");
    assert_eq!(bench.attempt("201", "*1202"), "connected");
    // On a phone at rest, breaking in is a call, and listening is nothing.
    assert_eq!(bench.attempt("201", "*1205"), "ring 205");
    refused(&mut bench, "201", "*2203");
    assert_eq!(slots(&bench), (0, 0));
}

#[test]
fn nobody_breaks_in_on_a_call_that_they_might_not_make() {
    let outside = |classes| {
        let mut bench = Bench::new(vec![office().with_user("201", move |u| u.allowed = classes)]);
        bench.dial("202", "000123", 1);
        bench.trunk_answer(0, 1);
        bench.said();
        let talking = bench.attempt("201", "*1202");
        (talking, bench.attempt("201", "*2202"))
    };
    let (connected, refused) = ("connected".to_owned(), "released 21".to_owned());
    assert_eq!(outside(CallClasses::ALL), (connected.clone(), connected.clone()));
    // Who only listens talks to nobody.
    let internal = CallClasses::NONE.with(CallClass::Internal);
    assert_eq!(outside(internal), (refused, connected));
}

#[test]
fn whoever_broke_in_leaves_when_somebody_comes_to_the_call_whom_they_may_not_call() {
    let internal = CallClasses::NONE.with(CallClass::Internal);
    let spec =
        || office().with_user("201", move |u| u.allowed = internal).code("*5", Feature::ConferenceAdd, "", 0);
    // A call to the outside is transferred to the one that 201 talks in.
    let mut bench = Bench::new(vec![spec()]);
    talk(&mut bench, "202", "204", 1);
    assert_eq!(bench.attempt("201", "*2202"), "connected", "listening");
    bench.dial("201", "*1204", 2);
    bench.hold("202", 1);
    bench.dial("202", "000123", 3);
    bench.trunk_answer(0, 3);
    bench.said();
    assert_eq!(slots(&bench).0, 3);
    bench.transfer("202", 1, 3);
    assert!(bench.said().contains(&"0s A released #2 21".to_owned()));
    assert_eq!(slots(&bench).0, 0);
    // One is put into a conference with it, and nobody of its class gets in by another party of it.
    let mut bench = Bench::new(vec![spec()]);
    talk(&mut bench, "202", "204", 1);
    bench.dial("201", "*1204", 2);
    bench.hold("202", 1);
    bench.dial("202", "000123", 3);
    bench.trunk_answer(0, 3);
    bench.hold("202", 3);
    bench.said();
    bench.dial("202", "*5", 4);
    assert!(bench.said().contains(&"0s A released #2 21".to_owned()));
    assert_eq!(slots(&bench).0, 3);
    assert_eq!(bench.attempt("201", "*1204"), "released 21");
    assert_eq!(bench.attempt("201", "*2202"), "connected", "who listens talks to nobody");
}

#[test]
fn without_slots_nobody_gets_in_and_the_call_is_unharmed() {
    let mut bench = Bench::new(vec![with_slots(office(), 2)]);
    talk(&mut bench, "202", "204", 1);
    assert_eq!(bench.attempt("201", "*1202"), "released 47 short of conference slots");
    assert_eq!(slots(&bench), (0, 1));
    assert_eq!(bench.systems[0].media_usage(MediaKind::Indirect).in_use(), 0);
    bench.hang_up("204", 1);
    bench.said();
    bench.expect_idle();
}

#[test]
fn one_who_watches_is_no_party_and_cannot_be_watched_or_given_away() {
    let mut bench = Bench::new(vec![office().with_user("204", |u| u.can_intrude = true)]);
    talk(&mut bench, "202", "205", 1);
    bench.dial("201", "*1202", 2);
    bench.said();
    assert_eq!(bench.attempt("204", "*1201"), "released 21");
    // A second one takes one slot more.
    bench.dial("204", "*1205", 3);
    assert_eq!(slots(&bench), (4, 0));
    bench.said();
    bench.hold("204", 3);
    bench.dial("204", "203", 4);
    bench.answer("203", 4);
    bench.said();
    bench.transfer("204", 3, 4);
    bench.expect("0s A denied #4 calling 21");
    let (_, user) = bench.find("204");
    let before = bench.systems[0].stats().unexpected;
    bench.handle(0, Input::Conference { user, tag: Tag(9) });
    assert_eq!(bench.systems[0].stats().unexpected, before + 1);
    bench.hang_up("202", 1);
    bench.hang_up("203", 4);
    bench.said();
    bench.expect_idle();
}

#[test]
fn a_recorded_call_takes_three_slots_a_channel_and_a_stream() {
    let mut bench = Bench::new(vec![office().with_user("202", |u| u.record_calls = true)]);
    talk(&mut bench, "204", "202", 1);
    let in_use = |bench: &Bench| {
        let system = &bench.systems[0];
        (slots(bench).0, system.voicemail_usage().in_use(), system.media_usage(MediaKind::Indirect).in_use())
    };
    assert_eq!(in_use(&bench), (3, 1, 1));
    bench.dial("201", "*1202", 2);
    assert_eq!(in_use(&bench), (4, 1, 2), "and one more for who breaks in");
    bench.said();
    bench.hang_up("204", 1);
    bench.said();
    assert_eq!(in_use(&bench), (0, 0, 0));
    bench.expect_idle();
}

#[test]
fn a_call_goes_on_unrecorded_where_slots_or_channels_are_missing() {
    for (slots_there, channels) in [(2, 4), (6, 0)] {
        let mut spec = with_slots(office(), slots_there).with_user("202", |u| u.record_calls = true);
        spec.voicemail.channels = channels;
        if channels == 0 {
            spec.voicemail.on = None;
        }
        let mut bench = Bench::new(vec![spec]);
        talk(&mut bench, "204", "202", 1);
        let system = &bench.systems[0];
        let in_use = (system.conference_usage().in_use(), system.voicemail_usage().in_use());
        assert_eq!(in_use, (0, 0), "{slots_there} slots, {channels} channels");
        assert_eq!(system.media_usage(MediaKind::Indirect).in_use(), 0);
        bench.hang_up("204", 1);
        bench.said();
        bench.expect_idle();
    }
}

#[test]
fn a_code_records_the_call_on_hold_and_stops_again() {
    let mut bench = Bench::new(vec![office()]);
    talk(&mut bench, "202", "204", 1);
    for recorded in [true, false, true] {
        bench.hold("202", 1);
        bench.dial("202", "*4", 2);
        bench.said();
        let in_use = (slots(&bench).0, bench.systems[0].voicemail_usage().in_use());
        assert_eq!(in_use, if recorded { (3, 1) } else { (0, 0) });
        assert!(bench.systems[0].held_calls(bench.find("202").1).is_empty(), "the phone is back at the call");
    }
    bench.hang_up("202", 1);
    bench.said();
    bench.expect_idle();
    // Without a call on hold there is nothing to record.
    assert_eq!(bench.attempt("202", "*4"), "released 21");
}

#[test]
fn a_recorded_conference_takes_a_slot_and_a_channel_of_the_server() {
    let confer = |mut spec: SystemSpec| {
        spec = spec.code("*5", Feature::ConferenceAdd, "", 0);
        let mut bench = Bench::new(vec![spec]);
        talk(&mut bench, "202", "204", 1);
        bench.hold("202", 1);
        talk(&mut bench, "202", "205", 2);
        bench.hold("202", 2);
        bench.dial("202", "*5", 3);
        bench.said();
        bench
    };
    let mut bench = confer(office());
    assert_eq!(slots(&bench).0, 3);
    bench.hold("202", 3);
    bench.dial("202", "*4", 4);
    bench.said();
    assert_eq!((slots(&bench).0, bench.systems[0].voicemail_usage().in_use()), (4, 1));
    // Who breaks in on a party takes one slot more.
    assert_eq!(bench.attempt("201", "*1204"), "connected");
    bench.dial("201", "*1204", 5);
    assert_eq!(slots(&bench).0, 5);
    bench.hang_up("201", 5);
    let stopped = Input::Network(engine::network::NetworkInput::Voicemail { service: engine::Service::Out });
    bench.handle(0, stopped);
    assert_eq!((slots(&bench).0, bench.systems[0].voicemail_usage().in_use()), (3, 0), "the server stopped");
    bench.hang_up("202", 3);
    bench.hang_up("204", 1);
    bench.said();
    bench.expect_idle();
    // Embedded voicemail, and no voicemail, record nothing.
    for (records, channels) in [(false, 4), (true, 0)] {
        let mut spec = office();
        (spec.voicemail.records, spec.voicemail.channels) = (records, channels);
        if channels == 0 {
            spec.voicemail.on = None;
        }
        let mut bench = confer(spec);
        let call = bench.call(0, 3);
        bench.handle(0, Input::ConferenceControl { call, control: Control::Record(Switch::On) });
        bench.expect("0s A denied #3 calling 47 short of voicemail");
        bench.pass(seconds(1));
    }
}

/// [`office`], where 203 and 205 may intrude and listen as well.
fn watched_office() -> SystemSpec {
    let mut spec = office().code("*5", Feature::ConferenceAdd, "", 0);
    for user in ["203", "205"] {
        spec = spec.with_user(user, |u| {
            u.can_intrude = true;
            u.monitor_group = number("300");
        });
    }
    spec
}

fn hears(bench: &Bench, tag: u64, end: End) -> Hears {
    bench.systems[0].hears(bench.call(0, tag), end)
}

#[test]
fn whoever_comes_to_a_call_is_mixed_with_it_and_heard_by_whom_the_feature_says() {
    let mut bench = Bench::new(vec![watched_office()]);
    talk(&mut bench, "202", "204", 1);
    let (call, [u201, u202, u204]) = (bench.call(0, 1), ["201", "202", "204"].map(|u| bench.find(u).1));
    let mixed = |part| Hears::Mix(Mix::Call(call), part);
    assert_eq!(hears(&bench, 1, End::Calling), Hears::End(call, End::Called));
    for (tag, user, code) in [(2, "201", "*1202"), (3, "203", "*2202"), (4, "205", "*3202")] {
        bench.dial(user, code, tag);
    }
    bench.said();
    let all = [2, 3, 4].map(|tag| hears(&bench, tag, End::Calling));
    assert_eq!(all, [Part::Speaks(Some(u201)), Part::Listens, Part::Coaches(u202)].map(mixed));
    assert_eq!(hears(&bench, 1, End::Calling), mixed(Part::Speaks(Some(u202))));
    assert_eq!(hears(&bench, 1, End::Called), mixed(Part::Speaks(Some(u204))));
    let together = bench.systems[0].heard_together(call);
    assert_eq!(together.as_slice(), [1, 2, 3, 4].map(|tag| bench.call(0, tag)));
    // On hold, the other party hears music and is not in it.
    bench.hold("202", 1);
    assert_eq!(hears(&bench, 1, End::Calling), Hears::Nothing);
    assert_eq!(hears(&bench, 1, End::Called), Hears::Music);
    bench.retrieve("202", 1);
    for (tag, user) in [(2, "201"), (4, "205")] {
        bench.hang_up(user, tag);
        assert_eq!(hears(&bench, 1, End::Called), mixed(Part::Speaks(Some(u204))), "203 still listens");
    }
    bench.hang_up("203", 3);
    assert_eq!(hears(&bench, 1, End::Called), Hears::End(call, End::Calling));
    assert_eq!(bench.systems[0].heard_together(call).as_slice(), [call]);
}

#[test]
fn who_listens_goes_on_hearing_a_call_that_is_transferred_or_becomes_a_conference() {
    let mut bench = Bench::new(vec![watched_office()]);
    talk(&mut bench, "204", "202", 1);
    bench.dial("201", "*2202", 2);
    bench.hold("202", 1);
    talk(&mut bench, "202", "205", 3);
    bench.transfer("202", 1, 3);
    bench.said();
    let (first, other) = (bench.call(0, 1), bench.call(0, 3));
    let [u204, u205] = ["204", "205"].map(|u| bench.find(u).1);
    let mixed = |part| Hears::Mix(Mix::Call(first.min(other)), part);
    assert_eq!(hears(&bench, 1, End::Calling), mixed(Part::Speaks(Some(u204))));
    assert_eq!(hears(&bench, 3, End::Called), mixed(Part::Speaks(Some(u205))));
    assert_eq!(hears(&bench, 2, End::Calling), mixed(Part::Listens));
    assert_eq!(bench.systems[0].heard_together(other).as_slice(), [3, 1, 2].map(|tag| bench.call(0, tag)));
    bench.hang_up("201", 2);
    assert_eq!(hears(&bench, 1, End::Calling), Hears::End(other, End::Called));
    // A conference of 202 with 204 and 205, in which 203 listens to 202.
    let mut bench = Bench::new(vec![watched_office()]);
    for (tag, user) in [(1, "204"), (2, "205")] {
        talk(&mut bench, "202", user, tag);
        bench.hold("202", tag);
    }
    bench.dial("202", "*5", 3);
    bench.dial("201", "*2202", 4);
    bench.said();
    let Hears::Mix(Mix::Conference(id), Part::Speaks(Some(_))) = hears(&bench, 1, End::Called) else {
        panic!("204 is in a conference");
    };
    assert_eq!(hears(&bench, 4, End::Calling), Hears::Mix(Mix::Conference(id), Part::Listens));
}

#[test]
fn who_is_muted_in_a_conference_hears_and_is_not_heard() {
    let spec = watched_office().code("*6", Feature::ConferenceMeetMe, "202", 0);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("202", "*6", 1);
    bench.dial("204", "*6", 2);
    bench.said();
    let u204 = bench.find("204").1;
    let part = |bench: &Bench| match hears(bench, 2, End::Calling) {
        Hears::Mix(Mix::Conference(_), part) => Some(part),
        Hears::Mix(Mix::Call(_), _)
        | Hears::Nothing
        | Hears::Music
        | Hears::Ringing
        | Hears::End(..)
        | Hears::Voicemail => None,
    };
    assert_eq!(part(&bench), Some(Part::Speaks(Some(u204))));
    let call = bench.call(0, 1);
    let control = Control::Mute(Whom::One(bench.call(0, 2)));
    bench.handle(0, Input::ConferenceControl { call, control });
    assert_eq!(part(&bench), Some(Part::Listens));
}
