//! Campaigns: one result whoever runs the shards, stopped ones that go on, and the files they leave.

use crate::command_line::{Bench, json, text};
use crate::support::{incoming, one_trunk_group};
use loadgen::campaign::{Grid, load};
use loadgen::history::Shards;
use loadgen::stats::erlang_b;
use loadgen::text::Problems;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

/// Channels times loads times seeds of 11 s calls.
pub(crate) const CAMPAIGN: &str = r#"
[campaign]
name = "grid"
description = "How many channels?"
profiles = ["profile.toml"]
replications = 4
loads = [900, "120%"]
duration = "20m"

[[vary]]
name = "channels"
solution = "line[number=1].channels"
values = [2, 4, 8]
"#;

pub(crate) const LOAD: &str = "bhcc = 1200\nring = \"5s\"\ntalk = \"6s\"";

fn bench(name: &str, campaign: &str) -> Bench {
    let bench = Bench::new(name, &incoming(LOAD), &one_trunk_group(60));
    fs::write(bench.0.join("grid.toml"), campaign).expect("a temporary file");
    bench
}

/// The record without what the wall clock says.
pub(crate) fn outcomes(mut record: Value) -> Value {
    let fields = record.as_object_mut().expect("an object");
    for field in ["started_at", "wall_s", "wall", "jobs", "engine", "workers"] {
        assert!(fields.remove(field).is_some(), "{field}");
    }
    record
}

#[test]
fn a_campaign_comes_out_the_same_on_any_number_of_threads() {
    let bench = bench("campaign", CAMPAIGN);
    let run = |jobs: &str| bench.run(&["campaign", "grid.toml", "--jobs", jobs, "--json", "-"]);
    let one = run("1");
    assert_eq!(one.status.code(), Some(1), "few channels miss the target: {}", text(&one.stderr));
    let record = json(&one);
    assert_eq!(outcomes(json(&run("5"))), outcomes(record.clone()));
    let counts = &record["shards"];
    assert_eq!((&counts["planned"], &counts["counted"]), (&Value::from(24), &Value::from(24)));
    assert_eq!(record["points"].as_array().map(Vec::len), Some(6));
    assert_eq!(record["axes"][1]["values"], serde_json::json!(["2", "4", "8"]));
    let digest = record["digest"].as_str().expect("every shard is counted");
    let said = bench.run(&["campaign", "grid.toml"]);
    assert!(text(&said.stdout).contains(&format!("digest {digest}")), "{}", text(&said.stdout));
    // Another byte in a file is another campaign, with other outcomes only where it matters.
    fs::write(bench.0.join("solution.toml"), one_trunk_group(61)).expect("writes");
    let other = json(&run("2"));
    assert_ne!(other["campaign"]["sha256"], record["campaign"]["sha256"]);
    assert_eq!(other["points"], record["points"], "channels vary anyway");
}

#[test]
fn its_points_block_what_erlang_b_says() {
    let text = CAMPAIGN.replace("duration = \"20m\"", "duration = \"5h\"");
    let record = json(&bench("campaign-erlang", &text).run(&["campaign", "grid.toml", "--json", "-"]));
    for point in record["points"].as_array().expect("a list") {
        let value = |name: &str| point["values"][name].as_str().expect("a value").to_owned();
        let bhcc = if value("load") == "900" { 900.0 } else { 1_440.0 };
        let channels: u64 = value("channels").parse().expect("a number");
        let expected = erlang_b(bhcc * 11.0 / 3_600.0, channels) * 100.0;
        let observed = point["figures"]["blocked_pct"]["mean"].as_f64().expect("a number");
        assert!((observed - expected).abs() < 0.5 + expected * 0.05, "{point}: {observed} and {expected}");
        assert_eq!(point["latency"]["talk_time"]["count"], point["calls"]["completed"]);
    }
    let counted = record["latency"]["talk_time"]["count"].as_u64();
    assert_eq!(counted, record["calls"]["completed"].as_u64());
}

