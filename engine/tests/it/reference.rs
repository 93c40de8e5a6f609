//! A telephone exchange written the simple way: lists and scans, no table that could be out of step with another.
//!
//! It reads the same description as the engine and says what it does in the words of the bench. One system, trunks only.

use crate::brute_force::{best, fits, produce, re_routes};
use engine::plan::spec::{Feature, FeatureKind, ShortCodeSpec, SystemSpec};
use engine::time::{Duration, Instant};
use engine::{Service, Stats};

const CALL_QUEUING: Duration = Duration::from_secs(300);

/// The exchange.
pub(crate) struct Reference {
    spec: SystemSpec,
    pub(crate) now: Instant,
    pub(crate) calls: Vec<Call>,
    /// `(deadline, order of arming, tag)`.
    timers: Vec<(Instant, u64, u64)>,
    armed: u64,
    said: Vec<String>,
    pub(crate) attempts: u64,
    refused: u64,
    answered: u64,
    ended: u64,
    pub(crate) unexpected: u64,
    causes: Vec<u64>,
    users_blocked: u64,
    /// By outgoing group number, and by place of the hunt group.
    groups_blocked: Vec<u32>,
    hunts_blocked: Vec<usize>,
    /// Every call that ever waited for a line, in the order in which they began to.
    waited: Vec<u64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) tag: u64,
    from: From,
    started: Instant,
    alerted: Option<Instant>,
    calling: String,
    dialled: String,
    called: String,
    callee: String,
    hunt: Option<usize>,
    /// Whether it was ever sent out on a trunk.
    sent: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    User(usize),
    Trunk(Channel),
}

#[derive(Clone, Debug)]
enum State {
    Nowhere,
    Ringing {
        user: usize,
        place: usize,
    },
    /// For a channel in any of these groups.
    Waiting {
        search: Search,
        groups: Vec<u32>,
    },
    Out {
        channel: Channel,
        reacted: bool,
        search: Search,
    },
    Talking {
        to: To,
        since: Instant,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum To {
    User(usize),
    Trunk(Channel),
}

/// Line by place, channel by number.
type Channel = (usize, u16);

/// Where to look for routes, and which of them were used up.
#[derive(Clone, Debug)]
struct Search {
    digits: String,
    /// Line group or form.
    target: u32,
    /// Line groups that it was sent out on, and for which form: where the search began, or the last alternate route.
    failed: Vec<(u32, u32)>,
    /// When the call first had to wait.
    since: Option<Instant>,
}

/// What a search finds, and for whom.
struct Found<'a> {
    calling: &'a str,
    priority: u8,
    routes: Vec<Route>,
    opens: Vec<Instant>,
}

#[derive(Clone, Debug)]
enum Route {
    /// A line group, the number, and for which form.
    Group(u32, String, u32),
    Refuse(u8),
}

impl Reference {
    pub(crate) fn new(spec: &SystemSpec) -> Self {
        Self {
            spec: spec.clone(),
            now: Instant::ZERO,
            calls: vec![],
            timers: vec![],
            armed: 0,
            said: vec![],
            attempts: 0,
            refused: 0,
            answered: 0,
            ended: 0,
            unexpected: 0,
            causes: vec![0; 128],
            users_blocked: 0,
            groups_blocked: vec![],
            hunts_blocked: vec![],
            waited: vec![],
        }
    }

    pub(crate) fn said(&mut self) -> Vec<String> {
        self.serve_waiting();
        std::mem::take(&mut self.said)
    }

    // What one can see.

    pub(crate) fn is_idle(&self, user: usize) -> bool {
        !self.calls.iter().any(|c| c.from == From::User(user) || c.called_user() == Some(user))
    }

    pub(crate) fn free_channels(&self, line: usize) -> u16 {
        (0..self.spec.lines[line].channels).filter(|&c| self.is_free((line, c))).count() as u16
    }

    pub(crate) fn timers(&self) -> usize {
        self.timers.len()
    }

    /// Calls that ring at or talk to members of a hunt group, and those that found all busy.
    pub(crate) fn hunt_usage(&self, group: usize) -> (usize, usize) {
        let blocked = self.hunts_blocked.iter().filter(|&&g| g == group).count();
        (self.calls.iter().filter(|c| c.hunt == Some(group)).count(), blocked)
    }

