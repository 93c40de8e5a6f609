//! The real driver: the same profile on the wall clock, one owner thread a system, the world on the calling thread.
//!
//! Every system has exactly one writer, its owner. What crosses threads goes through bounded queues: one to each owner,
//! one from all of them to the world. Nobody drops anything; who finds a queue full waits and is counted. The world
//! goes on hearing outputs while it waits, so that no two can wait for each other. The queues are crossbeam's channels:
//! as fast as its bare arrays with a wake-up around them (`benches/benches/queues.rs`), and they bring the sleep until a
//! deadline and the wait for room with them.

use super::clock::WallClock;
use super::figures::{BackPressure, Begun, RealFigures};
use super::owner::{Log, Order, Owner, Pulse, Rest, Said};
use super::result::{RunResult, Snapshot};
use super::{Ended, Hooks};
use crate::measure::{LatencyHistogram, Lateness, Unit};
use crate::profile::Profile;
use crate::world::{Tally, World};
use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};
use engine::id::SystemId;
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use engine::{Input, Output, System};
use std::sync::{Arc, Barrier, OnceLock};

/// Inputs that may wait for one system.
const INPUTS_WAITING: usize = 1_024;
/// Outputs that may wait for the world, from all systems together.
const OUTPUTS_WAITING: usize = 16_384;
/// Outputs heard between two inputs given, at most: what is due to be sent must not wait for a flood.
const HEARD_AT_A_TIME: usize = 16;
/// A sleeping thread may wake up this much late; before a call is due, the world therefore waits awake. With 80 us half
/// of the calls were more than 25 us late on a two-core virtual machine, with this nine in ten are at most 3 us.
const AWAKE_BEFORE_CALL: Duration = Duration::from_nanos(200_000);
/// Longest sleep of the world while it waits for the systems to come to rest.
const REST_LOOK: Duration = Duration::from_millis(1);
/// Time between two looks at the progress line and the interrupt; a whole number of them make a second.
const LOOK: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);
/// Wait for an output before a full queue is tried again.
const FULL_QUEUE_LOOK: std::time::Duration = std::time::Duration::from_micros(50);

/// Plays `profile` on the wall clock, from the start of its warm-up until all calls have ended or its drain time is
/// over. Calls are placed by their schedule whatever the systems do.
///
/// # Panics
/// If a system's thread does.
#[must_use]
pub fn run(profile: &Profile, plans: &[Arc<Plan>], hooks: &mut Hooks<'_>) -> RunResult {
    let started = std::time::Instant::now();
    let start = Instant::ZERO + profile.load.warm_up;
    let window = [start, start + profile.load.duration];
    let pulses: Vec<Pulse> = plans.iter().map(|_| Pulse::new()).collect();
    let ready = Barrier::new(plans.len() + 1);
    // The world needs a core too.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rest = if plans.len() < cores { Rest::Late } else { Rest::AtOnce };
    let clock = OnceLock::new();
    let world = World::new(profile, plans);
    let systems: Vec<System> = plans.iter().map(|plan| System::new(Arc::clone(plan))).collect();
    std::thread::scope(|scope| {
        let (to_world, said) = bounded(OUTPUTS_WAITING);
        let mut lines = Vec::with_capacity(plans.len());
        let mut owners = Vec::with_capacity(plans.len());
        for (n, (system, pulse)) in systems.into_iter().zip(&pulses).enumerate() {
            let (orders, from_world) = bounded(INPUTS_WAITING);
            lines.push(Line { orders, pulse, sent: 0, heard: 0 });
            let (world, ready, clock) = (to_world.clone(), &ready, &clock);
            owners.push(scope.spawn(move || {
                let log = Log::new();
                ready.wait();
                let clock = *clock.get_or_init(WallClock::start);
                let id = SystemId::at(n);
                Owner { id, system, clock, window, orders: from_world, world, pulse, rest, log }.run()
            }));
        }
        drop(to_world);
        ready.wait();
        let clock = *clock.get_or_init(WallClock::start);
        let mut generator = Generator {
            world,
            clock,
            now: clock.now(),
            next_look: Instant::ZERO + LOOK,
            window,
            lines,
            said,
            hooks,
            begun: Begun::none(),
            lateness: Lateness::new(),
            waits: 0,
        };
        let ended = generator.play(window[1] + profile.load.drain);
        let found = generator.stop(ended);
        let join = |owner: std::thread::ScopedJoinHandle<'_, _>| {
            owner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let owned = owners.into_iter().map(join).collect();
        found.result(window, started.elapsed(), owned)
    })
}

