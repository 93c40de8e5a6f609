//! Calls out over trunks: default forms, entries tried in order, short code features.

use crate::support::{Bench, Build, seconds, system};
use engine::id::LineGroupId;
use engine::plan::spec::{CompandingLaw, Feature, Role, SystemSpec};

#[test]
fn a_call_out_alerts_is_answered_and_released_by_either_side() {
    let mut bench = Bench::new(vec![system("office", &["201", "202"]).trunk(2, 0)]);
    bench.dial("201", "0123456", 1);
    bench.pass(seconds(1));
    bench.trunk_proceeding(0, 1);
    bench.pass(seconds(1));
    bench.trunk_alerting(0, 1);
    bench.trunk_alerting(0, 1);
    bench.dial("202", "0654321", 2);
    bench.trunk_answer(0, 2);
    bench.pass(seconds(5));
    bench.trunk_answer(0, 1);
    bench.pass(seconds(6));
    bench.hang_up("201", 1);
    bench.trunk_release(0, 2, 16);
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 201>0123456
         2s A alerting #1
         2s A accepted #2
         2s A trunk set-up 1.1 #2 202>0654321
         2s A connected #2
         7s A connected #1
         13s A trunk release 1.0 #1 16
         13s A smdr #1 201>0123456>0123456 201>1.0 rang 5s talked 6s Caller 16
         13s A released #2 16
         13s A smdr #2 202>0654321>0654321 202>1.1 rang 0s talked 11s Callee 16",
    );
    bench.expect_idle();
}

#[test]
fn the_caller_gives_up_at_each_stage_of_an_outgoing_call() {
    let mut bench = Bench::new(vec![system("office", &["201"]).trunk(1, 0)]);
    for stage in 0..3 {
        bench.dial("201", "0", stage);
        if stage >= 1 {
            bench.trunk_proceeding(0, stage);
        }
        if stage >= 2 {
            bench.trunk_alerting(0, stage);
        }
        bench.said();
        bench.hang_up("201", stage);
        bench.expect(&format!(
            "0s A trunk release 1.0 #{stage} 16
             0s A smdr #{stage} 201>0>0 201>1.0 rang 0s unanswered Caller 16"
        ));
        bench.expect_idle();
    }
}

#[test]
fn a_far_side_that_works_on_a_call_for_ever_is_given_up_after_the_call_queuing_timeout() {
    let mut bench = Bench::new(vec![system("office", &["201"]).trunk(1, 0)]);
    bench.dial("201", "0", 1);
    bench.pass(seconds(3));
    bench.trunk_alerting(0, 1);
    bench.said();
    bench.pass(seconds(400));
    bench.expect(
        "303s A trunk release 1.0 #1 102
         303s A released #1 102
         303s A smdr #1 201>0>0 201>1.0 rang 300s unanswered System 102",
    );
    bench.expect_idle();
}

/// What leaves on the trunk of a system whose dialling habits are `law` when `dialled` is dialled.
fn sent(law: CompandingLaw, dialled: &str) -> String {
    let mut bench = Bench::new(vec![system("office", &["201"]).law(law).trunk(1, 0)]);
    bench.dial("201", dialled, 1);
    bench.said().swap_remove(1)
}

#[test]
fn the_default_form_main_by_law() {
    use CompandingLaw::{ALaw, ULaw};
    for (law, dialled, expected) in [
        (ALaw, "0123", "0s A trunk set-up 1.0 #1 201>0123"),
        (ALaw, "9", "0s A trunk set-up 1.0 #1 201>9"),
        (ULaw, "911", "0s A trunk set-up 1.0 #1 201>911"),
        (ULaw, "9911", "0s A trunk set-up 1.0 #1 201>911"),
        (ULaw, "90", "0s A trunk set-up 1.0 #1 201>0"),
        (ULaw, "90118", "0s A trunk set-up 1.0 #1 201>0118"),
        (ULaw, "917325550100", "0s A trunk set-up 1.0 #1 201>17325550100"),
        (ULaw, "97325550100", "0s A trunk set-up 1.0 #1 201>7325550100"),
        (ULaw, "95550100", "0s A trunk set-up 1.0 #1 201>5550100"),
        (ULaw, "5550100", "0s A released #1 88"),
        (ULaw, "9", "0s A released #1 88"),
    ] {
        assert_eq!(sent(law, dialled), expected, "{law:?} {dialled}");
    }
}

