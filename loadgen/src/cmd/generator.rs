//! `busyhour generator`: places parts of loads over SIP that others put together, until it is stopped.

use super::run::{CEILING, INTERRUPTED, watch_for_interrupt};
use super::worker::usual_name;
use crate::campaign::build;
use crate::cli::GeneratorArgs;
use crate::driver::{self, Begin, Hooks};
use crate::exit_code::ExitCode;
use crate::generators::Order;
use crate::report::{Clock, RunRecord};
use cluster::{Brought, Cue, Told, attend};
use std::io;

/// Generates as the arguments say.
#[must_use]
pub fn run(args: &GeneratorArgs) -> ExitCode {
    watch_for_interrupt();
    let name = args.name.clone().unwrap_or_else(usual_name);
    let server = args.server.shown();
    let tell = |told: Told| match told {
        _ if args.quiet => {}
        Told::Ready => eprintln!("{name}: ready for loads of {server}"),
        Told::Opened(part) => eprintln!("{name}: {part}"),
        Told::Trouble(trouble) => eprintln!("{name}: {trouble}"),
    };
    let part = |bytes: &[u8], cue: &Cue| part(args, bytes, cue);
    match attend(&args.server, &args.access.access(), (&name, &build()), &part, &INTERRUPTED, &tell) {
        Ok(done) => {
            if !args.quiet {
                eprintln!("{name}: stopped after {done} loads");
            }
            ExitCode::Pass
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

/// Places one part; its record.
fn part(args: &GeneratorArgs, bytes: &[u8], cue: &Cue) -> Brought {
    let order: Order =
        serde_json::from_slice(bytes).map_err(|error| format!("no part of a load: {error}"))?;
    let (profile, plans) = order.open()?;
    let options = order.options([args.trunk_at, args.phones_at], &args.tls())?;
    let said = |error: io::Error| error.to_string();
    let ceiling = driver::ceiling(CEILING, options.target.transport, options.media).map_err(said)?;
    let mut is_ready = false;
    let mut begin = || {
        if !std::mem::replace(&mut is_ready, true) {
            cue.ready();
        }
        cue.begins().map_err(io::Error::other)
    };
    let mut hooks =
        Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: cue.stop() };
    let begin: Begin<'_> = &mut begin;
    let result =
        driver::run_sip(&profile, &plans, &options, Some(ceiling), begin, &mut hooks).map_err(said)?;
    serde_json::to_vec(&RunRecord::of_run(&profile, Clock::Sip, &result)).map_err(|error| error.to_string())
}
