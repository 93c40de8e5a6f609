//! Forms and lines out of service, and forms out of hours.

use super::{USERS, line_service, low, with_alternate};
use crate::support::{Bench, Build, seconds, system};
use engine::Service;
use engine::plan::spec::{Day, Feature, Feature::Dial, TimeOfWeek, TimeProfileSpec, TimeSpanSpec};

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