/// Primary with a trunk of two channels, secondary, expansion; IP Office lines of `channels` between all.
fn network(law: CompandingLaw, channels: u16) -> Bench {
    let primary = system("primary", &["201"]).role(Role::Primary).trunk(2, 0);
    let secondary = system("secondary", &["301"]).role(Role::Secondary);
    let expansion = system("expansion", &["401", "402", "403"]).role(Role::Expansion);
    let spec = |s: SystemSpec| s.law(law);
    Bench::new(vec![
        spec(primary).ip_office(1, channels, 99998).ip_office(2, channels, 90002),
        spec(secondary).ip_office(0, channels, 99999).ip_office(2, channels, 90002),
        spec(expansion).ip_office(0, channels, 99999).ip_office(1, channels, 99998),
    ])
}

#[test]
fn by_default_every_system_reaches_the_trunks_of_the_primary() {
    for (law, dialled) in [(CompandingLaw::ALaw, "0123"), (CompandingLaw::ULaw, "90123")] {
        for from in ["201", "301", "401"] {
            let mut bench = network(law, 4);
            bench.dial(from, dialled, 1);
            bench.pass(seconds(0));
            let out = format!("0s A trunk set-up 1.0 #1 {from}>0123");
            assert!(bench.said().contains(&out), "{law:?}: {from} does not get out");
        }
    }
    // North America: local, long distance and emergency numbers arrive as on the primary itself.
    for (dialled, called) in
        [("911", "911"), ("9911", "911"), ("95550100", "5550100"), ("917325550100", "17325550100")]
    {
        let mut bench = network(CompandingLaw::ULaw, 4);
        bench.dial("401", dialled, 1);
        bench.pass(seconds(0));
        let out = format!("0s A trunk set-up 1.0 #1 401>{called}");
        let said = bench.said();
        assert!(said.contains(&out), "{dialled}: {said:#?}");
    }
}

#[test]
fn an_expansion_whose_line_to_the_primary_is_full_goes_over_the_secondary() {
    let mut bench = network(CompandingLaw::ALaw, 1);
    bench.dial("401", "01", 1);
    bench.pass(seconds(0));
    bench.expect(
        "0s C accepted #1
         0s C to A 1.0 #1 set-up 401>01 hops 1
         0s A to C 3.0 #1 proceeding
         0s A trunk set-up 1.0 #1 401>01",
    );
    bench.dial("402", "02", 2);
    bench.pass(seconds(0));
    bench.expect(
        "0s C accepted #2
         0s C to B 2.0 #2 set-up 402>02 hops 1
         0s B to C 2.0 #2 proceeding
         0s B to A 1.0 #2 set-up 402>02 hops 2
         0s A to B 2.0 #2 proceeding
         0s A trunk set-up 1.1 #2 402>02",
    );
    // Both full: it waits for either.
    bench.dial("403", "03", 3);
    bench.expect(
        "0s C accepted #3
         0s C tone camp-on #3",
    );
    bench.pass(seconds(1));
    bench.hang_up("402", 2);
    bench.pass(seconds(0));
    bench.expect(
        "1s C to B 2.0 #2 release 16
         1s C smdr #2 402>02>02 402>2.0 rang 0s unanswered Caller 16
         1s C to B 2.0 #3 set-up 403>03 hops 1
         1s B to A 1.0 #2 release 16
         1s B smdr #2 402>02>02 2.0>1.0 rang 0s unanswered Caller 16
         1s B to C 2.0 #3 proceeding
         1s B to A 1.0 #3 set-up 403>03 hops 2
         1s A trunk release 1.1 #2 16
         1s A smdr #2 402>02>02 2.0>1.1 rang 0s unanswered Caller 16
         1s A to B 2.0 #3 proceeding
         1s A trunk set-up 1.1 #3 403>03",
    );
}

#[test]
fn an_expansion_whose_primary_is_silent_goes_over_the_secondary() {
    let mut bench = network(CompandingLaw::ALaw, 4);
    bench.lose = Box::new(|m| m.to == 0);
    bench.dial("401", "01", 1);
    bench.pass(seconds(60));
    bench.expect(
        "0s C accepted #1
         0s C to A 1.0 #1 set-up 401>01 hops 1
         5s C to A 1.0 #1 release 102
         5s C to B 2.0 #1 set-up 401>01 hops 1
         5s B to C 2.0 #1 proceeding
         5s B to A 1.0 #1 set-up 401>01 hops 2
         10s B to A 1.0 #1 release 102
         10s B to C 2.0 #1 release 102
         10s B smdr #1 401>01>01 2.0>1.0 rang 0s unanswered System 102
         10s C released #1 102
         10s C smdr #1 401>01>01 401>2.0 rang 0s unanswered Callee 102",
    );
    bench.expect_idle();
}

/// A form whose code `?` has four entries: groups 1, 2, 3, then 1 again with another prefix.
fn four_entries() -> Bench {
    let entries = [
        ("?", Feature::Dial, ".", 1),
        ("?", Feature::Dial, "2.", 2),
        ("?", Feature::Dial, "3.", 3),
        ("?", Feature::Dial, "4.", 1),
    ];
    let spec = system("office", &["201", "202", "203"]).trunk(1, 1).trunk(1, 2).trunk(1, 3);
    Bench::new(vec![spec.form(50, &entries)])
}

