//! What happened in a run: every fault, what systems noticed of it and when, and what became of calls.

use crate::command_line::{Bench, text};
use crate::support::{read, replay};
use loadgen::report::TimelineEntry;
use serde_json::Value;

/// A primary whose phones the secondary backs up, each at a site of its own; keep-alives every 5 s, three may be lost.
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
    [[line]]
    system = "secondary"
    number = 1
    kind = "sip"
    channels = 30
    [[ip_office_line]]
    between = ["primary", "secondary"]
    [[voicemail]]
    system = "primary"
    [[voicemail]]
    system = "secondary"
    [[users]]
    system = "primary"
    extensions = "200-299"
    [[users]]
    system = "secondary"
    extensions = "300-399"
    [[resilience]]
    system = "primary"
    backup = "secondary"
    [[incoming_call_route]]
    destination = "."
"#;

/// A call a minute to the primary's users, each talks for 50 s.
fn profile(events: &str) -> String {
    format!(
        r#"
        [profile]
        name = "test"
        solution = "solution.toml"
        [load]
        bhcc = 60
        arrivals = "uniform"
        duration = "20m"
        warm_up = "1m"
        ring = "5s"
        talk = "50s"
        [[load.stream]]
        name = "incoming"
        kind = "incoming"
        system = "secondary"
        to = "200-299"
        {events}
        "#
    )
}

const LINE_DOWN: &str =
    "[[event]]\nat = \"5m30s\"\nline_down = { between = [\"primary\", \"secondary\"], for = \"1m\" }";

fn lines(entries: &[TimelineEntry]) -> Vec<String> {
    let status = |entry: &TimelineEntry| entry.status.clone().unwrap_or_default();
    let line =
        |e: &TimelineEntry| format!("{:.3} {} {} {} | {}", e.at_s, e.kind, e.system, status(e), e.text);
    entries.iter().map(line).collect()
}

/// Systems send their keep-alives every 5 s from the beginning on; that of 330 s leaves before the fault. The line takes 1 ms.
#[test]
fn a_line_that_goes_down_is_seen_from_both_ends_in_its_colours() {
    let (_, record) = replay(&read(&profile(LINE_DOWN), PAIR));
    let said = lines(&record.timeline);
    let expected = [
        "330.000 fault primary  | the line to secondary is down",
        "350.000 line_status primary red | the line to secondary is down (red)",
        "350.000 line_status secondary orange | the line to primary is down, backup pending (orange)",
        "350.000 lost secondary  | no longer sees primary, whose phones, users, hunt groups, voicemail, conferences it backs up",
        "350.000 alarm primary  | the line to secondary is down",
        "350.000 alarm secondary  | the line to primary is down",
        "350.000 preserved secondary  | 1 call goes on without signalling",
        "390.000 repair primary  | the line to secondary is repaired",
        "395.001 line_status primary dark-green | the line to secondary is up, backed up there (dark green)",
        "395.001 line_status secondary white | the line to primary is up, providing backup (white)",
        "395.001 seen_again secondary  | sees primary again",
    ];
    for line in expected {
        assert!(said.iter().any(|said| said == line), "no {line:?} in {said:#?}");
    }
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    let alarms: Vec<_> = record.alarms.iter().map(|a| (a.system.as_str(), a.count, a.first_s)).collect();
    assert_eq!(alarms, [("primary", 1, 350.0), ("secondary", 1, 350.0)]);
    assert_eq!(record.calls.preserved, 1);
}

#[test]
fn what_a_trunk_and_a_server_lose_is_an_alarm_and_calls_cut_off() {
    let events = "[[event]]\nat = \"5m30s\"\nline_lost = { system = \"secondary\", line = 1, for = \"1m\" }\n\
                  [[event]]\nat = \"9m\"\nvoicemail_stopped = { system = \"primary\", for = \"1m\" }";
    let (_, record) = replay(&read(&profile(events), PAIR));
    assert_eq!(
        lines(&record.timeline),
        [
            "330.000 fault secondary  | line 1 is lost",
            "330.000 alarm secondary  | trunk 1 is lost",
            "330.000 dropped secondary  | 1 call goes on no further: cut off",
            "390.000 repair secondary  | line 1 is in service",
            "540.000 fault primary  | the voicemail server stops",
            "540.000 alarm primary  | the voicemail server has stopped",
            "600.000 repair primary  | the voicemail server runs again",
        ]
    );
}

#[test]
fn a_timeline_is_written_for_programs_and_for_people() {
    let bench = Bench::new("timeline", &profile(LINE_DOWN), PAIR);
    let run =
        |file: &str| bench.run(&["run", "profile.toml", "--quiet", "--timeline", file, "--out", "runs"]);
    let output = run("t.ndjson");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    run("t.txt");
    let file = |name: &str| std::fs::read_to_string(bench.0.join(name)).expect("was written");
    let rows: Vec<Value> =
        file("t.ndjson").lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    assert_eq!(rows.len(), 11);
    assert_eq!(
        (&rows[0]["profile"], &rows[0]["kind"], &rows[0]["about"]),
        (&"test".into(), &"fault".into(), &"line:primary/secondary".into())
    );
    assert!(
        file("t.txt").starts_with(" 0:05:30.000  fault        primary    the line to secondary is down\n"),
        "{}",
        file("t.txt")
    );
    assert_eq!(file("runs/test-seed1/timeline.ndjson"), file("t.ndjson"));
    let page = bench.run(&["report", "runs/test-seed1", "-o", "r.html", "-o", "r.md"]);
    assert_eq!(page.status.code(), Some(0), "{}", text(&page.stderr));
    for part in [
        "class=\"seg line-orange\"",
        "<span class=\"lane-name\">line:primary/secondary</span>",
        "Alarms that systems have kept",
    ] {
        assert!(file("r.html").contains(part), "{part}");
    }
    assert!(
        file("r.md").contains("| 5:30 | fault | primary | the line to secondary is down |"),
        "{}",
        file("r.md")
    );
}
