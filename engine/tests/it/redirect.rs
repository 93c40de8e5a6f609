//! What users and hunt groups make of calls that come to them: do not disturb, follow me, forwarding, twinning, night
//! service (DOMAIN 4.7, 4.8), by configuration and by short code.

use crate::ars::office_hours;
use crate::support::{Bench, Build, number, seconds, system};
use engine::plan::spec::{Day, Feature, ServiceMode, SystemSpec, TimeOfWeek};
use engine::{Input, Service};

const USERS: [&str; 6] = ["201", "202", "203", "204", "205", "206"];

/// Codes for every setting; 300 rings 201, 202, 203.
fn office() -> SystemSpec {
    use Feature as F;
    let codes = [
        ("*01", F::CancelAllForwarding, ""),
        ("*02", F::ForwardUnconditionalOn, ""),
        ("*03", F::ForwardUnconditionalOff, ""),
        ("*04", F::ForwardOnBusyOn, ""),
        ("*05", F::ForwardOnBusyOff, ""),
        ("*06", F::ForwardOnNoAnswerOn, ""),
        ("*07", F::ForwardOnNoAnswerOff, ""),
        ("*08*N", F::ForwardNumber, "N"),
        ("*09*N", F::ForwardBusyNumber, "N"),
        ("*10", F::DoNotDisturbOn, ""),
        ("*11", F::DoNotDisturbOff, ""),
        ("*12*N", F::DoNotDisturbExceptionAdd, "N"),
        ("*13*N", F::DoNotDisturbExceptionDelete, "N"),
        ("*14*N", F::FollowMeTo, "N"),
        ("*15*N", F::FollowMeHere, "N"),
        ("*16*N", F::FollowMeHereCancel, "N"),
        ("*17", F::ForwardHuntGroupCallsOn, ""),
        ("*20*N", F::SetHuntGroupNightService, "N"),
        ("*21*N", F::ClearHuntGroupNightService, "N"),
        ("*22*N", F::SetHuntGroupOutOfService, "N"),
        ("*23*N", F::ClearHuntGroupOutOfService, "N"),
        ("*24", F::HuntGroupEnable, ""),
        ("*25", F::HuntGroupDisable, ""),
        ("*30*N", F::ExtnLogin, "N"),
        ("*31", F::ExtnLogout, ""),
        ("*32*N", F::SetNoAnswerTime, "N"),
        ("*33", F::OutgoingCallBarOn, ""),
        ("*34*N", F::OutgoingCallBarOff, "N"),
    ];
    let mut spec = system("office", &USERS).trunk(4, 0).group("300", &USERS[..3], Some(5));
    spec = spec.group("301", &USERS[3..], Some(5)).code("0N", F::Dial, ".", 0);
    codes.into_iter().fold(spec, |spec, (code, feature, number)| spec.code(code, feature, number, 0))
}

fn bench() -> Bench {
    Bench::new(vec![office()])
}

/// A bench in which some user is described differently.
fn with(user: &str, change: impl FnOnce(&mut engine::plan::spec::UserSpec)) -> Bench {
    Bench::new(vec![office().with_user(user, change)])
}

#[test]
fn do_not_disturb_gives_busy_but_to_exceptions() {
    let configured = with("202", |u| {
        u.do_not_disturb = true;
        u.do_not_disturb_exceptions = vec![number("203")];
    });
    let mut by_code = bench();
    by_code.set("202", "*10");
    by_code.set("202", "*12*203");
    for mut bench in [configured, by_code] {
        assert_eq!(bench.attempt("201", "202"), "released 17");
        assert_eq!(bench.attempt("203", "202"), "ring 202");
        // Exceptions pass for direct calls only.
        bench.set("204", "*14*202");
        assert_eq!(bench.attempt("203", "204"), "released 17");
        assert_eq!(bench.attempt("203", "300"), "ring 201");
        bench.set("202", "*13*203");
        assert_eq!(bench.attempt("203", "202"), "released 17");
        bench.set("202", "*11");
        assert_eq!(bench.attempt("201", "202"), "ring 202");
    }
}

