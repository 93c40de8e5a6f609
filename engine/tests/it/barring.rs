//! Call barring and account codes (RC "Call barring", DOMAIN 2.7): what may not leave does not leave, whatever the way.

use crate::support::{Bench, Build, Random, number, seconds, system};
use engine::id::{LineId, Tag};
use engine::plan::spec::{
    AccountCodeSpec, CallClass, CallClasses, Feature, ForcedAccountCode, ServiceMode, SystemSpec, UserSpec,
};
use engine::{CallFacts, Input, Output, Tone, cause::Cause};
use std::collections::BTreeMap;

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

const USERS: [&str; 8] = ["201", "202", "203", "204", "301", "302", "303", "304"];
const DIALLED: [&str; 24] = [
    "201", "202", "203", "204", "301", "302", "303", "304", "290", "390", "5", "05", "005", "*1", "*2", "*3",
    "*45", "*405", "*4005", "*112", "*5", "*61", "*75", "*700",
];
/// Sent by the emergency code, and by nothing else; the other system may put a prefix before it.
const EMERGENCY: &str = "999112";
const ACCOUNTS: [&str; 3] = ["11", "22", "33"];
/// Sent by a code that asks for an account code, and by nothing else.
const ASKING: &str = "7707";

/// A network of two systems, set up at random, with numbers of all classes everywhere.
fn network(r: &mut Random, barred: Option<CallClass>, forced: bool) -> Vec<SystemSpec> {
    let mut systems = Vec::new();
    for s in 0..2_u16 {
        let own = &USERS[usize::from(s) * 4..][..4];
        let mut spec = system(if s == 0 { "a" } else { "b" }, own)
            .trunk(2, 0)
            .trunk(1, 1)
            .ip_office(1 - s, 3, 7)
            .group(if s == 0 { "290" } else { "390" }, &own[1..3], Some(6));
        for code in ["*1", "*2", "*3"] {
            spec = spec.code(code, Feature::SpeedDial, r.pick(&DIALLED), 0);
        }
        for code in ["*4N", "*6N", "5N", "0N"] {
            let telephone_number = r.pick(&[".", "N", "0N", "00N", "7N", "0.", "EN"]);
            let target = r.pick(&[0, 1, 7, 50, 51]);
            match r.below(4) {
                0 => spec = spec.code(code, Feature::BreakOut, r.pick(&["a", "b"]), 0),
                1 => spec = spec.code(code, Feature::DialExtn, "N", 0),
                _ => spec = spec.code(code, Feature::Dial, telephone_number, target),
            }
            if r.once_in(6) {
                spec.short_codes.last_mut().expect("just added").force_account_code = true;
            }
        }
        spec = spec.code("*7N", Feature::Dial, "7707N", r.pick(&[0, 1, 50]));
        spec.short_codes.last_mut().expect("just added").force_account_code = true;
        spec = spec.code("*112", Feature::DialEmergency, EMERGENCY, 0).code("?", Feature::Dial, ".", 50);
        spec = spec.code("*5", Feature::OutgoingCallBarOff, "1", 0);
        for (id, groups) in [(50, [0, 1, 7, 51]), (51, [1, 0, 7, 7])] {
            let entry = |r: &mut Random| ("?", Feature::Dial, r.pick(&[".", "0.", "00."]), r.pick(&groups));
            let entries = [entry(r), entry(r)];
            spec = spec.form(id, &entries);
        }
        spec.account_codes = ACCOUNTS
            .into_iter()
            .zip([CallClasses::NONE, CallClasses::NONE.with(International), CallClasses::ALL])
            .map(|(code, allows)| account(code, allows))
            .collect();
        let group = &mut spec.hunt_groups[0];
        group.service_mode =
            r.pick(&[ServiceMode::InService, ServiceMode::NightService, ServiceMode::OutOfService]);
        group.night_service_fallback = number(r.pick(&DIALLED));
        group.out_of_service_fallback = number(r.pick(&DIALLED));
        for user in &mut spec.users {
            let mut maybe = |n: usize| if r.once_in(n) { number(r.pick(&DIALLED)) } else { number("") };
            user.forwarding.unconditional = maybe(3);
            user.forwarding.busy = maybe(2);
            user.forwarding.no_answer = maybe(2);
            user.follow_me_to = maybe(6);
            user.login_code = number("77");
            if r.once_in(6) {
                user.forced_account_code = ForcedAccountCode::ExternalCalls;
            }
        }
        systems.push(spec);
    }
    if let Some(class) = barred {
        systems[0].users[0].allowed = all_but(class);
    }
    if forced {
        systems[0].users[0].forced_account_code = ForcedAccountCode::ExternalCalls;
    }
    systems
}

fn class_of(sent: &str) -> CallClass {
    match () {
        () if sent.starts_with("00") || sent.starts_with('+') => International,
        () if sent.starts_with('0') => National,
        () => Local,
    }
}

/// How a random run went.
#[derive(Default)]
struct Seen {
    /// Numbers sent to trunks on behalf of 201, with what its account codes had allowed.
    by_201: Vec<(String, Option<CallClasses>)>,
    /// Those for which a code had asked for an account code, and whether a valid one was entered for the call.
    asking: Vec<bool>,
    /// Those sent for calls that had come in on a trunk.
    from_trunks: usize,
}

