//! ARS forms: entries, alternates, causes, chains of forms (DOMAIN 3).

mod emergency;
mod service;
mod waiting;

pub(crate) use service::office_hours;

use crate::support::{Bench, Build, seconds, system};
use engine::id::LineId;
use engine::plan::spec::{Feature, SystemSpec, TimeProfileSpec};
use engine::{Input, Service};

use Feature::{Barred, Busy, Dial};

const USERS: [&str; 6] = ["201", "202", "203", "204", "205", "206"];

/// Groups 1, 2 and 3 with one channel each; form 50 has group 1 with alternate form 51, which has group 2.
fn with_alternate(level: u8, wait: Option<u64>) -> SystemSpec {
    system("office", &USERS)
        .trunk(1, 1)
        .trunk(1, 2)
        .trunk(1, 3)
        .form(50, &[("?", Dial, ".", 1)])
        .with_form(|f| {
            f.alternate_route = Some(51);
            f.alternate_route_priority_level = level;
            f.alternate_route_wait_time = wait.map(seconds);
        })
        .form(51, &[("?", Dial, "9.", 2)])
}

fn low(spec: SystemSpec, user: &str, priority: u8) -> SystemSpec {
    spec.with_user(user, |u| u.priority = priority)
}

fn line_service(bench: &mut Bench, line: u16, service: Service) {
    bench.handle(0, Input::LineService { line: LineId(line), service });
}

#[test]
fn whoever_has_the_priority_takes_the_alternate_route_at_once_and_others_wait() {
    for priority in 1..=5 {
        for level in 1..=5 {
            let mut bench = Bench::new(vec![low(with_alternate(level, Some(7)), "202", priority)]);
            bench.dial("201", "01", 1);
            bench.said();
            bench.dial("202", "02", 2);
            if priority >= level {
                bench.expect(
                    "0s A accepted #2
                     0s A trunk set-up 2.0 #2 202>902",
                );
                continue;
            }
            bench.trunk_answer(0, 1);
            bench.said();
            bench.pass(seconds(6));
            bench.expect("");
            bench.pass(seconds(1));
            bench.expect("7s A trunk set-up 2.0 #2 202>902");
        }
    }
}

#[test]
fn the_system_wide_default_is_an_alternate_for_priority_3_and_30_seconds() {
    let spec = with_alternate(3, Some(30));
    let form = engine::plan::spec::ArsFormSpec::new(50, "", vec![]);
    assert_eq!(form.alternate_route_priority_level, spec.ars_forms[0].alternate_route_priority_level);
    assert_eq!(form.alternate_route_wait_time, spec.ars_forms[0].alternate_route_wait_time);
}

#[test]
fn alternates_of_alternates_open_one_after_the_other() {
    let spec = with_alternate(5, Some(10))
        .with_form(|f| {
            f.alternate_route = Some(52);
            f.alternate_route_priority_level = 4;
            f.alternate_route_wait_time = Some(seconds(20));
        })
        .form(52, &[("?", Dial, "8.", 3)]);
    let mut bench = Bench::new(vec![low(spec, "203", 1)]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.dial(user, "0", tag);
        bench.trunk_answer(0, tag);
    }
    bench.said();
    bench.dial("203", "03", 3);
    bench.pass(seconds(29));
    bench.expect("0s A accepted #3\n0s A tone camp-on #3");
    bench.pass(seconds(1));
    bench.expect("30s A trunk set-up 3.0 #3 203>803");
}

#[test]
fn busy_and_barred_never_escalate() {
    for (feature, cause) in [(Busy, 17), (Barred, 21)] {
        let mut spec = with_alternate(1, Some(10));
        spec.ars_forms[0].codes[0].feature = feature;
        let mut bench = Bench::new(vec![spec]);
        assert_eq!(bench.attempt("201", "01"), format!("released {cause}"));
    }
}

#[test]
fn a_number_that_the_first_form_does_not_know_is_incompatible_whatever_the_alternate_knows() {
    let mut spec = with_alternate(1, Some(10));
    spec.ars_forms[0].codes[0].code = "07N".to_owned();
    assert_eq!(Bench::new(vec![spec]).attempt("201", "01"), "released 88");
}

#[test]
fn a_less_exact_code_is_no_fallback() {
    let entries = [("0N", Dial, ".", 1), ("?", Dial, ".", 2), ("XN", Dial, ".", 3)];
    let spec = system("office", &USERS).trunk(1, 1).trunk(1, 2).trunk(1, 3).form(50, &entries);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.dial("202", "02", 2);
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 201>01
         0s A accepted #2
         0s A tone camp-on #2",
    );
}

