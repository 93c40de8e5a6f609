//! `busyhour report`: records as a page for people, and in the forms that other programs read.

use crate::cli::{ReportArgs, ReportForm};
use crate::exit_code::ExitCode;
use crate::report::{self, Better, Document, read_documents};
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Largest input that is read: far above 150 runs of 150 systems.
const MOST_BYTES: u64 = 1 << 30;
/// Where GitHub wants the summary of a step.
const SUMMARY_VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// Reads the records and writes what the arguments say.
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
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for path in &args.runs {
        match read(path) {
            Ok(read) => documents.extend(read),
            Err(error) => errors.push(format!("{}: {error}", shown(path))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for (path, form) in outputs {
        let written = render(form, &documents)
            .and_then(|text| report::write_whole(path, |out| out.write_all(text.as_bytes())));
        written.map_err(|error| vec![format!("cannot write {}: {error}", path.display())])?;
    }
    if args.github_summary {
        append_summary(&documents).map_err(|error| vec![error])?;
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

fn render(form: ReportForm, documents: &[Document]) -> io::Result<String> {
    match form {
        ReportForm::Html => report::html(documents),
        ReportForm::Markdown => report::markdown(documents),
        ReportForm::Junit => report::junit(documents),
        ReportForm::Prometheus => Ok(report::prometheus(documents)),
        ReportForm::BenchmarkBigger => Ok(report::benchmark(documents, Better::Bigger)),
        ReportForm::BenchmarkSmaller => Ok(report::benchmark(documents, Better::Smaller)),
    }
}

/// GitHub gives every step a file of its own, to which all of its commands add.
fn append_summary(documents: &[Document]) -> Result<(), String> {
    let path = std::env::var_os(SUMMARY_VARIABLE).filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| format!("--github-summary: {SUMMARY_VARIABLE} is not set"))?;
    let append = || -> io::Result<()> {
        let text = report::markdown(documents)?;
        OpenOptions::new().create(true).append(true).open(&path)?.write_all(text.as_bytes())
    };
    append().map_err(|error| format!("cannot write {}: {error}", Path::new(&path).display()))
}

/// The records in a file, in standard input for `-`, or in the `record.json` of a folder that `--out` made.
fn read(path: &Path) -> Result<Vec<Document>, String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        let file = if path.is_dir() { path.join("record.json") } else { path.to_owned() };
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map_err(|error| error.to_string())?;
    read_documents(&text)
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}
