//! Hunt groups written the simple way: lists and scans, and after each thing that happens whoever is free looks round.

use engine::plan::spec::{QueueSpec, QueueType, RingMode, SystemSpec};
use engine::time::{Duration, Instant};
use std::collections::VecDeque;

pub(super) struct Simple {
    now: Instant,
    agents: Vec<Agent>,
    groups: Vec<Group>,
    /// All calls in progress, in the order in which they came.
    calls: Vec<Call>,
    /// `(deadline, order of arming, what)`.
    timers: Vec<(Instant, u64, Timer)>,
    armed: u64,
    promotion: Option<Duration>,
    /// Ends of calls so far: orders agents who became idle at one instant.
    ended: u64,
    freed: VecDeque<usize>,
    /// Calls that have been round their group.
    again: VecDeque<u64>,
    said: Vec<String>,
}

struct Agent {
    extension: String,
    wrap_up: Duration,
    wraps_up: bool,
    do_not_disturb: bool,
    idle_since: (Instant, u64),
    on: On,
}

#[derive(Clone, Copy, PartialEq)]
enum On {
    Nothing,
    Ringing(u64),
    Talking(u64),
}

struct Group {
    extension: String,
    mode: RingMode,
    members: Vec<usize>,
    queue: Option<QueueSpec>,
    no_answer: Duration,
    last_answered: Option<usize>,
    /// Calls that found no place in the queue.
    blocked: u64,
}

struct Call {
    tag: u64,
    group: usize,
    priority: usize,
    /// Agents whose phones ring.
    ringing: Vec<usize>,
    rings_until: Instant,
    state: State,
    /// Places of members that have rung in this round.
    round: Vec<usize>,
    /// Rotary: the place at which the round began.
    began_at: usize,
    /// Longest waiting: who rang last in this round.
    after: Option<((Instant, u64), usize)>,
    ever_rang: bool,
    is_let_in: bool,
    alerted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Rings,
    Waits,
    Talks(usize),
}

#[derive(Clone, Copy, PartialEq)]
enum Timer {
    NoAnswer(u64),
    Promotion(u64),
    WrapUp(usize),
}

impl Simple {
    pub(super) fn new(spec: &SystemSpec) -> Self {
        let agents = spec.users.iter().map(|user| Agent {
            extension: user.extension.to_string(),
            wrap_up: user.wrap_up_time,
            wraps_up: false,
            do_not_disturb: false,
            idle_since: (Instant::ZERO, 0),
            on: On::Nothing,
        });
        let place = |n: &engine::number::Number| spec.users.iter().position(|u| u.extension == *n);
        let groups = spec.hunt_groups.iter().map(|group| Group {
            extension: group.extension.to_string(),
            mode: group.ring_mode,
            members: group.members.iter().filter_map(place).collect(),
            queue: group.queue,
            no_answer: group.no_answer_time.unwrap_or(spec.no_answer_time),
            last_answered: None,
            blocked: 0,
        });
        Self {
            now: Instant::ZERO,
            agents: agents.collect(),
            groups: groups.collect(),
            calls: vec![],
            timers: vec![],
            armed: 0,
            promotion: spec.call_priority_promotion_time,
            ended: 0,
            freed: VecDeque::new(),
            again: VecDeque::new(),
            said: vec![],
        }
    }

    // What one can see.

