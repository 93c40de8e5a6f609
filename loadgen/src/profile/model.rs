//! The checked, effective form of a profile: every default filled in, every reference resolved.

use super::share::Share;
use crate::solution::Solution;
use engine::id::{LineId, SystemId, UserId};
use engine::network::VoicemailControl;
use engine::number::Number;
use engine::time::{Duration, Instant};
use std::path::PathBuf;
use std::sync::Arc;

/// A network under a load, with the targets it must meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name: the file's name without `.toml`, unless the file says otherwise.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// Where the rated figure comes from.
    pub source: String,
    /// The file it was read from.
    pub file: SourceFile,
    /// The solution it names.
    pub solution: Solution,
    /// The load.
    pub load: Load,
    /// What the run must meet.
    pub targets: Vec<Target>,
    /// Which of the targets end a run early.
    pub aborts: Vec<Abort>,
    /// When single components fail, if they are to.
    pub each_failure: FailureTimes,
}

/// When a component fails that is made to, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailureTimes {
    /// From the start of the measured part; `None`: after a third of it.
    pub at: Option<Duration>,
    /// `None`: a quarter of the measured part.
    pub lasts: Option<Duration>,
}

impl FailureTimes {
    /// The beginning, from the start of a measured part of this length, and how long it lasts.
    #[must_use]
    pub fn within(self, duration: Duration) -> (Duration, Duration) {
        let part = |of: u64| Duration::from_nanos(duration.as_nanos() / of);
        (self.at.unwrap_or(part(3)), self.lasts.unwrap_or(part(4)))
    }
}

/// A file and what was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path as given.
    pub path: PathBuf,
    /// SHA-256 over the bytes of the profile, its solution and its trace (if it has one), in hex.
    pub sha256: String,
}

/// Calls to be placed, decided before the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Calls an hour, all streams together, where their rates have the factor 1. With a trace: what the trace comes to.
    pub bhcc: f64,
    /// How calls are spaced.
    pub arrivals: Arrivals,
    /// Seed of every random stream.
    pub seed: u64,
    /// Load before the measured part.
    pub warm_up: Duration,
    /// Length of the measured part.
    pub duration: Duration,
    /// Longest wait for the last calls to end after the measured part.
    pub drain: Duration,
    /// Sources of calls; shares of `bhcc` by weight.
    pub streams: Vec<Stream>,
    /// The part of it that is placed here.
    pub share: Share,
    /// How users treat phones that ring.
    pub answering: Vec<Answering>,
    /// What happens to the network in mid-run, in order of time; in the order of the file at equal times.
    pub events: Vec<TimedEvent>,
}

/// Something that happens to the network in mid-run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimedEvent {
    /// When, from the start of the measured part.
    pub at: Duration,
    /// What happens.
    pub what: EventKind,
    /// When the fault began, or the hold, that this is the end of; of anything else, `at`.
    pub began: Duration,
}

impl TimedEvent {
    /// What happens at `at`, and is not the end of anything.
    #[must_use]
    pub const fn new(at: Duration, what: EventKind) -> Self {
        Self { at, what, began: at }
    }
}

/// What happens to the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// A line is taken out of service, put back, or lost; of an IP Office line, this end.
    Line {
        /// The system it is on.
        system: SystemId,
        /// The line.
        line: LineId,
        /// What becomes of it.
        becomes: LineEvent,
    },
    /// A system stops, and what it has in memory is lost; or it starts.
    Power {
        /// The system.
        system: SystemId,
        /// Whether it runs from then on.
        on: bool,
    },
    /// The host of a system's virtual machine fails or is repaired.
    Host {
        /// The system.
        system: SystemId,
        /// Whether it runs from then on.
        up: bool,
    },
    /// The portal service of a system stops or runs again.
    Portal {
        /// The system it is on.
        system: SystemId,
        /// Whether it runs from then on.
        on: bool,
    },
    /// The licence server stops or runs again.
    LicenceServer {
        /// Whether it runs from then on.
        on: bool,
    },
    /// A data link is cut or restored. What several faults stop or cut comes back when all of them are over.
    Link {
        /// Its place in [`Solution::data_links`].
        link: usize,
        /// Whether this fault is over from then on.
        up: bool,
    },
    /// An IP Office line is down although the data network under it lives, or that is over.
    IpOfficeLine {
        /// The system at one end.
        system: SystemId,
        /// Its line.
        line: LineId,
        /// Whether this fault is over from then on.
        up: bool,
    },
    /// A voicemail server stops or runs again.
    Voicemail {
        /// The system it is on.
        system: SystemId,
        /// Whether it runs from then on.
        on: bool,
    },
    /// An administrator moves the mailboxes of a system to its backup's voicemail server, or home.
    VoicemailControl {
        /// Whose they are.
        of: SystemId,
        /// The system with the other server.
        backup: SystemId,
        /// What is wanted.
        control: VoicemailControl,
    },
    /// A base station is dead, or is there again.
    BaseStation {
        /// Place of its DECT system in [`Solution::dect`].
        dect: usize,
        /// Its place there.
        station: usize,
        /// Whether it works from then on.
        on: bool,
    },
    /// An administrator forces a DECT system to one of its trunks.
    DectSwitch {
        /// Its place in [`Solution::dect`].
        dect: usize,
        /// Which one.
        node: Node,
    },
    /// A user dials, as for a short code that changes a setting.
    Dial {
        /// The user's system.
        system: SystemId,
        /// The user.
        user: UserId,
        /// What is dialled.
        digits: Number,
    },
    /// A user puts the call at hand on hold, or takes it back.
    Hold {
        /// The user's home.
        system: SystemId,
        /// The user.
        user: UserId,
        /// Which of the two.
        becomes: HoldEvent,
    },
    /// A user's phones are switched off and on.
    PhoneRestart {
        /// The user's home.
        system: SystemId,
        /// The user.
        user: UserId,
    },
}

