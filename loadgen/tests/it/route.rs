//! `busyhour route`: what it says, to people and to programs.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const DRILL: &str = "profiles/drills/solutions/primary-fallback.toml";

fn route(args: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.current_dir(root).env("NO_COLOR", "1").args(["route", DRILL]).args(args);
    command.output().expect("the binary under test starts")
}

fn text(args: &[&str]) -> (Option<i32>, String) {
    let output = route(args);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_call_over_the_primary_form_is_explained() {
    let (code, said) = text(&["--from", "201", "--dial", "9123"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said);
}

#[test]
fn a_caller_of_low_priority_waits_for_the_alternate_route() {
    let (code, said) = text(&["--from", "301", "--dial", "9123", "--full", "primary:0"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said);
}

#[test]
fn dialling_by_hand_shows_when_the_call_moves() {
    let (code, said) = text(&["--from", "201", "--dial", "9123#", "--by-hand", "--digit-pause-ms", "250"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said);
}

/// A system of which every code that a number matches says something else.
const CODES: &str = r#"
[solution]
name = "codes"
edition = "select"

[[system]]
name = "a"
role = "primary"
platform = "ova"
dial_delay_time = "4s"

[[line]]
system = "a"
number = 1
kind = "sip"
channels = 2

[[users]]
system = "a"
extensions = "200-201"

[[account_code]]
code = "1234"

[[short_code]]
code = "9N"
feature = "dial"
telephone_number = "N"
line_group = 50

[[short_code]]
code = "20X"
feature = "busy"

[[short_code]]
code = "8N;"
feature = "dial"
telephone_number = "N"
line_group = 50
force_account_code = true

[[ars]]
system = "a"
id = 50
name = "Main"
codes = [
  { code = "12X", feature = "dial", telephone_number = ".", line_group = 0 },
  { code = "1N;", feature = "dial", telephone_number = ".", line_group = 0 },
  { code = "12N;", feature = "dial", telephone_number = ".", line_group = 0 },
  { code = "?", feature = "dial", telephone_number = ".", line_group = 0 },
]
"#;

fn route_codes(name: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, CODES).expect("the folder can be written to");
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.env("NO_COLOR", "1").arg("route").arg(&file).args(args);
    let output = command.output().expect("the binary under test starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_codes_of_a_form_that_lost_are_named_with_the_reason() {
    let (code, said, _) = route_codes("route-lost.toml", &["--from", "200", "--dial", "9123"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said);
    let (_, json, _) = route_codes("route-lost-json.toml", &["--from", "200", "--dial", "9123", "--json"]);
    let answer: Value = serde_json::from_str(&json).expect("JSON and nothing else");
    let form = answer["steps"].as_array().expect("steps").iter().find(|step| step["kind"] == "form");
    let others = form.expect("it comes to a form")["others"].as_array().expect("others").clone();
    let codes: Vec<&str> = others.iter().filter_map(|other| other["code"].as_str()).collect();
    assert_eq!(codes, ["12N;", "1N;", "?"]);
}

#[test]
fn the_codes_that_a_number_of_the_network_matches_too_are_named() {
    let (code, said, _) = route_codes("route-number.toml", &["--from", "200", "--dial", "201"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said);
}

#[test]
fn each_digit_may_have_its_own_pause() {
    let by_hand = |pauses: &str| {
        let args = ["--from", "200", "--dial", "9123", "--by-hand", "--digit-pause-ms", pauses];
        route_codes("route-by-hand.toml", &args)
    };
    // 12 and a pause is 12N; after 123 nothing is waited for.
    let shown = [by_hand("100,200,300").1, by_hand("100,200,300,5000").1];
    insta::assert_snapshot!(shown.join("----\n"));
    let (code, _, errors) = by_hand("1,2,3,4,5");
    assert_eq!(code, Some(2));
    assert!(errors.contains("has 5 pauses, but --dial 9123 has only 4 digits"), "{errors}");
}

#[test]
fn an_account_code_is_entered_where_it_is_asked_for() {
    let with = |account: &str| {
        route_codes("route-account.toml", &["--from", "200", "--dial", "8123", "--account-code", account])
    };
    let (right, wrong) = (with("1234"), with("9"));
    assert_eq!((right.0, wrong.0), (Some(0), Some(1)));
    let not_asked = ["--from", "200", "--dial", "9123", "--account-code", "1234"];
    let not_asked = route_codes("route-no-account.toml", &not_asked).1;
    assert!(not_asked.contains("nobody has asked for an account code"), "{not_asked}");
    insta::assert_snapshot!([right.1, wrong.1].join("----\n"));
}

#[test]
fn a_call_that_reaches_nobody_exits_1() {
    let (code, said) =
        text(&["--from", "201", "--dial", "9123", "--down", "primary:1", "--down", "secondary"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("waits for a line"), "{said}");
}

#[test]
fn programs_get_every_step() {
    let output = route(&["--from", "301", "--dial", "9123", "--full", "primary:0", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    assert_eq!((&answer["schema"], &answer["reached"]), (&"busyhour.route/1".into(), &true.into()));
    let steps = answer["steps"].as_array().expect("steps");
    let kinds: Vec<&str> = steps.iter().filter_map(|s| s["kind"].as_str()).collect();
    for kind in ["short_code", "form", "route", "alternate_route", "waits", "tone", "sent"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    let sent = steps.iter().find(|s| s["kind"] == "sent").expect("it is sent");
    assert_eq!((&sent["system"], &sent["t_s"]), (&"secondary".into(), &30.0.into()));
}

#[test]
fn what_does_not_exist_exits_2_and_says_what_does() {
    for (args, hint) in [
        (&["--from", "999", "--dial", "1"][..], "no user of the network"),
        (&["--from-line", "primry:1", "--dial", "1"], "there are primary, secondary"),
        (&["--from-line", "primary:9", "--dial", "1"], "its lines are 1, 2"),
        (&["--from", "201", "--dial", "1", "--full", "primary:7"], "no outgoing group 7"),
        (&["--from", "201", "--dial", "1", "--at", "noon"], "such as mon 09:00"),
        (&["--dial", "1"], "--from"),
    ] {
        let output = route(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {errors}");
        assert!(errors.contains(hint), "{args:?}: {errors}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn warnings_about_the_solution_are_counted_and_shown_when_asked_for() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("route-warnings.toml");
    let text = "[solution]\nname = \"w\"\nedition = \"select\"\n[[system]]\nname = \"a\"\nrole = \"primary\"\n\
        platform = \"ova\"\n[[users]]\nsystem = \"a\"\nextensions = \"200-201\"\n";
    std::fs::write(&file, text).expect("the folder can be written to");
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.arg("route").arg(&file).args(["--from", "200", "--dial", "201"]).args(more);
        let output = command.output().expect("the binary under test starts");
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let (short, long) = (run(&[]), run(&["-v"]));
    assert_eq!(short.lines().count(), 1, "{short}");
    assert!(short.contains("warning") && short.contains("-v"), "{short}");
    assert!(long.contains("warning: ") && long.lines().count() > 3, "{long}");
}