#[test]
fn entries_with_the_same_code_are_tried_in_order() {
    let mut bench = four_entries();
    bench.dial("202", "07", 1);
    bench.trunk_answer(0, 1);
    bench.dial("201", "08", 2);
    // Group 1 is full; group 2 does not react; group 3 re-routes: the call waits for group 1.
    bench.pass(seconds(4));
    bench.trunk_release(0, 2, 3);
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 202>07
         0s A connected #1
         0s A accepted #2
         0s A trunk set-up 2.0 #2 201>208
         4s A trunk release 2.0 #2 102
         4s A trunk set-up 3.0 #2 201>308
         4s A tone camp-on #2",
    );
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
}

#[test]
fn a_line_group_that_failed_is_given_up_whichever_entry_names_it() {
    // DOMAIN 3.5: the fourth entry names group 1 again, which the call has stopped using.
    let mut bench = four_entries();
    bench.dial("201", "08", 1);
    for _ in 0..3 {
        bench.trunk_release(0, 1, 3);
    }
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.0 #1 201>08
         0s A trunk set-up 2.0 #1 201>208
         0s A trunk set-up 3.0 #1 201>308
         0s A released #1 3
         0s A smdr #1 201>08>308 201>3.0 rang 0s unanswered System 3",
    );
    bench.expect_idle();
    // Two groups full, the third silent.
    bench.trunk_setup(0, 0, "201", 2);
    bench.trunk_setup(0, 1, "202", 3);
    bench.said();
    bench.dial("203", "09", 4);
    bench.pass(seconds(4));
    bench.expect(
        "0s A accepted #4
         0s A trunk set-up 3.0 #4 203>309
         4s A trunk release 3.0 #4 102
         4s A tone camp-on #4",
    );
    // A full group outweighs the cause of the entry before.
    assert_eq!(bench.systems[0].calls_waiting_for_line(), 1);
}

#[test]
fn busy_does_not_re_route_and_neither_does_a_cause_without_effect() {
    for cause in [17, 21, 27, 34, 41] {
        let mut bench = four_entries();
        bench.dial("201", "08", 1);
        bench.said();
        bench.trunk_release(0, 1, cause);
        bench.expect(&format!(
            "0s A released #1 {cause}
             0s A smdr #1 201>08>08 201>1.0 rang 0s unanswered Callee {cause}"
        ));
        bench.expect_idle();
    }
}

#[test]
fn every_re_route_cause_of_the_manual_re_routes_and_no_other() {
    let re_route = [
        1, 2, 3, 4, 5, 8, 9, 10, 11, 22, 28, 29, 50, 52, 57, 63, 65, 66, 69, 70, 79, 88, 91, 95, 96, 97, 98,
        99, 100, 101, 111, 127,
    ];
    for cause in 0..128 {
        let mut bench = four_entries();
        bench.dial("201", "08", 1);
        bench.said();
        bench.trunk_release(0, 1, cause);
        let tried_on = bench.said()[0] == "0s A trunk set-up 2.0 #1 201>208";
        assert_eq!(tried_on, re_route.contains(&cause), "cause {cause}");
    }
}

#[test]
fn a_connected_call_is_never_re_routed() {
    let mut bench = four_entries();
    bench.dial("201", "08", 1);
    bench.trunk_answer(0, 1);
    bench.said();
    bench.trunk_release(0, 1, 3);
    bench.expect(
        "0s A released #1 3
         0s A smdr #1 201>08>08 201>1.0 rang 0s talked 0s Callee 3",
    );
}

#[test]
fn all_lines_of_a_group_are_seized_in_order_of_their_numbers() {
    let mut spec = system("office", &["201", "202", "203"]).trunk(1, 0).trunk(1, 0);
    spec.lines[0].number = 9;
    let mut bench = Bench::new(vec![spec]);
    for (tag, user) in ["201", "202", "203"].into_iter().enumerate() {
        bench.dial(user, "0", tag as u64);
    }
    bench.expect(
        "0s A accepted #0
         0s A trunk set-up 2.0 #0 201>0
         0s A accepted #1
         0s A trunk set-up 1.0 #1 202>0
         0s A accepted #2
         0s A tone camp-on #2",
    );
    let usage = bench.systems[0].line_group_usage(LineGroupId(0));
    assert_eq!((usage.in_use(), usage.taken, usage.blocked), (2, 2, 1));
}

