//! `busyhour run --each-failure` (N-1): what a failure costs is counted by hand, and nothing depends on `--jobs`.

use crate::command_line::{Bench, json, text};
use serde_json::Value;
use std::process::Output;

/// Two sites, each with a trunk, 100 users and a way to the other's trunk; one voicemail server.
const PAIR: &str = r#"
    [solution]
    name = "pair"
    edition = "select"
    media_preservation = "enabled"
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
    channels = 30
    [[line]]
    system = "secondary"
    number = 1
    kind = "sip"
    channels = 30
    [[ip_office_line]]
    between = ["primary", "secondary"]
    [[voicemail]]
    system = "primary"
    [[users]]
    system = "primary"
    extensions = "200-299"
    voicemail = true
    [[users]]
    system = "secondary"
    extensions = "300-399"
    [[incoming_call_route]]
    destination = "."
"#;

/// A call a second to the primary's users, each rings for 5 s and talks for 6 s.
fn profile(targets: &str) -> String {
    format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        bhcc = 3600
        arrivals = "uniform"
        duration = "1h"
        ring = "5s"
        talk = "6s"
        [[load.stream]]
        name = "incoming"
        kind = "incoming"
        system = "primary"
        to = "200-299"
        [targets]
        {targets}
        "#
    )
}

fn each(bench: &Bench, more: &[&str]) -> Output {
    let args = ["run", "profile.toml", "--each-failure", "--json", "-"];
    bench.run(&args.iter().chain(more).copied().collect::<Vec<_>>())
}

fn failure<'r>(record: &'r Value, component: &str) -> &'r Value {
    let failures = record["failures"].as_array().expect("failures");
    failures.iter().find(|failure| failure["component"] == component).expect("the component is there")
}

fn count(failure: &Value, fate: &str) -> u64 {
    failure["calls"][fate].as_u64().expect("a count")
}

#[test]
fn a_trunk_that_is_lost_for_a_quarter_of_an_hour_costs_what_can_be_counted_by_hand() {
    let bench = Bench::new("each", &profile("blocked_pct = \"<= 0.1\""), PAIR);
    let output = each(&bench, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let record = json(&output);
    assert_eq!((&record["fails_at_s"], &record["lasts_s"]), (&1_200.0.into(), &900.0.into()));
    let names: Vec<&str> = record["failures"]
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|f| f["component"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "system:primary",
            "system:secondary",
            "line:primary/secondary",
            "link:primary/secondary",
            "trunk:primary/1",
            "trunk:secondary/1",
            "voicemail:primary"
        ]
    );
    // Of the calls placed in the eleven seconds before, six talk and are cut off, and five ring. Then 900 find no trunk.
    let trunk = failure(&record, "trunk:primary/1");
    assert_eq!((count(trunk, "dropped"), count(trunk, "failed"), count(trunk, "blocked")), (6, 0, 905));
    assert_eq!((trunk["lost_more"].as_i64(), trunk["verdict"].as_str()), (Some(911), Some("fail")));
    let minutes = trunk["recovered_min"].as_f64().expect("it recovers");
    assert!((15.0..15.3).contains(&minutes), "the trunk is back after a quarter of an hour: {minutes}");
    for costs_nothing in
        ["system:secondary", "line:primary/secondary", "trunk:secondary/1", "voicemail:primary"]
    {
        let failure = failure(&record, costs_nothing);
        assert_eq!((failure["lost_more"].as_i64(), failure["recovered_min"].as_f64()), (Some(0), Some(0.0)));
        assert_eq!(failure["verdict"], "pass", "{costs_nothing}");
    }
    let system = failure(&record, "system:primary");
    assert_eq!((count(system, "preserved"), count(system, "dropped")), (6, 0), "{system}");
    assert_eq!(record["why"], "1 of 7 single failures miss a target or a check");
}

