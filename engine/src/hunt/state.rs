//! What a system keeps of its hunt groups besides the plan: agents, queues, and the calls that are not answered yet.

use super::group_call::GroupCall;
use super::sorted::Sorted;
use crate::id::{HuntGroupId, LineId, UserId};
use crate::network::MemberState;
use crate::number::Number;
use crate::place_set::PlaceSet;
use crate::plan::spec::QueuePriority;
use crate::plan::{LentMember, Member, Plan};
use crate::slab::Slab;
use crate::stats::Usage;
use crate::time::Instant;
use crate::timer::TimerId;
use smallvec::SmallVec;
use std::collections::{BTreeMap, VecDeque};

/// Run-time state of all hunt groups of a system.
#[derive(Clone, Debug)]
pub(crate) struct Hunt {
    /// Calls to groups that are not answered yet.
    pub(super) calls: Slab<GroupCall>,
    pub(super) groups: Vec<Group>,
    /// Users who are members of a group: of this system's groups, or users of this system in groups of others.
    pub(super) agents: Vec<Agent>,
    /// By user: place among the agents. Empty if there are none.
    agent_of: Vec<Option<AgentId>>,
    /// Agents on other systems, by their numbers.
    elsewhere: BTreeMap<Number, AgentId>,
    /// How many of those are not rung because the line to them is full.
    pub(crate) line_full: u32,
    /// Agents who have become available to a group and were not offered to the calls that wait.
    pub(super) freed: VecDeque<AgentId>,
    /// Calls that have been round their groups and look again.
    pub(super) again: VecDeque<GroupCallId>,
    next_sequence: u64,
}

/// Place in the table of unanswered calls to groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupCallId {
    index: u32,
    generation: u32,
}

/// Place in the table of agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgentId(pub(super) u32);

/// Place in a queue: higher priorities first, then whoever came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// 0 for the highest priority.
    rank: u8,
    sequence: u64,
}

/// Since when an agent has been idle; a lower one has been longer.
pub(super) type IdleSince = (Instant, u64);

/// One hunt group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Members who could be rung now, by their place in the list.
    pub(super) available: PlaceSet,
    /// The same, the longest idle first.
    pub(super) by_idle: Sorted<(IdleSince, u16), ()>,
    /// Who has which place.
    pub(super) members: Vec<AgentId>,
    /// Members who are logged in, enabled and not on do not disturb, whatever they are doing.
    pub(super) active: u32,
    /// Place of the member who answered last.
    pub(super) last_answered: Option<u16>,
    /// The group's own calls that are not answered: those that ring and those that wait.
    pub(super) pending: Sorted<Key, GroupCallId>,
    /// Calls that wait for a member of this group, those of other groups that have overflowed to it included.
    pub(super) waiting: Sorted<Key, GroupCallId>,
    /// How many of the group's own calls have overflowed.
    pub(super) overflowed: u32,
    /// Calls that ring at or talk to its members.
    pub(super) usage: Usage,
    /// Calls that wait.
    pub(super) queue: Usage,
}

/// A user who is a member of a group.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) who: Who,
    pub(super) memberships: SmallVec<[Membership; 2]>,
    /// Memberships in groups of other systems.
    pub(super) lent: Vec<Lent>,
    pub(super) idle_since: IdleSince,
    pub(super) away: Away,
    /// The group call that the user, who is on another call, sees waiting.
    pub(super) call_waiting: Option<GroupCallId>,
}

/// Whose phone it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    /// A user's of this system.
    User(UserId),
    /// A user's of another system.
    Remote(Remote),
}

/// A user of another system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote {
    pub(super) number: Number,
    /// The line on which the user was last spoken of.
    pub(super) line: LineId,
    pub(super) reach: Reach,
}

/// Whether a user of another system can be rung from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Free,
    /// This system rings the phone.
    Rung,
    /// No channel led there when one was wanted.
    LineFull,
    /// The other system could not take a call; it is asked again when this timer expires.
    Refused(TimerId),
}

/// A user of this system in a group of another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lent {
    pub(super) group: Number,
    /// The line to the group's system.
    pub(super) line: LineId,
    pub(super) enabled: bool,
    /// What that system was told last.
    pub(super) told: MemberState,
}

/// Why an agent is left alone although the phone is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    No,
    /// In wrap-up or after-call work.
    WrapUp(TimerId),
    /// Let a call ring.
    NotAvailable,
}

/// An agent in a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Membership {
    pub(super) group: HuntGroupId,
    pub(super) place: u16,
    /// Switched on by the user.
    pub(super) enabled: bool,
    /// What the other system has said, of an agent who is elsewhere.
    pub(super) told: MemberState,
    /// Whether the group counts the agent as available.
    pub(super) available: bool,
    /// Whether the group counts the agent as active.
    pub(super) active: bool,
}

