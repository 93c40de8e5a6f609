//! `busyhour run --generators`: the load over SIP of one profile, placed by generators on other machines.

use super::run::{INTERRUPTED, Shard, watch_for_interrupt};
use crate::campaign::build;
use crate::cli::RunArgs;
use crate::exit_code::ExitCode;
use crate::generators::{Order, Placed, place};
use crate::report::{self, Colour, RunRecord};
use cluster::Generators;
use std::io::{self, Write as _};

/// Places the load as the arguments say.
#[must_use]
pub(super) fn run(args: &RunArgs, shards: &[Shard], parts: u16) -> ExitCode {
    let [shard] = shards else {
        eprintln!("error: --generators takes one profile, without --replications");
        return ExitCode::Usage;
    };
    watch_for_interrupt();
    match placed(args, shard, parts) {
        Ok(Placed::Record(record)) => conclude(args, &record),
        Ok(Placed::Never) => ExitCode::Interrupted,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

fn placed(args: &RunArgs, shard: &Shard, parts: u16) -> Result<Placed, String> {
    let server =
        args.server.as_ref().ok_or("generators are reached over a server; add --cluster nats://HOST:PORT")?;
    let orders = Order::all(args, &shard.profile, &shard.plans, u64::from(parts))?;
    let tell = |text: &str| {
        if !args.quiet {
            eprintln!("{}: {text}", server.shown());
        }
    };
    let access = args.access.access();
    let team = Generators::gather(server, &access, &build(), usize::from(parts), &INTERRUPTED, &tell)?;
    let Some(mut team) = team else { return Ok(Placed::Never) };
    place(&mut team, &shard.profile, &orders, &INTERRUPTED, &tell)
}

fn conclude(args: &RunArgs, record: &RunRecord) -> ExitCode {
    let records = std::slice::from_ref(record);
    let mut written = Vec::new();
    if let Some(path) = &args.json {
        written.push((path, report::write_json(path, records)));
    }
    if let Some(path) = &args.junit {
        written.push((path, report::write_junit(path, records)));
    }
    if !args.quiet && !written.iter().any(|(path, _)| path.as_os_str() == "-") {
        let mut text = report::table(records, Colour::for_stdout());
        for part in record.generators.iter().filter(|part| part.why.is_some()) {
            let why = part.why.as_deref().unwrap_or_default();
            text.push_str(&format!("generator {}: {why}\n", part.name));
        }
        if !args.thresholds.is_empty() {
            text.push_str(&report::targets(records));
        }
        // A reader that has gone away does not change the verdict.
        let _ = io::stdout().write_all(text.as_bytes());
    }
    let mut code: ExitCode = record.verdict.into();
    for (path, outcome) in written {
        if let Err(error) = outcome {
            eprintln!("error: cannot write {}: {error}", path.display());
            code = ExitCode::worst([code, ExitCode::Usage]);
        }
    }
    code
}
