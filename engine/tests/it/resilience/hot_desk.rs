//! Users who log in at the phones of others: with the settings of their home or its backup, or with "!", logged out in failover
//! and at home again after it (RES "User Resilience", "IP Phone Resilience").

use super::{DESK, star};
use crate::support::{Bench, Build, number, seconds, system};
use engine::network::Leaves;
use engine::plan::spec::{Feature, PhoneModel, Role, SystemSpec};

const LOG_IN: &str = "*35*201*77#";

/// The star, in which 201 has the login code 77 and everybody may log in, out and set do not disturb; it runs since 100 s.
fn running() -> Bench {
    begin(star())
}

fn begin(mut systems: Vec<SystemSpec>) -> Bench {
    for system in &mut systems {
        *system = system
            .clone()
            .code("*35*N#", Feature::ExtnLogin, "N", 0)
            .code("*36", Feature::ExtnLogout, "", 0)
            .code("*08", Feature::DoNotDisturbOn, "", 0)
            .code("*12*N#", Feature::FollowMeHere, "N", 0)
            .code("*17", Feature::VoicemailCollect, "", 0);
    }
    systems[0] = systems[0].clone().with_user("201", |user| user.login_code = number("77"));
    systems[2] = systems[2].clone().with_user("401", |user| user.login_code = number("88"));
    let mut bench = Bench::new(systems);
    bench.start_all();
    bench.pass(seconds(100));
    bench.said();
    bench
}

/// 201 logs in at the phone of 401; what is said of that.
fn logs_in(bench: &mut Bench) -> String {
    dials(bench, LOG_IN)
}

/// 401's phone dials a code; what is said then.
fn dials(bench: &mut Bench, code: &str) -> String {
    bench.said();
    bench.dial("401", code, 50);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("released #50 16"), "{code}: {said}");
    said
}

#[test]
fn whoever_logs_in_at_a_phone_is_called_there_and_its_own_user_is_logged_out() {
    let mut bench = running();
    let said = logs_in(&mut bench);
    assert!(said.contains("C users of A: 201 logged in at 401") && !said.contains("shows !"), "{said}");
    assert_eq!(bench.attempt("301", "201"), "ring 401");
    assert_eq!(bench.attempt("202", "201"), "ring 401", "the home knows it, too");
    assert_eq!(bench.attempt("301", "401"), "released 20");
    bench.dial("401", "301", 9);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("ring 301 #9") && said.contains("201"), "{said}");
    bench.hang_up("401", 9);
    bench.pass(seconds(0));
    let said = dials(&mut bench, "*36");
    assert!(said.contains("C users of A: 201 logged out at 401"), "{said}");
    assert_eq!([bench.attempt("301", "201"), bench.attempt("301", "401")], ["ring 201", "ring 401"]);
}

#[test]
fn only_with_the_login_code() {
    let mut bench = running();
    for wrong in ["*35*201*78#", "*35*202*#", "*35*999*77#"] {
        bench.dial("401", wrong, 5);
        bench.pass(seconds(0));
        let said = bench.said().join("\n");
        assert!(!said.contains("logged in") && said.contains("released #5"), "{wrong}: {said}");
    }
    assert_eq!(bench.attempt("301", "201"), "ring 201");
}

#[test]
fn the_settings_come_from_home_and_go_with_the_user() {
    let mut bench = running();
    bench.set("201", "*08");
    logs_in(&mut bench);
    assert_eq!(bench.attempt("301", "201"), "released 17", "do not disturb, as at home");
    dials(&mut bench, "*36");
    assert_eq!(bench.attempt("301", "401"), "ring 401", "401 has its own again");
}