#[test]
fn digits_of_a_call_are_looked_up_32_times() {
    for (codes, expected) in [(1, "ring 202"), (31, "ring 202"), (32, "released 25"), (33, "released 25")] {
        let mut spec = system("office", &["201", "202"]);
        for n in 1..=codes {
            let next = if n == codes { "202".to_owned() } else { format!("*{}", 100 + n + 1) };
            spec = spec.code(&format!("*{}", 100 + n), Feature::DialExtn, &next, 0);
        }
        assert_eq!(Bench::new(vec![spec]).attempt("201", "*101"), expected, "{codes} codes");
    }
}

#[test]
fn short_code_features() {
    let spec = system("office", &["201", "202"])
        .trunk(1, 7)
        .group("300", &["202"], None)
        .code("*1", Feature::DialExtn, "202", 0)
        .code("*2N", Feature::DialExtn, "2N", 0)
        .code("*3", Feature::Busy, "", 0)
        .code("*4", Feature::Barred, "", 0)
        .code("*5", Feature::DialExtn, "*5", 0)
        .code("*6", Feature::DialExtn, "999", 0)
        .code("*7N", Feature::Dial, "NNNNNNNN", 7)
        .code("*8", Feature::Dial, "5E", 7)
        .code("*9", Feature::DialExtn, "300", 0)
        .code("20X", Feature::Barred, "", 0);
    let mut bench = Bench::new(vec![spec]);
    let mut dialled = |number: &str| {
        bench.dial("201", number, 1);
        let said = bench.said().swap_remove(1);
        if bench.systems[0].calls_in_progress() > 0 {
            bench.hang_up("201", 1);
            bench.said();
        }
        bench.expect_idle();
        said
    };
    assert_eq!(dialled("*1"), "0s A ring 202 #1");
    assert_eq!(dialled("*202"), "0s A ring 202 #1", "what is produced is looked up again");
    assert_eq!(dialled("*3"), "0s A released #1 17");
    assert_eq!(dialled("*4"), "0s A released #1 21");
    assert_eq!(dialled("*5"), "0s A released #1 25", "a code that produces itself");
    assert_eq!(dialled("*6"), "0s A released #1 88");
    assert_eq!(dialled("*712345"), "0s A released #1 28", "more digits than a number has");
    assert_eq!(dialled("*8"), "0s A trunk set-up 1.0 #1 201>5201");
    assert_eq!(dialled("*9"), "0s A ring 202 #1");
    assert_eq!(dialled("202"), "0s A ring 202 #1", "an extension beats every short code");
    assert_eq!(dialled("203"), "0s A released #1 21");
}

#[test]
fn forms_that_name_each_other_end_with_25() {
    let spec = system("office", &["201"])
        .form(50, &[("?", Feature::Dial, ".", 51)])
        .form(51, &[("?", Feature::Dial, ".", 50)]);
    let mut bench = Bench::new(vec![spec]);
    bench.dial("201", "1", 1);
    bench.expect(
        "0s A accepted #1
         0s A released #1 25
         0s A smdr #1 201>1>1 201>- rang 0s unanswered System 25",
    );
    bench.expect_idle();
}

#[test]
fn forms_in_a_circle_end_with_25_although_a_group_on_the_way_is_full_or_silent() {
    let spec = system("office", &["201", "202"])
        .trunk(1, 1)
        .form(50, &[("?", Feature::Dial, ".", 1), ("?", Feature::Dial, ".", 51)])
        .form(51, &[("?", Feature::Dial, ".", 50)]);
    let mut bench = Bench::new(vec![spec]);
    bench.trunk_setup(0, 0, "201", 1);
    bench.answer("201", 1);
    bench.said();
    bench.dial("202", "1", 2);
    bench.expect(
        "0s A accepted #2
         0s A released #2 25
         0s A smdr #2 202>1>1 202>- rang 0s unanswered System 25",
    );
    bench.hang_up("201", 1);
    bench.said();
    // The silent group is given up, however often the circle comes past it.
    bench.dial("202", "1", 3);
    bench.pass(seconds(600));
    assert_eq!(
        bench.said().last().map(String::as_str),
        Some("4s A smdr #3 202>1>1 202>1.0 rang 0s unanswered System 25")
    );
    bench.expect_idle();
}

#[test]
fn barred_in_a_form_ends_the_call() {
    let entries =
        [("?", Feature::Dial, ".", 1), ("0900N", Feature::Barred, "", 0), ("0800N", Feature::Busy, "", 0)];
    let mut bench = Bench::new(vec![system("office", &["201"]).trunk(1, 1).form(50, &entries)]);
    for (number, cause) in [("09001", 21), ("08001", 17)] {
        bench.dial("201", number, 1);
        bench.expect(&format!(
            "0s A accepted #1
             0s A released #1 {cause}
             0s A smdr #1 201>{number}>{number} 201>- rang 0s unanswered System {cause}"
        ));
    }
}