impl EventKind {
    /// Whether systems learn of it only because a neighbour is silent.
    #[must_use]
    pub const fn is_noticed_by_silence(self) -> bool {
        match self {
            Self::Power { .. }
            | Self::Host { .. }
            | Self::LicenceServer { .. }
            | Self::Portal { .. }
            | Self::Link { .. }
            | Self::IpOfficeLine { .. }
            | Self::BaseStation { .. }
            | Self::DectSwitch { .. }
            // Systems must tell each other.
            | Self::VoicemailControl { .. }
            // Callers and called must know whom they talk to.
            | Self::Hold { .. } => true,
            Self::Line { .. } | Self::Voicemail { .. } | Self::Dial { .. } | Self::PhoneRestart { .. } => {
                false
            }
        }
    }
}

/// A trunk of a DECT system (RES "DECT Trunk Resilience", the controls of System Status).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// That to its host.
    Primary,
    /// That to the system that backs it up.
    Backup,
}

/// What a user does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEvent {
    /// Puts it on hold.
    Held,
    /// Takes it back.
    Retrieved,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEvent {
    /// Taken out of service: calls on it go on.
    OutOfService,
    /// Put into service.
    InService,
    /// Lost, with all calls on it.
    Lost,
}

/// How calls are spaced.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Poisson process.
    Poisson,
    /// Evenly spaced: the n-th call of a stream at n / rate.
    Uniform,
    /// As recorded; in order of time. Calls belong to the stream that each names.
    Trace(Vec<TraceCall>),
}

/// A recorded call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceCall {
    /// When it was placed, from the start of the trace.
    pub at: Instant,
    /// How long it rang.
    pub ring: Option<Duration>,
    /// How long it was connected; `None`: never answered.
    pub talk: Option<Duration>,
    /// The number called, where the trace has one.
    pub number: Option<Number>,
    /// Position in [`Load::streams`].
    pub stream: u16,
}

/// How some users treat a phone that rings.
#[derive(Clone, Debug, PartialEq)]
pub struct Answering {
    /// The system whose users they are.
    pub system: SystemId,
    /// The users.
    pub users: Vec<UserId>,
    /// How long the phone rings before it is answered; `None`: as long as the call's stream says.
    pub after: Option<Distribution>,
    /// How many of 100 times it is left to ring.
    pub ignore_pct: f64,
}

/// One source of calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Its name, for reports.
    pub name: String,
    /// Who calls.
    pub kind: CallKind,
    /// Whom they call.
    pub to: Numbers,
    /// Share of the load, relative to the other streams' weights.
    pub weight: f64,
    /// How that share changes through the run, in order of time; the first holds from the beginning. Empty: not at all.
    pub rates: Vec<Rate>,
    /// How long the called phone rings before it is answered.
    pub ring: Distribution,
    /// How long the parties talk.
    pub talk: Distribution,
    /// How long the caller waits for the answer before hanging up; `None`: without limit.
    pub patience: Option<Distribution>,
    /// What callers do whom voicemail answers; `None`: they hang up.
    pub message: Option<Message>,
    /// How many call the same number at the same instant, for as long as each other.
    pub parties: u16,
    /// How long before they begin its conferences are put into the portal; `None`: nobody has done that, people just call.
    pub scheduled_ahead: Option<Duration>,
    /// What callers enter where a conference asks for a PIN; `None`: nothing.
    pub pin: Option<Number>,
}

