//! What the calls of a run came to: counts, latencies, concurrency.

use super::attempt::{Attempt, Measured, Outcome};
use super::happenings::Happenings;
use super::resilience::ResilienceLog;
use crate::arrival::PlannedCall;
use crate::measure::{Course, LatencyHistogram, PeakWindow, TimeWeighted, Unit};
use crate::profile::Load;
use crate::report::{Calls, CauseTally};
use engine::cause::Cause;
use engine::hint::{mostly, rarely};
use engine::id::SystemId;
use engine::smdr::{Answered, SmdrRecord};
use engine::time::{Duration, Instant};

/// Book-keeping of a run. Calls planned during the warm-up take part in the traffic but are not counted.
#[derive(Clone, Debug)]
pub struct Tally {
    warm_up_ends: Instant,
    measured_ends: Instant,
    /// Counts of the measured calls.
    pub calls: Calls,
    /// Counts of the calls that only warmed the network up.
    warm_up: Calls,
    /// Measured calls by the cause the caller was given.
    pub causes: CauseTally,
    /// Time the measured calls were meant to last.
    pub intended: Duration,
    /// From the instant a call was due until its caller heard it ring.
    pub setup_delay: LatencyHistogram,
    /// From the instant a call was due until its caller was through.
    pub answer_delay: LatencyHistogram,
    /// How long answered calls were connected.
    pub talk_time: LatencyHistogram,
    /// Completed calls of the busiest 36 s.
    pub peak: PeakWindow,
    /// Calls in progress, as their callers see it, of the whole run.
    pub concurrency: TimeWeighted,
    /// Counts of all calls over time.
    pub course: Course,
    /// Nanoseconds all ended attempts together were in progress, of the whole run.
    pub in_progress_ns: u128,
    /// Nanoseconds all calls together lasted by their records, on all systems, of the whole run.
    pub recorded_ns: u128,
    /// Call records of the whole run.
    pub records: u64,
    /// Attempts of the whole run that have ended, and those that have not.
    pub ended: u64,
    /// What happened to resilient features.
    pub resilience: ResilienceLog,
    /// What happened to lines and to calls in progress.
    pub happenings: Happenings,
    /// IP phones that were not registered at home when the run was over.
    pub phones_away: u64,
    /// Attempts without an end, and messages without an arrival, when the run was over.
    pub left_over: u64,
    /// What has changed in the calls in progress, to be put together with the changes in other parts of the world; `None` where
    /// there is no other part.
    changes: Option<Vec<Change>>,
    /// When the last call was placed, and its place in the order of the schedule.
    placed: (Instant, u32),
}

/// One more call in progress, or one less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: Instant,
    /// Where it comes among those of the same instant: first what was under way, then call by call of the schedule, each with
    /// what followed from it at once.
    pub(super) order: u32,
    pub(super) what: Step,
}

impl Change {
    /// What they are in the order of.
    pub(super) const fn key(&self) -> (Instant, u32) {
        (self.at, self.order)
    }
}

/// Which of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Begun,
    Ended,
    /// It was completed in the measured part of the run.
    Completed,
}

impl Tally {
    pub(super) fn new(load: &Load) -> Self {
        let warm_up_ends = Instant::ZERO + load.warm_up;
        Self {
            warm_up_ends,
            measured_ends: warm_up_ends + load.duration,
            calls: Calls::default(),
            warm_up: Calls::default(),
            causes: CauseTally::new(),
            intended: Duration::ZERO,
            setup_delay: LatencyHistogram::new("setup_delay", Unit::Microseconds),
            answer_delay: LatencyHistogram::new("answer_delay", Unit::Microseconds),
            talk_time: LatencyHistogram::new("talk_time", Unit::Microseconds),
            peak: PeakWindow::new(),
            concurrency: TimeWeighted::new(Instant::ZERO),
            course: Course::new(),
            in_progress_ns: 0,
            recorded_ns: 0,
            records: 0,
            ended: 0,
            resilience: ResilienceLog::default(),
            happenings: Happenings::default(),
            phones_away: 0,
            left_over: 0,
            changes: None,
            placed: (Instant::ZERO, 0),
        }
    }

    /// Other parts of the world have calls in progress too: all changes are kept until they are taken.
    pub(super) fn remember_changes(&mut self) {
        self.changes = Some(Vec::new());
    }

    /// Takes the changes before `end`, which are in order, into an empty list.
    pub(super) fn take_changes(&mut self, end: Instant, into: &mut Vec<Change>) {
        if let Some(changes) = &mut self.changes {
            std::mem::swap(changes, into);
            let before = into.partition_point(|change| change.at < end);
            changes.extend(into.drain(before..));
        }
    }

    #[inline(never)]
    fn begun(&mut self, at: Instant, order: u32) {
        self.placed = (at, order + 1);
        self.change(at, Step::Begun);
    }

    #[inline(never)]
    fn change(&mut self, at: Instant, what: Step) {
        let order = if at == self.placed.0 { self.placed.1 } else { 0 };
        self.changes.get_or_insert_default().push(Change { at, order, what });
    }

