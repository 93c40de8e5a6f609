//! `busyhour compare`: a candidate against a baseline, or one build against another.

use super::files::can_be_written;
use crate::cli::CompareArgs;
use crate::compare::{Clocks, Comparison, Direction, Outcome, PairedRound, compare_records, judge_round};
use crate::exit_code::ExitCode;
use crate::report::write_whole;
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Differences that are printed one by one.
const MOST_PRINTED: usize = 20;

/// Compares as the arguments say.
#[must_use]
pub fn run(args: &CompareArgs) -> ExitCode {
    if !can_be_written(&args.json) {
        return ExitCode::Usage;
    }
    let compared = match (&args.against, &args.inputs[..]) {
        (Some(against), [profile]) => builds(args, against, profile),
        (None, [baseline, candidate]) => records(args, baseline, candidate),
        (Some(_), _) => Err("--against takes one PROFILE".to_owned()),
        (None, _) => Err("compare takes BASELINE and CANDIDATE, or --against PATH and PROFILE".to_owned()),
    };
    compared.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::Usage
    })
}

/// Run records in two files or folders of `--out`.
fn records(args: &CompareArgs, baseline: &Path, candidate: &Path) -> Result<ExitCode, String> {
    let (old, new) = (read(baseline)?, read(candidate)?);
    let key = |run: &Value| (run.pointer("/profile/name").cloned(), run.get("seed").cloned());
    let mut text = String::new();
    let mut compared = Vec::new();
    for run in &new {
        let partner = match (&old[..], &new[..]) {
            ([only], [_]) => Some(only),
            (several, _) => several.iter().find(|other| key(other) == key(run)),
        };
        match partner {
            Some(partner) => {
                let over_sip = |run: &Value| run.get("clock").and_then(Value::as_str) == Some("sip");
                let one_is = over_sip(partner) != over_sip(run);
                if one_is {
                    text.push_str(
                        "one run is over SIP: calls must be equal or better, other figures are shown\n",
                    );
                }
                let clocks = if one_is || args.across_clocks { Clocks::Any } else { Clocks::Virtual };
                compared.push(compare_records(partner, run, clocks));
            }
            None => text.push_str(&format!("{}: new, no baseline\n", key(run).0.unwrap_or_default())),
        }
    }
    compared.iter().for_each(|comparison| text.push_str(&in_words(comparison)));
    if compared.is_empty() {
        return Err("no run of the candidate has a baseline".to_owned());
    }
    let report = json!({"schema": "busyhour.compare/1", "kind": "outcomes", "cases": compared});
    say(args, &text, &report)?;
    Ok(ExitCode::worst(compared.iter().map(|comparison| match comparison.outcome {
        Outcome::Same | Outcome::Better => ExitCode::Pass,
        Outcome::Regression => ExitCode::Regression,
        Outcome::Unlike => ExitCode::Void,
    })))
}

