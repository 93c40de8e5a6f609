//! The bare busy hour that every peer replays: Poisson arrivals on one trunk group, each call rings, talks and hangs up; a
//! call that finds every channel in use is blocked. No routing, no records, no checks.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// What is replayed.
#[derive(Clone, Copy, Debug)]
pub struct BusyHour {
    /// Calls an hour.
    pub bhcc: f64,
    pub channels: u32,
    pub ring_s: f64,
    pub talk_s: f64,
    pub hours: f64,
    pub seed: u64,
}

impl BusyHour {
    /// The rated load of select-r640 on 75 channels, for as many hours and with the seed that the command line gives.
    pub fn from_args() -> Self {
        let mut args = std::env::args().skip(1);
        let mut next = |default: f64| args.next().map_or(default, |a| a.parse().expect("a number"));
        Self { bhcc: 20_000.0, channels: 75, ring_s: 5.0, talk_s: 6.0, hours: next(10.0), seed: next(1.0) as u64 }
    }

    pub fn seconds(&self) -> f64 {
        self.hours * 3_600.0
    }
}

/// What a replay came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub offered: u64,
    pub answered: u64,
    pub blocked: u64,
    pub completed: u64,
}

impl Outcome {
    /// One line for the script: what was counted, and the wall time.
    pub fn print(&self, elapsed: std::time::Duration) {
        assert!(self.offered >= self.blocked + self.completed, "no call may be counted twice");
        println!("{} {} {} {:.6}", self.offered, self.blocked, self.completed, elapsed.as_secs_f64());
    }
}

/// Exponential times between arrivals.
pub struct Arrivals {
    random: Pcg64,
    mean_s: f64,
}

impl Arrivals {
    pub fn new(hour: &BusyHour) -> Self {
        Self { random: Pcg64::seed_from_u64(hour.seed), mean_s: 3_600.0 / hour.bhcc }
    }

    pub fn gap_s(&mut self) -> f64 {
        // In (0, 1]: its logarithm is finite.
        let uniform = ((self.random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        -uniform.ln() * self.mean_s
    }
}
