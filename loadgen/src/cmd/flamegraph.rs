//! `busyhour flamegraph`: samples the replay of a profile and draws where the time went.

use super::files::can_be_written;
use crate::cli::FlamegraphArgs;
use crate::driver::{self, Hooks};
use crate::exit_code::ExitCode;
use crate::profile::{self, Profile};
use crate::report;
use crate::sampling::{Stacks, check_folded, sample};
use crate::solution;
use crate::text::{Problem, Problems, Style};
use engine::plan::Plan;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Share of nameless functions above which it is said what to do about them.
const MOST_NAMELESS: f64 = 0.2;

/// Samples the profile and writes the drawings.
#[must_use]
pub fn run(args: &FlamegraphArgs) -> ExitCode {
    let Some((profile, plans)) = load(args) else { return ExitCode::Usage };
    if !can_be_written([&args.out]) {
        return ExitCode::Usage;
    }
    match try_run(args, &profile, &plans) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

fn load(args: &FlamegraphArgs) -> Option<(Profile, Vec<Arc<Plan>>)> {
    let mut problems = Problems::new();
    let loaded = profile::load(&args.profile, &mut problems).and_then(|mut profile| {
        profile.load.bhcc = args.bhcc.unwrap_or(profile.load.bhcc);
        match solution::compile(&profile.solution) {
            Ok(plans) => Some((profile, plans)),
            Err(faults) => {
                faults.into_iter().for_each(|fault| problems.push(Problem::error(fault.to_string())));
                None
            }
        }
    });
    eprint!("{}", problems.render(Style::for_stderr()));
    loaded.filter(|_| problems.errors() == 0)
}

fn try_run(args: &FlamegraphArgs, profile: &Profile, plans: &[Arc<Plan>]) -> io::Result<ExitCode> {
    let named = |path: &Path, error: io::Error| io::Error::other(format!("{}: {error}", path.display()));
    let baseline = args.baseline.as_deref();
    let read = |path| -> io::Result<String> {
        let text = std::fs::read_to_string(path)?;
        check_folded(&text).map(|()| text)
    };
    let baseline = baseline.map(|path| read(path).map_err(|e| named(path, e))).transpose()?;
    let mut runs = 0;
    let stacks = sample(args.frequency, || runs = replay(args, profile, plans))?;
    if stacks.samples() == 0 {
        eprintln!("error: no sample was taken in {} s; take longer (--seconds)", args.seconds);
        return Ok(ExitCode::Void);
    }
    let title = format!("{}: {runs} runs, {} samples", profile.name, stacks.samples());
    let write = |path: PathBuf, bytes: &[u8]| {
        report::write_whole(&path, |out| out.write_all(bytes)).map_err(|e| named(&path, e))?;
        eprintln!("{}", path.display());
        Ok::<(), io::Error>(())
    };
    write(args.out.clone(), &stacks.flame_graph(&title)?)?;
    write(args.out.with_extension("folded"), stacks.folded().as_bytes())?;
    if let Some(baseline) = baseline {
        let path = args.baseline.as_deref().unwrap_or(Path::new(""));
        let drawing = stacks.difference(&baseline, &title).map_err(|e| named(path, e))?;
        write(args.out.with_extension("diff.svg"), &drawing)?;
    }
    warn_of(&stacks);
    Ok(ExitCode::Pass)
}

/// Replays the profile again and again until the time is over; how many times it was begun.
fn replay(args: &FlamegraphArgs, profile: &Profile, plans: &[Arc<Plan>]) -> u64 {
    let began = Instant::now();
    let over = AtomicBool::new(false);
    let mut runs = 0;
    while !over.load(Ordering::Relaxed) {
        runs += 1;
        let look = || {
            if began.elapsed().as_secs_f64() >= args.seconds {
                over.store(true, Ordering::Relaxed);
            }
        };
        look();
        let mut hooks =
            Hooks { smdr: &mut (), progress: &mut |_, _| look(), every_second: None, interrupted: &over };
        // Only the time it takes is of interest.
        let _ = driver::run_virtual(profile, plans, &mut hooks);
    }
    runs
}

fn warn_of(stacks: &Stacks) {
    let nameless = stacks.nameless();
    if nameless > MOST_NAMELESS {
        eprintln!(
            "warning: {:.0} % of the functions have no name: this binary was stripped of its symbols. Build it \
             with `cargo build --profile profiling` (docs/profiling.md)",
            nameless * 100.0
        );
    }
}