/// The world, and its ends of the queues.
struct Generator<'a, 'h> {
    world: World<'a>,
    clock: WallClock,
    now: Instant,
    next_look: Instant,
    window: [Instant; 2],
    lines: Vec<Line<'a>>,
    said: Receiver<Said>,
    hooks: &'a mut Hooks<'h>,
    begun: Begun,
    lateness: Lateness,
    waits: u64,
}

/// One system, as the world sees it.
struct Line<'a> {
    orders: Sender<Order>,
    pulse: &'a Pulse,
    /// Inputs sent.
    sent: u64,
    /// Outputs heard.
    heard: u64,
}

/// The thread of a system is gone before its time.
struct OwnerGone;

impl Generator<'_, '_> {
    /// Lets time pass until everything has come to rest, or until `end`.
    fn play(&mut self, end: Instant) -> Ended {
        loop {
            self.now = self.clock.now();
            if self.now >= end {
                return Ended::Complete;
            }
            if self.now >= self.next_look {
                if self.hooks.is_interrupted() {
                    return Ended::Interrupted;
                }
                self.report();
            }
            if self.world.next_deadline().is_some_and(|due| due <= self.now) {
                if self.fire().is_err() {
                    return Ended::Interrupted;
                }
                for _ in 0..HEARD_AT_A_TIME {
                    let Ok(said) = self.said.try_recv() else { break };
                    self.hear(&said);
                }
            } else if let Ok(said) = self.said.try_recv() {
                self.hear(&said);
            } else if self.is_over() {
                return Ended::Complete;
            } else {
                self.wait(end);
            }
        }
    }

    /// Tells whoever wants to know how far the run is.
    fn report(&mut self) {
        (self.hooks.progress)(self.now, &[&self.world]);
        if let Some(tell) = &mut self.hooks.every_second
            && self.next_look.as_nanos().is_multiple_of(SECOND.as_nanos())
        {
            tell(self.next_look, self.world.tally());
        }
        self.next_look = self.next_look + LOOK;
    }

    /// Lets the next thing happen that is due, and hands it to its system.
    fn fire(&mut self) -> Result<(), OwnerGone> {
        let due = self.world.next_call();
        let fired = self.world.fire(self.now);
        let begins = self.begun.has_another(&self.world);
        let Some((system, input)) = fired else { return Ok(()) };
        let due = due.filter(|_| begins);
        let placed = self.send(system, input, due)?;
        if let Some(due) = due {
            self.lateness.record(due, placed);
        }
        Ok(())
    }

    fn send(&mut self, system: SystemId, input: Input, due: Option<Instant>) -> Result<Instant, OwnerGone> {
        let line = &mut self.lines[system.index()];
        line.sent += 1;
        let heard = line.heard;
        self.give(system.index(), Order::Input { input, due, heard })
    }

    /// Puts an order into a system's queue; where that is full, hears outputs until it is not. When it was put there:
    /// to wake the owner takes longer, but the owner may be at work meanwhile.
    fn give(&mut self, system: usize, mut order: Order) -> Result<Instant, OwnerGone> {
        let mut waits = 0;
        loop {
            let now = self.clock.now();
            match self.lines[system].orders.try_send(order) {
                Ok(()) => {
                    self.waits += waits;
                    return Ok(now);
                }
                Err(TrySendError::Disconnected(_)) => return Err(OwnerGone),
                Err(TrySendError::Full(back)) => {
                    (order, waits) = (back, 1);
                    if let Ok(said) = self.said.recv_timeout(FULL_QUEUE_LOOK) {
                        self.hear(&said);
                    }
                }
            }
        }
    }

