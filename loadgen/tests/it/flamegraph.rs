//! `busyhour flamegraph` as a developer uses it: on the binary under test, without privilege.

use crate::support::{incoming, one_trunk_group};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

struct Bench(PathBuf);

impl Bench {
    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busyhour"));
        command
            .current_dir(&self.0)
            .arg("flamegraph")
            .args(args)
            .output()
            .expect("the binary under test starts")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_replay_is_sampled_drawn_and_compared() {
    let path = std::env::temp_dir().join(format!("busyhour-flamegraph-{}", std::process::id()));
    fs::create_dir_all(&path).expect("a temporary directory");
    let bench = Bench(path);
    let load = "bhcc = 20000\nring = \"5s\"\ntalk = \"6s\"";
    fs::write(bench.0.join("profile.toml"), incoming(load)).expect("writes");
    fs::write(bench.0.join("solution.toml"), one_trunk_group(100)).expect("writes");
    let first = bench.run(&["profile.toml", "-o", "a.svg", "--seconds", "0.5"]);
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let folded = fs::read_to_string(bench.0.join("a.folded")).expect("stacks");
    for function in ["engine::", "loadgen::"] {
        assert!(folded.contains(function), "{function} is on no stack:\n{folded}");
    }
    let counts = folded.lines().map(|line| line.rsplit_once(' ').and_then(|(_, n)| n.parse::<u64>().ok()));
    assert!(counts.sum::<Option<u64>>().expect("a count a line") > 5);
    let args = ["profile.toml", "-o", "b.svg", "--seconds", "0.3", "--baseline", "a.folded"];
    assert_eq!(bench.run(&args).status.code(), Some(0));
    for svg in ["a.svg", "b.svg", "b.diff.svg"] {
        assert!(fs::read_to_string(bench.0.join(svg)).expect("a drawing").contains("</svg>"), "{svg}");
    }
    assert!(!bench.0.join("a.diff.svg").exists());
    for args in [
        &["profile.toml", "-o", "c.svg", "--baseline", "a.svg"][..],
        &["profile.toml"],
        &["none.toml", "-o", "c.svg"],
    ] {
        assert_eq!(bench.run(args).status.code(), Some(2), "{args:?}");
    }
    assert!(!bench.0.join("c.svg").exists(), "a wrong baseline is found before anything is written");
}
