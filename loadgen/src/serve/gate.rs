//! How many new calls are let in: no more than declared, no more than the machine manages, and fairly from every source.
//!
//! Time is cut into windows. In each, every source that has lately offered calls may have as many as it wants, up to an equal
//! share of what there is; what some do not want the others may have (max-min fairness). A call that has been let in is
//! never touched.

use engine::id::LineId;
use engine::time::{Duration, Instant};
use std::collections::HashMap;
use std::net::IpAddr;

/// Length of a window.
const WINDOW: Duration = Duration::from_millis(100);
/// Sources that are told apart; all others count as one.
const MAX_SOURCES: usize = 1_024;
/// A source that has offered nothing for so many windows is forgotten.
const FORGOTTEN: u32 = 20;
/// Least calls a window under pressure: a server that lets nobody in never learns that it could.
const LEAST: f64 = 1.0;
/// What is left of the rate when the machine does not keep up, and what is added while it does.
const DOWN: f64 = 0.8;
const UP: f64 = 1.1;
/// Windows without pressure after which the machine is no limit any more.
const CALM: u32 = 20;

/// Who offers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The far end of a line.
    Line(LineId),
    /// Anybody at this address.
    Address(IpAddr),
    /// One of too many to be told apart.
    Others,
}

#[derive(Clone, Copy, Debug, Default)]
struct Share {
    /// Calls offered in this window, and in the one before.
    offered: u32,
    before: u32,
    /// Calls let in in this window, and how many may be.
    taken: u32,
    granted: u32,
    idle: u32,
}

/// The door.
#[derive(Debug)]
pub(super) struct Gate {
    /// Calls a window that were declared; `None`: no limit.
    declared: Option<f64>,
    /// Calls a window that the machine manages; `None`: it has not shown a limit.
    managed: Option<f64>,
    began: Instant,
    /// Calls left for whoever wants them.
    left: u32,
    /// Part of a call that was granted to nobody yet.
    fraction: f64,
    taken: u32,
    calm: u32,
    sources: HashMap<Source, Share>,
    refused: u64,
}

/// Whether the machine keeps up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    /// It does.
    None,
    /// Messages wait or are lost.
    High,
}

impl Gate {
    pub(super) fn new(calls_per_second: Option<u32>) -> Self {
        Self {
            declared: calls_per_second.map(|calls| f64::from(calls) / 10.0),
            managed: None,
            began: Instant::ZERO,
            left: 0,
            fraction: 0.0,
            taken: 0,
            calm: 0,
            sources: HashMap::new(),
            refused: 0,
        }
    }

    /// From now on as many calls a second are declared.
    pub(super) fn declare(&mut self, calls_per_second: Option<u32>) {
        self.declared = calls_per_second.map(|calls| f64::from(calls) / 10.0);
    }

