//! `busyhour campaign`: a grid of shards, run on threads of this process or by the workers of a cluster.

use super::files::{can_be_written, write_record};
use super::run::{INTERRUPTED, watch_for_interrupt};
use crate::campaign::{
    self, Campaign, CampaignRecord, Collected, Collector, Grid, Live, Runner, summary, write_parquet,
};
use crate::cli::CampaignArgs;
use crate::exit_code::ExitCode;
use crate::history::{RunFolder, Shards, Store};
use crate::report::{self, Colour, Verdict};
use crate::text::{Problems, Style};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

/// Runs what the arguments say.
#[must_use]
pub fn run(args: &CampaignArgs) -> ExitCode {
    let Some((campaign, grid)) = load(&args.file) else { return ExitCode::Usage };
    if args.list {
        return list(&campaign, &grid);
    }
    if !can_be_written(&args.json) {
        return ExitCode::Usage;
    }
    watch_for_interrupt();
    let done = match &args.shard {
        Some(key) => replay(args, &campaign, &grid, key),
        None => run_all(args, &campaign, &grid),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::Usage
    })
}

/// The campaign and its grid; `None`, after all problems were shown, if it does not validate.
fn load(file: &Path) -> Option<(Arc<Campaign>, Arc<Grid>)> {
    let mut problems = Problems::new();
    let campaign = campaign::load(file, &mut problems);
    eprint!("{}", problems.render(Style::for_stderr()));
    let campaign = campaign?;
    let grid = Grid::of(&campaign)?;
    Some((Arc::new(campaign), Arc::new(grid)))
}

fn list(campaign: &Campaign, grid: &Grid) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for at in (0..grid.len()).filter_map(|number| grid.at(number)) {
        if writeln!(out, "{}", campaign.key(&at)).is_err() {
            // A reader that has gone away has seen enough.
            return ExitCode::Pass;
        }
    }
    let _ = out.flush();
    ExitCode::Pass
}

/// Runs one shard as `busyhour run` would, and shows it so.
fn replay(
    args: &CampaignArgs,
    campaign: &Arc<Campaign>,
    grid: &Arc<Grid>,
    key: &str,
) -> Result<ExitCode, String> {
    let number = grid.number_of(campaign, key);
    let at = number.and_then(|number| grid.at(number));
    let (Some(number), Some(at)) = (number, at) else {
        return Err(format!("{}: no shard has the key {key:?}; --list shows all keys", campaign.file));
    };
    let mut runner = Runner::new(Arc::clone(campaign), Arc::clone(grid), &INTERRUPTED);
    let Some(run) = runner.whole(&at)? else { return Ok(ExitCode::Interrupted) };
    let Some(shard) = runner.run(number) else { return Ok(ExitCode::Interrupted) };
    if let Some(path) = &args.json {
        let written = report::write_json(path, std::slice::from_ref(&run));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    if !args.quiet && args.json.as_deref() != Some(Path::new("-")) {
        let table = report::table(std::slice::from_ref(&run), Colour::for_stdout());
        let _ = write!(io::stdout(), "{key}\n{table}digest {}\n", shard.digest);
    }
    Ok(run.verdict.into())
}

fn run_all(args: &CampaignArgs, campaign: &Arc<Campaign>, grid: &Arc<Grid>) -> Result<ExitCode, String> {
    let shards = match &args.out {
        Some(out) => Shards::open(out, &campaign.sha256)?,
        None => Shards::temporary(&campaign.sha256)?,
    };
    let live = if args.quiet || args.no_progress { Live::off() } else { Live::new() };
    let mut collector = Collector::new(campaign, grid, shards, live)?;
    let (engine, jobs) = match &args.server {
        Some(server) => {
            let access = args.access.access();
            let mut told = None;
            // The same trouble is said once.
            let mut tell = |trouble: &str| {
                if !args.quiet && told.as_deref() != Some(trouble) {
                    eprintln!("{}: {trouble}", server.shown());
                    told = Some(trouble.to_owned());
                }
            };
            let at = (server, &access);
            campaign::run_cluster(campaign, grid, at, args.tries, &INTERRUPTED, &mut collector, &mut tell)?;
            ("nats", None)
        }
        None => {
            let jobs = args.jobs.map_or_else(cores, usize::from);
            campaign::run_threads(campaign, grid, jobs, &INTERRUPTED, &mut collector)?;
            ("threads", Some(jobs as u64))
        }
    };
    let collected = collector.finish()?;
    let record = summary(campaign, grid, &collected, engine, jobs)?;
    conclude(args, campaign, &collected, &record)
}

/// As many as this process may use.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Writes what was asked for; the exit code.
fn conclude(
    args: &CampaignArgs,
    campaign: &Campaign,
    collected: &Collected,
    record: &CampaignRecord,
) -> Result<ExitCode, String> {
    if let Some(path) = &args.json {
        write_record(path, record).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    let is_whole = record.verdict != Verdict::Partial;
    if let (Some(out), true) = (&args.out, is_whole) {
        keep(out, campaign, collected, record)
            .map_err(|error| format!("cannot write to {}: {error}", out.display()))?;
    }
    if !args.quiet && args.json.as_deref() != Some(Path::new("-")) {
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(campaign::text(record).as_bytes());
    }
    if let (Some(out), false) = (&args.out, is_whole) {
        eprintln!(
            "{} shards are kept in {}: the same command goes on from there",
            record.shards.counted,
            out.display()
        );
    }
    Ok(exit_code(record))
}

fn exit_code(record: &CampaignRecord) -> ExitCode {
    let invalid = if record.shards.invalid > 0 { ExitCode::Usage } else { ExitCode::Pass };
    ExitCode::worst([record.verdict.into(), invalid])
}

/// Writes the record and a row a shard into a folder in `out`, whole or not at all, and takes it into the history.
fn keep(out: &Path, campaign: &Campaign, collected: &Collected, record: &CampaignRecord) -> io::Result<()> {
    let folder = RunFolder::create(out, &format!("{}-campaign", campaign.name))?;
    write_record(&folder.file("record.json"), record)?;
    write_parquet(&folder.file("shards.parquet"), campaign, &collected.shards).map_err(io::Error::other)?;
    let bytes = std::fs::read(folder.file("record.json"))?;
    folder.finish()?;
    // A campaign that is killed here is taken in by whoever opens the history next.
    Store::open(out).and_then(|mut store| store.add(&bytes)).map_err(io::Error::other)
}
