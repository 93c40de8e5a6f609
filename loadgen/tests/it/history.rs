//! Results that last: whole after a kill at any moment, and found again in the history.

use crate::command_line::{Bench, HOUR, json, text};
use crate::support::{incoming, one_trunk_group};
use loadgen::history::{Filter, Store};
use loadgen::random::{Purpose, RandomStream};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Kills where `BUSYHOUR_KILLS` does not say: enough to meet every stage of a run now and then.
const KILLS: u64 = 12;

/// The finished folders in `out`.
fn finished(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.filter(|path| !path.file_name().expect("a name").to_string_lossy().starts_with('.')).collect()
}

#[test]
fn a_run_killed_at_any_moment_leaves_whole_results_and_a_consistent_history() {
    let bench = Bench::new("kill", &incoming(HOUR), &one_trunk_group(60));
    let out = bench.0.join("out");
    let kills = std::env::var("BUSYHOUR_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let start = |seed: u64| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(&bench.0).args(["run", "profile.toml", "--out", "out", "--quiet", "--seed"]);
        command.arg(seed.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the binary under test starts")
    };
    let begun = std::time::Instant::now();
    assert!(start(0).wait().expect("ends").success());
    let whole_run = begun.elapsed();
    let mut random = RandomStream::new(1, "kills", Purpose::Talk);
    for kill in 0..kills {
        // A few seeds again and again, so that finished results are replaced as well.
        let mut child = start(kill % 5);
        std::thread::sleep(Duration::from_secs_f64(whole_run.as_secs_f64() * 1.2 * random.unit()));
        let _ = child.kill();
        child.wait().expect("ends");
        for folder in finished(&out) {
            let read = |name: &str| fs::read_to_string(folder.join(name)).expect("every file is there");
            let record: serde_json::Value = serde_json::from_str(&read("record.json")).expect("whole");
            let rows: Vec<serde_json::Value> = read("timeseries.ndjson")
                .lines()
                .map(|row| serde_json::from_str(row).expect("whole"))
                .collect();
            let completed: u64 = rows.iter().map(|row| row["completed"].as_u64().expect("a count")).sum();
            assert_eq!(completed, read("smdr.csv").lines().count() as u64);
            assert!(record["verdict"].is_string() && read("latency.hgrm").contains("#[Max"));
        }
    }
    let store = Store::open(&out).expect("opens after every kill");
    assert_eq!(store.integrity().as_deref(), Ok("ok"));
    let entries = store.list(&Filter { last: u32::MAX, ..Filter::default() }).expect("lists");
    let folders = finished(&out);
    for folder in &folders {
        let record = fs::read_to_string(folder.join("record.json")).expect("there");
        let record: serde_json::Value = serde_json::from_str(&record).expect("whole");
        let known = entries.iter().any(|entry| {
            let same = |field: &str| entry.record[field] == record[field];
            same("started_at") && same("digest") && same("wall_s")
        });
        assert!(known, "{} is not in the history", folder.display());
    }
    let left: Vec<_> =
        fs::read_dir(&out).expect("the folder").flatten().map(|entry| entry.file_name()).collect();
    let unfinished = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with('.');
    assert!(left.iter().find(unfinished).is_none(), "the next one tidies: {left:?}");
}

#[test]
fn history_lists_filters_and_plots_what_out_wrote() {
    let bench = Bench::new("history", &incoming(HOUR), &one_trunk_group(60));
    for bhcc in ["3600", "7200"] {
        bench.run(&["run", "profile.toml", "--out", "out", "--bhcc", bhcc]);
    }
    bench.run(&["run", "profile.toml", "--out", "out", "--threshold", "blocked_pct < 0"]);
    let history = |args: &[&str]| bench.run(&[&["history", "out"][..], args].concat());
    let records = json(&history(&["--json"]));
    assert_eq!(records.as_array().map(Vec::len), Some(3), "replaced folders stay in the history");
    assert_eq!(json(&history(&["--json", "--verdict", "fail"])).as_array().map(Vec::len), Some(1));
    let listed = text(&history(&["--metric", "blocked_pct"]).stdout);
    assert_eq!((listed.lines().count(), listed.contains("blocked_pct")), (4, true), "{listed}");
    let plotted = text(&history(&["--plot", "--verdict", "pass"]).stdout);
    assert!(plotted.contains("bhcc_completed, from 0 to") && plotted.contains("####"), "{plotted}");
    let searched =
        bench.run(&["search", "profile.toml", "--out", "out", "--replications", "2", "--duration", "5m"]);
    assert!(matches!(searched.status.code(), Some(0 | 1 | 4)), "{searched:?}");
    let listed = text(&history(&["--metric", "limit.bhcc"]).stdout);
    let record = fs::read(bench.0.join("out/test-search-bisect/record.json")).expect("the search's folder");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("whole");
    let limit = record["limit"]["bhcc"].to_string();
    assert!(listed.contains("test (search bisect)") && listed.contains(&limit), "{listed}");
    assert_eq!(history(&["--last", "0"]).status.code(), Some(2));
    assert_eq!(bench.run(&["history", "nowhere"]).status.code(), Some(2));
}
