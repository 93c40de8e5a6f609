//! Systems that back others up: phones, users, hunt groups and conferences go there and come home, never earlier than RES
//! says.

mod failback;
mod features;
mod guests;
mod hot_desk;
mod licences;
mod notices;
mod voicemail;

use crate::support::{Bench, Build, seconds, system};
use engine::AlarmSource;
use engine::network::Refusal;
use engine::plan::spec::{BackedUp, BacksUp, PhoneModel, Role, SystemSpec, UserSpec};

const DESK: PhoneModel = PhoneModel::J100;
const SOFT: PhoneModel = PhoneModel::Workplace;

fn all() -> BacksUp {
    BackedUp::ALL.into_iter().fold(BacksUp::NOTHING, BacksUp::with)
}

/// A primary that the secondary backs up, and an expansion with a line to each.
fn star() -> Vec<SystemSpec> {
    let mut primary = system("primary", &["201", "202", "203"])
        .role(Role::Primary)
        .ip_office(1, 4, 99_998)
        .ip_office(2, 4, 98_002)
        .with_user("202", |user| user.phone = PhoneModel::H9600)
        .with_user("203", |user| user.simultaneous = true);
    primary.lines[0].backs_up = Some(all());
    let mut systems = vec![
        primary,
        system("secondary", &["301"]).role(Role::Secondary).ip_office(0, 4, 99_999).ip_office(2, 4, 98_002),
        system("expansion", &["401", "402"])
            .role(Role::Expansion)
            .ip_office(0, 4, 99_999)
            .ip_office(1, 4, 99_998),
    ];
    (systems[0].voicemail.channels, systems[1].voicemail.channels) = (2, 2);
    systems
}

/// The network, running since 100 s, and the primary down since then: missed from 115 s on.
fn without_primary(systems: Vec<SystemSpec>) -> Bench {
    let mut bench = Bench::new(systems);
    bench.start_all();
    bench.pass(seconds(100));
    bench.stop(0);
    bench.pass(seconds(100));
    bench.said();
    bench
}

/// The same at 295 s, with 201 at the secondary.
fn failed_over(systems: Vec<SystemSpec>) -> Bench {
    let mut bench = without_primary(systems);
    bench.pass(seconds(95));
    bench.register("201", DESK, 1);
    bench.said();
    bench
}

/// What a system makes of a phone that asks: nothing, if it is registered.
fn ask(bench: &mut Bench, extension: &str, phone: PhoneModel, system: usize) -> Option<String> {
    bench.said();
    bench.register(extension, phone, system);
    let said = bench.said().join("\n");
    assert!(said.contains("register"), "no answer: {said}");
    said.split(": ")
        .nth(1)
        .filter(|_| said.contains("does not"))
        .map(|why| why.lines().next().unwrap_or("").to_owned())
}

#[track_caller]
fn refuses(bench: &mut Bench, (extension, phone): (&str, PhoneModel), why: Refusal) {
    assert_eq!(ask(bench, extension, phone, 1), Some(format!("{why:?}")), "{extension} {phone:?}");
}

#[test]
fn a_backup_says_that_it_misses_a_system_and_that_it_sees_it_again() {
    let mut bench = Bench::new(star());
    bench.start_all();
    bench.pass(seconds(101));
    bench.said();
    bench.stop(0);
    bench.pass(seconds(60));
    bench.expect(
        "115s B line to A down
         115s B phones of A: lost
         115s B users of A: lost
         115s B hunt_groups of A: lost
         115s B voicemail of A: lost
         115s B conferences of A: lost
         115s C line to A down",
    );
    bench.start(0, 1);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("161s B phones of A: seen again"), "{said}");
    bench.stop(1);
    bench.start(1, 1);
    let said = bench.said().join("\n");
    assert!(said.contains("161s B phones of A: copies lost"), "{said}");
    assert!(!said.contains("of B"), "nobody backs the secondary up: {said}");
}

