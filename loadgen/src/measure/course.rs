//! The course of a run in a fixed amount of memory: counts over steps of time that grow with the run.

use engine::hint::rarely;
use engine::time::{Duration, Instant};

/// Most steps that are kept; when a run outgrows them, two and two become one of twice the length.
const MOST_STEPS: usize = 360;

/// What happened in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CourseStep {
    /// Calls placed.
    pub started: u64,
    /// Calls answered.
    pub answered: u64,
    /// Answered calls ended by a party.
    pub completed: u64,
    /// Calls refused because something was full.
    pub blocked: u64,
    /// Calls given up by their callers.
    pub abandoned: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// Answered calls ended by the system.
    pub dropped: u64,
    /// Most calls in progress at once.
    pub active_peak: u64,
}

/// Counts over steps of equal length, the first from the start of the run; at most 360 of them.
#[derive(Clone, Debug)]
pub struct Course {
    step: Duration,
    /// End of the last step.
    end: Instant,
    steps: Vec<CourseStep>,
}

impl Course {
    /// One empty step of a second.
    #[must_use]
    pub fn new() -> Self {
        let step = Duration::from_secs(1);
        Self { step, end: Instant::ZERO + step, steps: vec![CourseStep::default()] }
    }

    /// The step that `now` is in, to count in. Calls in progress are `active` up to `now`.
    #[inline]
    pub fn at(&mut self, now: Instant, active: u64) -> &mut CourseStep {
        if rarely(now >= self.end) {
            self.begin_steps(now, active);
        }
        // The world's time on the wall clock may be a moment behind that of a step begun: the last one takes it.
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    #[cold]
    fn begin_steps(&mut self, now: Instant, active: u64) {
        while now >= self.end {
            if self.steps.len() == MOST_STEPS {
                self.halve();
            } else {
                self.steps.push(CourseStep { active_peak: active, ..CourseStep::default() });
                self.end = self.end + self.step;
            }
        }
    }

    /// Length of a step.
    #[must_use]
    pub const fn step(&self) -> Duration {
        self.step
    }

    /// All steps, the last one unfinished.
    #[must_use]
    pub fn steps(&self) -> &[CourseStep] {
        &self.steps
    }

    /// Forgets how many calls were in progress at once.
    pub(crate) fn forget_calls_in_progress(&mut self) {
        self.steps.iter_mut().for_each(|step| step.active_peak = 0);
    }

    /// Adds the counts of the same run's other calls. The course becomes as long as the longer of the two; calls in progress are
    /// those of this one, `active` of them since its end.
    pub(crate) fn add_counts(&mut self, other: &Self, active: u64) {
        let mut other = other.clone();
        let last = |course: &Self| Instant::from_nanos(course.end.as_nanos() - 1);
        self.at(last(&other), active);
        other.at(last(self), 0);
        for (step, more) in self.steps.iter_mut().zip(&other.steps) {
            *step = both(*step, &CourseStep { active_peak: 0, ..*more });
        }
    }

    fn halve(&mut self) {
        self.steps = self.steps.chunks(2).map(|pair| pair.iter().fold(CourseStep::default(), both)).collect();
        self.step = self.step + self.step;
    }
}

impl Default for Course {
    fn default() -> Self {
        Self::new()
    }
}

fn both(a: CourseStep, b: &CourseStep) -> CourseStep {
    CourseStep {
        started: a.started + b.started,
        answered: a.answered + b.answered,
        completed: a.completed + b.completed,
        blocked: a.blocked + b.blocked,
        abandoned: a.abandoned + b.abandoned,
        failed: a.failed + b.failed,
        dropped: a.dropped + b.dropped,
        active_peak: a.active_peak.max(b.active_peak),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn a_run_that_outgrows_its_steps_loses_no_call_and_no_peak() {
        let mut course = Course::new();
        for second in 0..100_000 {
            course.at(at(second), 3).started += 1;
            if second == 54_321 {
                course.at(at(second), 3).active_peak = 77;
            }
        }
        let steps = course.steps();
        assert!(steps.len() <= MOST_STEPS && steps.len() >= MOST_STEPS / 2, "{}", steps.len());
        assert_eq!(steps.iter().map(|s| s.started).sum::<u64>(), 100_000);
        let length = course.step().as_secs_f64();
        let peak = steps.iter().position(|s| s.active_peak == 77).expect("the peak is kept");
        assert_eq!(peak, (54_321.0 / length) as usize);
        assert!(steps[..steps.len() - 1].iter().all(|s| s.started as f64 == length));
    }

    #[test]
    fn calls_in_progress_go_on_through_steps_in_which_nothing_happens() {
        let mut course = Course::new();
        course.at(at(0), 0).active_peak = 2;
        course.at(at(5), 2).completed += 1;
        let peaks: Vec<u64> = course.steps().iter().map(|s| s.active_peak).collect();
        assert_eq!(peaks, [2, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn courses_of_two_parts_make_that_of_the_whole_whichever_is_longer() {
        for (short, long) in [(3, 5), (100, 900), (359, 20_000)] {
            let (mut whole, mut a, mut b) = (Course::new(), Course::new(), Course::new());
            for second in 0..long {
                whole.at(at(second), 1).started += 1;
                if second < short && second % 3 == 0 { &mut a } else { &mut b }.at(at(second), 9).started +=
                    1;
            }
            for (longer, shorter) in [(&b, &a), (&a, &b)] {
                let mut sum = longer.clone();
                sum.forget_calls_in_progress();
                sum.add_counts(shorter, 0);
                assert_eq!((sum.step(), sum.steps().len()), (whole.step(), whole.steps().len()));
                for (sum, whole) in sum.steps().iter().zip(whole.steps()) {
                    assert_eq!((sum.started, sum.active_peak), (whole.started, 0));
                }
            }
        }
    }
}
