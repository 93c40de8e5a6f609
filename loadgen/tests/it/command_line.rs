//! The `busyhour` command as a script sees it: exit codes, standard output, files.

use crate::support::{incoming, one_trunk_group};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory of its own for one test, with a profile and its solution in it; gone when the test is.
pub(crate) struct Bench(pub(crate) PathBuf);

impl Bench {
    pub(crate) fn new(name: &str, profile: &str, solution: &str) -> Self {
        let path = std::env::temp_dir().join(format!("busyhour-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary directory");
        fs::write(path.join("profile.toml"), profile).expect("a temporary file");
        fs::write(path.join("solution.toml"), solution).expect("a temporary file");
        Self(path)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        busyhour(&self.0, args)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn busyhour(at: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
    command.current_dir(at).args(args).env("NO_COLOR", "1");
    command.output().expect("the binary under test starts")
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("standard output is JSON and nothing else")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) const HOUR: &str = "bhcc = 3600\nring = \"5s\"\ntalk = \"6s\"";

#[test]
fn a_run_that_meets_its_targets_exits_0_and_prints_a_line_a_profile() {
    let bench = Bench::new("pass", &incoming(HOUR), &one_trunk_group(60));
    let output = bench.run(&["run", "profile.toml"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("primary:line_group:0") && table.contains("pass"), "{table}");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_the_run_and_nothing_else_is_touched() {
    let bench = Bench::new("unwritable", &incoming(HOUR), &one_trunk_group(60));
    fs::write(bench.0.join("kept.xml"), "as it was").expect("a temporary file");
    fs::write(bench.0.join("campaign.toml"), "[campaign]\nprofiles = [\"profile.toml\"]\nseeds = [1, 2]\n")
        .expect("a temporary file");
    let commands: [&[&str]; 9] = [
        &["run", "profile.toml", "--junit", "kept.xml", "--json", "gone/x"],
        &["run", "profile.toml", "--junit", "kept.xml", "--timeline", "gone/x"],
        &["run", "profile.toml", "--each-failure", "--json", "gone/x"],
        &["search", "profile.toml", "--json", "gone/x"],
        &["size", "profile.toml", "--json", "gone/x"],
        &["size", "profile.toml", "--out", "gone/x"],
        &["campaign", "campaign.toml", "--json", "gone/x"],
        &["compare", "--against", "true", "profile.toml", "--json", "gone/x"],
        &["flamegraph", "profile.toml", "-o", "gone/x"],
    ];
    for command in commands {
        let output = bench.run(command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        assert!(
            said.starts_with("error: cannot write gone/x: ") && said.lines().count() == 1,
            "{command:?}: {said}"
        );
        assert_eq!(text(&output.stdout), "", "{command:?}");
    }
    // All of them at once; a directory is no file.
    let output = bench.run(&["run", "profile.toml", "--json", ".", "--hdr", "gone/x", "--junit", "kept.xml"]);
    assert_eq!((output.status.code(), text(&output.stderr).lines().count()), (Some(2), 2));
    let mut names: Vec<String> = fs::read_dir(&bench.0)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["campaign.toml", "kept.xml", "profile.toml", "solution.toml"]);
    assert_eq!(fs::read_to_string(bench.0.join("kept.xml")).expect("it is there"), "as it was");
}

#[test]
fn too_few_trunks_exit_1_and_are_named() {
    let bench = Bench::new("halved", &incoming(HOUR), &one_trunk_group(10));
    let output = bench.run(&["run", "profile.toml", "--json", "-"]);
    assert_eq!(output.status.code(), Some(1));
    let record = json(&output);
    assert_eq!(record["binding_resource"], "primary:line_group:0");
    assert_eq!(record["verdict"], "fail");
    assert_eq!(record["targets"][0]["pass"], false);
    let calls = |name: &str| record["calls"][name].as_u64().expect("a count");
    assert!(calls("blocked") > 0);
    assert_eq!(calls("planned"), calls("started") + calls("not_started"));
    let ended = ["completed", "blocked", "abandoned", "failed", "dropped", "in_progress_at_end"].map(calls);
    assert_eq!(calls("offered"), ended.iter().sum::<u64>());
    assert_eq!(record["causes"]["34"].as_u64(), Some(calls("blocked")));
}

#[test]
fn files_that_do_not_validate_exit_2_with_every_error_at_once() {
    let profile = incoming("bhcc = 3600\nring = \"-5s\"\ntalk = \"6s\"\ndurration = \"1h\"")
        .replace("system = \"primary\"", "system = \"primry\"");
    let bench = Bench::new("invalid", &profile, &one_trunk_group(60));
    for command in ["run", "check"] {
        let output = bench.run(&[command, "profile.toml"]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        let errors = text(&output.stderr);
        for part in [
            "durration",
            "\"duration\"",
            "-5s",
            "primry",
            "primary",
            "profile.toml:7:8",
            "profile.toml:9:1",
            "profile.toml:13:18",
        ] {
            assert!(errors.contains(part), "{part} is missing in\n{errors}");
        }
    }
}

#[test]
fn wrong_usage_exits_2() {
    let bench = Bench::new("usage", &incoming(HOUR), &one_trunk_group(60));
    for args in [
        &["run", "missing.toml"][..],
        &["run", "profile.toml", "--bhcc", "-1"],
        &["run", "profile.toml", "--duration", "soon"],
        &["run", "profile.toml", "--threshold", "blocked <= 1"],
        &["run", "profile.toml", "--jobs", "0"],
        &["run", "profile.toml", "--no-such-option"],
        &["walk"],
        &["check"],
        &["run"],
    ] {
        let output = bench.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn options_take_the_place_of_what_the_profile_says() {
    let bench = Bench::new("options", &incoming(HOUR), &one_trunk_group(60));
    let args = ["run", "profile.toml", "--bhcc", "7200", "--duration", "30m", "--seed", "9", "--json", "-"];
    let output = bench.run(&[&args[..], &["--threshold", "blocked_pct < 0"]].concat());
    let record = json(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&record["seed"], &record["load"]["bhcc_target"]), (&Value::from(9), &Value::from(7200.0)));
    let planned = record["calls"]["planned"].as_u64().expect("a count");
    assert!((3_300..3_900).contains(&planned), "{planned} calls in half an hour");
    assert_eq!(record["targets"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_target_that_may_not_be_missed_ends_the_run_and_is_shown_with_what_was_observed() {
    let bench = Bench::new("abort", &incoming(HOUR), &one_trunk_group(5));
    let whole = json(&bench.run(&["run", "profile.toml", "--json", "-"]));
    let threshold = "blocked:rate<0.02, abortOnFail, delayAbortEval=2m";
    let output = bench.run(&["run", "profile.toml", "--json", "-", "--threshold", threshold]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let record = json(&output);
    let planned = |record: &Value| record["calls"]["planned"].as_u64().expect("a count");
    // 3,600 calls an hour: some 120 in two minutes.
    assert!((60..200).contains(&planned(&record)) && planned(&whole) > 3_000, "{}", planned(&record));
    let check = record["checks"].as_array().expect("a list").last().expect("a check");
    let detail = check["detail"].as_str().expect("text");
    assert!(detail.starts_with("blocked_pct < 2: observed") && detail.contains("after 120 s"), "{detail}");
    let met = bench.run(&["run", "profile.toml", "--threshold", "blocked:count<100000, abortOnFail"]);
    assert!(text(&met.stdout).contains("met calls.blocked < 100000: observed"), "{}", text(&met.stdout));
    // The same in the profile.
    let in_profile = incoming(HOUR)
        .replace("\"<= 0.1\"", "{ limit = \"< 2\", abort_on_fail = true, delay_abort_eval = \"2m\" }");
    fs::write(bench.0.join("profile.toml"), in_profile).expect("a temporary file");
    assert_eq!(planned(&json(&bench.run(&["run", "profile.toml", "--json", "-"]))), planned(&record));
}

#[test]
fn replications_have_seeds_of_one_stream_and_an_interval() {
    let bench = Bench::new("replications", &incoming(HOUR), &one_trunk_group(60));
    let records =
        json(&bench.run(&["run", "profile.toml", "--replications", "3", "--jobs", "2", "--json", "-"]));
    let seeds: Vec<u64> =
        records.as_array().expect("an array").iter().map(|r| r["seed"].as_u64().expect("a seed")).collect();
    assert_eq!(seeds, loadgen::random::replication_seeds(1, 3));
    let table = text(&bench.run(&["run", "profile.toml", "--replications", "3"]).stdout);
    assert!(table.contains("3 runs: bhcc_completed"), "{table}");
}

#[test]
fn jobs_change_neither_order_nor_digest() {
    let bench = Bench::new("jobs", &incoming(HOUR), &one_trunk_group(60));
    for (n, bhcc) in ["1000", "2000", "4000", "3000"].iter().enumerate() {
        let profile =
            incoming(&HOUR.replace("3600", bhcc)).replace("name = \"test\"", &format!("name = \"p{n}\""));
        fs::write(bench.0.join(format!("p{n}.toml")), profile).expect("a temporary file");
    }
    let seen = |jobs: &str| {
        let output = bench.run(&["run", ".", "--jobs", jobs, "--json", "-"]);
        let records = json(&output);
        let records = records.as_array().expect("several records are an array").clone();
        records.iter().map(|r| (r["profile"]["name"].clone(), r["digest"].clone())).collect::<Vec<_>>()
    };
    let one = seen("1");
    assert_eq!(one.len(), 5);
    assert_eq!(one, seen("3"));
}

#[test]
fn every_file_that_is_asked_for_is_written_whole() {
    let bench = Bench::new("files", &incoming(HOUR), &one_trunk_group(60));
    let files = [
        "--json",
        "r.json",
        "--junit",
        "r.xml",
        "--hdr",
        "r.hgrm",
        "--smdr",
        "r.csv",
        "--timeseries",
        "r.nd",
    ];
    let output = bench.run(&[&["run", "profile.toml", "--out", "out"][..], &files].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(bench.0.join(name)).expect("the file was written");
    let record: Value = serde_json::from_str(&read("r.json")).expect("the record is JSON");
    let calls = record["calls"]["completed"].as_u64().expect("a count");
    let rows: Vec<Value> =
        read("r.nd").lines().map(|l| serde_json::from_str(l).expect("a row is JSON")).collect();
    let completed: u64 = rows.iter().map(|r| r["completed"].as_u64().expect("a count")).sum();
    assert_eq!(completed as usize, read("r.csv").lines().count());
    assert!(completed >= calls, "the warm-up is in the series, not in the counts");
    assert!(read("r.xml").contains("blocked_pct") && read("r.hgrm").contains("setup_delay"));
    let mut folder: Vec<_> = fs::read_dir(bench.0.join("out")).expect("the folder").flatten().collect();
    folder.retain(|entry| entry.file_name() != "history.sqlite");
    assert_eq!(folder.len(), 1, "{folder:?}");
    let kept = |name: &str| fs::read_to_string(folder[0].path().join(name)).expect("the file was written");
    assert_eq!(kept("smdr.csv"), read("r.csv"));
    assert_eq!(kept("timeseries.ndjson"), read("r.nd"));
    assert_eq!(serde_json::from_str::<Value>(&kept("record.json")).expect("JSON"), record);
}

#[test]
fn memory_does_not_grow_with_the_number_of_calls() {
    let bench = Bench::new("memory", &incoming(&HOUR.replace("3600", "20000")), &one_trunk_group(92));
    let peak = |duration: &str| {
        let output = bench.run(&["run", "profile.toml", "--duration", duration, "--json", "-"]);
        let record = json(&output);
        let calls = record["calls"]["completed"].as_u64().expect("a count");
        (calls, record["peak_rss_mib"].as_f64())
    };
    let ((few, small), (many, large)) = (peak("1h"), peak("50h"));
    assert!(few < 25_000 && many > 900_000, "{few} and {many} calls");
    // Where the system does not say how much memory a process holds, there is nothing to compare.
    if let (Some(small), Some(large)) = (small, large) {
        // Whatever were kept of a call would be more than a word. What a machine short of memory gives back in between is less.
        let a_call = (large - small) * f64::from(1 << 20) / (many - few) as f64;
        assert!(large < 64.0 && a_call < 8.0, "{small} MiB for {few} calls, {large} MiB for {many}");
    }
}

#[test]
fn the_drills_exit_0_and_none_of_them_warns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = busyhour(&root, &["run", "profiles/drills"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(text(&output.stderr), "");
    let files = fs::read_dir(root.join("profiles/drills")).expect("the drills").flatten();
    let drills =
        files.filter(|file| file.path().extension().is_some_and(|extension| extension == "toml")).count();
    assert_eq!(text(&output.stdout).matches("pass").count(), drills);
}

#[test]
fn a_rate_deck_beside_the_solution_routes_calls() {
    let deck = "[[ars]]\nsystem = \"primary\"\nid = 50\ncodes_file = \"deck.csv\"\n";
    let profile = incoming(HOUR).replace("kind = \"incoming\"", "kind = \"outgoing\"");
    let known = profile.replace("to = \"2000-2999\"", "to = \"4930123456\"");
    let bench = Bench::new("deck", &known, &format!("{}{deck}", one_trunk_group(60)));
    fs::write(bench.0.join("unknown.toml"), known.replace("4930", "4830")).expect("a temporary file");
    fs::write(bench.0.join("deck.csv"), "prefix,rate\n49,0.1\n4930,0.2\n").expect("a temporary file");
    let causes = |file: &str| json(&bench.run(&["run", file, "--json", "-"]))["causes"].clone();
    let has_only =
        |causes: &Value, cause: &str| causes.as_object().is_some_and(|causes| causes.keys().eq([cause]));
    assert!(has_only(&causes("profile.toml"), "16") && has_only(&causes("unknown.toml"), "88"));
}

#[test]
fn every_profile_that_ships_passes_at_its_rated_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = busyhour(&root, &["run", "--json", "-"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let records = json(&output);
    let rated = |name: &str| {
        let record = records.as_array()?.iter().find(|r| r["profile"]["name"] == name)?;
        record["load"]["bhcc_target"].as_f64()
    };
    for (name, bhcc) in [
        ("preferred-edition", 7_200.0),
        ("server-edition-r240", 7_200.0),
        ("server-edition-dl360g7", 18_000.0),
        ("server-edition-dl360g7-reduced", 9_000.0),
        ("server-edition-r640", 18_000.0),
        ("server-edition-r640-reduced", 9_000.0),
        ("server-edition-ova", 18_000.0),
        ("server-edition-ova-reduced", 9_000.0),
        ("select-r640", 20_000.0),
        ("select-r640-reduced", 10_000.0),
        ("select-ova", 20_000.0),
        ("select-ova-reduced", 10_000.0),
        ("linux-expansion", 7_200.0),
        ("ip500v2-expansion", 3_600.0),
    ] {
        assert_eq!(rated(name), Some(bhcc), "{name}");
    }
    for record in records.as_array().expect("several records are an array") {
        assert_eq!(record["verdict"], "pass", "{}", record["profile"]["name"]);
    }
}
