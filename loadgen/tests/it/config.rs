//! Solution and profile files: what is refused, with which words, and that nothing panics.

use loadgen::text::{Problems, Style};
use loadgen::{profile, solution};
use std::io;
use std::path::Path;

const SOLUTION: &str = r#"
[solution]
name = "Two"
edition = "select"

[[system]]
name = "primary"
role = "primary"
platform = "r640"

[[system]]
name = "secondary"
role = "secondary"
platform = "r640"

[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 100

[[ip_office_line]]
between = ["primary", "secondary"]

[[users]]
system = "primary"
extensions = "2000-2009"

[[users]]
system = "secondary"
extensions = ["3000-3004", "3009"]

[[hunt_group]]
system = "primary"
extension = "2800"
name = "Main"
members = "2000-2003"

[[short_code]]
code = "9N;"
feature = "dial"
telephone_number = "N"
line_group = 50

[[ars]]
system = "primary"
id = 50
name = "Main"
codes = [{ code = "?", feature = "dial-3k1", telephone_number = ".", line_group = 0 }]

[[incoming_call_route]]
incoming_number = "-2XXX"

[[short_code]]
code = "112"
feature = "dial-emergency"
telephone_number = "112"
line_group = 50
"#;

const PROFILE: &str = r#"
[profile]
solution = "two.toml"

[load]
bhcc = 3600
ring = "5s"
talk = { distribution = "lognormal", mean = "3m", cv = 1.2 }

[[load.stream]]
name = "incoming"
kind = "incoming"
system = "primary"
to = "2000-2009, 2800"

[[load.stream]]
name = "between"
kind = "internal"
system = "secondary"
from = "3000-3004"
to = "2000"
pick = "random"
weight = 0.5
talk = "10s"

[targets]
blocked_pct = "<= 0.1"
calls.dropped = "== 0"
"#;

fn problems_of_solution(text: &str) -> String {
    let mut problems = Problems::new();
    solution::from_str("two.toml", text, &mut problems);
    problems.render(Style::Plain)
}

fn problems_of_profile(profile: &str, solution: &str) -> String {
    let mut problems = Problems::new();
    let read = |path: &Path| {
        if path == Path::new("profiles/two.toml") {
            Ok(solution.as_bytes().to_vec())
        } else {
            Err(io::Error::new(io::ErrorKind::NotFound, "no such file"))
        }
    };
    profile::from_str(Path::new("profiles/p.toml"), profile, &read, &mut problems);
    problems.render(Style::Plain)
}

#[test]
fn good_files_have_no_problems() {
    assert_eq!(problems_of_solution(SOLUTION), "");
    assert_eq!(problems_of_profile(PROFILE, SOLUTION), "");
}

#[test]
fn a_mistyped_key_a_negative_duration_and_an_unknown_system_are_shown_at_once() {
    let profile = PROFILE
        .replace("bhcc =", "bhc =")
        .replace("ring = \"5s\"", "ring = \"-5s\"")
        .replace("system = \"secondary\"", "system = \"secundary\"");
    insta::assert_snapshot!(problems_of_profile(&profile, SOLUTION));
}

#[test]
fn errors_of_the_solution_are_shown_with_those_of_the_profile() {
    let profile = PROFILE.replace("blocked_pct", "bloked_pct");
    let solution = SOLUTION.replace("role = \"secondary\"", "role = \"secondry\"");
    insta::assert_snapshot!(problems_of_profile(&profile, &solution));
}

fn name_of(problems: &mut Problems, text: &str) -> bool {
    solution::from_str("s.toml", text, problems).is_some()
}

#[test]
fn every_semantic_error_of_a_solution_is_named() {
    let broken = SOLUTION
        .replace("number = 1", "number = 1\noutgoing_group = 99999")
        .replace("kind = \"sip\"", "kind = \"pri-e1\"")
        .replace("platform = \"r640\"\n\n[[line]]", "platform = \"ova\"\n\n[[line]]")
        .replace("[\"3000-3004\", \"3009\"]", "[\"3000-3004\", \"2005\", \"30-5\"]")
        .replace("\"2000-2003\"", "\"2008-2011\"")
        .replace("line_group = 0 }", "line_group = 7 }")
        .replace("\"-2XXX\"", "\"2N\"");
    insta::assert_snapshot!(problems_of_solution(&broken));
}

#[test]
fn wrong_types_and_missing_keys_are_named() {
    let text = "[solution]\nname = 5\nedition = \"select\"\nno_answer_time = \"5s\"\n\n[system]\nrole = \"primary\"\n\n\
                [[line]]\nsystem = \"primary\"\nnumber = 70000\nkind = \"sip\"\n\n[[ip_office_line]]\nbetween = \"a\"\n\
                delay = 5\n\n[[users]]\nextensions = [2000]\n";
    insta::assert_snapshot!(problems_of_solution(text));
}

#[test]
fn several_syntax_errors_are_shown_without_their_consequences() {
    let text = SOLUTION
        .replace("name = \"primary\"", "name = \"primary")
        .replace("channels = 100", "channels = = 100")
        .replace("name = \"Main\"\nmembers", "nmae = \"Main\"\nmembers");
    insta::assert_snapshot!(problems_of_solution(&text));
}

#[test]
fn numbers_are_unique_in_the_network() {
    let text = SOLUTION.replace("[\"3000-3004\", \"3009\"]", "\"2005-2010\"").replace("2800", "2001");
    insta::assert_snapshot!(problems_of_solution(&text));
}

#[test]
fn a_trunk_in_the_group_of_form_50_is_shown_at_its_group() {
    let trunk = "kind = \"sip\"\noutgoing_group = 50";
    let said = problems_of_solution(&SOLUTION.replacen("kind = \"sip\"", trunk, 1));
    assert!(said.contains("error: outgoing group 50 is the id of ARS form 50:Main"), "{said}");
    assert!(said.contains("\n20 | outgoing_group = 50\n   |                  ^^\n"), "{said}");
    assert!(said.contains("give the line another group"), "{said}");
}

#[test]
fn limits_of_editions_and_platforms_hold() {
    let systems: String = (0..33)
        .map(|n| format!("[[system]]\nname = \"s{n}\"\nrole = \"standalone\"\nplatform = \"ip500v2\"\n"))
        .collect();
    let users = "[[users]]\nsystem = \"s0\"\nextensions = \"2000-2384\"\n\
                 [[users]]\nsystem = \"s1\"\nextensions = \"30000-30999\"\n";
    let text = format!("[solution]\nname = \"x\"\nedition = \"preferred\"\n{systems}{users}");
    insta::assert_snapshot!(problems_of_solution(&text));
}

#[test]
fn references_of_a_profile_are_held_against_its_solution() {
    let profile = PROFILE
        .replace("system = \"primary\"", "system = \"primary\"\nlines = [1, 2, 3, 1]")
        .replace("\"3000-3004\"", "\"2999-3004\"")
        .replace("to = \"2000\"", "to = \"2050\"\nlines = [1]")
        .replace("bhcc = 3600", "bhcc = 1e400\nwarm_up = \"1e400s\"\nduration = \"0s\"")
        .replace("\"== 0\"", "\"= 0\"");
    insta::assert_snapshot!(problems_of_profile(&profile, SOLUTION));
}

#[test]
fn a_solution_that_cannot_be_read_is_shown_at_its_name() {
    insta::assert_snapshot!(problems_of_profile(&PROFILE.replace("two.toml", "three.toml"), SOLUTION));
}

#[test]
fn a_file_that_is_not_utf8_is_shown_at_the_byte() {
    let mut problems = Problems::new();
    assert!(problems.add_bytes("latin1.toml", b"[solution]\nname = \"B\xfcro\"\n").is_none());
    insta::assert_snapshot!(problems.render(Style::Plain));
}

#[test]
fn an_error_of_the_engine_is_drawn_at_the_element_it_names() {
    let mut problems = Problems::new();
    assert!(name_of(&mut problems, SOLUTION));
    problems.at_path("s.toml", "short_code[0].code", "the code has a character it cannot have");
    problems.at_path("s.toml", "systems[1].lines[0].channels", "too many channels");
    problems.at_path("s.toml", "systems[0].ars_forms[0].codes[0].code", "the code never matches");
    problems.at_path("s.toml", "nowhere", "something else");
    insta::assert_snapshot!(problems.render(Style::Plain));
}

#[test]
fn the_effective_solution_has_both_ends_of_an_ip_office_line() {
    let solution = solution::from_str("two.toml", SOLUTION, &mut Problems::new()).expect("it is good");
    let lines: Vec<Vec<_>> = solution
        .network
        .systems
        .iter()
        .map(|system| {
            system.lines.iter().map(|l| (l.number, l.channels, l.outgoing_group, l.incoming_group)).collect()
        })
        .collect();
    assert_eq!(lines, [vec![(1, 100, 0, 0), (2, 250, 99_998, 99_998)], vec![(1, 250, 99_999, 99_999)]]);
    let ends: Vec<_> =
        solution.line_delays.iter().map(|d| (d.system.0, d.line.0, d.peer.0, d.peer_line.0)).collect();
    assert_eq!(ends, [(0, 1, 1, 0), (1, 0, 0, 1)]);
}

#[test]
fn a_trace_replaces_the_rate_and_can_be_cut_short() {
    let profile = "[profile]\nsolution = \"two.toml\"\n[load]\ntrace = \"calls.csv\"\nduration = \"5s\"\n\
        trace_columns = { arrival = \"when\", ring = \"queue\", talk = \"service\" }\n\
        trace_where = { bad = \"0\" }\n\
        [[load.stream]]\nname = \"in\"\nkind = \"incoming\"\nsystem = \"primary\"\nto = \"2000\"\n";
    let trace = "when,queue,service,bad\n2,1,3,0\n1,2,,0\nrubbish,,,1\n100,1,1,0\n";
    let read = |path: &Path| Ok(if path.ends_with("calls.csv") { trace.into() } else { SOLUTION.into() });
    let mut problems = Problems::new();
    let profile = profile::from_str(Path::new("p.toml"), profile, &read, &mut problems);
    assert_eq!(problems.render(Style::Plain), "");
    let load = profile.expect("it is good").load;
    let profile::Arrivals::Trace(calls) = load.arrivals else { panic!("not a trace") };
    let talks: Vec<_> =
        calls.iter().map(|call| (call.at.as_nanos(), call.talk.map(|t| t.as_secs()))).collect();
    assert_eq!(talks, [(0, None), (1_000_000_000, Some(3))]);
    assert_eq!((load.duration.as_secs(), load.bhcc), (5, 1_440.0));
}

#[test]
fn every_profile_that_ships_is_good() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let paths = [root.clone(), root.join("solutions")];
    let code = loadgen::cmd::check::run_to(&paths, Style::Plain, &mut out, &mut err);
    assert_eq!((code, String::from_utf8_lossy(&err).as_ref()), (0, ""));
    assert!(String::from_utf8_lossy(&out).lines().all(|line| line.starts_with("ok ")));
}

