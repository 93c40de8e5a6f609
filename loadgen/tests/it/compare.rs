//! `busyhour search` and `compare` as a script sees them: exit codes and what they write.

use crate::command_line::{Bench, HOUR, json, text};
use crate::support::{incoming, one_trunk_group};
use serde_json::Value;
use std::fs;

#[test]
fn a_search_says_limit_interval_cause_and_trunks_and_exits_by_the_rated_load() {
    let load = "bhcc = 3600\nring = \"5s\"\ntalk = \"6s\"\nduration = \"30m\"";
    let profile = incoming(load).replace("<= 0.1", "<= 1");
    let bench = Bench::new("search", &profile, &one_trunk_group(20));
    let args = ["search", "profile.toml", "--replications", "3", "--trunks-for", "3600,7200"];
    let output = bench.run(&[&args[..], &["--json", "search.json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for part in ["limit", "interval", "primary:line_group:0 ran out", "channels on", "3 replications"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
    let file = fs::read_to_string(bench.0.join("search.json")).expect("the file was written");
    let record: Value = serde_json::from_str(&file).expect("JSON");
    assert_eq!((&record["schema"], &record["verdict"]), (&"busyhour.search/1".into(), &"pass".into()));
    let needs: Vec<_> =
        record["trunks"].as_array().expect("a list").iter().map(|t| t["bhcc"].as_u64()).collect();
    assert_eq!(needs, [Some(3_600), Some(7_200)]);
    let steps = record["steps"].as_array().expect("the step log");
    let at = |bhcc: &Value| steps.iter().find(|step| step["bhcc"] == *bhcc).expect("the step is in the log");
    assert_eq!(at(&record["limit"]["bhcc"])["pass"], true);
    assert_eq!(at(&record["limit"]["fails_at_bhcc"])["pass"], false);
    let too_much = bench.run(&["search", "profile.toml", "--replications", "2", "--bhcc", "9000"]);
    assert_eq!(too_much.status.code(), Some(1), "{}", text(&too_much.stdout));
    let too_few = bench.run(&["search", "profile.toml", "--replications", "2", "--duration", "1m"]);
    assert_eq!(too_few.status.code(), Some(4), "{}", text(&too_few.stdout));
    assert!(text(&too_few.stdout).contains("299 could"), "{}", text(&too_few.stdout));
}

#[test]
fn runs_are_compared_exactly_and_unlike_ones_refused() {
    let bench = Bench::new("compare", &incoming(HOUR), &one_trunk_group(60));
    let run = |args: &[&str]| bench.run(&[&["run", "profile.toml"][..], args].concat());
    run(&["--json", "a.json"]);
    run(&["--json", "b.json", "--jobs", "2"]);
    run(&["--json", "seed.json", "--seed", "2"]);
    let compare = |old: &str, new: &str| bench.run(&["compare", old, new]);
    let same = compare("a.json", "b.json");
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stdout));
    assert!(text(&same.stdout).contains("every event is equal"));
    let unlike = compare("a.json", "seed.json");
    assert_eq!(unlike.status.code(), Some(4));
    assert!(text(&unlike.stdout).contains("seed is 1 in the baseline and 2"), "{}", text(&unlike.stdout));
    let worse = fs::read_to_string(bench.0.join("a.json")).expect("a record");
    let mut worse: Value = serde_json::from_str(&worse).expect("JSON");
    worse["calls"]["dropped"] = 7.into();
    fs::write(bench.0.join("worse.json"), worse.to_string()).expect("a temporary file");
    let worse = compare("a.json", "worse.json");
    assert_eq!(worse.status.code(), Some(3));
    assert!(text(&worse.stdout).contains("worse    calls.dropped: 0, now 7"), "{}", text(&worse.stdout));
    assert_eq!(compare("missing.json", "a.json").status.code(), Some(2));
    assert_eq!(bench.run(&["compare", "a.json"]).status.code(), Some(2));
    let report = json(&bench.run(&["compare", "a.json", "b.json", "--json", "-"]));
    assert_eq!(report["cases"][0]["outcome"], "same");
}

#[test]
fn equal_builds_are_run_in_pairs_and_none_is_slower() {
    let bench = Bench::new("pairs", &incoming(HOUR), &one_trunk_group(60));
    let build = env!("CARGO_BIN_EXE_busyhour");
    // A tolerance that no noise reaches: this is about the procedure, not about this machine's speed.
    let args =
        ["compare", "profile.toml", "--against", build, "--rounds", "7", "--tolerance", "900", "--json", "-"];
    let output = bench.run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = json(&output);
    assert_eq!(
        (report["regression"].as_bool(), report["rounds"][0]["pairs"].as_u64()),
        (Some(false), Some(7))
    );
}
