//! Everybody tries everything at random: whatever the way, nobody gets to speak to whom call barring keeps him from.

use super::setup::{
    ACCOUNTS, ASKING, DIALLED, EMERGENCY, INTRUSIONS, LISTEN, Rules, USERS, allowances, network,
};
use super::who_hears_whom::circles;
use crate::exploring::seeds;
use crate::support::{Bench, Random, number, seconds};
use engine::id::{CallId, LineId, Tag, UserId};
use engine::plan::spec::CallClass::{self, International, Local, National};
use engine::plan::spec::CallClasses;
use engine::{AtEnd, CallFacts, Control, Input, Output, Tone, cause::Cause};
use std::collections::{BTreeMap, BTreeSet};

/// Where 201 and the outside may meet: dialled more often than others.
const MEETINGS: [&str; 7] = ["201", "201", "700", "800", "5", "05", "005"];

fn class_of(sent: &str) -> CallClass {
    match () {
        () if sent.starts_with("00") || sent.starts_with('+') => International,
        () if sent.starts_with('0') => National,
        () => Local,
    }
}

/// A call that left on a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    number: String,
    tag: u64,
    /// What the account code entered for it allows; `None`: none was entered.
    account: Option<CallClasses>,
}

impl Sent {
    fn is_emergency(&self) -> bool {
        self.number.ends_with(EMERGENCY)
    }
}

/// An outgoing trunk call whose far end 201 heard.
#[derive(Debug)]
struct Heard {
    sent: Sent,
    /// On a call of its own with this tag; `u64::MAX` if 201 was called.
    on: u64,
    /// Whether 201 had entered an account code for that.
    entered: bool,
    /// 201 had got into a call of others.
    broke_in: bool,
}

/// What a user does who gets into a call of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intrusion {
    Speaks,
    /// Who only listens has called nobody.
    Listens,
}

impl Heard {
    /// By transfer or in a conference.
    fn is_of_others(&self) -> bool {
        self.sent.tag != self.on
    }
}

/// How a random run went.
#[derive(Default)]
struct Seen {
    /// What left on behalf of 201.
    by_201: Vec<Sent>,
    heard: Vec<Heard>,
    /// Those for which a code had asked for an account code, and whether a valid one was entered for the call.
    asking: Vec<bool>,
    /// Those sent for calls that had come in on a trunk.
    from_trunks: usize,
    /// Times that two far ends of trunks heard each other, and nobody of the network with them.
    trunks_alone: usize,
    /// Times that somebody was refused a transfer or a conference.
    denied: usize,
}

/// A run. Tags 0.. are those of 201, 1000.. of others, 2000.. of trunks.
struct Play {
    bench: Bench,
    r: Random,
    next_tag: u64,
    /// Phones that ring, and calls on trunks that are not answered.
    rings: Vec<(usize, UserId, CallId)>,
    set_up: Vec<(usize, CallId, u16)>,
    /// Calls by tag, on the system where they began.
    begun: BTreeMap<u64, (usize, CallId)>,
    sent: BTreeMap<(usize, CallId), Sent>,
    accounts: BTreeMap<u64, CallClasses>,
    /// Calls by which users get into calls of others.
    intrusions: BTreeMap<u64, Intrusion>,
    already: BTreeSet<(usize, CallId, u64)>,
    seen: Seen,
}

fn play(seed: u64, rules: Rules) -> Seen {
    let mut r = Random(seed);
    let systems = network(&mut r, rules);
    let mut play = Play {
        bench: Bench::new(systems),
        r,
        next_tag: 0,
        rings: vec![],
        set_up: vec![],
        begun: BTreeMap::new(),
        sent: BTreeMap::new(),
        accounts: BTreeMap::new(),
        intrusions: BTreeMap::new(),
        already: BTreeSet::new(),
        seen: Seen::default(),
    };
    for _ in 0..110 {
        play.step();
        play.settle();
        play.look_round();
    }
    play.seen
}

