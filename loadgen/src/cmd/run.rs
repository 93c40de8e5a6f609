//! `busyhour run`: replays profiles and holds the results against their targets.

use super::files::{Artefacts, Series, can_be_written};
use crate::check::EarlyAbort;
use crate::cli::{ClockArg, RunArgs};
use crate::driver::{self, Ceiling, Division, Hooks, MediaMode, RunResult, SipOptions};
use crate::each_failure::{components, with_failures};
use crate::exit_code::ExitCode;
use crate::profile::{self, Needs, Profile};
use crate::random::replication_seeds;
use crate::report::{self, Clock, Colour, Progress, RunRecord};
use crate::solution;
use crate::text::{Problem, Problems, Style, did_you_mean};
use crate::world::Tally;
use engine::plan::Plan;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Set by the first Ctrl-C: runs end where they are and say so.
pub(super) static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A profile and its compiled network: all that one run needs.
pub(super) struct Shard {
    pub(super) profile: Profile,
    pub(super) plans: Vec<Arc<Plan>>,
    /// Its systems in parts, if it goes to several threads.
    division: Option<Arc<Division>>,
}

/// What one run leaves.
struct Finished {
    record: RunRecord,
    result: RunResult,
}

/// Runs what the arguments say.
#[must_use]
pub fn run(args: &RunArgs) -> ExitCode {
    let Some(mut shards) = load(args) else { return ExitCode::Usage };
    let files = [&args.json, &args.junit, &args.hdr, &args.smdr, &args.timeseries, &args.timeline];
    if !can_be_written(files.into_iter().flatten()) {
        return ExitCode::Usage;
    }
    if args.each_failure {
        return super::each_failure::run(args, &shards);
    }
    if let Some(parts) = args.generators {
        return match place(args, &shards) {
            Ok(_) => super::generators::run(args, &shards, parts),
            Err(why) => {
                eprintln!("error: {why}");
                ExitCode::Usage
            }
        };
    }
    let of_one = args.smdr.is_some() || args.timeseries.is_some() || args.timeline.is_some();
    if shards.len() > 1 && of_one {
        eprintln!(
            "error: --smdr, --timeseries and --timeline take one profile; --out writes a file a profile"
        );
        return ExitCode::Usage;
    }
    if let (ClockArg::Real, Some(threads @ 2..)) = (args.clock, args.threads) {
        eprintln!(
            "error: --threads {threads} is for virtual time; on the wall clock it is 1, or each system has a thread of its own (without it)"
        );
        return ExitCode::Usage;
    }
    let sip = match place(args, &shards) {
        Ok(sip) => sip,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::Usage;
        }
    };
    watch_for_interrupt();
    divide(args, &mut shards);
    match run_all(args, &shards, sip.as_ref()) {
        Ok(finished) => conclude(args, &finished),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

/// A real system to place calls on, and what the generator manages by itself.
struct Place {
    options: SipOptions,
    ceiling: Ceiling,
}

/// How long the generator is measured before a run.
pub(super) const CEILING: std::time::Duration = std::time::Duration::from_millis(300);

/// Where the calls go; `None`: to the engine. Says what of the profiles cannot be done there.
fn place(args: &RunArgs, shards: &[Shard]) -> Result<Option<Place>, String> {
    let options = args.sip.options();
    unmeasured(shards, options.as_ref())?;
    let Some(options) = options else { return Ok(None) };
    for shard in shards {
        if let Some(why) = driver::cannot_happen(&shard.profile) {
            return Err(format!("{}: {why}", shard.profile.name));
        }
    }
    let ceiling = driver::ceiling(CEILING, options.target.transport, options.media)
        .map_err(|error| format!("loopback: {error}"))?;
    Ok(Some(Place { options, ceiling }))
}

/// Says which targets no run of this kind has a figure for.
fn unmeasured(shards: &[Shard], options: Option<&SipOptions>) -> Result<(), String> {
    let has = match options.map(|options| options.media) {
        None => Needs::Nothing,
        Some(MediaMode::None) => Needs::Target,
        Some(MediaMode::Rtp) => Needs::Audio,
    };
    let mut problems = String::new();
    for Shard { profile, .. } in shards {
        for metric in profile.targets.iter().map(|target| target.metric.as_str()) {
            let remedy = match profile::needs(metric) {
                needs if needs <= has => continue,
                Needs::Audio => "with --target and --rtp",
                Needs::Target | Needs::Nothing => "with --target",
            };
            let name = &profile.name;
            let problem = format!("\n  {name}: target {metric} is measured {remedy} only");
            // Replications of a profile have the same.
            if !problems.contains(&problem) {
                problems.push_str(&problem);
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("a target that is not measured is not met{problems}"))
    }
}

/// The first Ctrl-C ends the runs with a partial result; the second ends the process.
pub(super) fn watch_for_interrupt() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(ExitCode::Interrupted.number().into());
        }
    };
    // Without a handler Ctrl-C ends the process, which is what is left to do.
    let _ = ctrlc::set_handler(handler);
}

