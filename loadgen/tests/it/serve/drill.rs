//! Two processes are a network over real lines, and one is killed with SIGKILL while calls are up: speech goes on, phones fail over
//! to the other and come home.
//!
//! With `BUSYHOUR_DRILL_MINUTE=60s` the minutes of failover and failback are real ones; docs/howto-serve.md says how to run that.

use super::phones::Phones;
use super::process::{Folder, free_ports, get, loopback, serve};
use std::time::Duration;

/// Calls across the line, and one inside the system that is killed.
const PRESERVED: [(&str, &str); 3] = [("201", "301"), ("302", "202"), ("203", "204")];
/// Phones of the killed system that are idle when it goes, and fail over at once.
const IDLE: [&str; 2] = ["205", "206"];
/// Packets that must come, after what has happened, of speech that goes on: a second of it.
const ENOUGH: u64 = 50;

/// How long a minute of failover and failback lasts here.
fn minute() -> String {
    std::env::var("BUSYHOUR_DRILL_MINUTE").unwrap_or_else(|_| "1s".to_owned())
}

fn solution(sip: [u16; 2], lines: [u16; 2], status_at: u16) -> String {
    let system = |name: &str, role: &str, n: usize, first: u16| {
        let status = if n == 1 { format!("status_at = \"127.0.0.1:{status_at}\"") } else { String::new() };
        format!(
            r#"
            [[system]]
            name = "{name}"
            role = "{role}"
            platform = "ova"
            media_preservation = "enabled"
            [[sip]]
            system = "{name}"
            at = "127.0.0.1:{}"
            lines_at = "127.0.0.1:{}"
            domain = "network.test"
            {status}
            [[users]]
            system = "{name}"
            extensions = "{first}-{}"
            password = "secret"
            "#,
            sip[n],
            lines[n],
            first + 8,
        )
    };
    format!(
        r#"
        [solution]
        name = "a network"
        edition = "select"
        {}
        {}
        [[ip_office_line]]
        between = ["hq", "backup"]
        channels = 20
        keep_alive = "1s"
        [[resilience]]
        system = "hq"
        backup = "backup"
        "#,
        system("hq", "primary", 0, 201),
        system("backup", "secondary", 1, 301),
    )
}

/// A figure of the surviving system.
fn figure(status_at: u16, name: &str) -> Option<f64> {
    let metrics = get(loopback(status_at), "/metrics");
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line?.parse().ok()
}

/// Packets that each phone of the preserved calls has heard.
fn heard(phones: &Phones) -> Vec<u64> {
    let both = PRESERVED.iter().flat_map(|&(a, b)| [a, b]);
    both.map(|number| phones.named(number).report().received).collect()
}

fn until_more_is_heard(phones: &mut Phones, what: &str) {
    let before = heard(phones);
    phones.until(what, |p| heard(p).iter().zip(&before).all(|(now, before)| *now >= before + ENOUGH));
}

#[track_caller]
fn nothing_was_lost(phones: &Phones) {
    for (a, b) in PRESERVED {
        for number in [a, b] {
            let report = phones.named(number).report();
            assert_eq!((report.lost, report.misordered), (0, 0), "{number}: {report:?}");
        }
    }
}

fn talk(phones: &mut Phones, from: &str, to: &str) {
    // A phone that has just moved may still be rung where it was: that call is refused, and the next one finds it.
    phones.call_until_heard(from, to, |p| {
        [from, to].iter().all(|number| p.named(number).report().received > 5)
    });
    phones.hang_up(from);
    phones.until("the call is over", |p| !p.named(to).talks());
}

#[test]
fn a_killed_system_loses_no_speech_and_its_phones_fail_over_and_come_home() {
    let minute_s = engine_seconds(&minute());
    // Three minutes of failover, ten of failback, and the rest.
    let patience = Duration::from_secs_f64(90.0 + 15.0 * minute_s);
    let [hq, backup, hq_lines, backup_lines, status_at] = free_ports();
    let folder = Folder::new("serve-drill");
    folder.write("solution.toml", &solution([hq, backup], [hq_lines, backup_lines], status_at));
    let more = ["--drill-minute", &minute()];
    let primary = serve(&folder, "hq", &more);
    let _secondary = serve(&folder, "backup", &more);

    let mut phones = Phones::new(&[hq, backup], "network.test", "secret");
    for number in ["201", "202", "203", "204", "205", "206"] {
        phones.add(number, 500.0, 0);
    }
    for number in ["301", "302", "303"] {
        phones.add(number, 800.0, 1);
    }
    phones.are_registered();
    let line = "busyhour_serve_line_in_service{line=\"1\"}";
    phones.until("the line is up", |_| figure(status_at, line) == Some(1.0));
    talk(&mut phones, "205", "303");
    talk(&mut phones, "303", "206");
    for (from, to) in PRESERVED {
        phones.call(from, to);
    }
    until_more_is_heard(&mut phones, "speech goes both ways");

    primary.signal("KILL");
    assert_eq!(primary.wait(), None, "it did not end by itself");
    let killed = phones.now();
    phones.polls = true;
    until_more_is_heard(&mut phones, "speech goes on without the system");
    let moved = |p: &Phones| IDLE.iter().all(|n| p.named(n).registered.is_some_and(|(at, _)| at == 1));
    let failed_over = phones.until_within(patience, "idle phones are with the backup", moved);
    let took = failed_over.since(killed).as_secs_f64();
    assert!(took >= 3.0 * minute_s, "three minutes after the line has gone down, not {took} s");
    assert_eq!(figure(status_at, "busyhour_serve_calls_preserved_total"), Some(2.0));
    talk(&mut phones, "303", "205");
    talk(&mut phones, "206", "303");
    until_more_is_heard(&mut phones, "speech goes on after all this");
    nothing_was_lost(&phones);
    for (from, to) in PRESERVED {
        phones.hang_up(from);
        phones.hang_up(to);
    }
    let all_moved = |p: &Phones| {
        let of_hq = p.phones.iter().filter(|phone| phone.number.starts_with('2'));
        of_hq.into_iter().all(|phone| phone.registered.is_some_and(|(at, _)| at == 1))
    };
    phones.until_within(patience, "the others are with the backup too", all_moved);
    talk(&mut phones, "301", "201");

    let _primary = serve(&folder, "hq", &more);
    phones.until("the line is up again", |_| figure(status_at, line) == Some(1.0));
    let seen = phones.now();
    let is_home = |p: &Phones| {
        p.phones.iter().all(|phone| {
            phone.registered.is_some_and(|(at, _)| at == usize::from(phone.number.starts_with('3')))
        })
    };
    let home = phones.until_within(patience, "all phones are at home", is_home);
    let back = home.since(seen).as_secs_f64();
    // The page is made anew every second, so the line may have been up for so long before it was seen.
    assert!(back >= 10.0 * minute_s - 1.1, "more than ten minutes, not {back} s");
    talk(&mut phones, "303", "205");
    talk(&mut phones, "201", "301");
    println!(
        "minutes of {minute_s} s: phones failed over after {took:.1} s and came home after {back:.1} s; 0 packets lost"
    );
}

fn engine_seconds(text: &str) -> f64 {
    loadgen::text::parse_duration(text).expect("a duration, as in 60s").as_secs_f64()
}
