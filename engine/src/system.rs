//! The system: owns calls, users, lines, timers and plan; dispatch only.

use crate::alarm::Alarms;
use crate::call::{Asides, ByPlace, Call, Dialling, Place, Preservation, Stage, Waiting};
use crate::cause::Cause;
use crate::conference::Conferences;
use crate::digest::Digest;
use crate::hint::{mostly, rarely};
use crate::hunt::{GroupCallId, Hunt};
use crate::id::{CallId, HuntGroupId, LineGroupId, LineId, UserId};
use crate::input::{Input, Service};
use crate::limits::{CALL_QUEUING_TIMEOUT, MINUTE};
use crate::media::{Media, MediaKind};
use crate::network::{Desk, Licences, Neighbours, PeerRef, Phones, Power, Whereabouts};
use crate::number::Number;
use crate::output::Output;
use crate::plan::spec::{PhoneFailback, PhoneModel, ServiceMode};
use crate::plan::{Plan, UserSettings, Who};
use crate::route::line_group::Lines;
use crate::route::search::Search;
use crate::route::waiting::WaitingForLine;
use crate::slab::Slab;
use crate::stats::{Stats, Usage};
use crate::time::{Duration, Instant};
use crate::timer::TimerQueue;
use crate::timer_kind::TimerKind;
use crate::trace::{Step, Trace};
use crate::user_state::UserState;
use crate::voicemail::{Voicemail, VoicemailChannel};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One telephone system. See the crate's first page for the contract.
#[derive(Clone, Debug)]
pub struct System {
    pub(crate) plan: Arc<Plan>,
    pub(crate) now: Instant,
    pub(crate) calls: Slab<Call>,
    /// What only few calls have.
    pub(crate) asides: Asides,
    /// Calls that are dialled by hand.
    pub(crate) dialling: ByPlace<Dialling>,
    /// What was dialled of calls that wait for an account code.
    pub(crate) asked: ByPlace<Number>,
    /// The searches of calls that are on their way out or wait for a line.
    pub(crate) searches: ByPlace<Search>,
    pub(crate) waits: ByPlace<Waiting>,
    pub(crate) preservations: ByPlace<Preservation>,
    /// What other systems call the calls that they have set up here.
    pub(crate) peer_refs: ByPlace<PeerRef>,
    /// The voicemail channels that record calls.
    pub(crate) recordings: ByPlace<VoicemailChannel>,
    /// Where calls were routed to that are not routed to the end of what was dialled.
    pub(crate) called: ByPlace<Number>,
    pub(crate) users: Vec<UserState>,
    /// Calls that users have on hold, the latest last.
    pub(crate) held: BTreeMap<UserId, SmallVec<[CallId; 4]>>,
    pub(crate) conferences: Conferences,
    pub(crate) lines: Lines,
    pub(crate) hunt: Hunt,
    pub(crate) user_usage: Usage,
    pub(crate) voicemail: Voicemail,
    pub(crate) media: Media,
    /// Settings that short codes have changed.
    pub(crate) changed: BTreeMap<UserId, Box<UserSettings>>,
    /// Users at the phones of others, by whose phone it is.
    pub(crate) desks: BTreeMap<UserId, Desk>,
    pub(crate) form_service: Vec<Service>,
    pub(crate) hunt_mode: Vec<ServiceMode>,
    /// What each user dialled last and was called from last; empty where no short code asks for it.
    pub(crate) last_numbers: Vec<Who>,
    pub(crate) waiting: WaitingForLine,
    pub(crate) timers: TimerQueue<TimerKind>,
    pub(crate) neighbours: Neighbours,
    pub(crate) alarms: Alarms,
    pub(crate) whereabouts: Whereabouts,
    /// How long a minute of failover and failback lasts.
    pub(crate) minute: Duration,
    pub(crate) licences: Licences,
    pub(crate) stats: Stats,
    pub(crate) trace: Trace,
    /// Said since the last input; of these, `told` have been polled.
    outputs: Vec<Output>,
    told: usize,
    digest: Digest,
}