/// Loads every profile named; `None`, after all problems were shown, if one does not validate.
pub(super) fn load(args: &RunArgs) -> Option<Vec<Shard>> {
    let mut problems = Problems::new();
    let default = [PathBuf::from("profiles")];
    let named = if args.profiles.is_empty() { &default[..] } else { &args.profiles[..] };
    let mut shards = Vec::new();
    for path in named {
        match super::files::profiles_of(path) {
            Ok(files) => {
                for file in files {
                    shards.extend(load_one(&file, args, &mut problems));
                }
            }
            Err(error) => problems.push(Problem::error(format!("{}: {error}", path.display()))),
        }
    }
    eprint!("{}", problems.render(Style::for_stderr()));
    (problems.errors() == 0).then_some(shards)
}

fn load_one(file: &Path, args: &RunArgs, problems: &mut Problems) -> Vec<Shard> {
    let Some(mut profile) = profile::load(file, problems) else { return Vec::new() };
    profile.load.seed = args.seed.unwrap_or(profile.load.seed);
    profile.load.bhcc = args.bhcc.unwrap_or(profile.load.bhcc);
    profile.load.duration = args.duration.unwrap_or(profile.load.duration);
    fail_as_asked(args, &mut profile, problems);
    profile.targets.extend(args.thresholds.iter().map(|threshold| threshold.target.clone()));
    profile.aborts.extend(args.thresholds.iter().filter_map(profile::Threshold::abort));
    match solution::compile(&profile.solution) {
        Ok(plans) => replicated(args, &profile, &plans),
        Err(faults) => {
            for fault in faults {
                problems.push(Problem::error(format!("{}: {fault}", profile.solution.name)));
            }
            Vec::new()
        }
    }
}

/// Components named on the command line fail in mid-run.
fn fail_as_asked(args: &RunArgs, profile: &mut Profile, problems: &mut Problems) {
    let times = &mut profile.each_failure;
    times.at = args.failure_at.or(times.at);
    times.lasts = args.failure_for.or(times.lasts);
    let (at, lasts) = times.within(profile.load.duration);
    let is_asked = args.each_failure || !args.failures.is_empty();
    if is_asked && at >= profile.load.duration {
        let over = format!(
            "{}: no failure at {at}: the measured part takes {}",
            profile.name, profile.load.duration
        );
        problems.push(Problem::error(over).help("another --failure-at, or a longer --duration"));
    }
    let all = components(&profile.solution);
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    let mut chosen = Vec::new();
    for wanted in &args.failures {
        match names.iter().position(|name| name == wanted) {
            Some(n) => chosen.push(&all[n]),
            None => {
                let help = did_you_mean(wanted, names.iter().map(String::as_str));
                let unknown = format!("{}: no component is called {wanted:?}", profile.name);
                problems.push(Problem::error(unknown).maybe_help(help));
            }
        }
    }
    if !chosen.is_empty() {
        *profile = with_failures(profile, &chosen, at, lasts);
    }
}

/// A shard for each replication of a profile, alike but for their seeds.
fn replicated(args: &RunArgs, profile: &Profile, plans: &[Arc<Plan>]) -> Vec<Shard> {
    let count = usize::from(args.replications.max(1));
    let with_seed = |seed| {
        let mut profile = profile.clone();
        profile.load.seed = seed;
        Shard { profile, plans: plans.to_vec(), division: None }
    };
    replication_seeds(profile.load.seed, count).into_iter().map(with_seed).collect()
}

/// Runs the shards on `--jobs` threads; results in the order of the shards.
fn run_all(args: &RunArgs, shards: &[Shard], sip: Option<&Place>) -> io::Result<Vec<Finished>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((n, shard)) = take(&next, shards) {
            let finished = run_one(args, shard, sip);
            done.lock().insert(n, finished);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..usize::from(args.jobs).min(shards.len()) {
            scope.spawn(work);
        }
        work();
    });
    done.into_inner().into_values().collect()
}

fn take<'a>(next: &AtomicUsize, shards: &'a [Shard]) -> Option<(usize, &'a Shard)> {
    if INTERRUPTED.load(Ordering::Relaxed) && next.load(Ordering::Relaxed) > 0 {
        return None;
    }
    let n = next.fetch_add(1, Ordering::Relaxed);
    shards.get(n).map(|shard| (n, shard))
}

