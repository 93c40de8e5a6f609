//! What makes time pass: the same engine and the same world, on a simulated clock or on the wall clock; and a real system in
//! the engine's place.

mod clock;
mod crossing;
mod division;
mod figures;
mod one_thread;
mod owner;
mod part;
mod passage;
mod posts;
mod real_clock;
mod result;
mod sip;
#[cfg(test)]
mod tests;
mod threads;
mod virtual_clock;

pub use division::Division;
pub use figures::{BackPressure, RealFigures};
pub use one_thread::run as run_real_on_one_thread;
pub use real_clock::run as run_real;
pub use result::{ResourceKind, RunResult, WindowUse};
#[cfg(test)]
pub(crate) use sip::cause_of_status;
pub use sip::{
    AudioFigures, Callee, Ceiling, Failure, Failures, MediaMode, Registrations, SipFigures, SipOptions,
    SipTarget, TlsFiles, cannot_happen, ceiling, parse_target, run as run_sip,
};
pub(crate) use sip::{cause_of_end, cause_of_refusal};
pub use threads::run as run_divided;
pub use virtual_clock::{Inspect, Moment, run as run_virtual, run_inspected};

use crate::world::{SmdrSink, Tally, World};
use engine::time::Instant;
use std::sync::atomic::{AtomicBool, Ordering};

/// Told of every second that has passed.
pub type EverySecond<'a> = &'a mut dyn FnMut(Instant, &Tally);

/// Asked when a run over SIP begins, again and again until it says so; that may be in the future.
pub type Begin<'a> = &'a mut dyn FnMut() -> std::io::Result<Option<std::time::Instant>>;

/// What a run reports to while it goes on, and what can stop it.
pub struct Hooks<'a> {
    /// Takes the call records.
    pub smdr: &'a mut dyn SmdrSink,
    /// Told now and then how far the run is: the run's clock, and everything around the systems, in parts where threads share them.
    pub progress: &'a mut dyn FnMut(Instant, &[&World<'_>]),
    /// Told at the end of every second of the run's clock, if anybody wants to know: the instant, and the counts so far.
    pub every_second: Option<EverySecond<'a>>,
    /// Set from outside to end the run early.
    pub interrupted: &'a AtomicBool,
}

impl Hooks<'_> {
    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Whether a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It did.
    Complete,
    /// It was stopped from outside.
    Interrupted,
}
