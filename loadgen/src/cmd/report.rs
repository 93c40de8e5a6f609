//! `busyhour report`: run records as a page for people, and in the forms that other programs read.

use crate::cli::{ReportArgs, ReportForm};
use crate::exit_code::ExitCode;
use crate::report::{self, Better, RunRecord, SCHEMA};
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Largest input that is read: far above 150 runs of 150 systems.
const MOST_BYTES: u64 = 1 << 30;
/// Where GitHub wants the summary of a step.
const SUMMARY_VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// Reads the runs and writes what the arguments say.
#[must_use]
pub fn run(args: &ReportArgs) -> ExitCode {
    match try_run(args) {
        Ok(()) => ExitCode::Pass,
        Err(errors) => {
            for error in errors {
                eprintln!("error: {error}");
            }
            ExitCode::Usage
        }
    }
}

fn try_run(args: &ReportArgs) -> Result<(), Vec<String>> {
    let outputs = outputs(args)?;
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    for path in &args.runs {
        match read_runs(path) {
            Ok(runs) => records.extend(runs),
            Err(error) => errors.push(format!("{}: {error}", shown(path))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for (path, form) in outputs {
        let written = render(form, &records)
            .and_then(|text| report::write_whole(path, |out| out.write_all(text.as_bytes())));
        written.map_err(|error| vec![format!("cannot write {}: {error}", path.display())])?;
    }
    if args.github_summary {
        append_summary(&records).map_err(|error| vec![error])?;
    }
    Ok(())
}

/// What goes where; the form follows the file's name unless it is said.
fn outputs(args: &ReportArgs) -> Result<Vec<(&Path, ReportForm)>, Vec<String>> {
    if args.out.is_empty() && !args.github_summary {
        return Err(vec!["nothing to write: give -o FILE or --github-summary".to_owned()]);
    }
    let of = |path: &'_ PathBuf| match args.format.or_else(|| form_of(path)) {
        Some(form) => Ok(form),
        None => Err(format!(
            "{}: no form has this name; use .html, .md, .xml or .prom, or say --format",
            path.display()
        )),
    };
    let (mut outputs, mut errors) = (Vec::new(), Vec::new());
    for path in &args.out {
        match of(path) {
            Ok(form) => outputs.push((path.as_path(), form)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(outputs) } else { Err(errors) }
}

fn form_of(path: &Path) -> Option<ReportForm> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "html" | "htm" => Some(ReportForm::Html),
        "md" => Some(ReportForm::Markdown),
        "xml" => Some(ReportForm::Junit),
        "prom" => Some(ReportForm::Prometheus),
        _ => None,
    }
}

fn render(form: ReportForm, records: &[RunRecord]) -> io::Result<String> {
    match form {
        ReportForm::Html => report::html(records),
        ReportForm::Markdown => report::markdown(records),
        ReportForm::Junit => report::junit(records),
        ReportForm::Prometheus => Ok(report::prometheus(records)),
        ReportForm::BenchmarkBigger => Ok(report::benchmark(records, Better::Bigger)),
        ReportForm::BenchmarkSmaller => Ok(report::benchmark(records, Better::Smaller)),
    }
}

/// GitHub gives every step a file of its own, to which all of its commands add.
fn append_summary(records: &[RunRecord]) -> Result<(), String> {
    let path = std::env::var_os(SUMMARY_VARIABLE).filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| format!("--github-summary: {SUMMARY_VARIABLE} is not set"))?;
    let append = || -> io::Result<()> {
        let text = report::markdown(records)?;
        OpenOptions::new().create(true).append(true).open(&path)?.write_all(text.as_bytes())
    };
    append().map_err(|error| format!("cannot write {}: {error}", Path::new(&path).display()))
}

/// The runs in a file, in standard input for `-`, or in the `record.json` of a folder that `--out` made.
fn read_runs(path: &Path) -> Result<Vec<RunRecord>, String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        let file = if path.is_dir() { path.join("record.json") } else { path.to_owned() };
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map_err(|error| error.to_string())?;
    runs_of(&text)
}

/// One run or an array of them.
fn runs_of(text: &str) -> Result<Vec<RunRecord>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let runs = match json {
        Value::Array(runs) if runs.is_empty() => return Err("holds no run".to_owned()),
        Value::Array(runs) => runs,
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![one]
        }
    };
    let several = runs.len() > 1;
    let of = |(n, run): (usize, Value)| {
        let which = if several { format!("run {}: ", n + 1) } else { String::new() };
        match run.get("schema").and_then(Value::as_str) {
            Some(SCHEMA) => {}
            Some(other) => {
                return Err(format!("{which}its schema is {other:?}, this version reads {SCHEMA:?}"));
            }
            None => return Err(format!("{which}is no run record: it has no \"schema\"")),
        }
        serde_json::from_value(run).map_err(|error| format!("{which}is no whole run record: {error}"))
    };
    runs.into_iter().enumerate().map(of).collect()
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
