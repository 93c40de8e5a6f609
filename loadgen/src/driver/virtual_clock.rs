//! The virtual driver: simulated time, deterministic, as fast as one core allows.

use super::Hooks;
use super::part::{All, Part, Watch};
use super::passage::{EVENTS_PER_LOOK, OnOneThread, Pace, Stopped, play};
use super::result::RunResult;
use crate::profile::Profile;
use engine::hint::rare;
use engine::id::SystemId;
use engine::plan::Plan;
use engine::time::Instant;
use engine::{Input, System};
use std::sync::Arc;

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
    let mut run = OnOneThread::new(profile, plans, || AsFastAsItGoes(inspect));
    let (snapshots, ended) = play(&mut run, &profile.load, hooks);
    let Part { systems, world, now, .. } = run.all;
    RunResult::new(systems, world.close(now), snapshots, now, started.elapsed(), ended)
}

/// One thing after the other; and somebody looks at each, perhaps.
struct AsFastAsItGoes<'h>(Option<Inspect<'h>>);

impl Pace for AsFastAsItGoes<'_> {
    fn pass(&mut self, all: &mut Part<'_, All>, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            for _ in 0..EVENTS_PER_LOOK {
                if !all.step(end, hooks.smdr, &mut self.0) {
                    return Ok(());
                }
            }
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            (hooks.progress)(all.now, &[&all.world]);
        }
    }
}

impl Watch for Option<Inspect<'_>> {
    #[inline]
    fn see(&mut self, now: Instant, systems: &[System], place: usize, input: Option<&Input>) {
        if let Some(inspect) = rare(self.as_mut()) {
            inspect(&Moment { now, systems, stepped: SystemId::at(place), input });
        }
    }
}
