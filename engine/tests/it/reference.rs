//! A telephone exchange written the simple way: lists and scans, no table that could be out of step with another.
//!
//! It reads the same description as the engine and says what it does in the words of the bench. One system, trunks only.

mod course;
mod routing;

use crate::brute_force::re_routes;
use engine::plan::spec::SystemSpec;
use engine::time::{Duration, Instant};
use engine::{Service, Stats};

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
        match self.incoming_destination(self.spec.lines[line].incoming_group, number) {
            Some(destination) => self.look_up(tag, destination),
            None if self.is_known(number) => self.look_up(tag, number.to_owned()),
            None => self.fail(tag, 17, ""),
        }
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