#[test]
fn without_home_and_backup_the_phone_shows_that_settings_are_missing_and_calls_work() {
    let mut bench = running();
    bench.set("201", "*08");
    bench.stop(0);
    bench.pass(seconds(5));
    // The home is gone, but nobody has missed it yet.
    assert!(!logs_in(&mut bench).contains("shows !"));
    bench.pass(seconds(10));
    let said = bench.said().join("\n");
    assert!(said.contains("115s C users of A: 201 at 401 shows !"), "{said}");
    assert_eq!(bench.attempt("301", "201"), "ring 401");
    dials(&mut bench, "*36");
    bench.pass(seconds(60));
    assert!(
        logs_in(&mut bench).contains("C users of A: 201 at 401 shows !"),
        "the backup does not stand in yet"
    );
}

#[test]
fn in_failover_they_are_logged_out_may_log_in_again_and_are_at_home_with_their_own_phone_afterwards() {
    let mut bench = running();
    bench.set("201", "*08");
    logs_in(&mut bench);
    bench.stop(0);
    bench.pass(seconds(195));
    bench.said();
    bench.register("202", PhoneModel::H9600, 1);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("295s C users of A: 201 logged out at 401"), "{said}");
    bench.register("201", DESK, 1);
    bench.pass(seconds(0));
    let said = logs_in(&mut bench);
    assert!(said.contains("201 logged in at 401") && !said.contains("shows !"), "{said}");
    assert_eq!(bench.attempt("301", "201"), "released 17", "with the settings that the backup has");
    assert_eq!(bench.attempt("301", "401"), "released 20");
    // The home is back, and the user's own phone goes there after more than ten minutes.
    bench.start(0, 1);
    bench.pass(seconds(660));
    let said = bench.said().join("\n");
    assert!(said.contains("sends 201 home"), "{said}");
    bench.register("201", DESK, 0);
    bench.unregister("201", DESK, 1, Leaves::Properly);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("C users of A: 201 logged out at 401"), "{said}");
    // What was changed by short code went with the memory of the home.
    assert_eq!([bench.attempt("301", "201"), bench.attempt("301", "401")], ["ring 201", "ring 401"]);
}

#[test]
fn a_system_that_starts_anew_has_nobody_at_its_phones_but_those_who_have_them() {
    let mut bench = running();
    logs_in(&mut bench);
    bench.stop(2);
    bench.start(2, 1);
    bench.pass(seconds(60));
    bench.register("401", DESK, 2);
    assert_eq!([bench.attempt("301", "201"), bench.attempt("301", "401")], ["ring 201", "ring 401"]);
}

#[test]
fn who_sits_at_a_guests_phone_is_at_the_own_one_when_that_goes_home() {
    let mut bench = running();
    bench.stop(0);
    bench.pass(seconds(195));
    bench.register("202", PhoneModel::H9600, 1);
    bench.register("201", DESK, 1);
    let (home, user) = bench.find("202");
    let home = engine::id::SystemId(home as u16);
    let user = bench.systems[1].plan().local_user(home, user).expect("a guest");
    let (number, tag) = (number(LOG_IN), engine::id::Tag(60));
    bench.handle(1, engine::Input::Dial { user, number, tag });
    bench.start(0, 1);
    bench.pass(seconds(660));
    bench.said();
    bench.register("202", PhoneModel::H9600, 0);
    bench.unregister("202", PhoneModel::H9600, 1, Leaves::Properly);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("B users of A: 201 logged out at 202"), "{said}");
    assert!(said.contains("B users of A: forgotten 202 settings 0 calls 1"), "{said}");
    assert_eq!(bench.systems[1].invariants(), Ok(()));
    assert_eq!(bench.attempt("301", "201"), "ring 201", "its own phone is still at the backup");
}