#[test]
fn calls_follow_a_user() {
    let configured = with("202", |u| u.follow_me_to = number("203"));
    let (mut to, mut here) = (bench(), bench());
    to.set("202", "*14*203");
    here.set("203", "*15*202");
    for mut bench in [configured, to, here] {
        assert_eq!(bench.attempt("201", "202"), "ring 203");
        bench.set("203", "*16*202");
        assert_eq!(bench.attempt("201", "202"), "ring 202");
    }
    assert_eq!(bench().attempt("203", "*15*203"), "released 21", "nobody follows oneself");
    assert_eq!(bench().attempt("203", "*15*999"), "released 21", "nobody there");
}

#[test]
fn forward_unconditional_inside_and_outside() {
    for (target, expected) in [("203", "ring 203"), ("0123", "trunk set-up 1.0 201>0123")] {
        let configured = with("202", |u| u.forwarding.unconditional = number(target));
        let mut by_code = bench();
        assert_eq!(by_code.attempt("202", "*02"), "released 21", "no number to forward to");
        by_code.set("202", &format!("*08*{target}"));
        assert_eq!(by_code.attempt("201", "202"), "ring 202");
        by_code.set("202", "*02");
        for mut bench in [configured, by_code] {
            assert_eq!(bench.attempt("201", "202"), expected);
            bench.set("202", "*03");
            assert_eq!(bench.attempt("201", "202"), "ring 202");
            bench.set("202", "*02");
            bench.set("202", "*01");
            assert_eq!(bench.attempt("201", "202"), "ring 202");
        }
    }
}

#[test]
fn forward_on_busy() {
    let configured = with("202", |u| u.forwarding.busy = number("203"));
    let mut by_code = bench();
    assert_eq!(by_code.attempt("202", "*04"), "released 21", "no number to forward to");
    by_code.set("202", "*09*203");
    by_code.set("202", "*04");
    for mut bench in [configured, by_code] {
        assert_eq!(bench.attempt("201", "202"), "ring 202");
        bench.dial("202", "204", 1);
        bench.pass(seconds(1));
        assert_eq!(bench.attempt("201", "202"), "ring 203");
        bench.hang_up("202", 1);
        bench.set("202", "*05");
        bench.dial("202", "204", 2);
        bench.pass(seconds(1));
        assert_eq!(bench.attempt("201", "202"), "released 17 short of user 202");
    }
}

#[test]
fn forward_on_no_answer() {
    let configured = with("202", |u| {
        u.forwarding.no_answer = number("203");
        u.no_answer_time = Some(seconds(7));
    });
    let mut by_code = bench();
    by_code.set("202", "*09*203");
    by_code.set("202", "*06");
    by_code.set("202", "*32*7");
    assert_eq!(by_code.attempt("202", "*32*5"), "released 21", "at least 6 s");
    for mut bench in [configured, by_code] {
        bench.said();
        bench.dial("201", "202", 1);
        bench.pass(seconds(30));
        bench.expect(
            "0s A accepted #1
             0s A ring 202 #1
             0s A alerting #1
             7s A stop ringing 202 #1
             7s A ring 203 #1
             22s A stop ringing 203 #1
             22s A released #1 19
             22s A smdr #1 201>202>203 201>203 rang 22s unanswered System 19",
        );
        bench.set("202", "*07");
        bench.said();
        bench.dial("201", "202", 2);
        bench.pass(seconds(7));
        assert_eq!(
            bench.said().last().map(String::as_str),
            Some("37s A smdr #2 201>202>202 201>202 rang 7s unanswered System 19")
        );
    }
}

#[test]
fn who_refuses_does_not_forward() {
    let mut bench = with("202", |u| u.forwarding.no_answer = number("203"));
    bench.dial("201", "202", 1);
    bench.said();
    bench.hang_up("202", 1);
    assert!(bench.said().contains(&"0s A released #1 21".to_owned()));
}

