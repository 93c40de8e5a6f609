//! Hunt groups, as described (DOMAIN 4).

use crate::number::Number;
use crate::time::Duration;

/// A hunt group.
#[derive(Clone, Debug, PartialEq)]
pub struct HuntGroupSpec {
    /// Directory number, unique in the network.
    pub extension: Number,
    /// Name for SMDR and reports.
    pub name: String,
    /// In which order members ring.
    pub ring_mode: RingMode,
    /// Extension numbers of the members, in the order of the list; users of this system, or of one to which it has an
    /// IP Office line.
    pub members: Vec<Number>,
    /// How long each member rings; `None`: the system's no-answer time.
    pub no_answer_time: Option<Duration>,
    /// What happens to calls that find no member; `None`: they are given busy.
    pub queue: Option<QueueSpec>,
    /// Where calls go in addition; `None`: nowhere.
    pub overflow: Option<OverflowSpec>,
    /// What waiting callers hear, and when; `None`: nothing.
    pub announcements: Option<AnnouncementsSpec>,
    /// What becomes of members who let a call ring; `None`: nothing.
    pub no_answer_status: Option<NoAnswerStatusSpec>,
    /// How it is at the start.
    pub service_mode: ServiceMode,
    /// Name of the time profile outside of which it is in night service; manual controls cannot lift that.
    pub time_profile: Option<String>,
    /// Number that calls go to in night service; empty: they are given busy.
    pub night_service_fallback: Number,
    /// Number that calls go to out of service; empty: they are given busy.
    pub out_of_service_fallback: Number,
    /// Whether it has a mailbox for calls that nobody answers.
    pub voicemail: bool,
    /// How long a call stays with the group before it goes to the mailbox, whatever else is going on; `None`: only when the
    /// group cannot take it.
    pub voicemail_answer_time: Option<Duration>,
}

/// In which order the members of a hunt group ring (DOMAIN 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RingMode {
    /// All available members together.
    Collective,
    /// The same, and members who are on a call see it waiting, if they have call waiting.
    CollectiveCallWaiting,
    /// One after the other, always from the top of the list.
    #[default]
    Sequential,
    /// One after the other, from the first after the last who answered.
    Rotary,
    /// The one who has been idle longest, then the next.
    LongestWaiting,
}

/// The queue of a hunt group (DOMAIN 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSpec {
    /// Most calls that wait or ring before a further one that would have to wait is refused; `None`: no limit.
    pub limit: Option<u16>,
    /// Adds the members that are logged in and not on do not disturb to the limit.
    pub normalize: bool,
    /// Which call an agent gets.
    pub queue_type: QueueType,
}

/// Which call an agent gets (DOMAIN 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum QueueType {
    /// The one at the head of the queue when the agent answers.
    #[default]
    AssignOnAnswer,
    /// The one that made the phone ring.
    AssignOnAlert,
}

/// Where calls of a hunt group go in addition to its members (DOMAIN 4.6).
#[derive(Clone, Debug, PartialEq)]
pub struct OverflowSpec {
    /// Directory numbers of the overflow groups; groups of the same system.
    pub groups: Vec<Number>,
    /// How long a call stays with the group's own members; `None`: until each that is available has rung once.
    pub time: Option<Duration>,
    /// What one call's overflow means to the others.
    pub mode: OverflowMode,
    /// A call overflows at once if no member is logged in and enabled ("Immediate Overflow: No Active Agents").
    pub immediate: bool,
    /// What happens to a phone that rings when the time is over.
    pub ringing: OverflowRinging,
}

/// What one call's overflow means to the others that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OverflowMode {
    /// They overflow too.
    #[default]
    Group,
    /// Each waits for its own time.
    Call,
}

/// What happens to a phone that rings when the overflow time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OverflowRinging {
    /// It rings for its whole no-answer time first (later manuals).
    #[default]
    Finish,
    /// It stops, if a member of an overflow group is available (TIP132).
    CutIn,
}

/// When callers hear announcements, counted from when the call came to the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncementsSpec {
    /// The first one.
    pub first: Duration,
    /// The second one, from the first on; `None`: there is none.
    pub second: Option<Duration>,
    /// The last one again, from the one before on; `None`: never.
    pub repeat: Option<Duration>,
}

/// What becomes of members who let a call ring ("Agent's Status on No-Answer").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswerStatusSpec {
    /// What they become.
    pub becomes: AgentStatus,
    /// For which calls.
    pub applies_to: NoAnswerCalls,
}

/// What a member becomes who let a call ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentStatus {
    /// As after a call: unavailable for the after-call work time, or else the wrap-up time.
    BusyWrapUp,
    /// Unavailable to groups until hunt group calls are enabled, or the user logs in, again.
    BusyNotAvailable,
    /// Logged out.
    LoggedOff,
}

/// For which calls the status of members who let them ring changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswerCalls {
    /// Any.
    Any,
    /// Those that came in on a trunk.
    ExternalInbound,
}

/// How a hunt group is (DOMAIN 4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ServiceMode {
    /// Calls ring its members.
    #[default]
    InService,
    /// Calls go to the night service fallback.
    NightService,
    /// Calls go to the out of service fallback.
    OutOfService,
}

impl HuntGroupSpec {
    /// A group with these members and without a queue, and everything else as it is by default.
    #[must_use]
    pub fn new(extension: Number, members: Vec<Number>) -> Self {
        Self {
            extension,
            name: String::new(),
            ring_mode: RingMode::Sequential,
            members,
            no_answer_time: None,
            queue: None,
            overflow: None,
            announcements: None,
            no_answer_status: None,
            service_mode: ServiceMode::InService,
            time_profile: None,
            night_service_fallback: Number::EMPTY,
            out_of_service_fallback: Number::EMPTY,
            voicemail: false,
            voicemail_answer_time: None,
        }
    }
}

impl QueueSpec {
    /// A queue without a limit, of the type that is usual.
    pub const UNLIMITED: Self = Self { limit: None, normalize: false, queue_type: QueueType::AssignOnAnswer };
}

impl OverflowSpec {
    /// Overflow to these groups, and everything else as it is by default.
    #[must_use]
    pub const fn new(groups: Vec<Number>) -> Self {
        Self {
            groups,
            time: None,
            mode: OverflowMode::Group,
            immediate: false,
            ringing: OverflowRinging::Finish,
        }
    }
}