impl Play {
    fn step(&mut self) {
        match self.r.below(28) {
            0..=2 => self.dial(USERS[0]),
            3..=5 => {
                let user = self.r.pick(&USERS[1..]);
                self.dial(user);
            }
            6 => self.trunk_setup(),
            7..=10 => self.answer(),
            11..=12 => self.trunk_answers(),
            13 => self.hang_up(),
            14 => self.trunk_release(),
            15..=16 => self.hold_and_dial(),
            17..=18 => self.transfer(),
            19..=20 => self.confer(),
            21 => self.control(),
            22 => self.dial_by_hand(),
            23..=26 => self.intrude(),
            _ => {
                let length = self.r.pick(&[1, 5, 7, 16, 40]);
                self.bench.pass(seconds(length));
            }
        }
    }

    fn tag_of(&mut self, user: &str) -> u64 {
        self.next_tag += 1;
        if user == USERS[0] { self.next_tag } else { 1_000 + self.next_tag }
    }

    fn dial(&mut self, user: &str) {
        let tag = self.tag_of(user);
        let to = if self.r.once_in(2) { self.r.pick(&DIALLED) } else { self.r.pick(&MEETINGS) };
        self.call(user, to, tag);
    }

    fn call(&mut self, user: &str, to: &str, tag: u64) {
        self.note_intrusion(to, tag);
        self.bench.dial(user, to, tag);
    }

    fn note_intrusion(&mut self, dialled: &str, tag: u64) {
        if dialled.starts_with(LISTEN) {
            self.intrusions.insert(tag, Intrusion::Listens);
        } else if INTRUSIONS.iter().any(|code| dialled.starts_with(code)) {
            self.intrusions.insert(tag, Intrusion::Speaks);
        }
    }

    /// Somebody gets into the call of a user who talks, mostly to the outside or in a conference.
    fn intrude(&mut self) {
        let mut circles = circles(&self.bench);
        if !self.r.once_in(3) {
            circles.retain(|circle| circle.conference || !circle.to_trunks.is_empty());
        }
        let talkers: Vec<(usize, UserId, CallId)> = circles.into_iter().flat_map(|c| c.users).collect();
        if talkers.is_empty() {
            return;
        }
        let (system, target, _) = talkers[self.r.below(talkers.len())];
        let target = self.bench.systems[system].plan().users()[target.index()].extension;
        let idle = |n: &usize| self.bench.systems[system].is_idle(UserId::at(*n));
        let idle: Vec<&str> = (0..4).filter(idle).map(|n| USERS[4 * system + n]).collect();
        // 201, if it is idle, more often than others.
        let Some(&first) = idle.first() else { return };
        let user = if self.r.once_in(2) { first } else { self.r.pick(&idle) };
        let (tag, code) = (self.tag_of(user), self.r.pick(&INTRUSIONS));
        self.call(user, &format!("{code}{target}"), tag);
    }

    fn dial_by_hand(&mut self) {
        let (user, to) = (self.r.pick(&[USERS[0], USERS[0], USERS[1], USERS[4]]), self.r.pick(&DIALLED));
        let tag = self.tag_of(user);
        self.note_intrusion(to, tag);
        let (system, user) = self.bench.find(user);
        self.bench.handle(system, Input::OffHook { user, tag: Tag(tag) });
        self.settle();
        for digit in to.bytes().chain(*b"#") {
            if let Some(&(_, call)) = self.begun.get(&tag) {
                self.bench.handle(system, Input::Digit { user, call, digit });
                self.settle();
            }
        }
    }

    fn trunk_setup(&mut self) {
        let (called, calling) = (number(self.r.pick(&DIALLED)), number("0700"));
        self.next_tag += 1;
        let (tag, facts) = (Tag(2_000 + self.next_tag), CallFacts::default());
        let (system, line) = (self.r.below(2), LineId(0));
        self.bench.handle(system, Input::TrunkSetup { line, called, calling, facts, tag });
    }

