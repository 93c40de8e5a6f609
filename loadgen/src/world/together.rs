//! What the calls in several parts of the world come to together, as if there were no parts.

use super::Tally;
use super::tally::{Change, Step};
use crate::measure::{Course, PeakWindow, TimeWeighted};
use engine::time::Instant;

/// What depends on the order in which things happen in all parts of a world: how many calls are in progress in all of them.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    concurrency: TimeWeighted,
    course: Course,
    peak: PeakWindow,
    changes: Vec<Change>,
}

impl Together {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self {
            concurrency: TimeWeighted::new(Instant::ZERO),
            course: Course::new(),
            peak: PeakWindow::new(),
            changes: Vec::new(),
        }
    }

    /// Takes notice of everything that has happened in all parts before `end`, in its order.
    pub(crate) fn pass<'t>(&mut self, parts: impl Iterator<Item = &'t mut Tally>, end: Instant) {
        for part in parts {
            self.changes.extend(part.take_changes(end));
        }
        // Each part's are in order, which is quick to sort; one number is quick to compare. No two parts have the same call of the
        // schedule.
        self.changes.sort_by_key(|change| u128::from(change.at.as_nanos()) << 32 | u128::from(change.order));
        for Change { at, what, .. } in self.changes.drain(..) {
            let before = self.concurrency.value();
            let step = self.course.at(at, before);
            match what {
                Step::Begun => {
                    step.active_peak = step.active_peak.max(before + 1);
                    self.concurrency.increase(at);
                }
                Step::Ended => self.concurrency.decrease(at),
                Step::Completed => {
                    self.concurrency.decrease(at);
                    self.peak.record(at);
                }
            }
        }
    }

    /// The book-keeping of the whole world, from that of its parts, up to the instant that was passed last.
    ///
    /// # Panics
    /// If there are no parts.
    pub(crate) fn tally<'t>(&self, mut parts: impl Iterator<Item = &'t Tally>) -> Tally {
        let mut whole = parts.next().expect("a world has at least one part").clone();
        whole.course.forget_calls_in_progress();
        for part in parts {
            whole.add(part);
        }
        let mut course = self.course.clone();
        course.add_counts(&whole.course, self.concurrency.value());
        (whole.concurrency, whole.course, whole.peak) = (self.concurrency, course, self.peak.clone());
        whole
    }
}

impl Tally {
    /// Adds what another part of the world has counted, but for what depends on the order.
    fn add(&mut self, other: &Self) {
        self.add_calls(other);
        self.causes.add(&other.causes);
        self.intended += other.intended;
        self.setup_delay.merge(&other.setup_delay);
        self.answer_delay.merge(&other.answer_delay);
        self.talk_time.merge(&other.talk_time);
        self.course.add_counts(&other.course, 0);
        self.in_progress_ns += other.in_progress_ns;
        self.recorded_ns += other.recorded_ns;
        self.records += other.records;
        self.ended += other.ended;
        self.resilience.add(&other.resilience);
        self.happenings.add(&other.happenings);
        self.phones_away += other.phones_away;
        self.left_over += other.left_over;
    }
}
