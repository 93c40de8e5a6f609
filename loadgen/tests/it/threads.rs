//! One run on several threads: everything that it leaves is the same as on one.

use crate::support::read;
use crate::whole_network::draw::draw;
use crate::whole_network::seeds;
use engine::id::SystemId;
use engine::plan;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use loadgen::driver::{Division, Hooks, run_divided, run_virtual};
use loadgen::profile::{self, Arrivals, Distribution, Profile};
use loadgen::report::{Calls, Clock, RunRecord};
use loadgen::text::{Problems, Style};
use loadgen::world::{SmdrSink, Tally};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Threads that each run is held against one with.
const THREADS: [usize; 3] = [2, 3, 5];

/// All that a run leaves.
#[derive(Debug, PartialEq)]
struct Left {
    record: Value,
    /// By the instant, then by system.
    smdr: Vec<(Instant, SystemId, SmdrRecord)>,
    seconds: Vec<(Instant, Calls, Calls, u64, u64)>,
}

#[derive(Default)]
struct Kept(Vec<(Instant, SystemId, SmdrRecord)>);

impl SmdrSink for Kept {
    fn record(&mut self, now: Instant, system: SystemId, record: &SmdrRecord) {
        self.0.push((now, system, *record));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Seconds {
    Told,
    NotTold,
}

/// Runs a profile on so many threads; `None` if that is not possible, and how many parts it had.
fn leaves(profile: &Profile, threads: usize, seconds: Seconds) -> Option<(usize, Left)> {
    let plans = plan::compile(&profile.solution.network).expect("a valid network");
    let (mut smdr, mut told) = (Kept::default(), Vec::new());
    let mut tell = |now: Instant, tally: &Tally| {
        let (active, peak) = (tally.concurrency.value(), tally.concurrency.peak());
        told.push((now, tally.whole(), tally.calls, active, peak));
    };
    let never = AtomicBool::new(false);
    let mut hooks = Hooks {
        smdr: &mut smdr,
        progress: &mut |_, _| {},
        every_second: (seconds == Seconds::Told).then_some(&mut tell as &mut dyn FnMut(_, &_)),
        interrupted: &never,
    };
    let (parts, result) = if threads == 1 {
        (1, run_virtual(profile, &plans, &mut hooks))
    } else {
        let division = Division::new(profile, &plans, threads).ok()?;
        (division.parts().len(), run_divided(profile, &plans, &division, &mut hooks))
    };
    let record = RunRecord::of_run(profile, Clock::Virtual, &result);
    for check in record.checks.iter().filter(|check| check.name != "every planned call started") {
        assert!(check.pass, "{} on {threads} threads: {}: {}", profile.name, check.name, check.detail);
    }
    let mut record = serde_json::to_value(&record).expect("a record is JSON");
    let fields = record.as_object_mut().expect("a record is an object");
    for of_the_wall in ["wall_s", "calls_per_wall_s", "peak_rss_mib", "started_at"] {
        fields.insert(of_the_wall.to_owned(), Value::Null);
    }
    smdr.0.sort_by_key(|&(at, system, _)| (at, system));
    Some((parts, Left { record, smdr: smdr.0, seconds: told }))
}

/// Holds a profile on several threads against itself on one; the most parts that it had.
fn assert_same(name: &str, profile: &Profile, seconds: Seconds) -> usize {
    let (mut most, mut one) = (1, None);
    for threads in THREADS {
        let Some((parts, several)) = leaves(profile, threads, seconds) else { continue };
        let one = one.get_or_insert_with(|| leaves(profile, 1, seconds).expect("one thread always goes").1);
        assert_eq!(several.record, one.record, "{name} on {threads} threads");
        assert_eq!(several.smdr.len(), one.smdr.len(), "{name} on {threads} threads");
        let other = several.smdr.iter().zip(&one.smdr).find(|(several, one)| several != one);
        assert_eq!(other, None, "{name} on {threads} threads");
        assert_eq!(several.seconds, one.seconds, "{name} on {threads} threads");
        most = most.max(parts);
    }
    most
}

#[test]
fn every_profile_comes_to_the_same_on_any_number_of_threads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles");
    let mut divided = Vec::new();
    for file in
        ["", "sizing"].iter().flat_map(|sub| std::fs::read_dir(folder.join(sub)).expect("it is there"))
    {
        let path = file.expect("it can be read").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let mut problems = Problems::new();
        let profile = profile::load(&path, &mut problems);
        assert!(problems.errors() == 0, "{}", problems.render(Style::Plain));
        let mut profile = profile.expect("no errors were found");
        profile.load.duration = profile.load.duration.min(Duration::from_secs(1_200));
        if assert_same(&profile.name, &profile, Seconds::NotTold) > 1 {
            divided.push(profile.name);
        }
    }
    for name in ["two-systems", "five-systems"] {
        assert!(divided.iter().any(|divided| divided == name), "{name} is not among {divided:?}");
    }
}

/// Networks of whole_network/ without their faults, `BUSYHOUR_SEEDS` too. Every other one is loaded with calls at even distances, each as long as the
/// others: much happens at the same instant then.
#[test]
fn whole_networks_come_to_the_same_on_any_number_of_threads() {
    let (mut divided, mut most) = (0, 0);
    for seed in seeds() {
        let draw = draw(seed);
        let mut profile = read(&draw.profile, &draw.solution);
        profile.load.events.clear();
        profile.load.bhcc *= 20.0;
        profile.load.duration = Duration::from_secs(300);
        if seed % 2 == 1 {
            profile.load.arrivals = Arrivals::Uniform;
            for stream in &mut profile.load.streams {
                stream.weight = 1.0;
                stream.ring = Distribution::Fixed(Duration::from_secs(seed % 3));
                stream.talk = Distribution::Fixed(Duration::from_secs(seed % 5 * 10));
            }
        }
        let parts = assert_same(&format!("seed {seed}"), &profile, Seconds::NotTold);
        divided += u32::from(parts > 1);
        most = most.max(parts);
    }
    if std::env::var_os("BUSYHOUR_SEEDS").is_none() {
        assert!(divided > 20 && most > 3, "{divided} divided, {most} parts at most");
    }
}

#[test]
fn every_second_is_told_as_on_one_thread() {
    let draw = draw(4);
    let mut profile = read(&draw.profile, &draw.solution);
    profile.load.events.clear();
    profile.load.bhcc *= 20.0;
    (profile.load.duration, profile.load.drain) = (Duration::from_secs(40), Duration::from_secs(120));
    for stream in &mut profile.load.streams {
        stream.talk = Distribution::Fixed(Duration::from_secs(15));
    }
    assert!(assert_same("seed 4", &profile, Seconds::Told) > 1);
}