    /// Channels of a line group in use, and calls refused for want of one.
    pub(crate) fn line_group_usage(&self, number: u32) -> (u32, u64) {
        let lines = (0..self.spec.lines.len()).filter(|&l| self.spec.lines[l].outgoing_group == number);
        let in_use = lines.map(|l| u32::from(self.spec.lines[l].channels - self.free_channels(l))).sum();
        (in_use, self.groups_blocked.iter().filter(|&&n| n == number).count() as u64)
    }

    /// Every counter the engine keeps as well, by name.
    pub(crate) fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("attempts", self.attempts),
            ("refused", self.refused),
            ("answered", self.answered),
            ("ended", self.ended),
            ("records", self.ended),
            ("unexpected", self.unexpected),
            ("in progress", self.calls.len() as u64),
        ]
    }

    /// The engine's counters under the same names.
    pub(crate) fn counters_of(stats: &Stats) -> Vec<(&'static str, u64)> {
        vec![
            ("attempts", stats.attempts),
            ("refused", stats.refused),
            ("answered", stats.answered),
            ("ended", stats.ended),
            ("records", stats.records),
            ("unexpected", stats.unexpected),
            ("in progress", u64::from(stats.calls.in_use())),
        ]
    }

    pub(crate) fn causes(&self) -> &[u64] {
        &self.causes
    }

    pub(crate) fn users_blocked(&self) -> u64 {
        self.users_blocked
    }

    /// The user who would answer or refuse this call now.
    pub(crate) fn called_user(&self, tag: u64) -> Option<usize> {
        self.calls.iter().find(|c| c.tag == tag)?.called_user()
    }

    /// The user who made this call, if one did.
    pub(crate) fn calling_user(&self, tag: u64) -> Option<usize> {
        match self.calls.iter().find(|c| c.tag == tag)?.from {
            From::User(user) => Some(user),
            From::Trunk(_) => None,
        }
    }

    // What happens to it.

    /// Whether the attempt became a call.
    pub(crate) fn dial(&mut self, user: usize, number: &str, tag: u64) -> bool {
        self.attempts += 1;
        if !self.is_idle(user) {
            let short_of = self.short_of_user(user);
            self.refuse(tag, 17, &short_of);
            return false;
        }
        let calling = self.spec.users[user].extension.to_string();
        self.begin(tag, From::User(user), calling, number);
        self.look_up(tag, number.to_owned());
        true
    }

    pub(crate) fn trunk_setup(&mut self, line: usize, number: &str, calling: &str, tag: u64) -> bool {
        self.attempts += 1;
        let in_service = self.spec.lines[line].in_service;
        let Some(channel) = self.first_free(line).filter(|_| in_service) else {
            let group = self.spec.lines[line].outgoing_group;
            self.groups_blocked.push(group);
            self.refuse(tag, 34, &format!(" short of line group {group}"));
            return false;
        };
        self.begin(tag, From::Trunk(channel), calling.to_owned(), number);
        let destination = self.incoming_destination(self.spec.lines[line].incoming_group, number);
        self.look_up(tag, destination);
        true
    }

    pub(crate) fn answer(&mut self, user: usize, tag: u64) {
        match self.state(tag) {
            Some(State::Ringing { user: rung, .. }) if rung == user => self.connect(tag, To::User(user)),
            _ => self.unexpected += 1,
        }
    }

    pub(crate) fn hang_up(&mut self, user: usize, tag: u64) {
        match self.state(tag) {
            Some(_) if self.calling_user(tag) == Some(user) => self.end(tag, "Caller", 16, ""),
            Some(State::Ringing { user: rung, .. }) if rung == user => self.ring_next(tag, "Callee", 21),
            Some(State::Talking { to: To::User(to), .. }) if to == user => self.end(tag, "Callee", 16, ""),
            _ => self.unexpected += 1,
        }
    }

    pub(crate) fn trunk_proceeding(&mut self, tag: u64) {
        match self.state(tag) {
            Some(State::Out { .. }) => self.reacts(tag),
            _ => self.odd_word(tag),
        }
    }

    pub(crate) fn trunk_alerting(&mut self, tag: u64) {
        match self.state(tag) {
            Some(State::Out { .. }) => {
                self.reacts(tag);
                self.alert(tag);
            }
            _ => self.odd_word(tag),
        }
    }

    pub(crate) fn trunk_answer(&mut self, tag: u64) {
        match self.state(tag) {
            Some(State::Out { channel, .. }) => self.connect(tag, To::Trunk(channel)),
            _ => self.odd_word(tag),
        }
    }

    pub(crate) fn trunk_release(&mut self, tag: u64, cause: u8) {
        let from_trunk = self.calls.iter().any(|c| c.tag == tag && matches!(c.from, From::Trunk(_)));
        match self.state(tag) {
            Some(_) if from_trunk => self.end(tag, "Caller", cause, ""),
            Some(State::Out { search, .. }) if re_routes(cause) => {
                self.disarm(tag);
                self.try_routes(tag, search, Some(cause));
            }
            Some(State::Out { .. } | State::Talking { to: To::Trunk(_), .. }) => {
                self.end(tag, "Callee", cause, "");
            }
            _ => self.odd_word(tag),
        }
    }

    /// A word that no call waits for: late, if it is about a route that was given up, else unexpected.
    fn odd_word(&mut self, tag: u64) {
        let is_out = |c: &Call| c.called_channel().is_some();
        if !self.calls.iter().any(|c| c.tag == tag && c.sent && !is_out(c)) {
            self.unexpected += 1;
        }
    }

    pub(crate) fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(&(at, armed, tag)) = self.timers.iter().min()
            && at <= end
        {
            self.now = at;
            self.timers.retain(|t| t.1 != armed);
            self.time_out(tag);
            self.serve_waiting();
        }
        self.now = end;
    }

    fn time_out(&mut self, tag: u64) {
        match self.state(tag) {
            Some(State::Ringing { .. }) => self.ring_next(tag, "System", 19),
            Some(State::Out { reacted: true, .. }) => self.end(tag, "System", 102, ""),
            Some(State::Out { channel, search, .. }) => {
                self.say(format!("trunk release {} #{tag} 102", text(channel)));
                self.try_routes(tag, search, Some(102));
            }
            Some(State::Waiting { search, .. }) => self.try_routes(tag, search, None),
            Some(State::Nowhere | State::Talking { .. }) | None => {
                panic!("#{tag} has nothing to time out")
            }
        }
    }

    // How it works.

    fn say(&mut self, what: String) {
        self.said.push(format!("{} A {what}", self.now));
    }

    fn arm(&mut self, tag: u64, after: Duration) {
        self.armed += 1;
        self.timers.push((self.now + after, self.armed, tag));
    }

    fn disarm(&mut self, tag: u64) {
        self.timers.retain(|t| t.2 != tag);
    }

    fn state(&self, tag: u64) -> Option<State> {
        self.calls.iter().find(|c| c.tag == tag).map(|c| c.state.clone())
    }

    fn call(&mut self, tag: u64) -> &mut Call {
        self.calls.iter_mut().find(|c| c.tag == tag).expect("a call in progress")
    }

    fn extension(&self, user: usize) -> String {
        self.spec.users[user].extension.to_string()
    }

    fn short_of_user(&self, user: usize) -> String {
        format!(" short of user {}", self.extension(user))
    }

    fn is_free(&self, channel: Channel) -> bool {
        !self.calls.iter().any(|c| c.from == From::Trunk(channel) || c.called_channel() == Some(channel))
    }

    fn first_free(&self, line: usize) -> Option<Channel> {
        (0..self.spec.lines[line].channels).map(|c| (line, c)).find(|&at| self.is_free(at))
    }

    pub(crate) fn line_service(&mut self, line: usize, service: Service) {
        self.spec.lines[line].in_service = service == Service::In;
    }

    fn refuse(&mut self, tag: u64, cause: u8, short_of: &str) {
        self.refused += 1;
        self.causes[usize::from(cause)] += 1;
        self.say(format!("refused #{tag} {cause}{short_of}"));
    }

    fn begin(&mut self, tag: u64, from: From, calling: String, dialled: &str) {
        self.calls.push(Call {
            tag,
            from,
            started: self.now,
            alerted: None,
            calling,
            dialled: dialled.to_owned(),
            called: dialled.to_owned(),
            callee: "-".to_owned(),
            hunt: None,
            sent: false,
            state: State::Nowhere,
        });
        self.say(format!("accepted #{tag}"));
    }

    fn fail(&mut self, tag: u64, cause: u8, short_of: &str) {
        self.end(tag, "System", cause, short_of);
    }

    fn look_up(&mut self, tag: u64, mut digits: String) {
        for _ in 0..32 {
            if let Some(user) = self.spec.users.iter().position(|u| u.extension.as_str() == digits) {
                self.call(tag).called = digits;
                self.call(tag).callee = self.extension(user);
                if self.is_idle(user) {
                    return self.ring(tag, user, 0);
                }
                self.users_blocked += 1;
                let short_of = self.short_of_user(user);
                return self.fail(tag, 17, &short_of);
            }
            if let Some(group) = self.spec.hunt_groups.iter().position(|g| g.extension.as_str() == digits) {
                self.call(tag).called = digits.clone();
                let Some((user, place)) = self.free_member(group, 0) else {
                    self.hunts_blocked.push(group);
                    return self.fail(tag, 17, &format!(" short of hunt group {digits}"));
                };
                self.call(tag).hunt = Some(group);
                return self.ring(tag, user, place);
            }
            // Only a form has entries with the same code; in a table of short codes the first one counts.
            let codes = best(&self.spec.short_codes, &digits);
            let Some(code) = codes.first() else { return self.fail(tag, 88, "") };
            let produced = produce(code, &digits, &self.call(tag).calling);
            match (code.feature.kind(), produced) {
                (_, None) => return self.fail(tag, 28, ""),
                (FeatureKind::Stop, _) => return self.fail(tag, stop_cause(code), ""),
                (FeatureKind::Extension, Some(produced)) => digits = produced,
                (FeatureKind::Dial, Some(produced)) => {
                    let search =
                        Search { digits: produced, target: code.line_group, failed: vec![], since: None };
                    return self.try_routes(tag, search, None);
                }
                (
                    FeatureKind::BreakOut
                    | FeatureKind::Setting
                    | FeatureKind::Voicemail
                    | FeatureKind::Conference
                    | FeatureKind::InCall
                    | FeatureKind::Refused,
                    _,
                ) => {
                    panic!("the simple exchange has no {:?}", code.feature)
                }
            }
        }
        self.fail(tag, 25, "");
    }

    /// Every route in order, up to the first refusal, and when the next alternate route opens.
    fn routes(&self, tag: u64, search: &Search) -> (Vec<Route>, Option<Instant>) {
        let call = self.calls.iter().find(|c| c.tag == tag).expect("a call in progress");
        let priority = match call.from {
            From::User(user) => self.spec.users[user].priority,
            From::Trunk(_) => 5,
        };
        let mut found = Found { calling: &call.calling, priority, routes: vec![], opens: vec![] };
        let since = search.since.unwrap_or(self.now);
        self.add_routes(search.target, &search.digits, (0, since, false), search.target, &mut found);
        (found.routes, found.opens.into_iter().min())
    }

    /// Adds what a line group or form offers; false after a refusal. The form was reached over `forms` others, at `since`,
    /// as an alternate or not.
    fn add_routes(
        &self,
        id: u32,
        digits: &str,
        (forms, since, alternate): (usize, Instant, bool),
        by_form: u32,
        found: &mut Found<'_>,
    ) -> bool {
        let Some(form) = self.spec.ars_forms.iter().find(|f| f.id == id) else {
            found.routes.push(Route::Group(id, digits.to_owned(), by_form));
            return true;
        };
        let codes = best(&form.codes, digits);
        let refusal = match () {
            () if forms == 32 => Some(25),
            () if codes.is_empty() && !alternate => Some(88),
            () => None,
        };
        if let Some(cause) = refusal {
            found.routes.push(Route::Refuse(cause));
            return false;
        }
        let goes_on = codes.iter().all(|code| match produce(code, digits, found.calling) {
            Some(number) if code.feature.kind() == FeatureKind::Dial => {
                self.add_routes(code.line_group, &number, (forms + 1, since, false), by_form, found)
            }
            produced => {
                found.routes.push(Route::Refuse(produced.map_or(28, |_| stop_cause(code))));
                false
            }
        });
        let (true, Some(route)) = (goes_on, form.alternate_route) else { return goes_on };
        let opens = match form.alternate_route_wait_time {
            _ if found.priority >= form.alternate_route_priority_level => since,
            Some(wait) => since + wait,
            None => return true,
        };
        if opens > self.now {
            found.opens.push(opens);
            return true;
        }
        self.add_routes(route, digits, (forms + 1, opens, true), route, found)
    }

    /// Takes the first route that is free. If none is, the call waits for one, unless it has been to all.
    fn try_routes(&mut self, tag: u64, mut search: Search, cause: Option<u8>) {
        self.call(tag).state = State::Nowhere;
        let mut full = vec![];
        let (routes, opens) = self.routes(tag, &search);
        for route in routes {
            let (group, number, by_form) = match route {
                Route::Refuse(cause) => return self.fail(tag, cause, ""),
                Route::Group(group, _, by_form) if search.failed.contains(&(by_form, group)) => continue,
                Route::Group(group, number, by_form) => (group, number, by_form),
            };
            if matches!(self.call(tag).from, From::Trunk(_)) {
                return self.fail(tag, 21, "");
            }
            let is_ahead = self.is_ahead(tag, group);
            match self.free_in_group(group).filter(|_| !is_ahead) {
                Some(channel) => {
                    search.failed.push((by_form, group));
                    return self.send(tag, channel, number, search);
                }
                None => full.push(group),
            }
        }
        if full.is_empty() && opens.is_none() {
            return self.fail(tag, cause.unwrap_or(3), "");
        }
        if !self.waited.contains(&tag) {
            self.groups_blocked.extend(full.first());
        }
        self.wait(tag, search, full, opens);
    }

    fn wait(&mut self, tag: u64, search: Search, groups: Vec<u32>, opens: Option<Instant>) {
        let search = Search { since: search.since.or(Some(self.now)), ..search };
        if let Some(opens) = opens {
            self.arm(tag, opens.since(self.now));
        }
        self.call(tag).state = State::Waiting { search, groups };
        if !self.waited.contains(&tag) {
            self.waited.push(tag);
            self.say(format!("tone camp-on #{tag}"));
        }
    }

    /// Whether someone has waited longer for the group than this call.
    fn is_ahead(&self, tag: u64, group: u32) -> bool {
        let before = self.waited.iter().take_while(|&&t| t != tag);
        before
            .into_iter()
            .any(|&t| matches!(self.state(t), Some(State::Waiting { groups, .. }) if groups.contains(&group)))
    }

    /// Whoever has waited longest for something that is free now gets it; then the next.
    fn serve_waiting(&mut self) {
        while let Some((tag, search)) = self.waited.iter().find_map(|&tag| match self.state(tag) {
            Some(State::Waiting { search, groups })
                if groups.iter().any(|&g| self.free_in_group(g).is_some()) =>
            {
                Some((tag, search))
            }
            _ => None,
        }) {
            self.disarm(tag);
            self.try_routes(tag, search, None);
        }
    }

    /// The first free channel of a group, in order of line numbers.
    fn free_in_group(&self, group: u32) -> Option<Channel> {
        let mut lines: Vec<usize> = (0..self.spec.lines.len()).collect();
        lines.retain(|&l| self.spec.lines[l].outgoing_group == group && self.spec.lines[l].in_service);
        lines.sort_by_key(|&l| self.spec.lines[l].number);
        lines.into_iter().find_map(|l| self.first_free(l))
    }

    fn send(&mut self, tag: u64, channel: Channel, number: String, search: Search) {
        let call = self.call(tag);
        call.sent = true;
        call.state = State::Out { channel, reacted: false, search };
        call.callee = text(channel);
        call.called.clone_from(&number);
        let calling = call.calling.clone();
        self.arm(tag, self.spec.lines[channel.0].call_initiation_timeout);
        self.say(format!("trunk set-up {} #{tag} {calling}>{number}", text(channel)));
    }

    fn reacts(&mut self, tag: u64) {
        if let State::Out { reacted: reacted @ false, .. } = &mut self.call(tag).state {
            *reacted = true;
            self.disarm(tag);
            self.arm(tag, CALL_QUEUING);
        }
    }

    fn free_member(&self, group: usize, from: usize) -> Option<(usize, usize)> {
        let members = &self.spec.hunt_groups[group].members;
        let user = |m: usize| self.spec.users.iter().position(|u| u.extension == members[m]);
        (from..members.len()).filter_map(|m| Some((user(m)?, m + 1))).find(|&(user, _)| self.is_idle(user))
    }

    fn ring(&mut self, tag: u64, user: usize, place: usize) {
        let extension = self.extension(user);
        let call = self.call(tag);
        call.state = State::Ringing { user, place };
        call.callee.clone_from(&extension);
        let own = call.hunt.and_then(|g| self.spec.hunt_groups[g].no_answer_time);
        self.arm(tag, own.unwrap_or(self.spec.no_answer_time));
        self.say(format!("ring {extension} #{tag}"));
        self.alert(tag);
    }

    fn ring_next(&mut self, tag: u64, by: &str, cause: u8) {
        let Some(State::Ringing { user, place }) = self.state(tag) else { panic!("#{tag} does not ring") };
        let Some(group) = self.call(tag).hunt else { return self.end(tag, by, cause, "") };
        self.say(format!("stop ringing {} #{tag}", self.extension(user)));
        self.call(tag).state = State::Nowhere;
        self.disarm(tag);
        match self.free_member(group, place) {
            Some((user, place)) => self.ring(tag, user, place),
            None => self.fail(tag, 19, ""),
        }
    }

    fn alert(&mut self, tag: u64) {
        let now = self.now;
        let call = self.call(tag);
        if call.alerted.is_none() {
            call.alerted = Some(now);
            self.say(format!("alerting #{tag}"));
        }
    }

    fn connect(&mut self, tag: u64, to: To) {
        self.disarm(tag);
        self.answered += 1;
        self.call(tag).state = State::Talking { to, since: self.now };
        self.say(format!("connected #{tag}"));
    }

    fn end(&mut self, tag: u64, by: &str, cause: u8, short_of: &str) {
        self.disarm(tag);
        let at = self.calls.iter().position(|c| c.tag == tag).expect("a call in progress");
        let call = self.calls.remove(at);
        let mut talked = "unanswered".to_owned();
        let mut rang_until = self.now;
        match call.state {
            State::Nowhere | State::Waiting { .. } => {}
            State::Ringing { user, .. } => self.say(format!("stop ringing {} #{tag}", self.extension(user))),
            State::Out { channel, .. } => self.clear(tag, To::Trunk(channel), by, cause),
            State::Talking { to, since } => {
                self.clear(tag, to, by, cause);
                talked = format!("talked {}", self.now.since(since));
                rang_until = since;
            }
        }
        if by != "Caller" {
            self.say(format!("released #{tag} {cause}{short_of}"));
        }
        self.ended += 1;
        self.causes[usize::from(cause)] += 1;
        let group =
            call.hunt.map_or_else(String::new, |g| format!(" group {}", self.spec.hunt_groups[g].extension));
        let caller = match call.from {
            From::User(user) => self.extension(user),
            From::Trunk(channel) => text(channel),
        };
        let rang = call.alerted.map_or(Duration::ZERO, |alerted| rang_until.since(alerted));
        assert!(call.started <= self.now);
        self.say(format!(
            "smdr #{tag} {}>{}>{} {caller}>{}{group} rang {rang} {talked} {by} {cause}",
            call.calling, call.dialled, call.called, call.callee
        ));
    }

    fn clear(&mut self, tag: u64, to: To, by: &str, cause: u8) {
        if by == "Callee" {
            return;
        }
        match to {
            To::User(user) => self.say(format!("disconnect {} #{tag} {cause}", self.extension(user))),
            To::Trunk(channel) => self.say(format!("trunk release {} #{tag} {cause}", text(channel))),
        }
    }

    fn incoming_destination(&self, group: u32, called: &str) -> String {
        let mut best: Option<((bool, usize, usize), &str)> = None;
        for route in &self.spec.incoming_call_routes {
            if route.incoming_group.is_some_and(|g| g != group) {
                continue;
            }
            let Some((matching, literal)) = fits(&route.incoming_number, called) else { continue };
            let rank = (route.incoming_group.is_some(), matching, literal);
            if best.is_none_or(|(b, _)| rank > b) {
                best = Some((rank, route.destinations[0].destination.as_str()));
            }
        }
        match best {
            None | Some((_, "" | ".")) => called.to_owned(),
            Some((_, destination)) => destination.to_owned(),
        }
    }
}

impl Call {
    fn called_user(&self) -> Option<usize> {
        match self.state {
            State::Ringing { user, .. } | State::Talking { to: To::User(user), .. } => Some(user),
            State::Nowhere
            | State::Waiting { .. }
            | State::Out { .. }
            | State::Talking { to: To::Trunk(_), .. } => None,
        }
    }

    fn called_channel(&self) -> Option<Channel> {
        match self.state {
            State::Out { channel, .. } | State::Talking { to: To::Trunk(channel), .. } => Some(channel),
            State::Nowhere
            | State::Waiting { .. }
            | State::Ringing { .. }
            | State::Talking { to: To::User(_), .. } => None,
        }
    }
}

fn text((line, channel): Channel) -> String {
    format!("{}.{channel}", line + 1)
}

fn stop_cause(code: &ShortCodeSpec) -> u8 {
    if code.feature == Feature::Busy { 17 } else { 21 }
}
