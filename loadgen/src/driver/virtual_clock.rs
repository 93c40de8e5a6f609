//! The virtual driver: simulated time, deterministic, as fast as one core allows.

use super::part::{All, Part, Watch};
use super::result::{RunResult, Snapshot};
use super::{Ended, Hooks};
use crate::profile::Profile;
use crate::world::World;
use engine::id::SystemId;
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use engine::{Input, System};
use std::sync::Arc;

/// Events between two looks at the progress line and the interrupt.
pub(super) const EVENTS_PER_LOOK: u32 = 1 << 16;

/// Replays `profile` from the start of its warm-up until its last call has ended or its drain time is over.
///
/// Order of events: time; at equal times system timers, then what systems have said to each other, then the world's events, then
/// new calls; systems by their place, messages by when they were sent and by whom, events in the order they were set. Equal profile,
/// seed and version give the same digest.
#[must_use]
pub fn run(profile: &Profile, plans: &[Arc<Plan>], hooks: &mut Hooks<'_>) -> RunResult {
    run_inspected(profile, plans, hooks, None)
}

/// The systems of a run after one of them has dealt with an input or a timer.
pub struct Moment<'r> {
    /// The run's clock.
    pub now: Instant,
    /// Every system.
    pub systems: &'r [System],
    /// The one that something has just happened to.
    pub stepped: SystemId,
    /// What happened: an input, or a timer that ran out.
    pub input: Option<&'r Input>,
}

/// Looks at the systems of a run after every step.
pub type Inspect<'h> = &'h mut dyn FnMut(&Moment<'_>);

/// The same, with somebody who looks at the systems after every step.
#[must_use]
pub fn run_inspected(
    profile: &Profile,
    plans: &[Arc<Plan>],
    hooks: &mut Hooks<'_>,
    inspect: Option<Inspect<'_>>,
) -> RunResult {
    let started = std::time::Instant::now();
    let systems = plans.iter().map(|plan| System::new(Arc::clone(plan))).collect();
    let mut run = Run {
        all: Part::new(systems, All, World::new(profile, plans)),
        inspect,
        next_second: Instant::ZERO + Duration::from_secs(1),
    };
    let window_start = Instant::ZERO + profile.load.warm_up;
    let window_end = window_start + profile.load.duration;
    let before_window = run.pass_time(window_start, hooks);
    let at_start = Snapshot::take(&run.all.systems, window_start);
    let in_window = before_window.and_then(|()| run.pass_time(window_end, hooks));
    let at_end = Snapshot::take(&run.all.systems, run.all.now.max(window_end));
    let drained = in_window.and_then(|()| run.pass_time(window_end + profile.load.drain, hooks));
    let ended = if drained.is_ok() { Ended::Complete } else { Ended::Interrupted };
    let Part { systems, world, now, .. } = run.all;
    RunResult::new(systems, world.close(now), (at_start, at_end), now, started.elapsed(), ended)
}

struct Run<'a, 'h> {
    all: Part<'a, All>,
    inspect: Option<Inspect<'h>>,
    next_second: Instant,
}

/// The run was stopped from outside.
pub(super) struct Stopped;

impl Run<'_, '_> {
    /// Lets everything happen that is due before `end`, second by second if somebody wants to know of each.
    fn pass_time(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        while hooks.every_second.is_some() && self.next_second <= end {
            self.pass(self.next_second, hooks)?;
            if let Some(tell) = &mut hooks.every_second {
                tell(self.next_second, self.all.world.tally());
            }
            self.next_second = self.next_second + Duration::from_secs(1);
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            if self.all.next() == Instant::MAX {
                return Ok(());
            }
        }
        self.pass(end, hooks)
    }

    fn pass(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            for _ in 0..EVENTS_PER_LOOK {
                if !self.all.step(end, hooks.smdr, &mut self.inspect) {
                    return Ok(());
                }
            }
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            (hooks.progress)(self.all.now, &[&self.all.world]);
        }
    }
}

impl Watch for Option<Inspect<'_>> {
    #[inline]
    fn see(&mut self, now: Instant, systems: &[System], place: usize, input: Option<&Input>) {
        if let Some(inspect) = self {
            inspect(&Moment { now, systems, stepped: SystemId::at(place), input });
        }
    }
}