#[test]
fn do_not_disturb_goes_before_follow_me_before_forwarding_before_busy() {
    let mut bench = with("202", |u| {
        u.do_not_disturb = true;
        u.follow_me_to = number("203");
        u.forwarding.unconditional = number("204");
        u.forwarding.busy = number("205");
    });
    bench.dial("202", "206", 1);
    bench.pass(seconds(0));
    assert_eq!(bench.attempt("201", "202"), "released 17");
    bench.hang_up("202", 1);
    bench.set("202", "*11");
    bench.dial("202", "206", 2);
    assert_eq!(bench.attempt("201", "202"), "ring 203");
    bench.hang_up("202", 2);
    bench.set("203", "*16*202");
    bench.dial("202", "206", 3);
    assert_eq!(bench.attempt("201", "202"), "ring 204");
    bench.hang_up("202", 3);
    bench.set("202", "*03");
    bench.dial("202", "206", 4);
    assert_eq!(bench.attempt("201", "202"), "ring 205");
}

#[test]
fn forwarding_in_a_circle_ends_with_25() {
    let circle = office()
        .with_user("202", |u| u.forwarding.unconditional = number("203"))
        .with_user("203", |u| u.follow_me_to = number("202"));
    assert_eq!(Bench::new(vec![circle]).attempt("201", "202"), "released 25");
    let myself = office().with_user("202", |u| u.forwarding.unconditional = number("202"));
    assert_eq!(Bench::new(vec![myself]).attempt("201", "202"), "released 25");
    let mut groups = office();
    for (group, fallback) in [(0, "301"), (1, "300")] {
        groups.hunt_groups[group].service_mode = ServiceMode::OutOfService;
        groups.hunt_groups[group].out_of_service_fallback = number(fallback);
    }
    assert_eq!(Bench::new(vec![groups]).attempt("201", "300"), "released 25");
}

#[test]
fn who_is_logged_out_is_absent() {
    let configured = with("202", |u| (u.logged_in, u.login_code) = (false, number("77")));
    let mut by_code = with("202", |u| u.login_code = number("77"));
    by_code.set("202", "*31");
    for mut bench in [configured, by_code] {
        assert_eq!(bench.attempt("201", "202"), "released 20");
        assert_eq!(bench.attempt("202", "*30*78"), "released 21", "a wrong login code");
        assert_eq!(bench.attempt("201", "202"), "released 20");
        bench.set("202", "*30*77");
        assert_eq!(bench.attempt("201", "202"), "ring 202");
    }
}

#[test]
fn the_outgoing_call_bar_comes_off_with_the_login_code_only() {
    let configured = with("202", |u| (u.outgoing_call_bar, u.login_code) = (true, number("77")));
    let mut by_code = with("202", |u| u.login_code = number("77"));
    by_code.set("202", "*33");
    for mut bench in [configured, by_code] {
        assert_eq!(bench.attempt("202", "01"), "released 21");
        assert_eq!(bench.attempt("202", "201"), "ring 201");
        assert_eq!(bench.attempt("202", "*34*"), "released 21");
        assert_eq!(bench.attempt("202", "*34*7"), "released 21");
        assert_eq!(bench.attempt("202", "01"), "released 21");
        bench.set("202", "*34*77");
        assert_eq!(bench.attempt("202", "01"), "trunk set-up 1.0 202>01");
    }
}

#[test]
fn members_who_are_not_available_are_passed_over() {
    for (code, undo) in [("*25", "*24"), ("*10", "*11"), ("*31", "*30*")] {
        let mut bench = bench();
        bench.set("201", code);
        assert_eq!(bench.attempt("204", "300"), "ring 202", "{code}");
        bench.set("201", undo);
        assert_eq!(bench.attempt("204", "300"), "ring 201", "{undo}");
    }
    let mut forwards = with("201", |u| u.forwarding.unconditional = number("204"));
    assert_eq!(forwards.attempt("205", "300"), "ring 202");
    let mut away = bench();
    let (system, user) = away.find("201");
    away.handle(system, Input::Registration { user, service: Service::Out });
    assert_eq!(away.attempt("204", "300"), "ring 202");
    // Follow me and forwarding on busy are for the user's own calls.
    let mut follows = with("201", |u| u.follow_me_to = number("204"));
    assert_eq!(follows.attempt("205", "300"), "ring 201");
}

