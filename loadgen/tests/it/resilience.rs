//! Phones of a system that is gone go to its backup and come home, in whole networks under load.

use crate::support::{read, replay};
use loadgen::report::{Failover, RunRecord};

/// A primary with forty phones, which a secondary backs up, and a site that calls them.
const PAIR: &str = r#"
    [solution]
    name = "pair"
    edition = "select"
    media_preservation = "enabled"
    [[system]]
    name = "primary"
    role = "primary"
    platform = "r640"
    [[system]]
    name = "secondary"
    role = "secondary"
    platform = "r640"
    [[system]]
    name = "site"
    role = "expansion"
    platform = "linux-expansion"
    [[ip_office_line]]
    between = ["primary", "secondary"]
    delay = "5ms"
    [[ip_office_line]]
    between = ["primary", "site"]
    [[ip_office_line]]
    between = ["secondary", "site"]
    [[users]]
    system = "primary"
    extensions = "2000-2039"
    [[users]]
    system = "site"
    extensions = "4000-4039"
    [[resilience]]
    system = "primary"
    backup = "secondary"
"#;

/// Calls from the site to the primary's users and back, each of 35 s.
fn profile(events: &str) -> String {
    format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        bhcc = 1200
        duration = "1h"
        ring = "5s"
        talk = "30s"
        [[load.stream]]
        name = "to"
        kind = "internal"
        system = "site"
        from = "4000-4019"
        to = "2000-2019"
        [[load.stream]]
        name = "from"
        kind = "internal"
        system = "primary"
        from = "2020-2039"
        to = "4020-4039"
        {events}
        "#
    )
}

fn run(solution: &str, events: &str) -> RunRecord {
    replay(&read(&profile(events), solution)).1
}

fn failover<'r>(record: &'r RunRecord, feature: &str) -> &'r Failover {
    let mut found = record.failovers.iter().filter(|f| f.feature == feature);
    let first = found.next().unwrap_or_else(|| panic!("no {feature}: {:?}", record.failovers));
    assert!(found.next().is_none(), "{:?}", record.failovers);
    first
}

#[track_caller]
fn within(what: Option<f64>, least: f64, most: f64) {
    assert!(what.is_some_and(|s| (least..=most).contains(&s)), "{what:?} is not in {least} to {most}");
}

const DOWN: &str = "[[event]]\nat = \"10m\"\nsystem_down = { system = \"primary\", for = \"15m\" }";

#[test]
fn phones_go_to_the_backup_after_three_minutes_and_home_after_ten() {
    let record = run(PAIR, DOWN);
    let phones = failover(&record, "phones");
    assert_eq!((phones.system.as_str(), phones.backup.as_deref()), ("primary", Some("secondary")));
    assert_eq!((phones.moved, phones.refused), (40, 0));
    // Keep-alives that fail to come are noticed after 15 to 20 s, and phones ask every 30 s.
    within(phones.detected_s, 15.0, 20.0);
    within(phones.completed_s, 195.0, 230.0);
    within(phones.failed_back_s, 600.0, 650.0);
    let groups = failover(&record, "hunt_groups");
    within(groups.completed_s, 195.0, 230.0);
    within(groups.failed_back_s, 600.0, 610.0);
    let calls = record.calls;
    assert!(calls.preserved > 5 && calls.dropped == 0, "{calls:?}");
    // Three to four minutes of twenty calls a minute fail.
    assert!((60..=100).contains(&calls.failed), "{calls:?}");
    assert_eq!(run(PAIR, DOWN).digest, record.digest, "the same run twice");
}

#[test]
fn without_a_backup_calls_fail_as_long_as_the_system_is_gone() {
    let alone = PAIR.split("[[resilience]]").next().expect("the first part");
    let record = run(alone, DOWN);
    assert_eq!(record.failovers, []);
    assert!(record.calls.failed > 250, "{:?}", record.calls);
}

#[test]
fn a_restart_of_two_minutes_moves_nothing() {
    let record = run(PAIR, "[[event]]\nat = \"10m\"\nsystem_down = { system = \"primary\", for = \"2m\" }");
    assert_eq!(record.failovers, []);
    assert!(
        (30..=60).contains(&record.calls.failed),
        "until the phones have registered again: {:?}",
        record.calls
    );
}
