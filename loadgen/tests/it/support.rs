//! Profiles and solutions written in the tests themselves, and one run of them.

use engine::plan;
use loadgen::driver::{Hooks, RunResult, run_virtual};
use loadgen::profile::{self, Profile};
use loadgen::report::{Clock, RunRecord};
use loadgen::text::{Problems, Style};
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Whether somebody takes connections on this port of our own machine. Where nobody does, TCP now and then connects a port with itself.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port))
        .is_ok_and(|stream| stream.local_addr().ok() != stream.peer_addr().ok())
}

/// One primary with a SIP trunk of `channels` channels and 200 users, each called in turn.
pub(crate) fn one_trunk_group(channels: u16) -> String {
    format!(
        r#"
        [solution]
        name = "one trunk group"
        edition = "select"
        [[system]]
        name = "primary"
        role = "primary"
        platform = "r640"
        [[line]]
        system = "primary"
        number = 1
        kind = "sip"
        channels = {channels}
        [[users]]
        system = "primary"
        extensions = "2000-2999"
        [[incoming_call_route]]
        destination = "."
        "#
    )
}

/// Incoming calls to the users of [`one_trunk_group`]; `load` is put into `[load]`.
pub(crate) fn incoming(load: &str) -> String {
    format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        {load}
        [[load.stream]]
        name = "incoming"
        kind = "incoming"
        system = "primary"
        to = "2000-2999"
        [targets]
        blocked_pct = "<= 0.1"
        "#
    )
}

/// Reads a profile that names `solution`; every problem fails the test.
pub(crate) fn read(profile: &str, solution: &str) -> Profile {
    let read = |_: &Path| -> io::Result<Vec<u8>> { Ok(solution.as_bytes().to_vec()) };
    let mut problems = Problems::new();
    let profile = profile::from_str(Path::new("test.toml"), profile, &read, &mut problems);
    assert!(problems.errors() == 0, "{}", problems.render(Style::Plain));
    profile.expect("no errors were found")
}

/// Replays a profile on the virtual clock, whatever may come of it.
pub(crate) fn replay_unchecked(profile: &Profile) -> RunRecord {
    run(profile).1
}

/// Replays a profile on the virtual clock; every check must hold.
pub(crate) fn replay(profile: &Profile) -> (RunResult, RunRecord) {
    let (result, record) = run(profile);
    for check in &record.checks {
        assert!(check.pass, "{}: {}", check.name, check.detail);
    }
    (result, record)
}

fn run(profile: &Profile) -> (RunResult, RunRecord) {
    let plans = plan::compile(&profile.solution.network).expect("a valid network");
    let never = AtomicBool::new(false);
    let mut hooks =
        Hooks { smdr: &mut (), progress: &mut |_, _| {}, every_second: None, interrupted: &never };
    let result = run_virtual(profile, &plans, &mut hooks);
    let record = RunRecord::of_run(profile, Clock::Virtual, &result);
    (result, record)
}
