//! `busyhour size`: the cheapest sizes that meet every target, and the solution that has them.

use super::files::can_be_written;
use super::run::{INTERRUPTED, Shard, load, watch_for_interrupt};
use crate::cli::{RunArgs, SizeArgs};
use crate::exit_code::ExitCode;
use crate::random::replication_seeds;
use crate::report::{Environment, ProfileRef, Verdict, built_from_commit, utc_now, write_whole};
use crate::search::{Bench, Outcome, Step, Stopped, claims_of};
use crate::size::{
    Costs, Found, Resource, SCHEMA, SizeRecord, Withstand, edited, find_sizes, read_costs, resources_of,
    solution_of, text,
};
use crate::solution::{Solution, check_source};
use crate::text::{Problem, Problems, Style, read_file};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

/// Confidence of the intervals in the record.
const CONFIDENCE: f64 = 0.95;

/// Sizes as the arguments say.
#[must_use]
pub fn run(args: &SizeArgs) -> ExitCode {
    let asked = RunArgs {
        profiles: vec![args.profile.clone()],
        seed: args.seed,
        bhcc: args.bhcc,
        duration: args.duration,
        thresholds: args.thresholds.clone(),
        jobs: 1,
        ..RunArgs::default()
    };
    let is_stdout = |path: &Option<std::path::PathBuf>| path.as_ref().is_some_and(|p| p.as_os_str() == "-");
    if is_stdout(&args.json) && is_stdout(&args.out) {
        eprintln!("error: standard output takes the record or the solution, not both");
        return ExitCode::Usage;
    }
    if !can_be_written(args.json.iter().chain(&args.out)) {
        return ExitCode::Usage;
    }
    let Some(shards) = load(&asked) else { return ExitCode::Usage };
    let [shard] = &shards[..] else {
        eprintln!("error: size takes one profile, not a directory of several");
        return ExitCode::Usage;
    };
    if shard.profile.targets.is_empty() {
        eprintln!("error: {}: no targets to size for; see --threshold", shard.profile.name);
        return ExitCode::Usage;
    }
    let Some((costs, resources)) = priced(args, shard) else { return ExitCode::Usage };
    if resources.is_empty() {
        eprintln!("error: {}: no trunks, hunt groups or conference rooms to size", shard.profile.name);
        return ExitCode::Usage;
    }
    watch_for_interrupt();
    match find(args, shard, &costs, &resources) {
        Ok((record, solution)) => conclude(args, shard, &record, solution.as_ref()),
        Err(Stopped) => ExitCode::Interrupted,
    }
}

/// The table of costs and what it makes of the network; `None`, after all problems were shown, if it does not validate.
fn priced(args: &SizeArgs, shard: &Shard) -> Option<(Costs, Vec<Resource>)> {
    let mut problems = Problems::new();
    let costs = match &args.costs {
        None => Costs::default(),
        Some(path) => match read_file(path) {
            Ok(bytes) => problems
                .add_bytes(path.display().to_string(), &bytes)
                .map(|source| read_costs(source, &mut problems))
                .unwrap_or_default(),
            Err(error) => {
                problems.push_unreadable(&path.display().to_string(), &error, None);
                Costs::default()
            }
        },
    };
    let resources = resources_of(&shard.profile.solution, &shard.plans, &costs);
    costs.check(&resources, &mut problems);
    eprint!("{}", problems.render(Style::for_stderr()));
    (problems.errors() == 0).then_some((costs, resources))
}

fn find(
    args: &SizeArgs,
    shard: &Shard,
    costs: &Costs,
    resources: &[Resource],
) -> Result<(SizeRecord, Option<Solution>), Stopped> {
    let started = std::time::Instant::now();
    let seeds = replication_seeds(shard.profile.load.seed, usize::from(args.replications));
    let visible = !args.quiet && !args.no_progress && io::stderr().is_terminal();
    let tell = |sizes: &[u64], outcome: &Outcome| {
        if visible {
            let said = if outcome.pass { "met".to_owned() } else { outcome.missed.join("; ") };
            eprintln!("{sizes:?}: {said}");
        }
    };
    let bench = Bench {
        profile: &shard.profile,
        plans: &shard.plans,
        seeds: &seeds,
        confidence: CONFIDENCE,
        jobs: usize::from(args.jobs),
        interrupted: &INTERRUPTED,
        tell: &|_: &Step| {},
    };
    let withstand = if args.each_failure { Withstand::EachFailure } else { Withstand::Nothing };
    let found = find_sizes(&bench, resources, withstand, &tell)?;
    let mut record = blank(shard, costs, resources, &seeds, &found);
    record.wall_s = started.elapsed().as_secs_f64();
    let solution = match found {
        Found::Sizes(sizes) => Some(sizes.solution),
        Found::Never(..) => None,
    };
    Ok((record, solution))
}

