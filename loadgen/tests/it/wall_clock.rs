//! `--clock real --threads 1`: what virtual time comes to, on the wall clock.

use crate::command_line::{Bench, json, text};
use serde_json::Value;
use std::fs;
use std::process::Output;

/// Two systems, a line between them and a trunk each, and calls to users of both.
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
    channels = 200
    [[ip_office_line]]
    between = ["primary", "secondary"]
    [[users]]
    system = "primary"
    extensions = "2000-2199"
    [[users]]
    system = "secondary"
    extensions = "3000-3199"
    [[incoming_call_route]]
    destination = "."
"#;

const BRISK: &str = r#"
    [profile]
    name = "brisk"
    solution = "solution.toml"
    [load]
    bhcc = 100000
    ring = "30ms"
    talk = { distribution = "exponential", mean = "50ms" }
    warm_up = "500ms"
    duration = "2s"
    drain = "1s"
    [[load.stream]]
    name = "incoming"
    kind = "incoming"
    system = "primary"
    to = "2000-2199"
    [[load.stream]]
    name = "between"
    kind = "internal"
    from = "2000-2199"
    system = "primary"
    to = "3000-3199"
"#;

/// All files that a run writes, in one text.
fn files(bench: &Bench, name: &str) -> [String; 3] {
    ["csv", "ndjson", "timeline"].map(|kind| {
        fs::read_to_string(bench.0.join(format!("{name}.{kind}"))).expect("the run has written it")
    })
}

fn run(bench: &Bench, name: &str, more: &[&str]) -> Output {
    let [smdr, series, timeline] = ["csv", "ndjson", "timeline"].map(|kind| format!("{name}.{kind}"));
    let mut args = vec!["run", "profile.toml", "--json", "-"];
    args.extend(["--smdr", &smdr, "--timeseries", &series, "--timeline", &timeline]);
    args.extend(more);
    bench.run(&args)
}

/// A record without what the wall clock alone says; whether a busy machine made it void is part of that.
fn without_the_wall(mut record: Value) -> Value {
    let fields = record.as_object_mut().expect("a record is an object");
    for of_the_wall in
        ["wall_s", "calls_per_wall_s", "peak_rss_mib", "started_at", "clock", "threads", "verdict"]
    {
        fields.remove(of_the_wall);
    }
    for delay in ["generator_lateness", "route_delay", "handle_time"] {
        fields["latency"].as_object_mut().expect("latencies by name").remove(delay);
    }
    fields["metrics"]["generator_lateness_us_p99"] = Value::Null;
    fields["checks"].as_array_mut().expect("a list").retain(|check| check["name"] != "generator kept up");
    record
}

fn assert_as_in_virtual_time(name: &str, more: &[&str]) -> Value {
    let bench = Bench::new(name, BRISK, PAIR);
    let on_the_wall = [more, &["--clock", "real", "--threads", "1"]].concat();
    let (simulated, real) = (run(&bench, "simulated", more), run(&bench, "real", &on_the_wall));
    let (simulated, real) = (json(&simulated), json(&real));
    assert!(real["wall_s"].as_f64() > Some(2.0), "time has passed: {}", real["wall_s"]);
    assert_eq!((&real["clock"], &real["threads"]), (&"real".into(), &1.into()));
    assert_eq!(real["latency"]["generator_lateness"]["count"], real["calls"]["started"]);
    assert_eq!(real["latency"]["route_delay"]["count"], real["calls"]["started"]);
    assert_eq!(simulated["threads"], Value::Null);
    assert_eq!(without_the_wall(real.clone()), without_the_wall(simulated));
    assert_eq!(files(&bench, "real"), files(&bench, "simulated"));
    real
}

#[test]
fn on_one_thread_the_wall_clock_comes_to_the_same_as_virtual_time() {
    let record = assert_as_in_virtual_time("wall", &[]);
    assert!(record["digest"].is_string() && record["calls"]["completed"].as_u64() > Some(40), "{record}");
}

#[test]
fn what_fails_in_virtual_time_fails_at_the_same_instants_on_the_wall_clock() {
    let failure = ["--failure", "line:primary/secondary", "--failure-at", "500ms", "--failure-for", "1s"];
    let record = assert_as_in_virtual_time("wall-failure", &failure);
    assert!(record["timeline"].as_array().is_some_and(|events| !events.is_empty()), "{record}");
}

#[test]
fn on_the_wall_clock_several_threads_are_refused_and_so_are_threads_of_single_failures() {
    let bench = Bench::new("wall-usage", BRISK, PAIR);
    let refused = bench.run(&["run", "profile.toml", "--clock", "real", "--threads", "2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--threads 2 is for virtual time"), "{}", text(&refused.stderr));
    let refused = bench.run(&["run", "profile.toml", "--each-failure", "--threads", "1"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("cannot be used with"), "{}", text(&refused.stderr));
}

#[test]
fn a_failure_keeps_virtual_time_on_one_thread_and_the_run_says_so() {
    let bench = Bench::new("wall-note", BRISK, PAIR);
    let output = bench.run(&["run", "profile.toml", "--threads", "2", "--failure", "trunk:primary/1"]);
    assert!(text(&output.stderr).contains("brisk runs on one thread"), "{}", text(&output.stderr));
}
