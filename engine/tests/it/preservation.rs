//! Connected calls go on without signalling, as RES chapter 13 says, and end as it says.

use crate::support::{Bench, Build, number, seconds, system};
use engine::Service;
use engine::id::{CallId, LineId, Tag};
use engine::network::{NetworkInput, NetworkOutput};
use engine::plan::spec::{LinePreservation, MediaPreservation, PhoneModel, Role, RoomSpec, SystemSpec};
use engine::time::Duration;
use engine::{Control, Input, Output, Switch, Whom};

fn preserving(mut spec: SystemSpec) -> SystemSpec {
    spec.media_preservation = MediaPreservation::Enabled;
    spec
}

fn star() -> Vec<SystemSpec> {
    vec![
        preserving(
            system("primary", &["201", "202"]).role(Role::Primary).trunk(4, 0).ip_office(1, 4, 98_001),
        ),
        preserving(system("expansion", &["401", "402"]).role(Role::Expansion).ip_office(0, 4, 99_999).group(
            "500",
            &["402"],
            None,
        )),
    ]
}

/// 201 talks to 401 over the line, then the primary stops; what the expansion says until its line is down.
fn after_the_primary_stops(systems: Vec<SystemSpec>, called: &str, answers: &str) -> (Bench, Vec<String>) {
    let mut bench = Bench::new(systems);
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("201", called, 1);
    bench.pass(seconds(0));
    bench.answer(answers, 1);
    bench.pass(seconds(1));
    bench.said();
    bench.stop(0);
    bench.pass(seconds(30));
    let said = bench.said();
    (bench, said)
}

fn preserved_call(bench: &Bench, system: usize) -> CallId {
    bench.call(system, 1)
}

#[test]
fn a_connected_call_between_two_systems_goes_on_until_a_party_hangs_up() {
    let (mut bench, said) = after_the_primary_stops(star(), "401", "401");
    assert_eq!(said[0], "11s A orphaned #1 GoesOn");
    assert!(said.iter().any(|l| l.ends_with("B preserved #1")), "{said:#?}");
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    // The line is free for other calls when the primary is back.
    bench.start(0, 1);
    bench.pass(seconds(10));
    assert_eq!(bench.systems[1].free_channels(engine::id::LineId(0)), 4);
    assert_eq!(bench.systems[1].calls_in_progress(), 1, "it goes on although the line is up again");
    bench.said();
    bench.hang_up("401", 1);
    let said = bench.said();
    assert!(said[0].contains("smdr #1") && said[0].ends_with("Callee 16"), "{said:#?}");
    assert_eq!(bench.systems[1].calls_in_progress(), 0);
    assert_eq!(bench.systems[1].stats().preserved, 1);
}

#[test]
fn it_ends_after_120_minutes_at_the_latest() {
    let (mut bench, said) = after_the_primary_stops(star(), "401", "401");
    let at = said.iter().find(|l| l.contains("B preserved")).and_then(|l| l.split('s').next());
    let at: u64 = at.and_then(|t| t.parse().ok()).expect("a time");
    bench.pass(seconds(at + 120 * 60 - 41 - 1));
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    bench.pass(seconds(1));
    let said = bench.said();
    assert_eq!(bench.systems[1].calls_in_progress(), 0);
    assert!(
        said.iter().any(|l| l.starts_with(&format!("{}s B disconnect 401 #1 102", at + 7_200))),
        "{said:#?}"
    );
}

#[test]
fn it_ends_after_10_minutes_without_media_unless_media_comes_back() {
    let (mut bench, _) = after_the_primary_stops(star(), "401", "401");
    let call = preserved_call(&bench, 1);
    let media = |service| Input::Network(NetworkInput::Media { call, service });
    bench.handle(1, media(Service::Out));
    bench.pass(seconds(599));
    bench.handle(1, media(Service::In));
    bench.pass(seconds(3_000));
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    bench.handle(1, media(Service::Out));
    bench.pass(seconds(599));
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
    bench.pass(seconds(1));
    assert_eq!(bench.systems[1].calls_in_progress(), 0);
}

#[test]
fn the_limits_are_those_configured() {
    let mut systems = star();
    systems[1].preserved_conn_duration = seconds(60);
    let (mut bench, _) = after_the_primary_stops(systems, "401", "401");
    bench.pass(seconds(60));
    assert_eq!(bench.systems[1].calls_in_progress(), 0);
}

/// Whether the call is kept by the phones of the system that stops, and by the system that lives.
fn is_kept(systems: Vec<SystemSpec>, called: &str, answers: &str) -> (bool, bool) {
    let (bench, said) = after_the_primary_stops(systems, called, answers);
    let orphan = said[0].ends_with("GoesOn");
    (orphan, bench.systems[1].calls_in_progress() == 1)
}

