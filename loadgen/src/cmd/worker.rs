//! `busyhour worker`: runs the shards of campaigns that others put on a server, until it is stopped.

use super::run::{INTERRUPTED, watch_for_interrupt};
use crate::campaign::{build, open_bundle};
use crate::cli::WorkerArgs;
use crate::exit_code::ExitCode;
use cluster::{Told, WorkerOptions, serve};

/// Works as the arguments say.
#[must_use]
pub fn run(args: &WorkerArgs) -> ExitCode {
    watch_for_interrupt();
    let name = args.name.clone().unwrap_or_else(usual_name);
    let slots = args.jobs.map_or_else(super::campaign::cores, usize::from);
    let options = WorkerOptions { name: name.clone(), slots, build: build() };
    let server = args.server.shown();
    let tell = |told: Told| match told {
        _ if args.quiet => {}
        Told::Ready => eprintln!("{name}: ready for shards of {server}, {slots} at a time"),
        Told::Opened(job) => eprintln!("{name}: campaign {job}"),
        Told::Trouble(trouble) => eprintln!("{name}: {trouble}"),
    };
    let open = |bundle: &[u8]| open_bundle(bundle, &options.name, &INTERRUPTED);
    match serve(&args.server, &args.access.access(), &options, &open, &INTERRUPTED, &tell) {
        Ok(done) => {
            if !args.quiet {
                eprintln!("{name}: stopped after {done} shards");
            }
            ExitCode::Pass
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::Usage
        }
    }
}

/// The host and the process: no other worker has both.
pub(super) fn usual_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() { "worker" } else { host };
    format!("{host}-{}", std::process::id())
}