    fn answer(&mut self) {
        if let Some((system, user, call)) = self.rings.pop() {
            self.bench.handle(system, Input::Answer { user, call });
        }
    }

    fn trunk_answers(&mut self) {
        if let Some((system, call, attempt)) = self.set_up.pop() {
            self.bench.handle(system, Input::TrunkAnswer { call, attempt });
        }
    }

    fn trunk_release(&mut self) {
        let system = self.r.below(2);
        if let Some(call) = self.bench.latest_call(system, self.r.below(3)) {
            let cause = Cause::new(self.r.pick(&[1, 3, 16, 17])).expect("a cause of Q.850");
            let attempt = self.bench.attempt_of(system, call);
            self.bench.handle(system, Input::TrunkRelease { call, attempt, cause });
        }
    }

    /// A user who talks, and the call.
    fn talker(&mut self) -> Option<(usize, UserId, CallId)> {
        let talkers: Vec<(usize, UserId, CallId)> =
            circles(&self.bench).into_iter().flat_map(|circle| circle.users).collect();
        if talkers.is_empty() { None } else { Some(talkers[self.r.below(talkers.len())]) }
    }

    fn hang_up(&mut self) {
        if let Some((system, user, call)) = self.talker() {
            self.bench.handle(system, Input::HangUp { user, call });
        }
    }

    /// A user puts a call on hold and calls somebody else.
    fn hold_and_dial(&mut self) {
        let Some((system, user, call)) = self.talker() else { return };
        self.bench.handle(system, Input::Hold { user, call });
        let extension = self.bench.systems[system].plan().users()[user.index()].extension;
        self.dial(extension.as_str());
    }

    /// Somebody with a call on hold joins it to another one, which may ring.
    fn transfer(&mut self) {
        let Some((system, user, held)) = self.holder() else { return };
        let active = self.bench.systems[system]
            .answered_calls()
            .filter(|(call, ends)| *call != held && ends.contains(&AtEnd::User(user)));
        let ringing = (0..4).filter_map(|back| self.bench.latest_call(system, back));
        let calls: Vec<CallId> = active.map(|(call, _)| call).chain(ringing).collect();
        for active in calls {
            self.bench.handle(system, Input::Transfer { user, held, active });
        }
    }

    fn holder(&mut self) -> Option<(usize, UserId, CallId)> {
        let all = circles(&self.bench).into_iter().flat_map(|circle| circle.users);
        let holders: Vec<(usize, UserId, CallId)> =
            all.filter(|(at, user, call)| self.bench.systems[*at].held_calls(*user).contains(call)).collect();
        if holders.is_empty() { None } else { Some(holders[self.r.below(holders.len())]) }
    }

    fn confer(&mut self) {
        let Some((system, user, _)) = self.holder() else { return };
        let extension = self.bench.systems[system].plan().users()[user.index()].extension;
        let tag = Tag(self.tag_of(extension.as_str()));
        self.bench.handle(system, Input::Conference { user, tag });
    }

    /// Somebody in a conference has somebody else called, or dropped.
    fn control(&mut self) {
        let in_conference = circles(&self.bench).into_iter().filter(|circle| circle.conference);
        let users: Vec<(usize, UserId, CallId)> = in_conference.flat_map(|circle| circle.users).collect();
        if users.is_empty() {
            return;
        }
        let (system, user, call) = users[self.r.below(users.len())];
        let extension = self.bench.systems[system].plan().users()[user.index()].extension;
        let (number, tag) = (number(self.r.pick(&DIALLED)), Tag(self.tag_of(extension.as_str())));
        self.bench.handle(system, Input::ConferenceControl { call, control: Control::Add { number, tag } });
    }