#[test]
fn what_is_not_preserved_ends_at_once() {
    assert_eq!(is_kept(star(), "401", "401"), (true, true));
    let mut off_at_the_far_end = star();
    off_at_the_far_end[0].media_preservation = MediaPreservation::Disabled;
    assert_eq!(is_kept(off_at_the_far_end, "401", "401"), (false, false), "the primary has it off");
    let mut off_here = star();
    off_here[1].media_preservation = MediaPreservation::Disabled;
    assert_eq!(is_kept(off_here, "401", "401"), (false, false), "the expansion has it off");
    for model in [PhoneModel::H1600, PhoneModel::OtherSip, PhoneModel::Wired] {
        let mut systems = star();
        systems[1].users[0].phone = model;
        assert!(!is_kept(systems, "401", "401").1, "{model:?}");
    }
    for model in [PhoneModel::H9600, PhoneModel::J100, PhoneModel::Workplace] {
        let mut systems = star();
        systems[1].users[0].phone = model;
        assert!(is_kept(systems, "401", "401").1, "{model:?}");
    }
    assert!(!is_kept(star(), "500", "402").1, "a call to a hunt group");
}

#[test]
fn only_hanging_up_works_meanwhile() {
    let (mut bench, _) = after_the_primary_stops(star(), "401", "401");
    bench.dial("401", "402", 2);
    let said = bench.said();
    assert_eq!(said, ["41s B refused #2 17 short of user 401"]);
    let call = preserved_call(&bench, 1);
    let before = bench.systems[1].stats().unexpected;
    bench.handle(1, Input::Answer { user: bench.find("401").1, call });
    assert_eq!(bench.systems[1].stats().unexpected, before + 1);
    assert_eq!(bench.systems[1].calls_in_progress(), 1);
}

#[test]
fn a_sip_line_may_have_a_setting_of_its_own() {
    // A caller on the trunk talks to 401 through the primary, and the line between the systems is cut.
    let kept = |own: LinePreservation| {
        let mut systems = star();
        systems[0].lines[0].media_preservation = own;
        systems[0] = systems[0].clone().icr(None, "", ".");
        let mut bench = Bench::new(systems);
        bench.start_all();
        bench.pass(seconds(10));
        bench.trunk_setup(0, 0, "401", 1);
        bench.pass(seconds(0));
        bench.answer("401", 1);
        bench.pass(seconds(1));
        bench.cut = Box::new(|_, _| true);
        bench.pass(seconds(30));
        let preserved =
            |o: &&(usize, Output)| matches!(o, (0, Output::Network(NetworkOutput::Preserved { .. })));
        bench.outputs.iter().filter(preserved).count() == 1
    };
    assert_eq!([LinePreservation::System, LinePreservation::Enabled].map(kept), [true, true]);
    assert!(!kept(LinePreservation::Disabled));
}

#[test]
fn both_ends_of_a_cut_line_keep_the_call_and_a_release_that_comes_late_harms_nobody() {
    let mut bench = Bench::new(star());
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("201", "401", 1);
    bench.pass(seconds(0));
    bench.answer("401", 1);
    bench.pass(seconds(1));
    bench.cut = Box::new(|_, _| true);
    bench.pass(seconds(30));
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(30));
    assert_eq!([0, 1].map(|s| bench.systems[s].calls_in_progress()), [1, 1]);
    bench.hang_up("201", 1);
    bench.pass(Duration::ZERO);
    assert_eq!([0, 1].map(|s| bench.systems[s].calls_in_progress()), [0, 1], "the far party hangs up itself");
    bench.hang_up("401", 1);
    bench.pass(Duration::ZERO);
    assert_eq!([0, 1].map(|s| bench.systems[s].stats().unexpected), [0, 0]);
    assert_eq!([0, 1].map(|s| bench.systems[s].calls_in_progress()), [0, 0]);
}

/// 201, 202 and, over the line, 401 are in conference 700 of the primary, which 201 and 401 moderate; then the line is cut.
fn a_conference_loses_its_line() -> Bench {
    let mut systems = star();
    let mut room = RoomSpec::new(number("700"));
    room.moderators = ["201", "401"].map(number).to_vec();
    systems[0].conferences.rooms = vec![room];
    let mut bench = Bench::new(systems);
    bench.start_all();
    bench.pass(seconds(10));
    for (tag, user) in [(1, "201"), (2, "202"), (3, "401")] {
        bench.dial(user, "700", tag);
        bench.pass(seconds(1));
    }
    bench.cut = Box::new(|_, _| true);
    bench.said();
    bench.pass(seconds(30));
    bench
}