fn run_one(args: &RunArgs, shard: &Shard, sip: Option<&Place>) -> io::Result<Finished> {
    let Shard { profile, plans, division } = shard;
    let mut progress = progress(args, shard);
    let mut artefacts = Artefacts::create(args, profile, plans)?;
    // Of this run alone: a target that ends it must not end the others.
    let stop = AtomicBool::new(false);
    let mut watch = EarlyAbort::new(profile);
    let (result, clock) = {
        let (smdr, mut series) = artefacts.sinks();
        let tells = series.is_some() || watch.is_needed();
        let mut tell = |now, tally: &Tally| {
            if let Some(series) = &mut series {
                Series::tell(series, now, tally);
            }
            if watch.is_missed(now, tally) || INTERRUPTED.load(Ordering::Relaxed) {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let mut hooks = Hooks {
            smdr,
            progress: &mut |now, parts| {
                progress.tick(now, parts);
                stop.fetch_or(INTERRUPTED.load(Ordering::Relaxed), Ordering::Relaxed);
            },
            every_second: tells.then_some(&mut tell as &mut dyn FnMut(_, &_)),
            interrupted: &stop,
        };
        match (sip, args.clock) {
            (Some(place), _) => {
                let ceiling = Some(place.ceiling);
                let begin: driver::Begin<'_> = &mut || Ok(Some(std::time::Instant::now()));
                let result = driver::run_sip(profile, plans, &place.options, ceiling, begin, &mut hooks)?;
                (result, Clock::Sip)
            }
            (None, ClockArg::Virtual) => {
                let result = match division {
                    Some(division) => driver::run_divided(profile, plans, division, &mut hooks),
                    None => driver::run_virtual(profile, plans, &mut hooks),
                };
                (result, Clock::Virtual)
            }
            (None, ClockArg::Real) => {
                let result = match args.threads {
                    Some(_) => driver::run_real_on_one_thread(profile, plans, &mut hooks),
                    None => driver::run_real(profile, plans, &mut hooks),
                };
                (result, Clock::Real)
            }
        }
    };
    let mut record = RunRecord::of_run(profile, clock, &result);
    watch.conclude(&mut record);
    artefacts.finish(profile, &record, &result)?;
    Ok(Finished { record, result })
}

/// Spreads the systems of each profile over as many threads as were asked for; says which profiles stay on one, and why.
fn divide(args: &RunArgs, shards: &mut [Shard]) {
    let Some(threads @ 2..) = args.threads.map(usize::from) else { return };
    let network = |shard: &Shard| shard.plans.first().map(Arc::as_ptr);
    // Replications of a profile have the same plans, and differ by their seeds alone.
    for of_one in shards.chunk_by_mut(|a, b| network(a) == network(b)) {
        match Division::that_pays(&of_one[0].profile, &of_one[0].plans, threads) {
            Ok(division) => {
                let division = Arc::new(division);
                of_one.iter_mut().for_each(|shard| shard.division = Some(Arc::clone(&division)));
            }
            Err(_) if args.quiet => {}
            Err(why) => eprintln!("note: {} runs on one thread: {why}", of_one[0].profile.name),
        }
    }
}

fn progress(args: &RunArgs, Shard { profile, plans, .. }: &Shard) -> Progress {
    if args.quiet || args.no_progress {
        Progress::off()
    } else if args.jobs > 1 {
        Progress::plain(profile, plans)
    } else {
        Progress::new(profile, plans)
    }
}

/// Writes what was asked for; the exit code.
fn conclude(args: &RunArgs, finished: &[Finished]) -> ExitCode {
    let mut records: Vec<RunRecord> = finished.iter().map(|f| f.record.clone()).collect();
    if args.replications > 1 {
        report::replicate(&mut records);
    }
    let mut written = Vec::new();
    if let Some(path) = &args.json {
        written.push((path, report::write_json(path, &records)));
    }
    if let Some(path) = &args.junit {
        written.push((path, report::write_junit(path, &records)));
    }
    if let Some(path) = &args.hdr {
        let named = |f: &'_ Finished| f.record.profile.name.clone();
        let all: Vec<_> = finished
            .iter()
            .flat_map(|f| report::histograms(&f.result).into_iter().map(move |h| (named(f), h)))
            .collect();
        written.push((path, report::write_hdr(path, &all)));
    }
    let results_on_stdout = written.iter().any(|(path, _)| path.as_os_str() == "-")
        || [&args.smdr, &args.timeseries, &args.timeline]
            .into_iter()
            .flatten()
            .any(|path| path.as_os_str() == "-");
    if !args.quiet && !results_on_stdout {
        let mut text = report::table(&records, Colour::for_stdout());
        if !args.thresholds.is_empty() {
            text.push_str(&report::targets(&records));
        }
        if args.replications > 1 {
            text.push_str(&report::replications(&records));
        }
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(text.as_bytes());
    }
    let mut code = ExitCode::worst(records.iter().map(|r| r.verdict.into()));
    for (path, outcome) in written {
        if let Err(error) = outcome {
            eprintln!("error: cannot write {}: {error}", path.display());
            code = ExitCode::worst([code, ExitCode::Usage]);
        }
    }
    code
}
