//! `busyhour run --each-failure`: the busy hour once for each single component failing (N-1).

use super::files::{keep_record, write_record};
use super::run::{INTERRUPTED, Shard, watch_for_interrupt};
use crate::cli::{ClockArg, RunArgs};
use crate::driver::{self, Hooks};
use crate::each_failure::{
    Component, FailureCost, FailureRecord, SCHEMA, components, cost, digest_of, text, verdict_of,
    with_failures,
};
use crate::exit_code::ExitCode;
use crate::profile::Profile;
use crate::report::{Clock, ProfileRef, RunRecord, utc_now};
use crate::search::run_all;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Lets each component of the one profile fail by itself.
#[must_use]
pub(super) fn run(args: &RunArgs, shards: &[Shard]) -> ExitCode {
    let [shard] = shards else {
        eprintln!("error: --each-failure takes one profile, without --replications");
        return ExitCode::Usage;
    };
    if args.clock != ClockArg::Virtual {
        eprintln!("error: --each-failure runs on the virtual clock only");
        return ExitCode::Usage;
    }
    watch_for_interrupt();
    conclude(args, &fail_each(args, shard))
}

fn fail_each(args: &RunArgs, shard: &Shard) -> FailureRecord {
    let started = std::time::Instant::now();
    let started_at = Some(utc_now().to_string());
    let profile = &shard.profile;
    let (at, lasts) = profile.each_failure.within(profile.load.duration);
    let all = components(&profile.solution);
    let baseline = replay(shard, profile);
    let done = AtomicUsize::new(0);
    let visible = !args.quiet && !args.no_progress && io::stderr().is_terminal();
    let tell = |cost: &FailureCost| {
        let n = done.fetch_add(1, Ordering::Relaxed) + 1;
        if visible {
            let said = if cost.missed.is_empty() { "met".to_owned() } else { cost.missed.join("; ") };
            eprintln!("{n} of {}: {}: {said}", all.len(), cost.component);
        }
    };
    let failures = run_all(all.len(), usize::from(args.jobs), |n| {
        let component: &Component = &all[n];
        let run = replay(shard, &with_failures(profile, &[component], at, lasts));
        let cost = cost(component, at.as_secs_f64(), &baseline, &run);
        tell(&cost);
        cost
    });
    let (verdict, why) = verdict_of(&baseline, &failures);
    let digests = std::iter::once(&baseline.digest).chain(failures.iter().map(|failure| &failure.digest));
    FailureRecord {
        schema: SCHEMA.to_owned(),
        profile: ProfileRef::of(profile),
        started_at,
        wall_s: started.elapsed().as_secs_f64(),
        fails_at_s: at.as_secs_f64(),
        lasts_s: lasts.as_secs_f64(),
        digest: digest_of(digests.map(Option::as_deref)),
        baseline,
        failures,
        verdict,
        why,
    }
}

/// One run; targets that end one early do not here, so that all runs are as long.
fn replay(shard: &Shard, profile: &Profile) -> RunRecord {
    let mut hooks =
        Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: &INTERRUPTED };
    let result = driver::run_virtual(profile, &shard.plans, &mut hooks);
    RunRecord::of_run(profile, Clock::Virtual, &result)
}

fn conclude(args: &RunArgs, record: &FailureRecord) -> ExitCode {
    let on_stdout = args.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    if !args.quiet && !on_stdout {
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(text(record).as_bytes());
    }
    if let Some(path) = &args.json
        && let Err(error) = write_record(path, record)
    {
        eprintln!("error: cannot write {}: {error}", path.display());
        return ExitCode::Usage;
    }
    if let Some(out) = &args.out {
        let name = format!("{}-each-failure", record.profile.name);
        if let Err(error) = keep_record(out, &name, record) {
            eprintln!("error: cannot write to {}: {error}", out.display());
            return ExitCode::Usage;
        }
    }
    record.verdict.into()
}
