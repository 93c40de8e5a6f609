//! The command line: a contract that scripts rely on (docs/command-line.md).

use crate::driver::{MediaMode, SipOptions, SipTarget, TlsFiles, parse_target};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// Find the cheapest channels of trunk groups and members of hunt groups that meet every target.
    Size(Box<SizeArgs>),
    /// Run a grid of profiles, seeds, loads and parameter values as shards, side by side; one that is stopped goes on later.
    Campaign(Box<CampaignArgs>),
    /// Run shards of campaigns that others put on a server, until it is stopped.
    Worker(Box<WorkerArgs>),
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
    /// Calls an hour, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc, env = "BUSYHOUR_BHCC")]
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
    #[arg(long, value_name = "sip:HOST:PORT", value_parser = parse_target, conflicts_with_all = ["clock", "jobs"], env = "BUSYHOUR_TARGET")]
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
    #[arg(long, value_name = "N", value_parser = parse_rate, requires = "target")]
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
        let own = self.tls_cert.clone().zip(self.tls_key.clone());
        Some(SipOptions {
            target: self.target.clone()?,
            tls: TlsFiles {
                authorities: self.tls_ca.clone(),
                own: own.map(|(certificate, key)| [certificate, key]),
            },
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

/// What to search, and how.
#[derive(Args, Debug)]
pub struct SearchArgs {
    /// The profile; its load is where the search begins and what `rated` means.
    pub profile: PathBuf,
    /// How to search.
    #[arg(long, value_enum, default_value = "bisect")]
    pub method: crate::search::Method,
    /// Seed of the first replication and of the stream that the others' come from, in place of the profile's.
    #[arg(long, value_name = "N", env = "BUSYHOUR_SEED")]
    pub seed: Option<u64>,
    /// Calls an hour to begin with, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc, env = "BUSYHOUR_BHCC")]
    pub bhcc: Option<f64>,
    /// Length of the measured part of every run, in place of the profile's (headroom: of a step, 5s).
    #[arg(long, value_name = "D", value_parser = parse_duration, env = "BUSYHOUR_DURATION")]
    pub duration: Option<engine::time::Duration>,
    /// Runs of every load, each with a seed of its own [default: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub replications: Option<u16>,
    /// Confidence of the interval.
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = parse_confidence)]
    pub confidence: f64,
    /// Runs side by side. Results are the same whatever it says.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1024), env = "BUSYHOUR_JOBS")]
    pub jobs: u16,
    /// Calls of each run of the method rfc7502.
    #[arg(long, value_name = "N", default_value = "50000", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub attempts: u64,
    /// Limit of the 99.9th percentile of the route decision, for the method headroom.
    #[arg(long, value_name = "US", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit_us: u32,
    /// Loads to say the number of trunks for, where trunks are the limit [default: the rated one, x1.25 and x1.5].
    #[arg(long, value_name = "BHCC,...", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub trunks_for: Vec<u64>,
    /// Put the search record into a folder of its own in this one, and into its history.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the search record with its step log. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// A target besides the profile's; may be given several times.
    #[arg(long = "threshold", value_name = "EXPR", value_parser = parse_threshold)]
    pub thresholds: Vec<crate::profile::Threshold>,
    /// No line a step on standard error.
    #[arg(long)]
    pub no_progress: bool,
    /// Only errors.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What to size, and how.
#[derive(Args, Debug)]
pub struct SizeArgs {
    /// The profile; its targets say what the sizes must meet.
    pub profile: PathBuf,
    /// Write the solution with these sizes, otherwise as its author wrote it. `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Table of costs; without it every channel, every agent and every conference slot costs 1.
    #[arg(long, value_name = "FILE")]
    pub costs: Option<PathBuf>,
    /// Meet every target as well while each single system, line, link, trunk and voicemail server fails (run --each-failure).
    #[arg(long)]
    pub each_failure: bool,
    /// Seed of the first replication and of the stream that the others' come from, in place of the profile's.
    #[arg(long, value_name = "N", env = "BUSYHOUR_SEED")]
    pub seed: Option<u64>,
    /// Calls an hour, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc, env = "BUSYHOUR_BHCC")]
    pub bhcc: Option<f64>,
    /// Length of the measured part of every run, in place of the profile's.
    #[arg(long, value_name = "D", value_parser = parse_duration, env = "BUSYHOUR_DURATION")]
    pub duration: Option<engine::time::Duration>,
    /// Runs of every size, each with a seed of its own.
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub replications: u16,
    /// Runs side by side. Results are the same whatever it says.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1024), env = "BUSYHOUR_JOBS")]
    pub jobs: u16,
    /// Write the record of the sizing. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// A target besides the profile's; may be given several times.
    #[arg(long = "threshold", value_name = "EXPR", value_parser = parse_threshold)]
    pub thresholds: Vec<crate::profile::Threshold>,
    /// No line a size on standard error.
    #[arg(long)]
    pub no_progress: bool,
    /// Only errors.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which campaign to run, and how.
#[derive(Args, Debug)]
pub struct CampaignArgs {
    /// The campaign file (docs/howto-campaign.md).
    pub file: PathBuf,
    /// Threads that run shards [default: as many as there are cores]. Results are the same whatever it says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), env = "BUSYHOUR_JOBS")]
    pub jobs: Option<u16>,
    /// Keep every shard in the history of this folder as it comes, so that the campaign goes on there after it was stopped; at
    /// the end a folder with its record and a row a shard as Parquet.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the record of the campaign, or with --shard that of the run. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Run the one shard with this key alone, and show it as a run.
    #[arg(long, value_name = "KEY", conflicts_with_all = ["out", "jobs"])]
    pub shard: Option<String>,
    /// Print the key of every shard, and run none.
    #[arg(long, conflicts_with_all = ["out", "json", "shard"])]
    pub list: bool,
    /// Have the shards run by the workers of this server (NATS with JetStream, docs/cluster.md) instead of on threads here.
    #[arg(long = "cluster", value_name = "nats://HOST:PORT", conflicts_with_all = ["jobs", "shard", "list"], env = "BUSYHOUR_CLUSTER")]
    pub server: Option<cluster::Server>,
    /// What the server asks for.
    #[command(flatten)]
    pub access: AccessArgs,
    /// How often a shard may be taken by a worker that is never heard of again, before it is given up.
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub tries: u32,
    /// No view of how far it is.
    #[arg(long)]
    pub no_progress: bool,
    /// Only errors.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Whose shards to run, and how many at a time.
#[derive(Args, Debug)]
pub struct WorkerArgs {
    /// The server that campaigns put their shards on; tls:// if it must speak TLS.
    #[arg(long = "cluster", value_name = "nats://HOST:PORT", env = "BUSYHOUR_CLUSTER")]
    pub server: cluster::Server,
    /// What the server asks for.
    #[command(flatten)]
    pub access: AccessArgs,
    /// Shards run at a time [default: as many as there are cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), env = "BUSYHOUR_JOBS")]
    pub jobs: Option<u16>,
    /// Its name, which no other worker should have [default: host and process].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Only errors.
    #[arg(long, short)]
    pub quiet: bool,
}

/// What the server of a cluster asks for.
#[derive(Args, Clone, Debug, Default)]
pub struct AccessArgs {
    /// Name for the server; its password comes from the environment.
    #[arg(long, value_name = "NAME", requires = "cluster_password", env = "BUSYHOUR_CLUSTER_USER")]
    pub cluster_user: Option<String>,
    /// Password for --cluster-user.
    #[arg(
        long,
        value_name = "TEXT",
        requires = "cluster_user",
        env = "BUSYHOUR_CLUSTER_PASSWORD",
        hide_env_values = true
    )]
    pub cluster_password: Option<String>,
    /// File with a JWT and its key, as nsc writes it (.creds).
    #[arg(long, value_name = "FILE", env = "BUSYHOUR_CLUSTER_CREDS")]
    pub cluster_creds: Option<PathBuf>,
    /// File with certificates (PEM) that the server's may be signed by, besides those of this machine.
    #[arg(long, value_name = "FILE", env = "BUSYHOUR_CLUSTER_CA")]
    pub cluster_ca: Option<PathBuf>,
    /// File with our own certificate (PEM), where the server asks for one.
    #[arg(long, value_name = "FILE", requires = "cluster_key")]
    pub cluster_cert: Option<PathBuf>,
    /// File with its key (PEM).
    #[arg(long, value_name = "FILE", requires = "cluster_cert")]
    pub cluster_key: Option<PathBuf>,
}

impl AccessArgs {
    /// The same as the cluster takes them.
    #[must_use]
    pub fn access(&self) -> cluster::Access {
        cluster::Access {
            user: self.cluster_user.clone().zip(self.cluster_password.clone()),
            credentials: self.cluster_creds.clone(),
            authority: self.cluster_ca.clone(),
            certificate: self.cluster_cert.clone().zip(self.cluster_key.clone()),
        }
    }
}

/// What to compare.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// BASELINE and CANDIDATE: run records, or folders that --out wrote. With --against: the PROFILE to run.
    #[arg(required = true, num_args = 1..=2, value_name = "BASELINE CANDIDATE | PROFILE")]
    pub inputs: Vec<PathBuf>,
    /// Compare runs on any clocks: what became of the calls must be equal or better, all other figures that differ are shown. Goes
    /// without saying where one run is over SIP and the other is not.
    #[arg(long, conflicts_with = "against")]
    pub across_clocks: bool,
    /// Another build of busyhour: run the profile with it and with the candidate, in turn.
    #[arg(long, value_name = "BUILD")]
    pub against: Option<PathBuf>,
    /// The build to judge, instead of this one.
    #[arg(long, value_name = "BUILD", requires = "against")]
    pub candidate: Option<PathBuf>,
    /// Count instructions under valgrind instead of seconds: repeats where seconds do not.
    #[arg(long, requires = "against")]
    pub instructions: bool,
    /// Pairs of runs in a round.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u16).range(7..=60), requires = "against")]
    pub rounds: u16,
    /// Slowdown in percent up to which a build counts as not slower.
    #[arg(long, value_name = "PCT", default_value = "3", value_parser = parse_tolerance, requires = "against")]
    pub tolerance: f64,
    /// Length of the measured part of every run, in place of the profile's.
    #[arg(long, value_name = "D", requires = "against")]
    pub duration: Option<String>,
    /// Write the comparison. `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Only errors; the exit code says the rest.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which past runs, and how to show them.
#[derive(Args, Debug)]
pub struct HistoryArgs {
    /// The folder that --out wrote.
    pub out: PathBuf,
    /// Runs of this profile.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Runs with this verdict.
    #[arg(long, value_name = "VERDICT", value_parser = ["pass", "fail", "void", "partial"])]
    pub verdict: Option<String>,
    /// Runs begun at this time or later, such as 2026-11-22 or 2026-11-22T09:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// The latest runs, at most so many.
    #[arg(long, value_name = "N", default_value = "30", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: u32,
    /// The figure to show, by its name in the run record: bhcc_completed, blocked_pct, latency.setup_delay.p99, ...; of
    /// searches: limit.bhcc, doc.doc_bhcc, headroom.times_rated, ...
    #[arg(long, value_name = "NAME", default_value = "bhcc_completed")]
    pub metric: String,
    /// A bar a run instead of a line.
    #[arg(long, conflicts_with = "json")]
    pub plot: bool,
    /// The records as a JSON array.
    #[arg(long)]
    pub json: bool,
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
    /// Pause before each digit that is dialled by hand, in milliseconds.
    #[arg(long, value_name = "N", default_value = "300", requires = "by_hand")]
    pub digit_pause_ms: u64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Show the warnings about the solution, not just how many there are.
    #[arg(long, short)]
    pub verbose: bool,
}

/// Which system to be.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The solution.
    pub solution: PathBuf,
    /// The system, by its name.
    #[arg(long, value_name = "NAME", env = "BUSYHOUR_SYSTEM")]
    pub system: String,
    /// Append a call record a line (SMDR); SIGHUP opens the file again.
    #[arg(long, value_name = "FILE")]
    pub smdr: Option<PathBuf>,
    /// How long calls in progress may go on after SIGTERM.
    #[arg(long, value_name = "D", value_parser = parse_duration, default_value = "60s", env = "BUSYHOUR_DRAIN")]
    pub drain: engine::time::Duration,
    /// No line when it begins and ends; errors still show.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which runs to report, and how.
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// Run records: what `run --json` writes, a folder that `run --out` made, or `-` for standard input.
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// File to write; its name says the form (.html, .md, .xml for JUnit, .prom). May be given several times; `-` is
    /// standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// Form of every file, whatever its name.
    #[arg(long, value_enum)]
    pub format: Option<ReportForm>,
    /// Add the Markdown to the file that $GITHUB_STEP_SUMMARY names.
    #[arg(long)]
    pub github_summary: bool,
}

