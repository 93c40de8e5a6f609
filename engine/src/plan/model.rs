//! One system's configuration, compiled: immutable, indexed by small integer ids, shared by `Arc`.

use super::codes::{CodeTable, Form};
use super::directory::Directory;
use super::guests::Guests;
use super::incoming::IncomingCallRoute;
use super::routes::Routes;
use super::spec::{
    AccountCodeSpec, AnnouncementsSpec, BacksUp, CallClasses, ConferencesSpec, Endpoint, ForcedAccountCode,
    ForwardingSpec, LineKind, LinePreservation, MediaPreservation, MediaSpec, NoAnswerStatusSpec,
    OverflowMode, OverflowRinging, PhoneFailback, PhoneModel, QueueSpec, RingMode, Role, RoomSpec,
    ServiceMode, TimeOfWeek, TimeProfileSpec, VoicemailFailback,
};
use crate::id::{FormId, HuntGroupId, LineGroupId, LineId, RoomId, SystemId, UserId};
use crate::network::MemberState;
use crate::number::Number;
use crate::route::incoming::IncomingNumber;
use crate::time::{Duration, Instant};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One system's configuration, ready for [`crate::System::new`].
#[derive(Debug)]
pub struct Plan {
    pub(crate) system: SystemId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) guests: Guests,
    pub(crate) users: Vec<User>,
    /// Place of the settings that each user begins with.
    pub(crate) settings_of: Vec<u32>,
    /// Settings that users share.
    pub(crate) settings: Vec<UserSettings>,
    pub(crate) lines: Vec<Line>,
    pub(crate) line_groups: Vec<LineGroup>,
    pub(crate) hunt_groups: Vec<HuntGroup>,
    /// Users who are members of groups on other systems.
    pub(crate) lent: Vec<LentMember>,
    pub(crate) conferences: ConferencesSpec,
    pub(crate) incoming_call_routes: Vec<IncomingCallRoute>,
    pub(crate) short_codes: CodeTable,
    /// By line.
    pub(crate) line_short_codes: Vec<Option<CodeTable>>,
    pub(crate) forms: Vec<Form>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) routes: Routes,
    pub(crate) no_answer_time: Duration,
    pub(crate) dial_delay_count: u8,
    pub(crate) dial_delay_time: Duration,
    pub(crate) off_hook_timer: Duration,
    pub(crate) call_priority_promotion_time: Option<Duration>,
    pub(crate) trunk_to_trunk: bool,
    pub(crate) national_prefix: Number,
    pub(crate) international_prefix: Number,
    pub(crate) emergency_form: Option<FormId>,
    pub(crate) locations: Vec<Location>,
    pub(crate) time_profiles: Vec<TimeProfileSpec>,
    pub(crate) account_codes: Vec<AccountCodeSpec>,
    pub(crate) begins_at: TimeOfWeek,
    /// Whether any short code asks for the last number dialled or received.
    pub(crate) asks_for_last_numbers: bool,
    /// Channels of the voicemail server on this system; 0: it has none.
    pub(crate) voicemail_channels: u16,
    /// The system with the voicemail server that this one uses.
    pub(crate) voicemail_on: Option<SystemId>,
    pub(crate) voicemail_failback: VoicemailFailback,
    /// Number that calls go to when all voicemail channels are busy; empty: they get busy.
    pub(crate) voicemail_fallback: Number,
    /// Whether the voicemail server here records.
    pub(crate) voicemail_records: bool,
    /// Whether any user's calls are recorded here.
    pub(crate) records_calls: bool,
    /// Login codes of the users of the whole network who have one.
    pub(crate) login_codes: Arc<BTreeMap<Number, Number>>,
    pub(crate) most_users: Option<u32>,
    /// Systems whose phones it gives addresses: itself, and those that it backs up.
    pub(crate) dhcp_of: Vec<SystemId>,
    pub(crate) most_dect_users: Option<u32>,
    pub(crate) media: MediaSpec,
    pub(crate) media_preservation: MediaPreservation,
    pub(crate) preserved_conn_duration: Duration,
    pub(crate) preserved_no_media_duration: Duration,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Extension number.
    pub extension: Number,
    /// Name; may be empty.
    pub name: String,
    /// The kind of phone.
    pub phone: PhoneModel,
    /// Whether there is a softphone besides.
    pub simultaneous: bool,
    /// The system that takes the user in when the home is gone.
    pub backup: Option<SystemId>,
    /// How the phone comes home from there.
    pub failback: PhoneFailback,
}

