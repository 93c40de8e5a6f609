//! What the calls in several parts of the world come to together, as if there were no parts.

use super::Tally;
use super::tally::{Change, Step};
use crate::measure::{Course, PeakWindow, TimeWeighted};
use engine::time::Instant;
use smallvec::SmallVec;

/// What depends on the order in which things happen in all parts of a world: how many calls are in progress in all of them.
#[derive(Clone, Debug)]
pub(crate) struct Together {
    concurrency: TimeWeighted,
    course: Course,
    peak: PeakWindow,
    /// By part, what has changed and is not noticed yet; empty in between.
    taken: Vec<Vec<Change>>,
}

/// Whose changes come first, and the key up to which they do; `None` if none are left.
fn first_of(left: &[&[Change]]) -> Option<(usize, (Instant, u32))> {
    let mut first: Option<(usize, (Instant, u32))> = None;
    let mut until = (Instant::MAX, u32::MAX);
    for (n, key) in left.iter().enumerate().filter_map(|(n, changes)| Some((n, changes.first()?.key()))) {
        match first {
            Some((_, before)) if before <= key => until = until.min(key),
            Some((_, before)) => (first, until) = (Some((n, key)), before),
            None => first = Some((n, key)),
        }
    }
    first.map(|(n, _)| (n, until))
}

impl Together {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self {
            concurrency: TimeWeighted::new(Instant::ZERO),
            course: Course::new(),
            peak: PeakWindow::new(),
            taken: Vec::new(),
        }
    }

    /// Takes notice of everything that has happened in all parts before `end`, in its order.
    pub(crate) fn pass<'t>(&mut self, parts: impl Iterator<Item = &'t mut Tally>, end: Instant) {
        let mut taken = std::mem::take(&mut self.taken);
        for (n, part) in parts.enumerate() {
            if n == taken.len() {
                taken.push(Vec::new());
            }
            part.take_changes(end, &mut taken[n]);
        }
        let mut left: SmallVec<[&[Change]; 8]> = taken.iter().map(Vec::as_slice).collect();
        // Each part's are in order: the part whose are first goes on until another one's come before. No two parts have the same
        // call of the schedule; what was under way may be equal in several, but of that there are only ends, in whatever order.
        while let Some((first, until)) = first_of(&left) {
            let mut of_first = left[first];
            while let Some((change, rest)) = of_first.split_first()
                && change.key() <= until
            {
                self.notice(change);
                of_first = rest;
            }
            left[first] = of_first;
        }
        drop(left);
        taken.iter_mut().for_each(Vec::clear);
        self.taken = taken;
    }

    #[inline]
    fn notice(&mut self, change: &Change) {
        let (at, before) = (change.at, self.concurrency.value());
        let step = self.course.at(at, before);
        match change.what {
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