#[test]
fn check_reports_and_fails() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = loadgen::cmd::check::run_to(&["no/such.toml".into()], Style::Plain, &mut out, &mut err);
    assert_eq!((code, out.len()), (2, 0));
    assert!(String::from_utf8_lossy(&err).starts_with("error: cannot read \"no/such.toml\""));
}

#[test]
fn the_reference_names_every_metric() {
    let reference = include_str!("../../../docs/profile.md");
    for metric in profile::METRICS {
        let row = format!("| `{}` | {} |", metric.name, metric.meaning);
        assert!(reference.contains(&row), "docs/profile.md lacks {row}");
    }
}

/// What the fuzz targets do with their input.
fn read_all(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut problems = Problems::new();
    let _ = problems.add_bytes("bytes.toml", bytes);
    solution::from_str("s.toml", &text, &mut problems);
    profile::trace_from_str("t.csv", &text, &mut problems);
    let read = |path: &Path| Ok(if path.ends_with("t.csv") { bytes.to_vec() } else { SOLUTION.into() });
    profile::from_str(Path::new("p.toml"), &text, &read, &mut problems);
    let with_deck = format!("{SOLUTION}[[ars]]\nid = 60\ncodes_file = \"deck.csv\"\n");
    let read =
        |path: &Path| Ok(if path.ends_with("deck.csv") { bytes } else { with_deck.as_bytes() }.to_vec());
    profile::from_str(Path::new("p.toml"), PROFILE, &read, &mut problems);
    let _ = problems.render(Style::Plain);
    let _ = problems.render(Style::Colour);
}