/// How a user is set up. Short codes may change most of it in mid-run.
#[derive(Clone, Debug)]
pub(crate) struct UserSettings {
    pub(crate) priority: u8,
    pub(crate) outgoing_call_bar: bool,
    pub(crate) allowed: CallClasses,
    pub(crate) forced_account_code: ForcedAccountCode,
    pub(crate) short_codes: Option<Arc<CodeTable>>,
    pub(crate) rights_short_codes: Option<Arc<CodeTable>>,
    pub(crate) login_code: Number,
    pub(crate) logged_in: bool,
    pub(crate) do_not_disturb: bool,
    pub(crate) do_not_disturb_exceptions: Vec<Number>,
    pub(crate) follow_me_to: Number,
    /// The numbers; which of them act is said below.
    pub(crate) forwarding: ForwardingSpec,
    pub(crate) forward_unconditional: bool,
    pub(crate) forward_on_busy: bool,
    pub(crate) forward_on_no_answer: bool,
    pub(crate) no_answer_time: Option<Duration>,
    pub(crate) wrap_up_time: Duration,
    pub(crate) after_call_work: Option<Duration>,
    pub(crate) call_waiting: bool,
    pub(crate) fallback_twinning: Number,
    pub(crate) location: Option<u16>,
    pub(crate) voicemail: bool,
    pub(crate) record_calls: bool,
    pub(crate) endpoint: Endpoint,
    pub(crate) conference_pin: Number,
    pub(crate) can_intrude: bool,
    pub(crate) cannot_be_intruded: bool,
    /// The group whose members the user may listen to.
    pub(crate) monitor_group: Option<HuntGroupId>,
}

/// A place that phones are at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Location {
    pub(crate) emergency_form: Option<FormId>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Line number.
    pub number: u16,
    /// Label; may be empty.
    pub name: String,
    /// Technology.
    pub kind: LineKind,
    /// Calls at a time.
    pub channels: u16,
    /// The line group it belongs to.
    pub group: LineGroupId,
    /// Incoming group number.
    pub incoming_group: u32,
    /// Whether it is in service at the start.
    pub in_service: bool,
    /// Numbers it takes calls for; empty: all.
    pub(crate) uris: Vec<IncomingNumber>,
    /// How long a call sent on it may stay without any reaction.
    pub call_initiation_timeout: Duration,
    /// SIP: whether its calls are preserved.
    pub media_preservation: LinePreservation,
    /// IP Office lines: time between two keep-alives.
    pub keep_alive: Duration,
    /// IP Office lines: keep-alives that may fail to come before the line is down.
    pub keep_alive_losses: u8,
    /// The system at the other end of an IP Office line.
    pub peer: Option<SystemId>,
    /// What that system backs up of this one; `None`: the line does not support resiliency.
    pub backs_up: Option<BacksUp>,
    /// What this system backs up of that one.
    pub backed_up: Option<BacksUp>,
    /// How it carries speech.
    pub(crate) endpoint: Endpoint,
}

/// Lines that short codes name together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineGroup {
    /// Outgoing group number.
    pub number: u32,
    /// Its lines, in order of their line numbers.
    pub lines: Vec<LineId>,
}

/// A hunt group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HuntGroup {
    /// Directory number.
    pub extension: Number,
    /// Name.
    pub name: String,
    /// Members in the order of the list.
    pub members: Vec<Member>,
    /// How long each rings.
    pub no_answer_time: Duration,
    /// In which order they ring.
    pub ring_mode: RingMode,
    /// The queue of calls that find no member; `None`: there is none.
    pub queue: Option<QueueSpec>,
    pub(crate) overflow: Option<Overflow>,
    pub(crate) announcements: Option<AnnouncementsSpec>,
    pub(crate) no_answer_status: Option<NoAnswerStatusSpec>,
    pub(crate) service_mode: ServiceMode,
    pub(crate) time_profile: Option<u16>,
    pub(crate) night_service_fallback: Number,
    pub(crate) out_of_service_fallback: Number,
    pub(crate) voicemail: bool,
    pub(crate) voicemail_answer_time: Option<Duration>,
}

/// A member of a hunt group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A user of the group's own system.
    User(UserId),
    /// A user of another system.
    Remote(RemoteMember),
}

/// A member of a hunt group whose home is another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemoteMember {
    /// The user's number.
    pub number: Number,
    /// The IP Office line to the user's home.
    pub line: LineId,
    /// How the user is at the start.
    pub(crate) starts: MemberState,
}

/// A user who is a member of a hunt group on another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LentMember {
    pub(crate) user: UserId,
    /// The group's number.
    pub(crate) group: Number,
    /// The IP Office line to the group's system.
    pub(crate) line: LineId,
}

