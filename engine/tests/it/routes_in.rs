//! Where calls and digits go that come in: incoming call routes (DOMAIN 5), line short codes, Break Out, and the order of
//! the tables of short codes (DOMAIN 2.4).

use crate::ars::office_hours;
use crate::support::{Bench, Build, number, seconds, short_code, system};
use engine::id::{LineId, Tag};
use engine::plan::spec::{
    Bearer, Day, DestinationSpec, Feature, IncomingCallRouteSpec, SystemSpec, TimeOfWeek, UserRightsSpec,
};
use engine::{CallFacts, Input, Presentation};

const USERS: [&str; 6] = ["201", "202", "203", "204", "205", "206"];

#[derive(Clone, Copy)]
struct Incoming {
    line: u16,
    called: &'static str,
    calling: &'static str,
    bearer: Bearer,
    sub_address: &'static str,
    presentation: Presentation,
}

const CALL: Incoming = Incoming {
    line: 0,
    called: "555",
    calling: "0700",
    bearer: Bearer::Voice,
    sub_address: "",
    presentation: Presentation::Allowed,
};

fn comes_in(bench: &mut Bench, call: Incoming, tag: u64) {
    let facts = CallFacts {
        bearer: call.bearer,
        sub_address: number(call.sub_address),
        presentation: call.presentation,
    };
    let (called, calling) = (number(call.called), number(call.calling));
    bench.handle(0, Input::TrunkSetup { line: LineId(call.line), called, calling, facts, tag: Tag(tag) });
}

/// What a call that comes in does first, before its far end gives up.
fn outcome(bench: &mut Bench, call: Incoming) -> String {
    bench.said();
    comes_in(bench, call, 1);
    bench.pass(seconds(0));
    let said = bench.said();
    if bench.systems[0].calls_in_progress() > 0 {
        bench.trunk_release(0, 1, 16);
        bench.pass(seconds(0));
    }
    bench.said();
    let what = said.iter().find(|l| ["ring", "released"].iter().any(|w| l.contains(&format!(" {w} "))));
    what.map_or_else(|| said.join(", "), |l| l.splitn(3, ' ').nth(2).unwrap_or_default().replace(" #1", ""))
}

/// A route to a user, with further criteria.
fn route(destination: &str, change: impl FnOnce(&mut IncomingCallRouteSpec)) -> IncomingCallRouteSpec {
    let mut route = IncomingCallRouteSpec::new("", destination);
    change(&mut route);
    route
}

fn office(routes: Vec<IncomingCallRouteSpec>) -> SystemSpec {
    let spec = system("office", &USERS).trunk(4, 1).trunk(4, 2).group("300", &["205", "206"], None);
    SystemSpec { incoming_call_routes: routes, ..spec }
}

#[test]
fn criteria_count_in_the_order_of_their_weight() {
    // Each route has one criterion and is entered before the heavier ones.
    let routes = vec![
        route("201", |r| r.incoming_cli = "0700".into()),
        route("202", |r| r.sub_address = "9".into()),
        route("203", |r| r.incoming_number = "555".into()),
        route("204", |r| r.incoming_group = Some(1)),
        route("205", |r| r.bearer = Some(Bearer::Voice)),
    ];
    let call = Incoming { sub_address: "9", ..CALL };
    for n in (0..5).rev() {
        let mut bench = Bench::new(vec![office(routes[..=n].to_vec())]);
        assert_eq!(outcome(&mut bench, call), format!("ring 20{}", n + 1));
    }
    // Each one of them must match.
    let mut bench = Bench::new(vec![office(routes)]);
    let other = Incoming { line: 1, called: "777", calling: "0800", bearer: Bearer::Video, ..CALL };
    for (call, expected) in [
        (Incoming { bearer: Bearer::Voice, ..other }, "ring 205"),
        (Incoming { line: 0, ..other }, "ring 204"),
        (Incoming { called: "555", ..other }, "ring 203"),
        (Incoming { sub_address: "9", ..other }, "ring 202"),
        (Incoming { calling: "070055", ..other }, "ring 201"),
    ] {
        assert_eq!(outcome(&mut bench, call), expected);
    }
}

#[test]
fn of_equal_routes_the_first_entered_counts() {
    let routes = vec![route("201", |_| {}), route("202", |_| {})];
    assert_eq!(outcome(&mut Bench::new(vec![office(routes)]), CALL), "ring 201");
}

