//! Users who log in at the phones of others: with the settings of their home or its backup, or with "!", logged out in failover
//! and at home again after it (RES "User Resilience", "IP Phone Resilience").

use super::{DESK, star};
use crate::support::{Bench, Build, seconds};
use engine::network::Leaves;
use engine::plan::spec::{Feature, PhoneModel};

const LOG_IN: &str = "*35*201*77#";

/// The star, in which 201 has the login code 77 and everybody may log in, out and set do not disturb; it runs since 100 s.
fn running() -> Bench {
    let mut systems = star();
    for system in &mut systems {
        *system = system
            .clone()
            .code("*35*N#", Feature::ExtnLogin, "N", 0)
            .code("*36", Feature::ExtnLogout, "", 0)
            .code("*08", Feature::DoNotDisturbOn, "", 0);
    }
    systems[0] = systems[0].clone().with_user("201", |user| user.login_code = crate::support::number("77"));
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
    let (number, tag) = (crate::support::number(LOG_IN), engine::id::Tag(60));
    bench.handle(1, engine::Input::Dial { user, number, tag });
    bench.start(0, 1);
    bench.pass(seconds(660));
    bench.said();
    bench.register("202", PhoneModel::H9600, 0);
    bench.unregister("202", PhoneModel::H9600, 1, Leaves::Properly);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("B users of A: 201 logged out at 202"), "{said}");
    assert_eq!(bench.systems[1].invariants(), Ok(()));
    assert_eq!(bench.attempt("301", "201"), "ring 201", "its own phone is still at the backup");
}