#[test]
fn one_shard_is_replayed_as_a_run() {
    let bench = bench("campaign-shard", CAMPAIGN);
    let keys = text(&bench.run(&["campaign", "grid.toml", "--list"]).stdout);
    assert_eq!(keys.lines().count(), 24);
    let key = keys.lines().nth(9).expect("there are 24");
    assert!(key.starts_with("test/channels=4/load=900/seed="), "{key}");
    let alone = bench.run(&["campaign", "grid.toml", "--shard", key, "--json", "run.json"]);
    let said = text(&alone.stdout);
    let run: Value =
        serde_json::from_slice(&fs::read(bench.0.join("run.json")).expect("written")).expect("JSON");
    assert_eq!(
        (run["schema"].as_str(), run["load"]["bhcc_target"].as_f64()),
        (Some("busyhour.run/1"), Some(900.0))
    );
    assert_eq!(run["load"]["duration_s"].as_f64(), Some(1_200.0));
    // The same run by hand has the same events.
    let solution = one_trunk_group(60).replace("channels = 60", "channels = 4");
    fs::write(bench.0.join("solution.toml"), solution).expect("writes");
    let seed = key.rsplit('=').next().expect("a seed");
    let by_hand = bench.run(&[
        "run",
        "profile.toml",
        "--seed",
        seed,
        "--bhcc",
        "900",
        "--duration",
        "20m",
        "--json",
        "-",
    ]);
    assert_eq!(json(&by_hand)["digest"], run["digest"]);
    assert!(said.starts_with(key) && said.contains("\ndigest "), "{said}");
    let unknown = bench.run(&["campaign", "grid.toml", "--shard", "test/seed=1"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("no shard has the key \"test/seed=1\""));
}

#[test]
fn a_campaign_that_is_killed_goes_on_where_it_stopped() {
    let campaign = CAMPAIGN.replace("replications = 4", "replications = 40");
    let bench = bench("campaign-kill", &campaign);
    let expected = json(&bench.run(&["campaign", "grid.toml", "--json", "-"]))["digest"].clone();
    let mut problems = Problems::new();
    let sha256 = load(&bench.0.join("grid.toml"), &mut problems).map(|campaign| campaign.sha256);
    let shards = Shards::open(&bench.0.join("out"), &sha256.expect("it is good")).expect("opens");
    let mut known = 0;
    for _ in 0..3 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(&bench.0).args([
            "campaign",
            "grid.toml",
            "--out",
            "out",
            "--quiet",
            "--jobs",
            "1",
        ]);
        let mut child = command.stdout(Stdio::null()).spawn().expect("the binary under test starts");
        let before = known;
        while known == before && child.try_wait().expect("is ours").is_none() {
            known = shards.known().expect("can be read").len();
        }
        let _ = child.kill();
        child.wait().expect("ends");
    }
    let known = shards.known().expect("can be read").len();
    assert!(known > 0, "some shards were kept before each kill");
    let again = || json(&bench.run(&["campaign", "grid.toml", "--out", "out", "--json", "-"]));
    let whole = again();
    assert_eq!(whole["shards"]["resumed"], Value::from(known));
    assert_eq!((&whole["shards"]["counted"], &whole["digest"]), (&Value::from(240), &expected));
    let nothing_to_do = again();
    assert_eq!(
        (&nothing_to_do["shards"]["resumed"], &nothing_to_do["digest"]),
        (&Value::from(240), &expected)
    );
    let listed = text(&bench.run(&["history", "out", "--metric", "calls.planned"]).stdout);
    assert!(
        listed.contains("grid (campaign)") && listed.contains(&whole["calls"]["planned"].to_string()),
        "{listed}"
    );
}

#[test]
fn parquet_has_a_row_a_shard_with_its_parameters_and_figures() {
    let bench = bench("campaign-parquet", CAMPAIGN);
    let record = json(&bench.run(&["campaign", "grid.toml", "--out", "out", "--json", "-"]));
    let file = fs::File::open(bench.0.join("out/grid-campaign/shards.parquet")).expect("it was written");
    let reader = SerializedFileReader::new(file).expect("it is Parquet");
    let rows: Vec<_> =
        reader.get_row_iter(None).expect("it has rows").map(|row| row.expect("whole")).collect();
    assert_eq!(rows.len(), 24);
    let field = |row: usize, name: &str| {
        let mut columns = rows[row].get_column_iter();
        columns.find(|(column, _)| *column == name).map(|(_, field)| field.clone()).expect("a column")
    };
    let keys = text(&bench.run(&["campaign", "grid.toml", "--list"]).stdout);
    for (row, key) in keys.lines().enumerate() {
        assert_eq!(field(row, "key"), Field::Str(key.to_owned()));
    }
    assert_eq!(field(9, "channels"), Field::Double(4.0));
    assert_eq!(field(9, "bhcc_target"), Field::Double(900.0));
    assert_eq!(field(9, "rrd"), Field::Null, "what was not measured is null");
    let calls = |row: usize| {
        let Field::Long(calls) = field(row, "calls_planned") else { panic!("row {row} has no calls") };
        calls
    };
    let planned: i64 = (0..24).map(calls).sum();
    assert_eq!(Some(planned as u64), record["calls"]["planned"].as_u64());
}