/// What to sample, and for how long.
#[derive(Args, Debug)]
pub struct FlamegraphArgs {
    /// The profile.
    pub profile: PathBuf,
    /// Flame graph to write (SVG).
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Folded stacks of an earlier flame graph to compare with.
    #[arg(long, value_name = "FOLDED")]
    pub baseline: Option<PathBuf>,
    /// How long to sample; the profile is replayed again and again.
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_seconds)]
    pub seconds: f64,
    /// Samples in a second of processor time.
    #[arg(long, value_name = "N", default_value = "199", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub frequency: u32,
    /// Calls an hour, in place of the profile's.
    #[arg(long, value_name = "N", value_parser = parse_bhcc)]
    pub bhcc: Option<f64>,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// One self-contained page.
    Html,
    /// For pull requests.
    Markdown,
    /// JUnit XML.
    Junit,
    /// Prometheus text.
    Prometheus,
    /// github-action-benchmark, customBiggerIsBetter.
    BenchmarkBigger,
    /// github-action-benchmark, customSmallerIsBetter.
    BenchmarkSmaller,
}

/// Clocks that can drive a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ClockArg {
    /// Simulated: as fast as one core allows, equal digests for equal seeds.
    #[default]
    Virtual,
    /// The wall clock, one thread a system: measures the engine on this machine.
    Real,
}

