//! Arguments of the commands that run a profile many times.

use super::values::{parse_bhcc, parse_confidence, parse_duration};
use crate::profile::parse_threshold;
use clap::Args;
use std::path::PathBuf;

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
    #[arg(long, value_name = "N", value_parser = parse_bhcc, allow_negative_numbers = true, env = "BUSYHOUR_BHCC")]
    pub bhcc: Option<f64>,
    /// Length of the measured part of every run, in place of the profile's (headroom: of a step, 5s).
    #[arg(long, value_name = "D", value_parser = parse_duration, env = "BUSYHOUR_DURATION")]
    pub duration: Option<engine::time::Duration>,
    /// Runs of every load, each with a seed of its own [default: 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub replications: Option<u16>,
    /// Confidence of the interval.
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = parse_confidence, allow_negative_numbers = true)]
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
    #[arg(long, value_name = "N", value_parser = parse_bhcc, allow_negative_numbers = true, env = "BUSYHOUR_BHCC")]
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
