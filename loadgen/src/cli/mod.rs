//! The command line: a contract that scripts rely on.

mod generators;
mod many;
mod outcomes;
mod values;

pub use generators::GeneratorArgs;
pub use many::{AccessArgs, CampaignArgs, SearchArgs, SizeArgs, WorkerArgs};
pub use outcomes::{CompareArgs, FlamegraphArgs, HistoryArgs, ReportArgs, ReportForm};

use crate::driver::{MediaMode, SipOptions, SipTarget, TlsFiles, parse_target};
use crate::profile::parse_threshold;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use values::{parse_bhcc, parse_duration, parse_expires, parse_phones, parse_rate, parse_time};

/// Replays the busy hour of a business telephone network, breaks what is asked, and signs the result off.
#[derive(Debug, Parser)]
#[command(name = "busyhour", version, after_help = EXIT_CODES, infer_subcommands = false)]
pub struct Cli {
    /// What to do; `run` on profiles/ if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    every target met
  1    a target missed, or a check failed
  2    usage, or a file that does not validate
  3    a regression
  4    void: the generator or the clock was the limit
  130  interrupted, with a partial result";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay profiles and hold the results against their targets.
    Run(Box<RunArgs>),
    /// Find the highest load that meets every target, and why the next one fails.
    Search(Box<SearchArgs>),
    /// Find the cheapest channels of trunk groups, members of hunt groups and conference slots that meet every target.
    Size(Box<SizeArgs>),
    /// Run a grid of profiles, seeds, loads and parameter values as shards, side by side; one that is stopped goes on later.
    Campaign(Box<CampaignArgs>),
    /// Run shards of campaigns that others put on a server, until it is stopped.
    Worker(Box<WorkerArgs>),
    /// Place parts of loads over SIP that others put together (run --generators), until it is stopped.
    Generator(Box<GeneratorArgs>),
    /// Hold runs against accepted ones (outcomes, exactly), or one build against another (time or instructions).
    Compare(Box<CompareArgs>),
    /// List, filter and plot the past runs of a folder that --out wrote.
    History(Box<HistoryArgs>),
    /// Route one call and explain every step: which table and code matched, which others lost and why, the forms, the
    /// lines tried, waits, alternates and the end. Exit code 0 if it reaches a phone or a trunk, 1 if not.
    Route(Box<RouteArgs>),
    /// Be one system of a solution for real SIP phones and trunks, until SIGTERM or Ctrl-C: no new calls then, and the
    /// end when those in progress are over.
    Serve(Box<ServeArgs>),
    /// Write run records as a page for people, or in a form that other programs read.
    Report(ReportArgs),
    /// Sample the replay of a profile and draw where the time went: FILE, its folded stacks beside it (.folded), and with
    /// a baseline the difference (.diff.svg).
    Flamegraph(FlamegraphArgs),
    /// Validate solutions and profiles: every error at once, with the source line.
    Check {
        /// Files; a directory means the .toml files directly in it.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Longest pause before a digit dialled by hand: a day.
const MAX_DIGIT_PAUSE_MS: u64 = 86_400_000;

/// What to run, and how.
#[derive(Args, Debug, Default)]
pub struct RunArgs {
    /// Profiles; a directory means the profiles directly in it [default: profiles].
    pub profiles: Vec<PathBuf>,
    /// Seed of every random stream, in place of the profile's.
    #[arg(long, value_name = "N", env = "BUSYHOUR_SEED")]
    pub seed: Option<u64>,
    /// Clock that drives the run.
    #[arg(long, value_enum, default_value_t, env = "BUSYHOUR_CLOCK")]
    pub clock: ClockArg,
    /// A real system instead of the engine.
    #[command(flatten)]
    pub sip: SipArgs,
    /// Have the calls on the target placed by so many generators of --cluster together (docs/howto-sip-load.md).
    #[arg(long, value_name = "N", requires = "target", value_parser = clap::value_parser!(u16).range(1..=1000),
        conflicts_with_all = ["smdr", "hdr", "timeseries", "timeline", "out", "each_failure", "trunk_at", "phones_at"])]
    pub generators: Option<u16>,
    /// The server over which generators are reached (NATS); tls:// if it must speak TLS.
    #[arg(long = "cluster", value_name = "nats://HOST:PORT", requires = "generators")]
    pub server: Option<cluster::Server>,
    /// What the server asks for.
    #[command(flatten)]
    pub access: AccessArgs,
    /// Calls an hour, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc, allow_negative_numbers = true, env = "BUSYHOUR_BHCC")]
    pub bhcc: Option<f64>,
    /// Length of the measured part, such as 90s or 1000h, in place of the profile's.
    #[arg(long, value_name = "D", value_parser = parse_duration, env = "BUSYHOUR_DURATION")]
    pub duration: Option<engine::time::Duration>,
    /// Runs of each profile, each with a seed of its own: the profile's, then others from one stream. The output gains the
    /// means over them with 95 % intervals.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1000), env = "BUSYHOUR_REPLICATIONS")]
    pub replications: u16,
    /// Profiles run side by side. Results are the same whatever it says; speeds are only comparable with 1.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1024), env = "BUSYHOUR_JOBS")]
    pub jobs: u16,
    /// Threads of each run. In virtual time they share the systems [default: 1], with the same results whatever it says: worth it for
    /// networks far busier than any edition (docs/performance.md); a run with events, lost packets or few calls stays on one. On the wall clock
    /// each system has a thread of its own by default; 1 lets systems and callers take turns on one thread, in the order of virtual
    /// time and with its results.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), conflicts_with = "each_failure",
        env = "BUSYHOUR_THREADS")]
    pub threads: Option<u16>,
    /// Run one profile once for each single component failing: every system, line, data link, trunk and service, and say
    /// what each costs. Exit code 1 if one of the runs misses a target. Takes --json, --out, --jobs and --threshold.
    #[arg(long, group = "failing", conflicts_with_all = ["target", "hdr", "smdr", "timeseries", "timeline", "junit"])]
    pub each_failure: bool,
    /// A component that fails in mid-run, by its name in the table of --each-failure, such as system:primary; several fail
    /// at once.
    #[arg(long = "failure", value_name = "COMPONENT", group = "failing")]
    pub failures: Vec<String>,
    /// When the failure begins, from the start of the measured part, in place of the profile's [default: after a third].
    #[arg(long, value_name = "D", value_parser = parse_time, requires = "failing")]
    pub failure_at: Option<engine::time::Duration>,
    /// How long it lasts, in place of the profile's [default: a quarter of the measured part].
    #[arg(long, value_name = "D", value_parser = parse_time, requires = "failing")]
    pub failure_for: Option<engine::time::Duration>,
    /// Write the run record: one object, or an array where several profiles ran. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write everything about each run into a folder of its own below DIR.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write one JUnit test case a target and check.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write latency distributions as HdrHistogram percentile text.
    #[arg(long, value_name = "FILE")]
    pub hdr: Option<PathBuf>,
    /// Write a call record a line (SMDR).
    #[arg(long, value_name = "FILE")]
    pub smdr: Option<PathBuf>,
    /// Write one JSON object a second of the run's clock.
    #[arg(long, value_name = "FILE")]
    pub timeseries: Option<PathBuf>,
    /// Write what happened to the network, one JSON object a line: faults, line status, alarms, phones that move, calls preserved
    /// and dropped. A name that ends in .txt: a list for people.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// A target besides the profile's, such as 'blocked_pct <= 0.1' or 'setup_delay_us:p(99)<200000, abortOnFail,
    /// delayAbortEval=1m'; may be given several times.
    #[arg(long = "threshold", value_name = "EXPR", value_parser = parse_threshold)]
    pub thresholds: Vec<crate::profile::Threshold>,
    /// No progress: neither the view on a terminal nor the line every ten seconds elsewhere.
    #[arg(long)]
    pub no_progress: bool,
    /// No table and no progress; errors still show.
    #[arg(long, short)]
    pub quiet: bool,
}