    /// Shows the world what a system has said. The world's time is when it hears; a record's is when the call ended.
    fn hear(&mut self, said: &Said) {
        self.now = self.clock.now();
        self.lines[said.system.index()].heard += 1;
        if let Output::Smdr(record) = &said.output {
            self.world.on_record(said.at, said.system, record, self.hooks.smdr);
        } else {
            self.world.on_output(self.now, said.system, &said.output, self.hooks.smdr);
        }
    }

    /// Sleeps until something is due or heard; shortly before a call is due, only looks away for a moment.
    fn wait(&mut self, end: Instant) {
        let before_call =
            |call: Instant| Instant::from_nanos(call.as_nanos().saturating_sub(AWAKE_BEFORE_CALL.as_nanos()));
        let event = self.world.next_deadline().unwrap_or(self.now + REST_LOOK);
        let call = self.world.next_call().map_or(Instant::MAX, before_call);
        let wake = event.min(call).min(self.next_look).min(end);
        if wake <= self.now {
            std::hint::spin_loop();
        } else if let Ok(said) = self.said.recv_deadline(self.clock.moment(wake)) {
            self.hear(&said);
        }
    }

    /// Whether nothing can happen any more: not in the world, not in a system, not on the way between them.
    fn is_over(&self) -> bool {
        self.world.next_deadline().is_none()
            && self.lines.iter().all(|line| line.pulse.rests_after(line.sent))
            // A system at rest has sent everything: what it said is in the queue now, or was heard.
            && self.said.is_empty()
    }

    /// Stops the owners, hears their last words and closes the books.
    fn stop(mut self, ended: Ended) -> Found {
        for system in 0..self.lines.len() {
            // An owner that is gone has stopped.
            let _ = self.give(system, Order::Stop);
        }
        while let Ok(said) = self.said.recv() {
            self.hear(&said);
        }
        self.now = self.clock.now();
        self.world.give_up_calls(match ended {
            Ended::Complete => self.window[1],
            Ended::Interrupted => self.now,
        });
        let tally = self.world.close(self.now);
        Found { tally, now: self.now, ended, lateness: self.lateness, waits: self.waits }
    }
}

/// What the world's thread has found out.
struct Found {
    tally: Tally,
    now: Instant,
    ended: Ended,
    lateness: Lateness,
    waits: u64,
}

impl Found {
    /// Puts it together with what the owners have found out.
    fn result(self, window: [Instant; 2], wall: std::time::Duration, owned: Vec<(System, Log)>) -> RunResult {
        let mut route_delay = LatencyHistogram::new("route_delay", Unit::Nanoseconds);
        let mut handle_time = LatencyHistogram::new("handle_time", Unit::Nanoseconds);
        let mut back_pressure = BackPressure { inputs: self.waits, outputs: 0 };
        let (mut systems, mut crossed) = (Vec::with_capacity(owned.len()), Vec::with_capacity(owned.len()));
        let (mut at_start, mut at_end) = (Vec::new(), Vec::new());
        for (system, log) in owned {
            route_delay.merge(&log.route_delay);
            handle_time.merge(&log.handle_time);
            back_pressure.outputs += log.waits;
            crossed.push(log.crossed);
            let [start, end] = log.readings;
            at_start.push(start);
            at_end.push(end);
            systems.push(system);
        }
        let calls = &self.tally.calls;
        let why_void = self.lateness.why_void(calls.planned, calls.started);
        let (threads, lateness) = (systems.len() + 1, self.lateness);
        let real =
            RealFigures { threads, lateness, route_delay, handle_time, back_pressure, crossed, why_void };
        let at_start = Snapshot::of(window[0], at_start.into_iter());
        let at_end = Snapshot::of(window[1], at_end.into_iter());
        let result = RunResult::new(systems, self.tally, (at_start, at_end), self.now, wall, self.ended);
        RunResult { real: Some(real), ..result }
    }
}