#[test]
fn entries_after_a_nested_form_are_tried_when_its_own_are_used_up() {
    let spec = system("office", &USERS)
        .trunk(1, 1)
        .trunk(1, 2)
        .trunk(1, 3)
        .form(50, &[("?", Dial, "5.", 51), ("?", Dial, "3.", 3)])
        .form(51, &[("?", Dial, "1.", 1), ("?", Dial, "2.", 2)]);
    let mut bench = Bench::new(vec![spec]);
    for (tag, user) in (1..).zip(["201", "202", "203", "204"]) {
        bench.dial(user, "0", tag);
    }
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 201>150
         0s A accepted #2
         0s A trunk set-up 2.0 #2 202>250
         0s A accepted #3
         0s A trunk set-up 3.0 #3 203>30
         0s A accepted #4
         0s A tone camp-on #4",
    );
}

#[test]
fn forms_that_lead_in_a_circle_end_with_25_whichever_way_they_lead() {
    let circle = || system("office", &USERS).trunk(1, 1).form(50, &[("?", Dial, ".", 1)]);
    let alternates = circle()
        .with_form(|f| f.alternate_route = Some(51))
        .form(51, &[("?", Dial, ".", 1)])
        .with_form(|f| f.alternate_route = Some(50));
    let out_of_service = circle()
        .with_form(|f| (f.in_service, f.out_of_service_route) = (false, Some(51)))
        .form(51, &[])
        .with_form(|f| (f.in_service, f.out_of_service_route) = (false, Some(50)));
    let mut out_of_hours = circle()
        .with_form(|f| (f.time_profile, f.out_of_hours_route) = (Some("office".into()), Some(51)))
        .form(51, &[])
        .with_form(|f| (f.time_profile, f.out_of_hours_route) = (Some("office".into()), Some(50)));
    out_of_hours.time_profiles.push(TimeProfileSpec { name: "office".into(), spans: vec![] });
    for spec in [alternates, out_of_service, out_of_hours] {
        let mut bench = Bench::new(vec![spec]);
        bench.trunk_setup(0, 0, "206", 1);
        assert_eq!(bench.attempt("201", "01"), "released 25");
    }
}

#[test]
fn forms_may_be_nested_32_deep() {
    for (deep, expected) in
        [(20, "trunk set-up 1.0 201>01"), (32, "trunk set-up 1.0 201>01"), (33, "released 25")]
    {
        let mut spec = system("office", &USERS).trunk(1, 1);
        for n in 0..deep {
            let next = if n + 1 == deep { 1 } else { 51 + n };
            spec = spec.form(50 + n, &[("?", Dial, ".", next)]);
        }
        assert_eq!(Bench::new(vec![spec]).attempt("201", "01"), expected, "{deep}");
    }
}

#[test]
fn check_user_call_barring_applies_the_callers_classes_to_the_number_dialled() {
    use engine::plan::spec::{CallClass, CallClasses};
    let spec = |check| {
        let mut spec = system("office", &USERS)
            .trunk(1, 1)
            .form(50, &[("00N", Dial, "1N", 1), ("?", Dial, ".", 1)])
            .with_user("201", |u| {
                u.allowed = CallClasses::NONE.with(CallClass::Internal).with(CallClass::Local)
            });
        spec.ars_forms[0].check_user_call_barring = check;
        Bench::new(vec![spec])
    };
    // What is sent is local; what was dialled is international.
    assert_eq!(spec(false).attempt("201", "0044"), "trunk set-up 1.0 201>144");
    assert_eq!(spec(true).attempt("201", "0044"), "released 21");
    assert_eq!(spec(true).attempt("202", "0044"), "trunk set-up 1.0 202>144");
}

#[test]
fn a_line_group_that_a_call_gave_up_may_be_used_again_by_the_alternate_form() {
    let mut spec = with_alternate(5, Some(10));
    spec.ars_forms[1].codes[0].line_group = 1;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.said();
    bench.trunk_release(0, 1, 3);
    bench.expect("0s A trunk set-up 1.0 #1 201>901");
    // Whoever has to wait for the alternate does so although no line is full.
    let mut bench = Bench::new(vec![low(with_alternate(5, Some(10)), "202", 1)]);
    bench.dial("202", "02", 1);
    bench.said();
    bench.trunk_release(0, 1, 3);
    bench.expect("0s A tone camp-on #1");
    bench.pass(seconds(10));
    bench.expect("10s A trunk set-up 2.0 #1 202>902");
}

