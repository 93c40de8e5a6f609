//! ARS forms: alternates, waiting for a line, service and hours, emergency (DOMAIN 3).

use crate::support::{Bench, Build, seconds, system};
use engine::id::LineId;
use engine::plan::spec::{Day, Feature, LocationSpec, SystemSpec, TimeOfWeek, TimeProfileSpec, TimeSpanSpec};
use engine::{Input, Service};

use Feature::{Barred, Busy, Dial, DialEmergency};

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
fn a_wait_time_that_is_off_never_opens_the_alternate_route() {
    let mut bench = Bench::new(vec![low(with_alternate(3, None), "202", 2)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    assert_eq!(bench.systems[0].timers_armed(), 0);
    bench.pass(seconds(3_600));
    bench.expect("");
    bench.hang_up("201", 1);
    bench.expect(
        "3600s A trunk release 1.0 #1 16
         3600s A smdr #1 201>01>01 201>1.0 rang 0s talked 3600s Caller 16
         3600s A trunk set-up 1.0 #2 202>02",
    );
    bench.hang_up("202", 2);
    bench.said();
    bench.expect_idle();
}

#[test]
fn the_system_wide_default_is_an_alternate_for_priority_3_and_30_seconds() {
    let spec = with_alternate(3, Some(30));
    let form = engine::plan::spec::ArsFormSpec::new(50, "", vec![]);
    assert_eq!(form.alternate_route_priority_level, spec.ars_forms[0].alternate_route_priority_level);
    assert_eq!(form.alternate_route_wait_time, spec.ars_forms[0].alternate_route_wait_time);
}

#[test]
fn a_line_that_frees_up_before_the_wait_is_over_is_taken_and_the_timer_stops() {
    let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "202", 1)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.pass(seconds(9));
    bench.said();
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "9s A released #1 16
         9s A smdr #1 201>01>01 201>1.0 rang 0s talked 9s Callee 16
         9s A trunk set-up 1.0 #2 202>02",
    );
    bench.trunk_answer(0, 2);
    assert_eq!(bench.systems[0].timers_armed(), 0);
}

#[test]
fn after_the_wait_the_routes_of_both_forms_count() {
    for (freed, expected) in [(1, "trunk set-up 1.0 #3 203>03"), (2, "trunk set-up 2.0 #3 203>903")] {
        let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "203", 1)]);
        for (tag, user) in [(1, "201"), (2, "202")] {
            bench.dial(user, "0", tag);
            bench.trunk_answer(0, tag);
        }
        bench.dial("203", "03", 3);
        bench.pass(seconds(10));
        bench.pass(seconds(5));
        bench.said();
        bench.trunk_release(0, freed, 16);
        assert_eq!(bench.said().last(), Some(&format!("15s A {expected}")));
    }
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
fn an_alternate_form_that_does_not_know_the_number_lets_the_call_go_on_waiting() {
    let mut spec = low(with_alternate(3, Some(10)), "203", 1);
    spec.ars_forms[1].codes[0].code = "07N".to_owned();
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.said();
    bench.dial("202", "02", 2);
    bench.dial("203", "03", 3);
    bench.pass(seconds(100));
    bench.expect(
        "0s A accepted #2
         0s A tone camp-on #2
         0s A accepted #3
         0s A tone camp-on #3",
    );
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 2);
}

#[test]
fn the_longest_waiting_call_gets_the_line_and_nobody_is_passed_over() {
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 0)]);
    for (tag, user) in USERS.into_iter().enumerate() {
        bench.dial(user, &format!("0{tag}"), tag as u64);
        if tag == 0 {
            bench.trunk_answer(0, 0);
        }
        bench.pass(seconds(1));
    }
    // One gives up while it waits.
    bench.hang_up("203", 2);
    bench.said();
    for tag in [0, 1, 3, 4] {
        let next = if tag == 1 { 3 } else { tag + 1 };
        bench.trunk_release(0, tag, 17);
        let set_up = bench.said().pop().expect("the next call leaves");
        assert!(set_up.contains(&format!("trunk set-up 1.0 #{next} ")), "{set_up}");
    }
}