#[test]
fn night_service_and_out_of_service_by_configuration_and_by_code() {
    use ServiceMode::{InService, NightService, OutOfService};
    let spec = |mode| {
        let mut spec = office();
        let group = &mut spec.hunt_groups[0];
        group.service_mode = mode;
        (group.night_service_fallback, group.out_of_service_fallback) = (number("204"), number("301"));
        spec.with_user("204", |u| u.do_not_disturb = false)
    };
    let mut bench = Bench::new(vec![spec(InService)]);
    assert_eq!(bench.attempt("206", "300"), "ring 201");
    bench.set("206", "*20*300");
    assert_eq!(bench.attempt("206", "300"), "ring 204");
    bench.set("206", "*21*300");
    assert_eq!(bench.attempt("206", "300"), "ring 201");
    bench.set("206", "*22*300");
    assert_eq!(bench.attempt("204", "300"), "ring 205");
    bench.set("206", "*23*300");
    assert_eq!(bench.attempt("206", "300"), "ring 201");
    assert_eq!(bench.attempt("206", "*20*999"), "released 21", "there is no such group");
    assert_eq!(Bench::new(vec![spec(NightService)]).attempt("206", "300"), "ring 204");
    assert_eq!(Bench::new(vec![spec(OutOfService)]).attempt("204", "300"), "ring 205");
    // Without a fallback the caller is given busy.
    let mut plain = office();
    plain.hunt_groups[0].service_mode = NightService;
    assert_eq!(Bench::new(vec![plain]).attempt("206", "300"), "released 17 short of hunt group 300");
}

#[test]
fn night_service_by_time_profile_cannot_be_lifted_by_hand() {
    let mut spec = office();
    spec.time_profiles.push(office_hours());
    spec.hunt_groups[0].time_profile = Some("office".into());
    spec.hunt_groups[0].night_service_fallback = number("204");
    let mut bench = Bench::beginning_at(vec![spec], TimeOfWeek::new(Day::Monday, seconds(16 * 3_600)));
    assert_eq!(bench.attempt("206", "300"), "ring 201");
    bench.set("206", "*20*300");
    assert_eq!(bench.attempt("206", "300"), "ring 204", "manual night service inside the hours");
    bench.set("206", "*21*300");
    bench.pass(seconds(3_600));
    assert_eq!(bench.attempt("206", "300"), "ring 204");
    bench.set("206", "*21*300");
    assert_eq!(bench.attempt("206", "300"), "ring 204");
}

#[test]
fn calls_to_a_phone_that_cannot_be_reached_go_to_its_twin() {
    let mut bench = Bench::new(vec![office().with_user("202", |u| u.fallback_twinning = number("0777"))]);
    let registration = |bench: &mut Bench, who: &str, service| {
        let (system, user) = bench.find(who);
        bench.handle(system, Input::Registration { user, service });
    };
    assert_eq!(bench.attempt("201", "202"), "ring 202");
    registration(&mut bench, "202", Service::Out);
    registration(&mut bench, "203", Service::Out);
    assert_eq!(bench.attempt("201", "202"), "trunk set-up 1.0 201>0777");
    assert_eq!(bench.attempt("201", "203"), "released 20", "no twin");
    registration(&mut bench, "202", Service::In);
    assert_eq!(bench.attempt("201", "202"), "ring 202");
}

#[test]
fn hunt_group_calls_are_forwarded_only_by_members_who_want_that() {
    let spec = |too: bool| {
        system("office", &["201", "202", "203", "204"]).group("290", &["202", "203"], None).with_user(
            "202",
            |u| {
                u.forwarding.unconditional = number("204");
                u.forwarding.hunt_group_calls = too;
            },
        )
    };
    assert_eq!(Bench::new(vec![spec(false)]).attempt("201", "290"), "ring 203");
    let mut bench = Bench::new(vec![spec(true)]);
    assert_eq!(bench.attempt("201", "290"), "ring 204");
    // It is no call of the group any more.
    bench.dial("201", "290", 1);
    assert_eq!(bench.systems[0].hunt_group_usage(engine::id::HuntGroupId(0)).in_use(), 0);
    bench.hang_up("201", 1);
    bench.said();
    bench.expect_idle();
}
