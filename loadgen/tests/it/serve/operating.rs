//! A server that is operated while calls of SIPp are up: looked at, told to read its solution again, told to end.

use super::process::{
    Folder, Running, assert_went_well, free_ports, get, loopback, office, serve, sipp_calls, sipp_serves,
};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Calls that are up meanwhile; each lasts for five seconds, and they are placed within one.
const CALLS: usize = 60;

/// A system with a line to SIPp as a caller and two to SIPp as a callee; what is dialled leaves on line `goes_out_on`.
fn solution(at: u16, status_at: u16, ports: [u16; 3], goes_out_on: u8, password: &str) -> String {
    let sip = format!("at = \"127.0.0.1:{at}\"\nstatus_at = \"127.0.0.1:{status_at}\"");
    office(&sip, "channels = 250", &ports, goes_out_on, password)
}

/// A figure of /metrics; `None` if it is not there.
fn figure(at: SocketAddr, name: &str) -> Option<f64> {
    let metrics = get(at, "/metrics");
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line?.parse().ok()
}

/// Asks until a figure is what it should be. The page is made anew every second.
#[track_caller]
fn until(at: SocketAddr, name: &str, wanted: f64) {
    let began = Instant::now();
    let mut last = None;
    while began.elapsed() < Duration::from_secs(60) {
        last = figure(at, name);
        if last == Some(wanted) {
            return;
        }
    }
    panic!("{name} is {last:?}, not {wanted}");
}

struct Office {
    folder: Folder,
    server: Running,
    at: u16,
    status_at: u16,
    ports: [u16; 3],
}

impl Office {
    fn begin(name: &str) -> Self {
        let [at, status_at, caller, first, second] = free_ports();
        let ports = [caller, first, second];
        let folder = Folder::new(name);
        folder.write("solution.toml", &solution(at, status_at, ports, 2, "secret"));
        let server = serve(&folder, "office", &["--smdr", "smdr.csv"]);
        Self { folder, server, at, status_at, ports }
    }

    /// SIPp places the calls that are up meanwhile; joined, it says what came of them.
    fn calls(&self) -> std::thread::JoinHandle<std::process::Output> {
        let (path, caller, at) = (self.folder.0.clone(), self.ports[0], loopback(self.at));
        let count = CALLS.to_string();
        std::thread::spawn(move || {
            let calls = ["-sn", "uac", "-s", "5551234", "-m", &count, "-r", &count, "-d", "5000"];
            sipp_calls(&path, caller, at, &calls)
        })
    }

    fn figure_is(&self, name: &str, wanted: f64) {
        until(loopback(self.status_at), &format!("busyhour_serve_{name}"), wanted);
    }
}

#[test]
fn a_solution_read_again_routes_new_calls_elsewhere_and_loses_no_call() {
    let office = Office::begin("serve-reload");
    let [caller, first, second] = office.ports;
    let _first = sipp_serves(&office.folder.0, first, &["-sn", "uas"]);
    let calls = office.calls();
    office.figure_is("calls", CALLS as f64);
    assert_eq!(
        figure(loopback(office.status_at), "busyhour_serve_line_channels_in_use{line=\"3\"}"),
        Some(0.0)
    );
    let changed = solution(office.at, office.status_at, office.ports, 3, "another-one");
    office.folder.write("solution.toml", &changed);
    office.server.signal("HUP");
    office.figure_is("reloads_total", 1.0);
    office.figure_is("calls", CALLS as f64);
    assert_went_well(&calls.join().expect("SIPp was started"));
    office.folder.records(CALLS);

    let _second = sipp_serves(&office.folder.0, second, &["-sn", "uas"]);
    let again = ["-sn", "uac", "-s", "5551234", "-m", "5", "-r", "50"];
    assert_went_well(&sipp_calls(&office.folder.0, caller, loopback(office.at), &again));
    let records = office.folder.records(CALLS + 5);
    let lines_used: Vec<bool> = records.lines().skip(CALLS).map(|line| line.contains("T9003")).collect();
    assert_eq!(lines_used, [true; 5], "{records}");
}

#[test]
fn a_solution_that_cannot_take_effect_changes_nothing() {
    let office = Office::begin("serve-no-reload");
    let [caller, first, _] = office.ports;
    let _first = sipp_serves(&office.folder.0, first, &["-sn", "uas"]);
    let good = solution(office.at, office.status_at, office.ports, 3, "secret");
    let calls = office.calls();
    office.figure_is("calls", CALLS as f64);
    // Does not validate; moves the server; has other users.
    let bad = [
        good.replace("edition = \"select\"", "edition = \"none\""),
        good.replace(&format!("at = \"127.0.0.1:{}\"", office.at), "at = \"127.0.0.1:9\""),
        good.replace("1201-1209", "1201-1210"),
    ];
    for (n, text) in bad.iter().enumerate() {
        assert_ne!(*text, good);
        office.folder.write("solution.toml", text);
        office.server.signal("HUP");
        office.figure_is("reloads_refused_total", (n + 1) as f64);
    }
    assert_went_well(&calls.join().expect("SIPp was started"));
    let again = ["-sn", "uac", "-s", "5551234", "-m", "5", "-r", "50"];
    assert_went_well(&sipp_calls(&office.folder.0, caller, loopback(office.at), &again));
    let records = office.folder.records(CALLS + 5);
    assert!(!records.contains("T9003"), "all of them on the line that they always took: {records}");
}

#[test]
fn a_server_that_is_told_to_end_takes_no_new_calls_and_ends_after_the_last_one() {
    let office = Office::begin("serve-drain");
    let _first = sipp_serves(&office.folder.0, office.ports[1], &["-sn", "uas"]);
    let calls = office.calls();
    office.figure_is("calls", CALLS as f64);
    office.server.signal("TERM");
    office.figure_is("draining", 1.0);
    let [late] = free_ports();
    let refused = ["-sn", "uac", "-s", "1201", "-m", "1"];
    assert_eq!(sipp_calls(&office.folder.0, late, loopback(office.at), &refused).status.code(), Some(1));
    assert_went_well(&calls.join().expect("SIPp was started"));
    office.folder.records(CALLS);
    assert_eq!(office.server.wait(), Some(0), "after the last call");
}