/// A real system to place the calls on.
#[derive(Args, Clone, Debug, Default)]
pub struct SipArgs {
    /// Place the calls on a real system, on the wall clock: its phones and trunks are played, itself is not. Over UDP, or over TCP
    /// or TLS: sip:HOST:PORT;transport=tcp, sips:HOST:PORT.
    #[arg(long, value_name = "sip:HOST:PORT", value_parser = parse_target, conflicts_with_all = ["clock", "jobs", "threads"], env = "BUSYHOUR_TARGET")]
    pub target: Option<SipTarget>,
    /// For TLS: the authorities that may have signed the target's certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "target")]
    pub tls_ca: Option<PathBuf>,
    /// For TLS: own certificate (PEM), to listen for connections that the target opens. Without it the target calls on those that
    /// were opened to it.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// For TLS: the key of the own certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Where the far ends of trunks are [default: any free port on the address that faces the target].
    #[arg(long, value_name = "IP:PORT", requires = "target")]
    pub trunk_at: Option<SocketAddr>,
    /// Where the phones are [default: as for the trunks].
    #[arg(long, value_name = "IP:PORT", requires = "target")]
    pub phones_at: Option<SocketAddr>,
    /// Password of every phone, with its extension as name: all phones of the solution register before the load, and keep
    /// registered. Without it none does.
    #[arg(
        long,
        value_name = "TEXT",
        requires = "target",
        env = "BUSYHOUR_PHONE_PASSWORD",
        hide_env_values = true
    )]
    pub phone_password: Option<String>,
    /// Calls have audio: every party here sends G.711 from the answer on, and judges what it hears. Costs the generator two
    /// ports and some 0.2 % of a core for each party that talks.
    #[arg(long, requires = "target")]
    pub rtp: bool,
    /// More phones, which are in no solution and only register and keep registered: the load of a registrar.
    #[arg(long, value_name = "FIRST-LAST", value_parser = parse_phones, requires = "target")]
    pub register_phones: Option<PhoneRange>,
    /// REGISTERs a second before the load, so that renewals come at this rate too [default: 100 at a time, as fast as they are
    /// answered].
    #[arg(long, value_name = "N", value_parser = parse_rate, allow_negative_numbers = true, requires = "target")]
    pub register_rate: Option<f64>,
    /// For how long phones ask to be registered, such as 60s; they register again before [default: 1h].
    #[arg(long, value_name = "D", value_parser = parse_expires, requires = "target")]
    pub register_expires: Option<engine::time::Duration>,
}

