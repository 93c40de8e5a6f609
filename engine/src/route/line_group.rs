//! Lines and their channels at run time, and how one is seized.

use crate::hint::{mostly, rarely};
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
    seized: Seized,
    arriving: Arriving,
}

/// Channels that this end seizes, or the far end of a trunk through it. Who holds them say the calls.
#[derive(Clone, Debug)]
struct Seized {
    free: PlaceSet,
    in_use: u16,
}

/// Calls from the other system, by the channel that it seized.
#[derive(Clone, Debug)]
struct Arriving {
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
            seized: Seized { free: PlaceSet::full(line.channels), in_use: 0 },
            arriving: Arriving::new(if line.peer.is_some() { line.channels } else { 0 }),
        });
        Self { lines: lines.collect(), groups: plan.line_groups().iter().map(|_| Usage::new()).collect() }
    }

    /// Seizes the lowest free channel of `line`, in service or not.
    #[inline]
    fn seize(&mut self, now: Instant, line: LineId) -> Result<ChannelId, NoChannel> {
        let state = &mut self.lines[line.index()];
        let usage = &mut self.groups[state.group.index()];
        match state.take_lowest() {
            Some(channel) => {
                usage.take(now);
                Ok(ChannelId { line, channel })
            }
            None => Err(NoChannel::AllBusy),
        }
    }

    /// Seizes a channel of a line that must be in service.
    #[inline]
    pub(crate) fn seize_line(&mut self, now: Instant, line: LineId) -> Result<ChannelId, NoChannel> {
        match mostly(self.lines[line.index()].is_usable()) {
            true => self.seize(now, line),
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
    ) -> Result<ChannelId, NoChannel> {
        for &line in &plan.line_group(group).lines {
            if self.lines[line.index()].is_usable()
                && let Ok(channel) = self.seize(now, line)
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

    /// The call that arrived on this channel of an IP Office line.
    pub(crate) fn arrived(&self, at: ChannelId) -> Option<CallId> {
        *self.lines.get(at.line.index())?.arriving.owner.get(usize::from(at.channel))?
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

    /// Faults in the book-keeping itself, and of channels that calls do not hold as they are said to be `held`, in order.
    pub(crate) fn audit(&self, held: &[(Direction, ChannelId, CallId)], faults: &mut Vec<String>) {
        for pair in held.windows(2) {
            if let [(first, channel, call), (second, same, other)] = pair
                && (first, channel) == (second, same)
            {
                faults.push(format!("{channel:?} is held by {call:?} and by {other:?}"));
            }
        }
        let mut counted = vec![[0_usize; 2]; self.lines.len()];
        for &(direction, channel, call) in held {
            counted[channel.line.index()][direction as usize] += 1;
            let is_its_own = match direction {
                Direction::Seized => !self.lines[channel.line.index()].seized.free.contains(channel.channel),
                Direction::Arriving => self.arrived(channel) == Some(call),
            };
            if !is_its_own {
                faults.push(format!("{call:?} has {channel:?}, which is not held for it"));
            }
        }
        let mut by_group = vec![0_u32; self.groups.len()];
        for (n, (line, calls)) in self.lines.iter().zip(counted).enumerate() {
            by_group[line.group.index()] += u32::from(line.in_use());
            if line.in_use() > line.capacity {
                faults.push(format!("line {n}: {} channels in use of {}", line.in_use(), line.capacity));
            }
            let free = line.seized.free.iter().count();
            let owned = line.arriving.owner.iter().flatten().count();
            let taken = [usize::from(line.capacity) - free, owned];
            let in_use = [line.seized.in_use, line.arriving.in_use].map(usize::from);
            if taken != in_use || calls != in_use {
                faults.push(format!(
                    "line {n}: channels seized and arriving: {taken:?} taken, {in_use:?} counted, calls have {calls:?}"
                ));
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    fn take_lowest(&mut self) -> Option<u16> {
        if rarely(self.in_use() >= self.capacity) {
            return None;
        }
        let channel = self.seized.free.next_from(0)?;
        self.seized.free.remove(channel);
        self.seized.in_use += 1;
        Some(channel)
    }
}

impl Seized {
    fn give_back(&mut self, channel: u16) {
        debug_assert!(!self.free.contains(channel), "a channel is given back once");
        self.free.insert(channel);
        self.in_use -= 1;
    }
}

impl Arriving {
    fn new(channels: u16) -> Self {
        Self { owner: vec![None; usize::from(channels)], in_use: 0 }
    }

    fn take(&mut self, channel: u16, call: CallId) -> bool {
        let Some(owner @ None) = self.owner.get_mut(usize::from(channel)) else { return false };
        *owner = Some(call);
        self.in_use += 1;
        true
    }

    fn give_back(&mut self, channel: u16) {
        let owner = &mut self.owner[usize::from(channel)];
        debug_assert!(owner.is_some(), "a channel is given back once");
        *owner = None;
        self.in_use -= 1;
    }
}
