//! How the time of a run in virtual time passes, on one thread or on several: warm-up, measured part and drain, second by second if
//! somebody wants to know of each.

use super::part::{All, Part};
use super::result::Snapshot;
use super::{Ended, Hooks};
use crate::profile::{Load, Profile};
use crate::world::{Tally, World};
use engine::System;
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use std::borrow::Cow;
use std::sync::Arc;

/// Events between two looks at the progress line and the interrupt.
pub(super) const EVENTS_PER_LOOK: u32 = 1 << 16;
const SECOND: Duration = Duration::from_secs(1);

/// The run was stopped from outside.
pub(super) struct Stopped;

/// A run whose time passes.
pub(super) trait Passage {
    /// Lets everything happen that is due before `end`.
    fn pass(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped>;
    /// When the last thing happened.
    fn now(&self) -> Instant;
    /// When something is due next; [`Instant::MAX`] if nothing ever is.
    fn next(&self) -> Instant;
    /// All resources at an instant that nothing which has happened is after.
    fn snapshot(&self, at: Instant) -> Snapshot;
    /// What the calls came to so far.
    fn tally(&self) -> Cow<'_, Tally>;
}

/// How time passes for a run on one thread.
pub(super) trait Pace {
    /// Lets everything happen that is due before `end`.
    fn pass(&mut self, all: &mut Part<'_, All>, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped>;
}

/// A run on one thread, at a pace.
pub(super) struct OnOneThread<'a, P> {
    pub(super) all: Part<'a, All>,
    pub(super) pace: P,
}

impl<'a, P> OnOneThread<'a, P> {
    /// Nothing has happened yet. The pace is made when all else is: a clock starts then.
    pub(super) fn new(profile: &'a Profile, plans: &[Arc<Plan>], pace: impl FnOnce() -> P) -> Self {
        let systems = plans.iter().map(|plan| System::new(Arc::clone(plan))).collect();
        let all = Part::new(systems, All, World::new(profile, plans));
        Self { all, pace: pace() }
    }
}

impl<P: Pace> Passage for OnOneThread<'_, P> {
    fn pass(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        self.pace.pass(&mut self.all, end, hooks)
    }

    fn now(&self) -> Instant {
        self.all.now
    }

    fn next(&self) -> Instant {
        self.all.next()
    }

    fn snapshot(&self, at: Instant) -> Snapshot {
        Snapshot::take(&self.all.systems, at)
    }

    fn tally(&self) -> Cow<'_, Tally> {
        Cow::Borrowed(self.all.world.tally())
    }
}

/// Lets the time of a run pass until its last call has ended, its drain time is over or it is stopped; the resources at the beginning and
/// at the end of the measured part, and how it ended.
pub(super) fn play(
    run: &mut impl Passage,
    load: &Load,
    hooks: &mut Hooks<'_>,
) -> ((Snapshot, Snapshot), Ended) {
    let mut next_second = Instant::ZERO + SECOND;
    let window_start = Instant::ZERO + load.warm_up;
    let window_end = window_start + load.duration;
    let before_window = pass_time(run, &mut next_second, window_start, hooks);
    let at_start = run.snapshot(window_start);
    let in_window = before_window.and_then(|()| pass_time(run, &mut next_second, window_end, hooks));
    let at_end = run.snapshot(run.now().max(window_end));
    let drained = in_window.and_then(|()| pass_time(run, &mut next_second, window_end + load.drain, hooks));
    ((at_start, at_end), if drained.is_ok() { Ended::Complete } else { Ended::Interrupted })
}

fn pass_time(
    run: &mut impl Passage,
    next_second: &mut Instant,
    end: Instant,
    hooks: &mut Hooks<'_>,
) -> Result<(), Stopped> {
    while hooks.every_second.is_some() && *next_second <= end {
        run.pass(*next_second, hooks)?;
        if let Some(tell) = &mut hooks.every_second {
            tell(*next_second, &run.tally());
        }
        *next_second = *next_second + SECOND;
        if hooks.is_interrupted() {
            return Err(Stopped);
        }
        if run.next() == Instant::MAX {
            return Ok(());
        }
    }
    run.pass(end, hooks)
}
