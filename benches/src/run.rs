//! A whole run in virtual time: the schedule, the callers, the system, its records, and every check at the end.

use engine::plan::{self, Plan, Users};
use loadgen::driver::{
    Division, Hooks, RunResult, run_divided, run_real, run_real_on_one_thread, run_virtual,
};
use loadgen::profile::{self, Profile};
use loadgen::text::Problems;
use loadgen::{check, solution};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A profile and its compiled network.
#[derive(Clone, Debug)]
pub struct Run {
    profile: Profile,
    plans: Vec<Arc<Plan>>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Calls offered.
    pub offered: u64,
    /// Of these, answered and ended by a party.
    pub completed: u64,
    /// Most calls in progress at once.
    pub most_at_once: u64,
    /// Fingerprint of everything the systems said.
    pub digest: u64,
}

/// How a run on the wall clock is put on threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Systems and callers take turns on one.
    OneThread,
    /// Each system has one of its own, and the callers have one.
    ThreadASystem,
}

impl Run {
    /// Calls on one trunk for `seconds`, `bhcc` an hour at even distances: each rings and talks for so long, in seconds. At most
    /// 3,000 are in progress at once.
    ///
    /// # Panics
    /// If the figures make no valid profile.
    #[must_use]
    pub fn on_one_trunk(bhcc: u64, seconds: u64, ring_s: u64, talk_s: u64) -> Self {
        let profile = format!(
            "[profile]\ndescription = \"One trunk\"\nsolution = \"one-trunk.toml\"\n[load]\nbhcc = {bhcc}\n\
             arrivals = \"uniform\"\nduration = \"{seconds}s\"\nwarm_up = \"0s\"\nring = \"{ring_s}s\"\ntalk = \"{talk_s}s\"\n\
             [[load.stream]]\nname = \"incoming\"\nkind = \"incoming\"\nsystem = \"primary\"\nto = \"10000-12999\"\n"
        );
        let mut problems = Problems::new();
        let read = |_: &Path| Ok(ONE_TRUNK.as_bytes().to_vec());
        let loaded = profile::from_str(Path::new("run.toml"), &profile, &read, &mut problems);
        Self::of(loaded.expect("the profile is valid"))
    }

    /// Calls of a profile.
    ///
    /// # Panics
    /// If its solution cannot be compiled.
    #[must_use]
    pub fn of(mut profile: Profile) -> Self {
        let plans = solution::compile(&profile.solution).expect("the solution is valid");
        // A run without faults goes by the plans alone; millions of users would be there twice.
        profile.solution.network.systems.iter_mut().for_each(|system| system.users = Vec::new());
        Self { profile, plans }
    }

    /// The same where not the solution but `users` says who the users are: so many that they should not all be described at a time.
    ///
    /// # Panics
    /// If the solution cannot be compiled.
    #[must_use]
    pub fn with_users(profile: Profile, users: &dyn Users) -> Self {
        let plans = plan::compile_with(&profile.solution.network, users).expect("the solution is valid");
        Self { profile, plans }
    }

    /// Replays it from the start to the last call's end.
    ///
    /// # Panics
    /// If a check does not hold.
    #[must_use]
    pub fn replay(&self) -> Replayed {
        self.replay_on(1)
    }

    /// The same on so many threads.
    ///
    /// # Panics
    /// If a check does not hold, or if the run stays on one thread.
    #[must_use]
    pub fn replay_on(&self, threads: usize) -> Replayed {
        let result = self.run(|profile, plans, hooks| {
            if threads == 1 {
                return run_virtual(profile, plans, hooks);
            }
            let division = Division::new(profile, plans, threads).expect("it can be divided");
            run_divided(profile, plans, &division, hooks)
        });
        let calls = &result.tally.calls;
        Replayed {
            offered: calls.offered,
            completed: calls.completed,
            most_at_once: result.tally.concurrency.peak(),
            digest: result.digest,
        }
    }

    /// Plays it on the wall clock.
    ///
    /// # Panics
    /// If a check does not hold.
    #[must_use]
    pub fn play(&self, way: Way) -> RunResult {
        match way {
            Way::OneThread => self.run(run_real_on_one_thread),
            Way::ThreadASystem => self.run(run_real),
        }
    }

