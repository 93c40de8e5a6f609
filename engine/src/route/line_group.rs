//! Lines and their channels at run time, and how one is seized.

use crate::hint::{bring, mostly, rarely};
use crate::id::{CallId, ChannelId, LineGroupId, LineId};
use crate::input::Service;
use crate::network::LineStatus;
use crate::place_set::PlaceSet;
use crate::plan::Plan;
use crate::stats::Usage;
use crate::time::Instant;

/// Run-time state of all lines of a system.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    lines: Vec<Line>,
    /// Use of each line group of the plan.
    groups: Vec<Usage>,
}

/// Channels of one line. On a trunk one set serves both directions. On an IP Office line each end numbers its own
/// outgoing calls, so there are two sets, which together never exceed the line's channels.
#[derive(Clone, Debug)]
struct Line {
    capacity: u16,
    service: Service,
    /// Whether the other end of an IP Office line is heard.
    status: LineStatus,
    group: LineGroupId,
    seized: Channels,
    /// Calls from the other system, by the channel that it seized.
    arriving: Channels,
}

#[derive(Clone, Debug)]
struct Channels {
    free: PlaceSet,
    owner: Vec<Option<CallId>>,
    in_use: u16,
}

/// Why no channel was to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoChannel {
    /// All are in use.
    AllBusy,
    /// The channel named is in use, or does not exist.
    Taken,
}

impl Lines {
    pub(crate) fn new(plan: &Plan) -> Self {
        let lines = plan.lines().iter().map(|line| Line {
            capacity: line.channels,
            service: Service::when(line.in_service),
            status: LineStatus::Up,
            group: line.group,
            seized: Channels::new(line.channels),
            arriving: Channels::new(if line.peer.is_some() { line.channels } else { 0 }),
        });
        Self { lines: lines.collect(), groups: plan.line_groups().iter().map(|_| Usage::new()).collect() }
    }

    /// Seizes the lowest free channel of `line` for `call`, in service or not.
    #[inline]
    fn seize(&mut self, now: Instant, line: LineId, call: CallId) -> Result<ChannelId, NoChannel> {
        let state = &mut self.lines[line.index()];
        let usage = &mut self.groups[state.group.index()];
        match state.take_lowest(call) {
            Some(channel) => {
                usage.take(now);
                Ok(ChannelId { line, channel })
            }
            None => Err(NoChannel::AllBusy),
        }
    }

    /// Seizes a channel of a line that must be in service.
    #[inline]
    pub(crate) fn seize_line(
        &mut self,
        now: Instant,
        line: LineId,
        call: CallId,
    ) -> Result<ChannelId, NoChannel> {
        match mostly(self.lines[line.index()].is_usable()) {
            true => self.seize(now, line, call),
            false => Err(NoChannel::AllBusy),
        }
    }

    /// Seizes a channel in the first line of the group that has one; line order is the plan's (SIP: by line number,
    /// DOMAIN 3.6).
    pub(crate) fn seize_in_group(
        &mut self,
        now: Instant,
        plan: &Plan,
        group: LineGroupId,
        call: CallId,
    ) -> Result<ChannelId, NoChannel> {
        for &line in &plan.line_group(group).lines {
            if self.lines[line.index()].is_usable()
                && let Ok(channel) = self.seize(now, line, call)
            {
                return Ok(channel);
            }
        }
        Err(NoChannel::AllBusy)
    }

    /// Takes the channel that the other end of an IP Office line has seized.
    pub(crate) fn arrive(&mut self, now: Instant, at: ChannelId, call: CallId) -> Result<(), NoChannel> {
        let state = &mut self.lines[at.line.index()];
        if state.service == Service::Out || state.in_use() >= state.capacity {
            return Err(NoChannel::AllBusy);
        }
        if !state.arriving.take(at.channel, call) {
            return Err(NoChannel::Taken);
        }
        self.groups[state.group.index()].take(now);
        Ok(())
    }

    /// Gives a channel back that this end seized; its line group.
    #[inline]
    pub(crate) fn release(&mut self, now: Instant, at: ChannelId) -> LineGroupId {
        let state = &mut self.lines[at.line.index()];
        state.seized.give_back(at.channel);
        self.groups[state.group.index()].give_back(now);
        state.group
    }

    /// Gives a channel back that the other end seized; its line group.
    pub(crate) fn release_arriving(&mut self, now: Instant, at: ChannelId) -> LineGroupId {
        let state = &mut self.lines[at.line.index()];
        state.arriving.give_back(at.channel);
        self.groups[state.group.index()].give_back(now);
        state.group
    }

    /// Sets whether new calls may seize a line, from either end; its line group.
    pub(crate) fn set_service(&mut self, line: LineId, service: Service) -> LineGroupId {
        let state = &mut self.lines[line.index()];
        state.service = service;
        state.group
    }

    /// Sets whether the other end of a line is heard; its line group.
    pub(crate) fn set_reachable(&mut self, line: LineId, status: LineStatus) -> LineGroupId {
        let state = &mut self.lines[line.index()];
        state.status = status;
        state.group
    }

    /// Goes on counting where `before` was, with nothing in use.
    pub(crate) fn take_over_counters(&mut self, now: Instant, before: &Self) {
        self.groups.clone_from(&before.groups);
        self.groups.iter_mut().for_each(|usage| usage.clear(now));
    }

    /// Calls with a channel of one line, those that the other end set up last.
    pub(crate) fn in_use_on(&self, line: LineId) -> impl Iterator<Item = (Direction, CallId)> {
        let of = |channels: &Channels| channels.owner.clone().into_iter().flatten();
        let state = &self.lines[line.index()];
        let seized = of(&state.seized).map(|call| (Direction::Seized, call));
        seized.chain(of(&state.arriving).map(|call| (Direction::Arriving, call)))
    }

