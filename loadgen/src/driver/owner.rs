//! The owner of one system on the wall clock: the only thread that changes it.

use super::clock::WallClock;
use super::crossing::Unheard;
use super::result::{Reading, read};
use crate::measure::{LatencyHistogram, Unit};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, TrySendError};
use engine::id::SystemId;
use engine::time::{Duration, Instant};
use engine::{Input, Output, System};
use std::sync::atomic::{AtomicU64, Ordering};

/// How long an owner waits awake after it has been at work. A thread that sleeps is woken some 50 us late, and under heavy load the
/// next order comes sooner than that.
const AWAKE_AFTER_WORK: Duration = Duration::from_nanos(200_000);

/// What the world tells an owner.
pub(super) enum Order {
    /// Something happened to the system.
    Input {
        input: Input,
        /// When it was due, if it is the beginning of a measured call.
        due: Option<Instant>,
        /// How many of the system's outputs the world had heard of.
        heard: u64,
    },
    /// The run is over.
    Stop,
}

/// What an owner tells the world: one output of its system.
pub(super) struct Said {
    pub(super) system: SystemId,
    pub(super) at: Instant,
    pub(super) output: Output,
}

/// Whether a system has come to rest, for the world to look at.
pub(super) struct Pulse {
    /// Inputs it has dealt with, all outputs sent; [`AT_WORK`] while it waits for a timer of its own.
    rests_after: AtomicU64,
}

const AT_WORK: u64 = u64::MAX;

impl Pulse {
    pub(super) const fn new() -> Self {
        Self { rests_after: AtomicU64::new(0) }
    }

    /// Whether nothing will come of the first `inputs` inputs any more. All outputs have been sent then.
    pub(super) fn rests_after(&self, inputs: u64) -> bool {
        self.rests_after.load(Ordering::Acquire) == inputs
    }
}

/// When an owner goes to sleep that has nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// At once: other threads want the core.
    AtOnce,
    /// After [`AWAKE_AFTER_WORK`]: the core is its own.
    Late,
}

/// A system, the queues to and from its thread, and what is measured there.
pub(super) struct Owner<'a> {
    pub(super) id: SystemId,
    pub(super) system: System,
    pub(super) clock: WallClock,
    /// Beginning and end of the measured part.
    pub(super) window: [Instant; 2],
    pub(super) orders: Receiver<Order>,
    pub(super) world: Sender<Said>,
    pub(super) pulse: &'a Pulse,
    pub(super) rest: Rest,
    pub(super) log: Log,
}

/// What an owner has found out.
pub(super) struct Log {
    /// All resources at the beginning and at the end of the measured part.
    pub(super) readings: [Vec<Reading>; 2],
    pub(super) route_delay: LatencyHistogram,
    pub(super) handle_time: LatencyHistogram,
    pub(super) waits: u64,
    pub(super) crossed: u64,
    /// How many of the readings have been taken.
    read: usize,
    inputs: u64,
    unheard: Unheard,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            readings: [Vec::new(), Vec::new()],
            route_delay: LatencyHistogram::new("route_delay", Unit::Nanoseconds),
            handle_time: LatencyHistogram::new("handle_time", Unit::Nanoseconds),
            waits: 0,
            crossed: 0,
            read: 0,
            inputs: 0,
            unheard: Unheard::default(),
        }
    }
}

impl Owner<'_> {
    /// Runs the system until the world stops it: sleeps until an input comes or a timer is due.
    pub(super) fn run(mut self) -> (System, Log) {
        loop {
            match self.next_order() {
                Ok(Order::Input { input, due, heard }) => self.take(input, due, heard),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.fire_timers(self.clock.now()),
            }
        }
        self.read_before(Instant::MAX);
        (self.system, self.log)
    }

    /// Waits for the next order, or until a timer of the system is due: awake at first, if it may, then asleep.
    fn next_order(&self) -> Result<Order, RecvTimeoutError> {
        let due = self.system.poll_timeout().map(|(due, _)| due);
        if self.rest == Rest::Late {
            let until = (self.clock.now() + AWAKE_AFTER_WORK).min(due.unwrap_or(Instant::MAX));
            while self.clock.now() < until {
                match self.orders.try_recv() {
                    Ok(order) => return Ok(order),
                    Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                    Err(TryRecvError::Empty) => std::hint::spin_loop(),
                }
            }
        }
        match due {
            Some(due) => self.orders.recv_deadline(self.clock.moment(due)),
            None => self.orders.recv().map_err(RecvTimeoutError::from),
        }
    }

    fn take(&mut self, input: Input, due: Option<Instant>, heard: u64) {
        self.fire_timers(self.clock.now());
        self.log.unheard.heard(heard);
        let unexpected = self.system.stats().unexpected;
        let before = self.clock.now();
        self.read_before(before);
        self.system.handle(before, input);
        let after = self.clock.now();
        if before >= self.window[0] && before < self.window[1] {
            self.log.handle_time.record(after.since(before));
        }
        if let Some(due) = due {
            self.log.route_delay.record(after.since(due));
        }
        if self.system.stats().unexpected > unexpected && self.log.unheard.explains(&input) {
            self.log.crossed += 1;
        }
        self.log.inputs += 1;
        self.tell(before);
    }

    /// Timers that are due come before the input that waits.
    fn fire_timers(&mut self, now: Instant) {
        if self.system.poll_timeout().is_some_and(|(due, _)| due <= now) {
            self.read_before(now);
            self.system.handle_timeout(now);
            self.tell(now);
        }
    }

    /// Sends on everything the system says.
    fn tell(&mut self, at: Instant) {
        while let Some(output) = self.system.poll_output() {
            self.log.unheard.said(&output);
            self.send(Said { system: self.id, at, output });
        }
        let rests = self.system.poll_timeout().is_none();
        self.pulse.rests_after.store(if rests { self.log.inputs } else { AT_WORK }, Ordering::Release);
    }

    /// Waits for room where there is none: the world takes outputs even while it waits itself. A world that is gone
    /// hears nothing more.
    fn send(&mut self, said: Said) {
        if let Err(TrySendError::Full(said)) = self.world.try_send(said) {
            self.log.waits += 1;
            // An error means that the world is gone, and the next order tells.
            let _ = self.world.send(said);
        }
    }

    /// Reads the resources at each end of the measured part that is not after `now`. Nothing has changed since the
    /// last input or timer, so the reading is exact although it is taken later.
    fn read_before(&mut self, now: Instant) {
        while let Some(&boundary) = self.window.get(self.log.read)
            && boundary <= now
        {
            self.log.readings[self.log.read] = read(self.id.index(), &self.system, boundary);
            self.log.read += 1;
        }
    }
}
