//! Emergency calls: no bar, the form of the location, and any line there is (DOMAIN 3.8).

use super::USERS;
use crate::support::{Bench, Build, seconds, system};
use engine::plan::spec::Feature::{Dial, DialEmergency};
use engine::plan::spec::{LocationSpec, SystemSpec};

fn emergency_office() -> SystemSpec {
    let mut spec = system("office", &USERS)
        .trunk(1, 1)
        .trunk(1, 2)
        .trunk(1, 3)
        .code("112", DialEmergency, "112", 1)
        .code("0N", Dial, ".", 1)
        .form(60, &[("?", Dial, ".", 2)])
        .form(61, &[("?", Dial, ".", 3)])
        .with_user("202", |u| u.outgoing_call_bar = true)
        .with_user("203", |u| u.logged_in = false)
        .with_user("204", |u| u.location = Some("attic".into()))
        .with_user("205", |u| u.forced_account_code = engine::plan::spec::ForcedAccountCode::ExternalCalls);
    spec.locations.push(LocationSpec { name: "attic".into(), emergency_ars: None, fallback_system: None });
    spec
}

#[test]
fn emergency_calls_pass_every_bar() {
    let mut bench = Bench::new(vec![emergency_office()]);
    assert_eq!(bench.attempt("202", "01"), "released 21");
    for user in &USERS[..5] {
        assert_eq!(bench.attempt(user, "112"), format!("trunk set-up 1.0 {user}>112"));
    }
}

#[test]
fn emergency_calls_take_the_form_of_the_location_else_of_the_system() {
    let mut spec = emergency_office();
    spec.emergency_ars = Some(60);
    let mut bench = Bench::new(vec![spec.clone()]);
    assert_eq!(bench.attempt("201", "112"), "trunk set-up 2.0 201>112");
    assert_eq!(bench.attempt("204", "112"), "trunk set-up 2.0 204>112");
    spec.locations[0].emergency_ars = Some(61);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "112"), "trunk set-up 2.0 201>112");
    assert_eq!(bench.attempt("204", "112"), "trunk set-up 3.0 204>112");
}

#[test]
fn an_emergency_call_takes_any_line_and_waits_only_if_none_is_free_at_all() {
    let mut bench = Bench::new(vec![emergency_office()]);
    for (tag, line) in [(1, 0), (2, 1)] {
        bench.trunk_setup(0, line, if line == 0 { "205" } else { "206" }, tag);
    }
    bench.said();
    bench.dial("202", "112", 3);
    bench.dial("201", "112", 4);
    bench.expect(
        "0s A accepted #3
         0s A trunk set-up 3.0 #3 202>112
         0s A accepted #4
         0s A tone camp-on #4",
    );
}

#[test]
fn an_emergency_call_finds_a_line_although_its_form_is_out_of_service_or_does_not_know_the_number() {
    let mut out = emergency_office();
    out.emergency_ars = Some(60);
    out.ars_forms[0].in_service = false;
    let mut unknown = emergency_office();
    unknown.emergency_ars = Some(60);
    unknown.ars_forms[0].codes[0].code = "9".into();
    for spec in [out, unknown] {
        assert_eq!(Bench::new(vec![spec]).attempt("202", "112"), "trunk set-up 1.0 202>112");
    }
}

#[test]
fn in_north_america_911_passes_every_bar_by_default() {
    use engine::plan::spec::{CompandingLaw, ForcedAccountCode};
    for dialled in ["911", "9911"] {
        let spec = system("office", &USERS)
            .law(CompandingLaw::ULaw)
            .trunk(1, 0)
            .with_user("202", |u| u.outgoing_call_bar = true)
            .with_user("203", |u| u.forced_account_code = ForcedAccountCode::ExternalCalls);
        let mut bench = Bench::new(vec![spec]);
        for user in ["201", "202", "203"] {
            assert_eq!(bench.attempt(user, dialled), format!("trunk set-up 1.0 {user}>911"), "{dialled}");
        }
        assert_eq!(bench.attempt("202", "95550100"), "released 21");
    }
}

#[test]
fn an_emergency_call_that_has_to_wait_gets_the_first_line_of_all() {
    let mut bench = Bench::new(vec![emergency_office()]);
    for (tag, line, user) in [(1, 0, "202"), (2, 1, "204"), (3, 2, "205")] {
        bench.trunk_setup(0, line, user, tag);
    }
    bench.dial("206", "01", 4);
    bench.dial("201", "112", 5);
    bench.said();
    bench.trunk_release(0, 3, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 3.0 #5 201>112"));
    bench.hang_up("201", 5);
    bench.trunk_setup(0, 2, "205", 6);
    bench.dial("201", "112", 7);
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 1.0 #7 201>112"));
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
}

#[test]
fn an_emergency_call_goes_round_the_silent_lines_before_it_tries_one_again() {
    let mut bench = Bench::new(vec![emergency_office()]);
    bench.dial("201", "112", 1);
    bench.pass(seconds(13));
    let said = bench.said();
    let lines: Vec<&str> = said.iter().filter_map(|s| s.split("set-up ").nth(1)?.split(' ').next()).collect();
    assert_eq!(lines, ["1.0", "2.0", "3.0", "1.0"]);
}
