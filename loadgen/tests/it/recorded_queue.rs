//! Recorded calls through the queue of a hunt group, first come, first served: each begins when an independent recursion
//! says (Kiefer and Wolfowitz 1955), call by call.
//!
//! By default the calls are made up. `BUSYHOUR_QUEUE_TRACE=calls.csv` in the environment takes those of a file instead
//! (docs/howto-trace.md), and `BUSYHOUR_QUEUE_AGENTS=7` so many agents.

use engine::id::SystemId;
use engine::plan;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use loadgen::driver::{Hooks, run_virtual};
use loadgen::profile;
use loadgen::random::{Purpose, RandomStream};
use loadgen::report::{Clock, RunRecord};
use loadgen::text::{Problems, Style};
use loadgen::world::SmdrSink;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// When a call comes, begins and ends, in nanoseconds.
type Course = (u64, u64, u64);

/// Arrival and talk time of a call, in seconds.
type Recorded = (u64, u64);

/// What the records of a run say.
struct Courses(Vec<Course>);

impl SmdrSink for Courses {
    fn record(&mut self, ended: Instant, _: SystemId, record: &SmdrRecord) {
        let begins = ended.as_nanos() - record.connected.as_nanos();
        self.0.push((record.started.as_nanos(), begins, ended.as_nanos()));
    }
}

/// The calls answered by agents, of a file with the columns of the Anonymous Bank's: the reader of `busyhour` has no part
/// in it.
fn read(text: &str) -> Vec<Recorded> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let column = |name| header.iter().position(|h| *h == name).unwrap_or_else(|| panic!("no column {name}"));
    let [arrival, talk, outcome, anomaly] = ["arrival_s", "service_s", "outcome", "anomaly"].map(column);
    let calls = lines.filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let seconds = |n: usize| fields[n].parse::<u64>().unwrap_or_else(|e| panic!("{line}: {e}"));
        (fields[outcome] == "AGENT" && fields[anomaly] == "0").then(|| (seconds(arrival), seconds(talk)))
    });
    let mut calls: Vec<Recorded> = calls.filter(|&(_, talk)| talk > 0).collect();
    calls.sort_by_key(|&(arrival, _)| arrival);
    calls
}

/// A day with a rush hour, whole seconds, many calls at equal instants.
fn made_up() -> Vec<Recorded> {
    let mut random = RandomStream::new(5, "made up", Purpose::Arrivals);
    let mut calls: Vec<Recorded> = (0..4_000)
        .map(|n| {
            let within = if n % 2 == 0 { 86_400.0 } else { 14_400.0 };
            ((random.unit() * within) as u64, 1 + (random.exponential() * 60.0) as u64)
        })
        .collect();
    calls.sort_by_key(|&(arrival, _)| arrival);
    calls
}

/// Each call begins when it has come and the first of the agents is free.
fn recursion(calls: &[Recorded], agents: usize) -> Vec<Course> {
    let mut free: BinaryHeap<Reverse<u64>> = (0..agents).map(|_| Reverse(0)).collect();
    let course = |&(arrival, talk): &Recorded| {
        let Reverse(first_free) = free.pop().expect("at least one agent");
        let begins = arrival.max(first_free);
        free.push(Reverse(begins + talk));
        let ns = |s| Duration::from_secs(s).as_nanos();
        (ns(arrival), ns(begins), ns(begins + talk))
    };
    calls.iter().map(course).collect()
}

/// The same calls through a hunt group.
fn replayed(calls: &[Recorded], agents: usize) -> Vec<Course> {
    let solution = format!(
        "[solution]\nname = \"centre\"\nedition = \"select\"\nno_answer_time = \"1h\"\n\
         [[system]]\nname = \"p\"\nrole = \"primary\"\nplatform = \"r640\"\n\
         [[line]]\nsystem = \"p\"\nnumber = 1\nkind = \"sip\"\nchannels = 10000\n\
         [[users]]\nsystem = \"p\"\nextensions = \"2001-{}\"\nwrap_up_time = \"0s\"\n\
         [[hunt_group]]\nsystem = \"p\"\nextension = \"100\"\nmembers = \"2001-{}\"\n\
         ring_mode = \"longest-waiting\"\nvoicemail = false\n",
        2_000 + agents,
        2_000 + agents,
    );
    let load = "[profile]\nsolution = \"solution.toml\"\n[load]\ntrace = \"trace.csv\"\nring = \"0s\"\ndrain = \"30d\"\n\
                [[load.stream]]\nname = \"calls\"\nkind = \"incoming\"\nsystem = \"p\"\nto = \"100\"\n";
    let mut trace = "arrival,talk\n".to_owned();
    for (arrival, talk) in calls {
        writeln!(trace, "{arrival},{talk}").expect("a string takes everything");
    }
    let file = |path: &Path| -> io::Result<Vec<u8>> {
        let is_trace = path.extension().is_some_and(|extension| extension == "csv");
        Ok(if is_trace { trace.as_bytes().to_vec() } else { solution.as_bytes().to_vec() })
    };
    let mut problems = Problems::new();
    let profile = profile::from_str(Path::new("test.toml"), load, &file, &mut problems);
    let profile = profile.unwrap_or_else(|| panic!("{}", problems.render(Style::Plain)));
    let plans = plan::compile(&profile.solution.network).expect("a valid network");
    let (mut courses, never) = (Courses(Vec::new()), AtomicBool::new(false));
    let mut hooks =
        Hooks { smdr: &mut courses, progress: &mut |_, _| {}, every_second: None, interrupted: &never };
    let result = run_virtual(&profile, &plans, &mut hooks);
    for check in RunRecord::of_run(&profile, Clock::Virtual, &result).checks {
        assert!(check.pass, "{}: {}", check.name, check.detail);
    }
    courses.0
}

#[test]
fn recorded_calls_begin_and_end_when_the_recursion_says() {
    let file = std::env::var_os("BUSYHOUR_QUEUE_TRACE");
    let mut calls = match &file {
        Some(path) => read(&std::fs::read_to_string(path).expect("BUSYHOUR_QUEUE_TRACE names a text file")),
        None => made_up(),
    };
    let agents = std::env::var("BUSYHOUR_QUEUE_AGENTS");
    let agents = agents.map_or(7, |text| text.parse().expect("BUSYHOUR_QUEUE_AGENTS is a number"));
    // A trace begins with its first call.
    let first = calls[0].0;
    calls.iter_mut().for_each(|call| call.0 -= first);
    let mut expected = recursion(&calls, agents);
    let mut found = replayed(&calls, agents);
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "(arrival, begin, end) in nanoseconds");
    }
    let waited = expected.iter().filter(|(arrival, begins, _)| begins > arrival).count();
    let longest = expected.iter().map(|(arrival, begins, _)| begins - arrival).max().unwrap_or(0);
    assert!(waited > calls.len() / 20, "{waited} waited: nothing much was compared");
    let longest = Duration::from_nanos(longest);
    println!(
        "{} calls, {agents} agents: {waited} waited, the longest {longest}; all as the recursion says",
        calls.len()
    );
}
