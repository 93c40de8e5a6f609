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
        warm_up = "1m"
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

/// It is switched off and on in the middle of the failover, and goes home with all the others.
#[test]
fn what_a_phone_that_restarts_has_changed_at_the_backup_is_lost_when_it_goes_home_and_not_before() {
    let events = format!(
        "{DOWN}\n[[event]]\nat = \"16m\"\ndial = {{ system = \"primary\", user = \"2040\", digits = \"*08\" }}\n\
         [[event]]\nat = \"18m\"\nphone_restart = {{ system = \"primary\" }}"
    );
    // 2040 has no calls of the load.
    let with_code =
        "extensions = \"2000-2040\"\nshort_codes = [{ code = \"*08\", feature = \"do-not-disturb-on\" }]";
    let record = run(&PAIR.replace("extensions = \"2000-2039\"", with_code), &events);
    let users = failover(&record, "users");
    assert_eq!(users.lost_settings, 1);
    assert!(users.lost_history > 100, "{users:?}");
    let forgotten: Vec<f64> =
        record.timeline.iter().filter(|entry| entry.kind == "forgotten").map(|entry| entry.at_s).collect();
    // The home is back after 25 minutes, and phones go there ten minutes later.
    assert!(!forgotten.is_empty() && forgotten.iter().all(|&at_s| at_s >= 2_100.0), "{forgotten:?}");
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

/// A phone of the primary at a site of its own, which outside callers ring.
const FAR: &str = r#"
    [solution]
    name = "far"
    edition = "select"
    [[site]]
    name = "far"
    [[system]]
    name = "primary"
    role = "primary"
    platform = "r640"
    [[line]]
    system = "primary"
    number = 1
    kind = "sip"
    channels = 9
    [[location]]
    system = "primary"
    name = "far"
    site = "far"
    [[data_link]]
    between = ["far", "primary"]
    [[users]]
    system = "primary"
    extensions = "2000-2009"
    location = "far"
    [[incoming_call_route]]
    destination = "."
"#;

/// Every phone rings once a minute.
fn calls_to_far(talk: &str, event: &str) -> RunRecord {
    let profile = format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        bhcc = 600
        arrivals = "uniform"
        duration = "20m"
        warm_up = "0s"
        ring = "10s"
        talk = "{talk}"
        [[load.stream]]
        name = "to"
        kind = "incoming"
        system = "primary"
        to = "2000-2009"
        [[event]]
        at = "5m"
        {event}
        "#
    );
    replay(&read(&profile, FAR)).1
}

#[test]
fn phones_whose_system_has_given_them_up_register_again_when_they_reach_it() {
    let record = calls_to_far("10s", "link_down = { between = [\"far\", \"primary\"], for = \"2m\" }");
    // Ten calls a minute, from those that ring to half a minute after the link is back.
    assert!((15..=32).contains(&(record.calls.planned - record.calls.completed)), "{:?}", record.calls);
    assert_eq!(record.metrics.phones_away, Some(0));
}

#[test]
fn phones_that_were_talking_when_they_were_cut_off_take_calls_again() {
    let record = calls_to_far("39s", "link_down = { between = [\"far\", \"primary\"], for = \"2m\" }");
    assert!(record.calls.dropped > 3, "{:?}", record.calls);
    assert!(record.calls.completed >= 145, "{:?}", record.calls);
}

#[test]
fn phones_that_ring_when_their_system_restarts_in_a_moment_do_not_answer_calls_of_its_last_life() {
    let record = calls_to_far("10s", "system_down = { system = \"primary\", for = \"1s\" }");
    assert!((4..=16).contains(&(record.calls.planned - record.calls.completed)), "{:?}", record.calls);
}