    /// Whether a call could seize a channel in the group now.
    pub(crate) fn has_free(&self, plan: &Plan, group: LineGroupId) -> bool {
        plan.line_group(group).lines.iter().any(|&line| self.line_has_free(line))
    }

    /// Whether a call could seize a channel of a line now.
    pub(crate) fn line_has_free(&self, line: LineId) -> bool {
        let line = &self.lines[line.index()];
        line.is_usable() && line.in_use() < line.capacity
    }

    /// Counts a call that found no channel in `group`.
    pub(crate) fn count_blocked(&mut self, group: LineGroupId) {
        self.groups[group.index()].blocked += 1;
    }

    /// Brings closer what is known of the channel that is seized next on a line.
    pub(crate) fn expect_free(&self, line: LineId) {
        let seized = &self.lines[line.index()].seized;
        if let Some(owner) = seized.free.next_from(0).and_then(|free| seized.owner.get(usize::from(free))) {
            bring(owner);
        }
    }

    /// Brings closer what is known of a channel that will soon be given back.
    pub(crate) fn expect(&self, at: ChannelId) {
        let owner =
            self.lines.get(at.line.index()).and_then(|line| line.seized.owner.get(usize::from(at.channel)));
        if let Some(owner) = owner {
            bring(owner);
        }
    }

    /// The call that arrived on this channel of an IP Office line.
    pub(crate) fn arrived(&self, at: ChannelId) -> Option<CallId> {
        self.owner(at, Direction::Arriving)
    }

    /// The call that a channel is held for.
    pub(crate) fn owner(&self, at: ChannelId, direction: Direction) -> Option<CallId> {
        let line = self.lines.get(at.line.index())?;
        let channels = match direction {
            Direction::Seized => &line.seized,
            Direction::Arriving => &line.arriving,
        };
        *channels.owner.get(usize::from(at.channel))?
    }

    pub(crate) fn usage(&self, group: LineGroupId) -> &Usage {
        &self.groups[group.index()]
    }

    pub(crate) fn service(&self, line: LineId) -> Service {
        self.lines.get(line.index()).map_or(Service::Out, |l| l.service)
    }

    pub(crate) fn free_channels(&self, line: LineId) -> u16 {
        self.lines.get(line.index()).map_or(0, |l| l.capacity - l.in_use())
    }

    /// Every channel in use: `(channel, whether it arrived from another system, call)`.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = (ChannelId, Direction, CallId)> {
        self.lines.iter().enumerate().flat_map(|(n, line)| {
            let line_id = LineId::at(n);
            let each = move |channels: &Channels, direction| {
                let owners = channels.owner.clone().into_iter().enumerate();
                owners.filter_map(move |(c, owner)| {
                    owner.map(|call| (ChannelId { line: line_id, channel: c as u16 }, direction, call))
                })
            };
            each(&line.seized, Direction::Seized).chain(each(&line.arriving, Direction::Arriving))
        })
    }

    /// Faults in the book-keeping itself.
    pub(crate) fn audit(&self, faults: &mut Vec<String>) {
        let mut by_group = vec![0_u32; self.groups.len()];
        for (n, line) in self.lines.iter().enumerate() {
            by_group[line.group.index()] += u32::from(line.in_use());
            if line.in_use() > line.capacity {
                faults.push(format!("line {n}: {} channels in use of {}", line.in_use(), line.capacity));
            }
            for channels in [&line.seized, &line.arriving] {
                channels.audit(n, faults);
            }
        }
        for (n, (usage, counted)) in self.groups.iter().zip(by_group).enumerate() {
            if usage.in_use() != counted {
                faults.push(format!("line group {n}: gauge says {}, channels say {counted}", usage.in_use()));
            }
        }
    }
}

/// Which end seized a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// This system, or the far end of a trunk through it.
    Seized,
    /// The other system on an IP Office line.
    Arriving,
}

impl Line {
    fn is_usable(&self) -> bool {
        self.service == Service::In && self.status == LineStatus::Up
    }

    fn in_use(&self) -> u16 {
        self.seized.in_use + self.arriving.in_use
    }

    fn take_lowest(&mut self, call: CallId) -> Option<u16> {
        if rarely(self.in_use() >= self.capacity) {
            return None;
        }
        let channel = self.seized.free.next_from(0)?;
        self.seized.take(channel, call).then_some(channel)
    }
}

impl Channels {
    fn new(channels: u16) -> Self {
        Self { free: PlaceSet::full(channels), owner: vec![None; usize::from(channels)], in_use: 0 }
    }

    fn take(&mut self, channel: u16, call: CallId) -> bool {
        let Some(owner @ None) = self.owner.get_mut(usize::from(channel)) else { return false };
        *owner = Some(call);
        self.free.remove(channel);
        self.in_use += 1;
        true
    }

    fn give_back(&mut self, channel: u16) {
        let n = usize::from(channel);
        debug_assert!(self.owner[n].is_some(), "a channel is given back once");
        self.owner[n] = None;
        self.free.insert(channel);
        self.in_use -= 1;
    }

    fn audit(&self, line: usize, faults: &mut Vec<String>) {
        let owned = self.owner.iter().filter(|o| o.is_some()).count();
        let free = self.free.iter().count();
        if owned != usize::from(self.in_use) || owned + free != self.owner.len() {
            let (n, in_use) = (self.owner.len(), self.in_use);
            faults.push(format!("line {line}: of {n} channels {owned} owned, {free} free, {in_use} counted"));
        }
    }
}