/// Messages that callers leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// How long one is, greeting included.
    pub length: Distribution,
    /// How many of 100 callers leave one; the others hang up when voicemail answers.
    pub pct: f64,
}

/// A step of a rate that changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// From when it holds, from the start of the measured part; the first one holds during the warm-up too.
    pub from: Duration,
    /// What the stream's share of [`Load::bhcc`] is multiplied by.
    pub factor: f64,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq)]
pub enum CallKind {
    /// The far ends of trunks.
    Incoming {
        /// The system it comes in on.
        system: SystemId,
        /// Lines, tried in this order by the carrier.
        lines: Vec<LineId>,
        /// Callers' numbers.
        from: Numbers,
    },
    /// Users of one system: to other users, or out over trunks, by what they dial.
    FromUsers {
        /// The system whose users call.
        system: SystemId,
        /// The users; an idle one is taken.
        users: Vec<UserId>,
        /// How the caller is chosen.
        pick: Pick,
        /// The account code that callers enter; `None`: none.
        account_code: Option<Number>,
    },
}

impl CallKind {
    /// The system that the calls begin on.
    #[must_use]
    pub const fn system(&self) -> SystemId {
        match self {
            Self::Incoming { system, .. } | Self::FromUsers { system, .. } => *system,
        }
    }
}

/// A pool of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// The numbers; streams may share them.
    pub numbers: Arc<[Number]>,
    /// How one is chosen.
    pub pick: Pick,
}

/// How one of several is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// One after the other, round and round.
    InTurn,
    /// At random, each as likely as the others.
    Random,
}

/// A length of time that varies from call to call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Fixed(Duration),
    /// Exponential with this mean.
    Exponential {
        /// Mean.
        mean: Duration,
    },
    /// Log-normal with this mean and coefficient of variation (standard deviation over mean).
    LogNormal {
        /// Mean.
        mean: Duration,
        /// Standard deviation over mean.
        cv: f64,
    },
}

impl Distribution {
    /// The one length there is, if it does not vary.
    #[must_use]
    pub const fn fixed(self) -> Option<Duration> {
        match self {
            Self::Fixed(length) => Some(length),
            Self::Exponential { .. } | Self::LogNormal { .. } => None,
        }
    }

    /// Mean.
    #[must_use]
    pub const fn mean(self) -> Duration {
        match self {
            Self::Fixed(mean) | Self::Exponential { mean } | Self::LogNormal { mean, .. } => mean,
        }
    }

    /// The length that one of 10^13 is above.
    #[must_use]
    pub fn longest(self) -> Duration {
        // By the tail of the exponential distribution, and of the normal one in standard deviations.
        const MEANS: f64 = 29.93;
        const DEVIATIONS: f64 = 7.35;
        let (mean, means) = match self {
            Self::Fixed(length) => return length,
            Self::Exponential { mean } => (mean, MEANS),
            Self::LogNormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                (mean, libm::exp(DEVIATIONS * libm::sqrt(variance) - variance / 2.0))
            }
        };
        Duration::try_from_secs_f64(mean.as_secs_f64() * means).unwrap_or(Duration::MAX)
    }
}

/// A limit that an observed metric must keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Metric, by its name in the run record (`blocked_pct`, `calls.dropped`, ...).
    pub metric: String,
    /// Which side of the limit is good.
    pub comparison: Comparison,
    /// The limit.
    pub limit: f64,
}

/// A target that ends the run as soon as it is missed.
#[derive(Clone, Debug, PartialEq)]
pub struct Abort {
    /// The target.
    pub target: Target,
    /// Not looked at before so much of the measured part has passed.
    pub after: Duration,
}

/// A target, and whether missing it ends the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The target.
    pub target: Target,
    /// Length of the measured part after which missing it ends the run; `None`: never.
    pub abort_after: Option<Duration>,
}

impl Threshold {
    /// Its part in ending the run, if it has any.
    #[must_use]
    pub fn abort(&self) -> Option<Abort> {
        self.abort_after.map(|after| Abort { target: self.target.clone(), after })
    }
}

/// Which side of a limit is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Observed must be below the limit.
    Less,
    /// Observed must not be above the limit.
    AtMost,
    /// Observed must be above the limit.
    More,
    /// Observed must not be below the limit.
    AtLeast,
    /// Observed must be the limit.
    Equal,
}