/// 203 has a DECT phone, and at the location of 202 the phones fail over to a fourth system.
fn with_more() -> Bench {
    let place = |name: &str, fallback_system| engine::plan::spec::LocationSpec {
        name: name.to_owned(),
        emergency_ars: None,
        fallback_system,
    };
    let mut systems = star();
    systems[0].locations = vec![place("here", None), place("far", Some(engine::id::SystemId(3)))];
    systems[0].location = Some("here".to_owned());
    systems[0] = systems[0].clone().ip_office(3, 4, 97_000).with_user("202", |user| {
        user.location = Some("far".to_owned());
        user.login_code = number("77");
    });
    systems[0].lines[2].backs_up = Some(engine::plan::spec::BacksUp::NOTHING);
    systems[0] = systems[0].clone().with_user("203", |user| {
        (user.phone, user.simultaneous, user.login_code) = (PhoneModel::Dect, false, number("77"));
    });
    systems[1] = systems[1].clone().ip_office(3, 4, 97_000);
    systems[2] = systems[2].clone().ip_office(3, 4, 97_000);
    let fourth = system("fourth", &["501"]).role(Role::Expansion);
    systems.push(fourth.ip_office(0, 4, 99_999).ip_office(1, 4, 99_998).ip_office(2, 4, 98_002));
    begin(systems)
}

#[test]
fn a_backup_that_stands_in_without_a_copy_of_the_user_is_as_good_as_none() {
    let mut bench = with_more();
    bench.stop(0);
    bench.pass(seconds(195));
    bench.register("201", DESK, 1);
    for (phone, name) in [("301", "B"), ("401", "C")] {
        bench.said();
        bench.dial(phone, "*35*202*77#", 50);
        bench.pass(seconds(0));
        let said = bench.said().join("\n");
        assert!(said.contains(&format!("{name} users of A: 202 at {phone} shows !")), "{said}");
        bench.dial(phone, "*36", 51);
        bench.pass(seconds(0));
    }
}

#[test]
fn the_phones_own_user_logs_in_with_the_own_code_and_the_visitor_is_logged_out() {
    let mut bench = running();
    logs_in(&mut bench);
    let said = dials(&mut bench, "*35*88#");
    assert!(said.contains("C users of A: 201 logged out at 401"), "{said}");
    assert_eq!([bench.attempt("301", "201"), bench.attempt("301", "401")], ["ring 201", "ring 401"]);
}

/// Who calls, as one system tells another.
fn calling(bench: &Bench) -> Vec<String> {
    let outputs = bench.outputs.iter().filter_map(|(_, output)| {
        let engine::Output::Peer { message, .. } = output else { return None };
        let engine::network::PeerBody::Setup { calling, .. } = message.body else { return None };
        Some(calling.as_str().to_owned())
    });
    outputs.collect()
}

#[test]
fn what_is_dialled_digit_by_digit_at_a_desk_is_dialled_by_whoever_sits_there() {
    let mut bench = running();
    logs_in(&mut bench);
    let (system, user) = bench.find("401");
    bench.handle(system, engine::Input::OffHook { user, tag: engine::id::Tag(70) });
    let call = bench.call(system, 70);
    for digit in *b"301" {
        bench.handle(system, engine::Input::Digit { user, call, digit });
    }
    assert_eq!(calling(&bench), ["201"]);
    bench.pass(seconds(0));
    assert!(bench.said().join("\n").contains("ring 301 #70"));
}

/// The mailbox that the latest call to one was brought to.
fn mailbox(bench: &mut Bench, from: &str, to: &str) -> String {
    bench.said();
    bench.dial(from, to, 80);
    bench.pass(seconds(16));
    bench.hang_up(from, 80);
    bench.pass(seconds(0));
    let said = bench.said();
    let record = said.iter().find(|line| line.contains("smdr #80") && line.contains("voicemail"));
    let record = record.unwrap_or_else(|| panic!("no mailbox: {said:#?}"));
    record.split_whitespace().find(|word| word.contains('>')).expect("the numbers").to_owned()
}

#[test]
fn messages_are_left_for_and_collected_by_whoever_sits_at_a_desk() {
    let mut systems = star();
    for system in &mut systems {
        system.voicemail.on = Some(engine::id::SystemId(0));
        system.users.iter_mut().for_each(|user| user.voicemail = true);
    }
    let mut bench = begin(systems);
    logs_in(&mut bench);
    assert!(mailbox(&mut bench, "401", "*17").ends_with(">201"), "the own messages");
    assert!(mailbox(&mut bench, "301", "201").ends_with(">201"), "nobody answers");
    assert!(mailbox(&mut bench, "301", "401").ends_with(">401"), "its own user is as one who is logged out");
}

