//! Which profiles a path means, and the files that a run leaves behind.

use crate::cli::RunArgs;
use crate::driver::RunResult;
use crate::history::{RunFolder, Store};
use crate::profile::Profile;
use crate::report::{self, CivilTime, PlanNames, RunRecord, Sink, SmdrWriter};
use crate::report::{Calls, TimeSeriesRow, TimeSeriesWriter};
use crate::world::{SmdrSink, Tally};
use engine::id::SystemId;
use engine::plan::Plan;
use engine::smdr::SmdrRecord;
use engine::time::Instant;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The profile at `path`, or the profiles directly in that directory, by name. Solutions are known by their content.
///
/// # Errors
/// The path cannot be read, or is a directory without profiles.
pub(super) fn profiles_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = super::check::files_of(path)?;
    let mut profiles = Vec::new();
    for file in files {
        if super::check::is_profile(&file)? {
            profiles.push(file);
        }
    }
    if profiles.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no profiles directly in it"));
    }
    Ok(profiles)
}

/// Whether all of these files can be written; says which cannot. Asked before a long run, not after it.
pub(super) fn can_be_written<'p>(files: impl IntoIterator<Item = &'p PathBuf>) -> bool {
    let mut can = true;
    for file in files {
        if let Err(error) = report::expect_to_write(file) {
            eprintln!("error: cannot write {}: {error}", file.display());
            can = false;
        }
    }
    can
}

/// Writes a record into a folder of its own in `out`, whole or not at all, and takes it into the history.
///
/// # Errors
/// What cannot be written.
pub(super) fn keep_record(out: &Path, name: &str, record: &impl serde::Serialize) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(record)?;
    let folder = RunFolder::create(out, name)?;
    report::write_whole(&folder.file("record.json"), |file| file.write_all(&bytes))?;
    folder.finish()?;
    // A record whose process is killed here is taken in by whoever opens the history next.
    Store::open(out).and_then(|mut store| store.add(&bytes)).map_err(io::Error::other)
}

/// Writes a record as JSON; `-` is standard output.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write_record(path: &Path, record: &impl serde::Serialize) -> io::Result<()> {
    report::write_whole(path, |out| {
        serde_json::to_writer_pretty(&mut *out, record)?;
        out.write_all(b"\n")
    })
}

/// The files that one run writes while it goes on.
pub(super) struct Artefacts<'a> {
    smdr: SmdrFiles<'a>,
    series: Option<Series<'a>>,
    folder: Option<RunFolder>,
    out: Option<PathBuf>,
    timeline: Vec<PathBuf>,
}

impl<'a> Artefacts<'a> {
    /// Opens everything that the arguments ask for.
    pub(super) fn create(args: &RunArgs, profile: &'a Profile, plans: &'a [Arc<Plan>]) -> io::Result<Self> {
        let name = format!("{}-seed{}", profile.name, profile.load.seed);
        let folder = args.out.as_deref().map(|out| RunFolder::create(out, &name)).transpose()?;
        let mut smdr = SmdrFiles { files: Vec::new(), now: Instant::ZERO, waiting: Vec::new() };
        let own = folder.as_ref().map(|f| f.file("smdr.csv"));
        for path in args.smdr.iter().chain(&own) {
            smdr.files.push(Smdr {
                writer: SmdrWriter::new(Sink::create(path)?, CivilTime::DEFAULT_START),
                plans,
                failed: None,
            });
        }
        let own = folder.as_ref().map(|f| f.file("timeseries.ndjson"));
        let paths: Vec<&PathBuf> = args.timeseries.iter().chain(&own).collect();
        let series = if paths.is_empty() { None } else { Some(Series::create(&paths, &profile.name)?) };
        let own = folder.as_ref().map(|f| f.file("timeline.ndjson"));
        let timeline = args.timeline.iter().cloned().chain(own).collect();
        Ok(Self { smdr, series, folder, out: args.out.clone(), timeline })
    }

    /// Where the driver puts call records and seconds.
    pub(super) fn sinks(&mut self) -> (&mut dyn SmdrSink, Option<&mut Series<'a>>) {
        (&mut self.smdr, self.series.as_mut())
    }