#[test]
fn the_digest_and_all_else_is_the_same_whatever_jobs_says() {
    let bench = Bench::new("each-jobs", &profile("calls.not_started = \"== 0\""), PAIR);
    let result = |jobs: &str| {
        let output = each(&bench, &["--jobs", jobs, "--duration", "10m", "--failure-for", "1m"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let mut record = json(&output);
        for volatile in ["wall_s", "started_at"] {
            record[volatile] = Value::Null;
            record["baseline"][volatile] = Value::Null;
        }
        for volatile in ["calls_per_wall_s", "peak_rss_mib"] {
            record["baseline"][volatile] = Value::Null;
        }
        record
    };
    let (one, three) = (result("1"), result("3"));
    assert!(one["digest"].as_str().is_some_and(|digest| digest.len() == 16));
    assert_eq!(one, three);
}

#[test]
fn one_failure_by_its_name_is_the_same_run_with_its_whole_record() {
    let bench = Bench::new("each-one", &profile("blocked_pct = \"<= 0.1\""), PAIR);
    let times = ["--duration", "10m", "--failure-at", "2m", "--failure-for", "90s"];
    let record = json(&each(&bench, &times));
    let one = |component: &str| {
        let args = ["run", "profile.toml", "--json", "-", "--failure", component];
        bench.run(&args.iter().chain(&times).copied().collect::<Vec<_>>())
    };
    let run = json(&one("trunk:primary/1"));
    let row = failure(&record, "trunk:primary/1");
    assert_eq!((&run["calls"], &run["digest"]), (&row["calls"], &row["digest"]));
    let faults = run["timeline"].as_array().expect("entries").iter().filter(|entry| entry["kind"] == "fault");
    assert_eq!(faults.map(|entry| entry["about"].clone()).collect::<Vec<_>>(), ["trunk:primary/1"]);
    let wrong = one("trunk:primary/2");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean \"trunk:primary/1\"?"), "{}", text(&wrong.stderr));
}

#[test]
fn when_components_fail_is_a_key_of_the_profile_and_must_be_within_the_run() {
    let with = |keys: &str| format!("{}\n[each_failure]\n{keys}", profile("blocked_pct = \"<= 100\""));
    let bench = Bench::new("each-key", &with("at = \"1m\"\nfor = \"30s\""), PAIR);
    let record = json(&each(&bench, &["--duration", "5m"]));
    assert_eq!((&record["fails_at_s"], &record["lasts_s"]), (&60.0.into(), &30.0.into()));
    assert_eq!(count(failure(&record, "trunk:primary/1"), "blocked"), 5 + 30);
    let late = each(&bench, &["--duration", "1m"]);
    assert_eq!(late.status.code(), Some(2));
    assert!(text(&late.stderr).contains("no failure at 60s"), "{}", text(&late.stderr));
    let bench = Bench::new("each-late", &with("at = \"2h\""), PAIR);
    let late = bench.run(&["check", "profile.toml"]);
    assert!(text(&late.stderr).contains("the measured part is over by then"), "{}", text(&late.stderr));
}

#[test]
fn what_an_each_failure_run_cannot_take_is_refused() {
    let bench = Bench::new("each-usage", &profile("blocked_pct = \"<= 100\""), PAIR);
    for args in [
        &["run", "profile.toml", "profile.toml", "--each-failure"][..],
        &["run", "profile.toml", "--each-failure", "--replications", "2"],
        &["run", "profile.toml", "--each-failure", "--clock", "real"],
        &["run", "profile.toml", "--each-failure", "--smdr", "x.csv"],
        &["run", "profile.toml", "--failure-at", "1m"],
    ] {
        assert_eq!(bench.run(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn its_record_is_kept_in_the_history_and_drawn_in_every_form() {
    let bench = Bench::new("each-report", &profile("blocked_pct = \"<= 0.1\""), PAIR);
    let ran = bench.run(&["run", "profile.toml", "--each-failure", "--duration", "10m", "--out", "runs"]);
    let table = text(&ran.stdout);
    let line =
        |start: &str| table.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
    assert!(table.starts_with("test: one failure at a time, at 3.3333 min for 2.5 min: "), "{table}");
    assert!(line("trunk:primary/1").ends_with("MISSED"), "{table}");
    assert!(line("none").ends_with("met"), "{table}");
    let history = text(&bench.run(&["history", "runs", "--metric", "digest"]).stdout);
    assert!(history.contains("test"), "{history}");
    let folder = "runs/test-each-failure";
    let files = ["-o", "r.html", "-o", "r.md", "-o", "r.xml", "-o", "r.prom"];
    let report = bench.run(&["report", folder].iter().chain(&files).copied().collect::<Vec<_>>());
    assert_eq!(report.status.code(), Some(0), "{}", text(&report.stderr));
    let read = |name: &str| std::fs::read_to_string(bench.0.join(name)).expect("was written");
    for (name, part) in [
        ("r.html", "<th scope=\"row\">trunk:primary/1</th><td class=\"bad\">missed</td>"),
        ("r.html", "test, nothing made to fail"),
        ("r.html", "busyhour run profile.toml --each-failure --failure-at 200s --failure-for 150s --seed 1"),
        ("r.md", "| trunk:primary/1 | **missed** | "),
        ("r.xml", "<testcase name=\"trunk:primary/1\" classname=\"test\">"),
        ("r.prom", "busyhour_failure_targets_met{profile=\"test\",component=\"trunk:primary/1\"} 0"),
    ] {
        assert!(read(name).contains(part), "{name} has no {part}:\n{}", read(name));
    }
}
