//! The virtual driver: simulated time, deterministic, as fast as one core allows.

use super::result::{RunResult, Snapshot};
use super::{Ended, Hooks};
use crate::agenda::Agenda;
use crate::profile::Profile;
use crate::world::World;
use engine::id::SystemId;
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use engine::{Input, System};
use std::sync::Arc;

/// Events between two looks at the progress line and the interrupt.
const EVENTS_PER_LOOK: u32 = 1 << 16;

/// Replays `profile` from the start of its warm-up until its last call has ended or its drain time is over.
///
/// Order of events: time; at equal times system timers before the world's events, and those before new calls; systems
/// by their place, events in the order they were set. Equal profile, seed and version give the same digest.
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
    let mut run = Run {
        systems: plans.iter().map(|plan| System::new(Arc::clone(plan))).collect(),
        agenda: Agenda::new(plans.len()),
        world: World::new(profile, plans),
        inspect,
        now: Instant::ZERO,
        next_second: Instant::ZERO + Duration::from_secs(1),
    };
    let window_start = Instant::ZERO + profile.load.warm_up;
    let window_end = window_start + profile.load.duration;
    let before_window = run.pass_time(window_start, hooks);
    let at_start = Snapshot::take(&run.systems, window_start);
    let in_window = before_window.and_then(|()| run.pass_time(window_end, hooks));
    let at_end = Snapshot::take(&run.systems, run.now.max(window_end));
    let drained = in_window.and_then(|()| run.pass_time(window_end + profile.load.drain, hooks));
    let ended = if drained.is_ok() { Ended::Complete } else { Ended::Interrupted };
    RunResult::new(
        run.systems,
        run.world.close(run.now),
        (at_start, at_end),
        run.now,
        started.elapsed(),
        ended,
    )
}

struct Run<'a, 'h> {
    systems: Vec<System>,
    agenda: Agenda,
    world: World<'a>,
    inspect: Option<Inspect<'h>>,
    now: Instant,
    next_second: Instant,
}

/// The run was stopped from outside.
struct Stopped;

impl Run<'_, '_> {
    /// Lets everything happen that is due before `end`, second by second if somebody wants to know of each.
    fn pass_time(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        while hooks.every_second.is_some() && self.next_second <= end {
            self.pass(self.next_second, hooks)?;
            if let Some(tell) = &mut hooks.every_second {
                tell(self.next_second, self.world.tally());
            }
            self.next_second = self.next_second + Duration::from_secs(1);
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            if self.is_over() {
                return Ok(());
            }
        }
        self.pass(end, hooks)
    }

    fn is_over(&self) -> bool {
        self.world.next_deadline().is_none() && self.agenda.first().is_none()
    }

    fn pass(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            for _ in 0..EVENTS_PER_LOOK {
                if !self.step(end, hooks) {
                    return Ok(());
                }
            }
            if hooks.is_interrupted() {
                return Err(Stopped);
            }
            (hooks.progress)(self.now, &self.world);
        }
    }

    /// Lets the next thing happen; `false` if nothing is due before `end`.
    fn step(&mut self, end: Instant, hooks: &mut Hooks<'_>) -> bool {
        let in_world = self.world.next_deadline().unwrap_or(Instant::MAX);
        match self.agenda.first() {
            Some((due, system)) if due <= in_world => {
                if due >= end {
                    return false;
                }
                self.now = due;
                self.systems[system].handle_timeout(due);
                self.drain(system, hooks);
                self.inspect(system, None);
            }
            Some(_) | None => {
                if in_world >= end {
                    return false;
                }
                self.now = in_world;
                if let Some((system, input)) = &self.world.fire(in_world) {
                    self.systems[system.index()].hear(in_world, input);
                    self.drain(system.index(), hooks);
                    self.inspect(system.index(), Some(input));
                }
            }
        }
        true
    }

    /// Shows the world everything a system says.
    fn drain(&mut self, index: usize, hooks: &mut Hooks<'_>) {
        let system = &mut self.systems[index];
        self.world.on_outputs(self.now, SystemId::at(index), system.take_outputs(), hooks.smdr);
        self.agenda.set(index, system.next_timeout());
    }

    /// Shows the systems to whoever looks at them.
    #[inline]
    fn inspect(&mut self, index: usize, input: Option<&Input>) {
        if let Some(inspect) = &mut self.inspect {
            let (now, systems, stepped) = (self.now, self.systems.as_slice(), SystemId::at(index));
            inspect(&Moment { now, systems, stepped, input });
        }
    }
}
