//! Random calls on networks whose systems stop and start and whose data network is cut, at random.
//!
//! Safety, after every step: every system is sound, and no call is preserved for longer than one may be. Liveness: with the
//! faults gone, every call ends and everything is idle, on systems that calls pass through as well.

use crate::exploring::cases;
use crate::random_network::{Op, Releases, double_star, everyone_hangs_up, mesh, op, step};
use crate::support::{Bench, seconds};
use engine::Output;
use engine::id::{CallId, LineId, UserId};
use engine::network::NetworkOutput;
use engine::plan::spec::{MediaPreservation, PhoneModel, SystemSpec};
use engine::time::{Duration, Instant};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use std::collections::BTreeMap;

const LONGEST: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
enum Step {
    Call(Op),
    Stop(usize),
    Start(usize),
    /// No packets between one system and the other two.
    Isolate(usize),
    Restore,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => op().prop_map(Step::Call),
        1 => (0..3_usize).prop_map(Step::Stop),
        1 => (0..3_usize).prop_map(Step::Start),
        1 => (0..3_usize).prop_map(Step::Isolate),
        1 => prop::strategy::Just(Step::Restore),
        2 => (1_000..40_000_u64).prop_map(|ms| Step::Call(Op::Pass { ms })),
    ]
}

/// A random configuration of what matters here: preservation, phones, keep-alives.
fn configured(mut systems: Vec<SystemSpec>, choice: u64) -> Vec<SystemSpec> {
    let models = [PhoneModel::J100, PhoneModel::H9600, PhoneModel::H1600, PhoneModel::Wired];
    for (n, system) in systems.iter_mut().enumerate() {
        let bits = choice >> (n * 8);
        system.media_preservation =
            if bits & 3 != 0 { MediaPreservation::Enabled } else { MediaPreservation::Disabled };
        system.preserved_conn_duration = LONGEST;
        system.preserved_no_media_duration = LONGEST;
        for (u, user) in system.users.iter_mut().enumerate() {
            user.phone = models[((bits >> (2 + u)) & 3) as usize];
        }
        for line in &mut system.lines {
            line.keep_alive = seconds(5 + (bits >> 6 & 1) * 5);
            line.keep_alive_losses = 2;
        }
    }
    systems
}

/// The network, which of its systems run, and since when, to the second, calls are preserved.
struct Trial {
    bench: Bench,
    on: [bool; 3],
    lives: u32,
    preserved: BTreeMap<(usize, usize, String), Instant>,
}

impl Trial {
    fn new(systems: Vec<SystemSpec>, delay_ms: u64) -> Self {
        let mut bench = Bench::new(systems);
        bench.delay = Duration::from_millis(delay_ms);
        bench.start_all();
        Self { bench, on: [true; 3], lives: 0, preserved: BTreeMap::new() }
    }

    fn start(&mut self, system: usize) {
        if !std::mem::replace(&mut self.on[system], true) {
            self.lives += 1;
            self.bench.start(system, self.lives);
        }
    }

    fn take(&mut self, what: &Step, tag: u64) {
        match what {
            Step::Call(Op::Pass { ms }) => {
                let end = self.bench.now + Duration::from_millis(*ms);
                while self.bench.now < end {
                    self.bench.pass(end.since(self.bench.now).min(seconds(1)));
                    self.check();
                }
            }
            Step::Call(op) => step(&mut self.bench, op, tag, Releases::MayBeLost),
            &Step::Stop(system) if self.on[system] => {
                self.on[system] = false;
                self.bench.stop(system);
            }
            Step::Stop(_) => {}
            &Step::Start(system) => self.start(system),
            &Step::Isolate(alone) => {
                self.bench.cut = Box::new(move |from, to| from == alone || to == alone);
            }
            Step::Restore => self.bench.cut = Box::new(|_, _| false),
        }
        self.check();
    }

    /// No call is preserved for longer than one may be.
    fn check(&mut self) {
        let key = |system: usize, call: CallId| (system, call.index(), format!("{call:?}"));
        for (system, output) in std::mem::take(&mut self.bench.outputs) {
            if let Output::Network(NetworkOutput::Preserved { call, .. }) = output {
                self.preserved.insert(key(system, call), self.bench.now);
            } else if let Output::Network(NetworkOutput::Orphaned { call, .. }) = output {
                self.preserved.remove(&key(system, call));
            } else if let Output::Smdr(record) = output {
                self.preserved.remove(&key(system, record.call));
            }
        }
        for (call, since) in &self.preserved {
            let lasted = self.bench.now.since(*since);
            assert!(lasted <= LONGEST, "{call:?} has been preserved for {lasted}");
        }
    }

    /// The faults are over, everyone hangs up, and what nobody can hang up is silent for once.
    fn end(&mut self) {
        self.bench.lose = Box::new(|_| false);
        (0..3).for_each(|system| self.start(system));
        for _ in 0..4 {
            self.bench.cut = Box::new(|_, _| true);
            self.bench.pass(seconds(40));
            self.bench.cut = Box::new(|_, _| false);
            everyone_hangs_up(&mut self.bench);
            self.bench.pass(seconds(20));
            self.bench.outputs.clear();
        }
        self.bench.pass(seconds(600));
        for system in &self.bench.systems {
            let (plan, stats) = (system.plan(), system.stats());
            assert_eq!((system.calls_in_progress(), system.timers_armed()), (0, 0), "{system:#?}");
            assert!((0..plan.users().len()).all(|u| system.is_idle(UserId(u as u32))));
            for (l, line) in plan.lines().iter().enumerate() {
                assert_eq!(system.free_channels(LineId(l as u16)), line.channels);
            }
            assert_eq!(stats.attempts, stats.refused + stats.ended + stats.lost);
            assert_eq!(stats.ended, stats.records);
        }
    }
}

fn play(systems: Vec<SystemSpec>, choice: u64, delay_ms: u64, steps: &[Step]) {
    let mut trial = Trial::new(configured(systems, choice), delay_ms);
    for (n, step) in steps.iter().enumerate() {
        trial.take(step, n as u64);
    }
    trial.end();
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_mesh_survives_its_faults(
        choice in any::<u64>(), delay in 0..400_u64, steps in prop::collection::vec(any_step(), 1..100)
    ) {
        play(mesh(), choice, delay, &steps);
    }

    #[test]
    fn a_double_star_survives_its_faults(
        choice in any::<u64>(), delay in 0..400_u64, steps in prop::collection::vec(any_step(), 1..100)
    ) {
        play(double_star(), choice, delay, &steps);
    }
}