fn slots(bench: &Bench) -> u32 {
    bench.systems[0].conference_usage().in_use()
}

fn control(bench: &mut Bench, tag: u64, control: Control) -> Vec<String> {
    bench.said();
    let call = bench.call(0, tag);
    bench.handle(0, Input::ConferenceControl { call, control });
    bench.said()
}

#[test]
fn a_party_whose_signalling_is_lost_stays_in_the_conference_and_keeps_its_slot_until_its_call_ends() {
    let mut bench = a_conference_loses_its_line();
    let said = bench.said();
    for system in ["A", "B"] {
        assert!(said.iter().any(|l| l.ends_with(&format!("{system} preserved #3"))), "{said:#?}");
    }
    assert_eq!((slots(&bench), bench.systems[1].calls_in_progress()), (3, 1));
    // The line is whole again; the call has no part in that any more.
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(30));
    assert_eq!([0, 1].map(|s| bench.systems[s].free_channels(LineId(u16::from(s == 0)))), [4, 4]);
    assert_eq!(slots(&bench), 3);
    // 401 hangs up, of which the primary hears nothing but that nobody speaks; 401 may come again meanwhile.
    bench.hang_up("401", 3);
    let silent = bench.call(0, 3);
    bench.handle(0, Input::Network(NetworkInput::Media { call: silent, service: Service::Out }));
    bench.pass(seconds(300));
    bench.dial("401", "700", 4);
    bench.pass(seconds(0));
    assert_eq!(slots(&bench), 4);
    bench.pass(seconds(299));
    assert_eq!(slots(&bench), 4);
    bench.pass(seconds(1));
    assert_eq!(slots(&bench), 3, "ten minutes without media");
    for (user, tag) in [("201", 1), ("202", 2), ("401", 4)] {
        bench.hang_up(user, tag);
        bench.pass(seconds(0));
    }
    assert_eq!((slots(&bench), bench.systems[0].calls_in_progress()), (0, 0));
    assert_eq!([0, 1].map(|s| bench.systems[s].stats().unexpected), [0, 0]);
}

#[test]
fn a_preserved_party_of_a_conference_can_only_hang_up_and_is_let_go_after_120_minutes() {
    let mut bench = a_conference_loses_its_line();
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(10));
    let denied = control(&mut bench, 3, Control::Lock(Switch::On));
    assert!(denied.len() == 1 && denied[0].contains("denied #3"), "it is a moderator: {denied:#?}");
    assert_eq!(control(&mut bench, 1, Control::Lock(Switch::On)), [""; 0]);
    bench.pass(seconds(120 * 60 - 60));
    assert_eq!(slots(&bench), 3);
    bench.pass(seconds(60));
    assert_eq!((slots(&bench), bench.systems[1].calls_in_progress()), (2, 0));
}

#[test]
fn whoever_a_conference_has_called_is_preserved_likewise_and_may_be_dropped() {
    let mut bench = a_conference_loses_its_line();
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(10));
    control(&mut bench, 1, Control::Add { number: number("402"), tag: Tag(5) });
    bench.pass(seconds(0));
    bench.answer("402", 5);
    bench.pass(seconds(1));
    bench.cut = Box::new(|_, _| true);
    bench.pass(seconds(30));
    assert_eq!((slots(&bench), bench.systems[1].calls_in_progress()), (4, 2));
    let dropped = bench.call(0, 5);
    control(&mut bench, 1, Control::Drop(dropped));
    assert_eq!((slots(&bench), bench.systems[1].calls_in_progress()), (3, 2), "402 is not told");
    let ended = control(&mut bench, 1, Control::Mute(Whom::All));
    assert!(ended.is_empty(), "{ended:#?}");
}

#[test]
fn a_conference_ends_with_the_system_that_mixes_it_and_where_preservation_is_off() {
    let mut bench = a_conference_loses_its_line();
    bench.said();
    bench.stop(0);
    assert_eq!(bench.said(), [1, 2, 3].map(|tag| format!("43s A orphaned #{tag} Ends")));
    let mut systems = star();
    systems[0].conferences.rooms = vec![RoomSpec::new(number("700"))];
    systems[0].media_preservation = MediaPreservation::Disabled;
    let mut bench = Bench::new(systems);
    bench.start_all();
    bench.pass(seconds(10));
    bench.dial("201", "700", 1);
    bench.dial("401", "700", 2);
    bench.pass(seconds(1));
    bench.cut = Box::new(|_, _| true);
    bench.pass(seconds(30));
    assert_eq!((slots(&bench), bench.systems[1].calls_in_progress()), (1, 0));
}