impl Hunt {
    /// All groups with nothing going on and nobody available yet.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut hunt = Self {
            calls: Slab::new(),
            groups: plan.hunt_groups.iter().map(|group| Group::new(group.members.len())).collect(),
            agents: Vec::new(),
            agent_of: Vec::new(),
            elsewhere: BTreeMap::new(),
            line_full: 0,
            freed: VecDeque::new(),
            again: VecDeque::new(),
            next_sequence: 0,
        };
        if !plan.hunt_groups.is_empty() || !plan.lent.is_empty() {
            hunt.agent_of.resize(plan.users.len(), None);
        }
        for (g, group) in plan.hunt_groups.iter().enumerate() {
            for (place, member) in group.members.iter().enumerate() {
                hunt.add_member(HuntGroupId::at(g), place as u16, *member);
            }
        }
        for &LentMember { user, group, line } in &plan.lent {
            let agent = hunt.user_agent(user);
            let lent = Lent { group, line, enabled: true, told: MemberState::UNKNOWN };
            hunt.agent_mut(agent).lent.push(lent);
        }
        hunt
    }

    fn add_member(&mut self, group: HuntGroupId, place: u16, member: Member) {
        let (agent, told) = match member {
            Member::User(user) => (self.user_agent(user), MemberState::UNKNOWN),
            Member::Remote(remote) => {
                let next = AgentId(self.agents.len() as u32);
                let agent = *self.elsewhere.entry(remote.number).or_insert(next);
                if agent == next {
                    let (number, line) = (remote.number, remote.line);
                    self.agents.push(Agent::new(Who::Remote(Remote { number, line, reach: Reach::Free })));
                }
                (agent, remote.starts)
            }
        };
        let membership = Membership { group, place, enabled: true, told, available: false, active: false };
        self.agent_mut(agent).memberships.push(membership);
        self.group_mut(group).members.push(agent);
    }

    /// The agent that a user of this system is from now on, if not yet.
    fn user_agent(&mut self, user: UserId) -> AgentId {
        let agents = &mut self.agents;
        *self.agent_of[user.index()].get_or_insert_with(|| {
            agents.push(Agent::new(Who::User(user)));
            AgentId(agents.len() as u32 - 1)
        })
    }

    /// The agent with a number who is on another system.
    pub(super) fn agent_elsewhere(&self, number: &Number) -> Option<AgentId> {
        self.elsewhere.get(number).copied()
    }

    /// Every agent's place.
    pub(super) fn agent_ids(&self) -> impl Iterator<Item = AgentId> + use<> {
        (0..self.agents.len() as u32).map(AgentId)
    }

    /// The agent that a user is, if a member of any group.
    pub(super) fn agent_of(&self, user: UserId) -> Option<AgentId> {
        *self.agent_of.get(user.index())?
    }

    pub(super) fn agent(&self, agent: AgentId) -> &Agent {
        &self.agents[agent.index()]
    }

    pub(super) fn agent_mut(&mut self, agent: AgentId) -> &mut Agent {
        &mut self.agents[agent.index()]
    }

    pub(super) fn group(&self, group: HuntGroupId) -> &Group {
        &self.groups[group.index()]
    }

    pub(super) fn group_mut(&mut self, group: HuntGroupId) -> &mut Group {
        &mut self.groups[group.index()]
    }

    pub(super) fn get(&self, id: GroupCallId) -> Option<&GroupCall> {
        self.calls.get(id.index, id.generation)
    }

    pub(super) fn get_mut(&mut self, id: GroupCallId) -> Option<&mut GroupCall> {
        self.calls.get_mut(id.index, id.generation)
    }

    pub(super) fn insert(&mut self, call: GroupCall) -> GroupCallId {
        let (index, generation) = self.calls.insert(call);
        GroupCallId { index, generation }
    }

    pub(super) fn remove(&mut self, id: GroupCallId) -> Option<GroupCall> {
        self.calls.remove(id.index, id.generation)
    }

    /// Every unanswered call.
    pub(super) fn iter(&self) -> impl Iterator<Item = (GroupCallId, &GroupCall)> {
        self.calls.iter().map(|(index, generation, call)| (GroupCallId { index, generation }, call))
    }

    /// Whether an agent has become available, or a call is to look again.
    #[inline]
    pub(crate) fn is_any_freed(&self) -> bool {
        !self.freed.is_empty() | !self.again.is_empty()
    }

    /// The next number of an order that never repeats.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }

    /// Use of a group: calls that ring at or talk to its members.
    pub(crate) fn usage(&self, group: HuntGroupId) -> &Usage {
        &self.groups[group.index()].usage
    }

    pub(crate) fn usage_mut(&mut self, group: HuntGroupId) -> &mut Usage {
        &mut self.groups[group.index()].usage
    }

    /// Takes over what was counted before the system stopped; nothing rings or waits any more.
    pub(crate) fn take_over_counters(&mut self, now: Instant, before: &Self) {
        for (group, before) in self.groups.iter_mut().zip(&before.groups) {
            (group.usage, group.queue) = (before.usage.clone(), before.queue.clone());
            group.usage.clear(now);
            group.queue.clear(now);
        }
    }

    /// Use of a group's queue: calls that wait.
    pub(crate) fn queue_usage(&self, group: HuntGroupId) -> &Usage {
        &self.groups[group.index()].queue
    }
}

impl Group {
    fn new(members: usize) -> Self {
        Self {
            available: PlaceSet::new(members),
            by_idle: Sorted::new(),
            members: Vec::new(),
            active: 0,
            last_answered: None,
            pending: Sorted::new(),
            waiting: Sorted::new(),
            overflowed: 0,
            usage: Usage::new(),
            queue: Usage::new(),
        }
    }
}

impl Agent {
    fn new(who: Who) -> Self {
        Self {
            who,
            memberships: SmallVec::new(),
            lent: Vec::new(),
            idle_since: (Instant::ZERO, 0),
            away: Away::No,
            call_waiting: None,
        }
    }
}

impl AgentId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Key {
    pub(super) const fn new(priority: QueuePriority, sequence: u64) -> Self {
        let rank = match priority {
            QueuePriority::High => 0,
            QueuePriority::Medium => 1,
            QueuePriority::Low => 2,
        };
        Self { rank, sequence }
    }

    /// The key one priority higher; `None` if it is the highest.
    pub(super) fn promoted(self) -> Option<Self> {
        Some(Self { rank: self.rank.checked_sub(1)?, ..self })
    }

    /// Whether the priority alone puts this one ahead.
    pub(super) const fn outranks(self, other: Self) -> bool {
        self.rank < other.rank
    }
}
