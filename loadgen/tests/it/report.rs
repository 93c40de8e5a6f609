//! `busyhour report` as a script sees it.

use crate::support::{incoming, one_trunk_group};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with the record of one short run in it, of which every second call was blocked; gone when the test is.
struct Bench(PathBuf);

impl Bench {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("busyhour-report-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary directory");
        let load = "bhcc = 3600\nduration = \"5m\"\nring = \"5s\"\ntalk = \"6s\"";
        fs::write(path.join("profile.toml"), incoming(load)).expect("a temporary file");
        fs::write(path.join("solution.toml"), one_trunk_group(5)).expect("a temporary file");
        let bench = Self(path);
        assert_eq!(
            bench.run(&["run", "profile.toml", "--json", "run.json", "--out", "runs"], "").status.code(),
            Some(1)
        );
        bench
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command.current_dir(&self.0).args(args).env_remove("GITHUB_STEP_SUMMARY");
        let summary = self.0.join("summary");
        if summary.exists() {
            command.env("GITHUB_STEP_SUMMARY", summary);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary under test starts");
        // A command that reads no input may be gone already.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("was written")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_form_follows_the_name_of_each_file() {
    let bench = Bench::new("forms");
    let files = ["r.html", "r.md", "r.xml", "r.prom"];
    let args: Vec<&str> =
        ["report", "run.json"].into_iter().chain(files.iter().flat_map(|f| ["-o", f])).collect();
    let output = bench.run(&args, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for (file, part) in
        files.iter().zip(["<!DOCTYPE html>", "### test: FAIL", "<testsuites", "busyhour_blocked_pct{"])
    {
        assert!(bench.read(file).contains(part), "{file}");
    }
    let page = bench.read("r.html");
    for part in [
        "Calls lost over time",
        "Calls blocked, by resource",
        "34</th>",
        "busyhour run profile.toml --seed 1",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn runs_come_from_files_arrays_folders_and_standard_input() {
    let bench = Bench::new("sources");
    let run = bench.read("run.json");
    fs::write(bench.0.join("two.json"), format!("[{run},{run}]")).expect("writes");
    let folder = fs::read_dir(bench.0.join("runs"))
        .expect("a folder")
        .next()
        .expect("a run")
        .expect("readable")
        .path();
    let folder = Path::new(&folder).to_str().expect("text").to_owned();
    let output =
        bench.run(&["report", "two.json", "-", &folder, "-o", "-", "--format", "benchmark-bigger"], &run);
    let entries: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    let completed = |e: &&serde_json::Value| e["name"] == "test: calls completed";
    assert_eq!(entries.as_array().expect("entries").iter().filter(completed).count(), 4);
}

#[test]
fn wrong_input_is_named_and_exits_2_with_nothing_written() {
    let bench = Bench::new("wrong");
    let run = bench.read("run.json");
    let wrong = [
        ("none.json", "[]".to_owned(), "holds no run"),
        ("text.json", "busy hour".to_owned(), "is not JSON"),
        ("other.json", r#"{"schema":"k6/1"}"#.to_owned(), r#"its schema is "k6/1""#),
        ("half.json", r#"{"schema":"busyhour.run/1","version":"1"}"#.to_owned(), "is no whole run record"),
        ("second.json", format!("[{run},{{}}]"), "run 2: is no run record"),
    ];
    let mut args = vec!["report", "run.json", "missing.json", "-o", "r.html"];
    for (name, content, _) in &wrong {
        fs::write(bench.0.join(name), content).expect("writes");
        args.push(name);
    }
    let output = bench.run(&args, "");
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(!bench.0.join("r.html").exists() && output.stdout.is_empty());
    assert_eq!(errors.lines().count(), 6, "all at once:\n{errors}");
    for (name, _, part) in wrong {
        let line = errors.lines().find(|line| line.contains(name)).unwrap_or_default();
        assert!(line.contains(part), "{name}: {errors}");
    }
    for args in
        [&["report", "run.json"][..], &["report", "run.json", "-o", "r.pdf"], &["report", "-o", "r.md"]]
    {
        assert_eq!(bench.run(args, "").status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn the_step_summary_is_added_to() {
    let bench = Bench::new("summary");
    let args = ["report", "run.json", "--github-summary"];
    assert_eq!(bench.run(&args, "").status.code(), Some(2), "GitHub does not say where");
    fs::write(bench.0.join("summary"), "before\n").expect("writes");
    assert_eq!(bench.run(&args, "").status.code(), Some(0));
    let summary = bench.read("summary");
    assert!(summary.starts_with("before\n") && summary.contains("### test: FAIL"), "{summary}");
}