/// 201 and 202 hold groups 1 and 2; 203 waits for 1, then 204 for either, then 205 for 2.
fn two_groups() -> Bench {
    let spec = system("office", &USERS)
        .trunk(1, 1)
        .trunk(1, 2)
        .code("1N", Dial, "N", 1)
        .code("2N", Dial, "N", 2)
        .code("3N", Dial, "N", 53)
        .form(53, &[("?", Dial, ".", 1), ("?", Dial, ".", 2)]);
    let mut bench = Bench::new(vec![spec]);
    for (tag, (user, number)) in
        [("201", "11"), ("202", "21"), ("203", "13"), ("204", "34"), ("205", "25")].into_iter().enumerate()
    {
        bench.dial(user, number, tag as u64 + 1);
        if tag < 2 {
            bench.trunk_answer(0, tag as u64 + 1);
        }
    }
    bench.said();
    bench
}

#[test]
fn a_freed_line_goes_to_the_longest_waiting_call_that_it_suits() {
    for (released, order) in
        [([1, 2], ["1.0 #3 203>3", "2.0 #4 204>4"]), ([2, 1], ["2.0 #4 204>4", "1.0 #3 203>3"])]
    {
        let mut bench = two_groups();
        for (tag, expected) in released.into_iter().zip(order) {
            bench.trunk_release(0, tag, 16);
            let said = bench.said();
            assert_eq!(said.last(), Some(&format!("0s A trunk set-up {expected}")), "{said:#?}");
        }
        assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
    }
}

#[test]
fn a_call_that_is_routed_anew_does_not_overtake_those_that_wait() {
    // The alternate route has the same group.
    let mut spec = with_alternate(1, None);
    spec.ars_forms[1].codes[0].line_group = 1;
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "01", 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.trunk_release(0, 1, 3);
    bench.expect(
        "0s A tone camp-on #1
         0s A trunk set-up 1.0 #2 202>02",
    );
}

#[test]
fn a_call_waits_for_a_group_that_was_full_although_a_later_entry_failed() {
    let entries = [("?", Dial, ".", 1), ("?", Dial, ".", 2)];
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 1).trunk(1, 2).form(50, &entries)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.trunk_release(0, 2, 3);
    bench.expect("0s A tone camp-on #2");
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 1.0 #2 202>02"));
}

#[test]
fn a_line_group_that_a_call_gave_up_is_not_tried_again_after_a_wait() {
    let entries = [("?", Dial, ".", 1), ("?", Dial, ".", 2)];
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(1, 1).trunk(1, 2).form(50, &entries)]);
    bench.trunk_setup(0, 1, "201", 1);
    bench.answer("201", 1);
    bench.dial("202", "02", 2);
    bench.trunk_release(0, 2, 3);
    bench.said();
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A trunk set-up 2.0 #2 202>02"));
}

#[test]
fn a_call_that_waits_counts_once_as_blocked() {
    let mut bench = Bench::new(vec![low(with_alternate(3, Some(10)), "203", 1)]);
    for (tag, user) in [(1, "201"), (2, "202")] {
        bench.dial(user, "0", tag);
        bench.trunk_answer(0, tag);
    }
    bench.dial("203", "03", 3);
    bench.pass(seconds(20));
    let blocked: Vec<u64> =
        (0..3).map(|g| bench.systems[0].line_group_usage(engine::id::LineGroupId(g)).blocked).collect();
    assert_eq!(blocked, [1, 0, 0]);
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
fn a_form_out_of_service_sends_calls_to_its_out_of_service_route() {
    let out = |route| {
        let spec = with_alternate(3, Some(30));
        let mut spec =
            spec.code("*1", Feature::EnableArsForm, "50", 0).code("*2", Feature::DisableArsForm, "50", 0);
        spec = spec.code("?", Dial, ".", 50).code("*3", Feature::DisableArsForm, "77", 0);
        spec.ars_forms[0].out_of_service_route = route;
        spec
    };
    let mut spec = out(Some(51));
    spec.ars_forms[0].in_service = false;
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "01"), "trunk set-up 2.0 201>901");
    bench.set("201", "*1");
    assert_eq!(bench.attempt("201", "01"), "trunk set-up 1.0 201>01");
    bench.set("201", "*2");
    assert_eq!(bench.attempt("201", "01"), "trunk set-up 2.0 201>901");
    assert_eq!(bench.attempt("201", "*3"), "released 21", "there is no such form");
    // Without a route there is no way out.
    let mut bench = Bench::new(vec![out(None)]);
    bench.set("201", "*2");
    assert_eq!(bench.attempt("201", "01"), "released 38");
}

