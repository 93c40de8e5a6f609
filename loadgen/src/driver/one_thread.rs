//! The real driver on one thread: the run of virtual time, held back to the pace of the wall clock.
//!
//! Systems and world take turns on the calling thread. Everything happens in the order and at the instants of
//! [`super::run_virtual`], each thing as soon as the wall clock has come to its instant, so that digest and outcomes are the same
//! on any machine. What is measured is how late the wall clock was by then. A run that cannot keep up falls behind, call by call,
//! and is void; it leaves out nothing.

use super::Hooks;
use super::clock::WallClock;
use super::figures::{BackPressure, Begun, RealFigures};
use super::part::{All, Part, Watch};
use super::passage::{OnOneThread, Pace, Stopped, play};
use super::result::RunResult;
use crate::measure::{LatencyHistogram, Lateness, Unit};
use crate::profile::Profile;
use crate::world::{Tally, World};
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use engine::{Input, System};
use std::sync::Arc;

/// The thread sleeps until so long before something is due and is awake from then on: a sleeper may be woken that late, where the
/// core is a virtual one most of all.
const AWAKE_BEFORE: Duration = Duration::from_millis(1);
/// Time between two looks at the progress line and the interrupt.
const LOOK: Duration = Duration::from_millis(100);

/// Plays `profile` on the wall clock, all of it on the calling thread, until its last call has ended or its drain time is over.
#[must_use]
pub fn run(profile: &Profile, plans: &[Arc<Plan>], hooks: &mut Hooks<'_>) -> RunResult {
    let started = std::time::Instant::now();
    let start = Instant::ZERO + profile.load.warm_up;
    let window = [start, start + profile.load.duration];
    let mut run = OnOneThread::new(profile, plans, || Wall::new(window));
    let (snapshots, ended) = play(&mut run, &profile.load, hooks);
    let OnOneThread { all: Part { systems, world, now, .. }, pace } = run;
    let tally = world.close(now);
    let real = pace.meter.figures(systems.len(), &tally);
    let result = RunResult::new(systems, tally, snapshots, now, started.elapsed(), ended);
    RunResult { real: Some(real), ..result }
}

/// Everything when the wall clock has come to it.
struct Wall {
    clock: WallClock,
    next_look: Instant,
    meter: Meter,
}

impl Wall {
    /// A clock that starts now.
    fn new(window: [Instant; 2]) -> Self {
        let clock = WallClock::start();
        Self { clock, next_look: Instant::ZERO + LOOK, meter: Meter::new(clock, window) }
    }

    /// Waits until the wall clock has come to `at`.
    fn wait(&mut self, at: Instant, world: &World<'_>, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            let now = self.clock.now();
            if now >= self.next_look {
                if hooks.is_interrupted() {
                    return Err(Stopped);
                }
                // A run that is behind has come to what it does next, and not to where the clock is.
                (hooks.progress)(now.min(at), &[world]);
                self.next_look = now + LOOK;
            }
            if now >= at {
                return Ok(());
            }
            let sleep = at.since(now + AWAKE_BEFORE).min(self.next_look.since(now));
            if sleep.is_zero() {
                std::hint::spin_loop();
            } else {
                std::thread::sleep(std::time::Duration::from_nanos(sleep.as_nanos()));
            }
        }
    }
}

impl Pace for Wall {
    fn pass(&mut self, all: &mut Part<'_, All>, end: Instant, hooks: &mut Hooks<'_>) -> Result<(), Stopped> {
        loop {
            let next = all.next();
            if next == Instant::MAX {
                return Ok(());
            }
            self.wait(next.min(end), &all.world, hooks)?;
            if !all.step(end, hooks.smdr, &mut self.meter) {
                return Ok(());
            }
        }
    }
}

/// Reads the wall clock before and after each input.
struct Meter {
    clock: WallClock,
    /// Beginning and end of the measured part.
    window: [Instant; 2],
    begun: Begun,
    /// When the input at hand was handed to its system.
    handed: Instant,
    /// When it was due, if it begins a measured call.
    call_due: Option<Instant>,
    lateness: Lateness,
    route_delay: LatencyHistogram,
    handle_time: LatencyHistogram,
}

impl Meter {
    fn new(clock: WallClock, window: [Instant; 2]) -> Self {
        Self {
            clock,
            window,
            begun: Begun::none(),
            handed: Instant::ZERO,
            call_due: None,
            lateness: Lateness::new(),
            route_delay: LatencyHistogram::new("route_delay", Unit::Nanoseconds),
            handle_time: LatencyHistogram::new("handle_time", Unit::Nanoseconds),
        }
    }

    /// What it has found out: nothing crosses threads here, and there is no queue to be full.
    fn figures(self, systems: usize, tally: &Tally) -> RealFigures {
        let why_void = self.lateness.why_void(tally.calls.planned, tally.calls.started);
        let Self { lateness, route_delay, handle_time, .. } = self;
        let (back_pressure, crossed) = (BackPressure::default(), vec![0; systems]);
        RealFigures { threads: 1, lateness, route_delay, handle_time, back_pressure, crossed, why_void }
    }
}

impl Watch for Meter {
    #[inline]
    fn before(&mut self, due: Instant, world: &World<'_>) {
        self.call_due = self.begun.has_another(world).then_some(due);
        self.handed = self.clock.now();
        if let Some(due) = self.call_due {
            self.lateness.record(due, self.handed);
        }
    }

    #[inline]
    fn after(&mut self, due: Instant) {
        let done = self.clock.now();
        if due >= self.window[0] && due < self.window[1] {
            self.handle_time.record(done.since(self.handed));
        }
        if let Some(due) = self.call_due {
            self.route_delay.record(done.since(due));
        }
    }

    #[inline]
    fn see(&mut self, _: Instant, _: &[System], _: usize, _: Option<&Input>) {}
}