#[test]
fn a_report_draws_each_parameter_that_varies() {
    let bench = bench("campaign-report", CAMPAIGN);
    bench.run(&["campaign", "grid.toml", "--json", "campaign.json"]);
    let forms = ["report.html", "report.md", "report.xml", "report.prom"];
    let written = forms.map(|form| {
        let output = bench.run(&["report", "campaign.json", "-o", form]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        fs::read_to_string(bench.0.join(form)).expect("it was written")
    });
    let [html, markdown, junit, prometheus] = written;
    for chart in ["blocked_pct by channels", "blocked_pct by load"] {
        assert!(html.contains(&format!("aria-label=\"{chart}\"")), "{chart}");
    }
    assert!(html.contains("campaign of 24 shards") && html.contains("busyhour campaign grid.toml --shard"));
    assert!(markdown.contains("| channels | load | passed |"), "{markdown}");
    assert_eq!(junit.matches("<testcase").count(), 6, "one a point");
    let label = "campaign_shards{campaign=\"grid\",point=\"test/channels=8/load=900\"} 4";
    assert!(prometheus.contains(label), "{prometheus}");
}

#[test]
fn values_that_do_not_go_together_make_shards_invalid() {
    let solution = one_trunk_group(60)
        + "[[hunt_group]]\nsystem = \"primary\"\nextension = \"3000\"\nname = \"S\"\nmembers = \"2000-2001\"\n";
    let bench = Bench::new("campaign-invalid", &incoming(LOAD), &solution);
    let campaign = r#"
[campaign]
profiles = ["profile.toml"]
duration = "1m"
[[vary]]
solution = "users[0].extensions"
values = ["2000-2999", "2000-3000"]
[[vary]]
name = "group"
solution = "hunt_group[name=S].extension"
values = ["3001", "3000"]
"#;
    fs::write(bench.0.join("grid.toml"), campaign).expect("writes");
    let output = bench.run(&["campaign", "grid.toml", "--json", "-"]);
    let record = json(&output);
    assert_eq!((output.status.code(), &record["shards"]["invalid"]), (Some(2), &Value::from(1)));
    let failed = &record["failed"][0];
    assert_eq!(failed["key"], "test/extensions=2000-3000/group=3000/seed=1");
    assert!(failed["why"][0].as_str().is_some_and(|why| why.contains("3000")), "{failed}");
    assert_eq!(record["shards"]["counted"], Value::from(4));
    assert!(record["digest"].is_string(), "it comes out so every time");
}

#[test]
fn components_fail_one_at_a_time_as_in_a_run_with_that_failure() {
    let text =
        "[campaign]\nprofiles = [\"profile.toml\"]\nfailures = [\"none\", \"each\"]\nduration = \"20m\"\n";
    let bench = bench("campaign-failures", text);
    let record = json(&bench.run(&["campaign", "grid.toml", "--json", "-"]));
    assert_eq!(record["axes"][1]["values"], serde_json::json!(["none", "system:primary", "trunk:primary/1"]));
    let blocked: Vec<&Value> = record["points"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|point| &point["calls"]["completed"])
        .collect();
    let by_hand = |failure: &[&str]| {
        let run = ["run", "profile.toml", "--duration", "20m", "--json", "-"];
        json(&bench.run(&[&run[..], failure].concat()))["calls"]["completed"].clone()
    };
    assert_eq!(*blocked[0], by_hand(&[]));
    assert_eq!(*blocked[1], by_hand(&["--failure", "system:primary"]));
    assert_eq!(*blocked[2], by_hand(&["--failure", "trunk:primary/1"]));
    assert_ne!(blocked[0], blocked[2]);
}

#[test]
fn a_campaign_that_does_not_validate_is_not_begun() {
    let bench = bench("campaign-bad", "[campaign]\nprofiles = [\"nowhere.toml\"]\nseed = 3\n");
    let output = bench.run(&["campaign", "grid.toml"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("cannot read \"nowhere.toml\"") && said.contains("did you mean \"seeds\"?"),
        "{said}"
    );
    assert_eq!(bench.run(&["campaign", "nowhere.toml"]).status.code(), Some(2));
    fs::write(bench.0.join("one.toml"), "[campaign]\nprofiles = [\"profile.toml\"]\n").expect("writes");
    let least = load(&bench.0.join("one.toml"), &mut Problems::new()).expect("the least campaign there is");
    assert_eq!(Grid::of(&least).map(|grid| grid.len()), Some(1));
}
