//! Call barring and account codes (RC "Call barring", DOMAIN 2.7): what may not leave does not leave, whatever the way.

mod every_way;
mod joined;
mod setup;
mod who_hears_whom;

use crate::support::{Bench, Build, number, seconds, system};
use engine::Input;
use engine::plan::spec::{
    AccountCodeSpec, CallClass, CallClasses, Feature, ForcedAccountCode, ServiceMode, SystemSpec, UserSpec,
};

use CallClass::{Internal, International, Local, National};

fn all_but(class: CallClass) -> CallClasses {
    let others = [Internal, Local, National, International].into_iter().filter(|&c| c != class);
    others.fold(CallClasses::NONE, CallClasses::with)
}

fn office(change: impl FnOnce(&mut UserSpec)) -> SystemSpec {
    system("office", &["201", "202", "203"]).trunk(2, 0).with_user("201", change)
}

#[test]
fn a_user_makes_calls_of_the_classes_allowed_only() {
    for (barred, numbers) in [
        (Local, [false, true, true, true]),
        (National, [true, false, true, true]),
        (International, [true, true, false, false]),
        (Internal, [true, true, true, true]),
    ] {
        let mut bench = Bench::new(vec![office(|u| u.allowed = all_but(barred))]);
        for (to, allowed) in ["555", "0555", "00555", "+555"].into_iter().zip(numbers) {
            let expected =
                if allowed { format!("trunk set-up 1.0 201>{to}") } else { "released 21".to_owned() };
            assert_eq!(bench.attempt("201", to), expected, "{barred:?}");
        }
        let inside = bench.attempt("201", "202");
        assert_eq!(inside, if barred == Internal { "released 21" } else { "ring 202" });
    }
}

#[test]
fn what_counts_is_the_number_sent() {
    let spec = office(|u| u.allowed = all_but(International))
        .code("1N", Feature::Dial, "00N", 0)
        .code("00N", Feature::Dial, "N", 0)
        .code("2", Feature::SpeedDial, "1234", 0);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "1234"), "released 21");
    assert_eq!(bench.attempt("201", "00234"), "trunk set-up 1.0 201>234");
    assert_eq!(bench.attempt("201", "2"), "released 21");
    assert_eq!(bench.attempt("202", "2"), "trunk set-up 1.0 202>00234");
}

#[test]
fn a_call_that_is_forwarded_may_do_no_more_than_both_users() {
    let spec = |barred: &str, other: &str| {
        system("office", &["201", "202", "203"])
            .trunk(2, 0)
            .with_user(barred, |u| u.allowed = all_but(International))
            .with_user("202", |u| u.forwarding.unconditional = number("00555"))
            .with_user(other, |u| u.priority = 4)
    };
    assert_eq!(Bench::new(vec![spec("201", "203")]).attempt("201", "202"), "released 21");
    assert_eq!(Bench::new(vec![spec("202", "203")]).attempt("201", "202"), "released 21");
    assert_eq!(Bench::new(vec![spec("203", "203")]).attempt("201", "202"), "trunk set-up 1.0 201>00555");
}

fn account(code: &str, allows: CallClasses) -> AccountCodeSpec {
    AccountCodeSpec { code: code.to_owned(), allows }
}

fn enter(bench: &mut Bench, user: &str, tag: u64, code: &str) {
    let (system, id) = bench.find(user);
    let call = bench.call(system, tag);
    bench.handle(system, Input::AccountCode { user: id, call, code: number(code) });
}

/// 201 must enter an account code for external calls, everybody for numbers that begin with 7.
fn with_accounts() -> Bench {
    let mut spec = office(|u| {
        u.forced_account_code = ForcedAccountCode::ExternalCalls;
        u.allowed = all_but(International);
    })
    .code("7N", Feature::Dial, ".", 0)
    .code("?", Feature::Dial, ".", 0);
    spec.short_codes[0].force_account_code = true;
    spec.account_codes =
        vec![account("12?4", CallClasses::NONE), account("99", CallClasses::NONE.with(International))];
    Bench::new(vec![spec])
}

#[test]
fn an_account_code_is_asked_for_by_user_and_by_code() {
    let mut bench = with_accounts();
    assert_eq!(bench.attempt("202", "8"), "trunk set-up 1.0 202>8");
    assert_eq!(bench.attempt("202", "71"), "tone account code");
    assert_eq!(bench.attempt("201", "8"), "tone account code");
    assert_eq!(bench.attempt("201", "202"), "ring 202", "not for internal calls");
}

#[test]
fn a_valid_account_code_lets_the_call_go_on() {
    for (code, valid) in
        [("1234", true), ("1204", true), ("12*4", false), ("124", false), ("12345", false), ("", false)]
    {
        let mut bench = with_accounts();
        bench.dial("201", "8", 1);
        bench.said();
        enter(&mut bench, "201", 1, code);
        if valid {
            bench.expect("0s A trunk set-up 1.0 #1 201>8");
            enter(&mut bench, "201", 1, code);
            assert_eq!(bench.systems[0].stats().unexpected, 1, "nobody asks twice");
        } else {
            bench.expect(
                "0s A released #1 21
                 0s A smdr #1 201>8>8 201>- rang 0s unanswered System 21",
            );
            bench.expect_idle();
        }
    }
}

#[test]
fn an_account_code_allows_its_classes_for_this_call() {
    let mut bench = with_accounts();
    bench.dial("201", "0044", 1);
    enter(&mut bench, "201", 1, "1234");
    assert_eq!(bench.said()[2], "0s A released #1 21");
    bench.dial("201", "0044", 2);
    enter(&mut bench, "201", 2, "99");
    assert_eq!(bench.said()[2], "0s A trunk set-up 1.0 #2 201>0044");
}