#[test]
fn phones_fail_over_three_minutes_after_their_home_was_missed_and_not_earlier() {
    let mut bench = Bench::new(star());
    bench.start_all();
    bench.pass(seconds(50));
    refuses(&mut bench, ("201", DESK), Refusal::HomeVisible);
    bench.pass(seconds(50));
    bench.stop(0);
    bench.pass(seconds(14));
    refuses(&mut bench, ("201", DESK), Refusal::HomeVisible);
    // Missed at 115 s.
    bench.pass(seconds(1));
    refuses(&mut bench, ("201", DESK), Refusal::HomeLostTooShortly);
    bench.pass(engine::time::Duration::from_millis(179_999));
    refuses(&mut bench, ("201", DESK), Refusal::HomeLostTooShortly);
    bench.pass(engine::time::Duration::from_millis(1));
    bench.said();
    bench.register("201", DESK, 1);
    bench.expect(
        "295s B registers 201 J100
         295s B phones of A: moved 201
         295s B phones of A: failed over
         295s B users of A: failed over
         295s B hunt_groups of A: failed over
         295s B conferences of A: failed over
         295s B voicemail of A: failed over",
    );
    bench.register("202", PhoneModel::H9600, 1);
    bench.register("202", PhoneModel::H9600, 1);
    bench.expect(
        "295s B registers 202 H9600
         295s B phones of A: moved 202
         295s B registers 202 H9600",
    );
}

/// RES "Resiliency Alarms": one for each system whose phones begin to fail over.
#[test]
fn phones_that_begin_to_arrive_are_one_alarm_for_their_system() {
    let mut bench = failed_over(star());
    bench.register("202", PhoneModel::H9600, 1);
    bench.unregister("202", PhoneModel::H9600, 1, engine::network::Leaves::Properly);
    bench.register("202", PhoneModel::H9600, 1);
    let arrived = AlarmSource::PhonesFrom(engine::id::SystemId(0));
    let alarms = |bench: &Bench| {
        let of_phones = bench.systems[1].alarms().filter(|alarm| alarm.source == arrived);
        of_phones.map(|alarm| (alarm.count, alarm.first)).collect::<Vec<_>>()
    };
    assert_eq!(alarms(&bench), [(1, engine::time::Instant::ZERO + seconds(295))]);
}

#[test]
fn a_restart_of_less_than_three_minutes_moves_no_phone() {
    let mut bench = without_primary(star());
    bench.pass(seconds(70));
    // Missed for 155 s.
    refuses(&mut bench, ("201", DESK), Refusal::HomeLostTooShortly);
    bench.start(0, 1);
    bench.pass(seconds(1));
    refuses(&mut bench, ("201", DESK), Refusal::HomeVisible);
    assert_eq!(bench.attempt("401", "201"), "released 20", "its phone has not registered again");
    assert_eq!(ask(&mut bench, "201", DESK, 0), None, "home takes it at any time");
    assert_eq!(bench.attempt("401", "201"), "ring 201");
}

#[test]
fn softphones_come_only_after_a_desk_phone() {
    let mut bench = without_primary(star());
    bench.pass(seconds(100));
    refuses(&mut bench, ("203", SOFT), Refusal::NoDeskPhoneYet);
    assert_eq!(ask(&mut bench, "201", DESK, 1), None);
    assert_eq!(ask(&mut bench, "203", SOFT, 1), None);
    // Both phones of a user in simultaneous mode.
    assert_eq!(ask(&mut bench, "203", DESK, 1), None);
    bench.unregister("203", DESK, 1, engine::network::Leaves::Properly);
    assert_eq!(bench.attempt("401", "203"), "ring 203", "the softphone is still there");
    bench.unregister("203", SOFT, 1, engine::network::Leaves::Properly);
    assert_eq!(bench.attempt("401", "203"), "released 20");
}

