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