    fn run(&self, driver: impl FnOnce(&Profile, &[Arc<Plan>], &mut Hooks<'_>) -> RunResult) -> RunResult {
        let interrupted = AtomicBool::new(false);
        let mut hooks =
            Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: &interrupted };
        let result = driver(&self.profile, &self.plans, &mut hooks);
        for check in check::all(&result) {
            assert!(check.pass, "{}: {}", check.name, check.detail);
        }
        result
    }
}

/// Three thousand users and as many channels.
const ONE_TRUNK: &str = r#"
[solution]
name = "One trunk"
edition = "select"

[[system]]
name = "primary"
role = "primary"
platform = "r640"

[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 3000

[[users]]
system = "primary"
extensions = "10000-12999"

[[incoming_call_route]]
incoming_number = ""
destination = "."
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use engine::id::{CallId, LineId, Tag, UserId};
    use engine::number::Number;
    use engine::time::Instant;
    use engine::{CallFacts, Input, Output, System};

    #[test]
    fn every_call_of_a_run_is_completed_and_a_second_run_is_the_same() {
        let run = Run::on_one_trunk(36_000, 60, 1, 5);
        let replayed = run.replay();
        assert_eq!((replayed.offered, replayed.completed, replayed.most_at_once), (600, 600, 60));
        assert_eq!(run.replay(), replayed);
    }

    #[test]
    fn a_run_allocates_for_what_is_in_progress_and_not_for_calls() {
        let allocations = |seconds| {
            let run = Run::on_one_trunk(360_000, seconds, 1, 5);
            let mut offered = 0;
            let used = allocation_counter::measure(|| offered = run.replay().offered);
            (offered, used.count_total)
        };
        let ((fewer, of_fewer), (more, of_more)) = (allocations(20), allocations(200));
        // The course of the run is kept in steps of a second, in a list that grows now and then.
        assert_eq!((fewer, more), (2_000, 20_000));
        assert!(of_more <= of_fewer + 8, "{of_fewer} allocations for {fewer} calls, {of_more} for {more}");
    }

    #[test]
    fn a_call_in_progress_takes_no_more_than_256_bytes() {
        let most = |seconds| {
            let run = Run::on_one_trunk(512 * 3_600, seconds, 1, 60);
            let mut at_once = 0;
            let used = allocation_counter::measure(|| at_once = run.replay().most_at_once);
            (at_once, used.bytes_max)
        };
        // All are so many that nothing else takes as much memory as they do at any time.
        let (few, of_few) = most(3);
        let bytes = [4, 5].map(|seconds| {
            let (many, of_many) = most(seconds);
            assert_eq!((few, many), (3 * 512, seconds * 512));
            (of_many - of_few) / (many - few)
        });
        let bytes = bytes.into_iter().max().expect("two were measured");
        assert!(bytes <= 256, "{bytes} bytes a call in progress, its caller's side and timers included");
        println!("{bytes} bytes a call in progress");
    }

    #[test]
    fn of_these_the_system_has_no_more_than_256() {
        let run = Run::on_one_trunk(3_600, 1, 1, 1);
        let kept = |calls: u64| {
            let mut system = System::new(Arc::clone(&run.plans[0]));
            allocation_counter::measure(|| {
                for n in 0..calls {
                    // As many ring as in the run above: for a second, at 512 calls a second.
                    if let Some(answered) = n.checked_sub(512) {
                        let call = CallId::outside(answered as u32, 0);
                        let user = UserId(answered as u32);
                        system.hear(at(n), &Input::Answer { user, call });
                        let said = system.take_outputs();
                        assert!(matches!(said, [Output::Connected { .. }]), "{said:?}");
                    }
                    let setup = Input::TrunkSetup {
                        line: LineId::at(0),
                        called: Number::from_u64(10_000 + n),
                        calling: Number::EMPTY,
                        tag: Tag(n),
                        facts: CallFacts::default(),
                    };
                    system.hear(at(n), &setup);
                    assert_eq!(
                        system.take_outputs().len(),
                        3,
                        "accepted, the phone rings, the caller hears it"
                    );
                }
            })
        };
        let (few, many) = (kept(512), kept(2_048));
        let bytes = (many.bytes_max - few.bytes_max) / (2_048 - 512);
        assert!(bytes <= 256, "{bytes} bytes a call in progress in the system itself, timers included");
        println!("{bytes} bytes of the system itself");
    }

    /// The instant of the n-th of 512 calls a second.
    fn at(n: u64) -> Instant {
        Instant::from_nanos(n * 1_000_000_000 / 512)
    }
}