/// Extensions from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneRange {
    first: u64,
    count: u64,
    width: usize,
}

impl PhoneRange {
    /// All of them.
    #[must_use]
    pub fn extensions(self) -> Vec<String> {
        (self.first..self.first + self.count).map(|n| format!("{n:0width$}", width = self.width)).collect()
    }
}

impl SipArgs {
    /// The same as the driver takes them; `None`: no target.
    #[must_use]
    pub fn options(&self) -> Option<SipOptions> {
        Some(SipOptions {
            target: self.target.clone()?,
            tls: TlsFiles::of(self.tls_ca.as_deref(), self.tls_cert.as_deref(), self.tls_key.as_deref()),
            more_phones: self.register_phones.map_or_else(Vec::new, |phones| phones.extensions()),
            register_rate: self.register_rate,
            trunk_at: self.trunk_at,
            phones_at: self.phones_at,
            password: self.phone_password.as_deref().map(Into::into),
            media: if self.rtp { MediaMode::Rtp } else { MediaMode::None },
            expires: self.register_expires.unwrap_or(engine::time::Duration::from_secs(3_600)),
        })
    }
}

/// Which call to route, and in what state of the network.
#[derive(Args, Debug)]
pub struct RouteArgs {
    /// The solution.
    pub solution: PathBuf,
    /// Number that is dialled, or called on the trunk.
    #[arg(long, value_name = "NUMBER")]
    pub dial: String,
    /// Extension of the user who dials.
    #[arg(
        long,
        value_name = "EXTENSION",
        conflicts_with = "from_line",
        required_unless_present = "from_line"
    )]
    pub from: Option<String>,
    /// Trunk that the call comes in on, the line by its number.
    #[arg(long, value_name = "SYSTEM:LINE")]
    pub from_line: Option<String>,
    /// Caller's number of a call from a trunk.
    #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true)]
    pub cli: String,
    /// The caller withholds the number.
    #[arg(long)]
    pub withheld: bool,
    /// Time of the week, such as 'mon 09:00' [default: mon 09:00].
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// A line out of service, or a system with all lines of it and to it; may be given several times.
    #[arg(long, value_name = "SYSTEM[:LINE]")]
    pub down: Vec<String>,
    /// An outgoing group without a free channel; may be given several times.
    #[arg(long, value_name = "SYSTEM:GROUP")]
    pub full: Vec<String>,
    /// Dial digit by digit, as a person does.
    #[arg(long, requires = "from")]
    pub by_hand: bool,
    /// Pause before each digit that is dialled by hand, in milliseconds: one for all, or a list such as 300,300,4500 of
    /// which the last one holds for all further digits.
    #[arg(
        long,
        value_name = "N",
        default_value = "300",
        requires = "by_hand",
        value_delimiter = ',',
        value_parser = clap::value_parser!(u64).range(..=MAX_DIGIT_PAUSE_MS)
    )]
    pub digit_pause_ms: Vec<u64>,
    /// Account code that the caller enters if one is asked for.
    #[arg(long, value_name = "CODE", requires = "from")]
    pub account_code: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Show the warnings about the solution, not just how many there are.
    #[arg(long, short)]
    pub verbose: bool,
}

/// Which system to be.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The solution.
    pub solution: PathBuf,
    /// The system, by its name.
    #[arg(long, value_name = "NAME", env = "BUSYHOUR_SYSTEM")]
    pub system: String,
    /// Append a call record a line (SMDR); SIGHUP opens the file again, and reads the solution again.
    #[arg(long, value_name = "FILE")]
    pub smdr: Option<PathBuf>,
    /// How long calls in progress may go on after SIGTERM.
    #[arg(long, value_name = "D", value_parser = parse_duration, default_value = "60s", env = "BUSYHOUR_DRAIN")]
    pub drain: engine::time::Duration,
    /// How long a minute of failover and failback lasts: for drills, which would take a quarter of an hour otherwise. All systems of
    /// a network want the same.
    #[arg(long, value_name = "D", value_parser = parse_duration, default_value = "60s")]
    pub drill_minute: engine::time::Duration,
    /// No line when it begins and ends; errors still show.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Clocks that can drive a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ClockArg {
    /// Simulated: as fast as one core allows, equal digests for equal seeds.
    #[default]
    Virtual,
    /// The wall clock: measures the engine on this machine, one thread a system, or all on one (--threads 1).
    Real,
}
