//! `busyhour search`: the highest load that meets every target, and why the next one fails.

use super::files::{can_be_written, keep_record, write_record};
use super::run::{INTERRUPTED, Shard, load, watch_for_interrupt};
use crate::cli::{RunArgs, SearchArgs};
use crate::exit_code::ExitCode;
use crate::profile::Arrivals;
use crate::random::replication_seeds;
use crate::report::{Clock, Environment, ProfileRef, Verdict, built_from_commit, utc_now};
use crate::search::{self, Bench, Method, SCHEMA, SearchRecord, Step, Stopped};
use engine::time::Duration;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

/// Replications where the arguments do not say.
const REPLICATIONS: u16 = 8;
/// Length of a step on the wall clock where the arguments do not say.
const HEADROOM_STEP: Duration = Duration::from_secs(5);

/// Searches as the arguments say.
#[must_use]
pub fn run(args: &SearchArgs) -> ExitCode {
    let asked = RunArgs {
        profiles: vec![args.profile.clone()],
        seed: args.seed,
        bhcc: args.bhcc,
        duration: args.duration,
        thresholds: args.thresholds.clone(),
        jobs: 1,
        ..RunArgs::default()
    };
    let Some(shards) = load(&asked) else { return ExitCode::Usage };
    if !can_be_written(&args.json) {
        return ExitCode::Usage;
    }
    let [shard] = &shards[..] else {
        eprintln!("error: search takes one profile, not a directory of several");
        return ExitCode::Usage;
    };
    if matches!(shard.profile.load.arrivals, Arrivals::Trace(_)) {
        eprintln!("error: {}: a recorded trace has one load; search needs bhcc", shard.profile.name);
        return ExitCode::Usage;
    }
    if args.method == Method::Bisect && shard.profile.targets.is_empty() {
        eprintln!("error: {}: no targets to search by; see --threshold", shard.profile.name);
        return ExitCode::Usage;
    }
    watch_for_interrupt();
    match find(args, shard) {
        Ok(record) => conclude(args, &record),
        Err(Stopped) => ExitCode::Interrupted,
    }
}

fn find(args: &SearchArgs, shard: &Shard) -> Result<SearchRecord, Stopped> {
    let Shard { profile, plans, .. } = shard;
    let started = std::time::Instant::now();
    let seeds = replication_seeds(profile.load.seed, usize::from(args.replications.unwrap_or(REPLICATIONS)));
    let visible = !args.quiet && !args.no_progress && io::stderr().is_terminal();
    let tell = |step: &Step| {
        if visible {
            eprintln!(
                "{} BHCC: {}",
                step.bhcc,
                if step.pass { "met".to_owned() } else { step.missed.join("; ") }
            );
        }
    };
    let bench = Bench {
        profile,
        plans,
        seeds: &seeds,
        confidence: args.confidence,
        jobs: usize::from(args.jobs),
        interrupted: &INTERRUPTED,
        tell: &tell,
    };
    let mut record = blank(args, shard, &seeds);
    match args.method {
        Method::Bisect => {
            let (limit, claims, steps) = search::find_limit(&bench)?;
            let failing = steps.iter().find(|step| Some(step.bhcc) == limit.fails_at_bhcc);
            if let Some(failing) = failing {
                record.trunks = search::trunk_needs(&bench, failing, &loads(args, profile.load.bhcc))?;
            }
            (record.limit, record.claims, record.steps) = (Some(limit), claims, steps);
        }
        Method::Rfc7502 => {
            let (rfc, limit, steps) = search::establishment_rate(&bench, args.attempts)?;
            (record.rfc7502, record.limit, record.steps) = (Some(rfc), Some(limit), steps);
        }
        Method::Doc => {
            let (doc, claims, steps) = search::design_objective_capacity(&bench)?;
            (record.doc, record.claims, record.steps) = (Some(doc), claims, steps);
        }
        Method::Headroom => {
            let length = args.duration.unwrap_or(HEADROOM_STEP);
            record.headroom =
                Some(search::headroom(profile, plans, f64::from(args.limit_us), length, &INTERRUPTED)?);
        }
    }
    record.wall_s = started.elapsed().as_secs_f64();
    (record.verdict, record.why) = verdict(&record);
    Ok(record)
}