#[test]
fn a_backup_that_was_restarted_has_no_copies() {
    let mut bench = failed_over(star());
    bench.stop(1);
    bench.start(1, 1);
    bench.pass(seconds(400));
    refuses(&mut bench, ("201", DESK), Refusal::NoCopy);
    assert_eq!(bench.attempt("401", "201"), "released 27", "nobody knows of the user");
    bench.start(0, 1);
    bench.pass(seconds(10));
    bench.stop(0);
    bench.pass(seconds(200));
    assert_eq!(ask(&mut bench, "201", DESK, 1), None, "the copies have come anew");
}

#[test]
fn guests_count_against_the_capacity_and_those_beyond_are_refused() {
    let mut systems = star();
    systems[1].most_users = Some(3);
    let mut bench = failed_over(systems);
    assert_eq!(ask(&mut bench, "202", PhoneModel::H9600, 1), None);
    refuses(&mut bench, ("203", DESK), Refusal::Full);
    bench.unregister("202", PhoneModel::H9600, 1, engine::network::Leaves::Properly);
    assert_eq!(ask(&mut bench, "203", DESK, 1), None);
    assert_eq!(ask(&mut bench, "203", SOFT, 1), None, "a second phone is no second user");
}

#[test]
fn systems_that_are_no_backup_take_no_phone() {
    let mut bench = without_primary(star());
    bench.pass(seconds(300));
    assert_eq!(ask(&mut bench, "201", DESK, 2), Some("NotItsBackup".to_owned()));
    refuses(&mut bench, ("401", DESK), Refusal::NotItsBackup);
    refuses(&mut bench, ("999", DESK), Refusal::NotItsBackup);
}

#[test]
fn a_location_has_a_backup_of_its_own() {
    // RES chapter 6: London is the primary, Paris the secondary, Berlin an expansion with phones in Luxembourg.
    let user = |n: &str, location: &str| UserSpec {
        location: Some(location.to_owned()),
        ..UserSpec::new(crate::support::number(n))
    };
    let mut berlin =
        system("Berlin", &[]).role(Role::Expansion).ip_office(1, 4, 99_999).ip_office(2, 4, 99_998);
    berlin.users = vec![user("201", "Berlin"), user("202", "Luxembourg")];
    berlin.location = Some("Berlin".to_owned());
    let place = |name: &str, fallback_system| engine::plan::spec::LocationSpec {
        name: name.to_owned(),
        emergency_ars: None,
        fallback_system,
    };
    berlin.locations = vec![place("Berlin", None), place("Luxembourg", Some(engine::id::SystemId(2)))];
    berlin.lines[0].backs_up = Some(BacksUp::NOTHING.with(BackedUp::IpPhones));
    berlin.lines[1].backs_up = Some(BacksUp::NOTHING);
    let mut bench = without_primary(vec![
        berlin,
        system("London", &["301"]).role(Role::Primary).ip_office(0, 4, 98_000).ip_office(2, 4, 99_998),
        system("Paris", &["401"]).role(Role::Secondary).ip_office(0, 4, 98_000).ip_office(1, 4, 99_999),
    ]);
    bench.pass(seconds(100));
    assert_eq!(ask(&mut bench, "202", DESK, 1), Some("NotItsBackup".to_owned()));
    assert_eq!(ask(&mut bench, "201", DESK, 2), Some("NotItsBackup".to_owned()));
    assert_eq!(ask(&mut bench, "201", DESK, 1), None);
    assert_eq!(ask(&mut bench, "202", DESK, 2), None);
    assert_eq!(bench.attempt("301", "202"), "ring 202");
    assert_eq!(bench.attempt("401", "201"), "ring 201");
}

#[test]
fn a_call_whose_phone_falls_silent_ends_and_says_so() {
    for answered in [false, true] {
        let mut bench = Bench::new(star());
        bench.start_all();
        bench.dial("201", "203", 1);
        if answered {
            bench.answer("203", 1);
        }
        bench.said();
        bench.unregister("201", DESK, 0, engine::network::Leaves::Silently);
        let said = bench.said().join("\n");
        assert!(said.contains("A released #1 38"), "{said}");
    }
}
