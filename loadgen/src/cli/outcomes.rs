//! Arguments of the commands that look at runs that were, and at where their time went.

use super::values::{parse_bhcc, parse_seconds, parse_tolerance};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What to compare.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// BASELINE and CANDIDATE: run records, or folders that --out wrote. With --against: the PROFILE to run.
    #[arg(required = true, num_args = 1..=2, value_name = "BASELINE CANDIDATE | PROFILE")]
    pub inputs: Vec<PathBuf>,
    /// Compare runs on any clocks: what became of the calls must be equal or better, all other figures that differ are shown. Goes
    /// without saying where one run is over SIP and the other is not.
    #[arg(long, conflicts_with = "against")]
    pub across_clocks: bool,
    /// Another build of busyhour: run the profile with it and with the candidate, in turn.
    #[arg(long, value_name = "BUILD")]
    pub against: Option<PathBuf>,
    /// The build to judge, instead of this one.
    #[arg(long, value_name = "BUILD", requires = "against")]
    pub candidate: Option<PathBuf>,
    /// Count instructions under valgrind instead of seconds: repeats where seconds do not.
    #[arg(long, requires = "against")]
    pub instructions: bool,
    /// Pairs of runs in a round.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u16).range(7..=60), requires = "against")]
    pub rounds: u16,
    /// Slowdown in percent up to which a build counts as not slower.
    #[arg(long, value_name = "PCT", default_value = "3", value_parser = parse_tolerance, allow_negative_numbers = true, requires = "against")]
    pub tolerance: f64,
    /// Length of the measured part of every run, in place of the profile's.
    #[arg(long, value_name = "D", requires = "against")]
    pub duration: Option<String>,
    /// Write the comparison. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Only errors; the exit code says the rest.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which past runs, and how to show them.
#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// The folder that --out wrote.
    pub out: PathBuf,
    /// Runs of this profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Runs with this verdict.
    #[arg(long, value_name = "VERDICT", value_parser = ["pass", "fail", "void", "partial"])]
    pub verdict: Option<String>,
    /// Runs begun at this time or later, such as 2026-11-22 or 2026-11-22T09:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// The latest runs, at most so many.
    #[arg(long, value_name = "N", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: u32,
    /// The figure to show, by its name in the run record: bhcc_completed, blocked_pct, latency.setup_delay.p99, ...; of
    /// searches: limit.bhcc, doc.doc_bhcc, headroom.times_rated, ...
    #[arg(long, value_name = "NAME", default_value = "bhcc_completed")]
    pub metric: String,
    /// A bar a run instead of a line.
    #[arg(long, conflicts_with = "json")]
    pub plot: bool,
    /// The records as a JSON array.
    #[arg(long)]
    pub json: bool,
}

/// Which runs to report, and how.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Run records: what `run --json` writes, a folder that `run --out` made, or `-` for standard input.
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// File to write; its name says the form (.html, .md, .xml for JUnit, .prom). May be given several times; `-` is
    /// standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// Form of every file, whatever its name.
    #[arg(long, value_enum)]
    pub format: Option<ReportForm>,
    /// Add the Markdown to the file that $GITHUB_STEP_SUMMARY names.
    #[arg(long)]
    pub github_summary: bool,
}

/// What to sample, and for how long.
#[derive(Args, Debug)]
pub struct FlamegraphArgs {
    /// The profile.
    pub profile: PathBuf,
    /// Flame graph to write (SVG).
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Folded stacks of an earlier flame graph to compare with.
    #[arg(long, value_name = "FOLDED")]
    pub baseline: Option<PathBuf>,
    /// How long to sample; the profile is replayed again and again.
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_seconds, allow_negative_numbers = true)]
    pub seconds: f64,
    /// Samples in a second of processor time.
    #[arg(long, value_name = "N", default_value = "199", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub frequency: u32,
    /// Calls an hour, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc, allow_negative_numbers = true)]
    pub bhcc: Option<f64>,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// One self-contained page.
    Html,
    /// For pull requests.
    Markdown,
    /// JUnit XML.
    Junit,
    /// Prometheus text.
    Prometheus,
    /// github-action-benchmark, customBiggerIsBetter.
    BenchmarkBigger,
    /// github-action-benchmark, customSmallerIsBetter.
    BenchmarkSmaller,
}