fn parse_bhcc(text: &str) -> Result<f64, String> {
    let most = crate::profile::MAX_BHCC;
    match text.parse::<f64>() {
        Ok(bhcc) if bhcc > 0.0 && bhcc <= most => Ok(bhcc),
        _ => Err(format!("calls an hour must be a number above 0 and at most {most}")),
    }
}

fn parse_tolerance(text: &str) -> Result<f64, String> {
    let pct = text.parse().ok().filter(|pct: &f64| *pct >= 0.0 && *pct < 1000.0);
    pct.ok_or_else(|| "a tolerance is a percentage, such as 3".to_owned())
}

fn parse_confidence(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "a confidence is between 0 and 1, such as 0.95".to_owned())
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("seconds must be a number above 0 and at most 86400".to_owned()),
    }
}

/// `100000-199999`: both ends with equally many digits.
fn parse_phones(text: &str) -> Result<PhoneRange, String> {
    let wrong = || format!("{text:?} is no range of extensions; one looks like 100000-199999");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|c| c.is_ascii_digit());
    if !is_number(first) || !is_number(last) || first.len() != last.len() {
        return Err(wrong());
    }
    let [from, to]: [u64; 2] = [first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?];
    let most = sip::limits::MAX_REGISTRATIONS as u64;
    match to.checked_sub(from) {
        Some(more) if more < most => Ok(PhoneRange { first: from, count: more + 1, width: first.len() }),
        Some(_) => Err(format!("{text:?} has more than {most} phones")),
        None => Err(wrong()),
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| *rate > 0.0 && *rate <= 1e6);
    rate.ok_or_else(|| "a rate is a number of REGISTERs a second, above 0 and at most 1000000".to_owned())
}

fn parse_expires(text: &str) -> Result<engine::time::Duration, String> {
    let duration = parse_duration(text)?;
    let whole = duration.as_nanos() >= 1_000_000_000;
    whole.then_some(duration).ok_or_else(|| "must be a second or longer".to_owned())
}

fn parse_duration(text: &str) -> Result<engine::time::Duration, String> {
    match crate::text::parse_duration(text) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        Ok(_) => Err("must be longer than nothing".to_owned()),
        Err(error) => Err(error.remedy()),
    }
}

fn parse_time(text: &str) -> Result<engine::time::Duration, String> {
    crate::text::parse_duration(text).map_err(|error| error.remedy())
}

fn parse_threshold(text: &str) -> Result<crate::profile::Threshold, String> {
    crate::profile::parse_threshold(text)
}