    pub(super) fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }

    pub(super) fn is_idle(&self, agent: usize) -> bool {
        self.agents[agent].on == On::Nothing
    }

    pub(super) fn rings_at(&self, agent: usize) -> Option<u64> {
        if let On::Ringing(tag) = self.agents[agent].on { Some(tag) } else { None }
    }

    pub(super) fn talks_on(&self, agent: usize) -> Option<u64> {
        if let On::Talking(tag) = self.agents[agent].on { Some(tag) } else { None }
    }

    pub(super) fn latest(&self, back: usize) -> Option<u64> {
        let place = self.calls.len().checked_sub(1)?;
        Some(self.calls[place - back % self.calls.len()].tag)
    }

    pub(super) fn timers(&self) -> usize {
        self.timers.len()
    }

    /// Of each group, how many calls wait, and how many found no place to.
    pub(super) fn queues(&self) -> Vec<(usize, u64)> {
        let waiting = |g| self.calls.iter().filter(|c| c.group == g && c.state == State::Waits).count();
        self.groups.iter().enumerate().map(|(g, group)| (waiting(g), group.blocked)).collect()
    }

    // What happens to it.

    pub(super) fn comes(&mut self, group: usize, priority: usize, tag: u64) {
        self.say(format!("accepted #{tag}"));
        self.calls.push(Call {
            tag,
            group,
            priority,
            ringing: vec![],
            rings_until: self.now,
            state: State::Waits,
            round: vec![],
            began_at: 0,
            after: None,
            ever_rang: false,
            is_let_in: false,
            alerted: false,
        });
        self.arm_promotion(tag);
        self.begin_round(tag);
        self.go_on(tag);
        self.settle();
    }

    pub(super) fn answer(&mut self, agent: usize) {
        let Some(tag) = self.rings_at(agent) else { return };
        let group = self.call(tag).group;
        let on_answer = self.groups[group].queue.is_some_and(|q| q.queue_type == QueueType::AssignOnAnswer);
        let head = self.first(|c| c.group == group && !matches!(c.state, State::Talks(_)));
        match head {
            Some(head) if on_answer && head != tag => self.exchange(tag, head, agent),
            _ => {}
        }
        let Some(tag) = self.rings_at(agent) else { return };
        self.disarm(|t| t == Timer::NoAnswer(tag) || t == Timer::Promotion(tag));
        for other in std::mem::take(&mut self.call_mut(tag).ringing) {
            if other != agent {
                self.stop(other);
            }
        }
        self.call_mut(tag).state = State::Talks(agent);
        self.agents[agent].on = On::Talking(tag);
        let place = self.groups[group].members.iter().position(|&m| m == agent);
        self.groups[group].last_answered = place;
        self.say(format!("connected #{tag}"));
        self.settle();
    }

    pub(super) fn refuse(&mut self, agent: usize) {
        let Some(tag) = self.rings_at(agent) else { return };
        if self.call(tag).ringing.len() == 1 {
            self.disarm(|t| t == Timer::NoAnswer(tag));
            self.not_answered(tag);
        } else {
            self.call_mut(tag).ringing.retain(|&a| a != agent);
            self.stop(agent);
        }
        self.settle();
    }

    pub(super) fn hang_up(&mut self, agent: usize) {
        let Some(tag) = self.talks_on(agent) else { return };
        self.say(format!("released #{tag} 16"));
        self.calls.retain(|c| c.tag != tag);
        self.ends_call(agent);
        self.settle();
    }

    pub(super) fn gives_up(&mut self, tag: u64) {
        let (state, ringing) = (self.call(tag).state, self.call(tag).ringing.clone());
        self.disarm(|t| t == Timer::NoAnswer(tag) || t == Timer::Promotion(tag));
        self.calls.retain(|c| c.tag != tag);
        for agent in ringing {
            self.stop(agent);
        }
        if let State::Talks(agent) = state {
            let extension = self.agents[agent].extension.clone();
            self.say(format!("disconnect {extension} #{tag} 16"));
            self.ends_call(agent);
        }
        self.settle();
    }

    /// Whether it is on now. The phone was off hook for the code.
    pub(super) fn do_not_disturb(&mut self, agent: usize) -> bool {
        let on = !self.agents[agent].do_not_disturb;
        self.agents[agent].do_not_disturb = on;
        self.freed.push_back(agent);
        self.settle();
        on
    }

    pub(super) fn pass(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(&(at, armed, timer)) = self.timers.iter().min_by_key(|(at, armed, _)| (*at, *armed))
            && at <= end
        {
            self.now = at;
            self.timers.retain(|t| t.1 != armed);
            match timer {
                Timer::NoAnswer(tag) => self.not_answered(tag),
                Timer::Promotion(tag) => {
                    self.call_mut(tag).priority += 1;
                    self.arm_promotion(tag);
                }
                Timer::WrapUp(agent) => {
                    self.agents[agent].wraps_up = false;
                    self.freed.push_back(agent);
                }
            }
            self.settle();
        }
        self.now = end;
    }

    // How it works.

    fn say(&mut self, what: String) {
        self.said.push(format!("{} A {what}", self.now));
    }

    fn call(&self, tag: u64) -> &Call {
        self.calls.iter().find(|c| c.tag == tag).expect("a call in progress")
    }

    fn call_mut(&mut self, tag: u64) -> &mut Call {
        self.calls.iter_mut().find(|c| c.tag == tag).expect("a call in progress")
    }

    fn arm(&mut self, at: Instant, timer: Timer) {
        self.armed += 1;
        self.timers.push((at, self.armed, timer));
    }

    fn disarm(&mut self, which: impl Fn(Timer) -> bool) {
        self.timers.retain(|t| !which(t.2));
    }

    fn arm_promotion(&mut self, tag: u64) {
        if let Some(time) = self.promotion
            && self.call(tag).priority < 2
        {
            self.arm(self.now + time, Timer::Promotion(tag));
        }
    }

    /// The call that comes first of those that are meant: the highest priority, then the one that came first.
    fn first(&self, which: impl Fn(&Call) -> bool) -> Option<u64> {
        let meant = self.calls.iter().filter(|c| which(c));
        meant.min_by_key(|c| (2 - c.priority, c.tag)).map(|c| c.tag)
    }

    fn is_available(&self, agent: usize) -> bool {
        let agent = &self.agents[agent];
        agent.on == On::Nothing && !agent.wraps_up && !agent.do_not_disturb
    }

    fn available_places(&self, group: usize) -> Vec<usize> {
        let members = &self.groups[group].members;
        (0..members.len()).filter(|&place| self.is_available(members[place])).collect()
    }

    fn begin_round(&mut self, tag: u64) {
        let group = &self.groups[self.call(tag).group];
        let began_at = group.last_answered.map_or(0, |last| (last + 1) % group.members.len());
        let call = self.call_mut(tag);
        (call.round, call.after, call.began_at) = (vec![], None, began_at);
    }

    /// Members to ring next in the call's round.
    fn next_places(&self, tag: u64) -> Vec<usize> {
        let call = self.call(tag);
        let group = &self.groups[call.group];
        let available = self.available_places(call.group);
        let last = call.round.last();
        let one = |place: Option<usize>| place.into_iter().collect();
        match group.mode {
            RingMode::Sequential => one(available.into_iter().find(|p| last.is_none_or(|last| p > last))),
            RingMode::Rotary => {
                let length = group.members.len();
                let turned = |place: usize| (place + length - call.began_at) % length;
                let behind = available.into_iter().filter(|&p| last.is_none_or(|&l| turned(p) > turned(l)));
                one(behind.min_by_key(|&p| turned(p)))
            }
            RingMode::LongestWaiting => {
                let idle = |place: usize| (self.agents[group.members[place]].idle_since, place);
                let later = available.into_iter().filter(|&p| call.after.is_none_or(|after| idle(p) > after));
                one(later.min_by_key(|&p| idle(p)))
            }
            RingMode::Collective | RingMode::CollectiveCallWaiting if last.is_none() => available,
            RingMode::Collective | RingMode::CollectiveCallWaiting => vec![],
        }
    }

    /// Rings whoever is next; if nobody is, the call waits for the next round or ends.
    fn go_on(&mut self, tag: u64) {
        let places = self.next_places(tag);
        let (g, rang) = (self.call(tag).group, !self.call(tag).round.is_empty());
        if !places.is_empty() {
            return self.ring(tag, &places);
        }
        let Some(queue) = self.groups[g].queue else {
            let extension = self.groups[g].extension.clone();
            return match self.call(tag).ever_rang {
                true => self.end(tag, "19"),
                false => self.end(tag, &format!("17 short of hunt group {extension}")),
            };
        };
        let call = self.call(tag);
        if !call.ever_rang && !call.is_let_in {
            if !self.has_place(tag, queue) {
                self.groups[g].blocked += 1;
                let extension = self.groups[g].extension.clone();
                return self.end(tag, &format!("17 short of queue {extension}"));
            }
            self.call_mut(tag).is_let_in = true;
        }
        self.call_mut(tag).state = State::Waits;
        self.begin_round(tag);
        if !self.call(tag).alerted {
            self.say(format!("tone queued #{tag}"));
        }
        self.alert(tag);
        if rang {
            self.again.push_back(tag);
        }
    }

    /// Calls that ring count as queued; a call that goes before another has a place for itself.
    fn has_place(&self, tag: u64, queue: QueueSpec) -> bool {
        let own = self.call(tag);
        let others = || {
            let pending = |c: &&Call| c.group == own.group && !matches!(c.state, State::Talks(_));
            self.calls.iter().filter(pending).filter(|c| c.tag != tag)
        };
        let members = &self.groups[own.group].members;
        let active = members.iter().filter(|&&m| !self.agents[m].do_not_disturb).count();
        let more = if queue.normalize { active } else { 0 };
        let limit = queue.limit.map(|limit| usize::from(limit) + more);
        limit.is_none_or(|limit| others().count() < limit) || others().any(|c| c.priority < own.priority)
    }

    fn ring(&mut self, tag: u64, places: &[usize]) {
        let group = &self.groups[self.call(tag).group];
        let agents: Vec<usize> = places.iter().map(|&place| group.members[place]).collect();
        let until = self.now + group.no_answer;
        let last = places[places.len() - 1];
        let idle = self.agents[agents[agents.len() - 1]].idle_since;
        self.arm(until, Timer::NoAnswer(tag));
        let call = self.call_mut(tag);
        (call.state, call.rings_until, call.ever_rang) = (State::Rings, until, true);
        call.after = Some((idle, last));
        call.round.extend(places);
        for agent in agents {
            self.ring_one(tag, agent);
        }
        self.alert(tag);
    }

    fn ring_one(&mut self, tag: u64, agent: usize) {
        self.call_mut(tag).ringing.push(agent);
        self.agents[agent].on = On::Ringing(tag);
        let extension = self.agents[agent].extension.clone();
        self.say(format!("ring {extension} #{tag}"));
    }

    fn stop(&mut self, agent: usize) {
        let Some(tag) = self.rings_at(agent) else { return };
        let extension = self.agents[agent].extension.clone();
        self.say(format!("stop ringing {extension} #{tag}"));
        self.agents[agent].on = On::Nothing;
        self.freed.push_back(agent);
    }

    fn alert(&mut self, tag: u64) {
        if !std::mem::replace(&mut self.call_mut(tag).alerted, true) {
            self.say(format!("alerting #{tag}"));
        }
    }

    fn end(&mut self, tag: u64, cause: &str) {
        self.say(format!("released #{tag} {cause}"));
        self.disarm(|t| t == Timer::NoAnswer(tag) || t == Timer::Promotion(tag));
        self.calls.retain(|c| c.tag != tag);
    }

    fn not_answered(&mut self, tag: u64) {
        for agent in std::mem::take(&mut self.call_mut(tag).ringing) {
            self.stop(agent);
        }
        self.go_on(tag);
    }

    fn ends_call(&mut self, agent: usize) {
        self.ended += 1;
        let agent_state = &mut self.agents[agent];
        agent_state.idle_since = (self.now, self.ended);
        agent_state.on = On::Nothing;
        if agent_state.wrap_up.is_zero() {
            return self.freed.push_back(agent);
        }
        agent_state.wraps_up = true;
        self.arm(self.now + self.agents[agent].wrap_up, Timer::WrapUp(agent));
    }

    /// The agent, at whose phone `rung` rings, gets the head of the queue; phones that ring for the head ring for the other.
    fn exchange(&mut self, rung: u64, head: u64, agent: usize) {
        let phones = std::mem::take(&mut self.call_mut(head).ringing);
        let (rang, until) = (self.call(head).state == State::Rings, self.call(head).rings_until);
        self.disarm(|t| t == Timer::NoAnswer(head));
        let extension = |s: &Self, agent: usize| s.agents[agent].extension.clone();
        self.say(format!("stop ringing {} #{rung}", extension(self, agent)));
        self.call_mut(rung).ringing.retain(|&a| a != agent);
        let left = self.call(rung).ringing.len();
        self.call_mut(head).state = State::Rings;
        self.ring_one(head, agent);
        for &phone in &phones {
            self.say(format!("stop ringing {} #{head}", extension(self, phone)));
            self.ring_one(rung, phone);
        }
        if self.call(rung).ringing.is_empty() {
            self.disarm(|t| t == Timer::NoAnswer(rung));
            self.call_mut(rung).state = State::Waits;
            self.begin_round(rung);
            self.again.push_back(rung);
        } else if left == 0 && rang {
            self.disarm(|t| t == Timer::NoAnswer(rung));
            self.arm(until, Timer::NoAnswer(rung));
            self.call_mut(rung).rings_until = until;
        }
    }

    /// Whoever has become free takes what waits, the first to be free first; then calls that have been round look again.
    fn settle(&mut self) {
        loop {
            if let Some(agent) = self.freed.pop_front() {
                self.looks_round(agent);
            } else if let Some(tag) = self.again.pop_front() {
                if self.calls.iter().any(|c| c.tag == tag && c.state == State::Waits) {
                    self.looks_again(tag);
                }
            } else {
                return;
            }
        }
    }

    fn looks_round(&mut self, agent: usize) {
        while self.is_available(agent) {
            let is_member = |c: &Call| self.groups[c.group].members.contains(&agent);
            let Some(tag) = self.first(|c| c.state == State::Waits && is_member(c)) else {
                return self.rings_along(agent);
            };
            self.looks_again(tag);
        }
    }

    fn looks_again(&mut self, tag: u64) {
        if !self.available_places(self.call(tag).group).is_empty() {
            self.begin_round(tag);
            self.go_on(tag);
        }
    }

    /// Where all members ring for the first call of a group, one more does.
    fn rings_along(&mut self, agent: usize) {
        for group in 0..self.groups.len() {
            let Group { mode, members, .. } = &self.groups[group];
            if *mode != RingMode::Collective || !members.contains(&agent) {
                continue;
            }
            let first = self.first(|c| c.group == group && !matches!(c.state, State::Talks(_)));
            if let Some(tag) = first.filter(|&tag| self.call(tag).state == State::Rings) {
                return self.ring_one(tag, agent);
            }
        }
    }
}
