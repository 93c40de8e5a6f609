//! What happened to lines and calls in a run besides what calls came to: line status, alarms, calls that lost their signalling.

use engine::AlarmSource;
use engine::id::{LineId, SystemId};
use engine::network::LineStatus;
use engine::time::Instant;
use std::collections::BTreeMap;

/// Most changes and alarms of one run that are kept.
const MAX_KEPT: usize = 1_000_000;

/// Everything of this kind that happened in a run, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Happenings {
    /// Changes of the status of IP Office lines, as their ends see them.
    pub lines: Vec<LineChange>,
    /// Alarms.
    pub alarms: Vec<RaisedAlarm>,
    /// By second of the run's clock and the caller's system.
    pub calls: BTreeMap<(u64, SystemId), CallsHit>,
    /// Changes, alarms and seconds beyond a million of each.
    pub left_out: u64,
}

/// An IP Office line has gone down or come up, as one end of it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// When.
    pub at: Instant,
    /// The system at this end.
    pub system: SystemId,
    /// Its line.
    pub line: LineId,
    /// How it is from then on.
    pub status: LineStatus,
}

/// A system has raised an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RaisedAlarm {
    /// When.
    pub at: Instant,
    /// The system.
    pub system: SystemId,
    /// What is in error.
    pub source: AlarmSource,
    /// How often that was so, as far as the system remembers.
    pub count: u32,
}

/// What became of calls in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallsHit {
    /// Calls that went on without signalling.
    pub preserved: u64,
    /// Answered calls that were ended by the system.
    pub dropped: u64,
}

impl Happenings {
    pub(super) fn line(&mut self, change: LineChange) {
        if self.lines.len() < MAX_KEPT {
            self.lines.push(change);
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn alarm(&mut self, alarm: RaisedAlarm) {
        if self.alarms.len() < MAX_KEPT {
            self.alarms.push(alarm);
        } else {
            self.left_out += 1;
        }
    }

    /// What becomes of calls of `system` in the second of `now`.
    pub(super) fn calls(&mut self, now: Instant, system: SystemId, count: impl FnOnce(&mut CallsHit)) {
        let mut hit = CallsHit::default();
        count(&mut hit);
        self.hit((now.as_nanos() / 1_000_000_000, system), hit);
    }

    /// The first million of seconds and systems are kept, whatever order they come in.
    fn hit(&mut self, key: (u64, SystemId), hit: CallsHit) {
        let known = self.calls.entry(key).or_default();
        known.preserved += hit.preserved;
        known.dropped += hit.dropped;
        if self.calls.len() > MAX_KEPT
            && let Some((_, last)) = self.calls.pop_last()
        {
            self.left_out += last.preserved + last.dropped;
        }
    }

    /// Adds what happened in another part of the network.
    pub(super) fn add(&mut self, other: &Self) {
        self.lines.extend(&other.lines);
        self.lines.sort_by_key(|change| change.at);
        self.alarms.extend(&other.alarms);
        self.alarms.sort_by_key(|alarm| alarm.at);
        for (&key, &hit) in &other.calls {
            self.hit(key, hit);
        }
        self.left_out += other.left_out;
    }
}