/// The records in a file, as they are: a baseline of an older version may lack fields.
fn read(path: &Path) -> Result<Vec<Value>, String> {
    let file = if path.is_dir() { path.join("record.json") } else { path.to_owned() };
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    match serde_json::from_str(&text) {
        Ok(Value::Array(records)) => Ok(records),
        Ok(record @ Value::Object(_)) => Ok(vec![record]),
        Ok(_) => Err(format!("{}: no run record", file.display())),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

fn in_words(comparison: &Comparison) -> String {
    let word = match comparison.outcome {
        Outcome::Same if comparison.same_events => "same: every event is equal",
        Outcome::Same if comparison.differences.is_empty() => {
            "same: every outcome is equal; the order or number of events is not"
        }
        Outcome::Same => "same: what became of the calls is equal; what follows is not",
        Outcome::Better => "better: time to accept a new baseline",
        Outcome::Regression => "REGRESSION",
        Outcome::Unlike => "not comparable",
    };
    let mut text = format!("{}: {word}\n", comparison.case);
    comparison.unlike.iter().for_each(|why| text.push_str(&format!("  {why}\n")));
    let mut shown: Vec<_> =
        comparison.differences.iter().filter(|d| d.direction != Direction::OnlyInOne).collect();
    shown.sort_by_key(|d| d.direction != Direction::Worse);
    for difference in shown.iter().take(MOST_PRINTED) {
        let way = match difference.direction {
            Direction::Worse => "worse",
            Direction::Better => "better",
            Direction::Changed | Direction::OnlyInOne => "changed",
        };
        let (old, new) = (&difference.baseline, &difference.candidate);
        text.push_str(&format!("  {way:<8} {}: {old}, now {new}\n", difference.path));
    }
    if shown.len() > MOST_PRINTED {
        text.push_str(&format!("  and {} more; --json has all\n", shown.len() - MOST_PRINTED));
    }
    text
}

/// Two builds on one profile, in pairs.
fn builds(args: &CompareArgs, against: &Path, profile: &Path) -> Result<ExitCode, String> {
    let candidate = match &args.candidate {
        Some(path) => path.clone(),
        None => std::env::current_exe().map_err(|error| format!("this build: {error}"))?,
    };
    let (unit, pairs) = if args.instructions { ("instructions", 1) } else { ("seconds", args.rounds) };
    let measure = |build: &Path| {
        if args.instructions { instructions(args, build, profile) } else { seconds(args, build, profile) }
    };
    if args.instructions && !has_valgrind() {
        eprintln!("error: --instructions needs valgrind, which is not installed");
        return Ok(ExitCode::Void);
    }
    let mut rounds: Vec<PairedRound> = Vec::new();
    let mut text = String::new();
    // A second round only confirms what the first one found.
    for name in ["first", "second"] {
        let mut measured = Vec::new();
        for pair in 0..pairs {
            // Whoever comes second finds the machine warmer: take turns.
            measured.push(if pair % 2 == 0 {
                let old = measure(against)?;
                (old, measure(&candidate)?)
            } else {
                let new = measure(&candidate)?;
                (measure(against)?, new)
            });
        }
        let round = judge(args, &measured)?;
        let p = round.p.map_or_else(|| "no difference at all".to_owned(), |p| format!("p {p:.5}"));
        let p = if args.instructions { "exact".to_owned() } else { format!("{} pairs, {p}", round.pairs) };
        text.push_str(&format!("{name} round: {unit} {:+.2} % ({p})\n", round.effect_pct));
        rounds.push(round);
        if rounds.iter().any(|round| !round.slower) {
            break;
        }
    }
    let slower = rounds.len() == 2 && rounds.iter().all(|round| round.slower);
    let word = if slower { "REGRESSION: slower" } else { "not slower" };
    text.push_str(&format!("{word} by more than {} %\n", args.tolerance));
    let report = json!({
        "schema": "busyhour.compare/1", "kind": unit, "tolerance_pct": args.tolerance, "regression": slower,
        "rounds": rounds,
    });
    say(args, &text, &report)?;
    Ok(if slower { ExitCode::Regression } else { ExitCode::Pass })
}

fn judge(args: &CompareArgs, measured: &[(f64, f64)]) -> Result<PairedRound, String> {
    let mut round =
        judge_round(measured, args.tolerance).ok_or("a run took no time at all: make it longer")?;
    if args.instructions {
        // Counts repeat: the effect alone decides.
        round.slower = round.effect_pct > args.tolerance;
        round.p = None;
    }
    Ok(round)
}

/// The wall-clock seconds of one run in a fresh process, as its record has them.
fn seconds(args: &CompareArgs, build: &Path, profile: &Path) -> Result<f64, String> {
    let mut command = Command::new(build);
    command.args(arguments(args, profile)).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("{}: {error}", build.display()))?;
    let record: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{} printed no run record: {error}", build.display()))?;
    record.get("wall_s").and_then(Value::as_f64).ok_or_else(|| "the run record has no wall_s".to_owned())
}

fn arguments(args: &CompareArgs, profile: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = vec!["run".into(), profile.to_owned(), "--json".into(), "-".into()];
    if let Some(duration) = &args.duration {
        list.extend(["--duration".into(), duration.into()]);
    }
    list
}

fn has_valgrind() -> bool {
    let version =
        Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// The instructions of one run in a fresh process, counted by callgrind.
fn instructions(args: &CompareArgs, build: &Path, profile: &Path) -> Result<f64, String> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(build);
    command.args(arguments(args, profile)).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said).ok_or_else(|| format!("valgrind counted nothing: {}", said.trim()))
}

/// The count in what callgrind says at its end.
fn collected(said: &str) -> Option<f64> {
    said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn say(args: &CompareArgs, text: &str, report: &Value) -> Result<(), String> {
    let on_stdout = args.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if !args.quiet && !on_stdout {
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(text.as_bytes());
    }
    let Some(path) = &args.json else { return Ok(()) };
    let written = write_whole(path, |out| {
        serde_json::to_writer_pretty(&mut *out, report)?;
        out.write_all(b"\n")
    });
    written.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_count_of_callgrind() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456789\n==7== \n";
        assert_eq!(collected(said), Some(123_456_789.0));
        assert_eq!(collected("==7== nothing"), None);
    }
}