fn blank(shard: &Shard, costs: &Costs, resources: &[Resource], seeds: &[u64], found: &Found) -> SizeRecord {
    let profile = &shard.profile;
    let (needed, step, tried, ruled_out, failures) = match found {
        Found::Sizes(sizes) => {
            (sizes.needed.clone(), &sizes.step, sizes.tried, sizes.ruled_out, sizes.failures)
        }
        Found::Never(step, tried) => (Vec::new(), &**step, *tried, 0, None),
    };
    let claims = if needed.is_empty() { Vec::new() } else { claims_of(&profile.targets, step) };
    let mut record = SizeRecord {
        schema: SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: built_from_commit(),
        profile: ProfileRef::of(profile),
        started_at: Some(utc_now().to_string()),
        environment: Environment::current(),
        wall_s: 0.0,
        seeds: seeds.to_vec(),
        bhcc: profile.load.bhcc,
        currency: costs.currency.clone(),
        cost: (!needed.is_empty()).then(|| needed.iter().map(|needed| needed.cost).sum()),
        cost_before: resources.iter().map(|resource| resource.price * resource.was as f64).sum(),
        failures,
        resources: needed,
        tried,
        ruled_out,
        claims,
        step: step.clone(),
        verdict: Verdict::Void,
        why: String::new(),
    };
    (record.verdict, record.why) = verdict(&record);
    record
}

/// The answer in a word and in a line.
fn verdict(record: &SizeRecord) -> (Verdict, String) {
    let Some(cost) = record.cost else {
        let missed = record.step.missed.join("; ");
        return (Verdict::Fail, format!("even the largest sizes miss a target: {missed}"));
    };
    if let Some(claim) = record.claims.iter().find(|claim| !claim.supported) {
        let needs = claim.attempts_needed;
        return (Verdict::Void, format!("no claim: {} takes at least {needs} calls", claim.claim));
    }
    let unit = if record.currency.is_empty() { String::new() } else { format!(" {}", record.currency) };
    (
        Verdict::Pass,
        format!("{:.0} BHCC for {cost}{unit}; as it is: {}{unit}", record.bhcc, record.cost_before),
    )
}

fn conclude(args: &SizeArgs, shard: &Shard, record: &SizeRecord, solution: Option<&Solution>) -> ExitCode {
    let on_stdout = [&args.json, &args.out].into_iter().flatten().any(|path| path.as_os_str() == "-");
    if !args.quiet && !on_stdout {
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(text(record).as_bytes());
    }
    if let (Some(path), Some(solution)) = (&args.out, solution) {
        let Some(edited) = new_text(shard, solution, path) else { return ExitCode::Usage };
        if let Err(error) = write_whole(path, |out| out.write_all(edited.as_bytes())) {
            eprintln!("error: cannot write {}: {error}", path.display());
            return ExitCode::Usage;
        }
    }
    if let Some(path) = &args.json {
        let written = write_whole(path, |out| {
            serde_json::to_writer_pretty(&mut *out, record)?;
            out.write_all(b"\n")
        });
        if let Err(error) = written {
            eprintln!("error: cannot write {}: {error}", path.display());
            return ExitCode::Usage;
        }
    }
    record.verdict.into()
}

/// The text of the solution with these sizes; `None`, after the problem was shown, if a file does not say so any more.
fn new_text(shard: &Shard, solution: &Solution, out: &Path) -> Option<String> {
    let mut problems = Problems::new();
    let text_of = |path: &Path| String::from_utf8(read_file(path).ok()?).ok();
    let profile = &shard.profile;
    let path = solution_of(&profile.file.path, &text_of(&profile.file.path)?)?;
    let text = edited(&text_of(&path)?, &profile.solution, solution);
    let source = problems.add_source(out.display().to_string(), &text);
    let mut said = check_source(source, &path, &read_file, &mut problems);
    said.network.begins_at = solution.network.begins_at;
    if said == *solution && problems.errors() == 0 {
        return Some(text);
    }
    let message = format!("{}: cannot be written with these sizes", path.display());
    problems.push(Problem::error(message));
    eprint!("{}", problems.render(Style::for_stderr()));
    None
}