#[test]
fn callers_by_prefix_withheld_and_unavailable() {
    let routes = vec![
        route("201", |_| {}),
        route("202", |r| r.incoming_cli = "07".into()),
        route("203", |r| r.incoming_cli = "0700".into()),
        route("204", |r| r.incoming_cli = "!".into()),
        route("205", |r| r.incoming_cli = "?".into()),
    ];
    let mut bench = Bench::new(vec![office(routes)]);
    for (calling, presentation, expected) in [
        ("0800", Presentation::Allowed, "ring 201"),
        ("0712", Presentation::Allowed, "ring 202"),
        ("070", Presentation::Allowed, "ring 202"),
        ("070012", Presentation::Allowed, "ring 203"),
        ("0700", Presentation::Withheld, "ring 204"),
        ("", Presentation::Withheld, "ring 204"),
        ("", Presentation::Allowed, "ring 205"),
    ] {
        let call = Incoming { calling, presentation, ..CALL };
        assert_eq!(outcome(&mut bench, call), expected, "{calling:?} {presentation:?}");
    }
}

fn row(time_profile: Option<&str>, destination: &str, fallback: &str) -> DestinationSpec {
    DestinationSpec {
        time_profile: time_profile.map(str::to_owned),
        destination: destination.to_owned(),
        fallback: fallback.to_owned(),
    }
}

#[test]
fn rows_count_from_the_last_and_no_other_is_tried() {
    let spec = || {
        let rows =
            vec![row(None, "201", ""), row(Some("office"), "202", "203"), row(Some("monday"), "204", "")];
        let mut spec = office(vec![route("", |r| r.destinations = rows)]);
        let mut monday = office_hours();
        monday.name = "monday".into();
        monday.spans[0].days = vec![Day::Monday];
        spec.time_profiles = vec![office_hours(), monday];
        spec
    };
    for (day, hour, expected) in [
        (Day::Sunday, 12, "ring 201"),
        (Day::Monday, 12, "ring 204"),
        (Day::Tuesday, 12, "ring 202"),
        (Day::Tuesday, 18, "ring 201"),
    ] {
        let at = TimeOfWeek::new(day, seconds(hour * 3_600));
        assert_eq!(outcome(&mut Bench::beginning_at(vec![spec()], at), CALL), expected, "{day:?} {hour}");
    }
    // On Tuesday with 202 and 203 busy the default row does not count.
    let at = TimeOfWeek::new(Day::Tuesday, seconds(12 * 3_600));
    let mut bench = Bench::beginning_at(vec![spec()], at);
    bench.dial("202", "205", 7);
    assert_eq!(outcome(&mut bench, CALL), "ring 203");
    bench.dial("203", "206", 8);
    assert_eq!(outcome(&mut bench, CALL), "released 17 short of user 203");
}

#[test]
fn the_fallback_serves_when_the_destination_is_busy_and_once_only() {
    let spec = |destination: &str, fallback: &str| {
        let rows = vec![row(None, destination, fallback)];
        office(vec![route("", |r| r.destinations = rows)])
    };
    // A user, and a group of which all members are busy.
    let mut user = Bench::new(vec![spec("201", "204")]);
    user.dial("201", "202", 7);
    assert_eq!(outcome(&mut user, CALL), "ring 204");
    let mut group = Bench::new(vec![spec("300", "204")]);
    group.dial("205", "206", 7);
    assert_eq!(outcome(&mut group, CALL), "ring 204");
    let mut both = Bench::new(vec![spec("201", "201")]);
    both.dial("201", "202", 7);
    assert_eq!(outcome(&mut both, CALL), "released 17 short of user 201");
    // Nobody answers: that is not busy.
    let mut silent = Bench::new(vec![spec("201", "204")]);
    comes_in(&mut silent, CALL, 1);
    silent.pass(seconds(15));
    assert!(silent.said().contains(&"15s A released #1 19".to_owned()));
}

#[test]
fn the_fallback_serves_when_a_user_of_another_system_is_busy() {
    let rows = vec![row(None, "401", "204")];
    let mut bench = Bench::new(vec![
        office(vec![route("", |r| r.destinations = rows)]).ip_office(1, 2, 7),
        system("b", &["401"]).ip_office(0, 2, 7).with_user("401", |u| u.do_not_disturb = true),
    ]);
    comes_in(&mut bench, CALL, 1);
    bench.pass(seconds(0));
    bench.expect(
        "0s A accepted #1
         0s A to B 3.0 #1 set-up 0700>401 hops 1
         0s B to A 1.0 #1 proceeding
         0s B to A 1.0 #1 release 17
         0s B smdr #1 0700>401>401 1.0>401 rang 0s unanswered System 17
         0s A ring 204 #1
         0s A alerting #1",
    );
    assert_eq!(bench.systems[0].free_channels(LineId(2)), 2);
}

#[test]
fn a_call_that_no_route_matches_goes_by_system_codes() {
    let routes = vec![route("201", |r| r.incoming_number = "999".into())];
    let spec = office(routes).code("5N", Feature::DialExtn, "20N", 0);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(outcome(&mut bench, Incoming { called: "53", ..CALL }), "ring 203");
    assert_eq!(outcome(&mut bench, Incoming { called: "77", ..CALL }), "released 17", "no code takes it");
}