#[test]
fn who_enters_no_account_code_is_released_after_the_off_hook_time() {
    let mut bench = with_accounts();
    bench.dial("201", "8", 1);
    let other = bench.find("202").1;
    let call = bench.call(0, 1);
    bench.handle(0, Input::AccountCode { user: other, call, code: number("1234") });
    assert_eq!(bench.systems[0].stats().unexpected, 1, "only the caller enters it");
    bench.pass(seconds(60));
    bench.expect(
        "0s A accepted #1
         0s A tone account code #1
         30s A released #1 21
         30s A smdr #1 201>8>8 201>- rang 0s unanswered System 21",
    );
    bench.expect_idle();
}

/// Two systems with a trunk each. On A, 201 must enter an account code for external calls; 202 forwards outside; 290 is in
/// night service, which leads outside; `*1` and what follows is dialled on B, where `7` asks everybody for a code.
fn forced_network(change: impl FnOnce(&mut SystemSpec)) -> Bench {
    let mut a = office(|u| u.forced_account_code = ForcedAccountCode::ExternalCalls)
        .with_user("202", |u| u.forwarding.unconditional = number("0555"))
        .ip_office(1, 3, 7)
        .group("290", &["203"], None)
        .group("291", &["203", "202"], None)
        .code("*1N;", Feature::BreakOut, "b", 0)
        .code("*3N;", Feature::Dial, "N", 7)
        .code("*4", Feature::SpeedDial, "0556", 0)
        .code("?", Feature::Dial, ".", 0);
    a.hunt_groups[0].service_mode = ServiceMode::NightService;
    a.hunt_groups[0].night_service_fallback = number("0557");
    a.account_codes = vec![account("11", CallClasses::NONE)];
    change(&mut a);
    let mut b = system("b", &["301"]).trunk(2, 0).ip_office(0, 3, 7);
    b = b.code("7N;", Feature::Dial, "70N", 0).code("?", Feature::Dial, ".", 0);
    b.short_codes[0].force_account_code = true;
    Bench::new(vec![a, b])
}

#[test]
fn no_way_leads_round_a_forced_account_code() {
    for (dialled, heard) in [
        ("0555", "tone account code"),
        ("*4", "tone account code"),
        ("*10555", "tone account code"),
        ("*30555", "tone account code"),
        ("202", "released 21"),
        ("290", "released 21"),
        ("203", "ring 203"),
    ] {
        assert_eq!(forced_network(|_| {}).attempt("201", dialled), heard, "{dialled}");
    }
    // Nor does it help to have one's own calls forwarded: the mark is that of the user who forwards.
    let forwards = |a: &mut SystemSpec| {
        a.users[0].forwarding.unconditional = number("0558");
        a.trunk_to_trunk = true;
    };
    let mut bench = forced_network(forwards);
    assert_eq!(bench.attempt("203", "201"), "released 21");
    bench.trunk_setup(0, 0, "201", 9);
    assert!(bench.said().contains(&"0s A released #9 21".to_owned()));
    let mut bench = forced_network(|a| a.users[0].follow_me_to = number("0558"));
    assert_eq!(bench.attempt("203", "201"), "released 21");
}

#[test]
fn an_account_code_entered_is_good_on_every_system_and_through_every_form() {
    let mut bench = forced_network(|_| {});
    // B's code asks for an account code, but nobody there could be asked.
    assert_eq!(bench.attempt("203", "*1755"), "released 21");
    for (tag, dialled, sent) in [(1, "*10555", "201>0555"), (2, "*1755", "201>7055")] {
        bench.dial("201", dialled, tag);
        enter(&mut bench, "201", tag, "11");
        bench.pass(seconds(0));
        let expected = format!("0s B trunk set-up 1.0 #{tag} {sent}");
        assert!(bench.said().contains(&expected), "{dialled}");
        bench.hang_up("201", tag);
        bench.pass(seconds(0));
    }
    // An entry of a form that asks for one has it asked before the form is searched.
    let entries = [("?", Feature::Dial, ".", 0)];
    let mut spec = office(|_| {}).code("?", Feature::Dial, ".", 50).form(50, &entries);
    spec.ars_forms[0].codes[0].force_account_code = true;
    spec.account_codes = vec![account("11", CallClasses::NONE)];
    let mut bench = Bench::new(vec![spec]);
    bench.dial("202", "05", 1);
    assert_eq!(bench.said().last().map(String::as_str), Some("0s A tone account code #1"));
    enter(&mut bench, "202", 1, "11");
    bench.expect("0s A trunk set-up 1.0 #1 202>05");
}

#[test]
fn whoever_is_logged_out_makes_emergency_calls_and_logs_in_and_nothing_else() {
    let out = |u: &mut UserSpec| (u.logged_in, u.login_code) = (false, number("77"));
    let spec = office(out)
        .code("*1", Feature::DialEmergency, "112", 0)
        .code("*2N", Feature::ExtnLogin, "N", 0)
        .code("*3", Feature::DoNotDisturbOn, "", 0)
        .code("*4", Feature::SpeedDial, "202", 0)
        .code("*5", Feature::BreakOut, "office", 0)
        .code("*6N", Feature::FollowMeHere, "N", 0)
        .code("?", Feature::Dial, ".", 0);
    let mut bench = Bench::new(vec![spec]);
    for dialled in ["202", "05", "*3", "*4", "*5", "*6202", "*278"] {
        assert_eq!(bench.attempt("201", dialled), "released 21", "{dialled}");
    }
    assert_eq!(bench.attempt("201", "*1"), "trunk set-up 1.0 201>112");
    bench.set("201", "*277");
    assert_eq!(bench.attempt("201", "202"), "ring 202");
}