/// Lets 201, others and trunks call at random. Tags 0.. are those of 201, 1000.. of others, 2000.. of trunks.
fn play(seed: u64, barred: Option<CallClass>, trunk_to_trunk: bool, forced: bool) -> Seen {
    let mut r = Random(seed);
    let mut systems = network(&mut r, barred, forced);
    systems.iter_mut().for_each(|s| s.trunk_to_trunk = trunk_to_trunk);
    let mut bench = Bench::new(systems);
    let mut seen = Seen::default();
    let mut accounts: BTreeMap<u64, CallClasses> = BTreeMap::new();
    for n in 0..40 {
        match r.below(9) {
            0..=2 => bench.dial("201", r.pick(&DIALLED), n),
            3 => bench.dial(r.pick(&USERS[1..]), r.pick(&DIALLED), 1_000 + n),
            4 => {
                let facts = CallFacts::default();
                let (called, calling) = (number(r.pick(&DIALLED)), number("0700"));
                let (line, tag) = (LineId(0), Tag(2_000 + n));
                bench.handle(r.below(2), Input::TrunkSetup { line, called, calling, facts, tag });
            }
            5 => {
                let (system, user) = bench.find(r.pick(&USERS));
                if let Some(call) = bench.latest_call(system, r.below(3)) {
                    bench.handle(system, Input::Answer { user, call });
                }
            }
            6 => {
                let (system, user) = bench.find(r.pick(&USERS));
                if let Some(call) = bench.latest_call(system, r.below(3)) {
                    bench.handle(system, Input::HangUp { user, call });
                }
            }
            7 => {
                let system = r.below(2);
                if let Some(call) = bench.latest_call(system, r.below(3)) {
                    let cause = Cause::new(r.pick(&[1, 3, 16, 17])).expect("a cause of Q.850");
                    let attempt = bench.attempt_of(system, call);
                    bench.handle(system, Input::TrunkRelease { call, attempt, cause });
                }
            }
            _ => bench.pass(seconds(r.pick(&[1, 5, 7, 16, 40]))),
        }
        bench.pass(seconds(0));
        look(&mut bench, &mut r, &mut accounts, &mut seen);
    }
    seen
}

/// Takes note of what left on trunks, and enters the account codes that were asked for.
fn look(bench: &mut Bench, r: &mut Random, accounts: &mut BTreeMap<u64, CallClasses>, seen: &mut Seen) {
    loop {
        let outputs = std::mem::take(&mut bench.outputs);
        if outputs.is_empty() {
            return;
        }
        for (system, output) in outputs {
            if let Output::TrunkSetup { tag: Tag(tag), called, .. } = output {
                if called.as_str().contains(ASKING) {
                    seen.asking.push(accounts.contains_key(&tag));
                }
                match tag {
                    0..1_000 => seen.by_201.push((called.to_string(), accounts.get(&tag).copied())),
                    1_000..2_000 => {}
                    _ => seen.from_trunks += usize::from(!called.as_str().ends_with(EMERGENCY)),
                }
            }
            if let Output::Tone { call, tag, tone: Tone::AccountCode } = output {
                let code = r.below(4);
                let entered = number(ACCOUNTS.get(code).copied().unwrap_or("55"));
                let allows = [CallClasses::NONE, CallClasses::NONE.with(International), CallClasses::ALL];
                if let Some(&allows) = allows.get(code) {
                    accounts.insert(tag.0, allows);
                }
                for user in USERS {
                    let (home, user) = bench.find(user);
                    if home == system {
                        bench.handle(system, Input::AccountCode { user, call, code: entered });
                    }
                }
                bench.pass(seconds(0));
            }
        }
    }
}

#[test]
fn what_a_user_may_not_call_never_leaves_whatever_the_way() {
    for class in [Local, National, International] {
        let (mut others, mut would_leave) = (0, 0);
        for seed in 0..600 {
            for (sent, account) in play(seed, Some(class), false, false).by_201 {
                let exempt = sent.ends_with(EMERGENCY) || account.is_some_and(|a| a.contains(class));
                assert!(exempt || class_of(&sent) != class, "seed {seed}: {sent} left in spite of {class:?}");
                others += usize::from(!exempt);
            }
            let unbarred = play(seed, None, false, false).by_201;
            would_leave += unbarred.iter().filter(|(sent, _)| class_of(sent) == class).count();
        }
        // The test has power: other calls leave, and without the bar those of the class do.
        assert!(others > 200 && would_leave > 200, "{class:?}: {others} {would_leave}");
    }
}

#[test]
fn what_comes_from_a_trunk_never_leaves_on_one_unless_that_is_allowed() {
    let mut allowed = 0;
    for seed in 0..400 {
        assert_eq!(play(seed, None, false, false).from_trunks, 0, "seed {seed}");
        allowed += play(seed, None, true, false).from_trunks;
    }
    assert!(allowed > 100, "{allowed}");
}

#[test]
fn what_wants_an_account_code_never_leaves_without_one_whatever_the_way() {
    let (mut with_code, mut would_leave, mut asking) = (0, 0, 0);
    for seed in 0..600 {
        let seen = play(seed, None, true, true);
        for (sent, account) in seen.by_201 {
            assert!(
                account.is_some() || sent.ends_with(EMERGENCY),
                "seed {seed}: {sent} left without a code"
            );
            with_code += usize::from(account.is_some());
        }
        assert!(seen.asking.iter().all(|&entered| entered), "seed {seed}: {ASKING} left without a code");
        asking += seen.asking.len();
        let free = play(seed, None, true, false).by_201;
        would_leave += free.iter().filter(|(sent, a)| a.is_none() && !sent.ends_with(EMERGENCY)).count();
    }
    assert!(with_code > 200 && would_leave > 200 && asking > 50, "{with_code} {would_leave} {asking}");
}
