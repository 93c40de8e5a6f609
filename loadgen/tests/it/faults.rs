//! Networks that fail in mid-run: every call is accounted for, and nothing is left over.

use crate::support::{read, replay};
use loadgen::report::RunRecord;

/// A primary with trunks, a secondary and two expansions, each at a site of its own; keep-alives every 5 s, three may be
/// lost.
const STAR: &str = r#"
    [solution]
    name = "star"
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
    name = "north"
    role = "expansion"
    platform = "linux-expansion"
    [[system]]
    name = "south"
    role = "expansion"
    platform = "linux-expansion"
    [[line]]
    system = "primary"
    number = 1
    kind = "sip"
    channels = 95
    [[ip_office_line]]
    between = ["primary", "secondary"]
    [[ip_office_line]]
    between = ["primary", "north"]
    delay = "10ms"
    [[ip_office_line]]
    between = ["primary", "south"]
    delay = "10ms"
    [[ip_office_line]]
    between = ["secondary", "north"]
    delay = "10ms"
    [[ip_office_line]]
    between = ["secondary", "south"]
    delay = "10ms"
    [[users]]
    system = "north"
    extensions = "4000-4099"
    [[users]]
    system = "south"
    extensions = "5000-5099"
    [[incoming_call_route]]
    destination = "."
"#;

/// Calls from outside to the north, and from the north to the south, each of two minutes.
fn profile(events: &str) -> String {
    format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        bhcc = 600
        duration = "20m"
        drain = "10m"
        ring = "5s"
        talk = "2m"
        [[load.stream]]
        name = "incoming"
        kind = "incoming"
        system = "primary"
        to = "4000-4049"
        [[load.stream]]
        name = "across"
        kind = "internal"
        system = "north"
        from = "4050-4099"
        to = "5000-5099"
        {events}
        "#
    )
}

fn run(solution: &str, events: &str) -> RunRecord {
    replay(&read(&profile(events), solution)).1
}

#[test]
fn a_watched_network_in_which_nothing_happens_does_what_an_unwatched_one_does() {
    let quiet = run(STAR, "");
    // The fault is repaired at once, and between two keep-alives nobody notices.
    let watched =
        run(STAR, "[[event]]\nat = \"5m\"\nlink_down = { between = [\"primary\", \"south\"], for = \"0s\" }");
    assert_eq!(watched.calls, quiet.calls);
    assert_eq!((quiet.calls.completed, quiet.calls.preserved), (quiet.calls.planned, 0));
}

#[test]
fn the_primary_lost_for_five_minutes_costs_no_call_that_was_connected() {
    let event = "[[event]]\nat = \"8m\"\nsystem_down = { system = \"primary\", for = \"5m\" }";
    let record = run(STAR, event);
    assert!(record.calls.preserved > 5, "{:?}", record.calls);
    assert_eq!(record.calls.dropped, 0, "{:?}", record.calls);
    assert!(record.calls.failed > 15, "calls from outside that nobody takes: {:?}", record.calls);
    let without = run(&STAR.replace("\"enabled\"", "\"disabled\""), event);
    assert_eq!(without.calls.preserved, 0);
    assert!(without.calls.dropped > 5, "{:?}", without.calls);
    let again = run(STAR, event);
    assert_eq!(again.digest, record.digest, "the same run twice");
}

#[test]
fn calls_between_expansions_go_by_the_secondary_while_the_primary_is_down() {
    let event = "[[event]]\nat = \"0s\"\nsystem_down = { system = \"primary\" }";
    let text = profile(event).replace("bhcc = 600", "bhcc = 600\nwarm_up = \"1m\"");
    let record = replay(&read(&text, STAR)).1;
    let across = record.resources.iter().find(|r| r.system == "north" && r.name == "99998");
    assert!(across.and_then(|r| r.peak).expect("measured") > 0, "{across:?}");
    assert!(record.calls.completed > 50, "{:?}", record.calls);
}

#[test]
fn a_site_that_is_cut_off_loses_its_voices_and_finds_its_way_back() {
    let event = "[[event]]\nat = \"8m\"\nsite_cut = { site = \"north\", for = \"4m\" }";
    let record = run(STAR, event);
    assert!(record.calls.preserved > 5, "the systems keep the calls: {:?}", record.calls);
    assert!(record.calls.dropped > 5, "but nobody hears anybody: {:?}", record.calls);
    let no_links_left = record.calls.completed;
    assert!(no_links_left > 60, "{:?}", record.calls);
}

#[test]
fn a_data_network_that_knows_another_way_is_not_noticed() {
    let meshed = format!(
        "{}\n[[data_link]]\nbetween = [\"north\", \"south\"]\n[[data_link]]\nbetween = [\"primary\", \"south\"]\n\
         [[data_link]]\nbetween = [\"primary\", \"north\"]\n[[data_link]]\nbetween = [\"secondary\", \"primary\"]\n",
        STAR.replace("    delay = \"10ms\"\n", "")
    );
    let cut = |between: &str| {
        run(
            &meshed,
            &format!("[[event]]\nat = \"8m\"\nlink_down = {{ between = [{between}], for = \"4m\" }}"),
        )
    };
    let record = cut("\"primary\", \"north\"");
    assert_eq!((record.calls.completed, record.calls.preserved), (record.calls.planned, 0));
    let record =
        run(&meshed, "[[event]]\nat = \"8m\"\npartition = { sites = [\"north\", \"south\"], for = \"4m\" }");
    assert!(record.calls.preserved > 0, "{:?}", record.calls);
}

#[test]
fn systems_start_one_after_the_other_after_a_power_outage() {
    let event = "[[event]]\nat = \"8m\"\n\
        power_outage = { systems = [\"south\", \"primary\", \"secondary\", \"north\"], for = \"2m\", start_interval = \"1m\" }";
    let record = run(STAR, event);
    assert_eq!(record.calls.in_progress_at_end, 0);
    assert!(record.calls.failed > 5, "{:?}", record.calls);
}

#[test]
fn packets_that_get_lost_now_and_then_lose_no_call() {
    let lossy = format!(
        "{}\n[[site]]\nname = \"cloud\"\n{}",
        STAR.replace("    delay = \"10ms\"\n", ""),
        ["primary", "secondary", "north", "south"]
            .map(|site| format!("[[data_link]]\nbetween = [\"cloud\", \"{site}\"]\nloss_pct = 0.5\n"))
            .concat()
    );
    let record = run(&lossy, "");
    assert_eq!(record.calls.planned, record.calls.offered);
    assert!(record.calls.completed * 10 > record.calls.planned * 8, "{:?}", record.calls);
}