    /// Takes note of what was said, and enters the account codes that were asked for.
    fn settle(&mut self) {
        self.bench.pass(seconds(0));
        loop {
            let outputs = std::mem::take(&mut self.bench.outputs);
            if outputs.is_empty() {
                return;
            }
            for (system, output) in outputs {
                self.hear(system, &output);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other words are of no concern here")]
    fn hear(&mut self, system: usize, output: &Output) {
        match *output {
            Output::Accepted { tag, call } => {
                self.begun.insert(tag.0, (system, call));
            }
            Output::Ring { user, call, .. } => self.rings.push((system, user, call)),
            Output::TrunkSetup { tag: Tag(tag), call, called, attempt, .. } => {
                self.set_up.push((system, call, attempt));
                let account = self.accounts.get(&tag).copied();
                let sent = Sent { number: called.to_string(), tag, account };
                if sent.number.contains(ASKING) {
                    self.seen.asking.push(account.is_some());
                }
                self.sent.insert((system, call), sent.clone());
                match tag {
                    0..1_000 => self.seen.by_201.push(sent),
                    1_000..2_000 => {}
                    _ => self.seen.from_trunks += usize::from(!sent.is_emergency()),
                }
            }
            Output::Tone { call, tag, tone: Tone::AccountCode } => self.enter_account(system, call, tag),
            Output::Denied { .. } => self.seen.denied += 1,
            _ => {}
        }
    }

    fn enter_account(&mut self, system: usize, call: CallId, tag: Tag) {
        let n = self.r.below(4);
        let code = number(ACCOUNTS.get(n).copied().unwrap_or("55"));
        if let Some(&allows) = allowances().get(n) {
            self.accounts.insert(tag.0, allows);
        }
        for user in USERS {
            let (home, user) = self.bench.find(user);
            if home == system {
                self.bench.handle(system, Input::AccountCode { user, call, code });
            }
        }
        self.bench.pass(seconds(0));
    }

    /// Takes note of who hears whom.
    fn look_round(&mut self) {
        for circle in circles(&self.bench) {
            let (came, left) = (circle.from_trunks.len(), circle.to_trunks.len());
            let emergency = circle.to_trunks.iter().any(|call| self.sent[call].is_emergency());
            // Whoever calls in from outside may meet others who do in a conference.
            let joined = came + left > 1 && (left > 0 || !circle.conference);
            self.seen.trunks_alone += usize::from(joined && circle.users.is_empty() && !emergency);
            let own = circle.users.iter().filter(|(at, user, _)| (*at, user.0) == (0, 0));
            for own in own.map(|(_, _, call)| *call).collect::<Vec<CallId>>() {
                self.note_what_201_hears(own, &circle.to_trunks);
            }
        }
    }

    /// On its call `own`, 201 hears those who were called by `to_trunks`.
    fn note_what_201_hears(&mut self, own: CallId, to_trunks: &[(usize, CallId)]) {
        // The latest call with this name; those of others who called 201 have a tag of another kind.
        let own_tag = self.begun.iter().rev().find(|(_, begun)| **begun == (0, own));
        let own_tag = own_tag.map_or(u64::MAX, |(tag, _)| *tag);
        let intrusion = self.intrusions.get(&own_tag);
        if intrusion == Some(&Intrusion::Listens) {
            return;
        }
        for &(at, call) in to_trunks {
            let sent = &self.sent[&(at, call)];
            if self.already.insert((at, call, own_tag)) {
                let (sent, entered) = (sent.clone(), self.accounts.contains_key(&own_tag));
                let broke_in = intrusion.is_some();
                self.seen.heard.push(Heard { sent, on: own_tag, entered, broke_in });
            }
        }
    }
}

#[test]
fn what_a_user_may_not_call_never_leaves_and_is_never_heard_whatever_the_way() {
    for class in [Local, National, International] {
        let (mut others, mut would_leave) = (0, 0);
        let (mut heard_others, mut would_hear, mut denied, mut broke_in) = (0, 0, 0, 0);
        for seed in seeds(600) {
            let seen = play(seed, Rules { barred: Some(class), ..Rules::default() });
            for sent in seen.by_201 {
                let exempt = sent.is_emergency() || sent.account.is_some_and(|a| a.contains(class));
                let is_class = class_of(&sent.number) == class;
                assert!(exempt || !is_class, "seed {seed}: {sent:?} left in spite of {class:?}");
                others += usize::from(!exempt);
            }
            for heard in seen.heard {
                let sent = &heard.sent;
                let own = !heard.is_of_others() && sent.account.is_some_and(|a| a.contains(class));
                let exempt = sent.is_emergency() || own;
                let is_class = class_of(&sent.number) == class;
                assert!(exempt || !is_class, "seed {seed}: 201 hears {heard:?} in spite of {class:?}");
                heard_others += usize::from(heard.is_of_others());
                broke_in += usize::from(heard.broke_in);
            }
            denied += seen.denied;
            let free = play(seed, Rules::default());
            let is_class = |sent: &Sent| class_of(&sent.number) == class && !sent.is_emergency();
            would_leave += free.by_201.iter().filter(|sent| is_class(sent)).count();
            would_hear += free.heard.iter().filter(|h| is_class(&h.sent) && h.is_of_others()).count();
        }
        // The test has power: other calls leave and are heard, and without the bar those of the class do.
        assert!(others > 200 && would_leave > 100, "{class:?}: {others} {would_leave}");
        assert!(heard_others > 25 && would_hear > 5, "{class:?}: {heard_others} {would_hear}");
        assert!(denied > 50 && broke_in > 10, "{class:?}: {denied} {broke_in}");
    }
}

#[test]
fn what_comes_from_a_trunk_never_meets_another_unless_that_is_allowed() {
    let (mut allowed, mut would_meet) = (0, 0);
    for seed in seeds(600) {
        let seen = play(seed, Rules::default());
        assert_eq!(seen.from_trunks, 0, "seed {seed}: a call from outside left for outside");
        assert_eq!(seen.trunks_alone, 0, "seed {seed}: two trunks were joined");
        let free = play(seed, Rules { trunk_to_trunk: true, ..Rules::default() });
        allowed += free.from_trunks;
        would_meet += free.trunks_alone;
    }
    assert!(allowed > 100 && would_meet > 100, "{allowed} {would_meet}");
}

#[test]
fn what_wants_an_account_code_never_leaves_without_one_and_is_never_heard_whatever_the_way() {
    let (mut with_code, mut would_leave, mut asking, mut would_hear) = (0, 0, 0, 0);
    for seed in seeds(600) {
        let rules = Rules { trunk_to_trunk: true, forced: true, barred: None };
        let seen = play(seed, rules);
        for sent in seen.by_201 {
            let entered = sent.account.is_some() || sent.is_emergency();
            assert!(entered, "seed {seed}: {sent:?} left without a code");
            with_code += usize::from(sent.account.is_some());
        }
        for heard in seen.heard {
            let entered = heard.entered || heard.sent.account.is_some() || heard.sent.is_emergency();
            assert!(entered, "seed {seed}: 201 hears {heard:?} without a code");
        }
        assert!(seen.asking.iter().all(|&entered| entered), "seed {seed}: {ASKING} left without a code");
        asking += seen.asking.len();
        let free = play(seed, Rules { forced: false, ..rules });
        let without = |sent: &Sent| sent.account.is_none() && !sent.is_emergency();
        would_leave += free.by_201.iter().filter(|sent| without(sent)).count();
        would_hear += free.heard.iter().filter(|h| without(&h.sent) && h.is_of_others()).count();
    }
    assert!(with_code > 200 && would_leave > 200 && asking > 50, "{with_code} {would_leave} {asking}");
    assert!(would_hear > 15, "{would_hear}");
}
