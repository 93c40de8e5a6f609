//! One load on two generators against SIPp. Whether this machine kept up is none of the tests' business: a part that did not is void.

use crate::command_line::{Bench, text};
use crate::nats::NatsServer;
use crate::sip::{LOAD, Sipp, record};
use crate::support::{incoming, one_trunk_group};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A generator in a folder that has none of the profile's files.
struct Generator(Child);

impl Generator {
    fn start(server: &NatsServer, name: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(std::env::temp_dir()).args(["generator", "--quiet", "--name", name]);
        command.args(["--cluster", &server.url()]).stderr(Stdio::null());
        Self(command.spawn().expect("the binary under test starts"))
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn begin(bench: &Bench, server: &NatsServer, target: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.current_dir(&bench.0).args(["run", "profile.toml", "--target", target, "--json", "sip.json"]);
    command.args(["--generators", "2", "--cluster", &server.url()]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary under test starts")
}

fn sum(parts: &[Value], field: &str) -> Option<u64> {
    parts.iter().map(|part| part[field].as_u64()).sum()
}

#[test]
fn two_generators_place_one_schedule_together() {
    let bench = Bench::new("generators", &incoming(LOAD), &one_trunk_group(60));
    let (sipp, server) = (Sipp::serve(&bench.0, &["-sn", "uas"]), NatsServer::start("generators"));
    let simulated = bench.run(&["run", "profile.toml", "--json", "virtual.json"]);
    assert_eq!(simulated.status.code(), Some(0), "{}", text(&simulated.stdout));
    let _both = ["b", "a"].map(|name| Generator::start(&server, name));
    let output = begin(&bench, &server, &sipp.target()).wait_with_output().expect("is ours");
    let said = text(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 4)), "{said}");
    let (simulated, sip) = (record(&bench, "virtual.json"), record(&bench, "sip.json"));
    let parts = sip["generators"].as_array().expect("a list");
    assert_eq!(parts.iter().map(|part| &part["name"]).collect::<Vec<_>>(), ["a", "b"]);
    // Each call of the one schedule is one generator's, half of them each.
    assert_eq!(sum(parts, "planned"), simulated["calls"]["planned"].as_u64());
    let halves = parts[0]["planned"].as_u64().zip(parts[1]["planned"].as_u64()).expect("both came");
    assert!(halves.0.abs_diff(halves.1) <= 1, "{halves:?}");
    for part in parts {
        let number = |field: &str| part[field].as_f64().expect("a number");
        // It is one and the same clock.
        assert!(number("clock_ahead_ms").abs() <= number("clock_uncertain_ms") + 1.0, "{part}");
        assert_eq!(part["why"].is_null(), part["verdict"] != "void", "{part}");
    }
    if sip["verdict"] == "void" {
        assert_eq!(output.status.code(), Some(4));
        return;
    }
    assert_eq!(sip["calls"], simulated["calls"], "{said}");
    assert_eq!(sip["causes"], simulated["causes"]);
    assert_eq!(sip["metrics"]["ser_pct"], 100.0);
    assert_eq!(sip["latency"]["setup_delay"]["count"], simulated["calls"]["answered"]);
    assert!(sip["load"]["peak_36s_bhcc"].is_null(), "the busiest moments need not be the same");
}

#[test]
fn a_generator_that_is_lost_voids_its_part_and_the_run_says_so() {
    let load = LOAD.replace("duration = \"1s\"", "duration = \"2s\"");
    let bench = Bench::new("generators-lost", &incoming(&load), &one_trunk_group(60));
    let (sipp, server) = (Sipp::serve(&bench.0, &["-sn", "uas"]), NatsServer::start("generators-lost"));
    let _good = Generator::start(&server, "a");
    let lost = Generator::start(&server, "b");
    let mut run = begin(&bench, &server, &sipp.target());
    let said = BufReader::new(run.stderr.take().expect("it is piped"));
    assert!(said.lines().map_while(Result::ok).any(|line| line.contains("2 generators begin")));
    drop(lost);
    let output = run.wait_with_output().expect("is ours");
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("generator b: not heard of any more"), "{}", text(&output.stdout));
    let sip = record(&bench, "sip.json");
    let parts = sip["generators"].as_array().expect("a list");
    assert_eq!((&sip["verdict"], &parts[1]["verdict"]), (&Value::from("void"), &Value::from("void")));
    assert!(parts[1]["planned"].is_null(), "it brought nothing");
    // What the other has placed counts, if it kept up itself.
    if parts[0]["verdict"] != "void" {
        assert_eq!(sip["calls"]["planned"], parts[0]["planned"]);
    }
}

#[test]
fn generators_that_cannot_share_a_load_are_said() {
    let one_phone = incoming(LOAD).replace("to = \"2000-2999\"", "to = \"2000\"");
    let bench = Bench::new("generators-few", &one_phone, &one_trunk_group(60));
    let run = |more: &[&str]| {
        let common = ["run", "profile.toml", "--target", "sip:127.0.0.1:5060", "--generators", "2"];
        let output = bench.run(&[&common[..], more].concat());
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let nowhere = run(&[]);
    assert!(nowhere.contains("--cluster nats://HOST:PORT"), "{nowhere}");
    let few = run(&["--cluster", "nats://127.0.0.1:1"]);
    assert!(few.contains("fewer called phones than there are generators: 2"), "{few}");
}
