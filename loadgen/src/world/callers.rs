//! Who places the next call, and from where: idle users, trunks with a free channel.

use super::attempt::{Caller, CallerSide};
use crate::arrival::{Picker, PlannedCall, source_names};
use crate::profile::{CallKind, Load, Numbers, Stream};
use crate::random::{Purpose, RandomStream};
use engine::hint::{bring, mostly, usual};
use engine::id::{LineGroupId, LineId, SystemId, Tag, UserId};
use engine::number::Number;
use engine::plan::Plan;
use engine::timer::TimerId;
use engine::{CallFacts, Input, Service};
use std::collections::{BTreeMap, HashSet};
use std::hint::cold_path;
use std::sync::Arc;

/// Phones and trunk far ends, and the order in which they are used.
pub(super) struct Callers<'a> {
    streams: Vec<Source<'a>>,
    /// By home and user there: the attempt that has the phone.
    phones: Vec<Vec<Phone>>,
    plans: Vec<Arc<Plan>>,
    /// By system and line: channels in use, as the far end knows it.
    trunks: Vec<Vec<Trunk>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phone {
    Idle,
    /// It places this attempt.
    Calling(Tag),
    /// It rings for, or talks on, this attempt; the answer that is going to come.
    Called(Tag, Option<TimerId>),
}

#[derive(Clone, Copy, Debug)]
struct Trunk {
    channels: u16,
    in_use: u16,
    service: Service,
    /// `None` for a line to another system, whose channels the systems alone know.
    group: Option<LineGroupId>,
}

/// Use of a resource at this moment, as phones and far ends know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceNow {
    /// A group of trunks; `None`: the users.
    pub line_group: Option<LineGroupId>,
    /// Channels or phones in use.
    pub in_use: u64,
    /// How many there are in service.
    pub limit: u64,
}

struct Source<'a> {
    stream: &'a Stream,
    to: Picker,
    /// How many calls are foreseen that are still to be placed, and the picker as it will be when they are.
    ahead: (u32, Picker),
    /// Callers' numbers or calling users.
    from: Picker,
    /// The number that parties are calling together, and how many of them are to come.
    together: (&'a Number, u16),
}

/// What a planned call will most probably be about.
#[derive(Clone, Copy)]
pub(super) struct Foreseen<'a> {
    /// Where it begins.
    pub(super) system: SystemId,
    pub(super) called: &'a Number,
}

/// A call that can be placed.
pub(super) struct Choice<'a> {
    pub(super) caller: Caller,
    called: &'a Number,
    calling: &'a Number,
}

impl Choice<'_> {
    /// What it means to the caller's system. Always there: an `Option` because whoever asks wants one.
    // Each kind of input by itself, or it would be put together elsewhere and copied.
    #[inline(always)]
    pub(super) fn input(&self, tag: Tag) -> Option<(SystemId, Input)> {
        match self.caller.side {
            CallerSide::User(user) => self.dials(user, tag),
            CallerSide::Trunk(line) => {
                let (called, calling, facts) = (*self.called, *self.calling, CallFacts::default());
                Some((self.caller.system, Input::TrunkSetup { line, called, calling, tag, facts }))
            }
        }
    }

    #[inline(never)]
    fn dials(&self, user: UserId, tag: Tag) -> Option<(SystemId, Input)> {
        Some((self.caller.system, Input::Dial { user, number: *self.called, tag }))
    }
}

impl<'a> Callers<'a> {
    /// The callers of a load, with the phones and trunks of these systems.
    pub(super) fn new(load: &'a Load, plans: &[Arc<Plan>], is_mine: impl Fn(SystemId) -> bool) -> Self {
        let names = source_names(&load.streams);
        let sources =
            load.streams.iter().zip(&names).map(|(stream, name)| Source::new(load.seed, stream, name));
        let trunk = |line: &engine::plan::Line| Trunk {
            channels: line.channels,
            in_use: 0,
            service: Service::when(line.in_service),
            group: line.peer.is_none().then_some(line.group),
        };
        let phones = |plan: &Arc<Plan>| {
            let users = if is_mine(plan.system()) { plan.own_users().len() } else { 0 };
            vec![Phone::Idle; users]
        };
        Self {
            streams: sources.collect(),
            phones: plans.iter().map(phones).collect(),
            plans: plans.to_vec(),
            trunks: plans.iter().map(|p| p.lines().iter().map(trunk).collect()).collect(),
        }
    }