/// Where calls of a hunt group go in addition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overflow {
    pub(crate) groups: Vec<HuntGroupId>,
    pub(crate) time: Option<Duration>,
    pub(crate) mode: OverflowMode,
    pub(crate) immediate: bool,
    pub(crate) ringing: OverflowRinging,
}

impl Plan {
    /// Channels of the voicemail server on this system; 0: it has none.
    #[must_use]
    pub const fn voicemail_channels(&self) -> u16 {
        self.voicemail_channels
    }

    /// Media capacity.
    #[must_use]
    pub const fn media(&self) -> &MediaSpec {
        &self.media
    }

    /// Its place in the network.
    #[must_use]
    pub const fn system(&self) -> SystemId {
        self.system
    }

    /// The system's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The system's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Users, by [`UserId`]: its own, then those of systems that it backs up.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Lines, by [`LineId`].
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Line groups, by [`LineGroupId`].
    #[must_use]
    pub fn line_groups(&self) -> &[LineGroup] {
        &self.line_groups
    }

    /// The system of the network where somebody has this number; `None` if nobody has.
    #[must_use]
    pub fn system_of(&self, number: &Number) -> Option<SystemId> {
        self.directory.get(number).map(|entry| entry.system)
    }

    /// Whether a line takes calls for a number: it must match one of its URIs, if it has any (RC "Call barring").
    #[must_use]
    #[inline]
    pub fn takes(&self, line: LineId, called: &Number) -> bool {
        let uris = &self.line(line).uris;
        uris.is_empty() || uris.iter().any(|uri| uri.fit(called.as_bytes()).is_some())
    }

    /// Hunt groups, by [`HuntGroupId`]: its own, then those of systems that it backs up.
    #[must_use]
    pub fn hunt_groups(&self) -> &[HuntGroup] {
        &self.hunt_groups
    }

    /// Conferences: how much room there is for them, and rooms.
    #[must_use]
    pub const fn conferences(&self) -> &ConferencesSpec {
        &self.conferences
    }

    /// ARS route ids and names, in order of the plan.
    pub fn ars_forms(&self) -> impl Iterator<Item = (u32, &str)> {
        self.forms.iter().map(|f| (f.id, f.name.as_str()))
    }

    /// The system short code that `digits` match best, by its place in the configuration (or among the default codes,
    /// where none were configured); `None` if they match none.
    #[must_use]
    pub fn short_code(&self, digits: &Number) -> Option<usize> {
        let group = self.short_codes.best(digits)?;
        self.short_codes.table.group(group).codes.first().map(|&code| code as usize)
    }

    #[inline]
    pub(crate) fn user(&self, id: UserId) -> &User {
        &self.users[id.index()]
    }

    #[inline]
    pub(crate) fn line(&self, id: LineId) -> &Line {
        &self.lines[id.index()]
    }

    pub(crate) fn line_group(&self, id: LineGroupId) -> &LineGroup {
        &self.line_groups[id.index()]
    }

    pub(crate) fn hunt_group(&self, id: HuntGroupId) -> &HuntGroup {
        &self.hunt_groups[id.index()]
    }

    pub(crate) fn room(&self, id: RoomId) -> &RoomSpec {
        &self.conferences.rooms[id.index()]
    }

    pub(crate) fn form(&self, id: FormId) -> &Form {
        &self.forms[id.index()]
    }

    /// The settings that a user begins with.
    #[inline]
    pub(crate) fn settings(&self, user: UserId) -> &UserSettings {
        self.settings_at(self.settings_of[user.index()])
    }

    /// The settings at a place.
    #[inline]
    pub(crate) fn settings_at(&self, place: u32) -> &UserSettings {
        &self.settings[place as usize]
    }

    /// Whether a time profile is in force at `now`; without one, always.
    pub(crate) fn is_in_force(&self, time_profile: Option<u16>, now: Instant) -> bool {
        let Some(profile) = time_profile.and_then(|p| self.time_profiles.get(usize::from(p))) else {
            return true;
        };
        profile.covers(self.begins_at.at(now))
    }

    /// When a time profile next begins or ends after `now`; `None` if there is none.
    pub(crate) fn next_time_profile_change(&self, now: Instant) -> Option<Instant> {
        let time = self.begins_at.at(now);
        let after_s = self.time_profiles.iter().filter_map(|profile| profile.next_change_s(time)).min()?;
        // Profiles go by whole seconds.
        let second = Duration::from_secs(now.as_nanos() / 1_000_000_000);
        Some(Instant::ZERO + second + Duration::from_secs(after_s))
    }
}