impl System {
    /// The system that `plan` describes, with everything idle at time zero.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let groups = plan.hunt_groups.iter().map(|g| g.no_answer_time);
        let lines = plan.lines.iter().map(|l| l.call_initiation_timeout);
        let waits = plan.forms.iter().filter_map(|f| f.wait_time);
        let keep_alives = plan.lines.iter().filter(|l| l.peer.is_some()).map(|l| l.keep_alive);
        let preserved = [plan.preserved_conn_duration, plan.preserved_no_media_duration];
        let durations =
            [plan.no_answer_time, CALL_QUEUING_TIMEOUT, plan.off_hook_timer, plan.dial_delay_time]
                .into_iter()
                .chain(groups)
                .chain(lines)
                .chain(waits)
                .chain(preserved)
                .chain(keep_alives);
        let mut system = Self {
            now: Instant::ZERO,
            calls: Slab::new(),
            asides: Asides::default(),
            dialling: ByPlace::new(),
            asked: ByPlace::new(),
            searches: ByPlace::new(),
            waits: ByPlace::new(),
            preservations: ByPlace::new(),
            peer_refs: ByPlace::new(),
            recordings: ByPlace::new(),
            called: ByPlace::new(),
            users: UserState::all(&plan),
            held: BTreeMap::new(),
            conferences: Conferences::new(),
            lines: Lines::new(&plan),
            hunt: Hunt::new(&plan),
            user_usage: Usage::new(),
            voicemail: Voicemail::new(plan.voicemail_channels),
            media: Media::new(plan.media),
            changed: BTreeMap::new(),
            desks: BTreeMap::new(),
            form_service: plan.forms.iter().map(|f| Service::when(f.in_service)).collect(),
            hunt_mode: plan.hunt_groups.iter().map(|g| g.service_mode).collect(),
            last_numbers: vec![Who::default(); if plan.asks_for_last_numbers { plan.users.len() } else { 0 }],
            waiting: WaitingForLine::new(&plan),
            timers: TimerQueue::new(durations),
            neighbours: Neighbours::new(&plan),
            alarms: Alarms::default(),
            whereabouts: Whereabouts::default(),
            minute: MINUTE,
            licences: Licences::default(),
            stats: Stats::new(),
            trace: Trace::default(),
            outputs: Vec::new(),
            told: 0,
            digest: Digest::new(),
            plan,
        };
        system.find_available_agents();
        system
    }

    /// Takes in one thing that happened at `now`.
    ///
    /// # Panics
    /// If `now` is before an earlier one, or outputs of the call before were not all taken.
    #[inline]
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.hear(now, &input);
    }

    /// [`Self::handle`] for those who keep the input: it is not copied.
    ///
    /// # Panics
    /// As [`Self::handle`].
    pub fn hear(&mut self, now: Instant, input: &Input) {
        #[cfg(feature = "slowed")]
        slow_down();
        self.advance(now);
        if rarely(matches!(self.neighbours.power, Power::Off)) && !matches!(input, Input::Network(_)) {
            // Nobody hears.
            return;
        }
        match *input {
            Input::Dial { user, number, tag } => self.dial(now, user, number, tag),
            Input::OffHook { user, tag } => self.off_hook(now, user, tag),
            Input::Digit { user, call, digit } => self.digit(now, user, call, digit),
            Input::Answer { user, call } => self.answer(now, user, call),
            Input::HangUp { user, call } => self.hang_up(now, user, call),
            Input::TrunkSetup { line, ref called, ref calling, tag, ref facts } => {
                self.trunk_setup(now, line, (called, calling), tag, facts);
            }

            Input::TrunkProceeding { call, attempt } => self.trunk_proceeding(now, call, attempt),
            Input::TrunkAlerting { call, attempt } => self.trunk_alerting(now, call, attempt),
            Input::TrunkAnswer { call, attempt } => self.trunk_answer(now, call, attempt),
            Input::TrunkRelease { call, attempt, cause } => self.trunk_release(now, call, attempt, cause),
            Input::AccountCode { user, call, code } => self.account_code(now, user, call, code),
            Input::Hold { user, call } => self.hold(now, user, call),
            Input::Retrieve { user, call } => self.retrieve(now, user, call),
            Input::Transfer { user, held, active } => self.transfer(now, user, held, active),
            Input::Conference { user, tag } => self.conference(now, user, tag),
            Input::ConferenceControl { call, control } => self.control(now, call, control),
            Input::ConferencePin { call, pin } => self.pin(now, call, pin),
            Input::LineService { line, service } => self.line_service(line, service),
            Input::LineLost { line } => self.line_lost(now, line),
            Input::Registration { user, service } => self.register(user, service),
            Input::Network(input) => self.network_input(now, input),
            Input::Peer { line, message } => self.peer(now, line, message),
        }
        self.serve(now);
    }

    /// Fires every timer that is due at `now`, in the order of deadline, then of arming.
    ///
    /// # Panics
    /// As [`Self::handle`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        while let Some((_, timer)) = self.timers.pop_due(now) {
            match timer {
                TimerKind::NoAnswer(call) => self.no_answer(now, call),
                TimerKind::CallInitiation(call) => self.call_initiation_timeout(now, call),
                TimerKind::CallQueuing(call) => self.fail(now, call, Cause::TIMER_EXPIRY, None),
                TimerKind::AlternateRoute(call) => self.alternate_route_opens(now, call),
                TimerKind::InterDigit(call) => self.pause_in_dialling(now, call),
                TimerKind::CallLimit(call) => self.call_limit_reached(now, call),
                TimerKind::OffHook(call) => self.off_hook_too_long(now, call),
                TimerKind::PreservedConnection(call) | TimerKind::PreservedNoMedia(call) => {
                    self.preserved_too_long(now, call);
                }
                TimerKind::KeepAlive(line) => self.keep_alive_due(now, line),
                TimerKind::Overflow(call) => self.with_group(call, |s, id| s.overflow_time_over(now, id)),
                TimerKind::Announcement(call) => self.with_group(call, |s, id| s.announce(now, id)),
                TimerKind::Promotion(call) => self.with_group(call, |s, id| s.promote(now, id)),
                TimerKind::VoicemailAnswer(call) => {
                    self.with_group(call, |s, id| s.voicemail_answers(now, id));
                }
                TimerKind::WrapUp(user) => self.wrap_up_over(user),
                TimerKind::MemberAskedAgain(agent) => self.member_asked_again(agent),
                TimerKind::Failback(line) => self.failback(now, line),
                TimerKind::LicenceGrace => self.grace_over(now),
                TimerKind::VoicemailFailback(line) => self.voicemail_failback_due(now, line),
                TimerKind::Homeless(user) => self.homeless_time_over(now, user),
            }
            self.serve(now);
        }
    }

    /// Whoever may no longer be in a call of others leaves it; what was freed goes to those who wait: lines, then agents.
    #[inline]
    pub(crate) fn serve(&mut self, now: Instant) {
        // One look for all of them.
        let (watchers, line_full) = (self.conferences.watchers > 0, self.hunt.line_full > 0);
        if rarely(watchers | line_full | self.waiting.is_any_freed() | self.hunt.is_any_freed()) {
            self.serve_those_who_wait(now);
        }
    }

    #[inline(never)]
    fn serve_those_who_wait(&mut self, now: Instant) {
        if self.conferences.watchers > 0 {
            self.look_at_watchers_again(now);
        }
        loop {
            if self.waiting.is_any_freed() {
                self.serve_waiting(now);
            }
            if self.hunt.line_full > 0 {
                self.look_for_lines();
            }
            if self.hunt.is_any_freed() {
                self.serve_agents(now);
            }
            // A call that an agent forwards may end there, and leave a line to those who wait.
            if !self.waiting.is_any_freed() {
                return;
            }
        }
    }

    fn with_group(&mut self, call: CallId, then: impl FnOnce(&mut Self, GroupCallId)) {
        if let Some(&Stage::Hunting(id)) = self.call(call).map(|c| &c.stage) {
            then(self, id);
        }
    }

    fn line_service(&mut self, line: LineId, service: Service) {
        if line.index() >= self.plan.lines.len() {
            return self.unexpected();
        }
        let group = self.lines.set_service(line, service);
        self.waiting.channel_freed(group);
    }

    fn register(&mut self, user: UserId, service: Service) {
        match self.users.get_mut(user.index()) {
            Some(state) => {
                state.phones = match service {
                    Service::In => Phones::all(self.plan.user(user)),
                    Service::Out => Phones::NONE,
                };
                self.agent_changed(user);
            }
            None => self.unexpected(),
        }
    }

    /// A user's settings as they are now.
    #[inline]
    pub(crate) fn settings(&self, user: UserId) -> &UserSettings {
        // Hardly anybody changes settings in mid-run.
        if mostly(self.changed.is_empty()) {
            self.plan.settings_at(self.users[user.index()].settings)
        } else {
            self.changed_settings(user)
        }
    }

    #[inline(never)]
    fn changed_settings(&self, user: UserId) -> &UserSettings {
        self.changed.get(&user).map_or_else(|| self.plan.settings(user), Box::as_ref)
    }

    /// A user's phone.
    pub(crate) fn phone(&self, user: UserId) -> PhoneModel {
        self.plan.user(user).phone
    }

    /// A user's settings, to change them.
    pub(crate) fn settings_mut(&mut self, user: UserId) -> &mut UserSettings {
        let plan = &self.plan;
        self.changed.entry(user).or_insert_with(|| Box::new(plan.settings(user).clone()))
    }

    /// The next thing to do or to know outside; `None` when all has been said.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.get(self.told).copied()?;
        self.told += 1;
        Some(output)
    }

    /// All that [`Self::poll_output`] has yet to say, at once, for those who only look at it: an output is as large as its
    /// largest kind.
    #[inline]
    pub fn take_outputs(&mut self) -> &[Output] {
        let told = std::mem::replace(&mut self.told, self.outputs.len());
        &self.outputs[told..]
    }

    /// When [`Self::handle_timeout`] is due next, and what for; `None` while nothing is timed.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, TimerKind)> {
        self.timers.peek()
    }

    /// When [`Self::handle_timeout`] is due next, without what for.
    #[must_use]
    #[inline]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next_deadline()
    }

    /// A copy of the system that explains itself: what it decides from now on can be taken with [`Self::take_trace`]. The
    /// system itself goes on unchanged.
    #[must_use]
    pub fn traced(&self) -> Self {
        Self { trace: Trace::on(), ..self.clone() }
    }

    /// The steps that a copy made by [`Self::traced`] has taken since they were last asked for.
    pub fn take_trace(&mut self) -> Vec<Step> {
        self.trace.take()
    }

    /// The plan it runs.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Counters since the start.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Fingerprint of all outputs so far, with their times.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest.value()
    }

    /// Calls in progress.
    #[must_use]
    pub fn calls_in_progress(&self) -> usize {
        self.calls.len()
    }

    /// Timers armed for calls.
    #[must_use]
    pub fn timers_armed(&self) -> usize {
        self.timers.len() - self.neighbours.timers
    }

    /// Calls that wait for a line.
    #[must_use]
    pub fn calls_waiting_for_line(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a user is idle; an unknown one is not.
    #[must_use]
    pub fn is_idle(&self, user: UserId) -> bool {
        self.users.get(user.index()).is_some_and(UserState::is_idle)
    }

    /// Whether a line takes new calls, as far as it was put in or out of service.
    #[must_use]
    pub fn service_of_line(&self, line: LineId) -> Service {
        self.lines.service(line)
    }

    /// Free channels of a line.
    #[must_use]
    pub fn free_channels(&self, line: LineId) -> u16 {
        self.lines.free_channels(line)
    }

    /// Use of a line group's channels.
    #[must_use]
    pub fn line_group_usage(&self, group: LineGroupId) -> &Usage {
        self.lines.usage(group)
    }

    /// Use of a hunt group: calls that ring at or talk to its members.
    #[must_use]
    pub fn hunt_group_usage(&self, group: HuntGroupId) -> &Usage {
        self.hunt.usage(group)
    }

    /// Use of a hunt group's queue: calls that wait for a member.
    #[must_use]
    pub fn queue_usage(&self, group: HuntGroupId) -> &Usage {
        self.hunt.queue_usage(group)
    }

    /// Use of the voicemail server's channels.
    #[must_use]
    pub const fn voicemail_usage(&self) -> &Usage {
        self.voicemail.usage()
    }

    /// Use of the media capacity.
    #[must_use]
    pub const fn media_usage(&self, kind: MediaKind) -> &Usage {
        self.media.usage(kind)
    }

    /// Users on a call or rung for one.
    #[must_use]
    pub const fn user_usage(&self) -> &Usage {
        &self.user_usage
    }

    /// Use of conference slots.
    #[must_use]
    pub const fn conference_usage(&self) -> &Usage {
        &self.conferences.usage
    }

    /// Goes on counting where `before` was, with nothing in use. Whatever gauge a system has must be here.
    pub(crate) fn take_over_counters(&mut self, now: Instant, before: &mut Self) {
        self.now = now;
        self.calls = std::mem::take(&mut before.calls);
        self.stats = before.stats.clone();
        self.stats.calls.clear(now);
        self.user_usage = before.user_usage.clone();
        self.user_usage.clear(now);
        self.hunt.take_over_counters(now, &before.hunt);
        self.lines.take_over_counters(now, &before.lines);
        self.media.take_over_counters(now, &before.media);
        self.voicemail.take_over_counters(now, &before.voicemail);
        self.conferences.usage = before.conferences.usage.clone();
        self.conferences.usage.clear(now);
        self.outputs = std::mem::take(&mut before.outputs);
        self.told = before.told;
        self.digest = before.digest;
        self.trace = before.trace.clone();
    }

    pub(crate) fn advance(&mut self, now: Instant) {
        assert!(now >= self.now, "time runs backwards: {now} after {}", self.now);
        assert!(self.told == self.outputs.len(), "outputs must be taken before the next input");
        self.outputs.clear();
        self.told = 0;
        self.now = now;
    }

    // Inlined, so that only what the output at hand consists of is taken into the digest and written.
    #[inline(always)]
    pub(crate) fn emit(&mut self, now: Instant, output: Output) {
        self.digest.output(now, &output);
        self.outputs.push(output);
    }

    pub(crate) fn unexpected(&mut self) {
        self.stats.unexpected += 1;
    }

    #[inline]
    pub(crate) fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(id.slot(), id.generation())
    }

    /// The call that has a place in the call table, or had it last.
    pub(crate) fn at(&self, place: Place) -> CallId {
        CallId::new((place.slot(), self.calls.generation(place.slot())))
    }

    #[inline]
    pub(crate) fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.calls.get_mut(id.slot(), id.generation())
    }

    pub(crate) fn occupy(&mut self, now: Instant, user: UserId, call: CallId) {
        if mostly(self.users[user.index()].call.replace(call).is_none()) {
            self.user_usage.take(now);
            self.agent_changed(user);
        }
    }

    /// Takes a user out of a call. One who has others on hold is not idle yet.
    pub(crate) fn make_idle(&mut self, now: Instant, user: UserId, call: CallId) {
        let other = if mostly(self.held.is_empty()) { None } else { self.leave_hold(user, call) };
        let on = &mut self.users[user.index()].call;
        if mostly(*on == Some(call)) {
            *on = other;
            if mostly(other.is_none()) {
                self.user_usage.give_back(now);
                self.waiting_user_ends_call(now, user);
                self.agent_changed(user);
                if rarely(self.plan.is_guest(user)) {
                    self.guest_called(user);
                    self.guest_may_leave(now, user, PhoneFailback::Automatic);
                }
            }
        }
    }

    /// The calls that a user has on hold, the latest last.
    #[must_use]
    pub fn held_calls(&self, user: UserId) -> &[CallId] {
        self.held.get(&user).map_or(&[], |calls| calls.as_slice())
    }
}

/// Work for nothing: benches/slowed.sh.
#[cfg(feature = "slowed")]
fn slow_down() {
    for n in 0..100_u32 {
        std::hint::black_box(n);
    }
}
