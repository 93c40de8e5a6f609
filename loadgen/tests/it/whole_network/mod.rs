//! Whole networks from seeds: systems, lines, data links, phones, users, hunt groups, conferences, load and faults, all drawn.
//!
//! Safety, after every step: the system that something happened to is sound (no channel or user has two owners), no call is
//! preserved for longer than one may be, with media or without, and no user is on two systems that see each other for longer
//! than phones need to go home. Liveness, with the faults gone: every call has ended, and everybody and everything is home.
//!
//! `BUSYHOUR_SEEDS=0-9999` plays these seeds instead of the few of every test run, `BUSYHOUR_SEEDS=4711` one of them.

pub(crate) mod draw;
mod watch;

use crate::support::read;
use draw::{Draw, draw};
use engine::id::{LineId, SystemId, UserId};
use engine::network::LineStatus;
use engine::{System, plan};
use loadgen::driver::{Hooks, RunResult, run_inspected};
use loadgen::profile::Profile;
use loadgen::report::{Clock, RunRecord};
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicBool;
use watch::Watch;

/// Seeds of every test run.
const SEEDS: RangeInclusive<u64> = 0..=39;

/// Seeds that have found defects: of logging out at a desk, of calls of handsets and guests that end unheard, and of a phone that is given
/// another call of its group than it answers.
const FOUND: [u64; 6] = [483, 3684, 5793, 6385, 7177, 8908];

/// Says how a seed that fails is played again, and leaves its files behind.
struct Replay<'d>(u64, &'d Draw);

impl Drop for Replay<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(seed, draw) = self;
            let folder = format!("{}/whole-network-{seed}", env!("CARGO_TARGET_TMPDIR"));
            let kept = std::fs::create_dir_all(&folder).and_then(|()| {
                std::fs::write(format!("{folder}/solution.toml"), &draw.solution)?;
                std::fs::write(format!("{folder}/profile.toml"), &draw.profile)
            });
            let files = kept.map_or_else(|why| why.to_string(), |()| folder);
            eprintln!("replay: BUSYHOUR_SEEDS={seed} cargo test -p loadgen --test it whole_network");
            eprintln!("network and profile: {files}");
        }
    }
}

/// The seeds of this test run.
pub(crate) fn seeds() -> Vec<u64> {
    let Ok(asked) = std::env::var("BUSYHOUR_SEEDS") else { return SEEDS.chain(FOUND).collect() };
    let (first, last) = asked.split_once('-').unwrap_or((&asked, &asked));
    let number =
        |text: &str| text.trim().parse::<u64>().expect("BUSYHOUR_SEEDS is a number, or two as in 0-99");
    (number(first)..=number(last)).collect()
}

fn run(seed: u64, profile: &Profile) -> RunResult {
    let plans = plan::compile(&profile.solution.network).expect("a valid network");
    let never = AtomicBool::new(false);
    let mut hooks =
        Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: &never };
    let mut watch = Watch::new(seed, &profile.solution.network);
    run_inspected(profile, &plans, &mut hooks, Some(&mut |moment| watch.look(moment)))
}

/// What is not as it was before anything failed.
fn away(systems: &[System]) -> Vec<String> {
    let mut faults = Vec::new();
    for system in systems {
        let (plan, here) = (system.plan(), system.plan().system());
        for n in (0..plan.lines().len()).map(LineId::at) {
            if system.line_status(n) == LineStatus::Down {
                faults.push(format!("{}: {n:?} is down", plan.name()));
            }
        }
        for user in (0..plan.users().len()).map(UserId::at) {
            let (home, number) = plan.home_of(user);
            if system.is_registered(user) != (home == here) {
                let how = if home == here { "is not registered at home" } else { "is still a guest" };
                faults.push(format!("{}: {user:?} of {home:?} {how}", plan.name()));
            }
            if system.whereabouts_of(home, number) != home {
                faults.push(format!("{} takes {number:?} of {home:?} to be away", plan.name()));
            }
        }
        for home in (0..systems.len()).map(SystemId::at) {
            if let Some(by) = system.stand_in_of(home) {
                faults.push(format!("{} takes {by:?} to stand in for {home:?}", plan.name()));
            }
        }
    }
    faults
}

fn play(seed: u64) -> RunRecord {
    let draw = draw(seed);
    let _replay = Replay(seed, &draw);
    let profile = read(&draw.profile, &draw.solution);
    let result = run(seed, &profile);
    let record = RunRecord::of_run(&profile, Clock::Virtual, &result);
    for check in &record.checks {
        // A user all of whose friends are on the phone places no call.
        assert!(check.pass || check.name == "every planned call started", "{}: {}", check.name, check.detail);
    }
    assert_eq!(away(&result.systems), [""; 0]);
    assert_eq!(record.metrics.phones_away, Some(0));
    record
}

#[test]
fn whatever_fails_is_safe_meanwhile_and_at_home_afterwards() {
    let (mut calls, mut preserved, mut moved, mut dect, mut mirrored) = (0, 0, 0, 0, 0);
    let mut failed = Vec::new();
    for seed in seeds() {
        let Ok(record) = std::panic::catch_unwind(|| play(seed)) else {
            failed.push(seed);
            continue;
        };
        calls += record.calls.started;
        preserved += record.calls.preserved;
        let of = |feature: &'static str| record.failovers.iter().filter(move |f| f.feature == feature);
        moved += of("phones").map(|f| f.moved).sum::<u64>();
        dect += of("dect").map(|f| f.moved).sum::<u64>();
        mirrored += of("dect_master").count();
    }
    assert_eq!(failed, [0; 0], "seeds that failed");
    let said = format!(
        "{calls} calls, {preserved} preserved, {moved} phones and {dect} DECT phones moved, {mirrored} masters mirrored"
    );
    println!("{} seeds: {said}", seeds().len());
    if std::env::var_os("BUSYHOUR_SEEDS").is_none() {
        assert!(calls > 1_000 && preserved > 10 && moved > 20 && dect > 10 && mirrored > 3, "{said}");
    }
}

#[test]
fn a_seed_comes_to_the_same_twice() {
    for seed in [1, 2, 3] {
        assert_eq!(play(seed).digest, play(seed).digest);
    }
}