    /// A call was planned for `due`.
    #[inline]
    pub(super) fn plan(&mut self, due: Instant) -> Measured {
        let measured = if due < self.warm_up_ends { Measured::No } else { Measured::Yes };
        self.count(measured, |calls| calls.planned += 1);
        measured
    }

    #[inline]
    fn count(&mut self, measured: Measured, add: impl Fn(&mut Calls)) {
        add(if mostly(measured != Measured::No) { &mut self.calls } else { &mut self.warm_up });
    }

    /// Counts of all calls, those that only warmed the network up included.
    #[must_use]
    pub fn whole(&self) -> Calls {
        let mut whole = self.warm_up;
        whole.add(&self.calls);
        whole
    }

    /// Adds what another part of the world has counted of its calls.
    pub(super) fn add_calls(&mut self, other: &Self) {
        self.calls.add(&other.calls);
        self.warm_up.add(&other.warm_up);
    }

    pub(super) fn not_started(&mut self, measured: Measured) {
        self.count(measured, |calls| calls.not_started += 1);
    }

    #[inline]
    pub(super) fn start(&mut self, now: Instant, measured: Measured, planned: &PlannedCall<'_>) {
        if rarely(self.changes.is_some()) {
            self.begun(now, planned.order as u32);
        }
        let before = self.concurrency.value();
        self.concurrency.increase(now);
        let step = self.course.at(now, before);
        step.started += 1;
        step.active_peak = step.active_peak.max(before + 1);
        self.count(measured, |calls| {
            calls.started += 1;
            calls.offered += 1;
        });
        if mostly(measured != Measured::No) {
            self.intended += planned.ring + planned.talk.unwrap_or_default();
        }
    }

    /// A call went on without signalling.
    pub(super) fn preserved(&mut self, now: Instant, home: SystemId, attempt: &Attempt) {
        self.happenings.calls(now, home, |hit| hit.preserved += 1);
        self.count(attempt.measured, |calls| calls.preserved += 1);
    }

    #[inline]
    pub(super) fn alerting(&mut self, now: Instant, attempt: &mut Attempt, due: Instant) {
        if mostly(attempt.measured == Measured::Yes) {
            attempt.measured = Measured::Alerted;
            self.setup_delay.record(now.since(due));
        }
    }

    #[inline]
    pub(super) fn answered(&mut self, now: Instant, attempt: &Attempt, due: Instant) {
        self.course.at(now, self.concurrency.value()).answered += 1;
        self.count(attempt.measured, |calls| calls.answered += 1);
        if mostly(attempt.measured != Measured::No) {
            self.answer_delay.record(now.since(due));
        }
    }

    #[inline]
    pub(super) fn finish(
        &mut self,
        now: Instant,
        home: SystemId,
        attempt: &Attempt,
        outcome: Outcome,
        cause: Cause,
    ) {
        let counts = self.course.at(now, self.concurrency.value());
        *match outcome {
            Outcome::Completed => &mut counts.completed,
            Outcome::Blocked => &mut counts.blocked,
            Outcome::Abandoned => &mut counts.abandoned,
            Outcome::Failed => &mut counts.failed,
            Outcome::Dropped => &mut counts.dropped,
        } += 1;
        if rarely(outcome == Outcome::Dropped) {
            self.happenings.calls(now, home, |hit| hit.dropped += 1);
        }
        self.concurrency.decrease(now);
        self.ended += 1;
        self.in_progress_ns += u128::from(now.since(attempt.placed).as_nanos());
        let mut what = Step::Ended;
        if outcome == Outcome::Completed && now >= self.warm_up_ends && now < self.measured_ends {
            self.peak.record(now);
            what = Step::Completed;
        }
        if rarely(self.changes.is_some()) {
            self.change(now, what);
        }
        self.count(attempt.measured, |calls| {
            *match outcome {
                Outcome::Completed => &mut calls.completed,
                Outcome::Blocked => &mut calls.blocked,
                Outcome::Abandoned => &mut calls.abandoned,
                Outcome::Failed => &mut calls.failed,
                Outcome::Dropped => &mut calls.dropped,
            } += 1;
        });
        if mostly(attempt.measured != Measured::No) {
            let answered = if attempt.answered.is_some() { Answered::Yes } else { Answered::No };
            self.causes.record(answered, cause);
            if let Some(answered) = attempt.answered {
                self.talk_time.record(now.since(answered));
            }
        }
    }

    #[inline]
    pub(super) fn record(&mut self, now: Instant, record: &SmdrRecord) {
        self.records += 1;
        self.recorded_ns += u128::from(now.since(record.started).as_nanos());
    }

    pub(super) fn close(&mut self, now: Instant, open: &[Attempt], undelivered: usize) {
        self.left_over = (open.len() + undelivered) as u64;
        for attempt in open {
            self.in_progress_ns += u128::from(now.since(attempt.placed).as_nanos());
            self.count(attempt.measured, |calls| calls.in_progress_at_end += 1);
        }
    }
}