/// 401 may moderate room 700, 201 a room of the same system and the own conference.
#[test]
fn whoever_sits_at_a_desk_moderates_what_is_that_users() {
    let mut systems = star();
    let room = |text: &str, moderator: &str| engine::plan::spec::RoomSpec {
        pin: number("9"),
        moderators: vec![number(moderator)],
        ..engine::plan::spec::RoomSpec::new(number(text))
    };
    systems[2].conferences.rooms = vec![room("700", "401"), room("701", "201")];
    systems[2] = systems[2].clone().code("*1N", Feature::ConferenceMeetMe, "N", 0);
    let mut bench = begin(systems);
    let role = |bench: &mut Bench, to: &str| {
        bench.said();
        bench.dial("401", to, 90);
        bench.pass(seconds(0));
        let call = bench.call(2, 90);
        let role = bench.systems[2].roster(call).and_then(|parties| parties.first().map(|party| party.role));
        bench.hang_up("401", 90);
        bench.pass(seconds(0));
        role
    };
    assert_eq!(["700", "701"].map(|to| role(&mut bench, to)), [Some(engine::Role::Moderator), None]);
    logs_in(&mut bench);
    assert_eq!(["700", "701"].map(|to| role(&mut bench, to)), [None, Some(engine::Role::Moderator)]);
    let own = ["*1201", "*1401"].map(|to| role(&mut bench, to));
    assert_eq!(own, [Some(engine::Role::Moderator), Some(engine::Role::Participant)]);
}

#[test]
fn follow_me_for_a_user_whose_phone_somebody_else_has_is_that_users() {
    let mut bench = running();
    logs_in(&mut bench);
    bench.set("402", "*12*401#");
    assert_eq!(bench.attempt("301", "201"), "ring 401", "the visitor's calls stay");
    assert_eq!(bench.attempt("301", "401"), "ring 402", "those of the phone's own user follow");
    bench.set("401", "*12*402#");
    assert_eq!(bench.attempt("301", "402"), "ring 401", "follow me here is to the number of the visitor");
    dials(&mut bench, "*36");
    assert_eq!(bench.attempt("301", "402"), "ring 201");
    assert_eq!(bench.attempt("301", "401"), "ring 201", "by way of 402");
}

#[test]
fn whoever_sits_elsewhere_stays_there_when_the_own_phone_registers_again_at_home() {
    let mut bench = running();
    logs_in(&mut bench);
    bench.register("201", DESK, 0);
    bench.unregister("201", DESK, 0, Leaves::Properly);
    bench.register("201", DESK, 0);
    assert_eq!(bench.attempt("301", "201"), "ring 401");
    bench.stop(0);
    bench.start(0, 1);
    bench.pass(seconds(60));
    bench.register("201", DESK, 0);
    assert_eq!(bench.attempt("301", "201"), "ring 401", "a short restart moves nobody");
    dials(&mut bench, "*36");
    assert_eq!(bench.attempt("301", "201"), "ring 201");
}

#[test]
fn a_dect_phone_stays_with_the_backup_when_its_user_logs_out_elsewhere() {
    let mut bench = with_more();
    bench.stop(0);
    bench.pass(seconds(60));
    bench.register("203", PhoneModel::Dect, 1);
    assert_eq!(bench.attempt("301", "203"), "ring 203");
    assert!(dials(&mut bench, "*35*203*77#").contains("203 logged in at 401"));
    assert_eq!(bench.attempt("301", "203"), "ring 401");
    assert!(dials(&mut bench, "*36").contains("203 logged out at 401"));
    assert_eq!(bench.attempt("301", "203"), "ring 203");
}