#[test]
fn a_sip_line_takes_calls_for_its_uris_only() {
    let mut spec = office(vec![]);
    spec.lines[0].uris = vec!["20X".into(), "-300".into()];
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(outcome(&mut bench, Incoming { called: "201", ..CALL }), "ring 201");
    assert_eq!(outcome(&mut bench, Incoming { called: "300", ..CALL }), "ring 205");
    comes_in(&mut bench, Incoming { called: "411", ..CALL }, 5);
    bench.expect("0s A refused #5 1");
}

/// A has 201 and 202, B has 301 and a trunk; what each of them does with digits differs.
fn pair() -> Vec<SystemSpec> {
    let mut b = system("b", &["301", "302"]).ip_office(0, 2, 7).trunk(2, 0);
    b.address = number("10*0*0*2");
    vec![
        system("a", &["201", "202"])
            .ip_office(1, 2, 7)
            .code("*1N", Feature::BreakOut, "b", 0)
            .code("*2N", Feature::BreakOut, "10*0*0*2", 0)
            .code("*3N", Feature::BreakOut, "a", 0)
            .code("0N", Feature::Busy, "", 0),
        b.code("0N", Feature::Dial, "9.", 0),
    ]
}

#[test]
fn break_out_dials_as_if_on_another_system_or_on_this_one() {
    let mut bench = Bench::new(pair());
    assert_eq!(bench.attempt("201", "0123"), "released 17");
    assert_eq!(bench.attempt("201", "*10123"), "trunk set-up 2.0 201>90123");
    assert_eq!(bench.attempt("201", "*20123"), "trunk set-up 2.0 201>90123");
    assert_eq!(bench.attempt("201", "*1301"), "ring 301");
    assert_eq!(bench.attempt("201", "*30123"), "released 17");
    assert_eq!(bench.attempt("201", "*3202"), "ring 202");
}

#[test]
fn a_line_has_codes_of_its_own_that_go_before_extensions() {
    let mut systems = pair();
    systems[1].lines[0].short_codes =
        vec![short_code("301", Feature::DialExtn, "302", 0), short_code("07N", Feature::Barred, "", 0)];
    let mut bench = Bench::new(systems);
    assert_eq!(bench.attempt("201", "301"), "ring 302");
    assert_eq!(bench.attempt("302", "301"), "ring 301", "they serve what comes over the line");
    assert_eq!(bench.attempt("201", "*10123"), "trunk set-up 2.0 201>90123");
    assert_eq!(bench.attempt("201", "*10723"), "released 21");
}

#[test]
fn the_users_codes_go_before_those_of_the_rights_before_those_of_the_system() {
    let spec = |user: &[(&str, &str)], rights: &[(&str, &str)], system_codes: &[(&str, &str)]| {
        let own = |of: &[(&str, &str)]| {
            of.iter().map(|&(c, to)| short_code(c, Feature::DialExtn, to, 0)).collect::<Vec<_>>()
        };
        let mut spec = system("office", &USERS).with_user("201", |u| {
            u.short_codes = own(user);
            u.rights = Some("some".into());
        });
        spec.user_rights = vec![UserRightsSpec {
            name: "some".into(),
            priority: None,
            short_codes: own(rights),
            outgoing_call_bar: None,
            allowed: None,
            forced_account_code: None,
        }];
        spec.short_codes = own(system_codes);
        spec
    };
    let rings = |spec: SystemSpec, from: &str, to: &str| Bench::new(vec![spec]).attempt(from, to);
    let ring = |user: &str| format!("ring {user}");
    // A less exact code of an earlier table goes before an exact one of a later table.
    let all = || {
        spec(
            &[("*1N", "202")],
            &[("*12", "203"), ("*2N", "203")],
            &[("*12", "204"), ("*22", "204"), ("*3", "204")],
        )
    };
    assert_eq!(rings(all(), "201", "*12"), ring("202"));
    assert_eq!(rings(all(), "201", "*22"), ring("203"));
    assert_eq!(rings(all(), "201", "*3"), ring("204"));
    assert_eq!(rings(all(), "206", "*12"), ring("204"), "other users have neither");
    // `?` counts only when nothing matches anywhere; then the user's goes before that of the rights and the system's.
    let default = || spec(&[("?", "202")], &[("?", "203")], &[("*1", "204"), ("?", "205")]);
    assert_eq!(rings(default(), "201", "*1"), ring("204"));
    assert_eq!(rings(default(), "201", "*9"), ring("202"));
    assert_eq!(rings(default(), "206", "*9"), ring("205"));
    let rights_only = spec(&[], &[("?", "203")], &[("?", "205")]);
    assert_eq!(rings(rights_only, "201", "*9"), ring("203"));
    // An extension beats every short code.
    assert_eq!(rings(spec(&[("206", "202")], &[], &[]), "201", "206"), ring("206"));
}