#[test]
fn a_silent_line_group_is_given_up_for_the_alternate_form() {
    let mut bench = Bench::new(vec![with_alternate(5, Some(10))]);
    bench.dial("201", "01", 1);
    bench.pass(seconds(4));
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 201>01
         4s A trunk release 1.0 #1 102
         4s A trunk set-up 2.0 #1 201>901",
    );
}

#[test]
fn every_cause_does_to_a_form_with_an_alternate_what_the_table_says() {
    for cause in 0..128 {
        let mut bench = Bench::new(vec![with_alternate(5, Some(10))]);
        bench.dial("201", "01", 1);
        bench.said();
        bench.trunk_release(0, 1, cause);
        let expected = if crate::brute_force::re_routes(cause) {
            "0s A trunk set-up 2.0 #1 201>901".to_owned()
        } else {
            format!("0s A released #1 {cause}")
        };
        assert_eq!(bench.said()[0], expected);
    }
}

/// Form 50 names form 51, then group 3; the alternate of 51 is 52, which opens after 10 s and names group 2.
fn nested() -> SystemSpec {
    let alternate = |form: &mut engine::plan::spec::ArsFormSpec| {
        form.alternate_route = Some(52);
        form.alternate_route_priority_level = 5;
        form.alternate_route_wait_time = Some(seconds(10));
    };
    let spec =
        system("office", &USERS).trunk(1, 1).trunk(1, 2).trunk(1, 3).with_user("202", |u| u.priority = 1);
    spec.form(50, &[("?", Dial, "5.", 51), ("?", Dial, "3.", 3)])
        .form(51, &[("?", Dial, "1.", 1)])
        .with_form(alternate)
        .form(52, &[("?", Dial, "2.", 2)])
}

#[test]
fn an_alternate_route_that_opens_in_the_middle_of_the_list_is_tried() {
    let mut bench = Bench::new(vec![nested()]);
    // Group 1 is full, group 3 fails: the call waits until the alternate of the nested form opens before group 3.
    bench.dial("203", "03", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.trunk_release(0, 2, 3);
    bench.expect("0s A tone camp-on #2");
    bench.pass(seconds(10));
    bench.expect("10s A trunk set-up 2.0 #2 202>2502");
}

#[test]
fn what_a_trunk_says_about_a_route_given_up_does_not_count_for_the_next_one_on_the_same_channel() {
    use engine::cause::Cause;
    let mut spec = with_alternate(5, Some(10));
    spec.ars_forms[1].codes[0].line_group = 1;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.pass(seconds(4));
    assert_eq!(bench.said().last().map(String::as_str), Some("4s A trunk set-up 1.0 #1 201>901"));
    let (call, attempt) = (bench.call(0, 1), 1);
    for late in [
        engine::Input::TrunkProceeding { call, attempt },
        engine::Input::TrunkAlerting { call, attempt },
        engine::Input::TrunkAnswer { call, attempt },
        engine::Input::TrunkRelease { call, attempt, cause: Cause::USER_BUSY },
    ] {
        bench.handle(0, late);
        bench.expect("");
    }
    let stats = bench.systems[0].stats();
    assert_eq!((stats.late_trunk_words, stats.unexpected), (4, 0));
    bench.trunk_answer(0, 1);
    bench.expect("4s A connected #1");
}

#[test]
fn a_channel_that_another_system_refuses_with_34_ends_the_call_and_a_cause_of_the_table_re_routes() {
    // DOMAIN 3.5: 34 has no effect on ARS, whoever says it.
    for (b_channels, feature, expected) in [(1, Dial, "released 34"), (2, Barred, "released 21")] {
        let entries = [("?", Dial, "7.", 7), ("?", Dial, ".", 1)];
        let a = system("a", &["201", "202"]).ip_office(1, 2, 7).trunk(1, 1).form(50, &entries);
        let b = system("b", &["301"]).ip_office(0, b_channels, 7).code("7N", feature, "N", 7);
        let mut bench = Bench::new(vec![a, b]);
        bench.dial("202", "301", 1);
        bench.pass(seconds(0));
        assert_eq!(bench.attempt("201", "05"), expected);
    }
    let entries = [("?", Dial, "8.", 7), ("?", Dial, ".", 1)];
    let a = system("a", &["201"]).ip_office(1, 2, 7).trunk(1, 1).form(50, &entries);
    let b = system("b", &["301"]).ip_office(0, 2, 7).code("7", Dial, "N", 7);
    let said = Bench::new(vec![a, b]).attempt("201", "05");
    assert_eq!(said, "trunk set-up 2.0 201>05", "88 re-routes");
}