#[test]
fn a_form_taken_out_of_service_leaves_calls_alone_and_moves_those_that_wait() {
    let mut spec =
        with_alternate(5, None).code("*2", Feature::DisableArsForm, "50", 0).code("?", Dial, ".", 50);
    spec.ars_forms[0].out_of_service_route = Some(51);
    let mut bench = Bench::new(vec![low(spec, "202", 1)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    bench.dial("202", "02", 2);
    bench.said();
    bench.dial("203", "*2", 3);
    bench.expect(
        "0s A accepted #3
         0s A released #3 16
         0s A smdr #3 203>*2>*2 203>- rang 0s unanswered System 16
         0s A trunk set-up 2.0 #2 202>902",
    );
    assert_eq!(bench.systems[0].calls_in_progress(), 2);
}

fn hours(h: u64) -> engine::time::Duration {
    seconds(h * 3_600)
}

pub(crate) fn office_hours() -> TimeProfileSpec {
    use Day::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let days = vec![Monday, Tuesday, Wednesday, Thursday, Friday];
    TimeProfileSpec {
        name: "office".into(),
        spans: vec![TimeSpanSpec { days, from: hours(9), to: hours(17) }],
    }
}

#[test]
fn outside_its_hours_a_form_sends_calls_to_its_out_of_hours_route() {
    let spec = || {
        let mut spec = with_alternate(3, Some(30));
        spec.time_profiles.push(office_hours());
        spec.ars_forms[0].time_profile = Some("office".into());
        spec.ars_forms[0].out_of_hours_route = Some(51);
        spec
    };
    for (day, hour, expected) in [
        (Day::Monday, 9, "trunk set-up 1.0 201>01"),
        (Day::Monday, 8, "trunk set-up 2.0 201>901"),
        (Day::Friday, 17, "trunk set-up 2.0 201>901"),
        (Day::Sunday, 12, "trunk set-up 2.0 201>901"),
    ] {
        let mut bench = Bench::beginning_at(vec![spec()], TimeOfWeek::new(day, hours(hour)));
        assert_eq!(bench.attempt("201", "01"), expected, "{day:?} {hour}");
    }
    // In the course of a run.
    let mut bench = Bench::beginning_at(vec![spec()], TimeOfWeek::new(Day::Monday, hours(16)));
    bench.pass(hours(1));
    assert_eq!(bench.attempt("201", "01"), "trunk set-up 2.0 201>901");
    bench.pass(hours(16));
    assert_eq!(bench.attempt("201", "01"), "trunk set-up 1.0 201>01");
}

#[test]
fn calls_that_wait_look_again_when_a_time_profile_begins_or_ends() {
    let mut spec = with_alternate(5, None);
    spec.time_profiles.push(office_hours());
    spec.ars_forms[0].time_profile = Some("office".into());
    spec.ars_forms[0].out_of_hours_route = Some(51);
    let spec = low(low(spec, "202", 1), "203", 1);
    let mut bench = Bench::beginning_at(vec![spec], TimeOfWeek::new(Day::Monday, hours(16)));
    bench.pass(engine::time::Duration::from_millis(500));
    bench.trunk_setup(0, 0, "201", 1);
    bench.answer("201", 1);
    bench.dial("202", "02", 2);
    bench.dial("203", "03", 3);
    bench.said();
    bench.pass(seconds(3_599));
    bench.expect("");
    // At 17:00 both may take group 2: the longest waiting gets its line, and the other goes on waiting for it.
    bench.pass(seconds(1));
    bench.expect("3600s A trunk set-up 2.0 #2 202>902");
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
    bench.trunk_release(0, 1, 16);
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 1, "group 1 is no route of the form now");
    bench.hang_up("202", 2);
    assert_eq!(bench.said().last().map(String::as_str), Some("3600.5s A trunk set-up 2.0 #3 203>903"));
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
fn a_line_out_of_service_is_not_seized_and_serves_those_who_wait_when_it_is_back() {
    let mut bench = Bench::new(vec![system("office", &USERS).trunk(2, 0)]);
    bench.dial("201", "01", 1);
    bench.trunk_answer(0, 1);
    line_service(&mut bench, 0, Service::Out);
    bench.dial("202", "02", 2);
    bench.dial("203", "03", 3);
    bench.said();
    // The call on it goes on; its channel is of no use to others.
    bench.trunk_release(0, 1, 16);
    bench.expect(
        "0s A released #1 16
         0s A smdr #1 201>01>01 201>1.0 rang 0s talked 0s Callee 16",
    );
    line_service(&mut bench, 0, Service::In);
    bench.expect(
        "0s A trunk set-up 1.0 #2 202>02
         0s A trunk set-up 1.1 #3 203>03",
    );
    let mut out = system("office", &USERS).trunk(1, 0);
    out.lines[0].in_service = false;
    assert_eq!(Bench::new(vec![out]).attempt("201", "01"), "tone camp-on");
}

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
    spec.locations.push(LocationSpec { name: "attic".into(), emergency_ars: None });
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
fn an_emergency_call_goes_round_the_silent_lines_before_it_tries_one_again() {
    let mut bench = Bench::new(vec![emergency_office()]);
    bench.dial("201", "112", 1);
    bench.pass(seconds(13));
    let said = bench.said();
    let lines: Vec<&str> = said.iter().filter_map(|s| s.split("set-up ").nth(1)?.split(' ').next()).collect();
    assert_eq!(lines, ["1.0", "2.0", "3.0", "1.0"]);
}

#[test]
fn a_line_taken_out_of_service_keeps_its_calls_and_one_that_is_lost_does_not() {
    use engine::Input;
    use engine::id::LineId;
    let bench = || {
        let entries = [("?", Dial, ".", 1), ("?", Dial, ".", 2)];
        let mut bench = Bench::new(vec![system("office", &USERS).trunk(3, 1).trunk(3, 2).form(50, &entries)]);
        bench.trunk_setup(0, 0, "201", 1);
        bench.answer("201", 1);
        bench.dial("202", "02", 2);
        bench.trunk_answer(0, 2);
        bench.dial("203", "03", 3);
        bench.said();
        bench
    };
    let mut out = bench();
    line_service(&mut out, 0, Service::Out);
    out.expect("");
    assert_eq!(out.attempt("204", "04"), "trunk set-up 2.0 204>04");
    out.said();
    out.trunk_setup(0, 0, "204", 9);
    out.expect("0s A refused #9 34 short of line group 1");
    let mut lost = bench();
    lost.handle(0, Input::LineLost { line: LineId(0) });
    lost.expect(
        "0s A disconnect 201 #1 38
         0s A released #1 38
         0s A smdr #1 0700>201>201 1.0>201 rang 0s talked 0s System 38
         0s A trunk release 1.1 #2 38
         0s A released #2 38
         0s A smdr #2 202>02>02 202>1.1 rang 0s talked 0s System 38
         0s A trunk release 1.2 #3 38
         0s A trunk set-up 2.0 #3 203>03",
    );
    assert_eq!(lost.attempt("204", "04"), "trunk set-up 2.1 204>04");
    line_service(&mut lost, 0, Service::In);
    assert_eq!(lost.attempt("204", "04"), "trunk set-up 1.0 204>04");
    lost.handle(0, Input::LineLost { line: LineId(9) });
    assert_eq!(lost.systems[0].stats().unexpected, 1);
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