    /// Who places `planned`; `None` if every user who could is on a call.
    #[inline]
    pub(super) fn choose(&mut self, planned: &PlannedCall<'a>) -> Option<Choice<'a>> {
        let source = self.streams.get_mut(planned.stream)?;
        source.ahead.0 = source.ahead.0.saturating_sub(1);
        let together = source.together();
        let (system, side, calling) = match &source.stream.kind {
            CallKind::Incoming { system, lines, from } => {
                let trunks = &mut self.trunks[system.index()];
                let has_room = |trunk: &Trunk| trunk.service == Service::In && trunk.in_use < trunk.channels;
                let line = match usual(lines.iter().find(|line| has_room(&trunks[line.index()]))) {
                    Some(&line) => line,
                    // A carrier with no free channel offers the call all the same, and the system refuses it.
                    None => full_line(lines, trunks)?,
                };
                trunks[line.index()].in_use += 1;
                (*system, CallerSide::Trunk(line), pick(from, &mut source.from))
            }
            CallKind::FromUsers { system, users, .. } => {
                let phones = &self.phones[system.index()];
                let user = (0..users.len()).find_map(|_| {
                    let user = *users.get(source.from.next_index())?;
                    (phones[user.index()] == Phone::Idle).then_some(user)
                })?;
                (*system, CallerSide::User(user), NOBODY)
            }
        };
        let called = match (planned.number, together) {
            (Some(number), _) => {
                cold_path();
                number
            }
            (None, Some(number)) => {
                cold_path();
                number
            }
            (None, None) => pick(&source.stream.to, &mut source.to),
        };
        Some(Choice { caller: Caller { system, side }, called, calling })
    }

    /// A call will soon be placed: where it begins, and the number that is most probably called.
    pub(super) fn foresee(&mut self, planned: &PlannedCall<'a>) -> Option<Foreseen<'a>> {
        let source = self.streams.get_mut(planned.stream)?;
        let stream = source.stream;
        let (foreseen, picker) = &mut source.ahead;
        if *foreseen == 0 {
            picker.clone_from(&source.to);
        }
        *foreseen += 1;
        let called = planned.number.unwrap_or_else(|| pick(&stream.to, picker));
        Some(Foreseen { system: stream.kind.system(), called })
    }

    /// Something will soon happen to the phone of a user at home here.
    pub(super) fn expect_phone(&self, system: SystemId, user: UserId) {
        if let Some(phone) = self.phones[system.index()].get(user.index()) {
            bring(phone);
        }
    }

    /// The caller that was chosen places `attempt`.
    #[inline]
    pub(super) fn caller_begins(&mut self, caller: Caller, attempt: Tag) {
        if let CallerSide::User(user) = caller.side {
            *self.phone(caller.system, user) = Phone::Calling(attempt);
        }
    }

    /// The caller has put the phone down, or the far end has its channel back. On the wall clock a phone may have
    /// begun to ring for another call just when `attempt` was dialled and refused; then it goes on ringing.
    #[inline]
    pub(super) fn caller_idle(&mut self, caller: Caller, attempt: Tag) {
        match caller.side {
            CallerSide::User(user) => {
                let phone = self.phone(caller.system, user);
                if *phone == Phone::Calling(attempt) {
                    *phone = Phone::Idle;
                }
            }
            CallerSide::Trunk(line) => self.trunk_freed(caller.system, line),
        }
    }

    /// The account code that callers of a stream enter.
    pub(super) fn account_code(&self, stream: u16) -> Option<Number> {
        match &self.streams.get(usize::from(stream))?.stream.kind {
            CallKind::FromUsers { account_code, .. } => *account_code,
            CallKind::Incoming { .. } => None,
        }
    }

    /// The PIN that callers of a stream enter.
    pub(super) fn pin(&self, stream: u16) -> Option<Number> {
        self.streams.get(usize::from(stream))?.stream.pin
    }

    /// The phone of a user, by home and number there, is called.
    #[inline]
    pub(super) fn phone_taken(
        &mut self,
        (home, user): (SystemId, UserId),
        attempt: Tag,
        answer: Option<TimerId>,
    ) {
        self.phones[home.index()][user.index()] = Phone::Called(attempt, answer);
    }

    /// A called phone is idle again; the attempt it was called for, and the answer that is not going to come any more.
    #[inline]
    pub(super) fn phone_idle(&mut self, system: SystemId, user: UserId) -> (Option<Tag>, Option<TimerId>) {
        match std::mem::replace(self.phone(system, user), Phone::Idle) {
            Phone::Called(attempt, answer) => (Some(attempt), answer),
            Phone::Idle | Phone::Calling(_) => (None, None),
        }
    }

    /// A call is over in which a user's phone rang or talked for `attempt`; the answer that is not going to come any more.
    pub(super) fn call_over(&mut self, system: SystemId, user: UserId, attempt: Tag) -> Option<TimerId> {
        let phone = self.phone(system, user);
        match *phone {
            Phone::Called(tag, answer) if tag == attempt => {
                *phone = Phone::Idle;
                answer
            }
            Phone::Idle | Phone::Calling(_) | Phone::Called(..) => None,
        }
    }

    /// The phone of a user, who may be a guest of the system.
    #[inline]
    fn phone(&mut self, system: SystemId, user: UserId) -> &mut Phone {
        let (home, user) = self.home_of(system, user);
        &mut self.phones[home.index()][user.index()]
    }

    /// Where a user of a system, or guest of it, is at home.
    #[inline]
    pub(super) fn home_of(&self, system: SystemId, user: UserId) -> (SystemId, UserId) {
        // Most are.
        if mostly(user.index() < self.phones[system.index()].len()) {
            return (system, user);
        }
        self.plans[system.index()].home_of(user)
    }

    /// The attempt that a user's phone, by home and number there, is on.
    pub(super) fn attempt_of(&self, home: SystemId, user: UserId) -> Option<Tag> {
        match self.phones[home.index()][user.index()] {
            Phone::Calling(tag) | Phone::Called(tag, _) => Some(tag),
            Phone::Idle => None,
        }
    }

    /// Whether a user, by home and number there, is on no call.
    pub(super) fn is_idle(&self, home: SystemId, user: UserId) -> bool {
        self.phones[home.index()][user.index()] == Phone::Idle
    }

    /// Only these attempts, of all systems, still have phones and channels of the far ends of a system that starts anew: its
    /// users', wherever they are, and its guests'. The answers that are not going to come any more.
    pub(super) fn reset(&mut self, system: SystemId, held: &[(Tag, SystemId, CallerSide)]) -> Vec<TimerId> {
        let mut given_up = Vec::new();
        let users = held.iter().filter_map(|&(tag, system, side)| match side {
            CallerSide::User(user) => Some((tag, self.home_of(system, user))),
            CallerSide::Trunk(_) => None,
        });
        let users: HashSet<(Tag, (SystemId, UserId))> = users.collect();
        let guests = self.plans[system.index()].users().len();
        let theirs: Vec<_> = (0..guests).map(|n| self.home_of(system, UserId::at(n))).collect();
        for (home, user) in theirs {
            let phone = &mut self.phones[home.index()][user.index()];
            let owner = match *phone {
                Phone::Idle => None,
                Phone::Calling(tag) | Phone::Called(tag, _) => Some(tag),
            };
            if owner.is_some_and(|tag| !users.contains(&(tag, (home, user))))
                && let Phone::Called(_, answer) = std::mem::replace(phone, Phone::Idle)
            {
                given_up.extend(answer);
            }
        }
        for (n, trunk) in self.trunks[system.index()].iter_mut().enumerate() {
            let side = CallerSide::Trunk(LineId::at(n));
            trunk.in_use = held.iter().filter(|&&(_, at, s)| at == system && s == side).count() as u16;
        }
        given_up
    }

    /// The carrier learns that a line is taken out of service or put back.
    pub(super) fn trunk_service(&mut self, system: SystemId, line: LineId, service: Service) {
        self.trunks[system.index()][line.index()].service = service;
    }

    /// Use of every system's trunks, by line group, and of its phones. Lines out of service have no limit to reach.
    pub(super) fn resources(&self) -> Vec<(usize, ResourceNow)> {
        let mut all = Vec::new();
        for (system, (trunks, phones)) in self.trunks.iter().zip(&self.phones).enumerate() {
            let mut groups: BTreeMap<LineGroupId, (u64, u64)> = BTreeMap::new();
            for trunk in trunks {
                let Some(group) = trunk.group else { continue };
                let (in_use, limit) = groups.entry(group).or_default();
                *in_use += u64::from(trunk.in_use);
                *limit += if trunk.service == Service::In { u64::from(trunk.channels) } else { 0 };
            }
            let of_group = |(group, (in_use, limit))| ResourceNow { line_group: Some(group), in_use, limit };
            all.extend(groups.into_iter().map(of_group).map(|resource| (system, resource)));
            let in_use = phones.iter().filter(|&&phone| phone != Phone::Idle).count() as u64;
            all.push((system, ResourceNow { line_group: None, in_use, limit: phones.len() as u64 }));
        }
        all
    }

    pub(super) fn trunk_taken(&mut self, system: SystemId, line: LineId) {
        self.trunks[system.index()][line.index()].in_use += 1;
    }

    #[inline]
    pub(super) fn trunk_freed(&mut self, system: SystemId, line: LineId) {
        let trunk = &mut self.trunks[system.index()][line.index()];
        trunk.in_use = trunk.in_use.saturating_sub(1);
    }
}

impl<'a> Source<'a> {
    fn new(seed: u64, stream: &'a Stream, name: &str) -> Self {
        let random = |purpose| RandomStream::new(seed, name, purpose);
        let from = match &stream.kind {
            CallKind::Incoming { from, .. } => {
                Picker::new(from.pick, from.numbers.len(), random(Purpose::CallingNumber))
            }
            CallKind::FromUsers { users, pick, .. } => {
                Picker::new(*pick, users.len(), random(Purpose::CallingUser))
            }
        };
        let to = Picker::new(stream.to.pick, stream.to.numbers.len(), random(Purpose::CalledNumber));
        Self { stream, ahead: (0, to.clone()), to, from, together: (NOBODY, 0) }
    }

    /// The number that parties call who come together.
    fn together(&mut self) -> Option<&'a Number> {
        if mostly(self.stream.parties < 2) {
            return None;
        }
        if self.together.1 == 0 {
            self.together = (pick(&self.stream.to, &mut self.to), self.stream.parties);
        }
        self.together.1 -= 1;
        Some(self.together.0)
    }
}

/// The last of these lines that is in service, or the last of all.
#[cold]
fn full_line(lines: &[LineId], trunks: &[Trunk]) -> Option<LineId> {
    let in_service = lines.iter().rfind(|line| trunks[line.index()].service == Service::In);
    in_service.or(lines.last()).copied()
}

/// The next of `numbers`; no digits at all where there are none.
#[inline]
fn pick<'a>(numbers: &'a Numbers, picker: &mut Picker) -> &'a Number {
    match &*numbers.numbers {
        [] => NOBODY,
        [only] => only,
        several => &several[picker.next_index()],
    }
}

/// No digits at all.
const NOBODY: &Number = &Number::EMPTY;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::Schedule;
    use crate::profile::Pick;
    use crate::test_support::{BRISK, plans, two_systems};
    use std::collections::VecDeque;

    #[test]
    fn calls_are_about_what_was_foreseen() {
        for way in [Pick::InTurn, Pick::Random] {
            let mut profile = two_systems(BRISK);
            profile.load.streams.iter_mut().for_each(|stream| stream.to.pick = way);
            let plans = plans(&profile);
            let mut callers = Callers::new(&profile.load, &plans, |_| true);
            let (mut later, mut placed) = (VecDeque::new(), 0);
            for planned in Schedule::new(&profile.load).take(200) {
                let foreseen = callers.foresee(&planned).expect("a stream has numbers");
                later.push_back((planned, foreseen));
                // Sometimes many are known beforehand, sometimes none.
                while later.len() > placed % 9 {
                    let Some((planned, foreseen)) = later.pop_front() else { break };
                    let choice = callers.choose(&planned).expect("somebody is free");
                    assert_eq!((choice.caller.system, choice.called), (foreseen.system, foreseen.called));
                    placed += 1;
                }
            }
            assert!(placed > 20, "{placed}");
        }
    }
}