    /// Completes all files.
    pub(super) fn finish(
        mut self,
        profile: &Profile,
        record: &RunRecord,
        result: &RunResult,
    ) -> io::Result<()> {
        self.smdr.write();
        for smdr in self.smdr.files {
            smdr.failed.map_or(Ok(()), Err)?;
            smdr.writer.into_inner().commit()?;
        }
        if let Some(series) = self.series {
            series.finish()?;
        }
        if !self.timeline.is_empty() {
            let entries = report::timeline(profile, result);
            for path in &self.timeline {
                report::write_timeline(path, &record.profile, record.seed, &entries)?;
            }
        }
        let Some(folder) = self.folder else { return Ok(()) };
        report::write_json(&folder.file("record.json"), std::slice::from_ref(record))?;
        let histograms = report::histograms(result);
        let named: Vec<_> = histograms.iter().map(|h| (record.profile.name.clone(), *h)).collect();
        report::write_hdr(&folder.file("latency.hgrm"), &named)?;
        let bytes = std::fs::read(folder.file("record.json"))?;
        folder.finish()?;
        // A run that is killed here is taken in by whoever opens the history next.
        let Some(out) = self.out else { return Ok(()) };
        Store::open(&out).and_then(|mut store| store.add(&bytes)).map_err(io::Error::other)
    }
}

/// Call records for files: those of the same instant in the order of their systems, however the run comes to them.
struct SmdrFiles<'a> {
    files: Vec<Smdr<'a>>,
    now: Instant,
    /// Those of the instant.
    waiting: Vec<(SystemId, SmdrRecord)>,
}

impl SmdrFiles<'_> {
    fn write(&mut self) {
        self.waiting.sort_by_key(|&(system, _)| system);
        for (system, record) in self.waiting.drain(..) {
            self.files.iter_mut().for_each(|file| file.write(system, &record));
        }
    }
}

impl SmdrSink for SmdrFiles<'_> {
    fn record(&mut self, now: Instant, system: SystemId, record: &SmdrRecord) {
        if !self.is_wanted() {
            return;
        }
        if now != self.now {
            self.write();
            self.now = now;
        }
        self.waiting.push((system, *record));
    }

    fn is_wanted(&self) -> bool {
        !self.files.is_empty()
    }
}

/// Writes call records; the first error is kept for the end of the run.
struct Smdr<'a> {
    writer: SmdrWriter<Sink>,
    plans: &'a [Arc<Plan>],
    failed: Option<io::Error>,
}

impl Smdr<'_> {
    fn write(&mut self, system: SystemId, record: &SmdrRecord) {
        let names = PlanNames(&self.plans[system.index()]);
        if let Err(error) = self.writer.write(record, &names) {
            self.failed.get_or_insert(error);
        }
    }
}

/// Writes one row a second; the first error is kept for the end of the run.
pub(super) struct Series<'a> {
    writers: Vec<TimeSeriesWriter>,
    profile: &'a str,
    before: Calls,
    failed: Option<io::Error>,
}

impl<'a> Series<'a> {
    fn create(paths: &[&PathBuf], profile: &'a str) -> io::Result<Self> {
        let writers = paths.iter().map(|path| TimeSeriesWriter::create(path)).collect::<io::Result<_>>()?;
        Ok(Self { writers, profile, before: Calls::default(), failed: None })
    }

    /// Writes the second that ends at `now`.
    pub(super) fn tell(&mut self, now: Instant, tally: &Tally) {
        let is = tally.whole();
        let was = std::mem::replace(&mut self.before, is);
        let row = TimeSeriesRow {
            profile: self.profile,
            t_s: now.as_nanos() / 1_000_000_000 - 1,
            planned: is.planned - was.planned,
            started: is.started - was.started,
            answered: is.answered - was.answered,
            completed: is.completed - was.completed,
            blocked: is.blocked - was.blocked,
            abandoned: is.abandoned - was.abandoned,
            failed: is.failed - was.failed,
            dropped: is.dropped - was.dropped,
            active: tally.concurrency.value(),
            systems_up: None,
        };
        for writer in &mut self.writers {
            if let Err(error) = writer.write(&row) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)?;
        self.writers.into_iter().try_for_each(TimeSeriesWriter::finish)
    }
}