#[test]
fn the_fuzz_corpora_are_read_without_a_panic() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut count = 0;
    for target in ["solution_toml", "profile_toml", "trace_csv"] {
        for entry in std::fs::read_dir(root.join(target)).expect("the corpus ships") {
            read_all(&std::fs::read(entry.expect("readable").path()).expect("readable"));
            count += 1;
        }
    }
    assert!(count >= 12, "{count}");
}

#[test]
fn hostile_files_are_read_without_a_panic() {
    let deep = "[".repeat(10_000);
    let tables = "a.".repeat(10_000);
    let ranges = SOLUTION.replace("2000-2009", "000001-999999");
    let huge = PROFILE.replace("3600", &"9".repeat(1_000));
    let texts = ["", "\u{feff}", "=", "\0", "[[system]]", "x = ", &deep, &tables, &ranges, &huge];
    for text in texts {
        read_all(text.as_bytes());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn changed_files_are_read_without_a_panic(
        edits in proptest::collection::vec((0..5_000_usize, 0..30_usize, ".{0,8}"), 1..6),
        which in 0..6_usize,
    ) {
        let texts = [
            SOLUTION,
            PROFILE,
            "arrival,ring\n1,2\n3,\"4\"\n",
            "prefix,rate\n49,0.1\n4930,\"0.2\"\n49,x\n",
            include_str!("../../../fuzz/corpus/solution_toml/every-key.toml"),
            include_str!("../../../fuzz/corpus/profile_toml/every-key.toml"),
        ];
        let mut text: Vec<char> = texts[which].chars().collect();
        for (at, cut, put) in edits {
            let at = at % (text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, put.chars());
        }
        read_all(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        read_all(&bytes);
    }
}
