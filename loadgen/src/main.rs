//! The `busyhour` command: parse, run, exit code.

use clap::Parser as _;
use loadgen::cli::{Cli, Command, RunArgs};
use loadgen::cmd;

/// Frees from other threads, as the real driver makes them, cost a fraction of the system allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let code = match cli.command {
        None => cmd::run::run(&RunArgs { jobs: 1, ..RunArgs::default() }),
        Some(Command::Run(args)) => cmd::run::run(&args),
        Some(Command::Search(args)) => cmd::search::run(&args),
        Some(Command::Size(args)) => cmd::size::run(&args),
        Some(Command::Campaign(args)) => cmd::campaign::run(&args),
        Some(Command::Worker(args)) => cmd::worker::run(&args),
        Some(Command::Generator(args)) => cmd::generator::run(&args),
        Some(Command::Compare(args)) => cmd::compare::run(&args),
        Some(Command::History(args)) => cmd::history::run(&args),
        Some(Command::Route(args)) => cmd::route::run(&args),
        Some(Command::Serve(args)) => cmd::serve::run(&args),
        Some(Command::Report(args)) => cmd::report::run(&args),
        Some(Command::Flamegraph(args)) => cmd::flamegraph::run(&args),
        Some(Command::Check { files }) => return std::process::ExitCode::from(cmd::check::run(&files)),
    };
    code.into()
}