/// Loads to size trunks for: as asked, or the rated load, a quarter more and half as much again.
fn loads(args: &SearchArgs, rated: f64) -> Vec<u64> {
    if args.trunks_for.is_empty() {
        [1.0, 1.25, 1.5].iter().map(|times| (rated * times).round().max(1.0) as u64).collect()
    } else {
        args.trunks_for.clone()
    }
}

fn blank(args: &SearchArgs, shard: &Shard, seeds: &[u64]) -> SearchRecord {
    let profile = &shard.profile;
    SearchRecord {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: built_from_commit(),
        profile: ProfileRef::of(profile),
        method: args.method,
        clock: if args.method == Method::Headroom { Clock::Real } else { Clock::Virtual },
        started_at: Some(utc_now().to_string()),
        environment: Environment::current(),
        wall_s: 0.0,
        seeds: seeds.to_vec(),
        confidence: args.confidence,
        rated_bhcc: profile.load.bhcc,
        limit: None,
        rfc7502: None,
        doc: None,
        headroom: None,
        trunks: Vec::new(),
        claims: Vec::new(),
        steps: Vec::new(),
        verdict: Verdict::Void,
        why: String::new(),
    }
}

/// The answer in a word and in a line.
fn verdict(record: &SearchRecord) -> (Verdict, String) {
    if let Some(claim) = record.claims.iter().find(|claim| !claim.supported) {
        let needs = claim.attempts_needed;
        return (Verdict::Void, format!("no claim: {} takes at least {needs} calls a step", claim.claim));
    }
    if let Some(headroom) = &record.headroom {
        return match headroom.times_rated {
            Some(times) => {
                (Verdict::Pass, format!("headroom of {times:.1} times the rated load on this machine"))
            }
            None if headroom.steps.iter().any(|step| step.pass || step.void.is_some()) => {
                let best =
                    headroom.steps.iter().filter(|s| s.pass).map(|s| s.times_rated).fold(0.0, f64::max);
                (
                    Verdict::Void,
                    format!("void: the generator was the limit, above {best:.1} times the rated load"),
                )
            }
            None => (Verdict::Fail, "the rated load is too much for this machine".to_owned()),
        };
    }
    let (found, what) = match &record.doc {
        Some(doc) => (doc.doc_bhcc, "design objective capacity"),
        None => (record.limit.as_ref().and_then(|limit| limit.bhcc), "limit"),
    };
    let found = found.unwrap_or(0);
    let verdict = if found as f64 >= record.rated_bhcc { Verdict::Pass } else { Verdict::Fail };
    let than = if verdict == Verdict::Pass { "carries" } else { "does not carry" };
    (verdict, format!("{than} the rated {:.0} BHCC: {what} {found}", record.rated_bhcc))
}

fn conclude(args: &SearchArgs, record: &SearchRecord) -> ExitCode {
    let on_stdout = args.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if !args.quiet && !on_stdout {
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(search::text(record).as_bytes());
    }
    if let Some(path) = &args.json
        && let Err(error) = write_record(path, record)
    {
        eprintln!("error: cannot write {}: {error}", path.display());
        return ExitCode::Usage;
    }
    if let Some(out) = &args.out
        && let Err(error) = keep(out, record)
    {
        eprintln!("error: cannot write to {}: {error}", out.display());
        return ExitCode::Usage;
    }
    record.verdict.into()
}

/// Writes the record into a folder in `out`, whole or not at all, and takes it into the history.
fn keep(out: &Path, record: &SearchRecord) -> io::Result<()> {
    let method = serde_json::to_value(record.method)?;
    let name = format!("{}-search-{}", record.profile.name, method.as_str().unwrap_or_default());
    keep_record(out, &name, record)
}