    fn limit(&self) -> Option<f64> {
        match (self.declared, self.managed) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn of(&self, source: Source) -> Source {
        let known = self.sources.contains_key(&source) || self.sources.len() < MAX_SOURCES;
        if known { source } else { Source::Others }
    }

    /// Whether a call from this source would be let in now.
    pub(super) fn admits(&mut self, now: Instant, source: Source) -> bool {
        if self.limit().is_none() {
            return true;
        }
        self.advance(now);
        let share = self.sources.get(&self.of(source)).copied().unwrap_or_default();
        share.taken < share.granted || self.left > 0
    }

    /// A call was offered, and let in or not.
    pub(super) fn offered(&mut self, source: Source, admitted: bool) {
        let limited = self.limit().is_some();
        self.taken += u32::from(admitted);
        if !limited {
            return;
        }
        let source = self.of(source);
        let share = self.sources.entry(source).or_default();
        share.offered += 1;
        share.idle = 0;
        if !admitted {
            self.refused += 1;
        } else if share.taken < share.granted {
            share.taken += 1;
        } else {
            self.left = self.left.saturating_sub(1);
        }
    }

    /// Refused so far.
    pub(super) const fn refused(&self) -> u64 {
        self.refused
    }

    /// Calls a second that are let in; `None`: all.
    pub(super) fn calls_per_second(&self) -> Option<f64> {
        self.limit().map(|calls| calls * 10.0)
    }

    /// The machine says how it is, once a window.
    pub(super) fn feel(&mut self, pressure: Pressure) {
        match (pressure, self.managed) {
            (Pressure::High, managed) => {
                let rate = managed.unwrap_or(f64::from(self.taken)).min(f64::from(self.taken.max(1)) * 1.25);
                self.managed = Some((rate * DOWN).max(LEAST));
                self.calm = 0;
            }
            (Pressure::None, Some(_)) if self.calm >= CALM => self.managed = None,
            (Pressure::None, Some(rate)) => {
                self.managed = Some(rate * UP + 1.0);
                self.calm += 1;
            }
            (Pressure::None, None) => {}
        }
        self.taken = 0;
    }

    fn advance(&mut self, now: Instant) {
        if now.since(self.began) < WINDOW {
            return;
        }
        let passed = now.since(self.began).as_nanos() / WINDOW.as_nanos();
        self.began = Instant::from_nanos(self.began.as_nanos() + passed * WINDOW.as_nanos());
        let Some(limit) = self.limit() else { return };
        self.sources.retain(|_, share| {
            share.before = share.offered;
            share.idle = if share.offered == 0 { share.idle + 1 } else { 0 };
            (share.offered, share.taken, share.granted) = (0, 0, 0);
            share.idle <= FORGOTTEN
        });
        let whole = limit + self.fraction;
        let calls = whole as u32;
        self.fraction = (whole - f64::from(calls)).min(1.0);
        self.left = self.fill(calls);
    }

    /// Grants every source what it wanted before, up to an equal share of what is left by those who want less; the rest.
    fn fill(&mut self, calls: u32) -> u32 {
        // In order of their wishes, so that the outcome does not depend on that of the table.
        let mut wishes: Vec<(u32, &mut Share)> =
            self.sources.values_mut().filter(|s| s.before > 0).map(|s| (s.before, s)).collect();
        wishes.sort_by_key(|(wish, _)| *wish);
        let (mut left, mut waiting) = (calls, wishes.len() as u32);
        for (wish, share) in wishes {
            let equal = left / waiting;
            share.granted = wish.min(equal);
            left -= share.granted;
            waiting -= 1;
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u16) -> Source {
        Source::Line(LineId(n))
    }

    /// Offers calls evenly over ten seconds; how many of each source's were let in.
    fn play(gate: &mut Gate, from_s: u64, rates: &[u32]) -> Vec<u32> {
        let mut admitted = vec![0; rates.len()];
        for ms in 0..10_000_u64 {
            let now = Instant::ZERO + Duration::from_millis(from_s * 1_000 + ms);
            for (n, &rate) in rates.iter().enumerate() {
                let due = |ms: u64| ms * u64::from(rate) / 1_000;
                for _ in due(ms)..due(ms + 1) {
                    let yes = gate.admits(now, line(n as u16));
                    gate.offered(line(n as u16), yes);
                    admitted[n] += u32::from(yes);
                }
            }
        }
        admitted
    }

    #[test]
    fn what_is_within_the_limit_is_let_in() {
        let mut gate = Gate::new(Some(100));
        let admitted = play(&mut gate, 1, &[90]);
        assert!(admitted[0] >= 890, "{admitted:?}");
        assert_eq!(play(&mut Gate::new(None), 1, &[5_000]), [50_000]);
    }

    #[test]
    fn at_three_and_at_ten_times_the_limit_as_many_as_declared_get_in() {
        for times in [3, 10] {
            let admitted = play(&mut Gate::new(Some(200)), 1, &[200 * times]);
            assert!((1_980..=2_020).contains(&admitted[0]), "{times}: {admitted:?}");
        }
    }

    #[test]
    fn a_loud_source_takes_nothing_from_a_modest_one() {
        let mut gate = Gate::new(Some(100));
        let admitted = play(&mut gate, 1, &[20, 1_000, 1_000]);
        assert!(admitted[0] >= 190, "{admitted:?}");
        assert!((380..=420).contains(&admitted[1]) && (380..=420).contains(&admitted[2]), "{admitted:?}");
    }

    #[test]
    fn a_machine_that_does_not_keep_up_lets_fewer_in_and_then_all_again() {
        let mut gate = Gate::new(None);
        let second = |gate: &mut Gate, from_s: u64, pressure: Pressure| {
            for window in 0..10_u64 {
                for n in 0..100_u64 {
                    let now = Instant::ZERO + Duration::from_millis(from_s * 1_000 + window * 100 + n);
                    let yes = gate.admits(now, line(1));
                    gate.offered(line(1), yes);
                }
                gate.feel(pressure);
            }
        };
        second(&mut gate, 1, Pressure::High);
        let low = gate.calls_per_second().expect("it has shown a limit");
        assert!(low < 300.0, "{low}");
        for s in 2..7 {
            second(&mut gate, s, Pressure::None);
        }
        assert_eq!(gate.calls_per_second(), None, "five seconds later");
    }

    #[test]
    fn so_many_sources_are_told_apart_and_no_more() {
        let mut gate = Gate::new(Some(10));
        for n in 0..5_000_u16 {
            gate.offered(line(n), false);
        }
        assert_eq!(gate.sources.len(), MAX_SOURCES + 1);
    }
}
