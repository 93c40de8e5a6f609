//! Phones go home: after more than ten minutes, when idle, and with five minutes to get there.

use super::{DESK, SOFT, ask, failed_over, refuses, star};
use crate::support::{Bench, Build, seconds};
use engine::network::{Leaves, Refusal};
use engine::plan::spec::{Feature, PhoneFailback, PhoneModel};

/// The primary is back since 1000 s; the secondary has 201, 202 and both phones of 203.
fn repaired(mut bench: Bench) -> Bench {
    bench.register("202", PhoneModel::H9600, 1);
    bench.register("203", DESK, 1);
    bench.register("203", SOFT, 1);
    bench.pass(seconds(705));
    bench.start(0, 1);
    bench.pass(seconds(0));
    bench.said();
    bench
}

#[test]
fn idle_phones_are_sent_home_after_more_than_ten_minutes() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(600));
    bench.expect(
        "1005s A line to B up
         1005s A line to C up",
    );
    bench.pass(seconds(1));
    bench.expect(
        "1600.001s B users of A: failed back
         1600.001s B hunt_groups of A: failed back
         1600.001s B conferences of A: failed back
         1600.001s B sends 201 home
         1600.001s B sends 202 home
         1600.001s B sends 203 home",
    );
}

#[test]
fn until_then_calls_go_to_the_backup_even_from_home() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(300));
    assert_eq!(bench.attempt("401", "201"), "ring 201");
    bench.register("201", DESK, 0);
    assert_eq!(bench.attempt("401", "201"), "ring 201", "a phone that was restarted finds its home first");
}

#[test]
fn a_busy_phone_goes_home_when_its_call_has_ended() {
    let mut bench = repaired(failed_over(star()));
    bench.dial("401", "201", 1);
    bench.pass(seconds(1));
    let call = bench.call(1, 1);
    let user = guest(&bench, "201");
    bench.handle(1, engine::Input::Answer { user, call });
    bench.pass(seconds(700));
    let said = bench.said().join("\n");
    assert!(said.contains("sends 202 home") && !said.contains("sends 201 home"), "{said}");
    bench.hang_up("401", 1);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("sends 201 home"), "{said}");
}

/// The number of a user of the primary on the secondary.
fn guest(bench: &Bench, extension: &str) -> engine::id::UserId {
    let (home, user) = bench.find(extension);
    bench.systems[1].plan().local_user(engine::id::SystemId(home as u16), user).expect("a guest")
}

#[test]
fn a_phone_that_does_not_get_home_may_come_back_for_five_minutes() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(601));
    bench.unregister("201", DESK, 1, Leaves::Silently);
    bench.pass(seconds(100));
    refuses(&mut bench, ("201", DESK), Refusal::HomeVisible);
}

#[test]
fn five_minutes_after_it_was_sent_home_a_phone_is_no_longer_a_guest() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(700));
    assert_eq!(ask(&mut bench, "201", DESK, 1), None, "homeless prevention");
    bench.pass(seconds(199));
    assert_eq!(bench.attempt("401", "201"), "ring 201");
    bench.pass(seconds(2));
    refuses(&mut bench, ("201", DESK), Refusal::HomeVisible);
    assert_eq!(bench.attempt("401", "201"), "released 20");
}

#[test]
fn what_was_changed_at_the_backup_is_lost_and_what_was_changed_before_is_there() {
    let with_codes = |mut systems: Vec<engine::plan::spec::SystemSpec>| {
        for system in &mut systems {
            *system = system.clone().code("*08", Feature::DoNotDisturbOn, "", 0).code(
                "*09",
                Feature::DoNotDisturbOff,
                "",
                0,
            );
        }
        systems
    };
    let mut bench = Bench::new(with_codes(star()));
    bench.start_all();
    bench.pass(seconds(50));
    bench.set("201", "*08");
    bench.pass(seconds(50));
    bench.stop(0);
    bench.pass(seconds(200));
    bench.register("201", DESK, 1);
    assert_eq!(bench.attempt("401", "201"), "released 17");
    let (user, tag) = (guest(&bench, "201"), engine::id::Tag(77));
    bench.handle(1, engine::Input::Dial { user, number: crate::support::number("*09"), tag });
    assert_eq!(bench.attempt("401", "201"), "ring 201");
    bench.start(0, 1);
    bench.pass(seconds(10));
    bench.set("201", "*08");
    bench.pass(seconds(600));
    bench.register("201", DESK, 0);
    bench.unregister("201", DESK, 1, Leaves::Properly);
    assert_eq!(bench.attempt("401", "201"), "released 17", "as at home, not as at the backup");
}

#[test]
fn in_manual_mode_an_h323_phone_stays_until_it_is_logged_out_or_restarted() {
    let mut systems = star();
    systems[0].phone_failback = PhoneFailback::Manual;
    systems[1] = systems[1].clone().code("*36", Feature::ExtnLogout, "", 0);
    let mut bench = repaired(failed_over(systems));
    bench.pass(seconds(3_600));
    let said = bench.said().join("\n");
    assert!(said.contains("sends 201 home") && !said.contains("sends 202 home"), "{said}");
    let (user, tag) = (guest(&bench, "202"), engine::id::Tag(77));
    bench.handle(1, engine::Input::Dial { user, number: crate::support::number("*36"), tag });
    let said = bench.said().join("\n");
    assert!(said.contains("sends 202 home"), "{said}");
}

#[test]
fn a_home_that_is_lost_again_keeps_its_phones_at_the_backup() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(570));
    bench.stop(0);
    bench.pass(seconds(100));
    let said = bench.said().join("\n");
    assert!(said.contains("phones of A: lost") && !said.contains("home"), "{said}");
    assert_eq!(bench.attempt("401", "201"), "ring 201");
}

#[test]
fn everything_is_home_when_the_last_phone_is() {
    let mut bench = repaired(failed_over(star()));
    bench.pass(seconds(601));
    bench.said();
    for (extension, phone) in [("201", DESK), ("202", PhoneModel::H9600), ("203", DESK), ("203", SOFT)] {
        bench.register(extension, phone, 0);
    }
    bench.expect(
        "1601s A registers 201 J100
         1601s B phones of A: returned 201
         1601s A registers 202 H9600
         1601s B phones of A: returned 202
         1601s A registers 203 J100
         1601s B phones of A: returned 203
         1601s B phones of A: failed back
         1601s A registers 203 Workplace",
    );
    for (extension, phone) in [("201", DESK), ("202", PhoneModel::H9600), ("203", DESK), ("203", SOFT)] {
        bench.unregister(extension, phone, 1, Leaves::Properly);
    }
    bench.pass(seconds(3_600));
    bench.expect("");
}

/// The backup is cut off with the phones, which find their way home: when it is back, what it remembers is older than that.
#[test]
fn a_phone_that_came_home_unheard_is_at_home_whatever_the_backup_remembers() {
    for restarts in [true, false] {
        let mut bench = failed_over(star());
        if restarts {
            bench.start(0, 1);
        }
        bench.cut = Box::new(|from, to| from == 1 || to == 1);
        bench.pass(seconds(60));
        if !restarts {
            bench.start(0, 1);
        }
        bench.register("201", DESK, 0);
        bench.unregister("201", DESK, 1, Leaves::Silently);
        bench.pass(seconds(60));
        bench.cut = Box::new(|_, _| false);
        bench.pass(seconds(30));
        assert_eq!(bench.attempt("401", "201"), "ring 201");
        assert_eq!(bench.attempt("301", "201"), "ring 201");
    }
}
